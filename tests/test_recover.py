"""A run whose last checkpoint is gone goes on from what is there, or says what to do."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from stopped_runs import Crash, CrashAfter

from gpugrad.errors import CheckpointError
from gpugrad.train import Config, Observer, resume, start

pytestmark = pytest.mark.usefixtures("no_pictures")

CONFIG = Config(
    "moons", hidden=(4,), epochs=3, batch_size=64, schedule="constant", backend="numpy",
    engine="eager",
)
STEPS = 11                                          # of an epoch
CHECKPOINT, PREVIOUS = "checkpoint.safetensors", "previous.safetensors"
RESULTS = ("metrics.jsonl", "model.safetensors", CHECKPOINT, "summary.json")
TEMPORARY = f".gpugrad-{'0' * 32}.tmp"


class Listener(Observer):
    """Keeps what it is told, and counts what is learned from."""

    def __init__(self, stop_after: int = 0) -> None:
        self.told: list[str] = []
        self.steps, self.stop_after = 0, stop_after

    def tell(self, text: str) -> None:
        self.told.append(text)

    def advance(self, rows: int) -> None:
        self.steps += 1
        if self.steps == self.stop_after:
            signal.raise_signal(signal.SIGINT)


def made(folder: Path, stop_after: int = 0, every: float = 1e9) -> Path:
    start(CONFIG, folder, Listener(stop_after), checkpoint_seconds=every)
    return folder


RUNS: dict[str, Callable[[Path], Path]] = {
    "finished, with the checkpoint before of no step": made,
    "finished, with the checkpoint before of the last step": lambda path: made(path, 0, 0.0),
    "stopped, with the checkpoint before of no step": lambda path: made(path, 2 * STEPS + 5),
}


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a run comes to that nothing disturbs."""
    return results(made(tmp_path_factory.mktemp("wanted") / "run"))


@pytest.fixture(scope="module", params=RUNS)
def original(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in which epochs were completed after the checkpoint before the last."""
    return RUNS[request.param](tmp_path_factory.mktemp("original") / "run")


@pytest.fixture
def run(original: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(original, tmp_path / "run")


def results(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in RESULTS}


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# It was removed


def test_completed_epochs_are_not_trained_again_unasked(
    run: Path, wanted: dict[str, bytes]
) -> None:
    (run / CHECKPOINT).unlink()
    before = files(run)
    said = (
        r"checkpoint\.safetensors: it is not there, though epoch [23] was completed; put back .* "
        r"checkpoint is \S*previous\.safetensors, (before the first step|after step 11 of epoch 3);"
        r" go on from there with: gpugrad train --resume \S*run --previous$"
    )
    for _ in range(2):
        with pytest.raises(CheckpointError, match=said):
            resume(run, {}, CrashAfter(1))
    assert files(run) == before
    assert resume(run, {}, Observer(), previous=True).finished
    assert results(run) == wanted


def test_with_no_checkpoint_at_all_each_file_tells_of_epochs(run: Path) -> None:
    said = r"checkpoint\.safetensors: it is not .* epoch \d was completed, nor is .*previous\.safe"
    for left in files(run).keys() - {"config.json", "rows.safetensors", CHECKPOINT, PREVIOUS}:
        copy = shutil.copytree(run, run.with_name(left))
        for name in files(copy).keys() - {"config.json", left}:
            (copy / name).unlink()
        before = files(copy)
        with pytest.raises(CheckpointError, match=said + r".*put back a copy of one, or start a"):
            resume(copy, {}, CrashAfter(1))
        assert files(copy) == before


def test_the_checkpoint_before_may_be_of_no_use(run: Path) -> None:
    (run / CHECKPOINT).unlink()
    (run / PREVIOUS).write_bytes(b"")
    with pytest.raises(CheckpointError, match=r"previous\.safe.*no help either: start a new run$"):
        resume(run, {}, Observer())


def test_it_can_be_put_back(run: Path, wanted: dict[str, bytes]) -> None:
    kept = (run / CHECKPOINT).rename(run.parent / "kept")
    with pytest.raises(CheckpointError):
        resume(run, {}, Observer())
    kept.rename(run / CHECKPOINT)
    listener = Listener()
    assert resume(run, {}, listener).finished
    assert listener.told == []
    assert results(run) == wanted


def test_a_finished_run_that_was_resumed_is_whole_without_it(
    tmp_path: Path, wanted: dict[str, bytes]
) -> None:
    """For the checkpoint before is of the end, too."""
    run = made(tmp_path / "run")
    resume(run, {}, Observer())
    (run / CHECKPOINT).unlink()
    listener = Listener()
    assert resume(run, {}, listener).finished
    (told,) = listener.told
    assert told.endswith("previous.safetensors, at the end of epoch 3")
    assert listener.steps == 0
    assert results(run) == wanted


# It was never there, or a process was killed between two renames


def test_a_process_killed_between_the_renames_loses_nothing(
    run: Path, wanted: dict[str, bytes]
) -> None:
    """However many epochs the new checkpoint was ahead: it has no name yet."""
    (run / CHECKPOINT).rename(run / TEMPORARY)
    listener = Listener()
    assert resume(run, {}, listener).finished
    (told,) = listener.told
    assert "checkpoint.safetensors is not there: going on from" in told
    assert not (run / TEMPORARY).exists()
    assert results(run) == wanted


@pytest.mark.parametrize("place", ["gpugrad.train.run.sweep", "gpugrad.train.keeper.save_state"])
def test_nor_does_one_that_is_killed_while_it_goes_on(
    run: Path, wanted: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Before or after it removed what showed that there was a process before."""

    def crash(*arguments: object) -> None:
        raise Crash

    (run / CHECKPOINT).rename(run / TEMPORARY)
    (run / "summary.json").unlink(missing_ok=True)
    with monkeypatch.context() as patch:
        patch.setattr(place, crash)
        with pytest.raises(Crash):
            resume(run, {}, Observer())
    assert resume(run, {}, Observer()).finished
    assert results(run) == wanted


@pytest.mark.parametrize("steps", [1, STEPS, STEPS + 1, 2 * STEPS + 5, 3 * STEPS])
def test_the_checkpoint_of_the_step_before_takes_its_place(
    tmp_path: Path, wanted: dict[str, bytes], steps: int
) -> None:
    with pytest.raises(Crash):
        start(CONFIG, tmp_path / "run", CrashAfter(steps), checkpoint_seconds=0.0)
    (tmp_path / "run" / CHECKPOINT).replace(tmp_path / "run" / PREVIOUS)
    listener = Listener()
    assert resume(tmp_path / "run", {}, listener).finished
    assert len(listener.told) == 1
    assert results(tmp_path / "run") == wanted


def test_a_run_without_any_checkpoint_yet_begins_anew_and_says_so(
    tmp_path: Path, wanted: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*arguments: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr("gpugrad.train.keeper.save_state", crash)
        with pytest.raises(Crash):
            start(CONFIG, tmp_path / "run", Observer())
    listener = Listener()
    assert resume(tmp_path / "run", {}, listener).finished
    assert listener.told == ["There is no checkpoint yet: training begins anew"]
    assert results(tmp_path / "run") == wanted


# What the command line says


def test_it_is_told_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from gpugrad.cli.app import run

    monkeypatch.chdir(tmp_path)
    made(Path("a [run]"), 5, every=0.0)
    Path("a [run]", CHECKPOINT).unlink()
    assert run(["train", "--resume", "a [run]"]) == 0
    output, errors = capsys.readouterr()
    said = "checkpoint.safetensors is not there: going on from a [run]/previous.safetensors, after"
    assert f"a [run]/{said} step 4 of epoch 1\n" in output
    assert errors == ""
    Path("a [run]", CHECKPOINT).unlink()
    Path("a [run]", "metrics.jsonl").unlink()
    assert run(["train", "--resume", "a [run]"]) == 2
    _, errors = capsys.readouterr()
    assert errors.count("\n") == 1
    *_, command = errors.partition("with: gpugrad ")
    assert command == "train --resume 'a [run]' --previous\n"
    assert run(["train", "--resume", "a [run]", "--previous"]) == 0
    output, _ = capsys.readouterr()
    assert output.startswith("Going on from a [run]/previous.safetensors, after step 4 of epoch 1")


def test_nothing_is_in_progress_where_all_was_complete(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from gpugrad.cli.app import run

    made(tmp_path / "run")
    assert run(["train", "--resume", str(tmp_path / "run")]) == 0
    output, errors = capsys.readouterr()
    assert output.startswith("The run was already complete. The weights of epoch 3 are kept:\n")
    assert errors == ""
