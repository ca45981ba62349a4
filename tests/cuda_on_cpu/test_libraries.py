"""CuPy's linear algebra, FFTs, sorts and random numbers over the libraries that run on the CPU."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import cupy as cp
import numpy as np
import observe
import pytest

if not observe.ON_CPU:
    pytest.skip("CuPy is not the one that runs on the CPU", allow_module_level=True)

FLOATS = "fdFD"
SIZES = (1, 2, 5, 33, 70)


def made(shape: tuple[int, ...], kind: str, seed: int = 0) -> Any:
    """Normal numbers of one dtype."""
    rng = np.random.default_rng([seed, *shape])
    x = rng.standard_normal(shape)
    return (x + 1j * rng.standard_normal(shape) if kind in "FD" else x).astype(kind)


def assert_close(found: Any, wanted: Any, ulps: float = 64) -> None:
    """Equal up to so many roundings of the largest number."""
    found, wanted = cp.asnumpy(found), np.asarray(wanted)
    assert found.shape == wanted.shape
    assert found.dtype == wanted.dtype
    largest = np.abs(wanted).max(initial=1e-30)
    np.testing.assert_allclose(found, wanted, 0, ulps * np.finfo(wanted.dtype).eps * largest)


def assert_identity(x: Any, ulps: float = 64) -> None:
    assert_close(x, np.broadcast_to(np.eye(x.shape[-1], dtype=x.dtype), x.shape), ulps)


def adjoint(x: Any) -> Any:
    return x.conj().swapaxes(-1, -2)


# Products.

SHAPES = [
    ((3, 4), (4, 5)), ((1, 7), (7, 1)), ((4,), (4,)), ((2, 3, 4), (2, 4, 5)), ((4,), (4, 3)),
    ((2, 1, 3, 4), (5, 4, 2)), ((0, 4), (4, 3)), ((3, 0), (0, 4)), ((3, 4), (4,)),
    ((33, 65), (65, 17)),
]  # fmt: skip


@pytest.mark.parametrize("kind", "efdFD")
@pytest.mark.parametrize(("left", "right"), SHAPES)
def test_products(kind: str, left: tuple[int, ...], right: tuple[int, ...]) -> None:
    a, b = made(left, kind), made(right, kind, 1)
    exact = (a.astype("f") @ b.astype("f")).astype("e") if kind == "e" else a @ b
    assert_close(cp.asarray(a) @ cp.asarray(b), exact)


LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "rows": lambda x: x,
    "columns": lambda x: x.T.copy().T,
    "every second": lambda x: x.repeat(2, 0).repeat(2, 1)[::2, ::2],
    "a part": lambda x: x.repeat(2, 1)[:, : x.shape[1]],
    "backwards": lambda x: x[::-1],
}


@pytest.mark.parametrize("kind", "efdFD")
@pytest.mark.parametrize("right", LAYOUTS)
@pytest.mark.parametrize("left", LAYOUTS)
def test_layouts_of_products(kind: str, left: str, right: str) -> None:
    a = LAYOUTS[left](cp.asarray(made((6, 8), kind)))
    b = LAYOUTS[right](cp.asarray(made((8, 6), kind)))
    wide = "f" if kind == "e" else kind
    exact = (cp.asnumpy(a).astype(wide) @ cp.asnumpy(b).astype(wide)).astype(kind)
    assert_close(a @ b, exact)
    assert_close(a.dot(b), exact)
    assert_close(cp.einsum("ij,jk->ik", a, b), exact)


def rounded_to_tf32(x: Any) -> Any:
    """float32 with 10 bits of fraction, ties away from zero."""
    return ((x.view("uint32") + 0x1000) & np.uint32(0xFFFFE000)).view("float32")


def test_tf32_is_seen_where_it_is_asked_for() -> None:
    from cupy._core import _routines_linalg as settings

    a, b = made((9, 300), "f"), made((300, 7), "f")
    ours, theirs = cp.asarray(a), cp.asarray(b)
    assert_close(ours @ theirs, a @ b)
    before = settings.get_compute_type(np.float32)
    settings.set_compute_type(np.float32, settings.COMPUTE_TYPE_TF32)
    try:
        reduced = ours @ theirs
    finally:
        settings.set_compute_type(np.float32, before)
    assert_close(reduced, rounded_to_tf32(a) @ rounded_to_tf32(b))
    with pytest.raises(AssertionError):
        assert_close(reduced, a @ b)


# Linear algebra.


@pytest.mark.parametrize("kind", FLOATS)
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("batch", [(), (3,)])
def test_systems(kind: str, n: int, batch: tuple[int, ...]) -> None:
    a = made((*batch, n, n), kind) + n * np.eye(n, dtype=kind)
    b = made((*batch, n, 2), kind)
    assert_close(cp.linalg.solve(cp.asarray(a), cp.asarray(b)), np.linalg.solve(a, b), 999)
    assert_close(cp.linalg.inv(cp.asarray(a)), np.linalg.inv(a), 999)
    sign, logarithm = np.linalg.slogdet(a)
    found = cp.linalg.slogdet(cp.asarray(a))
    assert_close(found[0], sign)
    assert_close(found[1], logarithm)


@pytest.mark.parametrize("kind", FLOATS)
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("batch", [(), (3,)])
def test_cholesky(kind: str, n: int, batch: tuple[int, ...]) -> None:
    a = made((*batch, n, n), kind)
    a = a @ adjoint(a) + n * np.eye(n, dtype=kind)
    assert_close(cp.linalg.cholesky(cp.asarray(a)), np.linalg.cholesky(a), 999)


@pytest.mark.parametrize("kind", FLOATS)
@pytest.mark.parametrize("shape", [(1, 1), (5, 5), (5, 7), (7, 5), (40, 33), (33, 40)])
@pytest.mark.parametrize("batch", [(), (3,)])
@pytest.mark.parametrize("full", [False, True])
def test_factors(kind: str, shape: tuple[int, int], batch: tuple[int, ...], full: bool) -> None:
    a = made(batch + shape, kind)
    q, r = cp.linalg.qr(cp.asarray(a), "complete" if full else "reduced")
    assert_close(q @ r, a)
    assert_identity(adjoint(q) @ q)
    assert_close(r, cp.asnumpy(cp.triu(r)), 0)
    u, s, vh = cp.linalg.svd(cp.asarray(a), full_matrices=full)
    rank = min(shape)
    assert_close(s, np.linalg.svd(a)[1])
    assert_close((u[..., :rank] * s[..., None, :].astype(kind)) @ vh[..., :rank, :], a)
    assert_identity(adjoint(u) @ u)
    assert_identity(vh @ adjoint(vh))
    assert_close(cp.linalg.svd(cp.asarray(a), compute_uv=False), np.linalg.svd(a)[1])


@pytest.mark.parametrize("kind", FLOATS)
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("batch", [(), (3,)])
@pytest.mark.parametrize("triangle", "LU")
def test_symmetric_eigenvalues(kind: str, n: int, batch: tuple[int, ...], triangle: str) -> None:
    a = made((*batch, n, n), kind)
    a = a + adjoint(a)
    read = np.tril(a) if triangle == "L" else np.triu(a)  # the other triangle must not be read
    w, v = cp.linalg.eigh(cp.asarray(read), triangle)
    assert_close(w, np.linalg.eigvalsh(a))
    assert_close(cp.linalg.eigvalsh(cp.asarray(read), triangle), np.linalg.eigvalsh(a))
    assert_close((v * w[..., None, :].astype(kind)) @ adjoint(v), a, 999)
    assert_identity(adjoint(v) @ v, 999)


@pytest.mark.parametrize("kind", FLOATS)
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("batch", [(), (3,)])
def test_general_eigenvalues(kind: str, n: int, batch: tuple[int, ...]) -> None:
    a = cp.asarray(made((*batch, n, n), kind))
    w, v = cp.linalg.eig(a)
    assert_close(a.astype(w.dtype) @ v, cp.asnumpy(v * w[..., None, :]), 9999)
    assert_close(cp.linalg.norm(v, axis=-2), np.ones(w.shape, w.real.dtype), 999)
    assert_close(
        cp.linalg.eigvals(a).sum(-1),
        cp.asnumpy(cp.trace(a, axis1=-2, axis2=-1).astype(w.dtype)),
        9999,
    )


@pytest.mark.parametrize("kind", FLOATS)
@pytest.mark.parametrize("batch", [(), (3,)])
def test_what_is_free_is_not_as_in_lapack(kind: str, batch: tuple[int, ...]) -> None:
    """Who relies on LAPACK's signs, phases or order fails here, as it may on a GPU."""
    a = made((*batch, 6, 6), kind)
    h = a + adjoint(a)

    def differ(found: Any, lapack: Any) -> bool:
        return not np.allclose(cp.asnumpy(found), lapack, rtol=1e-3, atol=1e-3)

    u, _, vh = cp.linalg.svd(cp.asarray(a))
    assert differ(u, np.linalg.svd(a)[0])
    assert differ(vh, np.linalg.svd(a)[2])
    assert differ(cp.linalg.qr(cp.asarray(a))[0], np.linalg.qr(a)[0])
    assert differ(cp.linalg.eigh(cp.asarray(h))[1], np.linalg.eigh(h)[1])
    assert differ(cp.linalg.eigvals(cp.asarray(a)), np.linalg.eigvals(a))


@pytest.mark.parametrize("kind", FLOATS)
@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("trans", [0, 1, 2])
@pytest.mark.parametrize("unit", [False, True])
def test_triangular_systems(kind: str, lower: bool, trans: int, unit: bool) -> None:
    import cupyx.scipy.linalg
    import scipy.linalg

    a, b = made((5, 5), kind) + 5 * np.eye(5, dtype=kind), made((5, 2), kind)
    settings = {"lower": lower, "trans": trans, "unit_diagonal": unit}
    found = cupyx.scipy.linalg.solve_triangular(cp.asarray(a), cp.asarray(b), **settings)
    assert_close(found, scipy.linalg.solve_triangular(a, b, **settings), 9999)


@pytest.mark.parametrize("kind", FLOATS)
def test_lu(kind: str) -> None:
    import cupyx.scipy.linalg
    import scipy.linalg

    a, b = made((7, 7), kind), made((7, 2), kind)
    factors = cupyx.scipy.linalg.lu_factor(cp.asarray(a))
    assert_close(factors[0], scipy.linalg.lu_factor(a)[0])
    for trans in range(3):
        found = cupyx.scipy.linalg.lu_solve(factors, cp.asarray(b), trans)
        assert_close(found, scipy.linalg.lu_solve(scipy.linalg.lu_factor(a), b, trans), 999)


# Fourier transforms.

LENGTHS = (1, 2, 3, 4, 5, 7, 8, 12, 30, 64, 97, 131, 202, 1000, 1009)


@pytest.mark.parametrize("kind", FLOATS)
@pytest.mark.parametrize("n", LENGTHS)
def test_transforms(kind: str, n: int) -> None:
    a = made((2, n), kind)
    x = cp.asarray(a)
    assert_close(cp.fft.fft(x), np.fft.fft(a))
    assert_close(cp.fft.ifft(x), np.fft.ifft(a))
    assert_close(cp.fft.irfft(x, n), np.fft.irfft(a, n))
    assert_close(x, a, 0)  # the input is kept
    if kind in "fd":
        assert_close(cp.fft.rfft(x), np.fft.rfft(a))


@pytest.mark.parametrize("kind", FLOATS)
@pytest.mark.parametrize("axes", [None, (0, 1), (1, 2), (-1,), (0,), (1,), (0, 2), (2, 0, 1)])
@pytest.mark.parametrize("order", "CF")
def test_transforms_of_many_axes(kind: str, axes: Any, order: str) -> None:
    a = made((4, 5, 6), kind)
    x = cp.asarray(a, order=order)
    assert_close(cp.fft.fftn(x, axes=axes), np.fft.fftn(a, axes=axes))
    assert_close(cp.fft.ifftn(x, axes=axes), np.fft.ifftn(a, axes=axes))
    assert_close(cp.fft.irfftn(x, axes=axes), np.fft.irfftn(a, axes=axes))
    assert_close(x, a, 0)
    if kind in "fd":
        assert_close(cp.fft.rfftn(x, axes=axes), np.fft.rfftn(a, axes=axes))


def test_a_transform_of_parts_of_larger_arrays() -> None:
    """CuPy asks for whole arrays only; a plan takes every second number of a corner as well."""
    fft = ctypes.CDLL("libcufft.so.12")
    plan, size = ctypes.c_int(), ctypes.c_size_t()
    n, embedded, result = (
        (ctypes.c_int * 2)(3, 4),
        (ctypes.c_int * 2)(5, 6),
        (ctypes.c_int * 2)(3, 5),
    )
    assert fft.cufftCreate(ctypes.byref(plan)) == 0
    layouts = (embedded, 2, 70, result, 1, 16, 0x69, 2)
    assert fft.cufftMakePlanMany(plan, 2, n, *layouts, ctypes.byref(size)) == 0
    a = made((2, 70), "D")
    x, y = cp.asarray(a), cp.zeros((2, 16), "D")
    assert fft.cufftExecZ2Z(plan, ctypes.c_void_p(x.data.ptr), ctypes.c_void_p(y.data.ptr), -1) == 0
    part = a[:, :60].reshape(2, 5, 6, 2)[:, :3, :4, 0]
    found = cp.asnumpy(y)[:, :15].reshape(2, 3, 5)
    assert_close(found[..., :4], np.fft.fftn(part, axes=(1, 2)))
    assert not found[..., 4].any()


# Sorts.


@pytest.mark.parametrize("kind", "?bBhHiIlLefdFD")
@pytest.mark.parametrize("axis", [0, 1, -1, None])
def test_sorts(kind: str, axis: int | None) -> None:
    a = made((5, 40), "D" if kind in "FD" else "d") * 4
    a = a > 0 if kind == "?" else a.astype("i8").astype(kind) if kind in "BHIL" else a.astype(kind)
    if kind in "efdFD":
        a[1, 2], a[3, 3], a[2, 2], a[2, 3] = np.nan, -np.inf, 0.0, -0.0
    if kind in "FD":
        nan = np.nan
        a[0, :5] = [complex(nan, 1), complex(1, nan), complex(0, nan), complex(nan, 0), nan * 1j]
    x = cp.asarray(a)
    np.testing.assert_array_equal(cp.asnumpy(cp.sort(x, axis=axis)), np.sort(a, axis, "stable"))
    np.testing.assert_array_equal(
        cp.asnumpy(cp.argsort(x, axis=axis)), np.argsort(a, axis, "stable")
    )
    np.testing.assert_array_equal(cp.asnumpy(cp.lexsort(x[:3])), np.lexsort(a[:3]))
    np.testing.assert_array_equal(cp.asnumpy(x), a)  # the input is kept


@pytest.mark.parametrize("kind", "ifD")
@pytest.mark.parametrize("size", [10, 500, 20_000])
def test_partitions(kind: str, size: int) -> None:
    a = (made((size,), "d") * 1000).astype(kind)
    x = cp.asarray(a)
    for kth in (0, 7, -1, (2, 9)):
        wanted = np.sort(a)[np.asarray(kth)]
        found = cp.asnumpy(cp.partition(x, kth))[np.asarray(kth)]
        np.testing.assert_array_equal(found, wanted)
        places = cp.asnumpy(cp.argpartition(x, kth))
        np.testing.assert_array_equal(a[places][np.asarray(kth)], wanted)
        assert sorted(places) == list(range(size))
    with pytest.raises(ValueError, match="out of bounds"):
        cp.partition(x, size)


@pytest.mark.parametrize("name", [
    "cumsum", "cumprod", "nancumsum", "median", "unique", "nonzero", "flatnonzero", "argmax",
    "argmin", "max", "min", "sum", "prod", "mean", "var", "std", "ptp", "nansum", "nanmax", "any",
    "all", "count_nonzero", "diff", "ediff1d", "gradient", "trapezoid", "corrcoef", "cov",
])  # fmt: skip
@pytest.mark.parametrize("size", [1, 5, 3000])
def test_what_else_may_go_by_way_of_cub(name: str, size: int) -> None:
    if size == 1 and name in ("gradient", "corrcoef", "cov"):
        pytest.skip("NumPy refuses one number, or has no result for it")
    a = np.round(made((size,), "d") * 3) / 2 + 0.5
    a[a == 0] = 1 if name == "cumprod" else 0
    a = a / np.abs(a).max() if name in ("cumprod", "prod") else a
    found, wanted = getattr(cp, name)(cp.asarray(a)), getattr(np, name)(a)
    if isinstance(wanted, tuple):
        (found,), (wanted,) = found, wanted
    np.testing.assert_allclose(cp.asnumpy(found), wanted, 1e-10, 1e-10)


def test_functions_of_two_arrays_and_masks() -> None:
    a = made((4, 50), "d")
    x, edges = cp.asarray(a), np.linspace(-1, 1, 7)
    pairs = [
        (x[x > 0], a[a > 0]),
        (cp.searchsorted(cp.asarray(edges), x), np.searchsorted(edges, a)),
        (cp.digitize(x, cp.asarray(edges)), np.digitize(a, edges)),
        (cp.histogram(x, cp.asarray(edges))[0], np.histogram(a, edges)[0]),
        (cp.bincount(cp.asarray([1, 2, 2])), np.bincount([1, 2, 2])),
        (cp.percentile(x, 30, axis=1), np.percentile(a, 30, axis=1)),
        (cp.quantile(x, 0.9), np.quantile(a, 0.9)),
        (cp.isin(x.round(), cp.asarray([0.0, 1.0])), np.isin(a.round(), [0.0, 1.0])),
        (cp.cumsum(x, axis=0), np.cumsum(a, axis=0)),
        (cp.convolve(x[0], x[1]), np.convolve(a[0], a[1])),
        (cp.correlate(x[0], x[1], "full"), np.correlate(a[0], a[1], "full")),
        (cp.kron(x, x[:2, :3]), np.kron(a, a[:2, :3])),
        (cp.inner(x, x), np.inner(a, a)),
        (cp.outer(x[0], x[1]), np.outer(a[0], a[1])),
        (cp.linalg.norm(x, 2), np.linalg.norm(a, 2)),
        (cp.linalg.matrix_rank(x), np.linalg.matrix_rank(a)),
        (cp.linalg.matrix_power(x[:, :4], 3), np.linalg.matrix_power(a[:, :4], 3)),
        (cp.linalg.pinv(x), np.linalg.pinv(a)),
        (cp.linalg.lstsq(x.T, x[0], None)[0], np.linalg.lstsq(a.T, a[0], None)[0]),
    ]
    for found, wanted in pairs:
        np.testing.assert_allclose(cp.asnumpy(found), wanted, 1e-9, 1e-9)


REFUSED: dict[str, Callable[[], Any]] = {
    "init_curand": lambda: cp.random.default_rng(0),
    "cub.device_reduce": lambda: cp.cuda.cub.device_reduce(cp.ones(3), 0, (0,), ()),
    "cub.cub_scan": lambda: cp.cuda.cub.cub_scan(cp.ones(3), 5),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_compiled_for_gpus_alone_is_refused(name: str) -> None:
    with pytest.raises(NotImplementedError, match=f"{name} is compiled for GPUs alone"):
        REFUSED[name]()


def test_the_properties_of_the_device_are_there() -> None:
    properties = cp.cuda.runtime.getDeviceProperties(0)
    assert properties["warpSize"] == 32
    assert properties["deviceOverlap"] == 1


# Random numbers.


@pytest.mark.parametrize("kind", "fd")
def test_random_numbers_are_distributed_as_they_should(kind: str) -> None:
    from scipy import stats

    random = cp.random.RandomState(3)
    size = 20_001  # odd: CuPy asks for pairs of normal numbers
    for found, distribution in (
        (random.random_sample(size, dtype=kind), stats.uniform()),
        (random.normal(1, 2, size, dtype=kind), stats.norm(1, 2)),
        (random.lognormal(0, 1, size, dtype=kind), stats.lognorm(1)),
    ):
        assert found.dtype == kind
        assert stats.kstest(cp.asnumpy(found), distribution.cdf).pvalue > 1e-4
    again = cp.random.RandomState(3).random_sample(size, dtype=kind)
    np.testing.assert_array_equal(
        cp.asnumpy(again), cp.asnumpy(cp.random.RandomState(3).random_sample(size, dtype=kind))
    )
    other = cp.random.RandomState(4).random_sample(size, dtype=kind)
    assert abs(np.corrcoef(cp.asnumpy(again), cp.asnumpy(other))[0, 1]) < 0.05


# The order of the stream.


def _bytes(x: Any) -> bytes:
    """What lies in the memory of an array now, without waiting for it."""
    return ctypes.string_at(x.data.ptr, x.nbytes)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x @ x,
        cp.linalg.inv,
        cp.fft.fft,
        lambda x: cp.sort(x, axis=0),
        lambda x: cp.argsort(x.ravel()),
        lambda x: cp.random.RandomState(0).random_sample((6, 6)),
    ],
    ids=["matmul", "inv", "fft", "sort", "argsort", "random"],
)
def test_nothing_is_there_before_somebody_waits(function: Callable[[Any], Any]) -> None:
    stream = cp.cuda.Stream(non_blocking=True)
    x = cp.asarray(made((6, 6), "d"))
    cp.cuda.Device().synchronize()
    with stream:
        y = function(x)
        before = _bytes(y)
        stream.synchronize()
    assert _bytes(y) != before
