"""`gpugrad.autograd`: what HIPS autograd has beyond gradients."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from typing import Any

import numpy as np
import pytest
from scipy import integrate, signal

import gpugrad as gg
import gpugrad.autograd as ag
from gpugrad.errors import InvalidArgument, NotDifferentiable, TrackedConversion
from gpugrad.testing import check_grads

rng = np.random.default_rng(5)


@ag.primitive
def powered(x: Any, y: Any, scale: float = 1.0) -> Any:
    """A function that looks at its numbers, and writes into its argument."""
    assert type(x) is np.ndarray
    x[...] = [float(v) ** 3 for v in x]
    return scale * x * y


ag.defvjp(
    powered,
    lambda ans, x, y, scale=1.0: lambda g: g * 3 * scale * y * x**2,
    lambda ans, x, y, scale=1.0: lambda g: g * ans / y,
)


@pytest.mark.parametrize("scale", [1.0, -2.5])
def test_primitives_have_the_rules_that_are_given(scale: float) -> None:
    """Of any order, by each argument, eagerly, compiled and in batches; also from the result."""
    x, y = rng.normal(size=3), rng.normal(size=3) + 3

    def f(x: Any, y: Any) -> Any:
        return gg.sum(powered(x, y, scale=scale) ** 2)

    check_grads(f, (x, y), order=3)
    np.testing.assert_allclose(ag.grad(f)(x, y), 6 * scale**2 * x**5 * y**2)
    np.testing.assert_allclose(gg.jit(gg.grad(f, 1))(x, y), 2 * scale**2 * x**6 * y)
    rows = np.stack([x, 2 * x])
    each = gg.vmap(gg.grad(f), in_axes=(0, None))(rows, y)
    np.testing.assert_allclose(each, 6 * scale**2 * rows**5 * y**2)
    kept = x.copy()
    powered(x.copy(), y)
    np.testing.assert_array_equal(x, kept)


def test_rules_of_host_functions_may_use_the_result() -> None:
    """It is tracked where the rule itself is differentiated, to any order."""
    exp = gg.host(np.exp, vjp=lambda g, y, x: g * y)
    f: Any = exp
    for _ in range(4):
        f = gg.grad(f)
        np.testing.assert_allclose([f(0.5), gg.jit(f)(0.5)], np.exp(0.5))
    np.testing.assert_allclose(gg.vmap(f)(np.array([0.5, 1.0])), np.exp([0.5, 1.0]))


def test_host_functions_may_compute_with_functions_of_gpugrad() -> None:
    """With the values that they are given, where a program around them is traced too."""

    def f(x: Any) -> Any:
        return np.asarray(gg.sum(gg.sin(x) * 2, axis=-1))

    of_host = gg.host(f, vjp=lambda g, y, x: g * 2 * gg.cos(x))
    x = rng.normal(size=(2, 3))
    for run in (of_host, gg.jit(of_host), gg.jit(lambda x: gg.jit(of_host)(x))):
        np.testing.assert_allclose(run(x[0]), f(x[0]))
    np.testing.assert_allclose(gg.jit(gg.vmap(of_host))(x), f(x))
    np.testing.assert_allclose(gg.jit(gg.grad(of_host))(x[0]), 2 * np.cos(x[0]))


def test_rules_that_are_missing_are_refused() -> None:
    """Only where a gradient is asked for; `None` says that there is none."""
    f = ag.primitive(lambda x, y: x * y)
    ag.defvjp(f, lambda ans, x, y: lambda g: g * y)
    assert ag.grad(f)(2.0, 3.0) == 3
    with pytest.raises(NotDifferentiable, match="argument 1"):
        ag.grad(f, 1)(2.0, 3.0)
    ag.defvjp(f, None, argnums=(1,))
    assert ag.grad(f, 1)(2.0, 3.0) == 0
    with pytest.raises(InvalidArgument, match="as many"):
        ag.defvjp(f, None, None, argnums=(1,))
    with pytest.raises(InvalidArgument, match="primitive"):
        ag.defvjp(3.0, None)  # type: ignore[arg-type]  # what is refused
    with pytest.warns(UserWarning, match="sin, which has no decorator primitive"):
        ag.defvjp(np.sin, None)  # type: ignore[arg-type]  # what has rules already
    assert ag.grad(np.sin)(0.0) == 1


def test_fixed_points_have_the_gradient_of_the_exact_one() -> None:
    def root(a: Any, guess: float = 10.0) -> Any:
        return ag.fixed_point(
            lambda a: lambda x: 0.5 * (x + a / x), a, guess, lambda x, y: abs(x - y), 1e-12
        )

    f: Any = root
    for power in (0.5, -0.5, -1.5):
        size = {0.5: 1.0, -0.5: 0.5, -1.5: -0.25}[power]
        np.testing.assert_allclose(f(2.0), size * 2.0**power, rtol=1e-9)
        f = ag.grad(f)
    assert ag.grad(root, 1)(2.0, 10.0) == 0


def _swing(y: Any, t: Any, pull: Any, push: Any) -> Any:
    return gg.stack([y[1], push["size"] * np.sin(t) - pull[0] * np.sin(y[0]) - pull[1] * y[1]])


POINT = (np.array([0.5, 0.1]), np.array([0.0, 0.4, 1.0]), np.array([1.0, 0.2]), {"size": 0.3})


def _swung(y0: Any, t: Any, pull: Any, push: Any) -> Any:
    found = ag.odeint(_swing, y0, t, (pull, push), rtol=1e-11, atol=1e-11)
    return np.sum(found**2 * [[1.0, 2.0], [3.0, -1.0], [0.5, 1.5]])


def test_odeint_agrees_with_scipy_and_its_gradients_with_differences() -> None:
    """By the first state, the times, and nested arguments."""
    y0, t, pull, push = POINT
    wanted = integrate.odeint(
        lambda y, t: [y[1], 0.3 * np.sin(t) - np.sin(y[0]) - 0.2 * y[1]], y0, t, rtol=1e-11,
        atol=1e-11,
    )  # fmt: skip
    found = ag.odeint(_swing, y0, t, (pull, push), rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(found, wanted, rtol=1e-9)
    check_grads(_swung, POINT, order=1)
    compiled = gg.jit(gg.grad(_swung, 2))(*POINT)
    np.testing.assert_allclose(compiled, gg.grad(_swung, 2)(*POINT), rtol=1e-12)


def test_odeint_compiles_with_arguments_that_are_nested_anew() -> None:
    """At each run, as programs pass them."""

    def f(a: Any) -> Any:
        found = ag.odeint(lambda y, t, p, n: -p["rate"] * y * n, np.ones(2), np.linspace(0, 1, 3),
                          args=({"rate": a}, 2.0), rtol=1e-10)  # fmt: skip
        return np.sum(found[-1])

    step = gg.jit(gg.grad(f))
    for _ in range(3):
        np.testing.assert_allclose(step(0.5), -4 * np.exp(-1.0), rtol=1e-6)


def test_odeint_does_not_lose_what_its_slope_closes_over() -> None:
    def f(a: Any) -> Any:
        return np.sum(ag.odeint(lambda y, t: a * y, np.ones(1), np.array([0.0, 1.0])))

    with pytest.raises(TrackedConversion):
        gg.grad(f)(0.5)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("shapes", [((5, 6), (2, 3)), ((2, 3), (5, 6)), ((4,), (4,))])
def test_convolve_agrees_with_scipy(mode: str, shapes: tuple[tuple[int, ...], ...]) -> None:
    a, b = (rng.normal(size=shape) for shape in shapes)
    wanted = signal.convolve(a, b, mode=mode)
    np.testing.assert_allclose(ag.convolve(a, b, mode=mode), wanted, atol=1e-12)
    check_grads(lambda a, b: gg.sum(ag.convolve(a, b, mode=mode) ** 2), (a, b))


def test_convolve_sums_over_pairs_of_axes() -> None:
    """Channels of images with channels of filters, and the others side by side."""
    a, b = rng.normal(size=(2, 3, 6, 5)), rng.normal(size=(3, 4, 2, 2))
    found = ag.convolve(a, b, axes=([2, 3], [2, 3]), dot_axes=([1], [0]), mode="valid")
    wanted = [
        [sum(signal.convolve(a[i, k], b[k, j], mode="valid") for k in range(3)) for j in range(4)]
        for i in range(2)
    ]
    np.testing.assert_allclose(found, wanted, atol=1e-12)
    with pytest.raises(InvalidArgument, match="longer"):
        ag.convolve(rng.normal(size=(2, 5)), rng.normal(size=(3, 4)), mode="valid")
    with pytest.raises(InvalidArgument, match="mode"):
        ag.convolve(a, a, mode="sama")


@pytest.mark.parametrize("optimize", [ag.sgd, ag.rmsprop, ag.adam])
def test_optimizers_go_to_the_minimum_of_trees(optimize: Any) -> None:
    """And tell of each step."""
    told = []

    def cost(p: Any, i: int) -> Any:
        return np.sum((p["a"] - 1.0) ** 2) + (p["b"][0] + 2.0) ** 2

    start = {"a": np.zeros(3), "b": [np.array(0.5)]}
    found = optimize(
        ag.grad(cost), start, lambda p, i, g: told.append((i, float(g["b"][0]))), num_iters=600,
        step_size=0.03,
    )  # fmt: skip
    np.testing.assert_allclose(found["a"], 1, atol=0.05)
    np.testing.assert_allclose(found["b"][0], -2, atol=0.05)
    assert len(told) == 600
    assert told[0] == (0, 5.0)


def test_adam_takes_the_steps_of_its_formula() -> None:
    x, m, v = 2.0, 0.0, 0.0
    for i in range(1, 4):
        g = 2 * x
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        x -= 0.1 * (m / (1 - 0.9**i)) / (np.sqrt(v / (1 - 0.999**i)) + 1e-8)
    found = ag.adam(ag.grad(lambda x, i: x**2), np.array(2.0), num_iters=3, step_size=0.1)
    np.testing.assert_allclose(found, x, rtol=1e-12)


def test_check_grads_finds_what_is_wrong() -> None:
    ag.check_grads(lambda x: np.sum(np.sin(x) * x), order=2)(rng.normal(size=3))
    ag.check_grads(np.exp, modes=["rev"])(0.5)
    with pytest.raises(AssertionError):
        ag.check_grads(lambda x: gg.stop_gradient(x) * x)(2.0)
    with pytest.raises(InvalidArgument, match="modes"):
        ag.check_grads(np.sin, modes=["reverse"])


def test_functions_of_vectors_are_made_of_those_of_trees() -> None:
    f, back, vector = ag.flatten_func(lambda p, s: {"y": s * p["a"] * p["b"]}, {"a": 2.0, "b": 3.0})
    np.testing.assert_array_equal(vector, [2, 3])
    np.testing.assert_array_equal(f(vector, 2.0), [12])
    np.testing.assert_array_equal(gg.jacobian(f)(vector, 2.0), [[6, 4]])
    assert back(vector) == {"a": 2, "b": 3}


class Listed(ag.Node):
    """A node that prints its step."""

    def __init__(self, value: Any, fun: Any, args: Any, kwargs: Any, argnums: Any, parents: Any):
        self.depth = 1 + max(p.depth for p in parents)
        print(fun.__name__, [float(x) for x in args], argnums, float(value))

    def initialize_root(self, x: float) -> None:
        self.depth = 0


def test_tracing_makes_a_node_of_each_step() -> None:
    """Those that depend on the argument, with constants; gradients too."""
    with redirect_stdout(io.StringIO()) as said:
        value, node = ag.trace(Listed.new_root(2.0), lambda x: (x * x - 0.5) * np.float64(3), 2)
    assert said.getvalue().splitlines() == [
        "multiply [2.0, 2.0] (0, 1) 4.0", "subtract [4.0, 0.5] (0,) 3.5",
        "multiply [3.5, 3.0] (0,) 10.5",
    ]  # fmt: skip
    assert (value, node.depth) == (10.5, 3)
    with redirect_stdout(io.StringIO()) as said:
        slope, node = ag.trace(Listed.new_root(2.0), ag.grad(lambda x: np.sin(x) * x), 2.0)
    np.testing.assert_allclose(slope, np.sin(2.0) + 2 * np.cos(2.0))
    assert "cos [2.0]" in said.getvalue()
    assert ag.trace(Listed.new_root(2.0), lambda x: gg.asarray(1.0), 2.0) == (1, None)
