"""What a run may be asked for beyond optimiser and rate: by hand, stopped and resumed, refused."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file
from stopped_runs import Crash, CrashAfter

import gpugrad as gg
from gpugrad.backends import numpy_namespace
from gpugrad.data import Dataset
from gpugrad.errors import CheckpointError, Divergence, InvalidArgument
from gpugrad.parallel import World
from gpugrad.train import Config, Observer, TrainedModel, fit, resume, start
from gpugrad.train.beginning import settle_rest
from gpugrad.train.config import Settled
from gpugrad.train.learning import Learning
from gpugrad.train.learning_rate import learning_rate
from gpugrad.train.loss_scaling import Scaling
from gpugrad.train.metrics import Record
from gpugrad.train.objective import Objective
from gpugrad.train.parts import Batch
from gpugrad.train.pieces import in_pieces
from gpugrad.train.run_data import make_run_data
from gpugrad.train.run_optimizer import averaged, make_optimizer
from gpugrad.train.settle import settle
from gpugrad.train.step import Carried, make_step
from gpugrad.train.tensors import read_tensors, write_tensors
from gpugrad.train.watching import falls, plateau_factor, stopped_early, waited

pytestmark = pytest.mark.usefixtures("no_pictures")

RNG = np.random.default_rng(0)
TINY = Config(
    "moons", hidden=(4,), epochs=3, batch_size=64, backend="numpy", engine="eager", optimizer="sgd"
)
STEPS = 11                                          # of an epoch
CHECKPOINT = "checkpoint.safetensors"
RESULTS = ("metrics.jsonl", "model.safetensors", CHECKPOINT, "summary.json")


class Listener(Observer):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def tell(self, text: str) -> None:
        self.told.append(text)


def results(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in RESULTS}


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


# Steps by hand: a linear model of float64, whose gradients are written down here


X, Y = RNG.normal(size=(20, 3)), RNG.normal(size=(20, 1))
FIRST = gg.nn.MLP([3, 1], rng=1, dtype="float64")
RATE = 0.1


def by_hand(rows: np.ndarray, w: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The gradient of the mean squared error of these rows."""
    error = X[rows] @ w + b - Y[rows]
    return 2 * X[rows].T @ error / len(rows), 2 * error.mean(axis=0)


def settled(**settings: Any) -> tuple[Settled, Objective]:
    config = Config(
        "made", hidden=(), optimizer="sgd", lr=RATE, schedule="constant", dtype="float64",
        backend="numpy", validation=0.0, test=0.0, epochs=4, **settings,
    )  # fmt: skip
    dataset = Dataset("made", X, Y)
    config = settle(config, dataset, lambda text: None)
    run_data = make_run_data(config, dataset, numpy_namespace)
    found = settle_rest(config, run_data, numpy_namespace)
    return found, Objective.make(found, run_data.target)


def stepped(
    batches: list[np.ndarray], engine: str = "eager", factor: Any = None, **settings: Any
) -> Carried:
    """What steps on these rows come to, by the code of a run."""
    config, objective = settled(**settings)
    optimizer = make_optimizer(config, steps_per_epoch=2)
    step = make_step(optimizer, engine, Learning.make(config, objective))
    params = gg.tree.map(np.copy, FIRST)
    carried = Carried(params, optimizer.init(params), objective.zeros(numpy_namespace))
    for rows in batches:
        carried = step(carried, factor, Batch(X, Y, None, rows))
    return carried


def layer(model: Any) -> tuple[np.ndarray, np.ndarray]:
    (only,) = model.layers
    return np.asarray(only.weight), np.asarray(only.bias)


def check(model: Any, w: np.ndarray, b: np.ndarray) -> None:
    for found, wanted in zip(layer(model), (w, b), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)


BATCHES = [np.arange(12), np.arange(12, 20), np.array([3, 1, 4])]
ENGINES = ("eager", "numpy", "native")


@pytest.mark.parametrize("engine", ENGINES)
def test_pieces_make_the_step_of_the_whole_batch(engine: str) -> None:
    """Of 12 rows in 5 pieces: of 3 rows each; of 8 of 2, and of 3 of one."""
    w, b = layer(FIRST)
    for rows in BATCHES:
        gw, gb = by_hand(rows, w, b)
        w, b = w - RATE * gw, b - RATE * gb
    for pieces in (1, 2, 5, 40):
        carried = stepped(BATCHES, engine, accumulate=pieces)
        check(carried.params, w, b)
    whole = stepped(BATCHES, engine)
    for one, other in zip(carried.sums, whole.sums, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


def test_each_row_is_in_one_piece() -> None:
    """Whatever the numbers of rows and pieces, and the state goes through them in order."""
    for count in range(1, 12):
        rows = np.arange(1, count + 1)
        for pieces in range(1, 14):
            size = -(-count // pieces)              # so large is the largest
            starts = range(1, count + 1, size)
            found, last = in_pieces(
                lambda state, rows: (gg.sum(rows), state * 7 + rows[0]),
                np.int64(0), rows, pieces, np.int64(0),
            )  # fmt: skip
            assert len(starts) <= pieces
            assert found == rows.sum()
            assert last == sum(first * 7**k for k, first in enumerate(reversed(starts)))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_gradient_is_clipped_as_a_whole(engine: str) -> None:
    w, b = layer(FIRST)
    norms = []
    for rows in BATCHES:
        gw, gb = by_hand(rows, w, b)
        norms.append(math.sqrt((gw**2).sum() + (gb**2).sum()))
        share = min(1.0, 1.5 / norms[-1])
        w, b = w - RATE * share * gw, b - RATE * share * gb
    assert min(norms) < 1.5 < max(norms)            # some are, and some are not
    check(stepped(BATCHES, engine, clip_norm=1.5).params, w, b)
    check(stepped(BATCHES, engine, clip_norm=1.5, accumulate=4).params, w, b)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_average_is_weighed_by_its_decay_and_not_by_the_first_weights(engine: str) -> None:
    decay = 0.8
    w, b = layer(FIRST)
    means, total = [np.zeros_like(w), np.zeros_like(b)], 0.0
    for rows in BATCHES:
        gw, gb = by_hand(rows, w, b)
        w, b = w - RATE * gw, b - RATE * gb
        means = [decay * m + (1 - decay) * x for m, x in zip(means, (w, b), strict=True)]
        total = decay * total + 1 - decay
    carried = stepped(BATCHES, engine, ema=decay)
    check(carried.params, w, b)
    check(averaged(carried.params, carried.optimizer), *(m / total for m in means))


@pytest.mark.parametrize("engine", ENGINES)
def test_the_factor_of_a_plateau_scales_the_rate(engine: str) -> None:
    w, b = layer(FIRST)
    for rows in BATCHES:
        gw, gb = by_hand(rows, w, b)
        w, b = w - 0.25 * RATE * gw, b - 0.25 * RATE * gb
    config, objective = settled()
    config = replace(config, schedule="plateau", lr_factor=0.5)
    optimizer = make_optimizer(config, 2)
    step = make_step(optimizer, engine, Learning(objective))
    params = gg.tree.map(np.copy, FIRST)
    carried = Carried(params, optimizer.init(params), objective.zeros(numpy_namespace))
    for rows in BATCHES:
        carried = step(carried, np.array(0.25), Batch(X, Y, None, rows))
    check(carried.params, w, b)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_step_whose_gradients_overflow_changes_nothing_but_the_scale(engine: str) -> None:
    config, objective = settled(ema=0.5)
    optimizer = make_optimizer(config, 2)
    step = make_step(optimizer, engine, Learning(objective, precision="float16"))
    params = gg.tree.map(np.copy, FIRST)
    scaling = Scaling(gg.optim.DynamicLossScale(2.0**40), np.zeros((), np.int64))
    carried = Carried(params, optimizer.init(params), objective.zeros(numpy_namespace), scaling)
    with np.errstate(all="ignore"):
        carried = step(carried, None, Batch(X, Y, None, BATCHES[0]))
        check(carried.params, *layer(FIRST))
        check(averaged(carried.params, carried.optimizer), *layer(FIRST))
        assert carried.scaling is not None
        assert float(carried.scaling.scale.value) == 2.0**39
        assert int(carried.scaling.skipped) == 1
        assert float(carried.sums[0]) > 0           # the rows were seen, for all that
        for _ in range(40):
            carried = step(carried, None, Batch(X, Y, None, BATCHES[0]))
    assert carried.scaling is not None
    skipped = int(carried.scaling.skipped)
    assert 1 < skipped < 41
    w, b = layer(FIRST)
    for _ in range(41 - skipped):
        gw, gb = by_hand(BATCHES[0], w, b)
        w, b = w - RATE * gw, b - RATE * gb
    for found, wanted in zip(layer(carried.params), (w, b), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=0.02, atol=0.005)   # 11 bits of float16
        assert found.dtype == np.float64


def test_a_compiled_step_is_one_plan_with_all_of_it() -> None:
    config, objective = settled(clip_norm=1.0, ema=0.9, accumulate=3)
    config = replace(config, schedule="plateau", lr_factor=0.5)
    optimizer = make_optimizer(config, 2)
    learning = replace(Learning.make(config, objective), precision="float16")
    scaling = Scaling(gg.optim.DynamicLossScale(), np.zeros((), np.int64))
    for engine in ("numpy", "native"):
        step: Any = make_step(optimizer, engine, learning)
        params = gg.tree.map(np.copy, FIRST)
        zeros = objective.zeros(numpy_namespace)
        carried = Carried(params, optimizer.init(params), zeros, scaling)
        batch = Batch(X, Y, None, BATCHES[0])
        step.compile(carried, np.array(1.0), batch)
        text = str(step.explain(carried, np.array(1.0), batch))
        assert "fallback" not in text
        assert f"engine     {engine}" in text


# Rates


def rates(**settings: Any) -> list[float]:
    found = Settled(
        "moons", hidden=(4,), lr=1.0, weight_decay=0.0, batch_size=8, threads=1, backend="numpy",
        engine="eager", task="binary", loss="cross_entropy", split="random", precision="float32",
        keep="last", **{"epochs": 4, **settings},
    )  # fmt: skip
    schedule = learning_rate(found, steps_per_epoch=5)
    return [float(schedule(step)) for step in range(5 * found.epochs)]


def test_schedules_are_those_of_their_formulas() -> None:
    steps = np.arange(20)
    np.testing.assert_allclose(rates(schedule="constant"), np.ones(20))
    np.testing.assert_allclose(rates(schedule="plateau", lr_factor=0.1), np.ones(20))
    np.testing.assert_allclose(rates(schedule="linear"), 1 - steps / 20)
    np.testing.assert_allclose(rates(schedule="cosine"), 0.5 + 0.5 * np.cos(np.pi * steps / 20))
    found = rates(schedule="exponential", lr_factor=0.5)
    np.testing.assert_allclose(found, 0.5 ** (steps / 5))
    found = rates(schedule="piecewise", lr_factor=0.5, lr_milestones=(1, 3))
    np.testing.assert_allclose(found, np.where(steps < 5, 1, np.where(steps < 15, 0.5, 0.25)))
    one = rates(schedule="one_cycle")
    assert np.argmax(one) == 6                      # three tenths
    assert one[0] == pytest.approx(0.04)
    assert np.argmax(rates(schedule="one_cycle", warmup=2)) == 10


def test_a_warm_up_comes_first_and_ends_where_it_says() -> None:
    for name in ("constant", "linear", "cosine", "plateau"):
        factor = {"lr_factor": 0.1} if name == "plateau" else {}
        found = rates(schedule=name, warmup=1.4, **factor)      # seven steps of twenty
        np.testing.assert_allclose(found[:8], np.arange(1, 9) / 8)
        assert found[7] == 1.0
    assert rates(schedule="linear", warmup=1.4)[-1] == pytest.approx(1 / 13)
    found = rates(schedule="piecewise", lr_factor=0.5, lr_milestones=(2,), warmup=1)
    assert found[4:] == [5 / 6, *[1.0] * 5, *[0.5] * 10]        # milestones stay where they are


def open_settings(**settings: Any) -> Settled:
    config = replace(TINY, lr=None, **settings)
    dataset = Dataset("made", X, (Y[:, 0] > 0).astype(int))
    config = settle(config, dataset, lambda text: None)
    run_data = make_run_data(replace(config, test=0.1), dataset, numpy_namespace)
    return settle_rest(config, run_data, numpy_namespace)


def test_what_is_left_open_suits_the_rest() -> None:
    found = open_settings(schedule="exponential", epochs=20)
    assert found.lr_factor is not None
    assert found.lr_factor**20 == pytest.approx(0.01)
    assert open_settings(schedule="plateau").lr_factor == 0.1
    assert open_settings(schedule="piecewise", epochs=21).lr_milestones == (10, 15)
    assert open_settings(schedule="piecewise", epochs=1).lr_milestones == ()
    assert open_settings(schedule="cosine").lr_factor is None
    assert open_settings(early_stopping=3).keep == "best"
    assert open_settings(early_stopping=3, keep="last").keep == "last"
    assert open_settings().keep == "last"
    assert open_settings(dtype="float64").precision == "float64"


# What follows from losses


def test_epochs_without_a_better_loss_are_counted() -> None:
    assert [waited(each, 0.0) for each in ([], [3.0], [3.0, 2.0], [2.0, 2.0], [2, 3, 1, 1, 1.5])]\
        == [0, 0, 0, 1, 2]
    assert waited([3.0, 2.95, 2.85], 0.1) == 0      # by more than 0.1 of the best, which is 3
    assert waited([3.0, 2.95, 2.9], 0.1) == 2
    assert [falls([5.0] * n, 3, 0.0) for n in range(1, 9)] == [0, 0, 0, 1, 1, 1, 2, 2]
    assert falls([5, 6, 4, 4, 4, 4, 3, 3, 3, 3], 3, 0.0) == 2
    assert falls([5, 6, 4, 4, 4, 4, 3, 3, 3, 3], 4, 0.0) == 0


def records(losses: list[float]) -> list[Record]:
    return [
        Record(k, k * 5, 0.1, "accuracy", 1.0, 0.5, loss, 0.5) for k, loss in enumerate(losses, 1)
    ]


def test_a_run_without_these_settings_ignores_losses() -> None:
    plain, some = open_settings(), records([1.0] * 50)
    assert not stopped_early(plain, some)
    assert plateau_factor(plain, some) == 1.0
    assert stopped_early(replace(plain, early_stopping=49), some)
    assert not stopped_early(replace(plain, early_stopping=50), some)
    found = replace(plain, schedule="plateau", lr_factor=0.5, lr_patience=20)
    assert plateau_factor(found, some) == 0.25


def test_a_run_stops_early_and_keeps_its_best_epoch(tmp_path: Path) -> None:
    """At a large rate the loss jumps, so that a better one does not come for a while."""
    listener = Listener()
    config = replace(TINY, lr=3.0, schedule="constant", epochs=200, early_stopping=4)
    outcome = start(config, tmp_path / "run", listener)
    losses = [line["validation_loss"] for line in lines(tmp_path / "run")]
    best = 1 + int(np.argmin(losses))
    assert outcome.finished
    assert outcome.epochs == len(losses) == best + 4 < 200
    assert outcome.kept_epoch == best
    assert all(waited(losses[:k], 0.0) < 4 for k in range(len(losses)))
    assert listener.told == [
        f"Stopped early after epoch {len(losses)}: no better validation loss in 4 epochs"
    ]
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert summary["stopped_early"] is True
    assert summary["epochs"] == len(losses)
    assert summary["scores"]["validation"]["loss"] == min(losses)
    before = results(tmp_path / "run")
    assert resume(tmp_path / "run", {}, Observer()).epochs == len(losses)   # there is no more to do
    assert results(tmp_path / "run") == before


def test_a_plateau_lowers_the_rate_from_the_next_epoch_on(tmp_path: Path) -> None:
    config = replace(
        TINY, lr=3.0, schedule="plateau", lr_patience=2, lr_factor=0.5, epochs=12, min_delta=0.001
    )
    start(config, tmp_path / "run", Observer())
    found = lines(tmp_path / "run")
    losses = [line["validation_loss"] for line in found]
    wanted = [3.0 * 0.5 ** falls(losses[:k], 2, 0.001) for k in range(12)]
    assert [line["learning_rate"] for line in found] == wanted
    assert len(set(wanted)) > 2


# Stopped at any moment


SETTINGS: dict[str, dict[str, Any]] = {
    "clipping": {"clip_norm": 0.5},
    "pieces": {"accumulate": 3, "batch_size": 22},
    "an average": {"ema": 0.95, "keep": "best"},
    "float16": {"precision": "float16", "optimizer": "adam"},
    "bfloat16": {"precision": "bfloat16"},
    "a plateau": {"schedule": "plateau", "lr_patience": 1, "lr": 3.0, "epochs": 5},
    "early stopping": {"early_stopping": 2, "lr": 3.0, "epochs": 9, "schedule": "constant"},
    "one cycle": {"schedule": "one_cycle", "warmup": 0.7},
    "all at once": {
        "clip_norm": 1.0, "accumulate": 2, "batch_size": 32, "ema": 0.9, "precision": "float16",
        "schedule": "plateau", "lr_patience": 1, "early_stopping": 3, "epochs": 6, "lr": 1.0,
        "optimizer": "adamw", "warmup": 0.5,
    },
}  # fmt: skip


def config_of(name: str, **more: Any) -> Config:
    if "bfloat16" in SETTINGS[name].values():
        pytest.importorskip("ml_dtypes", reason="ml_dtypes is not installed")
    settings = {"lr": None, "weight_decay": None, **SETTINGS[name], **more}
    return replace(TINY, **settings)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_run_is_resumed_to_the_same_bits(name: str, tmp_path: Path) -> None:
    config = config_of(name)
    start(config, tmp_path / "whole", Observer())
    wanted = results(tmp_path / "whole")
    for place, steps in enumerate((1, STEPS - 1, STEPS, STEPS + 3, 2 * STEPS + 1)):
        folder = tmp_path / str(place)
        with pytest.raises(Crash):
            start(config, folder, CrashAfter(steps), checkpoint_seconds=0.0)
        with pytest.raises(Crash):
            resume(folder, {}, CrashAfter(4), checkpoint_seconds=0.0)
        assert resume(folder, {}, Observer()).finished
        found = results(folder)
        assert found["summary.json"] == wanted["summary.json"]
        assert found["metrics.jsonl"] == wanted["metrics.jsonl"]
        assert found == wanted


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_compiled_runs_are_resumed_to_the_same_bits(engine: str, tmp_path: Path) -> None:
    config = config_of("all at once", engine=engine)
    start(config, tmp_path / "whole", Observer())
    with pytest.raises(Crash):
        start(config, tmp_path / "run", CrashAfter(STEPS + 3), checkpoint_seconds=0.0)
    assert resume(tmp_path / "run", {}, Observer()).finished
    assert results(tmp_path / "run") == results(tmp_path / "whole")


@pytest.mark.parametrize("name", SETTINGS)
def test_no_step_needs_another_plan_than_the_first(
    name: str, tmp_path: Path, runs: list[int]
) -> None:
    """It would be done otherwise the first time, so that a run that is resumed has other bits."""
    class Noting(Observer):
        def compiled(self, seconds: float) -> None:
            runs.append(0)

    start(config_of(name, engine="numpy"), tmp_path / "run", Noting())
    assert runs[-1] == 0
    assert runs.count(0) == 1


def test_the_model_of_a_run_is_its_average(tmp_path: Path) -> None:
    start(config_of("an average", keep="last"), tmp_path / "run", Observer())
    kept = load_file(tmp_path / "run" / "model.safetensors")
    state = load_file(tmp_path / "run" / CHECKPOINT)
    for name, array in kept.items():
        if name.startswith("model."):
            rest = name.removeprefix("model.")
            np.testing.assert_array_equal(array, state[f"optimizer.average.{rest}"])
            assert (array != state[f"params.{rest}"]).any()
    model = TrainedModel.load(tmp_path / "run", "numpy")
    assert model.network.layers[0].weight.dtype == np.float32
    last = lines(tmp_path / "run")[-1]              # and what is measured is the average's
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert last["validation_loss"] == summary["scores"]["validation"]["loss"]


def test_skipped_steps_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def high(config: Any, backend: Any) -> Scaling:
        return Scaling(gg.optim.DynamicLossScale(2.0**24), np.zeros((), np.int64))

    monkeypatch.setattr("gpugrad.train.beginning.first_scaling", high)
    listener, config = Listener(), config_of("float16")
    start(config, tmp_path / "run", listener)
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    skipped = summary["skipped_steps"]
    assert 0 < skipped < STEPS
    assert listener.told == [
        f"{skipped} of 33 steps were skipped, as gradients overflowed float16 until the loss scale "
        "was less"
    ]
    # A step that is skipped leaves the schedule where it is.
    done = lines(tmp_path / "run")[0]["learning_rate"]
    schedule = gg.optim.cosine(0.003, 3 * STEPS)
    assert done == schedule(STEPS - skipped - 1) != schedule(STEPS - 1)


def test_gradients_that_overflow_for_ever_end_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gpugrad.train.step.all_finite", lambda grads: np.array(False))
    with pytest.raises(Divergence, match=r"overflow with any loss scale, computed in float16"):
        fit(X, Y[:, 0] > 0, precision="float16", batch_size=2, epochs=5, engine="eager",
            backend="numpy")  # fmt: skip


def test_what_is_measured_is_what_the_weights_do_in_their_own_dtype(tmp_path: Path) -> None:
    config = config_of("float16")
    start(config, tmp_path / "run", Observer())
    model = TrainedModel.load(tmp_path / "run", "numpy")
    assert {str(leaf.dtype) for leaf in gg.tree.leaves(model.network)} == {"float32"}
    assert model.config.precision == "float16"


# With layers that have a state and draw numbers


class WithState:
    """Batch normalisation, whose averages follow the batches, and dropout."""

    def __init__(self, dtype: str) -> None:
        nn = gg.nn
        self.model = nn.Sequential(
            [nn.Linear(3, 8, rng=0, dtype=dtype), nn.BatchNorm1d(8, dtype=dtype), gg.relu,
             nn.Dropout(0.2), nn.Linear(8, 1, rng=1, dtype=dtype)]
        )  # fmt: skip


@pytest.mark.parametrize("engine", ["eager", "numpy"])
@pytest.mark.parametrize("more", [{"accumulate": 2}, {"ema": 0.9}, {"precision": "float16"}])
def test_models_with_state_and_keys_are_trained_so_too(engine: str, more: dict[str, Any]) -> None:
    x, y = RNG.normal(size=(120, 3)), RNG.integers(0, 3, 120) > 0
    found = fit(
        x, y, model=WithState("float32").model, engine=engine, backend="numpy", epochs=3,
        batch_size=20, **more,
    )  # fmt: skip
    assert np.isfinite(found.records[-1].train_loss)
    assert all(np.isfinite(x).all() for x in gg.tree.leaves(found.state))
    assert found.predict(x[:5]).shape == (5,)


# In shares


@pytest.mark.parametrize(
    "settings", [{"clip_norm": 1.5}, {"accumulate": 3}, {"ema": 0.8}, {"accumulate": 2, "ema": 0.5}]
)
def test_the_deterministic_mode_has_all_of_it(settings: dict[str, Any]) -> None:
    config, objective = settled(**settings)
    optimizer = make_optimizer(config, 2)
    with gg.use_deterministic():
        step = make_step(optimizer, "numpy", Learning.make(config, objective), World())
        params = gg.tree.map(np.copy, FIRST)
        zeros = objective.zeros(numpy_namespace)
        carried = Carried(params, optimizer.init(params), zeros)
        for rows in BATCHES:
            carried = step(carried, None, Batch(X, Y, None, rows))
    wanted = stepped(BATCHES, **settings)
    check(carried.params, *layer(wanted.params))
    check(averaged(carried.params, carried.optimizer),
          *layer(averaged(wanted.params, wanted.optimizer)))  # fmt: skip


# Refused


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown schedule": ({"schedule": "onecycle"}, "Did you mean 'one_cycle'"),
    "a negative warm-up": ({"warmup": -1}, "warmup is -1; expected a finite number"),
    "a warm-up without end": ({"warmup": float("nan")}, "warmup is nan"),
    "nothing but a warm-up": ({"warmup": 3, "epochs": 3}, "warmup is 3 epochs, but there are 3"),
    "a factor of 0": ({"schedule": "plateau", "lr_factor": 0}, "lr_factor is 0; expected"),
    "a factor above 1": ({"schedule": "plateau", "lr_factor": 1.5}, "lr_factor is 1.5"),
    "a factor for nothing": ({"lr_factor": 0.5}, "the schedule is cosine; leave it out, or use"),
    "milestones for nothing": ({"lr_milestones": (3,)}, "use the schedule piecewise"),
    "no milestones": ({"schedule": "piecewise", "lr_milestones": 3}, "expected a tuple of epochs"),
    "milestones back": ({"schedule": "piecewise", "lr_milestones": (3, 2)}, "ascending"),
    "a milestone twice": ({"schedule": "piecewise", "lr_milestones": (2, 2)}, "ascending"),
    "a milestone 0": ({"schedule": "piecewise", "lr_milestones": (0, 2)}, "lr_milestones is 0"),
    "a milestone in the warm-up": (
        {"schedule": "piecewise", "lr_milestones": (2, 4), "warmup": 2}, "milestones after it"
    ),
    "no patience": ({"lr_patience": 0}, "lr_patience is 0"),
    "a negative norm": ({"clip_norm": -1.0}, "clip_norm is -1.0"),
    "an infinite norm": ({"clip_norm": float("inf")}, "clip_norm is inf"),
    "no batches": ({"accumulate": 0}, "accumulate is 0"),
    "half a batch": ({"accumulate": 1.5}, "accumulate is 1.5"),
    "a decay of 1": ({"ema": 1.0}, "ema is 1.0; expected a number from 0 to below 1"),
    "an unknown precision": ({"precision": "flot16"}, "Did you mean 'float16'"),
    "a wide precision": ({"precision": "float64"}, "precision is float64, but weights are float32"),
    "negative epochs": ({"early_stopping": -1}, "early_stopping is -1"),
    "a truth": ({"early_stopping": True}, "early_stopping is True"),
    "a difference for nothing": ({"min_delta": 0.1}, "neither early_stopping nor the schedule"),
    "a negative difference": ({"min_delta": -0.1, "early_stopping": 3}, "min_delta is -0.1"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_setting_that_cannot_be_is_refused(name: str) -> None:
    settings, message = BAD[name]
    with pytest.raises(InvalidArgument, match=message):
        Config("moons", **settings)


@pytest.mark.parametrize("more", [{"early_stopping": 3}, {"schedule": "plateau"}, {"keep": "best"}])
def test_without_validation_rows_nothing_is_compared(more: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match="there are no validation rows, so that no epoch is"):
        fit(X, Y[:, 0], backend="numpy", epochs=2, **more)


def test_a_cycle_needs_steps_to_rise(tmp_path: Path) -> None:
    config = replace(TINY, schedule="one_cycle", epochs=1, batch_size=700)
    with pytest.raises(InvalidArgument, match="one step of rise and one of fall"):
        start(config, tmp_path / "run", Observer())
    assert not (tmp_path / "run").exists()


# Damaged


def changed(path: Path, change: Callable[[dict[str, np.ndarray]], None]) -> None:
    """Writes other arrays into a checkpoint, with a checksum that fits."""
    arrays, notes = read_tensors(path)
    change(arrays)
    notes.left.pop("sha256", None)
    write_tensors(path, arrays, {"format": 2, **notes.left})


DAMAGE: dict[str, tuple[str, Callable[[dict[str, np.ndarray]], Any], str]] = {
    "no scale": ("float16", lambda a: a.pop("scaling.scale.value"), "scaling.scale.value is miss"),
    "a scale of 0": (
        "float16", lambda a: a.update({"scaling.scale.value": np.float32(0)}), "the loss scale is 0"
    ),
    "a scale of nan": (
        "float16", lambda a: a.update({"scaling.scale.value": np.float32("nan")}), "scale is nan"
    ),
    "too many steps": (
        "float16", lambda a: a.update({"scaling.scale.good_steps": np.int32(2000)}), "after 2000"
    ),
    "steps below 0": (
        "float16", lambda a: a.update({"scaling.skipped": np.int64(-1)}), "-1 steps were skipped"
    ),
    "a scale for float32": (
        "clipping", lambda a: a.update({"scaling.skipped": np.int64(0)}), "do not belong there"
    ),
    "no average": (
        "an average", lambda a: [a.pop(n) for n in list(a) if n.startswith("optimizer.average")],
        "optimizer.average.* is missing",
    ),
    "an average of another shape": (
        "an average",
        lambda a: a.update({"optimizer.average.layers.0.bias": np.zeros(3, np.float32)}),
        "shape",
    ),
    "losses that are not": (
        "early stopping", lambda a: a["records"].__setitem__((0, 3), np.inf), "not finite"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGE)
def test_a_checkpoint_that_no_run_writes_is_refused(name: str, tmp_path: Path) -> None:
    settings, change, message = DAMAGE[name]
    start(config_of(settings), tmp_path / "run", Observer())
    path = tmp_path / "run" / CHECKPOINT
    changed(path, lambda arrays: None)
    assert resume(tmp_path / "run", {}, Observer()).finished    # this is no damage yet
    changed(path, change)
    with pytest.raises(CheckpointError, match=message):
        resume(tmp_path / "run", {}, Observer())
