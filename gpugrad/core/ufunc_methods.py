"""The methods of ufuncs: `reduce`, `accumulate`, `outer`, `at` and `reduceat`.

Where an op does the same it is called; any other ufunc of two operands is applied step by step, as
NumPy defines the method.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import accumulate
from math import prod
from typing import Any

import numpy as np

from gpugrad.backends import namespace_of
from gpugrad.backends.axes import reduced
from gpugrad.backends.dtypes import NUMBER_KINDS
from gpugrad.core.numpy_parameters import arrays, check_cast, check_fits, written
from gpugrad.core.op_namespace import namespace as ops
from gpugrad.core.outside import Handled, check_written, from_outside
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.types import Array

OPS = {
    "add.accumulate": "cumulative_sum",
    "add.reduce": "sum",
    "logaddexp.reduce": "logsumexp",
    "logical_and.reduce": "all",
    "logical_or.reduce": "any",
    "maximum.reduce": "max",
    "minimum.reduce": "min",
    "multiply.accumulate": "cumulative_prod",
    "multiply.reduce": "prod",
}
"""Which op a method of a ufunc is; its axis is 0 unless it is named."""


ASSOCIATIVE = frozenset(
    """
    bitwise_and bitwise_or bitwise_xor fmax fmin gcd hypot lcm logaddexp logaddexp2 logical_and
    logical_or logical_xor maximum minimum multiply
    """.split()
)
"""Ufuncs that may take their operands in pairs, so that the steps of many are few."""


def from_ufunc_method(
    ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """What the method of a ufunc gives, where one of its operands is a Tensor."""
    name = f"{ufunc.__name__}.{method}"
    inputs = (*arrays(inputs[:1]), *inputs[1:])
    by_steps = name == "logaddexp.reduce" and not kwargs.keys().isdisjoint(("initial", "where"))
    if name in OPS and not by_steps:
        given = {"axis": 0, **kwargs}
        return from_outside(OPS[name], getattr(ufunc, method), inputs, given)
    if method == "outer":
        a, b = arrays(inputs)
        a = ops.reshape(a, (*np.shape(a), *(1,) * np.ndim(b)))
        return from_outside(ufunc.__name__, ufunc, (a, b), kwargs)
    into = inputs[0] if method == "at" else _only(kwargs.get("out"))
    into_array = into is not None and not isinstance(into, Handled)
    if into_array:
        check_written(name, into, (inputs, kwargs))
    operands = {1, 2} if method == "at" else {2}
    if into_array or ufunc.nin not in operands or (ufunc.nout != 1 and method != "at"):
        return from_outside(name, getattr(ufunc, method), inputs, kwargs)
    steps: dict[str, Callable[..., Any]] = {
        "reduce": _reduce, "accumulate": _accumulate, "reduceat": _reduceat, "at": _at,
    }
    return steps[method](ufunc, *inputs, **kwargs)


def _call(ufunc: np.ufunc) -> Callable[..., Any]:
    return lambda *operands: from_outside(ufunc.__name__, ufunc, operands, {})


def _only(out: Any) -> Any:
    """What a result is to be written to, which NumPy hands over in a tuple."""
    (into,) = out if isinstance(out, tuple) else (out,)
    return into


def _into(name: str, out: Any, y: Array) -> Any:
    """The result, or the Tensor that it was to be written to."""
    into = _only(out)
    return y if into is None else written(name, y, (into,))


def _operand(ufunc: np.ufunc, x: Any, dtype: Any) -> Array:
    """An array in the dtype that NumPy's loop of the method computes in."""
    x = ops.asarray(x) if dtype is None else ops.astype(x, dtype)
    loop = ufunc.resolve_dtypes((None, np.dtype(x.dtype), None), reduction=True)[1]
    return _cast(x, loop)


def _cast(x: Array, loop: np.dtype) -> Array:
    is_number = loop.kind in NUMBER_KINDS           # Python's functions have loops of objects
    return ops.astype(x, loop) if is_number and x.dtype != loop else x


def _in_front(name: str, x: Array, axis: Any) -> Any:
    """`x` with what the ufunc goes along as its first axis."""
    if not isinstance(axis, int | np.integer):
        raise UnsupportedOperand(f"np.{name}: axis is {axis!r}; expected one integer.")
    return ops.moveaxis(x, int(axis), 0)


def _reduce(
    ufunc: np.ufunc, x: Any, axis: Any = 0, dtype: Any = None, out: Any = None,
    keepdims: bool = False, initial: Any = None, where: Any = True,
) -> Any:  # fmt: skip
    name = f"{ufunc.__name__}.reduce"
    x = _operand(ufunc, x, dtype)
    gone = reduced(axis if x.shape or axis not in (0, -1) else None, len(x.shape))
    if len(gone) > 1:
        ufunc.reduce(np.ones((1, 1)), axis=None)    # which NumPy refuses where the order matters
    shape = tuple(1 if i in gone else n for i, n in enumerate(x.shape))
    left = tuple(n for i, n in enumerate(x.shape) if i not in gone)
    count = prod(x.shape[i] for i in gone)
    first = tuple(range(len(gone)))
    rows = ops.reshape(ops.moveaxis(x, tuple(gone), first), (count, *left))
    begin = ufunc.identity if initial is None and (where is not True or not count) else initial
    steps = [ops.astype(ops.broadcast_to(ops.asarray(begin), left), x.dtype)] if (
        begin is not None
    ) else []  # fmt: skip
    if not steps and where is not True:
        raise UnsupportedOperand(f"{name}(where=) needs initial=, for where nothing is chosen.")
    if not steps and not count:
        raise InvalidArgument(f"{name} of no elements needs initial=: it has no identity.")
    if where is True:
        halves = ufunc.__name__ in ASSOCIATIVE and count > 0
        parts = [_halved(ufunc, rows)] if halves else list(ops.unstack(rows, axis=0))
        y = reduce(_call(ufunc), [*steps, *parts])
    else:
        check_fits(name, "where", where, x.shape)
        mask = ops.broadcast_to(ops.asarray(where), x.shape)
        chosen = ops.reshape(ops.moveaxis(mask, tuple(gone), first), (count, *left))
        y = steps[0]
        for is_chosen, part in zip(ops.unstack(chosen, axis=0), ops.unstack(rows, axis=0),
                                   strict=True):  # fmt: skip
            y = ops.where(is_chosen, _call(ufunc)(y, part), y)
    return _into(name, out, ops.reshape(y, shape) if keepdims else y)


def _halved(ufunc: np.ufunc, y: Any) -> Any:
    """What an associative ufunc makes of the parts of `y`, of which half are left after a step."""
    while y.shape[0] > 1:
        half = y.shape[0] // 2
        made = _call(ufunc)(y[:half], y[half : 2 * half])
        y = ops.concat([made, y[2 * half :]], axis=0) if y.shape[0] % 2 else made
    return y[0]


def _accumulate(
    ufunc: np.ufunc, x: Any, axis: Any = 0, dtype: Any = None, out: Any = None
) -> Any:
    name = f"{ufunc.__name__}.accumulate"
    y, step = _in_front(name, _operand(ufunc, x, dtype), axis), 1
    if ufunc.__name__ not in ASSOCIATIVE:
        y = ops.stack([*accumulate(ops.unstack(y, axis=0), _call(ufunc))], axis=0)
    else:
        while step < y.shape[0]:                    # all spans twice as long at a time
            longer = _call(ufunc)(y[:-step], y[step:])
            y, step = ops.concat([y[:step], longer], axis=0), 2 * step
    return _into(name, out, ops.moveaxis(y, 0, int(axis)))


def _reduceat(
    ufunc: np.ufunc, x: Any, indices: Any, axis: Any = 0, dtype: Any = None, out: Any = None
) -> Any:
    name = f"{ufunc.__name__}.reduceat"
    y = _in_front(name, _operand(ufunc, x, dtype), axis)
    begins = np.asarray(_on_host(indices), int)
    if begins.size and not 0 <= begins.min() <= begins.max() < y.shape[0]:
        raise InvalidArgument(
            f"np.{name}: indices from {begins.min()} to {begins.max()} for {y.shape[0]} elements; "
            "expected those from 0."
        )
    lengths = np.maximum(np.append(begins[1:], y.shape[0]) - begins, 1)
    starts = np.cumsum(lengths) - lengths
    spans = np.repeat(np.arange(begins.size), lengths)
    places = np.arange(spans.size) + (begins - starts)[spans]

    def there(index: np.ndarray) -> tuple[Any]:
        return (ops.asarray(index, device=y.device),)

    if ufunc is np.add:
        chosen = ops.getitem(y, there(places))
        made = ops.scatter_add(chosen, there(spans), shape=(begins.size, *y.shape[1:]))
    elif ufunc.__name__ in ASSOCIATIVE:
        _, made = _joined(ufunc, spans, ops.getitem(y, there(places)), there)
    else:
        parts = ops.unstack(y, axis=0)
        made = ops.stack([
            reduce(_call(ufunc), parts[a : a + n])
            for a, n in zip(begins.tolist(), lengths.tolist(), strict=True)
        ], axis=0)
    return _into(name, out, ops.moveaxis(made, 0, int(axis)))


def _at(ufunc: np.ufunc, x: Any, indices: Any, *values: Any) -> None:
    """Apply the ufunc at the places of `indices`, in their order.

    It is applied to each place as often as that occurs there.
    """
    shape, name = tuple(x.shape), f"{ufunc.__name__}.at"
    count = prod(shape)
    places = np.arange(count).reshape(shape)[_on_host(indices)]
    flat = ops.reshape(x, (-1,))

    def there(index: np.ndarray) -> tuple[Any]:
        return (ops.asarray(index, device=x.device),)

    given = []
    for value in values:
        made = value if hasattr(value, "dtype") else ops.asarray(value, device=x.device)
        loop = ufunc.resolve_dtypes((np.dtype(x.dtype), np.dtype(made.dtype), None))[1]
        given.append(ops.reshape(ops.broadcast_to(_cast(made, loop), places.shape), (-1,)))
    places = places.ravel()

    def applied(at: tuple[Any] | None, *values: Array) -> Array:
        made: Array = _call(ufunc)(flat if at is None else ops.getitem(flat, at), *values)
        check_cast(name, made.dtype, x.dtype, "same_kind")
        return made

    if ufunc in (np.add, np.subtract):
        total = ops.scatter_add(given[0], there(places), shape=(count,))
        x[...] = ops.reshape(applied(None, total), shape)
        return
    order = np.argsort(places, kind="stable")
    places, given = places[order], [ops.getitem(value, there(order)) for value in given]
    joins = np.multiply if ufunc is np.divide else ufunc
    if given and joins.__name__ in ASSOCIATIVE:
        places, joined = _joined(joins, places, given[0], there)
        given = [joined]
    # The first occurrence of each place, then the second, and so on.
    turn = np.arange(len(places)) - np.searchsorted(places, places)
    for k in range(int(turn.max(initial=-1)) + 1):
        chosen = np.flatnonzero(turn == k)
        at = there(places[chosen])
        parts = (ops.getitem(value, there(chosen)) for value in given)
        flat = ops.setitem(flat, at, applied(at, *parts))
    x[...] = ops.reshape(flat, shape)


def _joined(
    ufunc: np.ufunc, places: np.ndarray, value: Array, there: Callable[[np.ndarray], Any]
) -> tuple[np.ndarray, Array]:
    """What an associative ufunc makes of the values of each place, which lie side by side.

    Two of them become one until there is no more than one.
    """
    while True:
        turn = np.arange(len(places)) - np.searchsorted(places, places)
        second = turn % 2 == 1
        if not second.any():
            return places, value
        first = np.roll(second, -1)
        pairs = _call(ufunc)(
            ops.getitem(value, there(np.flatnonzero(first))),
            ops.getitem(value, there(np.flatnonzero(second))),
        )
        single = np.flatnonzero(~first & ~second)
        order = np.argsort(np.concatenate([np.flatnonzero(first), single]))
        value = ops.concat([pairs, ops.getitem(value, there(single))], axis=0)
        places, value = places[~second], ops.getitem(value, there(order))


def _on_host(indices: Any) -> Any:
    """An index whose arrays are those of NumPy."""
    if isinstance(indices, tuple):
        return tuple(map(_on_host, indices))
    if not hasattr(indices, "dtype"):
        return indices
    if isinstance(indices, Handled):
        return np.asarray(indices)
    return namespace_of(indices).to_numpy(indices)
