"""`gpugrad trace`: an expression with its gradients, step by step."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from unicodedata import normalize

import typer

from gpugrad.atomic import write_atomically
from gpugrad.errors import InvalidArgument


def trace(
    expression: Annotated[str, typer.Argument(help='For example "(x + y) * x".')],
    values: Annotated[
        list[str] | None, typer.Argument(metavar="NAME=VALUE...", help="For example x=3 y=2.")
    ] = None,
    format: Annotated[
        str, typer.Option(help="table, mermaid, dot, svg, json, or html for a page.")
    ] = "table",
    exact: Annotated[bool, typer.Option("--exact", help="Print all digits.")] = False,
    output: Annotated[
        Path | None, typer.Option(help="The file to write, instead of printing.")
    ] = None,
) -> None:
    """Show how an expression and its gradients are computed."""
    assignments = _assignments(values or [])
    from gpugrad.show.command import run

    text = run(expression, assignments, format, exact)
    if output is None:
        print(text)
    else:
        write_atomically(output, f"{text}\n".encode())


def _assignments(values: list[str]) -> dict[str, str]:
    """The pairs in `x=3`, `y=2`, with the values as they were written."""
    pairs: dict[str, str] = {}
    for text in values:
        name, equals, value = (part.strip() for part in text.partition("="))
        name = normalize("NFKC", name)              # as Python reads the names in the expression
        if not (name and equals and value):
            raise InvalidArgument(f"'{text}' gives no value; wanted is NAME=VALUE, such as x=3")
        if name in pairs:
            raise InvalidArgument(f"{name} is given twice, as {pairs[name]} and as {value}")
        pairs[name] = value
    return pairs
