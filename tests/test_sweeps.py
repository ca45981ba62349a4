"""A sweep trains each choice once, compares all on validation rows, and outlives failures."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gpugrad.errors import CheckpointError, DataError, InvalidArgument
from gpugrad.train import Config, Observer, Sweep, start, sweep
from gpugrad.train.lock import locked
from gpugrad.train.trials import sweeping, workers
from gpugrad.train.trials.choices import Range, combinations, draws
from gpugrad.train.trials.ranking import Ranked, ranked
from gpugrad.train.trials.sweeping import planned_trials
from gpugrad.train.trials.trial import Result, Trial, written
from gpugrad.train.trials.workers import Crew

pytestmark = pytest.mark.usefixtures("no_pictures")

FAST: dict[str, Any] = {
    "epochs": 2, "hidden": (4,), "batch_size": 64, "backend": "numpy", "engine": "eager"
}  # fmt: skip
SECONDS = 120.0


class Inside:
    """A worker that trains in this process, which takes no time to start."""

    def __init__(self, environment: Any) -> None:
        self.trained: list[str] = []

    def train(self, settings: Any, folder: str, pictures: bool) -> dict[str, object]:
        from gpugrad.train.trials.worker import answer

        (DRAWN if pictures else TRAINED).append(Path(folder).name)
        settings = json.loads(json.dumps(settings))
        return answer({"settings": settings, "folder": folder, "pictures": pictures})

    def stop(self) -> None:
        """There is nothing to stop: signals are for the main thread."""

    def close(self) -> None:
        """There is no process."""

    kill = close


TRAINED: list[str] = []
DRAWN: list[str] = []


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Trials are trained here; the names of their folders, in that order."""
    TRAINED.clear()
    DRAWN.clear()
    monkeypatch.setattr(workers, "Worker", Inside)
    return TRAINED


def content(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "sweep.json").read_text())  # type: ignore[no-any-return]


# What is trained


def test_a_grid_is_all_combinations_in_order() -> None:
    found = combinations({"lr": [0.1, 0.2], "hidden": [(4,), (8, 4)], "optimizer": ["sgd"]})
    assert [list(each.values()) for each in found] == [
        [0.1, (4,), "sgd"], [0.1, (8, 4), "sgd"], [0.2, (4,), "sgd"], [0.2, (8, 4), "sgd"],
    ]  # fmt: skip


def test_draws_are_the_same_each_time_and_the_first_ones_of_more() -> None:
    choices = {"lr": "log:1e-4:1e-1", "batch_size": "log:8:128", "optimizer": ["adam", "sgd"],
               "ema": "uniform:0:0.5"}  # fmt: skip
    few, many = draws(choices, 5, seed=3), draws(choices, 200, seed=3)
    assert many[:5] == few
    assert draws(choices, 5, seed=4) != few
    rates = np.array([each["lr"] for each in many])
    assert (rates >= 1e-4).all()
    assert (rates <= 1e-1).all()
    thirds = np.histogram(np.log10(rates), bins=[-4, -3, -2, -1])[0]
    assert (thirds > 40).all()                      # each decade is as likely
    assert all(float(f"{rate:.4g}") == rate for rate in rates)
    sizes = [each["batch_size"] for each in many]
    assert all(type(size) is int and 8 <= size <= 128 for size in sizes)
    averages = np.array([each["ema"] for each in many])
    assert 0.2 < averages.mean() < 0.3
    assert {each["optimizer"] for each in many} == {"adam", "sgd"}


def test_what_is_drawn_twice_is_trained_once() -> None:
    found = draws({"optimizer": ["adam", "sgd"]}, 50, seed=0)
    assert sorted(each["optimizer"] for each in found) == ["adam", "sgd"]


def test_folders_are_named_after_what_sets_trials_apart() -> None:
    for choice, seed, name in (
        ({"lr": 0.001, "hidden": (128, 64)}, None, "lr=0.001,hidden=128x64"),
        ({"lr": 1e-05}, 3, "lr=1e-05,seed=3"),
        ({"lr": 0.1 + 0.2}, None, "lr=0.30000000000000004"),
        ({"hidden": ()}, None, "hidden=none"),
        ({"drop": ("a/b", "..")}, None, "drop=a%2Fbx.."),
    ):
        assert Trial.of(choice, {}, seed).name == name
    long = [Trial.of({"drop": (f"{'column' * 40}{end}",)}, {}, None).name for end in "ab"]
    assert long[0] != long[1]
    assert max(map(len, long)) < 200
    assert written((1, 2.5)) == "1x2.5"


def test_grid_draws_and_seeds_go_together() -> None:
    fixed = {"dataset": "moons", "seed": 5, "epochs": 2}
    found = planned_trials(fixed, {"optimizer": ["adam", "sgd"]}, {"lr": "log:1e-3:1"}, 3, 2)
    assert len(found) == 2 * 3 * 2
    assert len({trial.name for trial in found}) == 12
    assert {trial.settings["seed"] for trial in found} == {5, 6}
    assert all(trial.settings["epochs"] == 2 for trial in found)
    assert all("seed" not in trial.choice for trial in found)


# What comes out


def test_each_trial_is_the_run_of_its_settings(tmp_path: Path, inside: list[str]) -> None:
    told: list[str] = []
    found = sweep(
        "moons", tmp_path / "s", grid={"lr": [0.001, 0.1], "hidden": [(4,), (8,)]},
        tell=told.append, **{name: value for name, value in FAST.items() if name != "hidden"},
    )  # fmt: skip
    names = ["lr=0.001,hidden=4", "lr=0.001,hidden=8", "lr=0.1,hidden=4", "lr=0.1,hidden=8"]
    assert inside == names
    own = start(Config("moons", **{**FAST, "lr": 0.1}), tmp_path / "own", Observer())
    for name in ("metrics.jsonl", "model.safetensors", "summary.json", "config.json"):
        one, other = (folder / name for folder in (tmp_path / "own", tmp_path / "s" / names[2]))
        assert one.read_bytes() == other.read_bytes()
    accuracies = [each.validation("accuracy") for each in found.ranking]
    assert accuracies == sorted(accuracies, reverse=True)
    assert own.scores is not None
    (here,) = [each for each in found.ranking if each.choice == {"lr": 0.1, "hidden": (4,)}]
    assert here.validation("accuracy") == own.scores["validation"]["accuracy"]
    assert here.test("accuracy") == own.scores["test"]["accuracy"]
    assert found.best is found.ranking[0]
    assert told[0].startswith("1/4 lr=0.001,hidden=4: validation accuracy ")
    assert len(told) == 4


def test_test_rows_are_scored_for_the_best_alone(tmp_path: Path, inside: list[str]) -> None:
    found = sweep("moons", tmp_path, grid={"lr": [0.001, 0.1]}, **FAST)
    assert repr(found).count(" test ") == 1
    assert repr(found).splitlines()[-1].startswith("Best: lr 0.1; on test rows, accuracy ")
    written = content(tmp_path)
    assert written["best"]["choice"] == {"lr": 0.1}
    assert written["best"]["test"]["accuracy"] == found.ranking[0].test("accuracy")
    assert all("test" not in trial for trial in written["trials"])
    assert "test" not in (tmp_path / "sweep.csv").read_text()
    with (tmp_path / "sweep.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["folder"] for row in rows] == [result.folder.name for result in found.results]
    assert [float(row["validation_accuracy"]) for row in rows] == [
        result.validation["accuracy"] for result in found.results
    ]


def result(choice: dict[str, Any], seed: int, state: str = "finished", **scores: float) -> Result:
    trial = Trial.of(choice, {}, seed)
    return Result(trial, Path(trial.name), state, validation=scores, epochs=1)


def test_choices_are_ranked_by_the_mean_over_seeds_and_the_complete_ones_first() -> None:
    results = [
        result({"lr": 1}, 0, r2=0.9, loss=1.0), result({"lr": 1}, 1, r2=0.1, loss=1.0),
        result({"lr": 2}, 0, r2=0.6, loss=2.0), result({"lr": 2}, 1, r2=0.6, loss=1.0),
        result({"lr": 3}, 0, r2=0.6, loss=1.0), result({"lr": 3}, 1, r2=0.6, loss=1.0),
        result({"lr": 4}, 0, r2=0.99, loss=0.1), result({"lr": 4}, 1, "failed"),
        result({"lr": 5}, 0, loss=0.1), result({"lr": 5}, 1, loss=0.1),     # without a metric
    ]  # fmt: skip
    found = ranked(results, "r2")
    assert [each.choice["lr"] for each in found] == [3, 2, 1, 5, 4]
    assert found[2].validation("r2") == 0.5
    assert found[2].spread() == pytest.approx(np.std([0.9, 0.1], ddof=1))
    text = repr(Sweep(Path("s"), "r2", found))
    assert text.splitlines()[1].split() == "lr validation R² ± seeds loss epochs".split()
    assert "1/2" in text
    assert isinstance(found[0], Ranked)


def test_a_sweep_with_nothing_finished_can_be_printed() -> None:
    found = Sweep(Path("s"), "r2", ranked([result({"lr": 1}, 0, "waiting")], "r2"))
    assert repr(found) == "Sweep in s: 0 of 1 trials are finished"
    assert found.best is None


def test_pictures_are_drawn_of_the_best_alone(
    tmp_path: Path, inside: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "gpugrad.train.report.write_report", lambda folder, *args: folder.curves.touch()
    )
    trials: dict[str, Any] = {"grid": {"lr": [0.001, 0.1]}, "seeds": 2, **FAST}
    found = sweep("moons", tmp_path, **trials)
    best = ["lr=0.1,seed=0", "lr=0.1,seed=1"]
    assert found.best is not None
    assert [result.folder.name for result in found.best.results] == best
    assert best == DRAWN == sorted(path.parent.name for path in tmp_path.glob("*/curves.svg"))
    sweep("moons", tmp_path, **trials)
    assert best == DRAWN                            # nor again
    (tmp_path / best[1] / "curves.svg").unlink()    # as where it was stopped before that
    sweep("moons", tmp_path, **trials)
    assert [*best, best[1]] == DRAWN


def test_pictures_that_cannot_be_drawn_are_told_of(
    tmp_path: Path, inside: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gpugrad.train.report.write_report", full)
    told: list[str] = []
    found = sweep("moons", tmp_path, grid={"lr": [0.1]}, tell=told.append, **FAST)
    assert found.best is not None
    assert told[1:] == ["lr=0.1: its pictures cannot be drawn: [Errno 28] No space left on device"]


# Again


def test_what_is_finished_is_not_trained_again(tmp_path: Path, inside: list[str]) -> None:
    first = sweep("moons", tmp_path, grid={"lr": [0.001, 0.1]}, **FAST)
    before = (tmp_path / "sweep.json").read_bytes()
    told: list[str] = []
    again = sweep("moons", tmp_path, grid={"lr": [0.001, 0.1]}, tell=told.append, **FAST)
    assert len(inside) == 2
    assert repr(again) == repr(first)
    assert (tmp_path / "sweep.json").read_bytes() == before
    assert told == ["2 of 2 trials are finished already"]
    sweep("moons", tmp_path, grid={"lr": [0.1, 0.5]}, **FAST)   # a value more
    assert inside[2:] == ["lr=0.5"]
    (tmp_path / "lr=0.5" / "summary.json").write_text("{}")     # damage: it is made anew
    found = sweep("moons", tmp_path, grid={"lr": [0.1, 0.5]}, **FAST)
    assert inside[3:] == ["lr=0.5"]
    assert all(result.state == "finished" for result in found.results)


def test_other_settings_need_another_folder(tmp_path: Path, inside: list[str]) -> None:
    sweep("moons", tmp_path, grid={"lr": [0.1]}, **FAST)
    with pytest.raises(InvalidArgument, match=r"whose trials all have .*epochs 2.*epochs 3"):
        sweep("moons", tmp_path, grid={"lr": [0.1]}, **{**FAST, "epochs": 3})
    (tmp_path / "sweep.json").unlink()
    with pytest.raises(InvalidArgument, match=r"settings in it; epochs is 2 there, but 3 was"):
        sweep("moons", tmp_path, grid={"lr": [0.1]}, **{**FAST, "epochs": 3})
    (tmp_path / "sweep.json").write_text("no JSON")
    with pytest.raises(CheckpointError, match=r"sweep\.json: it cannot be read"):
        sweep("moons", tmp_path, grid={"lr": [0.1]}, **FAST)
    assert len(inside) == 1


def test_a_trial_that_fails_is_on_record_and_the_others_go_on(
    tmp_path: Path, inside: list[str]
) -> None:
    told: list[str] = []
    found = sweep(
        "moons", tmp_path, grid={"lr": [1e300, 0.1]}, tell=told.append, **FAST
    )
    assert [result.state for result in found.results] == ["finished", "failed"]
    assert found.best is found.ranking[0]
    (failed,) = found.failed
    assert failed.error.startswith("training diverged in epoch 1: ")
    assert told[0] == f"1/2 lr=1e+300: failed: {failed.error}"
    assert "Failed: lr=1e+300\nThe errors are in sweep.csv" in repr(found)
    assert content(tmp_path)["trials"][1]["error"] == failed.error
    inside.clear()
    sweep("moons", tmp_path, grid={"lr": [1e300, 0.1]}, **FAST)
    assert inside == ["lr=1e+300"]                  # it is tried again


def test_a_fault_in_the_code_of_a_trial_is_its_error(
    tmp_path: Path, inside: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **given: object) -> None:
        raise ZeroDivisionError("by\nnothing")

    monkeypatch.setattr("gpugrad.train.trials.worker.start", broken)
    found = sweep("moons", tmp_path, grid={"lr": [0.1]}, **FAST)
    assert found.failed[0].error == "ZeroDivisionError: by nothing"
    assert found.best is None


# Refused, before anything is trained


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "nothing to compare": ({}, "there is nothing to compare; say what"),
    "an unknown name": ({"grid": {"lrr": [1.0]}}, "no setting 'lrr'.*Did you mean 'lr'"),
    "an unknown name for all": ({"grid": {"lr": [1.0]}, "epoch": 3}, "no setting 'epoch'"),
    "one value": ({"grid": {"lr": 0.1}}, r"the values of lr are 0\.1; expected a list"),
    "no values": ({"grid": {"lr": []}}, "expected a list of some"),
    "a text": ({"grid": {"optimizer": "adam"}}, "the values of optimizer are 'adam'"),
    "a value twice": ({"grid": {"lr": [1, 1.0]}}, "have 1.0 twice"),
    "a bad value": ({"grid": {"lr": [0.1, -1.0]}}, "lr is -1.0; expected a finite number"),
    "a bad value for all": ({"grid": {"lr": [0.1]}, "epochs": 0}, "epochs is 0"),
    "what does not suit the data": (
        {"grid": {"loss": ["cross_entropy", "huber"]}}, "loss is 'huber', but the task is binary"
    ),
    "settings that do not suit each other": (
        {"grid": {"schedule": ["cosine", "plateau"]}, "lr_factor": 0.5}, "lr_factor is 0.5, but"
    ),
    "both": ({"grid": {"lr": [0.1]}, "lr": 0.2}, "lr is given twice"),
    "in both": ({"grid": {"lr": [0.1]}, "random": {"lr": "log:1:2"}}, "lr is given twice"),
    "seeds": ({"grid": {"seed": [1, 2]}}, "seed cannot be swept: use `seeds`"),
    "other rows": ({"grid": {"validation": [0.1, 0.2]}}, "validation cannot be swept: all trials"),
    "another task": ({"grid": {"task": ["binary"]}}, "task cannot be swept"),
    "other data": ({"grid": {"dataset": ["moons"]}}, "dataset cannot be swept"),
    "no range": ({"random": {"lr": "0.1"}}, "random lr is '0.1'; expected log:LOW:HIGH"),
    "a range from 0": ({"random": {"lr": "log:0:1"}}, "with LOW above 0"),
    "a range down": ({"random": {"lr": "uniform:1:0.5"}}, "expected log:LOW:HIGH"),
    "a range to nowhere": ({"random": {"lr": "log:1:inf"}}, "expected log:LOW:HIGH"),
    "three bounds": ({"random": {"lr": "log:1:2:3"}}, "expected log:LOW:HIGH"),
    "no number": ({"random": {"activation": "log:1:2"}}, "activation is no number; random values"),
    "several numbers": ({"random": {"hidden": "log:1:2"}}, "hidden is no number"),
    "draws of nothing": ({"grid": {"lr": [0.1]}, "trials": 3}, "no setting is random"),
    "no draws": ({"random": {"lr": "log:1:2"}, "trials": 0}, "trials is 0"),
    "no seeds": ({"grid": {"lr": [0.1]}, "seeds": 0}, "seeds is 0"),
    "no jobs": ({"grid": {"lr": [0.1]}, "jobs": 0}, "jobs is 0"),
    "no validation rows": ({"grid": {"lr": [0.1]}, "validation": 0.0}, "no validation rows, by wh"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_is_said_before_the_first_trial(
    name: str, tmp_path: Path, inside: list[str]
) -> None:
    given, message = BAD[name]
    with pytest.raises(InvalidArgument, match=message):
        sweep("moons", tmp_path / "s", **given)
    assert not (tmp_path / "s").exists()
    assert inside == []


def test_data_that_are_not_there_are_missed_at_once(tmp_path: Path, inside: list[str]) -> None:
    with pytest.raises(DataError, match="no data set 'mooons'"):
        sweep("mooons", tmp_path / "s", grid={"lr": [0.1]})
    with locked(tmp_path), pytest.raises(CheckpointError, match="in use by process"):
        sweep("moons", tmp_path, grid={"lr": [0.1]}, **FAST)


def test_ranges_stay_within_their_bounds() -> None:
    class Ends:
        def __init__(self, end: int) -> None:
            self.end = end

        def uniform(self, low: float, high: float) -> float:
            return (low, high)[self.end]

    for text in ("log:0.00012345678:0.1", "uniform:0.3:0.7", "log:3:100"):
        for name in ("lr", "batch_size"):
            if name == "batch_size" and "." in text:
                continue
            way = Range.read(name, text)
            for end, bound in enumerate((way.low, way.high)):
                drawn = way.draw(Ends(end))  # type: ignore[arg-type]
                assert drawn == pytest.approx(bound, rel=1e-3)


# In processes of their own


def test_workers_train_at_the_same_time_and_are_replaced_when_they_die(tmp_path: Path) -> None:
    fixed = {"dataset": "moons", **FAST}
    first, *others = [Trial.of({"epochs": n}, fixed, None) for n in (10**6, 1, 2, 3)]
    folder, answers = tmp_path / first.name, {}

    def kill_first() -> None:                       # as the kernel does when no memory is left
        end = time.monotonic() + SECONDS
        while not (folder / "metrics.jsonl").exists() and time.monotonic() < end:
            time.sleep(0.05)
        os.kill(int((folder / ".lock").read_text().split()[0]), signal.SIGKILL)

    crew, killer = Crew(2), threading.Thread(target=kill_first)
    killer.start()
    crew.train(
        [(trial, str(tmp_path / trial.name)) for trial in (first, *others)],
        lambda trial, answer: answers.update({trial.name: answer}),
    )
    killer.join()
    assert crew.signal is None
    assert answers.pop(first.name) == {"error": "its process was ended by SIGKILL"}
    assert answers == {trial.name: {"finished": True} for trial in others}
    assert all((tmp_path / trial.name / "summary.json").exists() for trial in others)


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "gpugrad", "sweep", *words]


ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}
OPTIONS = "moons --hidden 4 --batch-size 64 --backend numpy --engine eager".split()


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_with_everything_saved(tmp_path: Path, number: int) -> None:
    words = command(
        *OPTIONS, "--epochs", "100000", "--grid", "lr=0.1,0.2,0.3", "--jobs", "2", "--out", "s"
    )
    process = subprocess.Popen(
        words, cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
    )  # fmt: skip
    folders = [tmp_path / "s" / name for name in ("lr=0.1", "lr=0.2")]
    try:
        wait_for(lambda: all((each / "metrics.jsonl").exists() for each in folders), process)
        process.send_signal(number)
        out, error = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
    assert process.returncode == 128 + number, error
    assert error == ""
    assert "everything is saved. The same command goes on." in out
    states = [trial["state"] for trial in content(tmp_path / "s")["trials"]]
    assert sorted(states) == ["stopped", "stopped", "waiting"]
    assert content(tmp_path / "s")["best"] is None
    done = [len((each / "metrics.jsonl").read_bytes().splitlines()) for each in folders]
    assert all(0 < epochs < 100000 for epochs in done)
    with locked(folders[0]):                        # no process has it any more
        pass
    assert not (tmp_path / "s" / "lr=0.3").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_a_second_interrupt_does_not_wait(tmp_path: Path) -> None:
    words = command(*OPTIONS, "--epochs", "100000", "--grid", "lr=0.1,0.2", "--out", "s")
    process = subprocess.Popen(
        words, cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
    )  # fmt: skip
    folder = tmp_path / "s" / "lr=0.1"
    try:
        wait_for(lambda: (folder / "metrics.jsonl").exists(), process)
        worker = int((folder / ".lock").read_text().split()[0])
        os.kill(worker, signal.SIGSTOP)             # it will not save anything
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
    assert process.returncode == 128 + signal.SIGINT
    assert error == "gpugrad: interrupted\n"
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


def test_the_command_compares_and_tells(tmp_path: Path) -> None:
    words = command(
        *OPTIONS, "--epochs", "2", "--grid", "lr=0.1,1e300", "--out", "s"
    )
    for _ in range(2):
        done = subprocess.run(
            words, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1, done.stderr    # one has failed, and fails again
        assert "lr=1e+300: failed: training diverged" in done.stdout
        assert "Best: lr 0.1; on test rows, accuracy" in done.stdout
    assert "1 of 2 trials are finished already" in done.stdout


COMMANDS = {
    ("moons", "--grid", "lr=1"): "Missing option '--out'",
    ("moons", "--lr", "0.1,1", "--out", "s"): "trials with these, give --grid lr=0.1,1",
    ("moons", "--optimizer=adam,sgd", "--out", "s"): "give --grid optimizer=adam,sgd",
    ("moons", "--job", "3", "--grid", "lr=1", "--out", "s"): "Did you mean --jobs?",
    ("moons", "--learning-rate", "3", "--out", "s"): "Did you mean --lr?",
    ("moons", "--grid", "seed=1,2", "--out", "s"): "use --seeds for several",
    ("moons", "--out", "s"): "there is nothing to compare",
    ("--grid", "lr=1,2", "--out", "s"): "Missing argument 'DATASET",
    ("--epochs", "3", "--grid", "lr=1,2", "--out", "s"): "give a data set, as in gpugrad sweep",
    ("moons", "--grid", "lr", "--out", "s"): "--grid is 'lr'; expected the name of a setting",
    ("moons", "--grid", "lr=", "--out", "s"): "--grid is 'lr='",
    ("moons", "--grid", "lr=a", "--out", "s"): "Invalid value for '--lr'",
    ("moons", "--grid", "hidden=8x", "--out", "s"): "hidden is '8,'; expected whole numbers",
    ("moons", "--grid", "lr=1", "--grid", "lr=2", "--out", "s"): "--grid has lr twice",
    ("moons", "--resume", "r", "--grid", "lr=1", "--out", "s"): "--resume is no setting of a run",
    ("moons", "--epoch", "3", "--grid", "lr=1", "--out", "s"): "Did you mean --epochs?",
    ("moons", "--grid", "lr=1", "--processes", "2", "--out", "s"): "--processes is no setting",
}


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_that_cannot_be_is_one_line(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    from gpugrad.cli.app import run

    monkeypatch.chdir(tmp_path)
    assert run(["sweep", *words]) == 2
    out, error = capfd.readouterr()
    assert COMMANDS[words] in error
    assert error.count("\n") == 1
    assert out == ""
    assert list(tmp_path.iterdir()) == []


def test_values_are_read_as_the_options_read_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gpugrad.cli import sweep_command
    from gpugrad.cli.app import run

    found: list[Any] = []
    monkeypatch.setattr(
        sweep_command, "train_all", lambda *args, **given: found.append((args, given)) or Done()
    )

    class Done:
        signal, failed = None, ()

        def __repr__(self) -> str:
            return "done"

    words = ["sweep", "--epochs", "3", "moons", "--hidden", "8,4", "--grid", "lr=0.1,1", "--grid",
             "class-weight=none,1x5", "--grid", "lr_milestones=1x2,3", "--random",
             "ema=uniform:0:0.9", "--random", "hidden=4,8x4", "--jobs", "3", "--out", "s",
             ]  # fmt: skip
    assert run(words) == 0
    (args, given), = found
    given.pop("tell")
    assert args == ("moons", Path("s"))
    assert given == {
        "grid": {
            "lr": [0.1, 1.0], "class_weight": ["none", (1.0, 5.0)], "lr_milestones": [(1, 2), (3,)],
        },
        "random": {"ema": "uniform:0:0.9", "hidden": [(4,), (8, 4)]},
        "trials": None, "seeds": 1, "jobs": 3, "epochs": 3, "hidden": (8, 4),
    }  # fmt: skip


def test_no_other_process_may_be_in_a_sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Many:
        size = 2

    monkeypatch.setattr(sweeping, "world", Many)
    with pytest.raises(InvalidArgument, match="one of 2 that mpiexec started; leave mpiexec out"):
        sweep("moons", tmp_path / "s", grid={"lr": [0.1]})
