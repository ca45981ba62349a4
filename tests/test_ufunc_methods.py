"""Methods of ufuncs on Tensors, with all that NumPy's take: values, dtypes, gradients, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agreement import check_function

import gpugrad as gg
from gpugrad.errors import GpugradError, InvalidArgument, UnsupportedOperand

X = np.random.default_rng(0).uniform(0.2, 0.9, (3, 4))
MASK = np.array([[True, False, True, True], [False, True, True, False], [True, True, False, True]])

STEPWISE = ("subtract", "divide", "hypot", "fmax", "fmin", "logaddexp", "logaddexp2", "copysign")
SYMMETRIC = ("add", "multiply", "maximum", "minimum", "hypot", "fmax", "fmin", "logaddexp")
"""Ufuncs whose operands may come in any order."""


def _agrees(f: Callable[[Any], Any], x: np.ndarray = X) -> None:
    def g(x: Any) -> Any:
        y = f(x)
        return y if isinstance(y, gg.Tensor) else np.asarray(y)     # of plain arrays a number

    check_function(g, f, (x,))
    found, wanted = f(gg.tensor(x.astype("float32"))), f(x.astype("float32"))
    assert found.dtype == wanted.dtype


@pytest.mark.parametrize("name", sorted({*STEPWISE, *SYMMETRIC}))
def test_along_an_axis(name: str) -> None:
    ufunc = getattr(np, name)
    _agrees(lambda x: ufunc.reduce(x, axis=1))
    _agrees(lambda x: ufunc.reduce(x, 0, keepdims=True))
    _agrees(lambda x: ufunc.accumulate(x, axis=-1))
    _agrees(lambda x: ufunc.reduceat(x, [0, 2], axis=1))
    _agrees(lambda x: ufunc.reduce(x[0, 0]))


@pytest.mark.parametrize("name", SYMMETRIC)
def test_along_several_axes(name: str) -> None:
    ufunc = getattr(np, name)
    _agrees(lambda x: ufunc.reduce(x, axis=None))
    _agrees(lambda x: ufunc.reduce(x, axis=(0, 1), keepdims=True))
    _agrees(lambda x: ufunc.reduce(x, axis=None, initial=0.5))
    _agrees(lambda x: ufunc.reduce(x, axis=1, initial=0.5, where=MASK))


def test_an_order_that_matters_is_refused_along_several_axes() -> None:
    with pytest.raises(ValueError, match="not reorderable"):
        np.subtract.reduce(gg.tensor(X), axis=None)


@pytest.mark.parametrize("name", ["logical_and", "logical_or", "logical_xor"])
def test_conditions_stay_conditions(name: str) -> None:
    ufunc, t = getattr(np, name), gg.tensor(X, requires_grad=True)
    for call in (
        lambda x: ufunc.reduce(x, axis=0),
        lambda x: ufunc.accumulate(x, axis=1),
        lambda x: ufunc.reduceat(x, [0, 2]),
        lambda x: ufunc.reduce(x, axis=0, initial=False),
        lambda x: ufunc.reduce(x, axis=None, initial=2.0),
    ):
        found = call(t)
        assert found.dtype == bool
        np.testing.assert_array_equal(found.value, call(X))


@pytest.mark.parametrize("name", ["hypot", "arctan2", "true_divide"])
def test_integers_are_computed_with_as_numpy_does(name: str) -> None:
    ufunc, x = getattr(np, name), np.array([[3, 4, 2]])
    for call in (lambda x: ufunc.reduce(x, axis=0), lambda x: ufunc.accumulate(x, axis=0)):
        found, wanted = call(gg.tensor(x)), call(x)
        assert found.dtype == wanted.dtype
        np.testing.assert_array_equal(found, wanted)


def test_outer_takes_sequences() -> None:
    for other in ([1.0, 2.0], (1, 2), range(3)):
        _agrees(lambda x, other=other: np.multiply.outer(x[0], other))
        _agrees(lambda x, other=other: np.subtract.outer(other, x[0]))


@pytest.mark.parametrize("name", ["negative", "exp", "sqrt", "square"])
def test_ufuncs_of_one_operand_are_applied_in_place(name: str) -> None:
    ufunc = getattr(np, name)

    def applied(x: Any, indices: Any) -> Any:
        y = x * 1.0
        ufunc.at(y, indices)
        return y

    for indices in ([0, 2, 0], slice(1, 3), ([0, 0, 1], [1, 1, 2]), MASK):
        _agrees(lambda x, indices=indices: applied(x, indices))


def test_numbers_that_do_not_fit_are_refused() -> None:
    t = gg.tensor(np.arange(3))
    with pytest.raises(UnsupportedOperand, match="cannot be cast"):
        np.add.at(t, [0], 1.5)
    assert t.value.tolist() == [0, 1, 2]


@pytest.mark.parametrize("method", ["reduce", "accumulate", "reduceat"])
@pytest.mark.parametrize("name", ["add", "subtract", "maximum", "hypot"])
def test_results_of_another_shape_are_not_written(name: str, method: str) -> None:
    t, places = gg.tensor(X[0], requires_grad=True), ([0, 2],) if method == "reduceat" else ()
    out = gg.tensor(np.zeros((3, 5)))
    with pytest.raises(GpugradError, match="out="):
        getattr(getattr(np, name), method)(t, *places, out=out)
    assert not out.value.any()


@pytest.mark.parametrize(
    "reduce",
    [np.add.reduce, np.maximum.reduce, np.hypot.reduce, np.sum, np.prod, np.mean, np.std, np.var,
     np.max, np.nansum, np.nanmean, np.nanvar],
)  # fmt: skip
def test_a_mask_of_more_elements_than_there_are_is_refused(reduce: Callable[..., Any]) -> None:
    """It would take each of them several times."""
    known = {} if reduce in (np.mean, np.std, np.var, np.nanmean, np.nanvar) else {"initial": 1.0}
    for mask in (MASK, MASK[:, :1], MASK[0, :3]):
        with pytest.raises(InvalidArgument, match="where= has shape"):
            reduce(gg.tensor(X[0], requires_grad=True), axis=0, where=mask, **known)
