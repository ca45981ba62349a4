"""Ranks whose rows differ, so that some trace a step while others run what they have compiled.

Run under `mpiexec -n N python uneven.py [other]`; with `other`, a rank traces another call than
the one that the others have compiled.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

import gpugrad as gg

P = gg.parallel
WORLD = P.world()


def main() -> None:
    step = gg.jit(gg.grad(lambda w, x: P.psum(gg.sum((P.pvary(w) * x) ** 2))))
    for sizes in ([4, 4], [4, 4], [4, 4], [4, 3], [3, 3], [5, 3], [4, 3], [0, 3], [4, 4]):
        rows = [sizes[r % 2] for r in range(WORLD.size)]
        x = np.arange(1.0, rows[WORLD.rank] + 1)
        wanted = sum(2.0 * np.sum(np.arange(1.0, n + 1) ** 2) for n in rows)
        np.testing.assert_allclose(step(1.0, x), wanted)


def other() -> None:
    P.abort_on_error()
    same = gg.jit(lambda x: P.psum(x))
    for _ in range(4):
        same(np.ones(3))
    if WORLD.rank:
        same(np.ones(3))
    else:
        gg.jit(lambda x: P.pmax(x))(np.ones(3))


def program(name: str) -> Any:
    return {"": main, "other": other}[name]


program(sys.argv[1] if len(sys.argv) > 1 else "")()
