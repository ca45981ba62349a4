"""What stands in a run folder and is not of that run: refused by name, or made anew."""

import shutil

import numpy as np
import pytest

from gpugrad.errors import CheckpointError, InvalidArgument
from gpugrad.train import Config, Observer, TrainedModel, fit, resume, start
from gpugrad.train.folder import RunFolder
from gpugrad.train.row_numbers import parts_of
from gpugrad.train.trials.trial import Trial, result_of

pytestmark = pytest.mark.usefixtures("no_pictures")

SETTINGS = {
    "hidden": (4,), "epochs": 2, "batch_size": 64, "schedule": "constant", "backend": "numpy",
    "engine": "eager",
}  # fmt: skip


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two runs that differ in their seed alone."""
    folders = [tmp_path_factory.mktemp("runs") / name for name in ("one", "other")]
    for seed, folder in enumerate(folders):
        start(Config("moons", seed=seed, **SETTINGS), folder, Observer())
    return folders


@pytest.fixture
def run(runs, tmp_path):
    """A copy of the first one."""
    return shutil.copytree(runs[0], tmp_path / "run")


def swap(runs, run, name):
    """Puts a file of the other run in the place of its own."""
    shutil.copy(runs[1] / name, run / name)


def test_the_model_of_another_run_is_refused_and_made_anew(runs, run):
    good = (run / "model.safetensors").read_bytes()
    swap(runs, run, "model.safetensors")
    with pytest.raises(CheckpointError, match=r"model\.safetensors: it is of another run .*--res"):
        TrainedModel.load(run)
    resume(run, {}, Observer())
    assert (run / "model.safetensors").read_bytes() == good


def test_rows_of_another_run_are_refused(runs, run):
    swap(runs, run, "rows.safetensors")
    with pytest.raises(CheckpointError, match=r"rows\.safetensors: it is of another run"):
        parts_of(RunFolder(run), np.zeros((2, 2)))


def test_the_summary_of_another_run_counts_as_none(runs, run):
    trial = Trial.of({"lr": 0.1}, {}, None)
    assert result_of(trial, RunFolder(run), "accuracy") is not None
    swap(runs, run, "summary.json")
    assert result_of(trial, RunFolder(run), "accuracy") is None


def test_a_checkpoint_of_another_run_is_refused(runs, run):
    swap(runs, run, "checkpoint.safetensors")
    with pytest.raises(CheckpointError, match=r"checkpoint\.safetensors: it is of another run"):
        resume(run, {}, Observer())


@pytest.mark.parametrize("setting", [{"epochs": 3}, {"early_stopping": 5}])
def test_changes_that_were_removed_are_missed(run, setting):
    resume(run, setting, Observer())
    assert resume(run, {}, Observer()).finished     # with them, all is well
    (run / "changes.json").unlink()
    with pytest.raises(CheckpointError, match=r"changes\.json: it does not list all changes"):
        resume(run, {}, Observer())


@pytest.mark.parametrize("name", ["model.safetensors", "previous.safetensors", "summary.json"])
def test_a_folder_in_the_place_of_a_file_is_named(run, name):
    (run / name).unlink()
    (run / name).mkdir()
    with pytest.raises(IsADirectoryError, match="it is a folder, in the place of a file") as found:
        resume(run, {"epochs": 3}, Observer())
    assert found.value.filename == str(run / name)


def test_a_folder_in_the_place_of_the_lock_is_named(run):
    (run / ".lock").mkdir()
    with pytest.raises(IsADirectoryError, match="it is a folder, in the place of a file"):
        resume(run, {}, Observer())


@pytest.fixture
def saved(tmp_path):
    """A model that a program trained and saved."""
    x = np.linspace(-1.0, 1.0, 100)[:, None]
    fit(x, x[:, 0] > 0, epochs=2, hidden=(4,), backend="numpy").save(tmp_path / "saved")
    return tmp_path / "saved"


def test_a_saved_model_is_no_run_to_continue(saved, run):
    with pytest.raises(InvalidArgument, match=r"TrainedModel\.save wrote.* gpugrad predict"):
        resume(saved, {}, Observer())
    again = saved.parent / "again"
    TrainedModel.load(run).save(again)              # nor where it was a run's
    with pytest.raises(InvalidArgument, match=r"TrainedModel\.save wrote"):
        resume(again, {"epochs": 9}, Observer())


def test_a_folder_that_is_taken_says_by_what(saved, run):
    model = TrainedModel.load(saved)
    with pytest.raises(CheckpointError, match=r"a saved model in it already\. Choose another fol"):
        model.save(saved)
    with pytest.raises(CheckpointError, match=r"a run in it already\. Choose another folder"):
        model.save(run)
    with pytest.raises(CheckpointError, match=r"a saved model in it .*Choose another --out"):
        start(Config("moons", **SETTINGS), saved, Observer())


def test_a_saved_model_that_is_damaged_cannot_be_made_anew(saved):
    path = saved / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CheckpointError, match=r"Put back a copy of the file$"):
        TrainedModel.load(saved)
    path.unlink()
    with pytest.raises(CheckpointError, match=r"was removed; put back a copy$"):
        TrainedModel.load(saved)
