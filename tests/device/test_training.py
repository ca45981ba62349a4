"""`gpugrad train` on CuPy gives what it gives on NumPy, to the roundings of an epoch.

Products are summed in another order and with fused multiply-add, so each step is off by some ten
roundings in single precision (6e-8), and an epoch of the digits has 18 steps. Adam divides by the
size of the gradient, so that where a gradient is nothing but rounding its parameter may go another
way; but then the loss hardly depends on it. A batch or a term that is wrong shows in percents.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gpugrad.cli.app import run

LOSS = 1e-4


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
    for name in ("train_loss", "validation_loss"):
        assert one[name] == pytest.approx(other[name], rel=LOSS)
    # In 179 rows that are judged by the larger of logits, one may be a tie to rounding.
    assert one["validation_accuracy"] == pytest.approx(other["validation_accuracy"], abs=1 / 179)
    settings = json.loads((tmp_path / "cupy" / "config.json").read_text())["settings"]
    assert settings["backend"] == "cupy"
    assert settings["engine"] == ("cupy" if engine == "auto" else "eager")


