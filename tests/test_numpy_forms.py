"""Forms of calls that NumPy and SciPy have beyond the standard: their values, and gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.special
from agreement import check_function

import gpugrad as gg
from gpugrad.errors import InvalidArgument, TrackedConversion, UnsupportedOperand

rng = np.random.default_rng(0)
X = rng.uniform(0.3, 0.9, (4, 4))
A, B = rng.normal(size=(2, 3, 3))

CALLS: dict[str, Callable[[Any], Any]] = {
    "fft2": np.fft.fft2,
    "fft2 of a size": lambda x: np.fft.fft2(x, (2, 3), (1, 0)),
    "ifft2": lambda x: np.fft.ifft2(x, norm="ortho"),
    "rfft2": np.fft.rfft2,
    "rfft2 along others": lambda x: np.fft.rfft2(x, axes=(1, 0)),
    "irfft2": lambda x: np.fft.irfft2(x, s=(4, 5)),
    "var(ddof)": lambda x: np.var(x, 0, ddof=1),
    "std(ddof)": lambda x: np.std(x, ddof=1, keepdims=True),
    "nanvar(ddof)": lambda x: np.nanvar(x, axis=1, ddof=1),
    "nanstd(ddof)": lambda x: np.nanstd(x, 0, ddof=2),
    "x.var(ddof)": lambda x: x.var(0, ddof=1),
    "x.std(ddof)": lambda x: x.std(axis=1, ddof=2),
    "svd(compute_uv)": lambda x: np.linalg.svd(x, compute_uv=False),
    "rollaxis": lambda x: np.rollaxis(x, 1),
    "rollaxis to the end": lambda x: np.rollaxis(x, 0, 2),
    "a tuple in a key": lambda x: x[(0, 1, 0), (1, 2, 1)],
    "a tuple beside a slice": lambda x: x[1:, (3, 0, 3)],
    "a tuple and a list": lambda x: x[(0, 1), [2, 3]],
}


@pytest.mark.parametrize("name", CALLS)
def test_values_and_gradients(name: str) -> None:
    check_function(CALLS[name], CALLS[name], (X,))


@pytest.mark.parametrize("axis", [None, -1, 0, 1])
@pytest.mark.parametrize("axisc", [-1, 0, 1])
def test_vector_products_along_any_axes(axis: int | None, axisc: int) -> None:
    for axisa, axisb in np.ndindex(2, 2):
        def product(a: Any, b: Any, axisa: int = axisa, axisb: int = axisb) -> Any:
            return np.cross(a, b, axisa=axisa, axisb=axisb, axisc=axisc, axis=axis)

        wanted = product(A, B)
        np.testing.assert_allclose(product(gg.tensor(A, requires_grad=True), B).value, wanted)
    check_function(product, product, (A, B))
    check_function(
        lambda a, b: gg.cross(a, b, axisa=0, axisc=0), lambda a, b: np.cross(a, b, 0, -1, 0),
        (A, B[0]),
    )  # fmt: skip


def test_an_array_that_needs_no_broadcast_is_itself() -> None:
    """So that a write into it arrives, as in NumPy; what is repeated cannot be written into."""
    x, y = gg.tensor(np.arange(3.0)), gg.tensor([1.0])
    same, repeated = gg.broadcast_arrays(x, y)
    same[0] = 5.0
    assert x.value.tolist() == [5, 1, 2]
    with pytest.raises(InvalidArgument, match="read-only"):
        repeated[0] = 5.0
    assert [z.shape for z in gg.broadcast_arrays(2.0, x)] == [(3,), (3,)]
    check_function(gg.broadcast_arrays, np.broadcast_arrays, (X, X[0]))


def test_a_view_may_name_its_dtype() -> None:
    x = gg.tensor(np.arange(3.0))
    x.view(float)[0] = 5.0
    x.view("float64")[1] = 6.0
    assert x.value.tolist() == [5, 6, 2]
    with pytest.raises(UnsupportedOperand, match="cannot be seen as complex128"):
        x.view(complex)


def test_whether_numbers_are_complex() -> None:
    z = np.array([1 + 0j, 2j, 0j])
    for x in (z, z.real, np.array([1, 2]), z.astype("complex64")):
        for f, reference in ((gg.iscomplex, np.iscomplex), (gg.isreal, np.isreal)):
            np.testing.assert_array_equal(f(x), reference(x))
            np.testing.assert_array_equal(np.asarray(f(gg.tensor(x))), reference(x))
    assert np.iscomplex(gg.tensor(1.0, requires_grad=True)).value.tolist() is False
    assert gg.iscomplex(2j)
    assert gg.isreal(2.0)


@pytest.mark.parametrize("dtype", [np.int64, np.float32, np.float64])
def test_orders_of_polygamma_in_an_array(dtype: Any) -> None:
    orders, x = np.array([0, 1, 4, -1], dtype), np.array([[0.5], [1.25], [3.0]])
    wanted = scipy.special.polygamma(orders, x)
    for n in (orders, gg.asarray(orders)):
        found = gg.special.polygamma(n, x)
        np.testing.assert_allclose(getattr(found, "value", found), wanted, rtol=1e-13)
    small = x.astype("float32")
    assert gg.special.polygamma(orders, small).dtype == np.result_type(orders, small, 1.0)
    gg.testing.check_grads(lambda x: gg.special.polygamma(orders[:3], x), (x,))
    assert gg.special.polygamma(np.int8(2), 0.5).dtype == np.float64


@pytest.mark.parametrize("kind", [list, tuple])
def test_a_list_beside_no_array_says_what_to_do(kind: type) -> None:
    t = gg.tensor(2.0, requires_grad=True)
    for f in (gg.sin, gg.sum, lambda x: gg.multiply(x, 2.0)):
        for part in (1.0, t):
            with pytest.raises(UnsupportedOperand, match=f"builtins.{kind.__name__}"):
                f(kind([part, 1.0, 2.0, 3.0]))


@pytest.mark.parametrize("name", ["expit", "log_expit", "psi", "erf", "exp2", "xlogy"])
def test_ufuncs_of_scipy_are_those_of_the_same_name(name: str) -> None:
    function = getattr(scipy.special, name)
    operands = (X,) * function.nin
    check_function(function, function, operands, rtol=1e-12)


@pytest.mark.parametrize("kind", [list, tuple])
@pytest.mark.parametrize("symbol", "+ - * / // % ** @ < <= > >= == !=".split())
def test_an_operator_between_a_tensor_and_a_list_is_that_of_numpy(symbol: str, kind: type) -> None:
    """What is no array is refused, and not left to what Python does with lists."""
    other, x = kind([1.0, 2.0, 3.0]), X[0, :3]
    for t in (gg.tensor(x), gg.tensor(x, requires_grad=True)):
        for expression in (f"t {symbol} other", f"other {symbol} t"):
            wanted = eval(expression, {"t": x, "other": other})
            np.testing.assert_array_equal(eval(expression, {"t": t, "other": other}).value, wanted)
            with pytest.raises(UnsupportedOperand):
                eval(expression, {"t": t, "other": kind(["1"])})


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: gg.cross(A, X), InvalidArgument, "three components"),
        (lambda: gg.cross(A, B, axis=2), InvalidArgument, "axis 2 is out of bounds"),
        (lambda: gg.rollaxis(A, 0, 3), InvalidArgument, "axis 3 is out of bounds"),
        (lambda: gg.moveaxis(A, 10, 0), InvalidArgument, "axis 10 is out of bounds for array"),
        (lambda: gg.broadcast_arrays(A, X), InvalidArgument, "cannot be broadcast"),
        (lambda: gg.special.polygamma(np.array([0.5]), X), UnsupportedOperand, "not whole"),
        (lambda: gg.special.polygamma(-1, X), UnsupportedOperand, "from 0 on"),
        (
            lambda: gg.special.polygamma(gg.tensor([1.0], requires_grad=True), 2.0),
            TrackedConversion,
            "stop_gradient",
        ),
    ],
)
def test_what_is_wrong_is_said(
    call: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call()
