"""Functions of NumPy's arrays within programs: on every engine, under every transform."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.integrate
import scipy.linalg
import scipy.sparse
import scipy.sparse.linalg

import gpugrad as gg
from gpugrad.errors import InvalidArgument, NotDifferentiable, PlanError, UnsupportedOperand
from gpugrad.testing import check_grads

MATRIX = np.array([[2.0, 1.0], [1.0, 3.0]])
POINT = np.array([1.0, 2.0])

solve = gg.host(lambda b: scipy.linalg.solve(MATRIX, b), vjp=lambda g, y, b: solve(g))

WAYS = {
    "eager": lambda f: f,
    "numpy": lambda f: gg.jit(f, engine="numpy"),
    "native": lambda f: gg.jit(f, engine="native"),
}


@pytest.fixture(params=list(WAYS))
def way(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """A function as it is, or under `gg.jit` on an engine."""
    if request.param == "native":
        pytest.importorskip("llvmlite")
    return WAYS[request.param]


def test_gradients_of_any_order(way: Callable[..., Any]) -> None:
    def loss(b: Any) -> Any:
        return gg.sum(solve(b * 2.0) ** 2)

    inverse = np.linalg.inv(MATRIX)
    for _ in range(3):
        np.testing.assert_allclose(way(loss)(POINT), np.sum((2 * inverse @ POINT) ** 2))
    np.testing.assert_allclose(way(gg.grad(loss))(POINT), 8 * inverse @ inverse @ POINT, atol=1e-14)
    np.testing.assert_allclose(way(gg.hessian(loss))(POINT), 8 * inverse @ inverse)
    np.testing.assert_allclose(way(gg.jacobian(solve))(POINT), inverse)
    check_grads(solve, (POINT,), order=2)
    check_grads(gg.checkpoint(solve), (POINT,))


def test_several_results_of_any_dtype(way: Callable[..., Any]) -> None:
    """Their shapes follow those of the operands where `result` says so."""
    sort = gg.host(
        lambda x: (np.argsort(x), np.sort(x), x.sum()),
        result=lambda x: ((x[0], np.int64), x, ((), x[1])),
    )
    run = way(lambda x: sort(x))
    for n, dtype in ((3, "float64"), (3, "float64"), (4, "float64"), (5, "float32")):
        x = np.arange(float(n))[::-1].astype(dtype)
        order, ordered, total = run(x)
        np.testing.assert_array_equal(order, np.arange(n)[::-1])
        np.testing.assert_array_equal(ordered, np.arange(n))
        assert (order.dtype, ordered.dtype, total.dtype, total.shape) == ("int64", dtype, dtype, ())


SPECS: list[Any] = [
    ((2,), np.float64), ((2,), "float64"), ([2], np.dtype("float64")), np.zeros(2), lambda x: x,
    lambda x: np.zeros(x[0]), (((2,), float),), [np.zeros(2)], None,
]  # fmt: skip


@pytest.mark.parametrize("result", SPECS)
def test_every_spelling_of_a_result(result: Any) -> None:
    f = gg.host(lambda x: 2 * x, result=result)
    for run in (f, gg.jit(f)):
        found = run(POINT)
        found = found[0] if isinstance(found, tuple) else found
        np.testing.assert_array_equal(found, 2 * POINT)


def test_effects_run_in_order_and_as_often(way: Callable[..., Any]) -> None:
    seen: list[float] = []
    note = gg.host(lambda x: seen.append(float(x)), result=(), pure=False)
    value = gg.host(lambda x: (seen.append(float(x)), -x)[1], result=np.zeros(()), pure=False)

    def line(x: Any) -> Any:
        note(x)
        y = x * 2
        note(y)
        note(y)
        value(y + 1)                                # whose result nobody reads
        return y + 1

    def loop(x: Any) -> Any:
        def step(total: Any, part: Any) -> tuple[Any, Any]:
            note(total)
            return total + part, total

        return gg.scan(step, x, np.arange(3.0))[0]

    def branch(x: Any) -> Any:
        return gg.cond(x > 0, lambda x: (note(x), x)[1], lambda x: -x, x)

    for f, x, wanted in (
        (line, 1.0, [1, 2, 2, 3]), (loop, 0.0, [0, 0, 1]), (branch, 1.0, [1]), (branch, -1.0, []),
    ):  # fmt: skip
        run = way(f)
        for _ in range(4):
            seen.clear()
            run(np.array(x))
            assert seen == wanted, f.__name__


def test_an_exception_comes_through(way: Callable[..., Any]) -> None:
    class Mine(Exception):
        pass

    def picky(x: np.ndarray) -> np.ndarray:
        if x[0] > 5:
            raise Mine
        return x

    run = way(lambda x: gg.host(picky)(x) + 1)
    for factor in (1, 1, 9, 1):
        if factor == 9:
            with pytest.raises(Mine):
                run(POINT * factor)
        else:
            np.testing.assert_array_equal(run(POINT * factor), POINT + 1)


def test_arrays_are_never_shared(way: Callable[..., Any]) -> None:
    """It may write to what it is given, and keep what it returns."""
    buffer = np.zeros((2, 3))

    def shared(x: np.ndarray) -> np.ndarray:
        buffer[:] = x
        x[:] = 9
        return buffer

    f, turned = gg.host(shared), gg.host(lambda x: np.asfortranarray(x)[::-1, ::2])
    x = np.arange(6.0).reshape(2, 3)
    run = way(lambda x: (f(x), f(x * 2), turned(x), turned(x) + 1))
    for _ in range(3):
        one, two, back, more = run(x)
        np.testing.assert_array_equal(one, np.arange(6.0).reshape(2, 3))
        np.testing.assert_array_equal(two, 2 * one)
        np.testing.assert_array_equal(back, one[::-1, ::2])
        np.testing.assert_array_equal(more, back + 1)
        buffer[:] = -1
    np.testing.assert_array_equal(x, np.arange(6.0).reshape(2, 3))


def test_donated_arguments_are_read_before_they_are_given_up() -> None:
    f = gg.host(lambda x: 2 * x)
    run = gg.jit(lambda x: f(x) + x, donate_argnums=0)
    for _ in range(4):
        np.testing.assert_array_equal(run(np.ones(2)), [3, 3])


def test_functions_made_anew_in_each_trace_are_the_same(way: Callable[..., Any]) -> None:
    def loss(x: Any) -> Any:
        factor = 2.0
        scaled = gg.host(lambda x: x * factor, vjp=lambda g, y, x: g * factor)
        return gg.sum(scaled(x))

    for _ in range(3):
        np.testing.assert_array_equal(way(gg.grad(loss))(POINT), [2, 2])


def test_calls_that_close_over_other_numbers_are_told_apart() -> None:
    calls: list[float] = []

    def by(factor: float) -> Any:
        return gg.host(lambda x: (calls.append(factor), x * factor)[1])

    run = gg.jit(lambda x: by(2.0)(x) + by(2.0)(x) + by(3.0)(x))
    for _ in range(3):
        calls.clear()
        np.testing.assert_array_equal(run(POINT), 7 * POINT)
    assert set(calls) == {2, 3}


def test_no_operand_and_what_is_no_array(way: Callable[..., Any]) -> None:
    table = gg.host(lambda: np.arange(2.0))
    np.testing.assert_array_equal(way(lambda x: table() * x)(POINT), [0, 2])
    double = gg.host(lambda x: 2 * x)
    for x in ([1.0, 2.0], (1.0, 2.0), POINT):
        found = double(x)
        assert type(found) is np.ndarray
        np.testing.assert_array_equal(found, [2, 4])
    assert gg.grad(lambda t: gg.sum(solve([t, 2.0])))(1.0) == pytest.approx(0.4)
    assert isinstance(double(gg.tensor(POINT)), gg.Tensor)


# Batches


def test_a_batch_is_taken_apart_or_whole(way: Callable[..., Any]) -> None:
    calls: list[tuple[int, ...]] = []

    def det(x: np.ndarray) -> np.ndarray:
        calls.append(x.shape)
        return np.linalg.det(x)

    apart, whole = gg.host(det), gg.host(det, vectorized=True)
    matrices = np.random.default_rng(0).standard_normal((3, 4, 2, 2))
    wanted = np.linalg.det(matrices)
    np.testing.assert_allclose(way(gg.vmap(gg.vmap(apart)))(matrices), wanted)
    assert calls == [(2, 2)] * 12
    calls.clear()
    np.testing.assert_allclose(way(gg.vmap(gg.vmap(whole)))(matrices), wanted)
    assert calls == [(12, 2, 2)]
    calls.clear()
    np.testing.assert_allclose(way(gg.vmap(whole))(matrices[0]), wanted[0])
    assert calls == [(4, 2, 2)]


@pytest.mark.parametrize("vectorized", [False, True])
def test_batches_of_several_operands_and_their_gradients(
    vectorized: bool, way: Callable[..., Any]
) -> None:
    def rule(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
        share = product(gg.linalg.matrix_transpose(a), g)
        return gg.expand_dims(g, -1) * gg.expand_dims(b, -2), share

    product = gg.host(
        lambda a, b: (a @ b[..., None])[..., 0], vjp=rule, vectorized=vectorized
    )
    matrices = np.random.default_rng(0).standard_normal((3, 2, 2))
    axes = (0, None)
    found = way(gg.vmap(product, in_axes=axes))(matrices, POINT)
    np.testing.assert_allclose(found, matrices @ POINT)
    slopes = gg.grad(lambda a, b: gg.sum(product(a, b) ** 2), argnums=(0, 1))
    plain = gg.grad(lambda a, b: gg.sum((a @ b) ** 2), argnums=(0, 1))
    for one, other in zip(
        way(gg.vmap(slopes, in_axes=axes))(matrices, POINT),
        gg.vmap(plain, in_axes=axes)(matrices, POINT), strict=True,
    ):  # fmt: skip
        np.testing.assert_allclose(one, other)


def test_effects_of_a_batch() -> None:
    seen: list[Any] = []
    for vectorized, wanted in ((False, [0, 1, 2]), (True, [[0, 1, 2]])):
        note = gg.host(
            lambda x: seen.append(x.tolist()), result=(), pure=False, vectorized=vectorized
        )
        run = gg.vmap(lambda x, note=note: (note(x), x * 2)[1])
        for f in (run, gg.jit(run)):
            seen.clear()
            np.testing.assert_array_equal(f(np.arange(3.0)), [0, 2, 4])
            assert seen == wanted


# What is refused


def test_results_are_what_was_said(way: Callable[..., Any]) -> None:
    for f, result, word in (
        (lambda x: x[:1], lambda x: x, r"returned float64\[1\], and result= says float64\[2\]"),
        (lambda x: x.astype("float32"), np.zeros(2), r"returned float32\[2\]"),
        (lambda x: (x, x), np.zeros(2), r"returned float64\[2\], float64\[2\]"),
        (lambda x: None, np.zeros(2), "returned nothing"),
    ):
        with pytest.raises(InvalidArgument, match=word):
            way(gg.host(f, result=result))(POINT)
    for f in (lambda x: "word", lambda x: {"a": x}, lambda x: np.array([None])):
        with pytest.raises(UnsupportedOperand, match="expected an array of numbers"):
            way(gg.host(f))(POINT)
    short = gg.host(lambda x: x.sum(), result=((), float), vectorized=True)
    with pytest.raises(InvalidArgument, match=r"result= says float64\[3\]"):
        way(gg.vmap(short))(np.ones((3, 2)))
    short = gg.host(lambda x: x.sum(), vectorized=True)
    with pytest.raises(InvalidArgument, match="the parts of a batch need"):
        way(gg.vmap(short))(np.ones((3, 2)))


@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize("later", [1, 3])
def test_a_plan_refuses_results_of_another_size(engine: str, later: int) -> None:
    """It was made for the first, and memory beyond them is not its own."""
    if engine == "native":
        pytest.importorskip("llvmlite")
    sizes: Iterator[int] = iter([2, 2, 2, later])
    f = gg.host(lambda x: np.ones(next(sizes)))
    run = gg.jit(lambda x: f(x) * 2, engine=engine)
    for _ in range(3):
        np.testing.assert_array_equal(run(POINT), [2, 2])
    with pytest.raises(InvalidArgument, match=rf"returned float64\[{later}\], and its first call"):
        run(POINT)


def test_what_is_no_function_or_says_too_little_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="expected a function"):
        gg.host(3)  # type: ignore[call-overload]
    with pytest.raises(InvalidArgument, match="needs result="):
        gg.host(np.sin, pure=False)
    double = gg.host(lambda x, times=2: times * x)
    with pytest.raises(InvalidArgument, match=r"was given times by name.*functools\.partial"):
        double(POINT, times=3)
    for x, kind in (({"a": POINT}, "dict"), ("word", "str"), (None, "NoneType"), (len, "builtin")):
        for run in (double, gg.jit(lambda y, x=x: double(x) * y)):
            with pytest.raises(UnsupportedOperand, match=f"was given a {kind}"):
                run(x if run is double else POINT)
    for result in (3, lambda x: 5, ("word",)):
        with pytest.raises(InvalidArgument, match="result= holds a"):
            gg.host(np.sin, result=result)(POINT)
    without = gg.host(np.sin)
    for transform in (gg.grad, lambda f: gg.jit(gg.grad(f)), gg.hessian):
        with pytest.raises(NotDifferentiable, match=r"gg\.host\(f, vjp="):
            transform(lambda x: gg.sum(without(x)))(POINT)
    wrong = gg.host(np.sin, vjp=lambda g, y, x: gg.sum(g))
    wanted = r"gg\.host of sin returned a cotangent of shape \(\)"
    with pytest.raises(InvalidArgument, match=wanted):
        gg.grad(lambda x: gg.sum(wrong(x)))(POINT)


def test_a_plan_file_refuses_it_and_listings_name_it(tmp_path: Path) -> None:
    def laboratory(x: np.ndarray) -> np.ndarray:
        return x * 2

    f = gg.host(laboratory)
    run = gg.jit(lambda x: f(x) + 1)
    run(POINT)
    run(POINT)
    assert "laboratory" in str(run.explain(POINT))
    with pytest.raises(PlanError, match=r"calls .*laboratory, a function of this program"):
        run.plan(POINT).save(tmp_path / "plan")


def test_decorators_keep_name_and_words() -> None:
    @gg.host
    def plain(x: np.ndarray) -> np.ndarray:
        """Twice as much."""
        return 2 * x

    @gg.host(result=np.zeros(2), vjp=lambda g, y, x: 2 * g)
    def said(x: np.ndarray) -> np.ndarray:
        return 2 * x

    np.testing.assert_array_equal(plain(POINT), said(POINT))
    assert (plain.__name__, plain.__doc__) == ("plain", "Twice as much.")
    np.testing.assert_array_equal(gg.grad(lambda x: gg.sum(said(x)))(POINT), [2, 2])


def test_complex_rules_are_those_of_steepest_ascent() -> None:
    turned = gg.host(lambda x: x * 1j, vjp=lambda g, y, x: g * -1j)

    def loss(f: Any) -> Any:
        return gg.grad(lambda x: gg.real(gg.sum(f(x)) ** 2))(np.array([1 + 1j, 2.0]))

    np.testing.assert_array_equal(loss(turned), loss(lambda x: x * 1j))


# Branches that are not taken


def test_a_branch_that_is_not_taken_is_not_called() -> None:
    calls: list[int] = []
    root = gg.host(lambda x: (calls.append(1), np.sqrt(x))[1], result=lambda x: x)
    run = gg.jit(lambda x: gg.cond(x > 0, root, lambda x: -x, x))
    for _ in range(3):
        assert float(run(np.array(-1.0))) == 1
    assert not calls
    assert float(run(np.array(4.0))) == 2


# Ops of users that look at values


def test_an_op_may_look_at_values(way: Callable[..., Any], own_ops: None) -> None:
    @gg.op(lambda g, x, xp: xp.multiply(g, 2))
    def looking(xp: Any, x: Any) -> Any:
        """Twice `x`, by way of its numbers."""
        if x.sum() > 0:
            return np.array([2 * float(part) for part in x.ravel()]).reshape(x.shape)
        return x * 2

    def total(x: Any) -> Any:
        return gg.sum(looking(x) ** 2)

    np.testing.assert_array_equal(way(total)(POINT), 20)
    np.testing.assert_array_equal(way(gg.grad(total))(POINT), 8 * POINT)
    np.testing.assert_array_equal(way(gg.hessian(total))(POINT), 8 * np.eye(2))
    np.testing.assert_array_equal(way(gg.vmap(looking))(MATRIX), 2 * MATRIX)


def test_an_op_that_fails_says_what_it_says(own_ops: None) -> None:
    @gg.op(lambda g, x: g)
    def failing(xp: Any, x: Any) -> Any:
        """Nothing."""
        raise RuntimeError("no such luck")

    for run in (failing, gg.jit(failing), gg.vmap(failing)):
        with pytest.raises(RuntimeError, match="no such luck"):
            run(POINT)


# Recipes


def test_a_sparse_system_by_its_adjoint() -> None:
    """The gradient in the entries of the matrix too."""
    rows, columns = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 0, 1, 2])

    def matrix(entries: np.ndarray) -> Any:
        return scipy.sparse.csc_matrix((entries, (rows, columns)), shape=(3, 3))

    def rule(g: Any, x: Any, entries: Any, b: Any) -> tuple[Any, Any]:
        adjoint = back(entries, g)
        return -adjoint[rows] * x[columns], adjoint

    system = gg.host(
        lambda entries, b: scipy.sparse.linalg.spsolve(matrix(entries), b), vjp=rule
    )
    back = gg.host(lambda entries, g: scipy.sparse.linalg.spsolve(matrix(entries).T.tocsc(), g))
    entries = np.array([4.0, 1.0, 2.0, 3.0, 5.0])
    check_grads(system, (entries, np.arange(1.0, 4.0)), order=1)


def test_an_ode_by_its_adjoint() -> None:
    """The end of a damped oscillation, by its start and its two constants."""

    def slope(t: float, x: np.ndarray, c: np.ndarray) -> np.ndarray:
        return np.array([x[1], -c[0] * x[0] - c[1] * x[1]])

    def forward(x: np.ndarray, c: np.ndarray) -> np.ndarray:
        return integrated(lambda t, x: slope(t, x, c), x)

    def integrated(f: Any, x: np.ndarray) -> np.ndarray:
        solved = scipy.integrate.solve_ivp(f, (0.0, 1.0), x, rtol=1e-10, atol=1e-12)
        return solved.y[:, -1]

    def backward(g: np.ndarray, y: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        def reverse(t: float, state: np.ndarray) -> np.ndarray:
            x, a = state[:2], state[2:4]
            return np.concatenate([
                -slope(1 - t, x, c), [-c[0] * a[1], a[0] - c[1] * a[1]],
                [-x[0] * a[1], -x[1] * a[1]],
            ])  # fmt: skip

        state = integrated(reverse, np.concatenate([y, g, np.zeros(2)]))
        return state[2:4], state[4:]

    adjoint = gg.host(backward)
    end = gg.host(forward, vjp=lambda g, y, x, c: adjoint(g, y, c))
    check_grads(end, (POINT, np.array([3.0, 0.5])), order=1)
    fitted = gg.jit(gg.grad(lambda c: gg.sum(end(POINT, c) ** 2)))
    for _ in range(3):
        found = fitted(np.array([3.0, 0.5]))
    np.testing.assert_allclose(
        found, gg.grad(lambda c: gg.sum(end(POINT, c) ** 2))(np.array([3.0, 0.5]))
    )


def test_a_compiled_function(way: Callable[..., Any]) -> None:
    """As one of a library in C, of one number."""
    cube = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(lambda x: x**3)
    f = gg.host(
        lambda x: np.array([cube(part) for part in x.ravel()]).reshape(x.shape),
        vjp=lambda g, y, x: g * 3 * x**2, vectorized=True,
    )  # fmt: skip
    np.testing.assert_array_equal(way(f)(POINT), POINT**3)
    np.testing.assert_array_equal(way(gg.vmap(gg.grad(f)))(POINT), 3 * POINT**2)
    check_grads(f, (POINT,), order=2)
