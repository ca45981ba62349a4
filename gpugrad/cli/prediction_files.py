"""Predictions as files: a table of text, or arrays."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO, StringIO

import numpy as np
from numpy.typing import NDArray

from gpugrad.errors import InvalidArgument
from gpugrad.train import TrainedModel
from gpugrad.train.tasks.task import Predictions

Parts = NDArray[np.str_] | None
"""Of each row the part of the run that it belongs to; `None` where that is not known."""


Ids = Mapping[str, Sequence[str]]
"""What tells rows apart for their owner, by the names of columns."""


def as_npz(model: TrainedModel, found: Predictions, parts: Parts, ids: Ids) -> bytes:
    """`prediction`, as the targets of the training data were; `probability`, `part` if known.

    Texts that tell rows apart are `id`, (rows, columns).
    """
    arrays = {"prediction": model.task.decoded(found.values, model.described.target)}
    if found.shares is not None:
        arrays["probability"] = found.shares
    if parts is not None:
        arrays["part"] = parts
    if ids:
        arrays["id"] = np.array(list(ids.values())).T
    arrays["names"] = np.array(model.classes)
    buffer = BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def as_csv(model: TrainedModel, found: Predictions, parts: Parts, ids: Ids) -> bytes:
    """A line for each row: its number, its ids, its part if known, and what was found."""
    text = StringIO()
    lines = csv.writer(text, lineterminator="\n")
    names, values = model.classes, found.values
    if values.ndim == 1:                            # numbers of classes
        heads, columns = ["prediction"], np.array(names, object)[values][:, None]
    else:
        flat = model.described.target.flat
        heads = ["prediction"] if flat else [f"prediction {name}" for name in names]
        columns = values.astype(object)
    head = ["row", *ids, *([] if parts is None else ["part"]), *heads]
    if found.shares is not None:
        head += [f"probability {name}" for name in names]
    if twice := [name for name in ids if head.count(name) > 1]:
        raise InvalidArgument(
            f"id is {twice[0]!r}, but the file has a column of that name anyway; rename the one in "
            "the table"
        )
    lines.writerow(head)
    beside = list(zip(*ids.values(), strict=True)) if ids else [()] * len(values)
    shares = np.empty((len(values), 0)) if found.shares is None else found.shares
    for row, (said, probabilities) in enumerate(zip(columns, shares, strict=True)):
        part = [] if parts is None else [parts[row]]
        lines.writerow([row, *beside[row], *part, *said.tolist(), *probabilities.tolist()])
    return text.getvalue().encode(errors="backslashreplace")


WRITERS: dict[str, Callable[[TrainedModel, Predictions, Parts, Ids], bytes]] = {
    ".npz": as_npz,
    ".csv": as_csv,
}
"""What writes a file, by the end of its name."""
