"""Tensors: operators, NumPy's functions, conversions, writes and views."""

from __future__ import annotations

import copy
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.backends.references import COUNTED
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import (
    InvalidArgument,
    MixedBackends,
    NotDifferentiable,
    TrackedConversion,
    UnknownOp,
    UnsupportedOperand,
)
from gpugrad.testing import check_grads

BINARY = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.pow,
    operator.lt,
    operator.le,
    operator.gt,
    operator.ge,
    operator.eq,
    operator.ne,
]


@pytest.mark.parametrize("f", BINARY)
@pytest.mark.parametrize(
    "other", [2.5, 2, np.float64(2.5), np.array(2.5), np.array([0.5, 1.0, 2.0])]
)
def test_operators_with_arrays_and_numbers_on_either_side(
    f: Callable[..., Any], other: Any
) -> None:
    """t ∘ a and a ∘ t are Tensors with the value that NumPy gives."""
    x = np.array([0.5, 2.0, 2.5])
    t = gg.tensor(x, requires_grad=True)
    for y, want in ((f(t, other), f(x, other)), (f(other, t), f(other, x))):
        assert type(y) is gg.Tensor
        np.testing.assert_allclose(y.value, want)
        assert y.requires_grad == (np.asarray(want).dtype != bool)


def test_matmul_on_either_side() -> None:
    """np_array @ t and t @ np_array, differentiated."""
    a, b = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    for y, leaf in (
        ((lambda t: (a @ t, t))(gg.tensor(b, requires_grad=True))),
        ((lambda t: (t @ b, t))(gg.tensor(a, requires_grad=True))),
    ):
        np.testing.assert_array_equal(y.value, a @ b)
        gg.sum(y).backward()
        assert leaf.grad.shape == leaf.shape


def test_unary_operators_and_attributes() -> None:
    """-t, abs(t), +t; shape, dtype, size, T, mT, len, device, hash by identity."""
    t = gg.tensor(np.array([[1.0, -2.0, 3.0]]), requires_grad=True)
    np.testing.assert_array_equal((-t).value, [[-1, 2, -3]])
    np.testing.assert_array_equal(abs(t).value, [[1, 2, 3]])
    np.testing.assert_array_equal((+t).value, t.value)
    assert (t.shape, t.dtype, t.ndim, t.size, len(t), t.device) == ((1, 3), float, 2, 3, 1, "cpu")
    assert t.T.shape == t.mT.shape == (3, 1)
    assert t in {t}
    assert t.sum().shape == ()
    assert t.reshape(3, 1).shape == t.reshape((3, 1)).shape == t.transpose().shape == (3, 1)
    assert "requires_grad=True" in repr(t)
    with pytest.raises(UnsupportedOperand, match="0-d"):
        len(gg.tensor(1.0))


@pytest.mark.parametrize("operand", ["text", object(), None, {}])
def test_foreign_operands_are_refused(operand: Any) -> None:
    """As Python does: a TypeError that names the types."""
    t = gg.tensor(1.0, requires_grad=True)
    with pytest.raises(TypeError):
        t * operand
    with pytest.raises(TypeError):
        operand - t


def test_equality_with_something_else_is_false() -> None:
    """`t == None` is Python's answer, not an error."""
    t = gg.tensor(1.0)
    assert (t == "text") is False
    assert (t != "text") is True


def test_a_foreign_class_gets_its_turn() -> None:
    """NotImplemented is returned, so that another class's reflected operator is asked."""

    class Other:
        def __rmul__(self, other: Any) -> str:
            return "mine"

    assert gg.tensor(1.0) * Other() == "mine"


NUMPY_CALLS = [
    (np.sin, gg.sin),
    (np.absolute, gg.abs),
    (np.true_divide, gg.divide),
    (np.sum, gg.sum),
    (np.amax, gg.max),
    (np.mean, gg.mean),
    (np.transpose, lambda x: gg.permute_dims(x, (1, 0))),
    (np.reshape, gg.reshape),
]


@pytest.mark.parametrize(("numpy_function", "ours"), NUMPY_CALLS[:2] + NUMPY_CALLS[3:7])
def test_numpy_functions_are_differentiated(
    numpy_function: Callable[..., Any], ours: Callable[..., Any]
) -> None:
    """np.f(t) is gg.f(t)."""
    x = np.array([[0.1, -0.7], [0.3, 0.4]])
    theirs = gg.grad(lambda t: gg.sum(numpy_function(t)))(x)
    np.testing.assert_array_equal(theirs, gg.grad(lambda t: gg.sum(ours(t)))(x))


def test_more_numpy_calls() -> None:
    """Two operands, keywords, lists of Tensors, where, concatenate, clip."""
    t = gg.tensor(np.array([[1.0, 2.0], [3.0, 4.0]]), requires_grad=True)
    assert type(np.divide(np.ones((2, 2)), t)) is gg.Tensor
    assert np.sum(t, axis=0, keepdims=True).shape == (1, 2)
    assert np.concatenate([t, np.ones((1, 2))]).shape == (3, 2)
    assert np.stack([t, t]).requires_grad
    assert np.where(t > 2, t, 0.0).requires_grad
    assert np.clip(t, 0.0, 2.0).requires_grad
    np.testing.assert_array_equal(np.matmul(t, t).value, t.value @ t.value)


@pytest.mark.parametrize(
    "f",
    [
        np.add.reduce,
        lambda x: np.add.reduce(x, axis=None),
        lambda x: np.add.reduce(x, axis=(0, 1), keepdims=True),
        lambda x: np.multiply.reduce(x, 1),
        np.maximum.reduce,
        lambda x: np.minimum.reduce(x, axis=1),
        np.logaddexp.reduce,
        np.add.accumulate,
        lambda x: np.multiply.accumulate(x, axis=-1),
        lambda x: np.subtract.outer(x, x[0]),
        lambda x: np.multiply.outer(np.ones(2), x),
        lambda x: np.hypot.outer(x, 2.0),
    ],
)
def test_methods_of_ufuncs(f: Callable[..., Any]) -> None:
    """Reductions, running sums and outer products, as NumPy computes them."""
    x = np.array([[0.1, -0.7, 0.3], [0.4, 0.2, 0.9]])
    found = f(gg.tensor(x, requires_grad=True))
    assert found.requires_grad
    np.testing.assert_allclose(found.value, f(x))
    check_grads(f, (x,))
    if f is np.add.reduce:
        assert not np.logical_and.reduce(gg.tensor(x, requires_grad=True) > 0).value[1]


def test_numpy_calls_that_cannot_be_differentiated_say_so() -> None:
    """Unknown functions, ufunc methods and out= are refused by name while t is tracked."""
    t = gg.tensor(np.ones(3), requires_grad=True)
    with pytest.raises(UnknownOp, match="packbits"):
        np.packbits(t)
    own = np.frompyfunc(lambda a, b: a * b, 2, 1)
    for call, more in (
        (own, (t,)), (own.outer, (t,)), (own.reduceat, ([0, 2],)), (own.reduce, ()),
        (own.accumulate, ()),
    ):  # fmt: skip
        with pytest.raises(UnknownOp, match="lambda"):
            call(t, *more)
    x = np.ones(3)
    with pytest.raises(UnsupportedOperand, match="into an array, which cannot hold one"):
        x += t
    np.testing.assert_array_equal(x, 1)
    free = gg.stop_gradient(t)
    np.testing.assert_array_equal(own.reduce(free), 1)
    x += free
    np.testing.assert_array_equal(x, 2)


@pytest.mark.parametrize(
    "convert", [np.asarray, float, int, bool, complex, lambda t: t.item(), np.from_dlpack]
)
def test_a_tracked_tensor_is_never_silently_detached(convert: Callable[..., Any]) -> None:
    """Refused while tracked, with the way out; free when untracked."""
    with pytest.raises(TrackedConversion, match=r"t\.value"):
        convert(gg.tensor(1.0, requires_grad=True))
    assert convert(gg.tensor(1.0)) == 1


def test_an_untracked_integer_is_an_index() -> None:
    """range(t) and list indexing work."""
    assert [10, 20][gg.tensor(1)] == 20


def test_comparisons_may_steer_python() -> None:
    """A comparison has no gradient, so its truth may be asked."""

    def f(x: Any) -> Any:
        return x * 2.0 if x > 0 else x * 3.0

    assert gg.grad(f)(1.0) == 2
    assert gg.grad(f)(-1.0) == 3


def test_array_namespace_is_gpugrad() -> None:
    """Code written to the Array API reaches gpugrad's functions."""
    assert gg.tensor(1.0).__array_namespace__() is gg


def test_mixed_libraries_are_named() -> None:
    """One line that names the operands and the fix."""
    import array_api_strict

    with pytest.raises(MixedBackends, match=r"add: .*numpy.*array_api_strict.*to_device"):
        gg.add(gg.tensor(np.ones(3)), array_api_strict.ones(3))


class Labelled(np.ndarray):
    """An array that may compute in a way of its own."""


def test_other_things_that_look_like_arrays_are_refused() -> None:
    """Masked arrays, matrices and text arrays would give wrong numbers."""
    for x in (np.ma.masked_array([1.0], [True]), np.array(["a"]), np.array([None])):
        with pytest.raises(TypeError):
            gg.tensor(x, requires_grad=True)
    with pytest.raises(UnsupportedOperand, match=r"MaskedArray.* x\.filled\(0\)"):
        gg.sin(np.ma.masked_array([1.0], [True]))
    with pytest.raises(UnsupportedOperand, match=r"plain array of the Labelled: np\.asarray\(x\)"):
        gg.sin(np.ones(2).view(Labelled))
    with pytest.raises(NotDifferentiable, match=r"gg\.asarray"):
        gg.tensor([gg.tensor(1.0, requires_grad=True)])


def test_raw_in_raw_out() -> None:
    """Undifferentiated, the functions are NumPy's: arrays in, arrays out, 0-d for scalars."""
    x = np.ones((2, 3))
    for y in (gg.sin(x), gg.sum(x), gg.concat([x, x]), ops.getitem(x, (0, 1)), gg.sin(2.0)):
        assert type(y) is np.ndarray
    assert type(gg.zeros_like(x)) is np.ndarray
    assert type(gg.zeros(3)) is gg.Tensor


# Writes


def test_assignment_is_differentiated() -> None:
    """What was overwritten has no gradient, what was written has."""

    def f(x: Any, v: Any) -> Any:
        y = x * 1.0
        y[1] = v
        y[:1] = 2.0 * v
        return gg.sum(y * np.array([1.0, 10.0, 100.0]))

    gx, gv = gg.grad(f, (0, 1))(np.ones(3), 5.0)
    np.testing.assert_array_equal(gx, [0, 0, 100])
    assert gv == 12


def test_assignment_does_not_change_what_the_graph_needs() -> None:
    """y = sin(x) keeps x: writing to the handle of x afterwards must not change that."""

    def f(x: Any) -> Any:
        z = x * 1.0
        y = gg.sin(z)
        z[0] = 100.0
        return gg.sum(y) + gg.sum(z * z)

    x = np.array([0.5, 0.7])
    np.testing.assert_allclose(gg.grad(f)(x), np.cos(x) + np.array([0, 2 * 0.7]))


def test_assignment_never_writes_into_the_users_array() -> None:
    """Neither into an array that a Tensor was made of nor into an argument."""
    x = np.ones(3)
    t = gg.tensor(x)
    t[0] = 5.0
    t += 1.0

    def f(x: Any) -> Any:
        x[0] = 7.0
        x *= 2.0
        return gg.sum(x)

    np.testing.assert_array_equal(gg.grad(f)(x), [0, 2, 2])
    np.testing.assert_array_equal(x, 1)
    np.testing.assert_array_equal(t.value, [6, 2, 2])


def test_writes_go_through_views() -> None:
    """A basic index is a view in both directions, at any depth; an array of indices is not."""
    t = gg.tensor(np.zeros((2, 3)))
    row = t[0]
    part = row[1:]
    part[0] = 5.0
    np.testing.assert_array_equal(t.value, [[0, 5, 0], [0, 0, 0]])
    t += 1.0
    np.testing.assert_array_equal(row.value, [1, 6, 1])
    np.testing.assert_array_equal(part.value, [6, 1])
    t[[0]][0, 0] = 9.0
    assert t.value[0, 0] == 1
    for row in t:
        row *= 2.0
    np.testing.assert_array_equal(t.value, [[2, 12, 2], [2, 2, 2]])


def test_writes_through_views_are_differentiated() -> None:
    """The value of the base depends on what was written through its view."""

    def f(x: Any) -> Any:
        y = x * 1.0
        z = y[1:]
        z *= 3.0
        y[0] = x[1] * x[2]
        return gg.sum(y * y)

    np.testing.assert_array_equal(gg.grad(f)(np.array([1.0, 2.0, 3.0])), [0, 72, 78])


def test_in_place_operators_keep_shape_and_dtype() -> None:
    """As NumPy: no growing, no silent change of dtype."""
    t = gg.tensor(np.ones(3, np.float32))
    t += np.ones(3)
    assert t.dtype == np.float32
    with pytest.raises(InvalidArgument, match="shape"):
        t += np.ones((2, 3))
    n = gg.tensor(np.arange(3))
    with pytest.raises(InvalidArgument, match="int64"):
        n *= 0.5
    with pytest.raises(NotDifferentiable, match="floating"):
        n[0] = gg.tensor(1.0, requires_grad=True)


@pytest.mark.skipif(not COUNTED, reason="a write copies where references cannot be counted")
def test_an_update_is_written_into_the_buffer_that_nobody_else_sees() -> None:
    """Then no memory is needed; whoever holds it keeps what was there."""
    g = np.ones(3)
    with gg.no_grad():
        w = gg.tensor(np.zeros(3), requires_grad=True)
        where = id(w.value)
        w -= g
        w *= np.full(3, 2.0)
        w /= np.full(3, 4.0)
        w += g * 0.25
        assert id(w.value) == where
        assert w.value.tolist() == [-0.25] * 3
        assert w._edge[0].saved[0] is w.value       # what a trace shows
        w[0] = 5.0
        assert id(w.value) == where

        held = w.value
        w += g
        assert held.tolist() == [5.0, -0.25, -0.25]
        assert w.value.tolist() == [6.0, 0.75, 0.75]

        other = copy.copy(w)                        # another handle to the same leaf
        w += g
        kept = other.value
        other += g
        assert kept.tolist() == [6.0, 0.75, 0.75]
        assert other.value.tolist() == w.value.tolist() == [7.0, 1.75, 1.75]


def test_an_update_spares_what_a_graph_saved() -> None:
    w = gg.tensor(np.array([1.0, 2.0]), requires_grad=True)
    y = gg.sum(w * w)
    with gg.no_grad():
        w -= np.ones(2)
    y.backward()
    assert w.grad.tolist() == [2.0, 4.0]


def test_an_update_that_numpy_would_refuse() -> None:
    base = np.zeros((2, 3))
    with gg.no_grad():
        view = gg.tensor(base[0], requires_grad=True)
        view += np.ones(3)
        assert base.tolist() == [[0.0] * 3] * 2     # of the user
        grown = gg.tensor(np.zeros(3), requires_grad=True)
        with pytest.raises(InvalidArgument, match="let it grow"):
            grown += np.ones((2, 3))
        whole = gg.tensor(np.array([1, 2]))
        with pytest.raises(InvalidArgument, match="convert it first"):
            whole /= np.array([2, 2])
        fixed = np.zeros(3)
        fixed.flags.writeable = False
        w = gg.tensor(fixed, requires_grad=True)
        del fixed
        w += np.ones(3)
        assert w.value.tolist() == [1.0] * 3


def test_an_update_that_fails_changes_nothing() -> None:
    t = gg.tensor(np.array([2, 3, 4]))
    with pytest.raises(ValueError, match="negative integer powers"):
        t **= np.array([2, 2, -1])
    assert t.value.tolist() == [2, 3, 4]


def test_a_leaf_is_written_to_only_under_no_grad() -> None:
    """Else its .grad would be out of reach; under no_grad it stays the leaf that it is."""
    w = gg.tensor(np.ones(2), requires_grad=True)
    with pytest.raises(NotDifferentiable, match="no_grad"):
        w[0] = 2.0
    with pytest.raises(NotDifferentiable, match="no_grad"):
        w += 1.0
    y = gg.sum(w * w)
    with gg.no_grad():
        w -= 0.5
    y.backward()
    np.testing.assert_array_equal(w.grad, [2, 2])
    assert w.requires_grad
    np.testing.assert_array_equal(w.value, 0.5)


def test_a_tensor_is_formatted_as_its_number() -> None:
    """f"{loss:.3f}" in a training loop; text keeps no gradient, and none is lost."""
    loss = gg.sum(gg.tensor(np.array([1.0, 1.5]), requires_grad=True))
    assert f"{loss:.3f}" == "2.500"
    assert f"{loss}" == str(loss)


def test_the_decorator_without_parentheses_is_explained() -> None:
    """The forward would be taken for a rule."""
    with pytest.raises(gg.errors.InvalidOp, match="parentheses"):
        gg.op(lambda xp, x: x)(np.ones(2))
    with pytest.raises(InvalidArgument, match="float32"):
        gg.nn.MLP([2, 1], dtype="int32")
