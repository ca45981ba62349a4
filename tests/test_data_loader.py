"""Batches come in an order that seed and epoch decide, from any place on, and no thread is left."""

from __future__ import annotations

import doctest
import gc
import inspect
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gpugrad as gg
from gpugrad import data
from gpugrad.data.ahead import ahead
from gpugrad.data.batch import epoch_keys
from gpugrad.errors import DataError, InvalidArgument

X = np.random.default_rng(0).normal(size=(23, 3)).astype(np.float32)
Y = np.arange(23)


def ours() -> list[threading.Thread]:
    """The threads that read ahead."""
    return [thread for thread in threading.enumerate() if thread.name == "gpugrad data"]


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    gc.collect()
    assert not ours()


def bits(batches: Any) -> list[list[bytes]]:
    return [[leaf.tobytes() for leaf in gg.tree.leaves(batch)] for batch in batches]


def sources(folder: Path) -> dict[str, Any]:
    np.save(folder / "x.npy", X)
    np.save(folder / "y.npy", Y)
    in_file = data.read_files(folder, from_file=True).x
    mapped = np.load(folder / "x.npy", mmap_mode="r")
    return {
        "arrays": (X, Y), "memory map": (mapped, Y), "part of a map": (mapped[:], Y),
        "file": (in_file, Y), "data set": data.Dataset("", X, Y, ()),
        "features": (data.as_features(mapped), Y),
    }  # fmt: skip


@pytest.mark.parametrize("prefetch", [None, 0, 1, 2, 7])
def test_batches_are_those_by_hand_from_every_source(tmp_path: Path, prefetch: int | None) -> None:
    for kind, source in sources(tmp_path).items():
        loader = data.Loader(source, 5, seed=7, prefetch=prefetch)
        assert [loader.rows(i) for i in range(len(loader))] == [5, 5, 5, 5, 3]
        for epoch, found in enumerate((list(loader), list(loader))):
            order = data.epoch_order(23, 7, epoch)
            wanted = [(X[n], Y[n]) for n in np.split(order, range(5, 23, 5))]
            assert bits(found) == bits(wanted), kind
            assert bits(found) == bits(loader.epoch(epoch)), kind
            assert all(type(x) is np.ndarray for batch in found for x in batch)


@settings(max_examples=100, deadline=None)
@given(
    rows=st.integers(1, 30), size=st.integers(1, 35), seed=st.integers(0, 3),
    shuffle=st.booleans(), drop_last=st.booleans(), prefetch=st.integers(0, 3),
    place=st.integers(0, 200), ranks=st.integers(1, 4),
)  # fmt: skip
def test_any_place_can_be_resumed(
    rows: int, size: int, seed: int, shuffle: bool, drop_last: bool, prefetch: int, place: int,
    ranks: int,
) -> None:  # fmt: skip
    """At any prefetch, with any number of ranks, whose parts are the batch."""
    def loader(prefetch: int = 0, world: Any = None) -> data.Loader:
        return data.Loader(np.arange(rows), size, seed=seed, shuffle=shuffle, drop_last=drop_last,
                           prefetch=prefetch, world=world)  # fmt: skip

    if drop_last and size > rows:
        with pytest.raises(InvalidArgument, match="there is no batch"):
            loader()
        return
    whole = loader()
    sequence = [batch for _ in range(3) for batch in whole]
    step = place % len(sequence)
    again = loader(prefetch).at(*divmod(step, len(whole)))
    found = [batch for _ in range(3) for batch in again]
    assert bits(found)[: len(sequence) - step] == bits(sequence[step:])
    each = [list(loader(prefetch, Rank(i, ranks)).epoch(1)) for i in range(ranks)]
    joined = [np.concatenate(parts) for parts in zip(*each, strict=True)]
    assert bits(joined) == bits(whole.epoch(1))
    if not shuffle:
        assert np.concatenate(sequence[: len(whole)]).tolist() == list(range(rows))[: (
            rows - rows % size if drop_last else rows
        )]


class Rank(NamedTuple):
    rank: int
    size: int


def test_a_shard_is_a_loader() -> None:
    shard, loader = gg.parallel.shard((X, Y), 4, seed=2), data.Loader((X, Y), 4, seed=2)
    assert bits(shard.epoch(3)) == bits(loader.epoch(3))
    assert isinstance(shard, data.Loader)
    with pytest.raises(InvalidArgument, match=r"^gg\.parallel\.shard: batch_size is 0"):
        gg.parallel.shard(X, 0)


def test_the_state_is_the_place_of_the_next_batch() -> None:
    loader = data.Loader(Y, 10, seed=1)
    assert loader.state() == (0, 0)
    seen = []
    for batch in loader:
        seen.append((loader.state(), batch))
    assert [tuple(state) for state, _ in seen] == [(0, 1), (0, 2), (1, 0)]
    for i, (state, _) in enumerate(seen[:-1]):
        resumed = loader.at(*state)
        assert resumed.state() == state
        assert bits(resumed) == bits([batch for _, batch in seen[i + 1 :]])
        assert bits(resumed) == bits(loader.epoch(1))
    for _ in loader:                                # is left, and the next one begins anew
        break
    assert loader.state() == (1, 1)
    next(iter(loader))
    assert loader.state() == (2, 1)
    iter(loader)                                    # begins nothing
    assert loader.state() == (2, 1)
    assert bits(loader.at(5, 3)) == []
    assert loader.at(np.int64(5), np.int64(1)).state() == (5, 1)


def test_settings_that_do_not_exist_are_named() -> None:
    for make, message in (
        (lambda: data.Loader(Y, 0), "batch_size is 0"), (lambda: data.Loader(Y, 2.0), "is 2.0"),
        (lambda: data.Loader(Y, 2, seed=-1), "seed is -1"),
        (lambda: data.Loader(Y, 2, prefetch=-1), "prefetch is -1"),
        (lambda: data.Loader((X, Y[:3]), 2), "arrays have 3, 23 rows"),
        (lambda: data.Loader({}, 2), "arrays have no rows"),
        (lambda: data.Loader(np.array(1.0), 2), "arrays have 0 rows"),
        (lambda: data.Loader(Y[:0], 2), "arrays have 0 rows"),
        (lambda: data.Loader([1.0, 2.0], 2), "the data have a float in them"),
        (lambda: data.Loader(Y, 5).epoch(-1), "epoch is -1"),
        (lambda: data.Loader(Y, 5).epoch(0, 6), "start is batch 6 of an epoch of 5 batches"),
        (lambda: data.Loader(Y, 5).at(0, 6), "start is batch 6"),
    ):  # fmt: skip
        with pytest.raises(InvalidArgument, match=message):
            make()
    pandas = pytest.importorskip("pandas")
    for table in (pandas.DataFrame({"a": Y}), pandas.Series(Y)):
        with pytest.raises(InvalidArgument, match="expected a tree of arrays"):
            data.Loader(table, 2)
        assert len(data.Loader(np.asarray(table), 23)) == 1


def test_a_transform_runs_in_the_thread_and_with_its_settings() -> None:
    seen = []

    def transform(batch: Any) -> Any:
        seen.append((threading.current_thread().name, np.geterr()["over"]))
        return batch * 2

    with np.errstate(over="raise"):
        found = list(data.Loader(Y, 10, transform=transform, shuffle=False))
    assert np.concatenate(found).tolist() == (2 * Y).tolist()
    assert set(seen) == {("gpugrad data", "raise")}
    seen.clear()
    list(data.Loader(Y, 10, transform=transform, prefetch=0))
    assert {name for name, _ in seen} == {"MainThread"}
    list(data.Loader((X, Y), 10))                   # in memory: there is nothing to wait for
    assert data.Loader((X, Y), 10)._prefetch == 0


# The thread.


def test_items_are_made_ahead_and_not_further() -> None:
    made = []
    items = ahead(lambda i: made.append(i) or i, 2, 50, 3)
    for number in (2, 3, 4):
        assert next(items) == number
        until(lambda number=number: len(made) == number - 1 + 3)
        time.sleep(0.01)
        assert len(made) == number - 1 + 3
    items.close()
    assert not ours()
    assert len(made) < 10


def until(true: Any) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.mark.parametrize("most", [0, 1, 3])
def test_an_error_comes_where_its_item_would(most: int) -> None:
    def make(i: int) -> int:
        if i == 2:
            raise DataError("the third one")
        return i

    items = ahead(make, 0, 9, most)
    assert [next(items), next(items)] == [0, 1]
    with pytest.raises(DataError, match="the third one"):
        next(items)
    assert list(items) == []


@pytest.mark.parametrize("way", ["whole", "close", "forget", "error", "cycle", "at once"])
def test_the_thread_ends_with_its_iteration(way: str) -> None:
    loader = data.Loader(Y, 2, prefetch=2)
    batches = iter(loader) if way != "at once" else loader.epoch(0)
    if way == "at once":                            # before it began
        del batches
        assert not ours()
        return
    next(batches)
    assert len(ours()) == 1
    if way == "whole":
        list(batches)
    elif way == "close":
        batches.close()
    elif way == "error":
        with pytest.raises(ZeroDivisionError):
            sum(1 / 0 for _ in batches)
        del batches
    elif way == "cycle":
        cycle: list[Any] = [batches]
        cycle.append(cycle)
        del batches, cycle
        gc.collect()
    else:
        del batches
    assert not ours()


def test_several_iterations_at_once() -> None:
    loader = data.Loader((X, Y), 3, prefetch=1)
    wanted = bits(loader.epoch(0))
    pairs = zip(loader.epoch(0), loader.epoch(0), strict=True)
    assert [bits(pair) for pair in pairs] == [[batch, batch] for batch in wanted]
    found: dict[int, Any] = {}
    threads = [
        threading.Thread(target=lambda i=i: found.update({i: bits(loader.epoch(0))}))
        for i in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(found.values()) == [wanted] * 6


def run(program: str, **rest: Any) -> subprocess.CompletedProcess[str]:
    head = (
        "import os, sys, time, threading, numpy as np\nfrom gpugrad import data\n"
        "Y = np.arange(40)\n"
    )
    return subprocess.run([sys.executable, "-c", head + program], capture_output=True, text=True,
                          timeout=60, **rest)  # fmt: skip


def test_ctrl_c_ends_waiting_and_the_thread() -> None:
    program = (
        "import signal\n"
        "def slow(batch):\n"
        "    if batch[0] >= 4: time.sleep(0.5)\n"
        "    return batch\n"
        "threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()\n"
        "try:\n"
        "    for batch in data.Loader(Y, 2, shuffle=False, transform=slow): pass\n"
        "except KeyboardInterrupt:\n"
        "    print('stopped', [t.name for t in threading.enumerate() if 'data' in t.name])\n"
    )
    assert run(program).stdout == "stopped []\n"


def test_a_program_ends_whose_iteration_is_left() -> None:
    """Also by an error, whose traceback holds it, and while the thread is at work."""
    program = (
        "batches = iter(data.Loader(Y, 2, transform=lambda x: time.sleep(0.01) or x))\n"
        "next(batches)\n{}"
    )
    cycle = "cycle = [batches]; cycle.append(cycle)"
    for end, code in (("", 0), ("1 / 0", 1), ("sys.exit(3)", 3), (cycle, 0)):
        done = run(program.format(end))
        assert done.returncode == code, done.stderr
        assert done.stderr.count("Traceback") == (code == 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_goes_on_with_the_same_batches() -> None:
    program = (
        "import warnings; warnings.simplefilter('ignore')\n"
        "def slow(batch): time.sleep(0.002); return batch\n"
        "loader = data.Loader(Y, 2, seed=3, transform=slow)\n"
        "batches = loader.epoch(0)\n"
        "left = [next(batches) for _ in range(3)]\n"
        "child = os.fork()\n"
        "rest = [x.tolist() for x in batches]\n"
        "same = rest == [x.tolist() for x in loader.epoch(0)][3:]\n"
        "os.write(1, f'{len(rest)} {same}\\n'.encode())\n"        # both write at the same time
        "if not child:\n"
        "    again = loader.epoch(1); next(again)\n"
        "    os._exit(0)\n"
        "os.waitpid(child, 0)\n"
        "batches = loader.epoch(0); next(batches)\n"
        "if not os.fork():\n"
        "    del batches\n"                         # of a thread that is not there
        "    print('closed', flush=True); os._exit(0)\n"
        "os.wait()\n"
    )
    done = run(program)
    assert sorted(done.stdout.splitlines()) == ["17 True", "17 True", "closed"], done.stderr


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_handler_that_raises_at_any_moment_ends_the_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It may do so where Python cannot hand it on, and does it again therefore."""
    monkeypatch.setattr("gpugrad.data.ahead.LOOK", 0.05)

    class Stop(Exception):
        pass

    def stop(*args: object) -> None:
        raise Stop

    def load(seconds: float) -> None:
        signal.setitimer(signal.ITIMER_REAL, seconds, 0.02)
        loader = data.Loader(Y, 1, prefetch=2)
        while True:
            list(loader)

    before = signal.signal(signal.SIGALRM, stop)
    try:
        for i in range(12):
            with pytest.raises(Stop):
                load(0.0005 + i * 7e-4)
            signal.setitimer(signal.ITIMER_REAL, 0)
            gc.collect()
            until(lambda: not ours())
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# Augmentation.


def noisy(key: Any, row: Any) -> Any:
    x, y = row
    return x + gg.random.normal(key, x.shape, dtype=x.dtype), y


def test_each_row_has_a_key_of_its_own_in_each_epoch() -> None:
    with gg.use_backend("numpy"):
        loader = data.Loader((X, Y), 5, seed=3, augment=noisy)
        for epoch in (0, 4):
            keys = epoch_keys(23, 3, epoch)
            assert len(np.unique(keys, axis=0)) == 23
            for x, y in loader.epoch(epoch):
                wanted = [noisy(keys[n], (X[n], n))[0] for n in y]
                np.testing.assert_allclose(x, wanted, rtol=1e-6)
                assert x.dtype == np.float32
        assert bits(loader.epoch(0)) != bits(loader.epoch(1))


def test_augmented_bits_do_not_depend_on_prefetch_place_batches_or_ranks() -> None:
    with gg.use_backend("numpy"):
        def rows(**settings: Any) -> dict[int, bytes]:
            size = settings.pop("size", 5)
            start = settings.pop("start", 0)
            loader = data.Loader((X, Y), size, seed=3, augment=noisy, **settings)
            return {int(n): row.tobytes() for x, y in loader.epoch(2, start) for row, n in
                    zip(x, y, strict=True)}  # fmt: skip

        wanted = rows()
        assert len(wanted) == 23
        for other in ({"prefetch": 2}, {"size": 7}, {"shuffle": False}):
            assert rows(**other) == wanted
        assert rows(start=3).items() <= wanted.items()
        each = [rows(world=Rank(i, 4)) for i in range(4)]
        assert {n: row for part in each for n, row in part.items()} == wanted


def test_augmentation_is_compiled_once(runs: list[int]) -> None:
    with gg.use_backend("numpy"):
        loader = data.Loader((X, Y), 5, augment=noisy, drop_last=True)
        for _ in range(5):
            list(loader)
        list(loader.at(7, 1))
    assert len(runs) <= 3


def test_images_are_loaded_augmented_and_learned_from(tmp_path: Path) -> None:
    """The whole way, from files to a network that tells them apart."""
    image = pytest.importorskip("PIL.Image")
    rng = np.random.default_rng(0)
    for kind, place in (("left", slice(0, 4)), ("right", slice(4, 8))):
        (tmp_path / kind).mkdir()
        for i in range(20):
            pixels = rng.integers(0, 80, (8, 8), np.uint8)
            pixels[:, place] += 120
            image.fromarray(pixels).save(tmp_path / kind / f"{i}.png")
    images = data.read_images(tmp_path)
    names, classes = np.unique(images.target.values, return_inverse=True)
    assert names.tolist() == ["left", "right"]

    def augment(key: Any, row: Any) -> Any:
        x, y = row
        first, second = gg.random.split(key)
        x = data.random_crop(first, x, padding=1)
        return data.normalise(data.random_brightness(second, x), 0.5, 0.25), y

    with gg.use_backend("numpy"):
        loader = data.Loader((images.x, classes), 10, seed=1, augment=augment)
        assert loader._prefetch == 2
        model = gg.nn.MLP([64, 8, 2], rng=0)
        opt = gg.optim.adam(0.02)
        state = opt.init(model)

        def loss(model: Any, x: Any, y: Any) -> Any:
            return gg.mean(gg.nn.softmax_cross_entropy(model(x.reshape(len(x), -1)), y))

        @gg.jit
        def step(model: Any, state: Any, x: Any, y: Any) -> Any:
            updates, state = opt.update(gg.grad(loss)(model, x, y), state, model)
            return gg.optim.apply_updates(model, updates), state

        for _ in range(6):
            for x, y in loader:
                model, state = step(model, state, x, y)
        plain = ((images.x[:] - 0.5) / 0.25).reshape(40, -1)
        assert (model(plain).argmax(axis=1) == classes).mean() > 0.9


def test_batches_are_moved_to_a_device() -> None:
    batches = list(data.Loader((X, Y), 10, device="cpu"))
    assert bits(batches) == bits(data.Loader((X, Y), 10))
    with pytest.raises(Exception, match="tpu"):
        list(data.Loader(X, 10, device="tpu"))


def test_cupy_arrays_stay_where_they_are() -> None:
    cupy = pytest.importorskip("cupy")
    if not cupy_works(cupy):
        pytest.skip("there is no GPU: run ci/gpu.sh on a machine with one")
    x = cupy.asarray(X)
    with gg.use_backend("cupy"):
        there = list(data.Loader(x, 5))
        augmented = list(data.Loader((X, Y), 5, device="cuda", augment=noisy))
    for batch, wanted in zip(there, data.Loader(X, 5), strict=True):
        assert isinstance(batch, cupy.ndarray)
        np.testing.assert_array_equal(batch.get(), wanted)
    with gg.use_backend("numpy"):
        here = list(data.Loader((X, Y), 5, augment=noisy))
    for (batch, _), (wanted, _) in zip(augmented, here, strict=True):
        assert isinstance(batch, cupy.ndarray)
        np.testing.assert_allclose(batch.get(), wanted, rtol=1e-5)


def cupy_works(cupy: Any) -> bool:
    try:
        return bool(cupy.cuda.runtime.getDeviceCount())
    except Exception:
        return False


# Docstrings.

NEW = """
    Encoder ImageRows Images Loader Position Table Target as_features as_table is_image_folder
    is_table normalise random_brightness random_crop random_flip read_images read_pair read_table
    target_of weights_of
""".split()


@pytest.mark.parametrize("name", NEW)
def test_docstrings_have_examples_that_run(name: str) -> None:
    thing = getattr(data, name)
    docstrings = {name: thing.__doc__}
    if inspect.isclass(thing):
        docstrings |= {
            f"{name}.{key}": x.__doc__ for key, x in vars(thing).items()
            if not key.startswith("_") and (callable(x) or isinstance(x, property | classmethod))
        }  # fmt: skip
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    for place, docstring in docstrings.items():
        assert docstring, place
        globs = {"np": np, "gg": gg}
        text = inspect.cleandoc(docstring)
        test = doctest.DocTestParser().get_doctest(text, globs, place, None, 0)
        assert test.examples or "." in place, place
        said: list[str] = []
        with gg.use_backend("numpy"):
            doctest.DocTestRunner(optionflags=flags, verbose=False).run(test, out=said.append)
        assert not said, said


def test_a_pair_of_files_is_read_and_checked(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", X)
    np.save(tmp_path / "b.npy", np.stack([Y, Y], axis=1) / 2)
    x, y = data.read_pair(tmp_path / "a.npy", tmp_path / "b.npy")
    np.testing.assert_array_equal(x, X, strict=True)
    np.testing.assert_array_equal(y, np.stack([Y, Y], axis=1) / 2, strict=True)
    x, y = data.read_pair(tmp_path / "a.npy", from_file=True)
    assert isinstance(x, data.FileRows)
    np.testing.assert_array_equal(x[:], X)
    assert y is None
    np.save(tmp_path / "b.npy", Y[:-1])
    with pytest.raises(DataError, match=r"b\.npy: y has shape \(22,\); expected 23 rows"):
        data.read_pair(tmp_path / "a.npy", tmp_path / "b.npy")
    np.save(tmp_path / "a.npy", np.full((3, 2), np.nan))
    for from_file in (True, False):
        with pytest.raises(DataError, match="6 values that are not finite"):
            data.read_pair(tmp_path / "a.npy", from_file=from_file)


def test_a_memory_map_stays_in_its_file(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    rows = data.as_features(mapped)
    assert isinstance(rows, data.FileRows)
    np.testing.assert_array_equal(rows[np.array([4, 1])], X[[4, 1]], strict=True)
    raw = np.memmap(tmp_path / "raw", "<f8", "w+", offset=16, shape=(5, 3))
    raw[:] = np.arange(15).reshape(5, 3)
    raw.flush()
    again = np.memmap(tmp_path / "raw", "<f8", "r", offset=16, shape=(5, 3))
    assert isinstance(data.as_features(again), data.FileRows)
    np.testing.assert_array_equal(data.as_features(again)[:], raw)
    others = [np.load(tmp_path / "x.npy", mmap_mode=mode) for mode in ("c", "r+")]
    for other in (mapped[3:], mapped[::2], mapped[:, 1:], mapped.T, *others):
        found = data.as_features(other)
        assert isinstance(found, np.ndarray)
        np.testing.assert_array_equal(found, other)
    for wrong, message in ((X[0], "expected"), (np.array([["a"]]), "dtype <U1"),
                           (np.full((2, 2), np.inf), "4 values that are not finite")):
        with pytest.raises(DataError, match=message):
            data.as_features(wrong)
