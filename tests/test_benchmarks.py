"""The benchmarks still run: each script in its smallest form, which measures nothing."""

import importlib
import json
import re
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from functools import partial
from math import inf, nan
from pathlib import Path

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.engines import ALL
from gpugrad.errors import BackendUnavailable

FOLDER = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def script(monkeypatch):
    """Imports a script by name, and sees to it that it stays in this process, with NumPy alone."""
    monkeypatch.syspath_prepend(FOLDER)
    names = {path.stem for path in FOLDER.glob("[!t]*.py")} - {"conftest"}
    names |= {path.parent.name for path in FOLDER.glob("*/__init__.py")}
    assert names.isdisjoint(sys.modules)

    def load(name, *arguments):
        monkeypatch.setattr(sys, "argv", [f"{name}.py", *arguments])
        engines, machine = map(importlib.import_module, ("engines", "machine"))
        monkeypatch.setattr(engines, "available", lambda wanted=(): ("numpy",))
        monkeypatch.setattr(machine, "restrict", lambda cores: None)
        module = importlib.import_module(name)
        if hasattr(module, "find_spec"):
            monkeypatch.setattr(
                module, "find_spec", lambda name: True if name == "numpy" else None
            )
        return module

    yield load
    for name in [name for name in sys.modules if name.partition(".")[0] in names]:
        del sys.modules[name]


def test_compare(script, capsys):
    script("compare", "--sizes", "toy", "--seconds", "0", "--without", "PyTorch,JAX,HIPS,My").main()
    assert "gpugrad jit, numpy" in capsys.readouterr().out


def test_parallel(tmp_path):
    pytest.importorskip("mpi4py", reason="mpi4py is not installed: pip install -e '.[dev]'")
    file = tmp_path / "found.json"
    words = "--ranks 1,2 --sizes toy --bytes 8,80000 --seconds 0 --cores 1".split()
    done = subprocess.run(
        [sys.executable, FOLDER / "parallel.py", *words, "--without", "PyTorch", "--json", file],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "replicas alike" in done.stdout
    assert "NO: " not in done.stdout
    report = json.loads(file.read_text())
    assert [each["ranks"] for each in report["ranks"]] == [1, 2]
    shares = [x for links in report["computed"]["toy"].values() for x in links.values()]
    assert all(0 < x < 1 for x in shares)


@pytest.mark.parametrize("engine", ["numpy", "native", "auto"])
def test_a_function_is_settled_when_its_engine_has_taken_over(script, engine):
    settle = script("engines").settle
    x = np.ones(50)
    function = gg.jit(lambda x: gg.sum(gg.sin(x) * x), engine=engine)
    found = settle(function, lambda: function(x))
    (entry,) = function._cache.kept.entries.values()
    chosen = str(entry.running.chosen)
    assert found == entry.running.engine
    if engine == "auto" and ALL["native"].is_there:
        assert chosen.startswith(f"{found}: ")
        assert " at best of " in chosen
    elif engine != "auto":
        assert (found, chosen) == (engine, "")


def test_options(script, monkeypatch, capsys):
    """Each script has those that the page says."""
    page = (FOLDER / "README.md").read_text("utf-8")
    shown = set(re.findall(r"python benchmarks/(\w+)\.py", page))
    assert len(shown) == 15
    for name in sorted(shown - {"long_graphs", "journeys"}):    # which have none
        with pytest.raises(SystemExit, match="0"):
            script(name, "--help").main()
        options = capsys.readouterr().out
        assert "--json" in options
        assert ("--cores" in options) == (name != "gpu")


def test_without_a_gpu_its_benchmark_says_so(script, monkeypatch, capsys):
    gpu = script("gpu", "--quick")

    def refuse(name):
        raise BackendUnavailable("no GPU")

    monkeypatch.setattr(gpu, "choose", refuse)
    with pytest.raises(SystemExit, match="1"):
        gpu.main()
    assert capsys.readouterr().err == "gpu.py: no GPU\n"


def test_elementwise(script, capsys):
    script("elementwise", "--sizes", "1e2", "--seconds", "0").main()
    assert "gpugrad jit, numpy" in capsys.readouterr().out


def test_op_table(script, capsys):
    script("op_table", "--seconds", "0").main()
    rows = capsys.readouterr().out.splitlines()[3:]
    assert len(rows) == 35
    assert any(row.startswith("xp.where(c, t, 0.0)") for row in rows)


def test_op_table_compares_results(script, monkeypatch):
    """What another library finds must be the same."""
    op_table = script("op_table")
    with pytest.raises(SystemExit, match=r"xp.sum\(t\): the results of numpy and gg differ"):
        op_table.check("xp.sum(t)", {"numpy": lambda: 1.0, "gg": lambda: 2.0})


def test_ensemble(script, capsys):
    script("ensemble", "--models", "4", "--seconds", "0").main()
    assert "jit numpy, slices" in capsys.readouterr().out


def test_first_call(script, monkeypatch, capsys):
    """Without its limits: timings on a shared machine are no test."""
    first_call = script("first_call", "--repeats", "1")
    monkeypatch.setattr(first_call, "LIMITS", dict.fromkeys(first_call.LIMITS, inf))
    with pytest.raises(SystemExit, match="0"):
        first_call.main()
    assert "chain, 500 steps" in capsys.readouterr().out


ALONE = ("--without", "PyTorch,JAX", "--seconds", "0")
"""Options of `breadth.py` that leave NumPy and gpugrad."""


def test_breadth(script, tmp_path, capsys):
    """Rows of each kind in this process, then shown again from their report."""
    file = tmp_path / "report.json"
    words = "softmax,signature,Adam over small"
    with pytest.raises(SystemExit, match="0"):
        script("breadth", "--rows", words, "--together", "--json", str(file), *ALONE).main()
    first = capsys.readouterr().out
    rows = [line for line in first.splitlines() if line.startswith("| ")]
    assert len(rows) == 2 + 3
    assert "engine     numpy" in file.read_text()
    with pytest.raises(SystemExit, match="0"):
        script("breadth", "--report", str(file)).main()
    assert capsys.readouterr().out.splitlines()[:5] == rows


def test_breadth_goes_on_with_a_report(script, tmp_path, monkeypatch, capsys):
    """What was cut short has all rows that had ended; they are kept, and others are run."""
    file = tmp_path / "report.json"
    options = ("--together", "--json", str(file), *ALONE)
    asked = []

    def run(words, *more, until=9):
        breadth = script("breadth", "--rows", words, *options, *more)
        here = breadth.here

        def counted(row, size, **how):
            if len(asked) == until:
                raise KeyboardInterrupt
            asked.append(row)
            return here(row, size, **how)

        with monkeypatch.context() as patch:
            patch.setattr(breadth, "here", counted)
            breadth.main()

    with pytest.raises(KeyboardInterrupt):
        run("sum of rows,sum of columns", until=1)
    assert asked == ["sum of rows"]
    assert [*json.loads(file.read_text())["rows"]] == asked
    with pytest.raises(SystemExit, match="0"):
        run("sum of rows,sum of columns,maximum of rows", "--resume")
    assert asked == ["sum of rows", "maximum of rows", "sum of columns"]
    rows = json.loads(file.read_text())["rows"]
    assert [*rows] == ["maximum of rows", "sum of rows", "sum of columns"]
    assert capsys.readouterr().out.count("\n| sum of rows") == 2      # and it is shown again
    assert [x.name for x in tmp_path.iterdir()] == ["report.json"]
    failed = json.loads(file.read_text())
    failed["rows"]["sum of rows"]["100 x 100"]["failed"] = "no end after 1 s"
    file.write_text(json.dumps(failed))
    with pytest.raises(SystemExit, match="0"):
        run("sum of rows", "--resume")
    assert asked[3:] == ["sum of rows"]
    with pytest.raises(SystemExit, match="0"):
        run("sum of rows")
    assert [*json.loads(file.read_text())["rows"]] == ["sum of rows"]


@pytest.mark.parametrize("key", ["cpu", "versions", "contenders", "seconds"])
def test_breadth_goes_on_with_no_report_of_other_things(script, tmp_path, key):
    file = tmp_path / "report.json"
    options = ("--rows", "sum of rows", "--together", "--json", str(file), *ALONE)
    with pytest.raises(SystemExit, match="0"):
        script("breadth", *options).main()
    file.write_text(json.dumps(json.loads(file.read_text()) | {key: "another"}))
    before = file.read_text()
    with pytest.raises(SystemExit, match=f"cannot be gone on with: its {key} differ"):
        script("breadth", *options, "--resume").main()
    assert file.read_text() == before


def test_breadth_is_told_which_report_to_go_on_with(script):
    with pytest.raises(SystemExit, match="name its file with --json FILE"):
        script("breadth", "--rows", "sum of rows", "--resume", *ALONE).main()


def test_breadth_runs_a_row_in_a_process_of_its_own(script, capsys):
    with pytest.raises(SystemExit, match="0"):
        script("breadth", "--rows", "sum of rows", *ALONE).main()
    row = capsys.readouterr().out.splitlines()[5]
    assert re.fullmatch(r"\| sum of rows \| 100 x 100 \|( [\d.]+ \([\d.]+\) \|){2}.*", row)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux sets peaks back")
def test_breadth_memory(script, tmp_path, capsys):
    """An array that is made for a moment counts, and one that is an input does not."""
    file = tmp_path / "report.json"
    options = ("--rows", "layer normalisation", "--without", "JAX,PyTorch", "--json", str(file))
    script("breadth_memory", "--sizes", "last", *options).main()
    assert "layer normalisation" in capsys.readouterr().out
    (row,) = json.loads(file.read_text())["mebibytes"].values()
    ((found,),) = [each.values() for each in row.values()]
    assert found["library"] > 0
    assert 5 < found["later"] < 100                 # of an input, and gradients, of 4 MiB


def test_breadth_goes_on_where_a_row_does_not_end(script, capsys):
    breadth = script("breadth", "--rows", "sum of rows", "--timeout", "0.01", *ALONE)
    with pytest.raises(SystemExit, match="1"):
        breadth.main()
    assert "FAILED: sum of rows, 100 x 100: no end after 0.01 s" in capsys.readouterr().out


def test_breadth_says_whose_results_differ(script, monkeypatch, capsys):
    breadth = script("breadth", "--rows", "sum of rows", "--together", *ALONE)
    sums = breadth.WORKLOADS["sum of rows"]
    wrong = replace(sums, gpugrad=lambda gg: lambda x: 1.001 * gg.sum(x, axis=1))
    monkeypatch.setitem(breadth.WORKLOADS, "sum of rows", wrong)
    with pytest.raises(SystemExit, match="1"):
        breadth.main()
    out = capsys.readouterr().out
    assert re.search(r"WRONG: sum of rows, 100 x 100, gpugrad numpy: result 0 differs", out)
    assert re.search(r"^\| sum of rows .* [\d.]+ \([\d.]+\)! \|", out, re.MULTILINE)


def test_breadth_goes_on_where_a_contender_fails(script, monkeypatch, capsys):
    breadth = script("breadth", "--rows", "sum of rows", "--together", *ALONE)
    failing = replace(breadth.WORKLOADS["sum of rows"], gpugrad=lambda gg: lambda x: 1 // 0)
    monkeypatch.setitem(breadth.WORKLOADS, "sum of rows", failing)
    with pytest.raises(SystemExit, match="1"):
        breadth.main()
    out = capsys.readouterr().out
    assert "gpugrad numpy: it raised ZeroDivisionError: " in out
    assert re.search(r"^\| sum of rows \| 100 x 100 \| [\d.]+ .* \| -! \|", out, re.MULTILINE)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ([1.0, 2.0], ""),
        ([1.0, 2.0 + 1e-9], ""),
        ([1.0, 2.00001], "result 0 differs by 1.0e-05"),
        ([1.0, nan], "result 0 differs by nan"),
        ([1.0, 2.0, 3.0], "a result of shapes"),
        (np.array([1.0, 2.0], "float32"), "result 0, of float32, differs"),
    ],
)
def test_breadth_compares_results(script, found, text):
    contest = script("contest")
    assert contest.difference([np.array([1.0, 2.0])], [np.asarray(found)]).startswith(text)
    assert bool(contest.difference([np.array([1.0, 2.0])], [np.asarray(found)])) == bool(text)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ([3.0, 4.0], ""),
        ([1.0, inf], "result 0, which is not finite, differs"),
        ([1.0], "a result of shapes"),
        (np.array([1.0, 2.0], "float32"), "result 0, of float32, differs"),
    ],
)
def test_breadth_compares_random_results_but_for_values(script, found, text):
    wanted, given = [np.array([1.0, 2.0])], [np.asarray(found)]
    off = script("contest").difference(wanted, given, values=False)
    assert off.startswith(text)
    assert bool(off) == bool(text)


def test_workloads_of_breadth(script):
    """Each runs at its smallest size, and agrees with NumPy by hand."""
    pytest.importorskip("scipy", reason="pip install scipy")
    contest, contenders, workloads = map(script, ("contest", "contenders", "workloads"))
    for name, row in workloads.WORKLOADS.items():
        assert len(row.sizes) >= 2, name
        make = partial(row.make, next(iter(row.sizes.values())))
        builds = [(row.gpugrad, gg)] + ([(row.numpy, np)] if row.numpy else [])
        results = [contenders.started(row, build(xp), make).run() for build, xp in builds]
        ours, *by_hand = ([np.asarray(x) for x in gg.tree.leaves(found)] for found in results)
        for arrays in by_hand:
            assert contest.difference(arrays, ours) == "", name


def test_picture_of_breadth(script, tmp_path):
    pytest.importorskip("matplotlib", reason="pip install matplotlib")
    times = {"NumPy": {"min": 2.0, "median": 2.0}, "gpugrad numpy": {"min": 1.0, "median": 1.5}}
    rows = {"sort": {"10^4": {"microseconds": times}, "10^6": {"microseconds": {}}}}
    script("ratios").picture(rows, "a title", tmp_path / "ratios.svg")
    assert (tmp_path / "ratios.svg").read_text().startswith("<?xml")


def test_derivatives(script, monkeypatch, capsys):
    derivatives = script("derivatives", "--seconds", "0", "--without-jax")
    monkeypatch.setattr(derivatives, "WIDE", 20)
    derivatives.main()
    out = capsys.readouterr().out
    assert "hvp, jit" in out
    assert "1,000 to 1,000, batched" in out


def test_conformity(script, monkeypatch, capsys):
    """Of gpugrad and of a library that misses some."""
    conformity = script("conformity")
    everyone = conformity.contenders()
    few = {name: everyone[name] for name in ("gpugrad, arrays", "array_api_strict")}
    monkeypatch.setattr(conformity, "contenders", lambda: few)
    conformity.main()
    out = capsys.readouterr().out
    assert re.search(r"gpugrad, arrays +\d+ +0 ", out)
    assert re.search(r"array_api_strict +\d+ +[1-9]", out)


def test_long_graphs(script, monkeypatch, capsys):
    long_graphs = script("long_graphs")
    monkeypatch.setattr(long_graphs, "LINKS", 100)
    monkeypatch.setattr(long_graphs, "ROWS", 100)
    for case in long_graphs.CASES.values():
        case()
    assert "diamond" in capsys.readouterr().out


def test_memory(script, monkeypatch, capsys):
    """One contender, in the processes in which it is measured; then the reuse of buffers."""
    memory = script("memory", "--sizes", "toy")
    name = "gpugrad jit, numpy"
    monkeypatch.setattr(memory, "CONTENDERS", {name: memory.CONTENDERS[name]})
    monkeypatch.setattr(memory, "LAYERS", 4)
    memory.main()
    assert "training step, numpy" in capsys.readouterr().out
    assert not tracemalloc.is_tracing()


def test_the_table():
    """What pytest measures, in a process of its own: its options are not those of the tests."""
    pytest.importorskip("pytest_benchmark", reason="pip install pytest-benchmark")
    small = "test_op or control or (toy and not compiled)"
    command = [sys.executable, "-m", "pytest", "--benchmark-disable", "-q", "-k", small, FOLDER]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout


def test_scoreboard(script, capsys):
    """Each library in a process of its own. One that is not there is left out."""
    arguments = ["--rows", "3,24", "--libraries", "gpugrad,Advect", "--python", "Advect=/nowhere"]
    script("scoreboard", *arguments).main()
    out = capsys.readouterr().out
    assert "Advect is left out" in out
    assert re.search(r"^pass +2$", out, re.MULTILINE)


def test_what_does_not_end_has_failed_and_the_run_goes_on(script, capsys):
    """Both checks of a long chain, cut short; each takes its process down."""
    script("scoreboard", "--rows", "3,25", "--libraries", "gpugrad", "--timeout", "0.05").main()
    out = capsys.readouterr().out
    assert out.count("no end after 0.05 s") == 2
    assert re.search(r"^pass +1$", out, re.MULTILINE)


def test_the_readme_says_what_was_measured(script):
    """The ratios in its words are those of the results that it shows a picture of."""
    ratio = script("ratios").ratio
    text = " ".join((FOLDER.parent / "README.md").read_text("utf-8").split())
    results = FOLDER / "results"
    steps = json.loads(max(results.glob("steps-*.json")).read_text("utf-8"))["microseconds"]
    by_hand = [times["NumPy by hand"]["min"] for times in steps.values()]
    for engines, words in (
        (("native", "auto"), "takes {:.2f} to {:.2f} of the time"),
        (("numpy",), "the steps take {:.2f} to {:.2f}"),
    ):
        least = [
            min(times[f"gpugrad jit, {engine}"]["min"] for engine in engines)
            for times in steps.values()
        ]
        shares = [x / y for x, y in zip(least, by_hand, strict=True)]
        assert words.format(min(shares), max(shares)) in text
    rows = json.loads(max(results.glob("breadth-*.json")).read_text("utf-8"))["rows"]
    found = [ratio(entry) for sizes in rows.values() for entry in sizes.values()]
    ratios = [x for x in found if x is not None]
    assert f"{sum(x <= 1 for x in ratios)} of {len(ratios)} workloads" in text
