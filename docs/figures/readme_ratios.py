"""Times of gpugrad over those of the best of the others: training steps, and every workload."""

from __future__ import annotations

import sys

from _style import BLUE, GREEN, GREY, ORANGE, RESULTS, STYLE, latest, measured, save
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

sys.path.insert(0, str(RESULTS.parent))
from ratios import ratio

SHOWN = {
    "gpugrad jit, native": ("gpugrad, jit with LLVM", BLUE),
    "NumPy by hand": ("NumPy by hand", GREY),
    "JAX": ("JAX, jitted", GREEN),
    "PyTorch": ("PyTorch, compiled", ORANGE),
}


def least(times: dict[str, dict[str, float]], name: str) -> float:
    """The least of the forms in which a library does it."""
    return min(x["min"] for form, x in times.items() if form.startswith(name))


def draw_steps(axes: Axes) -> None:
    """The time of a training step, in that of the step by hand."""
    report = latest("steps")["microseconds"]
    sizes = list(report)
    for i, (name, (label, colour)) in enumerate(SHOWN.items()):
        values = [least(report[x], name) / least(report[x], "NumPy by hand") for x in sizes]
        places = [k + 0.2 * i for k in range(len(sizes))]
        axes.barh(places, values, height=0.17, color=colour, label=label)
    axes.set_yticks([k + 0.3 for k in range(len(sizes))],
                    [f"{x} step" for x in sizes])  # fmt: skip
    axes.invert_yaxis()
    axes.set_xlabel("time of a training step, by hand = 1")
    axes.grid(axis="x")
    axes.set_axisbelow(True)


def draw_all(axes: Axes) -> int:
    """A dot for each workload; how many take at most the time of the best of the others."""
    rows = latest("breadth")["rows"]
    found = (ratio(entry) for sizes in rows.values() for entry in sizes.values())
    values = sorted(x for x in found if x is not None)
    colours = [ORANGE if value > 1 else BLUE for value in values]
    axes.scatter(values, range(len(values)), color=colours, s=12)
    axes.axvline(1, color=GREY, linewidth=1)
    axes.set(xscale="log", yticks=[], xlim=(0.02, 4))
    axes.xaxis.set_major_formatter(lambda value, place: f"{value:g}")
    axes.set_xlabel("time over that of the best of JAX, PyTorch and NumPy")
    axes.set_ylabel(f"{len(values)} workloads")
    axes.grid(axis="x")
    return sum(value <= 1 for value in values)


with rc_context(STYLE):
    figure = Figure(figsize=(10, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    draw_steps(left)
    faster = draw_all(right)
    right.text(0.025, 100, f"{faster} take at most\nthe time of the best other", fontsize=9)
    figure.legend(loc="outside upper left", ncols=4, fontsize=10)
    figure.supxlabel(measured(latest("breadth")), fontsize=8)
    save(figure, sys.argv[1], "readme_ratios")
