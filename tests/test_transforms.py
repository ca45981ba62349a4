"""grad, value_and_grad, vjp, stop_gradient: trees, nesting, and what they give back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import InvalidArgument, NotDifferentiable

pytestmark = pytest.mark.usefixtures("sweeps")


def test_pytrees_come_back_as_they_went_in() -> None:
    """Dicts, lists, tuples and None; the gradient is a tree of plain arrays like the argument."""
    params = {"w": [np.ones(2), (np.float32(3.0),)], "none": None}

    def f(p: Any) -> Any:
        return gg.sum(p["w"][0] * 2.0) * p["w"][1][0]

    g = gg.grad(f)(params)
    assert g["none"] is None
    np.testing.assert_array_equal(g["w"][0], 6)
    assert g["w"][1][0].dtype == np.float32
    assert g["w"][1][0] == 4
    assert all(type(x) is np.ndarray for x in (g["w"][0], g["w"][1][0]))


def test_argnums_aux_and_keywords() -> None:
    """One, several and negative argnums; has_aux; keyword arguments are not differentiated."""

    def f(a: Any, b: Any, *, factor: float) -> Any:
        return factor * a * b, {"product": a * b, "note": "kept"}

    (value, aux), g = gg.value_and_grad(f, (0, -1), has_aux=True)(3.0, 4.0, factor=2.0)
    assert value == 24
    assert type(aux["product"]) is np.ndarray
    assert aux["product"] == 12
    assert aux["note"] == "kept"
    assert g == (8, 6)
    assert gg.grad(f, 1, has_aux=True)(3.0, 4.0, factor=2.0)[0] == 6
    with pytest.raises(InvalidArgument, match="argnums"):
        gg.grad(f, 2)(3.0, 4.0, factor=1.0)
    with pytest.raises(InvalidArgument, match="pair"):
        gg.grad(lambda x: x, has_aux=True)(1.0)


def test_pullback_may_be_called_again_and_checks_its_cotangent() -> None:
    """The graph is kept; trees and shapes must match."""
    out, pullback = gg.vjp(lambda x: {"a": x * x, "b": gg.sin(x)}, np.array([1.0, 2.0]))
    for _ in range(2):
        (g,) = pullback({"a": np.ones(2), "b": np.zeros(2)})
        np.testing.assert_array_equal(g, [2, 4])
    assert set(out) == {"a", "b"}
    with pytest.raises(InvalidArgument, match="tree"):
        pullback(np.ones(2))
    with pytest.raises(InvalidArgument, match="shape"):
        pullback({"a": np.ones(3), "b": np.zeros(2)})


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
def test_any_order(order: int) -> None:
    """The n-th derivative of sin x · eˣ is 2^(n/2) eˣ sin(x + nπ/4)."""
    f = lambda x: gg.sin(x) * gg.exp(x)  # noqa: E731
    for _ in range(order):
        f = gg.grad(f)
    x = 0.3
    exact = 2 ** (order / 2) * np.exp(x) * np.sin(x + order * np.pi / 4)
    np.testing.assert_allclose(f(x), exact, rtol=1e-12)


def test_given_tracked_tensors_results_are_tracked() -> None:
    """A transform of a Tensor that needs a gradient is part of its graph."""
    x = gg.tensor(3.0, requires_grad=True)
    g = gg.grad(lambda y: y**3)(x)
    assert g.requires_grad
    g.backward()
    assert x.grad == 18
    value, pullback = gg.vjp(lambda y: y * y, x)
    assert value.requires_grad
    assert pullback(1.0)[0].requires_grad


def test_closed_over_tracked_tensor_is_not_lost() -> None:
    """grad with respect to a plain argument still depends on a Tensor that f closes over."""
    w = gg.tensor(2.0, requires_grad=True)
    g = gg.grad(lambda x: w * x * x)(3.0)
    assert g.requires_grad
    g.backward()
    assert w.grad == 6


def test_untracked_tensors_give_untracked_tensors() -> None:
    """A Tensor in, a Tensor out."""
    g = gg.grad(lambda x: x * x)(gg.tensor(3.0))
    assert isinstance(g, gg.Tensor)
    assert not g.requires_grad
    assert g.value == 6


def test_stop_gradient_over_a_tree() -> None:
    """Its values count as constants; other leaves pass."""
    assert gg.grad(lambda x: x * gg.stop_gradient({"a": x, "b": 1})["a"])(3.0) == 3
    x = np.ones(2)
    assert gg.stop_gradient(x) is x


def test_what_does_not_depend_has_gradient_zero() -> None:
    """Of the input's shape and dtype, also where the function returns a plain number."""
    g = gg.grad(lambda x: 3.0)(np.ones(2, np.float32))
    assert g.dtype == np.float32
    np.testing.assert_array_equal(g, [0, 0])


def test_gradient_inside_grad_may_be_written_to() -> None:
    """Results of a recorded sweep are handles of their own."""

    def f(x: Any) -> Any:
        a, b = gg.vjp(lambda p, q: p + q, x, x)[1](x)
        a[0] = 0.0
        return gg.sum(a * 1.0 + b * 10.0)

    np.testing.assert_array_equal(gg.grad(f)(np.ones(2)), [10, 11])


def test_integer_leaf_is_named_in_the_error() -> None:
    """The way out is in the message."""
    with pytest.raises(NotDifferentiable, match="astype"):
        gg.grad(lambda p: p["a"])({"a": np.array(3)})


def test_double_vjp_is_forward_mode() -> None:
    """The VJP of the pullback at u = 0 is the Jacobian times a vector."""
    x, v = np.array([0.3, 0.5]), np.array([2.0, -1.0])
    _, pullback = gg.vjp(lambda x: gg.exp(x) * x[0], x)
    _, forward = gg.vjp(lambda u: pullback(u)[0], np.zeros(2))
    jv = forward(v)[0]
    jacobian = np.array([[np.exp(0.3) * 1.3, 0], [np.exp(0.5), 0.3 * np.exp(0.5)]])
    np.testing.assert_allclose(jv, jacobian @ v)


@pytest.mark.parametrize("name", ["f", "value", "variable", "args", "run", "kwargs"])
def test_keywords_may_have_any_name(name: str) -> None:
    def f(x: Any, **given: Any) -> Any:
        return gg.sum(x * given[name])

    np.testing.assert_array_equal(gg.grad(f)(np.ones(2), **{name: 3.0}), 3)
    batch = gg.vmap(lambda x, **given: x * given[name])(np.ones(2), **{name: np.arange(2.0)})
    np.testing.assert_array_equal(batch, [0, 1])
