"""Collectives by MPI, of arrays in host memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from gpugrad.backends import WIDER
from gpugrad.backends.collectives import (
    BROADCAST,
    COMPUTING,
    EXCHANGE,
    GATHER,
    MAX,
    MIN,
    PERMUTE,
    REDUCE,
    SCATTER,
    SUM,
    Beginning,
    Collective,
    Into,
    is_known,
    parts_of,
)

Note: TypeAlias = Callable[[], None]


def into(comm: Any, call: Collective, dtype: np.dtype, note: Note) -> Into:
    """The call as a function of this rank's array and of memory for what it gets.

    Both lie in order. It is noted before it is made.
    """
    if WIDER[dtype] is not None and call.kind in COMPUTING:
        return _by_way_of(np.dtype(np.float32), comm, call, note)     # MPI knows no such numbers
    if not dtype.isnative:
        return _by_way_of(dtype.newbyteorder("="), comm, call, note)
    if dtype.kind == "b" and call.kind in COMPUTING:
        return _by_way_of(np.dtype(np.uint8), comm, call, note)       # of which it finds no extreme
    if call.kind in (MAX, MIN) and dtype.kind == "f":
        return _extreme(comm, call.kind, note)
    if call.kind in (SUM, MAX, MIN):
        return _summing(comm.Allreduce, call.kind, note)
    move = _KINDS[call.kind]

    def moved(x: np.ndarray, y: np.ndarray) -> None:
        note()
        x = np.asarray(x, order="C")
        if WIDER[x.dtype] is not None:              # of which MPI moves the bits
            x, y = x.view(np.uint16), y.view(np.uint16)
        move(comm, call, x, y)

    return moved


def beginning(comm: Any, call: Collective, note: Note) -> Beginning:
    """A sum as a function that begins it and gives the one that waits for it.

    Until then both arrays are MPI's.
    """
    begin, op = comm.Iallreduce, _op(call.kind)

    def begun(x: np.ndarray, y: np.ndarray) -> Callable[[], object]:
        note()
        wait: Callable[[], object] = begin(np.asarray(x, order="C"), y, op).Wait
        return wait

    return begun


def _by_way_of(dtype: np.dtype, comm: Any, call: Collective, note: Note) -> Into:
    """The call with numbers of that dtype, which MPI knows."""
    found = into(comm, call, dtype, note)

    def carried(x: np.ndarray, y: np.ndarray) -> None:
        result = np.empty(y.shape, dtype)
        found(x.astype(dtype), result)
        np.copyto(y, result, casting="unsafe")

    return carried


def _extreme(comm: Any, kind: str, note: Note) -> Into:
    """An extreme, or NaN where a rank has one: of these MPI gives each rank what it likes."""
    least = -np.inf if kind == MAX else np.inf

    def found(x: np.ndarray, y: np.ndarray) -> None:
        note()
        missing = np.isnan(x)
        somewhere = np.empty(x.shape, np.uint8)
        comm.Allreduce(np.where(missing, np.array(least, x.dtype), x), y, _op(kind))
        comm.Allreduce(np.asarray(missing, np.uint8), somewhere, _op(MAX))
        y[somewhere.astype(bool)] = np.nan

    return found


def summing(
    comm: Any, dtype: np.dtype, note: Note
) -> Callable[[np.ndarray], np.ndarray] | None:
    """What adds up a few numbers in the shortest way; `None` where MPI does not know them."""
    if not is_known(dtype):
        return None
    from mpi4py import MPI

    reduce, in_place, op = comm.Allreduce, MPI.IN_PLACE, _op(SUM)

    def summed(x: np.ndarray) -> np.ndarray:
        note()
        y = x.copy()
        reduce(in_place, y, op)
        return y

    return summed


def _summing(reduce: Callable[[Any, Any, Any], None], kind: str, note: Note) -> Into:
    """The shortest way there is: of a few numbers, what leads to MPI costs as much as MPI."""
    op = _op(kind)

    def summed(x: np.ndarray, y: np.ndarray) -> None:
        note()
        reduce(x if x.flags.c_contiguous else np.asarray(x, order="C"), y, op)

    return summed


def _reduced(comm: Any, call: Collective, x: np.ndarray, y: np.ndarray) -> None:
    if comm.rank == call.root:
        comm.Reduce(x, y, op=_op(SUM), root=call.root)
    else:
        comm.Reduce(x, None, op=_op(SUM), root=call.root)
        y.fill(0)


def _broadcast(comm: Any, call: Collective, x: np.ndarray, y: np.ndarray) -> None:
    if comm.rank == call.root:
        np.copyto(y, x)
    comm.Bcast(y, root=call.root)


def _gathered(comm: Any, call: Collective, x: np.ndarray, y: np.ndarray) -> None:
    parts = parts_of(y, call.axis, comm.size)
    if parts.flags.c_contiguous:
        comm.Allgather(x, parts)
    else:
        found = np.empty(parts.shape, y.dtype)
        comm.Allgather(x, found)
        np.copyto(parts, found)


def _scattered(comm: Any, call: Collective, x: np.ndarray, y: np.ndarray) -> None:
    parts = np.asarray(parts_of(x, call.axis, comm.size), order="C")
    comm.Reduce_scatter_block(parts, y, op=_op(SUM))


def _exchanged(comm: Any, call: Collective, x: np.ndarray, y: np.ndarray) -> None:
    sent = np.asarray(parts_of(x, call.axis, comm.size), order="C")
    found = np.empty(sent.shape, sent.dtype)
    comm.Alltoall(sent, found)
    np.copyto(parts_of(y, call.other, comm.size), found)


def _permuted(comm: Any, call: Collective, x: np.ndarray, y: np.ndarray) -> None:
    sources = [a for a, b in call.pairs if b == comm.rank]
    waiting = [comm.Irecv(y, source=a) for a in sources]
    waiting += [comm.Isend(x, dest=b) for a, b in call.pairs if a == comm.rank]
    for request in waiting:
        request.Wait()
    if not sources:
        y.fill(0)


@cache
def _op(kind: str) -> Any:
    from mpi4py import MPI

    return {SUM: MPI.SUM, MAX: MPI.MAX, MIN: MPI.MIN}[kind]


_KINDS: dict[str, Callable[[Any, Collective, np.ndarray, np.ndarray], None]] = {
    REDUCE: _reduced, BROADCAST: _broadcast, GATHER: _gathered, SCATTER: _scattered,
    EXCHANGE: _exchanged, PERMUTE: _permuted,
}  # fmt: skip
