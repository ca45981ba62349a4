"""A run learns, is reproducible to the bit, never looks at its test rows, and tells what it did."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, load_file

from gpugrad import data, grad
from gpugrad.backends import numpy_namespace
from gpugrad.backends.numpy import NumpyNamespace
from gpugrad.errors import CheckpointError, DataError, Divergence, InvalidArgument
from gpugrad.sweep import planned, sweep_plan
from gpugrad.train import Config, Observer, TrainedModel, resume, start
from gpugrad.train.config import CHOICES, Settled
from gpugrad.train.fields import Fields
from gpugrad.train.folder import RunFolder
from gpugrad.train.metrics import Record, confusion
from gpugrad.train.objective import Objective
from gpugrad.train.pace import Pace
from gpugrad.train.step import choose_engine

ENDS = ("png", "svg")
TINY = Config("moons", hidden=(8,), epochs=3, batch_size=64, backend="numpy")
FILES = {
    "config.json",
    "metrics.jsonl",
    "timing.jsonl",
    "model.safetensors",
    "checkpoint.safetensors",
    "previous.safetensors",
    "rows.safetensors",
    "summary.json",
    "curves.png",
    "curves.svg",
}


@pytest.fixture(autouse=True)
def few_pictures(request, monkeypatch):
    """Drawing takes most of a short run: only tests that ask for `pictures` get them."""
    if "pictures" not in request.fixturenames:
        monkeypatch.setattr("gpugrad.train.report.write_report", lambda *args: None)


@pytest.fixture
def pictures():
    """Asks for the pictures to be drawn."""


def files(folder: Path) -> dict[str, bytes]:
    """The contents of a run folder, less the times, which differ between equal runs."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name != "timing.jsonl"}


def test_a_run_on_the_digits_is_accurate_and_complete(tmp_path, pictures):
    """One seed here; the bar of 0.955 is for each seed, and the mean over five is 0.97 or more."""
    outcome = start(Config("digits", backend="numpy"), tmp_path / "run", Observer())
    assert outcome.finished
    assert outcome.scores["test"]["accuracy"] >= 0.955
    assert outcome.scores["test"].rows == 359
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert names == FILES | {"confusion.png", "confusion.svg", "calibration.png", "calibration.svg"}
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    table = np.array(summary["test_confusion"])
    assert table.sum() == 359
    assert table.trace() / 359 == pytest.approx(summary["scores"]["test"]["accuracy"])


@pytest.mark.parametrize("optimizer", CHOICES["optimizer"])
def test_every_optimizer_learns(tmp_path, optimizer):
    config = replace(TINY, optimizer=optimizer, lr=None, weight_decay=None, epochs=120)
    outcome = start(config, tmp_path / "run", Observer())
    assert outcome.scores["validation"]["accuracy"] >= 0.8


@pytest.mark.parametrize("activation", CHOICES["activation"])
@pytest.mark.parametrize("dtype", CHOICES["dtype"])
def test_every_activation_learns_in_every_dtype(tmp_path, activation, dtype):
    config = replace(TINY, activation=activation, dtype=dtype, epochs=15, schedule="constant")
    start(config, tmp_path / "run", Observer())
    classifier = TrainedModel.load(tmp_path / "run", "numpy")
    assert {str(layer.weight.dtype) for layer in classifier.network.layers} == {dtype}
    dataset = data.load("moons")
    shares = classifier.predict_proba(dataset.x)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert (shares.argmax(axis=1) == dataset.y).mean() >= 0.8


def test_no_hidden_layer_is_logistic_regression(tmp_path):
    start(replace(TINY, hidden=()), tmp_path / "run", Observer())
    assert len(TrainedModel.load(tmp_path / "run", "numpy").network.layers) == 1


def test_equal_settings_give_equal_bits_in_every_file(tmp_path, pictures):
    for name in ("one", "same"):
        start(TINY, tmp_path / name, Observer())
    one, same = files(tmp_path / "one"), files(tmp_path / "same")
    assert one == same
    pictures = {f"{name}.{end}" for name in ("regions", "calibration", "ranking") for end in ENDS}
    assert set(one) == FILES - {"timing.jsonl"} | pictures


def test_every_seed_is_another_run(tmp_path):
    for seed in (1, 2):
        start(replace(TINY, seed=seed), tmp_path / str(seed), Observer())
    one, other = files(tmp_path / "1"), files(tmp_path / "2")
    assert all(one[name] != other[name] for name in one)


def test_nothing_but_the_last_scores_depends_on_the_test_rows(tmp_path):
    dataset = data.moons(rows=300)
    x = dataset.x.copy()
    x[data.split(dataset.y, TINY.seed).test] += 5.0
    for name, features in (("one", dataset.x), ("moved", x)):
        np.savez(tmp_path / "data.npz", x=features, y=dataset.y)
        config = replace(TINY, dataset=str(tmp_path / "data.npz"), keep="best")
        start(config, tmp_path / name, Observer())
    one, moved = files(tmp_path / "one"), files(tmp_path / "moved")
    assert one["metrics.jsonl"] == moved["metrics.jsonl"]
    kept = [load(content["model.safetensors"]) for content in (one, moved)]
    assert kept[0].keys() == kept[1].keys()
    for name in kept[0]:
        np.testing.assert_array_equal(kept[0][name], kept[1][name])
    states = [load(content["checkpoint.safetensors"]) for content in (one, moved)]
    for name in states[0].keys() | states[1].keys():
        np.testing.assert_array_equal(states[0][name], states[1][name])
    assert one["summary.json"] != moved["summary.json"]


def test_features_are_standardised_by_the_training_rows(tmp_path):
    start(TINY, tmp_path / "run", Observer())
    dataset = data.load("moons")
    rows = data.split(dataset.y, TINY.seed).train
    found = TrainedModel.load(tmp_path / "run", "numpy").fitted.features
    np.testing.assert_array_equal(found.mean, dataset.x[rows].mean(axis=0))
    np.testing.assert_array_equal(found.scale, dataset.x[rows].std(axis=0))


def numbers(record: Record) -> list[float]:
    """All that a record holds but the name of its metric."""
    return [value for value in asdict(record).values() if not isinstance(value, str)]


def records(folder: Path) -> list[Record]:
    return RunFolder(folder).records()


def test_the_record_says_what_the_model_scores(tmp_path):
    start(replace(TINY, dtype="float64"), tmp_path / "run", Observer())
    dataset = data.load("moons")
    rows = data.split(dataset.y, TINY.seed).validation
    shares = TrainedModel.load(tmp_path / "run", "numpy").predict_proba(dataset.x[rows])
    right = shares[np.arange(len(rows)), dataset.y[rows]]
    last = records(tmp_path / "run")[-1]
    assert last.validation_loss == pytest.approx(-np.log(right).mean())
    assert last.validation_metric == (shares.argmax(axis=1) == dataset.y[rows]).mean()
    assert (last.epoch, last.step) == (3, 3 * 11)  # 700 training rows in batches of 64
    assert last.learning_rate == pytest.approx(0.0, abs=1e-4)


def test_an_epoch_of_one_batch_records_the_untrained_loss(tmp_path):
    """The one batch is measured before its update, by an independent formula."""
    start(replace(TINY, epochs=1, batch_size=10**6, lr=0.0), tmp_path / "run", Observer())
    dataset = data.load("moons")
    rows = data.split(dataset.y, TINY.seed).train
    shares = TrainedModel.load(tmp_path / "run", "numpy").predict_proba(dataset.x[rows])
    right = shares[np.arange(len(rows)), dataset.y[rows]]
    (record,) = records(tmp_path / "run")
    assert record.train_loss == pytest.approx(-np.log(right).mean(), rel=1e-5)
    assert record.train_metric == (shares.argmax(axis=1) == dataset.y[rows]).mean()


@pytest.mark.parametrize("batch_size", [64, 70])  # the last batch is smaller, or like the others
def test_keep_chooses_the_epoch(tmp_path, batch_size):
    """Without a schedule, at a large rate, the loss jumps: the best epoch is not the last."""
    config = replace(TINY, epochs=12, lr=0.3, schedule="constant", batch_size=batch_size)
    kept = {}
    for keep in ("last", "best"):
        kept[keep] = start(replace(config, keep=keep), tmp_path / keep, Observer()).kept_epoch
    losses = [record.validation_loss for record in records(tmp_path / "best")]
    assert kept == {"last": 12, "best": 1 + int(np.argmin(losses))}
    assert kept["best"] != 12
    best, last = (files(tmp_path / keep) for keep in ("best", "last"))
    assert best["metrics.jsonl"] == last["metrics.jsonl"]
    assert best["model.safetensors"] != last["model.safetensors"]
    scores = json.loads(best["summary.json"])["scores"]
    assert scores["validation"]["loss"] == min(losses)  # none of it was written over since


def test_every_step_runs_a_plan_the_first_one_too(tmp_path, monkeypatch):
    """Before it, the step is recorded twice for each size of batch, and after it never again."""
    class Noting(Observer):
        def advance(self, rows):
            recorded.append("step")

    recorded = []
    honest = Objective.sums
    monkeypatch.setattr(
        Objective, "sums", lambda *a: recorded.append(a[3].shape[0]) or honest(*a)
    )
    start(replace(TINY, engine="numpy"), tmp_path / "run", Noting())
    recorded = [each for each in recorded if each not in (100, 200, 700)]  # which are scored
    assert sorted(recorded[:4]) == [60, 60, 64, 64]  # 700 = 10 * 64 + 60
    assert recorded[4:] == ["step"] * 33


def test_no_step_of_the_engine_eager_is_planned(tmp_path, monkeypatch):
    """Else the first steps after a resumption would be done in another way than without it."""
    def fail(*args):
        raise AssertionError("a sweep is planned")

    monkeypatch.setattr(planned, "MEETINGS", 1)
    monkeypatch.setattr(sweep_plan, "plan_sweep", fail)
    start(replace(TINY, engine="eager"), tmp_path / "run", Observer())
    with pytest.raises(AssertionError, match="is planned"):
        grad(lambda x: x * x)(1.0)


@pytest.mark.parametrize("optimizer", CHOICES["optimizer"])
def test_engines_agree(tmp_path, optimizer):
    """To rounding, over all records of a run."""
    config = replace(TINY, dtype="float64", optimizer=optimizer, lr=None, weight_decay=None)
    for engine in ("eager", "numpy"):
        start(replace(config, engine=engine), tmp_path / engine, Observer())
    eager, compiled = (records(tmp_path / engine) for engine in ("eager", "numpy"))
    assert eager[-1].train_loss != eager[0].train_loss
    for one, other in zip(eager, compiled, strict=True):
        assert numbers(one) == pytest.approx(numbers(other), rel=1e-9)


def test_what_runs_the_steps_is_on_record(tmp_path):
    start(TINY, tmp_path / "run", Observer())
    settings = json.loads((tmp_path / "run" / "config.json").read_text())["settings"]
    assert (settings["engine"], settings["threads"]) == ("numpy", 1)


class Elsewhere:
    name = "cupy"


def test_the_engine_fits_the_backend():
    assert choose_engine("auto", Elsewhere()) == choose_engine("cupy", Elsewhere()) == "cupy"
    assert choose_engine("auto", numpy_namespace) == "numpy"
    assert choose_engine("eager", Elsewhere()) == "eager"
    with pytest.raises(InvalidArgument, match=r"'numpy', .* arrays of the backend cupy"):
        choose_engine("numpy", Elsewhere())
    with pytest.raises(InvalidArgument, match=r"'cupy', .* arrays of the backend numpy"):
        choose_engine("cupy", numpy_namespace)


def test_divergence_names_the_epoch_and_keeps_the_last_good_checkpoint(tmp_path):
    config = replace(TINY, epochs=20, optimizer="momentum", lr=1e9, weight_decay=None)
    with pytest.raises(Divergence, match=r"epoch \d+: .* last good checkpoint is kept in .*run"):
        start(config, tmp_path / "run", Observer(), checkpoint_seconds=0.0)
    kept = load_file(tmp_path / "run" / "checkpoint.safetensors")
    assert all(np.isfinite(array).all() for array in kept.values())


def test_the_observer_is_told_everything_and_changes_nothing(tmp_path):
    class Counter(Observer):
        rows = epochs = 0

        def begin(self, config, folder, rows_done, rows_total):
            self.total = (rows_done, rows_total)

        def advance(self, rows):
            self.rows += rows

        def end_epoch(self, record):
            self.epochs += 1

    counter = Counter()
    start(TINY, tmp_path / "run", counter)
    assert counter.total == (0, 2100)
    assert (counter.rows, counter.epochs) == (2100, 3)


def test_the_device_is_read_once_an_epoch(tmp_path, monkeypatch):
    """For the sums of training, and once for those of validation, however many steps there are."""
    reads = []
    honest = NumpyNamespace.to_numpy
    monkeypatch.setattr(NumpyNamespace, "to_numpy", lambda *args: reads.append(1) or honest(*args))
    counts = []
    for epochs in (3, 4):
        config = replace(TINY, engine="eager", epochs=epochs)
        start(config, tmp_path / str(epochs), Observer(), checkpoint_seconds=1e9)
        counts.append(len(reads))
        reads.clear()
    assert counts[1] - counts[0] == 3               # with one for a sum over ranks, on the host


def test_many_classes_and_features_are_reported_too(tmp_path, pictures):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "many.npz", x=rng.normal(size=(300, 5)), y=np.arange(300) % 30)
    config = replace(TINY, dataset=str(tmp_path / "many.npz"), epochs=1)
    start(config, tmp_path / "run", Observer())
    assert (tmp_path / "run" / "confusion.png").stat().st_size > 10_000


def test_confusion_counts_true_against_predicted():
    y, found = np.array([0, 0, 1, 2, 2]), np.array([0, 1, 1, 0, 2])
    assert confusion(y, found, 3).tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 1]]


def test_an_existing_folder_is_never_written_to(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "notes.txt").write_text("precious")
    with pytest.raises(CheckpointError, match=r"notes\.txt is in it; choose another --out"):
        start(TINY, folder, Observer())
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]
    with pytest.raises(CheckpointError, match="it is a file"):
        start(TINY, folder / "notes.txt", Observer())
    start(TINY, tmp_path / "run", Observer())
    with pytest.raises(CheckpointError, match="Continue it with --resume"):
        start(TINY, tmp_path / "run", Observer())


class Named:
    """A path of some other library."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)


@pytest.mark.parametrize("form", [str, Path, Named])
def test_a_path_may_have_any_form(tmp_path, form):
    moons = data.moons(rows=60)
    np.savez(tmp_path / "own.npz", x=moons.x, y=moons.y)
    source, folder = form(tmp_path / "own.npz"), form(tmp_path / "run")
    assert data.load(source).fingerprint() == moons.fingerprint()
    np.testing.assert_array_equal(data.read_files(source).y, moons.y)
    config = Config(source, hidden=(4,), epochs=1, backend="numpy")
    assert config.dataset == str(tmp_path / "own.npz")
    assert start(config, folder, Observer()).finished
    assert resume(folder, {"dataset": source}, Observer()).finished
    assert TrainedModel.load(folder, "numpy").predict_proba(moons.x).shape == (60, 2)


@pytest.mark.parametrize("name", [5, b"run", "", "a\0b", ["run"]])
def test_what_is_no_path_is_refused(name):
    for use in (
        lambda: start(TINY, name, Observer()),
        lambda: resume(name, {}, Observer()),
        lambda: TrainedModel.load(name, "numpy"),
    ):
        with pytest.raises(InvalidArgument, match=r"the folder of a run is .*; expected its"):
            use()


def test_a_killed_start_leaves_a_folder_that_can_be_used(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / f".gpugrad-{'0' * 32}.tmp").write_text('{"form')
    assert start(TINY, folder, Observer()).finished


BAD_SETTINGS = {
    "activation": ("rely", r"activation is 'rely'.*Did you mean 'relu'"),
    "optimizer": ("adamx", "Did you mean 'adam"),
    "schedule": ("", "schedule is ''; expected one of cosine, constant"),
    "backend": ("cuda", "one of auto, numpy, cupy"),
    "engine": ("numpi", "Did you mean 'numpy'"),
    "threads": (0, "threads is 0"),
    "dtype": ("float16", "one of float32, float64"),
    "hidden": ((8, 0), "hidden is 0"),
    "lr": (float("inf"), "lr is inf"),
    "weight_decay": (-1.0, "weight_decay is -1.0"),
    "epochs": (0, "epochs is 0"),
    "batch_size": (2.5, "batch_size is 2.5; expected a whole number"),
    "seed": (2**63, "seed is 9223372036854775808"),
}


@pytest.mark.parametrize("name", BAD_SETTINGS)
def test_a_bad_setting_is_one_clear_line(name):
    value, message = BAD_SETTINGS[name]
    with pytest.raises(InvalidArgument, match=message):
        Config("moons", **{name: value})


def test_weight_decay_needs_adamw():
    with pytest.raises(InvalidArgument, match="use the optimizer adamw"):
        Config("moons", optimizer="sgd", weight_decay=0.1)


def test_settings_may_be_numbers_of_numpy():
    given = {"lr": np.float64(0.5), "epochs": np.int64(3), "batch_size": np.uint8(4)}
    config = Config("moons", hidden=np.array([3, 4]), seed=np.array(7), **given)
    plain = Config("moons", hidden=(3, 4), lr=0.5, epochs=3, batch_size=4, seed=7)
    assert json.dumps(config.to_json()) == json.dumps(plain.to_json())


def test_settings_survive_json():
    config = Settled(
        "moons", hidden=(3, 4), lr=0.1 + 0.2, weight_decay=0.1, seed=2**40, threads=1, epochs=3,
        batch_size=5, backend="numpy", engine="eager", task="binary", loss="cross_entropy",
        split="random", class_weight=(1.0, 2.5), label_smoothing=0.1, precision="float16",
        keep="best", schedule="piecewise", lr_factor=0.5, lr_milestones=(1, 2),
    )  # fmt: skip
    found = Fields(Path("config.json"), json.loads(json.dumps(config.to_json())))
    assert Settled.read(found) == config


def test_a_classifier_checks_what_it_is_given(tmp_path):
    start(TINY, tmp_path / "run", Observer())
    classifier = TrainedModel.load(tmp_path / "run", "numpy")
    with pytest.raises(DataError, match=r"shape \(4, 3\); expected \(rows, 2\)"):
        classifier.predict(np.zeros((4, 3)))
    with pytest.raises(DataError, match="float32 cannot hold"):
        classifier.predict(np.full((1, 2), 1e300))


def test_checkpoints_cost_at_most_a_twentieth_of_the_time(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("gpugrad.train.pace.monotonic", lambda: now[0])
    pace = Pace(every=2.0)
    now[0] += 1.9
    assert not pace.due()
    now[0] += 0.1
    assert pace.due()
    now[0] += 0.5  # writing took half a second, so the next is due after ten
    pace.wrote(began=102.0)
    now[0] += 9.9
    assert not pace.due()
    now[0] += 0.1
    assert pace.due()
