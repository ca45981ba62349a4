"""Copies of Tensors, shallow, deep and pickled; and what `.grad` may hold."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import (
    InvalidArgument,
    MixedBackends,
    NotDifferentiable,
    UnsupportedOperand,
)

X = np.array([1.0, 2.0, 4.0])


def leaf(x: Any = X) -> Any:
    return gg.tensor(np.array(x), requires_grad=True)


# Copies


def test_a_shallow_copy_is_a_handle_of_its_own() -> None:
    """Same value and history; writes stay apart, and views are those of the original."""
    t = gg.tensor(X.copy())
    view = t[0:1]
    other = copy.copy(t)
    other[0] = 9.0
    np.testing.assert_array_equal(t.value, X)
    np.testing.assert_array_equal(view.value, X[:1])
    t[1] = 8.0
    np.testing.assert_array_equal(other.value, [9, 2, 4])
    other[0] = 7.0
    np.testing.assert_array_equal(view.value, X[:1])


def test_a_shallow_copy_keeps_the_history() -> None:
    """It differentiates as the original does, of a leaf and of what was computed."""
    x = leaf()
    y = x * x
    other = copy.copy(y)
    other *= 2.0
    gg.sum(y).backward(keep_graph=True)
    np.testing.assert_array_equal(x.grad, 2 * X)
    gg.sum(copy.copy(x)).backward()
    np.testing.assert_array_equal(x.grad, 2 * X + 1)
    gg.sum(other).backward()
    np.testing.assert_array_equal(x.grad, 6 * X + 1)


def pickled(x: Any) -> Any:
    return pickle.loads(pickle.dumps(x))


@pytest.mark.parametrize("deep", [copy.deepcopy, pickled])
@pytest.mark.parametrize("value", [X, np.array(2.0), np.arange(3)])
def test_deep_copies_of_untracked_tensors(deep: Callable[..., Any], value: Any) -> None:
    """Also after views were taken, and of a view."""
    t = gg.tensor(value.copy())
    part = t[0:1] if value.ndim else t
    other = deep(t)
    assert type(other.value) is np.ndarray
    assert other.dtype == t.dtype
    assert not other.requires_grad
    assert not np.shares_memory(other.value, t.value)
    other[...] = 5
    deep(part)[...] = 6
    np.testing.assert_array_equal(t.value, value)
    np.testing.assert_array_equal(part.value, value[0:1] if value.ndim else value)


@pytest.mark.parametrize("deep", [copy.deepcopy, pickled])
@pytest.mark.parametrize("value", [X, 2.0])
def test_a_deep_copy_of_a_leaf_is_a_new_leaf(deep: Callable[..., Any], value: Any) -> None:
    """With the gradient of the old one, and apart from it from then on."""
    t = leaf(value)
    gg.sum(t * t).backward()
    other = deep(t)
    assert other.requires_grad
    np.testing.assert_array_equal(other.grad, t.grad)
    gg.sum(other * other).backward()
    np.testing.assert_array_equal(t.grad, 2 * np.asarray(value))
    np.testing.assert_array_equal(other.grad, 4 * np.asarray(value))
    gg.sum(t + other).backward()                    # two leaves of one graph


@pytest.mark.parametrize("deep", [copy.deepcopy, pickled])
def test_a_history_is_not_copied(deep: Callable[..., Any]) -> None:
    """Refused with the way out, also for a long one and for the argument of a transform."""
    y = leaf()
    for _ in range(3000):
        y = y + 1.0
    with pytest.raises(NotDifferentiable, match=r"gg\.stop_gradient\(t\) or t\.value"):
        deep(y)
    assert not deep(gg.stop_gradient(y)).requires_grad
    copy.copy(y)
    with pytest.raises(NotDifferentiable, match="history"):
        gg.grad(lambda x: gg.sum(deep(x)))(X)


# .grad


def test_the_gradient_of_a_number_stays_an_array() -> None:
    """NumPy makes a scalar of the sum of two 0-d arrays."""
    t = leaf(3.0)
    for n in (1, 2, 3):
        (t * 2.0).backward()
        assert type(t.grad) is np.ndarray
        assert t.grad == 2 * n
    t.grad = t.grad * 0.5
    assert type(t.grad) is np.ndarray


def test_a_gradient_is_set_to_a_plain_array_or_none() -> None:
    """Of the right shape and dtype; everything else is refused with what is wanted."""
    t = leaf()
    t.grad = X * 2
    np.testing.assert_array_equal(t.grad, X * 2)
    for wrong, error, words in (
        (0.0, UnsupportedOperand, "type float; expected a plain array of shape"),
        ([1.0, 2.0, 3.0], UnsupportedOperand, "type list"),
        (gg.tensor(X), UnsupportedOperand, r"a Tensor; .*\.value"),
        (np.ones(2), InvalidArgument, r"shape \(2,\)"),
        (np.float64(1.0), InvalidArgument, r"shape \(\)"),
        (np.ones(3, np.float32), InvalidArgument, "dtype float32; .*float64"),
    ):
        with pytest.raises(error, match=words):
            t.grad = wrong
    np.testing.assert_array_equal(t.grad, X * 2)
    t.grad = None
    assert t.grad is None


def test_a_gradient_of_another_library_is_refused() -> None:
    """It could not be added to."""
    xp = pytest.importorskip("array_api_strict")
    with pytest.raises(MixedBackends, match=r"different array libraries.*numpy.*array_api_strict"):
        leaf().grad = xp.ones(3)
