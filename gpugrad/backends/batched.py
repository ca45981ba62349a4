"""Batched arrays, which stand for one part of a batch.

Functions, rules and the sweep compute with a batched array as with one part of it; the batching
namespace (`tracing/batching/`) lets each step run on all parts at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any, ClassVar, NoReturn

from gpugrad.backends.standin import StandIn
from gpugrad.errors import TrackedConversion
from gpugrad.types import Array, Functions, Shape


class Level:
    """One `vmap`: its batch has `n` parts.

    `order` is when it began, by the numbers of nodes, so it is larger for an inner one. `active`
    says whether it is at work. What a graph had before then belongs to all parts alike. `units`
    says that diagonal batches may be met in it.
    """

    __slots__ = ("active", "n", "order", "units")

    def __init__(self, n: int, order: int, units: bool = False) -> None:
        self.n = n
        self.order = order
        self.active = True
        self.units = units

    def __repr__(self) -> str:
        return f"<vmap of {self.n}>"


class Batched(StandIn):
    """One part of a batch: `value` has the batch along its first axis.

    That axis may have length 1, where all parts are equal. Its operators are those of the batching
    namespace.

    Of a diagonal batch, as the seeds of a Jacobian are, each part is 0 but in one place: the first
    part in the first one, in order, and so on. `weights` are what stands there, for all parts in
    one array that broadcasts to the shape of a part, and `value` is made of them when it is asked
    for. Others have no weights.
    """

    __slots__ = ("_shape", "level", "value", "weights")

    _shape: Shape

    home: ClassVar[Functions] = None  # type: ignore[assignment]  # until it puts itself here

    __array_priority__ = 600                        # above arrays and traced ones, below Tensors

    def __init__(self, value: Array, level: Level) -> None:
        self.value = value
        self.level = level
        self.weights: Array | None = None

    @classmethod
    def diagonal(cls, weights: Array, shape: Shape, level: Level) -> Batched:
        """The part of that shape of a diagonal batch."""
        x = cls.__new__(cls)
        x.level, x.weights, x._shape = level, weights, shape
        return x

    def __getattr__(self, name: str) -> Array:
        """The value of a diagonal batch, which is not kept.

        What is traced belongs to the trace in which it was asked for.
        """
        if name != "value":
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self.home.all_parts(self)

    @property
    def shape(self) -> Shape:
        return tuple(self.value.shape[1:]) if self.weights is None else self._shape

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return prod(self.shape)

    def __array_namespace__(self, *, api_version: str | None = None) -> Functions:
        return self.home

    def refusal(self, what: str) -> Exception:
        return TrackedConversion(
            f"{what} of a value in gg.vmap: it stands for all parts of a batch at once, whose "
            "values may differ. Choose between values with gg.where, between computations with "
            "gg.cond."
        )

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise self.refusal("a look at the number")

    __array__ = __bool__ = __complex__ = __float__ = __index__ = __int__ = _refuse

    def __repr__(self) -> str:
        return f"<Batched {self.dtype}{list(self.shape)} of {self.level.n}>"


def unwrapped(x: object) -> tuple[Any, tuple[Level, ...]]:
    """All parts of `x` in one array, and the batches that lie along its first axes."""
    levels: list[Level] = []
    while type(x) is Batched:
        levels.append(x.level)
        x = x.value
    return x, tuple(reversed(levels))


def batches_of(x: object) -> tuple[Level, ...]:
    """The batches alone, for which no values are made."""
    levels: list[Level] = []
    while type(x) is Batched:
        levels.append(x.level)
        x = x.beneath
    return tuple(reversed(levels))


def wrapped(x: Array, levels: Iterable[Level]) -> Array:
    """One part of these batches, which lie along the first axes of `x`."""
    for level in levels:
        x = Batched(x, level)
    return x
