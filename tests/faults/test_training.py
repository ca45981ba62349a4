"""Whatever operation of a training run fails, and however: resuming gives the same bits."""

from __future__ import annotations

import os
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest

from faults import disk
from faults.library import FAULTS, Fault
from faults.trials import Bench, contents

ALL = bool(os.environ.get("GPUGRAD_FAULTS"))
SAMPLE = 12                             # operations for each fault, without it
BY_NAME = {fault.name: fault for fault in FAULTS}


@pytest.fixture(params=FAULTS, ids=lambda fault: fault.name)
def fault(request: pytest.FixtureRequest) -> Fault:
    """Each fault in turn."""
    return request.param


def chosen(bench: Bench, seed: str) -> list[int]:
    """All operations of a run; or some of them, whose kinds differ as much as can be."""
    operations = bench.undisturbed.operations
    if ALL:
        return list(range(len(operations)))
    numbers = random.Random(seed).sample(range(len(operations)), len(operations))
    numbers.sort(key=lambda at: (operations[at].name in ("stat", "read", "list"), at % 7))
    kinds = {(operations[at].name, Path(operations[at].path).suffix): at for at in numbers[::-1]}
    return sorted([*kinds.values()][:SAMPLE])


def test_the_log_is_complete(bench):
    """What it says was written is what there is: no operation escapes."""
    bench.clear()
    outcome = bench.begin()
    assert disk.History(bench.place, outcome.log).whole() == disk.read(bench.place)
    assert contents(bench.run) == bench.wanted
    names = {operation.name for operation in outcome.operations}
    assert names >= {"create", "write", "fsync", "rename", "close", "mkdir"}


def test_a_run_goes_on_after_any_fault(bench, fault):
    said = [line for at in chosen(bench, fault.name) for line in bench.trial(fault, at)]
    assert not said, "\n".join(said)


def test_a_resumed_run_goes_on_after_any_fault(bench, fault):
    """Two in a row: a crash somewhere, and then the fault in the process that carries on."""
    numbers = random.Random(fault.name)
    total = len(bench.undisturbed.operations)
    said = []
    for _ in range(100 if ALL else 4):
        after = numbers.randrange(10, total)
        said += bench.trial(fault, numbers.randrange(total - after + 10), after=after)
    assert not said, "\n".join(said)


@pytest.mark.parametrize("name", ["crash before", "crash after"])
def test_so_does_one_that_is_far_ahead_of_its_last_checkpoint(bench, name):
    """All of it: the only one is of no step yet, and for a moment not even that has its name."""
    rare = replace(bench, every=1e9)
    rare.clear()
    operations = rare.begin().operations
    renames = [at for at, each in enumerate(operations) if each.name in ("rename", "unlink")]
    near = range(len(operations)) if ALL else renames
    said = [line for at in near for line in rare.trial(BY_NAME[name], at)]
    assert not said, "\n".join(said)


@pytest.mark.parametrize("name", ["ENOSPC", "EIO"])
def test_the_command_line_says_one_line(bench, name):
    """An exit code and one line that names the file, never a traceback."""
    arguments = [
        "train", str(bench.dataset), "--hidden", "2", "--epochs", "1", "--backend", "numpy",
        "--engine", "eager", "--out", str(bench.run), "--checkpoint-every", "0",
    ]  # fmt: skip
    run = bench.laboratory.run
    bench.clear()
    total = len(run("command", bench.place, *arguments).operations)
    for at in range(0, total, 1 if ALL else 17):
        bench.clear()
        outcome = run("command", bench.place, *arguments, fault=BY_NAME[name], at=at)
        assert outcome.error is None, outcome.error
        code, said = outcome.value
        assert code in (0, 1, 2)
        if code == 0:
            assert said == ""
        else:
            assert said.startswith(f"gpugrad: {bench.place}"), said
            assert said.count("\n") == 1, said


# Care that is left out, the fault that tells, and what is said then.
CHECKERS = [
    ("removing", "ENOSPC", "left behind by the failure"),
    ("removing", "crash after", "was left behind"),
    ("renaming", "crash within", "resuming ends with|is missing|differs"),
    ("telling", "ENOSPC", "differs|is missing|is lost"),
    ("cutting", "crash before", "metrics.jsonl"),
]


@pytest.mark.parametrize(("care", "name", "complaint"), CHECKERS)
def test_a_lack_of_care_is_noticed(bench, care, name, complaint):
    total = len(bench.undisturbed.operations)
    order = random.Random(0).sample(range(total), total)
    found = (bench.trial(BY_NAME[name], at, [care]) for at in order)
    assert any(re.search(complaint, line) for lines in found for line in lines)
