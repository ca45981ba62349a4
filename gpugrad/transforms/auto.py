"""The engine `auto`: begins with NumPy, and moves over to Numba once that is compiled and faster.

A plan that has run for a while is given to the compiler process. When its code is there, a few
blocks of calls are run by each engine in turn, and the faster one stays.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Lock, Thread
from time import perf_counter
from typing import Any
from weakref import WeakMethod

from gpugrad.executor.engines import numba
from gpugrad.executor.engines.compiler import compiler
from gpugrad.executor.plan import Plan
from gpugrad.executor.pool import Pool
from gpugrad.transforms.jit import MISS

WORTH = 0.2
"""Seconds that a plan must have run before it is worth compiling, which takes seconds."""

LARGEST = 3000
"""Steps of a plan beyond which compiling would take minutes."""

BLOCK, BLOCKS = 8, 4
"""Calls of one engine before it is the other's turn, and turns of each; the first call of each
block is not counted, because it fetches its memory."""

Call = Callable[[tuple[Any, ...], dict[str, Any]], Any]


class Mover:
    """Chooses between two call functions of one plan. `use` is told which one is in force."""

    def __init__(
        self,
        plan: Plan,
        name: str,
        slow: Call,
        write: Callable[[Pool], Call],
        use: Callable[[Call], None],
    ) -> None:
        self._plan = plan
        self._name = name
        self._slow = slow
        self._write = write
        self._told = WeakMethod(use)                # its owner holds this: no cycle
        self._spent = 0.0
        self._timer = _Timer((slow, slow))
        self._first = Lock()                        # held by the one call that begins to compile

    def _use(self, call: Call) -> None:
        use = self._told()
        if use is not None:
            use(call)

    def begin(self) -> None:
        """Count the time that is spent."""
        self._use(self._counted if len(self._plan.steps) <= LARGEST else self._slow)

    def _counted(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        start = perf_counter()
        result = self._slow(args, kwargs)
        self._spent += perf_counter() - start
        if self._spent > WORTH and self._first.acquire(blocking=False):
            self._use(self._slow)
            Thread(target=self._compile, name="gpugrad compile", daemon=True).start()
        return result

    def _compile(self) -> None:
        """In a thread, so that no call waits for it: what is written goes to the compiler."""
        self._program = numba.Program(self._plan)
        compiler.compile(self._program.module, self._compiled)

    def _compiled(self, path: Path, problem: str) -> None:
        """Called in a thread of the compiler: its code is there, or could not be made."""
        if problem:
            return
        if self._told() is None:                    # nobody is left who would use it
            return
        pool = Pool(self._program, self._name)
        fast = self._write(pool)
        pool.give(pool.take())                      # reads the code now, not during a call
        self._timer = _Timer((self._slow, fast))
        self._use(self._tried)

    def _tried(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        timer = self._timer
        result = timer.call(args, kwargs)
        if timer.done:
            self._use(timer.fastest())
        return result


class _Timer:
    """Runs two call functions in turn, and knows the time that each takes at best."""

    def __init__(self, calls: tuple[Call, Call]) -> None:
        self._calls = calls
        self._best = [float("inf"), float("inf")]
        self._count = 0

    @property
    def done(self) -> bool:
        """Whether each had its turns."""
        return self._count >= 2 * BLOCK * BLOCKS

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call by the one whose turn it is."""
        turn, position = divmod(self._count, BLOCK)
        which = turn % 2
        start = perf_counter()
        result = self._calls[which](args, kwargs)
        spent = perf_counter() - start
        if result is not MISS:
            self._count += 1
            if position:
                self._best[which] = min(self._best[which], spent)
        return result

    def fastest(self) -> Call:
        """The faster of the two."""
        return self._calls[self._best[1] <= self._best[0]]
