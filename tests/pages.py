"""The pages for readers, and the programs in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

README = next(
    folder / "README.md"
    for folder in Path(__file__).resolve().parents
    if (folder / "README.md").is_file()
)


def blocks_of(page: Path) -> list[str]:
    """The blocks of Python in a page, in order."""
    return re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)


def check_printed(blocks: Iterable[str], printed: str) -> None:
    """What a comment beside a call of `print` says is printed, is."""
    for line in "\n".join(blocks).splitlines():
        call, _, said = line.partition("  # ")
        if call.startswith("print(") and said.lstrip().startswith(("[", "(")):
            assert f"{said.strip()}\n" in printed
