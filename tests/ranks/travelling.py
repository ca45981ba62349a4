"""Sums that MPI is told to begin, as between machines: with the same numbers as those at once.

Run under `mpiexec -n N python travelling.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from thresholds import lowered

import gpugrad as gg

P = gg.parallel
WORLD = P.world()
WORLD.spans = True                                  # which these processes do not


def loss(params: Any, x: Any) -> Any:
    for w in params:
        x = gg.tanh(x @ w)
    return gg.sum(x * x)


def rows(n: int) -> np.ndarray:
    return np.random.default_rng(n).normal(size=(n, 3))


def stepped(params: Any, x: Any, fail: Any) -> Any:
    grads = P.psum(gg.grad(loss)(params, x))
    taken = x[fail]                                 # an index beyond its rows ends the call here
    return [p - 0.1 * g for p, g in zip(params, grads, strict=True)], taken


def main() -> None:
    rng = np.random.default_rng(0)
    first = [rng.normal(size=shape) for shape in ((3, 4), (4, 4), (4, 2))]
    for engine in ("numpy", "native"):
        step = gg.jit(stepped, engine=engine, donate_argnums=(0,))
        params, wanted = [p.copy() for p in first], first
        # Some ranks trace anew, and one debugs, while others run what they have compiled.
        for k, sizes in enumerate([(5, 5), (5, 5), (5, 5), (5, 4), (4, 4), (5, 4), (5, 5), (5, 5)]):
            n = [sizes[r % 2] for r in range(WORLD.size)]
            if k == 6 and WORLD.rank == 0:
                with gg.debug():
                    made, _ = stepped(params, rows(n[0]), np.array([0]))
            elif k == 7:
                try:
                    step([2 * p for p in params], rows(n[WORLD.rank]), np.array([99]))
                except IndexError:
                    pass                            # on all ranks, which go on
                made, _ = step(params, rows(n[WORLD.rank]), np.array([0]))
            else:
                made, _ = step(params, rows(n[WORLD.rank]), np.array([0]))
            params = [np.asarray(p) for p in made]
            if k == 2:                              # where all have compiled it
                text = str(step.explain(params, rows(5), np.array([0])))
                assert "begins" in text, text
                assert "waits" in text, text
            total = [sum(gs) for gs in zip(*(gg.grad(loss)(wanted, rows(i)) for i in n),
                                           strict=True)]  # fmt: skip
            wanted = [p - 0.1 * g for p, g in zip(wanted, total, strict=True)]
            for p, other in zip(params, wanted, strict=True):
                np.testing.assert_allclose(p, other, rtol=1e-9, err_msg=f"{engine}, step {k}")


with lowered():
    main()
