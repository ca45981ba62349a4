"""What `gpugrad trace` runs: an expression and values as text in, text out."""

from __future__ import annotations

from gpugrad.errors import InvalidArgument
from gpugrad.show.assignments import read_values
from gpugrad.show.display import Graph, Trace
from gpugrad.show.evaluate import evaluate
from gpugrad.show.expression import near_miss, parse

FORMATS = ("table", "mermaid", "dot", "svg", "json", "html")


def run(expression: str, assignments: dict[str, str], format: str, exact: bool) -> str:
    """The text that shows `expression`, at the values in `assignments`, in `format`.

    `exact` shows all digits; JSON always does. Raises a `GpugradError` of one line on bad input.
    """
    if format not in FORMATS:
        raise InvalidArgument(
            f"the format {format!r} is unknown; expected one of {', '.join(FORMATS)}."
            f"{near_miss(format, list(FORMATS))}"
        )
    parsed = parse(expression)
    values = read_values(parsed.inputs, assignments)
    if format == "html":
        # Imported now, because the other formats trace nothing.
        from gpugrad.show.pages.make import page_of_expression

        return page_of_expression(parsed, values, exact).html()
    picture = evaluate(parsed, values, exact)
    if format == "table":
        return str(Trace(picture))
    drawing = Graph(picture)
    return {
        "mermaid": drawing.mermaid,
        "dot": drawing.dot,
        "svg": drawing.svg,
        "json": drawing.json,
    }[format]()
