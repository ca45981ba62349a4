"""Every program in the documentation runs, and prints what the page says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from run_page import blocks, faults

DOCS = Path(__file__).parents[1] / "docs"
NOT_PAGES = ("_site", "_made", "reference", "examples")
WITH_TESTS_OF_THEIR_OWN = ("adding.md", "runs.md")
"""Diffs that are applied, and a run that is trained first."""

PAGES = [
    page for page in sorted(DOCS.rglob("*.md"))
    if page.relative_to(DOCS).parts[0] not in NOT_PAGES
    and page.name not in WITH_TESTS_OF_THEIR_OWN
]  # fmt: skip


def name_of(page: Path) -> str:
    return str(page.relative_to(DOCS).with_suffix(""))


@pytest.mark.parametrize("page", [page for page in PAGES if any(blocks(page))], ids=name_of)
def test_a_page_prints_what_it_says(page: Path) -> None:
    """In a process of its own, in an empty folder, where warnings are errors."""
    runner = Path(__file__).with_name("run_page.py")
    environment = {**os.environ, "GPUGRAD_BACKEND": "numpy", "COLUMNS": "100"}
    done = subprocess.run([sys.executable, "-W", "error", runner, page], capture_output=True,
                          text=True, check=False, env=environment)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_block_says_what_it_is(page: Path) -> None:
    """What is not run is named otherwise than what is."""
    fences = re.findall(r"^ *(`{3,}|:{3,})(.*)$", page.read_text("utf-8"), re.MULTILINE)
    languages = [said for _, said in fences if said]
    known = r"python|sh|output|console|text|diff|toml|yaml|json|bibtex|cpp|\{[\w:.-]+\}.*"
    assert not [said for said in languages if not re.fullmatch(known, said)]


def test_a_page_that_is_wrong_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "```python\nx = 1\nprint(x)\n```\n\n```output\n2\n```\n"
        "```python\nx + None\n```\n"
        "```python\n1 / 0\n```\n```output\nZeroDivisionError: ...\n```\n"
        "```sh\nexit 3\n```\n"
        "<!-- needs: no_such_module -->\n```python\nimport no_such_module\n```\n"
        "```python\nprint(x)\n```\n```output\n1\n```\n"
    )
    monkeypatch.chdir(tmp_path)
    first, second, third = faults(page)
    assert first == "page.md:1 printed\n1\nand not\n2\n"
    assert second.startswith("page.md:9 failed: TypeError")
    assert third.startswith("page.md:18 failed")
