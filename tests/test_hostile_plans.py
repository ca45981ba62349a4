"""Plans whose checksum fits and that nobody saved: refused, or run to what NumPy gives.

They are made and run in a process of their own, so that a crash is a failure like any other.
`GPUGRAD_PLANS` says how many; `ci/full.sh` asks for more.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_up_plans import BINARY, UNARY, change, made_up, nudge

from gpugrad.engines import ALL
from gpugrad.plan.primitives import SCALARS

TESTS = Path(__file__).parent

COUNT = int(os.environ.get("GPUGRAD_PLANS", "1500"))


def attempts(folder: Path, *options: str) -> dict[str, Any]:
    """What became of plans in a process of their own."""
    path = os.pathsep.join([str(TESTS.parent), str(TESTS), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, str(TESTS / "hostile_plans.py"), *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "GPUGRAD_CACHE": str(folder / "cache")},
        capture_output=True,
        text=True,
    )
    number = (folder / "current").read_text() if (folder / "current").exists() else "none"
    assert done.returncode == 0, f"plan {number}: {done.returncode}\n{done.stderr[-2000:]}"
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_every_plan_is_refused_or_right(tmp_path: Path) -> None:
    found = attempts(tmp_path, "--count", str(COUNT))
    assert found["faults"] == []
    assert found["counts"]["refused"] > COUNT // 4
    assert found["counts"]["ran"] > COUNT // 4


SHARE = 5
"""Which part of the plans the engine gets that compiles them."""


@pytest.mark.skipif(not ALL["native"].is_there, reason="the engine native is not installed")
def test_every_plan_is_refused_or_right_where_it_is_compiled(tmp_path: Path) -> None:
    found = attempts(tmp_path, "--count", str(COUNT // SHARE), "--engine", "native")
    assert found["faults"] == []
    assert found["counts"]["ran"] >= COUNT // (5 * SHARE)


def test_without_verification_there_are_faults_to_find(tmp_path: Path) -> None:
    found = attempts(tmp_path, "--count", "150", "--believe")
    assert len(found["faults"]) > 10


def test_the_same_number_is_the_same_plan() -> None:
    plans = [made_up(np.random.default_rng(3)).plan for _ in range(2)]
    assert plans[0] == plans[1]
    assert change(np.random.default_rng(4), plans[0]) == change(np.random.default_rng(4), plans[1])
    assert nudge(np.random.default_rng(5), plans[0]) == nudge(np.random.default_rng(5), plans[1])


def test_what_is_made_up_is_of_primitives() -> None:
    assert {*UNARY, *BINARY} - SCALARS.keys() == set()
