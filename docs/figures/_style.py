"""What the figures of the site have in common. They are read on white and on black."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"

BLUE, ORANGE, GREEN, PURPLE, GREY = "#3D8BC8", "#E07B2A", "#2E9E6E", "#B36BA8", "#808080"

STYLE: dict[str, Any] = {
    "font.size": 11,
    "text.color": GREY,
    "axes.labelcolor": GREY,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "grid.color": "#80808040",
    "legend.frameon": False,
    "svg.hashsalt": "gpugrad",
}


def latest(name: str) -> dict[str, Any]:
    """The last report of a benchmark that is kept in the repository."""
    file = max(RESULTS.glob(f"{name}-*.json"))
    report: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return report


def measured(report: dict[str, Any]) -> str:
    """When, on what, and with what a report was measured."""
    cores = "one core" if report["cores"] == 1 else f"{report['cores']} cores"
    names = {"numpy": "NumPy", "jax": "JAX", "torch": "PyTorch", "mpich": "MPICH"}
    versions = [f"{names[k]} {v.split('+')[0]}" for k, v in report["versions"].items()
                if k in names]  # fmt: skip
    return f"{report['date']}, {report['cpu']}, {cores}; {', '.join(versions)}"


def save(figure: Figure, folder: str, name: str) -> None:
    """Write the figure as SVG, with a background that lets that of the page through."""
    figure.savefig(Path(folder) / f"{name}.svg", transparent=True, bbox_inches="tight",
                   metadata={"Date": None})  # fmt: skip
