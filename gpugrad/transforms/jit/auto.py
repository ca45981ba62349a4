"""The engine `auto`: begins with NumPy, and moves over to native code once it is there and faster.

A thread compiles a plan from its first call on, while calls go on. When the code is there, a few
blocks of calls are run by each engine in turn, and the faster one stays.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock, Thread, main_thread
from time import perf_counter
from weakref import WeakMethod

from gpugrad.engines.native import engine as native
from gpugrad.engines.native.code_cache import warn, warnings_later
from gpugrad.engines.pool import Pool
from gpugrad.plan.plan import Plan
from gpugrad.transforms.jit.call_function import MISS, Call

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
        self._timer = _Timer((slow, slow))
        self._first = Lock()                        # held by the one call that has it compiled
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
            self._use(self._slow, "numpy, until it is compiled")
            try:
                _worker.do(self._compile)
            except RuntimeError as error:           # no more threads, or Python is about to end
                self._use(self._slow, f"numpy: no thread could compile it ({error})")
        return result

    def _compile(self) -> None:
        """In a thread, which no call waits for. Whatever goes wrong there is a reason to stay."""
        if self._told() is None:                    # nobody is left who would use it
            return
        texts: list[str] = []
        with warnings_later(texts):
            try:
                fast = self._compiled()
            except Exception as error:
                problem = " ".join(f"{type(error).__name__}: {error}".split())
                self._use(self._slow, f"numpy: it could not be compiled: {problem}", texts)
            else:
                self._timer = _Timer((self._slow, fast))
                self._use(self._tried, "each engine in turn, to see which is faster", texts)

    def _compiled(self) -> Call:
        pool = Pool(native.compile_plan(self._plan), self._name)
        for each in pool.all():
            each.program.instance()                 # compiles now, before memory for it counts
        return self._write(pool)

    def _tried(self, args: tuple[object, ...], kwargs: dict[str, object]) -> object:
        timer = self._timer
        result = timer.call(args, kwargs)
        if timer.done:
            self._use(*timer.fastest())
        return result


class _Worker:
    """A thread that does one thing after another, and ends where there is nothing to do.

    One, so that calls share Python with no more than that, however many plans there are. Python
    waits for it before it ends, because LLVM must not lose its memory while it works: so it begins
    nothing new then.
    """

    def __init__(self) -> None:
        self._jobs: deque[Callable[[], None]] = deque()
        self._thread: Thread | None = None
        self._lock = Lock()

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
        names = ("numpy", "native")
        took, other = self._best[which], self._best[not which]
        calls = (BLOCK - 1) * BLOCKS
        measured = (
            f"{names[which]}: {1e6 * took:.1f} µs at best of {calls} calls; "
            f"{names[not which]} {1e6 * other:.1f} µs"
        )
        return self._calls[which], measured
