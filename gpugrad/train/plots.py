"""How pictures look, and the curves of a run. Each function makes a figure from plain numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter, PercentFormatter
from numpy.typing import NDArray

from gpugrad.train.metrics import Record

# Okabe and Ito's colours, which colour-blind readers tell apart too.
BLUE, ORANGE, GREY, DARK = "#0072B2", "#D55E00", "#8A8A8A", "#222222"
PALETTE = (BLUE, "#E69F00", "#009E73", "#CC79A7", "#56B4E9", ORANGE, "#F0E442", "#000000")
MARKERS = "osD^vP*X"

STYLE: Any = {
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "grid.color": "#E6E6E6",
    "text.color": DARK,
    "text.parse_math": False,  # a dollar in the name of a file is a dollar
    "axes.labelcolor": DARK,
    "xtick.color": DARK,
    "ytick.color": DARK,
    "svg.hashsalt": "gpugrad",
    "svg.fonttype": "path",  # looks the same where the font is not installed
}

METRICS = {
    "accuracy": ("Accuracy", "rows classified right"),
    "micro_f1": ("Micro F1", "F1 over all rows and labels"),
    "r2": ("R²", "share of the variance explained"),
}
"""The title of the curves of each metric, and what its axis says."""


def draw_curves(name: str, unit: str, records: Sequence[Record], kept_epoch: int) -> Figure:
    """Loss and metric over the epochs, for training rows, and for validation rows if any."""
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    loss, metric = figure.subplots(1, 2)
    epochs = [record.epoch for record in records]
    train = [record.train_loss for record in records]
    validation = [record.validation_loss for record in records]
    _draw_pair(loss, epochs, train, validation)
    loss.set(title="Loss", xlabel="epoch", ylabel=unit)
    if min(train) > 0:
        _make_logarithmic(loss)
    title, label = METRICS[records[-1].metric]
    _draw_pair(
        metric,
        epochs,
        [record.train_metric for record in records],
        [record.validation_metric for record in records],
    )
    metric.set(title=title, xlabel="epoch", ylabel=label)
    lowest = _lower_limit(records)
    if lowest < 1:
        metric.set_ylim(lowest, 1.0 + 0.04 * (1.0 - lowest))
    if title == "Accuracy":
        metric.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0 if lowest < 0.95 else 1))
    for axes in (loss, metric):
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, steps=[1, 2, 5, 10]))
        if kept_epoch != epochs[-1]:
            _mark(axes, kept_epoch, epochs[-1])
    lines = loss.get_legend_handles_labels()
    figure.legend(*lines, loc="upper right", ncols=2, frameon=False)
    figure.suptitle(f"Training on {name}", x=0.01, ha="left", fontsize=13, fontweight="bold")
    return figure


def _make_logarithmic(axes: Axes) -> None:
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    axes.yaxis.set_major_formatter(lambda value, place: f"{value:g}")
    # Less than a decade may hold no power of ten: then the ticks between them are named.
    axes.yaxis.set_minor_formatter(
        (lambda value, place: f"{value:g}") if high < 10 * low else NullFormatter()
    )


def _draw_pair(
    axes: Axes, epochs: Sequence[int], train: Sequence[float], validation: Sequence[float | None]
) -> None:
    marker = "o" if len(epochs) < 3 else ""  # a line of one point cannot be seen
    axes.plot(epochs, train, color=BLUE, marker=marker, linewidth=2, label="training")
    found = [value for value in validation if value is not None]
    if found:
        axes.plot(epochs, found, color=ORANGE, marker=marker, linewidth=2, label="validation")


def _mark(axes: Axes, kept_epoch: int, epochs: int) -> None:
    axes.axvline(kept_epoch, color=GREY, linestyle=":", linewidth=1.2, zorder=0)
    late = kept_epoch > epochs / 2
    axes.annotate(
        f"weights kept:\nepoch {kept_epoch}",
        (kept_epoch, 0.88),
        xycoords=("data", "axes fraction"),
        xytext=(-6 if late else 6, 0),
        textcoords="offset points",
        ha="right" if late else "left",
        va="center",
        color="#5A5A5A",
        fontsize=10,
    )


def _lower_limit(records: Sequence[Record]) -> float:
    """Where the axis of the metric begins: the first tenth of the epochs may leave the picture."""
    settled = records[len(records) // 10 :]
    found = [x for each in settled for x in (each.train_metric, each.validation_metric)]
    lowest = min(x for x in found if x is not None)
    return max(0.0, 1.0 - 1.5 * max(1.0 - lowest, 0.02)) if lowest >= 0 else lowest


def class_colours(classes: int) -> NDArray[np.float64]:
    """A colour for each class, (classes, 3): told apart by all readers up to eight classes."""
    if classes <= len(PALETTE):
        return np.array([to_rgb(colour) for colour in PALETTE[:classes]])
    return np.asarray(colormaps["turbo"](np.linspace(0.05, 0.95, classes)))[:, :3]
