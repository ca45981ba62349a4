"""Tables as plain text and as HTML."""

from __future__ import annotations

from html import escape

from gpugrad.show.tables import Table

_STYLE = (
    "<style>.gpugrad-trace td, .gpugrad-trace th {text-align: left; padding: 2px 12px 2px 0}"
    " .gpugrad-trace caption {text-align: left; font-weight: bold; padding: 8px 0 4px 0}</style>"
)


def as_text(title: str, tables: list[Table]) -> str:
    """The tables one below the other, their columns aligned."""
    blocks = [title] if title else []
    return "\n\n".join([*blocks, *map(_text, tables)])


def _text(table: Table) -> str:
    lines = [table.head, *table.rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(table.head))]
    rule = tuple("─" * width for width in widths)
    aligned = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (table.head, rule, *table.rows)
    ]
    return "\n".join([table.title, *(f"  {line}" for line in aligned),
                      *(f"  {note}" for note in table.notes)])


def as_html(title: str, tables: list[Table]) -> str:
    """The tables as HTML, for a notebook."""
    heading = f"<p><code>{escape(title)}</code></p>" if title else ""
    return f'{_STYLE}<div class="gpugrad-trace">{heading}{plain_html(tables)}</div>'


def plain_html(tables: list[Table]) -> str:
    """The tables as HTML without any style."""
    return "".join(map(_html, tables))


def _html(table: Table) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table.head)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows
    )
    notes = "".join(f"<p>{escape(note)}</p>" for note in table.notes)
    return (
        f"<table><caption>{escape(table.title)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{notes}"
    )
