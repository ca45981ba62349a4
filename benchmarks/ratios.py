"""The table and the picture of a report of `breadth.py`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OURS = "gpugrad "
"""How the names of gpugrad's contenders begin; the engine follows."""

LEGEND = (
    "Times of a run in microseconds: minimum (median). Compile: seconds of all cores until the "
    "final code ran, in a process that had compiled something else before. Ratio: the best engine "
    "of gpugrad over the best of the others, by minima; below 1 gpugrad is faster."
)


def head(names: list[str], compiling: list[str]) -> list[str]:
    """The first two lines of the table, in Markdown."""
    cells = ["row", "size", *names, "ratio", *(f"compile {name}" for name in compiling)]
    return [_line(cells), _line(["---", "---", *["---:"] * (len(cells) - 2)])]


def line(
    row: str, size: str, entry: dict[str, Any], names: list[str], compiling: list[str]
) -> str:
    """The line of a row at one size. `-` stands for who has no time, `!` at who is wrong."""
    cells = [_time(entry, name) for name in names]
    found = ratio(entry)
    seconds = entry["compile_cpu_seconds"]
    cells += ["-" if found is None else f"{found:.2f}"]
    cells += [f"{seconds[name]:.2f}" if name in seconds else "-" for name in compiling]
    return _line([row, size, *cells])


def ratio(entry: dict[str, Any]) -> float | None:
    """The best of gpugrad over the best of the others; `None` without one of them."""
    least = {name: times["min"] for name, times in entry["microseconds"].items()}
    ours = [x for name, x in least.items() if name.startswith(OURS)]
    others = [x for name, x in least.items() if not name.startswith(OURS)]
    return min(ours) / min(others) if ours and others else None


def notes(rows: dict[str, dict[str, dict[str, Any]]]) -> Iterator[str]:
    """Who differs, what failed, and who is left out and why."""
    left_out: Counter[tuple[str, str]] = Counter()
    for row, sizes in rows.items():
        for size, entry in sizes.items():
            if "failed" in entry:
                yield f"FAILED: {row}, {size}: {entry['failed']}"
            for name, text in entry["wrong"].items():
                yield f"WRONG: {row}, {size}, {name}: {text}"
            left_out.update(entry["left_out"].items())
    for (name, reason), count in left_out.items():
        yield f"{name} is left out {count} times: {reason}"


def picture(rows: dict[str, dict[str, dict[str, Any]]], title: str, file: Path) -> None:
    """The ratios on a logarithmic axis, the greatest on top; the suffix of `file` says the format.

    What takes longer than the best of the others is orange.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    from gpugrad.train.plots import BLUE, DARK, ORANGE, STYLE

    found = {
        f"{row}, {size}": value
        for row, sizes in rows.items()
        for size, entry in sizes.items()
        if (value := ratio(entry)) is not None
    }
    names = sorted(found, key=lambda name: found[name])
    values = [found[name] for name in names]
    with rc_context(STYLE):
        figure = Figure(figsize=(9, 1.2 + 0.19 * len(names)), layout="constrained")
        axes = figure.subplots()
        colours = [ORANGE if value > 1 else BLUE for value in values]
        axes.hlines(range(len(names)), 1, values, color=colours, linewidth=1)
        axes.scatter(values, range(len(names)), color=colours, s=22)
        axes.axvline(1, color=DARK, linewidth=1)
        axes.set_yticks(range(len(names)), names, fontsize=8)
        axes.set(xscale="log", ylim=(-1, len(names)), title=title)
        axes.set_xlabel("time of gpugrad's best engine / time of the best peer")
        axes.xaxis.set_major_formatter(lambda value, place: f"{value:g}")
        figure.savefig(file)


def _time(entry: dict[str, Any], name: str) -> str:
    times, mark = entry["microseconds"].get(name), "!" * (name in entry["wrong"])
    return f"{_short(times['min'])} ({_short(times['median'])}){mark}" if times else f"-{mark}"


def _short(microseconds: float) -> str:
    """With three digits."""
    return f"{microseconds:.0f}" if microseconds >= 100 else f"{microseconds:.3g}"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
