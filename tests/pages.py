"""The pages for readers, and the programs in them."""

from __future__ import annotations

from pathlib import Path

from run_page import blocks

README = next(
    folder / "README.md"
    for folder in Path(__file__).resolve().parents
    if (folder / "README.md").is_file()
)


def blocks_of(page: Path) -> list[str]:
    """The blocks of Python in a page, in order."""
    return [block.text for block in blocks(page) if block.language == "python"]
