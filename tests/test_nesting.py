"""Transforms inside of transforms: batched sweeps through graphs that hold batches themselves."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.testing import check_grads

rng = np.random.default_rng(0)
V, W = rng.uniform(0.3, 0.9, 3), rng.uniform(-0.5, 0.5, (3, 3))

Function = Callable[[Any], Any]


def start(x: Any) -> Any:
    return gg.sin(W @ x) * x


def rows_of(f: Function, x: Any) -> Any:
    """The Jacobian, by a sweep for each row."""
    out, pullback = gg.vjp(f, x)
    eye = np.eye(len(out))
    return gg.stack([pullback(eye[i])[0] for i in range(len(out))])


def each_of(f: Function, xs: Any) -> Any:
    """What `gg.vmap` does, in a loop."""
    return gg.stack([f(xs[i]) for i in range(len(xs))])


LAYERS: dict[str, tuple[Callable[[Function], Function], Callable[[Function], Function]]] = {
    "grad": (
        lambda f: gg.grad(lambda x: gg.sum(f(x) ** 2)),
        lambda f: gg.grad(lambda x: gg.sum(f(x) ** 2)),
    ),
    "jacobian": (
        lambda f: lambda x: V @ gg.jacobian(f)(x),
        lambda f: lambda x: V @ rows_of(f, x),
    ),
    "forward": (
        lambda f: lambda x: V @ gg.jacobian(f, mode="forward")(x),
        lambda f: lambda x: V @ rows_of(f, x),
    ),
    "closed over": (
        lambda f: lambda x: gg.jacobian(lambda v: f(v * x))(V) @ x,
        lambda f: lambda x: rows_of(lambda v: f(v * x), V) @ x,
    ),
    "vmap": (
        lambda f: lambda x: gg.mean(gg.vmap(f)(gg.stack([x, V * x])), axis=0),
        lambda f: lambda x: gg.mean(each_of(f, gg.stack([x, V * x])), axis=0),
    ),
    "vmap over others": (
        lambda f: lambda x: gg.vmap(lambda s: gg.sum(f(s * x)))(V),
        lambda f: lambda x: each_of(lambda s: gg.sum(f(s * x)), V),
    ),
    "writes": (
        lambda f: lambda x: gg.mean(gg.vmap(lambda s: written(f(x), s))(W), axis=0),
        lambda f: lambda x: gg.mean(each_of(lambda s: written(f(x), s), W), axis=0),
    ),
}
"""Functions made of functions: batched, and the same in loops."""


def written(x: Any, s: Any) -> Any:
    y = gg.asarray(gg.copy(x))
    y[1:] = s[1:] * x[:2]
    y[np.array([0, 2])] += s[0]
    return y


@pytest.mark.parametrize("names", list(product(LAYERS, LAYERS)), ids="-".join)
def test_two_layers(names: tuple[str, str]) -> None:
    """Each of them inside of each, and of one more, equals the loop."""
    batched = looped = start
    for name in names:
        batched, looped = LAYERS[name][0](batched), LAYERS[name][1](looped)
    np.testing.assert_allclose(batched(V), looped(V), rtol=1e-11)
    outer = LAYERS["jacobian"]
    np.testing.assert_allclose(outer[0](batched)(V), outer[1](looped)(V), rtol=1e-11)
    compiled = gg.jit(batched, engine="numpy")
    for _ in range(3):
        np.testing.assert_allclose(compiled(V), looped(V), rtol=1e-11)


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_of_a_layer(name: str) -> None:
    check_grads(LAYERS[name][0](start), (V,), order=2)


def test_jacobians_of_jacobians() -> None:
    """All third derivatives of a cubic form, at once."""
    form = rng.normal(size=(3, 3, 3))

    def cubic(x: Any) -> Any:
        return gg.einsum("ijk,i,j,k->", form, x, x, x)

    want = sum(form.transpose(order) for order in [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0),
                                                   (2, 0, 1), (2, 1, 0)])  # fmt: skip
    found = gg.jacobian(gg.jacobian(gg.jacobian(cubic)))(V)
    assert type(found) is np.ndarray
    np.testing.assert_allclose(found, want, rtol=1e-12)
    np.testing.assert_allclose(gg.jacobian(gg.hessian(cubic), mode="forward")(V), want, rtol=1e-12)


def test_what_is_the_same_for_all_parts_is_used_by_each_and_returned() -> None:
    """Its cotangent is that of one part, whichever way it comes."""

    def both(x: Any) -> Any:
        def part(s: Any) -> Any:
            y = gg.sin(x)
            return y, y * s

        same, other = gg.vmap(part)(V)
        return gg.sum(same * V[::-1]) + gg.sum(other)

    want = np.cos(0.3) * np.sum(V) * 2
    np.testing.assert_allclose(gg.grad(both)(0.3), want, rtol=1e-14)
    np.testing.assert_allclose(gg.jit(gg.grad(both), engine="numpy")(0.3), want, rtol=1e-14)
    in_batch = gg.grad(lambda xs: gg.sum(gg.vmap(both)(xs)))
    np.testing.assert_allclose(in_batch(np.array([0.3, 0.3])), [want, want], rtol=1e-14)
    check_grads(both, (np.array(0.3),), order=3)
