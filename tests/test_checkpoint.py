"""Whatever stops a run, `resume` leads to the bits that it would have reached undisturbed."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file
from stopped_runs import Crash, CrashAfter

from gpugrad import data
from gpugrad.engines import ENGINES
from gpugrad.errors import CheckpointError, InvalidArgument
from gpugrad.train import Config, Observer, resume, start
from gpugrad.train.tensors import write_tensors

pytestmark = pytest.mark.usefixtures("no_pictures")

CONFIG = Config("moons", hidden=(8,), epochs=4, batch_size=64, schedule="constant", backend="numpy")
STEPS = 4 * 11  # 700 training rows in batches of 64
COMPARED = ("metrics.jsonl", "model.safetensors", "checkpoint.safetensors", "summary.json")


@pytest.fixture(autouse=True, scope="module")
def cache(tmp_path_factory):
    """What engines compile is kept for the other tests here, and for no others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GPUGRAD_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in COMPARED}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The results of a run that nothing stopped."""
    folder = tmp_path_factory.mktemp("undisturbed") / "run"
    start(CONFIG, folder, Observer())
    return contents(folder)


@pytest.fixture(scope="module", params=["eager", *(name for name in ENGINES if name != "auto")])
def engine(request):
    """Everything that can run a step; `auto` stands for one of them."""
    return request.param


@pytest.fixture(scope="module")
def by_engine(engine, tmp_path_factory):
    """Settings with that engine, and the results of a run that nothing stopped."""
    config = replace(CONFIG, engine=engine)
    folder = tmp_path_factory.mktemp(engine) / "run"
    start(config, folder, Observer())
    return config, contents(folder)


@pytest.mark.parametrize("every", [0.0, 1e9])
@pytest.mark.parametrize("steps", [1, 10, 11, 12, 30, STEPS])
def test_a_crash_at_any_step_changes_nothing(tmp_path, by_engine, steps, every):
    """With a checkpoint after every step, and with none but the first: all is done again."""
    config, expected = by_engine
    with pytest.raises(Crash):
        start(config, tmp_path / "run", CrashAfter(steps), checkpoint_seconds=every)
    with pytest.raises(Crash):
        resume(tmp_path / "run", {}, CrashAfter(1), checkpoint_seconds=every)
    assert resume(tmp_path / "run", {}, Observer()).finished
    assert contents(tmp_path / "run") == expected


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
@pytest.mark.parametrize("keep", ["last", "best"])
def test_all_state_is_saved(tmp_path, optimizer, keep):
    """Velocities, step counts, the best weights: losing one would change the rest of the run."""
    config = replace(
        CONFIG, optimizer=optimizer, lr=0.05, weight_decay=None, keep=keep, schedule="cosine"
    )
    start(config, tmp_path / "whole", Observer())
    with pytest.raises(Crash):
        start(config, tmp_path / "run", CrashAfter(25), checkpoint_seconds=0.0)
    resume(tmp_path / "run", {}, Observer())
    assert contents(tmp_path / "run") == contents(tmp_path / "whole")


def test_resuming_a_finished_run_changes_nothing(tmp_path, undisturbed):
    start(CONFIG, tmp_path / "run", Observer())
    assert resume(tmp_path / "run", {}, CrashAfter(1)).finished
    assert contents(tmp_path / "run") == undisturbed


@pytest.fixture
def crashed(tmp_path):
    """A run that crashed in its third epoch, with a checkpoint of the step before."""
    with pytest.raises(Crash):
        start(CONFIG, tmp_path / "run", CrashAfter(30), checkpoint_seconds=0.0)
    return tmp_path / "run"


@pytest.mark.parametrize("extra", [b'{"epoch": 3, "st', b'{"epoch": 3}\n{"epoch": 4}\n'])
def test_metrics_newer_than_the_checkpoint_are_cut(crashed, undisturbed, extra):
    with (crashed / "metrics.jsonl").open("ab") as file:
        file.write(extra)
    resume(crashed, {}, Observer())
    assert contents(crashed) == undisturbed


def test_a_half_written_checkpoint_is_not_used(crashed, undisturbed):
    (crashed / f".gpugrad-{'0' * 32}.tmp").write_bytes(b"half of a check")
    resume(crashed, {}, Observer())
    assert contents(crashed) == undisturbed


def test_a_lost_checkpoint_means_from_the_beginning(crashed, undisturbed):
    (crashed / "checkpoint.safetensors").unlink()
    resume(crashed, {}, Observer())
    assert contents(crashed) == undisturbed


def edit(folder: Path, change) -> None:
    """Rewrites the checkpoint with its arrays changed, its notes kept and a fitting checksum."""
    path = folder / "checkpoint.safetensors"
    with safe_open(path, framework="np") as file:
        notes = json.loads(file.metadata()["gpugrad"])
    del notes["sha256"]
    arrays = load_file(path)
    change(arrays)
    write_tensors(path, arrays, notes)


def drop(arrays):
    del arrays["params.layers.0.weight"]


def add(arrays):
    arrays["surplus"] = np.zeros(2)


def reshape(arrays):
    arrays["optimizer.mean.0"] = arrays["optimizer.mean.0"].T.copy()


def widen(arrays):
    arrays["params.layers.1.bias"] = arrays["params.layers.1.bias"].astype(np.float64)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (drop, r"params\.layers\.0\.weight is missing"),
        (add, "do not belong there: 'surplus'"),
        (reshape, r"optimizer\.mean\.0 is float32 of shape \(8, 2\); expected .* \(2, 8\)"),
        (widen, r"params\.layers\.1\.bias is float64"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused(crashed, change, message):
    edit(crashed, change)
    with pytest.raises(CheckpointError, match=message):
        resume(crashed, {}, Observer())


@pytest.mark.parametrize("name", ["checkpoint.safetensors", "config.json"])
@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b[::-1]])
def test_a_damaged_file_is_refused(crashed, name, damage):
    path = crashed / name
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(CheckpointError, match=name):
        resume(crashed, {}, Observer())


def test_lost_metrics_are_refused(crashed):
    (crashed / "metrics.jsonl").write_bytes(b"")
    with pytest.raises(CheckpointError, match=r"metrics\.jsonl: its lines up to epoch 2 are not"):
        resume(crashed, {}, Observer())


def test_other_settings_are_refused_and_equal_ones_are_not(crashed, undisturbed):
    given = {"batch_size": 9, "hidden": (8,), "seed": 1}
    with pytest.raises(InvalidArgument, match=r"batch_size is \d+ there.*; seed is 0 there"):
        resume(crashed, given, Observer())
    with pytest.raises(InvalidArgument, match="no setting 'epoch'; expected one of dataset"):
        resume(crashed, {"epoch": 4}, Observer())
    given = {"dataset": "moons", "hidden": (8,), "backend": "auto", "engine": "auto"}
    resume(crashed, given, Observer())
    assert contents(crashed) == undisturbed


def test_other_data_are_refused(tmp_path):
    dataset = data.moons(rows=100)
    path = tmp_path / "data.npz"
    np.savez(path, x=dataset.x, y=dataset.y)
    config = replace(CONFIG, dataset=str(path))
    with pytest.raises(Crash):
        start(config, tmp_path / "run", CrashAfter(3))
    np.savez(path, x=dataset.x + 1, y=dataset.y)
    with pytest.raises(CheckpointError, match="not those that this run began with"):
        resume(tmp_path / "run", {}, Observer())


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match=r"no config\.json in it"):
        resume(tmp_path, {}, Observer())
    with pytest.raises(CheckpointError, match="no such folder"):
        resume(tmp_path / "nothing", {}, Observer())


# Only more epochs than CONFIG: the step is the same, so that what was compiled for it serves again.
LONGER = (
    "--hidden", "8", "--epochs", "40", "--schedule", "constant", "--backend", "numpy",
    "--checkpoint-every", "0.01",
)  # fmt: skip


def command(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "gpugrad.cli", "train", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    while not path.exists() and process.poll() is None:
        time.sleep(0.002)


@pytest.fixture(scope="module")
def whole(tmp_path_factory, engine):
    """A longer run that nothing stopped, and how many seconds it took to train.

    It is the second of two, because an engine may have to compile in the first.
    """
    for name in ("first", "second"):
        folder = tmp_path_factory.mktemp("whole") / name
        process = command("moons", *LONGER, "--engine", engine, "--out", str(folder))
        wait_for(folder / "config.json", process)
        began = time.monotonic()
        output = process.communicate()
        assert process.returncode == 0, output
    return contents(folder), time.monotonic() - began


@pytest.mark.parametrize("attempt", range(int(os.environ.get("GPUGRAD_KILLS", "2"))))
def test_kill_9_at_a_random_moment_changes_nothing(tmp_path, engine, whole, attempt):
    """Killed twice, at moments between the first file of the run and the last."""
    expected, seconds = whole
    moment = random.Random(time.time_ns())
    folder = tmp_path / "run"
    arguments = ["moons", *LONGER, "--engine", engine, "--out", str(folder)]
    for _ in range(2):
        process = command(*arguments)
        wait_for(folder / "config.json", process)
        time.sleep(moment.uniform(0.0, seconds))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if (folder / "config.json").exists():
            arguments = ["--resume", str(folder)]
    process = command(*arguments)
    output = process.communicate()
    assert process.returncode == 0, output
    assert contents(folder) == expected


def test_ctrl_c_saves_everything_and_says_how_to_go_on(tmp_path, engine, whole):
    expected, _ = whole
    folder = tmp_path / "run"
    process = command("moons", *LONGER, "--engine", engine, "--out", str(folder))
    wait_for(folder / "checkpoint.safetensors", process)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate()
    assert process.returncode == 130, errors
    assert f"gpugrad train --resume {folder}" in output
    assert errors == ""
    copy = shutil.copytree(folder, tmp_path / "copy")
    assert resume(copy, {}, Observer()).finished
    assert contents(copy) == expected
