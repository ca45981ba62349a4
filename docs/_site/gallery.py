"""How the figures of the examples look: like those of the pages, on white and on black."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
from cycler import cycler

sys.path.insert(0, str(Path(__file__).parents[1] / "figures"))

from _style import BLUE, GREEN, GREY, ORANGE, PURPLE, STYLE  # noqa: E402


def use_style(settings: dict[str, Any], file: str) -> None:
    """What sphinx-gallery calls before each example."""
    mpl.rcParams.update(STYLE)
    mpl.rcParams.update({
        "axes.prop_cycle": cycler(color=[BLUE, ORANGE, GREEN, PURPLE, GREY]),
        "axes.facecolor": "none",
        "figure.facecolor": "none",
        "axes.titlecolor": GREY,
        "legend.labelcolor": GREY,
        "savefig.transparent": True,
    })  # fmt: skip
