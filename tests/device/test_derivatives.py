"""Transforms of functions of CuPy arrays: as on the CPU, also where NumPy is the default."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cupy as cp
import numpy as np
import pytest
from rounding import assert_same

import gpugrad as gg

rng = np.random.default_rng(0)
W, X = rng.normal(size=(3, 3)).astype("f4"), rng.normal(size=(5, 3)).astype("f4")


def f(w: Any, x: Any) -> Any:
    return gg.sum(gg.tanh(w @ x) ** 3)


CASES: dict[str, Callable[[Any, Any], Any]] = {
    "vmap of grad": lambda w, x: gg.vmap(gg.grad(f), in_axes=(None, 0))(w, x),
    "grad of vmap": lambda w, x: gg.grad(lambda w: gg.sum(gg.vmap(lambda r: f(w, r))(x)))(w),
    "vmap of a number": lambda w, x: gg.vmap(lambda r: 1.5)(x) * x[:, 0],
    "jacobian": lambda w, x: gg.jacobian(lambda r: gg.tanh(w @ r))(x[0]),
    "jacobian, forward": lambda w, x: gg.jacobian(lambda r: gg.tanh(w @ r), mode="forward")(x[0]),
    "hessian": lambda w, x: gg.hessian(lambda r: f(w, r))(x[0]),
    "jvp": lambda w, x: gg.jvp(lambda r: f(w, r), (x[0],), (x[1],))[1],
    "hvp": lambda w, x: gg.hvp(lambda r: f(w, r), (x[0],), (x[1],))[0],
    "checkpoint": lambda w, x: gg.grad(lambda r: f(w, gg.checkpoint(lambda h: w @ h)(r)))(x[0]),
    "einsum": lambda w, x: gg.einsum("ij,bj->bi", w, x),
    "median": lambda w, x: gg.median(x, axis=0),
    "pad": lambda w, x: gg.pad(x, 1, "reflect"),
    "interp": lambda w, x: gg.interp(x, gg.sort(w[0]), w[1]),
    "determinant": lambda w, x: gg.grad(gg.linalg.det)(w),
    "power 0": lambda w, x: gg.linalg.matrix_power(w, 0),
    "transform": lambda w, x: gg.grad(lambda r: gg.sum(gg.abs(gg.fft.rfft(r)) ** 2))(x),
}


@pytest.mark.parametrize("backend", ["numpy", "cupy"])
@pytest.mark.parametrize("name", CASES)
def test_as_on_the_cpu(name: str, backend: str) -> None:
    with gg.use_backend("numpy"):
        wanted = CASES[name](W, X)
    with gg.use_backend(backend):
        found = CASES[name](cp.asarray(W), cp.asarray(X))
    assert isinstance(found, cp.ndarray)
    assert_same([found], [wanted], rounding=10)


@pytest.mark.parametrize("name", ["vmap of grad", "hessian", "jvp"])
def test_compiled(name: str) -> None:
    compiled = gg.jit(CASES[name])
    for _ in range(4):
        found = compiled(cp.asarray(W), cp.asarray(X))
    assert_same([found], [CASES[name](W, X)], rounding=10)
