"""Every refusal says what was found and what to write instead: one test for each cause, on its
text, eager, differentiated, compiled and in a batch.
"""

from __future__ import annotations

import cmath
import datetime
import math
import statistics
import warnings
from array import array
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import sin
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import scipy.integrate
import scipy.interpolate
import scipy.linalg
import scipy.optimize
import scipy.signal
import scipy.sparse
import scipy.sparse.linalg
import scipy.special
import scipy.stats

import gpugrad as gg
from gpugrad.errors import (
    GpugradError,
    InvalidArgument,
    TrackedConversion,
    UnknownOp,
    UnsupportedOperand,
)

pytestmark = pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")

with warnings.catch_warnings():
    warnings.simplefilter("ignore", PendingDeprecationWarning)      # of some versions of NumPy
    MATRIX = np.matrix([[1.0, 2.0], [3.0, 4.0]])


X = np.array([0.5, 1.5])
TABLE = np.array([0.0, 1.0, 4.0, 9.0])
FORM = "%f"
SPARSE = scipy.sparse.csr_array(np.eye(2))
DRAWS = SimpleNamespace(rng=np.random.default_rng(0))
SQUARES = np.vectorize(lambda u: u * u)

Call = Callable[[Any], Any]

WAYS: dict[str, Callable[[Call], Any]] = {
    "grad": lambda f: gg.grad(lambda x: np.sum(f(x)))(X),
    "jit": lambda f: gg.jit(f)(X),
    "jit of grad": lambda f: gg.jit(gg.grad(lambda x: np.sum(f(x))))(X),
    "vmap": lambda f: gg.vmap(f)(np.stack([X, X])),
}


def whole(f: Call, way: str) -> str:
    """What the refusal of `f` says; it must be of gpugrad."""
    with pytest.raises(GpugradError) as found:
        WAYS[way](f)
    return str(found.value)


# Who asked for the numbers


def assigned(t: Any) -> Any:
    a = np.zeros(2)
    a[0] = t[0]
    return a


def chosen(t: Any) -> Any:
    return TABLE[np.argsort(t)] * t


def batch(t: Any) -> Any:
    i = np.argmax(t)
    return TABLE[i * 2 : (i + 1) * 2] * t


def folded(t: Any) -> Any:
    return math.pow(
        t[0],
        2.0,
    )


ASKED: dict[str, tuple[Call, str]] = {
    "math.sin": (lambda t: math.sin(t[0]), "math.sin takes numbers alone: write gg.sin or np.sin."),
    "sin of math": (lambda t: sin(t[0]), "math.sin takes numbers alone: write gg.sin or np.sin."),
    "several lines": (folded, "math.pow takes numbers alone: write gg.pow or np.pow."),
    "math.lgamma": (lambda t: math.lgamma(t[0]), "write gg.special.gammaln."),
    "math.fsum": (lambda t: math.fsum(t), "math.fsum takes numbers alone: write gg.sum."),
    "math.comb": (lambda t: math.comb(t[0], 1), "math.comb takes numbers alone: compose it"),
    "cmath.exp": (lambda t: cmath.exp(t[0]), "cmath.exp takes numbers alone: write gg.exp"),
    "float": (lambda t: float(t[0]) * t, "Leave the conversion away: a Tensor of one element"),
    "int": (lambda t: t[int(t[0])], "for an index, gg.astype(t, int)"),
    "range": (lambda t: len(range(t[0])) * t, "from a shape or a plain number"),
    "round": (lambda t: round(t[0]) * t, "Write gg.round(t)."),
    "text": (lambda t: FORM % t[0] and t, "For text write f'{t}'"),
    "np.array": (lambda t: np.array([t[0], t[1]]), "np.stack or gg.asarray"),
    "np.array of it": (lambda t: np.array(t), "A Tensor is an array already"),
    "np.full": (lambda t: np.full(2, t[0]), "Write gg.full, which takes a Tensor"),
    "np.full_like": (lambda t: np.full_like(X, t[0]), "Write gg.full_like, which takes a Tensor"),
    "np.r_": (lambda t: np.r_[t, 1.0], "Write gg.r_[...], which takes Tensors."),
    "np.mgrid": (lambda t: np.mgrid[0 : t[0] : 0.1], "gg.linspace and gg.meshgrid"),
    "np.arange": (lambda t: np.arange(t[0]), "no shape depends on a value"),
    "np.fromiter": (lambda t: np.fromiter((u * u for u in t), float), "np.stack(list(...))"),
    "np.vectorize": (lambda t: SQUARES(t), "Write gg.vmap(f)(t)"),
    "a.dot": (lambda t: X.dot(t), "Write a @ t or np.dot(a, t)"),
    "a.sum": (lambda t: X.sum(initial=t[0]), "Write gg.sum(a, ...)"),
    "a[0] = t": (assigned, "A plain array cannot hold a Tensor: begin with gg.zeros(shape)"),
    "drawn": (lambda t: DRAWS.rng.normal(t, 1.0), "a draw has no derivative"),
    "logsumexp": (lambda t: scipy.special.logsumexp(t), "Write gg.special.logsumexp(t). SciPy"),
    "factorial": (lambda t: scipy.special.factorial(t), "gg.special.gamma(n + 1)"),
    "diric": (lambda t: scipy.special.diric(t, 3), "gg.special has no diric: wrap"),
    "norm.logpdf": (lambda t: scipy.stats.norm.logpdf(t), "gg.stats has logpdf"),
    "expm": (lambda t: scipy.linalg.expm(np.outer(t, t)), "gg.linalg has"),
    "interp1d": (
        lambda t: scipy.interpolate.interp1d([0.0, 2.0], [0.0, 2.0])(t), "call with gg.host"
    ),
    "lfilter": (lambda t: scipy.signal.lfilter([1.0], [1.0, 0.5], t), "call with gg.host"),
    "spsolve": (lambda t: scipy.sparse.linalg.spsolve(SPARSE, t), "gg.sparse.solve(matrix, t)"),
    "sparse @ t": (lambda t: SPARSE @ t, "gg.sparse.matmul(matrix, t)"),
    "t @ sparse": (lambda t: t @ SPARSE, "gg.sparse.matmul(matrix, t)"),
    "quad": (
        lambda t: scipy.integrate.quad(lambda u: t[0] * u, 0.0, 1.0)[0],
        "Wrap the call with gg.host",
    ),
    "solve_ivp": (
        lambda t: scipy.integrate.solve_ivp(lambda _, y: -t[0] * y, (0.0, 1.0), [1.0]).y[0],
        "Wrap the call with gg.host",
    ),
    "odeint": (
        lambda t: scipy.integrate.odeint(lambda y, _: -t[0] * y, 1.0, [0.0, 1.0]),
        "Wrap the call with gg.host",
    ),
    "brentq": (lambda t: scipy.optimize.brentq(lambda u: u - t[0], 0, 1), "with gg.implicit"),
    "minimize": (
        lambda t: scipy.optimize.minimize(lambda u: ((u - t) ** 2).sum(), np.zeros(2)).x,
        "with gg.implicit",
    ),
    "minimize from t": (
        lambda t: scipy.optimize.minimize(lambda u: (u**2).sum(), t).x, "with gg.implicit"
    ),
    "least_squares": (
        lambda t: scipy.optimize.least_squares(lambda u: u - t, np.zeros(2)).x, "with gg.implicit"
    ),
    "masked": (lambda t: t * np.ma.array(X, mask=[0, 1]), "gg.where(np.ma.getmaskarray(a), 0"),
    "Polynomial": (lambda t: np.polynomial.Polynomial(t)(1.0), "np.polyval(c[::-1], x)"),
    "statistics": (lambda t: statistics.mean(t), "Write gg.mean"),
}  # fmt: skip
"""A call, and what its refusal says whoever follows the Tensor."""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ASKED)
def test_who_asked_is_found(name: str, way: str) -> None:
    call, wanted = ASKED[name]
    assert wanted in whole(call, way)


KNOWN: dict[str, tuple[Call, str]] = {
    # Integers have no gradient: they are read, unless a trace or a batch does not know them.
    "table[i]": (chosen, "gg.asarray(table)[i]"),
    "table[a:b]": (batch, "gg.dynamic_slice(x, (start,), (n,)), or reshape x before"),
    "t[a:b]": (lambda t: t[np.argmax(t) :], "gg.dynamic_slice"),
    "table.take": (lambda t: TABLE.take(np.argsort(t)) * t, "gg.asarray(table)[i]"),
    "np.take": (lambda t: np.take(TABLE, np.argsort(t)) * t, "gg.asarray(table)[i]"),
    "list[i]": (lambda t: [1.0, 2.0][np.argmax(t)] * t, "A list is read at a known place alone"),
    "mask": (lambda t: X[t > 1.0], "keep the shape, with gg.where(mask, x, 0)"),
}


@pytest.mark.parametrize("way", ["jit", "jit of grad", "vmap"])
@pytest.mark.parametrize("name", KNOWN)
def test_places_that_are_not_known(name: str, way: str) -> None:
    call, wanted = KNOWN[name]
    assert wanted in whole(call, way)


def test_the_line_is_that_of_the_program() -> None:
    """And not that of a library which it called."""
    message = whole(lambda t: scipy.linalg.expm(np.outer(t, t)), "jit")
    assert message.startswith(f"{__file__}:")


def test_other_installed_libraries_are_named() -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    message = whole(lambda t: sklearn.mean_squared_error(X, t), "grad")
    assert "gg.host" in message


def test_errors_of_the_program_stay_its_own() -> None:
    """Also one that it raises because of a refusal, or after it has dealt with one."""

    class OwnError(ValueError):
        pass

    def instead(t: Any) -> Any:
        try:
            return float(t[0])
        except TypeError as error:
            raise OwnError("mine") from error

    def later(t: Any) -> Any:
        try:
            scipy.linalg.expm(t)
        except TypeError:
            pass
        raise OwnError("mine")

    def elsewhere(t: Any) -> Any:
        try:
            scipy.linalg.expm(t)
        except TypeError:
            pass
        return scipy.linalg.expm(np.zeros((2, 3)))

    for way in WAYS:
        for f in (instead, later):
            with pytest.raises(OwnError, match="mine"):
                WAYS[way](f)
        with pytest.raises(ValueError, match="square") as found:
            WAYS[way](elsewhere)
        assert not isinstance(found.value, GpugradError)


def test_a_conversion_that_c_code_hides_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    """MINPACK prints the refusal, and raises an error of its own."""
    for way in WAYS:
        message = whole(lambda t: scipy.optimize.fsolve(lambda u: u - t, np.zeros(2)), way)
        assert "proper array of floats" in message
        assert "gg.implicit" in message
    capfd.readouterr()


def test_a_program_without_source_is_refused_all_the_same() -> None:
    scope: dict[str, Any] = {"math": math}
    exec(compile("def f(t): return math.sin(t[0])", "<no file>", "exec"), scope)
    assert "float() of a Tensor that needs a gradient" in whole(scope["f"], "grad")


# Operands that are none


class Own:
    """A model of an own class."""

    def __init__(self) -> None:
        self.w = X


DATES = np.array(["2020-01-01", "2021-01-01"], "datetime64[D]")
RECORDS = np.zeros(2, [("a", float)])

OPERANDS: dict[str, tuple[Any, str]] = {
    "Decimal": (Decimal("1.5"), "of type decimal.Decimal: expected .* Write float"),
    "Fraction": (Fraction(1, 2), "of type fractions.Fraction: expected .* Write float"),
    "timedelta": (datetime.timedelta(1), "datetime.timedelta: .* x.total_seconds"),
    "matrix": (MATRIX, r"numpy.matrix: .* np.asarray\(x\)"),
    "text": ("abc", r"builtins.str: .* convert it with float\(x\)"),
    "bytes": (b"ab", "builtins.bytes: .* Text is no number"),
    "None": (None, "is None, not an array"),
    "set": ({1, 2}, r"builtins.set: .* np.array\(sorted\(x\)\)"),
    "dict": ({"a": 1.0}, r"builtins.dict: .* gg.tree.map"),
    "generator": ((i for i in range(2)), r"builtins.generator: .* gg.asarray\(list\(x\)\)"),
    "function": (math.sin, "Call the function first"),
    "own class": (Own(), r"Own: .* @gg.tree.register above class Own"),
    "dates": (DATES, r"dtype datetime64\[D\]; .* np.timedelta64\(1, 'D'\)"),
    "texts": (np.array(["a", "b"]), r"dtype <U1; .* x.astype\(float\)"),
    "records": (RECORDS, r"Take one field of the records: x\['name'\]"),
    "objects": (np.array([Decimal(1), Decimal(2)]), "dtype object, and holds decimal.Decimal"),
    "list of objects": (["a", None], "dtype object, and holds builtins.NoneType and builtins.str"),
    "list of lists": ([[1.0, 2.0], [3.0]], "no array can be made of a list"),
}

MEETINGS: dict[str, Callable[[Any, Any], Any]] = {
    "t * x": lambda t, x: t * x,
    "x * t": lambda t, x: x * t,
    "t - x": lambda t, x: t - x,
    "gg.multiply": lambda t, x: gg.multiply(t, x),
    "np.multiply": lambda t, x: np.multiply(t, x),
}


@pytest.mark.parametrize("way", [*WAYS, "eager"])
@pytest.mark.parametrize("meeting", MEETINGS)
@pytest.mark.parametrize("name", OPERANDS)
def test_an_operand_that_is_none_is_named(name: str, meeting: str, way: str) -> None:
    operand, wanted = OPERANDS[name]
    run = {**WAYS, "eager": lambda f: f(gg.tensor(X))}[way]
    with pytest.raises((UnsupportedOperand, gg.errors.InvalidArgument), match=wanted):
        run(lambda t: MEETINGS[meeting](t, operand))


def test_masked_arrays_on_the_left() -> None:
    with pytest.raises(UnsupportedOperand, match=r"MaskedArray: .* x\.filled\(0\)"):
        np.ma.array(X, mask=[0, 1]) * gg.tensor(X, requires_grad=True)


def test_objects_that_are_numbers_have_no_gradient() -> None:
    """NumPy computes with Python's integers one by one; the sweep does not."""
    t = gg.tensor(X, requires_grad=True)
    for loss in (np.sum(t * np.array([1, 2], object)), (t * np.array([1, 2], object))[0]):
        with pytest.raises(UnsupportedOperand, match=r"holds builtins\.(int|float)"):
            loss.backward()


def test_others_answer_first() -> None:
    """Where the other operand knows what to do with a Tensor, it does that."""

    class Length:
        def __init__(self, number: Any) -> None:
            self.number = number

        def __rmul__(self, other: Any) -> Any:
            return Length(other * self.number)

        def __lt__(self, other: Any) -> Any:
            return "less"

    t = gg.tensor(X, requires_grad=True)
    found = t * Length(2.0)
    np.testing.assert_array_equal(found.number.value, 2 * X)
    assert (t > Length(2.0)) == "less"
    with pytest.raises(UnsupportedOperand, match="Length"):
        t + Length(2.0)
    assert (t == Length(2.0)) is False
    assert (t != None) is True  # noqa: E711


def test_functions_without_an_op_name_the_host() -> None:
    for way in WAYS:
        with pytest.raises(UnknownOp, match=r"'ellipk' .* gg\.host .* vjp="):
            WAYS[way](scipy.special.ellipk)


# Other libraries


PANDAS: dict[str, Callable[[Any, Any], Any]] = {
    "s * t": lambda s, t: s * t,
    "t * s": lambda s, t: t * s,
    "s @ t": lambda s, t: s @ t,
    "np.multiply": lambda s, t: np.multiply(t, s),
    "gg.multiply": lambda s, t: gg.multiply(t, s),
    "np.dot": lambda s, t: np.dot(t, s),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", PANDAS)
def test_series(name: str, way: str) -> None:
    pandas = pytest.importorskip("pandas")
    for kind in (pandas.Series, pandas.Index):
        operand = kind([1.0, 2.0])
        if not hasattr(operand, "dot") and name == "s @ t":
            continue
        assert "x.to_numpy()" in whole(lambda t, x=operand: PANDAS[name](x, t), way)


@pytest.mark.parametrize("way", WAYS)
def test_arrays_of_jax(way: str) -> None:
    jax = pytest.importorskip("jax.numpy")
    for call in (lambda t: t * jax.ones(2), lambda t: jax.ones(2) @ t):
        assert "np.asarray(x) makes an array of NumPy" in whole(call, way)
        assert "gg.interop" in whole(call, way)
    assert "gg.interop.from_jax(f)(t), or pass JAX only" in whole(lambda t: jax.sin(t), way)


@pytest.mark.parametrize("way", WAYS)
def test_tensors_of_torch(way: str) -> None:
    torch = pytest.importorskip("torch")
    for call in (lambda t: t * torch.ones(2), lambda t: torch.ones(2) @ t):
        assert "x.detach().cpu().numpy(), or let PyTorch call" in whole(call, way)
        assert "gg.interop.torch_function(f)(x)" in whole(call, way)
    assert "sin of PyTorch was given a Tensor of gpugrad. Write gg.sin" in whole(torch.sin, way)
    assert "t.value" in whole(torch.as_tensor, way)
    for call in (torch.sin, torch.as_tensor):
        assert "gg.interop.from_torch(f)(t)" in whole(call, way)


def test_the_protocol_of_torch() -> None:
    """Where PyTorch is not installed."""
    with pytest.raises(UnsupportedOperand, match=r"sin of PyTorch .* Write gg\.sin"):
        gg.Tensor.__torch_function__(np.sin, (), (gg.tensor(X),))


def test_conversions_of_what_is_untracked_are_free() -> None:
    t = gg.tensor(X)
    assert math.sin(t[0]) == math.sin(0.5)
    np.testing.assert_array_equal(np.array([t[0], t[1]]), X)
    a = np.zeros(2)
    a[0] = t[0]
    assert a[0] == 0.5
    np.testing.assert_allclose(SPARSE @ t, X)
    assert array("d", [t[0]])[0] == 0.5


def test_a_leaf_is_refused_as_a_traced_value_is() -> None:
    t = gg.tensor(X, requires_grad=True)
    with pytest.raises(TrackedConversion, match=r"write gg\.sin or np\.sin"):
        math.sin(t[0])


# Lists of numbers, which are trees

LISTED: dict[str, tuple[Call, type[Exception]]] = {
    "np.sin": (lambda x: np.sum(np.sin(x)), TrackedConversion),
    "np.mean": (lambda x: np.mean(x), TrackedConversion),
    "power": (lambda x: (x**2).sum(), TypeError),
    "a method": (lambda x: x.sum(), AttributeError),
}
TRANSFORMS = {"grad": gg.grad, "hessian": gg.hessian, "jit": gg.jit,
              "vjp": lambda f: lambda x: gg.vjp(f, x)}  # fmt: skip


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("case", LISTED)
@pytest.mark.parametrize("x", [[1.0, 2.0], (1.0, 2.0), [[1.0, 2.0], [3.0, 4.0]]], ids=str)
def test_a_list_that_was_meant_for_an_array(x: Any, case: str, transform: str) -> None:
    f, kind = LISTED[case]
    with pytest.raises(kind, match=r"A list is a pytree of its numbers.*np\.array\(x\)") as found:
        TRANSFORMS[transform](f)(x)
    assert isinstance(found.value, GpugradError)
    TRANSFORMS[transform](f)(np.array(x))           # what it says serves


def test_a_list_under_vmap_that_was_meant_for_an_array() -> None:
    with pytest.raises(InvalidArgument, match="A list is a pytree of its numbers"):
        gg.vmap(lambda x: x)([1.0, 2.0])


def test_other_errors_about_lists_stay_what_they_are() -> None:
    def raises(x: Any) -> Any:
        raise TypeError("expected no 'list'")

    with pytest.raises(TypeError, match=r"expected no 'list'$"):
        gg.grad(raises)([1.0])
    with pytest.raises(TypeError, match="'list'") as found:
        gg.grad(lambda x: x * ([] - 1))(1.0)        # it was not given
    assert not isinstance(found.value, GpugradError)


def test_tensors_of_tensorflow() -> None:
    """By its module's name: it need not be installed."""
    kind = type("EagerTensor", (), {"__module__": "tensorflow.python.framework.ops"})
    for call in (gg.sin, lambda x: gg.add(np.ones(2), x)):
        with pytest.raises(UnsupportedOperand, match=r"numbers of the EagerTensor: x\.numpy\(\)"):
            call(kind())
