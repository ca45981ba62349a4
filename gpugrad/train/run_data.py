"""The data of a run: split, and what is fitted to the training rows applied to all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gpugrad import data
from gpugrad.backends import Namespace
from gpugrad.data import PARTS, Dataset, FileRows, ImageRows, Split, Standardiser, Table
from gpugrad.data.dataset import Rows
from gpugrad.errors import DataError, InvalidArgument
from gpugrad.train.config import Config
from gpugrad.train.inputs import Inputs
from gpugrad.train.loading import of_the_first
from gpugrad.train.parts import FilePart, Part
from gpugrad.train.pixels import Pixels
from gpugrad.train.tabular_data import called, fitted_encoder
from gpugrad.train.target import Target
from gpugrad.train.tasks.task import Totals
from gpugrad.train.weights import row_weights


@dataclass(frozen=True)
class Fitted:
    """All that was fitted to the training rows, for rows to become inputs, and outputs numbers.

    A table is encoded first, as `Inputs` say.

    Args:
        features: How features are scaled, if they are.
        targets: How targets are scaled, if they are.
    """

    features: Standardiser | None
    targets: Standardiser | None


@dataclass(frozen=True)
class RunData:
    """The three parts, of which some may be empty, and what they were made of on the host."""

    dataset: Dataset
    inputs: Inputs
    x: Rows  # of all parts, encoded and not yet scaled
    target: Target
    encoded: np.ndarray  # the targets, as `Task.encode` makes them
    rows: Split
    fitted: Fitted
    dtype: str  # of standardised features
    train: Part | FilePart
    validation: Part | FilePart
    test: Part | FilePart

    def parts(self) -> dict[str, Part | FilePart]:
        """The parts that have rows, by name."""
        found = {name: getattr(self, name) for name in PARTS}
        return {name: part for name, part in found.items() if len(part)}


def make_run_data(config: Config, dataset: Dataset, backend: Namespace) -> RunData:
    """Splits, and encodes and scales by the training rows alone.

    Raises:
        DataError: For targets that do not suit the task, or too few rows.
    """
    task, y = config.kind, dataset.y
    assert y is not None
    source = called(config.dataset, dataset.columns)
    target = task.target(source, dataset)
    encoded = task.encode(source, y, target)
    classes = task.classes(encoded)
    rows = split_rows(config, dataset, classes, target.names)
    if config.compares and not len(rows.validation):
        raise InvalidArgument(
            f"{config.compares}, but there are no validation rows, so that no epoch is the best; "
            "give some, as by `validation=0.1`, or leave that setting out"
        )
    weights = row_weights(config, dataset, classes, rows.train)
    x, inputs = _encoded(config, dataset, rows.train)
    dtype = config.dtype
    scaling = task.scaling(encoded, rows.train)
    if scaling is not None:
        ready = scaling.apply(encoded, dtype, "targets")
    else:
        ready = encoded if encoded.dtype == np.int64 else encoded.astype(dtype)
    standardiser: Standardiser | None = None
    if not isinstance(x, np.ndarray):
        if inputs.scaled:
            standardiser = of_the_first(partial(_fitted, x, rows.train, dtype))
    else:
        if inputs.scaled:
            standardiser = Standardiser.fit(x, rows.train)
        z = inputs.ready(x, standardiser, dtype)

    def part(numbers: np.ndarray, name: str) -> Part | FilePart:
        mine = None if weights is None else weights.of(numbers, learned=name == "training")
        w = None if mine is None else mine.astype(dtype)
        totals = _totals(f"{config.dataset}: all {name}", ready[numbers], w)
        if not isinstance(x, np.ndarray):
            return FilePart(
                x, numbers, ready[numbers], w, totals, inputs, standardiser, dtype, backend
            )
        on_device = None if w is None else backend.asarray(w)
        return Part(
            backend.asarray(z[numbers]), backend.asarray(ready[numbers]), on_device, totals
        )

    return RunData(
        dataset,
        inputs,
        x,
        target,
        encoded,
        rows,
        Fitted(standardiser, scaling),
        dtype,
        train=part(rows.train, "training"),
        validation=part(rows.validation, "validation"),
        test=part(rows.test, "test"),
    )


def split_rows(
    config: Config,
    dataset: Dataset,
    classes: NDArray[np.int64] | None,
    names: tuple[str, ...] = (),
) -> Split:
    """The rows of each part, as the settings say; class by class where rows have classes."""
    shares = {"validation": config.validation, "test": config.test}
    try:
        if config.split == "given":
            assert dataset.parts is not None
            return data.split_as_given(dataset.parts)
        if config.split == "ordered":
            return data.split_in_order(len(dataset), **shares)
        if classes is None:
            return data.split_rows(len(dataset), config.seed, **shares)
        return data.split(classes, config.seed, **shares, names=names)
    except DataError as error:
        # Quantities that are whole numbers look like classes.
        whole = dataset.y is not None and dataset.y.dtype.kind == "i"
        hint = ". To predict numbers, use the task regression" if whole else ""
        raise DataError(f"{config.dataset}: {error}{hint}") from error


def _totals(rows: str, y: np.ndarray, weights: np.ndarray | None) -> Totals:
    """What sums over these rows are compared with; `y` and `weights` are as the device has them."""
    spread = np.zeros(0)
    weights = None if weights is None else weights.astype(np.float64)
    weight = None if weights is None else weights[:, 1]
    if len(y) and weights is not None and not weights.sum(axis=0).all():
        raise DataError(f"{rows} rows have the weight 0; expected one that counts")
    if y.dtype.kind == "f" and len(y):
        wide = y.astype(np.float64)
        distances = (wide - np.average(wide, axis=0, weights=weight)) ** 2
        spread = distances.sum(axis=0) if weight is None else weight @ distances
        spread[(wide == wide[0]).all(axis=0)] = 0.0
    if weights is None:
        return Totals(len(y), len(y), len(y), spread)
    loss, metric = weights.sum(axis=0).tolist()
    return Totals(len(y), loss, metric, spread)


def _encoded(config: Config, dataset: Dataset, train: np.ndarray) -> tuple[Rows, Inputs]:
    """The rows as arrays, and how they came to be that."""
    x = dataset.x
    if isinstance(x, Table):
        encoder = fitted_encoder(x, config, train)
        inputs = Inputs("table", (len(encoder.names),), scaled=config.standardise, encoder=encoder)
        return inputs.encoded(x, config.dataset), inputs
    shape = tuple(x.shape[1:])
    kind = {2: "rows", 4: "images"}.get(1 + len(shape), "array")
    whole = x.dtype.kind == "i"                     # of rows that were checked, only these are
    kind = "array" if whole else kind
    pixels = Pixels.of(x) if kind == "images" and not isinstance(x, FileRows) else None
    return x, Inputs(kind, shape, whole, config.standardise and not whole, pixels=pixels)


def _fitted(x: FileRows | ImageRows, rows: np.ndarray, dtype: str) -> Standardiser:
    """The statistics of these rows; `DataError` where `dtype` cannot hold all rows by them."""
    standardiser = Standardiser.fit(x, rows)
    if isinstance(x, FileRows):                     # images are from 0 to 1
        standardiser.apply(x.extremes, dtype)
    return standardiser
