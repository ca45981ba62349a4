"""The engine `auto`: begins with NumPy, and moves over to Numba once that is compiled and faster.

A plan that has run for a while is given to the compiler process. When its code is there, a few
blocks of calls are run by each engine in turn, and the faster one stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock, Thread
from time import perf_counter
from weakref import WeakMethod

from gpugrad.engines.native import numba
from gpugrad.engines.native.code_cache import DAMAGED, warn, warnings_later
from gpugrad.engines.native.compiler import Answer, compiler
from gpugrad.engines.pool import Pool
from gpugrad.plan.plan import Plan
from gpugrad.transforms.jit.call_function import MISS, Call

WORTH = 0.2
"""Seconds that a plan must have run before it is worth compiling, which takes seconds."""

LARGEST = 3000
"""Steps of a plan beyond which compiling would take minutes."""

BLOCK, BLOCKS = 8, 4
"""Calls of one engine before it is the other's turn, and turns of each; the first call of each
block is not counted, because it fetches its memory."""


class Mover:
    """Chooses between two call functions of one plan. `use` is told which one is in force, and why.
    """

    def __init__(
        self,
        plan: Plan,
        name: str,
        slow: Call,
        write: Callable[[Pool], Call],
        use: Callable[[Call, str], None],
    ) -> None:
        self._plan = plan
        self._name = name
        self._slow = slow
        self._write = write
        self._told = WeakMethod(use)                # its owner holds this: no cycle
        self._spent = 0.0
        self._timer = _Timer((slow, slow))
        self._first = Lock()                        # held by the one call that begins to compile
        self._call = slow                           # in force, but for what is to be warned of
        self._why = ""                              # it is
        self._warnings: list[str] = []
        self._turn = Lock()

    def _use(self, call: Call, why: str, texts: Sequence[str] = ()) -> None:
        """Let calls go through `call`, because of what `why` says, the first one after warning of
        the `texts`.
        """
        with self._turn:
            self._call, self._why = call, why
            self._warnings += texts
            self._tell(self._warn if self._warnings else call)

    def _tell(self, call: Call) -> None:
        use = self._told()
        if use is not None:
            use(call, self._why)

    def _warn(self, args: tuple[object, ...], kwargs: dict[str, object]) -> object:
        """A call that says first what threads of ours found: here warnings reach the caller."""
        with self._turn:
            texts, self._warnings = self._warnings, []
            call = self._call
            self._tell(call)
        for text in texts:
            warn(text)
        return call(args, kwargs)

    def begin(self) -> None:
        """Count the time that is spent."""
        steps = len(self._plan.steps)
        if steps <= LARGEST:
            self._use(self._counted, f"numpy, until its calls have taken {WORTH} s in all")
        else:
            self._use(self._slow, f"numpy: {steps:,} steps, of which {LARGEST:,} may be compiled")

    def _counted(self, args: tuple[object, ...], kwargs: dict[str, object]) -> object:
        start = perf_counter()
        result = self._slow(args, kwargs)
        self._spent += perf_counter() - start
        if self._spent > WORTH and self._first.acquire(blocking=False):
            self._use(self._slow, "numpy, until Numba has compiled it")
            try:
                Thread(target=self._compile, name="gpugrad compile", daemon=True).start()
            except RuntimeError as error:           # no more threads, or Python is about to end
                self._use(self._slow, f"numpy: no thread could ask the compiler ({error})")
        return result

    def _compile(self) -> None:
        """In a thread, so that no call waits for it: what is written goes to the compiler."""
        texts: list[str] = []
        with warnings_later(texts):
            self._program = numba.compile_plan(self._plan)
        self._use(self._slow, "numpy, until Numba has compiled it", texts)
        self._ask()

    def _ask(self) -> None:
        module = self._program.module
        if module.cache.folder is not None:         # by which the code is handed over
            compiler.compile(module.path, self._compiled)
        else:
            why = f"numpy: no folder can keep compiled code ({module.cache.reason})"
            self._use(self._slow, why)

    def _compiled(self, path: Path, answer: Answer) -> None:
        """Called in a thread of the compiler: its code is there, or could not be made or kept."""
        if self._told() is None:                    # nobody is left who would use it
            return
        module = self._program.module
        texts: list[str] = []
        with warnings_later(texts):
            if answer.damaged:
                module.cache.say(DAMAGED, answer.damaged)
            if answer.unkept:
                module.cache.give_up(path.parent, answer.unkept)
                module.keep()
            if answer.problem or answer.unkept:
                self._use(self._slow, _not_compiled(answer), texts)
            else:
                self._use(self._loaded(), "each engine in turn, to see which is faster", texts)
        if answer.unkept:
            self._ask()                             # in the folder that has taken its place

    def _loaded(self) -> Call:
        pool = Pool(self._program, self._name)
        fast = self._write(pool)
        pool.give(pool.take())                      # reads the code now, not during a call
        self._timer = _Timer((self._slow, fast))
        return self._tried

    def _tried(self, args: tuple[object, ...], kwargs: dict[str, object]) -> object:
        timer = self._timer
        result = timer.call(args, kwargs)
        if timer.done:
            self._use(*timer.fastest())
        return result


def _not_compiled(answer: Answer) -> str:
    if answer.problem:
        return f"numpy: it could not be compiled: {answer.problem}"
    return f"numpy, until Numba has compiled it into another folder ({answer.unkept})"


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

    def call(self, args: tuple[object, ...], kwargs: dict[str, object]) -> object:
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

    def fastest(self) -> tuple[Call, str]:
        """The faster of the two, and what was measured."""
        which = self._best[1] <= self._best[0]
        names = ("numpy", "numba")
        took, other = self._best[which], self._best[not which]
        calls = (BLOCK - 1) * BLOCKS
        measured = (
            f"{names[which]}: {1e6 * took:.1f} µs at best of {calls} calls; "
            f"{names[not which]} {1e6 * other:.1f} µs"
        )
        return self._calls[which], measured
