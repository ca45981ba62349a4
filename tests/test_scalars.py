"""Elementwise functions under `gg.jit` give what NumPy and SciPy do, special values included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scalar_cases import CASES, DTYPES, SHIFTS, UNARY, check, function, operands

import gpugrad as gg
from gpugrad.plan.primitives import SCALARS

ENGINES = ("numpy", "native")


def compiled(f: Any, arrays: tuple[Any, ...], engine: str) -> Any:
    """The result of the engine, after the calls that record; it warns of nothing."""
    step = gg.jit(f, engine=engine)
    with np.errstate(all="ignore"):
        step.compile(*arrays)
        step(*arrays), step(*arrays)
    return step(*arrays)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_special_values(dtype: str, engine: str) -> None:
    """All functions of a dtype at once, which takes less time to compile."""
    names = [name for name, other in CASES if other == dtype]
    arrays = tuple(operands(name, dtype) for name in names)
    found = compiled(
        lambda *x: [function(name)(*own) for name, own in zip(names, x, strict=True)],
        arrays, engine,
    )  # fmt: skip
    for name, y in zip(names, found, strict=True):
        check(name, dtype, y)


@pytest.mark.parametrize("dtype", ["float32", "int32"])
def test_all_are_primitives(dtype: str) -> None:
    """No step calls a function of the library with arguments that engines do not understand."""
    for name in [name for name, other in CASES if other == dtype]:
        with np.errstate(all="ignore"):
            plan = gg.jit(function(name), engine="numpy").plan(*operands(name, dtype))
        called = [step.op for step in plan.steps if step.op not in SCALARS]
        whole = name == "reciprocal" and dtype == "int32"
        assert called == ([name] if whole else [])


@pytest.mark.parametrize("engine", ENGINES)
def test_complex_numbers_are_as_before(engine: str) -> None:
    z = np.array([0.5 + 1j, -2.0 - 0.25j, 1j])
    for name in ("tan", "acosh", "log10", "round", "reciprocal", "erf"):
        f = function(name)
        np.testing.assert_allclose(compiled(f, (z,), engine), f(z), rtol=1e-14)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_chain_becomes_one_step(engine: str) -> None:
    def f(x: Any) -> Any:
        return gg.floor(gg.tan(x) * 2) + gg.log2(1 + x * x) - gg.round(gg.atan2(x, 2.0))

    x = np.linspace(-9, 9, 1001)
    found = compiled(f, (x,), engine)
    np.testing.assert_allclose(found, f(gg.tensor(x)).value, rtol=1e-14, atol=1e-14)
    if engine == "native":
        step = gg.jit(f, engine=engine)
        program = step._cache.compiled((x,), {}).program
        assert [s.op for s in program.plan.steps] == ["fused"]


@pytest.mark.parametrize("engine", ENGINES)
def test_python_numbers_stay_numbers(engine: str) -> None:
    """As with the other primitives; and a number decides no dtype."""
    x = np.ones(3, np.float32)
    y = compiled(lambda x, s: x * gg.floor(s) + gg.copysign(2.5, s), (x, 1.5), engine)
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y, np.float32(3.5))


def test_shifts_move_all_bits_out() -> None:
    """By a negative number, or by more than there are."""
    x, n = operands(SHIFTS[0], "int32")
    out = (n < 0) | (n > 31)
    assert out.any()
    left, right = (
        compiled(lambda x, n, name=name: function(name)(x, n), (x, n), "numpy") for name in SHIFTS
    )
    np.testing.assert_array_equal(left[out], 0)
    np.testing.assert_array_equal(right[out], np.where(x[out] < 0, -1, 0))


@pytest.mark.parametrize("name", [name for name in UNARY if name != "positive"])
def test_a_wrong_sign_is_found(name: str) -> None:
    """The check sees the sign of zeros, and a result that is some units off."""
    with np.errstate(all="ignore"):
        right = function(name)(*operands(name, "float64"))
        check(name, "float64", right)
        wrong = ~right if right.dtype == bool else -right
        with pytest.raises(AssertionError):
            check(name, "float64", wrong)
