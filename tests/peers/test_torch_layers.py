"""Layers are those of PyTorch: values, gradients, and ten steps of training from equal weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import gpugrad as gg
import gpugrad.nn as nn

T = torch.nn
RNG = np.random.default_rng(0)
ROWS, SIGNAL = RNG.normal(size=(6, 4)), RNG.normal(size=(3, 4, 11))
IMAGE = RNG.normal(size=(3, 4, 9, 8))
D: dict[str, Any] = {"dtype": "float64"}
E: dict[str, Any] = {"dtype": torch.float64}

PAIRS: dict[str, tuple[Any, Any, Any]] = {
    "Linear": (nn.Linear(4, 3, **D), T.Linear(4, 3, **E), ROWS),
    "Linear, no bias": (nn.Linear(4, 3, False, **D), T.Linear(4, 3, False, **E), SIGNAL.mT),
    **{
        f"Conv1d {settings}": (
            nn.Conv1d(4, 6, 3, **settings, **D), T.Conv1d(4, 6, 3, **settings, **E), SIGNAL
        )
        for settings in ({}, {"stride": 2, "padding": 2}, {"dilation": 2, "groups": 2},
                         {"padding": "same", "bias": False})
    },
    **{
        f"Conv2d {settings}": (
            nn.Conv2d(4, 6, (3, 2), **settings, **D), T.Conv2d(4, 6, (3, 2), **settings, **E), IMAGE
        )
        for settings in ({}, {"stride": (2, 1), "padding": 1}, {"dilation": 2, "groups": 2},
                         {"padding": "valid", "groups": 2})
    },
    "Conv2d, same": (
        nn.Conv2d(4, 6, (3, 5), padding="same", **D), T.Conv2d(4, 6, (3, 5), padding="same", **E),
        IMAGE,
    ),
    **{
        f"ConvTranspose1d {settings}": (
            nn.ConvTranspose1d(4, 6, 3, **settings, **D),
            T.ConvTranspose1d(4, 6, 3, **settings, **E), SIGNAL,
        )
        for settings in ({}, {"stride": 3, "padding": 1, "output_padding": 2}, {"groups": 2})
    },
    **{
        f"ConvTranspose2d {settings}": (
            nn.ConvTranspose2d(4, 6, (3, 2), **settings, **D),
            T.ConvTranspose2d(4, 6, (3, 2), **settings, **E), IMAGE,
        )
        for settings in ({}, {"stride": (2, 3), "padding": 1, "output_padding": (1, 2)},
                         {"dilation": 2, "groups": 2, "bias": False})
    },
    "LayerNorm": (nn.LayerNorm(8, **D), T.LayerNorm(8, **E), IMAGE),
    "LayerNorm, three": (nn.LayerNorm((4, 9, 8), **D), T.LayerNorm((4, 9, 8), **E), IMAGE),
    "RMSNorm": (nn.RMSNorm(4, eps=0.1, **D), T.RMSNorm(4, eps=0.1, **E), ROWS),
    "GroupNorm": (nn.GroupNorm(2, 4, **D), T.GroupNorm(2, 4, **E), IMAGE),
    "MaxPool1d": (nn.MaxPool1d(3, stride=2, padding=1), T.MaxPool1d(3, 2, 1), SIGNAL),
    "MaxPool2d": (nn.MaxPool2d((3, 2)), T.MaxPool2d((3, 2)), IMAGE),
    "AvgPool1d": (nn.AvgPool1d(3, stride=2, padding=1), T.AvgPool1d(3, 2, 1), SIGNAL),
    "AvgPool2d": (nn.AvgPool2d(2, stride=1, padding=1), T.AvgPool2d(2, 1, 1), IMAGE),
    "AdaptiveAvgPool1d": (nn.AdaptiveAvgPool1d(4), T.AdaptiveAvgPool1d(4), SIGNAL),
    "AdaptiveAvgPool2d": (nn.AdaptiveAvgPool2d((4, 3)), T.AdaptiveAvgPool2d((4, 3)), IMAGE),
    "AdaptiveAvgPool2d, 1": (nn.AdaptiveAvgPool2d(1), T.AdaptiveAvgPool2d(1), IMAGE),
    "Flatten": (nn.Flatten(), T.Flatten(), IMAGE),
    "Dropout": (nn.Dropout(0.5), T.Dropout(0.5).eval(), IMAGE),
}  # fmt: skip


def arrays_of(module: Any) -> list[Any]:
    """The parameters of a module as its layer has them: `Linear` of PyTorch is transposed."""
    return [x.mT if x.ndim == 2 else x for x in module.parameters()]


def slopes_of(wanted: Any, module: Any, x: Any, v: Any) -> list[Any]:
    """The gradients with respect to these, and to `x`."""
    inputs = [*module.parameters(), x]
    *found, last = torch.autograd.grad(wanted, inputs, torch.tensor(v))
    return [*(slope.mT if slope.ndim == 2 else slope for slope in found), last]


def with_weights(layer: Any, module: Any) -> Any:
    """The layer with random weights, which the module gets, too."""
    rng = np.random.default_rng(1)
    leaves, structure = gg.tree.flatten(layer)
    drawn = [rng.normal(0.0, 0.3, x.shape) for x in leaves]
    with torch.no_grad():
        for parameter, x in zip(arrays_of(module), drawn, strict=True):
            parameter.copy_(torch.tensor(x))
    return gg.tree.unflatten(structure, drawn)


def same(found: Any, wanted: Any, tolerance: float = 1e-11) -> None:
    np.testing.assert_allclose(found, wanted.detach().numpy(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", PAIRS)
def test_values_and_gradients(name: str) -> None:
    layer, module, x = PAIRS[name]
    layer = with_weights(layer, module)
    theirs = torch.tensor(x, requires_grad=True)
    wanted = module(theirs)
    y, pullback = gg.vjp(lambda layer, x: layer(x), layer, x)
    same(y, wanted)
    v = RNG.normal(size=y.shape)
    slopes = slopes_of(wanted, module, theirs, v)
    for g, slope in zip(gg.tree.leaves(pullback(v)), slopes, strict=True):
        same(g, slope)


@pytest.mark.parametrize("name", ["BatchNorm1d", "BatchNorm1d, signal", "BatchNorm2d"])
def test_batch_norm(name: str) -> None:
    kind = name.partition(",")[0]
    x = {"BatchNorm1d": ROWS, "BatchNorm1d, signal": SIGNAL, "BatchNorm2d": IMAGE}[name]
    module = getattr(T, kind)(4, eps=0.01, momentum=0.3, **E)
    layer = with_weights(getattr(nn, kind)(4, eps=0.01, momentum=0.3, **D), module)
    state = layer.init_state()
    for scale in (1.0, 2.0, -1.0):                  # of which the last one is no training
        module.train(scale > 0)
        theirs = torch.tensor(x * scale, requires_grad=True)
        wanted = module(theirs)
        v = RNG.normal(size=x.shape)

        def call(layer: Any, x: Any, state: Any = state, training: bool = scale > 0) -> Any:
            return layer(x, state, training=training)

        y, pullback, state = gg.vjp(call, layer, x * scale, has_aux=True)
        same(y, wanted)
        same(state.mean, module.running_mean)
        same(state.variance, module.running_var)
        slopes = slopes_of(wanted, module, theirs, v)
        for g, slope in zip(gg.tree.leaves(pullback(v)), slopes, strict=True):
            same(g, slope)


def convnet(rng: Any) -> tuple[Any, Any]:
    """One network as both have it, without dropout, whose choices differ."""
    of = {"rng": rng, **D}
    ours = nn.Sequential([
        nn.Conv2d(1, 6, 3, padding=1, bias=False, **of), nn.BatchNorm2d(6, **D), "relu",
        nn.MaxPool2d(2), nn.Conv2d(6, 8, 3, stride=2, groups=2, **of), nn.GroupNorm(4, 8, **D),
        "silu", nn.ConvTranspose2d(8, 4, 2, stride=2, **of), nn.AdaptiveAvgPool2d(2), nn.Flatten(),
        nn.Linear(16, 12, **of), "tanh", nn.LayerNorm(12, **D), nn.Linear(12, 5, **of),
    ])  # fmt: skip
    theirs = T.Sequential(
        T.Conv2d(1, 6, 3, padding=1, bias=False, **E), T.BatchNorm2d(6, **E), T.ReLU(),
        T.MaxPool2d(2), T.Conv2d(6, 8, 3, stride=2, groups=2, **E), T.GroupNorm(4, 8, **E),
        T.SiLU(), T.ConvTranspose2d(8, 4, 2, stride=2, **E), T.AdaptiveAvgPool2d(2), T.Flatten(),
        T.Linear(16, 12, **E), T.Tanh(), T.LayerNorm(12, **E), T.Linear(12, 5, **E),
    )  # fmt: skip
    return with_weights(ours, theirs), theirs


OPTIMIZERS: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "sgd": (gg.optim.sgd(0.1, momentum=0.9), lambda p: torch.optim.SGD(p, 0.1, momentum=0.9)),
    "adam": (gg.optim.adam(0.01), lambda p: torch.optim.Adam(p, 0.01)),
}


@pytest.mark.parametrize("is_planned", [False, True], ids=["eager", "jit"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_ten_steps(name: str, is_planned: bool) -> None:
    ours, theirs = convnet(np.random.default_rng(0))
    opt, make = OPTIMIZERS[name]
    optimizer = make(theirs.parameters())
    x, y = RNG.normal(size=(10, 16, 1, 8, 8)), RNG.integers(0, 5, (10, 16))

    def loss(model: Any, state: Any, x: Any, y: Any) -> Any:
        scores, state = model(x, state, training=True)
        return gg.mean(nn.softmax_cross_entropy(scores, y, label_smoothing=0.1)), state

    def step(model: Any, state: Any, moments: Any, x: Any, y: Any) -> Any:
        (value, state), grads = gg.value_and_grad(loss, has_aux=True)(model, state, x, y)
        updates, moments = opt.update(grads, moments, model)
        return gg.optim.apply_updates(model, updates), state, moments, value

    call = gg.jit(step) if is_planned else step
    state, moments = ours.init_state(), opt.init(ours)
    criterion = T.CrossEntropyLoss(label_smoothing=0.1)
    for images, labels in zip(x, y, strict=True):
        ours, state, moments, value = call(ours, state, moments, images, labels)
        optimizer.zero_grad()
        wanted = criterion(theirs(torch.tensor(images)), torch.tensor(labels))
        wanted.backward()
        optimizer.step()
        same(value, wanted, 1e-8)
    for found, parameter in zip(gg.tree.leaves(ours), arrays_of(theirs), strict=True):
        same(found, parameter, 1e-7)
    same(state[1].mean, theirs[1].running_mean, 1e-8)
    same(state[1].variance, theirs[1].running_var, 1e-8)
    theirs.eval()
    same(ours(x[0], state)[0], theirs(torch.tensor(x[0])), 1e-6)


def test_losses() -> None:
    logits, target = RNG.normal(size=(5, 3)) * 3, RNG.uniform(size=(5, 3))
    labels = RNG.integers(0, 3, 5)
    f = T.functional
    for ours, theirs, other in (
        (nn.sigmoid_binary_cross_entropy, f.binary_cross_entropy_with_logits, target),
        (lambda a, b: nn.huber_loss(a, b, delta=0.7), lambda a, b, reduction: f.huber_loss(
            a, b, delta=0.7, reduction=reduction), target),
        (lambda a, b: nn.softmax_cross_entropy(a, b, label_smoothing=0.2),
         lambda a, b, reduction: f.cross_entropy(a, b, label_smoothing=0.2, reduction=reduction),
         labels),
    ):  # fmt: skip
        x = torch.tensor(logits, requires_grad=True)
        wanted = theirs(x, torch.tensor(other), reduction="none")
        same(ours(logits, other), wanted)
        (slope,) = torch.autograd.grad(wanted.sum(), x)
        same(gg.grad(lambda a: gg.sum(ours(a, other)))(logits), slope)  # noqa: B023


@pytest.mark.parametrize("kind", ["Linear", "Conv2d", "Conv1d"])
def test_torch_uniform_is_what_pytorch_starts_from(kind: str) -> None:
    """The same bounds, which many numbers come close to."""
    sizes = (50, 400) if kind == "Linear" else (50, 400, 3)
    ours = getattr(nn, kind)(*sizes, init="torch_uniform")
    theirs = getattr(T, kind)(*sizes)
    for name in ("weight", "bias"):
        bound = float(getattr(theirs, name).detach().abs().max())
        np.testing.assert_allclose(abs(getattr(ours, name)).max(), bound, rtol=0.02)
