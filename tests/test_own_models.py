"""Models of a program: any tree that is called like a function is trained, saved and loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.cli.app import run
from gpugrad.errors import CheckpointError, DataError, InvalidArgument
from gpugrad.train import TrainedModel, fit

RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 3))
Y = X @ np.array([1.0, -2.0, 0.5]) + 0.1 * RNG.normal(size=80)
LABEL = Y > 0
IDS = RNG.integers(0, 9, (80, 5))
HAS = (IDS == 4).any(axis=1)
FAST: dict[str, Any] = {"epochs": 5, "batch_size": 16, "backend": "numpy"}


@pytest.fixture(autouse=True)
def numpy_arrays() -> Any:
    with gg.use_backend("numpy"):
        yield


def same(one: Any, other: Any) -> bool:
    leaves = [gg.tree.leaves(x) for x in (one, other)]
    return len(leaves[0]) == len(leaves[1]) and all(map(np.array_equal, *leaves))


def with_state(dtype: str = "float32") -> gg.nn.Sequential:
    rng = np.random.default_rng(1)
    return gg.nn.Sequential([
        gg.nn.Linear(3, 8, rng=rng, dtype=dtype), gg.nn.BatchNorm1d(8, dtype=dtype), "relu",
        gg.nn.Dropout(0.2), gg.nn.Linear(8, 1, rng=rng, dtype=dtype),
    ])  # fmt: skip


@gg.tree.register(static=["width"])
class Mine:
    """A class with no more than a call of one argument."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.layers = {"in": gg.nn.Linear(3, width), "out": gg.nn.Linear(width, 1)}

    def __call__(self, x: Any) -> Any:
        return self.layers["out"](gg.tanh(self.layers["in"](x)))


def test_a_network_that_gpugrad_makes_is_trained_to_the_same_bits() -> None:
    """The door for programs is no other training."""
    wanted = fit(X, Y, hidden=(8,), seed=3, **FAST)
    model = gg.nn.MLP([3, 8, 1], rng=3)
    found = fit(X, Y, model=model, seed=3, **FAST)
    assert same(found.network, wanted.network)
    np.testing.assert_array_equal(found.predict(X), wanted.predict(X))
    assert same(model, gg.nn.MLP([3, 8, 1], rng=3))


@pytest.mark.parametrize("engine", ["eager", "numpy"])
def test_a_step_is_that_of_a_loop_by_hand(engine: str) -> None:
    """With state, noise and the optimiser, in the order of the batches."""
    from gpugrad.data.batch import epoch_keys, epoch_order

    x = X.astype("float32")
    y = (Y / 2).astype("float32")
    model = with_state()
    found = fit(
        x, Y, model=model, standardise=False, optimizer="sgd", lr=0.05, schedule="constant",
        epochs=2, batch_size=32, engine=engine,
    )  # fmt: skip
    scale = found.fitted.targets
    assert scale is not None
    y = scale.apply(Y[:, None], "float32")
    params, state = with_state(), with_state().init_state()

    def loss(params: Any, state: Any, x: Any, y: Any, key: Any) -> Any:
        z, state = params(x, state, key=key, training=True)
        return gg.mean((z - y) ** 2), state

    optimizer = gg.optim.sgd(0.05)
    memory = optimizer.init(params)
    for epoch in range(2):
        order, keys = epoch_order(80, 0, epoch), epoch_keys(80, 0, epoch)
        for rows in (order[:32], order[32:64], order[64:]):
            key = gg.random.split(keys[rows[0]])[1]
            (_, state), grads = gg.value_and_grad(loss, has_aux=True)(
                params, state, x[rows], y[rows], key
            )
            updates, memory = optimizer.update(grads, memory, params)
            params = gg.optim.apply_updates(params, updates)
    for one, other in zip(
        gg.tree.leaves((found.network, found.state)), gg.tree.leaves((params, state)), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=1e-6)


def test_a_model_is_not_changed_and_gives_the_types_of_its_weights() -> None:
    for dtype in ("float32", "float64"):
        model = with_state(dtype)
        found = fit(X, LABEL, model=model, **FAST)
        assert same(model, with_state(dtype))
        assert found.config.dtype == dtype
        assert {str(leaf.dtype) for leaf in gg.tree.leaves(found.network)} == {dtype}
        assert not same(found.state, model.init_state())
        assert found.predict(X).dtype == bool


def test_a_class_that_takes_no_more_than_rows() -> None:
    found = fit(X, Y, model=Mine(16), epochs=60, lr=0.02, backend="numpy")
    assert isinstance(found.network, Mine)
    assert found.evaluate(X, Y)["r2"] > 0.95


def test_integers_stay_what_they_are_unless_numbers_are_asked_for() -> None:
    model = gg.nn.Sequential([
        gg.nn.Embedding(9, 6, rng=0), gg.nn.Flatten(), gg.nn.Linear(30, 1, rng=1)
    ])  # fmt: skip
    for ids in (IDS, IDS.astype(np.uint8)):
        found = fit(
            ids, HAS, model=model, epochs=80, batch_size=16, lr=0.03, weight_decay=0.0,
            backend="numpy",
        )  # fmt: skip
        assert found.described.inputs.whole
        assert found.fitted.features is None
        assert found.evaluate(IDS, HAS)["accuracy"] > 0.95
    with pytest.raises(DataError, match=r"x has dtype float64 .*; expected whole numbers"):
        found.predict(IDS + 0.5)
    rows = fit(IDS, HAS, model=gg.nn.MLP([5, 4, 1]), standardise=True, **FAST)
    assert not rows.described.inputs.whole
    assert same(rows.network, fit(IDS, HAS, hidden=(4,), **FAST).network)


@pytest.mark.parametrize("standardise", [True, False])
def test_rows_may_have_any_shape(standardise: bool) -> None:
    x = np.stack([X, 3 * X + 1, -X], axis=1)
    rng = np.random.default_rng(0)
    model = gg.nn.Sequential([gg.nn.Flatten(), gg.nn.Linear(9, 1, rng=rng)])
    found = fit(x, Y, model=model, standardise=standardise, epochs=100, lr=0.05, backend="numpy")
    assert found.described.inputs.shape == (3, 3)
    assert (found.fitted.features is not None) is standardise
    if found.fitted.features is not None:
        np.testing.assert_allclose(found.fitted.features.mean, x.mean(axis=0))
        np.testing.assert_allclose(found.fitted.features.scale, x.std(axis=0))
    assert found.evaluate(x, Y)["r2"] > 0.9


def test_a_sequence_model() -> None:
    """Recurrent layers take (rows, time, features)."""
    @gg.tree.register
    class Reads:
        def __init__(self) -> None:
            self.words = gg.nn.Embedding(9, 8, rng=0)
            self.cell = gg.nn.GRU(8, 16, rng=1)
            self.last = gg.nn.Linear(16, 1, rng=2)

        def __call__(self, x: Any) -> Any:
            found, _ = self.cell(self.words(x))
            return self.last(found[:, -1])

    model = fit(IDS, HAS, model=Reads(), epochs=60, lr=0.02, weight_decay=0.0, backend="numpy")
    assert model.evaluate(IDS, HAS)["accuracy"] > 0.9


# Saving


def test_a_model_is_loaded_into_one_like_it(tmp_path: Path) -> None:
    found = fit(X, LABEL, model=with_state(), **FAST)
    found.save(tmp_path / "saved")
    again = TrainedModel.load(tmp_path / "saved", like=with_state())
    assert same((again.network, again.state), (found.network, found.state))
    np.testing.assert_array_equal(again.predict_proba(X), found.predict_proba(X))
    with pytest.raises(InvalidArgument, match="of your own; load it in a program as like=model"):
        TrainedModel.load(tmp_path / "saved")
    with pytest.raises(CheckpointError, match=r"the array model\.\S* is missing"):
        TrainedModel.load(tmp_path / "saved", like=Mine(4))
    wide = gg.nn.Sequential([gg.nn.Linear(3, 9), gg.nn.BatchNorm1d(9), gg.nn.Linear(9, 1)])
    with pytest.raises(CheckpointError, match="expected float32 of shape"):
        TrainedModel.load(tmp_path / "saved", like=wide)
    fit(X, LABEL, **FAST).save(tmp_path / "plain")
    with pytest.raises(InvalidArgument, match="one of gpugrad; load it in a program without like="):
        TrainedModel.load(tmp_path / "plain", like=with_state())


def test_the_command_line_says_that_it_cannot_know_the_class(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fit(X, LABEL, model=with_state(), **FAST).save(tmp_path / "saved")
    np.savez(tmp_path / "x.npz", x=X)
    assert run(["predict", str(tmp_path / "saved"), str(tmp_path / "x.npz")]) == 2
    assert "of a class of your own; load it in a program" in capsys.readouterr().err
    described = json.loads((tmp_path / "saved/config.json").read_text())
    assert described["settings"]["model"] == "own"


def test_tables_train_own_models_too(tmp_path: Path) -> None:
    table = {"a": X[:, 0], "b": X[:, 1], "c": X[:, 2], "y": Y}
    found = fit(table, target="y", model=Mine(8), **FAST)
    assert same(found.network, fit(X, Y, model=Mine(8), **FAST).network)
    found.save(tmp_path / "saved")
    again = TrainedModel.load(tmp_path / "saved", like=Mine(8))
    np.testing.assert_array_equal(again.predict(table), found.predict(table))


# What is no model


@gg.tree.register
class Rates(Mine):
    def __init__(self) -> None:
        super().__init__(4)
        self.rate = 0.5


@gg.tree.register
class Alike(Mine):
    def __init__(self) -> None:
        super().__init__(4)
        self.more = {"a-b": np.ones(1, "float32"), "a": {"b": np.ones(1, "float32")}}


REFUSED: dict[str, tuple[Any, dict[str, Any], str]] = {
    "a function": (lambda x: x, {}, "model is of type function; expected a tree"),
    "a number": (5, {}, "model is of type int; expected a tree"),
    "nothing": (gg.nn.Sequential(["relu"]), {}, "no type, as it has none"),
    "a rate": (Rates(), {}, r"model's \.rate is of type float; .*static="),
    "names": (Alike(), {}, "two arrays of the model would be called"),
    "types": (
        gg.nn.Sequential([gg.nn.Linear(3, 4), gg.nn.Linear(4, 1, dtype="float64")]), {},
        "weights of float32, float64; expected all float32",
    ),
    "outputs": (
        gg.nn.MLP([3, 2]), {}, r"gives \(2, 2\) for rows of shape \(2, 3\); expected \(2, 1\)"
    ),
    "hidden": (gg.nn.MLP([3, 1]), {"hidden": (4,)}, "hidden is for models of gpugrad"),
    "a name": ("mlb", {}, "Did you mean 'mlp'"),
    "changes": (gg.nn.MLP([3, 1]), {"augment": "flip"}, "augment is 'flip', which is for images"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_model_is_refused_before_training(case: str) -> None:
    model, settings, message = REFUSED[case]
    with pytest.raises(InvalidArgument, match=message):
        fit(X, LABEL, model=model, **{**FAST, **settings})


def test_dropout_needs_no_key_of_the_program() -> None:
    """And draws another one at each step, the same in each training."""
    model = gg.nn.Sequential([gg.nn.Dropout(0.5), gg.nn.Linear(3, 1)])
    one, other, third = (fit(X, Y, model=model, seed=seed, **FAST) for seed in (0, 0, 1))
    assert same(one.network, other.network)
    assert not same(one.network, third.network)
