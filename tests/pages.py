"""The pages for readers, and the programs in them."""

from __future__ import annotations

import re
from pathlib import Path

README = next(
    folder / "README.md"
    for folder in Path(__file__).resolve().parents
    if (folder / "README.md").is_file()
)


def blocks_of(page: Path) -> list[str]:
    """The blocks of Python in a page, in order."""
    return re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
