"""A training step of two processes, and sums of arrays over them."""

from __future__ import annotations

import sys

from _style import BLUE, GREY, STYLE, latest, measured, save
from matplotlib import rc_context
from matplotlib.figure import Figure

report = latest("parallel")
(two,) = (part for part in report["ranks"] if part["ranks"] == 2)
with rc_context(STYLE):
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    axes = figure.subplots()
    sums = two["collectives"]
    sizes = [int(size) for size in sums]
    for name, label, colour in (("mpi4py by hand", "mpi4py by hand", GREY),
                                ("psum", "gg.parallel.psum", BLUE)):  # fmt: skip
        axes.loglog(sizes, [sums[str(x)][name]["min"] for x in sizes], "o-", color=colour,
                    label=label, markersize=4)  # fmt: skip
    axes.set(xlabel="bytes of the array", ylabel="microseconds for a sum of two ranks")
    figure.supxlabel(measured(report), fontsize=8)
    axes.legend()
    axes.grid()
    save(figure, sys.argv[1], "bench_parallel")
