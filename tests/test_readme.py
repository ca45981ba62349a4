"""The README's code runs, and its commands are the ones that CI knows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from installed import skip_unless_recent

README = next(
    folder / "README.md"
    for folder in Path(__file__).resolve().parents
    if (folder / "README.md").is_file()
)


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README.read_text("utf-8"), re.M | re.S)


def test_python_blocks_run_one_after_another(
    own_ops: None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """In one namespace, as a reader would paste them; the first one learns."""
    namespace: dict[str, object] = {}
    blocks = [block for block in _blocks("python") if "os.environ" not in block]
    assert len(blocks) >= 3
    monkeypatch.chdir(tmp_path)                     # one writes a file
    for block in blocks:
        exec(block, namespace)
    loss = float(re.search(r"loss (\S+),", capsys.readouterr().out).group(1))
    assert loss < 1e-3


def test_a_script_that_sets_the_environment_runs_alone() -> None:
    """In a process of its own, and prints what it says."""
    skip_unless_recent("scipy")
    (script,) = [block for block in _blocks("python") if "os.environ" in block]
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True,
                          text=True, check=True)  # fmt: skip
    assert done.stdout.strip() == script.strip().rpartition("# ")[2]


def test_the_two_commands_are_there() -> None:
    """One line each, so that they can be copied, and by CI too."""
    lines = README.read_text("utf-8").splitlines()
    assert (
        sum(line.startswith("python3 -m venv") and "gpugrad train digits" in line for line in lines)
        == 1
    )
    assert (
        sum(line.startswith("python3 -m venv") and line.endswith("-m pytest") for line in lines)
        == 1
    )
