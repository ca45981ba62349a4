"""The elementary functions of the compiled engine: right to the last bits, and vectorised.

`ci/ulp.py` makes the same comparison over every float32.
"""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba", reason="the compiled engine is an extra: pip install 'gpugrad[numba]'")

from numba import njit

from gpugrad.executor.engines.vector_math import FUNCTIONS

CASES = [pytest.param(*key, id="-".join(key)) for key in FUNCTIONS]
WIDER = {"float32": np.float64, "float64": np.longdouble}
BOUND = {"sigmoid": 3.0}
"""In units in the last place, where it is not 2: three roundings follow one another."""


def loop_over(function):
    """`loop(x, y)`: `y` becomes `function` of each element of `x`."""

    @njit(nogil=True, error_model="numpy", fastmath={"contract"})
    def loop(x, y):
        for i in range(x.size):
            y[i] = function(x[i])

    return loop


LOOPS = {key: loop_over(entry.function) for key, entry in FUNCTIONS.items()}


def wide_erf(x):
    """The series of A&S 7.1.6, whose terms are all of one sign."""
    small = np.clip(x, -8, 8)
    pi = np.arccos(x.dtype.type(-1))
    term = total = 2 / np.sqrt(pi) * small * np.exp(-small * small)
    for n in range(1, 250):
        term = term * (2 * small * small / (2 * n + 1))
        total = total + term
    return total


def wide(name, x):
    """The function at more digits than are asked about."""
    if name == "sigmoid":
        return 1 / (1 + np.exp(-x))
    if name == "erf":
        return wide_erf(x)
    return getattr(np, name)(x)


def ulps(y, truth):
    """How far `y` is from `truth`, given in a wider format; infinite where one is special alone."""
    with np.errstate(all="ignore"):
        nearest = truth.astype(y.dtype)
        largest = np.finfo(y.dtype).max
        unit = np.spacing(np.minimum(np.abs(nearest), largest)).astype(truth.dtype)
        # Infinity stands for the number after the largest.
        above = largest.astype(truth.dtype) + np.spacing(largest).astype(truth.dtype)
        finite = np.clip(y.astype(truth.dtype), -above, above)
        away = np.abs(finite - np.clip(truth, -above, above)) / unit
        same = (y == nearest) | (np.isnan(y) & np.isnan(nearest))
        return np.where(same & ~np.isfinite(y), 0, np.where(np.isnan(away), np.inf, away))


def evaluate(name, dtype, x):
    """What a loop gives, where the function holds."""
    entry = FUNCTIONS[name, dtype]
    if entry.limit is not None:
        x = x[~(np.abs(x) > entry.limit)]
    y = np.empty_like(x)
    LOOPS[name, dtype](x, y)
    with np.errstate(all="ignore"):
        return x, y, ulps(y, wide(name, x.astype(WIDER[dtype])))


def arguments(dtype):
    """All sizes and both signs, most of them where no function is constant; and special values."""
    rng = np.random.default_rng(0)
    info, whole = np.finfo(dtype), f"int{np.dtype(dtype).itemsize * 8}"
    limits = np.iinfo(whole)
    pi_2 = np.arange(1, 100_000) * (np.longdouble(1) * np.arccos(np.longdouble(0)))
    near_pi_2 = pi_2.astype(dtype)
    sizes = [
        rng.integers(limits.min, limits.max, 200_000, whole).view(dtype),
        rng.normal(size=100_000),
        rng.uniform(-30, 30, 200_000),
        rng.uniform(-800, 800, 100_000),
        1 + rng.normal(size=100_000) * 0.3,
        1 + rng.normal(size=20_000) * 1e-4,
        rng.uniform(-100_000, 100_000, 100_000),
        near_pi_2,
        np.nextafter(near_pi_2, np.dtype(dtype).type(0)),
        np.nextafter(near_pi_2, np.dtype(dtype).type(np.inf)),
        info.smallest_subnormal * rng.integers(1, 1000, 1000).astype(dtype),
        np.array([0.0, -0.0, 1, -1, np.inf, -np.inf, np.nan, info.max, info.min, info.tiny]),
    ]
    return np.concatenate([part.astype(dtype) for part in sizes])


@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_errors_stay_within_the_bound(name, dtype):
    """At most 2 ulp from the exact value, and special values as the array library gives them."""
    x, y, errors = evaluate(name, dtype, arguments(dtype))
    worst = np.argmax(errors)
    assert errors[worst] <= BOUND.get(name, 2.0), f"{name}({x[worst]!r}) gives {y[worst]!r}"
