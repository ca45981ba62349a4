"""The plans that a function under `gg.jit` keeps: found by signature, bounded by bytes.

Half of the bytes is for the plans themselves, and what they leave is for the memory in which they
run. Where there is too little, the plans that were used least recently go, or rest: one that rests
has no memory until its next call. The latest one stays, and has memory, however large it is.
"""

from __future__ import annotations

from collections.abc import Hashable
from operator import attrgetter
from typing import Protocol

from gpugrad.engines.capacity import CAPACITY, REMEMBERED, Released
from gpugrad.engines.profiling import note_kept
from gpugrad.transforms.jit.arguments import Signature
from gpugrad.transforms.jit.call_function import Call
from gpugrad.transforms.jit.traces import Trace

RECENT = 8
"""Plans whose call functions are tried before anything else is asked about the arguments."""


class CompiledPlan(Protocol):
    """What is kept of a plan that can be called, as `Compiled` has it."""

    signature: Signature
    form: Hashable
    used: int
    plan_bytes: int
    memory: int
    call: Call

    def rest(self) -> None: ...

    def change(self) -> str: ...


class Kept:
    """Traces and compiled plans by signature, and some of the plans by the form of arguments.

    `calls` is kept up to date with the call functions of the plans that were used last. A plan
    among these counts as used when it came there: calls keep no books.

    There is no lock, which an interrupt could leave locked. What is kept is what `entries` holds,
    each change of which is one step; the rest follows, and all that is found in it is right to run,
    even where another thread has just let it go.
    """

    def __init__(self, name: str, calls: list[Call]) -> None:
        self.entries: dict[Signature, CompiledPlan | Trace] = {}
        self._name = name
        self._calls = calls
        self._recent: list[CompiledPlan] = []
        self._latest: CompiledPlan | None = None    # found by form, and not among the recent ones
        self._forms: dict[Hashable, CompiledPlan] = {}
        self._dropped: dict[int, None] = {}         # signatures, by the hash
        self._time = 0
        self._bounds = 0, 0                         # what `plans` and `memory` are at most
        self._released = Released()
        self._owner = object()                      # stands for this in profiles

    @property
    def plans(self) -> int:
        """Bytes of plans and traces, without memory to run in."""
        return sum([entry.plan_bytes for entry in list(self.entries.values())])

    @property
    def memory(self) -> int:
        """Bytes of the memory in which plans run."""
        return sum([entry.memory for entry in list(self.entries.values())])

    def by_form(self, form: Hashable) -> CompiledPlan | None:
        """A plan that was used for arguments of that form."""
        return self._forms.get(form)

    def use(self, entry: CompiledPlan, form: Hashable) -> None:
        """Note that arguments of that form led to `entry`."""
        if self._forms.get(form) is not entry:
            if self.entries.get(entry.signature) is not entry:
                return                              # another thread has just let it go
            self._forget_form(entry)
            entry.form = form
            self._forms[form] = entry
        if entry is self._latest:                   # again: it is worth being tried first
            self._show(entry)
        else:                                       # those that take turns change no order
            self._latest = entry
            self._time = entry.used = self._time + 1

    def put(self, entry: CompiledPlan | Trace, before: CompiledPlan | Trace | None) -> None:
        """Keep `entry` in place of `before`, unless another thread has put a plan there."""
        found = self.entries.get(entry.signature)
        if found is not None:
            if found is not before and not isinstance(found, Trace):
                return
            self._remove(found)
        self._show(entry)
        self.entries[entry.signature] = entry
        self.make_room(entry)

    def begun(self, signature: Signature) -> CompiledPlan | Trace | None:
        """What is kept for that signature; a trace for this one caller, who goes on with it."""
        found = self.entries.get(signature)
        if isinstance(found, Trace):
            self._remove(found)
        return found

    def why_again(self, signature: Signature) -> str:
        """Why a signature that was known is traced again; empty where it is new."""
        if hash(signature) not in self._dropped:
            return ""
        self._dropped.pop(hash(signature), None)
        self._note(again=1)
        return f"its plan was dropped for the limit of {CAPACITY:,} bytes"

    def changed(self) -> None:
        """Tell the function which call functions there are, of which one is another."""
        self._calls[:] = [entry.call for entry in self._recent]

    def make_room(self, latest: CompiledPlan | Trace) -> None:
        """Let plans go and rest, but for the `latest`, until there is room for all.

        The latest is new, or has grown.

        What is kept is counted only where there may be too little room: else each of many
        signatures would look at all before it.
        """
        plans, memory = self._bounds
        plans, memory = plans + latest.plan_bytes, memory + latest.memory
        if not _fit(plans, memory):
            plans, memory = self._made_room(latest)
        else:
            self._note()
        self._bounds = plans, memory
        if len(self._dropped) > REMEMBERED:
            for old in list(self._dropped)[: len(self._dropped) // 2]:
                self._dropped.pop(old, None)

    def _made_room(self, latest: CompiledPlan | Trace) -> tuple[int, int]:
        """The bytes of plans and of memory that are left when others have gone."""
        plans, memory = self.plans, self.memory
        before, dropped, rested = memory, 0, 0
        if not _fit(plans, memory):
            for entry in self._others(latest):
                if plans > CAPACITY // 2:
                    plans, memory = plans - entry.plan_bytes, memory - entry.memory
                    self._remove(entry)
                    self._dropped[hash(entry.signature)] = None
                    dropped += 1
            for entry in self._others(latest):
                if entry.memory and plans + memory > CAPACITY:
                    memory -= entry.memory
                    entry.rest()
                    rested += 1
        self._released.add(before - memory)
        self._note(rested=rested, dropped=dropped)
        return plans, memory

    def _others(self, latest: CompiledPlan | Trace) -> list[CompiledPlan | Trace]:
        """What is kept beside `latest`, the least recently used first."""
        others = [entry for entry in list(self.entries.values()) if entry is not latest]
        return sorted(others, key=attrgetter("used"))

    def _show(self, entry: CompiledPlan | Trace) -> None:
        """Note that `entry` is used: if it is a plan, it is the first that is tried."""
        self._time = entry.used = self._time + 1
        if not isinstance(entry, Trace):
            self._recent = [entry, *[x for x in self._recent if x is not entry]][:RECENT]
            self.changed()

    def _remove(self, entry: CompiledPlan | Trace) -> None:
        self.entries.pop(entry.signature, None)
        if not isinstance(entry, Trace):
            entry.rest()
            self._forget_form(entry)
            self._latest = None                     # which must not keep what is gone
            self._recent = [x for x in self._recent if x is not entry]
            self.changed()

    def _forget_form(self, entry: CompiledPlan) -> None:
        if self._forms.get(entry.form) is entry:
            self._forms.pop(entry.form, None)

    def _note(self, rested: int = 0, dropped: int = 0, again: int = 0) -> None:
        note_kept(self._owner, self._name, self._held, rested, dropped, again)

    def _held(self) -> tuple[int, int]:
        return len(self.entries), self.plans + self.memory


def _fit(plans: int, memory: int) -> bool:
    """Whether there is room for so many bytes."""
    return plans <= CAPACITY // 2 and plans + memory <= CAPACITY
