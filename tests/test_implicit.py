"""`gg.implicit`: gradients of roots and fixed points by the implicit function theorem."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.optimize
from scipy.sparse.linalg import LinearOperator, cg, gmres

import gpugrad as gg
from gpugrad.errors import InvalidArgument, NotDifferentiable, TrackedConversion
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


@pytest.mark.parametrize("engine", ["numpy", "native"])
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
    with pytest.raises(InvalidArgument, match=r"shapes \[\(\)\]; expected \[\(2,\)\]"):
        gg.grad(lambda a: gg.sum(gg.implicit(lambda x, a: gg.sum(x - a))(gg.sqrt)(a)))(A)
    with pytest.raises(InvalidArgument, match="dtype int64"):
        gg.implicit(lambda x, a: x - a)(lambda a: np.array([1, 2]))(w)
    with pytest.raises(InvalidArgument, match="pair"):
        gg.implicit(lambda x, a: x - a, has_aux=True)(gg.sqrt)(w)


# On batches, and recorded


def newton(x: Any, a: Any) -> Any:
    """The square root of `a`, from `x`, by steps that look at no value."""
    return gg.scan(lambda x, _: ((x + a / x) / 2, None), x, length=20)[0]


blind_root = gg.implicit(lambda x, a: x**2 - a)(lambda a: newton(1 + 0 * a, a))
BATCH = np.array([[2.0, 3.0], [0.5, 5.0], [4.0, 1.0]])


@pytest.mark.parametrize("root", [square_root, blind_root], ids=["looking", "blind"])
def test_a_batch(root: Any) -> None:
    """Also of batches, and where only some arguments are of the batch."""
    np.testing.assert_allclose(gg.vmap(root)(BATCH), np.sqrt(BATCH))
    np.testing.assert_allclose(gg.vmap(gg.vmap(root))(BATCH), np.sqrt(BATCH))
    np.testing.assert_allclose(gg.vmap(root, 1, 1)(BATCH), np.sqrt(BATCH))
    check_grads(gg.vmap(root), (BATCH,), order=3)
    check_grads(gg.vmap(gg.vmap(gg.grad(root))), (BATCH,))
    np.testing.assert_allclose(gg.vmap(gg.jacobian(root))(BATCH)[1], np.diag(0.5 / BATCH[1] ** 0.5))
    hessian = gg.hessian(lambda a: gg.sum(gg.vmap(root)(a)))(BATCH)
    np.testing.assert_allclose(hessian[1, 0, 1, 0], -0.25 * 0.5**-1.5)


def test_how_often_the_solver_of_a_batch_runs() -> None:
    runs = []

    def counting(solver: Any) -> Any:
        def counted(*args: Any) -> Any:
            runs.append(len(args))
            return solver(*args)

        return gg.implicit(lambda x, a: x**2 - a)(counted)

    gg.vmap(counting(lambda a: newton(1 + 0 * a, a)))(BATCH)
    assert len(runs) == 1
    runs.clear()
    gg.vmap(counting(square_root.__wrapped__))(BATCH)
    assert len(runs) == 1 + len(BATCH)


def test_trees_numbers_and_what_is_said_besides_of_a_batch() -> None:
    @gg.implicit(lambda x, a, b: {"x": x["x"] - a["a"] * b}, has_aux=True)
    def solver(a: Any, b: Any) -> Any:
        steps = int(a["a"])                         # a look
        return {"x": a["a"] * b}, {"steps": steps, "how": "exact", "last": (a["a"], None)}

    def part(a: Any, b: Any) -> Any:
        x, said = solver(a, b)
        assert said.pop("how") == "exact"
        return x, said

    a = {"a": np.array([1.0, 2.0, 5.0])}
    x, said = gg.vmap(part, in_axes=(0, None))(a, 3.0)
    np.testing.assert_array_equal(x["x"], [3.0, 6.0, 15.0])
    np.testing.assert_array_equal(said["steps"], [1, 2, 5])
    np.testing.assert_array_equal(said["last"][0], a["a"])
    slope = gg.grad(
        lambda a, b: gg.sum(gg.vmap(lambda a: solver(a, b)[0], in_axes=(0,))(a)["x"]), (0, 1)
    )
    for found, want in zip(gg.tree.leaves(slope(a, 3.0)), [[3.0] * 3, 8.0], strict=True):
        np.testing.assert_allclose(found, want)


def test_a_linear_solver_that_looks_takes_a_batch() -> None:
    def by_gmres(product: Any, b: Any) -> Any:
        n = len(b)
        operator = LinearOperator((n, n), lambda w: np.asarray(product(w)), dtype=b.dtype)
        return gmres(operator, np.asarray(b), rtol=1e-12)[0]

    direct, by_steps = (
        gg.implicit(away, linear_solver=solver)(settled) for solver in (None, by_gmres)
    )
    bs = np.stack([B, -B, B / 2])

    def loss(root: Any) -> Any:
        return lambda bs: gg.sum(gg.vmap(lambda b: root(W, b))(bs) ** 2)

    np.testing.assert_allclose(gg.grad(loss(by_steps))(bs), gg.grad(loss(direct))(bs), rtol=1e-9)
    each = gg.vmap(gg.grad(lambda b: gg.sum(by_steps(W, b) ** 2)))(bs)
    np.testing.assert_allclose(each, gg.grad(loss(direct))(bs), rtol=1e-9)


def test_a_solver_that_does_not_look_is_recorded() -> None:
    def everything(a: Any, batch: Any) -> Any:
        slope = gg.grad(lambda a: gg.sum(blind_root(a)))
        return blind_root(a), gg.vmap(blind_root)(batch), gg.jacobian(blind_root)(a), slope(a), (
            gg.vmap(slope)(batch)
        )

    step = gg.jit(everything, engine="numpy")
    for _ in range(3):
        for found, want in zip(step(A, BATCH), everything(A, BATCH), strict=True):
            np.testing.assert_allclose(found, want, rtol=1e-13, atol=1e-15)


def test_a_solver_that_looks_is_not_recorded() -> None:
    """But a gradient through gg.jit runs it as it is."""
    for f in (square_root, gg.vmap(square_root), gg.grad(lambda a: gg.sum(square_root(a)))):
        with pytest.raises(TrackedConversion, match=r"gg\.implicit: its solver looks.*gg\.scan"):
            gg.jit(f)(A)
    step = gg.jit(lambda a: gg.sum(square_root(a)))
    np.testing.assert_allclose(gg.grad(step)(A), 0.5 / np.sqrt(A))
    np.testing.assert_allclose(gg.vmap(step)(BATCH), np.sum(np.sqrt(BATCH), axis=1))


def test_what_a_batch_cannot_give_is_refused() -> None:
    def rows(a: Any) -> Any:
        return gg.ones(int(a))

    solver = gg.implicit(lambda x, a: x)(rows)
    with pytest.raises(InvalidArgument, match="arrays of different shapes"):
        gg.vmap(solver)(np.array([1.0, 2.0]))
    with pytest.raises(InvalidArgument, match="there is no part"):
        gg.vmap(solver)(np.zeros(0))
    with pytest.raises(InvalidArgument, match="trees of different structures"):
        gg.vmap(gg.implicit(lambda x, a: x)(lambda a: [a] * int(a)))(np.array([1.0, 2.0]))
    said = gg.implicit(lambda x, a: x, has_aux=True)(lambda a: (a, str(float(a))))
    with pytest.raises(InvalidArgument, match="a str that differs"):
        gg.vmap(said)(np.array([1.0, 2.0]))

    def closed(a: Any) -> Any:
        return gg.implicit(lambda x, b: x - b)(lambda b: b * float(a))(1.0)

    with pytest.raises(TrackedConversion, match="float") as caught:
        gg.vmap(closed)(np.array([1.0, 2.0]))
    assert any("gg.implicit" in note for note in caught.value.__notes__)
