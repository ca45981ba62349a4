"""Large steps of native plans are parts that threads do side by side, without Python."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from time import monotonic_ns, sleep
from typing import Any

import numpy as np
import pytest
from on_engines import compiled

import gpugrad as gg

pytest.importorskip("llvmlite")

from gpugrad.codegen.words import HEAD
from gpugrad.engines.native import parallel_range, team
from gpugrad.engines.native.machine_code import addresses_of, help_address
from gpugrad.engines.native.parallel_range import ALONE, WANTED, WORTH, words
from gpugrad.engines.native.printed import RangeKey
from gpugrad.engines.thread_pool import VARIABLE

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 400)).astype(np.float32)
DEEP = RNG.normal(size=(70, 40, 50))
A, B = (RNG.normal(size=shape).astype(np.float32) for shape in ((300, 200), (200, 400)))
MANY = RNG.normal(size=(40, 70, 60)), RNG.normal(size=(40, 60, 80))
TABLE, CHOSEN = RNG.normal(size=(500, 128)), RNG.integers(-500, 500, 1000)
NOT_IN_ORDER = RNG.normal(size=(257, 300)).T


@pytest.fixture(autouse=True)
def _dismissed() -> Iterator[None]:
    yield
    team.dismiss()


def _scan(x: Any) -> Any:
    return gg.scan(lambda c, r: (gg.tanh(c + r), gg.sum(c, axis=0)), x[0], x)


PROGRAMS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "elementwise": (lambda x: gg.tanh(x) * gg.exp(x), (X,)),
    "elementwise of what does not lie in order": (lambda x: x.T + x.T[::-1], (DEEP,)),
    "rows": (lambda x: gg.softmax(x, axis=1), (X,)),
    "sums of rows and columns": (lambda x: (gg.sum(x * x, axis=0), gg.sum(x * x, axis=1)), (X,)),
    "the whole sum": (lambda x: gg.sum(gg.exp(x)), (X,)),
    "max of a middle axis": (lambda x: gg.max(x, axis=1), (DEEP,)),
    "sum of the first axis": (lambda x: gg.sum(x.T, axis=(1, 2)), (DEEP,)),
    "a product by rows": (lambda a, b: b.T @ a.T, (A, B)),
    "a product by columns": (lambda a, b: a @ b, (A, B)),
    "a product of a transpose": (lambda a, b: a @ b.T, (A, B.T.copy())),
    "products of a batch": (lambda a, b: a @ b, MANY),
    "a transposed copy": (lambda x: gg.reshape(x.T, (-1,)), (X,)),
    "a copy of what does not lie in order": (lambda x: x + 1, (NOT_IN_ORDER,)),
    "concat": (lambda x: gg.concat([x, x], axis=1), (X,)),
    "rows taken": (lambda t, i: t[i], (TABLE, CHOSEN)),
    "rows added": (gg.grad(lambda t, i: gg.sum(t[i] ** 2)), (TABLE, CHOSEN)),
    "running sums": (lambda x: gg.cumulative_sum(x, axis=1, include_initial=True), (X,)),
    "running sums of an inner axis": (lambda x: gg.cumulative_sum(x, axis=1), (DEEP,)),
    "running products": (lambda x: gg.cumulative_prod(x / 2, axis=1), (X,)),
    "running products, gradient": (gg.grad(lambda x: gg.sum(gg.cumulative_prod(x, axis=1))), (X,)),
    "a gradient": (gg.grad(lambda x: gg.sum(gg.sin(x) ** 2 / (1 + x * x))), (X,)),
    "a loop of large rounds": (_scan, (RNG.normal(size=(3, 300, 400)),)),
}


def leaves(y: Any) -> list[np.ndarray]:
    return [np.asarray(x) for part in (y if isinstance(y, tuple) else (y,))
            for x in (part if isinstance(part, tuple) else (part,))]  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_any_number_of_threads_gives_the_same_bits(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    f, args = PROGRAMS[name]
    step = compiled(f, *args)
    runs = step._cache.compiled(args, {}).program.runs.values()
    assert any(run.parallel for run in runs)
    found = []
    for count in ("1", "2", "3", "7"):
        monkeypatch.setenv(VARIABLE, count)
        found += [leaves(step(*args)) for _ in range(3)]
        assert words[WANTED] == int(count) - 1
    for other in found[1:]:
        assert [y.tobytes() for y in other] == [y.tobytes() for y in found[0]]
    for y, wanted in zip(found[0], leaves(f(*args)), strict=True):
        np.testing.assert_allclose(y, wanted, rtol=2e-4, atol=2e-4)


SMALL: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "elementwise": (lambda x: x * x + 1, (X[:100],)),
    "functions": (lambda x: gg.exp(x), (X[:50],)),
    "a reduction": (lambda x: gg.max(x, axis=1), (DEEP[:10],)),
    "a product": (lambda a, b: a @ b, (A[:100], B[:, :100])),
    "rows taken": (lambda t, i: t[i], (TABLE, CHOSEN[:100])),
}


@pytest.mark.parametrize("name", SMALL)
def test_small_work_stays_with_the_caller(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "4")
    f, args = SMALL[name]
    step = compiled(f, *args)
    step(*args)
    program = step._cache.compiled(args, {}).program
    assert not any(run.parallel for run in program.runs.values())
    assert "muster" not in program.source
    assert helpers() == []


def test_the_more_is_done_with_elements_the_fewer_are_worth_parts() -> None:
    """And those of a long chain are in more parts than there are cores."""

    def chain(x: Any) -> Any:
        for i in range(40):
            x = gg.tanh(x + i)
        return x

    most = {}
    for name, f in (("light", lambda x: x + 1), ("heavy", chain)):
        step = compiled(f, X[:100])
        runs = step._cache.compiled((X[:100],), {}).program.runs.values()
        most[name] = max(run.parallel for run in runs)
        parts = [int(run.words[HEAD]) for run in runs if run.parallel]
    assert most == {"light": False, "heavy": True}
    assert min(parts) > 16


def helpers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "gpugrad helper"]


# The range itself, with Python functions for kernels

Kernel = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)


class Range:
    """A range of blocks of Python functions; `own` has a block for each part. `work` is how many
    nanoseconds it is said to take.
    """

    def __init__(
        self, part: Callable[[int], int], parts: int, *, own: bool = False, work: int = WORTH
    ) -> None:
        def kernel(frame: int, block: int, number: int) -> int:
            return part(ctypes.c_int64.from_address(block + 16).value if own else number)

        self._kernel = Kernel(kernel)
        address = ctypes.cast(self._kernel, ctypes.c_void_p).value or 0
        blocks = [[address, 3, i] for i in range(parts if own else 1)]
        words = [parts, 3 if own else 0, work, *(word for block in blocks for word in block)]
        self._words = np.array([0, 2 + len(words), *words], np.int64)
        self._run = Kernel(addresses_of([RangeKey()])[RangeKey()])

    def run(self, *, whatever_was: bool = True) -> int:
        """What the range finds; it is shared out also where the one before was lost."""
        if whatever_was:
            words[ALONE : ALONE + 2] = 0
        return int(self._run(None, self._words.ctypes.data, 0))


def want(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(count))
    team.muster(help_address)


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("parts", [1, 2, 3, 63, 64])
@pytest.mark.parametrize("count", [1, 2, 5, 70])
def test_each_part_is_done_once(
    count: int, parts: int, own: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    want(count, monkeypatch)
    for _ in range(5):
        done: list[int] = []
        assert Range(lambda i, done=done: done.append(i) or 0, parts, own=own).run() == 0
        assert sorted(done) == list(range(parts))


def test_parts_are_done_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    want(3, monkeypatch)
    all_here = threading.Barrier(3, timeout=60)     # which one thread alone would never pass
    found = set()

    def part(i: int) -> int:
        all_here.wait()
        found.add(threading.get_ident())
        return 0

    assert Range(part, 3).run() == 0
    assert len(found) == 3
    assert len(helpers()) == 2


def test_helpers_wake_from_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    want(2, monkeypatch)
    for _ in range(5):
        sleep(0.02)                                 # they do not look for parts so long
        both_here = threading.Barrier(2, timeout=60)
        assert Range(lambda i, both=both_here: both.wait() * 0, 2).run() == 0


def who(work: int) -> set[int]:
    """The threads that do a range which takes some milliseconds."""
    found = set()
    Range(lambda i: (sleep(0.001), found.add(threading.get_ident())) and 0, 20, work=work).run()
    return found


def test_nobody_is_woken_for_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the end of the run; who is awake helps with anything."""
    want(2, monkeypatch)
    for _ in range(3):
        sleep(0.02)
        assert who(WORTH - 1) == {threading.get_ident()}
        assert len(who(WORTH)) == 2


def test_helpers_are_woken_where_one_range_follows_another(monkeypatch: pytest.MonkeyPatch) -> None:
    want(2, monkeypatch)
    sleep(0.02)
    found: set[int] = set()
    short = Range(lambda i: found.add(threading.get_ident()) or 0, 2, work=1)
    end = monotonic_ns() + 60 * 10**9
    while len(found) < 2 and monotonic_ns() < end:
        short.run()
    assert len(found) == 2


def left_of(step: Any, *args: Any) -> list[int]:
    """What each range of a program says there is to do until its end."""
    runs = step._cache.compiled(args, {}).program.runs.values()
    return [int(run.words[start + HEAD + 2]) for run in runs
            for start, key in zip(run.starts, run.keys, strict=True)
            if key == RangeKey()]  # fmt: skip


@pytest.mark.parametrize("rounds", [2, 50])
def test_what_is_to_do_until_the_end_is_known(rounds: int) -> None:
    """Of ranges in loops, in all rounds."""
    x = RNG.normal(size=(300, 400))
    xs = np.ones((rounds, 1))
    one = left_of(compiled(lambda x: gg.tanh(x) * 2, x), x)
    assert len(one) == 1
    many = left_of(compiled(lambda x: [gg.tanh(x) * 2, gg.sum(gg.exp(x) @ x.T)], x), x)
    assert sorted(many, reverse=True) == many
    assert many[0] > one[0] > 0
    loop = compiled(lambda x, xs: gg.scan(lambda c, k: (gg.tanh(c) * 2 + k, None), x, xs)[0], x, xs)
    assert max(left_of(loop, x, xs)) >= rounds * one[0]


def test_a_caller_works_alone_for_a_while_where_helpers_are_held_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    want(2, monkeypatch)
    caller = threading.get_ident()

    def lose(*, whatever_was: bool) -> None:
        both_here = threading.Barrier(2, timeout=60)

        def part(i: int) -> int:
            both_here.wait()
            if threading.get_ident() != caller:
                sleep(0.1)
            return 0

        Range(part, 2).run(whatever_was=whatever_was)

    before = monotonic_ns()
    lose(whatever_was=True)
    until, first = (int(word) for word in words[ALONE : ALONE + 2])
    assert first > 1e8
    assert before < until - first < monotonic_ns()
    found: set[int] = set()
    shared = Range(lambda i: (sleep(0.001), found.add(threading.get_ident())) and 0, 20)
    shared.run(whatever_was=False)
    assert found == {caller} or monotonic_ns() > until
    sleep(max(0.0, (until - monotonic_ns()) / 1e9))
    lose(whatever_was=False)                        # it tried again, and waits for longer now
    assert words[ALONE + 1] >= 2 * first
    sleep(max(0.0, (words[ALONE] - monotonic_ns()) / 1e9))
    shared.run(whatever_was=False)
    assert len(found) == 2


def test_a_range_that_is_not_lost_makes_that_time_shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    want(2, monkeypatch)
    both_here = threading.Barrier(2, timeout=60)
    both = Range(lambda i: both_here.wait() * 0, 2)
    tries = 0
    while words[ALONE + 1] != 7000:                 # on a busy machine, some may be lost
        assert tries < 100
        words[ALONE : ALONE + 2] = 0, 8000
        both.run(whatever_was=False)
        tries += 1


def test_a_caller_works_alone_for_a_while_where_it_is_held_up_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    want(2, monkeypatch)
    caller = threading.get_ident()
    done: list[int] = []

    def part(i: int) -> int:
        helper_is_here.wait()
        if threading.get_ident() == caller:
            sleep(0.3)
        done.append(threading.get_ident())
        return 0

    while done.count(caller) != 1:                  # most often it has its first part by then
        done.clear()
        helper_is_here = threading.Event()
        threading.Timer(0.02, helper_is_here.set).start()
        Range(part, 30).run()
    assert words[ALONE + 1] >= 4 * 0.3e9


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody tells on which core it is")
def test_a_caller_works_alone_for_a_while_where_helpers_share_its_core(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})         # of this thread, and of those that it starts
    try:
        want(2, monkeypatch)
        found: set[int] = set()
        short = Range(lambda i: found.add(threading.get_ident()) or 0, 2)
        end = monotonic_ns() + 60 * 10**9
        while not words[ALONE] and monotonic_ns() < end:
            short.run(whatever_was=False)
        assert words[ALONE] > 0
    finally:
        os.sched_setaffinity(0, allowed)


@pytest.mark.parametrize("count", [1, 3])
def test_what_any_part_finds_wrong_is_told(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    want(count, monkeypatch)
    assert Range(lambda i: i == 37, 64).run() == 1
    assert Range(lambda i: 0, 64).run() == 0


def test_callers_do_not_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """A range within a part of another one, and ranges of many threads."""
    want(3, monkeypatch)
    inner: list[int] = []
    assert Range(lambda i: Range(lambda k: inner.append(k) or 0, 4).run(), 3).run() == 0
    assert sorted(inner) == sorted([*range(4)] * 3)
    done: dict[int, list[int]] = {}

    def call(name: int) -> None:
        mine = done.setdefault(name, [])
        for _ in range(50):
            Range(lambda i: mine.append(i) or 0, 7).run()

    callers = [threading.Thread(target=call, args=(name,)) for name in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert [sorted(mine) for mine in done.values()] == [sorted([*range(7)] * 50)] * 4


def test_fewer_threads_are_used_from_the_next_run_on(monkeypatch: pytest.MonkeyPatch) -> None:
    want(5, monkeypatch)
    want(1, monkeypatch)
    found = set()
    Range(lambda i: (sleep(0.001), found.add(threading.get_ident())) and 0, 64).run()
    assert found == {threading.get_ident()}
    assert len(helpers()) == 4                      # which are asleep
    team.dismiss()
    assert helpers() == []


def test_without_threads_the_caller_does_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Any) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    want(4, monkeypatch)
    done: list[int] = []
    assert Range(lambda i: done.append(i) or 0, 9).run() == 0
    assert sorted(done) == list(range(9))
    assert words[WANTED] == 0


AT_EXIT = """
import atexit, threading
atexit.register(lambda: print([t.name for t in threading.enumerate()]))
import numpy as np, gpugrad as gg
x = np.ones((400, 400))
step = gg.jit(lambda x: gg.exp(x), engine="native")
for _ in range(4):
    step(x)
print(sorted({t.name for t in threading.enumerate()}))
"""


def test_no_thread_is_left_at_exit() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", AT_EXIT], capture_output=True, text=True, check=True,
        env={**os.environ, VARIABLE: "3"}, timeout=120,
    )  # fmt: skip
    assert ran.stdout.splitlines() == ["['MainThread', 'gpugrad helper']", "['MainThread']"]
    assert ran.stderr == ""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("at_work", [False, True])
def test_after_a_fork(at_work: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the parent was in the middle of a range: the child has helpers of its own."""
    monkeypatch.setenv(VARIABLE, "3")
    step = compiled(lambda x: gg.exp(x) * 2, X)
    wanted = step(X).tobytes()
    go = threading.Event()
    begun = threading.Event()

    def part(i: int) -> int:
        begun.set()
        go.wait(60)
        return 0

    busy = threading.Thread(target=Range(part, 4).run)
    if at_work:
        busy.start()
        begun.wait(60)
    child = os.fork()
    if child == 0:
        well = helpers() == [] and step(X).tobytes() == wanted and len(helpers()) == 2
        both_here = threading.Barrier(2, timeout=60)
        well = well and Range(lambda i: both_here.wait() * 0, 2).run() == 0
        os._exit(0 if well else 1)
    go.set()
    if at_work:
        busy.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_there_are_bits_for_all_parts() -> None:
    """A part is a bit of one word."""
    from gpugrad.engines.native import blocks
    from gpugrad.plan.passes import parallel

    assert max(blocks.MOST, parallel.MOST) <= 64
    assert parallel_range.HELPERS + 8 * parallel_range.MOST_HELPERS <= words.size
