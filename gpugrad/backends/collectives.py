"""Collectives: calls in which all processes of a world take part, each with an array of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

from gpugrad.backends.dtypes import WIDER
from gpugrad.types import Array, Shape

if TYPE_CHECKING:
    import cupy

SUM, VARY = "sum", "vary"
GATHER, SCATTER = "gather", "scatter"
BROADCAST, REDUCE = "broadcast", "reduce"
EXCHANGE, PERMUTE = "exchange", "permute"
MAX, MIN = "max", "min"

BEGINS, WAITS = "begins", "waits"
"""Parts of a call: work that does not need what it brings goes on between them."""

LEAST = 2**18
"""Bytes from which a sum is two steps: of fewer, beginning and waiting cost more than they save."""

COMPUTING = frozenset((SUM, MAX, MIN, REDUCE, SCATTER))
"""Kinds that compute with numbers; the others move their bits."""

TRANSPOSED = {
    SUM: VARY, VARY: SUM, GATHER: SCATTER, SCATTER: GATHER, BROADCAST: REDUCE, REDUCE: BROADCAST,
    EXCHANGE: EXCHANGE, PERMUTE: PERMUTE,
}  # fmt: skip
"""What a cotangent takes, to go back the way of a value. A sum is the same on all ranks and its
cotangent too: it counts once, and `VARY` makes it that of each rank's own term.
"""


Into: TypeAlias = Callable[[np.ndarray, np.ndarray], None]
"""A collective from this rank's array into memory for what it gets, which lies in order."""

Beginning: TypeAlias = Callable[[np.ndarray, np.ndarray], Callable[[], object]]
"""The same, but that it has come when the function is called that this returns."""


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
    def spans(self) -> bool:
        """Whether its ranks are on several machines."""

    @property
    def transport(self) -> str:
        """What carries arrays of CuPy, in words; with the reason, where they go by the host."""

    def agree(self, call: Collective, dtype: np.dtype, shape: Shape) -> None:
        """Raise where other ranks have come to another call, if this one is traced or debugged."""

    def noting(self, call: Collective, dtype: np.dtype, shape: Shape) -> Callable[[], None]:
        """What notes such a call for other ranks, when it is made."""

    def carry(self, call: Collective, x: np.ndarray) -> np.ndarray:
        """What the call gives on this rank for an array in host memory."""

    def into(self, call: Collective, dtype: np.dtype, shape: Shape) -> Into:
        """What carries such arrays in host memory."""

    def beginning(self, call: Collective, dtype: np.dtype, shape: Shape) -> Beginning:
        """What begins a sum of such arrays in host memory."""

    def finish(self) -> None:
        """Wait for all sums that are under way."""

    def on_gpus(self) -> GpuCarrier | None:
        """What carries arrays of CuPy; `None` where they go by way of the host.

        All ranks ask for the first time together, and get the same answer.
        """


class GpuCarrier(Protocol):
    """What brings arrays from GPU to GPU by launches alone, which a graph can capture."""

    @property
    def name(self) -> str: ...

    def launches(self, call: Collective, x: cupy.ndarray, y: cupy.ndarray) -> Launches:
        """The call from `x` to `y`, which both lie in order."""


@dataclass(frozen=True)
class Launches:
    """A collective as launches on the current stream.

    `carry` alone takes part in what others do; copies come `before` it and `after` it.
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


_NAMES = {
    SUM: "psum", VARY: "pvary", GATHER: "all_gather", SCATTER: "reduce_scatter", MAX: "pmax",
    MIN: "pmin", BROADCAST: "broadcast", REDUCE: "reduce", EXCHANGE: "all_to_all",
    PERMUTE: "permute",
}  # fmt: skip

_RESIZING = frozenset((GATHER, SCATTER, EXCHANGE))


@dataclass(frozen=True, repr=False)
class Collective:
    """One call: its kind, whose processes take part, and along which axes, from where, to whom.

    `axis` is the one that is put together or cut, counted from the end, so that axes of a batch may
    come in front; an exchange cuts along `axis` and puts together along `other`. In plans, a sum
    may be two steps, which are its parts: the one that begins it, and the one that waits for it.
    """

    kind: str
    world: Carrier
    axis: int = -1
    other: int = -1
    root: int = 0
    pairs: tuple[tuple[int, int], ...] = ()
    part: str = ""

    def __repr__(self) -> str:
        along = f" along {self.axis}" if self.kind in _RESIZING else ""
        part = f", {self.part}" if self.part else ""
        return f"<{self.kind} over {self.world.size} ranks{along}{part}>"

    def transposed(self) -> Collective:
        """The call for the cotangent of the result."""
        turned = (self.other, self.axis) if self.kind == EXCHANGE else (self.axis, self.other)
        pairs = tuple((b, a) for a, b in self.pairs)
        kind, (axis, other) = TRANSPOSED[self.kind], turned
        return replace(self, kind=kind, axis=axis, other=other, pairs=pairs)

    def made_of(self, shape: Shape) -> Shape:
        """The shape of the result for an array of that one."""
        if self.kind not in _RESIZING:
            return shape
        lengths = list(shape)
        if self.kind == GATHER:
            lengths[self.axis] *= self.world.size
        elif self.kind == SCATTER:
            lengths[self.axis] //= self.world.size
        elif self.kind == EXCHANGE:
            lengths[self.axis] //= self.world.size
            lengths[self.other] *= self.world.size
        return tuple(lengths)

    def travels(self, dtype: np.dtype, nbytes: int) -> bool:
        """Whether it is a sum that MPI is told to begin, and waited for later or at once.

        All ranks find the same, as they must: MPI never brings one together with a sum that it was
        told to do at once. Within a machine it would gain nothing.
        """
        simple = self.kind == SUM and is_known(dtype)
        return simple and nbytes >= LEAST and self.world.spans

    def run(self, xp: Library, x: Array) -> Array:
        """What this rank gets."""
        if self.kind == VARY:
            return x
        return xp.from_numpy(self.world.carry(self, xp.to_numpy(x)), x)

    def words(self, dtype: np.dtype, shape: Shape) -> str:
        """The call with such an array, as all ranks have to make it."""
        how = f" along axis {self.axis}" if self.kind in _RESIZING else ""
        how += f" and {self.other}" if self.kind == EXCHANGE else ""
        how += f" at rank {self.root}" if self.kind in (BROADCAST, REDUCE) else ""
        how += f" by {self.pairs}" if self.kind == PERMUTE else ""
        sizes = "x".join(map(str, shape)) or "number"
        return f"{_NAMES[self.kind]}{how} of {dtype} {sizes}"


class Alone:
    """The carrier of a single process, which has nobody to send to."""

    rank, size, spans = 0, 1, False
    name = "a copy"
    transport = "copies: the world is this process alone"

    def agree(self, call: Collective, dtype: np.dtype, shape: Shape) -> None:
        pass

    def noting(self, call: Collective, dtype: np.dtype, shape: Shape) -> Callable[[], None]:
        return lambda: None

    def carry(self, call: Collective, x: np.ndarray) -> np.ndarray:
        y = np.empty_like(x)
        self.into(call, x.dtype, x.shape)(x, y)
        return y

    def into(self, call: Collective, dtype: np.dtype, shape: Shape) -> Into:
        nothing = call.kind == PERMUTE and not call.pairs
        return (lambda x, y: y.fill(0)) if nothing else lambda x, y: np.copyto(y, x)

    def beginning(self, call: Collective, dtype: np.dtype, shape: Shape) -> Beginning:
        def begun(x: np.ndarray, y: np.ndarray) -> Callable[[], object]:
            np.copyto(y, x)
            return lambda: None

        return begun

    def finish(self) -> None:
        pass

    def on_gpus(self) -> GpuCarrier:
        return self

    def launches(self, call: Collective, x: cupy.ndarray, y: cupy.ndarray) -> Launches:
        if call.kind == PERMUTE and not call.pairs:
            return Launches(lambda: y.fill(0))
        return Launches(lambda: y.data.copy_from_device_async(x.data, x.nbytes))


def is_known(dtype: np.dtype) -> bool:
    """Whether MPI and NCCL add up such numbers as they are, and not by way of others."""
    return dtype.isnative and dtype.char != "?" and WIDER[dtype] is None


def parts_of(x: Any, axis: int, n: int) -> Any:
    """`n` parts of an array along an axis, as a view whose first axis goes over them."""
    axis %= x.ndim
    shape = (*x.shape[:axis], n, x.shape[axis] // n, *x.shape[axis + 1 :])
    return x.reshape(shape).transpose(axis, *(i for i in range(len(shape)) if i != axis))
