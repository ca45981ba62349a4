"""Files of a run with a fitting checksum and anything at all in them: refused by name, or used."""

import json
import random
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from gpugrad.errors import CheckpointError, GpugradError, InvalidArgument
from gpugrad.train import Config, Observer, TrainedModel, fit, resume, start
from gpugrad.train.checksum import has_place, seal
from gpugrad.train.description import Description
from gpugrad.train.fields import Fields, read_json
from gpugrad.train.folder import FORMAT, RunFolder
from gpugrad.train.row_numbers import parts_of
from gpugrad.train.tasks import TASKS
from gpugrad.train.tensors import write_tensors

pytestmark = pytest.mark.usefixtures("no_pictures")

CONFIG = Config("moons", hidden=(4,), epochs=2, batch_size=64, backend="numpy", engine="eager")

VALUES = [
    "null", "true", "false", "0", "-1", "1", "1.5", "0.0", "-0.5", "NaN", "Infinity", "-Infinity",
    "1e400", "9223372036854775807", "9223372036854775808", "9" * 400, "9" * 5000, '""', '"x"',
    '"1"', r'"\u0000"', r'"\ud800"', '"auto"', "[]", "[[]]", "[1]", "[true]", '["x", "x"]', "{}",
    '{"x": 1}', "[" * 100_000 + "]" * 100_000, '{"x":' * 100_000 + "1" + "}" * 100_000, ",", "}",
]  # fmt: skip
MARK = '"\x7f"'


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run with everything in its folder."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    start(CONFIG, folder, Observer())
    return folder


@pytest.fixture
def run(finished, tmp_path):
    """A copy of it."""
    return shutil.copytree(finished, tmp_path / "run")


class Begun(Exception):
    """The run would go on."""


class Stop(Observer):
    """Goes as far as the first step."""

    def begin(self, *args: object) -> None:
        raise Begun


# Every place and every value


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a value of JSON: each leaf, each object, each list."""
    yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, key))


def with_mark(value: Any, path: tuple[Any, ...]) -> Any:
    if not path:
        return "\x7f"
    copy = value.copy()
    copy[path[0]] = with_mark(copy[path[0]], path[1:])
    return copy


def without(value: Any, path: tuple[Any, ...]) -> Any:
    copy = value.copy()
    if len(path) == 1:
        del copy[path[0]]
    else:
        copy[path[0]] = without(copy[path[0]], path[1:])
    return copy


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def changed(value: Any) -> Iterator[tuple[str, Any, str]]:
    """What was there, what is there now, and the whole text; of all members but the checksum."""
    for path in places(value):
        if path[-1:] == ("sha256",):
            continue
        text = json.dumps(with_mark(value, path), ensure_ascii=False)
        for new in VALUES:
            if new != json.dumps(at(value, path)):
                yield at(value, path), new, text.replace(MARK, new)
        if path and isinstance(at(value, path[:-1]), dict):
            yield at(value, path), "gone", json.dumps(without(value, path))
            name = json.dumps(path[-1])
            yield at(value, path), "twice", text.replace(MARK, f"0, {name}: 0")
    for name in ("surplus", "", "\n", "\0", "x" * 100_000, "\ud800"):
        yield None, "more", json.dumps({**value, name: 1})
        yield None, "more", json.dumps({**value, name: 1})[:-1] + f", {json.dumps(name)}: 1}}"


def may_be(old: Any, new: str) -> bool:
    """Whether `new` is of the kind of `old`, so that it may be used."""
    try:
        found = json.loads(new)
    except ValueError:
        return False
    if old is None:                                 # of sample_weight, size and channels
        return isinstance(found, str | list | int)
    if old == "none":                               # of class_weight, which may be numbers, too
        return isinstance(found, str | list)
    numbers = {int: (int,), float: (int, float)}
    return type(found) in numbers.get(type(old), (type(old),))


def resealed(content: bytes, before: str = "") -> tuple[bytes, str]:
    """`content` with a checksum that fits, if there is a place for one."""
    blank = re.sub(rb'("sha256\\?": \\?")[0-9a-f]{64}', rb"\g<1>" + b"0" * 64, content, count=1)
    return seal(blank, before) if has_place(blank) else (blank, "")


def check(path: Path, old: Any, new: str, read, *args: Any) -> bool:
    """Whether `read` takes what is there now; it may refuse it in one way only."""
    said = refusal(read, *args)
    if said is not None:
        assert str(path) in said, new
        assert len(said) < 1500
        return False
    assert may_be(old, new), f"{new[:50]} was taken in the place of {old!r}"
    return True


def refusal(read, *args: Any) -> str | None:
    """What the error says, if there is one."""
    try:
        read(*args)
    except CheckpointError as error:
        return str(error)
    except Begun:
        pass
    return None


def test_what_stands_in_config_json(run):
    path = run / "config.json"
    value, taken = json.loads(path.read_bytes()), 0
    for old, new, text in changed(value):
        path.write_bytes(resealed(text.encode(errors="surrogatepass"))[0])
        if check(path, old, new, Description.read, RunFolder(run)):
            taken += 1
            with pytest.raises(GpugradError):       # it is not the run that the checkpoint is of
                resume(run, {}, Stop())
    assert taken > 20


TABLE = {
    "size": np.linspace(1.0, 9.0, 40), "flag": np.arange(40) % 2 == 0,
    "town": np.array(["Bonn", "Ulm"])[np.arange(40) % 2], "zone": np.arange(40) % 3,
    "price": np.sin(np.arange(40.0)), "id": np.arange(40),
}  # fmt: skip
GAPS = {**TABLE, "size": [None, *TABLE["size"][1:]], "town": [None, *TABLE["town"][1:]]}
PIXELS = np.random.default_rng(0).normal(size=(40, 1, 3, 4))
SMALL: dict[str, Any] = {"epochs": 1, "hidden": (3,), "batch_size": 20, "backend": "numpy"}
MODELS: dict[str, Any] = {
    "table": lambda: fit(
        GAPS, target="price", drop="id", categorical="zone", missing="indicator", **SMALL
    ),
    "ordinal": lambda: fit(
        TABLE, target="zone", drop="id", ordinal="town", missing="most_frequent", **SMALL
    ),
    "images": lambda: fit(PIXELS, TABLE["flag"], augment="flip", **SMALL),
}


@pytest.mark.parametrize("name", MODELS)
def test_what_is_said_of_rows_is_refused_or_used(name, tmp_path):
    """Encoders of tables and shapes of images: whatever is taken predicts, or says why not."""
    MODELS[name]().save(tmp_path / "run")
    rows = PIXELS if name == "images" else TABLE
    path, taken = tmp_path / "run/config.json", 0
    value = json.loads(path.read_bytes())
    around = json.dumps(with_mark(value, ("data", "inputs")), ensure_ascii=False)
    for old, new, text in changed(value["data"]["inputs"]):
        made = around.replace(MARK, text)
        path.write_bytes(resealed(made.encode(errors="surrogatepass"))[0])
        if check(path, old, new, Description.read, RunFolder(path.parent)):
            taken += 1
            with suppress(GpugradError):
                TrainedModel.load(path.parent, "numpy").predict(rows)
    assert taken > 3


def test_what_stands_in_the_notes_of_a_checkpoint(run):
    path = run / "checkpoint.safetensors"
    content = path.read_bytes()
    size = int.from_bytes(content[:8], "little")
    header, data = json.loads(content[8 : 8 + size]), content[8 + size :]
    notes, taken = json.loads(header["__metadata__"]["gpugrad"]), 0
    for old, new, text in changed(notes):
        header["__metadata__"]["gpugrad"] = text
        made = json.dumps(header).encode()
        path.write_bytes(resealed(len(made).to_bytes(8, "little") + made + data)[0])
        taken += check(path, old, new, resume, run, {}, Stop())
    assert taken > 5


@pytest.mark.parametrize("name", ["checkpoint.safetensors", "model.safetensors"])
def test_what_stands_in_the_header_of_arrays(run, name):
    path = run / name
    content = path.read_bytes()
    size = int.from_bytes(content[:8], "little")
    header, data = json.loads(content[8 : 8 + size]), content[8 + size :]
    read = {
        "checkpoint.safetensors": lambda: resume(run, {}, Stop()),
        "model.safetensors": lambda: TrainedModel.load(run, "numpy"),
    }[name]
    for _, _, text in random.Random(0).sample(list(changed(header)), 200):
        made = text.encode(errors="surrogatepass")
        path.write_bytes(resealed(len(made).to_bytes(8, "little") + made + data)[0])
        said = refusal(read)
        assert said is None or (str(path) in said and len(said) < 1500)


def test_what_stands_in_the_metrics(run):
    path = run / "metrics.jsonl"
    first, second = path.read_bytes().splitlines(keepends=True)
    taken = 0
    for old, new, text in changed(json.loads(first)):
        line, checksum = resealed(text.encode(errors="surrogatepass") + b"\n")
        path.write_bytes(line + resealed(second, checksum)[0])
        taken += check(path, old, new, RunFolder(run).records)
        with pytest.raises(CheckpointError, match=r"metrics\.jsonl"):
            resume(run, {}, Stop())
    assert taken > 5
    path.write_bytes(first + resealed(first, json.loads(first)["sha256"])[0])
    with pytest.raises(CheckpointError, match=r"metrics\.jsonl: epoch is 1; expected .* from 2"):
        RunFolder(run).records()


def test_what_stands_in_the_times(run):
    path = run / "timing.jsonl"
    line = path.read_bytes().splitlines(keepends=True)[0]
    epoch, *rest = (json.loads(line)[name] for name in ("epoch", "seconds", "samples_per_second"))
    for old, new, text in changed(json.loads(line)):
        path.write_bytes(resealed(text.encode(errors="surrogatepass") + b"\n")[0])
        if old not in rest and new != "more":       # which nothing in gpugrad reads
            check(path, epoch, new, RunFolder(run).timing.lines, 1)


# Models whose config.json says something else


def of_rows(features: int) -> dict[str, Any]:
    return {"kind": "rows", "shape": [features], "whole": 0, "scaled": 1}


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("data", "inputs"), of_rows(3)), (("data", "inputs"), of_rows(2**62)),
        (("settings", "hidden"), []),
        (("settings", "hidden"), [1_000_000] * 50), (("settings", "hidden"), [4, 4]),
        (("settings", "dtype"), "float64"),
    ],
)  # fmt: skip
def test_a_model_that_does_not_fit_is_refused_before_one_of_that_size_is_made(run, place, value):
    path = run / "config.json"
    described = json.loads(path.read_bytes())
    described[place[0]][place[1]] = value
    path.write_bytes(resealed(json.dumps(described).encode())[0])
    with pytest.raises(CheckpointError, match=r"model\.safetensors"):
        TrainedModel.load(run, "numpy")


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(
    "name", ["model.layers.0.weight", "features.mean", "features.scale"]
)
def test_a_model_that_is_not_finite_is_refused(run, name, value):
    arrays = load_file(run / "model.safetensors")
    arrays[name][..., 0] = value
    save_file(arrays, run / "model.safetensors")
    with pytest.raises(CheckpointError, match=rf"model\.safetensors: the array {name} holds"):
        TrainedModel.load(run, "numpy")
    arrays[name][..., 0] = 0.0
    save_file(arrays, run / "model.safetensors")
    if name == "features.scale":
        with pytest.raises(CheckpointError, match="scale is not above 0"):
            TrainedModel.load(run, "numpy")


CLASSES = {"names": ["a", "b"], "labels": ["a", "b"], "flat": True}


@pytest.mark.parametrize(
    "target",
    [
        {"names": []}, {"names": ["a"]}, {"names": ["a", "b", "c"]}, {"labels": []},
        {"labels": ["b", "a"]}, {"labels": ["a", "a"]}, {"labels": ["a", 1]}, {"labels": [1, 0]},
        {"labels": [1.0, 2.0]}, {"labels": [0, 2**70]}, {"labels": [None, None]}, {"flat": False},
        {"labels": [["a"], ["b"]]}, {"labels": ["x", "y"]}, {"names": ["a", "a"]}, {"flat": 1},
    ],
)  # fmt: skip
@pytest.mark.parametrize("task", ["binary", "multiclass", "multilabel", "regression"])
def test_targets_that_do_not_suit_the_task_are_refused(run, task, target):
    path = run / "config.json"
    described = json.loads(path.read_bytes())
    described["settings"] |= {"task": task, "loss": next(iter(TASKS[task].losses))}
    described["data"]["target"] = CLASSES | target
    path.write_bytes(resealed(json.dumps(described).encode())[0])
    with pytest.raises(CheckpointError, match=r"config\.json"):
        Description.read(RunFolder(run))


def test_targets_of_each_task_are_read(run):
    path = run / "config.json"
    described = json.loads(path.read_bytes())
    for task, target in {
        "binary": CLASSES, "multiclass": CLASSES | {"labels": [-1, 5]},
        "multilabel": CLASSES | {"labels": [], "flat": False},
        "regression": {"names": ["y"], "labels": [], "flat": True},
    }.items():  # fmt: skip
        loss = next(iter(TASKS[task].losses))
        described["settings"] |= {"task": task, "loss": loss}
        described["data"]["target"] = target
        path.write_bytes(resealed(json.dumps(described).encode())[0])
        found = Description.read(RunFolder(run)).target
        assert (list(found.names), list(found.labels)) == (target["names"], target["labels"])


@pytest.mark.parametrize(
    ("name", "array"),
    [("hash", None), ("part", None), ("hash", np.zeros(3)), ("hash", np.zeros((1000, 1), np.int64)),
     ("part", np.full(1000, 3, np.uint8)), ("part", np.zeros(999, np.uint8)),
     ("more", np.zeros(1))],
)  # fmt: skip
def test_numbers_of_rows_that_make_no_sense_are_refused(run, name, array):
    path = run / "rows.safetensors"
    arrays = load_file(path)
    arrays.pop(name, None)
    if array is not None:
        arrays[name] = array
    write_tensors(path, arrays, {"format": FORMAT})
    with pytest.raises(CheckpointError, match=r"rows\.safetensors"):
        parts_of(RunFolder(run), np.zeros((2, 2)))


# Settings that a program gives


SETTINGS = [
    None, True, False, -1, 1.5, float("nan"), float("inf"), 10**400, "", "x", "\0", (), ("x",),
    (True,), (1.0,), (0,), (-1,), ((4,),), {}, [], [[]], {4}, b"4", 4j, object(), Path("x"),
    np.bool(True), np.array([1.5]), np.array(None),
]  # fmt: skip


NOTHING = type(None)
KINDS = {
    "batch_size": (int, NOTHING), "channels": (int, NOTHING), "class_weight": (str, tuple),
    "epochs": (int, NOTHING), "hidden": (tuple, NOTHING), "sample_weight": (str, NOTHING),
    "size": (tuple, NOTHING), "threads": (int, NOTHING), "weight_decay": (float, NOTHING),
}  # fmt: skip
"""Of the settings that may be of several."""


@pytest.mark.parametrize("name", Config.__dataclass_fields__)
def test_settings_of_every_kind_are_refused_or_of_the_kind_that_is_wanted(name):
    good = Config("moons")
    for value in SETTINGS:
        try:
            config = Config(**{"dataset": "moons", name: value})
        except InvalidArgument:
            continue
        found, wanted = getattr(config, name), getattr(good, name)
        assert type(found) in KINDS.get(name, (type(wanted),))
        json.dumps(config.to_json(), allow_nan=False)


def test_values_are_named_where_they_stand():
    found = Fields(Path("file"), {"a": {"b": [1]}, "c": True})
    with pytest.raises(CheckpointError, match=r"^file: a\.b is \[1\]; expected a text"):
        found.part("a").text("b")
    with pytest.raises(CheckpointError, match=r"^file: c is True; expected a whole number from 0"):
        found.whole("c")
    with pytest.raises(CheckpointError, match=r"^file: d is missing"):
        found.value("d")
    with pytest.raises(CheckpointError, match=r"^file: what is in it is 3; expected an object"):
        Fields(Path("file"), 3)
    with pytest.raises(CheckpointError, match=r"^file: it cannot be read .*'a' occurs twice"):
        read_json(Path("file"), '{"a": 1, "a": 2}')
