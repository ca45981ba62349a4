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
    ranks: int, program: str, *words: str, on: int | None = None, plain: bool = False,
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """A program on that many ranks, on so many cores; unless `plain`, with one thread for each."""
    pytest.importorskip("mpi4py", reason="mpi4py is not installed: pip install -e '.[dev]'")
    mpiexec = Path(sys.executable).with_name("mpiexec")
    one_thread = {} if plain else {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:on])    # which processes inherit
    try:
        return subprocess.run(
            [mpiexec, "-n", str(ranks), sys.executable, RANKS / program, *words],
            capture_output=True, text=True, timeout=SECONDS, check=False,
            env={**os.environ, **one_thread, **environment},
        )  # fmt: skip
    finally:
        os.sched_setaffinity(0, before)
