"""Edges at which a gradient is easily wrong, lost or misshapen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument, InvalidOp, NotDifferentiable, UnsupportedOperand

pytestmark = pytest.mark.usefixtures("sweeps")


def _of(*values: float) -> Any:
    return np.array(values, dtype=float)


def _leaf(*values: float) -> gg.Tensor:
    return gg.tensor(_of(*values), requires_grad=True)


@pytest.mark.parametrize("dtype", ["f4", "d", "single", "<f8", np.float32, np.longdouble])
def test_a_cast_keeps_the_gradient_however_the_dtype_is_named(dtype: Any) -> None:
    """astype and asarray with names, aliases and types."""
    g = gg.grad(lambda x: gg.sum(gg.astype(x, dtype) ** 2))(_of(1, 2))
    np.testing.assert_array_equal(g, [2, 4])
    assert gg.asarray(_leaf(1, 2), dtype=dtype).requires_grad
    assert not gg.astype(_leaf(1, 2), "int64").requires_grad
    with pytest.raises(InvalidArgument, match="float32"):
        gg.astype(_leaf(1, 2), None)


@pytest.mark.parametrize("n", [2, 5000])
def test_where_with_a_condition_that_is_no_boolean(n: int) -> None:
    """Numbers count as true unless they are 0, and have no say in the dtype."""
    condition = np.arange(n) % 2
    g = gg.grad(lambda x: gg.sum(gg.where(condition, 0.0, x)))(np.ones(n))
    np.testing.assert_array_equal(g, 1 - condition)
    assert gg.where(condition, np.ones(n, "f4"), 0.0).dtype == np.float32
    np.testing.assert_array_equal(gg.grad(lambda x: gg.sum(gg.where(True, x, 0.0)))(_of(3)), 1)


def test_minimum_beside_unsigned_and_boolean_operands() -> None:
    """The rule compares and does not negate."""
    for other, wanted in ((np.array([3], np.uint8), [1, 0]), (np.array([True]), [0.5, 0])):
        g = gg.grad(lambda x, other=other: gg.sum(gg.minimum(x, other)))(_of(1, 5))
        np.testing.assert_array_equal(g, wanted)


def test_mixed_derivatives_of_plain_arrays_are_plain_arrays() -> None:
    """The ended inner transform tracks nothing any more, so no graph grows from step to step."""
    inner = gg.grad(lambda x, b: gg.sum(x**b))
    outer = gg.grad(lambda b: gg.sum(inner(_of(2, 3), b)))
    b = np.array(2.0)
    for _ in range(3):
        g = outer(b)
        assert type(g) is np.ndarray
        b = b - 0.1 * g
        assert type(b) in (np.ndarray, np.float64)


def test_second_order_of_power_at_zero() -> None:
    """Base 0 and exponent 0, in either order of differentiation."""

    def p(v: Any) -> Any:
        return v[0] ** v[1]

    rows = [gg.grad(lambda v, i=i: gg.grad(p)(v)[i])(_of(0, 2)) for i in (0, 1)]
    np.testing.assert_array_equal(rows, [[2, 0], [0, 0]])
    one = gg.grad(lambda b: gg.grad(lambda x: x**b)(2.0))(0.0)
    other = gg.grad(lambda x: gg.grad(lambda b: x**b)(0.0))(2.0)
    assert one == other == 0.5


def test_indexing_and_writing_to_one_of_several_results() -> None:
    """An indexed cotangent for one result of an op that has several."""
    g = gg.grad(lambda x: gg.unstack(x)[0][0])(np.ones((2, 3)))
    np.testing.assert_array_equal(g, [[1, 0, 0], [0, 0, 0]])

    def f(x: Any) -> Any:
        p, q = gg.unstack(x)
        p[0] = q[1] * 3.0
        return gg.sum(p * q)

    gg.testing.check_grads(f, (np.arange(6.0).reshape(2, 3),))


def test_views_of_a_leaf_survive_an_update() -> None:
    """A flat vector of parameters with views made once goes on learning."""
    w = _leaf(1, 2, 3)
    view = w[1:]
    with gg.no_grad():
        w -= 0.5
    (gg.sum(w) + gg.sum(view * view)).backward()
    np.testing.assert_array_equal(w.grad, [1, 1 + 3, 1 + 5])
    h = _leaf(1, 2) * 2.0
    with gg.no_grad():
        h[0] = 0.0
    assert h.requires_grad


def test_a_numpy_integer_indexes_as_a_python_one() -> None:
    """The row is a view, so writes to it arrive."""
    t, n = gg.zeros((3, 2)), np.zeros((3, 2))
    for m in (t, n):
        for i in np.arange(3):
            m[i][0] = 1
    np.testing.assert_array_equal(t.value, n)
    assert t[[]].shape == (0, 2)


def test_results_are_not_the_tensors_that_live_on() -> None:
    """Closed-over buffers, aux values and constants come out as copies."""
    buffer, constant, kept = gg.zeros(2), _of(1, 2), []

    def f(x: Any) -> Any:
        h = x * 2.0
        kept.append(h)
        return gg.sum(h), (h, buffer, constant)

    _, aux = gg.grad(f, has_aux=True)(_of(1, 2))
    for part in aux:
        part[0] = 99.0
    assert kept[0].value[0] == 2
    assert buffer.value[0] == 0
    assert constant[0] == 1


def test_integers_become_floating_before_they_can_wrap() -> None:
    """In float64, as division gives."""
    x = np.array([1, 3], np.uint8)
    for f in (gg.softmax, gg.sigmoid, gg.softplus, gg.log_softmax, gg.logsumexp):
        assert f(x).dtype == np.float64
        np.testing.assert_allclose(f(x), f(x.astype(float)))


@pytest.mark.parametrize(
    ("f", "x", "wanted"),
    [
        (lambda x: gg.where(x > 0, x * gg.log(x), 0.0), [0, 1], [0, 1]),
        (lambda x: gg.where(gg.isfinite(x), gg.square(x), 0.0), [np.inf, 2], [0, 4]),
        (lambda x: gg.where(x == x, gg.abs(x), 0.0), [np.nan, 2], [0, 1]),
        (lambda x: gg.where(gg.isfinite(x), x * x, 0.0), [np.inf, 2], [0, 4]),
    ],
)
def test_what_is_not_selected_has_no_gradient(
    f: Callable[..., Any], x: list[float], wanted: list[float]
) -> None:
    """A factor that is not finite under a zero cotangent contributes 0, in products as well."""
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(gg.grad(lambda x: gg.sum(f(x)))(_of(*x)), wanted)


def test_second_order_of_logsumexp_beside_an_empty_row() -> None:
    """A row of -inf has no share in the other's derivative, and none that is NaN."""

    def f(x: Any) -> Any:
        return gg.sum(gg.grad(lambda z: gg.sum(gg.logsumexp(z, axis=1)))(x) ** 2)

    with np.errstate(all="ignore"):
        g = gg.grad(f)(np.array([[-np.inf, -np.inf], [1.0, 2.0]]))
    assert np.isfinite(g).all()
    assert g[1, 1] != 0


@pytest.mark.parametrize("shapes", [((2, 3, 0), (0, 4)), ((0, 2, 3), (3, 4)), ((2, 0, 3), (3, 4))])
def test_matmul_of_nothing(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    """Zero-size operands have zero or empty gradients of their shapes."""
    a, b = (np.ones(shape) for shape in shapes)
    ga, gb = gg.grad(lambda a, b: gg.sum(gg.matmul(a, b)), (0, 1))(a, b)
    assert (ga.shape, gb.shape) == shapes


def test_assignment_of_a_value_with_more_axes() -> None:
    """Leading axes of length 1 are dropped forward, and come back."""

    def f(v: Any) -> Any:
        out = gg.zeros(3)
        out[0:2] = v
        return gg.sum(out * out)

    np.testing.assert_array_equal(gg.grad(f)(_of(1, 2).reshape(1, 1, 2)), [[[2, 4]]])


def test_a_refused_write_changes_nothing() -> None:
    """Not even the view through which it was tried."""
    w = _leaf(1, 2, 3)
    view = w[1:]
    for write in (lambda: view.__setitem__(0, 5.0), lambda: view.__imul__(5.0)):
        with pytest.raises(NotDifferentiable):
            write()
        np.testing.assert_array_equal(view.value, [2, 3])


def test_writes_do_not_drop_parts_of_numbers() -> None:
    """Complex into real, and arithmetic on booleans and integers."""
    t = gg.tensor(_of(1, 2))
    with pytest.raises(InvalidArgument, match="complex"):
        t *= 1j
    with pytest.raises(InvalidArgument, match="complex"):
        t[0] = 1j
    b = gg.tensor(np.array([True]))
    with pytest.raises(InvalidArgument, match="bool"):
        b += 1


def test_a_read_only_array_is_copied_before_a_write() -> None:
    """Also if only its Tensor holds it."""
    x = np.ones(3)
    x.flags.writeable = False
    t = gg.tensor(x)
    del x
    t[0] = 2.0
    np.testing.assert_array_equal(t.value, [2, 1, 1])


def test_halves_count_and_add_up_in_single_precision() -> None:
    """5,000 repetitions of one index, and 70,000 equal elements."""
    g = gg.grad(lambda x: gg.sum(x[np.zeros(5000, int)]))(np.ones(1, "f2"))
    assert g[0] == 5000
    g = gg.grad(gg.max)(np.ones(70_000, "f2"))
    assert g.dtype == np.float16
    assert (g > 0).all()


def test_bad_calls_say_what_is_wrong(own_ops: None) -> None:
    """One clear error of our own for each."""

    @gg.op(lambda g, x: None)
    def forgetful(xp: Any, x: Any) -> Any:
        """An op whose rule returns nothing."""
        return xp.negative(x)

    with pytest.raises(InvalidOp, match="forgetful"):
        gg.grad(forgetful)(1.0)
    with pytest.raises(InvalidArgument, match="twice"):
        gg.grad(lambda a, b: a * b, (0, -2))(1.0, 2.0)
    assert gg.grad(lambda a, b: a * b, [1])(3.0, 2.0) == (3,)
    with pytest.raises(InvalidArgument, match="bias"):
        gg.linear(np.ones((1, 2)), np.ones((2, 3)), np.ones((5, 3)))
    with pytest.raises(UnsupportedOperand, match="None"):
        gg.sin(None)
    with pytest.raises(UnsupportedOperand, match="set"):
        gg.softmax_cross_entropy(np.ones((2, 2)), {0, 1})
    with pytest.raises(InvalidArgument, match="labels"):
        gg.nll(np.ones((2, 2)), np.array([[0, 1]]))
    with pytest.raises(InvalidArgument, match="from 0 to 2"):
        gg.softmax_cross_entropy(np.ones((2, 3)), np.array([0, 3]))
    with pytest.raises(InvalidArgument, match="from 0 to 2"):
        gg.softmax_cross_entropy(np.ones((2, 3)), np.array([-1, 0]))
    with pytest.raises(NotDifferentiable, match="asarray"):
        gg.tensor(_leaf(1))


def test_one_hot_of_labels_out_of_range_is_zero() -> None:
    """For few and for many classes, and for every integer dtype."""
    for n in (3, 300):
        for dtype in (np.int8, np.uint8, np.int64):
            labels = np.array([0, 2, np.iinfo(dtype).max], dtype)
            wanted = (labels[:, None].astype(int) == np.arange(n)).astype(float)
            np.testing.assert_array_equal(gg.one_hot(labels, n, np.float64), wanted)


def test_iterating_over_rows_that_stay_alive_is_linear() -> None:
    """The list of views is pruned seldom enough."""
    t = gg.tensor(np.ones((20_000, 1)))
    assert len(list(t)) == 20_000


def test_sigmoid_of_complex_numbers() -> None:
    z = np.array([1 + 1j, -2j, -20 + 1j, 800j])
    np.testing.assert_allclose(gg.sigmoid(z), 1 / (1 + np.exp(-z)), atol=1e-12)
    assert abs(gg.sigmoid(np.array(-800 + 1j))) == 0    # where exp overflows


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "int32", "int64", "uint64"])
@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_labels_of_any_integer_dtype(dtype: str, engine: str) -> None:
    logits, labels = np.random.default_rng(0).normal(size=(4, 3)), np.array([1, 0, 0, 1], dtype)

    def f(x: Any, labels: Any) -> Any:
        return gg.value_and_grad(lambda x: gg.sum(gg.softmax_cross_entropy(x, labels)))(x)

    step = gg.jit(f, engine=engine)
    for _ in range(3):
        value, slope = step(logits, labels)
    wanted, wanted_slope = f(logits, labels.astype("int64"))
    np.testing.assert_allclose(value, wanted)
    np.testing.assert_allclose(slope, wanted_slope)


@pytest.mark.parametrize(
    ("logits", "labels", "message"),
    [
        (np.array(1.0), np.array(0), "one at least"),
        (2.0, np.array(0), "one at least"),
        (np.ones((2, 0)), np.array([0, 0]), "one at least"),
        (np.ones((2, 2)), np.array([0, 1], object), "have dtype object"),
        (np.ones((2, 2)), np.array(["a", "b"]), "have dtype <U1"),
        (np.ones((2, 2)), np.array([0, 2]), "go from 0 to 2"),
        (np.ones((2, 2)), np.array([-1, 0]), "go from -1 to 0"),
    ],
)
def test_labels_and_logits_that_do_not_fit(logits: Any, labels: Any, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        gg.softmax_cross_entropy(logits, labels)


@pytest.mark.parametrize(
    "name", ["plain", "value0", "y1", "vjp", "rule0", "saved", "default_axis", "type", "tuple"]
)
def test_a_setting_must_not_be_called_as_the_generated_code_is(name: str) -> None:
    """It would be read in the place of what that means there: refused, never a wrong number."""
    scope: dict[str, Any] = {"gg": gg}
    with pytest.raises(InvalidOp, match=f"'{name}' is one of the code that is generated"):
        exec(f"@gg.op(lambda g: g)\ndef f(xp, x, *, {name}=2.0):\n    return x", scope)


def test_an_op_may_have_many_arrays(own_ops: None) -> None:
    """To define it takes no longer for each choice of those that are tracked."""
    names = [f"a{i}" for i in range(40)]
    scope: dict[str, Any] = {"gg": gg}
    text = f"@gg.op(vjp=lambda g, xp: (g,) * 40)\ndef many(xp, {', '.join(names)}):\n    return a0"
    exec(text, scope)
    x = _leaf(1, 2)
    scope["many"](*[_of(1, 2)] * 39, x).backward(_of(3, 4))
    assert x.grad.tolist() == [3, 4]


@pytest.mark.parametrize("key", [(), ...])
def test_all_of_an_array_without_axes_is_overwritten(key: Any, sweeps: None) -> None:
    """Its cotangent is a scalar of NumPy where several add up, which nothing is written into."""

    def f(x: Any) -> Any:
        out = gg.asarray(x * 2.0)
        before = gg.exp(out)
        out[key] = x * x
        return before + gg.exp(out) * out

    gg.testing.check_grads(f, (np.array(0.7),))


@pytest.mark.parametrize("name", ["sum", "mean", "max", "prod", "logsumexp"])
def test_reductions_of_an_array_without_axes_along_one(name: str, sweeps: None) -> None:
    """NumPy allows axis -1 and 0 there."""
    for axis in (-1, 0):
        for keepdims in (False, True):
            f = lambda x: getattr(gg, name)(x, axis=axis, keepdims=keepdims)  # noqa: B023, E731
            gg.testing.check_grads(f, (np.array(0.7),))


@pytest.mark.parametrize("narrow", ["int8", "bool", "float16", "float32"])
@pytest.mark.parametrize(
    "f",
    [
        gg.divide,
        gg.power,
        lambda x, b: gg.power(b, x),
        gg.special.xlogy,
        gg.special.xlog1py,
        lambda x, b: gg.special.xlogy(b, x),
    ],
)
def test_a_narrow_operand_does_not_make_the_gradient_of_another_less_exact(
    f: Any, narrow: str, sweeps: None
) -> None:
    """NumPy computes the logarithm of int8 in float16, and `1 / b` in the dtype of `b`."""
    x = np.array([0.3, 1.7, 2.9])
    b = np.array([1, 3, 7]).astype(narrow)
    found = gg.vjp(lambda x: f(x, b), x)[1](np.ones(3))[0]
    wanted = gg.vjp(lambda x: f(x, b.astype(float)), x)[1](np.ones(3))[0]
    np.testing.assert_allclose(found, wanted, rtol=1e-15)


@pytest.mark.parametrize("f", [gg.asin, gg.acos, gg.acosh, gg.sqrt, gg.log])
@pytest.mark.parametrize("x", [-3.0, -0.5, 0.5, 3.0])
@pytest.mark.parametrize("side", [0.0, -0.0])
def test_slopes_on_a_branch_cut_are_those_of_its_side(f: Any, x: float, side: float) -> None:
    """A real number made complex lies on one: the sign of its imaginary part 0 says on which side
    the function goes on, and so does its slope.
    """
    z, step = np.array(complex(x, side)), 1e-6
    found = gg.grad(f, holomorphic=True)(z)
    moved = [f(np.array(complex(x + t, side))) for t in (step, -step)]
    np.testing.assert_allclose(found, (moved[0] - moved[1]) / (2 * step), rtol=1e-6, atol=1e-9)


def test_a_tracked_value_in_integers_is_refused() -> None:
    """What is written into them is cut off: it has no gradient that would be right."""
    def f(v: Any) -> Any:
        return gg.sum(gg.exp(ops.setitem(np.arange(3), (1,), v)))

    with pytest.raises(gg.errors.NotDifferentiable, match="dtype int64"):
        gg.grad(f)(0.5)


def test_a_negative_base_to_a_complex_power() -> None:
    """The power is complex, and so is its slope along the exponent."""
    base, exponent = np.array([-1.3, 0.4]), np.array([0.3 + 1.2j, -0.7 - 0.2j])
    gg.testing.check_grads(gg.power, (base, exponent))


def test_cross_entropy_beside_a_row_without_one() -> None:
    """A row of -inf has none; where nothing depends on it, it gives no NaN to the others."""
    logits, labels = np.array([[-np.inf, -np.inf], [1.0, 1.0]]), np.array([0, 1])

    def f(x: Any) -> Any:
        return gg.nn.softmax_cross_entropy(x, labels)[1]

    with np.errstate(invalid="ignore"):
        found = gg.grad(f)(logits)
    np.testing.assert_allclose(found, [[0, 0], [0.5, -0.5]])


@pytest.mark.parametrize("f", [gg.softplus, gg.special.digamma])
def test_functions_of_real_numbers_refuse_complex_ones(f: Any) -> None:
    with pytest.raises(gg.errors.UnsupportedOperand, match="complex128; expected real numbers"):
        f(np.ones(2, complex))


def test_qr_of_a_wide_matrix_says_who_has_its_gradient() -> None:
    wide = np.random.default_rng(0).normal(size=(2, 3))
    with pytest.raises(gg.errors.NotDifferentiable, match=r"gg\.linalg\.qr"):
        gg.vjp(ops.qr, wide)[1](ops.qr(wide))
    gg.testing.check_grads(gg.linalg.qr, (wide,))


def test_reading_an_array_without_axes_adds_to_its_cotangent(sweeps: None) -> None:
    """Also where that is the sum of others, which NumPy makes a scalar."""
    gg.testing.check_grads(lambda x: gg.exp(x) * x + ops.getitem(x, ()), (np.array(0.7),))
    x = gg.tensor(0.7, requires_grad=True)
    y = gg.sin(x)
    (y[()] + y * y).backward()
    np.testing.assert_allclose(x.grad, (1 + 2 * np.sin(0.7)) * np.cos(0.7))
