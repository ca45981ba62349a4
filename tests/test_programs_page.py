"""docs/programs.md lists the programs that there are, and nothing that is wrong."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import programs_of_science  # noqa: F401  # which adds its programs
import pytest
from programs_of_others import FIELDS, PROGRAMS

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "packages"))

import programs_by_package  # noqa: E402

PAGE = (ROOT / "docs" / "programs.md").read_text("utf-8")


def rows(text: str) -> dict[str, list[str]]:
    """The cells of each line of a table."""
    return {
        line.split("`")[1]: [cell.strip() for cell in line.strip("| ").split("|")]
        for line in text.splitlines() if line.startswith("| `")
    }  # fmt: skip


ROWS, EXAMPLES = map(rows, PAGE.split("## Examples of HIPS autograd"))


def test_every_program_has_a_field_and_a_row() -> None:
    assert FIELDS.keys() == PROGRAMS.keys()
    named = [*programs_by_package.PROGRAMS, *PROGRAMS]
    assert list(ROWS) == named


@pytest.mark.parametrize("name", programs_by_package.PROGRAMS)
def test_rows_of_packages_say_what_they_are(name: str) -> None:
    given, row = programs_by_package.PROGRAMS[name], ROWS[name]
    assert row[1] == given.field
    assert re.fullmatch(rf"{given.package} [\d.]+", row[2])
    assert row[3] == given.imports


@pytest.mark.parametrize("name", [*programs_by_package.PROGRAMS, *PROGRAMS])
def test_gradients_are_right_in_each_row(name: str) -> None:
    """By differences, as far as these tell, and beside HIPS autograd, where it runs the program."""
    _, _, _, _, differences, hips, *_ = ROWS[name]
    assert float(differences) < 1e-5
    assert hips == "–" or float(hips) < 1e-9


def test_examples_of_hips_autograd_run() -> None:
    """With NumPy itself at least 27, and with `gpugrad.numpy` 29; some compute no gradient."""
    assert len(EXAMPLES) == 31
    for column, least in ((1, 27), (2, 29)):
        cells = [row[column] for row in EXAMPLES.values()]
        right = [cell for cell in cells if cell == "none" or _number(cell) < 1e-9]
        assert len(right) >= least


def _number(cell: str) -> float:
    return float(cell) if re.fullmatch(r"[\d.e+-]+", cell) else float("inf")
