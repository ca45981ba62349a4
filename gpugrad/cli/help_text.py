"""What `--help` says of the commands, as typer shows it."""

from __future__ import annotations

import inspect
from functools import partial

import typer
from rich.markup import escape

option = partial(typer.Option, show_default=False)
argument = partial(typer.Argument, show_default=False)
"""The help of each says what its default means: often more than the value does."""

GENERAL = """Train small networks, and see how gradients are computed.

    Examples:
      gpugrad train digits
      gpugrad sweep digits --grid lr=0.001,0.01 --out rates
      gpugrad predict runs/digits-1 digits
      gpugrad export runs/digits-1 --out digits.onnx
      gpugrad trace "(x + y) * x" x=3 y=2

    "gpugrad COMMAND --help" shows the options of a command. Exit codes: 0 for success, 1 for a
    failure, 2 for a request that cannot be met, and 128 + N where signal N ended the command.
    """


def text_of(docstring: str | None) -> str:
    """A docstring whose paragraphs are as wide as the terminal; examples keep their lines."""
    paragraphs = inspect.cleandoc(docstring or "").split("\n\n")
    return "\n\n".join(
        escape(text if text.startswith("Examples:") else " ".join(text.split()))
        for text in paragraphs
    )
