"""Pictures of predicted numbers, and of labels that hold or do not, one for each target."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from gpugrad.printable import counted
from gpugrad.train.plots import BLUE, GREY, ORANGE
from gpugrad.train.quality import Weights, f1_of_each, present

MOST_TARGETS = 4  # beyond, the first ones stand for all
MOST_LABELS = 30


def draw_fit(
    title: str, names: Sequence[str], y: NDArray[np.float64], found: NDArray[np.float64]
) -> Figure:
    """Predicted against true numbers, and what is left of them, for the first targets."""
    shown = min(len(names), MOST_TARGETS)
    figure = Figure(figsize=(9.6, 0.4 + 4.2 * shown), layout="constrained")
    rows = figure.subplots(shown, 2, squeeze=False)
    size = np.clip(2000 / len(y), 4, 22)
    for (fit, rest), name, true, said in zip(rows, names, y.T, found.T, strict=False):
        ends = [min(true.min(), said.min()), max(true.max(), said.max())]
        fit.plot(ends, ends, color=GREY, linestyle=":", linewidth=1.2)
        fit.scatter(true, said, s=size, color=BLUE, alpha=0.6, linewidths=0)
        fit.set(title=name, xlabel="true", ylabel="predicted")
        rest.axhline(0, color=GREY, linestyle=":", linewidth=1.2)
        rest.scatter(said, true - said, s=size, color=ORANGE, alpha=0.6, linewidths=0)
        rest.set(title="Residuals", xlabel="predicted", ylabel="true − predicted")
    more = f"; {shown} of {len(names)} targets" if shown < len(names) else ""
    figure.suptitle(f"{title}{more}", x=0.01, ha="left", fontsize=12)
    return figure


def draw_labels(
    title: str,
    names: Sequence[str],
    y: NDArray[np.int64],
    found: NDArray[np.int64],
    weight: Weights,
) -> Figure:
    """The F1 of each label, the best first, and in how many rows it holds."""
    used = [i for i in range(len(names)) if 1 in present(y[:, i], weight)]
    scores = f1_of_each(y, found, weight)
    order = sorted(used, key=lambda i: -scores[i])[:MOST_LABELS]
    figure = Figure(figsize=(7.2, 1.4 + 0.3 * max(len(order), 3)), layout="constrained")
    axes = figure.subplots()
    axes.barh(range(len(order)), [scores[i] for i in order], color=BLUE)
    axes.set_yticks(
        range(len(order)), [f"{names[i]} ({counted(int(y[:, i].sum()), 'row')})" for i in order]
    )
    axes.invert_yaxis()
    axes.set(title=title, xlabel="F1", xlim=(0, 1))
    axes.grid(False, axis="y")
    return figure
