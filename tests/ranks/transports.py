"""What carries arrays of CuPy where something is not as NCCL wants it: `transports.py KIND`."""

from __future__ import annotations

import sys
from typing import Any

import cupy as cp
import numpy as np
import pytest
from cupy.cuda import nccl

import gpugrad as gg
from gpugrad.cli.app import run

P = gg.parallel
WORLD = P.world()
RANK, SIZE = WORLD.rank, WORLD.size


def summed(x: Any) -> None:
    np.testing.assert_array_equal(P.psum(x).get(), np.full(3, sum(range(SIZE))))


def said(before: str) -> None:
    """What carries arrays, on each rank."""
    each = WORLD.each(f"rank {RANK}: {before} | {WORLD.transport}")
    if RANK == 0:
        print(*each, sep="\n")


def main(kind: str) -> None:
    if kind == "train":                             # which finds its GPU by itself
        assert run(["train", "digits", "--backend", "cupy", "--epochs", "1", *sys.argv[2:]]) == 0
        return said("")
    WORLD.use_gpu()
    if kind == "missing" and RANK == SIZE - 1:
        nccl.available = False
    before = WORLD.transport
    x = cp.full(3, float(RANK))
    summed(x)
    if kind == "elsewhere":                         # the second GPU of a process
        with cp.cuda.Device((RANK + 1) % SIZE):
            y = cp.full(3, 1.0)
            with pytest.raises(gg.errors.InvalidArgument, match="a rank has one GPU"):
                P.psum(y)
        summed(x)                                   # nothing has been sent
    elif kind == "profile":
        f = gg.jit(lambda x: P.psum(gg.sin(x)))
        f(x), f(x)
        with gg.profile() as found:
            f(x)
        assert "1 collective in each call, carried by " + WORLD.transport in str(found), str(found)
    said(before)


if __name__ == "__main__":
    main(sys.argv[1])
