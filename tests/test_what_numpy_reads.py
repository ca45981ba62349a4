"""What NumPy's own function reads is what is differentiated: one triangle, the function of a module
and not its namesake, and arguments in every form that NumPy takes.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan
from typing import Any

import numpy as np
import pytest
import scipy.special
from agreement import check_function, every_way

import gpugrad as gg
from gpugrad.core import outside
from gpugrad.errors import InvalidArgument, TrackedConversion, UnknownOp, UnsupportedOperand
from gpugrad.testing import check_grads

rng = np.random.default_rng(0)


def R(*shape: int) -> Any:
    return rng.normal(size=shape)


# Triangles

REAL = R(4, 4) + 4 * np.eye(4)
COMPLEX = REAL + 1j * R(4, 4)
MATRICES = {"real": REAL, "complex": COMPLEX, "batch": np.stack([REAL, REAL.mT + 1])}
"""None is symmetric: the two triangles say different things."""

TRIANGLES: dict[str, tuple[Callable[..., Any], str]] = {
    "eigvalsh": (lambda m, x: m.linalg.eigvalsh(x), "L"),
    "eigvalsh U": (lambda m, x: m.linalg.eigvalsh(x, UPLO="U"), "U"),
    "eigh": (lambda m, x: m.linalg.eigh(x)[0], "L"),
    "eigh L": (lambda m, x: m.linalg.eigh(x, "L")[0] if m is np else
               m.linalg.eigh(x, UPLO="L")[0], "L"),
    "eigh U": (lambda m, x: m.linalg.eigh(x, UPLO="U").eigenvalues, "U"),
    "vectors": (lambda m, x: abs(m.linalg.eigh(x).eigenvectors), "L"),
    "vectors U": (lambda m, x: abs(m.linalg.eigh(x, UPLO="u").eigenvectors), "U"),
    "cholesky": (lambda m, x: m.linalg.cholesky(x), "L"),
    "cholesky upper": (lambda m, x: m.linalg.cholesky(x, upper=True), "U"),
    "norm of vectors": (lambda m, x: m.linalg.norm(m.linalg.eigh(x)[1][..., 0]), "L"),
}  # fmt: skip


@pytest.mark.parametrize("kind", MATRICES)
@pytest.mark.parametrize("name", TRIANGLES)
def test_one_triangle_is_read_and_differentiated(name: str, kind: str) -> None:
    """The value is NumPy's, the gradient that of NumPy's function by differences: 0 in the triangle
    that is not read, twice as large below the diagonal as that of the symmetric part.
    """
    (f, triangle), x = TRIANGLES[name], MATRICES[kind]
    if "cholesky" in name:
        x = x + 10 * np.eye(4)
    wanted = f(np, x)
    check_function(lambda x: f(gg, x), lambda x: wanted, (x,), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(f(np, gg.tensor(x, requires_grad=True)).value, wanted, rtol=1e-12)
    if name == "eigvalsh U":
        np.testing.assert_allclose(np.linalg.eigvalsh(gg.tensor(x), "U").value, wanted, rtol=1e-12)
    slope = _slope(lambda x: f(gg, x), x)
    np.testing.assert_allclose(slope, _differences(lambda x: f(np, x), x), atol=1e-7)
    unread = np.triu(slope, 1) if triangle == "L" else np.tril(slope, -1)
    assert not unread.any()
    junk = np.triu(R(4, 4), 1) if triangle == "L" else np.tril(R(4, 4), -1)
    np.testing.assert_array_equal(f(gg, x + junk), f(gg, x))


def _weights(shape: tuple[int, ...]) -> Any:
    return np.cos(np.arange(np.prod(shape, dtype=int))).reshape(shape)


def _slope(f: Callable[..., Any], x: Any) -> Any:
    def loss(x: Any) -> Any:
        y = f(x)
        return gg.sum(gg.real(y * _weights(y.shape)))

    return gg.grad(loss)(x)


def _differences(f: Callable[..., Any], x: Any, step: float = 1e-6) -> Any:
    found = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        for unit in (1.0, 1j)[: 2 if x.dtype.kind == "c" else 1]:
            up, down = x.copy(), x.copy()
            up[place] += step * unit
            down[place] -= step * unit
            rise = np.real(f(up) - f(down)) * _weights(np.shape(f(x)))
            found[place] += unit * np.sum(rise) / (2 * step)
    return found


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize("triangle", ["L", "U"])
def test_eigenvectors_have_the_signs_of_numpy(triangle: str, dtype: type) -> None:
    """They are not determined, but one program has one result, on arrays and on Tensors."""
    x = REAL if dtype is float else REAL + 1j * REAL.T
    wanted = np.linalg.eigh(x, triangle)
    for found in (
        gg.linalg.eigh(x, UPLO=triangle),
        np.linalg.eigh(gg.tensor(x, requires_grad=True), triangle),
        gg.jit(lambda x: gg.linalg.eigh(x, UPLO=triangle))(x),
    ):
        np.testing.assert_array_equal(getattr(found[1], "value", found[1]), wanted[1])
    check_grads(lambda x: gg.abs(gg.linalg.eigh(x, UPLO=triangle)[1]), (x,))


def test_triangles_everywhere() -> None:
    """Eager, compiled and in batches: values and gradients."""

    def f(x: Any) -> Any:
        y = x + 10 * gg.eye(4)
        parts = (
            gg.linalg.cholesky(y), gg.linalg.cholesky(y, upper=True), gg.linalg.eigvalsh(x),
            gg.linalg.eigh(x, UPLO="U")[0], gg.abs(gg.linalg.eigh(x)[1]),
        )  # fmt: skip
        return gg.concat([gg.reshape(part, (-1,)) for part in parts])

    def both(x: Any) -> tuple[Any, Any]:
        return f(x), _slope(f, x)

    wanted = both(REAL)
    compiled = gg.jit(both, engine="numpy")         # the functions are calls on every engine
    batch = [y[1] for y in gg.vmap(both)(np.stack([np.eye(4), REAL]))]
    for found in (compiled(REAL), compiled(REAL), compiled(REAL), batch):
        for y, want in zip(found, wanted, strict=True):
            np.testing.assert_allclose(y, want, rtol=1e-11, atol=1e-12)


def test_an_unknown_triangle_is_refused() -> None:
    for f in (gg.linalg.eigh, gg.linalg.eigvalsh):
        with pytest.raises(InvalidArgument, match="'L' or 'U'"):
            f(REAL, UPLO="X")


# Functions of the same name

OUTSIDE = np.array([-4.0, -0.5, 0.0, 0.25, 3.0])

EXTENDED: dict[str, Callable[..., Any]] = {
    "sqrt": lambda m, x: m.emath.sqrt(x),
    "log": lambda m, x: m.emath.log(x - 0.1),
    "log2": lambda m, x: m.emath.log2(x - 0.1),
    "log10": lambda m, x: m.emath.log10(x - 0.1),
    "logn": lambda m, x: m.emath.logn(2.0, x - 0.1),
    "power": lambda m, x: m.emath.power(x, 1.5),
    "power of an integer": lambda m, x: m.emath.power(np.array([2, 4]), -2) * x[-1],
    "arccos": lambda m, x: m.emath.arccos(x),
    "arcsin": lambda m, x: m.emath.arcsin(x),
    "arctanh": lambda m, x: m.emath.arctanh(x),
}


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
@pytest.mark.parametrize("name", EXTENDED)
def test_functions_that_become_complex(name: str) -> None:
    """`np.emath.sqrt` is not `np.sqrt`: values and dtypes are NumPy's, inside the domain real."""
    f = EXTENDED[name]
    for dtype, rtol in (("float64", 1e-13), ("float32", 1e-6), ("complex128", 1e-13)):
        for x in (OUTSIDE.astype(dtype), np.array([0.2, 0.5], dtype)):
            wanted = f(np, x)
            for found in (f(gg, x), f(np, gg.tensor(x)).value,
                          f(np, gg.tensor(x, requires_grad=True)).value):  # fmt: skip
                assert found.dtype == wanted.dtype
                np.testing.assert_allclose(found, wanted, rtol=rtol)
    inside = OUTSIDE[OUTSIDE != 0]
    check_grads(lambda x: (gg.real(f(gg, x)), gg.imag(f(gg, x) + 0j)), (inside,))


def test_the_dtype_cannot_depend_on_recorded_values() -> None:
    for transform in (gg.jit, gg.vmap):
        with pytest.raises(TrackedConversion, match=r"gg\.astype\(x, gg\.complex128\)"):
            transform(np.emath.sqrt)(OUTSIDE)


def test_namesakes_of_other_modules_are_not_taken_for_ours() -> None:
    """Text functions, other people's ufuncs, and CuPy's kernels of users."""
    t, plain = gg.tensor(R(3), requires_grad=True), gg.tensor(R(3))
    doubled = np.frompyfunc(lambda x: 2 * x, 1, 1)
    slices = [np.strings.slice] if hasattr(np.strings, "slice") else []     # since NumPy 2.3
    for other in (doubled, np.char.multiply, np.char.equal, *slices):
        assert outside._function(getattr(other, "__name__", ""), other) is None
    with pytest.raises(UnknownOp):
        doubled(t)
    with pytest.raises(UnknownOp, match=r"gg\.equal is not what numpy\.char has"):
        np.char.equal(t, t)
    np.testing.assert_allclose(doubled(plain).astype(float), 2 * plain.value)

    class Kernel:
        """As the ElementwiseKernel of a user."""

        name, nin = "sin", 1

        def __call__(self, x: Any) -> Any:
            return x + 100

    np.testing.assert_array_equal(
        plain.__cupy_override_elementwise_kernel__(Kernel(), plain), plain.value + 100
    )
    with pytest.raises(UnknownOp):
        t.__cupy_override_elementwise_kernel__(Kernel(), t)


def test_namesakes_that_are_ours() -> None:
    """NumPy's ufuncs, their methods and SciPy's are found by their names."""
    x = np.array([0.2, 0.4, 0.7])
    t = gg.tensor(x, requires_grad=True)
    for f in (np.sin, np.exp2, scipy.special.erf, scipy.special.xlogy, scipy.special.exp2):
        args = (x,) * f.nin
        np.testing.assert_allclose(f(*(t,) * f.nin).value, f(*args), rtol=1e-15)
    assert np.add.reduce(t).requires_grad


# Values of other functions


@pytest.mark.parametrize("dtype", "int8 int16 int32 int64 uint8 uint64 float16 float64".split())
def test_fmod_of_the_smallest_and_the_largest(dtype: str) -> None:
    """As NumPy's, pair by pair: the smallest integer has no absolute value."""
    limits = np.iinfo(dtype) if np.dtype(dtype).kind in "iu" else np.finfo(dtype)
    values = [limits.min, 0, 1, 3, 7, limits.max]
    if limits.min < 0:
        values += [-1, -7, -3]
    a, b = (x.ravel() for x in np.meshgrid(*[np.array(values, dtype)] * 2))
    with np.errstate(all="ignore"):
        wanted = np.fmod(a, b)
        for how, found in every_way(gg.fmod, a, b):
            assert found.dtype == dtype
            np.testing.assert_array_equal(found, wanted, err_msg=how)


@pytest.mark.filterwarnings("ignore:Degrees of freedom:RuntimeWarning")
@pytest.mark.parametrize("name", ["nanvar", "nanstd"])
def test_deviations_of_too_few_numbers_are_nan(name: str) -> None:
    """Where the correction is as much as the numbers that are left, or more."""
    x = np.array([[1.0, 2.0, nan, 4.0], [nan, 3.0, nan, nan], [nan] * 4])
    f, reference = getattr(gg, name), getattr(np, name)
    corrections = (0, 1, 2, 3.0, 5)
    wanted = [reference(x, axis=1, ddof=n) for n in corrections]
    with np.errstate(all="ignore"):
        for how, found in every_way(lambda x: [f(x, axis=1, correction=n) for n in corrections], x):
            np.testing.assert_allclose(found, wanted, err_msg=how)
        for n in (*corrections, 4):
            np.testing.assert_allclose(
                f(np.eye(2), correction=n), reference(np.eye(2), ddof=n), rtol=1e-15
            )


PARTS = [1.5, nan, inf, -inf]
COMPLEX_VALUES = np.array([complex(a, b) for a in PARTS for b in PARTS])


@pytest.mark.parametrize("dtype", ["complex128", "complex64"])
def test_nan_to_num_of_complex_numbers_goes_by_parts(dtype: str) -> None:
    x = COMPLEX_VALUES.astype(dtype)
    for settings in ({}, {"nan": 7.0, "posinf": 2.0, "neginf": -3.0}):
        wanted = np.nan_to_num(x, **settings)
        for how, found in every_way(lambda x, s=settings: gg.nan_to_num(x, **s), x):
            assert found.dtype == dtype
            np.testing.assert_array_equal(found, wanted, err_msg=how)
    ends = {"posinf": 2.0, "neginf": -3.0}
    g = gg.grad(lambda x: gg.sum(gg.real(gg.nan_to_num(x, **ends) * (1 - 2j))))(x)
    kept = np.isfinite(x.real) + 2j * np.isfinite(x.imag)
    np.testing.assert_array_equal(g, kept)


def test_einsum_with_numbers_for_letters() -> None:
    """Without a result, axes come in the order of the numbers."""
    x, y = R(2, 3), R(3, 4)
    for arguments in (
        (x, [0, 26]), (x, [26, 0]), (x, [30, 3]), (x, [25, 26]), (x, [51, 0]),
        (x, [0, 27], y, [27, 1]), (x, [40, 1], y, [1, 2]), (x, [26, ...]), (x, [..., 3]),
        (x, [0, 26], [26, 0]), (np.eye(3), [30, 30]), (x, [np.int64(1), 0]),
    ):  # fmt: skip
        wanted = np.einsum(*arguments)
        np.testing.assert_allclose(gg.einsum(*arguments), wanted, rtol=1e-14)
        tensors = [gg.tensor(a) if isinstance(a, np.ndarray) else a for a in arguments]
        np.testing.assert_allclose(np.einsum(*tensors).value, wanted, rtol=1e-14)
    for number in (52, -1):
        with pytest.raises(InvalidArgument, match="from 0 to 51"):
            gg.einsum(x, [0, number])


X = R(3, 4)

FORMS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    # Each is called with `np` and with `gg`.
    "diff, 0 times": (lambda m, x: m.diff(x, n=0), (X,)),
    "diff, 0 times with ends": (lambda m, x: m.diff(x, n=0, prepend=1.0), (X,)),
    "diff, number before": (lambda m, x: m.diff(x, prepend=0.5), (X,)),
    "diff, number behind": (lambda m, x: m.diff(x, axis=0, append=2), (X,)),
    "diff, both, twice": (lambda m, x: m.diff(x, n=2, prepend=1, append=np.float64(2)), (X,)),
    "diff, array of no axes": (lambda m, x, a: m.diff(x, axis=1, append=a), (X, np.array(0.5))),
    "diff, array": (lambda m, x, a: m.diff(x, axis=0, prepend=a), (X, R(1, 4))),
    "diff, list": (lambda m, x: m.diff(x, prepend=[1.0, 2.0]), (X[0],)),
    "tensordot, pair": (lambda m, x, y: m.tensordot(x, y, axes=(0, 0)), (X, R(3, 2))),
    "tensordot, list of two": (lambda m, x, y: m.tensordot(x, y, axes=[-1, 1]), (X, R(2, 4))),
    "tensordot, mixture": (lambda m, x, y: m.tensordot(x, y, axes=((0,), -1)), (X, R(2, 3))),
    "tensordot, lists": (lambda m, x, y: m.tensordot(x, y, axes=([0, 1], [1, 0])), (X, R(4, 3))),
    "tensordot, number": (lambda m, x, y: m.tensordot(x, y, axes=1), (X, R(4, 2))),
    "tensordot, none": (lambda m, x, y: m.tensordot(x, y, axes=0), (X, R(2))),
}


@pytest.mark.parametrize("name", FORMS)
def test_arguments_in_every_form(name: str) -> None:
    call, arrays = FORMS[name]
    wanted = call(np, *arrays)
    check_function(lambda *x: call(gg, *x), lambda *x: wanted, arrays)
    found = call(np, *(gg.tensor(x, requires_grad=True) for x in arrays))
    np.testing.assert_allclose(found.value, wanted, rtol=1e-14)
    assert found.requires_grad
    np.testing.assert_allclose(gg.jit(lambda *x: call(gg, *x))(*arrays), wanted, rtol=1e-14)


def test_a_number_at_the_end_of_differences_is_weak() -> None:
    assert gg.diff(X.astype("float32"), prepend=0.5).dtype == np.float32
    np.testing.assert_array_equal(gg.diff(np.array([1, 4]), append=0.5), [3, -3.5])
    np.testing.assert_array_equal(gg.diff(np.array([True, False]), prepend=True), [False, True])
    assert gg.diff(np.zeros((0, 2)), axis=0, prepend=1.0, append=2.0).tolist() == [[1.0, 1.0]]


@pytest.mark.parametrize("axes", [(0,), (0, 1, 2), ()])
def test_axes_that_are_no_pair_are_refused(axes: Any) -> None:
    with pytest.raises(InvalidArgument, match="pair"):
        gg.tensordot(X, X, axes=axes)


VARIADIC: dict[str, Callable[[Any], Any]] = {
    "einsum": lambda x: np.einsum("ij,kj->ik", x, x, optimize=True),
    "einsum, greedy": lambda x: np.einsum("ij,kj,k->i", x, x, x[:, 0], optimize="greedy"),
    "einsum, dtype": lambda x: np.einsum("ij->j", x, dtype="float32", casting="same_kind"),
    "einsum, all defaults": lambda x: np.einsum("ij->j", x, out=None, optimize=False),
    "gradient": lambda x: np.gradient(x, edge_order=1, axis=1),
    "gradient, exact at the ends": lambda x: np.gradient(x, axis=1, edge_order=2),
    "gradient, spacing": lambda x: np.gradient(x, 0.5, axis=0, edge_order=1),
    "meshgrid": lambda x: np.meshgrid(x[0], x[1], copy=True, sparse=False, indexing="ij")[0],
    "meshgrid, sparse": lambda x: np.meshgrid(x[0], x[1], sparse=True)[1],
    "broadcast_arrays, subclasses": lambda x: np.broadcast_arrays(x, x[0], subok=True)[1],
    "broadcast_arrays": lambda x: np.broadcast_arrays(x, x[0], subok=False)[1],
    "atleast_1d": lambda x: np.atleast_1d(x, x[0])[1],
}


@pytest.mark.parametrize("name", VARIADIC)
def test_keywords_of_functions_of_any_number_of_arrays(name: str) -> None:
    """What says nothing new is left out, as it is for other functions; the rest means what it means
    to NumPy, for gradients too.
    """
    call, wanted = VARIADIC[name], VARIADIC[name](X)
    found = call(gg.tensor(X, requires_grad=True))
    assert found.dtype == wanted.dtype
    rtol = 1e-14 if wanted.dtype == float else 1e-6
    np.testing.assert_allclose(found.value, wanted, rtol=rtol)
    if wanted.dtype == float:
        np.testing.assert_allclose(_slope(call, X), _differences(call, X), atol=1e-7)
    else:
        np.testing.assert_array_equal(_slope(call, X), np.broadcast_to(
            _weights(wanted.shape).astype(wanted.dtype), X.shape
        ))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: np.einsum("ij->j", x, order="Q"), "order is 'Q'"),
        (lambda x: np.einsum("ij->j", x, dtype="int32"), "cannot be cast to int32"),
        (lambda x: np.einsum("ij->j", x, out=gg.zeros(3)), r"shape \(4,\), and out= \(3,\)"),
        (lambda x: np.einsum("ij->j", x, out=np.zeros(4)), "into an array, which cannot hold one"),
    ],
)
def test_other_values_of_keywords_are_refused(call: Callable[..., Any], message: str) -> None:
    with pytest.raises(UnsupportedOperand, match=message):
        call(gg.tensor(X, requires_grad=True))
