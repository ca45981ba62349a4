"""Forms of calls that NumPy and SciPy have beyond the standard: their values, and gradients."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import numpy as np
import pytest
import scipy.special
from agreement import check_function

import gpugrad as gg
from gpugrad.errors import (
    InvalidArgument,
    NotDifferentiable,
    TrackedConversion,
    UnsupportedOperand,
)

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
    for f in (gg.sin, gg.sum, lambda x: gg.multiply(x, 2.0)):
        with pytest.raises(UnsupportedOperand, match=f"builtins.{kind.__name__}"):
            f(kind([1.0, 1.0, 2.0, 3.0]))


@pytest.mark.parametrize("kind", [list, tuple])
def test_a_list_that_holds_a_tensor_is_an_array(kind: type) -> None:
    plain: dict[str, Callable[[Any], Any]] = {
        "sin": np.sin, "sum": np.sum, "max": np.max, "cumsum": np.cumsum, "ravel": np.ravel,
        "sort": np.sort, "median": np.median, "nansum": np.nansum, "poly": np.poly,
        "multiply": lambda x: np.multiply(x, 2.0), "diff": np.diff,
    }  # fmt: skip
    for name, wanted in plain.items():
        function = getattr(gg, name)

        def given(s: Any, t: Any, function: Any = function, name: str = name) -> Any:
            x = kind([s, 1.0, t])
            return function(x, 2.0) if name == "multiply" else function(x)

        check_function(given, lambda s, t, f=wanted: f([s, 1.0, t]), (X[0, 0], X[0, 1]))
    check_function(
        lambda s: gg.linalg.norm(kind([s, 2.0])), lambda s: np.linalg.norm([s, 2.0]), (X[0, 0],)
    )
    np.testing.assert_array_equal(gg.asarray([gg.tensor(X[0]), range(4)]), [X[0], range(4)])
    check_function(
        lambda x: gg.block([x, range(4)]), lambda x: np.block([x, range(4)]), (X[0],)
    )
    for f in (gg.asarray, gg.block, gg.sum):
        with pytest.raises(UnsupportedOperand, match="NoneType"):
            f(kind([gg.tensor(1.0), None]))


NAMED: dict[str, dict[str, Any]] = {
    "sum": {"a": X}, "max": {"a": X, "axis": 0}, "argmax": {"a": X}, "std": {"a": X, "ddof": 1},
    "sort": {"a": X}, "real": {"val": X}, "roll": {"a": X, "shift": 1},
    "broadcast_to": {"array": X, "shape": (2, 4, 4)}, "clip": {"a": X, "a_min": 0.4, "a_max": 0.5},
    "cumsum": {"a": X}, "nanmedian": {"a": X}, "gradient": {"f": X}, "kron": {"a": X, "b": X},
    "linalg.inv": {"a": X}, "linalg.pinv": {"a": X}, "linalg.det": {"a": X},
    "linalg.solve": {"a": X, "b": X}, "linalg.norm": {"x": X}, "fft.fft": {"a": X},
    "fft.rfft": {"a": X}, "fft.ifftn": {"a": X}, "fft.fftshift": {"x": X},
}  # fmt: skip


@pytest.mark.parametrize("name", NAMED)
def test_operands_have_the_names_that_numpy_gives_them(name: str) -> None:
    ours, theirs = attrgetter(name)(gg), attrgetter(name)(np)
    arrays = {word: x for word, x in NAMED[name].items() if isinstance(x, np.ndarray)}
    rest = {word: x for word, x in NAMED[name].items() if word not in arrays}

    def call(f: Any, *given: Any) -> Any:
        return f(**dict(zip(arrays, given, strict=True)), **rest)

    if name == "argmax":
        assert ours(a=X) == theirs(a=X)
    else:
        check_function(
            lambda *x: call(ours, *x), lambda *x: call(theirs, *x), tuple(arrays.values()), 1e-12,
            1e-15,
        )


@pytest.mark.parametrize("name", ["sum", "add", "broadcast_to", "concat", "where", "take"])
def test_an_operand_that_is_missing_is_a_type_error(name: str) -> None:
    with pytest.raises(TypeError):
        getattr(gg, name)()


ROOMS: dict[str, Callable[[Any, Any], Any]] = {
    "svd": lambda xp, x: xp.linalg.svd(x[:, :3], False)[1],
    "svd, no vectors": lambda xp, x: xp.linalg.svd(x, False, False),
    "pinv": lambda xp, x: xp.linalg.pinv(x, 1e-9),
    "lstsq": lambda xp, x: xp.linalg.lstsq(x, x[0], -1)[0],
    "norm": lambda xp, x: xp.linalg.norm(x, "fro", (0, 1), True),
    "qr": lambda xp, x: xp.linalg.qr(x, "r"),
    "fft2": lambda xp, x: xp.fft.fft2(x, (2, 3), (0, 1), "ortho"),
    "hfft": lambda xp, x: xp.fft.hfft(x, 4, -1, None),
    "ihfft": lambda xp, x: xp.fft.ihfft(x, norm=None),
    "rfft, out": lambda xp, x: xp.fft.rfft(x, out=None),
}


@pytest.mark.parametrize("name", ROOMS)
def test_rooms_take_the_parameters_of_numpys(name: str) -> None:
    f = ROOMS[name]
    check_function(lambda x: f(gg, x), lambda x: f(np, x), (X,), 1e-12, 1e-15)


PARAMETERS: dict[str, Callable[[Any], Any]] = {
    "a sum begun": lambda x: np.sum(x, 0, initial=2.0),
    "a list and a dtype": lambda x: np.add(x, [1, 2, 3, 4], dtype="f8"),
    "clip(where)": lambda x: np.clip(x, 0.4, 0.5, out=x * 2.0, where=x > 0.45),
    "clip, none below": lambda x: np.clip(x, None, 0.5, out=x * 2.0, where=x > 0.45),
    "a wider result": lambda x: np.exp(x[0], out=x * 0.0),
    "full_like(shape)": lambda x: np.full_like(x, 2.0, shape=(2, 3)),
    "nanvar(mean)": lambda x: np.nanvar(x, 0, mean=np.mean(x, 0, keepdims=True)),
    "nanstd(mean, where)": lambda x: np.nanstd(x, 1, mean=x[:, :1], where=x < 0.8),
    "take_along_axis of all": lambda x: np.take_along_axis(x, np.array([3, 0, 3]), None),
    "take of nothing": lambda x: np.take(x, [], axis=0),
    "a length for a shape": lambda x: np.broadcast_to(x[0, 0], 3),
    "piecewise of a number": lambda x: np.piecewise(x[0, 0], [x[0, 0] < 0.5], [np.exp, np.sin]),
    "apply_along_axis": lambda x: np.apply_along_axis(func1d=np.sort, axis=1, arr=x),
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_of_numpys_functions(name: str) -> None:
    check_function(PARAMETERS[name], PARAMETERS[name], (X,))


DTYPES: dict[str, Callable[[Any], Any]] = {
    "sum(initial)": lambda x: np.sum(x, initial=np.float64(2)),
    "max(initial)": lambda x: np.max(x, initial=np.array(2.0)),
    "var(mean)": lambda x: np.var(x.astype("f8"), dtype="f4", mean=np.float64(0.5)),
    "add(list)": lambda x: np.add(x, [1.0, 2.0, 3.0, 4.0], dtype="f4"),
    "rint of integers": lambda x: np.rint(x.astype("i8")),
    "clip(list)": lambda x: np.clip(x, [0.1, 0.2, 0.3, 0.4], 1, dtype="f4"),
}


@pytest.mark.parametrize("name", DTYPES)
def test_dtypes_of_results_are_those_of_numpy(name: str) -> None:
    small = X.astype("float32")
    found, wanted = DTYPES[name](gg.tensor(small)), DTYPES[name](small)
    assert found.dtype == wanted.dtype
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_numbers_are_replaced_in_place() -> None:
    x = gg.tensor([1.0, np.nan])
    assert np.nan_to_num(x, copy=False, nan=3.0) is x
    assert x.value.tolist() == [1.0, 3.0]


def test_methods_of_arrays() -> None:
    t = gg.tensor(np.arange(6.0).reshape(2, 3))
    assert (t.item(4), t.item(1, 2), t.item((0, 1))) == (4.0, 5.0, 1.0)
    assert 3.0 in t
    assert 9.0 not in t
    assert 1.0 in gg.tensor(np.ones((2, 2)), requires_grad=True)
    with pytest.raises(AttributeError, match=r"t = t.reshape\(shape\)"):
        t.shape = (3, 2)
    with pytest.raises(AttributeError, match=r"t = t.astype\(dtype\)"):
        t.dtype = "f4"


def test_where_what_is_true_stands() -> None:
    t = gg.tensor(X, requires_grad=True)
    for found in (t[np.where(t > 0.5)], t[gg.where(t > 0.5)], t[np.where(X > 0.5)]):
        np.testing.assert_array_equal(found.value, X[X > 0.5])
    with pytest.raises(TrackedConversion, match="the shape of the result would depend on values"):
        gg.jit(lambda x: x[np.where(x > 0.5)])(X)


@pytest.mark.parametrize("name", ["percentile", "quantile", "nanpercentile", "nanquantile"])
def test_shares_are_known_numbers(name: str) -> None:
    with pytest.raises(NotDifferentiable, match=f"{name}: q needs a gradient"):
        getattr(np, name)(gg.tensor(X), gg.tensor(0.5, requires_grad=True))


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
        (lambda: gg.quantile(X[:0], 0.5), InvalidArgument, "^quantile of no elements"),
        (lambda: gg.nanquantile(X[:0], 0.5), InvalidArgument, "^nanquantile of no elements"),
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
