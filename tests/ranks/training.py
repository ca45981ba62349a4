"""Data-parallel training on each rank beside training in one process; prints a hash of the bits.

Run under `mpiexec -n N python training.py`, or `... training.py cupy` for arrays of CuPy.
"""

from __future__ import annotations

import hashlib
import sys
from typing import Any

import numpy as np

import gpugrad as gg
from gpugrad.errors import NotDifferentiable

P = gg.parallel
WORLD = P.world()
ROWS, STEPS = 50, 5

CUPY = "cupy" in sys.argv[1:]
if CUPY:
    import cupy

    WORLD.use_gpu()


def array(x: Any) -> Any:
    """An array of the library that is tried, on the device of this rank."""
    return cupy.asarray(x) if CUPY else x


def host(x: Any) -> Any:
    return x.get() if hasattr(x, "get") else np.asarray(x)


rng = np.random.default_rng(0)
X, Y = array(rng.normal(size=(ROWS, 7))), array(rng.integers(0, 3, ROWS))
FIRST = {"a": array(rng.normal(size=(7, 5))), "b": array(rng.normal(size=(5, 3)))}


def loss(params: Any, x: Any, y: Any) -> tuple[Any, Any]:
    losses = gg.softmax_cross_entropy(gg.tanh(x @ params["a"]) @ params["b"], y)
    return gg.mean(losses), gg.sum(losses)


def trained(opt: Any, gradient: Any, compiles: bool = True) -> Any:
    params, state = FIRST, opt.init(FIRST)

    def step(params: Any, state: Any) -> Any:
        return opt.update(gradient(params), state, params)

    step = gg.jit(step) if compiles else step
    for _ in range(STEPS):
        updates, state = step(params, state)
        params = gg.optim.apply_updates(params, updates)
    return params


def check(found: Any, wanted: Any) -> None:
    for name, x in found.items():
        np.testing.assert_allclose(host(x), host(wanted[name]), rtol=1e-9, atol=1e-12)
        everywhere = host(P.all_gather(x[None]))
        assert all(y.tobytes() == everywhere[0].tobytes() for y in everywhere), name


def main() -> None:
    adam, mine = gg.optim.adam(0.01), P.rows_of(ROWS)
    n = mine.stop - mine.start
    alone = trained(adam, lambda p: gg.grad(loss, has_aux=True)(p, X, Y)[0])

    def of_mine(p: Any) -> Any:                     # so that the mean of ranks is that of rows
        return gg.tree.map(
            lambda g: g * (n * WORLD.size / ROWS),
            gg.grad(loss, has_aux=True)(p, X[mine], Y[mine])[0],
        )

    for shard_state in (False, True):
        opt = P.data_parallel(adam, shard_state=shard_state)
        check(trained(opt, of_mine), alone)
    state = P.data_parallel(adam, shard_state=True).init(FIRST)
    assert max(np.size(x) for x in gg.tree.leaves(state)) == -(-50 // WORLD.size)

    def weighted(p: Any) -> Any:
        return P.mean_gradients(gg.grad(loss, has_aux=True)(p, X[mine], Y[mine])[0], rows=n)

    check(trained(adam, weighted), alone)

    both = P.value_and_grad(loss, has_aux=True, engine="auto" if CUPY else "numpy")
    (value, total), _ = both(FIRST, X, Y)
    np.testing.assert_allclose(host(total), ROWS * host(value))
    fixed = trained(adam, lambda p: both(p, X, Y)[1], compiles=False)
    check(fixed, alone)
    # The first call too, by whichever engine, also where a rank has more shares than another.
    found = [*fixed.values(), value]
    for engine in ["auto"] if CUPY else ["numpy", "native", "eager"]:
        first = P.value_and_grad(loss, has_aux=True, engine=engine)(FIRST, X[:43], Y[:43])
        found += gg.tree.leaves(first)
    refused = ""
    try:
        gg.grad(lambda p: both(p, X, Y)[0][0])(FIRST)
    except NotDifferentiable as error:
        refused = str(error)
    assert "pvary" in refused
    large = array(np.full(3, 4e4, np.float16))      # of which a sum is none in half precision
    for mean in (P.pmean(large), P.mean_gradients(large), P.mean_gradients(large, rows=64)):
        np.testing.assert_array_equal(host(mean), host(large))
        assert mean.dtype == large.dtype
    if WORLD.rank == 0:
        bits = b"".join(host(x).tobytes() for x in found)
        print("bits", hashlib.sha256(bits).hexdigest())


if __name__ == "__main__":
    main()
