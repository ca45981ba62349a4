"""Pictures of predicted classes: confusion, regions in the plane, ranking and calibration."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from gpugrad.train.class_map import ClassMap
from gpugrad.train.plots import BLUE, DARK, GREY, MARKERS, ORANGE, class_colours
from gpugrad.train.quality import BINS, Shares, Weights, bin_of, present

MOST_LABELLED_CLASSES = 20  # beyond, numbers in the cells would be too small to read


def draw_confusion(title: str, names: Sequence[str], counts: np.ndarray) -> Figure:
    """Counts of true class against predicted class; right ones in blue, wrong ones in orange."""
    classes = len(names)
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
        axes.set_xticks(range(classes), names)
        axes.set_yticks(range(classes), names)
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
    axes.set_title(title)
    return figure


def draw_regions(
    title: str,
    names: Sequence[str],
    x: np.ndarray,
    y: NDArray[np.int64],
    mesh: ClassMap,
    features: Sequence[str] = ("first feature", "second feature"),
) -> Figure:
    """The class that the model sees at each point, paler where it is unsure, and some rows."""
    figure = Figure(figsize=(6.6, 6.0), layout="constrained")
    axes = figure.subplots()
    ink = class_colours(len(names))
    blend = mesh.shares @ ink  # the mixture of the colours: borders are soft where it is unsure
    axes.imshow(
        1.0 - 0.38 * (1.0 - blend), extent=mesh.extent, origin="lower", aspect="auto",
        interpolation="bilinear",
    )  # fmt: skip
    for label, name in enumerate(names):
        mine = y == label
        axes.scatter(
            x[mine, 0], x[mine, 1], s=26, color=ink[label], marker=MARKERS[label % len(MARKERS)],
            edgecolors="white", linewidths=0.7, label=name,
        )  # fmt: skip
    axes.grid(False)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.set(xlabel=features[0], ylabel=features[1], title=title)
    if len(names) <= MOST_LABELLED_CLASSES:
        figure.legend(loc="outside lower center", ncols=min(len(names), 5), frameon=False)
    return figure


def draw_ranking(
    title: str, positive: str, y: NDArray[np.int64], shares: Shares, weight: Weights
) -> Figure | None:
    """How well the probability of the positive class tells it apart; `None` for one class only."""
    from sklearn.metrics import precision_recall_curve, roc_curve

    if len(present(y, weight)) < 2:
        return None
    figure = Figure(figsize=(10, 4.6), layout="constrained")
    roc, precision = figure.subplots(1, 2)
    wrong, right, _ = roc_curve(y, shares, sample_weight=weight)
    roc.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1.2)
    roc.plot(wrong, right, color=BLUE, linewidth=2)
    roc.set(
        title="ROC curve", xlabel="false positive rate", ylabel="true positive rate",
        xlim=(-0.02, 1.02), ylim=(-0.02, 1.02),
    )  # fmt: skip
    precise, recall, _ = precision_recall_curve(y, shares, sample_weight=weight)
    precision.axhline(np.average(y, weights=weight), color=GREY, linestyle=":", linewidth=1.2)
    precision.plot(recall, precise, color=BLUE, linewidth=2, drawstyle="steps-pre")
    precision.set(
        title="Precision and recall", xlabel="recall", ylabel="precision",
        xlim=(-0.02, 1.02), ylim=(-0.02, 1.02),
    )  # fmt: skip
    figure.suptitle(f"{title}; positive: {positive}", x=0.01, ha="left", fontsize=12)
    return figure


def draw_calibration(
    title: str, confidence: Shares, right: NDArray[np.bool], weight: Weights
) -> Figure:
    """How often the predicted class is right, where the model is so sure of it."""
    figure = Figure(figsize=(5.2, 5.0), layout="constrained")
    axes = figure.subplots()
    weights = np.ones(len(confidence)) if weight is None else weight
    bins = bin_of(confidence)
    counts, hits, sure = (
        np.bincount(bins, weights * each, BINS) for each in (1.0, right, confidence)
    )
    used = counts > 0
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1.2, label="perfect calibration")
    axes.scatter(
        sure[used] / counts[used], hits[used] / counts[used], color=BLUE,
        s=20 + 180 * counts[used] / counts.max(), label="rows, by confidence",
    )  # fmt: skip
    axes.set(
        title=title, xlabel="confidence", ylabel="accuracy", xlim=(-0.02, 1.05),
        ylim=(-0.02, 1.05),
    )  # fmt: skip
    axes.legend(loc="upper left", frameon=False)
    return figure
