"""The scripts for a machine with a GPU: what they do whatever becomes of their stages."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[1] / "ci" / "gpu_drill.sh"
STAGES = ["1-machine", "2-cuda", "3-device", "4-speed", "5-rules", "6-jax"]

STUB = """#!/bin/bash
echo "$@" >> "$CALLS"
case "$*" in
    *install*) ;;
    *maxfail*) echo "2 failed"; exit 1 ;;
    *without*) trap 'echo interrupted; exit 130' INT; sleep 600 & wait ;;
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
    text = SCRIPT.read_text().replace("stage 4-speed 75", "stage 4-speed 1")
    copy = tmp_path / "project" / "ci" / "gpu_drill.sh"
    copy.parent.mkdir(parents=True)
    copy.write_text(text)
    done = subprocess.run(
        ["bash", "-c", "trap '' INT; exec bash $0 wheels out", str(copy)], cwd=tmp_path,
        capture_output=True, text=True, check=False,
        env=os.environ | {"PATH": path, "CALLS": str(tmp_path / "calls")},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    lines = (tmp_path / "out" / "summary.txt").read_text().splitlines()
    assert done.stdout.splitlines() == lines
    assert [line.split()[0] for line in lines[:-1]] == STAGES
    results = ["passed", "passed", "failed with 1", "stopped after 1 s", "passed", "passed"]
    for line, result in zip(lines, results, strict=False):
        assert result in line
    assert "2 failed" in lines[2]
    assert "interrupted" in lines[3]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "summary.txt", *(f"{name}.log" for name in STAGES)
    }  # fmt: skip
    calls = (tmp_path / "calls").read_text()
    for part in ("some.whl", "tests/device", "test_pitfalls.py", "--without JAX", "6-jax.json"):
        assert part in calls


def test_its_limits_leave_it_within_eight_minutes() -> None:
    limits = re.findall(r"^(?:stage|tests) (\S+) (\d+) ", SCRIPT.read_text(), re.MULTILINE)
    assert [name for name, _ in limits] == STAGES
    # With what each may take to stop, and a quarter of a minute for the wheels.
    assert sum(int(seconds) + 8 for _, seconds in limits) <= 480 - 15


@pytest.mark.parametrize("arguments", [(), ("wheels",), ("no_wheels", "out")])
def test_without_wheels_it_says_what_it_wants(arguments: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "no_wheels").mkdir()
    done = drill(tmp_path, *arguments)
    assert done.returncode == 2
    assert "usage: ci/gpu_drill.sh WHEELS OUT" in done.stderr


@pytest.fixture
def checks(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`ci/gpu.sh` with what it calls replaced: what is called `skipping` skips a test."""
    copy = tmp_path / "project" / "ci" / "gpu.sh"
    copy.parent.mkdir(parents=True)
    copy.write_text((SCRIPT.parent / "gpu.sh").read_text())
    for name, text in {
        "python": 'echo "$@"; case "$*" in *others*) echo "1 passed, 1 skipped" ;; esac',
        "compute-sanitizer": 'echo "sanitizer $2 $8 $9"',
    }.items():
        stub = tmp_path / "bin" / name
        stub.parent.mkdir(exist_ok=True)
        stub.write_text(f"#!/bin/bash\n{text}\n")
        stub.chmod(0o755)

    def call(*stages: str, sanitizer: bool = True) -> subprocess.CompletedProcess[str]:
        if not sanitizer:
            (tmp_path / "bin" / "compute-sanitizer").unlink()
        environment = os.environ | {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}
        return subprocess.run(
            ["bash", str(copy), *stages], capture_output=True, text=True, env=environment,
            check=False,
        )  # fmt: skip

    return call


def test_stages_are_chosen_by_name(checks: Callable[..., Any]) -> None:
    done = checks("races", "memory", "rules")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[:2] == ["ci/gpu.sh: races", "sanitizer racecheck -q -p"]
    assert lines[2:4] == ["ci/gpu.sh: memory", "sanitizer memcheck -q -p"]
    assert "tests/test_pitfalls.py" in lines[5]


@pytest.mark.parametrize("names", [("nothing",), ("races", "nothing"), ("",)])
def test_an_unknown_stage_is_refused_before_any_is_run(
    names: tuple[str, ...], checks: Callable[..., Any]
) -> None:
    done = checks(*names)
    assert done.returncode == 2
    assert f"no stage {names[-1]}, but device rules" in done.stderr
    assert done.stdout == ""


def test_a_skipped_test_fails_its_stage(checks: Callable[..., Any]) -> None:
    done = checks()
    assert done.returncode == 1
    assert "all must run" in done.stderr
    assert "ci/gpu.sh: suite" not in done.stdout


def test_without_the_sanitizer_the_stage_fails_and_says_so(checks: Callable[..., Any]) -> None:
    done = checks("races", sanitizer=False)
    assert done.returncode == 1
    assert "compute-sanitizer is missing" in done.stderr
