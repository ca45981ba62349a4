"""Every program of the gallery runs, and finds what it says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
PROGRAMS = sorted(EXAMPLES.rglob("[a-z]*.py"))


def failure(program: Path, folder: Path) -> str:
    """What a program says when it fails: in a process of its own, where warnings are errors."""
    environment = {**os.environ, "GPUGRAD_BACKEND": "numpy", "GPUGRAD_DETERMINISTIC": "1",
                   "MPLBACKEND": "Agg"}  # fmt: skip
    environment.pop("DISPLAY", None)                # else `plt.show` warns that Agg shows nothing
    done = subprocess.run([sys.executable, "-W", "error", program], capture_output=True, text=True,
                          check=False, cwd=folder, env=environment, timeout=60)  # fmt: skip
    return done.stderr or f"it left with {done.returncode}" if done.returncode else ""


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_an_example_finds_what_it_says(program: Path, tmp_path: Path) -> None:
    assert not failure(program, tmp_path)
    assert not list(tmp_path.iterdir())             # what a reader tries leaves nothing behind


def test_every_example_checks_its_result() -> None:
    checks = ("\nassert ", "\n    assert ", "np.testing.assert_")
    assert PROGRAMS
    assert not [p.name for p in PROGRAMS if not any(c in p.read_text("utf-8") for c in checks)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("assert 1 + 1 == 3\n", "AssertionError"),
        ("import warnings\nwarnings.warn('careful')\n", "UserWarning: careful"),
        ("raise SystemExit(3)\n", "it left with 3"),
    ],
)
def test_an_example_that_fails_is_noticed(text: str, said: str, tmp_path: Path) -> None:
    program = tmp_path / "example.py"
    program.write_text(text)
    assert said in failure(program, tmp_path)
