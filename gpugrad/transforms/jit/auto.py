"""The engine `auto`: begins with NumPy, and moves over to native code once it is there and faster.

A thread compiles a plan from its first call on, while calls go on. When the code is there, a few
blocks of calls are run by each engine in turn, and the faster one stays; the other one goes with
all its memory. Processes that have to agree compile in that first call instead, so that all of them
measure the same calls, and each is told what to decide by after the same one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock, Thread, main_thread
from time import perf_counter
from typing import TypeAlias
from weakref import WeakMethod

from gpugrad.engines.native import engine as native
from gpugrad.engines.native.code_cache import warn, warnings_later
from gpugrad.engines.pool import Pool
from gpugrad.forks import free_in_child
from gpugrad.plan.plan import Plan
from gpugrad.transforms.jit.call_function import MISS, Call

BLOCK, BLOCKS = 8, 4
"""Calls of one engine before it is the other's turn, and turns of each; the first call of each
block is not counted, because it fetches its memory."""

CLEAR = 2
"""Where one engine takes so many times as long as the other, one turn of each is enough."""

LONG = 0.02
"""Seconds of a counted call that ends a turn: one is enough to measure what takes so long."""

Seconds: TypeAlias = tuple[float, float]
"""What the best call took with NumPy and with native code; infinite where it cannot be."""

Agree: TypeAlias = Callable[[Seconds], Seconds]
"""From what this process measured to what all of them decide by."""


class Progress:
    """What is going on, as text that says at each time how far it is."""

    def __init__(self, text: Callable[[], str]) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text()


class Mover:
    """Chooses between two call functions of one plan.

    `use` is told which one is in force, why, and whether that is final.
    """

    _turn = free_in_child(Lock())                   # one for all, who have it for a moment each

    def __init__(
        self,
        plan: Plan,
        name: str,
        slow: Call,
        write: Callable[[Pool], Call],
        use: Callable[[Call, str | Progress, bool], None],
        agree: Agree | None = None,
    ) -> None:
        self._plan = plan
        self._name = name
        self._slow = slow
        self._write = write
        self._told = WeakMethod(use)                # its owner holds this: no cycle
        self._agree = agree
        self._timer = _Timer((slow, slow))
        self._first = Lock()                        # held by the one call that has it compiled
        self._call = slow                           # in force, but for what is to be warned of
        self._why: str | Progress = ""              # it is
        self._final = False
        self._warnings: list[str] = []

    def _use(
        self, call: Call, why: str | Progress, texts: Sequence[str] = (), final: bool = False
    ) -> None:
        """Let calls go through `call`, because of what `why` says.

        The first one goes there after warning of the `texts`.
        """
        with self._turn:
            self._call, self._why, self._final = call, why, final
            self._warnings += texts
            self._tell(self._warn if self._warnings else call)

    def _tell(self, call: Call) -> None:
        use = self._told()
        if use is not None:
            use(call, self._why, self._final)

    def _warn(self, args: tuple[object, ...], kwargs: dict[str, object]) -> object:
        """A call that says first what a thread of ours found: here warnings reach the caller."""
        with self._turn:
            texts, self._warnings = self._warnings, []
            call = self._call
            self._tell(call)
        for text in texts:
            warn(text)
        return call(args, kwargs)

    def begin(self) -> None:
        """Have the plan compiled as soon as it is called."""
        self._use(self._called, "numpy; its first call has it compiled")

    def _called(self, args: tuple[object, ...], kwargs: dict[str, object]) -> object:
        result = self._slow(args, kwargs)
        if result is not MISS and self._first.acquire(blocking=False):
            if self._agree is not None:
                self._compile()
                return result
            self._use(self._slow, Progress(_waiting(perf_counter())))
            try:
                _worker.do(self._compile)
            except RuntimeError as error:           # no more threads, or Python is about to end
                why = f"numpy: no thread could compile it ({error})"
                self._use(self._slow, why, final=True)
        return result

    def _compile(self) -> None:
        """In a thread, which no call waits for, unless processes have to agree.

        Whatever goes wrong is a reason to stay.
        """
        if self._told() is None:                    # nobody is left who would use it
            return
        texts: list[str] = []
        fast, problem = self._slow, ""
        with warnings_later(texts):
            try:
                fast = self._compiled()
            except Exception as error:
                problem = " ".join(f"{type(error).__name__}: {error}".split())
        if problem and self._agree is None:
            why = f"numpy: it could not be compiled: {problem}"
            self._use(self._slow, why, texts, final=True)
            return
        self._timer = _Timer((self._slow, fast), self._agree, problem)
        self._use(self._tried, Progress(self._timer.progress), texts)

    def _compiled(self) -> Call:
        pool = Pool(native.compile_plan(self._plan), self._name)
        for each in pool.all():
            each.program.instance()                 # compiles now, before memory for it counts
        return self._write(pool)

    def _tried(self, args: tuple[object, ...], kwargs: dict[str, object]) -> object:
        timer = self._timer
        result = timer.call(args, kwargs)
        if timer.done:
            self._use(*timer.fastest(), final=True)
        return result


def _waiting(since: float) -> Callable[[], str]:
    return lambda: f"numpy, until a thread has compiled it: for {perf_counter() - since:.2f} s now"


class _Worker:
    """A thread that does one thing after another, and ends where there is nothing to do.

    One, so that calls share Python with no more than that, however many plans there are. Python
    waits for it before it ends, because LLVM must not lose its memory while it works: so it begins
    nothing new then.
    """

    def __init__(self) -> None:
        self._jobs: deque[Callable[[], None]] = deque()
        self._thread: Thread | None = None
        self._lock = free_in_child(Lock())

    def do(self, job: Callable[[], None]) -> None:
        """Have that done. Raises `RuntimeError` where there can be no thread."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():     # which a fork leaves behind
                thread = Thread(target=self._work, name="gpugrad compile", daemon=False)
                thread.start()
                self._thread = thread
            self._jobs.append(job)

    def _work(self) -> None:
        while main_thread().is_alive():
            with self._lock:
                if not self._jobs:
                    self._thread = None
                    return
                job = self._jobs.popleft()
            job()


_worker = _Worker()


class _Timer:
    """Runs two call functions in turn, and knows the time that each takes at best.

    With `agree`, it does so for one number of calls in all processes, and what that returns is what
    decides. `problem` is why there is no second one: then the first has its turns too.
    """

    def __init__(
        self, calls: tuple[Call, Call], agree: Agree | None = None, problem: str = ""
    ) -> None:
        self._calls = calls
        self._agree = agree
        self._problem = problem
        self._best = [float("inf"), float("inf")]
        self._counted = [0, 0]
        self._count = 0

    @property
    def done(self) -> bool:
        """Whether each had its turns."""
        if self._count >= 2 * BLOCK * BLOCKS:
            return True
        turns, more = divmod(self._count, 2 * BLOCK)
        clear = max(self._best) >= CLEAR * min(self._best)
        return self._agree is None and turns > 0 and not more and clear

    def progress(self) -> str:
        """How far it is."""
        return (
            "each engine in turn, to see which is faster: "
            f"{self._count} of at most {2 * BLOCK * BLOCKS} calls"
        )

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
                self._counted[which] += 1
                if spent >= LONG and self._agree is None:
                    self._count = (turn + 1) * BLOCK
        return result

    def fastest(self) -> tuple[Call, str]:
        """The faster of the two, and what was measured."""
        mine = self._best[0], float("inf") if self._problem else self._best[1]
        best = mine if self._agree is None else self._agree(mine)
        which = best[1] <= best[0] and not self._problem
        names = ("numpy", "native")
        measured = (
            f"{names[which]}: {_time(best[which])} at best of {self._counted[which]} calls; "
            f"{names[not which]} {_time(best[not which])}"
        )
        if self._agree is not None:
            measured += ", as all agreed"
        if self._problem:
            measured += f"; here it could not be compiled: {self._problem}"
        return self._calls[which], measured


def _time(seconds: float) -> str:
    return "not at all" if seconds == float("inf") else f"{1e6 * seconds:.1f} µs"
