"""Programs of `tests/ranks` under `mpiexec`, each with a time limit of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

RANKS = Path(__file__).parent / "ranks"
SECONDS = 60


def run(
    ranks: int, program: str, *words: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A program on that many ranks, with a thread of BLAS for each."""
    pytest.importorskip("mpi4py", reason="mpi4py is not installed: pip install -e '.[dev]'")
    mpiexec = Path(sys.executable).with_name("mpiexec")
    return subprocess.run(
        [mpiexec, "-n", str(ranks), sys.executable, RANKS / program, *words],
        capture_output=True, text=True, timeout=SECONDS, check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **environment},
    )  # fmt: skip
