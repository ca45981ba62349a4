"""The README's code runs, and its commands are the ones that CI knows."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from installed import skip_unless_recent, skips_without
from pages import README, blocks_of, check_printed

import gpugrad as gg


def test_python_blocks_run_one_after_another(
    own_ops: None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """In one namespace, as a reader would paste them; the first one learns."""
    namespace: dict[str, object] = {}
    blocks = [block for block in blocks_of(README) if "os.environ" not in block]
    assert len(blocks) >= 3
    monkeypatch.chdir(tmp_path)                     # one writes a file
    with gg.use_backend("numpy"):                   # what one of them says of it ends with them
        for block in blocks:
            exec(block, namespace)
    printed = capsys.readouterr().out
    assert float(re.search(r"loss (\S+),", printed).group(1)) < 1e-3
    check_printed(blocks, printed)


def test_a_script_that_sets_the_environment_runs_alone() -> None:
    """In a process of its own, and prints what it says."""
    skip_unless_recent("scipy")
    (script,) = [block for block in blocks_of(README) if "os.environ" in block]
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True,
                          text=True, check=True)  # fmt: skip
    assert done.stdout.strip() == script.strip().rpartition("# ")[2]


def test_what_is_done_with_a_run_can_be_done(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page on runs: its model is used, and its files are read by other programs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gpugrad.train.run.write_report", lambda *args: None)
    with skips_without():
        from gpugrad.cli.app import run
    assert run(["train", "digits", "--epochs", "1", "--backend", "numpy"]) == 0
    capsys.readouterr()
    blocks = blocks_of(README.with_name("docs") / "runs.md")
    assert len(blocks) == 2
    namespace: dict[str, object] = {}
    for block in blocks:
        if "pandas" not in block or find_spec("pandas"):
            exec(block, namespace)
    assert capsys.readouterr().out.strip() in "0123456789"
    assert namespace["shares"].shape == (1797, 10)  # type: ignore[attr-defined]


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
