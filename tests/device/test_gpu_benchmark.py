"""The benchmark for GPUs runs, in its smallest form, which measures nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gpu.py"


def test_the_benchmark_runs() -> None:
    options = ["--sizes", "toy", "--seconds", "0", "--elements", "1000"]
    options += ["--without", "PyTorch,JAX"]
    run = subprocess.run(
        [sys.executable, str(SCRIPT), *options], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "gpugrad jit" in run.stdout
    assert "cupy: 1 graph of" in run.stdout
    assert "copy of x" in run.stdout
