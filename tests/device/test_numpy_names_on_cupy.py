"""`gpugrad.numpy` on arrays of CuPy, and what writes into Tensors of them: as on NumPy's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cupy as cp
import numpy as np
import pytest
from mixing import agree
from wraps import WRAPS

import gpugrad as gg
import gpugrad.numpy as gnp

RNG = np.random.default_rng(0)
VECTOR, MATRIX = RNG.standard_normal(7), RNG.standard_normal((4, 5))
SQUARE = RNG.standard_normal((4, 4)) + 4 * np.eye(4)
PLACES = [0, 2, 1, 2, 0, 3, 1]

PROGRAMS: dict[str, tuple[Callable[..., Any], list[np.ndarray]]] = {
    "bincount": (lambda x: gnp.bincount(PLACES, weights=x), [VECTOR]),
    "histogram": (lambda x: gnp.histogram(x, bins=4, weights=x**2), [VECTOR]),
    "insert": (lambda x: gnp.insert(x, [1, 3], 5.0, axis=0), [MATRIX]),
    "nanquantile": (lambda x: gnp.nanquantile(x, [0.2, 0.6]), [VECTOR]),
    "partition": (lambda x: gnp.sort(gnp.partition(x, 3)[:3]), [VECTOR]),
    "polyder": (lambda x: gnp.polyder(x, 2), [VECTOR]),
    "polyint": (lambda x: gnp.polyint(x), [VECTOR]),
    "polydiv": (lambda x: gnp.polydiv(x, x[:3]), [VECTOR]),
    "choose": (lambda x: gnp.choose([0, 2, 1, 3, 0], [x[0], x[1], x[2], x[3]]), [MATRIX]),
    "piecewise": (lambda x: gnp.piecewise(x, [x > 0], [lambda t: t**2, lambda t: -t]), [VECTOR]),
    "extract": (lambda x: gnp.extract(x > 0, x), [VECTOR]),
    "multi_dot": (lambda a, b: gnp.linalg.multi_dot([a, b, a]), [SQUARE, SQUARE.T]),
    "matvec": (lambda a, b: gnp.matvec(a, b[:5]), [MATRIX, VECTOR]),
    "fft2": (lambda x: gnp.fft.fft2(x), [MATRIX]),
    "full": (lambda x: gnp.full((3,), x[0]), [VECTOR]),
    "array": (lambda x: gnp.array([x[0], x[1], 2.0]), [VECTOR]),
    "r_": (lambda x: gnp.r_[x, 1.0, x[:2]], [VECTOR]),
    "c_": (lambda x: gnp.c_[x, x], [VECTOR]),
    "lexsort": (lambda x: gnp.lexsort((x, x)), [VECTOR]),
}


@pytest.mark.parametrize("kind", ["array", "tracked"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_functions_of_numpy(name: str, kind: str) -> None:
    f, values = PROGRAMS[name]
    agree(f, f, values, [WRAPS[kind]] * len(values), like=False)


def at_places(ufunc: np.ufunc) -> Callable[..., Any]:
    def f(x: Any, y: Any) -> Any:
        t = x * 1
        ufunc.at(t, PLACES, y)
        ufunc.at(t, gg.asarray(PLACES, device=t.device), 2.0)
        return t

    return f


@pytest.mark.parametrize(
    "ufunc", [np.add, np.subtract, np.multiply, np.divide, np.maximum, np.power]
)
def test_ufuncs_at_places(ufunc: np.ufunc) -> None:
    f = at_places(ufunc)
    agree(f, f, [np.abs(VECTOR), np.abs(VECTOR) + 1], [WRAPS["tracked"]] * 2)


@pytest.mark.parametrize("ufunc", [np.maximum, np.hypot, np.fmin])
def test_ufuncs_along_an_axis(ufunc: np.ufunc) -> None:
    def f(x: Any) -> Any:
        return ufunc.accumulate(x, axis=1)[:, 1:], ufunc.reduce(x, axis=0)

    agree(f, f, [MATRIX], [WRAPS["tracked"]])


def test_arrays_from_nothing_are_where_those_of_the_transform_are() -> None:
    """The same program, with arrays of NumPy and of CuPy."""

    def f(x: Any) -> Any:
        out = gnp.zeros(7)
        out[2] = x[0]
        out[3:] = x[3:] * gnp.arange(4) + gnp.linspace(0, 1, 4)
        return gnp.sum(out * gnp.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]))

    for run in (gg.grad(f), gg.jit(gg.grad(f))):
        found = run(cp.asarray(VECTOR))
        assert type(found) is cp.ndarray
        np.testing.assert_allclose(cp.asnumpy(found), gg.grad(f)(VECTOR))
    assert gnp.ones(2).device == "cuda:0"           # the backend of the tests
    assert type(gnp.array([1.0, 2.0])) is np.ndarray
