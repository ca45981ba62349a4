"""Sums over any axes are fused with what they sum: on the native engine one kernel makes both."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from on_engines import agree, compiled, run

import gpugrad as gg

pytest.importorskip("llvmlite", reason="the engine native is not installed: 'gpugrad[jit]'")

SHAPES = [(3, 4, 5), (2, 3, 4, 5), (1, 5, 6), (5, 1, 6), (9, 70, 2), (3, 2, 900)]
AXES = [(shape, axes) for shape in SHAPES for n in range(1, len(shape))
        for axes in combinations(range(len(shape)), n)]  # fmt: skip


def drawn(*shape: int, dtype: str = "float64") -> np.ndarray:
    return (np.random.default_rng(sum(shape)).normal(size=shape) * 9).astype(dtype)


def fused_steps(step: Any, *args: Any) -> list[list[str]]:
    """The names of what each fused step consists of, and those of the others."""
    plan = step._cache.compiled(args, {}).program.plan
    return [[inner.op for inner in s.body] or [s.op] for s in plan.steps]


@pytest.mark.parametrize("dtype", ["float64", "int32", "bool"])
@pytest.mark.parametrize(("shape", "axes"), AXES)
def test_sums_over_any_axes(shape: tuple[int, ...], axes: tuple[int, ...], dtype: str) -> None:
    x, bias = drawn(*shape, dtype=dtype), drawn(*shape[1:])

    def f(x: Any, bias: Any) -> Any:
        y = gg.where(x > 0, bias, bias * 2)
        return y, gg.sum(y, axis=axes), gg.sum(gg.where(x, x, x), axis=axes, keepdims=True)

    agree(f, x, bias, rtol=1e-12)


def test_a_sum_over_a_middle_axis_is_no_step_of_its_own() -> None:
    x, y = drawn(7, 3), drawn(50, 3)

    def f(x: Any, y: Any) -> Any:
        d = x[:, None, :] - y[None, :, :]
        return gg.sum(d / (1 + gg.sum(d * d, axis=-1, keepdims=True)), axis=1)

    steps = fused_steps(compiled(f, x, y), x, y)
    assert [names[-1] for names in steps if names != ["slice"]] == ["sum"]
    agree(f, x, y, rtol=1e-12)


def test_a_sum_beside_nothing_reads_what_lies_in_any_way() -> None:
    x = drawn(7, 3, 50)
    step = compiled(lambda x: gg.sum(x, axis=1), x)
    assert fused_steps(step, x) == [["sum"]]
    assert not any(s.op == "fused" for s in step._cache.compiled((x,), {}).program.plan.steps)
    turned = np.moveaxis(drawn(7, 50, 3), 1, 2)
    np.testing.assert_allclose(step(turned), turned.sum(axis=1), rtol=1e-12)


@pytest.mark.parametrize("axes", [(1,), (0,), (0, 2), (1, 2), (0, 1), (2,)])
def test_parts_of_large_ones_do_not_depend_on_the_number_of_threads(
    axes: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part writes sums of its own, or some of the terms of all sums."""
    x = drawn(40, 60, 90, dtype="float32")

    def f(x: Any) -> Any:
        y = gg.sin(x)
        return y, gg.sum(y, axis=axes), gg.sum(y * y, axis=axes)

    step = compiled(f, x)
    plan = step._cache.compiled((x,), {}).program.plan
    assert any("parts" in dict(s.settings) for s in plan.steps)
    results = []
    for count in ("1", "2", "3"):
        monkeypatch.setenv("GPUGRAD_NUM_THREADS", count)
        results.append([np.array(a) for a in step(x)])
    for other in results[1:]:
        for one, two in zip(results[0], other, strict=True):
            assert np.array_equal(one, two)
    for one, wanted in zip(results[0], run(f, x, engine="numpy"), strict=True):
        np.testing.assert_allclose(one, wanted, rtol=1e-4, atol=1e-3)
