"""Features that stay in their file are those that are read, to the bit, and checked as they are."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_npz import HEADERS, archive, described, flipped, npy, saved

from gpugrad import data
from gpugrad.cli import main
from gpugrad.data import npz
from gpugrad.errors import CheckpointError, DataError
from gpugrad.train import Config, Observer, resume, start

FLIPS = int(os.environ.get("GPUGRAD_NPZ", "1500")) // 3
RNG = np.random.default_rng(0)
SHORT = Config("", hidden=(8,), epochs=2, batch_size=50, seed=3)


def written(folder: Path, x: np.ndarray, y: np.ndarray, kind: str = "npz") -> Path:
    """A data set in a file `data.npz` or in a folder `data`."""
    if kind == "npz":
        np.savez(folder / "data.npz", x=x, y=y)
        return folder / "data.npz"
    (folder / "data").mkdir()
    for name, array in {"x": x, "y": y}.items():
        np.save(folder / "data" / f"{name}.npy", array)
    return folder / "data"


def points(rows: int = 400, features: int = 5, dtype: str = "<f4") -> tuple[np.ndarray, np.ndarray]:
    y = np.arange(rows) % 3
    return (RNG.normal(size=(rows, features)) * 20 + 30 * y[:, None]).astype(dtype), y


@pytest.mark.parametrize("kind", ["npz", "folder"])
@pytest.mark.parametrize("features", [1, 2, 7])
@pytest.mark.parametrize("dtype", ["<f4", ">f8", "<f2", "|i1", ">i4", "<u8", "<g"])
def test_all_that_is_made_of_them_has_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, features: int, dtype: str
) -> None:
    monkeypatch.setattr("gpugrad.data.file_rows.CHUNK", 1000)
    path = written(tmp_path, *points(3000, features, dtype), kind)
    rows_of, whole = (data.load(path, from_file=way) for way in (True, False))
    assert isinstance(rows_of.x, data.FileRows)
    assert isinstance(whole.x, np.ndarray)
    assert rows_of.x.dtype == whole.x.dtype
    numbers = RNG.permutation(3000)[:500]
    for key in (numbers, numbers[:0], slice(7, 2000), slice(0, 0)):
        np.testing.assert_array_equal(rows_of.x[key], whole.x[key], strict=True)
    np.testing.assert_array_equal(np.concatenate(list(rows_of.x.chunks())), whole.x)
    assert rows_of.fingerprint() == whole.fingerprint()
    assert data.load(path, from_file=True, check=False).fingerprint() == whole.fingerprint()
    lines = np.sort(numbers)
    for rows in (None, lines):
        fitted = data.Standardiser.fit(rows_of.x, rows)
        wanted = data.Standardiser.fit(whole.x[slice(None) if rows is None else rows])
        assert fitted.mean.tobytes() == wanted.mean.tobytes()
        assert fitted.scale.tobytes() == wanted.scale.tobytes()


def test_rows_that_are_not_there_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, *points(), kind="folder")
    x = data.load(path, from_file=True).x
    for numbers in ([0, 400], [-401]):
        with pytest.raises(IndexError, match="from 0 to 399"):
            x[np.array(numbers)]
    os.truncate(path / "x.npy", 5000)
    with pytest.raises(DataError, match="array 'x' was cut short while it was in use"):
        x[np.array([3, 399])]


def test_large_ones_stay_in_their_file_unless_they_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, y = points()
    path = written(tmp_path, x, y)
    assert isinstance(data.load(path).x, np.ndarray)
    monkeypatch.setattr(npz, "LARGE", x.nbytes)
    assert isinstance(data.load(path).x, data.FileRows)
    assert isinstance(data.load(path, from_file=False).x, np.ndarray)
    np.savez_compressed(tmp_path / "packed.npz", x=x, y=y)
    np.savez(tmp_path / "columns.npz", x=np.asfortranarray(x), y=y)
    for name, reason in {"packed.npz": "is compressed; numpy.savez writes", "columns.npz":
                         r"column by column; numpy.ascontiguousarray\(x\)"}.items():  # fmt: skip
        np.testing.assert_array_equal(data.load(tmp_path / name).x, x)
        with pytest.raises(DataError, match=reason):
            data.load(tmp_path / name, from_file=True)


@pytest.mark.parametrize("kind", ["npz", "folder"])
def test_what_is_not_finite_is_named_as_it_is_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("gpugrad.data.file_rows.CHUNK", 1000)
    x, y = points()
    x[123, 4], x[399, 0] = np.nan, -np.inf
    path = written(tmp_path, x, y, kind)
    said = set()
    for way in (True, False):
        with pytest.raises(DataError, match=re.escape("2 values that are not finite, the first is "
                                                      "x[123, 4] = nan")) as caught:  # fmt: skip
            data.load(path, from_file=way)
        said.add(str(caught.value))
    assert len(said) == 1


def test_a_damaged_byte_is_noticed_by_the_checksum(tmp_path: Path) -> None:
    path = written(tmp_path, *points(rows=4000))
    content = bytearray(path.read_bytes())
    content[60_000] ^= 1                            # another number, as finite as before
    path.write_bytes(content)
    with pytest.raises(DataError, match="CRC-32 of its array 'x'"):
        data.load(path, from_file=True)


@pytest.mark.parametrize("case", HEADERS)
def test_a_made_up_header_is_refused(tmp_path: Path, case: str) -> None:
    path = archive(tmp_path / "a.npz", npy(HEADERS[case]), zipfile.ZIP_STORED)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "x.npy").write_bytes(npy(HEADERS[case]))
    np.save(folder / "y.npy", np.arange(12) % 3)
    for place in (path, folder):
        for way in (True, False):
            with pytest.raises(DataError) as caught:
                data.load(place, from_file=way)
            assert str(caught.value).startswith(str(place))
            assert "\n" not in str(caught.value)


def test_damage_anywhere_is_refused_or_does_no_harm(tmp_path: Path) -> None:
    chance = random.Random(5)
    x = RNG.normal(size=(12, 2))
    content = archive(tmp_path / "a.npz", saved(x), zipfile.ZIP_STORED).read_bytes()
    read = 0
    for _ in range(FLIPS):
        (path := tmp_path / "b.npz").write_bytes(flipped(content, chance))
        found = []
        for way in (True, False):
            try:
                found.append(data.read_files(path, way).x[0:12])
            except DataError as error:
                found.append(str(error))
        assert type(found[0]) is type(found[1]), found
        if isinstance(found[1], np.ndarray):
            np.testing.assert_array_equal(found[0], found[1])
            read += 1
    assert 0 < read < FLIPS / 2


def a_pipe(folder: Path) -> None:
    (folder / "x.npy").unlink()
    os.mkfifo(folder / "x.npy")


def cut_short(folder: Path) -> None:
    content = (folder / "x.npy").read_bytes()
    (folder / "x.npy").write_bytes(content[:-1])


def longer(folder: Path) -> None:
    with (folder / "x.npy").open("ab") as file:
        file.write(b"\0")


def pickled(folder: Path) -> None:
    np.save(folder / "x.npy", np.array([{}, 1], dtype=object))


def no_features(folder: Path) -> None:
    (folder / "x.npy").unlink()


def no_labels(folder: Path) -> None:
    (folder / "y.npy").unlink()


def dangling(folder: Path) -> None:
    no_labels(folder)
    (folder / "y.npy").symlink_to("nowhere")


FOLDERS = {
    a_pipe: "x.npy: it is no ordinary file", cut_short: "does not have the", longer:
    "does not have the", pickled: "never read", no_features: "x.npy: there is no such file",
    no_labels: "no array 'y' in it", dangling: "y.npy: there is no such file",
}  # fmt: skip


@pytest.mark.parametrize("way", [True, False])
@pytest.mark.parametrize("make", FOLDERS, ids=lambda make: make.__name__)
def test_a_folder_that_is_none_is_refused(tmp_path: Path, make, way: bool) -> None:
    path = written(tmp_path, *points(), kind="folder")
    make(path)
    with pytest.raises(DataError, match=FOLDERS[make]):
        start(replace(SHORT, dataset=str(path)), tmp_path / "run", Observer(), from_file=way)
    assert not (tmp_path / "run").exists()


# Training


def files(run: Path) -> dict[str, bytes]:
    """What does not depend on the time that something took."""
    names = ("config.json", "metrics.jsonl", "summary.json", "model.safetensors")
    return {name: (run / name).read_bytes() for name in (*names, "checkpoint.safetensors")}


@pytest.mark.parametrize("engine", ["eager", "numpy", "native"])
@pytest.mark.parametrize("kind", ["npz", "folder"])
def test_a_run_has_the_same_bits(tmp_path: Path, kind: str, engine: str) -> None:
    config = replace(SHORT, dataset=str(written(tmp_path, *points(), kind)), engine=engine)
    found = []
    for way in (True, False):
        folder = tmp_path / str(way)
        assert start(config, folder, Observer(), from_file=way).finished
        found.append(files(folder))
    assert found[0] == found[1]


def test_a_run_goes_on_either_way_and_not_with_other_data(tmp_path: Path) -> None:
    x, y = points()
    config = replace(SHORT, dataset=str(written(tmp_path, x, y)))
    start(config, tmp_path / "run", Observer(), from_file=True)
    (tmp_path / "run" / "model.safetensors").unlink()
    for way in (False, True):
        assert resume(tmp_path / "run", {}, Observer(), from_file=way).finished
    x[5, 2] += 1
    written(tmp_path, x, y)
    with pytest.raises(CheckpointError, match="not those that this run began with"):
        resume(tmp_path / "run", {}, Observer(), from_file=True)


def test_features_that_the_dtype_cannot_hold_are_refused_before_anything_is_made(
    tmp_path: Path,
) -> None:
    x, y = points(dtype="<f8")
    x[data.split(y, SHORT.seed).test[0], 1] = 1e300
    config = replace(SHORT, dataset=str(written(tmp_path, x, y)))
    for way in (True, False):
        with pytest.raises(DataError, match="float32 cannot hold them"):
            start(config, tmp_path / "run", Observer(), from_file=way)
    assert not (tmp_path / "run").exists()


def test_the_commands_take_folders_and_features_that_stay_in_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, *points(), kind="folder")
    monkeypatch.setattr("sys.argv", ["gpugrad", "train", "data", "--from-file", "--epochs", "2"])
    assert main() == 0
    assert "Everything is in runs/data-1" in capsys.readouterr().out
    said = []
    for large in (npz.LARGE, 1):
        monkeypatch.setattr(npz, "LARGE", large)
        monkeypatch.setattr("sys.argv", ["gpugrad", "predict", "runs/data-1", "data"])
        assert main() == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
    assert "train" in said[0]


def test_a_header_of_another_place_is_not_believed(tmp_path: Path) -> None:
    """What the archive says of where a member begins is compared with what stands there."""
    path = archive(tmp_path / "a.npz", npy(described()), zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[28] ^= 1                                # the length of the notes before the first one
    path.write_bytes(content)
    for way in (True, False):
        with pytest.raises(DataError):
            data.read_files(path, way)


# On several processes


def trained(folder: Path, *words: str, **environment: str) -> int:
    """Train from the command line; the most memory that one process had, in bytes."""
    pytest.importorskip("mpi4py", reason="mpi4py is not installed: pip install -e '.[dev]'")
    program = (
        "import resource, subprocess, sys\n"
        "subprocess.run([sys.executable, '-m', 'gpugrad', 'train', *sys.argv[1:]], check=True,"
        " stdout=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words], cwd=folder, capture_output=True, text=True,
        timeout=120, check=False, env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.parametrize("deterministic", ["0", "1"])
def test_ranks_that_read_their_rows_have_the_bits_of_those_in_memory(
    tmp_path: Path, deterministic: str
) -> None:
    written(tmp_path, *points(rows=5000))
    found = []
    for way in ("--from-file", "--in-memory"):
        words = ("data.npz", "--epochs", "2", "--processes", "2", way, "--out", way[2:])
        trained(tmp_path, *words, GPUGRAD_DETERMINISTIC=deterministic)
        found.append(files(tmp_path / way[2:]))
    assert found[0] == found[1]


def test_memory_stays_far_below_the_size_of_the_file(tmp_path: Path) -> None:
    """What 300 MB take on each of two ranks, more than a few rows do."""
    features, rows, used = 640, 120_000, []
    for n in (3000, rows):
        (tmp_path / str(n)).mkdir()
        x = np.lib.format.open_memmap(tmp_path / f"{n}/x.npy", "w+", "<f4", (n, features))
        for first in range(0, n, 3000):
            x[first : first + 3000] = RNG.normal(size=(3000, features))
        np.save(tmp_path / f"{n}/y.npy", np.arange(n) % 4)
        size = x.nbytes
        del x
        words = ("--epochs", "1", "--batch-size", "512", "--hidden", "8", "--processes", "2")
        used.append(trained(tmp_path, str(n), *words, "--from-file"))
    assert used[1] - used[0] < size / 3, used
