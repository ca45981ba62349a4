"""`gg.custom_vjp` and `gg.checkpoint`: parts of a function with a reverse rule of their own."""

from __future__ import annotations

import gc
import multiprocessing
import re
import tracemalloc
from math import sin
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import InvalidArgument, InvalidOp, NotDifferentiable, TrackedConversion
from gpugrad.testing import check_grads

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(2, 3))
W = rng.normal(size=(3, 3))


def made(rule: Any = None) -> Any:
    """sin(x) * y with its rule, or with another one."""

    @gg.custom_vjp
    def scaled_sine(x: Any, y: Any) -> Any:
        """The sine of x, times y."""
        return gg.sin(x) * y

    scaled_sine.defvjp(
        lambda x, y: (gg.sin(x) * y, {"cos": gg.cos(x), "sin": gg.sin(x), "y": y}),
        rule or (lambda r, g: (g * r["cos"] * r["y"], g * r["sin"])),
    )
    return scaled_sine


def plain(x: Any, y: Any) -> Any:
    return gg.sin(x) * y


def test_a_rule_is_used_to_any_order() -> None:
    f = made()
    assert f.__doc__ == "The sine of x, times y."
    np.testing.assert_array_equal(f(X, Y), np.sin(X) * Y)
    assert type(f(X, Y)) is np.ndarray
    check_grads(f, (X, Y), order=3)
    twice = made(lambda r, g: (2 * g * r["cos"] * r["y"], g * r["sin"]))
    np.testing.assert_allclose(
        gg.grad(lambda x: gg.sum(twice(x, Y)))(X), 2 * np.cos(X) * Y
    )                                               # the rule, not the function


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_a_rule_under_jit_vmap_and_scan(engine: str) -> None:
    f = made()

    def looped(f: Any, x: Any) -> Any:
        return gg.sum(gg.scan(lambda c, y: (f(c, y), c), x, np.stack([Y, 2 * Y, Y]))[0])

    compiled = gg.jit(gg.grad(lambda x: looped(f, x)), engine=engine)
    for _ in range(4):
        np.testing.assert_allclose(compiled(X), gg.grad(lambda x: looped(plain, x))(X))
    many = rng.normal(size=(4, 3))
    found = gg.vmap(gg.grad(lambda x: gg.sum(f(x, Y))))(many)
    np.testing.assert_allclose(found, np.cos(many) * Y)
    found = gg.hessian(lambda x: gg.sum(f(x, Y)))(X)
    np.testing.assert_allclose(found, np.diag(-np.sin(X) * Y), atol=1e-15)


@pytest.mark.parametrize(
    ("body", "slope"),
    [
        (lambda x: x ** 3, lambda x: 3 * x ** 2),
        (lambda x: np.sin(x), lambda x: np.cos(x)),
        (lambda x: x.reshape(2, 1).reshape(-1), lambda x: gg.ones_like(x)),
        (lambda x: x[::-1][::-1] * 1.0, lambda x: x ** 0),
        (lambda x: x % 9.0, lambda x: x / x),
        (lambda x: x + x.sum() - x.sum(), lambda x: 1.0),
    ],
)
@pytest.mark.parametrize("tracked", [True, False])
def test_rules_get_tensors_wherever_they_run(body: Any, slope: Any, tracked: bool) -> None:
    """Also where the rule is differentiated, and that is recorded: methods, operators, np.f."""

    @gg.custom_vjp
    def f(x: Any, scale: Any) -> Any:
        return body(x) * scale

    def fwd(x: Any, scale: Any) -> Any:
        assert isinstance(x, gg.Tensor)
        assert isinstance(scale, gg.Tensor)
        return f(x, scale), (x.copy(), scale)

    f.defvjp(fwd, lambda needed, g: (slope(needed[0]) * g * needed[1], g * body(needed[0])))
    x, scale = np.array([1.0, 2.0]), np.array([0.5, 3.0])

    def of(x: Any, scale: Any) -> Any:
        return f(x, scale if tracked else gg.stop_gradient(scale))

    def push(x: Any, scale: Any) -> Any:
        return gg.jvp(of, (x, scale), (x, scale))[1]

    def forward(x: Any, scale: Any) -> Any:
        return gg.jacobian(of, (0, 1), mode="forward")(x, scale)

    def loop(x: Any, scale: Any) -> Any:
        def total(x: Any, scales: Any) -> Any:
            return gg.sum(gg.scan(lambda c, s: (of(c, s), None), x, scales)[0])

        return gg.grad(total, (0, 1))(x, gg.stack([scale, scale]))

    for derivative in (push, forward, loop):
        want = gg.tree.leaves(derivative(x, scale))
        step = gg.jit(derivative, engine="numpy")
        for _ in range(3):
            for found, wanted in zip(gg.tree.leaves(step(x, scale)), want, strict=True):
                np.testing.assert_allclose(found, wanted, rtol=1e-14)


def test_trees_numbers_none_and_constants() -> None:
    @gg.custom_vjp
    def f(p: Any, n: int, z: Any) -> Any:
        return {"a": p["u"] ** n, "b": z * 1.0}

    f.defvjp(
        lambda p, n, z: ({"a": p["u"] ** n, "b": z * 1.0}, (p["u"], n)),
        lambda r, g: ({"u": g["a"] * r[1] * r[0] ** (r[1] - 1), "v": np.zeros(2)}, None, None),
    )
    p = {"u": X, "v": np.ones(2)}
    g = gg.grad(lambda p, z: gg.sum(f(p, 3, z)["a"]) + gg.sum(f(p, 3, z)["b"]), (0, 1))(p, Y)
    np.testing.assert_allclose(g[0]["u"], 3 * X**2)
    np.testing.assert_array_equal(g[0]["v"], 0)
    np.testing.assert_array_equal(g[1], 0)          # None stands for zeros
    t = gg.tensor(X, requires_grad=True)
    with gg.no_grad():
        assert not f({"u": t, "v": t}, 2, Y)["a"].requires_grad


def test_complex_rules_point_uphill() -> None:
    h = gg.custom_vjp(lambda z: gg.exp(z))
    h.defvjp(lambda z: (gg.exp(z), gg.exp(z)), lambda r, g: (g * gg.conj(r),))
    check_grads(h, (X + 1j * Y,))


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (lambda r, g: (g,), "each of the 2 arguments"),
        (lambda r, g: g, "returned"),
        (lambda r, g: (g, {"y": g}), "a tree"),
        (lambda r, g: (g, gg.sum(g)), r"shape \(\)"),
    ],
)
def test_a_rule_that_returns_something_else_is_refused(rule: Any, message: str) -> None:
    f = made(rule)
    with pytest.raises(InvalidArgument, match=message):
        gg.grad(lambda x, y: gg.sum(f(x, y)), (0, 1))(X, Y)


def test_a_rule_that_is_missing_or_wrong_is_named() -> None:
    @gg.custom_vjp
    def f(x: Any) -> Any:
        return x

    with pytest.raises(InvalidArgument, match=r"f\.defvjp"):
        f(X)
    f.defvjp(lambda x: x, lambda r, g: (g,))
    with pytest.raises(InvalidArgument, match="a pair"):
        gg.grad(lambda x: gg.sum(f(x)))(X)
    f.defvjp(lambda x: ("text", None), lambda r, g: (g,))
    with pytest.raises(NotDifferentiable, match="str"):
        gg.grad(lambda x: f(x))(X)


# Recomputation


def layer(w: Any, h: Any) -> Any:
    return gg.tanh(w @ h) * gg.sum(h)


def network(w: Any, x: Any, layer: Any = layer) -> Any:
    for _ in range(3):
        x = layer(w, x)
    return gg.sum(x**2)


def recomputed(w: Any, x: Any) -> Any:
    return network(w, x, gg.checkpoint(layer))


def closing_over(w: Any) -> Any:
    return gg.sum(gg.checkpoint(lambda h: gg.tanh(w @ h))(X) ** 3)


def test_recomputation_gives_the_same_gradients() -> None:
    for k in (0, 1):
        np.testing.assert_allclose(gg.grad(recomputed, k)(W, X), gg.grad(network, k)(W, X))
    check_grads(recomputed, (W, X))
    check_grads(closing_over, (W,))
    many = rng.normal(size=(4, 3))
    found, wanted = (gg.vmap(gg.grad(f), in_axes=(None, 0))(W, many) for f in (recomputed, network))
    np.testing.assert_allclose(found, wanted)
    compiled = gg.jit(gg.grad(recomputed), engine="numpy")
    for _ in range(3):
        np.testing.assert_allclose(compiled(W, X), gg.grad(network)(W, X))
    t = gg.tensor(W, requires_grad=True)
    recomputed(t, X).backward()
    np.testing.assert_allclose(t.grad, gg.grad(network)(W, X))


def test_what_else_a_recomputed_function_takes_and_gives() -> None:
    runs = []

    @gg.checkpoint
    def f(p: Any, *, n: int) -> Any:
        runs.append(1)
        place = gg.argmax(p["x"])
        return {"y": p["x"] ** n, "constant": np.ones(2), "name": "kept", "place": place}

    def loss(x: Any) -> Any:
        out = f({"x": x}, n=3)
        assert out["name"] == "kept"
        assert out["place"] == np.argmax(X)
        return gg.sum(out["y"] * 2.0)

    np.testing.assert_allclose(gg.grad(loss)(X), 6 * X**2)
    assert len(runs) == 2                           # forward, and again for the gradient
    assert f({"x": X}, n=2)["y"].tolist() == (X**2).tolist()
    unused = gg.grad(lambda x: gg.sum(f({"x": x}, n=2)["constant"]) + x[0])(X)
    assert unused.tolist() == [1, 0, 0]


LAYERS, WIDTH = 30, 2**15


def deep(x: Any, block: Any) -> Any:
    for _ in range(LAYERS):
        x = block(x)
    return gg.sum(x)


def block(x: Any) -> Any:
    for _ in range(10):
        x = gg.sin(gg.tanh(x))
    return x


def peaks() -> tuple[int, int]:
    x = np.linspace(0, 1, WIDTH)
    found = []
    tracemalloc.start()
    for f in (block, gg.checkpoint(block)):
        gc.collect()
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        gg.grad(lambda x, f=f: deep(x, f))(x)
        found.append((tracemalloc.get_traced_memory()[1] - before) // x.nbytes)
    return found[0], found[1]


def test_recomputation_keeps_the_results_of_the_blocks_alone() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        kept, again = pool.apply(peaks)
    assert kept >= 10 * LAYERS
    assert again <= LAYERS + 40                     # one for each block, and those of one block


@pytest.fixture
def line(own_ops: None) -> Any:
    """An op with settings."""

    @gg.op(lambda g, factor, shift: g * factor)
    def line(xp: Any, x: Any, *, factor: float = 1.0, shift: tuple[float, ...] = ()) -> Any:
        return x * factor + sum(shift)

    return line


SETTINGS: dict[str, Any] = {
    "own op": lambda line, x, s: line(x, factor=s),
    "in a tuple": lambda line, x, s: line(x, shift=(1.0, s)),
    "leaky_relu": lambda line, x, s: gg.leaky_relu(x, slope=s),
}


@pytest.mark.parametrize("case", SETTINGS)
def test_a_setting_that_is_tracked_or_traced_is_refused(line: Any, case: str) -> None:
    """Else its gradient would be 0, and a plan would keep its value."""
    def f(x: Any, s: Any) -> Any:
        return SETTINGS[case](line, x, s)

    with pytest.raises(TrackedConversion, match=r"is a setting, .* needs a gradient"):
        gg.grad(lambda s: gg.sum(f(X, s)))(0.5)
    with pytest.raises(TrackedConversion, match=r"is a setting, .* needs a gradient"):
        gg.grad(lambda x, s: gg.sum(f(x, s)), argnums=(0, 1))(X, 0.5)
    with pytest.raises(TrackedConversion, match=r"=[^=]* that gg.jit traces"):
        gg.jit(f)(X, 0.5)
    with pytest.raises(TrackedConversion, match=r"=[^=]* in gg.vmap"):
        gg.vmap(f, in_axes=(None, 0))(X, np.ones(2))


def test_a_setting_may_be_a_tensor_that_is_known(line: Any) -> None:
    found = gg.leaky_relu(X, slope=gg.tensor(0.5))
    np.testing.assert_array_equal(found, gg.leaky_relu(X, slope=0.5))
    doubled = gg.grad(lambda x: gg.sum(line(x, factor=np.float64(2))))(X)
    np.testing.assert_array_equal(doubled, 2 * np.ones(3))


@pytest.mark.parametrize(
    "forward",
    [
        lambda xp, x: gg.sin(x),
        lambda xp, x: np.sin(x),
        lambda xp, x: gg.tensor(x) * 1 - x + gg.sin(x),
    ],
)
@pytest.mark.usefixtures("own_ops")
def test_a_forward_may_call_functions_of_gg_and_of_numpy(forward: Any) -> None:
    sine = gg.op(lambda g, x, xp: g * xp.cos(x))(forward)
    slope = gg.grad(lambda x: gg.sum(sine(x)))
    assert type(sine(X)) is np.ndarray
    for f, expected in ((sine, np.sin(X)), (slope, np.cos(X))):
        for _ in range(3):
            np.testing.assert_allclose(f(X), expected)
        jitted = gg.jit(f)
        for _ in range(3):
            np.testing.assert_allclose(jitted(X), expected)
        np.testing.assert_allclose(gg.vmap(f)(X[None]), expected[None])


@pytest.mark.usefixtures("own_ops")
def test_a_forward_of_several_results_may_return_tensors() -> None:
    both = gg.op(vjp=lambda g: (g[0] + g[1],), results=2)(lambda xp, x: (gg.sin(x), x * 2))
    for f in (both, gg.jit(both)):
        np.testing.assert_allclose(f(X)[0], np.sin(X))
        assert all(type(y) is np.ndarray for y in f(X))


@pytest.mark.usefixtures("own_ops")
def test_a_forward_that_returns_what_is_tracked_outside_is_refused() -> None:
    outside = gg.tensor(X, requires_grad=True)
    times = gg.op(lambda g: g)(lambda xp, x: x * outside)
    with pytest.raises(InvalidOp, match=r"returned a Tensor .* Make that one an operand too"):
        times(X)


RULES = {
    "np.cos": (lambda g, x: g * np.cos(x), "np.cos(x)", ": xp.cos"),
    "np.sum": (lambda g, x, xp: np.sum(g) * xp.cos(x), "np.sum(g)", ": xp.sum"),
    "np.where": (lambda g, x: np.where(x > 0, g, g), "np.where(x > 0, g, g)", ": xp.where"),
    "np.linalg": (lambda g, x: g * np.linalg.norm(x), "np.linalg.norm(x)", ""),
    "math": (lambda g, x: g * sin(x), "sin(x)", ""),
    "a method": (lambda g, x: g.sum() * x, "g.sum", ": xp.sum"),
    "an element": (lambda g, x: g * x[0], "x[0]", ""),
    "a branch": (lambda g, x: g if x > 0 else -g, "x > 0", ""),
}


@pytest.mark.parametrize("transform", [gg.jit, gg.vmap])
@pytest.mark.parametrize("case", RULES)
@pytest.mark.usefixtures("own_ops")
def test_a_rule_that_knows_arrays_alone_is_named(case: str, transform: Any) -> None:
    rule, called, way = RULES[case]
    sine = gg.op(rule)(lambda xp, x: xp.sin(x))
    with pytest.raises(InvalidOp) as found:
        transform(gg.grad(lambda x: gg.sum(sine(x))))(W)
    expected = f"test_custom_rules.py:.* a rule of the op <lambda> computes {re.escape(called)},"
    assert re.search(f"{expected}.*parameter xp{way}\\.$", str(found.value))


@pytest.mark.usefixtures("own_ops")
def test_other_errors_of_a_rule_stay_what_they_are() -> None:
    broken = gg.op(lambda g: g + undefined)(lambda xp, x: xp.sin(x))  # type: ignore[name-defined]  # noqa: F821
    with pytest.raises(NameError, match="undefined"):
        gg.jit(gg.grad(broken))(1.0)


@pytest.mark.usefixtures("own_ops")
def test_a_forward_that_cannot_be_called_with_arrays_is_named() -> None:
    added = gg.op(vjp=lambda g: [g, g], nested="xs")(lambda xp, xs, *, axis=0: np.add(*xs))
    np.testing.assert_array_equal(added([X, X]), 2 * X)
    with pytest.raises(InvalidOp, match=r"the forward of .* computes np\.add\(\*xs\).*xp\.add"):
        gg.jit(lambda x: added([x, x]))(X)
