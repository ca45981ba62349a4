"""When the power is cut, at any moment and whatever the disk had got by then, no run is lost."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import pytest

from faults import disk
from faults.library import Operation
from faults.trials import CRASH, Bench, contents, differences
from gpugrad.train.lock import LOCK

ALL = bool(os.environ.get("GPUGRAD_FAULTS"))
CHOICES = 4096 if ALL else 24           # states at one moment, at most; then a sample
STATES = 100_000 if ALL else 60         # states to resume from, at most; then a sample


def shuffled(states: Iterable[disk.State]) -> list[disk.State]:
    """The same in an order of no meaning, but always in this."""
    found = list(states)
    return random.Random(0).sample(found, len(found))


def check(
    bench: Bench, log: Sequence[Operation], before: disk.Snapshot | None = None, most: int = STATES
) -> Iterator[str]:
    """Resumes from each state, or that many; what is wrong, in words."""
    states = disk.possible(disk.History(bench.place, log, before), CHOICES)
    for state in shuffled(states)[:most]:
        bench.clear()
        disk.materialise(dict(state), bench.place)
        bench.tally["disk states"] += 1
        if "finished" in states[state]:
            found = contents(bench.run)
            found.pop(LOCK, None)       # it may come back, but nobody holds it
            yield from differences(found, bench.wanted)
        yield from bench.look()
        yield from bench.carry_on(states[state])


def test_a_run_outlasts_a_loss_of_power(bench):
    said = list(check(bench, bench.undisturbed.log))
    assert not said, "\n".join(said)


def test_so_does_one_that_is_far_ahead_of_its_last_checkpoint(bench):
    """That is of no step yet; a new one without its name shows that nobody removed any."""
    rare = replace(bench, every=1e9)
    rare.clear()
    said = list(check(rare, rare.begin().log))
    assert not said, "\n".join(said)


def test_so_does_a_run_that_was_resumed(bench):
    """A process was killed, and what it had not put on the disk may be lost yet."""
    said = []
    total = len(bench.undisturbed.operations)
    for after in range(total // 3, total, total // (20 if ALL else 2)):
        bench.clear()
        log = bench.begin(fault=CRASH, at=after).log
        said += check(bench, [*log, *bench.resume().log], most=300 if ALL else 20)
    assert not said, "\n".join(said)


def test_and_one_that_was_resumed_after_a_loss_of_power(bench):
    """The power fails again while what it left is mended."""
    first = shuffled(disk.possible(disk.History(bench.place, bench.undisturbed.log), CHOICES))
    said = []
    for state in first[: 60 if ALL else 3]:
        bench.clear()
        disk.materialise(dict(state), bench.place)
        before = disk.snapshot(bench.place)
        outcome = bench.resume()
        if outcome.error is not None:
            continue                    # there was no run yet
        said += check(bench, outcome.log, before, 60 if ALL else 8)
    assert not said, "\n".join(said)


@pytest.mark.parametrize(
    ("care", "complaint"),
    [
        ("syncing files", "resuming ends with|differs|is lost"),
        ("syncing folders", "the checkpoint is lost|the run is lost"),
    ],
)
def test_a_lack_of_care_is_noticed(bench, care, complaint):
    bench.clear()
    said = check(bench, bench.begin(without=[care]).log)
    assert any(re.search(complaint, line) for line in said)


def test_the_disk_forgets_what_was_not_synced(bench):
    """The model itself, on a log by hand: a name without its data, data without a name."""

    def done(name: str, path: str, second: str = "", **more: object) -> Operation:
        fields = {"flags": 0, "inode": 7, "offset": 0, "result": 0, "error": 0, "data": b""}
        root = str(bench.place)
        return Operation(name, f"{root}/{path}", f"{root}/{second}", **{**fields, **more})

    create, write = done("create", "a"), done("write", "a", data=b"xy")
    rename, sync = done("rename", "a", "b"), done("fsync", "a")

    def states(*log: Operation) -> set[disk.State]:
        history = disk.History(bench.place, log)
        return {
            tuple(tree.items())
            for tree in history.states(len(history.steps), 1000, random.Random(0))
        }

    torn = {b"", b"xy", b"x", b"\0\0", b"\0y"}
    assert states(create, write) == {(), *((("a", data),) for data in torn)}
    assert states(create, write, sync, rename) == {(), (("a", b"xy"),), (("b", b"xy"),)}
    folder = done("fsync", "", inode=1)
    assert states(create, write, sync, rename, folder) == {(("b", b"xy"),)}
    assert states(create, write, rename, folder) == {(("b", data),) for data in torn}
