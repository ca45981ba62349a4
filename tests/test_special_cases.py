"""The special cases of the Array API standard, signs of zeros included, however gpugrad runs.

`GPUGRAD_SPECIAL_CASES_ENGINE=native` has that engine run the plans.
"""

from __future__ import annotations

import operator
import os
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from math import inf, isnan, nan
from typing import Any

import numpy as np
import pytest
from special_cases import REDUCTIONS, Case, all_cases

import gpugrad as gg
from gpugrad.backends import is_complex

ENGINE = os.environ.get("GPUGRAD_SPECIAL_CASES_ENGINE", "numpy")

OPERATORS = {
    "abs": operator.abs,
    "add": operator.add,
    "divide": operator.truediv,
    "equal": operator.eq,
    "floor_divide": operator.floordiv,
    "multiply": operator.mul,
    "not_equal": operator.ne,
    "pow": operator.pow,
    "remainder": operator.mod,
    "subtract": operator.sub,
}

IN_PLACE = {
    "add": operator.iadd,
    "divide": operator.itruediv,
    "floor_divide": operator.ifloordiv,
    "multiply": operator.imul,
    "pow": operator.ipow,
    "remainder": operator.imod,
    "subtract": operator.isub,
}

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@cache
def groups() -> dict[tuple[str, bool, int], list[Case]]:
    """The cases that one call computes: of one function, with operands of one kind."""
    found = defaultdict(list)
    for case in all_cases():
        found[case.function, case.is_complex, len(case.operands)].append(case)
    return dict(found)


NAMES = sorted({name for name, *_ in groups()})


def check(function: Callable[..., Any], name: str, *, make: Callable[[Any], Any]) -> None:
    """The function, of operands made from columns of all cases, gives what it must in each."""
    for (other, complex_, count), cases in groups().items():
        if other != name:
            continue
        for dtype in ("complex64", "complex128") if complex_ else ("float32", "float64"):
            columns = [
                np.array([case.operands[i] for case in cases]).astype(dtype) for i in range(count)
            ]
            y = function(*map(make, columns))
            found = np.asarray(gg.stop_gradient(y))
            assert found.shape == (len(cases),)
            tolerance = 4 * float(np.finfo(dtype).eps)
            wrong = [
                (case, value)
                for case, value in zip(cases, found.tolist(), strict=True)
                if not case.is_met(value, tolerance)
            ]
            assert not wrong, f"{len(wrong)} of {len(cases)} in {dtype}, {wrong[:3]}"


def tracked(x: Any) -> Any:
    return gg.tensor(x, requires_grad=True)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("make", [np.array, gg.tensor, tracked])
def test_functions(name: str, make: Callable[[Any], Any]) -> None:
    """Of arrays, of Tensors and of Tensors that need a gradient."""
    check(getattr(gg, name), name, make=make)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shapes", [((), (), ()), ((2,), (), ()), ((), (2,), (2,)), ((1,),) * 3])
def test_few_numbers(name: str, shapes: tuple[tuple[int, ...], ...]) -> None:
    """NumPy has other loops for long arrays, and for operands that are one number."""
    for (other, _, count), cases in groups().items():
        if other == name and (count > 1 or shapes[0] == ()):
            for case in cases[:: 1 + len(cases) // 200]:
                operands = [np.full(s, x) for x, s in zip(case.operands, shapes, strict=False)]
                found = getattr(gg, name)(*operands)
                assert found.shape == max(shapes[:count])
                assert all(case.is_met(y, 1e-15) for y in found.ravel().tolist()), (case, found)


@pytest.mark.parametrize("name", NAMES)
def test_in_a_plan(name: str) -> None:
    """The third call runs the plan."""
    function = gg.jit(getattr(gg, name), engine=ENGINE)

    def third(*operands: Any) -> Any:
        for _ in range(2):
            function(*operands)
        return function(*operands)

    check(third, name, make=np.array)


@pytest.mark.parametrize("name", OPERATORS)
def test_operators(name: str) -> None:
    """With a Tensor on both sides, on the left and on the right, and in place."""
    apply = OPERATORS[name]
    check(apply, name, make=gg.tensor)
    if name == "abs":
        return
    check(lambda a, b: apply(a, tracked(b)), name, make=np.array)
    check(lambda a, b: apply(gg.tensor(a), b), name, make=np.array)
    if name in IN_PLACE:
        check(lambda a, b: IN_PLACE[name](gg.tensor(a.copy()), b), name, make=np.array)
        check(lambda a, b: IN_PLACE[name](gg.tensor(a.copy()), gg.tensor(b)), name, make=np.array)


def test_a_power_of_one_half_is_no_root() -> None:
    """For this exponent alone NumPy takes the root, which has other special cases."""
    x = np.array([-inf, -0.0, 0.0, 4.0, inf, -1.0])
    wanted = np.array([inf, 0.0, 0.0, 2.0, inf, nan])
    in_place = gg.tensor(x.copy())
    in_place **= np.full(6, 0.5)
    planned = gg.jit(lambda x: x**0.5, engine=ENGINE)
    exponents = (0.5, np.array(0.5), np.array([0.5]), np.broadcast_to(0.5, 6))
    results = [gg.pow(make(x), b) for make in (np.array, gg.tensor) for b in exponents]
    results += [gg.tensor(x) ** 0.5, in_place, *[planned(x) for _ in range(3)]]
    for y in results:
        np.testing.assert_array_equal(np.asarray(y), wanted)
        assert not np.signbit(np.asarray(y)[1])
    np.testing.assert_array_equal(gg.grad(lambda x: gg.sum(x**0.5))(x[3:4]), [0.25])


@pytest.mark.parametrize(
    ("name", "elements", "settings", "wanted"), REDUCTIONS, ids=lambda x: str(x).replace(" ", "")
)
@pytest.mark.parametrize("single", [False, True], ids=["double", "single"])
def test_reductions(name: str, elements: Any, settings: Any, wanted: Any, single: bool) -> None:
    """Also along the last of two axes, and from a plan."""
    kinds = ("complex64", "complex128") if is_complex(np.array(elements).dtype) else (
        "float32",
        "float64",
    )
    x = np.array(elements).astype(kinds[0 if single else 1])
    function = getattr(gg, name)
    planned = gg.jit(lambda x: function(x, **settings), engine=ENGINE)
    results = [
        function(x, **settings),
        function(gg.tensor(x), **settings).value,
        gg.stop_gradient(function(tracked(x), **settings)).value,
        function(np.stack([x, x]), axis=1, **settings)[1],
        *[planned(x) for _ in range(3)],
    ]
    for found in results:
        assert same(found.tolist(), list(wanted) if isinstance(wanted, tuple) else wanted), found


def same(a: Any, b: Any) -> bool:
    """Equality in which NaN equals NaN, and 0 not -0."""
    return repr(a) == repr(b)


def test_conversions() -> None:
    """Of a Tensor of one number to a number of Python."""
    for x, truth in ((nan, True), (inf, True), (-inf, True), (0.0, False), (-0.0, False)):
        assert bool(gg.tensor(x)) is truth
    assert bool(gg.tensor(complex(0, nan)))
    assert not bool(gg.tensor(0j))
    assert isnan(float(gg.tensor(nan)))
    assert same(float(gg.tensor(-0.0)), -0.0)
    assert same(complex(gg.tensor(nan)), complex(nan, nan))
    assert same(complex(gg.tensor(complex(1, nan))), complex(1, nan))
    for x in (True, 3, -inf, -0.0):
        assert same(complex(gg.tensor(x)), complex(x))
    assert same(int(gg.tensor(-0.0)), 0)
    for x, error in ((nan, ValueError), (inf, OverflowError), (1j, TypeError)):
        with pytest.raises(error):
            int(gg.tensor(x))
    with pytest.raises(TypeError):
        float(gg.tensor(1j))
    for x in (1.0, True, 1j):
        with pytest.raises(TypeError):
            operator.index(gg.tensor(x))


@pytest.mark.parametrize("name", ["expm1", "sign", "tan", "tanh"])
def test_gradients_stay_as_they_were(name: str) -> None:
    """Completing the values adds no cotangent: beside special values the others keep theirs."""
    x = np.array([0.3 + 0.4j, complex(inf, 1), complex(nan, 0.5), -0.7j])
    alone = x[[0, 3]]

    def gradient(x: Any) -> Any:
        return gg.grad(lambda z: gg.sum(gg.real(getattr(gg, name)(z)[::1])))(x)

    np.testing.assert_allclose(gradient(x)[[0, 3]], gradient(alone), rtol=1e-15)


def test_the_table_can_fail() -> None:
    """A wrong sign of zero, a wrong part and a value off by rounding are told apart."""
    with pytest.raises(AssertionError, match="of"):
        check(lambda x: gg.abs(x) * -1.0, "abs", make=np.array)
    with pytest.raises(AssertionError, match="of"):
        check(lambda x: x + 0.0, "ceil", make=np.array)
    with pytest.raises(AssertionError, match="of"):
        check(lambda x: gg.acos(x) * (1 + 1e-5), "acos", make=np.array)
    with pytest.raises(AssertionError, match="of"):
        check(np.floor_divide, "floor_divide", make=np.array)
