"""Layers, losses and random numbers refuse wrong arguments where they are given, by name."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
import gpugrad.nn as nn
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


class Unregistered:
    def __call__(self, x: Any) -> Any:
        return x


NORM = nn.BatchNorm2d(3)
W, B, X = np.ones((4, 2)), np.zeros(2), np.ones((3, 4))
IMAGE, FILTERS = np.ones((2, 3, 8, 8)), np.ones((5, 3, 3, 3))
KEY = gg.random.key(0)
DRAW = gg.random

REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "Linear, no width": (lambda: Linear(0, 3), "Linear: n_in is 0; expected an integer of at"),
    "Linear, float width": (lambda: Linear(2, 3.0), "Linear: n_out is 3.0; expected an integer"),
    "Linear, truth": (lambda: Linear(True, 3), "Linear: n_in is True; expected an integer"),
    "Linear, a float": (lambda: Linear(2.0, 3), r"weight is 2.0, of type float.*Linear\(n_in, n_"),
    "Linear, bias": (lambda: Linear(2, 3, 4), "Linear: bias is 4; expected True or False"),
    "Linear, init": (lambda: Linear(2, 3, init="he"), r"init is 'he'; expected a function \(rng,"),
    "Linear, near init": (lambda: Linear(2, 3, init="he_norml"), "Did you mean 'he_normal'"),
    "Linear, init of another shape": (
        lambda: Linear(2, 3, init=lambda *a: np.ones(3)), r"init returned float64\[3\]; expected a"
    ),
    "Linear, init of nothing": (lambda: Linear(2, 3, init=lambda *a: None), "of type NoneType"),
    "Linear, seed": (lambda: Linear(2, 3, rng=-1), "rng is -1; expected a seed"),
    "Linear, integers": (lambda: Linear(2, 3, dtype="int8"), "dtype is int8; parameters need"),
    "Conv2d, groups": (lambda: nn.Conv2d(3, 4, 3, groups=2), "3 and 4 channels with 2 groups"),
    "Conv2d, channels": (lambda: nn.Conv2d(0, 4, 3), "Conv2d: in_channels is 0; expected"),
    "Conv2d, kernel": (lambda: nn.Conv2d(1, 4, (3, 3, 3)), r"kernel_size is \(3, 3, 3\); expected"),
    "Conv2d, padding": (lambda: nn.Conv2d(1, 4, 3, padding="sane"), "padding is 'sane'; expected"),
    "Conv2d, stride": (lambda: nn.Conv2d(1, 4, 3, stride=0), "Conv2d: stride is 0; expected"),
    "Conv2d, bias": (lambda: nn.Conv2d(1, 4, 3, bias=0), "Conv2d: bias is 0; expected True or F"),
    "Conv2d, dtype": (lambda: nn.Conv2d(1, 4, 3, dtype=int), "parameters need a floating one"),
    "Conv2d, x": (lambda: nn.Conv2d(1, 4, 3)(IMAGE), r"x has shape \(2, 3, 8, 8\) and w"),
    "ConvTranspose2d, output": (
        lambda: nn.ConvTranspose2d(1, 4, 3, output_padding=1), "must be below the stride"
    ),
    "ConvTranspose2d, groups": (lambda: nn.ConvTranspose2d(4, 3, 3, groups=2), "4 and 3 channels"),
    "conv_transpose2d, output": (
        lambda: gg.conv_transpose2d(IMAGE, np.ones((3, 2, 2, 2)), output_padding=2),
        r"output_padding is \(2, 2\) with a stride",
    ),
    "conv_transpose2d, channels": (
        lambda: gg.conv_transpose2d(IMAGE, np.ones((4, 2, 2, 2))), r"w \(4, 2, 2, 2\) with 1 groups"
    ),
    "conv_transpose2d, bias": (
        lambda: gg.conv_transpose2d(IMAGE, np.ones((3, 2, 2, 2)), B[:1]), r"expected \(2,\)"
    ),
    "conv_transpose2d, nothing left": (
        lambda: gg.conv_transpose2d(IMAGE[..., :1], np.ones((3, 2, 2, 2)), padding=1),
        "leaves nothing",
    ),
    "MaxPool2d, padding": (lambda: nn.MaxPool2d(2, padding=2), "it must be at most half"),
    "MaxPool1d, two": (lambda: nn.MaxPool1d((2, 2)), r"kernel_size is \(2, 2\); expected"),
    "max_pool1d, longer": (lambda: gg.max_pool1d(X, 5), r"windows of \(5,\) in an image of \(4,\)"),
    "AdaptiveAvgPool2d": (lambda: nn.AdaptiveAvgPool2d(0), "output_size is 0; expected"),
    "adaptive, empty": (lambda: gg.adaptive_avg_pool1d(np.ones((2, 0)), 1), "expected lengths"),
    "Flatten": (lambda: nn.Flatten(-1), "Flatten: start_axis is -1; expected"),
    "Flatten, x": (lambda: nn.Flatten(3)(X), r"x has shape \(3, 4\); expected at least 3 axes"),
    "LayerNorm, shape": (lambda: nn.LayerNorm(()), r"shape is \(\); expected a length"),
    "LayerNorm, x": (lambda: nn.LayerNorm(5)(X), r"x has shape \(3, 4\); expected \(\.\.\., 5\)"),
    "LayerNorm, eps": (lambda: nn.LayerNorm(5, eps=-1), "LayerNorm: eps is -1; expected a num"),
    "RMSNorm, x": (lambda: nn.RMSNorm((3, 5))(X), r"expected \(\.\.\., 3, 5\)"),
    "rms_norm, weight": (lambda: nn.rms_norm(X, np.ones(3)), r"rms_norm: weight has shape \(3,\)"),
    "GroupNorm, groups": (lambda: nn.GroupNorm(2, 3), "3 channels in 2 groups; expected"),
    "GroupNorm, x": (lambda: nn.GroupNorm(2, 2)(X), r"x has shape \(3, 4\); expected \(batch, 2"),
    "group_norm, groups": (lambda: nn.group_norm(X, 3), r"x has shape \(3, 4\) with 3 groups"),
    "group_norm, weight": (lambda: nn.group_norm(X, 2, np.ones(3)), r"weight has shape \(3,\)"),
    "batch_norm, one": (lambda: nn.batch_norm(X, mean=np.ones(4)), "of mean and variance one is"),
    "batch_norm, mean": (
        lambda: nn.batch_norm(X, mean=B, variance=B), r"mean has shape \(2,\); expected \(4,\)"
    ),
    "batch_norm, vector": (lambda: nn.batch_norm(B), r"x has shape \(2,\); expected \(batch, ch"),
    "BatchNorm2d, momentum": (lambda: nn.BatchNorm2d(3, momentum=2), "momentum is 2; expected"),
    "BatchNorm2d, channels": (lambda: nn.BatchNorm2d(2.5), "BatchNorm2d: channels is 2.5; expe"),
    "BatchNorm2d, no state": (
        lambda: nn.BatchNorm2d(3)(IMAGE, None), r"state is missing.*init_state\(\)"
    ),
    "BatchNorm2d, x": (lambda: NORM(X, NORM.init_state()), r"x has shape \(3, 4\); expected \(ba"),
    "BatchNorm2d, one number": (
        lambda: NORM(IMAGE[:1, :, :1, :1], NORM.init_state(), training=True), "has no variance"
    ),
    "Dropout, rate": (lambda: nn.Dropout(1.0), "rate is 1.0; it must be at least 0 and below 1"),
    "Dropout, text": (lambda: nn.Dropout("a"), "Dropout: rate is 'a'; expected a number"),
    "Dropout, no key": (lambda: nn.Dropout()(X, training=True), "Dropout: training without a key"),
    "Sequential, nothing": (lambda: nn.Sequential(), "no layers; expected"),
    "Sequential, an empty list": (lambda: nn.Sequential([]), "no layers; expected"),
    "Sequential, an array": (lambda: nn.Sequential([X]), r"layers\[0\] is of type ndarray; expe"),
    "Sequential, a class": (
        lambda: nn.Sequential([gg.tanh, nn.Dropout]), r"layers\[1\] is the class Dropout; expected"
    ),
    "Sequential, unregistered": (
        lambda: nn.Sequential([Unregistered()]), r"layers\[0\] is of type Unregistered, which is no"
    ),
    "Sequential, activation": (lambda: nn.Sequential(["reul"]), "unknown activation 'reul'.*'relu"),
    "Sequential, state": (lambda: nn.Sequential([gg.tanh])(X, ()), "a state is given, and no laye"),
    "Sequential, no state": (lambda: nn.Sequential([NORM])(IMAGE), "the state is missing; expe"),
    "Sequential, other state": (
        lambda: nn.Sequential([NORM])(IMAGE, NORM.init_state()), "the state is of type BatchNormS"
    ),
    "Residual, shapes": (
        lambda: nn.Residual(Linear(4, 2))(X), r"inner makes the shape \(3, 2\), and beside"
    ),
    "Residual, a number": (lambda: nn.Residual(3), "is of type int; expected a layer"),
    "Residual, arrays": (lambda: nn.Residual({"a": W}), "is of type dict; expected a layer"),
    "summary, an array": (lambda: nn.summary(X, X), "the model is of type ndarray; expected"),
    "binary, pairs": (
        lambda: nn.sigmoid_binary_cross_entropy(X[:, :1], B), r"logits has shape .* and labels \(2,"
    ),
    "huber, delta": (lambda: nn.huber_loss(X, X, delta=0), "delta is 0; expected a positive num"),
    "huber, pairs": (lambda: nn.huber_loss(X[:, :1], B), "so that each would be compared with oth"),
    "cross entropy, smoothing": (
        lambda: softmax_cross_entropy(X, np.zeros(3, int), label_smoothing=2), "label_smoothing is"
    ),
    "Linear, lists": (lambda: Linear([[1.0]], [1.0]), "of type list"),
    "Linear, in the other order": (lambda: Linear(B, W), r"weight is float64\[2\]"),
    "Linear, shapes": (lambda: Linear(W, np.zeros(3)), r"bias is float64\[3\]; expected"),
    "Linear, dtype": (lambda: Linear(W.astype(int), B), r"weight is int64\[4, 2\]"),
    "Linear, x": (lambda: Linear(W, B)(np.ones((3, 5))), r"x has shape \(3, 5\); expected"),
    "MLP, a number": (lambda: MLP(3), "sizes are 3; expected at least two positive widths"),
    "MLP, two numbers": (lambda: MLP(2, 3), "sizes are 2; expected"),
    "MLP, one width": (lambda: MLP([3]), r"sizes are \[3\]; expected"),
    "MLP, negative": (lambda: MLP([-1, 2]), r"sizes are \[-1, 2\]; expected"),
    "MLP, zero": (lambda: MLP([2, 0]), r"sizes are \[2, 0\]; expected"),
    "MLP, floats": (lambda: MLP([2.0, 3]), r"sizes are \[2\.0, 3\]; expected"),
    "MLP, text": (lambda: MLP(["a", 2]), "sizes are .*whole numbers"),
    "MLP, truth": (lambda: MLP([True, 2]), "sizes are .*whole numbers"),
    "MLP, array": (lambda: MLP(np.array([2.0, 3.0])), "sizes are .*whole numbers"),
    "MLP, none": (lambda: MLP(None), "sizes are None"),
    "MLP, activation": (lambda: MLP([2, 3], "tann"), "unknown activation 'tann'; there are, by"),
    "MLP, function": (lambda: MLP([2, 3], gg.relu), "unknown activation <function .*relu"),
    "MLP, list": (lambda: MLP([2, 3], ["relu"]), r"unknown activation \['relu'\]"),
    "MLP, seed": (lambda: MLP([2, 3], rng=-1), "rng is -1; expected a seed"),
    "MLP, float seed": (lambda: MLP([2, 3], rng=1.5), "rng is 1.5; expected a seed"),
    "MLP, text seed": (lambda: MLP([2, 3], rng="a"), "rng is 'a'; expected a seed"),
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
        lambda: softmax_cross_entropy(X, np.zeros(3)), "labels have shape .* Expected integers"
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
    with pytest.raises(UnsupportedOperand, match=r"x is of type list; expected an array"):
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
