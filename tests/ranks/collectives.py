"""Every collective on each rank beside the same function of all ranks' arrays in one process.

Run under `mpiexec -n N python collectives.py`, or `... collectives.py cupy` for arrays of CuPy; an
error on any rank ends it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import gpugrad as gg

P = gg.parallel
WORLD = P.world()
CUPY = "cupy" in sys.argv[1:]
WAYS = {"eager": None, "auto": "auto"} if CUPY else {
    "eager": None, "numpy": "numpy", "native": "native",
}  # fmt: skip
"""Of each function: as it is, or by an engine."""
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


def array(x: Any) -> Any:
    """An array of the library that is tried, on the device of this rank."""
    if not CUPY:
        return np.asarray(x)
    import cupy

    return cupy.asarray(x)


def host(x: Any) -> Any:
    return x.get() if hasattr(x, "get") else np.asarray(x)


def check(name: str, found: Any, wanted: Any) -> None:
    np.testing.assert_allclose(
        host(found), host(wanted), rtol=1e-12, err_msg=f"{name} on rank {RANK}"
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


def jitted(f: Function, way: str) -> Function:
    engine = WAYS[way]
    return f if engine is None else gg.jit(f, engine=engine)


def main() -> None:
    if CUPY:
        WORLD.use_gpu()
    rng = np.random.default_rng(0)
    X, V = map(array, rng.normal(size=(2, SIZE, *SHAPE)))
    for name, (mine, all_of_them) in VARYING.items():
        G = array(rng.normal(size=np.shape(all_of_them(X))))
        wanted = derivatives(curved(all_of_them), X, G, V)
        for way in WAYS:
            f = jitted(partial(derivatives, curved(mine)), way)
            for _ in range(3):
                found = f(X[RANK], G[RANK], V[RANK])
            for part, other in zip(found, wanted, strict=True):
                check(f"{name}, {way}", part, other[RANK])
        batch = gg.vmap(mine)(gg.stack([X[RANK], V[RANK]]))
        check(f"{name}, vmap", batch, gg.stack([all_of_them(X)[RANK], all_of_them(V)[RANK]]))

    # A sum is the same on all ranks and counts once; what begins in common is each rank's own.
    W = array(rng.normal(size=(SIZE, *SHAPE)))

    def loss(p: Any) -> Any:
        return P.psum(gg.sum(gg.sin(P.pvary(p)) * W[RANK])) ** 2

    def of_all(p: Any) -> Any:
        return gg.sum(gg.sin(p) * W) ** 2

    p, v, g = X[0], V[0], array(1.5)
    for way in WAYS:
        f = jitted(loss, way)
        for _ in range(3):
            found = derivatives(f, p, g, v)
            for part, other in zip(found, derivatives(of_all, p, g, v), strict=True):
                check(f"psum and pvary, {way}", part, other)
    for way in WAYS:
        extremes = jitted(lambda x: (P.pmax(x), P.pmin(x), P.psum(x > 0)), way)
        for _ in range(3):
            largest, smallest, count = extremes(X[RANK])
        check(f"pmax, {way}", largest, gg.max(X, axis=0))
        check(f"pmin, {way}", smallest, gg.min(X, axis=0))
        check(f"psum of booleans, {way}", count, gg.sum(X > 0, axis=0))
    for dtype in ("float64", "float16"):            # of one rank, for all; by NCCL perhaps not
        if not CUPY:
            x = np.array([1.0, np.nan if RANK == SIZE - 1 else 2.0, -np.inf], dtype)
            for f in (P.pmax, P.pmin):
                check("an extreme of NaN", f(x), np.array([1.0, np.nan, -np.inf]))
    check("pmean", P.pmean({"a": X[RANK]})["a"], gg.mean(X, axis=0))
    check("all_gather of numbers", P.all_gather(float(RANK)), np.arange(SIZE, dtype=float))
    for dtype in DTYPES:
        each = np.rint(host(X) * 3).astype(dtype)   # of which sums are exact in any order
        check_moves(each, array(each[RANK]), dtype)
        if dtype != "bool":
            check_sums(each, array(each[RANK]), dtype)
    by_nccl = CUPY and SIZE > 1 and "host" not in sys.argv[1:]
    assert WORLD.transport.startswith("NCCL") == by_nccl, WORLD.transport


DTYPES = ("float16", "float32", "complex64", "complex128", "int8", "int16", "int32", "uint16",
          "uint64", "bool")  # fmt: skip


def check_moves(each: np.ndarray, x: Any, dtype: str) -> None:
    """What comes from other ranks has the same bits, along each axis; also where there is none."""
    for axis in (0, 1):
        found = P.all_gather(x, axis=axis)
        assert found.dtype == x.dtype
        check(f"all_gather of {dtype} along {axis}", found, np.concatenate(list(each), axis=axis))
    last = SIZE - 1
    check(f"broadcast of {dtype}", P.broadcast(x, root=last), each[last])
    check(f"permute of {dtype}", P.permute(x, RING), each[(RANK - 1) % SIZE])
    check(f"all_gather of no {dtype}", P.all_gather(x[:0]), each[0][:0])
    if dtype not in ("complex64", "complex128"):
        check(f"pmax of {dtype}", P.pmax(x), each.max(axis=0))


def check_sums(each: np.ndarray, x: Any, dtype: str) -> None:
    wide = "float32" if dtype == "float16" else dtype
    total = each.astype(wide).sum(axis=0, dtype=wide).astype(dtype)
    check(f"psum of {dtype}", P.psum(x), total)
    assert P.psum(x).dtype == x.dtype
    part = slice(2 * RANK, 2 * RANK + 2)
    check(f"reduce_scatter of {dtype}", P.reduce_scatter(x), total[part])
    check(f"reduce of {dtype}", P.reduce(x), total if RANK == 0 else 0 * total)


if __name__ == "__main__":
    main()
