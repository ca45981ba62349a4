"""The command line: what it prints, writes and refuses, and with which exit code."""

import csv
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import gpugrad.cli
from gpugrad import data
from gpugrad.cli.app import run
from gpugrad.engines import ALL, Engine
from gpugrad.hints import install
from gpugrad.train import Config
from gpugrad.train.data_settings import DataSettings

TINY = ["train", "moons", "--hidden", "8", "--epochs", "2", "--backend", "numpy"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Each test runs in an empty folder of its own, without time spent on pictures."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gpugrad.train.report.write_report", lambda *args: None)
    return tmp_path


@pytest.fixture
def trained(here):
    """A folder with a trained model of two features and two classes."""
    assert run([*TINY, "--out", "run"]) == 0
    return here / "run"


def test_train_prints_a_summary_and_where_everything_is(here, capsys):
    assert run([*TINY, "--out", "some/run"]) == 0
    output, errors = capsys.readouterr()
    for text in ("moons", "epoch 2/2", "samples/s", "validation", "test", "some/run"):
        assert text in output
    assert errors == ""
    assert (here / "some/run/model.safetensors").is_file()


def test_runs_without_a_name_never_share_a_folder(here):
    assert [run(TINY), run(TINY)] == [0, 0]
    assert sorted(path.name for path in (here / "runs").iterdir()) == ["moons-1", "moons-2"]


def test_all_settings_reach_the_run(here, capsys):
    options = {
        "hidden": "5,4", "activation": "sin", "optimizer": "nesterov", "lr": "0.02",
        "schedule": "piecewise", "weight-decay": "0", "epochs": "1", "batch-size": "50",
        "seed": "3", "backend": "numpy", "engine": "eager", "threads": "2", "dtype": "float64",
        "keep": "best", "task": "multiclass", "loss": "cross_entropy", "label-smoothing": "0.1",
        "class-weight": "1,2,3", "split": "ordered", "model": "mlp", "validation": "0.2",
        "test": "0.3", "warmup": "0.5", "lr-factor": "0.25", "lr-milestones": "1,2",
        "lr-patience": "4", "clip-norm": "2.5", "accumulate": "2", "ema": "0.5",
        "precision": "float32", "early-stopping": "7", "min-delta": "0.125",
    }  # fmt: skip
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    assert run(["train", "spirals", *flags, "--out", "run"]) == 0
    found = json.loads((here / "run/config.json").read_text())["settings"]
    assert found.pop("dataset") == "spirals"
    assert found.pop("hidden") == [5, 4]
    assert found.pop("class_weight") == [1.0, 2.0, 3.0]
    assert found.pop("lr_milestones") == [1, 2]
    given = {
        name.replace("-", "_"): value
        for name, value in options.items()
        if name not in ("hidden", "class-weight", "lr-milestones")
    }  # fmt: skip
    others = {
        name: found.pop(name)
        for name in DataSettings.__dataclass_fields__
        if name in found and name not in given
    }
    assert others == {
        name: list(value) if isinstance(value := getattr(Config, name), tuple) else value
        for name in others
    }
    assert {name: type(value)(given[name]) for name, value in found.items()} == found
    assert set(found) == set(given)


def test_resume_takes_the_same_settings_and_no_others(trained, capsys):
    assert run(["train", "--resume", "run"]) == 0
    assert run([*TINY, "--resume", "run"]) == 0
    assert "already complete" in capsys.readouterr().out
    assert run(["train", "--resume", "run", "--seed", "9"]) == 2
    assert "seed is 0 there, but 9 was asked for" in capsys.readouterr().err


REFUSED = {
    "no data set": (["train"], "give a data set"),
    "unknown data set": (["train", "digit"], "Did you mean 'digits'"),
    "missing file": (["train", "no.npz"], "no.npz: there is no such file"),
    "bad width": ([*TINY[:2], "--hidden", "8;4"], "hidden is '8;4'; expected whole numbers"),
    "bad number": ([*TINY, "--epochs", "many"], "--epochs"),
    "no epochs": ([*TINY[:2], "--epochs", "0"], "epochs is 0"),
    "bad choice": ([*TINY, "--activation", "rely"], "Did you mean 'relu'"),
    "bad seed": ([*TINY, "--seed", "-1"], "seed is -1"),
    "bad class weight": ([*TINY, "--class-weight", "1;2"], "class-weight is '1;2'; expected none"),
    "bad share": ([*TINY, "--test", "1"], "test is 1.0; expected a number from 0 to below 1"),
    "another loss": ([*TINY, "--loss", "huber"], "loss is 'huber', but the task is binary"),
    "bad interval": ([*TINY, "--checkpoint-every", "-1"], "--checkpoint-every is -1"),
    "unknown option": ([*TINY, "--epoch", "3"], "--epoch"),
    "unknown command": (["tain"], "tain"),
    "out is a file": ([*TINY, "--out", "file"], "it is a file"),
    "out is not empty": ([*TINY, "--out", "full"], "the folder is not empty"),
    "out and resume": (["train", "--resume", "full", "--out", "new"], "leave --out out"),
    "previous of nothing": ([*TINY, "--previous"], "give the run with --resume"),
    "resume of nothing": (["train", "--resume", "nothing"], "no such folder"),
    "predict of nothing": (["predict", "nothing", "moons"], "no such folder"),
    "predict needs data": (["predict", "nothing"], "DATA"),
    "bad assignment": (["trace", "x * x", "x"], "expected NAME=VALUE"),
    "double assignment": (["trace", "x * x", "x=1", "x=2"], "x is given twice"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_request_that_cannot_be_met_is_one_line_and_exit_code_2(here, capsys, case):
    (here / "file").touch()
    (here / "full").mkdir()
    (here / "full/notes.txt").touch()
    arguments, message = REFUSED[case]
    assert run(arguments) == 2
    errors = capsys.readouterr().err
    assert message in errors
    assert errors.startswith("gpugrad: ")
    assert errors.count("\n") == 1
    assert sorted(path.name for path in here.iterdir()) == ["file", "full"]


def test_divergence_is_exit_code_1(capsys):
    arguments = [*TINY, "--optimizer", "momentum", "--lr", "1e12", "--epochs", "9", "--out", "run"]
    assert run(arguments) == 1
    errors = capsys.readouterr().err
    assert "diverged in epoch" in errors
    assert errors.count("\n") == 1


def test_a_full_disk_is_exit_code_1(monkeypatch, capsys):
    def fail(*args: object) -> None:
        raise OSError(28, "No space left on device", "run/checkpoint.safetensors")

    monkeypatch.setattr("gpugrad.train.keeper.save_state", fail)
    assert run([*TINY, "--out", "run"]) == 1
    error = capsys.readouterr().err
    assert error == "gpugrad: run/checkpoint.safetensors: No space left on device\n"


@pytest.mark.parametrize("place", ["gpugrad.data.load", "gpugrad.train.in_folder._finish"])
def test_ctrl_c_outside_the_loop_is_exit_code_130(monkeypatch, capsys, place):
    def interrupt(*args: object, **named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(place, interrupt)
    assert run([*TINY, "--out", "run"]) == 130
    output, errors = capsys.readouterr()
    if "load" in place:
        assert errors == "gpugrad: interrupted\n"
    else:
        assert "gpugrad train --resume run" in output


def test_predict_scores_each_part_of_the_data_it_was_trained_on(trained, capsys):
    capsys.readouterr()
    assert run(["predict", "run", "moons"]) == 0
    words = capsys.readouterr().out.replace("│", " ").replace("┃", " ").split()
    assert words[words.index("train") :][:4] == ["train", "validation", "test", "all"]
    assert words[words.index("rows") :][:5] == ["rows", "700", "100", "200", "1,000"]


def test_predict_scores_other_data_as_one(trained, capsys):
    other = data.moons(rows=50, seed=9)
    np.savez("other.npz", x=other.x, y=other.y)
    capsys.readouterr()
    assert run(["predict", "run", "other.npz"]) == 0
    output = capsys.readouterr().out
    assert "50" in output
    assert "train" not in output


def test_predictions_are_written(trained, here, capsys):
    x = data.moons(rows=20, seed=9).x
    np.savez("new.npz", x=x)
    assert run(["predict", "run", "new.npz", "--out", "found.npz"]) == 0
    assert run(["predict", "run", "new.npz", "--out", "found.csv"]) == 0
    with np.load(here / "found.npz") as found:
        label, shares = found["prediction"], found["probability"]
        assert found["names"].tolist() == ["upper moon", "lower moon"]
        assert set(found["part"]) == {"new"}
    np.testing.assert_array_equal(label, shares.argmax(axis=1))
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    with (here / "found.csv").open() as file:
        lines = list(csv.DictReader(file))
    assert [line["prediction"] for line in lines] == [
        ("upper moon", "lower moon")[each] for each in label
    ]
    assert {line["part"] for line in lines} == {"new"}
    assert [float(line["probability upper moon"]) for line in lines] == shares[:, 0].tolist()


def write_wide(name):
    np.savez(name, x=np.zeros((4, 3)))


def write_foreign_labels(name):
    np.savez(name, x=np.zeros((4, 2)), y=np.arange(4))


@pytest.mark.parametrize(
    ("write", "out", "message"),
    [
        (write_wide, "new.csv", "expected (rows, 2)"),
        (write_foreign_labels, "new.csv", "the label 2, but the model knows the 2 classes 0, 1"),
        (write_wide, "new.txt", "ends in .npz or .csv"),
        (write_wide, "there.csv", "already exists"),
        (write_wide, "no/new.csv", "there is no folder no"),
    ],
)
def test_predict_refuses_in_one_line(trained, here, capsys, write, out, message):
    (here / "there.csv").write_text("precious")
    write("data.npz")
    capsys.readouterr()
    assert run(["predict", "run", "data.npz", "--out", out]) == 2
    output, errors = capsys.readouterr()
    assert message in errors
    assert (output, errors.count("\n")) == ("", 1)
    assert (here / "there.csv").read_text() == "precious"
    assert not (here / "new.csv").exists()


def test_predict_without_a_model_says_how_to_get_one(trained, capsys):
    (trained / "model.safetensors").unlink()
    assert run(["predict", "run", "moons"]) == 2
    assert "gpugrad train --resume run" in capsys.readouterr().err


def test_info_names_versions_and_the_reason(capsys, monkeypatch):
    monkeypatch.setenv("GPUGRAD_BACKEND", "numpy")
    assert run(["info"]) == 0
    output = capsys.readouterr().out
    assert "numpy on cpu: GPUGRAD_BACKEND asks for numpy" in " ".join(output.split())
    assert np.__version__ in output


def test_info_says_which_engines_can_run_and_why_others_cannot(capsys, monkeypatch):
    for there in (True, False):
        monkeypatch.setitem(ALL, "native", Engine("x", () if there else ("no_such",), "jit"))
        monkeypatch.setenv("GPUGRAD_NUM_THREADS", "3")
        assert run(["info"]) == 0
        lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
        rows = dict(line.split(maxsplit=2)[1:] for line in lines if line.startswith("engine "))
        assert rows["numpy"] == "can run"
        why = f"needs no_such: install it with {install('jit')}"
        assert rows["native"] == ("can run" if there else why)


def test_info_lists_what_engines_need_and_the_threads(capsys, monkeypatch):
    monkeypatch.setenv("GPUGRAD_NUM_THREADS", "3")
    assert run(["info"]) == 0
    output = capsys.readouterr().out
    for name in ("llvmlite", "scipy", "threadpoolctl"):
        assert re.search(rf"^{name} +(\d|not installed)", output, re.M)
    assert "3 threads for large steps" in " ".join(output.split())


def test_trace_hands_over_what_was_written(monkeypatch, capsys):
    def show(expression, assignments, format, exact):
        return repr((expression, assignments, format, exact))

    monkeypatch.setitem(sys.modules, "gpugrad.show.command", SimpleNamespace(run=show))
    assert run(["trace", "(x + y) * x", "x=3", "y=-2e1", "--format", "dot", "--exact"]) == 0
    expected = ("(x + y) * x", {"x": "3", "y": "-2e1"}, "dot", True)
    assert capsys.readouterr().out == f"{expected!r}\n"


def test_missing_packages_are_one_line_and_exit_code_2(monkeypatch, capsys):
    monkeypatch.setattr(gpugrad.cli, "find_spec", lambda name: None if name == "typer" else True)
    assert gpugrad.cli.main() == 2
    errors = capsys.readouterr().err
    assert "needs typer; install what is missing with: pip install 'gpugrad[train]'" in errors
    assert errors.count("\n") == 1


def test_the_variable_decides_where_no_backend_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """GPUGRAD_BACKEND counts for training as it does everywhere; an option wins over it."""
    monkeypatch.setenv("GPUGRAD_BACKEND", "nonsense")
    out = str(tmp_path / "run")
    assert run(["train", "moons", "--epochs", "1", "--out", out]) == 2
    assert "GPUGRAD_BACKEND" in capsys.readouterr().err
    assert run(["train", "moons", "--epochs", "1", "--out", out, "--backend", "numpy"]) == 0


def test_memory_that_is_not_there_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And leaves no folder behind; a width that can only be a mistake is refused at once."""

    def fails(*args: object) -> None:
        raise MemoryError("no 6 TiB")

    monkeypatch.setattr("gpugrad.train.beginning.make_model", fails)
    out = tmp_path / "run"
    assert run(["train", "moons", "--out", str(out)]) == 1
    assert capsys.readouterr().err.strip() == "gpugrad: not enough memory: no 6 TiB"
    assert not out.exists()
    assert run(["train", "moons", "--out", str(out), "--hidden", "999999999"]) == 2
    assert "1,000,000" in capsys.readouterr().err


def test_a_fault_of_gpugrad_is_one_line_that_says_where(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And all of it where it is asked for."""

    def fails() -> None:
        raise RuntimeError("it\ncannot be")

    monkeypatch.setattr("gpugrad.cli.info.probe_cupy", fails)
    monkeypatch.delenv("GPUGRAD_TRACEBACK", raising=False)
    assert run(["info"]) == 1
    errors = capsys.readouterr().err
    assert "a bug in gpugrad: RuntimeError: it cannot be (" in errors
    assert "test_cli.py, line " in errors
    assert errors.count("\n") == 1
    monkeypatch.setenv("GPUGRAD_TRACEBACK", "1")
    with pytest.raises(RuntimeError, match="cannot be"):
        run(["info"])


@pytest.mark.parametrize("format", ["table", "html"])
def test_trace_writes_a_file(format, tmp_path, capsys):
    command = ["trace", "(x + y) * x", "x=3", "y=2", "--format", format]
    assert run(command) == 0
    printed = capsys.readouterr().out
    assert run([*command, "--output", str(tmp_path / "found")]) == 0
    assert capsys.readouterr().out == ""
    assert (tmp_path / "found").read_text(encoding="utf-8") == printed


TASKS = {
    "regression": ["diabetes"],
    "regression of three": ["linnerud"],
    "binary": ["breast-cancer"],
    "multiclass": ["iris"],
    "multilabel": ["labels.npz"],
}


@pytest.mark.parametrize("task", TASKS)
def test_each_task_from_data_to_predictions(here, capsys, task):
    moons = data.moons(rows=120)
    labels = np.stack([moons.y == 1, moons.x[:, 0] > 0], axis=1)
    np.savez("labels.npz", x=moons.x, y=labels, target_names=["lower", "right"])
    (source,) = TASKS[task]
    words = ["train", source, "--epochs", "2", "--backend", "numpy", "--out", "run"]
    assert run(words) == 0
    output = capsys.readouterr().out
    first = {"regression": "R²", "multilabel": "micro F1"}.get(task.split()[0], "accuracy")
    assert first in output
    assert json.loads((here / "run/config.json").read_text())["settings"]["task"] in task
    dataset = data.load(source)
    assert run(["predict", "run", source, "--out", "all.csv"]) == 0
    assert first in capsys.readouterr().out
    with (here / "all.csv").open() as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == len(dataset)
    assert {line["part"] for line in lines} == {"train", "validation", "test"}
    np.savez("new.npz", x=dataset.x[:7] + 1e-3)
    assert run(["predict", "run", "new.npz", "--out", "new.npz.npz"]) == 0
    assert "rows" in capsys.readouterr().out
    with np.load("new.npz.npz") as found:
        assert found["prediction"].shape == dataset.y[:7].shape
        assert ("probability" in found) == ("regression" not in task)
        assert set(found["part"]) == {"new"}


def test_some_rows_of_a_run_are_told_apart_in_any_order(trained, here, capsys):
    moons = data.load("moons")
    rows = np.random.default_rng(0).permutation(1000)[:300]
    np.savez("some.npz", x=moons.x[rows], y=moons.y[rows])
    assert run(["predict", "run", "some.npz", "--out", "some.csv"]) == 0
    parts = data.split(moons.y, 0)
    with (here / "some.csv").open() as file:
        found = [line["part"] for line in csv.DictReader(file)]
    wanted = [name for row in rows for name in data.PARTS if row in getattr(parts, name)]
    assert found == wanted


def test_a_hint_about_the_targets_is_told(here, capsys):
    np.savez("whole.npz", x=np.arange(60.0)[:, None], y=np.arange(60.0) % 3)
    assert run(["train", "whole.npz", "--epochs", "1", "--backend", "numpy"]) == 0
    output = " ".join(capsys.readouterr().out.split())
    assert "only 3 differ, all whole" in output
    assert "ask for the task multiclass" in output


def test_what_is_undefined_is_told_with_its_reason(trained, here, capsys):
    np.savez("one.npz", x=np.zeros((3, 2)), y=[1, 1, 1])
    assert run(["predict", "run", "one.npz"]) == 0
    output = capsys.readouterr().out
    assert "AUROC of all: there is no row of class 0" in output
    assert re.search(r"AUROC +│ +- │", output)
