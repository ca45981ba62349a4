"""Text as it may be shown: that from outside, and numbers of things.

A name in a stranger's file can hold anything: a line break would tear a table, and a terminal obeys
the control sequences that are written to it.
"""

from __future__ import annotations


def printable(text: str) -> str:
    """`text` with all that cannot be printed, such as a line break, as in a string of Python."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def counted(number: int, thing: str) -> str:
    """So many things of that name."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def there_are(number: int, thing: str) -> str:
    """The same as a part of a sentence."""
    return f"there {'is' if number == 1 else 'are'} {counted(number, thing)}"
