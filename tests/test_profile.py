"""`gg.profile`: what compiled functions did, without a change to what they do."""

import json
from threading import Barrier, Thread

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.backends.references import COUNTED
from gpugrad.engines import ALL, profiling
from gpugrad.engines.lines import Line, ProgramSource
from gpugrad.engines.profile_report import functions
from gpugrad.errors import InvalidArgument

X = np.linspace(0, 1, 12).reshape(3, 4)


def compiled(f, *args, **options):
    function = gg.jit(f, engine="numpy", **options)
    function.compile(*args)
    return function


def product(x):
    return gg.sum(gg.tanh(x @ x.T)), x + 1


def instances(function):
    (entry,) = function._cache.kept.entries.values()
    return list(entry.pool._free)


def test_calls_steps_and_bytes_are_counted():
    f = compiled(product, X)
    with gg.profile() as p:
        for _ in range(5):
            f(X)
    (report,) = functions(p)
    assert (report.name, report.engine, report.calls, report.failed) == ("product", "numpy", 5, 0)
    assert report.launches == len(report.steps) == 4    # matmul, tanh, sum, add; a view is none
    assert {step.name.split()[0] for step in report.steps} == {"matmul", "tanh", "sum", "add"}
    assert all(step.calls == 5 for step in report.steps)
    assert 0 < sum(step.seconds for step in report.steps) <= report.seconds
    assert all(0 < step.best <= step.seconds for step in report.steps)
    by_name = {step.name.split()[0]: step for step in report.steps}
    assert by_name["tanh"].moved == 2 * 9 * 8
    assert by_name["add"].moved == 2 * 12 * 8 + 8
    assert report.moved == sum(step.moved for step in report.steps)
    arena = f._cache.compiled((X,), {}).program.placement.size
    assert report.memory == arena + X.nbytes + 8
    assert "test_profile.py:" in by_name["add"].line


def test_results_are_the_same_and_afterwards_all_is_as_before():
    f = compiled(product, X)
    before = f(X)
    (instance,) = instances(f)
    plain = instance.run.args
    with gg.profile() as p:
        inside = f(X)
        assert instance.run.args != plain
    after = f(X)
    assert instance.run.args == plain
    for a, b, c in zip(before, inside, after, strict=True):
        assert a.tobytes() == b.tobytes() == c.tobytes()
    assert functions(p)[0].calls == 1               # the last call came too late


@pytest.mark.skipif(not COUNTED, reason="a write copies where references cannot be counted")
def test_donated_arrays_stay_where_they_are():
    f = compiled(lambda w: w * 0.5, X, donate_argnums=0)
    w = f(f(X.copy()))
    place = id(w)
    with gg.profile() as p:
        for _ in range(2):
            w = f(w)
            assert id(w) == place
    np.testing.assert_array_equal(f(w), X * 0.5**5)
    assert functions(p)[0].calls == 2
    assert len(instances(f)) == 1


def test_a_function_compiled_inside_is_seen():
    f = gg.jit(product, engine="numpy")
    with gg.profile() as p:
        for _ in range(4):
            f(X)
    assert functions(p)[0].calls == 2               # the first two were recordings
    names = [event.name for event in p.events if event.timeline is None]
    assert names == ["trace product", "trace product", "compile product"]


def test_nothing_ran():
    with gg.profile() as p:
        pass
    assert functions(p) == ()
    assert "no compiled function ran" in str(p)


def test_a_call_that_raises_is_counted_up_to_there():
    def loss(x, labels):
        return gg.sum(gg.nn.softmax_cross_entropy(x * 2, labels))

    labels = np.array([0, 1, 3])
    f = compiled(loss, X, labels)
    with gg.profile() as p:
        f(X, labels)
        with pytest.raises(InvalidArgument, match="4 classes"):
            f(X, labels + 1)
    (report,) = functions(p)
    assert (report.calls, report.failed) == (2, 1)
    assert "1 calls raised" in str(p)
    assert any(step.calls == 1 for step in report.steps)


def test_an_exception_closes_the_profile():
    f = compiled(product, X)

    opened = gg.profile()
    p = opened.__enter__()
    f(X)
    error = ZeroDivisionError()
    assert not opened.__exit__(ZeroDivisionError, error, None)
    assert not profiling._profiles
    f(X)
    assert functions(p)[0].calls == 1


def test_threads_report_together(tmp_path):
    f = compiled(product, X)

    together = Barrier(4)                           # else one may take the identity of another

    def work():
        together.wait()
        for _ in range(50):
            f(X)
        together.wait()

    with gg.profile() as p:
        threads = [Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    (report,) = functions(p)
    assert report.calls == 200
    assert all(step.calls == 200 for step in report.steps)
    p.save(tmp_path / "trace.json")
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    assert {e["tid"] for e in events if e["ph"] == "X"} == {1, 2, 3, 4}


def test_a_profile_inside_a_profile():
    f = compiled(product, X)
    with gg.profile() as outer:
        f(X)
        with gg.profile() as inner:
            f(X)
        f(X)
    assert functions(inner)[0].calls == 1
    assert functions(outer)[0].calls == 3


def test_bodies_of_loops_are_functions_of_their_own():
    def f(x):
        return gg.scan(lambda c, row: (c * row + 1, c), gg.sum(x, axis=0), x)

    g = compiled(f, X)
    with gg.profile() as p:
        g(X)
        g(X)
    reports = {report.name: report for report in functions(p)}
    assert reports["f"].calls == 2
    body = reports["scan body"]
    assert body.calls == 2 * len(X)
    scan = next(step for step in reports["f"].steps if step.name.startswith("scan"))
    assert body.seconds <= scan.seconds
    assert scan.moved == body.moved * len(X)


def test_signatures_are_told_apart():
    f = gg.jit(product, engine="numpy")
    f.compile(X)
    f.compile(X[:2])
    with gg.profile() as p:
        f(X)
        f(X[:2])
    assert {report.name for report in functions(p)} == {"product", "product #2"}


def test_the_table_shows_functions_and_their_longest_steps():
    f = compiled(lambda x: gg.sin(gg.exp(x) + 1) * 2, X)
    with gg.profile() as p:
        f(X)
    text = str(p)
    assert text.startswith("function")
    assert "<lambda>, by step" in text
    for op in ("exp", "add", "sin", "multiply"):
        assert f"{op} float64[3, 4]" in text
    assert max(map(len, text.splitlines())) <= 120
    shares = [float(line.split("%")[0]) for line in text.splitlines() if "%" in line]
    assert shares == sorted(shares, reverse=True)
    assert 0 < sum(shares) <= 100.5


def test_the_trace_is_one_that_viewers_open(tmp_path):
    f = compiled(product, X)
    with gg.profile() as p:
        f(X)
        f(X)
        gg.jit(lambda x: x + 1, engine="numpy")(X)
    p.save(tmp_path / "trace.json")
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    spans = [e for e in events if e["ph"] == "X"]
    assert all(
        {"name", "cat", "ph", "ts", "dur", "pid", "tid", "args"} == e.keys() for e in spans
    )
    assert all(e["ts"] >= 0 and e["dur"] >= 0 for e in spans)
    calls = [e for e in spans if e["cat"] == "call"]
    steps = [e for e in spans if e["cat"] == "step"]
    assert [e["name"] for e in calls] == ["product", "product"]
    assert len(steps) == 8
    for step in steps:
        inside = [
            c for c in calls
            if c["ts"] <= step["ts"] and step["ts"] + step["dur"] <= c["ts"] + c["dur"] + 1e-6
        ]  # fmt: skip
        assert len(inside) == 1
    first = next(e for e in steps if e["name"].startswith("tanh"))
    assert first["args"]["inputs"] == ["float64[3, 3]"]
    assert "test_profile.py:" in first["args"]["line"]
    assert [e["name"] for e in spans if e["cat"] == "compile"] == ["trace <lambda>"]
    assert {e["ph"] for e in events} == {"M", "X"}


def test_of_long_runs_the_trace_keeps_the_begin(monkeypatch):
    monkeypatch.setattr(profiling, "KEPT", 20)
    f = compiled(product, X)
    with gg.profile() as p:
        for _ in range(10):
            f(X)
    assert functions(p)[0].calls == 10
    assert 0 < len(p.events) < 10
    assert len(p.events) + p.dropped == 10
    assert f"leaves out the last {p.dropped} calls" in str(p)


def test_sources_are_timed_at_the_end_of_each_span():
    body = (
        Line("exp(s0, s2)"), Line("# 0: exp", ends=True),
        Line("if bad(s2):", inside=(Line("check(s2)"),)), Line("# 1: check", ends=True),
    )  # fmt: skip
    source = ProgramSource(
        "arena", (Line("s2 = part(arena)"),), ("s0",), body, (Line("s2"),), ()
    )
    text = source.text()
    assert text.text == (
        "def make(arena):\n    s2 = part(arena)\n    def run(s0):\n        exp(s0, s2)\n"
        "        # 0: exp\n        if bad(s2):\n            check(s2)\n        # 1: check\n"
        "        return (s2, )\n    return run, ()\n"
    )
    assert text.timed[0] == (
        "def make(arena):\n    s2 = part(arena)\n    def run(s0):\n        times = [clock()]\n"
        "        try:\n            exp(s0, s2)\n            times.append(clock())\n"
        "            if bad(s2):\n                check(s2)\n            times.append(clock())\n"
        "            return (s2, )\n        finally:\n            note(times)\n"
        "    return run, ()\n"
    )


@pytest.mark.skipif(not ALL["native"].is_there, reason="the engine native is not installed")
def test_runs_of_kernels_are_entries(tmp_path, monkeypatch):
    monkeypatch.setenv("GPUGRAD_CACHE", str(tmp_path))
    f = gg.jit(product, engine="native")
    f.compile(X)
    expected = f(X)
    with gg.profile() as p:
        for mine, other in zip(f(X), expected, strict=True):
            assert mine.tobytes() == other.tobytes()
    (report,) = functions(p)
    assert report.engine == "native"
    assert report.launches == len(report.steps) == 1
    assert report.steps[0].name.startswith("run0: ")
    p.save(tmp_path / "trace.json")
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    (step,) = [e for e in events if e.get("cat") == "step"]
    assert step["name"] == "run0"
    assert any(name.startswith("matmul") for name in step["args"]["steps"])
