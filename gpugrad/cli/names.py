"""Names on the command line: as arguments, on the console, and as a shell reads them again."""

from __future__ import annotations

import os
import shlex
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
        raise typer.BadParameter("it is empty; wanted is the name of a file or a folder")
    return Path(text)


def shell_word(path: Path) -> str:
    """`path` so that a shell reads it as one word, and again as this path."""
    if str(path).isprintable():
        return shlex.quote(str(path))
    signs = (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}" for byte in os.fsencode(path))
    return "$'" + "".join(f"\\{sign}" if sign in "'\\" else sign for sign in signs) + "'"
