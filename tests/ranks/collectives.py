"""Every collective on each rank beside the same function of all ranks' arrays in one process.

Run under `mpiexec -n N python collectives.py`; an error on any rank ends it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import gpugrad as gg

P = gg.parallel
WORLD = P.world()
SIZE, RANK = WORLD.size, WORLD.rank
SHAPE = (SIZE * 2, 3)

RING = tuple((a, (a + 1) % SIZE) for a in range(SIZE))
ONE_WAY = RING[:-1]

Function = Callable[[Any], Any]


def _moved(X: Any, pairs: Any) -> Any:
    sources = {b: a for a, b in pairs}
    return gg.stack([X[sources[r]] if r in sources else X[r] * 0 for r in range(SIZE)])


def _cut(X: Any, axis: int) -> list[list[Any]]:
    return [gg.split(x, SIZE, axis=axis) for x in gg.unstack(X)]


def _alike(y: Any) -> Any:
    return gg.stack([y] * SIZE)


VARYING: dict[str, tuple[Function, Function]] = {
    "all_gather": (P.all_gather, lambda X: _alike(gg.concat(gg.unstack(X), axis=0))),
    "all_gather, axis 1": (
        lambda x: P.all_gather(x, axis=-1), lambda X: _alike(gg.concat(gg.unstack(X), axis=1)),
    ),
    "reduce_scatter": (
        P.reduce_scatter, lambda X: gg.stack(gg.split(gg.sum(X, axis=0), SIZE, axis=0)),
    ),
    "broadcast": (
        lambda x: P.broadcast(x, root=SIZE - 1), lambda X: _alike(X[SIZE - 1]),
    ),
    "reduce": (
        lambda x: P.reduce(x, root=SIZE - 1),
        lambda X: gg.stack([gg.sum(X, axis=0) * (r == SIZE - 1) for r in range(SIZE)]),
    ),
    "all_to_all": (
        lambda x: P.all_to_all(x, split_axis=0, concat_axis=1),
        lambda X: gg.stack([gg.concat([parts[r] for parts in _cut(X, 0)], axis=1)
                            for r in range(SIZE)]),
    ),
    "permute in a ring": (lambda x: P.permute(x, RING), lambda X: _moved(X, RING)),
    "permute one way": (lambda x: P.permute(x, ONE_WAY), lambda X: _moved(X, ONE_WAY)),
}  # fmt: skip
"""Functions of each rank's own array that give each rank its own: on a rank, and of all arrays."""


def check(name: str, found: Any, wanted: Any) -> None:
    np.testing.assert_allclose(
        np.asarray(found), np.asarray(wanted), rtol=1e-12, err_msg=f"{name} on rank {RANK}"
    )


def derivatives(f: Function, x: Any, g: Any, v: Any) -> list[Any]:
    """The value, the product with `g` from the left, with `v` from the right, and of the second
    derivative with both.
    """
    def pulled(x: Any) -> Any:
        return gg.vjp(f, x)[1](g)[0]

    value, tangent = gg.jvp(f, (x,), (v,))
    return [value, pulled(x), tangent, gg.vjp(pulled, x)[1](v)[0]]


def curved(f: Function) -> Function:
    return lambda x: gg.sin(f(x * x))


def main() -> None:
    rng = np.random.default_rng(0)
    X, V = rng.normal(size=(2, SIZE, *SHAPE))
    for name, (mine, all_of_them) in VARYING.items():
        G = rng.normal(size=np.shape(all_of_them(X)))
        wanted = derivatives(curved(all_of_them), X, G, V)
        for way in ("eager", "numpy", "native"):
            f = derivatives
            if way != "eager":
                f = gg.jit(partial(derivatives, curved(mine)), engine=way)
            for _ in range(3):
                args = (X[RANK], G[RANK], V[RANK])
                found = f(curved(mine), *args) if way == "eager" else f(*args)
            for part, other in zip(found, wanted, strict=True):
                check(f"{name}, {way}", part, other[RANK])
        batch = gg.vmap(mine)(np.stack([X[RANK], V[RANK]]))
        check(f"{name}, vmap", batch, np.stack([all_of_them(X)[RANK], all_of_them(V)[RANK]]))

    # A sum is the same on all ranks and counts once; what begins in common is each rank's own.
    W = rng.normal(size=(SIZE, *SHAPE))

    def loss(p: Any) -> Any:
        return P.psum(gg.sum(gg.sin(P.pvary(p)) * W[RANK])) ** 2

    def of_all(p: Any) -> Any:
        return gg.sum(gg.sin(p) * W) ** 2

    p, v = X[0], V[0]
    for way in ("eager", "numpy", "native"):
        for _ in range(3):
            f = loss if way == "eager" else gg.jit(loss, engine=way)
            for part, other in zip(
                derivatives(f, p, np.array(1.5), v), derivatives(of_all, p, np.array(1.5), v),
                strict=True,
            ):
                check(f"psum and pvary, {way}", part, other)
    check("pmean", P.pmean({"a": X[RANK]})["a"], np.mean(X, axis=0))
    check("pmax", P.pmax(X[RANK]), np.max(X, axis=0))
    check("pmin", P.pmin(X[RANK]), np.min(X, axis=0))
    check("psum of booleans", P.psum(X[RANK] > 0), np.sum(X > 0, axis=0))
    check("all_gather of numbers", P.all_gather(float(RANK)), np.arange(SIZE, dtype=float))
    for dtype in ("float16", "float32", "complex128", "int8", "uint64", "bool"):
        x = (X * 3).astype(dtype)
        check(f"all_gather of {dtype}", P.all_gather(x[RANK]), np.concatenate(list(x)))
        assert P.all_gather(x[RANK]).dtype == x.dtype


if __name__ == "__main__":
    main()
