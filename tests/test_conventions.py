"""The table of conventions: what each op gives, and its gradient, where formulas leave it open.

Every row holds in every array library. The traps that the peers fall into are rows of `pitfalls`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agreement import every_way

import gpugrad as gg
from gpugrad.core.registry import all_infos
from gpugrad.core.registry import namespace as ops

inf, nan = float("inf"), float("nan")

Row = tuple[str, Callable[..., Any], list[Any], Any, list[Any]]


def _row(label: str, f: Callable[..., Any], args: list[Any], value: Any, *gradients: Any) -> Any:
    return pytest.param(f, args, value, list(gradients), id=label)


TIE = [1.0, 3.0, 3.0]


def _slope(f: Callable[..., Any], *operands: Any) -> Any:
    """The slope in the first operand, of which a row can take the slope again."""
    out, pullback = gg.vjp(f, *operands)
    return pullback(gg.ones_like(out))[0]


ROWS = [
    _row("abs", gg.abs, [[0.0, -0.0, -2.0]], [0, 0, 2], [0, 0, -1]),
    _row("sign", lambda x: gg.sign(x) + 0 * x, [[0.0, 2.0]], [0, 1], [0, 0]),
    _row("maximum tie", gg.maximum, [[0.0, 1.0], [0.0, 2.0]], [0, 2], [0.5, 0], [0.5, 1]),
    _row(
        "maximum NaN",
        gg.maximum,
        [[nan, 1.0, nan], [1.0, nan, nan]],
        [nan] * 3,
        [1, 0, 0.5],
        [0, 1, 0.5],
    ),
    _row("minimum tie", gg.minimum, [[3.0, 1.0], [3.0, 2.0]], [3, 1], [0.5, 1], [0.5, 0]),
    _row("maximum with 0 is no relu", lambda x: gg.maximum(x, 0), [[0.0]], [0], [0.5]),
    _row("max tie", gg.max, [TIE], 3, [0, 0.5, 0.5]),
    _row("min tie", gg.min, [[1.0, 1.0, 3.0, 1.0]], 1, [1 / 3, 1 / 3, 0, 1 / 3]),
    _row("max NaN", gg.max, [[nan, 5.0, nan]], nan, [0.5, 0, 0.5]),
    _row(
        "clip",
        lambda x, a, b: gg.clip(x, a, b),
        [[-1.0, 0.0, 0.5, 1.0, 2.0, nan], [0.0] * 6, [1.0] * 6],
        [0, 0, 0.5, 1, 1, nan],
        [0, 1, 1, 1, 0, 0],
        [1, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 0],
    ),
    _row("clip, max wins", gg.clip, [[0.5], [2.0], [1.0]], [1], [0], [0], [1]),
    _row("x**0", lambda x: x**0, [[0.0, -3.0, 2.0]], [1, 1, 1], [0, 0, 0]),
    _row("x**1", lambda x: x**1, [[0.0, -3.0]], [0, -3], [1, 1]),
    _row("x**2", lambda x: x**2, [[0.0, -3.0]], [0, 9], [0, -6]),
    _row(
        "x**2 by power", lambda x: gg.power(x, gg.full((2,), 2.0)), [[0.0, -3.0]], [0, 9], [0, -6]
    ),
    _row("0**b", lambda b: gg.power(gg.zeros(3), b), [[0.0, 1.0, 2.0]], [1, 0, 0], [0, 0, 0]),
    _row("(-2)**b", lambda b: gg.power(-2.0 + 0 * b, b), [[2.0]], [4], [nan]),
    _row("sqrt", gg.sqrt, [[0.0, 4.0]], [0, 2], [inf, 0.25]),
    _row("log", gg.log, [[1.0, inf]], [0, inf], [1, 0]),
    _row(
        "where trap, sqrt",
        lambda x: gg.where(x > 0, gg.sqrt(x), 0),
        [[0.0, -1.0, 4.0]],
        [0, 0, 2],
        [0, 0, 0.25],
    ),
    _row("where trap, exp", lambda x: gg.where(x <= 0, gg.exp(x), 1 + x), [[1000.0]], [1001], [1]),
    _row("where trap, log", lambda x: gg.where(x > 0, gg.log(x), 0), [[0.0]], [0], [0]),
    _row(
        "where trap, 1/x", lambda x: gg.where(x != 0, 1 / x, 0), [[0.0, 2.0]], [0, 0.5], [0, -0.25]
    ),
    _row("where trap, sin", lambda x: gg.where(x < 9, gg.sin(x), 0), [[inf, 0.0]], [0, 0], [0, 1]),
    _row("where one shape for all", lambda x: gg.where(x > 0, x, 0), [[1.0]], [1], [1]),
    _row("softplus", gg.softplus, [[-1e3, 0.0, 1e3]], [0, np.log(2), 1e3], [0, 0.5, 1]),
    _row("sigmoid", gg.sigmoid, [[-1e3, 0.0, 1e3]], [0, 0.5, 1], [0, 0.25, 0]),
    _row("tanh", gg.tanh, [[-1e3, 0.0, 1e3]], [-1, 0, 1], [0, 1, 0]),
    _row("gelu", gg.gelu, [[-inf, -1e19, 1e19, inf]], [0, 0, 1e19, inf], [0, 0, 1, 1]),
    _row("silu", gg.silu, [[-inf, -1e19, 1e19, inf]], [0, 0, 1e19, inf], [0, 0, 1, 1]),
    _row("hypot at inf", gg.hypot, [[inf, 1.0], [1.0, -inf]], [inf, inf], [1, 0], [0, -1]),
    _row("hypot at 0", gg.hypot, [[0.0], [0.0]], [0], [0], [0]),
    _row(
        "hypot bends beside an axis",
        lambda x, y: _slope(gg.hypot, x, y),
        [[3.0, 0.0], [0.0, 3.0]],
        [1, 0],
        [0, 1 / 3],
        [0, 0],
    ),
    _row("atan2 at 0", gg.atan2, [[0.0], [0.0]], [0], [0], [0]),
    _row(
        "atan2 bends on the axes",
        lambda y, x: _slope(gg.atan2, y, x),
        [[2.0, 0.0], [0.0, 2.0]],
        [0, 0.5],
        [0, 0],
        [0.25, -0.25],
    ),
    _row("fmod", gg.fmod, [[-4.0, 0.0, 4.0], [3.0] * 3], [-1, 0, 1], [1, 1, 1], [1, 0, -1]),
    _row("logsumexp", gg.logsumexp, [[1e3, 1e3]], 1e3 + np.log(2), [0.5, 0.5]),
    _row("logsumexp of -inf", gg.logsumexp, [[-inf, -inf]], -inf, [0, 0]),
    _row("logsumexp beside -inf", gg.logsumexp, [[-inf, 0.0]], 0, [0, 1]),
    _row("log_softmax beside -inf", lambda x: gg.log_softmax(x)[..., 1], [[-inf, 0.0]], 0, [0, 0]),
    _row(
        "softmax beside a row without one",
        lambda x: gg.softmax(x)[1, 0],
        [[[-inf, -inf], [1.0, 1.0]]],
        0.5,
        [[0, 0], [0.25, -0.25]],
    ),
    _row(
        "log_softmax beside a row without one",
        lambda x: gg.log_softmax(x)[1, 0],
        [[[-inf, -inf], [1.0, 1.0]]],
        np.log(0.5),
        [[0, 0], [0.5, -0.5]],
    ),
    _row("logsumexp beside inf", gg.logsumexp, [[inf, 1.0, -inf]], inf, [1, 0, 0]),
    _row("logsumexp of two inf", gg.logsumexp, [[inf, 1.0, inf]], inf, [0.5, 0, 0.5]),
    _row("softmax beside inf", lambda x: gg.softmax(x)[..., 0], [[inf, 1.0]], 1, [0, 0]),
    _row("log_softmax beside inf", lambda x: gg.log_softmax(x)[..., 0], [[inf, 1.0]], 0, [0, 0]),
    _row("norm at 0", gg.linalg.norm, [[0.0, 0.0]], 0, [0, 0]),
    _row("norm at inf", gg.linalg.norm, [[-inf, 1.0, 0.0]], inf, [-1, 0, 0]),
    _row("norm of two inf", gg.linalg.norm, [[inf, -inf]], inf, [0.5**0.5, -(0.5**0.5)]),
    _row("norm, 3, at inf", lambda x: gg.linalg.norm(x, 3), [[-inf, 1.0, 0.0]], inf, [-1, 0, 0]),
    _row("norm, -1, beside inf", lambda x: gg.linalg.norm(x, -1), [[inf, 2.0]], 2, [0, 1]),
    _row("std of equal", gg.std, [[2.0, 2.0]], 0, [0, 0]),
    _row("median of inf", gg.median, [[1.0, inf, inf, inf]], inf, [0, 0.5, 0.5, 0]),
    _row("median between -inf and inf", gg.median, [[-inf, 1.0, inf]], 1, [0, 1, 0]),
    _row("quantile beside inf", lambda x: gg.quantile(x, 0.25), [[1.0, inf]], inf, [0.75, 0.25]),
    _row("prod beside zeros", gg.prod, [[1e30, 1e30, 0.0, 0.0]], 0, [0, 0, 0, 0]),
    _row("prod of one zero", gg.prod, [[1e30, 1e-30, 0.0]], 0, [0, 0, 1]),
    _row("cumulative_prod beside zeros", lambda x: gg.cumulative_prod(x)[..., -1],
         [[1e30, 1e30, 0.0, 0.0]], 0, [0, 0, 0, 0]),
    *(
        _row(name, getattr(ops, name), list(edges.at), edges.value, *edges.slopes)
        for name, info in all_infos().items()
        if (edges := info.edges) and edges.at
    ),
    _row("empty sum", lambda x: gg.sum(x), [np.zeros((0, 3))], 0, np.zeros((0, 3))),
    _row("no dependence", lambda x, z: z * 1, [[1.0], [2.0]], [2], [0], [1]),
]


@pytest.mark.parametrize(("f", "args", "value", "gradients"), ROWS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.filterwarnings("ignore:.*(divide by zero|invalid value|overflow).*:RuntimeWarning")
def test_row(
    f: Callable[..., Any], args: list[Any], value: Any, gradients: list[Any], dtype: str, xp: Any
) -> None:
    """Value and gradient, by transform and by `backward`, are those of the table."""
    operands = [xp.asarray(np.array(x, dtype=dtype)) for x in args]
    with np.errstate(all="ignore"):
        out, pullback = gg.vjp(f, *operands)
        got = pullback(xp.asarray(np.ones(out.shape, dtype)))
    _same(xp.numpy(out), value)
    for g, want in zip(got, gradients, strict=True):
        assert xp.numpy(g).dtype == dtype
        _same(xp.numpy(g), want)


def _same(found: Any, wanted: Any) -> None:
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_saturating_functions_do_not_warn(dtype: str) -> None:
    """No overflow inside tanh, sigmoid, softplus and logsumexp at ±1000."""
    x = np.array([-1e3, 1e3], dtype)
    for f in (gg.tanh, gg.sigmoid, gg.softplus, gg.logsumexp, gg.softmax, gg.log_softmax):
        value, gradient = gg.value_and_grad(lambda x, f=f: gg.sum(f(x)))(x)
        assert np.isfinite(value)
        assert np.isfinite(gradient).all()


def test_second_order_through_a_vanishing_factor() -> None:
    """The Hessian of ½(eˣ − 1)² at 0 is 1: `scale` must not drop the slope where g is 0."""
    slope = gg.grad(lambda x: 0.5 * (gg.exp(x) - 1) ** 2)
    assert slope(0.0) == 0
    assert gg.grad(slope)(0.0) == 1


def test_softplus_has_its_second_derivative_at_zero() -> None:
    """σ'(0) = ¼, not what the branches of its stable form would give."""
    assert gg.grad(gg.grad(gg.softplus))(0.0) == 0.25
    assert gg.grad(gg.grad(gg.grad(gg.softplus)))(0.0) == 0


def test_relu_selects_and_never_multiplies() -> None:
    """An infinite cotangent stays out where relu is flat, on small arrays and by bit masks."""
    for n in (3, 10_000):
        x = np.linspace(-1.0, 1.0, n)
        g = np.where(x > 0, 1.0, inf)
        _, pullback = gg.vjp(gg.relu, x)
        np.testing.assert_array_equal(pullback(g)[0], (x > 0).astype(float))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("n", [1, 7, 5000])
def test_relu_of_minus_zero_is_zero(dtype: str, n: int) -> None:
    """The sign of relu(-0.0) is plus, whatever the dtype and the length."""
    assert not np.signbit(gg.relu(np.full(n, -0.0, dtype))).any()


def test_reductions_in_float16_accumulate_in_float32() -> None:
    """20,000 halves add up to 10,000, along either axis; in float16 they would stop at 1,024."""
    x = np.full((20_000, 2), 0.5, np.float16)
    for axis in (0, None):
        total = gg.sum(x, axis=axis)
        assert total.dtype == np.float16
        assert np.all(total == (10_000 if axis == 0 else 20_000))
    assert np.all(gg.mean(x, axis=0) == 0.5)


def test_complex_gradient_is_steepest_ascent() -> None:
    """d|z|² = 2z, as in PyTorch; and 0 for |z| at 0."""
    z = np.array([3 + 4j, 1 - 2j])
    np.testing.assert_allclose(gg.grad(lambda z: gg.sum(gg.abs(z) ** 2))(z), 2 * z)
    np.testing.assert_allclose(gg.grad(lambda z: gg.sum(gg.real(z * gg.conj(z))))(z), 2 * z)
    assert gg.grad(lambda z: gg.abs(z))(0j) == 0


def test_real_operand_of_a_complex_result_has_a_real_gradient() -> None:
    """d Re(c x)/dx for real x is Re c, and real."""
    g = gg.grad(lambda x: gg.real((3 + 4j) * x))(2.0)
    assert g.dtype == np.float64
    assert g == 3


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: gg.grad(gg.sum)(np.arange(3)), "int64"),
        (lambda: gg.grad(lambda x: x * 2)(3), "int"),
        (lambda: gg.tensor([1, 2], requires_grad=True), "int64"),
        (lambda: gg.grad(lambda x: x)(np.ones(3)), "shape"),
        (lambda: gg.grad(lambda x: x > 0)(1.0), "bool"),
        (lambda: gg.grad(lambda x: "text")(1.0), "str"),
        (lambda: gg.grad(lambda x: x * 1j)(1.0), "complex"),
    ],
)
def test_no_gradient_is_a_clear_type_error(make: Callable[[], Any], message: str) -> None:
    """Integers, arrays, booleans, text, complex results: none, and the error says why."""
    with pytest.raises(gg.errors.NotDifferentiable, match=message):
        make()


def test_python_scalars_are_weak() -> None:
    """float32 stays float32 beside Python numbers, and float64 arrays do not widen the gradient."""
    x = np.ones(3, np.float32)
    assert gg.grad(lambda x: gg.sum(2.0 * x / 3 + 1))(x).dtype == np.float32
    assert gg.grad(lambda x: gg.sum(x * np.ones(3)))(x).dtype == np.float32
    assert gg.sin(gg.tensor(x) * 2.0).dtype == np.float32


@pytest.mark.parametrize("xp", ["numpy", "planned", "blind", "cupy"], indirect=True)
def test_indexing_adds_up_repeated_gradients(xp: Any) -> None:
    """x[[0, 0, 2]] sends two cotangents to element 0."""
    x = xp.asarray(np.array([1.0, 2.0, 3.0]))
    key = xp.asarray(np.array([0, 0, 2]))
    _, pullback = gg.vjp(lambda x: ops.getitem(x, (key,)), x)
    np.testing.assert_array_equal(xp.numpy(pullback(xp.asarray(np.ones(3)))[0]), [2, 0, 1])


def test_assignment_with_repeated_indices_lets_the_last_write_win() -> None:
    """Forward and backward: only the value that stayed has a gradient; what was there has none."""

    def f(x: Any, v: Any) -> Any:
        out = x * 1.0
        out[[0, 0, 1]] = v
        return gg.sum(out * np.array([1.0, 10.0, 100.0]))

    value, (gx, gv) = gg.value_and_grad(f, (0, 1))(np.ones(3), np.array([5.0, 6.0, 7.0]))
    assert value == 6 + 70 + 100
    np.testing.assert_array_equal(gx, [0, 0, 100])
    np.testing.assert_array_equal(gv, [0, 1, 10])


SQUARES: dict[str, tuple[Callable[..., Any], Any]] = {
    "norm": (lambda x: gg.linalg.norm(x) ** 2, np.zeros(2)),
    "norm, 3": (lambda x: gg.linalg.norm(x, 3) ** 2, np.zeros(2)),
    "std": (lambda x: gg.std(x) ** 2, np.ones(2)),
    "nanstd": (lambda x: gg.nanstd(x) ** 2, np.ones(2)),
}


@pytest.mark.parametrize("name", SQUARES)
def test_the_square_of_what_has_no_slope_has_no_second_derivative(name: str) -> None:
    """A root at 0 has no slope; its gradient there is 0, and so is all that is made of it. Who
    wants the second derivative of the square writes the square: `sum(x * x)`, `var(x)`. No engine
    knows better by recognizing the pattern.
    """
    f, x = SQUARES[name]
    for _, found in every_way(gg.hessian(f), x):
        np.testing.assert_array_equal(found, np.zeros((2, 2)))
    np.testing.assert_allclose(gg.hessian(lambda x: gg.sum(x * x))(np.zeros(2)), 2 * np.eye(2))
    np.testing.assert_allclose(gg.hessian(gg.var)(np.ones(2)), [[0.5, -0.5], [-0.5, 0.5]])
