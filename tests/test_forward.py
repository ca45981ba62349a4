"""Derivatives along directions, Jacobians and Hessians: against differences and each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad import tree
from gpugrad.errors import InvalidArgument, NotDifferentiable, UnsupportedOperand
from gpugrad.testing import check_grads

rng = np.random.default_rng(0)
A, X, V = rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=4)


def f(x: Any) -> Any:
    return gg.tanh(A @ x) * gg.sum(x)


def loss(p: Any) -> Any:
    return gg.sum(gg.tanh(p["w"] @ p["x"]) ** 3) * p["s"]


P = {"w": A, "x": X, "s": np.array(0.7)}
U = {"w": rng.normal(size=A.shape), "x": V, "s": np.array(-0.3)}


def slope(f: Any, p: Any, u: Any, h: float = 1e-5) -> Any:
    """The central difference of a function of a tree."""
    up, down = (f(tree.map(lambda x, d, s=s: x + s * h * d, p, u)) for s in (1, -1))
    return tree.map(lambda a, b: (a - b) / (2 * h), up, down)


@pytest.mark.parametrize("compiled", [False, True])
def test_jvp(compiled: bool) -> None:
    def run(x: Any, v: Any) -> Any:
        return gg.jvp(f, (x,), (v,))

    run = gg.jit(run, engine="numpy") if compiled else run
    for _ in range(3):
        out, moved = run(X, V)
        np.testing.assert_allclose(out, f(X))
        np.testing.assert_allclose(moved, slope(f, X, V), rtol=1e-6)


def test_jvp_of_trees_integers_and_what_does_not_depend() -> None:
    def g(p: Any) -> Any:
        return {"loss": loss(p), "place": gg.argmax(p["x"]), "constant": np.ones(2)}, "aux"

    out, moved, aux = gg.jvp(g, (P,), (U,), has_aux=True)
    np.testing.assert_allclose(moved["loss"], slope(loss, P, U), rtol=1e-6)
    assert moved["place"] == 0
    assert moved["constant"].tolist() == [0, 0]
    assert aux == "aux"
    assert type(out["loss"]) is np.ndarray
    with pytest.raises(InvalidArgument, match="tangents are no tree like"):
        gg.jvp(loss, (P,), (X,))
    with pytest.raises(InvalidArgument, match=r"shape \(3,\)"):
        gg.jvp(f, (X,), (np.ones(3),))
    with pytest.raises(NotDifferentiable):
        gg.jvp(f, (np.arange(4),), (V,))


def test_linearize_runs_the_function_once() -> None:
    runs = []

    def counted(x: Any) -> Any:
        runs.append(1)
        return f(x)

    out, push = gg.linearize(counted, X)
    for v in (V, 2 * V):
        np.testing.assert_allclose(push(v), gg.jvp(f, (X,), (v,))[1])
    np.testing.assert_allclose(out, f(X))
    assert runs == [1]


def test_derivatives_of_derivatives_along_directions() -> None:
    def along(x: Any) -> Any:
        return gg.jvp(f, (x,), (V,))[1]

    check_grads(along, (X,))
    second = gg.jvp(along, (X,), (V,))[1]
    np.testing.assert_allclose(second, slope(along, X, V), rtol=1e-5)
    # No confusion of what is moved inside with what is moved outside.
    found = gg.jvp(lambda x: x * gg.jvp(lambda y: x + y, (1.0,), (1.0,))[1], (3.0,), (1.0,))
    assert found[1] == 1


@pytest.mark.parametrize("compiled", [False, True])
def test_hvp(compiled: bool) -> None:
    def run(p: Any, u: Any) -> Any:
        return gg.hvp(loss, (p,), (u,))

    run = gg.jit(run, engine="numpy") if compiled else run
    wanted = slope(gg.grad(loss), P, U)
    for _ in range(3):
        (found,) = run(P, U)
        tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5), found, wanted)
    (found,), aux = gg.hvp(lambda p: (loss(p), {"kept": 1}), (P,), (U,), has_aux=True)
    np.testing.assert_allclose(found["x"], wanted["x"], rtol=1e-5)
    assert aux == {"kept": 1}


@pytest.mark.parametrize("mode", ["reverse", "forward"])
@pytest.mark.parametrize("compiled", [False, True])
def test_jacobian(mode: str, compiled: bool) -> None:
    made = gg.jacobian(f, mode=mode)
    made = gg.jit(made, engine="numpy") if compiled else made
    wanted = np.stack([gg.jvp(f, (X,), (e,))[1] for e in np.eye(4)], axis=-1)
    for _ in range(3):
        np.testing.assert_allclose(made(X), wanted)


@pytest.mark.parametrize("mode", ["reverse", "forward"])
@pytest.mark.parametrize("compiled", [False, True])
def test_jacobian_by_a_number(mode: str, compiled: bool) -> None:
    made = gg.jacobian(lambda t, x: gg.sin(t * x), (0, 1), mode=mode)
    made = gg.jit(made, engine="numpy") if compiled else made
    for _ in range(3):
        by_number, by_array = made(2.0, X)
        np.testing.assert_allclose(by_number, X * np.cos(2 * X))
        np.testing.assert_allclose(by_array, np.diag(2 * np.cos(2 * X)))


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_jacobian_of_trees(mode: str) -> None:
    def g(p: Any, y: Any, *, factor: float) -> Any:
        return {"a": gg.outer(p["x"], y) * factor, "b": gg.sum(p["w"]) * y}, "aux"

    y = rng.normal(size=2)
    (found, aux) = gg.jacobian(g, (0, 1), has_aux=True, mode=mode)(P, y, factor=2.0)
    assert aux == "aux"
    by_p, by_y = found["a"]
    assert by_p["x"].shape == (4, 2, 4)
    np.testing.assert_allclose(by_p["x"], 2 * np.eye(4)[:, None, :] * y[None, :, None])
    np.testing.assert_allclose(by_y, 2 * X[:, None, None] * np.eye(2)[None])
    np.testing.assert_allclose(by_p["w"], np.zeros((4, 2, 3, 4)))
    np.testing.assert_allclose(found["b"][0]["w"], y[:, None, None] * np.ones((2, 3, 4)))
    one = gg.jacobian(g, has_aux=True, mode=mode)(P, y, factor=2.0)[0]
    np.testing.assert_allclose(one["a"]["x"], by_p["x"])


def test_hessian() -> None:
    found = gg.hessian(loss)(P)
    for name in P:
        unit = {k: np.zeros_like(v) for k, v in P.items()}
        for place in np.ndindex(P[name].shape):
            unit[name] = np.zeros_like(P[name])
            unit[name][place] = 1
            (row,) = gg.hvp(loss, (P,), (unit,))
            for other in P:
                np.testing.assert_allclose(found[name][other][place], row[other], atol=1e-12)
    compiled = gg.jit(gg.hessian(loss), engine="numpy")
    for _ in range(3):
        np.testing.assert_allclose(compiled(P)["w"]["x"], found["w"]["x"], atol=1e-12)
    zero = gg.hessian(lambda x: gg.sum((gg.exp(x) - 1) ** 2) / 2)(np.zeros(3))
    np.testing.assert_allclose(zero, np.eye(3))


def test_gradient_of_a_jacobian() -> None:
    check_grads(lambda x: gg.jacobian(f)(x), (X,), order=1)
    np.testing.assert_allclose(
        gg.grad(lambda x: gg.sum(gg.jacobian(f)(x) ** 2))(X),
        gg.grad(lambda x: gg.sum(gg.jacobian(f, mode="forward")(x) ** 2))(X),
    )


def test_jacobian_of_complex_functions() -> None:
    """Of a holomorphic function the Jacobian is its complex derivative, in both modes."""
    z = X + 1j * V
    for mode in ("reverse", "forward"):
        found = gg.jacobian(lambda z: z**2 * z[0], mode=mode, holomorphic=True)(z)
        want = np.diag(2 * z * z[0])
        want[:, 0] += z**2
        np.testing.assert_allclose(found, want)
    rows = gg.jacobian(lambda z: gg.abs(z) ** 2)(z)
    np.testing.assert_allclose(rows, np.diag(2 * z))
    conjugated = gg.jacobian(lambda z: gg.abs(z) ** 2, conjugate=True)(z)
    np.testing.assert_allclose(conjugated, np.diag(2 * z.conj()))
    columns = gg.jacobian(lambda x: x * z, mode="forward")(X)
    np.testing.assert_allclose(columns, np.diag(z))
    np.testing.assert_allclose(
        gg.hessian(lambda z: gg.sum(z**3), holomorphic=True)(z), np.diag(6 * z)
    )
    with pytest.raises(InvalidArgument, match="'reverse' or 'forward'"):
        gg.jacobian(f, mode="backward")


def test_gradients_of_complex_functions() -> None:
    """A holomorphic function has a complex derivative; of others there are two conventions."""
    z = np.array(1 + 2j)
    assert gg.grad(lambda z: z**3, holomorphic=True)(z) == 3 * z**2
    assert gg.grad(gg.grad(lambda z: z**3, holomorphic=True), holomorphic=True)(z) == 6 * z
    value, derivative = gg.value_and_grad(lambda z: z * z, holomorphic=True)(z)
    assert (value, derivative) == (z * z, 2 * z)
    assert gg.grad(lambda z: gg.abs(z) ** 2)(z) == pytest.approx(2 * z)
    assert gg.grad(lambda z: gg.abs(z) ** 2, conjugate=True)(z) == pytest.approx(2 * z.conj())
    _, pullback = gg.vjp(lambda z, x: x * z**2, z, 3.0, conjugate=True)
    g = np.array(2 - 1j)
    assert pullback(g) == (g * 3 * 2 * z, (g * z**2).real)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda z: gg.grad(lambda z: z**2)(z[0]), "one real number"),
        (lambda z: gg.grad(lambda z: gg.abs(z), holomorphic=True)(z[0]), "one complex number"),
        (lambda z: gg.grad(lambda x: x * 1j, holomorphic=True)(V[0]), "found is float64"),
        (lambda z: gg.jacobian(lambda z: z**2)(z), "by reverse mode, a result of dtype complex"),
        (lambda z: gg.jacobian(gg.abs, mode="forward")(z), "by forward mode, an argument"),
        (lambda z: gg.jacobian(gg.abs, holomorphic=True)(z), "whose results are complex"),
        (lambda z: gg.jacobian(gg.sin, mode="forward", holomorphic=True)(z.real), "of complex"),
        (lambda z: gg.hessian(lambda z: gg.sum(gg.abs(z) ** 2))(z), "holomorphic=True"),
    ],
)
def test_derivatives_that_complex_numbers_cannot_hold(call: Any, message: str) -> None:
    with pytest.raises(NotDifferentiable, match=message):
        call(X + 1j * V)


def test_what_a_function_tells_besides() -> None:
    """`has_aux` of vjp and linearize."""
    out, pullback, aux = gg.vjp(lambda x: (x * x, {"x": x}), X, has_aux=True)
    np.testing.assert_array_equal(out, X * X)
    np.testing.assert_array_equal(pullback(V)[0], 2 * X * V)
    np.testing.assert_array_equal(aux["x"], X)
    out, push, aux = gg.linearize(lambda x: (x * x, "aux"), X, has_aux=True)
    np.testing.assert_array_equal(push(V), 2 * X * V)
    assert (type(out), aux) == (np.ndarray, "aux")


MODEL = gg.nn.MLP([1, 2], dtype="float64")
ONE_BY_ONE = {
    "an array": (X, V, r"primals is an array of shape \(4,\)"),
    "a model": (MODEL, MODEL, "primals is of type MLP"),
    "a number": (2.0, 1.0, "primals is of type float"),
    "a tree": ({"a": X}, {"a": V}, "primals is of type dict"),
    "a direction": ((X,), V, r"(vectors|tangents) is an array of shape \(4,\)"),
    "none": ((X,), None, "(vectors|tangents) is of type NoneType"),
}


@pytest.mark.parametrize("case", ONE_BY_ONE)
@pytest.mark.parametrize("transform", [gg.jvp, gg.hvp])
def test_arguments_that_are_not_given_one_by_one_are_refused(transform: Any, case: str) -> None:
    primals, directions, message = ONE_BY_ONE[case]
    way = rf"gg.{transform.__name__}\(f, \(x,\), \(.,\)\)\.$"
    with pytest.raises(InvalidArgument, match=rf"{message}; expected a tuple .*{way}"):
        transform(lambda x: gg.sum(x**2), primals, directions)


@pytest.mark.parametrize("transform", [gg.jvp, gg.hvp])
def test_directions_that_are_not_like_the_primals(transform: Any) -> None:
    def f(*xs: Any) -> Any:
        return gg.sum(gg.stack([gg.sum(x) for x in tree.leaves(xs)]) ** 2)

    with pytest.raises(InvalidArgument, match=r"there are 1 .* and 2 primals; expected one for"):
        transform(f, (X, X), (V,))
    with pytest.raises(InvalidArgument, match=r"\[0\] is a leaf; expected a tree of type MLP"):
        transform(f, (MODEL,), (V,))
    with pytest.raises(InvalidArgument, match=r"\[0\]\['b'\] is a leaf; expected a list of 1"):
        transform(f, ({"a": X, "b": [X]},), ({"a": X, "b": X},))


def test_cotangents_that_are_not_like_the_result() -> None:
    pull = gg.vjp(lambda x: {"a": x, "b": (x, x)}, X)[1]
    for given, message in (
        (X, r"it is a leaf; expected a dict with the keys \['a', 'b'\]"),
        ({"a": X, "b": [X, X]}, r"\['b'\] is a list of 2; expected a tuple of 2"),
        ({"a": X, "b": (X, None)}, r"\['b'\]\[1\] is None; expected a leaf"),
    ):
        with pytest.raises(InvalidArgument, match=message):
            pull(given)
    pull = gg.vjp(lambda m: m, MODEL)[1]
    other = gg.nn.MLP([1, 2], activation="tanh")
    with pytest.raises(InvalidArgument, match="of type MLP with other static attributes"):
        pull(other)


@pytest.mark.parametrize("transform", [gg.grad, gg.value_and_grad, gg.jacobian, gg.hessian, gg.jit])
@pytest.mark.parametrize("places", ["y", None, 1.0, (0, "y"), {0}, True, X, (0, (1,))])
def test_places_of_arguments_that_are_none(transform: Any, places: object) -> None:
    words = ["argnums"] if transform is not gg.jit else ["static_argnums", "donate_argnums"]
    for word in words:
        with pytest.raises(InvalidArgument, match=rf"^{word} is .*; expected the place"):
            transform(f, **{word: places})


def test_places_of_arguments_by_name_have_a_way_out() -> None:
    with pytest.raises(InvalidArgument, match=r"of f\(x, y\), the place of y is 1"):
        gg.grad(f, argnums="y")
    with pytest.raises(InvalidArgument, match="in static_argnames"):
        gg.jit(f, static_argnums="y")
    with pytest.raises(InvalidArgument, match=r"static_argnames is 0; .* static_argnums"):
        gg.jit(f, static_argnames=0)
    with pytest.raises(InvalidArgument, match="by its place, not by its name"):
        gg.grad(lambda x: x)(x=1.0)
    two = gg.grad(lambda x, y: gg.sum(x * y), argnums=[np.int64(0), -1])(X, V)
    np.testing.assert_array_equal(two, (V, X))


@pytest.mark.parametrize("axes", ["y", 1.0, {0}, True, (0, 1.5)])
def test_axes_of_parts_that_are_none(axes: object) -> None:
    for word in ("in_axes", "out_axes"):
        with pytest.raises(InvalidArgument, match=f"vmap: {word} is "):
            gg.vmap(lambda x, y: (x, y), **{word: axes})(A, A)
    assert gg.vmap(lambda x: x, in_axes=np.int64(1))(A).shape == (4, 3)


@pytest.mark.parametrize(
    "transform",
    [gg.grad, gg.value_and_grad, gg.jacobian, gg.hessian, gg.jit, gg.vmap],
)
def test_the_result_in_the_place_of_the_function(transform: Any) -> None:
    with pytest.raises(UnsupportedOperand, match=r"given a ndarray; expected a function"):
        transform(f(X))
    for along in (gg.jvp, gg.hvp):
        with pytest.raises(UnsupportedOperand, match=r"given a ndarray; expected a function"):
            along(f(X), (X,), (V,))
    for at in (gg.vjp, gg.linearize):
        with pytest.raises(UnsupportedOperand, match=r"given a ndarray; expected a function"):
            at(f(X), X)


def test_check_grads_wants_the_arguments_one_by_one() -> None:
    with pytest.raises(InvalidArgument, match=r"args is an array .*gg.testing.check_grads\(f, \("):
        check_grads(f, X)
