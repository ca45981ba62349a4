"""`gg.special`: SciPy's names and arguments, its special values, and derivatives at edges."""

from __future__ import annotations

import builtins
import re
from typing import Any

import numpy as np
import pytest
from scipy import special

import gpugrad as gg
from gpugrad.backends.numpy import NumpyNamespace
from gpugrad.core.libraries import SPECIAL
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import (
    BackendUnavailable,
    InvalidOp,
    TrackedConversion,
    UnknownOp,
    UnsupportedOperand,
)
from gpugrad.testing import check_grads

EDGES = np.array([-np.inf, -30.0, -1.5, -0.0, 0.0, 0.3, 1.0, 30.0, np.inf, np.nan])
rng = np.random.default_rng(0)


@pytest.mark.parametrize("name", ["digamma", "psi", "entr", "erf", "erfc", "erfinv", "expit",
                                  "gammaln", "log_expit", "log_ndtr", "logit", "ndtr",
                                  "ndtri", "sinc"])  # fmt: skip
def test_values_are_those_of_scipy(name: str) -> None:
    with np.errstate(all="ignore"):
        found = getattr(gg.special, name)(EDGES)
        wanted = getattr(special, name)(EDGES)
        if name == "sinc":                          # SciPy's are what π is off there
            wanted[(EDGES % 1 == 0) & (EDGES != 0)] = 0
        np.testing.assert_allclose(found, wanted, rtol=1e-14)
    assert getattr(gg.special, name)(np.array([0.5], "float32")).dtype == np.float32
    assert getattr(gg.special, name)(np.array([0.5], "float16")).dtype == np.float16
    assert getattr(gg.special, name)(np.array([1])).dtype == np.float64


@pytest.mark.parametrize("name", ["digamma", "entr", "erfcx", "erfinv", "gamma", "gammaln", "logit",
                                  "ndtri"])  # fmt: skip
def test_complex_numbers_are_refused_by_name(name: str) -> None:
    for run in (getattr(gg.special, name), gg.jit(getattr(gg.special, name))):
        with pytest.raises(UnsupportedOperand, match=f"{name}: an operand has dtype complex128"):
            run(np.array([0.5j]))
    with pytest.raises(UnsupportedOperand, match="polygamma: an operand has dtype complex128"):
        gg.special.polygamma(1, np.array([0.5j]))


def test_functions_of_two_arguments() -> None:
    x, y = rng.uniform(0.3, 0.9, (2, 4))
    np.testing.assert_allclose(gg.special.polygamma(2, x), special.polygamma(2, x))
    np.testing.assert_allclose(gg.special.polygamma(0, x), special.digamma(x))
    np.testing.assert_allclose(gg.special.xlogy(x, y), special.xlogy(x, y))
    check_grads(lambda x: gg.special.polygamma(1, x), (x,))
    with pytest.raises(UnsupportedOperand, match="integer"):
        gg.special.polygamma(0.5, x)


def test_slopes_at_edges() -> None:
    """0 log 0 is 0, and where no cotangent arrives an infinite slope adds nothing."""
    zero = np.zeros(2)
    np.testing.assert_array_equal(gg.grad(lambda z: gg.sum(gg.special.xlogy(zero, z)))(zero), 0)
    slope = gg.grad(lambda z: gg.sum(gg.special.xlog1py(zero, z)))(zero - 1)
    np.testing.assert_array_equal(slope, 0)
    masked = gg.grad(lambda x: gg.sum(gg.where(x > 0, gg.special.entr(x), 0.0)))(zero)
    np.testing.assert_array_equal(masked, 0)
    ends = gg.vmap(gg.grad(gg.special.erfinv))(np.array([-1.0, 0.0, 1.0]))
    np.testing.assert_allclose(ends, [np.inf, np.sqrt(np.pi) / 2, np.inf])
    far = gg.value_and_grad(lambda x: gg.sum(gg.log_sigmoid(x)))(np.array([-1e3, 1e3]))
    assert [far[0], *far[1]] == [-1e3, 1, 0]
    far = np.array([-40.0, 40.0])
    slope = gg.grad(lambda x: gg.sum(gg.special.log_ndtr(x)))(far)
    np.testing.assert_allclose(slope, [40.0249, 0], rtol=1e-4, atol=1e-300)


def test_numpy_calls_of_scipy_and_compiled_steps() -> None:
    x = rng.uniform(0.3, 0.9, 5)

    def f(x: Any) -> Any:
        return gg.sum(gg.special.erf(x) * gg.special.gammaln(x + 1))

    compiled = gg.jit(gg.grad(f), engine="numpy")
    for _ in range(3):
        np.testing.assert_allclose(compiled(x), gg.grad(f)(x))


TRIED = {"pdtr": 2, "pdtrc": 2, "yn": 2, "kn": 2, "ivp": 2, "jvp": 2, "kvp": 2, "yvp": 2,
         "spherical_jn": 2, "spherical_yn": 2, "factorial": 3, "binom": 5, "comb": 5, "perm": 5,
         "ndtri_exp": -0.7}  # fmt: skip
"""First arguments of functions that take integers or negative numbers; else it is 0.7."""


@pytest.mark.parametrize("call", SPECIAL)
def test_what_is_told_of_other_functions_of_scipy_is_so(call: str) -> None:
    name, words = re.fullmatch(r"(\w+)\((.*)\)", call).groups()  # type: ignore[union-attr]
    rest = (2, 2) if TRIED.get(name) == 5 else (0.4, 0.3)
    given = dict(zip(words.split(", "), (TRIED.get(name, 0.7), *rest), strict=False))
    arrays = {word: np.asarray(x, "float64") for word, x in given.items()}
    found = eval(SPECIAL[call], {"gg": gg, **arrays})
    np.testing.assert_allclose(found, getattr(special, name)(*given.values()), rtol=1e-10)
    assert not hasattr(gg.special, name)
    tensors = [gg.tensor([float(x)], requires_grad=True) for x in given.values()]
    if name not in ("jvp", "ivp", "kvp", "yvp", "perm", "spherical_jn", "spherical_yn"):
        with pytest.raises((UnknownOp, TrackedConversion), match=re.escape(SPECIAL[call])):
            getattr(special, name)(*tensors)


def test_functions_of_scipy_that_call_ufuncs_of_other_names() -> None:
    x, q = np.array([2.3, 1.6, -0.2, -5.0]), np.array([0.5, 2.0])
    for k in (0, -1, 2):
        expected = special.lambertw(x, k)
        np.testing.assert_array_equal(special.lambertw(gg.tensor(x), k), expected)
        compiled = gg.jit(lambda x, k=k: special.lambertw(x, k))
        np.testing.assert_array_equal(compiled(x), expected)
    check_grads(lambda x: gg.real(special.lambertw(x)), (x,))
    np.testing.assert_array_equal(special.zeta(2.0, gg.tensor(q)), special.zeta(2.0, q))
    check_grads(lambda q: special.zeta(2.0, q), (q,))
    with pytest.raises(UnknownOp, match=r"'zeta' of a Tensor .* no derivative in x here"):
        special.zeta(gg.tensor(q, requires_grad=True))


def test_without_scipy_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("scipy"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(BackendUnavailable, match="pip install scipy"):
        NumpyNamespace().erf(np.zeros(2))


def test_sinc_of_complex_numbers_is_numpys_and_has_its_slopes() -> None:
    """Also far from the real axis, where half turns are of the real part alone."""
    z = np.array([-0.345 - 0.345j, 0.465 + 0.565j, 1.7 - 0.8j, -3.2 + 0.6j, 0.0])
    np.testing.assert_allclose(gg.sinc(z), np.sinc(z), rtol=1e-13)
    gg.testing.check_grads(lambda z: gg.sum(gg.abs(gg.sinc(z)) ** 2), (z,), order=2)


def test_the_root_of_mean_squares_is_for_real_numbers() -> None:
    with pytest.raises(UnsupportedOperand, match="real"):
        ops.root_mean_square(np.array([1j, 2.0]))


def test_an_own_op_may_have_a_name_of_this_module() -> None:
    """Which a program need not know; the functions here, and their rules, stay what they are."""

    @gg.op(lambda g, x: g * 7.0)
    def j0(xp: Any, x: Any) -> Any:
        return x * 7.0

    x = np.array([0.5, 1.5])
    for way in (lambda f: f, gg.jit, gg.vmap):
        np.testing.assert_array_equal(way(j0)(x), 7 * x)
        np.testing.assert_array_equal(way(gg.grad(lambda x: gg.sum(j0(x))))(x), [7.0, 7.0])
    np.testing.assert_allclose(gg.special.j0(x), special.j0(x), rtol=1e-15)
    slope = gg.grad(lambda x: gg.sum(gg.special.j1(x)))(x)
    np.testing.assert_allclose(slope, special.j0(x) - special.j1(x) / x, rtol=1e-13)
    with pytest.raises(InvalidOp, match="registered already"):

        @gg.op(lambda g: g)
        def sin(xp: Any, x: Any) -> Any:
            return x
