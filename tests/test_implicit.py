"""`gg.implicit`: gradients of roots and fixed points by the implicit function theorem."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.optimize
from scipy.sparse.linalg import LinearOperator, cg, gmres

import gpugrad as gg
from gpugrad.errors import InvalidArgument, NotDifferentiable
from gpugrad.testing import check_grads

rng = np.random.default_rng(0)
A = np.array([2.0, 3.0])
W, B = 0.2 * rng.normal(size=(4, 4)), rng.normal(size=4)


@gg.implicit(lambda x, a: x**2 - a)
def square_root(a: Any) -> Any:
    """By Newton's method, until it has converged."""
    x = 1 + 0 * a
    while float(gg.max(gg.abs(x * x - a))) > 1e-14:
        x = (x + a / x) / 2
    return x


def settled(w: Any, b: Any) -> Any:
    """The fixed point of tanh(w x + b)."""
    x = 0 * b
    for _ in range(200):
        x = gg.tanh(w @ x + b)
    return x


def away(x: Any, w: Any, b: Any) -> Any:
    return gg.tanh(w @ x + b) - x


def test_a_root_of_any_order() -> None:
    """The solver looks at values, which nothing that is differentiated could."""
    assert square_root.__doc__ == "By Newton's method, until it has converged."
    np.testing.assert_allclose(square_root(A), np.sqrt(A))
    assert type(square_root(A)) is np.ndarray
    check_grads(square_root, (A,), order=4)
    np.testing.assert_allclose(gg.grad(square_root)(2.0), 8**-0.5)
    np.testing.assert_allclose(gg.jvp(square_root, (A,), (A,))[1], np.sqrt(A) / 2)
    np.testing.assert_allclose(gg.jacobian(square_root)(A), np.diag(0.5 / np.sqrt(A)))


def test_a_fixed_point_has_the_gradient_that_its_steps_have() -> None:
    root = gg.implicit(away)(settled)
    check_grads(root, (W, B), order=3)

    def loss(f: Any, w: Any, b: Any) -> Any:
        return gg.sum(f(w, b) ** 3)

    for a, b in zip(
        gg.grad(lambda w, b: loss(root, w, b), (0, 1))(W, B),
        gg.grad(lambda w, b: loss(settled, w, b), (0, 1))(W, B),
        strict=True,
    ):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_the_steps_are_not_kept() -> None:
    """Whatever the solver did, the graph has the root and what its rule needs."""
    w, b = gg.tensor(W, requires_grad=True), gg.tensor(B, requires_grad=True)
    root = gg.implicit(away)(settled)
    y = root(w, b)
    nodes, seen = [y._edge[0]], set()
    while nodes:
        node = nodes.pop()
        if node not in seen:
            seen.add(node)
            nodes += [edge[0] for edge in node.edges if edge is not None]
    assert len(seen) < 10
    gg.sum(y).backward()
    assert w.grad.shape == (4, 4)
    assert b.grad.shape == (4,)


def test_trees_of_complex_and_real_arrays() -> None:
    """z² = a z₀ and s³ = a s₀ at once; settings among the arguments stay as they are."""

    def residual(x: Any, a: Any, power: int, name: str) -> Any:
        assert name == "roots"
        return {"z": x["z"] ** 2 - a["z"] * x["s"], "s": x["s"] ** power - a["s"]}

    @gg.implicit(residual)
    def roots(a: Any, power: int, name: str) -> Any:
        s = gg.power(a["s"], 1 / power)
        return {"z": gg.sqrt(a["z"] * s), "s": s}

    a = {"z": np.array([1 + 2j, 3 - 1j]), "s": np.array(2.0)}
    check_grads(lambda a: roots(a, 3, "roots"), (a,), order=2)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_under_jit_and_vmap(engine: str) -> None:
    """A solver that loops with gg.scan is recorded, and runs on a batch."""

    @gg.implicit(lambda x, a: x**2 - a)
    def root(a: Any) -> Any:
        return gg.scan(lambda x, _: ((x + a / x) / 2, None), a, length=30)[0]

    def loss(a: Any) -> Any:
        return gg.sum(root(a) ** 3)

    want = 1.5 * np.sqrt(A)
    step = gg.jit(gg.grad(loss), engine=engine)
    for _ in range(3):
        np.testing.assert_allclose(step(A), want)
    batch = np.stack([A, 2 * A, 3 * A])
    np.testing.assert_allclose(gg.vmap(gg.grad(loss))(batch), 1.5 * np.sqrt(batch))
    np.testing.assert_allclose(gg.hessian(loss)(A), np.diag(0.75 / np.sqrt(A)))


@pytest.mark.parametrize("method", [gmres, cg])
def test_the_linear_system_may_be_solved_by_products(method: Any) -> None:
    """SciPy's iterative solvers get plain vectors; the gradient is of any order still."""
    sizes = []

    def solve(product: Any, b: Any) -> Any:
        sizes.append(b.shape)
        n = b.shape[0]
        operator = LinearOperator((n, n), matvec=product, dtype=b.dtype)
        return method(operator, b, rtol=1e-14, atol=0)[0]

    symmetric = (W + W.T) / 2

    def residual(x: Any, w: Any, b: Any) -> Any:    # its Jacobian is symmetric, as cg wants it
        return (w + w.T) @ x / 2 + gg.tanh(x) + 3 * x - b

    @gg.implicit(residual, linear_solver=solve)
    def root(w: Any, b: Any) -> Any:
        def f(x: Any) -> Any:
            return np.asarray(residual(x, np.asarray(w), np.asarray(b)))

        return scipy.optimize.root(f, np.zeros(4), tol=1e-14).x

    check_grads(root, (symmetric, B), order=2)
    assert set(sizes) == {(4,)}


def test_what_the_solver_tells_besides() -> None:
    """With has_aux: how many steps it took."""

    @gg.implicit(lambda x, a: x * x - a, has_aux=True)
    def root(a: Any) -> Any:
        return gg.sqrt(a), {"steps": 1}

    value, aux = gg.grad(lambda a: root(a)[0], has_aux=False)(4.0), root(A)[1]
    assert value == 0.25
    assert aux == {"steps": 1}


def test_the_wrong_residual_gives_another_gradient() -> None:
    """It is the residual that is differentiated, so this check can fail."""
    wrong = gg.implicit(lambda x, a: x**2 - 2 * a)(gg.sqrt)
    with pytest.raises(AssertionError, match=r"measured .* claimed"):
        check_grads(wrong, (A,), order=1)


def test_what_is_wrong_is_said() -> None:
    w = gg.tensor(A, requires_grad=True)
    with pytest.raises(NotDifferentiable, match="argument of the solver"):
        gg.implicit(lambda x, a: x * w - a)(gg.sqrt)(w * 2)
    with pytest.raises(InvalidArgument, match=r"shapes \[\(\)\]; wanted .* \[\(2,\)\]"):
        gg.grad(lambda a: gg.sum(gg.implicit(lambda x, a: gg.sum(x - a))(gg.sqrt)(a)))(A)
    with pytest.raises(InvalidArgument, match="dtype int64"):
        gg.implicit(lambda x, a: x - a)(lambda a: np.array([1, 2]))(w)
    with pytest.raises(InvalidArgument, match="pair"):
        gg.implicit(lambda x, a: x - a, has_aux=True)(gg.sqrt)(w)
