"""One of two processes with a communicator: `nccl_rank.py KIND ID RANK DEVICE`."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import cupy as cp
import numpy as np
import pytest
from cupy.cuda import nccl

KIND, ID, RANK = sys.argv[1], bytes.fromhex(sys.argv[2]), int(sys.argv[3])

TYPES = {
    "int8": nccl.NCCL_INT8, "uint8": nccl.NCCL_UINT8, "int32": nccl.NCCL_INT32,
    "uint32": nccl.NCCL_UINT32, "int64": nccl.NCCL_INT64, "uint64": nccl.NCCL_UINT64,
    "float16": nccl.NCCL_FLOAT16, "float32": nccl.NCCL_FLOAT32, "float64": nccl.NCCL_FLOAT64,
}  # fmt: skip
OPERATIONS = {
    nccl.NCCL_SUM: np.add, nccl.NCCL_PROD: np.multiply, nccl.NCCL_MAX: np.maximum,
    nccl.NCCL_MIN: np.minimum,
}  # fmt: skip


def now() -> int:
    pointer: int = cp.cuda.get_current_stream().ptr
    return pointer


def reduced(comm: Any, x: Any, op: int = nccl.NCCL_SUM, count: int | None = None) -> Any:
    y = cp.empty_like(x)
    size = x.size if count is None else count
    comm.allReduce(x.data.ptr, y.data.ptr, size, TYPES[x.dtype.name], op, now())
    return y


def values(comm: Any) -> None:
    """Every type and operation; more bytes than a box has; and of none."""
    for name in TYPES:
        parts = [(np.arange(1, 6) + 3 * rank).astype(name) for rank in range(2)]
        for op, function in OPERATIONS.items():
            found = reduced(comm, cp.asarray(parts[RANK]), op).get()
            np.testing.assert_array_equal(found, function(*parts), err_msg=name)
    large = cp.arange(200_000.0) + RANK
    np.testing.assert_array_equal(reduced(comm, large).get(), 2 * np.arange(200_000.0) + 1)
    reduced(comm, large[:0])


def messages(comm: Any) -> None:
    """All of a group at once: each rank sends first, more than a box has, and itself too."""
    x, y = cp.arange(300_000.0) + RANK, cp.zeros((2, 300_000))
    nccl.groupStart()
    for other in range(2):
        comm.send(x.data.ptr, x.size, nccl.NCCL_FLOAT64, other, now())
    for other in range(2):
        comm.recv(y[other].data.ptr, x.size, nccl.NCCL_FLOAT64, other, now())
    nccl.groupEnd()
    for other in range(2):
        np.testing.assert_array_equal(y[other].get(), np.arange(300_000.0) + other)


def fails(comm: Any, message: str) -> None:
    """The call does, on the device: whoever waits for it hears of it, and so does who asks."""
    count = 2 if KIND == "counts" and RANK else None
    with pytest.raises(cp.cuda.runtime.CUDARuntimeError, match=message):
        reduced(comm, cp.ones(3), count=count).get()
    with pytest.raises(nccl.NcclError):
        comm.check_async_error()


def main() -> None:
    cp.cuda.Device(int(sys.argv[4])).use()
    comm = nccl.NcclCommunicator(2, ID, RANK)
    assert (comm.size(), comm.rank_id(), comm.device_id()) == (2, RANK, int(sys.argv[4]))
    if KIND == "values":
        values(comm)
    elif KIND == "messages":
        messages(comm)
    elif KIND == "busy":
        y = reduced(comm, cp.ones(3))
        if RANK:
            sys.stdin.read()                        # until rank 0 has ended
        np.testing.assert_array_equal(y.get(), np.full(3, 2.0))
    elif KIND == "counts":
        fails(comm, "ncclAllReduce of 3 of type 8")
    elif KIND == "killed":
        reduced(comm, cp.ones(3)).get()
        if RANK:
            os.kill(os.getpid(), signal.SIGKILL)
        fails(comm, "the process of rank 1 has ended")
    elif KIND == "late":
        if RANK:
            sys.stdin.read()
        else:
            fails(comm, "for longer than CUDA_ON_CPU_NCCL_SECONDS says")
    else:
        raise SystemExit(f"no such kind: {KIND}")


if __name__ == "__main__":
    main()
