"""Parameters that NumPy's functions have beside those of the ops, each in terms of ops.

`out=`, `where=`, `dtype=` and `casting=` mean the same for all ufuncs, `where=`, `initial=` and
`mean=` for all reductions. What only says how memory is laid out, or how fast something may go, is
checked and has no effect: results are those of the op.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gpugrad.backends.axes import reduced
from gpugrad.core.op_namespace import namespace as ops
from gpugrad.core.sequences import array_beside, first_array
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.types import Array, Axis, DTypeLike, Operand, Shape


@dataclass
class Call:
    """A call of an op, what was given beside (`more`), and what is wrong with it, if anything."""

    function: Callable[..., object]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    more: dict[str, Any]
    is_ufunc: bool = False
    problem: str = ""

    def made(self) -> Any:
        """What the op gives."""
        return self.function(*self.args, **self.kwargs)


IDLE: dict[str, tuple[object, ...]] = {
    "order": ("C", "F", "A", "K", None),
    "subok": (True, False),
    "kind": ("quicksort", "mergesort", "heapsort", "stable", "introselect", "sort", "table", None),
    "overwrite_input": (True, False),
    "refcheck": (True, False),
    "assume_unique": (True, False),
    "max_work": (None, 0, 1),
}
"""Parameters that no result depends on, and what they may be."""

UFUNC = frozenset({"out", "where", "dtype", "casting", "order", "subok", "axes", "keepdims"})
ANY = frozenset({"out", "dtype", "casting", *IDLE})

FILLS: dict[str, Operand] = {
    "all": True, "any": False, "sum": 0, "prod": 1, "nansum": 0, "nanprod": 1,
}  # fmt: skip
"""What an element counts as that `where=` leaves out."""

EXTREMES = {"max": "maximum", "amax": "maximum", "min": "minimum", "amin": "minimum",
            "nanmax": "fmax", "nanmin": "fmin"}  # fmt: skip
"""Reductions that have no result without elements, and how another one is joined."""

JOINED = {
    **EXTREMES, "all": "logical_and", "any": "logical_or",
    "sum": "add", "nansum": "add", "prod": "multiply", "nanprod": "multiply",
}  # fmt: skip
"""How `initial=` is joined to what was found."""

MOMENTS = frozenset({"mean", "std", "var"})
OF_NUMBERS = frozenset({"nanmean", "nanstd", "nanvar"})
"""Reductions that leave out what is not a number, and so also what `where=` does."""

REDUCTIONS = frozenset({*FILLS, *EXTREMES, *MOMENTS, *OF_NUMBERS})

LAID_OUT = frozenset({"ravel", "reshape", "flatten"})
"""Functions whose result depends on the order in which elements are read."""

ROUNDED = frozenset({"round", "around"})
LIKE = frozenset({"empty_like", "full_like", "ones_like", "zeros_like"})

FIRST = frozenset({*LAID_OUT, *ROUNDED, *LIKE, "nan_to_num"})
"""Functions of one array, whose other arguments may be sequences."""

ITS_OWN: dict[str, frozenset[str]] = {
    "copy": frozenset({"nan_to_num"}),
    "decimals": ROUNDED,
    "initial": REDUCTIONS - MOMENTS - OF_NUMBERS,
    "mean": frozenset({"std", "var", "nanstd", "nanvar"}),
    "shape": LIKE,
    "where": REDUCTIONS,
}
"""Parameters that not all functions have, and those that have them."""


def meant(name: str, word: str, is_ufunc: bool) -> bool:
    """Whether a parameter of the function of that name has a meaning here."""
    return word in (UFUNC if is_ufunc else ANY) or name in ITS_OWN.get(word, ())


def complete(name: str, call: Call) -> Any:
    """The result of a call with all that was given beside."""
    more = dict(call.more)
    _check_idle(name, more)
    out = more.pop("out", None)
    outs = out if isinstance(out, tuple) else (out,)
    casting = more.pop("casting", "same_kind")
    dtype = more.pop("dtype", None)
    if call.is_ufunc or name in REDUCTIONS:
        call.args = arrays(call.args)
    elif name in FIRST:
        call.args = (*arrays(call.args[:1]), *call.args[1:])
    if dtype is not None:
        call.args = tuple(_cast(name, x, dtype, casting) for x in call.args)
    if name in REDUCTIONS:
        y = _reduced(name, call, more, dtype)
    elif "where" in more:
        y = _where(call, more.pop("where"), outs)
    elif "axes" in more or more.get("keepdims"):
        y = _along(name, call, more.pop("axes", None), more.pop("keepdims", False))
    elif "decimals" in more:
        y = _decimals(call, more["decimals"])
    elif "shape" in more:
        y = _like(name, call, more["shape"])
    elif name in LAID_OUT and "order" in call.more:
        y = _laid_out(name, call, call.more["order"])
    elif more.get("copy") is False:
        y = call.args[0]
        y[...] = call.made()
    else:
        y = call.made()
    return y if out is None else written(name, y, outs, casting, call.is_ufunc)


def _check_idle(name: str, more: dict[str, Any]) -> None:
    for word in IDLE.keys() & more:
        value = more.pop(word)
        if not any(value is wanted or value == wanted for wanted in IDLE[word]):
            raise UnsupportedOperand(
                f"{name}: {word} is {value!r}; expected {', '.join(map(repr, IDLE[word]))}."
            )


# Every function


def arrays(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Operands with arrays for lists, tuples and ranges, beside the first one that has a dtype."""
    like = first_array(args)
    return tuple(array_beside(x, like, ops.asarray) for x in args)


def _cast(name: str, x: Any, dtype: DTypeLike, casting: str) -> Any:
    """An operand in the dtype that was asked for."""
    if isinstance(x, list | tuple):
        return type(x)(_cast(name, part, dtype, casting) for part in x)
    if not hasattr(x, "dtype") or x.dtype == dtype:
        return x
    check_cast(name, x.dtype, dtype, casting)
    return ops.astype(x, dtype)


def check_cast(name: str, there: DTypeLike, wanted: DTypeLike, casting: str) -> None:
    """Raise `UnsupportedOperand` unless elements may be cast so."""
    if not np.can_cast(there, wanted, casting):  # type: ignore[arg-type]
        raise UnsupportedOperand(
            f"{name}: elements of dtype {there} cannot be cast to {np.dtype(wanted)} with "
            f"casting={casting!r}. Convert with t.astype(dtype) first."
        )


def written(
    name: str, y: Any, outs: tuple[Any, ...], casting: str = "same_kind", wider: bool = False
) -> Any:
    """The results, written to the Tensors that were given for them.

    With `wider`, these may have more elements, as those of ufuncs.
    """
    several = isinstance(y, tuple)
    given = []
    for part, out in zip(y if several else (y,), outs, strict=True):
        if out is not None:
            check_cast(name, part.dtype, out.dtype, casting)
            if part.shape != out.shape and not (wider and fit_into(part.shape, out.shape)):
                raise UnsupportedOperand(
                    f"{name}: the result has shape {part.shape}, and out= {out.shape}."
                )
            out[...] = part
        given.append(part if out is None else out)
    return tuple(given) if several else given[0]


def fit_into(shape: Shape, wider: Shape) -> bool:
    """Whether arrays of that shape are broadcast to `wider` and no further."""
    try:
        return np.broadcast_shapes(shape, wider) == wider
    except ValueError:
        return False


# Ufuncs


def _where(call: Call, mask: Operand, outs: tuple[Any, ...]) -> Any:
    """The op where the mask holds; elsewhere what `out=` holds, or 0.

    What is left out is not computed: it is 1 for the op, so that no warning comes of it and no NaN
    of its slopes reaches the operands.
    """
    call.args = tuple(x if x is None else ops.where(mask, x, 1) for x in call.args)
    y = call.made()
    several = isinstance(y, tuple)
    parts = y if several else (y,)
    kept = tuple(
        ops.where(mask, part, _nothing(part) if out is None else out)
        for part, out in zip(parts, outs if outs != (None,) else (None,) * len(parts), strict=True)
    )
    return kept if several else kept[0]


def _nothing(y: Array) -> Operand:
    """What stands where nothing was computed."""
    return False if y.dtype == bool else 0


def _along(name: str, call: Call, axes: Any, keepdims: bool) -> Any:
    """A ufunc of vectors or matrices along other axes than the last ones."""
    places = [tuple(x) if isinstance(x, list | tuple) else (x,) for x in axes or ()]
    args = list(call.args)
    for i, place in enumerate(places[: len(args)]):
        args[i] = ops.moveaxis(args[i], place, tuple(range(-len(place), 0)))
    call.args = tuple(args)
    y: Any = call.made()
    if keepdims:
        if name != "vecdot":
            raise UnsupportedOperand(f"{name} has no keepdims=: only sums along one axis have it.")
        return ops.expand_dims(y, call.kwargs.get("axis", -1))
    if len(places) > len(args) and places[-1]:
        y = ops.moveaxis(y, tuple(range(-len(places[-1]), 0)), places[-1])
    return y


# Reductions


def _reduced(name: str, call: Call, more: dict[str, Any], dtype: DTypeLike | None) -> Any:
    mask, initial = more.pop("where", True), more.pop("initial", None)
    x, mean = call.args[0], more.pop("mean", None)
    for word, value in (("where", mask), ("mean", mean)):
        check_fits(name, word, value, x.shape)
    if mean is not None or (name in MOMENTS and mask is not True):
        if mean is not None and dtype is not None:
            mean = ops.astype(mean, dtype)
        return _moment(name, call, mask, mean)
    if mask is not True:
        if name in EXTREMES and initial is None:
            raise UnsupportedOperand(
                f"{name}(where=) needs initial=, for where nothing is chosen."
            )
        x = ops.where(mask, x, FILLS.get(name, initial if name in EXTREMES else np.nan))
    call.args = (x, *call.args[1:])
    if initial is None:
        return call.made()
    if name in EXTREMES and not _count(x.shape, _axis(call)):   # the op would find nothing
        return ops.add(ops.sum(x, **_of_shape(call)), _like_result(name, initial, x))
    y = call.made()
    return getattr(ops, JOINED[name])(y, _like_result(name, initial, y))


def check_fits(name: str, word: str, value: Any, shape: Shape) -> None:
    """Raise `InvalidArgument` if what belongs to elements would be for some several times."""
    there = tuple(value.shape if hasattr(value, "shape") else np.shape(value))
    if not fit_into(there, shape):
        raise InvalidArgument(
            f"{name}: {word}= has shape {there}; expected one that is broadcast to that of the "
            f"array, {shape}."
        )


def _like_result(name: str, initial: Any, y: Array) -> Any:
    """What a reduction begins with, in the dtype of its result; numbers of Python have none."""
    if not hasattr(initial, "dtype") or initial.dtype == y.dtype or name in ("all", "any"):
        return initial
    check_cast(name, initial.dtype, y.dtype, "same_kind")
    return ops.astype(initial, y.dtype)


def _moment(name: str, call: Call, mask: Any, mean: Any) -> Any:
    """The mean, or from it the variance, of what a mask chooses."""
    x, axis = call.args[0], _axis(call)
    keepdims = bool(call.kwargs.get("keepdims", False))
    if name in OF_NUMBERS:
        mask = ops.logical_and(ops.logical_not(ops.isnan(x)), mask)
    ones = ops.where(mask, ops.ones_like(ops.abs(x)), 0)

    def total(x: Array, keepdims: bool) -> Array:
        return ops.sum(ops.where(mask, x, 0), axis=axis, keepdims=keepdims)

    def count(keepdims: bool) -> Array:
        return ops.sum(ones, axis=axis, keepdims=keepdims)

    if name == "mean":
        return ops.divide(total(x, keepdims), count(keepdims))
    if mean is None:
        mean = ops.divide(total(x, True), count(True))
    correction = call.kwargs.get("correction", 0)
    distance = ops.square(ops.abs(ops.subtract(ops.where(mask, x, mean), mean)))
    left = ops.maximum(ops.subtract(count(keepdims), correction), 0)
    variance = ops.divide(total(distance, keepdims), left)
    return ops.sqrt(variance) if name.endswith("std") else variance


def _axis(call: Call) -> Axis:
    return call.kwargs.get("axis", call.args[1] if len(call.args) > 1 else None)


def _of_shape(call: Call) -> dict[str, Any]:
    return {"axis": _axis(call), "keepdims": call.kwargs.get("keepdims", False)}


def _count(shape: Shape, axis: Axis) -> int:
    return int(np.prod([shape[i] for i in reduced(axis, len(shape))], dtype=int))


# One function each


def _decimals(call: Call, decimals: int) -> Any:
    """Rounded to so many places after the point, or before it."""
    if not decimals:
        return call.made()
    x, factor = call.args[0], 10.0 ** abs(int(decimals))
    there, back = ops.multiply, ops.divide
    if decimals < 0:
        there, back = back, there
    return back(call.function(there(x, factor)), factor)


def _like(name: str, call: Call, shape: int | Shape) -> Any:
    """An array like another one but for its shape."""
    x, *value = call.args
    lengths = tuple(shape) if isinstance(shape, list | tuple) else (shape,)
    one = ops.sum(ops.zeros_like(x, **call.kwargs))
    wide = ops.broadcast_to(ops.astype(one, call.kwargs.get("dtype") or x.dtype), lengths)
    return call.function(wide, *value)


# Order


def _laid_out(name: str, call: Call, order: str | None) -> Any:
    """What reads elements in an order: rows first ("C") or columns first ("F")."""
    x = call.args[0]
    if order in ("C", None) or (len(x.shape) < 2 and name != "reshape"):
        return call.made()
    if order != "F":
        raise UnsupportedOperand(
            f"{name}: order {order!r} asks how the elements lie in memory, which a Tensor leaves "
            "open. Say 'C' for rows first or 'F' for columns first."
        )
    turned = ops.transpose(x)
    if name != "reshape":
        return call.function(turned)
    shape = call.kwargs.get("shape", call.args[1] if len(call.args) > 1 else None)
    lengths: tuple[Any, ...] = tuple(shape) if isinstance(shape, list | tuple) else (shape,)
    copy = {word: value for word, value in call.kwargs.items() if word == "copy"}
    return ops.transpose(ops.reshape(turned, tuple(reversed(lengths)), **copy))
