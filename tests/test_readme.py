"""The README's code runs, and its commands are the ones that CI knows."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from installed import skips_without
from pages import README, blocks_of

import gpugrad as gg


def test_the_program_learns(capsys: pytest.CaptureFixture[str]) -> None:
    """It is the first that a reader runs."""
    (program,) = blocks_of(README)
    assert len([line for line in program.splitlines() if line]) <= 20
    with gg.use_backend("numpy"):                   # what it says of it ends with it
        exec(program, {})
    loss, slope = re.search(r"loss (\S+), slope at 0 (\S+)", capsys.readouterr().out).groups()
    assert float(loss) < 1e-4
    assert abs(float(slope) - 3) < 0.05


def test_what_is_done_with_a_run_can_be_done(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page on runs: its model is used, and its files are read by other programs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gpugrad.train.report.write_report", lambda *args: None)
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
