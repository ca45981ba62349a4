"""What functions from outside may do with Tensors: nothing is lost silently or written behind."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

import numpy as np
import pytest
import scipy.special

import gpugrad as gg
from gpugrad.errors import (
    InvalidArgument,
    NotDifferentiable,
    UnknownOp,
    UnsupportedOperand,
)

X = np.array([1.0, 2.0, 4.0])


def leaf(x: Any = X) -> Any:
    return gg.tensor(np.array(x), requires_grad=True)


# Tracked operands, wherever they stand

LOSING: dict[str, Callable[[Any], Any]] = {
    "histogram2d": lambda t: np.histogram2d(X, X, weights=t),
    "histogramdd": lambda t: np.histogramdd([X, X], weights=t),
    "ix_": lambda t: np.ix_([0], t),
    "savetxt": lambda t: np.savetxt(StringIO(), X=t),
}


@pytest.mark.parametrize("name", LOSING)
def test_a_tracked_keyword_is_not_detached(name: str) -> None:
    """An unknown function with a tracked Tensor is refused by name; an untracked one is served."""
    with pytest.raises(UnknownOp, match=name):
        LOSING[name](leaf())
    LOSING[name](gg.tensor(X))


KEYWORDS: dict[str, Callable[[Any], Any]] = {
    "compress": lambda t: np.compress([True, False, True], a=t),
    "unwrap": lambda t: np.unwrap(p=t),
    "nancumsum": lambda t: np.nancumsum(a=t),
    "cond": lambda t: np.linalg.cond(x=t * np.eye(3)),
    "insert": lambda t: np.insert(X, 0, values=t),
    "choose": lambda t: np.choose([0, 1, 0], choices=[X, t]),
    "sum": lambda t: np.sum(a=t),
}


def differences(f: Callable[[Any], Any], x: Any, step: float = 1e-6) -> Any:
    """The gradient of the number that `f` gives, by differences."""
    units = np.eye(x.size).reshape(x.size, *x.shape) * step
    return np.reshape([(f(x + u) - f(x - u)) / (2 * step) for u in units], x.shape)


def weighted(y: Any) -> Any:
    """A number in which all elements of an array count, and differ."""
    return np.sum(y * np.cos(np.arange(np.size(y))).reshape(np.shape(y)))


@pytest.mark.parametrize("name", KEYWORDS)
def test_operands_in_keywords_are_differentiated(name: str) -> None:
    call = KEYWORDS[name]
    t = leaf()
    found = call(t)
    np.testing.assert_allclose(found.value, call(X), rtol=1e-14)
    weighted(found).backward()
    np.testing.assert_allclose(t.grad, differences(lambda x: weighted(call(x)), X), atol=1e-7)


def test_functions_that_are_made_of_several_ops_are_differentiated() -> None:
    """Also with lists among their operands."""
    calls: list[Callable[[Any], Any]] = [
        lambda t: np.interp([1.5], xp=X, fp=t),
        lambda t: np.median(t) * np.quantile(t, 0.3),
        lambda t: np.pad(t, 1),
        lambda t: np.einsum("i,i->", t, [1.0, 2.0, 3.0]),
    ]
    if hasattr(np, "trapezoid"):
        calls.append(lambda t: np.trapezoid(X, x=t))
    for call in calls:
        t = leaf()
        found = call(t)
        np.testing.assert_allclose(found.value, call(np.array(X)))
        gg.sum(found).backward()
        assert np.any(t.grad)


# Writers

WRITERS: dict[str, Callable[[Any], Any]] = {
    "ufunc out": lambda t: np.multiply(t, 10, out=t),
    "ufunc out of an array": lambda t: np.multiply(X, 10, out=t),
    "ufunc positional out": lambda t: np.multiply(t, 10, t),
    "ufunc in place": lambda t: np.add.at(t, [0], 1.0),
    "function out": lambda t: np.sum(np.ones((2, 3)), axis=0, out=t),
    "function positional out": lambda t: np.cumsum(X, 0, None, t),
    "unknown function out": lambda t: np.cumsum(t, out=t),
    "copyto": lambda t: np.copyto(t, 7.0),
    "put": lambda t: np.put(t, [0], 7.0),
    "putmask": lambda t: np.putmask(t, t > 0, 7.0),
    "place": lambda t: np.place(t, X > 0, [7.0]),
}


def written(name: str) -> Any:
    """What NumPy's function leaves in an array of its own."""
    a = X.copy()
    WRITERS[name](a)
    return a


@pytest.mark.parametrize("name", WRITERS)
def test_a_leaf_is_not_written(name: str) -> None:
    """Neither it nor the user's array changes; the error is gpugrad's own."""
    mine = X.copy()
    t = gg.tensor(mine, requires_grad=True)
    with pytest.raises(NotDifferentiable, match="a write to a leaf"):
        WRITERS[name](t)
    np.testing.assert_array_equal(mine, X)
    np.testing.assert_array_equal(t.value, X)


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("make", [gg.tensor, gg.asarray])
def test_a_write_into_a_tensor_leaves_the_array_of_the_user(
    make: Callable[[Any], Any], name: str
) -> None:
    """It is a write to the Tensor, whose views show it, and to nothing else."""
    mine = X.copy()
    t = make(mine)
    before, other, view = t.value, t + 0.0, t[1:]
    WRITERS[name](t)
    np.testing.assert_array_equal(t.value, written(name))
    np.testing.assert_array_equal(view.value, written(name)[1:])
    for x in (mine, before, other.value):
        np.testing.assert_array_equal(x, X)


@pytest.mark.parametrize("name", WRITERS)
def test_a_write_into_a_tensor_is_differentiated(name: str) -> None:
    """What a graph saved before stays as it was; what comes after follows what was written."""
    u = leaf()
    t = u * 1.0
    square = gg.sum(t * t)
    WRITERS[name](t)
    np.testing.assert_array_equal(t.value, written(name))
    square.backward()
    np.testing.assert_array_equal(u.grad, 2 * X)

    def after(x: Any) -> Any:
        y = x * 1.0
        WRITERS[name](y)
        return np.sum(y * y)

    wanted = differences(after, X)
    for gradient in (gg.grad(after), gg.jit(gg.grad(after))):
        np.testing.assert_allclose(gradient(X), wanted, atol=1e-6)


def test_the_way_out_is_named() -> None:
    """`t[...] = result` does what out= was to do where a function is not ours."""
    t = gg.tensor(X.copy())
    with pytest.raises(InvalidArgument, match=r"'cosm1' writes .* t\[\.\.\.\] = result"):
        scipy.special.cosm1(X, out=t)
    t[...] = scipy.special.cosm1(X)
    np.testing.assert_array_equal(t.value, scipy.special.cosm1(X))


INTO_ARRAYS: dict[str, Callable[[Any, Any], Any]] = {
    "multiply": lambda t, a: np.multiply(t, 10, out=a),
    "sum": lambda t, a: np.sum(t * np.eye(3), axis=0, out=a),
    "cumsum": lambda t, a: np.cumsum(t, 0, None, a),
    "median": lambda t, a: np.median(t * np.eye(3), axis=0, out=a),
    "maximum.accumulate": lambda t, a: np.maximum.accumulate(t, out=a),
    "subtract.reduce": lambda t, a: np.subtract.reduce(t * np.eye(3), out=a),
    "add.reduceat": lambda t, a: np.add.reduceat(t, [0, 1, 2], out=a),
    "add.at": lambda t, a: np.add.at(a, [0, 0, 2], t),
    "copyto": lambda t, a: np.copyto(a, src=t),
    "put": lambda t, a: np.put(a, [0, 2], t),
    "putmask": lambda t, a: np.putmask(a, [True, False, True], t),
    "place": lambda t, a: np.place(a, [True, False, True], t),
}


@pytest.mark.parametrize("name", INTO_ARRAYS)
def test_what_needs_a_gradient_is_written_into_no_array(name: str) -> None:
    """An untracked Tensor is, as NumPy has it; the array of a refused call stays as it was."""
    call = INTO_ARRAYS[name]
    out = np.zeros(3)
    with pytest.raises(UnsupportedOperand, match="into an array, which cannot hold one"):
        call(leaf(), out)
    with pytest.raises(UnsupportedOperand, match="into an array, which cannot hold one"):
        gg.jit(lambda x: call(x, out))(X)
    np.testing.assert_array_equal(out, 0)
    found, wanted = np.zeros(3), np.zeros(3)
    call(gg.tensor(X), found)
    call(X, wanted)
    np.testing.assert_array_equal(found, wanted)


def test_outside_functions_still_write_into_plain_arrays() -> None:
    """And other errors of theirs come through as they are."""
    t = gg.tensor(X)
    out = np.zeros(3)
    np.copyto(out, t)
    np.testing.assert_array_equal(out, X)
    assert np.cumsum(t, out=out) is out
    np.sum(np.stack([X, X]) + gg.tensor(0.0), axis=0, out=out)
    np.testing.assert_array_equal(out, 2 * X)
    with pytest.raises(ValueError, match="out of bounds"):
        np.cumsum(t, axis=5)


class Kernel:
    """As CuPy's: `nin` inputs, then what it writes into."""

    name, nin = "cupy_multiply", 2


def test_cupys_outputs_by_position() -> None:
    """CuPy hands over its arguments as they came: those after the inputs are outputs."""
    t = gg.tensor(X.copy())
    kernel = Kernel()
    result = t.__cupy_override_elementwise_kernel__(kernel, t, X)
    np.testing.assert_array_equal(result.value, X * X)
    assert t.__cupy_override_elementwise_kernel__(kernel, t, X, t) is t
    np.testing.assert_array_equal(t.value, X * X)
    assert t.__cupy_override_elementwise_kernel__(kernel, t, X, out=t) is t
    np.testing.assert_array_equal(t.value, X * X * X)
    with pytest.raises(UnsupportedOperand, match="into an array, which cannot hold one"):
        leaf().__cupy_override_elementwise_kernel__(kernel, t, leaf(), np.zeros(3))


# NumPy's places and keywords

M = np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]])

CALLS: dict[str, Callable[[Any], Any]] = {
    "argmax": lambda m: np.argmax(m, 0),
    "argmin": lambda m: np.argmin(m, axis=1, keepdims=True),
    "all": lambda m: np.all(m > 0, 0),
    "any": lambda m: np.any(m > 4, 1),
    "transpose": lambda m: np.transpose(m, axes=None),
    "transpose axes": lambda m: np.transpose(m, (1, 0)),
    "permute_dims": lambda m: np.permute_dims(m, axes=(1, 0)),
    "clip": lambda m: np.clip(m, a_min=0, a_max=1),
    "clip one side": lambda m: np.clip(m, None, 2.0),
    "sum": lambda m: np.sum(m, 0, None, None, True),
    "sum in a dtype": lambda m: np.sum(m, dtype=np.float32),
    "prod in a dtype": lambda m: np.prod(m, 0, np.float32),
    "cumsum in a dtype": lambda m: np.cumsum(m, 0, np.float32),
    "sum by keywords": lambda m: np.sum(m, axis=-1, dtype=None, out=None, where=True),
    "sum in another dtype": lambda m: np.sum(m, dtype=np.float32),
    "mean": lambda m: np.mean(m, 1),
    "max": lambda m: np.amax(m, 1, keepdims=True),
    "reshape": lambda m: np.reshape(m, (3, 2), order="C"),
    "squeeze": lambda m: np.squeeze(m, None),
    "stack": lambda m: np.stack([m, m], axis=1, casting="same_kind"),
    "concatenate": lambda m: np.concatenate((m, m), axis=1, dtype=None),
    "broadcast_to": lambda m: np.broadcast_to(m, (2, 2, 3)),
    "expand_dims": lambda m: np.expand_dims(m, 1),
    "where": lambda m: np.where(m > 0, m, 0.0),
    "full_like": lambda m: np.full_like(m, 3.0),
    "zeros_like": lambda m: np.zeros_like(m, dtype=np.float32),
    "copy": lambda m: np.copy(m, order="K"),
    "ufunc": lambda m: np.add(m, 1.0, where=True),
}
if hasattr(np.linalg, "matmul"):
    CALLS["linalg.matmul"] = lambda m: np.linalg.matmul(m, M.T)


@pytest.mark.parametrize("name", CALLS)
def test_numpy_calls_as_numpy_takes_them(name: str) -> None:
    """Whatever way NumPy takes the arguments, the op gives NumPy's result, as a Tensor."""
    for t in (leaf(M), gg.tensor(M)):
        result = CALLS[name](t)
        assert type(result) is gg.Tensor
        want = CALLS[name](M)
        np.testing.assert_array_equal(result.value, want)
        assert result.dtype == want.dtype


W = np.array([[1.0, 10.0], [100.0, 2.0], [20.0, 200.0]])

WORDS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "mean, dtype=": (lambda m: np.mean(m, dtype=np.float32), np.full(M.shape, 1 / 6)),
    "max, initial=": (lambda m: np.max(m, initial=0.0), M == 5),
    "max, higher initial=": (lambda m: np.max(m, initial=6.0), 0),
    "max, axis, initial=": (lambda m: np.max(m, axis=1, initial=4.0), M == 5),
    "sum, where=": (lambda m: np.sum(m, where=M > 0), M > 0),
    "reshape, order=": (
        lambda m: np.reshape(m, (3, 2), order="F") * W, W.reshape((2, 3), order="F")
    ),
    "add, casting=": (lambda m: np.add(m, 1.0, casting="no"), 1),
    "multiply, where=": (lambda m: np.multiply(m, 3.0, where=M > 0, out=m * 0.0), 3 * (M > 0)),
}  # fmt: skip
"""Calls, and the gradient of the sum of what they give."""


@pytest.mark.parametrize("name", WORDS)
def test_keywords_that_ops_lack_mean_what_they_mean_to_numpy(name: str) -> None:
    call, slope = WORDS[name]
    wanted = call(M)
    for t in (leaf(M), gg.tensor(M)):
        result = call(t)
        assert type(result) is gg.Tensor
        assert result.dtype == wanted.dtype
        np.testing.assert_allclose(result.value, wanted, rtol=1e-7)
    gradient = gg.grad(lambda m: np.sum(call(m)))
    for found in (gradient(M), gg.jit(gradient)(M)):
        np.testing.assert_allclose(found, np.broadcast_to(slope, M.shape), rtol=1e-7)


REFUSED: dict[str, Callable[[Any], Any]] = {
    "correction": lambda m: np.var(m, ddof=0, correction=1),
}


@pytest.mark.parametrize("word", REFUSED)
def test_what_an_op_lacks_is_named(word: str) -> None:
    """Refused for a tracked Tensor; for an untracked one NumPy itself answers."""
    with pytest.raises(UnsupportedOperand, match=word):
        REFUSED[word](leaf(M))
    np.testing.assert_array_equal(REFUSED[word](gg.tensor(M)), REFUSED[word](M))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: np.max(m, where=M > 0), "needs initial="),
        (lambda m: np.add(m, 1.0, dtype=np.int32), "cannot be cast to int32"),
        (lambda m: np.sort(m, kind="bogo"), "kind is 'bogo'"),
        (lambda m: np.add(m, 1.0, out=gg.zeros((3, 2))), r"shape \(2, 3\), and out= \(3, 2\)"),
    ],
)
def test_what_keywords_cannot_mean_is_refused(call: Callable[[Any], Any], message: str) -> None:
    for t in (leaf(M), gg.tensor(M)):
        with pytest.raises(UnsupportedOperand, match=message):
            call(t)


def test_questions_about_an_array_are_answered() -> None:
    """They have no gradient to lose."""
    t = leaf(M)
    assert (np.shape(t), np.ndim(t), np.size(t), np.size(t, 1)) == ((2, 3), 2, 6, 3)
    assert np.result_type(t, np.float32) == np.float64
    assert np.isrealobj(t)
