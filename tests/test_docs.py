"""The pages for those who change gpugrad say what is so: files that exist, journeys no longer."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gpugrad

ROOT = Path(__file__).parents[1]
PACKAGE = Path(gpugrad.__file__).parent
PAGES = [
    page for page in sorted((ROOT / "docs").rglob("*.md"))
    if page.relative_to(ROOT / "docs").parts[0] not in ("_made", "examples", "reference")
]  # fmt: skip
MADE = "/_made/"
"""Where the build of the site puts its figures."""
WRITTEN = (ROOT / "docs" / "reference", ROOT / "docs" / "examples")
"""Where it puts pages, whose links it checks."""


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_files_that_a_page_names_exist(page: Path) -> None:
    """In the package, at the top of the checkout, or beside the page."""
    text = page.read_text("utf-8")
    named = set(re.findall(r"`((?:[\w.]+/)+[\w.]+\.(?:py|sh|cu|cuh|toml|md))`", text))
    missing = [
        name for name in sorted(named)
        if not any((place / name).exists() for place in (PACKAGE, ROOT, page.parent))
    ]  # fmt: skip
    assert not missing
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    files = [(page.parent / x).resolve() for x in links if not x.startswith(MADE)]
    assert not [x for x in files if not x.exists() and x.parent not in WRITTEN]
    drawn = [Path(x).stem.partition("-")[0] for x in links if x.startswith(MADE)]
    assert not [name for name in drawn if not (ROOT / "docs" / "figures" / f"{name}.py").exists()]


def stated() -> dict[str, tuple[int, int]]:
    """Calls and files of each journey, as the page says."""
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rows = re.findall(r"^\| `([^`]+)`([^|]*) \| ([\d,]+) \| (\d+) \|$", page, re.MULTILINE)
    return {f"{a}{b}": (int(calls.replace(",", "")), int(files)) for a, b, calls, files in rows}


def longer(found: dict[str, tuple[int, int]]) -> list[str]:
    """The journeys that are longer than the page says."""
    said = stated()
    return [
        f"{name}: {calls} calls, {files} files; the page says {said[name]}"
        for name, (calls, files) in found.items()
        if calls > said[name][0] or files > said[name][1]
    ]


def test_no_journey_is_longer_than_the_page_says() -> None:
    environment = {**os.environ, "GPUGRAD_BACKEND": "numpy"}
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "journeys.py"],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    found = {}
    for line in done.stdout.splitlines()[1:]:
        name, calls, files = line.rsplit(maxsplit=2)
        found[name.strip()] = (int(calls.replace(",", "")), int(files))
    assert list(found) == list(stated())
    assert not longer(found)
    name, (calls, files) = next(iter(found.items()))
    assert longer({name: (calls + 1, files)})       # the test can fail
