"""The script for the minutes with a GPU: what it does whatever becomes of its stages."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "ci" / "gpu_drill.sh"
STAGES = ["1-machine", "2-cuda", "3-device", "4-speed", "5-rules", "6-jax"]

STUB = """#!/bin/bash
echo "$@" >> "$CALLS"
case "$*" in
    *install*) ;;
    *maxfail*) echo "2 failed"; exit 1 ;;
    *quick*) sleep 600 ;;
    *) echo "fine" ;;
esac
"""
"""In the place of Python: the device tests fail, and the first table never ends."""


def drill(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(SCRIPT), *arguments], env=os.environ | variables, capture_output=True, text=True,
        check=False, cwd=folder,
    )  # fmt: skip


def test_it_goes_on_after_a_failed_stage_and_says_how_each_went(tmp_path: Path) -> None:
    stub = tmp_path / "bin" / "python3"
    stub.parent.mkdir()
    stub.write_text(STUB)
    stub.chmod(0o755)
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "some.whl").touch()
    path = f"{stub.parent}:{os.environ['PATH']}"
    text = SCRIPT.read_text().replace("stage 4-speed 80", "stage 4-speed 1")
    copy = tmp_path / "project" / "ci" / "gpu_drill.sh"
    copy.parent.mkdir(parents=True)
    copy.write_text(text)
    done = subprocess.run(
        ["bash", str(copy), "wheels", "out"], cwd=tmp_path, capture_output=True, text=True,
        env=os.environ | {"PATH": path, "CALLS": str(tmp_path / "calls")}, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    lines = (tmp_path / "out" / "summary.txt").read_text().splitlines()
    assert done.stdout.splitlines() == lines
    assert [line.split()[0] for line in lines[:-1]] == STAGES
    results = ["passed", "passed", "failed with 1", "stopped after 1 s", "passed", "passed"]
    for line, result in zip(lines, results, strict=False):
        assert result in line
    assert "2 failed" in lines[2]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "summary.txt", *(f"{name}.log" for name in STAGES)
    }  # fmt: skip
    calls = (tmp_path / "calls").read_text()
    for part in ("some.whl", "tests/device", "test_pitfalls.py", "--without JAX", "6-jax.json"):
        assert part in calls


def test_its_limits_leave_it_within_eight_minutes() -> None:
    limits = re.findall(r"^(?:stage|tests) (\S+) (\d+) ", SCRIPT.read_text(), re.MULTILINE)
    assert [name for name, _ in limits] == STAGES
    assert sum(int(seconds) for _, seconds in limits) <= 450    # and half a minute for the wheels


@pytest.mark.parametrize("arguments", [(), ("wheels",), ("no_wheels", "out")])
def test_without_wheels_it_says_what_it_wants(arguments: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "no_wheels").mkdir()
    done = drill(tmp_path, *arguments)
    assert done.returncode == 2
    assert "usage: ci/gpu_drill.sh WHEELS OUT" in done.stderr
