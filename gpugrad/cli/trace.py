"""`gpugrad trace`: an expression with its gradients, step by step."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from unicodedata import normalize

import typer

from gpugrad.atomic import write_atomically
from gpugrad.cli.completion import one_of
from gpugrad.cli.help_text import argument, option
from gpugrad.errors import InvalidArgument

FORMATS = ("table", "mermaid", "dot", "svg", "json", "html")


def trace(
    context: typer.Context,
    expression: Annotated[
        str,
        argument(metavar="EXPRESSION", help='A formula, such as "(x + y) * x".'),
    ],
    values: Annotated[
        list[str] | None,
        argument(metavar="NAME=VALUE...", help="Numbers for its names, such as x=3 y=2."),
    ] = None,
    format: Annotated[
        str,
        option(
            metavar="NAME", autocompletion=one_of(FORMATS),
            help="table, mermaid, dot, svg or json, or html for a page to step through. "
            "Default: table.",
        ),
    ] = "table",
    exact: Annotated[
        bool, option("--exact", metavar=" ", help="Show all digits instead of six.")
    ] = False,
    output: Annotated[
        Path | None,
        option(
            "--out", "--output", metavar="FILE", help="Write to this file instead of printing."
        ),
    ] = None,
) -> None:
    """Show how an expression and its gradients are computed, step by step.

    The expression is written in Python, with the functions of gpugrad by their names, such as exp
    and tanh. A drawing is made by --format svg, and a page to step through by --format html.

    Examples:
      gpugrad trace "(x + y) * x" x=3 y=2
      gpugrad trace "sin(x) / x" x=0.5 --format html --out page.html
    """
    if expression == "-h" and not values:           # a formula that starts so has a value for h
        print(context.get_help())
        return
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
            raise InvalidArgument(f"'{text}' gives no value; expected NAME=VALUE, such as x=3")
        if name in pairs:
            raise InvalidArgument(f"{name} is given twice, as {pairs[name]} and as {value}")
        pairs[name] = value
    return pairs
