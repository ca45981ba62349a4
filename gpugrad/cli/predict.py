"""`gpugrad predict`: uses a trained model on new rows, or scores it on rows with targets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gpugrad import data
from gpugrad.atomic import write_atomically
from gpugrad.cli.completion import data_sets, one_of, runs
from gpugrad.cli.data_options import parse_names
from gpugrad.cli.help_text import argument, option
from gpugrad.cli.names import path, shown
from gpugrad.cli.prediction_files import WRITERS
from gpugrad.cli.scores import scores_table, undefined
from gpugrad.errors import InvalidArgument
from gpugrad.printable import printable
from gpugrad.train import TrainedModel
from gpugrad.train.config import CHOICES
from gpugrad.train.data_settings import OF_DATA
from gpugrad.train.folder import RunFolder
from gpugrad.train.judging import Judged
from gpugrad.train.new_rows import read_new
from gpugrad.train.row_numbers import NEW, parts_of
from gpugrad.train.tasks.task import Predictions

Parts = Mapping[str, NDArray[np.int64]]
"""The numbers of the rows of each part; "all" is the last one."""


def predict(
    run: Annotated[
        Path,
        argument(
            parser=path, metavar="DIR", help="The folder of a training run.", autocompletion=runs
        ),
    ],
    source: Annotated[
        str,
        argument(
            metavar="DATA",
            help="The rows, as those that were trained on: a table, a folder of images, the name "
            f"of a data set that comes with gpugrad ({', '.join(data.dataset_names())}), an .npz "
            "file with x, a folder with x.npy, or an .npy file. Targets may be there or not.",
            autocompletion=data_sets,
        ),
    ],
    out: Annotated[
        Path | None,
        option(
            parser=path, metavar="FILE",
            help="Write the predictions to this file, a new .npz or .csv.",
        ),
    ] = None,
    id: Annotated[
        list[str] | None,
        option(
            metavar="NAMES",
            help="Columns of a table to repeat beside the predictions, separated by commas.",
        ),
    ] = None,
    unknown: Annotated[
        str | None,
        option(
            metavar="NAME", autocompletion=one_of(OF_DATA["unknown"]),
            help="What becomes of categories in a table that were not learned: refuse, or ignore, "
            "which counts them as none of those that were. Default: as in training.",
        ),
    ] = None,
    backend: Annotated[
        str,
        option(
            metavar="NAME", autocompletion=one_of(CHOICES["backend"]),
            help="Array library, and so CPU or GPU: auto, numpy or cupy. Default: auto.",
        ),
    ] = "auto",
) -> None:
    """Predict the targets of the rows of DATA with the model in DIR; score it if DATA has targets.

    A table needs the columns that the model was trained on, in any order; arrays need the same
    features in the same order, unscaled: the model standardises them itself. Rows that it was
    trained on are told apart from new ones.

    Examples:
      gpugrad predict runs/digits-1 digits
      gpugrad predict runs/mine new.npz --out predictions.csv
      gpugrad predict runs/houses new.csv --id street --out predictions.csv
      gpugrad predict runs/houses new.csv --unknown ignore
    """
    if out is not None:
        _check_target(out)
    model = TrainedModel.load(run, backend)
    rows = read_new(model, source, parse_names("id", id or []), unknown)
    encoded = None
    if rows.y is not None:
        encoded = model.task.encode(source, rows.y, model.described.target)
    console = Console(highlight=False)
    for note in rows.notes:
        console.print(escape(printable(note)), soft_wrap=True)
    found = model.predictions_of(rows.x)
    labels = parts_of(RunFolder(run), rows.x)
    parts = _rows_of(labels, len(rows.x))
    if encoded is None:
        console.print(_summary(model, found, parts))
    else:
        weight = rows.sample_weight
        judged = {
            name: Judged(
                name,
                mine,
                encoded[mine],
                found.at(mine),
                None if weight is None else weight[mine],
            ).scores(model.task, model.classes)
            for name, mine in parts.items()
        }
        console.print(scores_table(judged))
        for line in undefined(judged):
            console.print(line, soft_wrap=True)
    if out is not None:
        write_atomically(out, WRITERS[out.suffix](model, found, labels, rows.ids))
        console.print(f"The predictions are in {shown(out)}", soft_wrap=True)


def _check_target(out: Path) -> None:
    if out.suffix not in WRITERS:
        raise InvalidArgument(f"--out is {out}; expected a name that ends in .npz or .csv")
    if out.exists():
        raise InvalidArgument(f"{out} already exists; remove it or choose another --out")
    if not out.parent.is_dir():
        raise InvalidArgument(f"there is no folder {out.parent}; make it or choose another --out")


def _rows_of(labels: NDArray[np.str_] | None, rows: int) -> Parts:
    """The rows of each part; none but all of them where all are new, or nothing is known."""
    found = {}
    if labels is not None and (labels != NEW).any():
        for name in (*data.PARTS, NEW):
            mine = np.flatnonzero(labels == name)
            if len(mine):
                found[name] = mine
    return {**found, "all": np.arange(rows)}


def _summary(model: TrainedModel, found: Predictions, parts: Parts) -> Table:
    """How often each class or label was predicted, or which numbers, in each part."""
    table = Table()
    numbers, values = model.task.scaled, found.values
    of_labels = "predicted class" if values.ndim == 1 else "label"
    table.add_column("prediction" if numbers else of_labels)
    for name in parts:
        table.add_column(name, justify="right")
    table.add_row("rows", *(f"{len(rows):,}" for rows in parts.values()), end_section=True)
    for column, name in enumerate(model.classes):
        if numbers:
            said = values[:, column]
            cells = [f"{said[rows].mean():.4g} ± {said[rows].std():.3g}" for rows in parts.values()]
        else:
            mine = values == column if values.ndim == 1 else values[:, column] == 1
            cells = [f"{mine[rows].sum():,}" for rows in parts.values()]
        table.add_row(shown(name), *cells)
    return table
