"""Layers and optimisers of arrays of bfloat16 give bfloat16: nothing widens them on the way.

NumPy does by itself: an array of bfloat16 times a number of Python is float32 there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from bfloat16_cases import BFLOAT16

import gpugrad as gg
from gpugrad import nn, optim
from gpugrad.nn.layer import called, form_of

RNG = np.random.default_rng(0)
KEY = gg.random.key(0)


def numbers(*shape: int) -> Any:
    return RNG.normal(size=shape).astype(BFLOAT16)


IMAGES, SERIES, ROWS = numbers(2, 3, 8, 8), numbers(2, 3, 8), numbers(4, 8)
AS: dict[str, str] = {"dtype": "bfloat16"}

LAYERS: dict[str, tuple[Callable[..., Any], Any]] = {
    "AdaptiveAvgPool1d": (nn.AdaptiveAvgPool1d(3), SERIES),
    "AdaptiveAvgPool2d": (nn.AdaptiveAvgPool2d(3), IMAGES),
    "AvgPool1d": (nn.AvgPool1d(2), SERIES),
    "AvgPool2d": (nn.AvgPool2d(2), IMAGES),
    "BatchNorm1d": (nn.BatchNorm1d(8, **AS), ROWS),
    "BatchNorm2d": (nn.BatchNorm2d(3, **AS), IMAGES),
    "Conv1d": (nn.Conv1d(3, 4, 3, **AS), SERIES),
    "Conv2d": (nn.Conv2d(3, 4, 3, **AS), IMAGES),
    "ConvTranspose1d": (nn.ConvTranspose1d(3, 4, 3, **AS), SERIES),
    "ConvTranspose2d": (nn.ConvTranspose2d(3, 4, 3, **AS), IMAGES),
    "Dropout": (nn.Dropout(0.5), ROWS),
    "Embedding": (nn.Embedding(5, 8, **AS), np.array([[1, 2]])),
    "Flatten": (nn.Flatten(), IMAGES),
    "GRU": (nn.GRU(8, 4, layers=2, dropout=0.1, **AS), SERIES),
    "GRUCell": (nn.GRUCell(8, 4, **AS), ROWS),
    "GroupNorm": (nn.GroupNorm(1, 3, **AS), IMAGES),
    "LSTM": (nn.LSTM(8, 4, bidirectional=True, **AS), SERIES),
    "LSTMCell": (nn.LSTMCell(8, 4, **AS), ROWS),
    "LayerNorm": (nn.LayerNorm(8, **AS), ROWS),
    "Linear": (nn.Linear(8, 3, **AS), ROWS),
    "MLP": (nn.MLP([8, 4, 2], **AS), ROWS),
    "MaxPool1d": (nn.MaxPool1d(2), SERIES),
    "MaxPool2d": (nn.MaxPool2d(2), IMAGES),
    "MultiheadAttention": (nn.MultiheadAttention(8, 2, rotary=True, dropout=0.1, **AS), SERIES),
    "RMSNorm": (nn.RMSNorm(8, **AS), ROWS),
    "RNN": (nn.RNN(8, 4, **AS), SERIES),
    "RNNCell": (nn.RNNCell(8, 4, **AS), ROWS),
    "Residual": (nn.Residual(nn.Linear(8, 8, **AS)), ROWS),
    "Sequential": (
        nn.Sequential(nn.Linear(8, 8, **AS), *nn.ACTIVATIONS, nn.BatchNorm1d(8, **AS)), ROWS,
    ),
    "TransformerBlock": (nn.TransformerBlock(8, 2, dropout=0.1, causal=True, **AS), SERIES),
}  # fmt: skip

PARAMS = {"bias": numbers(3), "weight": numbers(4, 3)}
OPTIMIZERS: dict[str, optim.Optimizer] = {
    name: named.make(0.01) if named.weight_decay is None else named.make(0.01, weight_decay=0.1)
    for name, named in optim.OPTIMIZERS.items()
} | {
    "adadelta": optim.adadelta(),
    "adam, scheduled": optim.adam(optim.cosine(0.1, 10), nesterov=True, amsgrad=True),
    "adamw of weights": optim.adamw(0.1, mask=lambda path, leaf: leaf.ndim > 1),
    "add_decayed_weights": optim.add_decayed_weights(0.1),
    "apply_if_finite": optim.apply_if_finite(optim.adam(0.1), 3),
    "average_params": optim.average_params(optim.sgd(0.1)),
    "clip": optim.clip(0.1),
    "clip_by_block_rms": optim.clip_by_block_rms(1.0),
    "clip_by_global_norm": optim.clip_by_global_norm(1.0),
    "ema": optim.ema(0.9),
    "multi_steps": optim.multi_steps(optim.adam(0.1), 2),
    "scale": optim.scale(0.3),
    "scale_by_param_block_rms": optim.scale_by_param_block_rms(),
    "scale_by_rms": optim.scale_by_rms(centered=True),
    "scale_by_rss": optim.scale_by_rss(),
    "scale_by_schedule": optim.scale_by_schedule(lambda step: 0.1),
    "scale_by_trust_ratio": optim.scale_by_trust_ratio(),
    "trace": optim.trace(0.9),
}  # fmt: skip

WAYS = pytest.mark.parametrize("engine", ["eager", "numpy", "native"])


def compiled(f: Callable[..., Any], engine: str) -> Callable[..., Any]:
    return f if engine == "eager" else gg.jit(f, engine=engine)


def dtypes(values: Any) -> set[str]:
    """Those of the floating arrays in a tree."""
    found = {str(x.dtype) for x in gg.tree.leaves(values) if hasattr(x, "dtype")}
    return {name for name in found if "float" in name}


def test_each_layer_is_here() -> None:
    kinds = {name for name in nn.__all__ if "__call__" in dir(getattr(nn, name))
             and isinstance(getattr(nn, name), type)}  # fmt: skip
    assert kinds == LAYERS.keys()


@WAYS
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer(name: str, training: bool, engine: str) -> None:
    layer, x = LAYERS[name]
    form = form_of(layer)
    state = layer.init_state() if form.state else None  # type: ignore[attr-defined]
    key = KEY if training else None

    def loss(layer: Any, x: Any) -> Any:
        found = called(layer, form, x, state, key, training)
        return sum(gg.sum(gg.astype(y, "float32")) for y in gg.tree.leaves(found[0])), found

    both = gg.value_and_grad(loss, argnums=(0, 1) if x.dtype == BFLOAT16 else 0, has_aux=True)
    if not gg.tree.leaves(layer):
        both = gg.value_and_grad(lambda layer, x: loss(layer, x), argnums=1, has_aux=True)
    (_, (y, after)), slopes = compiled(both, engine)(layer, x)
    assert dtypes(y) == dtypes(slopes) == {"bfloat16"}
    assert dtypes(after) == dtypes(state) <= {"float32"}    # too narrow for running averages


@WAYS
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimiser(name: str, engine: str) -> None:
    opt = OPTIMIZERS[name]

    def step(params: Any, state: Any) -> Any:
        updates, state = opt.update(PARAMS, state, params)
        return updates, optim.apply_updates(params, updates), state

    begun, step = opt.init(PARAMS), compiled(step, engine)
    _, params, state = step(PARAMS, begun)
    updates, params, state = step(params, state)
    assert dtypes(updates) == dtypes(params) == {"bfloat16"}
    assert dtypes(state) == dtypes(begun)
