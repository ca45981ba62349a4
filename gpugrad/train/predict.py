"""Using a trained model: from a run folder and rows of features to classes and probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from gpugrad.backends import Namespace, choose
from gpugrad.data import FileRows, Standardiser, batch_bounds
from gpugrad.errors import CheckpointError, DataError
from gpugrad.hints import command
from gpugrad.train.config import Config, in_force
from gpugrad.train.description import Description
from gpugrad.train.folder import RunFolder
from gpugrad.train.model import load_model
from gpugrad.train.scoring import EVALUATION_BATCH, probabilities
from gpugrad.train.tasks import Model


@dataclass(frozen=True)
class Classifier:
    """A trained model with the names of its classes and the scaling of its features."""

    config: Config
    features: int
    classes: tuple[str, ...]
    fingerprint: str  # of the data that it was trained on
    model: Model
    standardiser: Standardiser
    backend: Namespace

    @classmethod
    def load(cls, path: str | PathLike[str], backend: str = "auto") -> Classifier:
        """The model of the run in the folder `path`: the weights kept, or those so far.

        Raises `CheckpointError` where there is no model or its files do not fit together.
        """
        folder = RunFolder.open(path)
        described = Description.read(folder)
        config, features, classes = described.config, described.features, described.classes
        if not folder.model.exists():
            raise CheckpointError(
                f"{folder.path}: there is no model in it yet: no epoch was completed, or the file "
                "was removed. Continue the run, which writes it, with: "
                f"{command('train', '--resume', folder.path)}"
            )
        chosen = choose(in_force(backend))
        sizes = [features, *config.hidden, len(classes)]
        try:
            model, standardiser = load_model(folder, config, sizes, chosen)
        except CheckpointError as error:
            raise CheckpointError(
                f"{error}. The last checkpoint has the weights, too; write the model anew with: "
                f"{command('train', '--resume', folder.path)}"
            ) from error
        fingerprint = described.fingerprint
        return cls(config, features, classes, fingerprint, model, standardiser, chosen)

    def __call__(self, x: np.ndarray | FileRows) -> NDArray[np.float64]:
        """The probability of each class for each row of `x`: (n, features) to (n, classes).

        `DataError` if the rows do not have the features that the model was trained on.
        """
        if x.ndim != 2 or x.shape[1] != self.features:
            raise DataError(
                f"the data have shape {x.shape}; wanted is (rows, {self.features}), "
                "the features that the model was trained on"
            )
        batches = (
            self.backend.asarray(self.standardiser.apply(x[start:stop], self.config.dtype))
            for start, stop in batch_bounds(len(x), EVALUATION_BATCH)
        )
        return probabilities(self.model, batches, self.backend)
