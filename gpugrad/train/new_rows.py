"""Rows for a trained model, read as its own were: from a table, a folder of images or arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from os.path import relpath
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gpugrad import data
from gpugrad.data.checks import checked_targets
from gpugrad.data.dataset import Rows
from gpugrad.data.images.image_folder import LABELS
from gpugrad.data.npz import LARGE
from gpugrad.data.tables.column import Column
from gpugrad.errors import DataError, InvalidArgument
from gpugrad.train.tabular_data import targets_of
from gpugrad.train.trained_model import TrainedModel


@dataclass(frozen=True)
class NewRows:
    """Rows that a model takes, encoded and not yet scaled, with what else is known of them.

    Args:
        x: The rows.
        y: What is true of them, as it was given; `None` where that is not known.
        sample_weight: How much each counts in metrics; `None` where all count the same.
        ids: What tells rows apart for their owner: texts by the name of a column.
        notes: Lines on what of the data is not used.
    """

    x: Rows
    y: np.ndarray | None = None
    sample_weight: NDArray[np.float64] | None = None
    ids: dict[str, list[str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_new(
    model: TrainedModel, source: str, ids: Sequence[str] = (), unknown: str | None = None
) -> NewRows:
    """The rows in `source`, a name, a file or a folder.

    `ids` are columns of a table to repeat, and `unknown` is that of `TrainedModel.predict`.

    Raises:
        DataError: For rows that the model cannot take.
        InvalidArgument: For `ids` or `unknown` of what is no table.
    """
    kind = model.described.inputs.kind
    if kind == "table":
        return _of_table(model, source, ids, unknown)
    for name, given in (("id", ids), ("unknown", unknown)):
        if given:
            said = given if isinstance(given, str) else given[0]
            raise InvalidArgument(
                f"{name} is {said!r}, but the model takes no tables; leave it out"
            )
    if data.is_table(source):
        raise DataError(
            f"{source}: it is a table, but the model was trained on "
            f"{'images' if kind == 'images' else 'arrays without names of columns'}; expected "
            "data like those"
        )
    if kind == "images" and data.is_path(source) and data.is_image_folder(source):
        return _of_images(model, source)
    if source.endswith(".npy"):
        x, _ = data.read_pair(source)
        return NewRows(model.encoded(x, source))
    found = data.load(source, model.config.seed)
    assert not isinstance(found.x, data.Table)
    return NewRows(model.encoded(found.x, source), found.y, found.sample_weight)


def _of_table(
    model: TrainedModel, source: str, ids: Sequence[str], unknown: str | None
) -> NewRows:
    encoder, config = model.described.inputs.encoder, model.config
    assert encoder is not None
    if not data.is_table(source):
        raise DataError(
            f"{source}: it is no table, but the model was trained on one; expected a .csv, "
            ".tsv, .parquet, .feather or .arrow file with the columns "
            f"{', '.join(list(encoder.codings)[:12])}"
        )
    words = [*encoder.words, *ids]
    if any(type(label) is str for label in model.described.target.labels):
        words += config.target
    table = _read(source, words)
    table.check_names(ids, " to repeat")
    notes = encoder.notes(table)
    y = None
    absent = [name for name in config.target if name not in table.columns]
    gaps = [n for n in config.target if n in table.columns and table.columns[n].missing.any()]
    if config.target and not absent and not gaps:
        y = targets_of(table, config.target, config.categorical)
    elif len(absent) < len(config.target):
        what = f"there is no column {absent[0]}" if absent else f"cells of {gaps[0]} are missing"
        notes.append(f"{source}: {what}, so nothing is scored")
    weights = None
    if y is not None and config.sample_weight in table.columns:
        assert config.sample_weight is not None
        weights = data.weights_of(table, config.sample_weight)
    repeated = {name: _cells(table.columns[name]) for name in ids}
    x = model.encoded(table, source, unknown)
    return NewRows(x, y, weights, repeated, tuple(notes))


def _read(source: str, words: Sequence[str]) -> data.Table:
    """The table, in which those of these columns that it has hold words."""
    head = data.read_table(source)
    text = [name for name in dict.fromkeys(words) if name in head.columns]
    needed = any(head.columns[name].kind != "text" for name in text)
    return data.read_table(source, text=text) if needed else head


def _cells(column: Column) -> list[str]:
    words = np.array([*column.as_words().words, ""], object)
    return list(words[column.as_words().values])


def _of_images(model: TrainedModel, source: str) -> NewRows:
    """Images as large as those that were learned from, or made so if those were."""
    config = model.config
    labelled = (Path(source) / LABELS).exists()
    found = data.read_images(
        source,
        size=config.size,
        channels=config.channels,
        dtype=_dtype(model),
        target=config.target if labelled else (),
    )
    files = [relpath(path, source) for path in found.x.files]
    x = found.x if 4 * prod(found.x.shape) >= LARGE else found.x[:]
    y = None
    if found.target is not None:
        y = checked_targets(source, found.target.values, len(found.x))
    return NewRows(model.encoded(x, source), y, ids={"file": files})


def _dtype(model: TrainedModel) -> str:
    """That of images in files, which a model may have been trained on as bytes."""
    pixels = model.described.inputs.pixels
    return "uint8" if pixels is not None and pixels.bytes else "float32"
