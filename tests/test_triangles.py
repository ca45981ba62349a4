"""Triangles of matrices in plans, and triangular systems and factors by LAPACK or without it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.backends import lapack, numpy_namespace

RNG = np.random.default_rng(0)
DTYPES = ("float32", "float64", "complex64", "complex128")


def numbers(shape: tuple[int, ...], dtype: str) -> Any:
    x = RNG.normal(size=shape) + 1j * RNG.normal(size=shape)
    return (x if dtype.startswith("complex") else x.real).astype(dtype)


def well_conditioned(n: int, dtype: str) -> Any:
    x = numbers((n, n), dtype)
    return x @ x.conj().T + n * np.eye(n, dtype=dtype)


def lying(x: Any) -> list[Any]:
    """The same matrix in order, by columns, and within another."""
    return [x, np.asfortranarray(x), np.pad(x, 2)[2:-2, 2:-2], x[::-1, ::-1].copy()[::-1, ::-1]]


def bits(x: Any) -> bytes:
    return np.ascontiguousarray(x).tobytes()


@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize("name", ["tril", "triu"])
@pytest.mark.parametrize("k", [-7, -1, 0, 2, 9])
def test_triangles_are_selected_in_plans(k: int, name: str, engine: str) -> None:
    if engine == "native":
        pytest.importorskip("llvmlite")
    for shape in ((4, 4), (3, 5), (2, 5, 3), (1, 1)):
        for dtype in (*DTYPES, "float16", "int64"):
            x = (5 * numbers(shape, dtype)).astype(dtype)
            if x.dtype.kind == "f":
                x.flat[0], x.flat[-1] = np.nan, -0.0
            step = gg.jit(lambda x: getattr(gg, name)(x, k=k), engine=engine)
            for _ in range(3):
                assert bits(step(x)) == bits(getattr(np, name)(x, k=k))
    plan = gg.jit(lambda x: getattr(gg, name)(x, k=k)).plan(np.ones((4, 5)))
    assert {step.op for step in plan.steps} <= {"where", "broadcast_to"}


@pytest.mark.parametrize("with_scipy", [True, False])
@pytest.mark.parametrize("dtype", DTYPES)
def test_factors_and_triangular_systems(
    dtype: str, with_scipy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the matrices lie; where SciPy is not there, by NumPy."""
    if with_scipy:
        pytest.importorskip("scipy")
    else:
        monkeypatch.setattr(lapack, "_routine", lambda name, letter: None)
    bound = 1e-4 if dtype in ("float32", "complex64") else 1e-11
    a = well_conditioned(7, dtype)
    for x in lying(a):
        before = x.copy()
        factor = numpy_namespace.cholesky(x)
        np.testing.assert_allclose(factor, np.linalg.cholesky(a), rtol=bound, atol=bound)
        assert not np.any(np.triu(factor, 1))
        for lower in (False, True):
            for unit in (False, True):
                triangle = np.tril(a, -1) if lower else np.triu(a, 1)
                triangle = triangle / 20 + (np.eye(7) if unit else np.diag(np.diag(a)))
                given = np.array(triangle, dtype)
                if unit:                            # which is not read
                    given[np.diag_indices(7)] = 5
                for b in (a[:, 0].copy(), a[:, :3], a[::-1].T, np.ones((7, 1), dtype)):
                    found = numpy_namespace.solve_triangular(given, b, lower, unit)
                    assert found.shape == b.shape
                    assert found.dtype == dtype
                    np.testing.assert_allclose(triangle @ found, b, rtol=20 * bound, atol=bound)
        np.testing.assert_array_equal(x, before)


def test_what_has_no_factor_or_no_solution_is_said() -> None:
    a = -np.eye(3)
    with pytest.raises(np.linalg.LinAlgError, match="positive definite"):
        gg.linalg.cholesky(a)
    singular = np.diag([1.0, 0.0, 2.0])
    with pytest.raises(np.linalg.LinAlgError, match=r"[Ss]ingular"):
        gg.linalg.solve_triangular(singular, np.ones(3), lower=True)
    for shapes in (((3, 2), (3,)), ((3, 3), (4,)), ((3, 3), (4, 2))):
        with pytest.raises((ValueError, np.linalg.LinAlgError)):
            gg.linalg.solve_triangular(*map(np.ones, shapes), lower=True)
    assert gg.linalg.solve_triangular(np.zeros((0, 0)), np.zeros(0)).shape == (0,)
    assert gg.linalg.cholesky(np.zeros((0, 0))).shape == (0, 0)
