"""What has to hold when a training run was disturbed: the same bits in the end, and no more."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from faults.laboratory import Laboratory, Outcome
from faults.library import RETRIED, Fault
from gpugrad.train.lock import LOCK

TIMES = "timing.jsonl"                  # differs between equal runs, but for its epochs
EARLIER = "previous.safetensors"        # the checkpoint before the last: of whatever moment
NOTHING_THERE = re.compile(r"there is no such folder|there is no config\.json in it")
NO_MODEL = re.compile(rf"{NOTHING_THERE.pattern}|there is no model in it yet")
# What may be left until the next process comes: without a lock nobody knows whose its file is, and
# what cannot be removed is there.
STAYS = {"stat": {LOCK}, "flock": {LOCK}, "unlink": {LOCK}}
FORESEEN = {"GpugradError", "OSError"}


def contents(folder: Path) -> dict[str, bytes]:
    """All that a run left behind, by name; of the times, which epochs they are of.

    Of the checkpoint before the last, that it is there.
    """
    found = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    if EARLIER in found:
        found[EARLIER] = b"it is there"
    return found | {TIMES: _epochs(found.get(TIMES, b""))}


def _epochs(times: bytes) -> bytes:
    try:
        return repr([json.loads(line)["epoch"] for line in times.splitlines()]).encode()
    except ValueError:
        return times                    # torn: as it is


def differences(found: dict[str, bytes], wanted: dict[str, bytes]) -> list[str]:
    """How the contents of two folders differ, in words."""
    said = [f"{name} was left behind" for name in found if name not in wanted]
    said += [f"{name} is missing" for name in wanted if name not in found]
    both = (name for name in wanted if name in found)
    return said + [f"{name} differs" for name in both if found[name] != wanted[name]]


def durable_rows(marks: Sequence[str]) -> int:
    """How many rows were learned from at the last checkpoint of those that were reported."""
    return max((int(mark.split()[1]) for mark in marks if mark.startswith("checkpoint")), default=0)


@dataclass(frozen=True)
class Bench:
    """Where training runs are disturbed: a laboratory, a data set, and what must come out."""

    laboratory: Laboratory
    place: Path                         # everything below is watched, and made anew for each trial
    dataset: Path
    undisturbed: Outcome
    wanted: dict[str, bytes]
    engine: str = "eager"
    every: float = 0.0                  # seconds between checkpoints
    tally: Counter[str] = field(default_factory=Counter)

    @property
    def run(self) -> Path:
        """The run folder: its parent is made too."""
        return self.place / "runs" / "run"

    def clear(self) -> None:
        """Removes what the last trial left."""
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir()

    def begin(self, **options: Any) -> Outcome:
        """A new run; `options` of `Laboratory.run` say how it is disturbed."""
        arguments = (str(self.run), str(self.dataset), self.engine, self.every)
        return self.laboratory.run("begin", self.place, *arguments, **options)

    def resume(self, **options: Any) -> Outcome:
        """The run continued."""
        return self.laboratory.run("resume", self.place, str(self.run), self.every, **options)

    def look(self) -> list[str]:
        """Whether the model can be used as it is, if there is one already; what is wrong."""
        outcome = self.laboratory.run("classify", self.place, str(self.run), str(self.dataset))
        if outcome.error is None or NO_MODEL.search(outcome.error):
            return []
        return [f"using the model ends with {outcome.kinds[0]}: {outcome.error}"]

    def carry_on(self, marks: Sequence[str], without: Sequence[str] = ()) -> list[str]:
        """Continues the run, or begins it where there is none; what is wrong then, in words."""
        outcome = self.resume(without=without)
        began = outcome.error is not None and NOTHING_THERE.search(outcome.error)
        if began:
            if marks:
                return [f"the run is lost, after {marks[-1]}: {outcome.error}"]
            outcome = self.begin(without=without)
        if outcome.error is not None:
            action = "beginning anew" if began else "resuming"
            return [f"{action} ends with {outcome.kinds[0]}: {outcome.error}"]
        rows, finished = outcome.value
        said = [] if finished else ["the resumed run did not finish"]
        if rows < durable_rows(marks):
            said.append(f"the checkpoint is lost: at {rows} rows after {marks[-1]}")
        return said + differences(contents(self.run), self.wanted)

    def temporaries(self) -> set[str]:
        """Names of files that are not there to stay."""
        return {path.name for path in self.run.rglob(".*")}

    def judge(
        self, outcome: Outcome, fault: Fault, operation: str, before: set[str]
    ) -> list[str]:
        """What is wrong with how a disturbed process ended, in words; `before` are temporaries."""
        if outcome.crashed:
            return [] if fault.stops else ["the process was killed"]
        rest = self.temporaries() - before - STAYS.get(operation, set())
        said = [f"{name} was left behind by the failure" for name in sorted(rest)]
        if fault.name == "EIO from then on":
            said = []                   # nor can anything be removed
        if outcome.error is None:
            return said
        if fault.invisible or (fault.name == "EINTR" and operation in RETRIED):
            said.append(f"it changed something: {outcome.kinds[0]}: {outcome.error}")
        if not FORESEEN & set(outcome.kinds):
            said.append(f"an error of another kind: {outcome.kinds[0]}: {outcome.error}")
        elif str(self.place) not in outcome.error:
            said.append(f"no file is named: {outcome.kinds[0]}: {outcome.error}")
        return said

    def trial(
        self, fault: Fault, at: int, without: Sequence[str] = (), after: int | None = None
    ) -> list[str]:
        """Disturbs operation `at`, carries on, and says in words what is wrong.

        With `after`, the run first crashed at that operation, and it is its resumption that is
        disturbed.
        """
        self.clear()
        marks: list[str] = []
        if after is not None:
            marks += self.begin(fault=CRASH, at=after, without=without).marks
        before = self.temporaries()
        disturbed = self.begin if after is None else self.resume
        outcome = disturbed(fault=fault, at=at, without=without)
        marks += outcome.marks
        if at >= len(outcome.operations) and not outcome.crashed:
            return []                   # it was over before
        self.tally["faults"] += 1
        name, path = outcome.named(at)
        said = self.judge(outcome, fault, name, before)
        if not outcome.crashed and outcome.error is None:
            found = contents(self.run)
            stays = before | STAYS.get(name, set())
            said += differences({each: found[each] for each in found.keys() - stays}, self.wanted)
        said += self.carry_on(marks, without)
        told = "" if outcome.error is None else f" (it said: {outcome.error})"
        return [f"{fault.name} at {at}, {name} {path}: {each}{told}" for each in said]


CRASH = Fault("crash after", 2, stops=True)
