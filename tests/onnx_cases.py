"""Small functions that, together, come to each row of the table that ONNX is written by.

Their first argument has a batch of any size along its first axis.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import gpugrad as gg
from gpugrad import nn

RNG = np.random.default_rng(0)
X = RNG.normal(size=(5, 3, 12)).astype("float32")
PLACES = RNG.integers(0, 3, (5, 2))
WHOLE = RNG.integers(-9, 9, (5, 4))
PLACED, SORTED = np.array([2, 0]), np.array([-0.5, 0.0, 1.0])
SIGNAL = np.array([1, 2, 1], "float32")


def filled(x):
    """Writes to slices, with a step and without, and at integers."""
    y = gg.asarray(x, copy=True)
    y[:, 1, 2:5] = 0.0
    y[:, 0] = x[:, 2]
    y[:, :, 1::4] = 7.0
    return y


def chosen(x):
    y = gg.asarray(x, copy=True)
    y[y < 0] = 0.0
    y[:, PLACED] = 1.5
    return y


def cut(x):
    return gg.grad(lambda y: gg.sum(y[:, 1:, ::2] ** 2) + gg.sum(y[:, PLACED, 3] ** 3))(x)


def nested(x):
    """A loop in a loop in a branch, each of which reads what is outside."""

    def outer(total, row):
        def inner(t, _):
            return t * 0.5 + row, gg.sum(t) + gg.sum(x)

        last, sums = gg.scan(inner, total, None, length=3)
        return last, gg.sum(sums)

    rows = gg.permute_dims(x, (1, 0, 2))
    positive = gg.sum(x) > 0
    return gg.cond(positive, lambda: gg.scan(outer, x[:, 0], rows), lambda: (x[:, 1], x[0, :, 0]))


def looped(reverse: bool):
    return lambda x: gg.scan(lambda c, _: (c * 1.5, c), x, None, length=4, reverse=reverse)


CASES: dict[str, tuple[Any, ...]] = {
    "pad": (lambda x: gg.pad(x, ((0, 0), (1, 1), (2, 2))), X),
    "mirrored": (lambda x: gg.pad(x, ((0, 0), (1, 1), (2, 2)), mode="reflect"), X),
    "roll the batch": (lambda x: gg.roll(x, 2, axis=0), X),
    "roll": (lambda x: gg.roll(x, (4, -1), axis=(1, 2)), X),
    "running": (
        lambda x: (
            gg.cumulative_sum(x, axis=1), gg.cumulative_sum(x, axis=0, include_initial=True),
            gg.cumulative_prod(x, axis=1), gg.cumulative_prod(x, axis=2, include_initial=True),
        ),
        X,
    ),
    "sort": (lambda x: (gg.sort(x, axis=1, descending=True), gg.sort(x, axis=0)), X),
    "argsort": (lambda x: (gg.argsort(x, axis=-1), gg.argsort(x > 0, axis=2)), X),
    "median": (lambda x: (gg.median(x, axis=1), gg.quantile(x, 0.3, axis=2)), X),
    "clip": (lambda x: gg.clip(x, -0.5, 0.5), X),
    "slices": (
        lambda x: (x[:, None, ::-1, 2], x[-1], x[:, 1:, -3::-2], x[..., None, -1], x[1:]), X,
    ),
    "flip": (lambda x: gg.flip(x, axis=(0, 1)), X),
    "take along": (lambda i, x: gg.take_along_axis(x, i[:, :, None], axis=1), PLACES, X),
    "take": (lambda x: gg.take(x, PLACED, axis=1), X),
    "each row": (
        lambda i, x: (x[gg.arange(x.shape[0]), i[:, 0]], x[gg.arange(x.shape[0]), :, i[:, 1]]),
        PLACES, X,
    ),
    "places": (lambda x: (x[:, PLACED, np.array([3, -1])], x[:, 1, PLACED], x[:, None, PLACED]), X),
    "means": (
        lambda x: (
            gg.mean(x, axis=1), gg.mean(x, axis=0), gg.std(x, axis=(1, 2)),
            gg.var(x, axis=0, correction=1), gg.mean(x),
        ),
        X,
    ),
    "products": (
        lambda x: (gg.einsum("bij,bkj->bik", x, x), gg.tensordot(x, x, axes=([1, 2], [1, 2]))), X,
    ),
    "norms": (lambda x: (gg.linalg.norm(x, axis=1), gg.logsumexp(x, axis=1)), X),
    "remainders": (lambda x: (x % 0.7, x // 0.7, x % -0.7, x // -0.3), X),
    "of integers": (lambda k: (k % 4, k // -3, k // 4, k**3, -k, k & 3, k | 4, k ^ 1, ~k), WHOLE),
    "of small integers": (
        lambda k: (k % 4, k // 3, gg.sum(k, axis=1), gg.max(k, axis=0), gg.where(k > 0, k, 1)),
        WHOLE.astype("int8"),
    ),
    "comparisons": (
        lambda k: (
            k < 2, k >= 3, k != 1, gg.maximum(k, 2), abs(k), gg.sign(k), k > gg.min(k),
        ),
        WHOLE,
    ),
    "repeats": (lambda x: (gg.repeat(x, 2, axis=1), gg.tile(x, (2, 1, 1))), X),
    "one_hot": (lambda i: gg.one_hot(i, 3, "float32"), PLACES),
    "triangle": (lambda x: (gg.triu(x), gg.tril(x, k=-1)), X),
    "gradient": (lambda x: gg.grad(lambda y: gg.sum(gg.tanh(y)))(x), X),
    "gradient of places": (cut, X),
    "of the batch size": (
        lambda x: (
            gg.zeros((x.shape[0], 2)) + gg.arange(x.shape[0])[:, None], x / x.shape[0],
            x * (1 / x.shape[0]), x * x.shape[0], x[:, 0] + np.zeros((x.shape[0], 12), "float32"),
            x[:, 0, :1] + np.full((x.shape[0], x.shape[0]), 0.5, "float32"),
        ),
        X,
    ),
    "activations": (
        lambda x: (gg.elu(x), gg.leaky_relu(x), gg.gelu(x), gg.silu(x), gg.softplus(x), gg.relu(x)),
        X,
    ),
    "softmax": (lambda x: (gg.softmax(x, axis=-1), gg.log_softmax(x, axis=1)), X),
    "cond": (lambda x: gg.cond(gg.sum(x) > 0, lambda: x * 2, lambda: -x), X),
    "nested": (nested, X),
    "scan": (
        lambda x: gg.scan(
            lambda c, y: (c + y, c * y), gg.zeros((x.shape[0], 12), dtype="float32"),
            gg.permute_dims(x, (1, 0, 2)),
        ),
        X,
    ),
    "scan the batch": (lambda x: gg.scan(lambda c, y: (c + y, c), x[0] * 0, x), X),
    "loop": (looped(False), X),
    "loop back": (looped(True), X),
    "searchsorted": (
        lambda x: (gg.searchsorted(SORTED, x), gg.searchsorted(SORTED, x, side="right")), X,
    ),
    "truths": (
        lambda x: (
            gg.any(x > 1, axis=1), gg.all(x > -1, axis=(1, 2)), gg.count_nonzero(x > 0, axis=1),
            gg.max(x > 0, axis=1), gg.sum(x > 0), gg.where(x > 0, x > 1, x < -1), gg.logical_not(x),
        ),
        X,
    ),
    "places of the largest": (
        lambda x: (gg.argmax(x, axis=1), gg.argmin(x), gg.argmax(x > 0, axis=2, keepdims=True)), X,
    ),
    "totals": (lambda x: (gg.sum(x, axis=0), gg.prod(x, axis=1), gg.max(x, axis=-1)), X),
    "joined": (lambda x: (gg.stack([x, 2 * x], axis=1), gg.concat([x, x], axis=0)), X),
    "shapes": (lambda x: (x.reshape(-1), x.reshape(-1, 4), gg.permute_dims(x, (2, 0, 1))), X),
    "writes": (filled, X),
    "writes at places": (chosen, X),
    "convolve": (
        lambda x: (gg.convolve(x[0, 0], SIGNAL), gg.correlate(x[0, 0], SIGNAL, mode="valid")), X,
    ),
    "losses": (lambda i, x: nn.softmax_cross_entropy(x[:, :, 0], i[:, 0]), PLACES, X),
    "pools": (
        lambda x: (
            nn.avg_pool1d(x, 3, stride=2, padding=1), nn.max_pool1d(x, 3),
            nn.adaptive_avg_pool1d(x, 5), nn.max_pool1d(x, 2, stride=1, padding=1),
        ),
        X,
    ),
    "filters": (
        lambda x: gg.grad(lambda w: gg.sum(nn.conv1d(x, w, padding=1) ** 2))(
            np.ones((2, 3, 3), "float32")
        ),
        X,
    ),
}  # fmt: skip
