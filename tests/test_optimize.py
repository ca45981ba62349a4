"""`gg.optimize`: the minima of SciPy with derivatives by hand, and as few evaluations."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import (
    BackendUnavailable,
    InvalidArgument,
    TrackedConversion,
    UnsupportedOperand,
)
from gpugrad.optimize.minimizing import _TAKES

scipy = pytest.importorskip("scipy", reason="gg.optimize needs SciPy: pip install scipy")
optimize = pytest.importorskip("scipy.optimize")

START = {"head": np.array([0.9, 1.1]), "tail": np.array([[1.05], [0.95]])}
VECTOR = np.array([0.9, 1.1, 1.05, 0.95])


def rosenbrock(p: Any) -> Any:
    x = gg.concat([p["head"], p["tail"][:, 0]])
    return gg.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def run(calls: list[str], name: str, f: Callable[..., Any]) -> Callable[..., Any]:
    """`f`, whose calls are counted."""

    def counted(*args: Any) -> Any:
        calls.append(name)
        return f(*args)

    return counted


THERE = {*optimize._minimize.MINIMIZE_METHODS}
"""SciPy has COBYQA from 1.14 on."""


@pytest.mark.parametrize("method", [None, *(name for name in _TAKES if name in THERE)])
def test_a_method_finds_what_scipy_finds_with_derivatives_by_hand(method: str | None) -> None:
    """In as many steps: nothing is evaluated once more."""
    takes = ("jac",) if method is None else _TAKES[method]
    given = {
        "jac": optimize.rosen_der, "hess": optimize.rosen_hess, "hessp": optimize.rosen_hess_prod
    }  # fmt: skip
    wanted = optimize.minimize(
        optimize.rosen, VECTOR, method=method, **{name: given[name] for name in takes}
    )
    found = gg.optimize.minimize(rosenbrock, START, method=method)
    assert found.success == wanted.success
    assert found.x.keys() == START.keys()
    assert found.x["tail"].shape == (2, 1)
    vector = gg.tree.ravel(found.x)[0]
    if not takes:                                   # where they go on is up to the last digits
        np.testing.assert_allclose(vector, wanted.x, rtol=2e-2)
        return
    np.testing.assert_allclose(vector, wanted.x, rtol=1e-4)
    assert found.fun == pytest.approx(wanted.fun, abs=1e-5)
    assert abs(found.nit - wanted.nit) <= 1
    assert found.nfev <= wanted.nfev + 2
    slope = found.grad if method == "trust-constr" else found.jac
    assert slope["tail"].shape == (2, 1)


def test_names_of_methods_are_scipys() -> None:
    assert set(_TAKES) - {"cobyqa"} == THERE - {"cobyqa"}
    for name in ("L-BFGS-B", "Newton-CG"):
        assert gg.optimize.minimize(rosenbrock, START, method=name).success


def test_value_and_gradient_come_in_one_run(runs: list[int]) -> None:
    calls: list[str] = []
    f = run(calls, "f", rosenbrock)
    found = gg.optimize.minimize(f, START, method="L-BFGS-B")
    assert found.nfev > 5
    assert len(calls) < 6                           # traced, and then a plan runs


def test_without_jit_a_function_may_look_at_values() -> None:
    def f(p: Any) -> Any:
        value = rosenbrock(p)
        return value if float(gg.stop_gradient(value)) >= 0 else -value

    with pytest.raises(TypeError):
        gg.optimize.minimize(f, START)
    assert gg.optimize.minimize(f, START, jit=False).success


def test_further_arguments() -> None:
    def f(x: Any, a: Any, tree: Any) -> Any:
        return gg.sum((x - a) ** 2) + gg.sum((x - tree["b"]) ** 2)

    for method in (None, "Newton-CG", "trust-exact", "Nelder-Mead"):
        found = gg.optimize.minimize(
            f, np.zeros(2), (1.0, {"b": np.array([3.0, 5.0])}), method, tol=1e-8
        )
        np.testing.assert_allclose(found.x, [2, 3], atol=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_leaves_keep_their_dtypes(dtype: str) -> None:
    seen: list[Any] = []

    def f(p: Any) -> Any:
        seen.append(p["a"].dtype)
        return gg.sum((p["a"] - 1) ** 2) + gg.sum((p["b"] - 2) ** 2)

    start = {"a": np.zeros(3, dtype), "b": np.zeros((), "float64")}
    found = gg.optimize.minimize(f, start)
    assert set(seen) == {np.dtype(dtype)}
    assert found.x["a"].dtype == found.jac["a"].dtype == dtype
    assert found.x["b"].dtype == "float64"
    assert isinstance(found.fun, float)
    assert np.all(start["a"] == 0)
    np.testing.assert_allclose(found.x["a"], 1, atol=1e-3)
    found.x["a"][...] = 0                           # it is the caller's own


def test_other_libraries() -> None:
    """The function is computed with their arrays, and what is found is one."""
    xp = pytest.importorskip("array_api_strict")
    start = {"a": xp.zeros(2, dtype=xp.float32), "b": xp.ones((1, 2), dtype=xp.float32)}

    def f(p: Any) -> Any:
        return gg.sum(gg.square(p["a"] - 1)) + gg.sum(gg.square(p["b"] - 2))

    for method in (None, "Newton-CG", "trust-exact", "Powell"):
        found = gg.optimize.minimize(f, start, method=method, jit=False)
        assert type(found.x["b"]) is type(start["b"])
        assert found.x["b"].dtype == xp.float32
        np.testing.assert_allclose(np.asarray(found.x["b"]), 2, atol=1e-3)
    found = gg.optimize.minimize(f, {**start, "a": 0.0}, jit=False)
    assert type(found.x["a"]) is type(start["b"])
    assert found.x["a"].dtype == xp.float32
    found = gg.optimize.least_squares(
        lambda p: [p["a"] - 1, p["b"] - 2], start, jit=False
    )
    np.testing.assert_allclose(np.asarray(found.x["a"]), 1, atol=1e-3)


def test_a_model_is_fitted() -> None:
    """A network and its loss; SciPy alone gets the same from gradients of PyTorch's kind."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (40, 1))
    y = np.sin(3 * x)
    model = gg.nn.MLP([1, 8, 1], activation="tanh", rng=0, dtype="float64")

    def loss(model: Any) -> Any:
        return gg.mean((model(x) - y) ** 2)

    found = gg.optimize.minimize(loss, model, method="L-BFGS-B", options={"maxiter": 300})
    assert isinstance(found.x, gg.nn.MLP)
    start, unravel = gg.tree.ravel(model)

    def by_hand(v: np.ndarray) -> Any:
        (w, b), (u, c) = unravel(v).layers
        h = np.tanh(x @ w + b)
        error = h @ u + c - y
        g = 2 * error / error.size
        s = (g @ u.T) * (1 - h**2)
        slopes = [x.T @ s, s.sum(0), h.T @ g, g.sum(0)]
        return np.mean(error**2), np.concatenate([slope.ravel() for slope in slopes])

    wanted = optimize.minimize(by_hand, start, jac=True, method="L-BFGS-B",
                               options={"maxiter": 300})  # fmt: skip
    assert found.fun < 1e-4
    assert wanted.fun < 1e-4
    assert found.fun == pytest.approx(by_hand(gg.tree.ravel(found.x)[0])[0], rel=1e-6)


# Bounds and constraints


def square(p: Any) -> Any:
    return gg.sum((p["a"] - 3) ** 2) + gg.sum((p["b"] + 3) ** 2)


PLACE = {"a": np.zeros(2), "b": np.zeros((2, 1))}


@pytest.mark.parametrize(
    ("bounds", "wanted"),
    [
        ((-1, 1), ([1, 1], [-1, -1])),
        ((None, 2), ([2, 2], [-3, -3])),
        (({"a": None, "b": -2.0}, None), ([3, 3], [-2, -2])),
        ((None, {"a": np.array([1.0, 5.0]), "b": None}), ([1, 3], [-3, -3])),
        (optimize.Bounds(-1, 1), ([1, 1], [-1, -1])),
        (({"a": -1, "b": np.float32(-1)}, {"a": 1, "b": 1}), ([1, 1], [-1, -1])),
    ],
)
@pytest.mark.parametrize("method", [None, "TNC", "SLSQP", "trust-constr", "Nelder-Mead", "Powell"])
def test_bounds(bounds: Any, wanted: Any, method: str | None) -> None:
    found = gg.optimize.minimize(square, PLACE, method=method, bounds=bounds, tol=1e-7)
    np.testing.assert_allclose(found.x["a"], wanted[0], atol=2e-3)
    np.testing.assert_allclose(found.x["b"][:, 0], wanted[1], atol=2e-3)


def circle(p: Any) -> Any:
    return {"norm": 1 - p["a"] ** 2 - p["b"] ** 2}


def line(p: Any) -> Any:
    return p["a"] - p["b"] - 0.2


def in_the_disk(kind: str) -> list[Any]:
    """The unit disk and what lies above the line, as constraints for trees."""
    dictionaries = [{"type": "ineq", "fun": circle}, {"type": "ineq", "fun": line}]
    objects = [
        optimize.NonlinearConstraint(circle, 0, np.inf),
        optimize.NonlinearConstraint(lambda p: p["a"] - p["b"], 0.2, np.inf),
    ]
    given = {
        "dictionaries": dictionaries, "objects": objects,
        "linear": [objects[0], optimize.LinearConstraint([[1, -1]], 0.2, np.inf)],
    }  # fmt: skip
    return given[kind]


def by_hand(exact: bool) -> list[Any]:
    """The same for vectors, with derivatives by hand."""
    disk, above = (
        {"hess": lambda v, w: -2 * w[0] * np.eye(2)}, {"hess": lambda v, w: np.zeros((2, 2))}
    )  # fmt: skip
    return [
        optimize.NonlinearConstraint(
            lambda v: 1 - v[0] ** 2 - v[1] ** 2, 0, np.inf, lambda v: -2 * v[None],
            **(disk if exact else {}),
        ),
        optimize.NonlinearConstraint(
            lambda v: v[0] - v[1], 0.2, np.inf, lambda v: np.array([[1.0, -1.0]]),
            **(above if exact else {}),
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("method", [None, "SLSQP", "trust-constr", "COBYLA", "COBYQA"])
@pytest.mark.parametrize("kind", ["dictionaries", "objects", "linear"])
def test_constraints(method: str | None, kind: str) -> None:
    """The largest sum in the unit disk above a line, as by SciPy with derivatives by hand."""
    if method is not None and method.lower() not in THERE:
        pytest.skip(f"this SciPy has no {method}")
    exact = method == "trust-constr"
    given = {"hess": lambda v: np.zeros((2, 2))} if exact else {}
    if method not in ("COBYLA", "COBYQA"):
        given["jac"] = lambda v: np.array([-1.0, -1.0])
    wanted = optimize.minimize(
        lambda v: -v[0] - v[1], [0.5, 0.1], method=method, constraints=by_hand(exact), tol=1e-9,
        **given,
    )  # fmt: skip
    found = gg.optimize.minimize(
        lambda p: -(p["a"] + p["b"]), {"a": np.array(0.5), "b": np.array(0.1)}, method=method,
        constraints=in_the_disk(kind), tol=1e-9,
    )  # fmt: skip
    np.testing.assert_allclose(gg.tree.ravel(found.x)[0], wanted.x, atol=1e-6)
    np.testing.assert_allclose(wanted.x, [0.8, 0.6], atol=1e-3)


def test_an_equation_as_a_constraint() -> None:
    for method in ("SLSQP", "trust-constr"):
        found = gg.optimize.minimize(
            lambda x: gg.sum(x**2), np.array([2.0, 0.0, 1.0]), method=method,
            constraints={"type": "eq", "fun": lambda x, total: gg.sum(x) - total, "args": (3.0,)},
        )  # fmt: skip
        np.testing.assert_allclose(found.x, 1, atol=1e-5)


def test_the_curvature_of_constraints_is_exact() -> None:
    """Newton's steps converge in fewer evaluations than those of SciPy's approximations."""
    start = np.array([0.9, 0.1])
    exact = gg.optimize.minimize(
        lambda x: -x[0] * x[1] ** 3, start, method="trust-constr",
        constraints=optimize.NonlinearConstraint(lambda x: gg.sum(x**4), -np.inf, 1.0),
    )  # fmt: skip
    wanted = optimize.minimize(
        lambda x: -x[0] * x[1] ** 3, start, method="trust-constr",
        constraints=optimize.NonlinearConstraint(lambda x: np.sum(x**4), -np.inf, 1.0),
    )  # fmt: skip
    np.testing.assert_allclose(exact.x, wanted.x, atol=1e-4)
    assert exact.nfev < wanted.nfev


# What is called back, and what is returned


@pytest.mark.parametrize("method", ["BFGS", "L-BFGS-B", "TNC", "trust-constr", "SLSQP", "COBYLA"])
def test_callbacks_get_trees(method: str) -> None:
    seen: list[Any] = []
    gg.optimize.minimize(square, PLACE, method=method, callback=lambda p: seen.append(p))
    assert seen
    assert all(p["b"].shape == (2, 1) for p in seen)


def test_callbacks_get_results() -> None:
    seen: list[Any] = []

    def callback(intermediate_result: Any) -> None:
        seen.append(intermediate_result)
        if len(seen) == 2:
            raise StopIteration

    found = gg.optimize.minimize(rosenbrock, START, callback=callback)
    assert len(seen) == 2
    assert seen[0].x["tail"].shape == (2, 1)
    assert seen[1].fun < seen[0].fun
    assert not found.success


def test_aux_is_that_of_the_solution() -> None:
    def f(x: Any) -> Any:
        return gg.sum((x - 1) ** 2), {"x": x}

    for method in (None, "Newton-CG", "trust-exact", "Nelder-Mead"):
        found = gg.optimize.minimize(f, np.zeros(2), method=method, has_aux=True)
        assert np.array_equal(found.aux["x"], found.x)
        assert isinstance(found.aux["x"], np.ndarray)


def test_a_method_of_ones_own_gets_all_derivatives() -> None:
    def newton(fun: Any, x0: Any, args: Any, jac: Any, hess: Any, hessp: Any, **rest: Any) -> Any:
        x = x0
        for _ in range(20):
            assert np.allclose(hessp(x, np.ones(4)), hess(x).sum(1))
            x = x - np.linalg.solve(hess(x), jac(x))
        return optimize.OptimizeResult(x=x, fun=fun(x), success=True)

    found = gg.optimize.minimize(rosenbrock, START, method=newton)
    np.testing.assert_allclose(found.x["head"], 1)


# Residuals, curves and systems

T = np.linspace(0, 4, 30)
DATA = 3 * np.exp(-0.7 * T) + 0.5 + 0.01 * np.random.default_rng(0).normal(size=30)
GUESS = {"height": np.array(1.0), "rate": np.array(1.0), "base": np.array(0.0)}


def decay(t: Any, p: Any) -> Any:
    return p["height"] * gg.exp(-p["rate"] * t) + p["base"]


def decay_by_hand(v: np.ndarray) -> np.ndarray:
    base, height, rate = v
    return height * np.exp(-rate * T) + base


def slopes_by_hand(v: np.ndarray) -> np.ndarray:
    _, height, rate = v
    e = np.exp(-rate * T)
    return np.stack([np.ones_like(T), e, -height * T * e], axis=1)


@pytest.mark.parametrize("method", ["trf", "dogbox", "lm"])
def test_least_squares(method: str) -> None:
    wanted = optimize.least_squares(
        lambda v: decay_by_hand(v) - DATA, np.array([0.0, 1.0, 1.0]), slopes_by_hand, method=method
    )
    found = gg.optimize.least_squares(
        lambda p: {"error": decay(T, p) - DATA}, GUESS, method=method
    )
    np.testing.assert_allclose(gg.tree.ravel(found.x)[0], wanted.x, rtol=1e-6)
    np.testing.assert_allclose(found.jac, wanted.jac, atol=1e-6)
    np.testing.assert_allclose(found.fun["error"], wanted.fun, atol=1e-6)
    assert found.nfev <= wanted.nfev + 1
    assert found.grad.keys() == GUESS.keys()


def test_least_squares_with_more_parameters_than_residuals() -> None:
    """By reverse mode, with bounds, scales, a robust loss and arguments."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(3, 6)), rng.normal(size=3)
    found = gg.optimize.least_squares(
        lambda x, a: a @ x - b, rng.normal(size=6), (a,), bounds=(-10, 10), x_scale=2.0,
        loss="soft_l1", f_scale=0.1,
    )  # fmt: skip
    np.testing.assert_allclose(a @ found.x, b, atol=1e-5)
    np.testing.assert_allclose(found.jac @ found.x, b, atol=1e-5)


@pytest.mark.parametrize("method", [None, "trf", "dogbox"])
@pytest.mark.parametrize("absolute", [False, True])
def test_curve_fit(method: str | None, absolute: bool) -> None:
    deviations = np.linspace(0.01, 0.03, 30)
    for sigma in (None, deviations, np.diag(deviations**2)):
        options = {"sigma": sigma, "absolute_sigma": absolute, "method": method}
        wanted, covariance = optimize.curve_fit(
            lambda t, *v: decay_by_hand(np.array(v)), T, DATA, [0.0, 1.0, 1.0],
            jac=lambda t, *v: slopes_by_hand(np.array(v)), **options,
        )  # fmt: skip
        found, spread = gg.optimize.curve_fit(decay, T, DATA, GUESS, **options)
        np.testing.assert_allclose(gg.tree.ravel(found)[0], wanted, rtol=1e-6)
        np.testing.assert_allclose(spread, covariance, rtol=1e-4)


def test_curve_fit_of_trees() -> None:
    x = {"t": T, "k": 2.0}
    found, _ = gg.optimize.curve_fit(
        lambda x, p: [p[0] * x["t"], p[0] * x["k"] + p[1]], x, [3 * T, np.array(7.0)],
        [np.array(1.0), np.array(0.5)], bounds=(0, [4.0, None]),
    )  # fmt: skip
    np.testing.assert_allclose(found, [3, 1], rtol=1e-5)


# SciPy 1.13 warns of its own Broyden's method under NumPy 2.
@pytest.mark.filterwarnings("ignore:LowRankMatrix is scipy-internal")
@pytest.mark.parametrize("method", ["hybr", "lm", "broyden1", "krylov", "df-sane"])
def test_root(method: str) -> None:
    def equations(p: Any) -> Any:
        return [p["x"] + p["y"] - 3, p["x"] * p["y"] - 2]

    found = gg.optimize.root(equations, {"x": np.array(0.7), "y": np.array(2.6)}, method=method)
    assert found.x["x"] == pytest.approx(1, abs=1e-4)
    assert found.x["y"] == pytest.approx(2, abs=1e-4)
    np.testing.assert_allclose(found.fun, 0, atol=1e-4)


# What is refused


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: gg.optimize.minimize(gg.sum, np.arange(3)), UnsupportedOperand, "astype"),
        (lambda: gg.optimize.minimize(gg.sum, [1]), UnsupportedOperand, r"np\.asarray\(1\.0\)"),
        (lambda: gg.optimize.minimize(gg.sum, {}), InvalidArgument, "no arrays"),
        (lambda: gg.optimize.minimize(gg.sum, np.ones(2) * 1j), UnsupportedOperand, "real and"),
        (lambda: gg.optimize.minimize(lambda x: x, np.ones(2)), TypeError, "one real number"),
        (
            lambda: gg.optimize.minimize(lambda x: x, np.ones(2), method="Powell"),
            InvalidArgument, "one real number",
        ),
        (
            lambda: gg.optimize.minimize(gg.sum, np.ones(2), method="newton"),
            InvalidArgument, "newton-cg",
        ),
        (
            lambda: gg.optimize.minimize(gg.sum, np.ones(2), bounds=[(0, 1), (0, 1)]),
            InvalidArgument, r"a pair \(lower, upper\)",
        ),
        (
            lambda: gg.optimize.minimize(gg.sum, np.ones(2), bounds=({"a": 0}, 1)),
            InvalidArgument, "lower bound is no tree",
        ),
        (
            lambda: gg.optimize.minimize(gg.sum, np.ones(2), bounds=(0, np.ones(3))),
            InvalidArgument, r"shape \(3,\) for one of shape \(2,\)",
        ),
        (
            lambda: gg.optimize.minimize(gg.sum, np.ones(2), constraints=[lambda x: x]),
            InvalidArgument, "a constraint is",
        ),
        (
            lambda: gg.optimize.root(gg.sum, np.ones(2)), InvalidArgument,
            "1 numbers for 2 unknowns",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(
    call: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call()


def test_without_scipy_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(BackendUnavailable, match="pip install scipy"):
        gg.optimize.minimize(gg.sum, np.ones(2))


# Numbers, and messages


def test_floats_are_leaves_as_for_scipy() -> None:
    def f(p: Any) -> Any:
        return (p["a"] - 1) ** 2 + gg.sum((p["b"] - 2) ** 2)

    found = gg.optimize.minimize(f, {"a": 0.0, "b": np.zeros(2)})
    np.testing.assert_allclose([found.x["a"], *found.x["b"]], [1, 2, 2], rtol=1e-5)
    assert found.x["a"].shape == found.jac["a"].shape == ()
    assert gg.optimize.minimize(lambda x: (x - 3) ** 2, 0.0).x == pytest.approx(3)
    alone = gg.optimize.minimize(
        lambda p: (p[0] - 1) ** 2 + (p[1] - p[0]) ** 2, [0.0, 5.0], bounds=(None, [0.5, None])
    )
    np.testing.assert_allclose(alone.x, [0.5, 0.5], atol=1e-4)
    single = gg.optimize.minimize(f, {"a": 0.0, "b": np.zeros(2, "float32")}, tol=1e-4)
    assert single.x["a"].dtype == np.float32        # nothing widens what is float32
    root = gg.optimize.root(lambda p: [p["x"] + p["y"] - 3, p["x"] - 1], {"x": 0.0, "y": 0.0})
    np.testing.assert_allclose([root.x["x"], root.x["y"]], [1, 2])
    t = np.arange(4.0)
    fit, _ = gg.optimize.curve_fit(lambda t, p: p["k"] * t, t, 2 * t, {"k": 1.0})
    assert fit["k"] == pytest.approx(2)


@pytest.mark.parametrize(("start", "found"), [
    ({"a": 1}, r"x0\['a'\] is 1, a number of Python"),
    ({"a": True, "b": 0.0}, r"x0\['a'\] is True"),
    (np.array([1, 2]), "x0 is an array of dtype int64"),
    ({"a": "text"}, r"x0\['a'\] is 'text'"),
    (np.array([1j]), "x0 is an array of dtype complex128"),
])  # fmt: skip
def test_leaves_that_scipy_cannot_move(start: Any, found: str) -> None:
    with pytest.raises(UnsupportedOperand, match=f"gg.optimize.minimize: {found}.* SciPy's") as e:
        gg.optimize.minimize(lambda p: 0.0, start)
    assert "optimiser steps" not in str(e.value)
    with pytest.raises(UnsupportedOperand, match=r"curve_fit: params is an array of"):
        gg.optimize.curve_fit(lambda x, p: p * x, np.ones(3), np.ones(3), np.array([1, 2]))


def test_a_function_that_looks_at_values_is_told_of_jit() -> None:
    def f(p: Any) -> Any:
        return gg.sum(p**2) if p[0] > 0 else gg.sum(2 * p**2)

    for run in (
        lambda **settings: gg.optimize.minimize(f, np.ones(2), **settings),
        lambda **settings: gg.optimize.minimize(f, np.ones(2), method="Newton-CG", **settings),
        lambda **settings: gg.optimize.least_squares(f, np.ones(2), **settings),
        lambda **settings: gg.optimize.root(lambda p: p * f(p), np.ones(2), **settings),
    ):
        with pytest.raises(TrackedConversion, match=r"bool.*gg\.optimize.*: jit=False"):
            run()
        run(jit=False)
