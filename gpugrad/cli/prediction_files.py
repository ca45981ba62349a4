"""Predictions as files: a table of text, or arrays."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import BytesIO, StringIO

import numpy as np
from numpy.typing import NDArray

from gpugrad.train import TrainedModel
from gpugrad.train.tasks.task import Predictions

Parts = NDArray[np.str_] | None
"""Of each row the part of the run that it belongs to; `None` where that is not known."""


def as_npz(model: TrainedModel, found: Predictions, parts: Parts) -> bytes:
    """`prediction`, as the targets of the training data were; `probability`, `part` if known."""
    arrays = {"prediction": model.task.decoded(found.values, model.described.target)}
    if found.shares is not None:
        arrays["probability"] = found.shares
    if parts is not None:
        arrays["part"] = parts
    arrays["names"] = np.array(model.classes)
    buffer = BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def as_csv(model: TrainedModel, found: Predictions, parts: Parts) -> bytes:
    """A line for each row: its number, its part if known, predictions and probabilities."""
    text = StringIO()
    lines = csv.writer(text, lineterminator="\n")
    names, values = model.classes, found.values
    if values.ndim == 1:                            # numbers of classes
        heads, columns = ["prediction"], np.array(names, object)[values][:, None]
    else:
        flat = model.described.target.flat
        heads = ["prediction"] if flat else [f"prediction {name}" for name in names]
        columns = values.astype(object)
    head = ["row", *([] if parts is None else ["part"]), *heads]
    if found.shares is not None:
        head += [f"probability {name}" for name in names]
    lines.writerow(head)
    shares = np.empty((len(values), 0)) if found.shares is None else found.shares
    for row, (said, probabilities) in enumerate(zip(columns, shares, strict=True)):
        part = [] if parts is None else [parts[row]]
        lines.writerow([row, *part, *said.tolist(), *probabilities.tolist()])
    return text.getvalue().encode(errors="backslashreplace")


WRITERS: dict[str, Callable[[TrainedModel, Predictions, Parts], bytes]] = {
    ".npz": as_npz,
    ".csv": as_csv,
}
"""What writes a file, by the end of its name."""
