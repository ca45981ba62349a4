"""What CuPy computes otherwise than NumPy, made to agree."""

from __future__ import annotations

from typing import Any

import cupy as cp
import numpy as np
import pytest
import scipy.special
from rounding import assert_same

import gpugrad as gg
from gpugrad.backends import choose
from gpugrad.backends.cupy import LONG
from gpugrad.errors import UnsupportedOperand

rng = np.random.default_rng(0)


# Divisions with rest

ENDS = [2.0, -2.0, 1.5, 0.3, 0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, 1e30, -7.5]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("f", [gg.remainder, gg.floor_divide, gg.divmod])
def test_divisions(f: Any, dtype: str) -> None:
    """2 % 0.2 is almost 0.2, and 2 // 0.2 is 9: the quotient is not rounded first."""
    with np.errstate(all="ignore"):
        values = np.array([*ENDS, 0.2, 0.1, 3e-5], dtype)
        a, b = (x.ravel() for x in np.meshgrid(values, values))
        found, wanted = f(cp.asarray(a), cp.asarray(b)), f(a, b)
    for x, y in zip(found, wanted, strict=True) if isinstance(wanted, tuple) else [(found, wanted)]:
        assert x.dtype == y.dtype
        np.testing.assert_array_equal(cp.asnumpy(x), y)
        known = ~np.isnan(y)
        np.testing.assert_array_equal(np.signbit(cp.asnumpy(x))[known], np.signbit(y)[known])


@pytest.mark.parametrize("pair", [("float32", "float64"), ("int32", "float32"), ("int64", "int8")])
def test_divisions_of_two_dtypes(pair: tuple[str, str]) -> None:
    a, b = np.array([7, -7, 5], pair[0]), np.array([2, 2, -3], pair[1])
    for f in (gg.remainder, gg.floor_divide):
        found, wanted = f(cp.asarray(a), cp.asarray(b)), f(a, b)
        assert found.dtype == wanted.dtype
        np.testing.assert_array_equal(cp.asnumpy(found), wanted)


PARTS = [0.0, -0.0, 1.0, -2.0, np.inf, -np.inf, np.nan, 1e30, 1e-30]


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_complex_divisions(dtype: str) -> None:
    """A number over an infinite one is 0, as in NumPy, and one over 0 is infinite."""
    with np.errstate(all="ignore"):
        z = np.array([complex(a, b) for a in PARTS for b in PARTS], dtype)
        a, b = (x.ravel() for x in np.meshgrid(z, z))
        for f, args in [
            (gg.divide, (a, b)), (gg.divide, (a, b.real)), (gg.divide, (a.real, b)),
            (gg.reciprocal, (z,)), (lambda z: 2j / gg.asarray(z), (z,)),
            (lambda z: gg.asarray(z) / 3.0, (z,)), (lambda x: 1j / gg.asarray(x), (z.real,)),
        ]:  # fmt: skip
            wanted = np.asarray(f(*args))
            for call in (f, gg.jit(f)):
                for _ in range(3):
                    found = cp.asnumpy(getattr(y := call(*map(cp.asarray, args)), "value", y))
                assert found.dtype == wanted.dtype
                finite = np.isfinite(wanted)
                np.testing.assert_array_equal(np.isfinite(found), finite)
                rtol = 8 * np.finfo(dtype).eps
                np.testing.assert_allclose(found[finite], wanted[finite], rtol=rtol)
    gg.testing.check_grads(gg.divide, (cp.asarray([1 + 2j, -1j]), cp.asarray([0.5j, 2 - 1j])))


# Linear systems

SYSTEMS = [
    ((3, 3), (3,)), ((3, 3), (3, 2)), ((4, 3, 3), (3, 2)), ((3, 3), (4, 3, 2)), ((4, 3, 3), (3,)),
    ((2, 1, 3, 3), (4, 3, 2)), ((4, 3, 3), (1, 3, 2)), ((0, 3, 3), (3, 2)), ((1, 1), (1,)),
]  # fmt: skip


@pytest.mark.parametrize("shapes", SYSTEMS, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_systems_in_batches(shapes: tuple[tuple[int, ...], ...], dtype: str) -> None:
    a = (rng.normal(size=shapes[0]) + 3 * np.eye(shapes[0][-1])).astype(dtype)
    b = rng.normal(size=shapes[1]).astype(dtype)
    found, wanted = gg.linalg.solve(cp.asarray(a), cp.asarray(b)), np.linalg.solve(a, b)
    assert (found.shape, found.dtype) == (wanted.shape, wanted.dtype)
    assert_same([found], [wanted], rounding=20)     # which these matrices magnify so much at most


def test_transforms_of_systems() -> None:
    """Which broadcast one matrix over many right sides, and the other way."""
    a, b = rng.normal(size=(3, 3)) + 3 * np.eye(3), rng.normal(size=(5, 3))
    matrices = a + 0.1 * rng.normal(size=(4, 3, 3))

    def f(a: Any, b: Any) -> Any:
        return gg.sum(gg.linalg.solve(a, b) ** 2)

    for g, args in [
        (gg.vmap(gg.linalg.solve, in_axes=(None, 0)), (a, b)),
        (gg.vmap(gg.linalg.solve, in_axes=(0, None)), (matrices, b[0])),
        (gg.vmap(gg.grad(f), in_axes=(0, None)), (matrices, b[0])),
        (gg.hessian(f), (a, b[0])),
        (gg.jacobian(gg.linalg.solve), (a, b[0])),
        (gg.jacobian(gg.linalg.inv), (a,)),
        (gg.hessian(lambda a: gg.linalg.slogdet(a)[1]), (a,)),
        (gg.hessian(lambda a: gg.linalg.solve_triangular(a, a[0])[0]), (a,)),
    ]:
        assert_same([g(*map(cp.asarray, args))], [g(*args)], rounding=100)


# Convolutions


@pytest.mark.parametrize("dtype", "bool int8 int64 float16 float32 float64 complex128".split())
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_convolutions(mode: str, dtype: str) -> None:
    for n, m in [(7, 3), (3, 7), (4, 4), (1, 1), (6, 1)]:
        a, v = (rng.normal(size=k) * 3 for k in (n, m))
        if dtype == "complex128":
            a, v = a + 1j * a[::-1], v - 2j
        a, v = a.astype(dtype), v.astype(dtype)
        for f, wanted in [(gg.convolve, np.convolve), (gg.correlate, np.correlate)]:
            found = f(cp.asarray(a), cp.asarray(v), mode=mode)
            assert found.dtype == wanted(a, v, mode).dtype
            assert_same([found], [wanted(a, v, mode)], rounding=3)   # NumPy adds halves as halves


def test_a_convolution_is_of_what_it_overlaps() -> None:
    """A NaN or a huge number is in the sums that it belongs to, and leaves the others exact."""
    a = np.linspace(0.1, 1.0, 200)
    v = np.array([1e-8, 2e-8, 3e-8])
    for special in (np.nan, np.inf, 1e20):
        a[50] = special
        for mode in ("full", "same", "valid"):
            found = cp.asnumpy(gg.convolve(cp.asarray(a), cp.asarray(v), mode=mode))
            np.testing.assert_allclose(found, np.convolve(a, v, mode), rtol=1e-14)
        wanted = np.zeros(200)
        wanted[0] = v[0]
        slope = gg.grad(first_sum)(cp.asarray(a), cp.asarray(v))
        np.testing.assert_allclose(cp.asnumpy(slope), wanted, rtol=1e-14)


def first_sum(a: Any, v: Any) -> Any:
    return gg.convolve(a, v)[0]


def test_long_vectors_are_transformed() -> None:
    a, v = rng.normal(size=LONG + 20), rng.normal(size=LONG + 1)
    for mode in ("full", "valid"):
        found = gg.convolve(cp.asarray(a), cp.asarray(v), mode=mode)
        np.testing.assert_allclose(cp.asnumpy(found), np.convolve(a, v, mode), rtol=1e-7, atol=1e-9)


# Special functions

REAL_ONLY = "erf erfc log_ndtr ndtr".split()


@pytest.mark.parametrize("name", REAL_ONLY)
def test_functions_of_real_numbers_say_so(name: str) -> None:
    """Those that SciPy has of complex numbers: raw, tracked, compiled and in batches."""
    f, z = getattr(gg.special, name), cp.asarray([0.3 + 0.1j, 1.0])
    for call in (f, gg.jit(f), gg.vmap(f), lambda z: f(gg.tensor(z, requires_grad=True))):
        with pytest.raises(UnsupportedOperand, match="CuPy has this function"):
            call(z)
    assert np.iscomplexobj(f(cp.asnumpy(z)))


@pytest.mark.parametrize("n", [1, 2, 3, 8, 40, 170, 171, 200])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_polygamma(n: int, dtype: str) -> None:
    x = np.array([0.5, 1.5, 3.0, 30.0, 900.0], dtype)
    found = gg.special.polygamma(n, cp.asarray(x))
    assert found.dtype == dtype
    with np.errstate(all="ignore"):
        wanted = scipy.special.polygamma(n, x.astype("float64")).astype(dtype)
    finite = np.isfinite(wanted)
    # Each element to its own size: a power, a gamma function and a series, of up to 8 ulp each.
    rtol = 1e-5 if dtype == "float32" else 1e-9
    np.testing.assert_allclose(cp.asnumpy(found)[finite], wanted[finite], rtol=rtol)


def test_slopes_by_polygamma() -> None:
    x = np.array([0.7, 2.5])
    for f in (gg.special.gammaln, gg.special.digamma, lambda x: gg.special.polygamma(2, x)):
        g = gg.hessian(lambda x, f=f: gg.sum(f(x)))
        np.testing.assert_allclose(cp.asnumpy(g(cp.asarray(x))), g(x), rtol=1e-10, atol=1e-12)


# Sums of halves


def test_halves_are_summed_in_single_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """By whatever CuPy sums with: CUB, as here, adds numbers of a dtype in that dtype."""
    xp = choose("cupy")
    real = cp.sum

    def as_cub(x: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
        if dtype in (None, x.dtype) and x.dtype == np.float16 and axis is None:
            return cp.asarray(np.add.accumulate(cp.asnumpy(x).ravel())[-1])
        return real(x, axis=axis, dtype=dtype, keepdims=keepdims)

    monkeypatch.setattr(xp.cupy, "sum", as_cub)
    ones = cp.ones(5000, "float16")
    assert float(as_cub(ones)) == 2048              # where 1 more is lost
    for f in (gg.sum, lambda x: gg.tensor(x).sum(), lambda x: gg.grad(lambda w: gg.sum(w * x))(
        cp.ones((), "float16")
    )):  # fmt: skip
        found = f(ones)
        assert found.dtype == np.float16
        assert float(found) == 5000
