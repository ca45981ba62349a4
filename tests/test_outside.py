"""What functions from outside may do with Tensors: nothing is lost silently or written behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import (
    GpugradError,
    InvalidArgument,
    UnknownOp,
    UnsupportedOperand,
)

X = np.array([1.0, 2.0, 4.0])


def leaf(x: Any = X) -> Any:
    return gg.tensor(np.array(x), requires_grad=True)


# Tracked operands, wherever they stand

LOSING: dict[str, Callable[[Any], Any]] = {
    "compress": lambda t: np.compress([True, False, True], a=t),
    "unwrap": lambda t: np.unwrap(p=t),
    "nancumsum": lambda t: np.nancumsum(a=t),
    "cond": lambda t: np.linalg.cond(x=t * np.eye(3)),
    "insert": lambda t: np.insert(X, 0, values=t),
    "choose": lambda t: np.choose([0, 1, 0], choices=[X, t]),
    "copyto": lambda t: np.copyto(np.zeros(3), src=t),
}


@pytest.mark.parametrize("name", LOSING)
def test_a_tracked_keyword_is_not_detached(name: str) -> None:
    """An unknown function with a tracked Tensor is refused by name; an untracked one is served."""
    with pytest.raises(UnknownOp, match=name):
        LOSING[name](leaf())
    LOSING[name](gg.tensor(X))


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


def test_operands_in_keywords_are_differentiated() -> None:
    """np.sum(a=t) is np.sum(t)."""
    t = leaf()
    np.sum(a=t).backward()
    np.testing.assert_array_equal(t.grad, 1)


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


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("tracked", [False, True])
def test_nobody_writes_into_the_buffer_of_a_tensor(name: str, tracked: bool) -> None:
    """Neither what a graph saved nor the user's array changes; the error is gpugrad's own."""
    mine = X.copy()
    t = gg.tensor(mine, requires_grad=tracked)
    with pytest.raises(GpugradError):
        WRITERS[name](t)
    np.testing.assert_array_equal(mine, X)
    np.testing.assert_array_equal(t.value, X)


def test_the_way_out_is_named() -> None:
    """`t[...] = result` does what out= was to do."""
    t = gg.tensor(X.copy())
    with pytest.raises(UnsupportedOperand, match=r"t\[\.\.\.\] = result"):
        np.multiply(t, 10, out=t)
    with pytest.raises(InvalidArgument, match=r"'copyto' writes .* t\[\.\.\.\] = result"):
        np.copyto(t, 7.0)
    t[...] = t * 10
    np.testing.assert_array_equal(t.value, X * 10)


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
    with pytest.raises(UnsupportedOperand, match=r"out="):
        t.__cupy_override_elementwise_kernel__(kernel, t, X, t)
    with pytest.raises(UnsupportedOperand, match=r"out="):
        leaf().__cupy_override_elementwise_kernel__(kernel, t, leaf(), np.zeros(3))
    with pytest.raises(UnsupportedOperand, match=r"out="):
        t.__cupy_override_elementwise_kernel__(kernel, t, X, out=t)


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


REFUSED: dict[str, Callable[[Any], Any]] = {
    "dtype=": lambda m: np.mean(m, dtype=np.float32),
    "initial=": lambda m: np.max(m, initial=0.0),
    "where=": lambda m: np.sum(m, where=M > 0),
    "order=": lambda m: np.reshape(m, (3, 2), order="F"),
    "x1, x2": lambda m: np.where(m),
    "casting=": lambda m: np.add(m, 1.0, casting="no"),
}


@pytest.mark.parametrize("word", REFUSED)
def test_keywords_that_an_op_lacks_are_named(word: str) -> None:
    """Refused for a tracked Tensor; for an untracked one NumPy itself answers."""
    with pytest.raises(UnsupportedOperand, match=word):
        REFUSED[word](leaf(M))
    np.testing.assert_array_equal(REFUSED[word](gg.tensor(M)), REFUSED[word](M))


def test_questions_about_an_array_are_answered() -> None:
    """They have no gradient to lose."""
    t = leaf(M)
    assert (np.shape(t), np.ndim(t), np.size(t), np.size(t, 1)) == ((2, 3), 2, 6, 3)
    assert np.result_type(t, np.float32) == np.float64
    assert np.isrealobj(t)
