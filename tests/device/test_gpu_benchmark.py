"""The benchmark for GPUs runs, in its smallest form, which measures nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gpu.py"
ROWS = {"CuPy by hand", "gpugrad backward()", "gpugrad value_and_grad", "gpugrad jit"}
FLOORS = {"a launch of nothing", "a copy of the long array"}


def run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *options], capture_output=True, text=True, check=False
    )


def test_the_benchmark_runs(tmp_path: Path) -> None:
    """With a row for each that is there, the floors beside them, and a reason for each that is not.
    """
    kinds = ["float32", "tf32"]
    options = ["--sizes", "toy", "--seconds", "0", "--elements", "1000"]
    options += ["--without", "PyTorch,JAX", "--products", ",".join(kinds)]
    done = run(*options, "--json", str(tmp_path / "figures.json"))
    assert done.returncode == 0, done.stderr
    reports = json.loads((tmp_path / "figures.json").read_text())
    assert list(reports) == kinds
    for kind, report in reports.items():
        assert f"products of {kind} in every library" in done.stdout
        assert report["products"] == kind
        assert set(report["microseconds"]["toy"]) == ROWS | FLOORS
        assert set(report["microseconds"]["elementwise"]) > FLOORS
        assert set(report["copied GB/s"]) == {"toy", "elementwise"}
        assert "cupy: 1 graph of" in report["launches"]["toy"]
        assert set(report["absent"]) == {"PyTorch eager", "PyTorch CUDA graph", "JAX jit"}


def test_what_is_unknown_is_refused() -> None:
    for option, known in (("--products", "float32, tf32"), ("--sizes", "toy, digits")):
        done = run(option, "half")
        assert done.returncode == 2
        assert known in done.stderr
