"""Special functions of CuPy's arrays: SciPy's values, also where CuPy's own functions have others,
and the gradients on NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import cupy as cp
import numpy as np
import pytest
import scipy.special

import gpugrad as gg
from gpugrad.errors import UnsupportedOperand

INF, NAN = np.inf, np.nan

POINTS = (-INF, -800.0, -30.0, -7.3, -1.5, -0.3, -1e-10, 0.0, 1e-10, 0.3, 1.0, 2.5, 9.5, 49.0, 51.0,
          79.0, 300.0, 720.0, 1e5, 1e100, INF, NAN)  # fmt: skip
PARAMETERS = (0.0, 0.1, 1.0, 2.5, 50.0, 1e3, 1e5, INF, NAN)
PARTS = (-0.1, 0.0, 1e-300, 1e-5, 0.1, 0.5, 0.9, 1 - 1e-10, 1.0, 1.1, NAN)
ORDERS = (-1.5, 0.0, 0.3, 1.0, 2.7, 20.0, NAN)

OPERANDS = {
    **{name: (POINTS,) for name in "i0e i1e expi exp1 erfcx gamma".split()},
    "gammainc": (PARAMETERS, POINTS),
    "gammaincc": (PARAMETERS, POINTS),
    "gammaincinv": (PARAMETERS, PARTS),
    "xlog1py": (POINTS, POINTS),
    "betainc": (PARAMETERS, PARAMETERS, PARTS),
    "zeta": ((1.5, 2.0, 10.0), POINTS),
    "expn": ((0.0, 1.0, 5.0), POINTS),
    **{name: (ORDERS, POINTS) for name in ("iv", "jv", "kv", "yv")},
}


def table(name: str) -> list[np.ndarray]:
    return [np.array(x) for x in zip(*product(*OPERANDS[name]), strict=True)]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", OPERANDS)
def test_values_are_those_of_scipy(name: str, dtype: str) -> None:
    with np.errstate(over="ignore"):
        operands = [x.astype(dtype) for x in table(name)]
    f = getattr(gg.special, name)
    found = f(*map(cp.asarray, operands))
    assert found.dtype == dtype
    with np.errstate(all="ignore"):
        wanted = getattr(scipy.special, name)(*operands)
    rtol, atol = (1e-11, 0.0) if dtype == "float64" else (1e-4, 1e-30)
    np.testing.assert_allclose(cp.asnumpy(found), wanted, rtol=rtol, atol=atol)


@pytest.mark.parametrize("name", OPERANDS)
def test_gradients_are_those_on_numpy(name: str) -> None:
    f = getattr(gg.special, name)
    *others, x = table(name)

    def gradient(x: Any, *others: Any) -> Any:
        return gg.grad(lambda x: gg.sum(f(*others, x)))(x)

    keep = np.isfinite(x) & (np.abs(x) > 1e-5) & np.all([np.isfinite(y) for y in [x, *others]], 0)
    x, others = x[keep], [y[keep] for y in others]
    found = gradient(*map(cp.asarray, (x, *others)))
    np.testing.assert_allclose(cp.asnumpy(found), gradient(x, *others), rtol=1e-8, atol=1e-290)


def test_a_beta_distribution_with_a_sharp_end() -> None:
    """Where the functions of CuPy itself err in the fifth digit, and in the first."""
    a, b, x = 2811.6270281103207, 0.012159511287495574, 0.9999950755153485
    operands = [cp.asarray([v]) for v in (a, b, x)]
    np.testing.assert_allclose(
        cp.asnumpy(gg.special.betainc(*operands)), scipy.special.betainc(a, b, x), rtol=1e-11
    )
    rng = np.random.default_rng(0)
    a, b = 10 ** rng.uniform(-1, 4, (2, 200))
    ends = np.logspace(-20, -1, 25), 1 - np.logspace(-10, -1, 25)
    p = np.concatenate([rng.uniform(0, 1, 150), *ends])
    found = cp.asnumpy(gg.special.betaincinv(*map(cp.asarray, (a, b, p))))
    below, above = (scipy.special.betainc(a, b, np.nextafter(found, end)) for end in (0, 1))
    assert np.all(below <= p * (1 + 1e-9))          # numbers near 1 are as far apart as that
    assert np.all(above >= p * (1 - 1e-9))


@pytest.mark.parametrize("k", [0, -1])
def test_lambertw(k: int) -> None:
    near = -1 / np.e + np.logspace(-15, -2, 20)
    x = np.concatenate([near, -np.logspace(-300, -1, 20), [0, 1, 1e9]])
    found = gg.special.lambertw(cp.asarray(x), k)
    np.testing.assert_allclose(cp.asnumpy(found), gg.special.lambertw(x, k), rtol=1e-14)
    z = x[:10] + 1j
    found = gg.special.lambertw(cp.asarray(z), 3)
    np.testing.assert_allclose(cp.asnumpy(found), scipy.special.lambertw(z, 3))


@pytest.mark.parametrize("name", ["exp1", "expi", "erfc", "gammainc", "betainc", "y0", "jv"])
def test_complex_numbers_are_refused_where_cupy_has_none(name: str) -> None:
    z = cp.asarray([0.5 + 0.5j])
    n = {"gammainc": 2, "jv": 2, "betainc": 3}.get(name, 1)
    with pytest.raises(UnsupportedOperand, match="real numbers"):
        getattr(gg.special, name)(*[z] * n)


PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "elementwise": lambda x: gg.special.i0e(x) * 2 + gg.special.gamma(x) - gg.special.expi(x),
    "of two": lambda x: gg.special.gammainc(x, 2 * x) + gg.special.betainc(x, 2.0, x / 10),
    "on the host": lambda x: gg.special.jv(1.5, x) * gg.special.kv(0.5, x + 1),
    "lambertw": lambda x: gg.special.lambertw(x) + gg.special.lambertw(-x / 100, -1),
    "inverse": lambda x: gg.special.gammaincinv(x, x / 10) + gg.special.betaincinv(x, 2.0, x / 10),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_on_the_engine(name: str) -> None:
    """Jitted, with gradients in every operand."""
    f = PROGRAMS[name]
    x = np.linspace(0.5, 8.0, 12)
    run = gg.jit(gg.value_and_grad(lambda x: gg.sum(f(x))))
    wanted = gg.value_and_grad(lambda x: gg.sum(f(x)))(x)
    for _ in range(3):
        value, gradient = run(cp.asarray(x))
        np.testing.assert_allclose(cp.asnumpy(value), wanted[0], rtol=1e-11)
        np.testing.assert_allclose(cp.asnumpy(gradient), wanted[1], rtol=1e-9)
