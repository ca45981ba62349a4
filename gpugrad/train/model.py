"""The model of a run: made from settings, saved with all that a prediction needs, loaded again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import numpy as np

import gpugrad.nn as nn
from gpugrad.backends import Namespace, use_backend
from gpugrad.data import Standardiser
from gpugrad.errors import CheckpointError
from gpugrad.train.config import Settled
from gpugrad.train.folder import FORMAT, RunFolder
from gpugrad.train.run_data import Fitted
from gpugrad.train.tasks.task import Model
from gpugrad.train.tensors import (
    Tensors,
    check_empty,
    from_tensors,
    read_arrays,
    take,
    to_tensors,
    write_tensors,
)


def make_model(config: Settled, sizes: Sequence[int], backend: Namespace) -> nn.MLP:
    """The untrained network: drawn by seed on the host, so that all backends start equal."""
    with use_backend(backend.name):
        return nn.MLP(sizes, activation=config.activation, rng=config.seed, dtype=config.dtype)


def save_model(folder: RunFolder, model: Model, fitted: Fitted, backend: Namespace) -> None:
    """Writes the weights and all that was fitted to the training rows."""
    tensors = to_tensors("model", model, backend)
    for name, standardiser in asdict(fitted).items():
        if standardiser is not None:
            tensors |= {f"{name}.{part}": array for part, array in standardiser.items()}
    write_tensors(folder.model, tensors, {"format": FORMAT})


def load_model(
    folder: RunFolder, config: Settled, sizes: Sequence[int], backend: Namespace
) -> tuple[nn.MLP, Fitted]:
    """The model that `save_model` wrote, or somebody else with arrays of the same names.

    `CheckpointError` if an array is missing, foreign or not finite, or the file is damaged.
    """
    path = folder.model
    tensors = read_arrays(path)
    _check_size(tensors, sizes, path)               # before a model of that size is made
    for name, array in tensors.items():
        if not np.isfinite(array).all():
            raise CheckpointError(f"{path}: the array {name} holds numbers that are not finite")
    model = from_tensors("model", make_model(config, sizes, backend), tensors, backend, path)
    features = _standardiser(tensors, "features", sizes[0], path)
    targets = None
    if config.kind.scaled:
        targets = _standardiser(tensors, "targets", sizes[-1], path)
    check_empty(tensors, path)
    return model, Fitted(features, targets)


def _standardiser(tensors: Tensors, name: str, columns: int, path: Path) -> Standardiser:
    mean, scale = (
        take(tensors, f"{name}.{part}", (columns,), str(np.dtype(np.float64)), path)
        for part in ("mean", "scale")
    )
    if not (scale > 0).all():
        raise CheckpointError(f"{path}: the array {name}.scale is not above 0 everywhere")
    return Standardiser(mean, scale)


def _check_size(tensors: Tensors, sizes: Sequence[int], path: Path) -> None:
    found = sum(array.size for name, array in tensors.items() if name.startswith("model."))
    wanted = sum((before + 1) * after for before, after in pairwise(sizes))
    if found != wanted:
        raise CheckpointError(
            f"{path}: its weights are {found:,} numbers; wanted are {wanted:,}, for layers of "
            f"{', '.join(map(str, sizes))}"
        )
