"""How the examples run for the site: with figures for white and for black, and the same digits."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
from cycler import cycler

import gpugrad as gg

sys.path.insert(0, str(Path(__file__).parents[1] / "figures"))

from _style import BLUE, GREEN, GREY, ORANGE, PURPLE, STYLE


def prepare(settings: dict[str, Any], file: str) -> None:
    """What sphinx-gallery calls before each example."""
    gg.use_deterministic()
    mpl.rcParams.update(STYLE)
    mpl.rcParams.update({
        "axes.facecolor": "none",
        "axes.prop_cycle": cycler(color=[BLUE, ORANGE, GREEN, PURPLE, GREY]),
        "axes.titlecolor": GREY,
        "axes.titlesize": 11,
        "figure.facecolor": "none",
        "legend.labelcolor": GREY,
        "savefig.transparent": True,
    })  # fmt: skip
