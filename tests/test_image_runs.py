"""Training on images: from a folder to a model, with state, noise and changes that are repeated."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from stopped_runs import Crash, CrashAfter

import gpugrad as gg
from gpugrad import data
from gpugrad.backends import choose
from gpugrad.cli.app import run
from gpugrad.data.batch import epoch_keys
from gpugrad.errors import CheckpointError, DataError, InvalidArgument
from gpugrad.train import Config, Observer, TrainedModel, fit, resume, start
from gpugrad.train.augmenting import AUGMENTATIONS, augmentation
from gpugrad.train.convnet import channels_for, convnet, size_of_convnet
from gpugrad.train.learning import Learning, Rows
from gpugrad.train.network import Network, first_state, in_training
from gpugrad.train.objective import Objective
from gpugrad.train.scoring import rows_at_once
from gpugrad.train.tasks import TASKS

pytestmark = pytest.mark.usefixtures("no_pictures")

NUMPY = choose("numpy")
RNG = np.random.default_rng(0)
LABELS = np.arange(60) % 2
IMAGES = RNG.integers(0, 120, (60, 3, 9, 8), np.uint8)
for _image, _label in zip(IMAGES, LABELS, strict=True):
    _image[:, :, 4 * _label : 4 * _label + 4] += np.uint8(120)
FAST: dict[str, Any] = {"epochs": 3, "batch_size": 16, "hidden": (4, 6), "backend": "numpy"}
WORDS = ["--epochs", "3", "--batch-size", "16", "--hidden", "4,6", "--backend", "numpy"]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def photos(here: Path) -> str:
    """A folder with the images, each in the folder of its class."""
    image = pytest.importorskip("PIL.Image")
    for kind in ("left", "right"):
        (here / "photos" / kind).mkdir(parents=True)
    for i, (pixels, label) in enumerate(zip(IMAGES, LABELS, strict=True)):
        name = f"photos/{('left', 'right')[label]}/{i:02}.png"
        image.fromarray(pixels.transpose(1, 2, 0)).save(name)
    return "photos"


def same(one: Any, other: Any) -> bool:
    leaves = [gg.tree.leaves(x) for x in (one, other)]
    return len(leaves[0]) == len(leaves[1]) and all(map(np.array_equal, *leaves))


def test_from_a_folder_to_predictions(
    photos: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", photos, "--size", "8x8", "--augment", "flip,crop", *WORDS[4:]]
    assert run([*words, "--epochs", "8", "--task", "multiclass", "--out", "run"]) == 0
    model = TrainedModel.load("run", "numpy")
    assert (model.config.model, model.described.inputs.shape) == ("convnet", (3, 8, 8))
    assert model.classes == ("left", "right")
    assert model.config.size == (8, 8)
    capsys.readouterr()
    assert run(["predict", "run", photos, "--out", "all.csv"]) == 0
    assert "accuracy" in capsys.readouterr().out
    with Path("all.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert lines[0]["file"] == "left/00.png"
    assert {line["part"] for line in lines} == {"train", "validation", "test"}
    images = data.read_images(photos, size=(8, 8))
    found = model.predict_proba(images.x)
    np.testing.assert_array_equal([float(line["probability left"]) for line in lines], found[:, 0])
    np.testing.assert_array_equal(model.predict_proba(images.x[:]), found)
    # without classes, and with images of other sizes
    image = pytest.importorskip("PIL.Image")
    Path("new").mkdir()
    image.fromarray(IMAGES[1].transpose(1, 2, 0)).resize((40, 30)).save("new/a.png")
    assert run(["predict", "run", "new", "--out", "new.csv"]) == 0
    assert Path("new.csv").read_text().splitlines()[1].startswith("0,a.png,new,")


def test_images_may_be_labelled_by_a_table(
    photos: str, capsys: pytest.CaptureFixture[str]
) -> None:
    files = sorted(path.relative_to(photos) for path in Path(photos).rglob("*.png"))
    lines = ["file,bright,kind", *(f"{name},{i / 7:.3f},a" for i, name in enumerate(files))]
    Path(photos, "labels.csv").write_text("\n".join(lines) + "\n")
    assert run(["train", photos, "--target", "bright", *WORDS, "--out", "run"]) == 0
    model = TrainedModel.load("run", "numpy")
    assert (model.task.name, model.classes) == ("regression", ("bright",))
    capsys.readouterr()
    assert run(["predict", "run", photos]) == 0
    assert "R²" in capsys.readouterr().out
    Path(photos, "labels.csv").unlink()
    assert run(["predict", "run", f"{photos}/left"]) == 0


def test_arrays_are_images_too() -> None:
    """Bytes as they are train to the same bits as equal floats, with and without a folder."""
    one = fit(IMAGES, LABELS, **FAST)
    assert one.config.model == "convnet"
    assert same(one.network, fit(IMAGES.astype("float32"), LABELS, **FAST).network)
    with pytest.raises(DataError, match=r"shape \(60, 3, 8, 8\); expected \(rows, 3, 9, 8\)"):
        one.predict(IMAGES[:, :, :8])
    flat = fit(IMAGES, LABELS, model="mlp", **FAST)
    assert flat.predict(IMAGES).shape == (60,)
    assert gg.tree.leaves(flat.network)[0].shape == (3 * 9 * 8, 4)
    assert flat.state is None


def test_channels_are_standardised_by_the_training_rows() -> None:
    x = IMAGES * np.array([1.0, 0.1, 3.0])[:, None, None]
    parts = np.where(np.arange(60) < 40, "train", "test")
    found = fit(x, LABELS, parts=parts, **FAST).fitted.features
    assert found is not None
    np.testing.assert_allclose(found.mean, x[:40].mean(axis=(0, 2, 3), keepdims=True)[0])
    np.testing.assert_allclose(found.scale, x[:40].std(axis=(0, 2, 3), keepdims=True)[0])
    ready = found.apply(x, "float32")
    np.testing.assert_allclose(ready, (x - found.mean) / found.scale, rtol=1e-6)


def test_predictions_use_the_running_averages() -> None:
    model = fit(IMAGES, LABELS, **FAST)
    assert model.fitted.features is not None
    z = model.fitted.features.apply(IMAGES.astype("float32"), "float32")
    outputs, after = model.network(z, model.state)
    assert same(after, model.state)
    np.testing.assert_array_equal(model.predict(IMAGES), outputs[:, 0] > 0)
    starts = model.network.init_state()
    assert not same(starts, model.state)
    in_one_go = model.predict_proba(IMAGES)
    apart = np.concatenate([model.predict_proba(IMAGES[i : i + 1]) for i in range(60)])
    np.testing.assert_allclose(apart, in_one_go, atol=1e-6)


# Noise and changes


def test_noise_depends_on_the_seed_alone() -> None:
    settings = {**FAST, "augment": ("flip", "crop")}
    one, other = (fit(IMAGES, LABELS, **settings) for _ in range(2))
    assert same((one.network, one.state), (other.network, other.state))
    assert not same(one.network, fit(IMAGES, LABELS, **FAST).network)
    first = convnet((3, 9, 8), (4, 6), 1, "relu", 0, "float32")
    keys = epoch_keys(60, 0, 0)
    x = IMAGES.astype("float32")
    runs = [in_training(first, first.init_state(), x, keys[i])[0] for i in (0, 0, 1)]
    assert np.array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])


def test_a_step_changes_each_image_by_its_own_key() -> None:
    """As the functions of gpugrad.data do by hand."""
    seen: list[Any] = []

    @gg.tree.register
    class Looks:
        def __init__(self) -> None:
            self.weight = np.ones(1, "float32")

        def __call__(self, x: Any, key: Any = None, training: bool = False) -> Any:
            seen.append((x, key, training))
            return gg.sum(x, axis=(1, 2, 3))[:, None] * self.weight

    task = TASKS["binary"]
    objective = Objective(task, task.loss("cross_entropy", 0.0), ((), ()))
    x, keys = IMAGES.astype("float32"), epoch_keys(60, 3, 1)
    change = augmentation(("flip", "crop"))
    Learning(objective, change).loss(Looks(), None, None, Rows(x, LABELS, None, keys), 60)
    ((found, key, training),) = seen
    assert training is True
    for i in range(60):
        flip, crop = gg.random.split(gg.random.split(keys[i])[0])
        wanted = data.random_crop(crop, data.random_flip(flip, x[i]), padding=1)
        np.testing.assert_array_equal(np.asarray(found)[i], wanted)
    np.testing.assert_array_equal(key, gg.random.split(keys[0])[1])


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_changes_leave_the_shape_and_are_random(name: str) -> None:
    image = IMAGES[0].astype("float32")
    made = [augmentation((name,))(key, image) for key in epoch_keys(20, 0, 0)]
    assert {x.shape for x in made} == {image.shape}
    assert len({x.tobytes() for x in made}) > 1


# The network


@pytest.mark.parametrize(
    ("shape", "channels"),
    [((1, 1, 1), (32,)), ((3, 7, 90), (32,)), ((1, 8, 8), (32, 64)), ((3, 28, 28), (32, 64, 128)),
     ((3, 32, 40), (32, 64, 128, 256)), ((1, 300, 400), (32, 64, 128, 256))],
)  # fmt: skip
def test_the_convnet_has_the_sizes_that_its_formula_says(
    shape: tuple[int, ...], channels: tuple[int, ...]
) -> None:
    assert channels_for(*shape[1:]) == channels
    for widths in (channels, (), (3, 5, 2, 4, 3)):
        model = convnet(shape, widths, 4, "relu", 0, "float32")
        numbers = sum(prod(leaf.shape) for leaf in gg.tree.leaves(model))
        assert numbers == size_of_convnet(shape, widths, 4)
        if prod(shape) < 5000:
            network = Network(model, first_state(model))
            assert network(np.ones((2, *shape), "float32")).shape == (2, 4)


def test_rows_are_looked_at_in_parts_of_bounded_size() -> None:
    assert rows_at_once((9, 5)) == 4096
    assert rows_at_once((9, 3, 32, 32)) == 85
    assert rows_at_once((9, 3, 4000, 4000)) == 1
    assert rows_at_once((9, 1, 1, 1)) == 4096


def test_it_learns() -> None:
    model = fit(IMAGES, LABELS, epochs=30, parts=np.where(np.arange(60) < 40, "train", "test"),
                backend="numpy")  # fmt: skip
    assert model.evaluate(IMAGES[40:], LABELS[40:])["accuracy"] == 1.0


# Resuming


CONFIG = Config(
    "photos", augment=("flip", "crop"), task="multiclass", keep="best", **{**FAST, "epochs": 4}
)
STEPS = 3  # in an epoch of 42 training rows
FILES = ("model.safetensors", "metrics.jsonl", "rows.safetensors", "checkpoint.safetensors")


def contents(folder: str) -> dict[str, Any]:
    """What came out; checkpoints hold the name of their run, so of these the arrays."""
    found: dict[str, Any] = {name: Path(folder, name).read_bytes() for name in FILES[:-1]}
    arrays = load_file(Path(folder, FILES[-1]))
    return {**found, **{name: array.tobytes() for name, array in arrays.items()}}


@pytest.mark.parametrize("engine", ["eager", "numpy", "native"])
@pytest.mark.parametrize("from_file", [False, True])
def test_a_run_with_state_and_noise_goes_on_to_the_same_bits(
    photos: str, engine: str, from_file: bool
) -> None:
    if engine == "native":
        pytest.importorskip("llvmlite")
    config = replace(CONFIG, engine=engine)
    start(config, "whole", Observer(), from_file=from_file)
    wanted = contents("whole")
    assert {"model_state.1.mean", "best_state.1.mean"} < wanted.keys()
    for steps in (1, STEPS, STEPS + 2, 3 * STEPS + 1):
        folder = f"part-{steps}"
        with pytest.raises(Crash):
            start(config, folder, CrashAfter(steps), checkpoint_seconds=0.0, from_file=from_file)
        resume(folder, {}, Observer(), from_file=not from_file)
        assert contents(folder) == wanted


def test_weights_are_kept_with_their_state(photos: str) -> None:
    """Those of the best epoch have the averages of that epoch."""
    start(replace(CONFIG, epochs=2, keep="last"), "short", Observer())
    best: list[int] = []

    class Noting(Observer):
        def end_epoch(self, record: Any) -> None:
            best.append(record.epoch)

    start(CONFIG, "run", Noting())
    arrays = load_file(Path("run", "checkpoint.safetensors"))
    kept = load_file(Path("run", "model.safetensors"))
    for name, array in arrays.items():
        kind, _, place = name.partition(".")
        if kind in ("best", "best_state"):
            mine = {"best": "model", "best_state": "state"}[kind]
            np.testing.assert_array_equal(kept[f"{mine}.{place}"], array)
    assert best == [1, 2, 3, 4]


# What is wrong


REFUSED: dict[str, tuple[list[str], str]] = {
    "no such change": (["--augment", "flip,crap"], "augment is 'crap'; .* Did you mean 'crop'"),
    "channels": (["--channels", "2"], "channels is 2; expected 1 for grey, or 3"),
    "no size": (["--size", "8"], "size is '8'; expected .* such as 32x32"),
    "size 0": (["--size", "0x8"], r"size is \(0, 8\); expected \(height, width\)"),
    "drop": (["--drop", "a"], "drop is .*'a'.*, which is for tables; photos is none"),
    "target": (["--target", "kind"], "there is no labels.csv in it"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_done_is_said_in_one_line(
    photos: str, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words, message = REFUSED[case]
    assert run(["train", photos, *words, *WORDS, "--out", "run"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert re.search(message, said), said


def test_images_of_other_sizes_are_named_and_the_advice_works(
    photos: str, capsys: pytest.CaptureFixture[str]
) -> None:
    image = pytest.importorskip("PIL.Image")
    image.fromarray(IMAGES[0].transpose(1, 2, 0)).resize((5, 5)).save(f"{photos}/left/odd.png")
    assert run(["train", photos, *WORDS, "--out", "run"]) == 2
    advice = re.search(r"--size \d+x\d+", capsys.readouterr().err)
    assert advice is not None
    assert run(["train", photos, *WORDS, *advice[0].split(), "--out", "run"]) == 0
    image.new("L", (8, 9)).save(f"{photos}/left/grey.png")
    assert run(["train", photos, *WORDS, *advice[0].split(), "--out", "other"]) == 2
    advice2 = re.search(r"--channels \d", capsys.readouterr().err)
    assert advice2 is not None
    words = [*advice[0].split(), *advice2[0].split()]
    assert run(["train", photos, *WORDS, *words, "--out", "other"]) == 0
    assert run(["predict", "other", photos]) == 0
    Path("flat").mkdir()
    image.new("L", (8, 9)).save("flat/a.png")
    assert run(["train", "flat", *WORDS]) == 2
    assert "nothing says what its images show" in capsys.readouterr().err


def test_rows_of_other_shapes_need_a_model_of_their_own() -> None:
    with pytest.raises(InvalidArgument, match=r"shape \(9, 8\), which no model here takes"):
        fit(IMAGES[:, 0], LABELS, **FAST)
    with pytest.raises(InvalidArgument, match=r"size is \(8, 8\), .*gpugrad.data.read_images"):
        fit(IMAGES, LABELS, size=(8, 8), **FAST)
    with pytest.raises(InvalidArgument, match="'convnet', which is for images"):
        fit(np.ones((60, 4)), LABELS, model="convnet", **FAST)
    with pytest.raises(DataError, match="real numbers, and no axis of length 0"):
        fit(IMAGES[:, :, :0], LABELS, **FAST)
    with pytest.raises(DataError, match="not finite"):
        fit(np.where(IMAGES > 200, np.nan, IMAGES), LABELS, **FAST)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("state.1.variance", lambda x: -x, "holds a variance below 0"),
        ("state.1.mean", lambda x: x * np.nan, "not finite"),
        ("state.1.mean", lambda x: x[:2], "expected float32 of shape"),
        ("state.1.mean", None, "the array state.1.mean is missing"),
        ("state.9.mean", np.ones(2), "do not belong there"),
        ("model.layers.0.weight", lambda x: x[:1], "its weights are .* numbers; expected"),
        ("features.mean", lambda x: x[:, 0, 0], "expected float64 of shape"),
        ("features.scale", lambda x: x * 0, "not above 0 everywhere"),
    ],
)
def test_a_damaged_model_is_refused(name: str, change: Any, message: str) -> None:
    fit(IMAGES, LABELS, **FAST).save("saved")
    path = Path("saved/model.safetensors")
    arrays = load_file(path)
    if callable(change):
        change = change(arrays[name])
    arrays.pop(name, None)
    if change is not None:
        arrays[name] = np.ascontiguousarray(change)
    save_file(arrays, path)
    with pytest.raises(CheckpointError, match=rf"model\.safetensors: .*{message}"):
        TrainedModel.load("saved", "numpy")
