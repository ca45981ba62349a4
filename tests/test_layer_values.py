"""Layers compute what they are defined to, everywhere, and have the gradients of that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import layers_by_hand as by_hand
import numpy as np
import pytest

import gpugrad as gg
import gpugrad.nn as nn
from gpugrad.testing import check_grads

RNG = np.random.default_rng(3)
SIGNAL, IMAGE = RNG.normal(size=(2, 4, 9)), RNG.normal(size=(2, 4, 6, 7))
ROWS = RNG.normal(size=(5, 4))
D: dict[str, Any] = {"dtype": "float64", "rng": 1}


def drawn(layer: Any) -> Any:
    """A layer like that, with random numbers for all parameters, also for ones and zeros."""
    rng = np.random.default_rng(2)
    return gg.tree.map(lambda x: rng.normal(size=x.shape), layer)


def transposed(layer: Any, x: Any) -> Any:
    names = ("padding", "output_padding", "dilation", "stride")
    settings = {name: getattr(layer, name)[0] for name in names}
    return by_hand.conv_transpose(x, layer.weight, layer.bias, groups=layer.groups, **settings)


def grouped(layer: Any, x: Any) -> Any:
    apart = x.reshape(x.shape[0], layer.groups, -1)
    y = by_hand.normalised(apart, -1, layer.eps).reshape(x.shape)
    shape = (-1, *(1,) * (x.ndim - 2))
    return y * layer.weight.reshape(shape) + layer.bias.reshape(shape)


CASES: dict[str, tuple[Any, Any, Callable[[Any, Any], Any]]] = {
    "Linear": (nn.Linear(4, 3, **D), ROWS, lambda m, x: x @ m.weight + m.bias),
    "Linear, no bias": (nn.Linear(4, 3, False, **D), ROWS, lambda m, x: x @ m.weight),
    "Linear, a vector": (nn.Linear(4, 3, **D), ROWS[0], lambda m, x: x @ m.weight + m.bias),
    "ConvTranspose1d": (
        nn.ConvTranspose1d(4, 6, 3, stride=3, padding=1, output_padding=2, groups=2, **D),
        SIGNAL, transposed,
    ),
    "ConvTranspose2d": (
        nn.ConvTranspose2d(4, 3, 3, stride=2, padding=2, output_padding=1, dilation=2, **D),
        IMAGE, transposed,
    ),
    "ConvTranspose2d, plain": (nn.ConvTranspose2d(4, 2, (1, 2), **D), IMAGE, transposed),
    "MaxPool1d": (nn.MaxPool1d(2), SIGNAL, lambda m, x: by_hand.pool(x, 2, 2, 0, 1, "max")),
    "MaxPool1d, overlapping": (
        nn.MaxPool1d(3, stride=2, padding=1), SIGNAL,
        lambda m, x: by_hand.pool(x, 3, 2, 1, 1, "max"),
    ),
    "AvgPool1d": (
        nn.AvgPool1d(3, stride=1, padding=1), SIGNAL,
        lambda m, x: by_hand.pool(x, 3, 1, 1, 1, "mean"),
    ),
    "MaxPool2d": (nn.MaxPool2d(2), IMAGE, lambda m, x: by_hand.pool(x, 2, 2, 0, 2, "max")),
    "AvgPool2d": (
        nn.AvgPool2d(3, stride=2, padding=1), IMAGE,
        lambda m, x: by_hand.pool(x, 3, 2, 1, 2, "mean"),
    ),
    "AdaptiveAvgPool1d": (
        nn.AdaptiveAvgPool1d(3), SIGNAL, lambda m, x: by_hand.pool(x, 3, 3, 0, 1, "mean")
    ),
    "AdaptiveAvgPool2d": (
        nn.AdaptiveAvgPool2d((4, 5)), IMAGE, lambda m, x: by_hand.adaptive(x, (4, 5))
    ),
    "AdaptiveAvgPool2d, 1": (
        nn.AdaptiveAvgPool2d(1), IMAGE, lambda m, x: x.mean((2, 3), keepdims=True)
    ),
    "Flatten": (nn.Flatten(), IMAGE, lambda m, x: x.reshape(2, -1)),
    "LayerNorm": (
        nn.LayerNorm((6, 7), dtype="float64"), IMAGE,
        lambda m, x: by_hand.normalised(x, (-2, -1), 1e-5) * m.weight + m.bias,
    ),
    "RMSNorm": (
        nn.RMSNorm(4, dtype="float64", eps=0.1), ROWS,
        lambda m, x: x / np.sqrt((x * x).mean(-1, keepdims=True) + 0.1) * m.weight,
    ),
    "GroupNorm": (nn.GroupNorm(2, 4, dtype="float64"), IMAGE, grouped),
    "GroupNorm, rows": (nn.GroupNorm(1, 4, dtype="float64", eps=0.1), ROWS, grouped),
    "Dropout": (nn.Dropout(0.5), ROWS, lambda m, x: x),
    "Residual": (
        nn.Residual([nn.Linear(4, 2, **D), "tanh"], projection=nn.Linear(4, 2, **D)), ROWS,
        lambda m, x: (
            np.tanh(x @ m.inner.layers[0].weight + m.inner.layers[0].bias)
            + x @ m.projection.weight + m.projection.bias
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients(name: str) -> None:
    layer, x, wanted = CASES[name]
    layer = drawn(layer)
    found = layer(x)
    np.testing.assert_allclose(found, wanted(layer, x), rtol=1e-12, atol=1e-12)
    check_grads(lambda layer, x: layer(x), (layer, x), order=2)
    slopes = gg.grad(lambda layer: gg.sum(gg.sin(layer(x))))(layer)
    assert gg.tree.flatten(slopes)[1] == gg.tree.flatten(layer)[1]


@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize("name", CASES)
def test_in_plans_and_batches(name: str, engine: str) -> None:
    layer, x, _ = CASES[name]
    layer = drawn(layer)

    def both(layer: Any, x: Any) -> Any:
        return layer(x), gg.grad(lambda m, x: gg.sum(gg.sin(m(x))), argnums=1)(layer, x)

    wanted = both(layer, x)
    planned = gg.jit(both, engine=engine)
    for _ in range(4):
        found = planned(layer, x)
    for a, b in zip(gg.tree.leaves(found), gg.tree.leaves(wanted), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)
    each = gg.vmap(both, in_axes=(None, 0))(layer, np.stack([x, 2 * x]))
    for a, b in zip(gg.tree.leaves(each), gg.tree.leaves(wanted), strict=True):
        np.testing.assert_allclose(a[0], b, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_single_precision_stays(name: str) -> None:
    layer, x, _ = CASES[name]
    narrow, y = gg.tree.map(lambda a: a.astype("float32"), (drawn(layer), x))
    found = narrow(y)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, drawn(layer)(x), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("x", [ROWS, SIGNAL, IMAGE], ids=["rows", "signal", "image"])
def test_batch_norm(x: Any) -> None:
    kind = nn.BatchNorm2d if x.ndim == 4 else nn.BatchNorm1d
    layer = drawn(kind(4, momentum=0.3, eps=0.1, dtype="float64"))
    state = kind(4, dtype="float64").init_state()
    for scale in (1.0, 3.0):
        y, after = layer(x * scale, state, training=True)
        wanted, averages = by_hand.batch_norm(
            x * scale, layer.weight, layer.bias, state, 0.3, 0.1
        )
        np.testing.assert_allclose(y, wanted, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(after, averages, rtol=1e-12)
        state = after
    y, same = layer(x, state)
    assert same is state
    shape = (-1, *(1,) * (x.ndim - 2))
    mean, variance, weight, bias = (
        a.reshape(shape) for a in (*state, layer.weight, layer.bias)
    )
    wanted = (x - mean) / np.sqrt(variance + 0.1) * weight + bias
    np.testing.assert_allclose(y, wanted, rtol=1e-12, atol=1e-12)
    for training in (True, False):
        check_grads(lambda m, x: m(x, state, training=training)[0], (layer, x), order=2)  # noqa: B023
    moments = gg.grad(lambda x: gg.sum(layer(x, state, training=True)[1].variance))(x)
    np.testing.assert_array_equal(moments, 0.0)     # averages are no way for a gradient


def test_batch_norm_of_float16_keeps_a_variance_that_this_cannot_hold() -> None:
    layer = nn.BatchNorm1d(1, dtype="float16", affine=False)
    x = np.array([[-1000.0], [1000.0]], "float16")
    y, state = layer(x, layer.init_state(), training=True)
    np.testing.assert_array_equal(y, [[-1.0], [1.0]])
    assert y.dtype == np.float16
    np.testing.assert_allclose(state.variance, [0.9 + 0.1 * 2e6], rtol=1e-6)
    assert state.variance.dtype == np.float32


def test_the_state_keeps_its_dtype() -> None:
    """Or `gg.jit` would trace anew, and a loop of `gg.scan` be refused."""
    layer = nn.BatchNorm1d(4)
    state = layer(ROWS, layer.init_state(), training=True)[1]
    assert state.mean.dtype == state.variance.dtype == np.float32


def test_functions_of_normalization_are_the_layers() -> None:
    np.testing.assert_array_equal(
        nn.group_norm(IMAGE, 2), nn.GroupNorm(2, 4, affine=False)(IMAGE)
    )
    np.testing.assert_allclose(
        nn.batch_norm(IMAGE), by_hand.normalised(IMAGE, (0, 2, 3), 1e-5), rtol=1e-12
    )
    np.testing.assert_allclose(nn.rms_norm(np.array([3e30, 4e30], "float32")),
                               [0.8485281, 1.1313708], rtol=1e-6)


# Losses


def test_binary_cross_entropy() -> None:
    logits, labels = np.array([[-2.0, 0.5, 3.0]]), np.array([[0.0, 0.25, 1.0]])
    p = 1 / (1 + np.exp(-logits))
    wanted = -labels * np.log(p) - (1 - labels) * np.log(1 - p)
    np.testing.assert_allclose(nn.sigmoid_binary_cross_entropy(logits, labels), wanted)
    for kind in (bool, int, "float32"):
        hard = np.array([[0, 1, 1]]).astype(kind)
        found = nn.sigmoid_binary_cross_entropy(logits, hard)
        np.testing.assert_allclose(found, -np.log(np.where(hard, p, 1 - p)))


def test_binary_cross_entropy_keeps_its_digits() -> None:
    logits, labels = np.array([50.0, -50.0, 800.0, -800.0]), np.array([1, 0, 0, 1])
    losses = nn.sigmoid_binary_cross_entropy(logits, labels)
    np.testing.assert_allclose(losses, [np.exp(-50.0), np.exp(-50.0), 800.0, 800.0], rtol=1e-15)
    slopes = gg.grad(lambda x: gg.sum(nn.sigmoid_binary_cross_entropy(x, labels)))(logits)
    np.testing.assert_allclose(slopes, [-np.exp(-50.0), np.exp(-50.0), 1.0, -1.0], rtol=1e-15)
    with np.errstate(invalid="ignore"):             # 0 * inf, which counts as 0
        sure = nn.sigmoid_binary_cross_entropy(np.array([np.inf, -np.inf]), np.array([1, 0]))
    np.testing.assert_array_equal(sure, 0.0)


def test_huber_loss() -> None:
    errors = np.array([-3.0, -1.5, -0.2, 0.0, 1.5, 7.0])
    wanted = np.where(abs(errors) <= 1.5, errors**2 / 2, 1.5 * (abs(errors) - 0.75))
    np.testing.assert_allclose(nn.huber_loss(errors, 0 * errors, delta=1.5), wanted)
    slopes = gg.grad(lambda x: gg.sum(nn.huber_loss(x, 0 * errors, delta=1.5)))(errors)
    np.testing.assert_allclose(slopes, np.clip(errors, -1.5, 1.5))
    np.testing.assert_array_equal(nn.huber_loss(np.array([3]), np.array([1])), [1.5])


@pytest.mark.parametrize("share", [0.0, 0.1, 1.0])
def test_label_smoothing(share: float) -> None:
    logits, labels = RNG.normal(size=(4, 3)), np.array([0, 2, 1, 1])
    shares = np.eye(3)[labels] * (1 - share) + share / 3
    wanted = nn.softmax_cross_entropy(logits, shares)
    for given in (labels, np.eye(3)[labels]):
        found = nn.softmax_cross_entropy(logits, given, label_smoothing=share)
        np.testing.assert_allclose(found, wanted, rtol=1e-12)
    with pytest.raises(gg.errors.InvalidArgument, match="label"):
        nn.softmax_cross_entropy(logits, labels + 3, label_smoothing=share)
