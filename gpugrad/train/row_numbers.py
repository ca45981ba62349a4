"""Which rows a model was trained on, kept with the run so that predictions can say so."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gpugrad.data import PARTS, Split, row_hashes
from gpugrad.data.dataset import Rows
from gpugrad.errors import CheckpointError
from gpugrad.train.folder import FORMAT, RunFolder
from gpugrad.train.tensors import check_empty, read_tensors, take, write_tensors

NEW = "new"
"""What rows are called that the run has not seen."""


def write_rows(folder: RunFolder, x: Rows, rows: Split) -> None:
    """Writes a hash of each row, as it is encoded, and which part it belongs to."""
    parts = np.empty(len(x), np.uint8)
    for code, name in enumerate(PARTS):
        parts[getattr(rows, name)] = code
    tensors = {"hash": row_hashes(x).view(np.int64), "part": parts}
    write_tensors(folder.rows, tensors, {"format": FORMAT, "run": folder.run})


def parts_of(folder: RunFolder, x: Rows) -> NDArray[np.str_] | None:
    """For each encoded row of `x` the part of the run that it belongs to, or `NEW`.

    `None` if that is not known.

    The run's own rows, in their order, have the parts that they had there. Of others, a row that
    equals several rows belongs to the part of them that comes first in `PARTS`.
    """
    if not folder.rows.exists():
        return None
    if not folder.run:
        folder.read_config()
    tensors, notes = read_tensors(folder.rows)
    folder.check_run(notes)
    notes.end()
    (rows,) = tensors["hash"].shape if "hash" in tensors and tensors["hash"].ndim == 1 else (0,)
    known = take(tensors, "hash", (rows,), "int64", folder.rows)
    parts = take(tensors, "part", (rows,), "uint8", folder.rows)
    check_empty(tensors, folder.rows)
    if not rows or parts.max() >= len(PARTS):
        raise CheckpointError(f"{folder.rows}: it names no parts of rows")
    names = np.array([*PARTS, NEW])
    hashes = row_hashes(x).view(np.int64)
    if np.array_equal(hashes, known):
        same: NDArray[np.str_] = names[parts]
        return same
    order = np.lexsort((parts, known))              # of equal rows, the first one has the say
    places = np.searchsorted(known[order], hashes).clip(max=rows - 1)
    found = order[places]
    labels: NDArray[np.str_] = names[np.where(known[found] == hashes, parts[found], len(PARTS))]
    return labels
