"""The pictures of a run: curves over the epochs, and where the model is right and wrong."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from numpy.typing import NDArray

from gpugrad.atomic import write_atomically
from gpugrad.backends import Namespace
from gpugrad.train.folder import RunFolder
from gpugrad.train.metrics import Score
from gpugrad.train.plots import STYLE, draw_confusion, draw_curves, draw_regions
from gpugrad.train.regions import class_map
from gpugrad.train.task import Task

# Without a date and with fixed ids, equal runs write equal pictures.
FORMATS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("png", {"dpi": 160, "metadata": {"Software": None}}),
    ("svg", {"metadata": {"Date": None, "Creator": None}}),
)


def write_report(
    folder: RunFolder,
    task: Task,
    params: Any,
    epoch: int,
    test: Score,
    confusion: NDArray[Any],
    backend: Namespace,
) -> None:
    """Pictures of the weights `params`, which are those after `epoch`.

    Writes `curves`, and `regions` for data in the plane or else `confusion`, as PNG and SVG."""
    dataset = task.dataset
    with mpl.rc_context(STYLE):
        _write(folder.path / "curves", draw_curves(dataset.name, folder.records(), epoch))
        if dataset.features == 2:
            rows = task.rows.test
            mesh = class_map(params, task.standardiser, dataset.x, backend, task.train.x.dtype)
            figure = draw_regions(dataset, rows, mesh, test)
            _write(folder.path / "regions", figure)
        else:
            _write(folder.path / "confusion", draw_confusion(dataset, confusion, test))


def _write(stem: Path, figure: Figure) -> None:
    for suffix, options in FORMATS:
        buffer = BytesIO()
        figure.savefig(buffer, format=suffix, **options)
        write_atomically(stem.with_suffix(f".{suffix}"), buffer.getvalue())
