"""Tables: as aligned text, and as HTML for notebooks.

The HTML has the colours of the notebook, light or dark, and no scripts; all text is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

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
_NUMBER = ' class="number"'


class Text(str):
    """Text that is shown as it is, in a notebook and where Python prints the value of a line."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return fragment(f"<pre>{escape(self)}</pre>")


def columns(rows: Sequence[Sequence[str]], alignment: str, gap: str = "  ") -> list[str]:
    """Lines of text in columns, of which `alignment` says for each whether it is `<` or `>`."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        gap.join(
            f"{cell:{side}{width}}"
            for cell, side, width in zip(row, alignment, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def fragment(*parts: str) -> str:
    """What a notebook shows, made of pieces of HTML."""
    return f'{_STYLE}<div class="gpugrad">{"".join(parts)}</div>'


def html_table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    alignment: str = "",
    caption: str = "",
    notes: Sequence[str] = (),
) -> str:
    """A table as HTML; columns are aligned as in `columns`, all to the left if nothing is said."""
    sides = alignment or "<" * len(head)
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    body = "".join(_row("td", row, sides) for row in rows)
    names = _row("th", head, sides)
    whole = f"<table>{above}<thead>{names}</thead><tbody>{body}</tbody></table>"
    return "".join([whole, *map(paragraph, notes)])


def paragraph(text: str) -> str:
    """A line of text as HTML."""
    return f"<p>{escape(text)}</p>"


def _row(tag: str, cells: Sequence[str], sides: str) -> str:
    made = (
        f"<{tag}{_NUMBER if side == '>' else ''}>{escape(cell)}</{tag}>"
        for cell, side in zip(cells, sides, strict=True)
    )
    return f"<tr>{''.join(made)}</tr>"
