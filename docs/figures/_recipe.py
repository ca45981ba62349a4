"""What the figures of recipes share: the names of a page's programs, and how pictures look."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stdout
from itertools import islice
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
from _style import STYLE
from _style import save as save_as
from matplotlib.axes import Axes
from matplotlib.figure import Figure

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from run_page import blocks  # noqa: E402

plt.rcParams.update({**STYLE, "font.size": 9})


def names_of(page: str, first: int | None = None) -> dict[str, Any]:
    """What the programs of `docs/recipes/PAGE.md` define, all of them or the first ones."""
    names: dict[str, Any] = {}
    with redirect_stdout(io.StringIO()):
        for block in islice(blocks(ROOT / "docs" / "recipes" / f"{page}.md"), first):
            exec(block.text, names)
    return names


def axes(x: str = "", y: str = "", size: tuple[float, float] = (6, 2.6)) -> Axes:
    """An empty picture with its axes named."""
    ax = plt.subplots(figsize=size, layout="constrained")[1]
    ax.set(xlabel=x, ylabel=y)
    return ax


def save(figure: Figure | None) -> None:
    """Into the folder that the build names, as the file is called that draws."""
    assert figure is not None
    save_as(figure, sys.argv[1], Path(sys.argv[0]).stem)
