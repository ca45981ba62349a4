"""What a plan with collectives launches on each rank, and what it computes: `mpiexec -n 2 ...`."""

from __future__ import annotations

import sys
from functools import partial
from itertools import pairwise
from typing import Any

import cupy as cp
import numpy as np
from cuda_on_cpu import observe
from cuda_on_cpu.branches import captured_graphs
from thresholds import lowered

import gpugrad as gg

P = gg.parallel
WORLD = P.world()
SIZE, RANK = WORLD.size, WORLD.rank
ROWS, STEPS = 24, 6
BY_HOST = "host" in sys.argv[1:]

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(ROWS, 7)), rng.integers(0, 3, ROWS)
FIRST = {"a": rng.normal(size=(7, 5)), "b": rng.normal(size=5), "c": rng.normal(size=(5, 3))}


def loss(params: Any, x: Any, y: Any) -> Any:
    hidden = gg.relu(gg.linear(x, params["a"], params["b"]))
    return gg.mean(gg.softmax_cross_entropy(hidden @ params["c"], y))


def step(opt: Any, params: Any, state: Any, x: Any, y: Any) -> Any:
    """One step of training on each rank's rows: the mean loss, and new parameters."""
    value, grads = gg.value_and_grad(loss)(params, x, y)
    updates, state = opt.update(grads, state, params)
    return gg.optim.apply_updates(params, updates), state, P.pmean(value)


def on_device(x: Any) -> Any:
    return gg.tree.map(cp.asarray, x)


def alone() -> tuple[Any, list[float]]:
    """What one process makes of all rows, on the host."""
    opt = gg.optim.adam(0.05)
    params, state, losses = FIRST, opt.init(FIRST), []
    for _ in range(STEPS):
        value, grads = gg.value_and_grad(loss)(params, X, Y)
        updates, state = opt.update(grads, state, params)
        params = gg.optim.apply_updates(params, updates)
        losses.append(float(value))
    return params, losses


def trained(keeps: bool = False) -> None:
    """Training on all ranks comes to what one process does, in one graph for each step.

    With `keeps`, rank 0 alone holds what it got, as for a checkpoint, and goes on with a copy: it
    needs other memory, for which it captures another graph.
    """
    mine = P.rows_of(ROWS)
    opt = P.data_parallel(gg.optim.adam(0.05))
    compiled = gg.jit(partial(step, opt), donate_argnums=(0, 1))
    params = on_device(FIRST)
    state = opt.init(params)
    x, y = cp.asarray(X[mine]), cp.asarray(Y[mine])
    losses, kept = [], []
    for i in range(STEPS):
        if observe.ON_CPU:
            observe.begin()
        params, state, value = compiled(params, state, x, y)
        if observe.ON_CPU and i == STEPS - 1 and not keeps:
            check_launches()
        losses.append(float(value))
        if keeps and observe.ON_CPU and i == STEPS - 1 and not BY_HOST:
            assert observe.counts()["begin capture"] == (RANK == 0)
        if keeps and RANK == 0 and i == STEPS - 2:
            kept.append(params)
            params = gg.tree.map(cp.copy, params)
    wanted, wanted_losses = alone()
    for name in wanted:
        np.testing.assert_allclose(params[name].get(), wanted[name], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(losses, wanted_losses, rtol=1e-9)
    text = compiled.explain(params, state, x, y)
    if BY_HOST:
        assert "carried by MPI, through pinned host memory" in text, text
    elif SIZE > 1:
        assert text.startswith("engine     cupy: 1 graph of"), text
        assert "2 collectives by NCCL" in text, text
        assert text.count("carried by NCCL") == 2, text


def check_launches() -> None:
    """A table of addresses, and a graph in which the collectives are: nothing is copied to the host
    or waited for.
    """
    counts, names = observe.counts(), observe.launches()
    if BY_HOST:
        assert counts["to host"] == 2, counts       # gradients and loss, and nothing else
        return
    assert counts["graph launch"] == 1, counts
    assert not any(counts[kind] for kind in ("to host", "to device", "synchronize")), counts
    if SIZE > 1:
        assert counts["launch"] == 1, counts
        inside = names[names.index("graph") + 1 :]
        assert inside.count("ncclAllReduce") == 2, names


def in_buckets(names: Any = ("parallel.buckets.LARGE", "backends.collectives.LEAST")) -> None:
    """Gradients in several buckets, which travel beside the kernels of the layers before: still one
    graph for each step, and what one process computes.
    """
    rng = np.random.default_rng(1)
    sizes = [7, 6, 5, 4, 3]
    first = [rng.normal(size=pair) / 2 for pair in pairwise(sizes)]

    def deep(params: Any, x: Any, y: Any) -> Any:
        for w in params:
            x = gg.tanh(x @ w)
        return gg.mean(gg.softmax_cross_entropy(x, y))

    def update(opt: Any, params: Any, state: Any, x: Any, y: Any) -> Any:
        value, grads = gg.value_and_grad(deep)(params, x, y)
        updates, state = opt.update(grads, state, params)
        return gg.optim.apply_updates(params, updates), state, P.pmean(value)

    mine, plain = P.rows_of(ROWS), gg.optim.adam(0.05)
    opt = P.data_parallel(plain)
    with lowered(names), captured_graphs() as graphs:
        compiled = gg.jit(partial(update, opt), donate_argnums=(0, 1))
        params, wanted = on_device(first), first
        state, other = opt.init(params), plain.init(first)
        x, y = cp.asarray(X[mine]), cp.asarray(Y[mine])
        for i in range(STEPS):
            if observe.ON_CPU and i == STEPS - 1:
                observe.begin()
            params, state, value = compiled(params, state, x, y)
            if observe.ON_CPU and i == STEPS - 1:
                assert observe.counts()["graph launch"] == 1, observe.counts()
            loss, grads = gg.value_and_grad(deep)(wanted, X, Y)
            updates, other = plain.update(grads, other, wanted)
            wanted = gg.optim.apply_updates(wanted, updates)
            np.testing.assert_allclose(float(value), float(loss), rtol=1e-9)
            for a, b in zip(params, wanted, strict=True):
                np.testing.assert_allclose(a.get(), b, rtol=1e-6, atol=1e-9)
        text = compiled.explain(params, state, x, y)
    assert text.count("carried by NCCL") == len(sizes), text
    if observe.ON_CPU:
        (graph,) = graphs
        sums = graph.named("ncclAllReduce")
        assert len(sums) == len(sizes), graph.names
        for before, node in pairwise(sums):         # in one order on all ranks
            assert before in graph.before[node], graph.names
        found = [graph.beside(node) for node in sums]
        # Those of the last two layers travel while the products of the two before are computed.
        assert found[0], graph.names
        assert found[1], graph.names
        assert not set(found[0] + found[1]) & {"ncclAllReduce"}


def ordered() -> None:
    """Collectives that do not wait for one another keep their order on all ranks, also where one
    comes later in the plan of a rank, and each sum is its own.
    """
    def f(x: Any) -> Any:
        z = gg.sum(gg.exp(gg.sin(x @ x.T) @ x), axis=0) if RANK else gg.sum(x, axis=0)
        return P.psum(z[:2]), P.psum(x), P.pmax(gg.sum(x)), P.all_gather(x[0], axis=0)

    x = cp.asarray(X[:8] + RANK)
    compiled = gg.jit(f)
    for _ in range(4):
        found = compiled(x)
        for a, b in zip(found, f(x), strict=True):
            np.testing.assert_allclose(a.get(), b.get(), rtol=1e-12)


def looped() -> None:
    """A collective in the body of a loop."""
    def f(x: Any) -> Any:
        return gg.scan(lambda c, row: (gg.sin(c + P.psum(row)), c), x[0], x)[0]

    x = cp.asarray(X + RANK)
    total = sum(X + r for r in range(SIZE))
    wanted = x[0].get()
    for row in total:
        wanted = np.sin(wanted + row)
    compiled = gg.jit(f)
    for _ in range(3):
        np.testing.assert_allclose(compiled(x).get(), wanted, rtol=1e-9)


def streams() -> None:
    """Under a stream of the user's, and eager calls between those of a plan."""
    x = cp.asarray(X + RANK)
    total = sum(X + r for r in range(SIZE))
    compiled = gg.jit(lambda x: gg.sum(P.psum(gg.sin(x) * 0 + x), axis=0))
    for _ in range(3):
        for stream in (cp.cuda.Stream(non_blocking=True), cp.cuda.Stream(), cp.cuda.Stream.null):
            stream.wait_event(cp.cuda.get_current_stream().record())
            with stream:
                a, b = compiled(x), P.psum(x)
                np.testing.assert_allclose(a.get(), total.sum(axis=0), rtol=1e-12)
                np.testing.assert_allclose(b.get(), total, rtol=1e-12)


def split() -> None:
    """Worlds of some of the ranks have communicators of their own."""
    part = WORLD.split(RANK % 2)
    found = P.psum(cp.full(3, float(RANK)), part)
    np.testing.assert_array_equal(found.get(), np.full(3, sum(range(RANK % 2, SIZE, 2))))
    assert part.transport.startswith("copies") == (part.size == 1), part.transport


if __name__ == "__main__":
    WORLD.use_gpu()
    trained()
    trained(keeps=True)
    if SIZE > 1 and not BY_HOST:
        in_buckets()
        with lowered(("backends.collectives.LEAST",)):
            trained()
            ordered()
            streams()
        with lowered():
            ordered()
    ordered()
    looped()
    streams()
    split()
    assert WORLD.transport.startswith("NCCL") == (SIZE > 1 and not BY_HOST), WORLD.transport
