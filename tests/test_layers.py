"""Layers, losses and random numbers refuse wrong arguments where they are given, by name."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import InvalidArgument, TrackedConversion, UnsupportedOperand
from gpugrad.nn import (
    MLP,
    Linear,
    avg_pool2d,
    conv2d,
    dropout,
    layer_norm,
    max_pool2d,
    mean_squared_error,
    softmax_cross_entropy,
)

W, B, X = np.ones((4, 2)), np.zeros(2), np.ones((3, 4))
IMAGE, FILTERS = np.ones((2, 3, 8, 8)), np.ones((5, 3, 3, 3))
KEY = gg.random.key(0)
DRAW = gg.random

REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "Linear, widths": (lambda: Linear(2, 3), r"weight is 2, of type int .*MLP\(\[n_in, n_out\]\)"),
    "Linear, lists": (lambda: Linear([[1.0]], [1.0]), "of type list"),
    "Linear, no bias": (lambda: Linear(W, None), "bias is None, of type NoneType"),
    "Linear, in the other order": (lambda: Linear(B, W), r"weight is float64\[2\]"),
    "Linear, shapes": (lambda: Linear(W, np.zeros(3)), r"bias is float64\[3\]; wanted are"),
    "Linear, dtype": (lambda: Linear(W.astype(int), B), r"weight is int64\[4, 2\]"),
    "Linear, x": (lambda: Linear(W, B)(np.ones((3, 5))), r"x has shape \(3, 5\); wanted is"),
    "MLP, a number": (lambda: MLP(3), "sizes are 3; wanted are at least two positive widths"),
    "MLP, two numbers": (lambda: MLP(2, 3), "sizes are 2; wanted"),
    "MLP, one width": (lambda: MLP([3]), r"sizes are \[3\]; wanted"),
    "MLP, negative": (lambda: MLP([-1, 2]), r"sizes are \[-1, 2\]; wanted"),
    "MLP, zero": (lambda: MLP([2, 0]), r"sizes are \[2, 0\]; wanted"),
    "MLP, floats": (lambda: MLP([2.0, 3]), r"sizes are \[2\.0, 3\]; wanted"),
    "MLP, text": (lambda: MLP(["a", 2]), "sizes are .*whole numbers"),
    "MLP, truth": (lambda: MLP([True, 2]), "sizes are .*whole numbers"),
    "MLP, array": (lambda: MLP(np.array([2.0, 3.0])), "sizes are .*whole numbers"),
    "MLP, none": (lambda: MLP(None), "sizes are None"),
    "MLP, activation": (lambda: MLP([2, 3], "tann"), "unknown activation 'tann'; there are, by"),
    "MLP, function": (lambda: MLP([2, 3], gg.relu), "unknown activation <function .*relu"),
    "MLP, list": (lambda: MLP([2, 3], ["relu"]), r"unknown activation \['relu'\]"),
    "MLP, seed": (lambda: MLP([2, 3], rng=-1), "rng is -1; wanted is a seed"),
    "MLP, float seed": (lambda: MLP([2, 3], rng=1.5), "rng is 1.5; wanted is a seed"),
    "MLP, text seed": (lambda: MLP([2, 3], rng="a"), "rng is 'a'; wanted is a seed"),
    "MLP, integers": (lambda: MLP([2, 3], dtype="int32"), "dtype is int32; parameters need"),
    "MLP, no dtype": (lambda: MLP([2, 3], dtype=None), "dtype is None; parameters need"),
    "MLP, objects": (lambda: MLP([2, 3], dtype=object), "parameters need a floating one"),
    "dropout, order": (lambda: dropout(X, 0.5, KEY), r"dropout\(x, key, rate\)"),
    "dropout, seed": (lambda: dropout(X, 0), "key of int"),
    "dropout, no key": (lambda: dropout(X, None), "key of NoneType"),
    "dropout, generator": (lambda: dropout(X, np.random.default_rng(0)), "key of Generator"),
    "dropout, other array": (lambda: dropout(X, np.ones(2)), r"a key is uint32\[2\]"),
    "dropout, rate": (lambda: dropout(X, KEY, 1.0), "rate is 1.0; it must be at least 0 and below"),
    "dropout, negative": (lambda: dropout(X, KEY, -0.1), "rate is -0.1"),
    "dropout, text": (lambda: dropout(X, KEY, "a"), "rate is of type str"),
    "conv2d, stride": (lambda: conv2d(IMAGE, FILTERS, stride=1.5), "stride is 1.5; expected"),
    "conv2d, negative": (lambda: conv2d(IMAGE, FILTERS, stride=-1), "stride is -1; expected"),
    "conv2d, padding": (lambda: conv2d(IMAGE, FILTERS, padding=0.5), "padding is 0.5"),
    "conv2d, channels": (lambda: conv2d(IMAGE[:, :2], FILTERS), r"x has shape \(2, 2, 8, 8\)"),
    "max_pool2d, float": (lambda: max_pool2d(IMAGE, 1.5), "window is 1.5; expected an integer"),
    "max_pool2d, none": (lambda: max_pool2d(IMAGE, None), "window is None; expected an integer"),
    "max_pool2d, longer": (lambda: max_pool2d(IMAGE, 9), r"windows of \(9, 9\) in an image"),
    "avg_pool2d, zero": (lambda: avg_pool2d(IMAGE, 0), "window is 0; expected an integer"),
    "layer_norm, eps": (lambda: layer_norm(X, eps=-1), "eps is -1; expected a number"),
    "layer_norm, text": (lambda: layer_norm(X, eps="a"), "eps is 'a'"),
    "layer_norm, weight": (lambda: layer_norm(X, np.ones(3)), r"weight has shape \(3,\); expected"),
    "layer_norm, bias": (lambda: layer_norm(X, None, np.ones((2, 3, 4))), r"bias has shape \(2, 3"),
    "one_hot, floats": (lambda: gg.one_hot(B, 3, float), "labels have dtype float64"),
    "one_hot, number": (lambda: gg.one_hot(np.array([0]), -1, float), "n is -1"),
    "normal, negative": (lambda: DRAW.normal(KEY, (-2,)), r"shape is \(-2,\); expected whole"),
    "normal, float": (lambda: DRAW.normal(KEY, (2.0,)), r"shape is \(2\.0,\); expected whole"),
    "split, float": (lambda: DRAW.split(KEY, 1.5), "1.5"),
    "split, negative": (lambda: DRAW.split(KEY, -1), "-1"),
    "cross entropy, column": (
        lambda: softmax_cross_entropy(X, np.zeros((3, 1), int)), r"labels have shape \(3, 1\)"
    ),
    "cross entropy, floats": (
        lambda: softmax_cross_entropy(X, np.zeros(3)), "labels have shape .* Wanted are integers"
    ),
    "cross entropy, one row": (
        lambda: softmax_cross_entropy(X, np.ones((1, 4))), r"labels have shape \(1, 4\)"
    ),
    "nll, column": (lambda: gg.nll(X, np.zeros((3, 1), int)), r"labels have shape \(3, 1\)"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_wrong_arguments_are_refused(name: str) -> None:
    call, wanted = REFUSED[name]
    with pytest.raises(InvalidArgument, match=wanted):
        call()


@pytest.mark.parametrize(
    ("predicted", "target"), [((3, 1), (3,)), ((3,), (3, 1)), ((1, 3), (3, 1)), ((2, 3, 1), (3,))]
)
def test_a_loss_compares_in_pairs(predicted: Any, target: Any) -> None:
    """A column beside a vector would be compared with each of its elements."""
    a, b = np.ones(predicted), np.ones(target)
    error = pytest.raises(InvalidArgument, match=r"predicted has shape .* and target")
    for call in (
        mean_squared_error, gg.jit(mean_squared_error), gg.grad(mean_squared_error),
        gg.jit(gg.grad(mean_squared_error)), lambda a, b: mean_squared_error(gg.tensor(a), b),
    ):  # fmt: skip
        with error:
            call(a, b)
    with error:
        gg.vmap(mean_squared_error)(np.stack([a, a]), np.stack([b, b]))


def test_shapes_that_do_not_fit_are_named() -> None:
    with pytest.raises(InvalidArgument, match=r"predicted has shape \(3, 4\) and target \(3,\)"):
        mean_squared_error(X, np.ones(3))
    for target in (np.ones(4), np.ones((3, 1)), np.ones(()), 1.0):
        np.testing.assert_array_equal(mean_squared_error(X, target), 0)


def test_dropout_of_what_is_no_array() -> None:
    with pytest.raises(UnsupportedOperand, match=r"x is of type list; wanted is an array"):
        dropout([1.0, 2.0], KEY)


def test_a_rate_of_dropout_that_is_no_number_is_named() -> None:
    named = r"^dropout: rate is a Tensor; expected a number\..*static"

    def loss(rate: gg.Tensor) -> gg.Tensor:
        return gg.sum(dropout(X, KEY, rate))

    for call in (
        lambda: gg.grad(loss)(0.5),
        lambda: gg.jit(loss)(0.5),
        lambda: gg.vmap(loss)(np.array([0.5, 0.2])),
    ):
        with pytest.raises(TrackedConversion, match=named):
            call()
    expected = dropout(X, KEY, 0.5)
    np.testing.assert_array_equal(dropout(X, KEY, gg.tensor(0.5)), expected)
    found = gg.jit(lambda rate: dropout(X, KEY, rate), static_argnums=0)(0.5)
    np.testing.assert_array_equal(found, expected)


def test_sizes_may_be_of_numpy() -> None:
    assert repr(MLP(np.array([2, 3]))) == "MLP([2, 3], activation='relu')"
    assert repr(MLP(n for n in (2, 3))) == "MLP([2, 3], activation='relu')"


def test_the_docstring_names_the_activations() -> None:
    assert all(f'"{name}"' in str(MLP.__doc__) for name in gg.nn.ACTIVATIONS)


def test_a_tree_holds_anything_in_place_of_parameters() -> None:
    """Sizes, names, `None`: what trees of layers are made of beside arrays."""
    layer = Linear(W, B)
    assert gg.tree.map(lambda x: x.size, layer) == (8, 2)
    assert gg.tree.map(str, MLP([2, 3])).layers[0].weight.startswith("[[")
    assert gg.tree.map(np.shape, layer).weight == (4, 2)
    for made in (copy.copy(layer), copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert type(made) is Linear
        np.testing.assert_array_equal(made(X), layer(X))
    assert isinstance(gg.grad(lambda m: gg.sum(m(X)))(layer), Linear)
    assert isinstance(gg.jit(lambda m: gg.tree.map(lambda x: x * 2, m))(layer), Linear)
    stacked = gg.tree.map(lambda x: np.stack([x, x]), layer)
    assert gg.vmap(lambda m: m(X))(stacked).shape == (2, 3, 2)
    sizes = gg.tree.map(lambda x: x.size, layer)
    with pytest.raises(InvalidArgument, match="weight is 8, of type int"):
        sizes(X)


def test_a_shape_is_no_weight_of_layer_norm() -> None:
    with pytest.raises(InvalidArgument, match=r"weight is the tuple \(3,\).* axis="):
        gg.nn.layer_norm(np.ones((2, 3)), (3,))
