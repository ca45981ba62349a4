"""Damage to any file of a run is told with the file's name, and what can be done about it works."""

import errno
import json
import os
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from stopped_runs import Crash, CrashAfter

from gpugrad.errors import CheckpointError
from gpugrad.train import Config, Observer, TrainedModel, resume, start
from gpugrad.train.checksum import BLANK, seal, verify
from gpugrad.train.description import Description
from gpugrad.train.folder import RunFolder
from gpugrad.train.tensors import read_arrays, read_tensors

pytestmark = pytest.mark.usefixtures("no_pictures")

CONFIG = Config(
    "moons", hidden=(4,), epochs=3, batch_size=64, schedule="constant", backend="numpy",
    engine="eager",
)  # fmt: skip
FLIPS = int(os.environ.get("GPUGRAD_FLIPS", "2000"))
READERS = {
    "config.json": Description.read,
    "metrics.jsonl": lambda folder: folder.records(3),
    "timing.jsonl": lambda folder: folder.timing.lines(3),
    "checkpoint.safetensors": lambda folder: read_tensors(folder.checkpoint),
    "previous.safetensors": lambda folder: read_tensors(folder.previous),
    "model.safetensors": lambda folder: read_arrays(folder.model),
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run that nothing stopped."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    start(CONFIG, folder, Observer())
    return folder


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A run that stopped in its third epoch, with a checkpoint of the step before."""
    folder = tmp_path_factory.mktemp("stopped") / "run"
    with pytest.raises(Crash):
        start(CONFIG, folder, CrashAfter(30), checkpoint_seconds=0.0)
    return folder


@pytest.fixture
def run(finished, tmp_path):
    """A copy of the finished run."""
    return shutil.copytree(finished, tmp_path / "run")


@pytest.fixture
def broken(stopped, tmp_path):
    """A copy of the run that stopped."""
    return shutil.copytree(stopped, tmp_path / "run")


def results(folder: Path) -> dict[str, bytes]:
    names = ("config.json", "metrics.jsonl", "model.safetensors", "checkpoint.safetensors")
    return {name: (folder / name).read_bytes() for name in (*names, "summary.json")}


# Each bit


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def bits(content: bytes) -> list[int]:
    """Half of them from the beginning, where names and lengths are, half from anywhere."""
    bits, half = range(8 * len(content)), FLIPS // 2
    return [*bits[:half], *random.Random(0).choices(bits, k=FLIPS - half)]


@pytest.mark.parametrize("name", READERS)
def test_each_bit_counts(run, name):
    path, read = run / name, READERS[name]
    content = path.read_bytes()
    read(RunFolder(run))
    missed = []
    for bit in bits(content):
        path.write_bytes(flipped(content, bit))
        try:
            read(RunFolder(run))
        except CheckpointError as error:
            if str(path) in str(error):
                continue
        missed.append(bit)
    assert not missed


@pytest.mark.parametrize("name", READERS)
def test_each_byte_counts_wherever_the_file_ends(run, name):
    path, read = run / name, READERS[name]
    content = path.read_bytes()
    for size in {1, *random.Random(0).choices(range(1, len(content)), k=50), len(content) - 1}:
        path.write_bytes(content[:size])
        with pytest.raises(CheckpointError, match=name):
            read(RunFolder(run))
    for more in (b"\0", b" ", b"\n", b"{}\n"):
        path.write_bytes(content + more)
        if not name.endswith(".jsonl"):             # lines beyond the last checkpoint are dropped
            with pytest.raises(CheckpointError, match=name):
                read(RunFolder(run))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
@pytest.mark.parametrize("name", sorted(READERS.keys() - {"config.json"}))
def test_a_pipe_or_a_folder_in_the_place_of_a_file_is_refused(run, name):
    path, read = run / name, READERS[name]
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(CheckpointError, match=name):
        read(RunFolder(run))
    path.unlink()
    path.mkdir()
    with pytest.raises(CheckpointError, match=name):
        read(RunFolder(run))


def test_lines_that_change_places_or_go_are_missed(run):
    path = run / "metrics.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    for order in ([1, 0, 2], [0, 2, 1], [1, 2], [0, 2], [0, 1], [0, 1, 1], [0, 0, 1, 2]):
        path.write_bytes(b"".join(lines[i] for i in order))
        with pytest.raises(CheckpointError, match=r"metrics\.jsonl: line \d is damaged or lost"):
            resume(run, {}, Observer())
    path.write_bytes(b"".join(lines))
    assert [record.epoch for record in RunFolder(run).records()] == [1, 2, 3]


def test_damaged_metrics_can_be_removed(broken, finished):
    """They are in the checkpoint, too."""
    path = broken / "metrics.jsonl"
    path.write_bytes(flipped(path.read_bytes(), 700))
    said = r"metrics\.jsonl: line 1 is damaged or lost; put back .* or remove it: .* the checkpoint"
    with pytest.raises(CheckpointError, match=said):
        resume(broken, {}, Observer())
    path.unlink()
    assert resume(broken, {}, Observer()).finished
    assert results(broken) == results(finished)


def test_a_checker_that_leaves_a_byte_out_would_be_found():
    """The test above can fail: a checksum over parsed JSON would miss blanks and escapes."""
    content, checksum = seal(json.dumps({**BLANK, "a": 1}).encode())
    assert verify(content) == checksum
    same = content.replace(b", ", b",  ")
    assert json.loads(same) == json.loads(content)
    assert verify(same) is None


def test_checksums_go_on_from_each_other():
    content, checksum = seal(json.dumps(BLANK).encode(), "before")
    assert verify(content, "before") == checksum
    assert verify(content) is verify(content, "other") is None
    assert verify(json.dumps(BLANK).encode()) is None
    assert verify(b"{}") is verify(b"") is None
    for content in (b"{}", b" " * 1024 + json.dumps(BLANK).encode()):
        with pytest.raises(ValueError, match="no blank checksum"):
            seal(content)


# What is said, and what can be done


def damage(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(flipped(content, 8 * len(content) - 40))


def test_a_damaged_checkpoint_offers_the_one_before(broken, finished):
    damage(broken / "checkpoint.safetensors")
    said = r"checkpoint\.safetensors: it is damaged.* The last good checkpoint is .*previous\."
    with pytest.raises(CheckpointError, match=said + r".*--resume \S*/run --previous$"):
        resume(broken, {}, Observer())
    with pytest.raises(CheckpointError, match=said):
        resume(broken, {}, Observer())              # nothing happens unless it is asked for
    assert resume(broken, {}, Observer(), previous=True).finished
    assert results(broken) == results(finished)


def test_the_command_line_says_so_in_one_line_and_goes_back(broken, capsys):
    from gpugrad.cli.app import run

    damage(broken / "checkpoint.safetensors")
    assert run(["train", "--resume", str(broken)]) == 2
    errors = capsys.readouterr().err
    assert errors.count("\n") == 1
    *_, command = errors.split("go on from there with: gpugrad ")
    assert run(command.split()) == 0


def test_a_good_checkpoint_may_be_gone_back_from(broken, finished):
    assert resume(broken, {}, Observer(), previous=True).finished
    assert results(broken) == results(finished)


def test_going_back_and_crashing_again(broken, finished):
    damage(broken / "checkpoint.safetensors")
    with pytest.raises(Crash):
        resume(broken, {}, CrashAfter(1), previous=True)
    with pytest.raises(Crash):
        resume(broken, {}, CrashAfter(2), checkpoint_seconds=0.0)
    assert resume(broken, {}, Observer()).finished
    assert results(broken) == results(finished)


def test_two_damaged_checkpoints(broken):
    for name in ("checkpoint.safetensors", "previous.safetensors"):
        damage(broken / name)
    with pytest.raises(CheckpointError, match=r"no help either: start a new run$"):
        resume(broken, {}, Observer())
    said = r"previous\.safetensors: it is damaged.*last .*, is no help either: start a new run$"
    with pytest.raises(CheckpointError, match=said):
        resume(broken, {}, Observer(), previous=True)


def test_a_damaged_checkpoint_before_the_last_one_offers_that(broken, finished):
    damage(broken / "previous.safetensors")
    said = r"previous\.safetensors: it is damaged.* good checkpoint is .*/checkpoint\.safetensors, "
    said += r"after step 7 of epoch 3; go on from there with: gpugrad train --resume \S*/run$"
    with pytest.raises(CheckpointError, match=said):
        resume(broken, {}, Observer(), previous=True)
    assert resume(broken, {}, Observer()).finished
    assert results(broken) == results(finished)


def test_a_checkpoint_that_was_being_replaced(broken, finished):
    """Killed between two renames: the checkpoint before is there, under its other name."""
    (broken / "checkpoint.safetensors").rename(broken / "previous.safetensors")
    assert resume(broken, {}, Observer()).finished
    assert results(broken) == results(finished)


def test_a_checkpoint_that_cannot_be_looked_at_is_not_taken_for_a_lost_one(broken, monkeypatch):
    real = os.lstat

    def lstat(path, *args, **kwargs):
        if str(path).endswith("checkpoint.safetensors"):
            raise OSError(errno.EIO, "Input/output error")
        return real(path, *args, **kwargs)

    monkeypatch.setattr(os, "lstat", lstat)
    with pytest.raises(OSError, match=r"Input/output error: .*checkpoint\.safetensors"):
        resume(broken, {}, Observer())


def test_a_link_to_nowhere_is_not_taken_for_a_lost_checkpoint(broken):
    (broken / "checkpoint.safetensors").unlink()
    (broken / "checkpoint.safetensors").symlink_to("nowhere")
    with pytest.raises(CheckpointError, match=r"checkpoint\.safetensors: it cannot be read"):
        resume(broken, {}, Observer())


def test_no_earlier_checkpoint(broken):
    (broken / "previous.safetensors").unlink()
    said = r"previous\.safetensors: it cannot be read \(No.* with: gpugrad train --resume \S*/run$"
    with pytest.raises(CheckpointError, match=said):
        resume(broken, {}, Observer(), previous=True)
    damage(broken / "checkpoint.safetensors")
    with pytest.raises(CheckpointError, match=r"no help either: start a new run$"):
        resume(broken, {}, Observer(), previous=True)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b'{"a": 1, "a": 2}', b'{"a": NaN}'])
def test_a_description_that_is_no_json_says_what_to_do(run, content):
    """As after a change by hand, which is no change to go on with."""
    (run / "config.json").write_bytes(content)
    refused_with_a_remedy(run)


@pytest.mark.parametrize("change", [
    lambda found: found.update(format=1), lambda found: found.pop("data"),
    lambda found: found.update(more=1), lambda found: found["settings"].update(backend="auto"),
    lambda found: found["settings"].update(epochs=0),
    lambda found: found["data"]["target"].update(names=[]),
])  # fmt: skip
def test_a_description_with_a_fitting_checksum_may_be_wrong_too(run, change):
    path = run / "config.json"
    found = json.loads(path.read_text())
    change(found)
    path.write_bytes(seal(json.dumps({**found, **BLANK}).encode())[0])
    refused_with_a_remedy(run)


def test_so_may_be_one_that_cannot_be_read(run, monkeypatch):
    monkeypatch.setattr("gpugrad.train.folder.read_file", fail)
    refused_with_a_remedy(run)


def fail(path):
    raise OSError(errno.EACCES, "Permission denied")


def refused_with_a_remedy(run):
    said = r"config\.json: .*; put back a copy of the file, or start a new run$"
    for use in (lambda: resume(run, {}, Observer()), lambda: TrainedModel.load(run, "numpy")):
        with pytest.raises(CheckpointError, match=said):
            use()


@pytest.mark.parametrize(
    ("steps", "place"),
    [
        (1, "before the first step"), (2, "after step 1 of epoch 1"),
        (12, "after step 11 of epoch 1"), (13, "after step 1 of epoch 2"),
    ],
)  # fmt: skip
def test_where_a_checkpoint_stands_is_said_in_words(tmp_path, steps, place):
    with pytest.raises(Crash):
        start(CONFIG, tmp_path / "run", CrashAfter(steps + 1), checkpoint_seconds=0.0)
    damage(tmp_path / "run" / "checkpoint.safetensors")
    with pytest.raises(CheckpointError, match=rf"previous\.safetensors, {place}; go on"):
        resume(tmp_path / "run", {}, Observer())


def test_the_end_of_an_epoch_is_said_to_be_one(run):
    resume(run, {}, Observer())
    damage(run / "checkpoint.safetensors")
    with pytest.raises(CheckpointError, match=r"previous\.safetensors, at the end of epoch 3; go"):
        resume(run, {}, Observer())


def test_a_damaged_model_is_written_anew_from_the_checkpoint(run, finished):
    damage(run / "model.safetensors")
    said = r"model\.safetensors: it is damaged.* anew with: gpugrad train --resume \S*run$"
    with pytest.raises(CheckpointError, match=said):
        TrainedModel.load(run, "numpy")
    assert resume(run, {}, Observer()).finished
    TrainedModel.load(run, "numpy")
    assert results(run) == results(finished)


def test_damaged_times_can_be_removed(broken, finished):
    path = broken / "timing.jsonl"
    damage(path)
    with pytest.raises(CheckpointError, match=r"timing\.jsonl: line \d is .*or remove it"):
        resume(broken, {}, Observer())
    path.write_bytes(b"")                           # as a removed one whose first line failed
    with pytest.raises(Crash):
        resume(broken, {}, CrashAfter(1))
    path.unlink()
    assert resume(broken, {}, Observer()).finished
    assert [json.loads(line)["epoch"] for line in path.read_text().splitlines()] == [3]
    assert resume(broken, {}, Observer()).finished
    assert results(broken) == results(finished)


@pytest.mark.parametrize("steps", [1, 10, 11, 12, 22, 25, 33])
@pytest.mark.parametrize("every", [0.0, 1e9])
def test_no_epoch_is_written_twice(tmp_path, steps, every):
    with pytest.raises(Crash):
        start(CONFIG, tmp_path / "run", CrashAfter(steps), checkpoint_seconds=every)
    with pytest.raises(Crash):
        resume(tmp_path / "run", {}, CrashAfter(1), checkpoint_seconds=every)
    resume(tmp_path / "run", {}, Observer())
    for name in ("metrics.jsonl", "timing.jsonl"):
        lines = (tmp_path / "run" / name).read_text().splitlines()
        assert [json.loads(line)["epoch"] for line in lines] == [1, 2, 3], name


# Files of others


def test_a_model_of_somebody_else_is_read_but_no_checkpoint(run):
    x = np.random.default_rng(0).normal(size=(5, 2))
    wanted = TrainedModel.load(run, "numpy").predict_proba(x)
    for metadata in (None, {"format": "pt"}):
        for name in ("model.safetensors", "checkpoint.safetensors"):
            save_file(load_file(run / name), run / name, metadata=metadata)
        np.testing.assert_array_equal(TrainedModel.load(run, "numpy").predict_proba(x), wanted)
        with pytest.raises(CheckpointError, match=r"checkpoint\.safetensors: .*no checksum that"):
            resume(run, {}, Observer())


def test_a_checkpoint_or_metrics_of_another_run(run, tmp_path):
    other = Config(**{**CONFIG.to_json(), "seed": 1})
    start(other, tmp_path / "other", Observer())
    for name, said in {
        "checkpoint.safetensors": r"checkpoint\.safetensors: it is of another run",
        "metrics.jsonl": r"metrics\.jsonl: its lines up to epoch 3 are not those",
    }.items():
        before = (run / name).read_bytes()
        shutil.copyfile(tmp_path / "other" / name, run / name)
        with pytest.raises(CheckpointError, match=said):
            resume(run, {}, Observer())
        (run / name).write_bytes(before)


def test_others_can_read_the_files(run):
    records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [record["epoch"] for record in records] == [1, 2, 3]
    assert set(load_file(run / "model.safetensors")) >= {"model.layers.0.weight"}
    for name in ("config.json", "summary.json"):
        assert json.loads((run / name).read_text())["sha256"] == verify((run / name).read_bytes())
