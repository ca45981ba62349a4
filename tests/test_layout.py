"""`ci/layout.py` passes on the package as it is, and fails on each kind of wrong layout."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package, its order and the script, to be changed."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "gpugrad", tmp_path / "gpugrad", ignore=ignored)
    (tmp_path / "ci").mkdir()
    for name in ("pyproject.toml", "ci/layout.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def layout(root: Path) -> tuple[int, list[str]]:
    """The exit code of the script, and what it says is wrong."""
    command = [sys.executable, "ci/layout.py"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)
    assert not done.stderr
    return done.returncode, [x[7:] for x in done.stdout.splitlines() if x.startswith("WRONG: ")]


def append(name: str, text: str) -> Callable[[Path], None]:
    """A change: more at the end of a file, which may be new."""

    def change(root: Path) -> None:
        with (root / "gpugrad" / name).open("a") as file:
            file.write(text)

    return change


def shows_no_more(root: Path) -> None:
    path = root / "gpugrad" / "plan" / "plan.py"
    path.write_text(path.read_text().replace("gpugrad.plan.listing", "gpugrad.plan.regions"))


WRONG = {
    "a circle": (
        append("sweep/cotangents.py", "def f(): from gpugrad.sweep import sweep\n"),
        ["gpugrad.sweep.sweep, which is not below",
         "a circle of imports: gpugrad.sweep.cotangents, gpugrad.sweep.sweep"],
    ),
    "a circle for types alone": (
        append("optim/step_functions.py", "if TYPING:\n    from gpugrad.optim.adam import A\n"),
        ["a circle of imports: gpugrad.optim.adam, "],
    ),
    "from a lower room": (
        append("graph/node.py", "def f():\n    from gpugrad.plan.primitives import SCALARS\n"),
        ["gpugrad.graph.node imports gpugrad.plan.primitives, which is not below it"],
    ),
    "on one floor": (
        append("engines/cuda/fused.py", "from gpugrad.engines.native import engine\n"),
        ["gpugrad.engines.cuda.fused imports gpugrad.engines.native.engine, which is not below it"],
    ),
    "a room that is too large": (
        append("engines/control.py", "# more\n" * 20_000), ["engines holds ", "22 % are allowed"],
    ),
    "one name for two subjects": (
        append("data/loop.py", ""), ["2 files are called loop.py: one name is for one subject"],
    ),
    "a list that is too long": (
        shows_no_more, ["gpugrad.plan.plan does not import gpugrad.plan.listing"],
    ),
}  # fmt: skip


def test_the_layout_is_as_it_should_be() -> None:
    assert layout(ROOT) == (0, [])


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said(case: str, copy: Path) -> None:
    change, wanted = WRONG[case]
    change(copy)
    code, said = layout(copy)
    assert code == 1
    assert all(any(text in line for line in said) for text in wanted)
