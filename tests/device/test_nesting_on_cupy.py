"""Transforms inside of transforms, of arrays on the device."""

from __future__ import annotations

from typing import Any

import cupy as cp
import numpy as np
import pytest
from rounding import assert_same

import gpugrad as gg
from gpugrad.catalogue import nesting

NESTED = [
    ("jit", "vmap"),
    ("cond", "vmap"),
    ("cond", "vmap", "jit"),
    ("scan", "vmap", "jit"),
    ("scan", "jacobian", "jit"),
    ("scan", "hessian", "jit"),
    ("cond", "jacobian, forward", "jit"),
    ("custom_vjp", "jvp", "jit"),
    ("implicit", "vmap", "jit"),
    ("implicit, looking", "vmap"),
    ("cond", "scan", "vmap", "grad", "jit"),
    ("vmap", "cond", "scan", "grad", "jit"),
]


@pytest.mark.parametrize("names", NESTED, ids=" < ".join)
def test_as_on_the_cpu(names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(nesting.LAYERS, "jit", nesting.Layer(gg.jit, lambda f: f))

    def result(asarray: Any) -> Any:
        with monkeypatch.context() as patch:
            for name in ("V", "W"):
                patch.setattr(nesting, name, asarray(getattr(nesting, name)))
            f: nesting.Function = nesting.start
            for name in names:
                f = nesting.LAYERS[name].made(f)
            for _ in range(3):
                found = f(asarray(nesting.X))
        return found

    found = result(cp.asarray)
    assert isinstance(found, cp.ndarray)
    assert_same([found], [result(np.asarray)], rounding=10)
