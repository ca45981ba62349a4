"""Partial products that leave the range: `prod`, `cumulative_prod` and their gradients."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from agreement import every_way
from mpmath import mpf

import gpugrad as gg
from gpugrad.testing import check_grads

rng = np.random.default_rng(0)

EXTREME = {
    "large first": [1e200, 1e200, 1e-300, 1e-300],
    "small first": [1e-200, 1e-200, 1e-200, 1e200, 1e200, 1e200],
    "in turns": [1e300, 1e-300, 1e300, 1e-300, 1e300],
    "beside one zero": [1e200, 0.0, 1e200, 1e-300],
    "beside two zeros": [1e200, 0.0, 1e200, 0.0, 1e200],
    "beside the smallest": [5e-324, 1e300, 1e24],
    "negative": [-1e200, 1e200, -1e-150, -1e-250],
    "long": np.exp(10 * rng.normal(size=700)).tolist(),
    "long with a zero": [*np.exp(30 * rng.normal(size=300)), 0.0, 2.0],
}


def exact(x: list[float]) -> tuple[Any, list[Any], list[Any], list[Any]]:
    """The product and its slopes; the products so far, and the slopes of their sum."""
    numbers = [mpf(float(v)) for v in x]
    before, behind = [mpf(1)], [mpf(1)]
    sums = [mpf(0)]
    for v in numbers:
        before.append(before[-1] * v)
    for v in reversed(numbers):
        behind.append(behind[-1] * v)
        sums.append((sums[-1] + 1) * v)
    n = len(x)
    slopes = [before[i] * behind[n - 1 - i] for i in range(n)]
    running = [before[i] * (1 + sums[n - 1 - i]) for i in range(n)]
    return before[-1], slopes, before[1:], running


def check(found: Any, wanted: Any, n: int, how: str, dtype: str = "float64") -> None:
    info = np.finfo(dtype)
    for y, want in zip(np.ravel(found), np.atleast_1d(np.asarray(wanted, object)), strict=True):
        if abs(want) > mpf(float(info.max)):
            assert np.isinf(y), f"{how}: {y} for {mpmath.nstr(want)}"
        else:
            room = 4 * n * float(info.eps) * abs(want) + mpf(float(info.smallest_subnormal))
            assert abs(mpf(float(y)) - want) <= room, f"{how}: {y} for {mpmath.nstr(want, 20)}"


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
@pytest.mark.parametrize("name", EXTREME)
def test_partial_products_may_leave_the_range(name: str) -> None:
    """Values, slopes and products so far are those of exact numbers, rounded into the range."""

    def f(x: Any) -> Any:
        return (
            gg.prod(x), gg.grad(gg.prod)(x), gg.cumulative_prod(x),
            gg.grad(lambda x: gg.sum(gg.cumulative_prod(x)))(x),
        )  # fmt: skip

    x = EXTREME[name]
    with mpmath.workdps(60):
        wanted = exact(x)
        for how, found in every_way(f, np.array(x)):
            for y, want in zip(found, wanted, strict=True):
                check(y, want, len(x), how)


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_float32_and_the_axes_of_batches() -> None:
    x = np.array([[1e30, 1e30, 1e-30], [1e-30, 1e30, 1e-30], [1e13, 0, 1e-25]], "float32")
    for axis in (0, 1, None):
        found = gg.prod(x, axis=axis)
        slopes = gg.grad(lambda x, a=axis: gg.sum(gg.prod(x, axis=a)))(x)
        assert found.dtype == slopes.dtype == np.float32
        rows = [x.ravel()] if axis is None else [*(x if axis else x.T)]
        turned = slopes.ravel() if axis is None else slopes if axis else slopes.T
        with mpmath.workdps(60):
            wanted = [exact(row.tolist()) for row in rows]
            check(found, [w[0] for w in wanted], 9, "value", "float32")
            check(turned, [d for w in wanted for d in w[1]], 9, "slope", "float32")
    assert gg.prod(x, axis=1, keepdims=True).shape == (3, 1)


def test_zeros_and_higher_derivatives() -> None:
    """Where nothing leaves the range all derivatives are exact, complex ones too."""
    for x in ([2.0, 0.0, 3.0, 0.0, 5.0], [0.0, 1.0, 2.0], [0.0, 0.0, 0.0, 1.0], [1.5, -2.0]):
        for f in (gg.prod, gg.cumulative_prod):
            check_grads(f, (np.array(x),), order=3)
            check_grads(f, (np.array(x) * (1 + 2j),), order=2)
    large = np.array([1e13, 0, 0, 1e13], "float32")
    assert gg.hessian(gg.prod)(large)[1, 2] == np.float32(1e13) * np.float32(1e13)
    for kind in ("int64", "bool"):
        x = np.array([3, 0, 2], kind)
        np.testing.assert_array_equal(gg.prod(x), np.prod(x))
        np.testing.assert_array_equal(gg.cumulative_prod(x), np.cumprod(x))
