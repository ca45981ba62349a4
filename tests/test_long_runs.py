"""Long runs take no more memory than short ones.

GPUGRAD_LONG_RUNS=1 takes 100,000 eager steps, 10,000 shapes and 40,000 calls of eight threads; else
it is a fiftieth of that, with a limit for plans that is lower as well. Each prints what it found.
"""

import gc
import os
import threading
from pathlib import Path

import numpy as np
import pytest
from resident import resident
from test_memory import in_own_process

import gpugrad as gg
from gpugrad.sweep import planned
from gpugrad.transforms.jit import kept

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the system does not say what is resident"
)

LONG = "GPUGRAD_LONG_RUNS" in os.environ
SHARE = 1 if LONG else 50
GROWTH = 3                                          # megabytes that a run may grow by
LIMIT = kept.CAPACITY if LONG else 2**21


def check_eager_steps(steps, leak=False):
    """Forward, backward and Adam of a small network, with batches of changing size."""
    rng = np.random.default_rng(0)
    data, labels = rng.normal(size=(64, 8)), rng.integers(4, size=64)
    model = gg.nn.MLP([8, 16, 4], rng=0)
    optimiser = gg.optim.adam(1e-3)
    state, held, losses = optimiser.init(model), [], []

    def loss(model, x, y):
        return gg.mean(gg.nn.softmax_cross_entropy(model(x), y))

    def train(count):
        nonlocal model, state
        for i in range(count):
            n = 32 + i % 5
            value, slopes = gg.value_and_grad(loss)(model, data[:n], labels[:n])
            updates, state = optimiser.update(slopes, state, model)
            model = gg.optim.apply_updates(model, updates)
            losses[:] = [*losses[:1], float(value)]
            if leak:
                held.append(np.ones(2000))

    train(300)
    gc.collect()
    before = resident()
    train(steps)
    grown = resident() - before
    print(f"{steps:,} eager steps: {grown:+.1f} MB, loss {losses[0]:.3f} -> {losses[1]:.3f}")
    assert losses[1] < losses[0]
    assert grown < GROWTH


def check_shapes(count, limit, leak=False):
    """A function that is given ever new shapes: memory grows to the limit, and no further."""
    kept.CAPACITY = 10**12 if leak else limit
    weights = np.ones((4, 4))
    step = gg.jit(lambda x: gg.sum(gg.tanh(x @ weights) * x), engine="numpy")

    def call(sizes):
        for n in sizes:
            x = np.full((n, 4), 0.1)
            for _ in range(3):
                y = step(x)
            assert abs(y - n * 4 * 0.1 * np.tanh(0.4)) < 1e-9 * n

    begin = resident()
    call(range(1, count // 2))
    half, plans = resident(), len(step._cache.kept.entries)
    call(range(count // 2, count + 1))
    end = resident()
    found = step._cache.kept
    print(
        f"{count:,} shapes: {begin:.0f} -> {half:.0f} -> {end:.0f} MB, {len(found.entries):,} "
        f"plans kept in {(found.plans + found.memory) / 2**20:.1f} of {limit / 2**20:.0f} MiB"
    )
    assert plans < count // 2                       # it came to the limit before
    assert found.plans + found.memory <= limit
    assert end - half < GROWTH + 0.05 * limit / 2**20
    assert end - begin < GROWTH + 1.5 * limit / 2**20           # which the heap has gaps between


def check_threads(calls, limit):
    """Eight threads call one function with changing shapes, and gradients with others."""
    kept.CAPACITY = planned.CAPACITY = limit // 4
    weights = np.ones((8, 8))
    step = gg.jit(lambda x: gg.sum(gg.tanh(x @ weights) * x, axis=0), engine="numpy")
    slope = gg.grad(lambda x: gg.sum(gg.sin(x) * x))
    wrong = []

    def work(seed, count):
        rng = np.random.default_rng(seed)
        for n in rng.integers(1, 200, size=count):
            x = np.full((n, 8), 0.1 * (1 + seed))
            try:
                y = np.tanh(x @ weights) * x
                np.testing.assert_allclose(step(x), y.sum(axis=0), rtol=1e-9)
                np.testing.assert_allclose(slope(x), np.sin(x) + x * np.cos(x), rtol=1e-9)
            except BaseException as error:
                wrong.append(error)
                raise

    def together(count):
        threads = [threading.Thread(target=work, args=(i, count)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(900)
        assert not any(thread.is_alive() for thread in threads)
        assert not wrong, wrong

    together(40)
    gc.collect()
    before = resident()
    together(calls // 8)
    grown = resident() - before
    print(f"{calls:,} calls of eight threads: {grown:+.1f} MB")
    assert grown < GROWTH + limit / 2**20


@pytest.mark.parametrize(
    ("check", "args"),
    [
        (check_eager_steps, (100_000 // SHARE,)),
        (check_shapes, (10_000 // SHARE, LIMIT)),
        (check_threads, (40_000 // SHARE, LIMIT)),
    ],
)
def test_memory_does_not_grow(check, args):
    in_own_process(check, *args)


@pytest.mark.parametrize(
    ("check", "args"), [(check_eager_steps, (300, True)), (check_shapes, (400, 2**21, True))]
)
def test_the_checks_notice_what_is_held(check, args):
    with pytest.raises(AssertionError):
        in_own_process(check, *args)
