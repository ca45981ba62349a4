"""Every other file that gpugrad writes: the old contents or the new, whole, and nothing beside."""

from __future__ import annotations

import os
from typing import Any

import pytest

from faults import disk
from faults.library import FAULTS, Fault
from faults.trials import FORESEEN, Bench

ALL = bool(os.environ.get("GPUGRAD_FAULTS"))
OLD = b"what was there before"


class Writer:
    """One action that writes one file, over an old one where that is allowed."""

    def __init__(self, bench: Bench, action: str, name: str, replaces: bool, *before: Any) -> None:
        self.bench = bench
        self.action = action
        self.path = bench.place / name
        self.before = before
        self.old = OLD if replaces else None
        self.lay_out()
        self.outcome = self.run()
        assert self.outcome.error is None, self.outcome.error
        self.new = self.path.read_bytes()
        assert set(os.listdir(bench.place)) == {name}

    def lay_out(self) -> None:
        """A folder as it is before."""
        self.bench.clear()
        if self.old is not None:
            self.path.write_bytes(self.old)

    def run(self, **options: Any) -> Any:
        """Writes the file."""
        arguments = (*self.before, str(self.path))
        return self.bench.laboratory.run(self.action, self.bench.place, *arguments, **options)

    def trial(self, fault: Fault, at: int, without: tuple[str, ...] = ()) -> list[str]:
        """Writes while operation `at` fails; what is wrong, in words."""
        self.lay_out()
        outcome = self.run(fault=fault, at=at, without=without)
        self.bench.tally["faults"] += 1
        found = self.path.read_bytes() if self.path.exists() else None
        said = []
        if found not in (self.old, self.new):
            said.append("the file is neither the old one nor the new")
        others = set(os.listdir(self.path.parent)) - {self.path.name}
        if others and not outcome.crashed and fault.name != "EIO from then on":
            said.append(f"{', '.join(others)} was left behind")
        if outcome.crashed:
            said += self.sweep(others)
        elif outcome.error is None:
            if found != self.new:
                said.append("it said nothing, and the new file is not there")
        elif not FORESEEN & set(outcome.kinds):
            said.append(f"an error of another kind: {outcome.kinds[0]}: {outcome.error}")
        elif str(self.path.parent) not in outcome.error:
            said.append(f"the file is not named: {outcome.error}")
        return [f"{fault.name} at {at}: {each}" for each in said]

    def sweep(self, others: set[str]) -> list[str]:
        """What a dead process left is removed when it is old, by the next who writes there."""
        for name in others:
            os.utime(self.path.parent / name, (0, 0))
        self.path.unlink(missing_ok=True)
        again = self.run()
        if again.error is not None:
            return [f"the next write fails: {again.error}"]
        rest = set(os.listdir(self.path.parent)) - {self.path.name}
        return [f"{', '.join(rest)} stays for ever"] if rest else []


@pytest.fixture(params=["write", "save_plan", "save_profile", "predict.npz", "predict.csv"])
def writer(request: pytest.FixtureRequest, bench: Bench) -> Writer:
    """Each action that writes a file."""
    if request.param == "write":
        return Write(bench)
    if not request.param.startswith("predict"):
        return Writer(bench, request.param, "file.json", True)
    trained, suffix = request.getfixturevalue("trained"), request.param.removeprefix("predict")
    return Writer(bench, "predict", f"out{suffix}", False, trained, str(bench.dataset))


class Write(Writer):
    """`write_atomically` itself, of more bytes than go into a page."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench, "write", "file", True)

    def run(self, **options: Any) -> Any:
        content = bytes(range(256)) * 64
        place = self.bench.place
        return self.bench.laboratory.run("write", place, str(self.path), content, **options)


def test_any_fault_leaves_the_old_file_or_the_new(writer):
    said = [
        line
        for fault in FAULTS
        for at in range(len(writer.outcome.operations))
        if ALL or at % 5 == FAULTS.index(fault) % 5
        for line in writer.trial(fault, at)
    ]
    assert not said, "\n".join(said)


def powerless(writer: Writer, without: tuple[str, ...] = ()) -> list[str]:
    """Cuts the power at each moment; what is wrong with what may be on the disk, in words."""
    writer.lay_out()
    before = disk.snapshot(writer.path.parent)
    log = writer.run(without=without).log
    states = disk.possible(disk.History(writer.path.parent, log, before), 1000)
    said = []
    for state, marks in states.items():
        found = dict(state).get(writer.path.name)
        writer.bench.tally["disk states"] += 1
        if found not in (writer.old, writer.new):
            said.append("the file is neither the old one nor the new")
        if marks and found != writer.new:
            said.append("the new file is lost")
    return said


def test_a_loss_of_power_leaves_the_old_file_or_the_new(writer):
    said = powerless(writer)
    assert not said, "\n".join(said)


@pytest.mark.parametrize(
    ("care", "complaint"), [("syncing files", "neither"), ("syncing folders", "is lost")]
)
def test_a_lack_of_care_is_noticed(bench, care, complaint):
    assert any(complaint in line for line in powerless(Write(bench), (care,)))


def test_a_lack_of_cleaning_is_noticed(bench):
    writer = Write(bench)
    total = len(writer.outcome.operations)
    enospc = next(fault for fault in FAULTS if fault.name == "ENOSPC")
    said = [line for at in range(total) for line in writer.trial(enospc, at, ("removing",))]
    assert any("was left behind" in line for line in said)
