"""The plans that a function under `gg.jit` keeps: found by signature, bounded by bytes.

Half of the bytes is for the plans themselves, and what they leave is for the memory in which they
run. Where there is too little, the plans that were used least recently go, or rest: one that rests
has no memory until its next call. The latest one stays, and has memory, however large it is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import RLock
from typing import TYPE_CHECKING, Any

from gpugrad.executor.capacity import CAPACITY, REMEMBERED
from gpugrad.executor.profiling import note_kept
from gpugrad.transforms.recordings import Recording

if TYPE_CHECKING:
    from gpugrad.transforms.compiled import Compiled

RECENT = 4
"""Plans whose call functions are tried before anything else is asked about the arguments."""

Signature = tuple[Any, ...]


class Kept:
    """Recordings and compiled plans by signature, and some of the plans by the form of arguments.

    `calls` is kept up to date with the call functions of the plans that were used last. A plan
    among these counts as used when it came there: calls keep no books.
    """

    def __init__(self, name: str, calls: list[Callable[..., Any]]) -> None:
        self.entries: dict[Signature, Compiled | Recording] = {}
        self._order: dict[Compiled | Recording, None] = {}          # the latest at the end
        self._name = name
        self._calls = calls
        self._recent: list[Compiled] = []
        self._forms: dict[Hashable, Compiled] = {}
        self._form_of: dict[Compiled, Hashable] = {}
        self._dropped: dict[int, None] = {}         # signatures, by the hash
        self._plans = 0                             # bytes of the plans themselves
        self._memory: dict[Compiled, int] = {}      # bytes of memory
        self._in_memory = 0                         # the same, of all
        self._lock = RLock()                        # a finalizer may run anywhere, and call again
        self._owner = object()                      # stands for this in profiles

    def by_form(self, form: Hashable) -> Compiled | None:
        """A plan that was used for arguments of that form."""
        return self._forms.get(form)

    def use(self, entry: Compiled, form: Hashable) -> None:
        """Note that arguments of that form led to `entry`."""
        with self._lock:
            if entry not in self._order:            # another thread has just made it go
                return
            del self._order[entry]
            self._order[entry] = None
            if self._forms.get(form) is not entry:
                self._forget_form(entry)
                self._forms[form], self._form_of[entry] = entry, form
            self._show(entry)

    def put(self, entry: Compiled | Recording, before: Compiled | Recording | None) -> None:
        """Keep `entry` in place of `before`, unless another thread has put a plan there."""
        with self._lock:
            found = self.entries.get(entry.signature)
            if found is not None:
                if found is not before and not isinstance(found, Recording):
                    return
                self._remove(found)
            self.entries[entry.signature] = entry
            self._order[entry] = None
            self._plans += entry.plan_bytes
            if not isinstance(entry, Recording):
                self._show(entry)
            self.make_room(entry)

    def begun(self, signature: Signature) -> Compiled | Recording | None:
        """What is kept for that signature; a recording for this one caller, who goes on with it."""
        with self._lock:
            found = self.entries.get(signature)
            if isinstance(found, Recording):
                self._remove(found)
            return found

    def why_again(self, signature: Signature) -> str:
        """Why that signature is recorded again; empty where it is new."""
        with self._lock:
            if hash(signature) not in self._dropped:
                return ""
            del self._dropped[hash(signature)]
            self._note(again=1)
            return f" again: its plan was dropped for the limit of {CAPACITY:,} bytes"

    def changed(self) -> None:
        """Tell the function which call functions there are, of which one is another."""
        with self._lock:
            self._calls[:] = [entry.call for entry in self._recent]

    def grew(self, entry: Compiled) -> None:
        """The memory of a plan is larger than before."""
        with self._lock:
            if entry in self._order:
                self._in_memory += entry.memory - self._memory.get(entry, 0)
                self._memory[entry] = entry.memory
                self.make_room(entry)

    def make_room(self, latest: Compiled | Recording) -> None:
        """Let plans go and rest, `latest` not, until there is room for all."""
        with self._lock:
            dropped = rested = 0
            if self._plans > CAPACITY // 2:
                for entry in list(self._order):
                    if entry is not latest and self._plans > CAPACITY // 2:
                        self._remove(entry)
                        self._remember(entry.signature)
                        dropped += 1
            if self._plans + self._in_memory > CAPACITY:
                for entry in [x for x in self._order if x in self._memory]:
                    if entry is not latest and self._plans + self._in_memory > CAPACITY:
                        self._rest(entry)
                        rested += 1
            self._note(rested=rested, dropped=dropped)

    def _show(self, entry: Compiled) -> None:
        """Let `entry` be the first that is tried."""
        self._recent = [entry, *(x for x in self._recent if x is not entry)][:RECENT]
        self.changed()

    def _remove(self, entry: Compiled | Recording) -> None:
        del self.entries[entry.signature], self._order[entry]
        self._plans -= entry.plan_bytes
        if not isinstance(entry, Recording):
            self._rest(entry)
            self._forget_form(entry)
            if entry in self._recent:
                self._recent.remove(entry)
                self.changed()

    def _rest(self, entry: Compiled) -> None:
        self._in_memory -= self._memory.pop(entry, 0)
        entry.rest()

    def _forget_form(self, entry: Compiled) -> None:
        form = self._form_of.pop(entry, None)
        if self._forms.get(form) is entry:
            del self._forms[form]

    def _remember(self, signature: Signature) -> None:
        self._dropped[hash(signature)] = None
        if len(self._dropped) > REMEMBERED:
            del self._dropped[next(iter(self._dropped))]

    def _note(self, rested: int = 0, dropped: int = 0, again: int = 0) -> None:
        held = self._plans + self._in_memory
        note_kept(self._owner, self._name, len(self.entries), held, rested, dropped, again)
