"""Collectives by MPI, of arrays in host memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from gpugrad.backends.collectives import (
    BROADCAST,
    EXCHANGE,
    GATHER,
    MAX,
    MIN,
    PERMUTE,
    REDUCE,
    SCATTER,
    SUM,
    Collective,
)


def carry(comm: Any, call: Collective, x: np.ndarray) -> np.ndarray:
    """What the call gives on this rank of the communicator."""
    move = _KINDS[call.kind]
    if x.dtype.kind == "b":                         # MPI does not order them
        return move(comm, call, x.view(np.uint8)).view(x.dtype)
    if x.dtype.char != _HALF:
        return move(comm, call, x)
    # MPI knows no such numbers: their bits are moved, and sums are those of single precision.
    if call.kind in _COMPUTING:
        return move(comm, call, x.astype(np.float32)).astype(np.float16)
    return move(comm, call, x.view(np.uint16)).view(np.float16)


_HALF = np.dtype(np.float16).char


def _summed(comm: Any, call: Collective, x: np.ndarray) -> np.ndarray:
    y = np.empty_like(x)
    comm.Allreduce(x, y, op=_op(call.kind))
    return y


def _reduced(comm: Any, call: Collective, x: np.ndarray) -> np.ndarray:
    y = np.zeros_like(x)
    comm.Reduce(x, y if comm.rank == call.root else None, op=_op(SUM), root=call.root)
    return y


def _broadcast(comm: Any, call: Collective, x: np.ndarray) -> np.ndarray:
    y = x.copy()
    comm.Bcast(y, root=call.root)
    return y


def _gathered(comm: Any, call: Collective, x: np.ndarray) -> np.ndarray:
    parts = np.empty((comm.size, *x.shape), x.dtype)
    comm.Allgather(x, parts)
    return _joined(parts, call.axis)


def _scattered(comm: Any, call: Collective, x: np.ndarray) -> np.ndarray:
    parts = _cut(x, call.axis, comm.size)
    y = np.empty(parts.shape[1:], x.dtype)
    comm.Reduce_scatter_block(parts, y, op=_op(SUM))
    return y


def _exchanged(comm: Any, call: Collective, x: np.ndarray) -> np.ndarray:
    sent = _cut(x, call.axis, comm.size)
    parts = np.empty_like(sent)
    comm.Alltoall(sent, parts)
    return _joined(parts, call.other)


def _permuted(comm: Any, call: Collective, x: np.ndarray) -> np.ndarray:
    y = np.zeros_like(x)
    waiting = [comm.Irecv(y, source=a) for a, b in call.pairs if b == comm.rank]
    waiting += [comm.Isend(x, dest=b) for a, b in call.pairs if a == comm.rank]
    for request in waiting:
        request.Wait()
    return y


def _cut(x: np.ndarray, axis: int, n: int) -> np.ndarray:
    """`n` parts of an array along an axis, one behind the other."""
    axis %= x.ndim
    shape = (*x.shape[:axis], n, x.shape[axis] // n, *x.shape[axis + 1 :])
    return np.ascontiguousarray(np.moveaxis(x.reshape(shape), axis, 0))


def _joined(parts: np.ndarray, axis: int) -> np.ndarray:
    """Parts that lie one behind the other, joined along an axis."""
    axis %= parts.ndim - 1
    shape = list(parts.shape[1:])
    shape[axis] *= parts.shape[0]
    return np.asarray(np.moveaxis(parts, 0, axis), order="C").reshape(shape)


@cache
def _op(kind: str) -> Any:
    from mpi4py import MPI

    return {SUM: MPI.SUM, MAX: MPI.MAX, MIN: MPI.MIN}[kind]


_COMPUTING = frozenset((SUM, MAX, MIN, REDUCE, SCATTER))

_KINDS: dict[str, Callable[[Any, Collective, np.ndarray], np.ndarray]] = {
    SUM: _summed, MAX: _summed, MIN: _summed, REDUCE: _reduced, BROADCAST: _broadcast,
    GATHER: _gathered, SCATTER: _scattered, EXCHANGE: _exchanged, PERMUTE: _permuted,
}  # fmt: skip
