"""Collectives by MPI, of arrays in host memory."""

from __future__ import annotations

from collections.abc import Callable
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
    if x.dtype == np.float16 and call.kind in (SUM, SCATTER, REDUCE, MAX, MIN):
        # MPI has no sum of these; in single precision, each sum is rounded once.
        return carry(comm, call, x.astype(np.float32)).astype(np.float16)
    return _KINDS[call.kind](comm, call, _as_bytes(x, call.kind)).view(x.dtype)


def _as_bytes(x: np.ndarray, kind: str) -> np.ndarray:
    """Numbers of a dtype that MPI does not know, where they are moved alone."""
    known = x.dtype.kind in "?biufc" and x.dtype != np.float16 and x.dtype.isnative
    return x if known or kind in _COMPUTING else x.view(np.uint16)


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


def _op(kind: str) -> Any:
    from mpi4py import MPI

    return {SUM: MPI.SUM, MAX: MPI.MAX, MIN: MPI.MIN}[kind]


_COMPUTING = frozenset((SUM, MAX, MIN, REDUCE, SCATTER))

_KINDS: dict[str, Callable[[Any, Collective, np.ndarray], np.ndarray]] = {
    SUM: _summed, MAX: _summed, MIN: _summed, REDUCE: _reduced, BROADCAST: _broadcast,
    GATHER: _gathered, SCATTER: _scattered, EXCHANGE: _exchanged, PERMUTE: _permuted,
}  # fmt: skip
