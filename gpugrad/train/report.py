"""The pictures of a run: curves over the epochs, and where the model is right and wrong."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from gpugrad.atomic import write_atomically
from gpugrad.backends import Namespace
from gpugrad.printable import counted, printable
from gpugrad.train.class_map import class_map
from gpugrad.train.config import Settled
from gpugrad.train.folder import RunFolder
from gpugrad.train.judging import Judged
from gpugrad.train.metrics import Scores
from gpugrad.train.plots import METRICS, STYLE, draw_curves
from gpugrad.train.plots_of_classes import (
    draw_calibration,
    draw_confusion,
    draw_ranking,
    draw_regions,
)
from gpugrad.train.plots_of_targets import draw_fit, draw_labels
from gpugrad.train.run_data import RunData
from gpugrad.train.tasks.task import Model

LONGEST = 40  # characters of the name in a title
# Without a date and with fixed ids, equal runs write equal pictures.
FORMATS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("png", {"dpi": 160, "metadata": {"Software": None}}),
    ("svg", {"metadata": {"Date": None, "Creator": None}}),
)


def write_report(
    folder: RunFolder,
    config: Settled,
    run_data: RunData,
    params: Model,
    epoch: int,
    judged: Judged,
    scores: Scores,
    backend: Namespace,
) -> None:
    """Pictures of the weights `params`, which are those after `epoch`, as PNG and SVG.

    Writes `curves`, and what `judged` rows look like to the task: `confusion`, or `regions` for
    data in the plane and in memory, `ranking` and `calibration` for classes; `fit` for numbers;
    `labels` for labels that hold or do not.
    """
    name = _label(run_data.dataset.name)
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()                            # whatever its reader has in a matplotlibrc
        mpl.rcParams.update(STYLE)
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # it draws a box instead
        title = f"{name}: {_said(scores)} on {counted(scores.rows, f'{judged.part} row')}"
        for stem, figure in _pictures(title, config, run_data, params, judged, backend):
            _write(folder.path / stem, figure)
        unit = f"{config.loss.replace('_', ' ')} {config.kind.unit}"
        # The last one: where it is, all are.
        _write(folder.curves, draw_curves(name, unit, folder.records(), epoch))


def _pictures(
    title: str,
    config: Settled,
    run_data: RunData,
    params: Model,
    judged: Judged,
    backend: Namespace,
) -> Iterator[tuple[str, Figure]]:
    """The pictures of the task, by name."""
    names = [_label(name) for name in run_data.target.names]
    found, shares, weight = judged.predicted.values, judged.predicted.shares, judged.weight
    if shares is None:
        yield "fit", draw_fit(title, names, judged.encoded, found)
        return
    y = config.kind.classes(judged.encoded)
    if y is None:
        yield "labels", draw_labels(title, names, judged.encoded.astype(np.int64), found, weight)
        return
    x = run_data.x
    if run_data.inputs.plane and isinstance(x, np.ndarray):
        mesh = class_map(params, run_data, config.kind, backend)
        encoder = run_data.inputs.encoder
        named = {} if encoder is None else {"features": [_label(name) for name in encoder.names]}
        yield "regions", draw_regions(title, names, x[judged.numbers], y, mesh, **named)
    else:
        counts = judged.confusion(config.kind, len(names))
        assert counts is not None                   # there are classes
        yield "confusion", draw_confusion(title, names, counts)
    yield "calibration", draw_calibration(title, shares.max(axis=1), found == y, weight)
    if len(names) == 2:
        ranking = draw_ranking(title, names[1], y, shares[:, 1], weight)
        if ranking is not None:
            yield "ranking", ranking


def _said(scores: Scores) -> str:
    """The first metric, in a title."""
    name, value = next(
        (name, value) for name, value in scores.values.items() if name != "loss"
    )
    if value is None:
        return f"no {METRICS[name][0]}"
    if name == "accuracy":
        return f"{value:.1%} accuracy"
    return f"{METRICS[name][0]} {value:.3f}"


def _label(name: str) -> str:
    """A name, which may be that of a file, as it fits into a title."""
    name = printable(name)
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 3]}..."


def _write(stem: Path, figure: Figure) -> None:
    for suffix, options in FORMATS:
        buffer = BytesIO()
        figure.savefig(buffer, format=suffix, **options)
        write_atomically(stem.with_suffix(f".{suffix}"), buffer.getvalue())
