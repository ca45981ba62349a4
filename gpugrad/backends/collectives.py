"""Collectives: calls in which all processes of a world take part, each with an array of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from gpugrad.types import Array, Shape

if TYPE_CHECKING:
    import cupy

SUM, VARY = "sum", "vary"
GATHER, SCATTER = "gather", "scatter"
BROADCAST, REDUCE = "broadcast", "reduce"
EXCHANGE, PERMUTE = "exchange", "permute"
MAX, MIN = "max", "min"

TRANSPOSED = {
    SUM: VARY, VARY: SUM, GATHER: SCATTER, SCATTER: GATHER, BROADCAST: REDUCE, REDUCE: BROADCAST,
    EXCHANGE: EXCHANGE, PERMUTE: PERMUTE,
}  # fmt: skip
"""What a cotangent takes, to go back the way of a value. A sum is the same on all ranks and its
cotangent too: it counts once, and `VARY` makes it that of each rank's own term.
"""


class Library(Protocol):
    """What brings arrays to the host and back, as a namespace does."""

    def to_numpy(self, x: Array) -> np.ndarray: ...

    def from_numpy(self, x: np.ndarray, like: Array) -> Array: ...


class Carrier(Protocol):
    """What brings arrays from rank to rank: a world of processes, as MPI or NCCL has it."""

    @property
    def rank(self) -> int: ...

    @property
    def size(self) -> int: ...

    @property
    def transport(self) -> str:
        """What carries arrays of CuPy, in words; with the reason, where they go by the host."""

    def carry(self, call: Collective, x: np.ndarray) -> np.ndarray:
        """What the call gives on this rank for a contiguous array in host memory."""

    def on_gpus(self) -> GpuCarrier | None:
        """What carries arrays of CuPy; `None` where they go by way of the host. All ranks ask for
        the first time together, and get the same answer.
        """


class GpuCarrier(Protocol):
    """What brings arrays from GPU to GPU by launches alone, which a graph can capture."""

    @property
    def name(self) -> str: ...

    def launches(self, call: Collective, x: cupy.ndarray, y: cupy.ndarray) -> Launches:
        """The call from `x` to `y`, which both lie in order."""


@dataclass(frozen=True)
class Launches:
    """A collective as launches on the current stream: `carry` alone takes part in what others do;
    copies come `before` it and `after` it.
    """

    carry: Callable[[], None]
    before: tuple[Callable[[], None], ...] = ()
    after: tuple[Callable[[], None], ...] = ()

    def __call__(self) -> None:
        for launch in (*self.before, self.carry, *self.after):
            launch()

    def alone(self) -> None:
        """The copies, so that their kernels are loaded: others do not take part."""
        for launch in (*self.before, *self.after):
            launch()


@dataclass(frozen=True, repr=False)
class Collective:
    """One call: its kind, whose processes take part, and along which axes, from where, to whom.

    `axis` is the one that is put together or cut, counted from the end, so that axes of a batch may
    come in front; an exchange cuts along `axis` and puts together along `other`.
    """

    kind: str
    world: Carrier
    axis: int = -1
    other: int = -1
    root: int = 0
    pairs: tuple[tuple[int, int], ...] = ()

    def __repr__(self) -> str:
        along = f" along {self.axis}" if self.kind in (GATHER, SCATTER, EXCHANGE) else ""
        return f"<{self.kind} over {self.world.size} ranks{along}>"

    def transposed(self) -> Collective:
        """The call for the cotangent of the result."""
        turned = (self.other, self.axis) if self.kind == EXCHANGE else (self.axis, self.other)
        pairs = tuple((b, a) for a, b in self.pairs)
        kind, (axis, other) = TRANSPOSED[self.kind], turned
        return replace(self, kind=kind, axis=axis, other=other, pairs=pairs)

    def made_of(self, shape: Shape) -> Shape:
        """The shape of the result for an array of that one."""
        lengths = list(shape)
        if self.kind == GATHER:
            lengths[self.axis] *= self.world.size
        elif self.kind == SCATTER:
            lengths[self.axis] //= self.world.size
        elif self.kind == EXCHANGE:
            lengths[self.axis] //= self.world.size
            lengths[self.other] *= self.world.size
        return tuple(lengths)

    def run(self, xp: Library, x: Array) -> Array:
        """What this rank gets."""
        if self.kind == VARY:
            return x
        host = np.asarray(xp.to_numpy(x), order="C")
        return xp.from_numpy(self.world.carry(self, host), x)


class Alone:
    """The carrier of a single process, which has nobody to send to."""

    rank, size = 0, 1
    name = "a copy"
    transport = "copies: the world is this process alone"

    def carry(self, call: Collective, x: np.ndarray) -> np.ndarray:
        return np.zeros_like(x) if call.kind == PERMUTE and not call.pairs else x.copy()

    def on_gpus(self) -> GpuCarrier:
        return self

    def launches(self, call: Collective, x: cupy.ndarray, y: cupy.ndarray) -> Launches:
        if call.kind == PERMUTE and not call.pairs:
            return Launches(lambda: y.fill(0))
        return Launches(lambda: y.data.copy_from_device_async(x.data, x.nbytes))
