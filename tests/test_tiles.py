"""Large elementwise runs on the NumPy engine: tile by tile, over threads."""

import numpy as np
import pytest
from thresholds import lowered

import gpugrad as gg
from gpugrad.core.registry import namespace as ops
from gpugrad.engines.numpy.tiles import LARGE

N = 300_007


def run_twice(f, *args, **options):
    compiled = gg.jit(f, engine="numpy", **options)
    entry = compiled._cache.compiled(args, {})
    return entry, compiled(*args)


def tiles(entry):
    return [step for step in entry.program.plan.steps if step.op == "fused"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_values_and_gradients(dtype):
    x = np.random.default_rng(0).normal(size=N).astype(dtype)
    x[:5] = [0.0, -0.0, np.inf, np.nan, -np.inf]

    def f(x):
        y = gg.where(x > 0.5, gg.exp(-x) * x, gg.sigmoid(x) / (x * x + 1))
        return gg.abs(y), gg.sin(y) + ops.scale(x, 1 / x), x == x, gg.sum(gg.tanh(x[5:]))

    with np.errstate(all="ignore"):
        entry, found = run_twice(f, x)
        wanted = f(x)
        again = entry.call((x,), {})
    assert tiles(entry)
    tolerance = {"rtol": 1e-5 if dtype == "float32" else 1e-12}
    for mine, other, right in zip(found, again, wanted, strict=True):
        np.testing.assert_allclose(mine, right, **tolerance)
        assert np.array_equal(mine, other, equal_nan=True)
        assert mine.dtype == right.dtype


def test_results_do_not_depend_on_the_number_of_threads(monkeypatch):
    x = np.random.default_rng(0).normal(size=(N, 3)).astype(np.float32)
    entry, first = run_twice(lambda x: (gg.sum(gg.sin(x) * x), gg.cos(x) + x), x)
    assert tiles(entry)
    for count in ("1", "2", "3"):
        monkeypatch.setenv("GPUGRAD_NUM_THREADS", count)
        for one, other in zip(first, entry.call((x,), {}), strict=True):
            assert np.array_equal(one, other)


def test_donated_memory_is_written_in_place():
    step = gg.jit(lambda p, g: p - 0.1 * (g + p * 0.01), engine="numpy", donate_argnums=0)
    p = plain = np.random.default_rng(0).normal(size=N)
    g = np.random.default_rng(1).normal(size=N)
    for _ in range(5):
        plain = plain - 0.1 * (g + plain * 0.01)
        before, p = p, step(p, g)
        np.testing.assert_allclose(p, plain, rtol=1e-12)
    assert p is before
    (entry,) = step._cache.kept.entries.values()
    assert tiles(entry)
    assert "copyto(s0" not in entry.program.source


def test_an_operand_is_not_written_over_before_its_last_use():
    def f(p, q):
        return p + q, p * q + 1, (p - q) * p

    step = gg.jit(f, engine="numpy", donate_argnums=(0, 1))
    p, q = np.arange(N, dtype=float), np.ones(N)
    wanted = f(p, q)
    step.compile(p, q)
    for mine, right in zip(step(p, q), wanted, strict=True):
        np.testing.assert_array_equal(mine, right)


def norm(x):
    return gg.sqrt(gg.sum(x * x))


WHOLE = {
    "x - mean": lambda x: gg.sin(x - gg.mean(x)),
    "gradient of rms": gg.grad(lambda x: gg.sqrt(gg.mean((x - 2) ** 2))),
    "gradient of var": gg.grad(gg.var),
    "x / norm": lambda x: x / norm(x),
    "gradient of norm": gg.grad(norm),
    "clipped by norm": lambda x: gg.where(norm(x) > 1, x / norm(x), x) * 0.5,
    "standardized": lambda x: (x - gg.mean(x)) / (gg.std(x) + 1e-6),
    "twice": lambda x: gg.exp(x - gg.mean(x)) / gg.sum(gg.exp(x - gg.mean(x))),
    "softmax": gg.softmax,
    "gradient of logsumexp": gg.grad(gg.logsumexp),
    "beside (1,)": lambda x: x * np.full(1, 1.5) + x,
    "beside (1, 1)": lambda x: gg.reshape(x, (1, -1)) * np.full((1, 1), 1.5) + x,
    "beside its sum": lambda x: x * gg.sum(x * x, keepdims=True) + x,
    "of one row": lambda x: gg.sum(gg.sin(gg.reshape(x, (1, -1))) * x, axis=0),
    "of one column": lambda x: gg.sum(gg.sin(gg.reshape(x, (-1, 1))) * 2.0, axis=1),
    "backwards": lambda x: gg.sin(x[::-1]) * x,
    "integers": lambda x: gg.sum(gg.astype(x * 4, gg.int64) * (2**40 + 1)),
    "integers that wrap": lambda x: gg.sum(gg.astype(x * 4, gg.int64) * (2**62 + 1)),
    "counted": lambda x: gg.sum((x > 1) & (x < 1.25)),
}
"""Elements that wait for what is reduced of all, operands of one element, sums of integers."""


@pytest.mark.parametrize("f", WHOLE.values(), ids=WHOLE)
@pytest.mark.parametrize("size", [LARGE - 1, LARGE, N])
def test_runs_of_any_size(f, size):
    x = np.linspace(0.5, 1.5, size)
    _, found = run_twice(f, x)
    np.testing.assert_allclose(found, f(x), rtol=1e-9, atol=1e-12)


def test_what_waits_for_a_sum_runs_in_tiles_too():
    entry, _ = run_twice(WHOLE["x / norm"], np.ones(LARGE))
    assert len(tiles(entry)) == 0                   # of one call each: no run


    def f(x):
        y = gg.sin(x) * x
        return gg.exp(y - gg.mean(y)) * y

    x = np.linspace(0.5, 1.5, LARGE)
    entry, found = run_twice(f, x)
    assert len(tiles(entry)) == 2
    np.testing.assert_allclose(found, f(x), rtol=1e-12)


def test_an_operand_out_of_order_is_laid_out_once():
    x = np.random.default_rng(0).normal(size=(600, 500))
    entry, found = run_twice(lambda x: gg.sin(x.T) * gg.cos(x.T), x)
    assert tiles(entry)
    assert entry.program.source.count(".reshape(300000)") == 2      # before the threads begin
    np.testing.assert_allclose(found, np.sin(x.T) * np.cos(x.T), rtol=1e-12)


def test_sums_of_parts_do_not_lie_over_what_other_parts_read():
    """Of as many parts as there are elements."""
    x = np.array([1.5, 2.5])
    low = ["engines.numpy.tiles.LARGE", "plan.passes.parallel.WORTH", "plan.passes.fuse.LARGEST"]
    with lowered(low):
        entry, found = run_twice(lambda x: gg.sum(gg.cos(gg.sin(x) * x) * gg.exp(x) * x), x)
    assert any(step.setting("parts") == 2 for step in tiles(entry))
    np.testing.assert_allclose(found, np.sum(np.cos(np.sin(x) * x) * np.exp(x) * x), rtol=1e-14)
