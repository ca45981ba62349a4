"""Values of a trace that are made part by part where they are needed, because they are large.

Broadcasting makes arrays that are much larger than what they are made from, such as the differences
of all pairs of points, and most often these are summed at once. A plan never makes the whole of
them. Nor does the run that traces: such a value is an expression, which a reduction evaluates in
parts, and whatever else needs it as a whole, once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, TypeAlias

import numpy as np

from gpugrad.backends import Namespace, kind_of
from gpugrad.types import Array, DType, Shape

LARGE = 2**20
"""Bytes from which on a value is deferred."""

PART = 2**18
"""Bytes of a part, which stay in the cache ..."""

PARTS = 64
"""... unless that makes more parts than these: each takes a call for each primitive."""

MOST = 32
"""Primitives of an expression: every reduction computes them anew."""

Span: TypeAlias = tuple[int, int, int]
"""Part of an array: an axis, counted from the last one, where the part begins and where it ends."""


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """An elementwise `function` of numbers, arrays and other expressions.

    It holds so many `primitives`, of arrays of so many bytes.
    """

    function: Callable[..., Array]
    operands: tuple[Any, ...]
    shape: Shape
    dtype: DType
    primitives: int
    nbytes: int

    def part(self, span: Span, known: dict[int, Array]) -> Array:
        """Its values there; `known` are those of other expressions."""
        found = known.get(id(self))
        if found is None:
            found = self.function(*[_part(x, span, known) for x in self.operands])
            known[id(self)] = found
        return found


class Deferred:
    """The value of an expression, an array that is made when it is asked for."""

    __slots__ = ("_array", "_base", "_expression", "dtype", "shape")

    def __init__(self, base: Namespace, expression: Expression) -> None:
        self._base = base
        self._expression: Expression | None = expression
        self._array: Array | None = None
        self.shape, self.dtype = expression.shape, expression.dtype

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return prod(self.shape)

    @property
    def content(self) -> Expression | Array:
        """What it will be made of or, once it is made, the array."""
        return self.array() if self._expression is None else self._expression

    def like(self) -> Array:
        """An array of this shape and dtype, of one element in memory."""
        one = self._base.zeros((1,) * self.ndim, dtype=self.dtype)
        return self._base.module.broadcast_to(one, self.shape)

    def array(self) -> Array:
        """The whole array, which stays."""
        if self._expression is not None:
            whole: Any = self._base.empty(self.shape, dtype=self.dtype)
            for key, part in self._parts(self._expression, range(self.ndim)):
                whole[key] = part
            self._array, self._expression = whole, None
        assert self._array is not None
        return self._array

    def reduced(self, name: str, axes: Shape, keepdims: bool) -> Array:
        """The reduction of that name over these axes, without the whole array where one stays."""
        reduce = getattr(self._base, name)
        kept = [axis for axis in range(self.ndim) if axis not in axes]
        if self._expression is None or not kept:
            return reduce(self.array(), axis=axes, keepdims=keepdims)  # type: ignore[no-any-return]
        found, split = [], 0
        for key, part in self._parts(self._expression, kept):
            found.append(reduce(part, axis=axes, keepdims=keepdims))
            split = len(key) - 1
        return self._base.concat(found, axis=split if keepdims else kept.index(split))

    def _parts(
        self, expression: Expression, axes: Sequence[int]
    ) -> Iterator[tuple[tuple[slice, ...], Array]]:
        """Parts along the longest of these axes, and where they are."""
        axis = max(axes, key=lambda i: self.shape[i])
        length, nbytes = self.shape[axis], self.size * self.dtype.itemsize
        step = max(1, length * max(PART, nbytes // PARTS) // nbytes)
        for begin in range(0, length, step):
            end = min(begin + step, length)
            key = (*(slice(None),) * axis, slice(begin, end))
            yield key, expression.part((self.ndim - axis, begin, end), {})


def elementwise(
    base: Namespace, function: Callable[..., Array], operands: Sequence[Any]
) -> Array | Deferred:
    """The value of an elementwise function of numbers, arrays and deferred values."""
    shapes = set()
    for x in operands:
        if hasattr(x, "shape"):
            shapes.add(x.shape)
    some = Deferred in map(type, operands)
    found = _expression(base, function, operands, shapes) if some or len(shapes) > 1 else None
    if found is not None:
        return Deferred(base, found)
    if some:
        operands = [x.array() if type(x) is Deferred else x for x in operands]
    return base.as_array(function(*operands))


def _expression(
    base: Namespace,
    function: Callable[..., Array],
    operands: Sequence[Any],
    shapes: Collection[Shape],
) -> Expression | None:
    """The expression of a value which is deferred, if that pays.

    The value is large, and at least twice as large as all that it is made from. Integers are not
    deferred: libraries raise errors for some, at the line that asks for it.
    """
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        return None                                 # the library says what is wrong
    if prod(shape) * _WIDEST < LARGE:
        return None
    given = [x.content if type(x) is Deferred else x for x in operands]
    inner = [x for x in given if type(x) is Expression]
    primitives = 1 + sum(x.primitives for x in inner)
    if primitives > MOST:
        return None
    dtype = base.as_array(function(*[_nothing_of(x, base) for x in given])).dtype
    arrays = {id(x): _unrepeated(x) for x in given if _is_array(x)}
    nbytes = sum(x.nbytes for x in (*arrays.values(), *inner))  # type: ignore[attr-defined]
    if kind_of(dtype) not in "bfc" or prod(shape) * dtype.itemsize < max(LARGE, 2 * nbytes):
        return None
    # Copies, because somebody may write to an array before the expression is evaluated.
    broadcast_to = base.module.broadcast_to
    copies = tuple(
        broadcast_to(base.copy(arrays[id(x)]), x.shape) if id(x) in arrays else x for x in given
    )
    return Expression(function, copies, shape, dtype, primitives, nbytes)


_WIDEST = 16
"""Bytes of an element, at most."""


def _is_array(x: object) -> bool:
    return bool(getattr(x, "shape", ())) and type(x) is not Expression


def _nothing_of(x: Any, base: Namespace) -> Any:
    """No elements of an operand."""
    shape = getattr(x, "shape", ())
    if type(x) is Expression:
        return base.empty((0,) * len(shape), dtype=x.dtype)
    return x[(slice(0, 0),) * len(shape)] if shape else x


def _unrepeated(x: Any) -> Array:
    """An array without its repetitions in memory: it has one element along such axes."""
    strides = getattr(x, "strides", None) or (1,) * x.ndim
    key = tuple(slice(None) if stride else slice(0, 1) for stride in strides)
    return x[key]  # type: ignore[no-any-return]


def _part(x: Any, span: Span, known: dict[int, Array]) -> Any:
    """Of an operand, what stands beside that part of the result."""
    if type(x) is Expression:
        return x.part(span, known)
    axis, begin, end = span
    shape = getattr(x, "shape", ())
    if len(shape) < axis or shape[-axis] == 1:
        return x
    return x[(*(slice(None),) * (len(shape) - axis), slice(begin, end))]
