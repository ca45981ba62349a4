"""Names on the command line: as arguments, and on the console."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.markup import escape

from gpugrad.printable import printable


def shown(name: str | Path) -> str:
    """`name` for a console of Rich, which takes what stands in square brackets as its own."""
    return escape(printable(str(name)))


def path(text: str) -> Path:
    """The argument `text` as a path. Nothing at all would be the working directory, unmeant."""
    if not text:
        raise typer.BadParameter("it is empty; expected the name of a file or a folder")
    return Path(text)
