"""Tables and text as HTML for notebooks.

Colours are those of the notebook, light or dark; there are no scripts, and all text is escaped.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape

_NUMBER = ' class="number"'

_STYLE = """<style>
.gpugrad table {border-collapse: collapse; margin: 0 0 8px}
.gpugrad caption {text-align: left; font-weight: bold; padding: 8px 0 4px; color: inherit}
.gpugrad td, .gpugrad th {text-align: left; padding: 2px 14px 2px 0}
.gpugrad th {border-bottom: 1px solid #8888}
.gpugrad .number {text-align: right; font-variant-numeric: tabular-nums}
.gpugrad p {margin: 4px 0}
.gpugrad pre {overflow-x: auto; white-space: pre; margin: 4px 0}
.gpugrad progress {width: 20em; max-width: 40%; vertical-align: middle}
</style>"""


def fragment(*parts: str) -> str:
    """What a notebook shows, made of pieces of HTML."""
    return f'{_STYLE}<div class="gpugrad">{"".join(parts)}</div>'


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    caption: str = "",
    notes: Sequence[str] = (),
    numbers: Collection[int] = (),
) -> str:
    """A table of text; the columns at the places `numbers` are aligned as numbers are."""
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    body = "".join(_row("td", row, numbers) for row in rows)
    return (
        f"<table>{above}<thead>{_row('th', head, numbers)}</thead><tbody>{body}</tbody></table>"
        f"{''.join(map(paragraph, notes))}"
    )


def paragraph(text: str) -> str:
    """A line of text."""
    return f"<p>{escape(text)}</p>"


def preformatted(text: str) -> str:
    """Text whose lines and columns stay as they are."""
    return f"<pre>{escape(text)}</pre>"


def _row(tag: str, cells: Sequence[str], numbers: Collection[int]) -> str:
    made = (
        f"<{tag}{_NUMBER if place in numbers else ''}>{escape(cell)}</{tag}>"
        for place, cell in enumerate(cells)
    )
    return f"<tr>{''.join(made)}</tr>"
