"""The evaluator of pages, which is JavaScript, against the reference engine on NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mpmath
import numpy as np
import pytest
from browsers import evaluated

import gpugrad as gg
from gpugrad.backends import numpy_namespace
from gpugrad.plan import interpret
from gpugrad.plan.plan import Operand, Plan, Slot, Step
from gpugrad.plan.primitives import PRIMITIVES, SCALARS
from gpugrad.show.pages.page import asset
from gpugrad.show.pages.recomputing import written
from gpugrad.show.pages.shown_numbers import packed

LEFT_OUT = {
    "gammaln", "bitwise_invert", "bitwise_left_shift", "bitwise_right_shift",
}  # fmt: skip
"""Elementwise primitives that a page refuses by name."""

SPECIAL = [
    0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.5, 3.5, np.inf, -np.inf, np.nan, 1e-300, 1e300, -745.0,
]  # fmt: skip

EXACT = {
    "add", "subtract", "multiply", "divide", "square", "sqrt", "negative", "maximum", "minimum",
    "floor", "ceil", "trunc", "round", "abs", "sign", "copysign", "where", "signbit", "scale",
}  # fmt: skip


SYSTEMS = ("solve", "inv", "det")
"""What is right relative to the largest number of a result."""

TAILS = {"erfc": 512, "ndtr": 1024}
"""Units in the last place by which SciPy's own are off in their tails."""


def _plan(op: str, arrays: Sequence[np.ndarray], settings: dict[str, Any]) -> Plan:
    """A plan of one step, whose results are what NumPy makes of `arrays`."""
    n = len(arrays)
    step = Step(op, tuple(range(n)), (n,), tuple(settings.items()))
    with numpy_namespace.quiet():
        results = interpret.run_step(step, list(arrays), numpy_namespace)
    slots = [Slot(x.shape, x.dtype) for x in (*arrays, *results)]
    return Plan(tuple(slots), tuple(range(n)), (), (step,), tuple(range(n, len(slots))))


def _reference(plan: Plan, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    with numpy_namespace.quiet():
        return interpret.run(plan, list(arrays), numpy_namespace)


def _asked(plan: Plan, arrays: Sequence[np.ndarray]) -> dict[str, Any]:
    return {"program": written(plan), "arrays": [packed(x) for x in arrays]}


def _array(written: Any) -> np.ndarray:
    shape, dtype, data = written
    return np.array([float(x) for x in data], dtype="float64").reshape(shape).astype(dtype)


def _check(name: str, found: dict[str, Any], wanted: Sequence[np.ndarray], ulps: float) -> None:
    assert "outputs" in found, f"{name}: {found}"
    for y, x in zip(map(_array, found["outputs"]), wanted, strict=True):
        assert y.shape == x.shape, name
        assert y.dtype == x.dtype, name
        if x.dtype.kind != "f":
            np.testing.assert_array_equal(y, x, err_msg=name)
            continue
        eps = np.finfo(x.dtype).eps
        largest = np.abs(x[np.isfinite(x)]).max(initial=0.0) if name in SYSTEMS else 1e-290
        np.testing.assert_allclose(y, x, rtol=ulps * eps, atol=ulps * eps * largest, err_msg=name)
        if name in EXACT:
            np.testing.assert_array_equal(np.signbit(y)[y == 0], np.signbit(x)[x == 0], name)


def _operands(op: str, arity: int, dtype: str) -> list[np.ndarray]:
    rng = np.random.default_rng([arity, *op.encode()])
    if dtype == "bool":
        return [rng.random((5, 6)) < 0.5 for _ in range(arity)]
    if dtype == "int64":
        return [rng.integers(1, 40, (5, 6)) * rng.choice([-1, 1], (5, 6)) for _ in range(arity)]
    smooth = [rng.normal(0, 2, (5, 6)), rng.uniform(0.01, 0.99, (5, 6)), rng.uniform(1, 30, (5, 6))]
    with np.errstate(over="ignore", under="ignore"):
        special = np.array(SPECIAL).astype(dtype)
    grid = np.meshgrid(*[special] * min(arity, 2)) if arity > 1 else [special]
    found = []
    for i in range(arity):
        parts = [x.ravel() for x in smooth[i % 3 :] + smooth[: i % 3]]
        parts.append(grid[min(i, len(grid) - 1)].ravel())
        found.append(np.concatenate([part.astype(dtype) for part in parts]))
    return found


def _elementwise_cases() -> list[tuple[str, Plan, list[np.ndarray], float]]:
    cases = []
    for op, scalar in SCALARS.items():
        if op in LEFT_OUT or op == "astype":
            continue
        dtypes = ["float64", "float32"]
        dtypes += ["int64"] if scalar.takes in ("own", "common") and op != "imag" else []
        if op.startswith("bitwise"):
            dtypes = ["int64", "bool"]
        if op.startswith("logical"):
            dtypes += ["bool"]
        for dtype in dtypes:
            arrays = _operands(op, scalar.arity, dtype)
            if scalar.takes == "select":
                arrays[0] = np.nan_to_num(arrays[0]) > 0.5
            ulps = 0 if op in EXACT else TAILS.get(op, 8)
            cases.append((op, _plan(op, arrays, {}), arrays, ulps))
    for op, arity in (("cbrt", 1), ("reciprocal", 1), ("floor_divide", 2), ("remainder", 2),
                      ("fmod", 2)):
        arrays = [x[np.newaxis] for x in _operands(op, arity, "float64")]
        settings = {"args": tuple(map(Operand, range(arity))), "kwargs": ()}
        cases.append((op, _plan(op, arrays, settings), arrays, 8))
    return cases


def test_each_elementwise_primitive_computes_what_numpy_computes() -> None:
    cases = _elementwise_cases()
    found = evaluated([_asked(plan, arrays) for _, plan, arrays, _ in cases])
    for (op, plan, arrays, ulps), made in zip(cases, found, strict=True):
        _check(op, made, _reference(plan, arrays), ulps)


def test_a_wrong_number_is_found() -> None:
    x = np.array([1.0, -0.0, np.nan])
    right = {"outputs": [[[3], "float64", ["1.0", "-0.0", "nan"]]]}
    _check("negative", right, [x], 0)
    for wrong in (["1.0", "0", "nan"], ["1.0000001", "-0.0", "nan"], ["1.0", "-0.0", "0"]):
        with pytest.raises(AssertionError):
            _check("negative", {"outputs": [[[3], "float64", wrong]]}, [x], 0)
    for shape, dtype in (([1, 3], "float64"), ([3], "float32")):
        with pytest.raises(AssertionError):
            _check("negative", {"outputs": [[shape, dtype, ["1", "-0.0", "nan"]]]}, [x], 0)
    with pytest.raises(AssertionError, match="missing"):
        _check("negative", {"missing": "gammaln"}, [x], 0)


def test_each_elementwise_primitive_is_there_or_known_to_be_missing() -> None:
    lines = asset("primitives.js").splitlines()
    start = lines.index("  const ELEMENTWISE = {")
    there = {line.split(":")[0].strip() for line in lines[start + 1 : lines.index("  };", start)]}
    assert set(SCALARS) - there == LEFT_OUT
    assert there - set(PRIMITIVES) == set()


def _both(x: Any) -> Any:
    def body(carry: Any, row: Any) -> Any:
        carry = gg.sin(carry) * row
        return carry, carry + 1

    last, rows = gg.scan(body, x[0], x)
    _, back = gg.scan(body, x[0], x, reverse=True)
    return gg.cond(gg.sum(x) > 0, lambda x: x * 2, lambda x: x - 1, last), rows, back


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_plans_inside_of_a_plan_run(sign: float) -> None:
    x = sign * np.array([0.3, 1.2, 2.0])
    plan = gg.jit(_both, engine="numpy").plan(x)
    (made,) = evaluated([_asked(plan, [x])])
    _check("scan and cond", made, _reference(plan, [x]), 8)


def test_the_error_function_is_right_to_some_units_in_the_last_place() -> None:
    x = np.linspace(-6, 26, 200)
    with mpmath.workdps(30):
        for op, exact in (("erf", mpmath.erf), ("erfc", mpmath.erfc)):
            wanted = np.array([float(exact(mpmath.mpf(float(n)))) for n in x])
            (made,) = evaluated([_asked(_plan(op, [x], {}), [x])])
            _check(op, made, [wanted], 4)


def _called(*args: Any, **kwargs: Any) -> dict[str, Any]:
    return {"args": args, "kwargs": tuple(kwargs.items())}


_X, _I = Operand(0), Operand(1)
_RNG = np.random.default_rng(7)
_CUBE = _RNG.normal(size=(3, 4, 5))
_SQUARE = _RNG.normal(size=(4, 4))
_WHOLE = _RNG.integers(-9, 9, (3, 4, 5))

OTHERS: list[tuple[str, list[np.ndarray], dict[str, Any]]] = [
    *((op, [_CUBE], {"axes": axes, "keepdims": keep})
      for op in ("sum", "max", "min") for axes in ((0,), (1, 2), (0, 1, 2))
      for keep in (True, False)),
    ("sum", [_WHOLE], {"axes": (1,), "keepdims": False}),
    ("max", [np.array([1.0, np.nan, 3.0])], {"axes": (0,), "keepdims": False}),
    ("astype", [_CUBE], {"dtype": np.dtype("float32")}),
    ("astype", [_CUBE * 5], {"dtype": np.dtype("int64")}),
    ("astype", [_WHOLE], {"dtype": np.dtype("bool")}),
    ("matmul", [_SQUARE, _SQUARE], {}),
    ("matmul", [_CUBE, _RNG.normal(size=(5, 2))], {}),
    ("matmul", [_RNG.normal(size=(2, 1, 3, 4)), _RNG.normal(size=(3, 4, 2))], {}),
    ("matmul", [_RNG.normal(size=4), _SQUARE], {}),
    ("matmul", [_SQUARE, _RNG.normal(size=4)], {}),
    ("matmul", [_SQUARE.astype("float32"), _SQUARE.astype("float32")], {}),
    ("reshape", [_CUBE], {"shape": (5, 12)}),
    ("permute_dims", [_CUBE], {"axes": (2, 0, 1)}),
    ("broadcast_to", [_RNG.normal(size=(4, 1))], {"shape": (3, 4, 5)}),
    ("slice", [_CUBE], {"key": (1, slice(None, None, -2), None, slice(-3, None))}),
    ("slice", [_CUBE], {"key": (..., -1)}),
    ("slice", [_CUBE], {"key": (slice(5, 1), slice(10, None, -3))}),
    ("concat", [_CUBE, _CUBE[:, :2]], {"axis": 1}),
    ("pack", [_CUBE, _SQUARE], {"shape": (76,)}),
    ("add_at", [_CUBE, _RNG.normal(size=(2, 5))], {"key": (1, slice(0, 4, 2))}),
    ("add_at", [_SQUARE, _RNG.normal(size=(3, 4)), np.array([0, 0, -1])], {"key": (Operand(2),)}),
    ("set_at", [_SQUARE, np.array(0.0)], {"key": (slice(None), 2)}),
    ("one_hot", [np.array([[0, 2], [1, 5]])], {"n": 3, "dtype": np.dtype("float64")}),
    ("nll", [_RNG.normal(size=(2, 3)), np.array([2, 0])], {}),
    ("getitem", [_CUBE, np.array([[2, 0], [-1, 1]])], _called(_X, (_I,))),
    ("getitem", [_CUBE, np.array([2, 0, -1])], _called(_X, (slice(None), slice(1, 3), _I))),
    ("getitem", [_CUBE, np.array([2, 0, -1])], _called(_X, (_I, slice(None), _I))),
    ("getitem", [_CUBE, np.array([2, 0, -1])], _called(_X, (slice(None), _I, _I))),
    ("getitem", [_CUBE, np.array([2, 0])], _called(_X, (1, slice(None), _I))),
    *((op, [_CUBE], _called(_X, axis=axis, keepdims=keep))
      for op in ("mean", "prod", "euclidean_norm", "all", "any", "count_nonzero")
      for axis, keep in ((None, False), (1, True), ((0, 2), False))),
    *((op, [_CUBE], _called(_X, axis=1, correction=c, keepdims=True))
      for op in ("var", "std") for c in (0, 1)),
    *((op, [_CUBE], _called(_X, axis=axis, keepdims=False))
      for op in ("argmax", "argmin") for axis in (None, 0, -1)),
    ("argmax", [np.array([1.0, np.nan, 3.0])], _called(_X, axis=0, keepdims=False)),
    ("cumulative_sum", [_CUBE], _called(_X, axis=1, include_initial=True)),
    ("cumulative_sum", [_CUBE], _called(_X, axis=-1)),
    ("cumulative_prod", [_CUBE], _called(_X, axis=0)),
    ("reverse_cumulative_sum", [_CUBE], _called(_X, axis=1)),
    ("flip", [_CUBE], _called(_X, axis=(0, 2))),
    ("flip", [_CUBE], _called(_X, axis=None)),
    ("roll", [_CUBE], _called(_X, shift=(1, -7), axis=(0, 2))),
    ("roll", [_CUBE], _called(_X, shift=3, axis=None)),
    ("tril", [_CUBE], _called(_X, k=-1)),
    ("triu", [_CUBE], _called(_X, k=1)),
    *(("unit_vector", [x], _called(_X, axis=axis))
      for axis in (None, 1, (0, 2)) for x in (_CUBE, np.where(_CUBE > 0, _CUBE, 0) * 1e-200)),
    ("unit_vector", [np.array([[np.inf, -np.inf, 1.0], [0.0, 0.0, 0.0]])], _called(_X, axis=1)),
    ("getitem", [_SQUARE, _SQUARE > 0], _called(_X, (_I,))),
    ("getitem", [_CUBE, np.array([True, False, True, True])], _called(_X, (slice(None), _I))),
    ("set_at", [_SQUARE, np.array(0.0), _SQUARE > 0], {"key": (Operand(2),)}),
    ("solve", [_SQUARE, _RNG.normal(size=4)], _called(_X, _I)),
    ("solve", [_RNG.normal(size=(3, 4, 4)), _RNG.normal(size=(4, 2))], _called(_X, _I)),
    ("inv", [_RNG.normal(size=(3, 4, 4))], _called(_X)),
    ("det", [_RNG.normal(size=(3, 4, 4))], _called(_X)),
    ("det", [np.ones((3, 3))], _called(_X)),
    ("take_along_axis", [_CUBE, _RNG.integers(-4, 4, (3, 2, 5))], _called(_X, _I, axis=1)),
]  # fmt: skip


def test_each_other_primitive_computes_what_numpy_computes() -> None:
    cases = [(op, _plan(op, arrays, settings), arrays) for op, arrays, settings in OTHERS]
    found = evaluated([_asked(plan, arrays) for _, plan, arrays in cases])
    for (op, plan, arrays), made in zip(cases, found, strict=True):
        _check(op, made, _reference(plan, arrays), 64)
