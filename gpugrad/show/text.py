"""Tables as plain text and as HTML."""

from __future__ import annotations

from html import escape

from gpugrad.show.tables import Table
from gpugrad.tabular import columns, fragment, html_table


def as_text(title: str, tables: list[Table]) -> str:
    """The tables one below the other, their columns aligned."""
    blocks = [title] if title else []
    return "\n\n".join([*blocks, *map(_text, tables)])


def _text(table: Table) -> str:
    widths = [max(map(len, column)) for column in zip(table.head, *table.rows, strict=True)]
    rule = tuple("─" * width for width in widths)
    aligned = columns([table.head, rule, *table.rows], "<" * len(rule))
    return "\n".join([table.title, *(f"  {line}" for line in aligned),
                      *(f"  {note}" for note in table.notes)])


def as_html(title: str, tables: list[Table]) -> str:
    """The tables as HTML, for a notebook."""
    heading = f"<p><code>{escape(title)}</code></p>" if title else ""
    return fragment(heading, plain_html(tables))


def plain_html(tables: list[Table]) -> str:
    """The tables as HTML without any style."""
    return "".join(
        html_table(table.head, table.rows, "", table.title, table.notes) for table in tables
    )
