"""Large elementwise runs on the NumPy engine: tile by tile, over threads."""

import numpy as np
import pytest

import gpugrad as gg

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
        return gg.abs(y), gg.sin(y) + gg.scale(x, 1 / x), x == x, gg.sum(gg.tanh(x[5:]))

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
    (entry,) = step._cache._entries.values()
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
