"""The pictures of a run: curves over the epochs, and where the model is right and wrong."""

from __future__ import annotations

import warnings
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from gpugrad.atomic import write_atomically
from gpugrad.backends import Namespace
from gpugrad.printable import printable
from gpugrad.train.class_map import class_map
from gpugrad.train.folder import RunFolder
from gpugrad.train.metrics import Score
from gpugrad.train.plots import STYLE, draw_confusion, draw_curves, draw_regions
from gpugrad.train.task import Task
from gpugrad.train.tasks import Model

LONGEST = 40  # characters of the name in a title
# Without a date and with fixed ids, equal runs write equal pictures.
FORMATS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("png", {"dpi": 160, "metadata": {"Software": None}}),
    ("svg", {"metadata": {"Date": None, "Creator": None}}),
)


def write_report(
    folder: RunFolder,
    task: Task,
    params: Model,
    epoch: int,
    test: Score,
    confusion: np.ndarray,
    backend: Namespace,
) -> None:
    """Pictures of the weights `params`, which are those after `epoch`.

    Writes `curves`, and `regions` for data in the plane and in memory or else `confusion`, as PNG
    and SVG.
    """
    dataset = replace(task.dataset, name=_label(task.dataset.name))
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()                            # whatever its reader has in a matplotlibrc
        mpl.rcParams.update(STYLE)
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # it draws a box instead
        _write(folder.path / "curves", draw_curves(dataset.name, folder.records(), epoch))
        if dataset.features == 2 and isinstance(dataset.x, np.ndarray):
            mesh = class_map(params, task.standardiser, dataset.x, backend, task.dtype)
            figure = draw_regions(dataset, task.rows.test, mesh, test)
            _write(folder.path / "regions", figure)
        else:
            _write(folder.path / "confusion", draw_confusion(dataset, confusion, test))


def _label(name: str) -> str:
    """The name of a data set, which is that of a file, as it fits into a title."""
    name = printable(name)
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 3]}..."


def _write(stem: Path, figure: Figure) -> None:
    for suffix, options in FORMATS:
        buffer = BytesIO()
        figure.savefig(buffer, format=suffix, **options)
        write_atomically(stem.with_suffix(f".{suffix}"), buffer.getvalue())
