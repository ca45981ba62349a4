"""A run goes on beyond its end, or stops earlier, and says how it came to be."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file
from stopped_runs import Crash, CrashAfter

from gpugrad.errors import CheckpointError, InvalidArgument
from gpugrad.train import Config, Observer, TrainedModel, resume, start
from gpugrad.train.checksum import seal
from gpugrad.train.description import Description
from gpugrad.train.folder import RunFolder
from gpugrad.train.learning_rate import learning_rate

pytestmark = pytest.mark.usefixtures("no_pictures")

TINY = Config(
    "moons", hidden=(4,), epochs=3, batch_size=64, backend="numpy", engine="eager", lr=0.1,
    optimizer="momentum", schedule="constant",
)  # fmt: skip
STEPS = 11                                          # of an epoch
CHECKPOINT, CHANGES, SUMMARY = "checkpoint.safetensors", "changes.json", "summary.json"
RESULTS = ("metrics.jsonl", "model.safetensors", CHECKPOINT, SUMMARY, CHANGES)


class Listener(Observer):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def tell(self, text: str) -> None:
        self.told.append(text)


def results(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in RESULTS if (folder / name).exists()}


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def weights(folder: Path) -> dict[str, bytes]:
    """All arrays of the model; the file also names the run, which differs by its settings."""
    return {name: x.tobytes() for name, x in load_file(folder / "model.safetensors").items()}


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def summary(folder: Path) -> dict[str, Any]:
    found = json.loads((folder / SUMMARY).read_text())
    assert found.pop("run") == json.loads((folder / "config.json").read_text())["sha256"]
    return found  # type: ignore[no-any-return]


FIXED = {
    "constant": {},
    "exponential": {"schedule": "exponential", "lr_factor": 0.9},
    "piecewise": {"schedule": "piecewise", "lr_milestones": (2, 5)},
    "plateau": {"schedule": "plateau", "lr_patience": 1, "lr": 3.0},
    "an average": {"ema": 0.9, "keep": "best"},
}
"""Schedules that do not depend on the number of epochs."""


@pytest.mark.parametrize("name", FIXED)
def test_with_such_a_schedule_it_is_as_if_it_had_been_that_long_from_the_start(
    name: str, tmp_path: Path
) -> None:
    config = replace(TINY, **FIXED[name])
    start(replace(config, epochs=7), tmp_path / "long", Observer())
    start(config, tmp_path / "run", Observer())
    outcome = resume(tmp_path / "run", {"epochs": 7}, Observer())
    assert outcome.finished
    assert outcome.epochs == 7
    metrics = [(tmp_path / name / "metrics.jsonl").read_bytes() for name in ("run", "long")]
    assert metrics[0] == metrics[1]
    assert weights(tmp_path / "run") == weights(tmp_path / "long")
    found, wanted = summary(tmp_path / "run"), summary(tmp_path / "long")
    assert found.pop("changes") == [
        {
            "epoch": 3, "step": 0, "finished": True, "before": {"epochs": 3},
            "settings": {"epochs": 7},
        }
    ]
    assert {**found, "sha256": ""} == {**wanted, "sha256": ""}


@pytest.mark.parametrize("schedule", ["cosine", "linear", "one_cycle"])
def test_other_schedules_go_on_as_those_of_the_new_length(schedule: str, tmp_path: Path) -> None:
    run = tmp_path / "run"
    start(replace(TINY, schedule=schedule), run, Observer())
    before, listener = lines(run), Listener()
    resume(run, {"epochs": 5}, listener)
    config = Description.read(RunFolder.open(run)).config
    assert config.epochs == 5
    rate = learning_rate(config, STEPS)
    found = lines(run)
    assert found[:3] == before
    rates = [line["learning_rate"] for line in found[3:]]
    assert rates == [rate(4 * STEPS - 1), rate(5 * STEPS - 1)]
    assert listener.told == [
        f"epochs was 3 and is now 5. The learning rate goes on with {rate(3 * STEPS):.3g}, which "
        f"the schedule {schedule} of 5 epochs has after 3"
    ]


@pytest.mark.parametrize("at", [1, STEPS, 2 * STEPS + 3, 3 * STEPS])
@pytest.mark.parametrize("again", [1, STEPS - 1, STEPS + 2])
def test_it_is_stopped_and_resumed_at_any_moment(at: int, again: int, tmp_path: Path) -> None:
    """Changed where it stopped, and stopped again after that: the same bits as in one go."""
    config, found = replace(TINY, schedule="cosine", ema=0.9), []
    for stops in (False, True):
        run = tmp_path / str(stops)
        with pytest.raises(Crash):
            start(config, run, CrashAfter(at), checkpoint_seconds=0.0)
        if stops:
            with pytest.raises(Crash):
                resume(run, {"epochs": 6}, CrashAfter(again), checkpoint_seconds=0.0)
            assert not (run / SUMMARY).exists()
            given = {"epochs": 6} if again == 1 else {}     # the same command changes nothing more
            assert resume(run, given, Observer()).epochs == 6
        else:
            assert resume(run, {"epochs": 6}, Observer()).epochs == 6
        found.append(results(run))
        (change,) = json.loads(found[-1][CHANGES])["changes"]
        assert change["finished"] is False
        assert (change["epoch"], change["step"]) == divmod(at - 1, STEPS)
    whole, parts = found
    # A checkpoint names the run, which is another one only by its folder.
    assert whole == parts


def test_it_can_be_done_again_and_again_and_made_shorter(tmp_path: Path) -> None:
    run = tmp_path / "run"
    start(TINY, run, Observer())
    resume(run, {"epochs": 4}, Observer())
    with pytest.raises(Crash):
        resume(run, {"epochs": 9}, CrashAfter(STEPS + 2), checkpoint_seconds=0.0)
    with pytest.raises(InvalidArgument, match="epochs is 5, but epoch 6 of the run has begun; exp"):
        resume(run, {"epochs": 5}, Observer())
    assert resume(run, {"epochs": 6}, Observer()).epochs == 6
    changes = summary(run)["changes"]
    assert [change["settings"]["epochs"] for change in changes] == [4, 9, 6]
    assert [change["before"]["epochs"] for change in changes] == [3, 4, 9]
    assert [change["finished"] for change in changes] == [True, True, False]
    start(replace(TINY, epochs=6), tmp_path / "long", Observer())
    assert (run / "metrics.jsonl").read_bytes() == (tmp_path / "long/metrics.jsonl").read_bytes()


def test_no_other_setting_can_be_changed_and_nothing_is_lost(tmp_path: Path) -> None:
    run = tmp_path / "run"
    start(TINY, run, Observer())
    before = files(run)
    for given, message in (
        ({"lr": 0.2, "epochs": 9}, "lr is 0.1 there, but 0.2 was asked for"),
        ({"schedule": "cosine"}, "schedule is constant there"),
        ({"min_delta": 0.1}, "min_delta is 0.0 there"),
        ({"epochs": 2}, "epochs is 2, but epoch 3 of the run has begun"),
        ({"epochs": 0}, "epochs is 0; expected a whole number"),
        ({"epochs": 4.5}, "epochs is 4.5"),
        ({"early_stopping": -1}, "early_stopping is -1"),
        ({"epoch": 9}, "no setting 'epoch'.*Did you mean 'epochs'"),
    ):
        with pytest.raises(InvalidArgument, match=message):
            resume(run, given, Observer())
        assert files(run) == before
    assert resume(run, {"epochs": 3, "keep": "auto"}, Observer()).finished      # that is no change
    assert not (run / CHANGES).exists()


def test_a_run_that_stopped_early_goes_on_if_it_may(tmp_path: Path) -> None:
    run, config = tmp_path / "run", replace(TINY, lr=3.0, epochs=100, early_stopping=2)
    first = start(config, run, Observer())
    assert first.epochs < 100
    before = files(run)
    with pytest.raises(InvalidArgument, match=r"stopped early after epoch \d+, and .early_stop"):
        resume(run, {"epochs": 200}, Observer())
    assert files(run) == before
    more = resume(run, {"early_stopping": 6}, Observer())
    assert more.epochs > first.epochs
    start(replace(config, early_stopping=6), tmp_path / "patient", Observer())
    found, wanted = results(run), results(tmp_path / "patient")
    assert found["metrics.jsonl"] == wanted["metrics.jsonl"]
    assert weights(run) == weights(tmp_path / "patient")
    assert resume(run, {"early_stopping": 0, "epochs": more.epochs + 1}, Observer()).epochs == \
        more.epochs + 1
    assert len(summary(run)["changes"]) == 2


def test_other_weights_are_kept_without_training_again(tmp_path: Path) -> None:
    run, config = tmp_path / "run", replace(TINY, lr=3.0, epochs=8)
    start(config, run, Observer())
    start(replace(config, keep="best"), tmp_path / "best", Observer())
    assert resume(run, {"keep": "best"}, CrashAfter(1)).finished
    assert summary(run)["kept_epoch"] == summary(tmp_path / "best")["kept_epoch"] < 8
    assert weights(run) == weights(tmp_path / "best")
    model = TrainedModel.load(run, "numpy")
    assert model.config.keep == "best"


def test_a_process_that_is_killed_in_between_leaves_a_whole_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    start(TINY, run, Observer())
    wanted = results(run)

    def killed(self: RunFolder, value: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(RunFolder, "write_changes", killed)
        with pytest.raises(Crash):
            resume(run, {"epochs": 5}, Observer())
    assert not (run / SUMMARY).exists()
    assert resume(run, {}, Observer()).epochs == 3
    assert results(run) == wanted
    assert resume(run, {"epochs": 5}, Observer()).epochs == 5


# Damaged


@pytest.fixture
def extended(tmp_path: Path) -> Path:
    start(TINY, tmp_path / "run", Observer())
    resume(tmp_path / "run", {"epochs": 5}, Observer())
    return tmp_path / "run"


def rewritten(path: Path, change: Any) -> None:
    """Other contents, with a checksum that fits."""
    value = json.loads(path.read_text())
    change(value)
    value["sha256"] = "0" * 64
    path.write_bytes(seal(json.dumps(value, indent=2).encode() + b"\n")[0])


CHANGE: dict[str, tuple[Any, str]] = {
    "of another run": (lambda v: v.update(run="0" * 64), "it is of another run"),
    "of another format": (lambda v: v.update(format=9), "its format is 9"),
    "no list": (lambda v: v.update(changes={}), "changes is {}; expected a list"),
    "no change": (lambda v: v.update(changes=[3]), r"changes\[0\] is 3; expected an object"),
    "epochs below 0": (lambda v: v["changes"][0].update(epoch=-1), "epoch is -1"),
    "no truth": (lambda v: v["changes"][0].update(finished=1), "neither true nor false"),
    "another setting": (
        lambda v: v["changes"][0]["settings"].update(lr=9.0), "settings.lr' does not belong there"
    ),
    "a bad setting": (
        lambda v: v["changes"][0]["settings"].update(epochs=0), "its settings cannot be used: epo"
    ),
    "too much": (lambda v: v["changes"][0].update(more=1), "more' does not belong there"),
    "too short": (lambda v: v["changes"][0]["settings"].update(epochs=4), "from 1 to 4"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGE)
def test_a_record_of_changes_that_no_run_writes_is_refused(name: str, extended: Path) -> None:
    change, message = CHANGE[name]
    rewritten(extended / CHANGES, lambda value: None)
    assert resume(extended, {}, Observer()).finished            # this is no damage yet
    rewritten(extended / CHANGES, change)
    before = files(extended)
    with pytest.raises(CheckpointError, match=message):
        resume(extended, {}, Observer())
    assert files(extended) == before


def test_damage_to_it_is_found(extended: Path) -> None:
    path = extended / CHANGES
    content = path.read_bytes()
    for place in range(0, len(content), 7):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(CheckpointError, match=r"changes\.json"):
            resume(extended, {}, Observer())
    path.unlink()                                   # then the run is shorter than it has become
    with pytest.raises(CheckpointError, match="does not list all changes"):
        resume(extended, {}, Observer())
    path.write_bytes(content)
    assert resume(extended, {}, Observer()).finished
