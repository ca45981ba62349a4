"""Rows of each rank: all batches joined beside one process, and training on uneven ones.

Run under `mpiexec -n N python sharding.py FOLDER`; prints a hash of the batches, which are the same
for any number of ranks.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import numpy as np

import gpugrad as gg
from gpugrad.data import Dataset, epoch_order, read_files

P = gg.parallel
WORLD = P.world()
ROWS, SIZE = 23, 5                                  # the last batch has 3: a rank of 4 has none
X, Y = np.random.default_rng(0).normal(size=(ROWS, 3)), np.arange(ROWS)


class Watched:
    """An array that notes which of its rows were read."""

    shape = X.shape

    def __init__(self) -> None:
        self.read: list[int] = []

    def __getitem__(self, numbers: np.ndarray) -> np.ndarray:
        self.read += numbers.tolist()
        return X[numbers]


def joined(x: np.ndarray) -> np.ndarray:
    """All ranks' rows, in the order of ranks."""
    most = WORLD.most(len(x))
    padded = np.zeros((most, *x.shape[1:]), x.dtype)
    padded[: len(x)] = x
    counts = P.all_gather(np.array([len(x)]))
    parts = np.split(P.all_gather(padded), WORLD.size)
    return np.concatenate([part[:n] for part, n in zip(parts, counts, strict=True)])


def batches_are_those_of_one_process(folder: Path) -> str:
    mapped = np.load(folder / "x.npy", mmap_mode="r")
    in_file = read_files(folder, from_file=True).x
    watched, seen = Watched(), hashlib.sha256()
    kinds: dict[str, Any] = {
        "tuple": (X, Y), "tree": {"x": X, "more": [Y]}, "memmap": (mapped, Y),
        "data set": Dataset("", X, Y), "in a file": Dataset("", in_file, Y),
        "watched": (watched, Y),
    }  # fmt: skip
    for kind, data in kinds.items():
        batches = P.shard(data, SIZE, seed=7)
        assert len(batches) == 5
        assert [batches.rows(i) for i in range(5)] == [5, 5, 5, 5, 3]
        for epoch in (2, 0):
            order = epoch_order(ROWS, 7, epoch)
            found = list(batches.epoch(epoch))
            assert len(found) == len(batches)
            for i, batch in enumerate(found):
                x, y = gg.tree.leaves(batch)[::-1] if kind == "tree" else batch
                x, y = (y, x) if x.ndim == 1 else (x, y)
                assert type(x) is np.ndarray
                assert len(x) == len(y)
                numbers = order[i * SIZE : (i + 1) * SIZE]
                np.testing.assert_array_equal(joined(x), X[numbers], err_msg=kind)
                np.testing.assert_array_equal(joined(y), numbers)
                seen.update(joined(x).tobytes())
        (x, _), *_ = batches.epoch(epoch, start=3) if kind != "tree" else [(X[:0], 0)]
        np.testing.assert_array_equal(x, found[3][0] if kind != "tree" else X[:0])
    # A rank has read its own rows, and no others.
    own = [n for batch in P.shard(Y, SIZE, seed=7).epoch(2) for n in batch.tolist()]
    assert watched.read[: len(own)] == own
    assert len(P.shard(X, SIZE, drop_last=True)) == 4
    assert len(P.shard(X, ROWS, drop_last=True)) == 1
    np.testing.assert_array_equal(
        np.concatenate([joined(y) for y in P.shard(Y, SIZE, shuffle=False).epoch(3)]), Y
    )
    return seen.hexdigest()


def uneven_batches_are_learned_from_as_by_one_process() -> None:
    """Means of ranks that have more rows, fewer, or none, weighed by their rows."""
    w0 = {"used": np.array([0.3, -0.2, 0.5]), "unused": np.ones((2, 2))}

    def loss(w: Any, x: Any, y: Any) -> Any:
        return gg.mean((x @ w["used"] - y) ** 2)

    def trained(batches: Any, gradient: Any) -> Any:
        opt = gg.optim.adam(0.1)
        w, state = w0, opt.init(w0)
        for x, y in batches:
            updates, state = opt.update(gradient(w, x, y), state, w)
            w = gg.optim.apply_updates(w, updates)
        return w

    order = epoch_order(ROWS, 0, 0)
    whole = [(X[order[a : a + SIZE]], Y[order[a : a + SIZE]]) for a in range(0, ROWS, SIZE)]
    wanted = trained(whole, lambda w, x, y: gg.grad(loss)(w, x, y))

    def weighed(w: Any, x: Any, y: Any) -> Any:
        with np.errstate(invalid="ignore"):         # the mean of no rows is NaN
            return P.mean_gradients(gg.grad(loss)(w, x, y), rows=len(x))

    for way in ("eager", "numpy", "native"):
        f = weighed if way == "eager" else gg.jit(weighed, engine=way)
        found = trained(P.shard((X, Y), SIZE).epoch(0), f)
        np.testing.assert_allclose(found["used"], wanted["used"], rtol=1e-12)
        np.testing.assert_array_equal(found["unused"], w0["unused"])
        for x in gg.tree.leaves(found):
            everywhere = P.all_gather(x[None])
            assert all(y.tobytes() == everywhere[0].tobytes() for y in everywhere)


def unused_parameters_have_zeros_on_all_ranks() -> None:
    w = {"a": np.ones(3), "b": np.ones((2, 2), "float32"), "c": np.ones(4)}
    zeros = np.zeros((2, 2), "float32")

    def loss(w: Any) -> Any:
        w = P.pvary(w)
        return P.psum(gg.sum(w["a"] * X[WORLD.rank]))

    for way in ("eager", "numpy", "native"):
        f = gg.grad(loss) if way == "eager" else gg.jit(gg.grad(loss), engine=way)
        grads = f(w)
        np.testing.assert_allclose(grads["a"], X[: WORLD.size].sum(axis=0))
        np.testing.assert_array_equal(grads["b"], zeros, strict=True)

    def own(w: Any) -> Any:                         # the last rank alone uses one of them
        mine = gg.sum(w["a"])
        return mine + gg.sum(w["c"]) if WORLD.rank == WORLD.size - 1 else mine

    means = P.mean_gradients(gg.grad(own)(w))
    np.testing.assert_array_equal(means["b"], zeros, strict=True)
    np.testing.assert_allclose(means["c"], np.full(4, 1 / WORLD.size))


def halves_compute_for_themselves() -> None:
    """A world that is split: the collectives of each half know its own ranks alone."""
    ranks = list(range(WORLD.rank % 2, WORLD.size, 2))
    half = WORLD.split(WORLD.rank % 2)
    assert (half.size, half.rank) == (len(ranks), ranks.index(WORLD.rank))
    whole, x = X[ranks], X[WORLD.rank]
    weights = np.random.default_rng(1).normal(size=(WORLD.size, 3 * len(ranks)))

    def f(x: Any) -> Any:
        joined = P.all_gather(x, half) * weights[WORLD.rank]
        return gg.sum(gg.sin(P.psum(x, half))) + P.psum(gg.sum(joined), half)

    def of_all(x: Any) -> Any:
        joined = gg.reshape(x, (-1,)) * weights[ranks]
        return gg.sum(gg.sin(gg.sum(x, axis=0))) + gg.sum(joined)

    wanted = gg.grad(of_all)(whole)[half.rank]
    for way in ("eager", "numpy", "native"):
        g = gg.grad(f) if way == "eager" else gg.jit(gg.grad(f), engine=way)
        np.testing.assert_allclose(g(x), wanted, rtol=1e-12)
    for _ in range(1 + WORLD.rank % 2):             # one half more often than the other
        np.testing.assert_allclose(P.psum(x, half), whole.sum(axis=0))
    np.testing.assert_allclose(P.psum(x), X[: WORLD.size].sum(axis=0))
    mine = [len(y) for _, y in P.shard((X, Y), SIZE, world=half).epoch(0)]
    assert P.psum(np.array(mine), half).tolist() == [5, 5, 5, 5, 3]


def main() -> None:
    found = batches_are_those_of_one_process(Path(sys.argv[1]))
    uneven_batches_are_learned_from_as_by_one_process()
    unused_parameters_have_zeros_on_all_ranks()
    halves_compute_for_themselves()
    if WORLD.rank == 0:
        print("batches", found)


if __name__ == "__main__":
    main()
