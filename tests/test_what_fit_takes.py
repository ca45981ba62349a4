"""What `fit` and a trained model take, and what they refuse instead of taking it otherwise."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gpugrad import data
from gpugrad.errors import CheckpointError, DataError, InvalidArgument
from gpugrad.train import Config, Observer, TrainedModel, fit, start
from gpugrad.train.new_rows import read_new
from gpugrad.train.weights import near_one

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = (X[:, 0] > 0).astype(int)
IMAGES = RNG.random((20, 1, 8, 8))
KINDS = np.arange(20) % 2
FAST: dict[str, Any] = {"epochs": 2, "hidden": (4,), "backend": "numpy", "engine": "numpy"}
TABLE = {"a": X[:, 0], "b": X[:, 1], "kind": np.where(Y, "yes", "no")}
MASK = X > 1.5


def fitted(**settings: Any) -> TrainedModel:
    return fit(X, Y, **{**FAST, **settings})


# Masked arrays and lists of several kinds

MASKED = np.ma.masked_array(X, mask=MASK)
MASKED_Y = np.ma.masked_array(Y, mask=MASK[:, 0])
MASKED_WEIGHTS = np.ma.masked_array(np.ones(60), mask=MASK[:, 0])

WITH_MASKS = {
    "x": lambda: fit(MASKED, Y, **FAST),
    "y": lambda: fit(X, MASKED_Y, **FAST),
    "y of a table": lambda: fit({"a": X[:, 0]}, MASKED_Y, **FAST),
    "sample_weight": lambda: fit(X, Y, sample_weight=MASKED_WEIGHTS, **FAST),
    "predict": lambda: fitted().predict(MASKED),
    "evaluate": lambda: fitted().evaluate(X, MASKED_Y),
    "evaluate with weights": lambda: fitted().evaluate(X, Y, MASKED_WEIGHTS),
    "as_features": lambda: data.as_features(MASKED),
}


@pytest.mark.parametrize("case", WITH_MASKS)
def test_masked_cells_are_no_numbers(case: str) -> None:
    with pytest.raises(DataError, match=r"is a masked array, in which \d+ cells? (is|are) masked"):
        WITH_MASKS[case]()


def test_a_mask_that_hides_nothing_changes_nothing() -> None:
    open_ = np.ma.masked_array(X)
    assert (fit(open_, Y, **FAST).predict_proba(open_) == fitted().predict_proba(X)).all()


def test_masked_cells_of_a_table_are_missing() -> None:
    masked = {"a": MASKED[:, 0], "n": np.ma.masked_array(Y, mask=MASK[:, 1])}
    gaps = {
        "a": np.where(MASK[:, 0], np.nan, X[:, 0]),
        "n": [None if gap else int(y) for y, gap in zip(Y, MASK[:, 1], strict=True)],
    }
    tables = [data.as_table(columns) for columns in (masked, gaps)]
    assert tables[0].fingerprint() == tables[1].fingerprint()
    words = np.ma.masked_array(np.array(["x", "y", "z"]), mask=[False, True, False])
    assert data.as_table({"w": words}).columns["w"].missing.tolist() == [False, True, False]


def test_a_loader_refuses_a_masked_array() -> None:
    with pytest.raises(InvalidArgument, match=r"masked array.*getmaskarray"):
        data.Loader((MASKED, Y), 4)


MIXED = {
    "a text and a number": (["a", 1] * 30, r"y\[1\] is 1"),
    "a number and a text": ([2.5, "b"] * 30, r"y\[0\] is 2.5"),
    "rows of both": ([["a", 1]] * 60, r"y\[0, 1\] is 1"),
    "an object": (np.array(["a", 1] * 30, object), "dtype object"),
}


@pytest.mark.parametrize("case", MIXED)
def test_numbers_among_texts_do_not_become_texts(case: str) -> None:
    y, message = MIXED[case]
    with pytest.raises(DataError, match=message):
        fit(X, y, **FAST)


# Weights of any scale


@pytest.mark.parametrize("scale", [1e-300, 1e-30, 1e30, 1e300])
def test_only_the_ratios_of_weights_matter(scale: float) -> None:
    ratios = np.where(Y == 1, 3.0, 0.5)
    scale = 2.0 ** round(np.log2(scale))            # which rounds nothing
    parts = np.where(np.arange(60) < 40, "train", "validation")
    one, other = (
        fitted(sample_weight=each, parts=parts) for each in (ratios, scale * ratios)
    )
    assert one.records == other.records
    assert one.evaluate(X, Y, ratios).values == one.evaluate(X, Y, scale * ratios).values


def test_a_part_is_weighed_by_itself() -> None:
    """Weights of validation rows that are nothing beside those of the training rows still count."""
    train = np.arange(60) < 40
    parts = np.where(train, "train", "validation")
    found = fitted(sample_weight=np.where(train, 2.0**990, 2.0**-990), parts=parts)
    assert found.records == fitted(sample_weight=np.ones(60), parts=parts).records


def test_weights_of_extreme_ratios_are_no_divergence() -> None:
    weights = np.where(Y == 1, 1e300, 1e-300)
    model = fitted(sample_weight=weights)
    assert model.evaluate(X, Y, weights)["accuracy"] == pytest.approx(
        (model.predict(X)[Y == 1] == 1).mean()
    )
    assert fitted(class_weight=(1e-300, 1e300)).records[-1].train_loss > 0


def test_no_accuracy_is_above_one() -> None:
    """Sums on the device and what they are compared with are of the same weights."""
    x = np.r_[RNG.normal(size=(100, 2)) + 9, RNG.normal(size=(100, 2)) - 9]
    y = np.arange(200) // 100
    weights = RNG.random(200)
    records = fit(x, y, sample_weight=weights, validation=0.2, **{**FAST, "epochs": 8}).records
    assert records[-1].train_metric == records[-1].validation_metric == 1.0
    assert max(record.train_metric for record in records) <= 1.0


def test_scaling_to_near_one_is_exact() -> None:
    weights = np.array([3.0, 0.1, 7e-5, 0.0])
    for scale in (2.0**-1000, 1.0, 2.0**1000):
        assert (near_one(weights * scale) == weights / 4).all()
    assert near_one(np.zeros(2)).tolist() == [0.0, 0.0]
    assert near_one(np.zeros(0)).shape == (0,)


# Rows that the dtype of the weights cannot hold


@pytest.mark.parametrize("standardise", [True, False])
def test_rows_beyond_float32_are_refused(standardise: bool) -> None:
    model = fitted(standardise=standardise)
    for dtype in (None, "float64"):
        with pytest.raises(DataError, match="float32 cannot hold"):
            model.outputs(np.full((2, 3), 1e300), dtype)
    assert fitted(standardise=standardise, dtype="float64").predict(np.full((1, 3), 1e99)).size


def test_estimators_refuse_the_same_rows() -> None:
    estimators = pytest.importorskip("gpugrad.sklearn", reason="scikit-learn is not installed")
    settings = {name: value for name, value in FAST.items() if name != "engine"}
    for kind in (estimators.GpugradClassifier, estimators.GpugradRegressor):
        model = kind(**settings).fit(X, Y)
        with pytest.raises(DataError, match="float32 cannot hold"):
            model.predict(np.full((2, 3), 1e300))
        with pytest.raises(DataError, match="masked array"):
            model.predict(MASKED)
        with pytest.raises(DataError, match="masked array"):
            model.fit(MASKED, Y)


# Images


@pytest.mark.parametrize("shape", [(20, 12, 10, 3), (20, 12, 12, 1), (20, 9, 9, 4)])
def test_images_with_channels_last_are_refused(shape: tuple[int, ...]) -> None:
    x = RNG.random(shape)
    with pytest.raises(DataError, match=r"looks like .*np\.moveaxis\(x, -1, 1\)"):
        fit(x, KINDS, **FAST)
    assert fit(np.moveaxis(x, -1, 1), KINDS, **FAST).config.model == "convnet"


@pytest.mark.parametrize("shape", [(20, 3, 12, 3), (20, 1, 8, 8), (20, 16, 4, 4), (20, 1, 9, 1)])
def test_images_that_may_have_channels_first_are_taken(shape: tuple[int, ...]) -> None:
    assert fit(RNG.random(shape), KINDS, **FAST).described.inputs.shape == shape[1:]


def test_a_shape_is_refused_with_the_way_to_the_right_one() -> None:
    model = fit(np.moveaxis(RNG.random((20, 9, 9, 3)), -1, 1), KINDS, **FAST)
    with pytest.raises(DataError, match="Channels come first with"):
        model.predict(np.zeros((2, 9, 9, 3)))
    grey = fit(IMAGES, KINDS, **FAST)
    with pytest.raises(DataError, match=r"x\[:, None\]"):
        grey.predict(IMAGES[:, 0])
    with pytest.raises(DataError, match=r"One row is x\[None\]"):
        grey.predict(IMAGES[0])
    with pytest.raises(InvalidArgument, match=r"x\[:, None\]"):
        fit(IMAGES[:, 0], KINDS, **FAST)


BYTES = np.rint(IMAGES * 255).astype(np.uint8)


def test_images_in_another_range_are_refused(tmp_path: Path) -> None:
    fit(IMAGES, KINDS, **FAST).save(tmp_path / "model")
    units = TrainedModel.load(tmp_path / "model")
    for x in (BYTES, BYTES.astype(float), BYTES // 8):
        with pytest.raises(DataError, match=r"from 0\.\d+ to 0\.9\d+; give x / 255"):
            units.predict(x)
    assert units.predict(np.zeros_like(BYTES)).size == 20     # black is black
    assert units.predict(IMAGES * 1.5).size == 20
    whole = fit(BYTES, KINDS, **FAST)
    with pytest.raises(DataError, match="trained on whole numbers"):
        whole.evaluate(IMAGES, KINDS)
    assert whole.predict(BYTES * 0.9).size == whole.predict(BYTES // 255).size == 20
    both = fit(IMAGES * 2 - 1, KINDS, **FAST)                 # in no range that is known
    assert both.predict(IMAGES).size == 20


def test_a_damaged_range_is_refused(tmp_path: Path) -> None:
    from gpugrad.train.fields import Fields
    from gpugrad.train.pixels import Pixels

    with pytest.raises(CheckpointError, match="the least is 2"):
        Pixels.read(Fields(tmp_path, {"low": 2.0, "high": 1.0, "whole": 0}))
    assert Pixels.read(Fields(tmp_path, Pixels(0.0, 1.0, False).to_json())).fractions


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    for kind in ("left", "right"):
        (tmp_path / kind).mkdir()
        for i in range(5):
            pixels = RNG.integers(0, 255, (6, 7), np.uint8)
            image.fromarray(pixels).save(tmp_path / kind / f"{i}.png")
    return tmp_path


def test_images_in_files_are_indexed_as_arrays(photos: Path) -> None:
    x = data.read_images(photos).x
    whole = x[:]
    odd = np.arange(10) % 2 == 1
    for key in (0, -1, np.int64(3), [1, -2], odd, slice(2, 9, 3), [], np.array([4])):
        assert (x[key] == whole[key]).all()
        assert x[key].shape == whole[key].shape
    assert (np.asarray(x) == whole).all()
    assert np.asarray(x, "float64").dtype == np.float64
    assert len(list(x)) == 10
    for key in (10, -11, [0, 10], (0, 0), 0.5, "a", None, odd[:4], odd.tolist()[:3]):
        with pytest.raises(IndexError):
            x[key]
    with pytest.raises(ValueError, match="without a copy"):
        np.asarray(x, copy=False)


def test_rows_in_files_are_indexed_as_arrays(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    x = data.as_features(np.load(tmp_path / "x.npy", mmap_mode="r"))
    assert isinstance(x, data.FileRows)
    for key in (0, -1, [1, -2], Y == 1, slice(2, 9, 3), []):
        assert (x[key] == X[key]).all()
        assert x[key].shape == X[key].shape
    assert (np.asarray(x) == X).all()
    with pytest.raises(IndexError, match="booleans"):
        x[Y[:5] == 1]


def test_what_reads_images_is_fitted_with_its_targets(photos: Path) -> None:
    images = data.read_images(photos)
    model = fit(images, **FAST)
    assert model.classes == ("left", "right")
    beside = fit(images.x, images.target.values, **FAST)
    assert model.evaluate(images) == beside.evaluate(images.x, images.target.values)
    assert (model.predict(images) == beside.predict(images.x)).all()
    assert fit(images, KINDS[:10], **FAST).classes == ("0", "1")
    with pytest.raises(DataError, match="give x / 255"):
        model.predict(data.read_images(photos, dtype="uint8"))
    with pytest.raises(DataError, match="no y to learn from"):
        fit(data.Images(images.x, None), **FAST)
    with pytest.raises(DataError, match="no y to compare with"):
        model.evaluate(images.x)


def test_a_data_set_is_fitted_with_all_that_it_has() -> None:
    weights, parts = np.where(Y, 2.0, 1.0), np.where(np.arange(60) < 40, "train", "validation")
    whole = data.Dataset("points", X, Y, ("no", "yes"), weights, parts)
    found = fit(whole, **FAST)
    assert found.classes == ("no", "yes")
    assert found.records == fitted(sample_weight=weights, parts=parts).records
    assert found.evaluate(whole) == found.evaluate(X, Y)
    other = fit(whole, 1 - Y, **FAST)
    assert other.classes == ("0", "1")
    assert other.described.rows == (40, 20, 0)


# Words of users of other libraries

SAID = {
    "own": (lambda: fitted(model="own"), r"model is 'own'; expected one of auto, mlp, convnet$"),
    "an unknown model": (lambda: fitted(model="resnet"), "expected one of auto, mlp, convnet$"),
    "own in settings": (
        lambda: start(Config("moons", model="own"), None, Observer()), "only gpugrad.train.fit",
    ),
    "a name as y": (lambda: fit(TABLE, "kind", **FAST), r"did you mean.*target='kind'"),
    "a name beside an array": (lambda: fit(X, "kind", **FAST), "expected a label or a number"),
    "odd verbose": (lambda: fitted(verbose="yes"), "verbose is 'yes'"),
    "two observers": (lambda: fitted(verbose=True, observer=Observer()), "Observers"),
    "a foreign label": (lambda: fitted(class_weight={2: 3}), "has the label 2, .* are 0, 1"),
    "an odd weight": (lambda: fitted(class_weight={1: -1}), "class_weight is -1"),
    "weights of no classes": (
        lambda: fit(X, X[:, 0], class_weight={0: 1}, **FAST), "y has no classes",
    ),
}


@pytest.mark.parametrize("case", SAID)
def test_what_cannot_be_meant_is_refused_with_what_can(case: str) -> None:
    call, message = SAID[case]
    with pytest.raises(InvalidArgument, match=message):
        call()


def test_paths_are_to_be_read_first() -> None:
    for path in ("houses.csv", Path("photos")):
        with pytest.raises(DataError, match=r"gpugrad\.data\.read_table, read_images or load"):
            fit(path, **FAST)


def test_weights_of_classes_by_label() -> None:
    pairs = (((1.0, 3.0), {1: 3}), ((2.0, 1.0), {np.int64(0): 2.0}), ((1.0, 1.0), {}))
    for numbers, labels in pairs:
        assert fitted(class_weight=labels).records == fitted(class_weight=numbers).records
    words = fit(TABLE, target="kind", class_weight={"yes": 5}, **FAST)
    assert words.config.class_weight == (1.0, 5.0)
    named = fitted(class_weight={"up": 5}, target_names=("down", "up"))
    assert named.config.class_weight == (1.0, 5.0)


def test_verbose_shows_progress(capsys: pytest.CaptureFixture[str]) -> None:
    fitted(verbose=0)
    assert not capsys.readouterr().out
    fitted(verbose=1)
    assert "epoch 2/2" in capsys.readouterr().out


# What is taken for what it may not be


def noted(*data: Any, **settings: Any) -> list[str]:
    """The lines that an observer is told, which are the warnings that others get."""
    class Listener(Observer):
        def __init__(self) -> None:
            self.lines: list[str] = []

        def tell(self, text: str) -> None:
            self.lines.append(text)

    listener = Listener()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(*data, observer=listener, **{**FAST, **settings})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit(*data, **{**FAST, **settings})
    assert [str(each.message) for each in caught] == listener.lines
    assert all(each.filename == __file__ for each in caught)
    return listener.lines


def test_a_matrix_of_floats_that_are_labels_is_told() -> None:
    labels = np.stack([Y, X[:, 0] > 0], axis=1)
    (line,) = noted(X, labels.astype(float))
    assert "ask for the task regression" in line
    assert noted(X, labels) == []
    assert noted(X, labels.astype(float), task="multilabel") == []


def test_classes_that_are_one_hot_are_told() -> None:
    for kind in (bool, int, float):
        (line,) = noted(X, np.eye(2)[Y].astype(kind))
        assert "y.argmax(axis=1)" in line


def test_a_column_that_numbers_the_rows_is_told() -> None:
    table = {"id": np.arange(7, 67), **TABLE}
    (line,) = noted(table, target="kind")
    assert "'id' holds whole numbers that rise" in line
    assert "`drop`" in line
    assert noted(table, target="kind", drop=["id"]) == []
    assert noted(table, Y, drop=["kind", "id"]) == []
    assert noted({**table, "id": np.arange(60) // 2}, target="kind") == []
    assert noted({**table, "id": np.arange(60) + 0.5}, target="kind") == []


# What a model says of itself


def test_a_model_is_one_short_line() -> None:
    many = fit(X, np.arange(60) % 10, task="multiclass", **FAST)
    for model in (fitted(), fit(X, X[:, :2], **FAST), many):
        assert len(repr(model)) < 200
        assert "\n" not in repr(model)
        assert model.task.name in repr(model)
        assert "60 rows" in repr(model)
    assert ", ..." in repr(many)
    assert "binary of 0, 1, by mlp 4" in repr(fitted())


def test_each_target_is_measured_for_itself() -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    y = np.stack([X[:, 0], 100 * X[:, 1] ** 2], axis=1)
    weight = RNG.random(60)
    model = fit(X, y, target_names=("near", "far"), **FAST)
    scores = model.evaluate(X, y, weight)
    found = model.predict(X)
    assert list(scores.targets) == ["near", "far"]
    for i, each in enumerate(scores.targets.values()):
        given = (y[:, i], found[:, i])
        assert each["r2"] == pytest.approx(metrics.r2_score(*given, sample_weight=weight))
        mae = metrics.mean_absolute_error(*given, sample_weight=weight)
        assert each["mae"] == pytest.approx(mae)
    for name, value in scores.values.items():
        assert value == pytest.approx(np.mean([each[name] for each in scores.targets.values()]))
    assert scores.to_json()["targets"]["far"]["r2"] == scores.targets["far"]["r2"]
    assert fit(X, y[:, 0], **FAST).evaluate(X, y[:, 0]).targets == {}
    flat = np.stack([y[:, 0], np.ones(60)], axis=1)
    assert model.evaluate(X, flat).targets["far"]["r2"] is None
    labels = np.stack([Y, X[:, 0] > 0], axis=1)
    each = fit(X, labels, **FAST).evaluate(X, labels)
    assert each["macro_f1"] == pytest.approx(np.mean([x["f1"] for x in each.targets.values()]))


def test_an_exported_model_says_how_its_features_came_to_be() -> None:
    pytest.importorskip("onnx", reason="onnx is not installed")

    def metadata(model: TrainedModel) -> dict[str, str]:
        return {each.key: each.value for each in model.to_onnx().metadata_props}

    table = fit({**TABLE, "town": np.where(MASK[:, 1], "Ulm", "Bonn")}, target="kind", **FAST)
    found = json.loads(metadata(table)["encoder"])
    assert found["columns"] == ["a", "b", "town"]
    assert found["codings"]["town"]["words"] == ["Bonn", "Ulm"]
    assert json.loads(metadata(fit(BYTES, KINDS, **FAST))["pixels"])["high"] == BYTES.max()


def test_the_room_shows_what_it_offers() -> None:
    import gpugrad.train

    for room in (gpugrad.train, data):
        assert dir(room) == sorted(room.__all__)
    with pytest.raises(AttributeError, match="no attribute 'ftt'"):
        _ = gpugrad.train.ftt


# Saving again


def test_a_saved_model_is_replaced_when_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "model"
    one, other = fitted(), fit(X, 1 - Y, **FAST)
    one.save(path, overwrite=True)                  # where there is nothing
    path.chmod(0o750)
    with pytest.raises(CheckpointError, match="overwrite=True"):
        other.save(path)
    assert (TrainedModel.load(path).predict(X) == one.predict(X)).all()
    other.save(path, overwrite=True)
    assert (TrainedModel.load(path).predict(X) == other.predict(X)).all()
    assert os.listdir(tmp_path) == ["model"]
    assert path.stat().st_mode & 0o777 == 0o750
    link = tmp_path / "link"
    link.symlink_to(path)
    one.save(link, overwrite=True)
    assert link.is_symlink()
    assert (TrainedModel.load(path).predict(X) == one.predict(X)).all()


def test_nothing_but_a_saved_model_is_replaced(tmp_path: Path) -> None:
    model = fitted()
    start(Config("moons", epochs=1, hidden=(4,), backend="numpy"), tmp_path / "run", Observer())
    model.save(tmp_path / "more")
    (tmp_path / "more" / "notes.txt").write_text("mine")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "notes.txt").write_text("mine")
    for name in ("run", "more", "notes"):
        before = {file: file.read_bytes() for file in (tmp_path / name).iterdir()}
        for overwrite in (False, True):
            with pytest.raises(CheckpointError, match=f"{name}: "):
                model.save(tmp_path / name, overwrite=overwrite)
        assert {file: file.read_bytes() for file in (tmp_path / name).iterdir()} == before
    for file in (tmp_path / "run").iterdir():       # as one that was stopped early may look
        if file.name not in ("config.json", "metrics.jsonl", "model.safetensors"):
            file.unlink()
    with pytest.raises(CheckpointError, match="there is a run in it"):
        model.save(tmp_path / "run", overwrite=True)


def test_a_failure_while_a_model_is_replaced_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model"
    model = fitted()
    model.save(path)

    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    rename = os.rename

    def to_its_place(source: Any, target: Any) -> None:
        if Path(source).name.startswith("model.new-"):
            full()
        rename(source, target)

    faults = {"gpugrad.train.trained_model.save_model": full, "os.rename": to_its_place}
    other = fit(X, 1 - Y, **FAST)
    for place, fault in faults.items():
        with monkeypatch.context() as patched:
            patched.setattr(place, fault)
            with pytest.raises(OSError, match="No space left"):
                other.save(path, overwrite=True)
        assert (TrainedModel.load(path).predict(X) == model.predict(X)).all()
        assert os.listdir(tmp_path) == ["model"]


def test_images_in_files_are_read_as_a_model_was_trained_on_them(photos: Path) -> None:
    for dtype in ("float32", "uint8"):
        images = data.read_images(photos, dtype=dtype)
        model = fit(images, **FAST)
        found = read_new(model, str(photos))
        assert (model.predictions_of(found.x).shares == model.predict_proba(images)).all()


def test_statistics_of_rows_that_are_not_there_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    x = data.as_features(np.load(tmp_path / "x.npy", mmap_mode="r"))
    with pytest.raises(IndexError, match="from 0 to 59"):
        data.Standardiser.fit(x, np.array([0, 60]))
    last = data.Standardiser.fit(x, np.array([0, -1, 3]))
    assert (last.mean == data.Standardiser.fit(X, np.array([0, 59, 3])).mean).all()
