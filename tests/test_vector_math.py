"""The elementary functions of the compiled engine: right to the last bits, and vectorised.

`ci/ulp.py` makes the same comparison over every float32.
"""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

pytest.importorskip("numba", reason="the engine numba is not installed: pip install 'gpugrad[jit]'")

from numba import njit

from gpugrad.engines.native.vector_math import FUNCTIONS

CASES = [pytest.param(*key, id="-".join(key)) for key in FUNCTIONS]
WIDER = {"float32": np.float64, "float64": np.longdouble}
BOUND = {"expm1": 2.5, "sigmoid": 2.5, "tan": 4.0, "tanh_slope": 5.0}
"""In units in the last place, where it is not 2: there, several roundings follow one another."""


def loop_over(function):
    """`loop(x, y)`: `y` becomes `function` of each element of `x`."""

    @njit(nogil=True, error_model="numpy", fastmath={"contract"})
    def loop(x, y):
        for i in range(x.size):
            y[i] = function(x[i])

    return loop


LOOPS = {key: loop_over(entry.function) for key, entry in FUNCTIONS.items()}


LIBRARY_ERF = loop_over(math.erf)


def wide_erf(x):
    """The C library's in float64; beyond, the series whose terms have all one sign (A&S 7.1.6)."""
    if x.dtype == np.float64:
        y = np.empty_like(x)
        LIBRARY_ERF(x, y)
        return y
    x = np.clip(x, -6.5, 6.5)                   # which is 1 in float64
    term = total = 2 / np.sqrt(np.arccos(x.dtype.type(-1))) * x * np.exp(-x * x)
    for n in range(1, 130):
        term = term * (2 * x * x / (2 * n + 1))
        total = total + term
    return total


def wide(name, x):
    """The function at more digits than are asked about."""
    if name == "sigmoid":
        return 1 / (1 + np.exp(-x))
    if name == "erf":
        return wide_erf(x)
    if name == "tanh_slope":
        return 1 / np.cosh(x) / np.cosh(x)
    return getattr(np, name)(x)


def require_a_wider_format(dtype):
    if np.finfo(WIDER[dtype]).nmant <= np.finfo(dtype).nmant:
        pytest.skip(f"no format of this platform is wider than {dtype}")


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
    quarters = np.concatenate([np.arange(1, 100_000), rng.integers(1, 1 << 39, 100_000)])
    near_pi_2 = (quarters * np.arccos(np.longdouble(0))).astype(dtype)
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
    require_a_wider_format(dtype)
    x, y, errors = evaluate(name, dtype, arguments(dtype))
    worst = np.argmax(errors)
    assert errors[worst] <= BOUND.get(name, 2.0), f"{name}({x[worst]!r}) gives {y[worst]!r}"


def test_an_error_is_seen():
    """The number after the nearest is 1 ulp off, and infinity is not a large number."""
    third = np.array([1, 1]) / np.longdouble(3)
    wrong = np.array([np.nextafter(1 / 3, 1), np.inf])
    assert ulps(wrong, third)[0] == pytest.approx(1, abs=0.5)
    assert ulps(wrong, third)[1] > 1e9
    assert ulps(np.array([np.nan, 1.0]), third)[0] == np.inf


@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_a_loop_is_vectorised(name, dtype):
    """It multiplies several numbers at once, and calls nothing of the C library."""
    x = np.ones(4, dtype)
    LOOPS[name, dtype](x, x.copy())
    (code,) = LOOPS[name, dtype].inspect_llvm().values()
    kind = {"float32": "float", "float64": "double"}[dtype]
    assert re.search(rf"fmul contract <\d+ x {kind}>", code)
    assert not re.search(rf"call {kind} @\w", code)


@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_special_values_are_those_of_the_array_library(name, dtype):
    """Zeros with their sign, infinities and NaN; what is x near 0 keeps the smallest number."""
    smallest = np.finfo(dtype).smallest_subnormal
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, smallest], dtype)
    y = np.empty_like(x)
    LOOPS[name, dtype](x, y)
    with np.errstate(all="ignore"):
        expected = wide(name, x.astype(np.float64)).astype(dtype)
    np.testing.assert_array_equal(y[:5], expected[:5])
    np.testing.assert_array_equal(np.signbit(y[:2]), np.signbit(expected[:2]))
    if expected[0] == 0:
        assert y[5] == smallest


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sine_and_cosine_are_never_above_1(dtype):
    x = arguments(dtype)
    for name in ("sin", "cos"):
        assert np.nanmax(np.abs(evaluate(name, dtype, x)[1])) == 1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_the_exact_function_holds_beyond_the_limit(name, dtype):
    """By the loop which the package describes, over one block within the limit and one beyond."""
    require_a_wider_format(dtype)
    entry = FUNCTIONS[name, dtype]
    function, exact, limit = entry.function, entry.exact, np.dtype(dtype).type(entry.limit)

    @njit(nogil=True, error_model="numpy", fastmath={"contract"})
    def loop(x, y):
        beyond = False
        for i in range(x.size):
            beyond |= abs(x[i]) > limit
            y[i] = function(x[i])
        if beyond:
            for i in range(x.size):
                y[i] = exact(x[i])
        return beyond

    near = np.linspace(-limit, limit, 1001).astype(dtype)
    for x in near, np.append(near * 2**20, [np.finfo(dtype).max, np.inf, np.nan]).astype(dtype):
        y = np.empty_like(x)
        assert loop(x, y) == (x is not near)
        with np.errstate(invalid="ignore"):
            assert ulps(y, wide(name, x.astype(WIDER[dtype]))).max() <= BOUND.get(name, 2)
