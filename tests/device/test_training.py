"""`gpugrad train` on CuPy gives what it gives on NumPy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gpugrad.cli.app import run


def records(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def train(folder: Path, *options: str) -> list[dict[str, Any]]:
    assert run(["train", "digits", "--out", str(folder), *options]) == 0
    return records(folder)


@pytest.mark.parametrize("engine", ["auto", "eager"])
def test_the_first_epoch_of_the_digits_is_that_of_the_cpu(engine: str, tmp_path: Path) -> None:
    wanted = train(tmp_path / "numpy", "--epochs", "1", "--backend", "numpy")
    options = ("--epochs", "1", "--backend", "cupy", "--engine", engine)
    found = train(tmp_path / "cupy", *options)
    (one,), (other,) = found, wanted
    assert one["train_loss"] == pytest.approx(other["train_loss"], rel=1e-6)
    assert one["validation_loss"] == pytest.approx(other["validation_loss"], rel=1e-6)
    assert one["validation_accuracy"] == other["validation_accuracy"]
    settings = json.loads((tmp_path / "cupy" / "config.json").read_text())["settings"]
    assert settings["backend"] == "cupy"
    assert settings["engine"] == ("cupy" if engine == "auto" else "eager")


