"""Models of layers: state, keys and training reach who takes them; steps become one plan."""

from __future__ import annotations

import copy
import pickle
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
import gpugrad.nn as nn
from gpugrad.errors import InvalidArgument

KEY = gg.random.key(0)
X = np.random.default_rng(0).normal(size=(6, 4))


def halved(x: Any) -> Any:
    return x / 2


@gg.tree.register(static=["share"])
class Noisy:
    """A layer of a user, which adds noise in training and counts how often."""

    def __init__(self, share: float = 0.1) -> None:
        self.weight, self.share = np.ones(4), share

    def init_state(self) -> Any:
        return {"count": np.zeros(())}

    def __call__(self, x: Any, state: Any, key: Any = None, training: bool = False) -> Any:
        if training:
            x = x + self.share * gg.random.normal(key, x.shape)
            state = {"count": state["count"] + 1}
        return x * self.weight, state


@gg.tree.register
class Block:
    """One that holds layers, takes what they take, and has state if they have."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def init_state(self) -> Any:
        return self.inner.init_state()

    def __call__(self, x: Any, state: Any = None, key: Any = None, training: bool = False) -> Any:
        return self.inner(x, state, key=key, training=training)


def network(rng: Any = 0, dtype: str = "float64") -> nn.Sequential:
    """All kinds of layers that take something, with and without state, one in another.

    Before batch normalisation there is no bias, whose gradient would be nothing but rounding.
    """
    of: dict[str, Any] = {"rng": np.random.default_rng(rng), "dtype": dtype}
    return nn.Sequential([
        nn.Conv2d(1, 4, 3, padding=1, bias=False, **of), nn.BatchNorm2d(4, dtype=dtype), gg.relu,
        nn.Residual([
            nn.Conv2d(4, 4, 3, padding="same", bias=False, **of), nn.BatchNorm2d(4, dtype=dtype),
            "gelu", nn.Dropout(0.1),
        ]),
        nn.MaxPool2d(2), lambda x: gg.leaky_relu(x, slope=0.2),
        nn.Residual(
            [
                nn.Conv2d(4, 6, 3, padding=1, bias=False, **of), nn.BatchNorm2d(6, dtype=dtype),
                "silu",
            ],
            projection=nn.Conv2d(4, 6, 1, **of),
        ),
        nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Dropout(0.3), nn.Linear(24, 10, **of),
    ])  # fmt: skip


def step_of(opt: Any) -> Any:
    def loss(model: Any, state: Any, x: Any, y: Any, key: Any) -> Any:
        scores, state = model(x, state, key=key, training=True)
        return gg.mean(nn.softmax_cross_entropy(scores, y, label_smoothing=0.1)), state

    def step(model: Any, state: Any, moments: Any, x: Any, y: Any, key: Any) -> Any:
        key, own = gg.random.split(key)
        (value, state), grads = gg.value_and_grad(loss, has_aux=True)(model, state, x, y, own)
        updates, moments = opt.update(grads, moments, model)
        return gg.optim.apply_updates(model, updates), state, moments, key, value

    return step


def trained(step: Any, model: Any, opt: Any, steps: int = 5) -> Any:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(8, 1, 8, 8)), rng.integers(0, 10, 8)
    x = x.astype(gg.tree.leaves(model)[0].dtype)
    state, moments, key, losses = model.init_state(), opt.init(model), KEY, []
    for _ in range(steps):
        model, state, moments, key, value = step(model, state, moments, x, y, key)
        losses.append(float(value))
    return model, state, losses


@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [("float64", 1e-9), ("float32", 2e-3)], ids=["double", "single"]
)
def test_a_step_is_one_plan_and_computes_the_same(
    engine: str, dtype: str, tolerance: float
) -> None:
    opt = gg.optim.adam(1e-2)
    step = step_of(opt)
    planned = gg.jit(step, engine=engine)
    wanted = trained(step, network(dtype=dtype), opt)
    found = trained(planned, network(dtype=dtype), opt)
    for a, b in zip(gg.tree.leaves(found), gg.tree.leaves(wanted), strict=True):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)
    assert wanted[2][-1] < wanted[2][0]


def test_nothing_of_a_step_is_left_to_others() -> None:
    """But what is drawn, and products, which are the library's everywhere."""
    model, opt = network(dtype="float32"), gg.optim.adam(1e-2)
    planned = gg.jit(step_of(opt), engine="native")
    trained(planned, model, opt, 4)
    x, y = np.zeros((8, 1, 8, 8), "float32"), np.zeros(8, int)
    text = str(planned.explain(model, model.init_state(), opt.init(model), x, y, KEY))
    left = re.findall(r"called, not compiled: (\w+)", text)
    assert set(left) <= {"random_bits", "random_uniform"}, left


def test_dropout_and_state_change_at_each_call_of_a_plan() -> None:
    model = network()
    x = np.random.default_rng(1).normal(size=(3, 1, 8, 8))
    call = gg.jit(lambda model, state, key: model(x, state, key=key, training=True))
    state, seen = model.init_state(), []
    for key in gg.random.split(KEY, 5):
        y, state = call(model, state, key)
        seen.append((y, state[1].mean))
    for (y, mean), (other, later) in pairwise(seen):
        assert not np.allclose(y, other)
        assert not np.allclose(mean, later)


# What reaches whom


def test_who_takes_what() -> None:
    plain = nn.Sequential([nn.Linear(4, 4), gg.tanh, halved])
    assert plain.form == (False, False, False)
    assert plain.init_state() is None
    assert plain(X).shape == (6, 4)
    np.testing.assert_array_equal(plain(X, None, key=KEY, training=True), plain(X))
    dropped = nn.Sequential([plain, nn.Dropout(0.5)])
    assert dropped.form == (False, True, True)
    np.testing.assert_array_equal(dropped(X), plain(X))
    assert not np.array_equal(dropped(X, key=KEY, training=True), plain(X))
    with pytest.raises(InvalidArgument, match="training without a key"):
        dropped(X, training=True)
    normed = nn.Sequential([nn.Residual(dropped), nn.BatchNorm1d(4)])
    assert normed.form == (True, True, True)
    assert normed.init_state()[0] is None
    y, state = normed(X, normed.init_state())
    assert y.shape == (6, 4)
    assert state[0] is None


def test_each_layer_has_a_key_of_its_own() -> None:
    drop = nn.Dropout(0.5)
    model = nn.Sequential([drop, halved, nn.Sequential([drop]), drop])
    ones = np.ones(1000)
    keys = gg.random.split(KEY, 3)
    wanted = nn.dropout(nn.dropout(nn.dropout(ones, keys[0]) / 2, keys[1]), keys[2])
    np.testing.assert_array_equal(model(ones, key=KEY, training=True), wanted)
    one = nn.Sequential([halved, nn.Dropout(0.5)])
    np.testing.assert_array_equal(one(ones, key=KEY, training=True), nn.dropout(ones / 2, KEY))


def test_classes_of_users_take_part() -> None:
    rng = np.random.default_rng(0)
    model = nn.Sequential([
        nn.Linear(4, 4, rng=rng), Noisy(), Block(nn.Sequential([nn.Dropout(0.2), Noisy(0.0)])),
        nn.Linear(4, 2, rng=rng),
    ])  # fmt: skip
    state = model.init_state()
    assert gg.tree.paths(state) == ["[1]['count']", "[2][1]['count']"]
    for n in (1, 2):
        y, state = model(X, state, key=KEY, training=True)
        assert [float(x) for x in gg.tree.leaves(state)] == [n, n]
    plain, same = model(X, state)
    np.testing.assert_allclose(plain, model.layers[3](model.layers[0](X)))
    assert gg.tree.leaves(same) == gg.tree.leaves(state)
    assert not np.allclose(y, plain)
    stateless = nn.Sequential([Block(nn.Sequential([gg.tanh]))])
    assert stateless.init_state() is None
    np.testing.assert_array_equal(stateless(X), np.tanh(X))


def test_names_and_functions_are_static() -> None:
    model = nn.Sequential([nn.Linear(4, 4), "relu", np.tanh, halved, lambda x: x + 1])
    assert model.layers[1] is gg.relu
    assert gg.tree.paths(model) == [".layers[0].weight", ".layers[0].bias"]
    structure = gg.tree.flatten(model)[1]
    same = nn.Sequential([nn.Linear(4, 4, rng=1), gg.relu, np.tanh, halved, lambda x: x + 1])
    assert structure != gg.tree.flatten(same)[1]    # its lambda stands on another line
    again = nn.Sequential(model.layers)
    assert structure == gg.tree.flatten(again)[1]
    assert hash(structure) == hash(gg.tree.flatten(again)[1])
    other = nn.Sequential([*model.layers[:1], "tanh", *model.layers[2:]])
    assert structure != gg.tree.flatten(other)[1]
    assert "Linear(4, 4),\n    relu,\n    tanh,\n    halved,\n" in repr(model)


# As trees


def test_copies_and_files(tmp_path: Path) -> None:
    model = nn.Sequential([
        nn.Linear(4, 4, dtype="float64"), gg.relu, nn.BatchNorm1d(4, dtype="float64"), halved,
        nn.Residual(nn.Dropout(0.1)),
    ])  # fmt: skip
    state = model(X, model.init_state(), key=KEY, training=True)[1]
    wanted = model(X, state)[0]
    for again in (pickle.loads(pickle.dumps(model)), copy.copy(model), copy.deepcopy(model)):
        assert gg.tree.flatten(again)[1] == gg.tree.flatten(model)[1]
        assert repr(again) == repr(model)
        np.testing.assert_array_equal(again(X, state)[0], wanted)
    gg.tree.save(tmp_path / "model.safetensors", {"model": model, "state": state})
    like = {"model": gg.tree.map(np.zeros_like, model), "state": model.init_state()}
    found = gg.tree.load(tmp_path / "model.safetensors", like)
    np.testing.assert_array_equal(found["model"](X, found["state"])[0], wanted)


def test_every_layer_is_a_tree_of_its_arrays() -> None:
    layers = {
        "Linear(2, 3, bias=False)": nn.Linear(2, 3, False),
        "Conv1d(2, 4, 3, stride=2, dilation=2, groups=2)": nn.Conv1d(
            2, 4, 3, stride=2, dilation=2, groups=2),
        "Conv2d(2, 4, (3, 1), padding='same', bias=False)": nn.Conv2d(
            2, 4, (3, 1), padding="same", bias=False),
        "ConvTranspose1d(2, 4, 3)": nn.ConvTranspose1d(2, 4, 3),
        "ConvTranspose2d(2, 4, 3, stride=(2, 3), output_padding=1)": nn.ConvTranspose2d(
            2, 4, 3, stride=(2, 3), output_padding=1),
        "BatchNorm1d(3)": nn.BatchNorm1d(3), "BatchNorm2d(3, affine=False)": nn.BatchNorm2d(
            3, affine=False),
        "LayerNorm(3)": nn.LayerNorm(3),
        "LayerNorm((2, 3), bias=False)": nn.LayerNorm((2, 3), bias=False),
        "RMSNorm(3, affine=False)": nn.RMSNorm(3, affine=False),
        "RMSNorm(3)": nn.RMSNorm(3), "GroupNorm(2, 4)": nn.GroupNorm(2, 4),
        "MaxPool1d(2)": nn.MaxPool1d(2), "MaxPool2d(2, stride=1, padding=1)": nn.MaxPool2d(
            (2, 2), stride=1, padding=1),
        "AvgPool1d(2)": nn.AvgPool1d(2), "AvgPool2d((2, 3))": nn.AvgPool2d((2, 3)),
        "AdaptiveAvgPool1d(2)": nn.AdaptiveAvgPool1d(2),
        "AdaptiveAvgPool2d(1)": nn.AdaptiveAvgPool2d(1),
        "Flatten()": nn.Flatten(), "Flatten(2)": nn.Flatten(2), "Dropout(0.5)": nn.Dropout(),
        "Embedding(5, 2)": nn.Embedding(5, 2), "RNNCell(3, 4)": nn.RNNCell(3, 4),
        "GRUCell(3, 4)": nn.GRUCell(3, 4), "LSTMCell(3, 4)": nn.LSTMCell(3, 4),
        "MultiheadAttention(8, heads=2)": nn.MultiheadAttention(8, 2),
        "TransformerBlock(8, heads=2)": nn.TransformerBlock(8, 2),
    }  # fmt: skip
    for text, layer in layers.items():
        assert repr(layer) == text
        leaves, structure = gg.tree.flatten(layer)
        assert all(type(x) is np.ndarray for x in leaves)
        again = gg.tree.unflatten(structure, leaves)
        assert repr(again) == text
        assert gg.tree.flatten(pickle.loads(pickle.dumps(layer)))[1] == structure
        sizes = gg.tree.map(lambda x: x.size, layer)
        assert repr(copy.deepcopy(sizes)) == repr(sizes)
    made = {type(layer).__name__ for layer in layers.values()}
    assert made >= {name for name in nn.__all__ if name[0].isupper() and not name.isupper()} - {
        "AttentionCache", "BatchNormState", "Residual", "Sequential", "Summary",
    }  # fmt: skip


def test_settings_are_compared() -> None:
    """A layer with other settings is another tree, for which `gg.jit` traces anew."""
    call = gg.jit(lambda layer, x: layer(x))
    image = np.ones((1, 1, 8, 8), "float32")
    for stride in (1, 2, 1, 2):
        layer = nn.Conv2d(1, 1, 2, stride=stride)
        assert call(layer, image).shape[-1] == {1: 7, 2: 4}[stride]


def test_an_ensemble_is_made_and_run_by_vmap() -> None:
    def make(key: Any) -> nn.Sequential:
        first, second = gg.random.split(key)
        return nn.Sequential([
            nn.Linear(4, 8, rng=first, init="torch_uniform"), nn.BatchNorm1d(8), gg.relu,
            nn.Dropout(0.2), nn.Linear(8, 2, rng=second, init="orthogonal"),
        ])  # fmt: skip

    def run(model: Any, state: Any, key: Any) -> Any:
        return model(X, state, key=key, training=True)

    keys = gg.random.split(KEY, 3)
    models = gg.vmap(make)(keys)
    states = gg.vmap(lambda model: model.init_state())(models)
    assert models.layers[0].weight.shape == (3, 4, 8)
    y, after = gg.vmap(run)(models, states, keys)
    planned = gg.jit(gg.vmap(run))
    for _ in range(4):
        found = planned(models, states, keys)
    np.testing.assert_allclose(found[0], y, rtol=1e-6, atol=1e-6)
    for i in range(3):
        model = make(keys[i])
        one, state = run(model, model.init_state(), keys[i])
        np.testing.assert_allclose(y[i], one, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(after[1].variance[i], state[1].variance, rtol=1e-5)


def test_checkpoint_and_scan() -> None:
    model = network()
    images = np.random.default_rng(2).normal(size=(3, 4, 1, 8, 8))

    def run(model: Any, state: Any, x: Any, key: Any) -> Any:
        return model(x, state, key=key, training=True)

    def loss(model: Any, call: Any) -> Any:
        y, state = call(model, model.init_state(), images[0], KEY)
        return gg.sum(gg.sin(y)), state

    wanted = gg.value_and_grad(loss, has_aux=True)(model, run)
    found = gg.value_and_grad(loss, has_aux=True)(model, gg.checkpoint(run))
    for a, b in zip(gg.tree.leaves(found), gg.tree.leaves(wanted), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)

    def body(state: Any, parts: Any) -> Any:
        y, state = run(model, state, *parts)
        return state, gg.sum(y)

    keys = gg.random.split(KEY, 3)
    last, sums = gg.scan(body, model.init_state(), (images, keys))
    state = model.init_state()
    for i in range(3):
        y, state = run(model, state, images[i], keys[i])
        np.testing.assert_allclose(sums[i], y.sum(), rtol=1e-9)
    for a, b in zip(gg.tree.leaves(last), gg.tree.leaves(state), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10)


def test_half_precision_is_built_and_runs() -> None:
    model = network(dtype="float16")
    x = np.ones((2, 1, 8, 8), "float16")
    y, state = model(x, model.init_state(), key=KEY, training=True)
    assert y.dtype == np.float16
    assert model(x, state)[0].dtype == np.float16   # as it predicts, too
    assert {leaf.dtype.name for leaf in gg.tree.leaves(model)} == {"float16"}
    assert {leaf.dtype.name for leaf in gg.tree.leaves(state)} == {"float32"}


# Summary


def test_summary_counts_everything_once() -> None:
    model = network()
    table = nn.summary(model, np.zeros((2, 1, 8, 8)))
    assert table.parameters == sum(x.size for x in gg.tree.leaves(model))
    assert table.parameters == sum(row.parameters for row in table.rows)
    assert table.bytes == sum(x.nbytes for x in gg.tree.leaves(model))
    assert table.state == sum(x.size for x in gg.tree.leaves(model.init_state()))
    outputs = {row.path: row.output for row in table.rows}
    assert outputs[""] == outputs[".layers[10]"] == "(2, 10)"
    assert outputs[".layers[3].inner.layers[0]"] == "(2, 4, 8, 8)"
    assert outputs[".layers[6].projection"] == "(2, 6, 4, 4)"
    names = {row.path: row.layer for row in table.rows}
    assert names[".layers[2]"] == "relu"
    assert names[".layers[3]"] == "Residual"
    assert names[".layers[10]"] == "Linear(24, 10)"
    text = str(table)
    assert f"{table.parameters:,} parameters" in text
    assert text == repr(table)
    assert len({len(line) for line in text.splitlines()[:2]}) == 1
    page = table._repr_html_()
    assert page.count("<tr>") == len(table.rows) + 1
    assert "&lt;lambda&gt;" in page


def test_summary_leaves_out_dropout_that_drops_nothing() -> None:
    def dropouts(model: Any) -> list[str]:
        return [row.path for row in nn.summary(model).rows if "Dropout" in row.layer]

    assert dropouts(nn.TransformerBlock(8, 2)) == []
    assert dropouts(nn.TransformerBlock(8, 2, dropout=0.1)) == [".attention.dropout", ".dropout"]
    assert dropouts(nn.Sequential(gg.relu, nn.Dropout(0.0))) == [".layers[1]"]  # as it was said


def test_summary_of_classes_of_users() -> None:
    @gg.tree.register
    class Net:
        def __init__(self) -> None:
            self.first, self.unused = nn.Linear(4, 3), nn.Linear(3, 1)
            self.blocks, self.scale = {"a": [nn.MLP([3, 3])]}, np.ones(3)

        def __call__(self, x: Any, key: Any) -> Any:
            assert key is KEY
            return self.blocks["a"][0](self.first(x)) * self.scale

    table = nn.summary(Net(), X, key=KEY)
    assert [(row.path, row.layer, row.output, row.parameters) for row in table.rows] == [
        ("", "Net", "(6, 3)", 3),
        (".first", "Linear(4, 3)", "(6, 3)", 15),
        (".unused", "Linear(3, 1)", "", 4),
        (".blocks['a'][0]", "MLP", "(6, 3)", 0),
        (".blocks['a'][0].layers[0]", "Linear(3, 3)", "(6, 3)", 12),
    ]


def test_summary_takes_the_state_that_is_given() -> None:
    model = nn.Sequential([nn.BatchNorm1d(4)])
    state = model.init_state()
    for table in (nn.summary(model, X, state), nn.summary(model, X, state=state)):
        assert str(table) == str(nn.summary(model, X))


def test_what_is_shaped_like_an_mlp_has_a_repr():
    """Parts of one, ensembles, and trees that hold something else in place of arrays."""
    model = gg.nn.MLP([2, 3, 1], rng=0)
    without, rest = gg.tree.partition(model, lambda path, leaf: "bias" in path)
    many = gg.vmap(lambda key: gg.nn.MLP([2, 3, 1], rng=key))(gg.random.split(gg.random.key(0), 4))
    shapes = gg.tree.map(lambda x: x.shape, model)
    assert repr(many) == repr(rest) == repr(model) == "MLP([2, 3, 1], activation='relu')"
    assert "weight=None" in repr(without)
    assert "weight=(2, 3)" in repr(shapes)


def test_a_summary_without_an_input_calls_nothing():
    model = gg.nn.Sequential([gg.nn.Conv2d(1, 2, 3, rng=0), gg.nn.BatchNorm2d(2), "relu"])
    table = gg.nn.summary(model)
    assert [row.output for row in table.rows] == ["", "", "", ""]
    assert (table.parameters, table.state) == (2 * 9 + 2 + 4, 4)
    assert table.parameters == gg.nn.summary(model, np.ones((1, 1, 5, 5), "float32")).parameters
