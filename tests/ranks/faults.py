"""What goes wrong on one rank: `mpiexec -n N python faults.py KIND`."""

from __future__ import annotations

import os
import signal
import sys
from time import sleep

import numpy as np

import gpugrad as gg

P = gg.parallel
WORLD = P.world()
LAST = WORLD.rank == WORLD.size - 1


def main(kind: str) -> None:
    x = np.ones(3)
    if kind == "error":
        P.abort_on_error()
        if LAST:
            raise ValueError("only here")
        P.psum(x)
    elif kind == "killed":
        if LAST:
            os.kill(os.getpid(), signal.SIGKILL)
        P.psum(x)
    elif kind == "late":
        P.psum(x)
        if LAST:
            sleep(60)                               # the line that the others are told
        P.psum(x * 2)
    elif kind == "late in a half":                  # while the other half is at something else
        half = WORLD.split(WORLD.rank % 2)
        P.psum(x, half)
        if LAST or WORLD.rank % 2 == 0:
            sleep(60)
        P.psum(x * 2, half)
    elif kind == "shape":
        with gg.debug():
            P.psum(np.ones(3 + LAST))
    elif kind == "dtype":
        gg.jit(lambda x: P.psum(x))(np.ones(3, "float32" if LAST else "float64"))
    elif kind == "order":
        with gg.debug():
            (P.pmax if LAST else P.psum)(x)
    elif kind == "nan":
        y = P.psum(x * (np.nan if LAST else 1))
        assert np.isnan(y).all()
    else:
        raise SystemExit(f"no such fault: {kind}")


main(sys.argv[1])
