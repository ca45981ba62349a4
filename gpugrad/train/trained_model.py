"""Using a trained model: from rows of features to predictions in the terms of its targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

import gpugrad.tree as tree
from gpugrad.backends import Namespace, choose
from gpugrad.data import FileRows, batch_bounds
from gpugrad.data.checks import checked_features, checked_targets, checked_weights
from gpugrad.errors import CheckpointError, DataError, InvalidArgument
from gpugrad.hints import command
from gpugrad.train.config import Settled, in_force
from gpugrad.train.description import Description
from gpugrad.train.folder import RunFolder
from gpugrad.train.judging import Judged
from gpugrad.train.lock import locked
from gpugrad.train.metrics import Record, Scores
from gpugrad.train.model import load_model, save_model
from gpugrad.train.run_data import Fitted
from gpugrad.train.scoring import EVALUATION_BATCH, outputs_of
from gpugrad.train.tasks.task import Model, Predictions, Task

GIVEN = "the data"
"""What arrays are called in errors that come without a name."""


@dataclass(frozen=True)
class TrainedModel:
    """A network with all that it takes to use it, as `fit` returns it or a run leaves it.

    Args:
        described: The settings, of which none is left open, and what the data were.
        network: From scaled rows to outputs: a pytree of weights.
        fitted: How features are scaled, and the targets of a regression.
        backend: The array library that computes.
        records: What was measured after each epoch.

    Example:
        >>> from gpugrad.train import fit
        >>> x = np.linspace(-1.0, 1.0, 200)[:, None]
        >>> model = fit(x, np.where(x[:, 0] > 0, "right", "left"), epochs=20, backend="numpy")
        >>> model.task.name, model.classes
        ('binary', ('left', 'right'))
        >>> model.predict(np.array([[-0.5], [0.5]])).tolist()
        ['left', 'right']
    """

    described: Description
    network: Model
    fitted: Fitted
    backend: Namespace
    records: Sequence[Record] = field(default=(), repr=False)

    def __getstate__(self) -> dict[str, Any]:
        """What is copied and pickled: the library of arrays goes by its name."""
        return {**vars(self), "backend": self.backend.name}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update({**state, "backend": choose(state["backend"])})

    @property
    def config(self) -> Settled:
        """The settings."""
        return self.described.config

    @property
    def task(self) -> Task:
        """What it was trained for."""
        return self.config.kind

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes; for labels that hold or do not, and for numbers, of these."""
        return self.described.target.names

    @classmethod
    def load(cls, path: str | PathLike[str], backend: str = "auto") -> TrainedModel:
        """The model of the run in the folder `path`, or of `save`: the weights kept so far.

        Raises `CheckpointError` where there is no model or its files do not fit together.
        """
        folder = RunFolder.open(path)
        described = Description.read(folder)
        config, target = described.config, described.target
        if not folder.model.exists():
            raise CheckpointError(
                f"{folder.path}: there is no model in it yet: no epoch was completed, or the file "
                "was removed. Continue the run, which writes it, with: "
                f"{command('train', '--resume', folder.path)}"
            )
        chosen = choose(in_force(backend))
        sizes = [described.features, *config.hidden, config.kind.outputs(target)]
        try:
            network, fitted = load_model(folder, config, sizes, chosen)
        except CheckpointError as error:
            raise CheckpointError(
                f"{error}. The last checkpoint has the weights, too; write the model anew with: "
                f"{command('train', '--resume', folder.path)}"
            ) from error
        return cls(described, network, fitted, chosen)

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the model into the folder `path`, which is made, for `load` and the command line.

        `CheckpointError` where there is something in it already. It holds no checkpoint, so that it
        cannot be resumed.
        """
        folder = RunFolder.make(path)
        with locked(folder.path):
            folder.check_empty()
            self.described.write(folder, str(self.backend.device))
            folder.metrics.write(record.to_json() for record in self.records)
            save_model(folder, self.network, self.fitted, self.backend)

    def predict(self, x: np.ndarray | FileRows) -> np.ndarray:
        """A prediction for each row of `x`, as the targets of the training data were.

        Labels (rows,), 0 and 1 (rows, labels), or numbers in the units of the targets, (rows,) or
        (rows, targets).

        Raises:
            DataError: If the rows do not have the features that the model was trained on.
        """
        return self.task.decoded(self.predictions(x).values, self.described.target)

    def predict_proba(self, x: np.ndarray | FileRows) -> NDArray[np.float64]:
        """The probability of each class, (rows, classes), or that each label holds.

        Raises:
            InvalidArgument: For a regression, which has none.
            DataError: If the rows do not have the features that the model was trained on.
        """
        shares = self.predictions(x).shares
        if shares is None:
            raise InvalidArgument(
                f"a model for the task {self.task.name} gives no probabilities; use predict(x)"
            )
        return shares

    def evaluate(
        self, x: np.ndarray | FileRows, y: np.ndarray, sample_weight: np.ndarray | None = None
    ) -> Scores:
        """The metrics of the task on rows with targets, as in the report of a run.

        Raises:
            DataError: For rows, targets or weights that do not fit the model or each other.
        """
        rows = len(x)
        y = checked_targets(GIVEN, np.asarray(y), rows)
        weight = sample_weight
        if weight is not None:
            weight = checked_weights(GIVEN, np.asarray(weight), rows)
        encoded = self.task.encode(GIVEN, y, self.described.target)
        return Judged(GIVEN, np.arange(rows), encoded, self.predictions(x), weight).scores(
            self.task
        )

    def predictions(self, x: np.ndarray | FileRows) -> Predictions:
        """What the task makes of the outputs for each row of `x`."""
        return self.task.predictions(self.outputs(x), self.fitted.targets)

    def outputs(
        self, x: np.ndarray | FileRows, dtype: str | None = None
    ) -> NDArray[np.float64]:
        """What the network gives for each row of `x`, (rows, outputs), computed in that dtype."""
        features = self.described.features
        if not isinstance(x, FileRows):
            x = np.asarray(x)
        if x.ndim != 2 or x.shape[1] != features:
            raise DataError(
                f"the data have shape {x.shape}; wanted is (rows, {features}), "
                "the features that the model was trained on"
            )
        if not isinstance(x, FileRows):
            x = checked_features(GIVEN, x)
        dtype = self.config.dtype if dtype is None else dtype
        batches = (
            self.backend.asarray(self.fitted.features.apply(x[start:stop], dtype))
            for start, stop in batch_bounds(len(x), EVALUATION_BATCH)
        )
        return outputs_of(tree.cast(self.network, dtype), batches, self.backend)
