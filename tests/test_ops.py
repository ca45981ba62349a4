"""Every op of the registry: values against NumPy, reverse rules against finite differences."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import correlations_by_hand as by_hand
import mpmath
import numpy as np
import pytest
from freedom import aligned
from op_cases import (
    BACKENDS,
    OF_BATCHES,
    ONCE,
    Case,
    all_cases,
    cases,
    differentiable,
    is_inexact,
    is_operand,
)
from rounding import largest
from scipy import linalg, special

import gpugrad as gg
from gpugrad import tree
from gpugrad.backends import philox
from gpugrad.backends.standard import SPECIAL
from gpugrad.core.op import apply
from gpugrad.core.registry import all_ops, get_op
from gpugrad.testing import check_grads

TOLERANCE = {"float16": 2e-3, "float32": 1e-6, "float64": 1e-13}

NUMPY = """
    abs acos acosh add all any argmin asin asinh atan atan2 atanh bitwise_and bitwise_invert
    bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor broadcast_to cbrt ceil clip
    concat copysign cos cosh count_nonzero cumulative_prod cumulative_sum divide equal exp exp2
    expand_dims expm1 flip floor floor_divide fmod greater greater_equal hypot imag isfinite
    isinf isnan less less_equal log log10 log1p log2 logaddexp logaddexp2 logical_and
    logical_not logical_or logical_xor matmul matrix_transpose max maximum mean min minimum
    multiply negative nextafter nonzero not_equal ones_like permute_dims positive power prod
    real reciprocal remainder reshape rint roll sign signbit sin sinc sinh spacing sqrt square
    squeeze stack
    std subtract sum tan tanh tril triu trunc var where zeros_like
""".split()
"""Ops that compute what NumPy's function of their name does."""

REFERENCE: dict[str, Any] = {
    **{name: getattr(np, name) for name in NUMPY},
    # The generator itself is held against its known answers in test_random.py.
    "random_bits": philox.bits,
    "random_uniform": philox.uniform,
    "argmax": np.argmax,
    "cast": lambda x, dtype: x.astype(dtype),
    "add_along_axis": lambda x, indices, shape, axis=-1: _added_along(
        np.zeros(shape, x.dtype), indices, x, axis
    ),
    "argsort": lambda x, axis=-1, descending=False, stable=True: np.argsort(
        -x if descending else x, axis
    ),
    "reverse_cumulative_sum": lambda x, axis=-1: np.flip(np.cumsum(np.flip(x, axis), axis), axis),
    "order_statistics": lambda x, places, axis=-1: np.take(np.sort(x, axis), places, axis),
    "ordered_places": lambda x, places, axis=-1: np.take(np.argsort(x, axis), places, axis),
    "inverse_take": lambda x, order, axis=-1: np.take_along_axis(x, np.argsort(order, axis), axis),
    "fft_rfft_transposed": lambda x, n, axis=-1, norm="backward": np.fft.fft(x, n, axis, norm).real,
    "fft_irfft_transposed": lambda x, axis=-1, norm="backward": _half_of_inverse(x, axis, norm),
    "repeated_places": lambda counts, n: np.repeat(np.arange(n), counts),
    "round": np.rint,
    "sort": lambda x, axis=-1, descending=False, stable=True: (
        -np.sort(-x, axis) if descending else np.sort(x, axis)
    ),
    "take_along_axis": lambda x, indices, axis=-1: np.take_along_axis(x, indices, axis),
    "clear_at": lambda x, key: _written(x, key, 0),
    "clear_in_view": lambda x, key, views: _written_in_view(x, key, 0, views),
    "conj": np.conj,
    "copy": np.array,
    "cross_entropy_and_softmax": lambda x, labels: (
        -np.take_along_axis(special.log_softmax(x, -1), labels[..., None], -1)[..., 0],
        special.softmax(x, -1),
    ),
    "cross_entropy_vjp": lambda to_losses, softmax, labels: (
        to_losses[..., None] * (softmax - np.eye(softmax.shape[-1])[labels])
    ),
    "fft_fft": np.fft.fft,
    "fft_ifft": np.fft.ifft,
    "fft_irfft": np.fft.irfft,
    "fft_rfft": np.fft.rfft,
    "cholesky": np.linalg.cholesky,
    "complete_qr": lambda x: np.linalg.qr(x, "complete"),
    "full_svd": np.linalg.svd,
    "cofactor": lambda x: np.linalg.det(x)[..., None, None] * np.linalg.inv(x).mT,
    "cofactor_slope": lambda x, e: _cofactor_slope(x, e),
    "det": np.linalg.det,
    "eigh": lambda x, upper=False: np.linalg.eigh(x, "U" if upper else "L"),
    "filled_like": np.full_like,
    "eigvalsh": np.linalg.eigvalsh,
    "eig": np.linalg.eig,
    "eigvals": np.linalg.eigvals,
    "euclidean_norm": np.linalg.vector_norm,
    "power_norm": np.linalg.vector_norm,
    "root_mean_square": lambda x, axis=None, eps=0.0: np.sqrt(
        np.mean(x * x, axis=axis, keepdims=True) + eps
    ),
    "unit_vector": lambda x, axis=None: x / np.linalg.vector_norm(x, axis=axis, keepdims=True),
    "expm": linalg.expm,
    "solve_triangular": lambda a, b, lower, unit_diagonal: np.linalg.solve(
        _triangle(a, lower, unit_diagonal), b
    ),
    "inv": np.linalg.inv,
    "matrix_rank": np.linalg.matrix_rank,
    "nuclear_norm": lambda x: np.linalg.norm(x, "nuc", axis=(-2, -1)),
    "pinv": np.linalg.pinv,
    "polar_factor": lambda x: np.reshape(
        [linalg.polar(matrix)[0] for matrix in np.reshape(x, (-1, *x.shape[-2:]))], x.shape
    ),
    "qr": np.linalg.qr,
    "gammainc_slope": lambda a, x: _in_parameter(_gammainc, a, x),
    "betainc_slope": lambda a, b, x: _in_parameter(_betainc, a, b, x),
    "polygamma": lambda x, n: special.polygamma(n, x),
    "sinc_derivative": lambda x, n: _slope(np.sinc, x, n),
    "asin_slope": lambda x: (1 - x * x) ** -0.5,
    "atan2_slope": lambda a, b: b / (a * a + b * b),
    "hypot_slope": lambda a, b: a / np.sqrt(a * a + b * b),
    "log_ndtr_slope": lambda x: np.exp(-x * x / 2) / np.sqrt(2 * np.pi) / special.ndtr(x),
    "ndtri_slope": lambda x: np.sqrt(2 * np.pi) * np.exp(special.ndtri(x) ** 2 / 2),
    "power_slope": lambda a, b: a**b * np.log(a),
    "tanh_slope": lambda x: 1 - np.tanh(x) ** 2,
    "elu": lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))),
    "gelu": lambda x: x * special.expit((8 / np.pi) ** 0.5 * (x + 0.044715 * x**3)),
    "leaky_relu": lambda x, slope=0.01: np.where(x > 0, x, slope * x),
    "silu": lambda x: x * special.expit(x),
    "slogdet": np.linalg.slogdet,
    "solve": np.linalg.solve,
    "svd": lambda x: np.linalg.svd(x, full_matrices=False),
    "svdvals": np.linalg.svdvals,
    "full_like": lambda x, fill_value: np.full_like(x, fill_value),
    "getitem": lambda x, key: x[key],
    "linear": lambda a, b, c: a @ b + c,
    "log_softmax": lambda x, axis=-1: special.log_softmax(x, axis),
    "mean_squared_error": lambda a, b: np.mean((a - b) ** 2),
    "move": lambda x, device, home: x,
    "nll": lambda x, labels: -np.take_along_axis(x, labels[..., None], -1)[..., 0],
    "one_hot": lambda labels, n, dtype: np.eye(n, dtype=dtype)[labels],
    "relu": lambda x: np.where(x > 0, x, 0),
    "scale": np.multiply,
    "scatter_add": lambda x, key, shape: _added(np.zeros(shape, x.dtype), key, x),
    "set_at": lambda x, key, value: _written(x, key, value),
    "set_in_view": lambda x, key, value, views: _written_in_view(x, key, value, views),
    "setitem": lambda x, key, value: _written(x, key, value),
    "sorted_places": np.searchsorted,
    "softmax": lambda x, axis=-1: special.softmax(x, axis),
    "windows": lambda x, **settings: _windows(x, **settings),
    "overlap_add": lambda x, **settings: _overlapped(x, **settings),
    "full_convolution": np.convolve,
    "batched_correlation": by_hand.correlation,
    "biased_correlation": by_hand.correlation,
    "correlation_inputs": by_hand.inputs,
    "correlation_weights": by_hand.weights,
    "valid_correlation": lambda a, v: np.correlate(a, v, "valid"),
    "standardize": lambda x, axis=-1, eps=1e-5: (
        (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + eps)
    ),
    "standardize_and_moments": lambda x, axis, eps: (
        (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + eps),
        x.mean(axis, keepdims=True), np.sqrt(x.var(axis, keepdims=True) + eps),
    ),
    "scaled_and_root": lambda x, axis, eps: (
        x / np.sqrt((x * x).mean(axis, keepdims=True) + eps),
        np.sqrt((x * x).mean(axis, keepdims=True) + eps),
    ),
    "max_of_windows": lambda x, sizes: _windows_alone(x, sizes),
    "softplus": lambda x: np.log1p(np.exp(x)),
    "unique_places": lambda x: tuple(np.unique_all(x)[1:]),
    "unstack": lambda x, axis=0: tuple(np.moveaxis(x, axis, 0)),
}
"""What an op means, where its `@op` does not say it by `reference=`."""


def _written(x: Any, key: Any, value: Any) -> Any:
    x = x.copy()
    x[key] = value
    return x


def _written_in_view(x: Any, key: Any, value: Any, views: Any) -> Any:
    x = x.copy()
    seen = x
    for name, argument in views:
        if name == "getitem":
            seen = seen[argument]
        else:
            seen = {"permute_dims": seen.transpose, "reshape": seen.reshape}[name](argument)
    assert np.shares_memory(seen, x)
    seen[key] = value
    return x


def _added(x: Any, key: Any, value: Any) -> Any:
    np.add.at(x, key, value)
    return x


def _slope(f: Any, x: Any, n: int) -> Any:
    """A derivative of an analytic function, from its values on a circle (Cauchy's formula)."""
    turns = np.exp(2j * np.pi * np.arange(64) / 64)
    z = np.pi * (x[..., None] + turns)
    values = np.where(z == 0, 1, np.sin(z) / np.where(z == 0, 1, z))
    return np.mean(values / turns**n, axis=-1).real * math.factorial(n)


def _cofactor_slope(x: Any, e: Any) -> Any:
    """Of matrices that have an inverse."""
    turned = np.linalg.inv(x).mT
    along = np.sum(turned * e, axis=(-2, -1), keepdims=True)
    return np.linalg.det(x)[..., None, None] * (turned * along - turned @ e.mT @ turned)


def _triangle(a: Any, lower: bool, unit_diagonal: bool) -> Any:
    a = np.tril(a) if lower else np.triu(a)
    eye = np.eye(a.shape[-1])
    return a * (1 - eye) + eye if unit_diagonal else a


def _windows(x: Any, axis: int, at: int, size: int, step: int = 1, dilation: int = 1) -> Any:
    views = np.lib.stride_tricks.sliding_window_view(x, (size - 1) * dilation + 1, axis)
    chosen = np.moveaxis(np.moveaxis(views, axis, 0)[::step], 0, axis)
    return np.moveaxis(chosen[..., ::dilation], -1, at)


def _windows_alone(x: Any, sizes: tuple[int, ...]) -> Any:
    """The largest element of each of the windows that lie side by side."""
    n = len(sizes)
    views = np.lib.stride_tricks.sliding_window_view(x, sizes, tuple(range(-n, 0)))
    chosen = views[(..., *(slice(None, None, size) for size in sizes), *(slice(None),) * n)]
    return chosen.max(tuple(range(-n, 0)))


def _overlapped(x: Any, axis: int, n: int, **settings: Any) -> Any:
    shape = [*x.shape[: settings["at"]], *x.shape[settings["at"] + 1 :]]
    shape[axis] = n
    places = _windows(np.arange(np.prod(shape)).reshape(shape), axis=axis, **settings)
    return np.bincount(places.ravel(), x.ravel(), np.prod(shape)).reshape(shape)


def _half_of_inverse(x: Any, axis: int, norm: Any) -> Any:
    """The inverse transform, with both of each pair in the one that half a spectrum has."""
    whole = np.moveaxis(np.fft.ifft(x, axis=axis, norm=norm), axis, -1)
    half = np.array(whole[..., : whole.shape[-1] // 2 + 1])
    for k in range(1, (whole.shape[-1] + 1) // 2):
        half[..., k] += np.conj(whole[..., -k])
    return np.moveaxis(half, -1, axis)


def _in_parameter(f: Callable[..., Any], *operands: Any) -> Any:
    """The slope of a function in its first operand, which mpmath finds by many digits."""

    def slope(a: float, *others: float) -> float:
        with mpmath.workdps(40):
            exact = [mpmath.mpf(float(x)) for x in others]
            return float(mpmath.diff(lambda a: f(a, *exact), mpmath.mpf(float(a))))

    return np.vectorize(slope, otypes=[float])(*operands)


def _gammainc(a: Any, x: Any) -> Any:
    return mpmath.gammainc(a, 0, x, regularized=True)


def _betainc(a: Any, b: Any, x: Any) -> Any:
    return mpmath.betainc(a, b, 0, x, regularized=True)


def _added_along(x: Any, indices: Any, value: Any, axis: int) -> Any:
    for place in np.ndindex(value.shape):
        target = list(place)
        target[axis] = indices[place]
        x[tuple(0 if n == 1 else i for i, n in zip(target, x.shape, strict=True))] += value[place]
    return x


def reference(name: str) -> Any:
    return REFERENCE.get(name) or get_op(name).info.meaning


def place(library: Any, x: Any) -> Any:
    """Operands with their host arrays in the library; index keys keep their basic parts."""
    if isinstance(x, tuple):
        return tuple(place(library, part) for part in x)
    return library.asarray(x) if isinstance(x, np.ndarray) else x


def host(library: Any, y: Any) -> tuple[Any, ...]:
    parts = y if isinstance(y, tuple | list) else (y,)
    return tuple(np.asarray(library.numpy(part)) for part in parts)


def function_of(case: Case, arrays: tuple[Any, ...], chosen: list[int]) -> Callable[..., Any]:
    """The op as a function of its operands at the places `chosen`; the others stay as they are."""

    def f(*values: Any) -> Any:
        operands = list(arrays)
        for i, value in zip(chosen, values, strict=True):
            operands[i] = value
        return case.call(tuple(operands))

    return f


def defined(case: Case, library: str) -> bool:
    """Whether the strict library has the case: it refuses what the standard leaves undefined."""
    if library != "strict":
        return True
    indexed = case.op in (
        "getitem", "setitem", "scatter_add", "set_at", "clear_at", "set_in_view", "clear_in_view"
    )  # fmt: skip
    if indexed and any(isinstance(part, np.ndarray) for part in case.operands[1]):
        return False  # not every index of arrays
    whole = case.op in ("getitem", "setitem", "set_in_view", "clear_in_view")
    if whole and not any(part is ... for part in case.operands[1]):
        return False  # an index for each axis, or `...`
    if case.op in SPECIAL or case.op in (
        "betainc_slope", "cbrt", "gammainc_slope", "lambertw", "log_ndtr_slope", "ndtri_slope",
        "polygamma",
    ):  # fmt: skip
        return False  # it has none
    if case.settings.get("upper") and case.op == "eigh":
        return False  # it turns the matrices, which has other signs
    if case.op in ("fft_fft", "fft_ifft", "fft_irfft", "fft_rfft_transposed"):
        return False  # of real numbers
    # `imag` is for complex numbers only; the dtype in the other cases is NumPy's.
    return case.op != "imag" and "dtype" not in case.settings


def on_libraries(cases: list[Case]) -> Any:
    """Each case on each library that has it."""
    pairs = [(case, name) for case in cases for name in BACKENDS if defined(case, name)]
    return pytest.mark.parametrize(("case", "xp"), pairs, indirect=["xp"], ids=str)


DIFFERENTIABLE = list(all_cases(differentiable))


@on_libraries(list(all_cases()))
def test_value_is_that_of_numpy(case: Case, xp: Any) -> None:
    """The forward computes what NumPy does, in every library, up to what the definition leaves open
    and to rounding: of each element, and in proportion to the largest where elements meet.
    """
    arrays = case.arrays()
    wanted = _results(case, arrays)
    found = host(xp, case.call(place(xp, arrays)))
    assert len(found) == len(wanted)
    room = _room(case, arrays, wanted)
    for y, want, atol in zip(aligned(case.op, found, wanted), wanted, room, strict=True):
        assert y.shape == np.shape(want)
        np.testing.assert_allclose(y, want, rtol=1e-13, atol=atol)


def _results(case: Case, arrays: tuple[Any, ...]) -> tuple[Any, ...]:
    expected = reference(case.op)(*arrays, **case.settings)
    return tuple(map(np.asarray, expected)) if isinstance(expected, tuple) else (expected,)


STABLE = 16
"""Roundings of the largest element that a sum, a product or a stable algorithm may be off by, for
the few elements of a case: the constants of LAPACK's bounds.
"""


def _room(case: Case, arrays: tuple[Any, ...], wanted: tuple[Any, ...]) -> list[float]:
    """How far each result may be off beside the roundings of its elements.

    What a stable algorithm gives is exact for operands that are off by roundings of their largest
    element; how much that moves the results of linear algebra is tried out.
    """
    eps = np.finfo("float64").eps
    rooms = [STABLE * eps * largest(y) for y in wanted]
    if case.op in LAPACK:
        for seed in range(4):
            moved = _results(case, _shaken(arrays, np.random.default_rng(seed)))
            pairs = zip(aligned(case.op, moved, wanted), wanted, strict=True)
            far = [STABLE * largest(y - want) for y, want in pairs]
            rooms = list(map(max, rooms, far))
    assert all(room <= 1e-10 * max(largest(y), 1) for room, y in zip(rooms, wanted, strict=True))
    return rooms


def _shaken(arrays: tuple[Any, ...], generator: np.random.Generator) -> tuple[Any, ...]:
    """Matrices with every element off by a rounding of the largest."""
    eps = np.finfo("float64").eps
    return tuple(
        x + eps * largest(x) * generator.choice([-1, 1], x.shape)
        if isinstance(x, np.ndarray) and x.dtype.kind in "fc" else x
        for x in arrays
    )  # fmt: skip


@on_libraries(DIFFERENTIABLE)
def test_vjp_matches_central_difference(case: Case, xp: Any) -> None:
    """<v, J u> measured by differences equals <Jᵀv, u> from the VJP, to second order."""
    op = get_op(case.op)
    arrays = place(xp, case.arrays())
    chosen = [i for i, x in enumerate(arrays) if is_operand(op, i, x)]

    f = function_of(case, arrays, chosen)
    order = 1 if case.op in ONCE and 0 in chosen else 2
    check_grads(f, tuple(arrays[i] for i in chosen), order=order)


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=str)
def test_jvp_by_double_vjp_at_zero(case: Case) -> None:
    """The pullback is linear in its cotangent also at u = 0: its own VJP there is J v."""
    op = get_op(case.op)
    arrays = case.arrays()
    chosen = [i for i, x in enumerate(arrays) if is_operand(op, i, x)]

    f = function_of(case, arrays, chosen)
    primals = [arrays[i] for i in chosen]
    generator = np.random.default_rng(1)
    leaves = tree.leaves(primals)
    v = [generator.standard_normal(x.shape) for x in leaves]
    structure = tree.flatten(primals)[1]
    out, pullback = gg.vjp(f, *primals)
    zero = tree.map(np.zeros_like, out)
    _, pullback_of_pullback = gg.vjp(pullback, zero)
    claimed = tree.leaves(pullback_of_pullback(tuple(tree.unflatten(structure, v))))
    h = 1e-6

    def moved(t: float) -> list[Any]:
        return tree.leaves(
            f(*tree.unflatten(structure, [x + t * d for x, d in zip(leaves, v, strict=True)]))
        )

    for a, b, c in zip(moved(h), moved(-h), claimed, strict=True):
        np.testing.assert_allclose((a - b) / (2 * h), c, rtol=1e-6, atol=1e-8)


COMPLEX = frozenset(
    "add subtract multiply divide negative exp log sin cos tanh sqrt square power conj sum mean "
    "matmul reshape permute_dims matrix_transpose broadcast_to expand_dims squeeze concat stack "
    "getitem setitem where copy linear unstack abs real imag "
    "tan asin acos atan sinh cosh asinh acosh atanh log2 log10 reciprocal positive prod "
    "fft_fft fft_ifft fft_irfft cumulative_sum cumulative_prod "
    "reverse_cumulative_sum take_along_axis add_along_axis inverse_take "
    "flip roll tril triu inv solve det cofactor cofactor_slope slogdet svdvals qr eigvals "
    "eigvalsh pinv euclidean_norm power_norm unit_vector var std windows overlap_add "
    "full_convolution valid_correlation batched_correlation biased_correlation "
    "correlation_inputs correlation_weights expm nuclear_norm polar_factor solve_triangular".split()
)

SINGLE = frozenset(
    "cholesky cofactor cofactor_slope det eig eigh eigvals eigvalsh expm inv nuclear_norm pinv "
    "polar_factor qr slogdet solve solve_triangular svd svdvals".split()
)
"""Ops of libraries that do not have float16."""

LAPACK = SINGLE | {"full_svd", "complete_qr"}


TYPED = [
    (case, dtype)
    for dtype in ("float16", "float32", "complex64")
    for case in DIFFERENTIABLE
    if "dtype" not in case.settings
    and not (dtype == "float16" and case.op in SINGLE)
    and (dtype != "complex64" or case.op in COMPLEX)
]


@pytest.mark.parametrize(("case", "dtype"), TYPED, ids=str)
def test_gradient_has_the_dtype_of_its_input(case: Case, dtype: str) -> None:
    """Results and gradients stay in the dtype of the operands, and near those in float64."""
    op = get_op(case.op)
    arrays = case.arrays(dtype)
    arrays = tuple(
        x.astype(dtype) if hasattr(x, "dtype") and x.dtype == np.float64 else x for x in arrays
    )
    exact = _in_double(arrays)
    chosen = [i for i, x in enumerate(arrays) if is_inexact(op, i, x)]
    got = _gradients(case, arrays, chosen)
    wanted = _gradients(case, exact, chosen)
    for g, want in zip(got, wanted, strict=True):
        assert g.dtype == dtype
        tolerance = 40 * TOLERANCE.get(dtype, 1e-6)
        np.testing.assert_allclose(g, want, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(
    "case",
    # A dtype in the settings is a real one.
    [case for case in DIFFERENTIABLE if case.op in COMPLEX and "dtype" not in case.settings],
    ids=str,
)
def test_complex_vjp_matches_central_difference(case: Case) -> None:
    """Re <conj(v), J u> equals Re <conj(Jᵀv), u>: gradients point uphill, as d|z|² = 2z."""
    op = get_op(case.op)
    arrays = case.arrays("complex128")
    chosen = [i for i, x in enumerate(arrays) if is_inexact(op, i, x)]

    f = function_of(case, arrays, chosen)
    check_grads(f, tuple(arrays[i] for i in chosen), order=2)


def _in_double(x: Any) -> Any:
    if isinstance(x, tuple):
        return tuple(_in_double(part) for part in x)
    if getattr(x, "dtype", None) is None or x.dtype.kind not in "fc":
        return x
    return x.astype("complex128" if x.dtype.kind == "c" else "float64")


def _gradients(case: Case, arrays: tuple[Any, ...], chosen: list[int]) -> list[Any]:
    f = function_of(case, arrays, chosen)
    out, pullback = gg.vjp(f, *(arrays[i] for i in chosen))
    ones = tree.map(np.ones_like, out)
    return tree.leaves(pullback(ones))


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=str)
def test_the_general_application_agrees_with_the_generated_one(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`apply` and the public function record the same node and compute the same value."""
    op = get_op(case.op)
    arrays = case.arrays()
    operands = [
        gg.tensor(x, requires_grad=True)
        if isinstance(x, np.ndarray) and is_operand(op, i, x)
        else tuple(gg.tensor(part, requires_grad=True) for part in x)
        if is_operand(op, i, x)
        else x
        for i, x in enumerate(arrays)
    ]
    quick = case.call(tuple(operands))
    defaults = {p.name: p.default for p in op.parameters if p.name in op.settings}
    settings = {**defaults, **case.settings}
    general = apply(op, tuple(operands), tuple(settings[name] for name in op.settings))
    for a, b in zip(_parts(quick), _parts(general), strict=True):
        np.testing.assert_array_equal(a.value, b.value)
        one, other = a._edge[0], b._edge[0]
        assert one.vjp is other.vjp
        assert one.edges == other.edges
        assert one.settings == other.settings
        assert (one.shape, one.dtype) == (other.shape, other.dtype)
        assert len(one.saved) == len(other.saved)


def _parts(y: Any) -> tuple[Any, ...]:
    return y if isinstance(y, tuple) else (y,)


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=str)
def test_memory_layout_does_not_matter(case: Case) -> None:
    """Negative strides and transposed memory give the same gradients."""
    op = get_op(case.op)
    arrays = case.arrays()
    chosen = [i for i, x in enumerate(arrays) if is_operand(op, i, x)]
    odd = tuple(_odd(x) for x in arrays)
    for a, b in zip(_gradients(case, arrays, chosen), _gradients(case, odd, chosen), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-15)


def _odd(x: Any) -> Any:
    if isinstance(x, tuple):
        return tuple(_odd(part) for part in x)
    if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
        return x
    flipped = tuple(slice(None, None, -1) for _ in x.shape)
    return np.asfortranarray(x[flipped])[flipped]


def test_every_op_has_cases_and_a_docstring() -> None:
    """A new op is tested by existing: it has cases, a meaning to compare with, and a sentence."""
    for op in all_ops():
        assert op.doc, op.name
        if op.name not in OF_BATCHES:
            assert cases(op.name), op.name
            assert callable(reference(op.name)), f"{op.name}: @op(..., reference=) says what it is"
            assert op.name not in REFERENCE or op.info.reference is None, f"{op.name}: said twice"
        assert op.function.__doc__ == op.doc


def test_a_wrong_rule_is_found(own_ops: None) -> None:
    """The checker rejects a VJP that is wrong by sign, by factor, or at second order only."""
    from gpugrad.core.op import op

    @op(lambda g, x, xp: -g * xp.cos(x))
    def wrong_sign(xp: Any, x: Any) -> Any:
        """Sine, with a wrong rule."""
        return xp.sin(x)

    @op(lambda g, y, xp: g * gg.stop_gradient(y))
    def wrong_second(xp: Any, x: Any) -> Any:
        """Exponential, with a rule that is right to first order."""
        return xp.exp(x)

    x = np.linspace(0.1, 1.0, 5)
    with pytest.raises(AssertionError, match=r"measured .* claimed"):
        check_grads(wrong_sign, (x,), order=1)
    check_grads(wrong_second, (x,), order=1)
    with pytest.raises(AssertionError, match="order 2"):
        check_grads(wrong_second, (x,), order=2)


def test_check_grads_takes_functions_that_give_numbers() -> None:
    """Of plain arrays, as those do that take the number out of an array without axes."""

    def total(x: Any, factor: float = 1.0) -> Any:
        found = np.sum(x**3) * factor
        return found if isinstance(found, gg.Tensor) else float(found)

    x = np.linspace(0.1, 1.0, 5)
    check_grads(total, (x,))
    with pytest.raises(AssertionError, match=r"measured .* claimed"):
        check_grads(lambda x: total(x, 1.0 if isinstance(x, gg.Tensor) else 2.0), (x,))
