"""Bars of the times in the committed results, a file for each benchmark.

Blue is gpugrad, orange another library, and grey NumPy by hand.
"""

from __future__ import annotations

import sys

from _style import BLUE, GREY, ORANGE, STYLE, latest, measured, save
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

BENCHMARKS = ("steps", "elementwise", "derivatives")


def draw(name: str) -> Figure:
    """A part for each size: who takes how long, gpugrad in blue, the step by hand in grey."""
    report = latest(name)
    parts = report["microseconds"]
    rows = [len(times) for times in parts.values()]
    figure = Figure(figsize=(8, 0.5 * len(rows) + 0.27 * sum(rows)), layout="constrained")
    every = figure.subplots(len(parts), 1, height_ratios=rows, squeeze=False)[:, 0]
    for axes, (size, times) in zip(every, parts.items(), strict=True):
        names = list(times)
        values = [times[x]["min"] for x in names]
        colours = [colour_of(x) for x in names]
        bars = axes.barh(range(len(names)), values, height=0.75, color=colours)
        axes.bar_label(bars, [written(x) for x in values], padding=4, fontsize=9, color=GREY)
        axes.set_yticks(range(len(names)), [x.removeprefix(f"{size}, ") for x in names], fontsize=9)
        axes.set(xscale="log", xlim=(min(values) / 2, max(values) * 4))
        axes.invert_yaxis()
        axes.set_title(size if not size.isdigit() else f"{int(size):,} elements", fontsize=10,
                       loc="left")  # fmt: skip
        axes.xaxis.set_major_formatter(lambda value, place: written(value))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.tick_params(axis="x", labelsize=8)
    figure.supxlabel(measured(report), fontsize=8)
    return figure


def colour_of(name: str) -> str:
    """Grey for what bounds the others, orange for other libraries."""
    if "NumPy" in name:
        return GREY
    return ORANGE if "JAX" in name or "PyTorch" in name else BLUE


def written(microseconds: float) -> str:
    """With the unit that suits it."""
    return f"{microseconds:.3g} µs" if microseconds < 1000 else f"{microseconds / 1000:.3g} ms"


with rc_context(STYLE):
    for name in BENCHMARKS:
        save(draw(name), sys.argv[1], f"bench_times-{name}")
