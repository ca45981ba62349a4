"""Training steps of convolutional networks: two or three stages and a linear layer.

A stage is a convolution, batch normalisation, the activation and pooling.
"""

from __future__ import annotations

from typing import Any

import gpugrad as gg
from workloads.training import Loss, arguments, dropped, row
from workloads.workload import Draw

CLASSES, EPS, MOMENTUM = 10, 1e-5, 0.1


def _make(size: tuple[int, int, int, tuple[int, ...]], rate: float) -> tuple[Any, ...]:
    batch, side, channels, widths = size
    layers: list[Any] = []
    for before, width in zip((channels, *widths), widths, strict=False):
        layers += [
            gg.nn.Conv2d(before, width, 3, padding=1, bias=False),
            gg.nn.BatchNorm2d(width),
            "relu",
            gg.nn.MaxPool2d(2),
        ]
    last = widths[-1] * (side >> len(widths)) ** 2
    dropout = [gg.nn.Dropout(rate)] if rate else []
    layers += [gg.nn.Flatten(), *dropout, gg.nn.Linear(last, CLASSES)]
    model, draw = gg.nn.Sequential(layers), Draw()
    x, labels = draw.normal(batch, channels, side, side), draw.integers(CLASSES, batch)
    return arguments(model, model.init_state(), x, labels)


def _loss(model: Any, state: Any, key: Any, x: Any, labels: Any) -> Any:
    logits, state = model(x, state, key=key, training=True)
    return gg.mean(gg.nn.softmax_cross_entropy(logits, labels)), state


def _jax_loss(jax: Any, rate: float) -> Loss:
    def loss(params: Any, state: Any, key: Any, x: Any, labels: Any) -> Any:
        averages: list[Any] = []
        for i in range(len(params) // 3):
            weight, scale, shift = params[3 * i : 3 * i + 3]
            x = jax.lax.conv_general_dilated(x, weight, (1, 1), [(1, 1), (1, 1)])
            mean, variance = jax.mean(x, axis=(0, 2, 3)), jax.var(x, axis=(0, 2, 3))
            n = x.size // x.shape[1]
            found = (mean, variance * (n / (n - 1)))
            for average, fresh in zip(state[2 * i : 2 * i + 2], found, strict=True):
                fresh = jax.lax.stop_gradient(fresh)
                averages.append((1 - MOMENTUM) * average + MOMENTUM * fresh)
            factor = scale * jax.lax.rsqrt(variance + EPS)
            x = (x - mean[:, None, None]) * factor[:, None, None] + shift[:, None, None]
            x = jax.max_pool2d(jax.relu(x), 2)
        weight, bias = params[-2:]
        x = dropped(jax, x.reshape(len(x), -1), key, rate)
        logits = x @ weight + bias
        return jax.mean(jax.softmax_cross_entropy(logits, labels)), tuple(averages)

    return loss


def _torch_module(torch: Any, params: Any, rate: float) -> Any:
    nn = torch.nn
    layers: list[Any] = []
    for weight in params[:-2:3]:
        width, before = weight.shape[:2]
        layers += [
            nn.Conv2d(before, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width, EPS, MOMENTUM),
            nn.ReLU(),
            nn.MaxPool2d(2),
        ]
    dropout = [nn.Dropout(rate)] if rate else []
    layers += [nn.Flatten(), *dropout, nn.Linear(*params[-2].shape)]

    class Network(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.Sequential(*layers)

        def forward(self, x: Any, labels: Any) -> Any:
            return nn.functional.cross_entropy(self.layers(x), labels)

    return Network()


SIZES = {
    "batch 32, 1 x 28 x 28": (32, 28, 1, (16, 32)),
    "batch 128, 3 x 32 x 32": (128, 32, 3, (16, 32, 64)),
}

ROWS = tuple(
    row(
        "convolutional network",
        SIZES,
        _make,
        _loss,
        _jax_loss,
        _torch_module,
    )
)
