"""The model of a run: made from settings, saved with all that a prediction needs, loaded again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gpugrad import nn
from gpugrad.backends import Namespace, use_backend
from gpugrad.data import Standardiser
from gpugrad.train.config import Config
from gpugrad.train.folder import FORMAT, RunFolder
from gpugrad.train.tensors import (
    check_empty,
    from_tensors,
    read_tensors,
    take,
    to_tensors,
    write_tensors,
)

Model = Any


def make_model(config: Config, sizes: Sequence[int], backend: Namespace) -> Model:
    """The untrained network: drawn by seed on the host, so that all backends start equal."""
    with use_backend(backend.name):
        return nn.MLP(sizes, activation=config.activation, rng=config.seed, dtype=config.dtype)


def save_model(
    folder: RunFolder, model: Model, standardiser: Standardiser, backend: Namespace
) -> None:
    """Writes the weights and the statistics that the features were standardised with."""
    tensors = to_tensors("model", model, backend)
    tensors["standardiser.mean"] = standardiser.mean
    tensors["standardiser.scale"] = standardiser.scale
    write_tensors(folder.model, tensors, {"format": FORMAT})


def load_model(
    folder: RunFolder, config: Config, sizes: Sequence[int], backend: Namespace
) -> tuple[Model, Standardiser]:
    """The model that `save_model` wrote; `CheckpointError` if an array is missing or foreign."""
    path = folder.model
    tensors, _ = read_tensors(path)
    model = from_tensors("model", make_model(config, sizes, backend), tensors, backend, path)
    shape = (sizes[0],)
    mean, scale = (
        take(tensors, f"standardiser.{name}", shape, str(np.dtype(np.float64)), path)
        for name in ("mean", "scale")
    )
    check_empty(tensors, path)
    return model, Standardiser(mean, scale)
