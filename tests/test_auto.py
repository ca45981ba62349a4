"""The engine `auto`: moves from NumPy to native code in the background; the faster one stays."""

import os
import re
import subprocess
import sys
from threading import Event, Thread, active_count, main_thread
from time import monotonic, sleep
from weakref import ref

import numpy as np
import pytest

import gpugrad as gg

pytest.importorskip("llvmlite", reason="the engine native is not installed: 'gpugrad[jit]'")

from gpugrad import engines
from gpugrad.engines.native import code_cache, machine_code
from gpugrad.errors import CacheWarning
from gpugrad.transforms.jit import auto

WAITING = r"numpy, until a thread has compiled it: for [\d.]+ s now"
TRYING = r"each engine in turn, to see which is faster: \d+ of at most 64 calls"
PATIENCE = 120                                      # seconds for the compiler, on a busy machine
X = np.linspace(0, 1, 50)


def step(p, x):
    return 0.9 * p + 0.05 * gg.sin(p * x) + x, gg.sum(p)    # contracts: rounding does not grow


def only_entry(function):
    (entry,) = function._cache.kept.entries.values()
    return entry


def chosen(function):
    return only_entry(function).running.chosen


def is_tried(function):
    """Whether both engines have their turns."""
    call = getattr(only_entry(function), "call", None)
    return getattr(call, "__func__", None) is auto.Mover._tried


def until(true, call=lambda: None):
    """Calls `call` until that is true after it."""
    start = monotonic()
    call()
    while not true():
        assert monotonic() - start < PATIENCE
        sleep(0.002)
        call()


@pytest.fixture
def gate(monkeypatch):
    """What compilation waits for, and how often it has begun."""
    opened, honest = Event(), auto.native.compile_plan

    def compile_plan(plan):
        opened.begun += 1
        assert opened.wait(PATIENCE)
        return honest(plan)

    opened.begun = 0
    monkeypatch.setattr(auto.native, "compile_plan", compile_plan)
    yield opened
    opened.set()
    until(lambda: auto._worker._thread is None or not auto._worker._thread.is_alive())


def test_it_moves_over_and_the_results_stay():
    function = gg.jit(step, donate_argnums=0)
    p = mine = np.ones(50)
    start, states = monotonic(), []
    while len(states) < 400:
        p, total = (np.asarray(v) for v in step(p, X))
        mine, other = function(mine, X)
        np.testing.assert_allclose(mine, p, rtol=1e-10)
        np.testing.assert_allclose(other, total, rtol=1e-10)
        tried = is_tried(function)
        if tried or states:
            states.append(tried)
        else:
            assert monotonic() - start < PATIENCE
            sleep(0.005)
    assert states[0]
    assert not states[-1]                           # decided
    best, names = r"[\d.]+ µs", "(numpy|native)"
    text = rf"chosen     by auto: {names}: {best} at best of \d+ calls; {names} {best}\n"
    said = re.search(text, function.explain(mine, X))
    assert said is not None
    assert said[1] != said[2]
    assert only_entry(function).running.engine == said[1]
    assert f"engine     {said[1]}: " in function.explain(mine, X)
    with gg.profile() as p:
        function(mine, X)
    assert f"step: auto chose {chosen(function)}" in str(p)


def test_equal_programs_give_equal_bits_where_that_is_asked_for():
    """The engine does not change after a while that depends on how busy the machine is."""
    with gg.use_deterministic():
        function = gg.jit(lambda x: 3.9 * x * (1 - gg.exp(gg.log(x))))
        for _ in range(3):
            function(X[1:-1])
    assert chosen(function) == "native, without a trial: its outcome might be another the next time"
    assert only_entry(function).running.engine == "native"
    assert not is_tried(function)


def test_donated_trees_move_over_too():
    """They are known by identity, in the memory of whichever engine has its turn."""

    def train(state, x):
        (p, q), count = state
        return ((0.9 * p + x, q - 0.1 * p), count + 1), gg.sum(q)

    function = gg.jit(train, donate_argnums=0)
    x = np.linspace(0, 1, 5)
    mine = plain = ((np.ones(5), np.zeros(5)), 0)
    start, tried = monotonic(), 0
    while tried < 2 * auto.BLOCK * auto.BLOCKS + 5:
        (mine, total), (plain, wanted) = function(mine, x), train(plain, x)
        np.testing.assert_allclose(total, wanted, rtol=1e-9)
        np.testing.assert_allclose(mine[0], plain[0], rtol=1e-9)
        assert mine[1] == plain[1]
        tried += bool(tried) or is_tried(function)
        assert monotonic() - start < PATIENCE
        sleep(0.002)


def test_loops_are_compiled_in_the_background_too(monkeypatch):
    """Nothing is left for the first call of native code to compile."""
    def f(xs):
        def body(c, x):
            return gg.cond(gg.sum(c) > 0, lambda: gg.sort(c) * x, lambda: c - x), gg.sum(c)

        return gg.scan(body, xs[0] * 2, xs)

    function, xs = gg.jit(f), np.random.default_rng(0).normal(size=(4, 3))
    until(lambda: is_tried(function), lambda: function(xs))
    monkeypatch.setattr(machine_code, "_link", lambda texts: pytest.fail("compiled in a call"))
    wanted = f(xs)
    for _ in range(2 * auto.BLOCK * auto.BLOCKS):
        for found, right in zip(function(xs), wanted, strict=True):
            np.testing.assert_allclose(found, right, rtol=1e-12)
    assert not is_tried(function)


@pytest.mark.parametrize("faster", [0, 1])
def test_the_faster_one_stays(faster):
    def sleeper(seconds):
        def call(args, kwargs):
            sleep(seconds)
            return seconds

        return call

    calls = tuple(sleeper(0.0 if i == faster else 0.002) for i in range(2))
    timer = auto._Timer(calls)
    while not timer.done:
        timer.call((), {})
    call, measured = timer.fastest()
    assert call is calls[faster]
    assert measured.startswith(f"{('numpy', 'native')[faster]}: ")


@pytest.mark.parametrize(
    ("times", "calls", "all_calls"),
    [
        ((2**-10, 2**-11), 7, 16), ((1e-3, 2.1e-3), 7, 16), ((1e-3, 6e-4), 28, 64),
        ((1.0, 1e-4), 7, 2 + 8), ((1e-4, 1.0), 7, 8 + 2), ((1.0, 0.6), 4, 4 * (2 + 2)),
    ],
)  # fmt: skip
def test_what_is_clear_is_decided_early(times, calls, all_calls, monkeypatch):
    """And of long calls, only a few are tried: who has sixteen of them would wait for each."""
    now = [0.0]

    def call_of(seconds):
        def call(args, kwargs):
            now[0] += seconds

        return call

    monkeypatch.setattr(auto, "perf_counter", lambda: now[0])
    functions = tuple(map(call_of, times))
    timer = auto._Timer(functions)
    for _ in range(all_calls):
        assert not timer.done
        timer.call((), {})
    assert timer.done
    call, measured = timer.fastest()
    assert call is functions[times[1] < times[0]]
    assert f" at best of {calls} calls; " in measured


def test_the_engine_that_lost_gives_its_memory_back():
    def f(x):
        return gg.sum(gg.sort(gg.sort(x * 2, axis=0) * 2, axis=1) @ x)

    x, function = np.ones((300, 300)), gg.jit(f)
    until(lambda: is_tried(function), lambda: function(x))
    entry = only_entry(function)
    numpy = ref(entry.pool)
    (native,) = (ref(pool) for pool in entry._pools if pool.program.engine == "native")
    until(lambda: " at best of " in str(chosen(function)), lambda: function(x))
    assert entry.memory == entry.pool.nbytes == entry.running.placement.size
    assert entry.pool.program is entry.running
    lost = numpy if entry.running.engine == "native" else native
    assert lost() is None                           # with its program and its memory
    np.testing.assert_allclose(function(x), f(x))


# What processes agree on


@pytest.mark.parametrize("shared", [(1.0, 2.0), (2.0, 1.0), (1.0, float("inf"))])
def test_what_is_agreed_decides(shared, gate):
    """After the same call in all processes, whatever this one measured."""
    gate.set()
    asked, calls = [], []

    def agree(mine):
        asked.append((len(calls), mine))
        return shared

    function = gg.jit(step, agree=agree)
    for _ in range(200):
        function(X, X)
        calls.append(1)
    ((when, mine),) = asked
    assert when == 2 + 2 * auto.BLOCK * auto.BLOCKS
    assert all(0 < seconds < 60 for seconds in mine)
    name = ("numpy", "native")[shared[1] < shared[0]]
    assert only_entry(function).running.engine == name
    assert str(chosen(function)).startswith(f"{name}: 1000000.0 µs at best of 28 calls; ")
    assert str(chosen(function)).endswith(", as all agreed")
    assert auto._worker._thread is None             # no thread compiled it


@pytest.mark.parametrize("missing", [False, True])
def test_a_process_that_cannot_compile_says_so_to_the_others(missing, monkeypatch):
    def failing(plan):
        raise ImportError("no llvmlite")

    monkeypatch.setattr(auto.native, "compile_plan", failing)
    if missing:
        gone = engines.ALL["native"]._replace(needs=("no_such_module",))
        monkeypatch.setitem(engines.ALL, "native", gone)
    asked, calls = [], []

    def agree(mine):
        asked.append((len(calls), mine))
        return mine[0], 1e-9

    function = gg.jit(step, agree=agree)
    for _ in range(200):
        np.testing.assert_allclose(function(X, X)[1], X.sum())
        calls.append(1)
    ((when, mine),) = asked
    assert when == 2 + 2 * auto.BLOCK * auto.BLOCKS
    assert mine[1] == float("inf")
    assert only_entry(function).running.engine == "numpy"
    assert str(chosen(function)).endswith("could not be compiled: ImportError: no llvmlite")


def test_agreement_is_for_auto_alone():
    with pytest.raises(ValueError, match="agree is for the engine auto"):
        gg.jit(step, engine="numpy", agree=lambda mine: mine)


def test_nobody_waits_and_what_it_waits_for_is_said(gate):
    function = gg.jit(step)
    function(X, X), function(X, X)
    first = "numpy; its first call has it compiled"
    assert chosen(function) == first
    assert f"chosen     by auto: {first}" in function.explain(X, X)
    before = only_entry(function).call              # as a thread may hold it that is slow
    for _ in range(20):                             # of which the first is the third of all
        np.testing.assert_allclose(function(X, X)[1], X.sum())
        assert re.fullmatch(WAITING, str(chosen(function)))
        before((X, X), {})
    until(lambda: gate.begun)
    gate.set()
    until(lambda: is_tried(function))
    until(lambda: auto._worker._thread is None)
    assert re.fullmatch(TRYING, str(chosen(function)))
    assert gate.begun == 1


@pytest.mark.parametrize("where", ["compile_plan", "addresses_of"])
@pytest.mark.parametrize("error", [ValueError, MemoryError, RuntimeError])
def test_what_cannot_be_compiled_stays_with_numpy(error, where, monkeypatch):
    """Whichever part of it fails: a reason that is told, and no error of a call."""
    told = []

    def failing(*given):
        told.append(given)
        raise error("out of\n  memory")

    monkeypatch.setattr(auto.native if where == "compile_plan" else machine_code, where, failing)
    function = gg.jit(step)
    until(lambda: told, lambda: function(X, X))
    until(lambda: auto._worker._thread is None)
    entry = only_entry(function)
    for _ in range(10):
        np.testing.assert_allclose(function(X, X)[1], X.sum())
    assert len(told) == 1
    why = f"numpy: it could not be compiled: {error.__name__}: out of memory"
    assert chosen(function) == why
    assert f"chosen     by auto: {why}" in function.explain(X, X)
    assert entry.memory == entry.pool.nbytes        # none counts that was not taken


def test_a_long_plan_is_compiled_too():
    def long(x):
        y = x
        for _ in range(2000):
            y = gg.sin(y) + x
        return y

    function = gg.jit(long)
    until(lambda: is_tried(function), lambda: function(X))
    assert len(function.plan(X).steps) > 3000
    np.testing.assert_allclose(function(X), long(X), rtol=1e-9)


def test_without_a_compiler_it_stays_with_numpy(monkeypatch):
    missing = engines.ALL["native"]._replace(needs=("no_such_module",))
    monkeypatch.setitem(engines.ALL, "native", missing)
    function = gg.jit(step)
    named = gg.jit(step, engine="numpy")
    for _ in range(3):
        function(X, X), named(X, X)
    assert chosen(function) == "numpy, because llvmlite is not installed"
    assert chosen(named) == ""
    assert "chosen" not in named.explain(X, X)


def test_many_threads_move_over_once(gate):
    function = gg.jit(step)
    wanted = np.asarray(step(X, X)[0])
    wrong, stop = [], Event()

    def work():
        while not stop.is_set():
            if not np.allclose(function(X, X)[0], wanted, rtol=1e-12):
                wrong.append(1)

    function.compile(X, X)
    running = [Thread(target=work) for _ in range(4)]
    for thread in running:
        thread.start()
    until(lambda: gate.begun)
    gate.set()
    until(lambda: " at best of " in str(chosen(function)))
    stop.set()
    for thread in running:
        thread.join()
    assert not wrong
    assert gate.begun == 1


def test_one_thread_compiles_one_plan_after_another(gate):
    """And ends when there is nothing to do; what nobody has any more is left out."""
    before = active_count()
    functions = [gg.jit(lambda p, x, k=k: step(p, x * k)) for k in range(5)]
    for function in functions:
        for _ in range(3):
            function(X, X)
    until(lambda: gate.begun)
    assert active_count() == before + 1
    assert not auto._worker._thread.daemon
    assert len(auto._worker._jobs) == 4
    del functions[3:], function
    gate.set()
    until(lambda: all(map(is_tried, functions)))
    until(lambda: active_count() == before)
    assert gate.begun == 3


def test_without_a_thread_it_stays_with_numpy(monkeypatch):
    def fail(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Thread, "start", fail)
    function = gg.jit(step)
    for _ in range(10):
        np.testing.assert_allclose(function(X, X)[1], X.sum())
    assert chosen(function) == "numpy: no thread could compile it (can't start new thread)"
    monkeypatch.undo()
    assert not auto._worker._jobs                   # nothing of it is left behind
    other = gg.jit(step)
    until(lambda: is_tried(other), lambda: other(X, X))


def test_nothing_new_is_compiled_when_python_ends(gate, monkeypatch):
    """It waits for this thread, so that LLVM keeps its memory."""
    functions = [gg.jit(lambda p, x, k=k: step(p, x * k)) for k in range(2)]
    for function in functions:
        function.compile(X, X)
        function(X, X)
    until(lambda: gate.begun)
    thread = auto._worker._thread
    with monkeypatch.context() as patch:
        patch.setattr(main_thread(), "is_alive", lambda: False)
        gate.set()
        thread.join(PATIENCE)
    assert gate.begun == 1
    assert len(auto._worker._jobs) == 1
    auto._worker.do(lambda: None)                   # a new one goes on with what there is
    until(lambda: all(map(is_tried, functions)))


PROGRAM = """
import sys, numpy as np, gpugrad as gg
from threading import Thread
from gpugrad.transforms.jit import auto
x = np.linspace(0, 1, 9)
functions = [gg.jit(lambda x, k=k: gg.sum(gg.sin(x * k) * gg.exp(x))) for k in range(20)]
for f in functions:
    found = [float(f(x)) for _ in range(3)]
print(auto._worker._thread is not None, found[-1])
"""


def test_python_may_end_while_it_compiles(tmp_path):
    for i in range(3):
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM], capture_output=True, text=True,
            env=os.environ | {"GPUGRAD_CACHE": str(tmp_path / str(i))},
        )  # fmt: skip
        assert (ran.returncode, ran.stderr) == (0, "")
        at_work, found = ran.stdout.split()
        assert at_work == "True"
        wanted = np.sum(np.sin(np.linspace(0, 1, 9) * 19) * np.exp(np.linspace(0, 1, 9)))
        np.testing.assert_allclose(float(found), wanted, rtol=1e-12)


# What there is to warn of


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """A folder of its own, in a process that has compiled nothing yet."""
    monkeypatch.setenv("GPUGRAD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(machine_code, "_addresses", {})
    monkeypatch.setattr(code_cache, "_caches", {})
    return tmp_path / "cache"


def moved():
    """A function that has moved over; each call is one of this file."""
    function = gg.jit(step)
    until(lambda: is_tried(function), lambda: function(X, X))
    for _ in range(3):
        function(X, X)
    return function


def test_damaged_code_is_said_to_who_calls(fresh, monkeypatch):
    moved()
    assert list(fresh.glob("*.o"))
    for path in fresh.iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    monkeypatch.setattr(machine_code, "_addresses", {})
    with pytest.warns(CacheWarning, match="is not used") as told:
        moved()
    assert len(told) == 1
    assert told[0].filename == __file__


def test_a_folder_that_cannot_be_used_is_said_to_who_calls(fresh):
    fresh.write_bytes(b"")
    with pytest.warns(CacheWarning, match="cannot be kept") as told:
        moved()
    assert len(told) == 1
    assert told[0].filename == __file__


def test_a_disk_that_is_full_everywhere(fresh, monkeypatch):
    """Nothing is kept, and what was compiled runs."""
    def fail(*given, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(code_cache, "write_atomically", fail)
    with pytest.warns(CacheWarning, match="No space left on device") as told:
        moved()
    assert len(told) == 1
    assert told[0].filename == __file__
    assert not list(fresh.iterdir())


def test_a_warning_that_is_an_error_is_raised_once(fresh):
    """In a call, as the filters of this file have it; then calls go on."""
    fresh.write_bytes(b"")
    function, raised = gg.jit(step), []

    def call():
        try:
            np.testing.assert_allclose(function(X, X)[1], X.sum())
        except CacheWarning as error:
            raised.append(str(error))

    until(lambda: is_tried(function), call)
    assert len(raised) == 1
