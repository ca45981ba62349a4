"""Integers under `gg.jit` are Python's where they are Python's without: range, overflow, dtypes."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.backends.integers import ARITHMETIC, compute
from gpugrad.tracing import integer_ranges

DTYPES = "bool int8 uint8 int16 uint16 int32 uint32 int64 uint64".split()
NUMBERS = (
    0, 1, -1, 2, -2, 3, 7, 100, 127, 128, -128, -129, 255, 256, 300, -300, 2**15, 2**16, 2**31 - 1,
    2**31, -(2**31), -(2**31) - 1, 2**32, 2**40, -(2**40), 2**53 + 1, 2**62, 2**63 - 1, -(2**63),
    2**63, 2**64 - 1, 2**64, -(2**64), True, False,
)  # fmt: skip

Function = Callable[[Any, Any], Any]

OPERATORS: dict[str, Function] = {
    name: getattr(operator, name)
    for name in "add sub mul truediv floordiv mod pow and_ or_ xor lshift rshift lt le gt ge eq ne"
    .split()
} | {
    name: getattr(gg, name)
    for name in "maximum minimum copysign atan2 hypot remainder floor_divide logical_and "
    "logical_or logical_xor logaddexp fmax fmin fmod".split()
} | {
    "where": lambda x, n: gg.where(x > 1, x, n),
    "clip": lambda x, n: gg.clip(x, n, 100),
    "full_like": lambda x, n: gg.full_like(x, n) if x.dtype != bool else x,
    "write": lambda x, n: written(x, n),
}  # fmt: skip


def written(x: Any, n: Any) -> Any:
    y = x + x
    y[1:] = n
    return y


def outcome(f: Callable[..., Any], *args: Any) -> Any:
    """What `f` returns, or the kind of error that it raises."""
    with np.errstate(all="ignore"):
        try:
            y = f(*args)
        except (OverflowError, TypeError, ValueError, ZeroDivisionError) as error:
            kinds = (OverflowError, TypeError, ValueError, ZeroDivisionError)
            return next(kind for kind in kinds if isinstance(error, kind))
    return y.value if isinstance(y, gg.Tensor) else y


def agree(found: Any, want: Any, what: Any) -> None:
    if isinstance(want, type) or isinstance(found, type):
        assert found is want, what
        return
    assert np.asarray(found).dtype == np.asarray(want).dtype, what
    np.testing.assert_array_equal(found, want, err_msg=str(what))


def elements(dtype: str) -> Any:
    if dtype == "bool":
        return np.array([False, True])
    limits = np.iinfo(dtype)
    more = [-1, -3, limits.min] if limits.min else []
    return np.array([0, 1, 2, 3, 100, *more, limits.max], dtype)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("name", OPERATORS)
def test_an_array_beside_a_number(name: str, turned: bool) -> None:
    if turned and name in ("full_like", "write"):
        return
    given = OPERATORS[name]
    f: Function = (lambda x, n: given(n, x)) if turned else given
    for dtype in DTYPES:
        x, step = elements(dtype), gg.jit(f, engine="numpy")
        for n in NUMBERS:
            want = outcome(f, gg.tensor(x), n)
            for _ in range(2 if isinstance(want, type) else 3):
                agree(outcome(step, x, n), want, (name, dtype, n))


def several(x: Any, n: Any) -> Any:
    compared = (x < n, n == x, x >= n, n > 5)
    return *compared, x / n, gg.hypot(x, n), x * n + x, gg.maximum(x, n), x // n, x & n


@pytest.mark.parametrize("dtype", ["int8", "uint64"])
def test_an_array_beside_a_number_compiled(dtype: str) -> None:
    """Several operators at once, because each plan is compiled."""
    x = elements(dtype)
    step = gg.jit(several, engine="native")
    for n in (3, 300, 2**40, 5) if dtype == "int8" else (3, -1, 300, 2**63, 5):
        wanted = [outcome(lambda i=i, n=n: several(gg.tensor(x), n)[i]) for i in range(10)]
        wanted = [OverflowError] * 10 if any(w is OverflowError for w in wanted) else wanted
        for _ in range(3):
            found = outcome(step, x, n)
            parts = found if type(found) is tuple else [found] * 10
            for one, want in zip(parts, wanted, strict=True):
                agree(one, want, (dtype, n))


# Numbers alone

ALONE: dict[str, Function] = {
    "add": lambda n, m: n + m,
    "three terms": lambda n, m: n + n + m,
    "subtract": lambda n, m: n - m,
    "multiply": lambda n, m: n * m,
    "cube": lambda n, m: n * n * n,
    "square": lambda n, m: n**2,
    "power of three": lambda n, m: n**3,
    "power of 40": lambda n, m: n**40,
    "power": lambda n, m: n ** (abs(m) % 50),
    "two to the": lambda n, m: 2 ** (abs(m) % 70),
    "negative": lambda n, m: -n,
    "abs": lambda n, m: abs(n),
    "floor_divide": lambda n, m: n // m,
    "by a constant": lambda n, m: n // 3 + n % 7,
    "remainder": lambda n, m: n % m,
    "shift": lambda n, m: n << (m & 15),
    "shift back": lambda n, m: n >> (m & 15),
    "bits": lambda n, m: (n & m) | (n ^ m),
    "compare": lambda n, m: (n < m) + (n == m),
    "quotient": lambda n, m: n / (m * m + 1),
    "quotient by an argument": lambda n, m: n / m,
    "inverse": lambda n, m: 1 / (n - 3),
    "mixed": lambda n, m: (n // 2) * 0.5 + m % 3,
}
PAIRS = (
    (3, 2), (7, -2), (-7, 2), (-7, -3), (2, 5), (1, 0), (0, 3), (2**31 - 1, 2**31 - 1),
    (2**31, 3), (2**40, 2**30), (-(2**62), 2), (2**62, 3), (2**63 - 1, 1), (-(2**63), 1),
)  # fmt: skip


@pytest.mark.parametrize("name", ALONE)
def test_numbers_alone(name: str) -> None:
    """Python's result and type, or `OverflowError` where 64 bits do not hold it."""
    f = ALONE[name]
    step = gg.jit(f, engine="numpy")
    for n, m in PAIRS:
        want = outcome(f, n, m)
        too_large = type(want) is int and not -(2**63) <= want < 2**63
        for _ in range(3):
            found = outcome(step, n, m)
            if too_large or found is OverflowError:
                assert found is OverflowError, (n, m)
                assert too_large or max(abs(n), abs(m)) >= 2**62, (n, m)
            else:
                assert type(found) is type(want), (n, m)
                assert found == want, (n, m)


def test_numbers_alone_compiled() -> None:
    def f(n: Any, m: Any) -> Any:
        return [g(n, m) for g in ALONE.values()]

    step = gg.jit(f, engine="native")
    for n, m in ((4, 2), (7, 5), (2, 60), (9, 1)):
        for _ in range(3):
            found, want = outcome(step, n, m), f(n, m)
            if max(want) >= 2**63:
                assert found is OverflowError
            else:
                assert found == want
                assert list(map(type, found)) == list(map(type, want))


WEAK: dict[str, Function] = {
    "half": lambda x, n: x * (n // 2),
    "rest": lambda x, n: x + n % 3,
    "square": lambda x, n: x + (n * n - 1),
    "difference": lambda x, n: x * (n - 300),
    "where": lambda x, n: gg.where(x > 1, x, n * 2),
    "comparison": lambda x, n: x + (n > 2),
    "negative": lambda x, n: x * -n,
    "scan": lambda x, n: gg.scan(lambda c, y: (c, y + n), 0, x)[1],
    "vmap": lambda x, n: gg.vmap(lambda y: y * n)(x),
    "full": lambda x, n: gg.full(3, n, dtype="int8") + x[:3],
    "asarray": lambda x, n: gg.asarray(n, dtype="int8") * x,
}


@pytest.mark.parametrize("name", WEAK)
@pytest.mark.parametrize("dtype", ["int8", "uint16", "float32"])
def test_numbers_that_are_computed_stay_weak(name: str, dtype: str) -> None:
    """They take the dtype of the array, and are refused where that cannot hold them."""
    f, x = WEAK[name], np.array([1, 2, 3, 4], dtype)
    step = gg.jit(f, engine="numpy")
    for n in (1, 2, 5, 301, 299, 70_000, 2):
        want = outcome(f, gg.tensor(x), n)
        for _ in range(3):
            agree(outcome(step, x, n), want, (dtype, n))


def test_one_plan_serves_a_range() -> None:
    runs: list[int] = []

    def f(x: Any, n: Any, note: Any = runs.append) -> Any:
        note(1)
        return x * (n + 1) - n * n

    step = gg.jit(f)
    for n in range(0, 60_000, 997):
        np.testing.assert_array_equal(step(np.ones(2), n), np.ones(2) * (n + 1) - n * n)
    assert len(runs) == 2
    for n in (-1, -5, -70_000):
        step(np.ones(2), n)
    assert len(runs) == 4


def test_arrays_of_which_no_dtype_has_all() -> None:
    """NumPy compares unsigned and signed integers exactly."""
    a = np.array([2**63 + 1, 2**63, 5, 2**53 + 1], np.uint64)
    b = np.array([-1, 2**63 - 1, 5, 2**53], np.int64)
    for engine in ("numpy", "native"):
        step = gg.jit(lambda a, b: (a > b, a == b, b < a, a != 2**63, a >= -1), engine=engine)
        for _ in range(3):
            found = step(a, b)
            for one, want in zip(found, (a > b, a == b, b < a, a != 2**63, a >= -1), strict=True):
                np.testing.assert_array_equal(one, want)


ENDS = (-(2**63), -(2**31), -5, -1, 0, 1, 2, 7, 2**31 - 1, 2**62, 2**63 - 1)


@pytest.mark.parametrize("name", sorted(ARITHMETIC))
def test_ranges_hold_what_is_computed(name: str) -> None:
    """A range that is too narrow would let a plan wrap around."""
    count = 1 if name in ("abs", "negative", "square") else 2
    for low in ENDS:
        for high in (x for x in ENDS if x >= low):
            for exponent in (0, 2, 3) if name == "power" else (low,):
                ranges = [(low, high), (exponent, exponent if name == "power" else high)][:count]
                found = integer_ranges.range_of_result(name, ranges)
                if found is None:
                    continue
                for a in (x for x in ENDS if low <= x <= high):
                    b = exponent if name == "power" else a
                    for operands in ((a, b), (a, high), (low, b))[: 3 if name != "power" else 1]:
                        assert found[0] <= compute(name, *operands[:count]) <= found[1]
