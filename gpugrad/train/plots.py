"""How the pictures look. Each function makes one figure from plain numbers."""

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

from gpugrad.data import Dataset
from gpugrad.train.class_map import ClassMap
from gpugrad.train.metrics import Record, Score

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
MOST_LABELLED_CLASSES = 20  # beyond, numbers in the cells would be too small to read


def draw_curves(name: str, records: Sequence[Record], kept_epoch: int) -> Figure:
    """Loss and accuracy over the epochs, for training and validation rows."""
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    loss, accuracy = figure.subplots(1, 2)
    epochs = [record.epoch for record in records]
    _draw_pair(
        loss,
        epochs,
        [record.train_loss for record in records],
        [record.validation_loss for record in records],
    )
    loss.set(title="Cross entropy", xlabel="epoch", ylabel="nats per row", yscale="log")
    low, high = loss.get_ylim()
    loss.yaxis.set_major_formatter(lambda value, place: f"{value:g}")
    # Less than a decade may hold no power of ten: then the ticks between them are named.
    loss.yaxis.set_minor_formatter(
        (lambda value, place: f"{value:g}") if high < 10 * low else NullFormatter()
    )
    _draw_pair(
        accuracy,
        epochs,
        [record.train_accuracy for record in records],
        [record.validation_accuracy for record in records],
    )
    accuracy.set(title="Accuracy", xlabel="epoch", ylabel="rows classified right")
    lowest = _lower_limit(records)
    accuracy.set_ylim(lowest, 1.0 + 0.04 * (1.0 - lowest))
    accuracy.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0 if lowest < 0.95 else 1))
    for axes in (loss, accuracy):
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, steps=[1, 2, 5, 10]))
        if kept_epoch != epochs[-1]:
            _mark(axes, kept_epoch, epochs[-1])
    lines = loss.get_legend_handles_labels()
    figure.legend(*lines, loc="upper right", ncols=2, frameon=False)
    figure.suptitle(f"Training on {name}", x=0.01, ha="left", fontsize=13, fontweight="bold")
    return figure


def _draw_pair(
    axes: Axes, epochs: Sequence[int], train: Sequence[float], validation: Sequence[float]
) -> None:
    marker = "o" if len(epochs) < 3 else ""  # a line of one point cannot be seen
    axes.plot(epochs, train, color=BLUE, marker=marker, linewidth=2, label="training")
    axes.plot(epochs, validation, color=ORANGE, marker=marker, linewidth=2, label="validation")


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
    """Where the accuracy axis begins: the steep first tenth of the epochs may leave the picture."""
    settled = records[len(records) // 10 :]
    lowest = min(min(record.train_accuracy, record.validation_accuracy) for record in settled)
    return max(0.0, 1.0 - 1.5 * max(1.0 - lowest, 0.02))


def draw_confusion(dataset: Dataset, counts: np.ndarray, test: Score) -> Figure:
    """Counts of true class against predicted class; right ones in blue, wrong ones in orange."""
    classes = len(dataset.classes)
    side = min(max(4.6, 0.5 * classes + 1.6), 12.0)
    figure = Figure(figsize=(side + 0.4, side), layout="constrained")
    axes = figure.subplots()
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    right = np.eye(classes, dtype=bool)
    # Errors are few: the root keeps one in forty visible.
    depth = np.where(right, 0.25 + 0.65 * shares, np.sqrt(shares))[..., None]
    ink = np.where(right[..., None], to_rgb(BLUE), to_rgb(ORANGE))
    axes.imshow(np.where(counts[..., None] > 0, 1.0 - depth * (1.0 - ink), 1.0))
    if classes <= MOST_LABELLED_CLASSES:
        axes.set_xticks(range(classes), dataset.classes)
        axes.set_yticks(range(classes), dataset.classes)
        for row, column in np.argwhere(counts):
            dark = depth[row, column, 0] > 0.5
            axes.text(
                column, row, str(counts[row, column]), ha="center", va="center",
                color="white" if dark else DARK,
            )  # fmt: skip
    axes.set_xticks(np.arange(classes + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(classes + 1) - 0.5, minor=True)
    axes.grid(False)
    axes.grid(True, which="minor", color="#E6E6E6", linewidth=0.8)
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)
    axes.set(xlabel="predicted class", ylabel="true class")
    axes.set_title(_title(dataset, test))
    return figure


def draw_regions(
    dataset: Dataset, test_rows: NDArray[np.int64], mesh: ClassMap, test: Score
) -> Figure:
    """The class that the model sees at each point, paler where it is unsure, and the test rows."""
    figure = Figure(figsize=(6.6, 6.0), layout="constrained")
    axes = figure.subplots()
    ink = class_colours(len(dataset.classes))
    blend = mesh.shares @ ink  # the mixture of the colours: borders are soft where it is unsure
    axes.imshow(
        1.0 - 0.38 * (1.0 - blend), extent=mesh.extent, origin="lower", aspect="auto",
        interpolation="bilinear",
    )  # fmt: skip
    x, y = dataset.x[test_rows], dataset.y[test_rows]
    for label, name in enumerate(dataset.classes):
        mine = y == label
        axes.scatter(
            x[mine, 0], x[mine, 1], s=26, color=ink[label], marker=MARKERS[label % len(MARKERS)],
            edgecolors="white", linewidths=0.7, label=name,
        )  # fmt: skip
    axes.grid(False)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.set(xlabel="first feature", ylabel="second feature", title=_title(dataset, test))
    if len(dataset.classes) <= MOST_LABELLED_CLASSES:
        figure.legend(loc="outside lower center", ncols=min(len(dataset.classes), 5), frameon=False)
    return figure


def class_colours(classes: int) -> NDArray[np.float64]:
    """A colour for each class, (classes, 3): told apart by all readers up to eight classes."""
    if classes <= len(PALETTE):
        return np.array([to_rgb(colour) for colour in PALETTE[:classes]])
    return np.asarray(colormaps["turbo"](np.linspace(0.05, 0.95, classes)))[:, :3]


def _title(dataset: Dataset, test: Score) -> str:
    return f"{dataset.name}: {test.accuracy:.1%} of {test.rows} test rows classified right"
