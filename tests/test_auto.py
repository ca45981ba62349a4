"""The engine `auto`: moves from NumPy to Numba in the background, and stays with the faster."""

import re
from threading import Thread
from time import monotonic, sleep
from types import SimpleNamespace

import numpy as np
import pytest

import gpugrad as gg

pytest.importorskip("numba", reason="the engine numba is not installed: pip install 'gpugrad[jit]'")

from gpugrad.engines.native import compiler as compiler_module
from gpugrad.engines.native.code_cache import CodeCache
from gpugrad.engines.native.compiler import Answer
from gpugrad.errors import CacheWarning
from gpugrad.transforms.jit import auto, cache

PATIENCE = 120                                      # seconds for the compiler, on a busy machine


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GPUGRAD_CACHE", str(tmp_path))
    monkeypatch.setattr(auto, "WORTH", 0.0)


def step(p, x):
    return 0.9 * p + 0.05 * gg.sin(p * x) + x, gg.sum(p)    # contracts: rounding does not grow


def only_entry(function):
    (entry,) = function._cache.kept.entries.values()
    return entry


def test_it_moves_over_and_the_results_stay():
    function = gg.jit(step, donate_argnums=0)
    x = np.linspace(0, 1, 50)
    p = mine = np.ones(50)
    start, states = monotonic(), []
    while len(states) < 400:
        p, total = (np.asarray(v) for v in step(p, x))
        mine, other = function(mine, x)
        np.testing.assert_allclose(mine, p, rtol=1e-10)
        np.testing.assert_allclose(other, total, rtol=1e-10)
        state = getattr(only_entry(function), "call", None)
        tried = getattr(state, "__func__", None) is auto.Mover._tried
        if tried or states:
            states.append(tried)
        else:
            assert monotonic() - start < PATIENCE
            sleep(0.005)
    assert states[0]
    assert not states[-1]                           # decided
    best = r"[\d.]+ µs"
    text = rf"chosen     by auto: (numpy|numba): {best} at best of 28 calls; (numba|numpy) {best}\n"
    said = re.search(text, function.explain(mine, x))
    assert said is not None
    assert said[1] != said[2]
    assert only_entry(function).running.engine == said[1]
    assert f"engine     {said[1]}: " in function.explain(mine, x)
    with gg.profile() as p:
        function(mine, x)
    assert f"step: auto chose {only_entry(function).running.chosen}" in str(p)


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
        call = getattr(only_entry(function), "call", None)
        tried += bool(tried) or getattr(call, "__func__", None) is auto.Mover._tried
        assert monotonic() - start < PATIENCE
        sleep(0.002)


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
    assert measured.startswith(f"{('numpy', 'numba')[faster]}: ")


def test_a_failing_compiler_changes_nothing(monkeypatch):
    told = []

    def failing(path, done):
        told.append(path)
        done(path, Answer("out of memory"))

    monkeypatch.setattr(auto.compiler, "compile", failing)
    function = gg.jit(step)
    x = np.linspace(0, 1, 5)
    start = monotonic()
    while not told and monotonic() - start < PATIENCE:
        np.testing.assert_allclose(function(x, x)[1], x.sum())
    for _ in range(10):
        np.testing.assert_allclose(function(x, x)[1], x.sum())
    assert len(told) == 1
    assert chosen(function) == "numpy: it could not be compiled: out of memory"


def chosen(function):
    return only_entry(function).running.chosen


def test_what_it_waits_for_is_said(monkeypatch):
    asked = []
    monkeypatch.setattr(auto.compiler, "compile", lambda *given: asked.append(given))
    monkeypatch.setattr(auto, "WORTH", 1000.0)
    x = np.linspace(0, 1, 5)
    function = gg.jit(step)
    for _ in range(3):
        function(x, x)
    assert chosen(function) == "numpy, until its calls have taken 1000.0 s in all"
    assert f"chosen     by auto: {chosen(function)}" in function.explain(x, x)
    monkeypatch.setattr(auto, "WORTH", 0.0)
    function(x, x)
    assert chosen(function) == "numpy, until Numba has compiled it"
    start = monotonic()
    while not asked:
        assert monotonic() - start < PATIENCE
        sleep(0.01)
    ((path, done),) = asked
    done(path, Answer(unkept="the disk is full"))
    wanted = "numpy, until Numba has compiled it into another folder (the disk is full)"
    assert chosen(function) == wanted
    with pytest.warns(CacheWarning, match="the disk is full"):
        function(x, x)


def test_a_long_plan_is_not_compiled(monkeypatch):
    monkeypatch.setattr(auto, "LARGEST", 2)
    function, x = gg.jit(step), np.linspace(0, 1, 5)
    for _ in range(3):
        function(x, x)
    assert chosen(function).endswith("steps, of which 2 may be compiled")
    monkeypatch.setattr(cache, "has_numba", lambda: False)
    function = gg.jit(step)
    for _ in range(3):
        function(x, x)
    assert chosen(function) == "numpy, because Numba and SciPy are not installed"
    named = gg.jit(step, engine="numpy")
    for _ in range(3):
        named(x, x)
    assert chosen(named) == ""
    assert "chosen" not in named.explain(x, x)


def test_without_a_folder_it_stays_with_numpy(monkeypatch):
    none = SimpleNamespace(folder=None, reason="the disk is read-only")
    program = SimpleNamespace(module=SimpleNamespace(cache=none, path=None))
    monkeypatch.setattr(auto.numba, "compile_plan", lambda plan: program)
    function, x = gg.jit(step), np.linspace(0, 1, 5)
    start, wanted = monotonic(), "numpy: no folder can keep compiled code (the disk is read-only)"
    function.compile(x, x)
    while chosen(function) != wanted:
        function(x, x)
        assert monotonic() - start < PATIENCE


def test_many_threads_move_over_once(monkeypatch):
    told = []
    compile_really = auto.compiler.compile

    def noting(path, done):
        told.append(path)
        compile_really(path, done)

    monkeypatch.setattr(auto.compiler, "compile", noting)
    function = gg.jit(step)
    x = np.linspace(0, 1, 20)
    wanted = np.asarray(step(x, x)[0])
    wrong, stop = [], monotonic() + PATIENCE

    def work():
        while monotonic() < stop and not done():
            if not np.allclose(function(x, x)[0], wanted, rtol=1e-12):
                wrong.append(1)

    def done():
        call = getattr(only_entry(function), "call", None)
        return getattr(call, "__self__", None) is None and bool(told) and ready()

    def ready():
        return not auto.compiler._waiting and monotonic() > told_at[0] + 2

    function.compile(x, x)
    told_at = [monotonic()]
    running = [Thread(target=work) for _ in range(4)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert not wrong
    assert len(told) == 1


def answers_of(made, *paths):
    """What the compiler answers to each path, one after another."""
    answers = []
    for path in paths:
        start, count = monotonic(), len(answers)
        made.compile(path, lambda path, answer: answers.append((path.name, answer)))
        while len(answers) == count:
            assert monotonic() - start < PATIENCE
            sleep(0.01)
    return answers


def keep(folder, **sources):
    """The paths of modules that are kept in the folder."""
    for name, source in sources.items():
        CodeCache(folder, lambda: None).store(f"{name}.py", source.encode())
    return [folder / f"{name}.py" for name in sources]


def test_the_process_says_what_is_wrong_and_starts_again(tmp_path):
    made = compiler_module.Compiler()
    bad, good = keep(tmp_path, bad="raise ValueError('no such thing')", good="x = 1\nprint(x)")
    wrong, right = answers_of(made, bad, good)
    assert wrong == ("bad.py", Answer("ValueError: no such thing"))
    assert right == ("good.py", Answer())
    made._process.kill()
    made._process.wait()
    assert answers_of(made, good) == [("good.py", Answer())]
    made._process.kill()


def test_the_process_reads_and_runs_only_what_is_kept(tmp_path):
    made = compiler_module.Compiler()
    mark = tmp_path / "was run"
    program = f"open({str(mark)!r}, 'w')"
    (altered,) = keep(tmp_path, altered="x = 1")
    altered.write_text(altered.read_text() + program)
    (tmp_path / "planted.py").write_text(program)
    odd = tmp_path / "tab\tline\nodd\udcff"
    odd.mkdir()
    (there,) = keep(odd, there="x = 1")
    found = [answer for _, answer in answers_of(
        made, altered, tmp_path / "planted.py", tmp_path / "none.py", there
    )]  # fmt: skip
    made._process.kill()
    assert [bool(answer.problem) for answer in found] == [True, True, True, False]
    assert [bool(answer.damaged) for answer in found] == [True, True, False, False]
    assert not mark.exists()


def test_the_process_runs_nothing_that_lies_where_it_is_started(tmp_path, monkeypatch):
    mark = tmp_path / "was run"
    for name in ("numpy", "numba", "llvmlite", "scipy", "optree", "json", "site", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text(f"open({str(mark)!r}, 'a').write({name!r})\n")
    paths = keep(tmp_path / "cache", good="import numba, scipy, optree, json\n")
    monkeypatch.chdir(tmp_path)
    made = compiler_module.Compiler()
    assert answers_of(made, *paths) == [("good.py", Answer())]
    made._process.kill()
    assert not mark.exists()


def test_a_process_that_cannot_be_started_is_a_problem_and_no_error(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.executable", str(tmp_path / "no python"))
    ((_, answer),) = answers_of(compiler_module.Compiler(), tmp_path / "x.py")
    assert "cannot be started" in answer.problem


def test_without_a_thread_it_stays_with_numpy(monkeypatch):
    def fail(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Thread, "start", fail)
    function = gg.jit(step)
    x = np.linspace(0, 1, 5)
    for _ in range(10):
        np.testing.assert_allclose(function(x, x)[1], x.sum())
    wanted = "numpy: no thread could ask the compiler (can't start new thread)"
    assert chosen(function) == wanted
