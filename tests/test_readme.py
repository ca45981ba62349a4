"""The README's code runs, and its commands are the ones that CI knows."""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from json import loads
from pathlib import Path

import pytest
from installed import skips_without
from pages import README, blocks_of

import gpugrad as gg

sys.path.insert(0, str(README.with_name("benchmarks")))
from ratios import ratio


def test_the_program_learns(capsys: pytest.CaptureFixture[str]) -> None:
    """It is the first that a reader runs."""
    (program,) = blocks_of(README)
    assert len([line for line in program.splitlines() if line]) <= 20
    with gg.use_backend("numpy"):                   # what it says of it ends with it
        exec(program, {})
    loss, slope = re.search(r"loss (\S+), slope at 0 (\S+)", capsys.readouterr().out).groups()
    assert float(loss) < 1e-4
    assert abs(float(slope) - 3) < 0.05


def test_what_stands_in_words_is_what_was_measured() -> None:
    """The ratios of the README are those of the results that it shows a picture of."""
    text = " ".join(README.read_text("utf-8").split())
    results = README.with_name("benchmarks") / "results"
    steps = loads(max(results.glob("steps-*.json")).read_text("utf-8"))["microseconds"]
    shares = [
        min(x["min"] for name, x in times.items() if name.startswith("gpugrad"))
        / times["NumPy by hand"]["min"]
        for times in steps.values()
    ]
    assert f"takes {min(shares):.2f} to {max(shares):.2f} of the time" in text
    rows = loads(max(results.glob("breadth-*.json")).read_text("utf-8"))["rows"]
    found = [ratio(entry) for sizes in rows.values() for entry in sizes.values()]
    ratios = [x for x in found if x is not None]
    assert f"{sum(x <= 1 for x in ratios)} of {len(ratios)} workloads" in text


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
