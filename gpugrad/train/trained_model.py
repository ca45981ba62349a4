"""Using a trained model: from rows of features to predictions in the terms of its targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import gpugrad.tree as tree
from gpugrad.backends import Namespace, choose
from gpugrad.data import Dataset, Images, batch_bounds
from gpugrad.data.checks import as_array, checked_targets, checked_weights
from gpugrad.data.dataset import Rows
from gpugrad.errors import CheckpointError, DataError, InvalidArgument
from gpugrad.hints import command
from gpugrad.printable import counted, printable
from gpugrad.train.config import OWN, Settled, in_force
from gpugrad.train.description import Description
from gpugrad.train.folder import MODEL, RUN, RunFolder
from gpugrad.train.inputs import Given, as_rows_of_table, rows_of
from gpugrad.train.judging import Judged
from gpugrad.train.metrics import Record, Scores
from gpugrad.train.model import load_model, save_model
from gpugrad.train.network import Network
from gpugrad.train.run_data import Fitted
from gpugrad.train.saving import save_in
from gpugrad.train.scoring import outputs_of, rows_at_once
from gpugrad.train.tabular_data import targets_of
from gpugrad.train.tasks.task import Predictions, Task

if TYPE_CHECKING:
    from onnx import ModelProto

NAMED = 8
"""Classes or targets in one line."""

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
        state: What the network keeps beside its weights, such as running averages; `None` if
            nothing.

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
    network: Any
    fitted: Fitted
    backend: Namespace
    records: Sequence[Record] = ()
    state: Any = None

    def __repr__(self) -> str:
        config, rows = self.config, self.described.rows
        names = self.classes
        some = ", ".join(printable(name) for name in names[:NAMED]) + ", ..." * (len(names) > NAMED)
        layers = f" {'-'.join(map(str, config.hidden))}" if config.hidden else ""
        model = type(self.network).__name__ if config.model == OWN else config.model
        return (
            f"<TrainedModel: {config.task} of {some}, by {model}{layers} of rows of shape "
            f"{self.described.inputs.shape}, trained on {counted(rows[0], 'row')}>"
        )

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
    def load(
        cls, path: str | PathLike[str], backend: str = "auto", like: Any = None
    ) -> TrainedModel:
        """The model of the run in the folder `path`, or of `save`: the weights kept so far.

        Args:
            path: The folder.
            backend: `"auto"`, `"numpy"` or `"cupy"`.
            like: A model of your own, with the same structure and shapes as the one that was given
                to `fit`, where the folder has one of these: it says what the arrays belong to.

        Raises:
            CheckpointError: Where there is no model, or its files do not fit together.
            InvalidArgument: For a model of your own without `like`, and the other way round.
        """
        folder = RunFolder.open(path)
        described = Description.read(folder)
        config, target = described.config, described.target
        is_run = folder.kind == RUN
        again = command("train", "--resume", folder.path)
        if not folder.model.exists():
            lacks = "there is no model in it"
            raise CheckpointError(
                f"{folder.path}: {lacks} yet: no epoch was completed, or the file was removed. "
                f"Continue the run, which writes it, with: {again}" if is_run else
                f"{folder.path}: {lacks}: {folder.model.name} was removed; put back a copy"
            )
        if (like is None) == (config.model == OWN):
            given = "it is of a class of your own" if like is None else "it is one of gpugrad"
            way = "as like=model" if like is None else "without like="
            raise InvalidArgument(
                f"{folder.path}: {given}; load it in a program {way}, with TrainedModel.load"
            )
        chosen = choose(in_force(backend))
        outputs = config.kind.outputs(target)
        try:
            found, fitted = load_model(folder, config, described.inputs, outputs, chosen, like)
        except CheckpointError as error:
            raise CheckpointError(
                f"{error}. The last checkpoint has the weights, too; write the model anew with: "
                f"{again}" if is_run else f"{error}. Put back a copy of the file"
            ) from error
        return cls(described, found.model, fitted, chosen, state=found.state)

    def save(self, path: str | PathLike[str], *, overwrite: bool = False) -> None:
        """Writes the model into the folder `path`, which is made, for `load` and the command line.

        It holds no checkpoint, so that no training can be continued there.

        Args:
            path: The folder.
            overwrite: Whether to replace a model that was saved there before. A run, or any other
                file, is never replaced.

        Raises:
            CheckpointError: Where there is something in the folder already.
        """
        def write(folder: RunFolder) -> None:
            self.described.write(folder, str(self.backend.device), MODEL)
            folder.metrics.write(record.to_json() for record in self.records)
            save_model(folder, Network(self.network, self.state), self.fitted, self.backend)

        save_in(path, overwrite, write)

    def to_onnx(
        self, path: str | PathLike[str] | None = None, *, dtype: str = "float64"
    ) -> ModelProto:
        """The model for onnxruntime and others to run, and its file if `path` is given.

        Its input `features` are rows as they come, (rows, ...), of any number. Of a model of tables
        they are what `encoded` makes of one, in the order of the names in the metadata. The output
        `prediction` is what `predict` gives, and `probabilities` what `predict_proba` gives, if the
        task has any. In its metadata are, as JSON, the names of classes or targets; of a model of
        tables, the names of the features and how columns become these, as `encoder`; and of one of
        images, the range of those that it was trained on, as `pixels`.

        Args:
            path: The file, which appears whole or not at all.
            dtype: That of the features: "float64" or "float32"; whole numbers are "int64".

        Returns:
            An `onnx.ModelProto`.

        Raises:
            BackendUnavailable: If onnx cannot be imported.
            InvalidArgument: For another dtype.
        """
        from gpugrad.train.exporting import exported

        model, state = tree.map(self.backend.to_numpy, (self.network, self.state))
        return exported(self.described, Network(model, state), self.fitted, path, dtype)

    def predict(self, x: Given, *, unknown: str | None = None) -> np.ndarray:
        """A prediction for each row of `x`, as the targets of the training data were.

        Labels (rows,), 0 and 1 (rows, labels), or numbers in the units of the targets, (rows,) or
        (rows, targets).

        Args:
            x: Rows as those that were learned from: an array, or a table whose columns may be in
                order, and of which columns that are no features are not looked at.
            unknown: What becomes of a category in a table that the training rows do not have.
                `"ignore"` counts it as none of those that were learned, `"refuse"` raises an error;
                `None` is what the model was trained with.

        Raises:
            DataError: If the rows do not have the features that the model was trained on.
            InvalidArgument: For `unknown` where the model takes no tables.
        """
        return self.task.decoded(self.predictions(x, unknown).values, self.described.target)

    def predict_proba(self, x: Given, *, unknown: str | None = None) -> NDArray[np.float64]:
        """The probability of each class, (rows, classes), or that each label holds.

        Rows and `unknown` are those of `predict`.

        Raises:
            InvalidArgument: For a regression, which has none.
            DataError: If the rows do not have the features that the model was trained on.
        """
        shares = self.predictions(x, unknown).shares
        if shares is None:
            raise InvalidArgument(
                f"a model for the task {self.task.name} gives no probabilities; use predict(x)"
            )
        return shares

    def evaluate(
        self,
        x: Given,
        y: Any = None,
        sample_weight: np.ndarray | None = None,
        *,
        unknown: str | None = None,
    ) -> Scores:
        """The metrics of the task on rows with targets, as in the report of a run.

        Without `y`, the targets are those columns of the table `x` that were targets in training,
        or those that `gpugrad.data.read_images` or `load` gave with the rows. `unknown` is that of
        `predict`.

        Raises:
            DataError: For rows, targets or weights that do not fit the model or each other.
        """
        if y is None:
            x, y = self._with_targets(x)
        encoded = self.encoded(x, unknown=unknown)
        rows = len(encoded)
        y = checked_targets(GIVEN, as_array(GIVEN, "y", y), rows)
        weight = sample_weight
        if weight is not None:
            weight = checked_weights(GIVEN, as_array(GIVEN, "sample_weight", weight), rows)
        true = self.task.encode(GIVEN, y, self.described.target)
        judged = Judged(GIVEN, np.arange(rows), true, self.predictions_of(encoded), weight)
        return judged.scores(self.task, self.classes)

    def _with_targets(self, x: Given) -> tuple[Given, Any]:
        """Rows that come with their targets, and these."""
        config = self.config
        y: Any = None
        if isinstance(x, Images):
            y = x.target and x.target.values
        elif isinstance(x, Dataset):
            y = x.y
        if y is None and config.target and self.described.inputs.encoder is not None:
            x = as_rows_of_table(rows_of(x), GIVEN)
            y = targets_of(x, config.target, config.categorical)
        if y is None:
            raise DataError(f"{GIVEN}: there is no y to compare with; give evaluate(x, y)")
        return x, y

    def predictions(self, x: Given, unknown: str | None = None) -> Predictions:
        """What the task makes of the outputs for each row of `x`."""
        return self.predictions_of(self.encoded(x, unknown=unknown))

    def encoded(self, x: Given, name: str = GIVEN, unknown: str | None = None) -> Rows:
        """Rows as arrays, not yet scaled; `name` is what they are called in errors."""
        return self.described.inputs.encoded(x, name, unknown)

    def predictions_of(self, x: Rows) -> Predictions:
        """The same for rows that are encoded."""
        return self.task.predictions(self.outputs(x), self.fitted.targets)

    def outputs(self, x: Rows, dtype: str | None = None) -> NDArray[np.float64]:
        """What the network gives for encoded rows, (rows, outputs).

        It is computed in `dtype`; `None` is that of the weights. Rows that the latter cannot hold
        are refused either way, because the network has seen none like these.
        """
        inputs, scaling = self.described.inputs, self.fitted.features
        parts = (self.network, self.state)
        network = Network(*(parts if dtype is None else tree.cast(parts, dtype)))
        own = self.config.dtype
        dtype = own if dtype is None else dtype

        def ready(rows: np.ndarray) -> np.ndarray:
            found = inputs.ready(rows, scaling, dtype)
            if dtype != own and not np.abs(found).max(initial=0.0) <= np.finfo(own).max:
                inputs.ready(rows, scaling, own)    # says what is wrong
            return found

        batches = (
            self.backend.asarray(ready(x[start:stop]))
            for start, stop in batch_bounds(len(x), rows_at_once(x.shape))
        )
        return outputs_of(network, batches, self.backend)
