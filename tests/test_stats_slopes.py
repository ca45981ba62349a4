"""Slopes of distributions in all of their parameters, against formulas of arbitrary precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import gpugrad as gg

Formula = Callable[..., Any]
HALF = mp.mpf(1) / 2


def lower_gamma(a: Any, z: Any) -> Any:
    return mp.gammainc(a, 0, z, regularized=True)


def lower_beta(a: Any, b: Any, z: Any) -> Any:
    return mp.betainc(a, b, 0, z, regularized=True)


def normal(z: Any) -> Any:
    return -z * z / 2 - mp.log(2 * mp.pi) / 2


def student(z: Any, df: Any) -> Any:
    tail = lower_beta(df / 2, HALF, df / (df + z * z)) / 2
    return tail if z < 0 else 1 - tail


# The logarithm of the density and the probability below, of the standardised point.
EXACT: dict[str, tuple[Formula, Formula | None]] = {
    "norm": (normal, mp.ncdf),
    "uniform": (lambda z: 0 * z, lambda z: z),
    "expon": (lambda z: -z, lambda z: 1 - mp.exp(-z)),
    "laplace": (
        lambda z: -abs(z) - mp.log(2),
        lambda z: mp.exp(z) / 2 if z < 0 else 1 - mp.exp(-z) / 2,
    ),
    "logistic": (lambda z: -z - 2 * mp.log(1 + mp.exp(-z)), lambda z: 1 / (1 + mp.exp(-z))),
    "cauchy": (lambda z: -mp.log(mp.pi * (1 + z * z)), lambda z: mp.atan(z) / mp.pi + HALF),
    "gumbel_r": (lambda z: -z - mp.exp(-z), lambda z: mp.exp(-mp.exp(-z))),
    "gumbel_l": (lambda z: z - mp.exp(z), lambda z: 1 - mp.exp(-mp.exp(z))),
    "halfnorm": (lambda z: normal(z) + mp.log(2), lambda z: mp.erf(z / mp.sqrt(2))),
    "halfcauchy": (
        lambda z: mp.log(2 / mp.pi / (1 + z * z)), lambda z: 2 / mp.pi * mp.atan(z)
    ),
    "rayleigh": (lambda z: mp.log(z) - z * z / 2, lambda z: 1 - mp.exp(-z * z / 2)),
    "lognorm": (
        lambda z, s: normal(mp.log(z) / s) - mp.log(s * z), lambda z, s: mp.ncdf(mp.log(z) / s)
    ),
    "gamma": (
        lambda z, a: (a - 1) * mp.log(z) - z - mp.loggamma(a), lambda z, a: lower_gamma(a, z)
    ),
    "chi2": (
        lambda z, n: (n / 2 - 1) * mp.log(z) - z / 2 - mp.loggamma(n / 2) - n / 2 * mp.log(2),
        lambda z, n: lower_gamma(n / 2, z / 2),
    ),
    "invgamma": (
        lambda z, a: -(a + 1) * mp.log(z) - 1 / z - mp.loggamma(a),
        lambda z, a: 1 - lower_gamma(a, 1 / z),
    ),
    "pareto": (lambda z, b: mp.log(b) - (b + 1) * mp.log(z), lambda z, b: 1 - z**-b),
    "weibull_min": (
        lambda z, c: mp.log(c) + (c - 1) * mp.log(z) - z**c, lambda z, c: 1 - mp.exp(-(z**c))
    ),
    "powerlaw": (lambda z, a: mp.log(a) + (a - 1) * mp.log(z), lambda z, a: z**a),
    "beta": (
        lambda z, a, b: (a - 1) * mp.log(z) + (b - 1) * mp.log(1 - z) - mp.log(mp.beta(a, b)),
        lambda z, a, b: lower_beta(a, b, z),
    ),
    "f": (
        lambda z, m, n: m / 2 * mp.log(m / n) + (m / 2 - 1) * mp.log(z)
        - (m + n) / 2 * mp.log(1 + m * z / n) - mp.log(mp.beta(m / 2, n / 2)),
        lambda z, m, n: lower_beta(m / 2, n / 2, m * z / (n + m * z)),
    ),
    "t": (
        lambda z, n: mp.loggamma((n + 1) / 2) - mp.loggamma(n / 2) - mp.log(n * mp.pi) / 2
        - (n + 1) / 2 * mp.log(1 + z * z / n),
        student,
    ),
    "truncnorm": (
        lambda z, a, b: normal(z) - mp.log(mp.ncdf(b) - mp.ncdf(a)),
        lambda z, a, b: (mp.ncdf(z) - mp.ncdf(a)) / (mp.ncdf(b) - mp.ncdf(a)),
    ),
    "skewnorm": (lambda z, a: mp.log(2) + normal(z) + mp.log(mp.ncdf(a * z)), None),
    "vonmises": (lambda z, k: k * mp.cos(z) - mp.log(2 * mp.pi * mp.besseli(0, k)), None),
}  # fmt: skip
SHAPES: dict[str, list[tuple[float, ...]]] = {
    "lognorm": [(0.3,), (2.0,)], "gamma": [(0.3,), (4.5,), (150.0,)],
    "chi2": [(0.7,), (9.0,), (200.0,)], "invgamma": [(0.4,), (7.0,)], "pareto": [(0.4,), (5.0,)],
    "weibull_min": [(0.5,), (3.0,)], "powerlaw": [(0.3,), (4.0,)],
    "beta": [(0.3, 0.4), (2.5, 7.0), (60.0, 0.2), (90.0, 110.0)],
    "f": [(0.5, 3.0), (4.0, 9.0), (60.0, 80.0)], "t": [(0.6,), (4.0,), (90.0,), (3e3,), (1e5,)],
    "truncnorm": [(-0.5, 2.0), (4.0, 9.0), (-8.0, -3.5)], "skewnorm": [(-3.0,), (0.5,)],
    "vonmises": [(0.3,), (20.0,)],
}  # fmt: skip
CASES = [(name, shapes) for name in EXACT for shapes in SHAPES.get(name, [()])]
LOC, SCALE = 0.7, 1.9


@pytest.fixture(autouse=True)
def digits() -> Any:
    with mp.workdps(40):
        yield


def slope(f: Formula, at: tuple[float, ...], place: int) -> float:
    """The central difference in one argument, of 40 digits."""
    exact = [mp.mpf(x) for x in at]
    step = mp.mpf(10) ** -13 * max(abs(exact[place]), mp.mpf(10) ** -3)
    ends = [f(*exact[:place], exact[place] + h, *exact[place + 1 :]) for h in (step, -step)]
    return float((ends[0] - ends[1]) / (2 * step))


@pytest.mark.parametrize(("name", "shapes"), CASES, ids=lambda x: str(x))
def test_slopes_in_every_argument(name: str, shapes: tuple[float, ...]) -> None:
    log_density, below = EXACT[name]
    mine = getattr(gg.stats, name)

    def at(f: Formula, values: tuple[Any, ...]) -> Any:
        x, *given, loc, scale = values
        return f((x - loc) / scale, *given)

    methods: dict[str, Formula] = {"logpdf": lambda *v: at(log_density, v) - mp.log(v[-1])}
    points = [-2.3, -0.4, 0.9, 2.1]
    if below is not None:
        methods |= {
            "cdf": lambda *v: at(below, v), "sf": lambda *v: 1 - at(below, v),
            "logcdf": lambda *v: mp.log(at(below, v)), "logsf": lambda *v: mp.log(1 - at(below, v)),
        }  # fmt: skip
        shares = np.array([1e-3, 0.02, 0.2, 0.45, 0.83, 0.9999])
        points = [
            x for x in mine.ppf(shares, *shapes, LOC, SCALE).tolist()
            if min(abs(x - LOC), abs(x - LOC - SCALE)) > 1e-6
        ]  # fmt: skip
    for x in points:
        values = (x, *shapes, LOC, SCALE)
        for method, f in methods.items():
            found = gg.grad(getattr(mine, method), argnums=tuple(range(len(values))))(*values)
            for place, one in enumerate(found):
                wanted = slope(f, values, place)
                assert float(one) == pytest.approx(wanted, rel=1e-7, abs=1e-13), (x, method, place)


@pytest.mark.parametrize("df", [0.05, 1.0, 2.7, 30.0, 199.0, 201.0, 9999.0, 10001.0, 1e6])
@pytest.mark.parametrize("z", [-30.0, -8.0, -3.001, -2.999, -1.001, -0.999, -0.3, -0.0011, -0.0009,
                               0.0, 1e-5, 0.5, 2.0])  # fmt: skip
def test_students_distribution_where_its_formula_changes(df: float, z: float) -> None:
    with mp.workdps(60):
        wanted = student(mp.mpf(z), mp.mpf(df))
        of_z, of_df = (
            mp.exp(EXACT["t"][0](mp.mpf(z), mp.mpf(df))),
            mp.diff(lambda n: student(mp.mpf(z), n), df, h=mp.mpf(df) * mp.mpf(10) ** -20),
        )
    found = gg.stats.t.cdf(z, df)
    assert float(found) == pytest.approx(float(wanted), rel=1e-11)
    slopes = gg.grad(gg.stats.t.cdf, argnums=(0, 1))(z, df)
    assert float(slopes[0]) == pytest.approx(float(of_z), rel=1e-11)
    assert float(slopes[1]) == pytest.approx(float(of_df), rel=1e-8, abs=1e-14)
    if wanted > 1e-300:
        q = float(wanted)
        assert float(gg.stats.t.ppf(q, df)) == pytest.approx(z, rel=1e-11, abs=1e-15)
        slopes = gg.grad(gg.stats.t.ppf, argnums=(0, 1))(q, df)
        assert float(slopes[0]) == pytest.approx(float(1 / of_z), rel=1e-9)
        assert float(slopes[1]) == pytest.approx(float(-of_df / of_z), rel=1e-8, abs=1e-14)


@pytest.mark.parametrize("name", ["laplace", "t", "cauchy", "logistic", "norm", "gumbel_r"])
def test_the_slope_of_a_probability_in_the_middle_is_the_density(name: str) -> None:
    mine, shapes = getattr(gg.stats, name), (3.0,) if name == "t" else ()
    for at in (0.0, -0.0, 1e-300):
        density = float(mine.pdf(at, *shapes))
        for method, sign in (("cdf", 1), ("sf", -1)):
            found = float(gg.grad(getattr(mine, method))(at, *shapes))
            assert found == pytest.approx(sign * density, rel=1e-14), (method, at)
