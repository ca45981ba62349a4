"""The network for images: stages of a convolution each, whose sizes follow from the image's."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

import gpugrad.nn as nn

FIRST = 32
"""Channels of the first stage; each further one has twice as many."""

LEAST = 8
"""An image is halved while its shorter side has so many pixels."""

MOST = 4
"""Stages at most: an image of 32 pixels and more has so many."""

DROPPED = 0.2
"""The share of channels that is dropped before the last layer, in training."""


def channels_for(height: int, width: int) -> tuple[int, ...]:
    """The channels of each stage that suit images of that size: 32, 64, ..."""
    stages, side = 1, min(height, width)
    while side >= LEAST and stages < MOST:
        stages, side = stages + 1, side // 2
    return tuple(FIRST * 2**i for i in range(stages))


def convnet(
    shape: Sequence[int],
    channels: Sequence[int],
    outputs: int,
    activation: str,
    seed: int,
    dtype: str,
) -> nn.Sequential:
    """A network for images of that shape, (channels, height, width).

    A stage is a convolution of 3 by 3 pixels, batch normalization and the activation. Between
    stages, the largest of 2 by 2 pixels is taken, as long as there are two. After the last one
    comes the mean of each channel over the image, dropout, and a linear layer.
    """
    rng = np.random.default_rng(seed)
    side = min(shape[1:])
    layers: list[Any] = []
    for stage, (before, after) in enumerate(pairwise((shape[0], *channels))):
        if stage and side > 1:
            layers.append(nn.MaxPool2d(2))
            side //= 2
        layers += [
            nn.Conv2d(before, after, 3, padding=1, bias=False, rng=rng, dtype=dtype),
            nn.BatchNorm2d(after, dtype=dtype),
            activation,
        ]
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(DROPPED)]
    last = (*shape[:1], *channels)[-1]
    return nn.Sequential([*layers, nn.Linear(last, outputs, rng=rng, dtype=dtype)])


def size_of_convnet(shape: Sequence[int], channels: Sequence[int], outputs: int) -> int:
    """How many numbers its weights are."""
    widths = (shape[0], *channels)
    stages = sum((9 * before + 2) * after for before, after in pairwise(widths))
    return stages + (widths[-1] + 1) * outputs


def most_products(shape: Sequence[int], channels: Sequence[int]) -> int:
    """How many products of numbers the largest convolution has for an image."""
    (_, height, width), found = shape, [0]
    for stage, (before, after) in enumerate(pairwise((shape[0], *channels))):
        if stage and min(height, width) > 1:
            height, width = height // 2, width // 2
        found.append(9 * before * after * height * width)
    return max(found)
