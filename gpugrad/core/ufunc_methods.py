"""The methods of ufuncs: `reduce`, `accumulate`, `outer`, `at` and `reduceat`.

Where an op does the same it is called; any other ufunc of two operands is applied step by step, as
NumPy defines the method.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import accumulate
from typing import Any

import numpy as np

from gpugrad.backends import namespace_of
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
    by_steps = name == "logaddexp.reduce" and not kwargs.keys().isdisjoint(("initial", "where"))
    if name in OPS and not by_steps:
        given = {"axis": 0, **kwargs}
        return from_outside(OPS[name], getattr(ufunc, method), inputs, given)
    if method == "outer":
        a, b = inputs
        a = ops.reshape(a, (*np.shape(a), *(1,) * np.ndim(b)))
        return from_outside(ufunc.__name__, ufunc, (a, b), kwargs)
    into = inputs[0] if method == "at" else _only(kwargs.get("out"))
    into_array = into is not None and not isinstance(into, Handled)
    if into_array:
        check_written(name, into, (inputs, kwargs))
    if into_array or ufunc.nin != 2 or (ufunc.nout != 1 and method != "at"):
        return from_outside(name, getattr(ufunc, method), inputs, kwargs)
    steps: dict[str, Callable[..., Any]] = {
        "reduce": _reduce, "accumulate": _accumulate, "reduceat": _reduceat, "at": _at,
    }
    return steps[method](ufunc, *inputs, **kwargs)


def _call(ufunc: np.ufunc) -> Callable[[Any, Any], Any]:
    return lambda a, b: from_outside(ufunc.__name__, ufunc, (a, b), {})


def _only(out: Any) -> Any:
    """What a result is to be written to, which NumPy hands over in a tuple."""
    (into,) = out if isinstance(out, tuple) else (out,)
    return into


def _into(out: Any, y: Array) -> Any:
    """The result, or the Tensor that it was to be written to."""
    into = _only(out)
    if into is None:
        return y
    into[...] = y
    return into


def _in_front(name: str, x: Any, axis: Any, dtype: Any) -> Any:
    """`x` with what the ufunc goes along as its first axis."""
    if not isinstance(axis, int | np.integer):
        raise UnsupportedOperand(f"np.{name}: axis is {axis!r}; wanted is one integer.")
    x = ops.asarray(x) if dtype is None else ops.astype(x, dtype)
    return ops.moveaxis(x, int(axis), 0)


def _reduce(
    ufunc: np.ufunc, x: Any, axis: Any = 0, dtype: Any = None, out: Any = None,
    keepdims: bool = False, initial: Any = None, where: Any = True,
) -> Any:  # fmt: skip
    if where is not True:
        raise UnsupportedOperand(
            f"np.{ufunc.__name__}.reduce(where=) of a Tensor: only sums, products, extremes and "
            "conditions have it. Choose with gg.where, or with an index."
        )
    y = _in_front(f"{ufunc.__name__}.reduce", x, axis, dtype)
    halves = ufunc.__name__ in ASSOCIATIVE and y.shape[0] > 0
    parts = [_halved(ufunc, y)] if halves else list(ops.unstack(y, axis=0))
    if initial is not None:
        parts.insert(0, ops.broadcast_to(ops.asarray(initial), parts[0].shape))
    y = reduce(_call(ufunc), parts)
    return _into(out, ops.expand_dims(y, int(axis)) if keepdims else y)


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
    y, step = _in_front(f"{ufunc.__name__}.accumulate", x, axis, dtype), 1
    if ufunc.__name__ not in ASSOCIATIVE:
        y = ops.stack([*accumulate(ops.unstack(y, axis=0), _call(ufunc))], axis=0)
    else:
        while step < y.shape[0]:                    # all spans twice as long at a time
            longer = _call(ufunc)(y[:-step], y[step:])
            y, step = ops.concat([y[:step], longer], axis=0), 2 * step
    return _into(out, ops.moveaxis(y, 0, int(axis)))


def _reduceat(
    ufunc: np.ufunc, x: Any, indices: Any, axis: Any = 0, dtype: Any = None, out: Any = None
) -> Any:
    y = _in_front(f"{ufunc.__name__}.reduceat", x, axis, dtype)
    begins = np.asarray(_on_host(indices), int)
    if begins.size and not 0 <= begins.min() <= begins.max() < y.shape[0]:
        raise InvalidArgument(
            f"np.{ufunc.__name__}.reduceat: indices from {begins.min()} to {begins.max()} for "
            f"{y.shape[0]} elements; wanted are those from 0."
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
    return _into(out, ops.moveaxis(made, 0, int(axis)))


def _at(ufunc: np.ufunc, x: Any, indices: Any, *values: Any) -> None:
    """Apply the ufunc at the places of `indices`, in their order, and to each as often as it
    occurs there.
    """
    shape = tuple(x.shape)
    count = int(np.prod(shape, dtype=int))
    places = np.arange(count).reshape(shape)[_on_host(indices)]
    flat, given = ops.reshape(x, (-1,)), values[0]
    if not hasattr(given, "dtype"):
        given = ops.asarray(given, device=x.device)
    value = ops.reshape(ops.broadcast_to(given, places.shape), (-1,))
    places = places.ravel()

    def there(index: np.ndarray) -> tuple[Any]:
        return (ops.asarray(index, device=x.device),)

    if ufunc in (np.add, np.subtract):
        total = ops.scatter_add(value, there(places), shape=(count,))
        x[...] = ops.reshape(_call(ufunc)(flat, total), shape)
        return
    order = np.argsort(places, kind="stable")
    places, value = places[order], ops.getitem(value, there(order))
    joins = np.multiply if ufunc is np.divide else ufunc
    if joins.__name__ in ASSOCIATIVE:
        places, value = _joined(joins, places, value, there)
    # The first occurrence of each place, then the second, and so on.
    turn = np.arange(len(places)) - np.searchsorted(places, places)
    for k in range(int(turn.max(initial=-1)) + 1):
        chosen = np.flatnonzero(turn == k)
        at = there(places[chosen])
        made = _call(ufunc)(ops.getitem(flat, at), ops.getitem(value, there(chosen)))
        flat = ops.setitem(flat, at, made)
    x[...] = ops.reshape(flat, shape)


def _joined(
    ufunc: np.ufunc, places: np.ndarray, value: Array, there: Callable[[np.ndarray], Any]
) -> tuple[np.ndarray, Array]:
    """What an associative ufunc makes of the values of each place, which lie side by side: two of
    them become one until there is no more than one.
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
