"""Layers as they are defined, in NumPy, element by element where that is clearest."""

from __future__ import annotations

from typing import Any

import numpy as np


def conv_transpose(
    x: Any, w: Any, bias: Any, stride: int, padding: int, output_padding: int, dilation: int,
    groups: int,
) -> Any:  # fmt: skip
    """Each element of an image adds a window of multiples of `w`."""
    n, channels, *lengths = x.shape
    per_group, sizes = w.shape[1], w.shape[2:]
    whole = [
        (length - 1) * stride + (k - 1) * dilation + 1 + output_padding
        for length, k in zip(lengths, sizes, strict=True)
    ]
    y = np.zeros((n, per_group * groups, *whole))
    for c in range(channels):
        first = c // (channels // groups) * per_group
        for place in np.ndindex(*lengths):
            for tap in np.ndindex(*sizes):
                at = tuple(p * stride + t * dilation for p, t in zip(place, tap, strict=True))
                part = x[(slice(None), c, *place)][:, None] * w[(c, slice(None), *tap)]
                y[(slice(None), slice(first, first + per_group), *at)] += part
    inner = tuple(slice(padding, length - padding) for length in whole)
    return y[(..., *inner)] + bias.reshape(-1, *(1,) * len(lengths))


def pool(x: Any, window: int, stride: int, padding: int, axes: int, kind: str) -> Any:
    """The largest or the mean of each window of the last axes, one window at a time."""
    fill = -np.inf if kind == "max" else 0.0
    around = [(0, 0)] * (x.ndim - axes) + [(padding, padding)] * axes
    x = np.pad(x, around, constant_values=fill)
    counts = [(length - window) // stride + 1 for length in x.shape[-axes:]]
    y = np.zeros((*x.shape[:-axes], *counts))
    for place in np.ndindex(*counts):
        key = (..., *(slice(p * stride, p * stride + window) for p in place))
        part = x[key].reshape(*x.shape[:-axes], -1)
        y[(..., *place)] = part.max(-1) if kind == "max" else part.mean(-1)
    return y


def adaptive(x: Any, counts: tuple[int, int]) -> Any:
    """The mean of each window of PyTorch's adaptive pooling."""
    lengths = x.shape[-2:]
    y = np.zeros((*x.shape[:-2], *counts))
    for i, j in np.ndindex(*counts):
        rows, columns = (
            slice(int(np.floor(k * n / m)), int(np.ceil((k + 1) * n / m)))
            for k, n, m in zip((i, j), lengths, counts, strict=True)
        )
        y[..., i, j] = x[..., rows, columns].mean((-2, -1))
    return y


def normalised(x: Any, axes: Any, eps: float) -> Any:
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)


def batch_norm(
    x: Any, weight: Any, bias: Any, state: tuple[Any, Any], momentum: float, eps: float
) -> tuple[Any, tuple[Any, Any]]:
    """The layer in training: what it returns, and the running averages after that."""
    rows = np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])
    y = (rows - rows.mean(0)) / np.sqrt(rows.var(0) + eps) * weight + bias
    y = np.moveaxis(y.reshape(*np.moveaxis(x, 1, -1).shape), -1, 1)
    mean = (1 - momentum) * state[0] + momentum * rows.mean(0)
    return y, (mean, (1 - momentum) * state[1] + momentum * rows.var(0, ddof=1))
