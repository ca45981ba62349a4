"""RNN, GRU and LSTM against their formulas, in all the ways that they are run."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recurrent_by_hand import STEPS, recurrent

import gpugrad as gg
from gpugrad.errors import InvalidArgument
from gpugrad.nn import GRU, LSTM, RNN, Embedding, GRUCell, LSTMCell, RNNCell
from gpugrad.testing import check_grads

LAYERS = {"RNN": RNN, "GRU": GRU, "LSTM": LSTM}
CELLS = {"RNN": RNNCell, "GRU": GRUCell, "LSTM": LSTMCell}
BATCH, STEPS_IN, N_IN, WIDTH = 3, 5, 4, 6
XS = np.random.default_rng(0).normal(size=(BATCH, STEPS_IN, N_IN))
LENGTHS = np.array([5, 2, 3])
MASK = np.arange(STEPS_IN) < LENGTHS[:, None]

kinds = pytest.mark.parametrize("kind", LAYERS)


def layer_of(kind: str, **settings: Any) -> Any:
    """A layer in float64, whose biases are not 0."""
    made = LAYERS[kind](N_IN, WIDTH, dtype="float64", **settings)
    rng = np.random.default_rng(1)
    return gg.tree.map(lambda x: x + 0.1 * rng.normal(size=x.shape), made)


def params_of(cell: Any) -> Any:
    return cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh


def leaves(x: Any) -> list[np.ndarray]:
    return [np.asarray(leaf) for leaf in gg.tree.leaves(x)]


def same(found: Any, wanted: Any, rtol: float = 1e-12) -> None:
    for a, b in zip(leaves(found), leaves(wanted), strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol)


def by_hand(kind: str, cell: Any, xs: Any, **settings: Any) -> tuple[np.ndarray, Any]:
    """Sequences one by one."""
    found = [recurrent(kind, params_of(cell), x, **settings) for x in xs]
    ys, ends = zip(*found, strict=True)
    return np.stack(ys), gg.tree.map(lambda *parts: np.stack(parts), *ends)


@kinds
@pytest.mark.parametrize("reverse", [False, True])
def test_a_layer_is_its_formula(kind: str, reverse: bool) -> None:
    layer = layer_of(kind)
    same(layer(XS, reverse=reverse), by_hand(kind, layer.cells[0], XS, reverse=reverse))
    single = layer(XS[1], reverse=reverse)          # without a batch
    same(single, recurrent(kind, params_of(layer.cells[0]), XS[1], reverse=reverse))
    deep = layer(XS[None], reverse=reverse)         # with two axes of it
    same(deep, gg.tree.map(lambda x: x[None], layer(XS, reverse=reverse)))


@kinds
def test_a_sequence_in_parts_is_the_sequence(kind: str) -> None:
    layer = layer_of(kind, layers=2)
    ys, end = layer(XS)
    first, carry = layer(XS[:, :2], layer.init_carry(BATCH))
    second, after = layer(XS[:, 2:], carry)
    same((np.concatenate([first, second], 1), after), (ys, end))


@kinds
def test_a_cell_is_a_step_of_the_layer(kind: str) -> None:
    layer = layer_of(kind)
    cell, carry = layer.cells[0], None
    wanted, end = layer(XS)
    for i in range(STEPS_IN):
        y, carry = cell(XS[:, i], carry)
        same(y, wanted[:, i])
    same(carry, end)
    same(cell.init_carry(np.int64(2)), gg.tree.map(lambda x: np.zeros((2, WIDTH)), carry))


@kinds
def test_layers_stand_on_each_other_in_both_directions(kind: str) -> None:
    layer = layer_of(kind, layers=2, bidirectional=True)
    ys, carry = layer(XS)
    below = XS
    ends = []
    for there, back in zip(layer.cells, layer.backward_cells, strict=True):
        a, end_a = by_hand(kind, there, below)
        b, end_b = by_hand(kind, back, below, reverse=True)
        below = np.concatenate([a, b], -1)
        ends += [end_a, end_b]
    same((ys, carry), (below, tuple(ends)))
    same(layer(XS, carry)[0].shape, ys.shape)


@kinds
@pytest.mark.parametrize("reverse", [False, True])
def test_what_is_padded_changes_nothing(kind: str, reverse: bool) -> None:
    layer = layer_of(kind)
    ys, carry = layer(XS, mask=MASK, reverse=reverse)
    for i, n in enumerate(LENGTHS):
        wanted, end = recurrent(kind, params_of(layer.cells[0]), XS[i, :n], reverse=reverse)
        same(ys[i, :n], wanted)
        np.testing.assert_array_equal(ys[i, n:], 0)
        same([x[i] for x in leaves(carry)], end)
    filled = np.where(MASK[..., None], XS, np.nan)
    same(layer(filled, mask=MASK, reverse=reverse), (ys, carry))

    def loss(xs: Any) -> Any:
        return gg.sum(layer(xs, mask=MASK, reverse=reverse)[0] ** 2)

    slopes = gg.grad(loss)(XS)
    assert np.all(slopes[MASK] != 0)
    np.testing.assert_array_equal(slopes[~MASK], 0)


@kinds
def test_a_mask_of_a_stack_in_both_directions(kind: str) -> None:
    layer = layer_of(kind, layers=2, bidirectional=True)
    ys, carry = layer(XS, mask=MASK)
    for i, n in enumerate(LENGTHS):
        wanted, end = layer(XS[i, :n])
        same((ys[i, :n], [x[i] for x in leaves(carry)]), (wanted, end))


def _loss(layer: Any, xs: Any, mask: Any) -> Any:
    ys, carry = layer(xs, mask=mask)
    return gg.mean(ys**2) + sum(gg.sum(x) for x in gg.tree.leaves(carry))


@kinds
@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_engines_find_the_same(kind: str, engine: str, dtype: str) -> None:
    layer = gg.tree.map(lambda x: x.astype(dtype), layer_of(kind, layers=2, bidirectional=True))
    xs = XS.astype(dtype)
    wanted = gg.value_and_grad(_loss, argnums=(0, 1))(layer, xs, MASK)
    step = gg.jit(lambda *args: gg.value_and_grad(_loss, argnums=(0, 1))(*args), engine=engine)
    for _ in range(3):
        found = step(layer, xs, MASK)
    same(found, wanted, 1e-12 if dtype == "float64" else 1e-5)
    assert {x.dtype.name for x in leaves(found)} == {dtype}


@kinds
def test_a_step_of_training_is_one_compiled_function(kind: str) -> None:
    pytest.importorskip("llvmlite")
    layer, adam = LAYERS[kind](N_IN, WIDTH), gg.optim.adam(1e-2)
    xs = XS.astype("float32")

    def update(layer: Any, state: Any, xs: Any, mask: Any) -> Any:
        updates, state = adam.update(gg.grad(_loss)(layer, xs, mask), state, layer)
        return gg.optim.apply_updates(layer, updates), state

    for mask in (None, MASK):
        step = gg.jit(update, engine="native")
        said = str(step.explain(layer, adam.init(layer), xs, mask))
        assert "native: 1 compiled function in each run" in said.splitlines()[0]


@kinds
def test_derivatives(kind: str) -> None:
    layer = layer_of(kind)
    check_grads(lambda layer, xs: layer(xs, mask=MASK)[0], (layer, XS), order=2)
    check_grads(lambda carry: layer(XS, carry)[1], (layer(XS)[1],))


@kinds
def test_an_ensemble_is_its_members(kind: str) -> None:
    members = [layer_of(kind, layers=2, rng=seed) for seed in range(3)]
    stacked = gg.tree.map(lambda *leaves: np.stack(leaves), *members)
    found = gg.vmap(lambda layer: layer(XS, mask=MASK))(stacked)
    for i, member in enumerate(members):
        same(gg.tree.map(lambda x, i=i: x[i], found), member(XS, mask=MASK))
    found = gg.jit(gg.vmap(gg.grad(_loss), in_axes=(0, None, None)))(stacked, XS, MASK)
    for i, member in enumerate(members):
        same(gg.tree.map(lambda x, i=i: x[i], found), gg.grad(_loss)(member, XS, MASK), 1e-10)
    keys = gg.random.split(gg.random.key(0), 2)
    drawn = gg.vmap(lambda key: LAYERS[kind](N_IN, WIDTH, rng=key, dtype="float64"))(keys)
    same(gg.tree.map(lambda x: x[1], drawn),
         LAYERS[kind](N_IN, WIDTH, rng=keys[1], dtype="float64"))  # fmt: skip


@kinds
def test_copies_and_files(kind: str, tmp_path: Path) -> None:
    layer = layer_of(kind, layers=2, bidirectional=True)
    again = pickle.loads(pickle.dumps(layer))
    assert repr(again) == repr(layer) == f"{kind}(4, 6, layers=2, bidirectional=True)"
    same(again(XS), layer(XS))
    gg.tree.save(tmp_path / "layer.npz", layer)
    other = LAYERS[kind](N_IN, WIDTH, layers=2, bidirectional=True, rng=9, dtype="float64")
    same(gg.tree.load(tmp_path / "layer.npz", other), layer)


@kinds
def test_dropout_between_layers(kind: str) -> None:
    layer = layer_of(kind, layers=2, dropout=0.5)
    key = gg.random.key(0)
    np.testing.assert_array_equal(layer(XS)[0], layer(XS, key=key)[0])
    dropped = layer(XS, key=key, training=True)[0]
    assert not np.allclose(dropped, layer(XS)[0])
    np.testing.assert_array_equal(layer(XS, key=key, training=True)[0], dropped)
    below = layer.cells[0]
    wanted, _ = by_hand(kind, below, XS)
    seen = gg.nn.dropout(np.moveaxis(wanted, 1, 0), gg.random.split(key, 1)[0], 0.5)
    same(dropped, by_hand(kind, layer.cells[1], np.moveaxis(seen, 0, 1))[0])
    with pytest.raises(InvalidArgument, match="training without a key"):
        layer(XS, training=True)
    single = layer_of(kind, dropout=0.5)            # has no place for it
    np.testing.assert_array_equal(single(XS, training=True)[0], single(XS)[0])


@kinds
def test_first_values(kind: str) -> None:
    gates = {"RNN": 1, "GRU": 3, "LSTM": 4}[kind]
    cell = CELLS[kind](N_IN, WIDTH, dtype="float64")
    assert cell.weight_ih.shape == (N_IN, gates * WIDTH)
    for part in np.split(cell.weight_hh, gates, axis=1):    # each gate by itself
        np.testing.assert_allclose(part @ part.T, np.eye(WIDTH), atol=1e-12)
    ones = np.repeat([0.0, 1.0, 0.0, 0.0], WIDTH) if kind == "LSTM" else np.zeros(gates * WIDTH)
    np.testing.assert_array_equal(cell.bias_ih, ones)
    np.testing.assert_array_equal(cell.bias_hh, 0)
    torch = CELLS[kind](100, WIDTH, init="torch_uniform", recurrent_init="torch_uniform")
    for leaf in gg.tree.leaves(torch):              # whatever the width of the inputs
        assert 0.3 < np.abs(leaf).max() <= WIDTH**-0.5
    bare = CELLS[kind](N_IN, WIDTH, bias=False, dtype="float64")
    assert len(gg.tree.leaves(bare)) == 2
    zeros = (np.zeros(gates * WIDTH),) * 2
    wanted, _ = recurrent(kind, (bare.weight_ih, bare.weight_hh, *zeros), XS[0, :1])
    same(bare(XS[0, 0])[0], wanted[0])


def test_activations() -> None:
    cell = RNNCell(N_IN, WIDTH, activation="relu", dtype="float64")
    y, _ = RNN(N_IN, WIDTH, activation="relu", dtype="float64")(XS[:, :1])
    np.testing.assert_allclose(y[:, 0], np.maximum(XS[:, 0] @ cell.weight_ih, 0))


def test_an_embedding_is_its_rows(tmp_path: Path) -> None:
    table = Embedding(7, 3, dtype="float64")
    ids = np.array([[1, 6, 6], [0, 2, 1]])
    np.testing.assert_array_equal(table(ids), table.weight[ids])
    np.testing.assert_array_equal(table(np.array(4, "uint8")), table.weight[4])
    wanted = np.zeros((7, 3))
    np.add.at(wanted, ids, 2 * table.weight[ids])
    for engine in ("numpy", "native"):
        step = gg.jit(gg.grad(lambda m, ids: gg.sum(m(ids) ** 2)), engine=engine)
        for _ in range(3):
            np.testing.assert_allclose(step(table, ids).weight, wanted, rtol=1e-12)
        with pytest.raises(IndexError, match="7"):
            step(table, ids + 1)
    x = XS[..., :3]
    np.testing.assert_allclose(table.attend(x), x @ table.weight.T)
    check_grads(lambda m, x: m.attend(x) + gg.sum(m(ids)), (table, x))
    stacked = gg.tree.map(lambda *x: np.stack(x), table, Embedding(7, 3, rng=1, dtype="float64"))
    np.testing.assert_array_equal(gg.vmap(lambda m: m(ids))(stacked)[0], table(ids))
    gg.tree.save(tmp_path / "table.npz", pickle.loads(pickle.dumps(table)))
    same(gg.tree.load(tmp_path / "table.npz", Embedding(7, 3, rng=2, dtype="float64")), table)
    assert repr(table) == "Embedding(7, 3)"
    assert 0.4 < Embedding(1000, 4).weight.std() < 0.6


GIVEN = GRU(N_IN, WIDTH)
REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "no width": (lambda: GRU(3, 0), "GRU: width is 0; expected an integer of at least 1"),
    "float": (lambda: LSTM(3.0, 4), r"LSTM: n_in is 3\.0"),
    "cell": (lambda: LSTMCell(True, 4), "LSTMCell: n_in is True"),
    "layers": (lambda: RNN(3, 4, layers=0), "RNN: layers is 0"),
    "bidirectional": (lambda: RNN(3, 4, bidirectional=2), "RNN: bidirectional is 2"),
    "dropout": (lambda: GRU(3, 4, dropout=1.0), "rate is 1.0; it must be"),
    "bias": (lambda: GRU(3, 4, bias="no"), "GRUCell: bias is 'no'; expected True or False"),
    "batch": (lambda: GIVEN.init_carry(-1), "init_carry: batch is -1; expected an integer of"),
    "batches": (lambda: GIVEN.init_carry((2, 1.5)), "init_carry: batch is 1.5"),
    "activation": (lambda: RNN(3, 4, activation="tann"), "unknown activation 'tann'.*'tanh'"),
    "init": (lambda: GRU(3, 4, init="ortho"), "init is 'ortho'"),
    "dtype": (lambda: GRU(3, 4, dtype="int32"), "dtype is int32"),
    "rng": (lambda: GRU(3, 4, rng="a"), "rng is 'a'"),
    "x": (lambda: GIVEN(np.ones((2, 5, 3))), r"xs has shape \(2, 5, 3\); expected \(batch, st"),
    "one step": (lambda: GIVEN(np.ones(4)), r"GRU: xs has shape \(4,\); .* or \(steps, 4\)"),
    "ids": (lambda: GIVEN(np.ones((2, 5), int)), r"shape \(2, 5\).*gg\.nn\.Embedding"),
    "x of a cell": (lambda: GIVEN.cells[0](np.ones(3)), r"GRUCell: x has shape \(3,\); expected"),
    "carry": (
        lambda: GIVEN(XS, np.ones((2, WIDTH))),
        r"carry is an array of shape \(2, 6\); expected an array of shape \(3, 6\), or None",
    ),
    "carry, a pair": (lambda: GIVEN(XS, (1.0, 2.0)), r"carry is a tuple \(a float, a float\);"),
    "carry of LSTM": (
        lambda: LSTM(N_IN, WIDTH)(XS, np.ones((3, WIDTH))),
        r"LSTM.*: carry is an array .*; expected \(h, c\), each of shape \(3, 6\)",
    ),
    "carry of a stack": (
        lambda: GRU(N_IN, WIDTH, layers=2)(XS, np.ones((3, WIDTH))),
        "carry is of ndarray; expected a tuple of 2, one for each cell",
    ),
    "mask": (lambda: GIVEN(XS, mask=MASK.T), r"GRU: mask is bool\[5, 3\]; expected booleans of"),
    "mask of numbers": (lambda: GIVEN(XS, mask=MASK * 1.0), r"mask is float64\[3, 5\]"),
    "lengths": (lambda: GIVEN(XS, mask=[5, 2, 3]), r"mask is list\[\]; .* < lengths\[:, None\]"),
    "reverse of both": (
        lambda: GRU(N_IN, WIDTH, bidirectional=True)(XS, reverse=True), "reads in both directions"
    ),
    "float ids": (lambda: Embedding(5, 2)(np.ones(3)), "ids are of dtype float64; expected"),
    "list of ids": (lambda: Embedding(5, 2)([1]), "ids are of type list"),
    "truth": (lambda: Embedding(5, 2)(np.ones(3, bool)), "ids are of dtype bool"),
    "no ids": (lambda: Embedding(0, 2), "Embedding: n is 0"),
    "attend": (lambda: Embedding(5, 2).attend(np.ones(3)), r"x has shape \(3,\); .* \(\.\.\., 2\)"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_wrong_arguments_are_refused(name: str) -> None:
    call, wanted = REFUSED[name]
    with pytest.raises(InvalidArgument, match=wanted):
        call()


@kinds
def test_a_wrong_gate_is_found(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The formulas tell gates apart: with two of them swapped, they do not agree."""
    layer = layer_of(kind)
    w, r, b, c = params_of(layer.cells[0])
    turned = np.roll(w, WIDTH, axis=1) if kind != "RNN" else -w
    found = recurrent(kind, (turned, r, b, c), XS[0])[0]
    assert np.abs(found - layer(XS)[0][0]).max() > 1e-2
    assert set(STEPS) == set(LAYERS)
