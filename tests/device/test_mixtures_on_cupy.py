"""NumPy beside CuPy, and one device beside another, are errors of gpugrad's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import cupy as cp
import numpy as np
import pytest
from mixing import there
from mixtures import (
    COTANGENTS,
    OF_SEVERAL,
    OTHERS,
    TRANSFORMS,
    X,
    leaf,
    mixed_calls,
    root,
    ruled,
)
from wraps import WRAPS

import gpugrad as gg
from gpugrad import tree
from gpugrad.errors import MixedBackends

Place = Callable[[Any], Any]

CALLS = {**TRANSFORMS, **COTANGENTS, **OTHERS}

on_0, on_1 = partial(there, device=0), partial(there, device=1)

MIXTURES: list[Any] = [
    pytest.param(np.asarray, cp.asarray, r"numpy.*cupy|cupy.*numpy", id="host and device"),
    pytest.param(cp.asarray, np.asarray, r"numpy.*cupy|cupy.*numpy", id="device and host"),
    pytest.param(
        on_0, on_1, r"cuda:0.*cuda:1|cuda:1.*cuda:0",
        marks=pytest.mark.two_devices, id="two devices",
    ),
    pytest.param(
        on_1, on_0, r"cuda:0.*cuda:1|cuda:1.*cuda:0",
        marks=pytest.mark.two_devices, id="two devices, the current one second",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("here", "there", "words"), MIXTURES)
@pytest.mark.parametrize("name", OF_SEVERAL)
def test_functions(name: str, here: Place, there: Place, words: str) -> None:
    for call in mixed_calls(name, here, there):
        with pytest.raises(MixedBackends, match=words) as caught:
            call()
        assert "device" in str(caught.value).rpartition(". ")[2]    # what to do


@pytest.mark.parametrize(("here", "there", "words"), MIXTURES)
@pytest.mark.parametrize("kind", WRAPS)
@pytest.mark.parametrize("name", CALLS)
def test_transforms_and_others(
    name: str, kind: str, here: Place, there: Place, words: str, own_ops: None
) -> None:
    with pytest.raises(MixedBackends, match=words):
        CALLS[name](*(WRAPS[kind](place(X)) for place in (here, there)))


NUMBERS: dict[str, tuple[Callable[[Any, Any], Any], Any]] = {
    "backward of a number": (lambda x, v: _slope(gg.sum(x), x, v), 2.0),
    "backward of NumPy's": (lambda x, v: _slope(gg.sum(x), x, v), np.float64(2.0)),
    "backward of lists": (lambda x, v: _slope(x * 1, x, v), X.tolist()),
    "backward of lists of NumPy's": (lambda x, v: _slope(x * 1, x, v), [list(row) for row in X]),
    "vjp of a number": (lambda x, v: gg.vjp(gg.sum, x.value)[1](v), 2.0),
    "vjp of NumPy's": (lambda x, v: gg.vjp(gg.sum, x.value)[1](v), np.float32(2.0)),
    "jvp of a number": (
        lambda x, v: gg.jvp(gg.multiply, (x.value, 1.0), (x.value, v)), 2.0,
    ),
    "hvp of NumPy's": (
        lambda x, v: gg.hvp(lambda x, s: gg.sum(x**2 * s**2), (x.value, 1.0), (x.value, v)),
        np.float64(2.0),
    ),
    "scan from NumPy's": (
        lambda x, v: gg.scan(lambda c, row: (c + gg.sum(row), c), v, x.value), np.float64(2.0),
    ),
    "solver that gives a number": (
        lambda x, v: gg.grad(lambda p: root(lambda p: v)(gg.sum(p)))(x.value), 2.0,
    ),
    "rule that gives a number": (
        lambda x, v: gg.grad(lambda x: ruled(v)(gg.sum(x)))(x.value), 2.0,
    ),
    "condition of NumPy's": (
        lambda x, v: gg.cond(v > 1, gg.sin, gg.cos, x.value), np.float64(2.0),
    ),
}  # fmt: skip


def _slope(y: Any, x: Any, v: Any) -> Any:
    y.backward(v)
    return x.grad


@pytest.mark.parametrize(
    "here", [cp.asarray, pytest.param(on_1, marks=pytest.mark.two_devices)], ids=["one", "second"]
)
@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_go_where_the_arrays_are(name: str, here: Place) -> None:
    call, v = NUMBERS[name]
    found, wanted = (tree.leaves(call(leaf(place(X)), v)) for place in (here, np.asarray))
    for x, y in zip(found, wanted, strict=True):
        assert type(x) is cp.ndarray
        assert x.device == here(X).device
        np.testing.assert_allclose(cp.asnumpy(x), y, rtol=1e-12)


def test_what_differentiates_may_go_from_one_place_to_another() -> None:
    """Its arguments may be in several places, as long as they do not meet."""

    def f(x: Any, y: Any) -> Any:
        return gg.sum(gg.to_device(gg.sin(x), "cuda") * y)

    found = gg.grad(f, argnums=(0, 1))(X, cp.asarray(X))
    assert [type(x) for x in found] == [np.ndarray, cp.ndarray]
    np.testing.assert_allclose(found[0], X * np.cos(X))
    np.testing.assert_allclose(cp.asnumpy(found[1]), np.sin(X))
