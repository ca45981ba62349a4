"""The instances of a program: memory for one caller at a time, kept from call to call.

A donated array lies in the memory of an instance from its second call on: the step returns the very
arrays that it takes next time, so that a training loop copies nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from sys import getrefcount

from gpugrad.backends.references import COUNTED
from gpugrad.engines.given_up import GivenUp
from gpugrad.engines.profiling import Timeline, attend
from gpugrad.engines.program import Instance, Instances, Program

GROWTHS = 2
"""Calls that each hold more of what is given up than the one before, of which there is a warning.
"""

KEPT = 4
"""Instances of a pool that wait for a caller; what more threads or models leave behind is dropped.
"""


class Pool:
    """Instances of one program: `take` one, run it, `give` it back. `name` is for reports.

    What `grew` returns, if anything, is called when more memory may wait for callers than before.
    """

    def __init__(self, program: Program, name: str) -> None:
        self.program = program
        self.grew: Callable[[], Callable[[], None] | None] = lambda: None
        self._timeline = Timeline(program, name)
        self._free: list[Instance] = []
        self._places = 0                            # for instances that wait
        self._growths = 0
        self.name = name
        self.given_up: GivenUp | None = None        # of callers, who may not pass it again
        self.keep: Callable[[tuple[object, ...]], tuple[object, ...]] = lambda donated: ()
        # References to the donated arrays and their memory when only the instance holds them.
        self._references: list[int] = []

    def take(self) -> Instance:
        """An instance that nobody else uses until it is given back."""
        try:
            return self._free.pop()
        except IndexError:
            return self._made()

    def give(self, instance: Instance) -> None:
        """Leave an instance to the next caller."""
        if len(self._free) < self._places:
            self._free.append(instance)

    def rest(self) -> None:
        """Let go of the instances that wait, and of those at work when they are given back."""
        self._places = 0
        self._free.clear()

    @property
    def nbytes(self) -> int:
        """Bytes of the instances that wait, at most."""
        return self._places * self.program.placement.size

    def all(self) -> Iterator[Instances]:
        """This pool, and those that its program uses."""
        yield self
        for pool in self.program.pools:
            yield from pool.all()

    def adopt(self, instance: Instance, arrays: Sequence[object]) -> Instance:
        """An instance in whose memory the donated `arrays` lie, as they do or as copies.

        `instance` was taken, and is given back where another one is returned. What an earlier call
        returned is not written over as long as somebody holds it.
        """
        for other in [instance, *self._free]:
            if all(mine is given for mine, given in zip(other.donated, arrays, strict=True)):
                if other is instance:
                    return instance
                try:
                    self._free.remove(other)
                except ValueError:                  # another thread was faster
                    continue
                self.give(instance)
                return other
        if self.given_up is not None:
            self.given_up.check(arrays)
            self.given_up.note(arrays)
        if not COUNTED or _references(instance) != self._references:
            self.give(instance)
            instance = self._made()
        instance.settle()
        for mine, given in zip(instance.donated, arrays, strict=True):
            mine[...] = given
        return instance

    def grown(self, instance: Instance, held: int) -> None:
        """More than before hold what is given up to `instance`, which is about to write over it.

        A caller may hold it once or twice. Who holds one more at each call keeps what each of them
        returned, and finds the same in all; a warning says so, once. `instance.held` is negative
        where the next call is to be looked at, whatever it finds.
        """
        before, instance.held = instance.held, held
        if not before or held <= -before:
            self._growths = 0
            return
        self._growths += 1
        instance.held = -held
        if self._growths == GROWTHS:
            warnings.warn(
                f"arrays that were given up to {self.name}, as donate_argnums says, are held from "
                "call to call, and all show the numbers of the latest. To keep what a call "
                "returned, copy it: copy.deepcopy(model).",
                RuntimeWarning,
                stacklevel=4,
            )

    def _made(self) -> Instance:
        if self._places < KEPT:
            self._places += 1
            if (grew := self.grew()) is not None:   # before, so that what it frees can be taken
                grew()
        made = self.program.instance()
        made.kept = self.keep(made.donated)
        self._references = _references(made)
        attend(made, self._timeline)
        return made


def _references(instance: Instance) -> list[int]:
    held = [*instance.donated, instance.memory, *instance.kept]
    for x in held:                                  # which grows by what tuples hold
        if isinstance(x, tuple):
            held += [part for part in x if isinstance(part, tuple)]
    return [getrefcount(x) for x in held]
