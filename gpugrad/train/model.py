"""The model of a run: made from settings, saved with all that a prediction needs, loaded again."""

from __future__ import annotations

from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

import gpugrad.nn as nn
import gpugrad.tree as tree
from gpugrad.backends import Namespace, use_backend
from gpugrad.data import Standardiser
from gpugrad.errors import CheckpointError
from gpugrad.train.config import OWN, Config, Settled
from gpugrad.train.convnet import channels_for, convnet, most_products, size_of_convnet
from gpugrad.train.fields import LARGEST
from gpugrad.train.folder import FORMAT, RunFolder
from gpugrad.train.inputs import Inputs
from gpugrad.train.network import Network, first_state
from gpugrad.train.run_data import Fitted
from gpugrad.train.tensors import (
    Tensors,
    check_empty,
    from_tensors,
    read_arrays,
    take,
    to_tensors,
    write_tensors,
)

HIDDEN = (128, 64)
"""The hidden layers of an MLP by default."""


def default_widths(config: Config, inputs: Inputs) -> tuple[int, ...]:
    """The widths of the hidden layers, or channels of stages, that suit a model for such rows."""
    if config.model == "mlp":
        return HIDDEN
    return channels_for(*inputs.shape[1:]) if config.model == "convnet" else ()


def make_model(config: Settled, inputs: Inputs, outputs: int, backend: Namespace) -> Any:
    """The untrained network: drawn by seed on the host, so that all backends start equal."""
    with use_backend(backend.name):
        if config.model == "convnet":
            return convnet(
                inputs.shape, config.hidden, outputs, config.activation, config.seed, config.dtype
            )
        sizes = [inputs.numbers, *config.hidden, outputs]
        mlp = nn.MLP(sizes, activation=config.activation, rng=config.seed, dtype=config.dtype)
        return mlp if len(inputs.shape) == 1 else nn.Sequential([nn.Flatten(), mlp])


def start_state(model: Any, backend: Namespace) -> Any:
    """The state that the model starts from, if it has any, on the device."""
    with use_backend(backend.name):
        return first_state(model)


def size_of_model(config: Config, inputs: Inputs, outputs: int) -> int:
    """How many numbers its weights are, before it is made."""
    widths = config.hidden or ()
    if config.model == "convnet":
        return size_of_convnet(inputs.shape, widths, outputs)
    sizes = [inputs.numbers, *widths, outputs]
    return sum((before + 1) * after for before, after in pairwise(sizes))


def products_of(config: Config, inputs: Inputs, outputs: int) -> int:
    """How many products of numbers the largest layer has for a row, as far as it is known."""
    if config.model == OWN:
        return LARGEST
    widths = config.hidden or ()
    if config.model == "convnet":
        return most_products(inputs.shape, widths)
    sizes = [inputs.numbers, *widths, outputs]
    return max(before * after for before, after in pairwise(sizes))


def save_model(folder: RunFolder, network: Network, fitted: Fitted, backend: Namespace) -> None:
    """Writes the weights, the state and all that was fitted to the training rows."""
    tensors = to_tensors("model", network.model, backend)
    tensors |= to_tensors("state", network.state, backend)
    for name, standardiser in asdict(fitted).items():
        if standardiser is not None:
            tensors |= {f"{name}.{part}": array for part, array in standardiser.items()}
    write_tensors(folder.model, tensors, {"format": FORMAT, "run": folder.run})


def load_model(
    folder: RunFolder,
    config: Settled,
    inputs: Inputs,
    outputs: int,
    backend: Namespace,
    like: Any = None,
) -> tuple[Network, Fitted]:
    """The model that `save_model` wrote, or somebody else with arrays of the same names.

    `like` is a model of the same structure and shapes, where that is one of a program.

    `CheckpointError` if an array is missing, foreign or not finite, or the file is damaged or of
    another run.
    """
    path = folder.model
    tensors, notes = read_arrays(path)
    if notes is not None:                           # of somebody else's file there are none
        folder.check_run(notes)
        notes.end()
    if config.model != OWN:                         # before a model of that size is made
        _check_size(tensors, config, inputs, outputs, path)
        like = make_model(config, inputs, outputs, backend)
    for name, array in tensors.items():
        if not np.isfinite(array).all():
            raise CheckpointError(f"{path}: the array {name} holds numbers that are not finite")
    model = from_tensors("model", like, tensors, backend, path)
    state = from_tensors("state", start_state(like, backend), tensors, backend, path)
    _check_variances(state, backend, path)
    features = targets = None
    if inputs.scaled:
        features = _standardiser(tensors, "features", inputs.scales, path)
    if config.kind.scaled:
        targets = _standardiser(tensors, "targets", (outputs,), path)
    check_empty(tensors, path)
    return Network(model, state), Fitted(features, targets)


def _standardiser(
    tensors: Tensors, name: str, shape: tuple[int, ...], path: Path
) -> Standardiser:
    mean, scale = (
        take(tensors, f"{name}.{part}", shape, str(np.dtype(np.float64)), path)
        for part in ("mean", "scale")
    )
    if not (scale > 0).all():
        raise CheckpointError(f"{path}: the array {name}.scale is not above 0 everywhere")
    return Standardiser(mean, scale)


def _check_variances(state: Any, backend: Namespace, path: Path) -> None:
    """`CheckpointError` for a running variance below 0, of which a layer would take the root."""
    for place, array in zip(tree.paths(state), tree.leaves(state), strict=True):
        if place.endswith("variance") and (backend.to_numpy(array) < 0).any():
            raise CheckpointError(f"{path}: the state{place} holds a variance below 0")


def _check_size(
    tensors: Tensors, config: Settled, inputs: Inputs, outputs: int, path: Path
) -> None:
    found = sum(array.size for name, array in tensors.items() if name.startswith("model."))
    wanted = size_of_model(config, inputs, outputs)
    if found != wanted:
        sizes = ", ".join(map(str, [*inputs.shape, *config.hidden, outputs]))
        raise CheckpointError(
            f"{path}: its weights are {found:,} numbers; expected {wanted:,}, for layers of "
            f"{sizes}"
        )
