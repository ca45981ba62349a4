"""Text from outside as it may be shown.

A name in a stranger's file can hold anything: a line break would tear a table, and a terminal obeys
the control sequences that are written to it.
"""

from __future__ import annotations


def printable(text: str) -> str:
    """`text` with all that cannot be printed, such as a line break, as in a string of Python."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
