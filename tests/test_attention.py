"""Attention, positions and transformer blocks against their formulas, in all ways to run them."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recurrent_by_hand import attention

import gpugrad as gg
from gpugrad.errors import InvalidArgument
from gpugrad.nn import (
    MultiheadAttention,
    TransformerBlock,
    rotary,
    scaled_dot_product_attention,
    sinusoidal_positions,
)
from gpugrad.testing import check_grads

BATCH, HEADS, N, M, D, WIDTH = 3, 4, 5, 7, 2, 8
RNG = np.random.default_rng(0)
Q, K, V = (RNG.normal(size=(BATCH, HEADS, n, D)) for n in (N, M, M))
X, CONTEXT = RNG.normal(size=(BATCH, N, WIDTH)), RNG.normal(size=(BATCH, M, WIDTH))
MASK = RNG.random((BATCH, HEADS, N, M)) < 0.5
MASK[1, 2, 3] = False                               # one query has nothing to look at
MASK[0, :, 1, 4] = True                             # and one of each head has
BIAS = np.where(MASK, RNG.normal(size=MASK.shape), -np.inf)
CAUSAL = np.tri(N, dtype=bool)

engines = pytest.mark.parametrize("engine", ["numpy", "native"])


def by_hand(q: Any, k: Any, v: Any, allowed: Any, added: Any = 0.0) -> np.ndarray:
    """Each sequence and head by itself."""
    front = q.shape[:-2]
    shape = (*front, q.shape[-2], k.shape[-2])
    allowed, added = np.broadcast_to(allowed, shape), np.broadcast_to(added, shape)
    shared = q.shape[-3] // k.shape[-3]
    y = np.zeros((*q.shape[:-1], v.shape[-1]))
    for i in product(*map(range, front)):
        j = (*i[:-1], i[-1] // shared)
        y[i] = attention(q[i], k[j], v[j], allowed[i], added[i])
    return y


def same(found: Any, wanted: Any, rtol: float = 1e-12) -> None:
    for a, b in zip(gg.tree.leaves(found), gg.tree.leaves(wanted), strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol)


def random_biases(model: Any) -> Any:
    rng = np.random.default_rng(5)
    return gg.tree.map(lambda x: x + 0.1 * rng.normal(size=x.shape), model)


def layer_of(**settings: Any) -> MultiheadAttention:
    return random_biases(MultiheadAttention(WIDTH, HEADS, dtype="float64", **settings))


def test_attention_is_its_formula() -> None:
    same(scaled_dot_product_attention(Q, K, V), by_hand(Q, K, V, True))
    same(scaled_dot_product_attention(Q, K, V, MASK), by_hand(Q, K, V, MASK))
    same(scaled_dot_product_attention(Q, K, V, MASK[:, :1, :1]), by_hand(Q, K, V, MASK[:, :1, :1]))
    finite = np.where(MASK, BIAS, 0.0)
    same(scaled_dot_product_attention(Q, K, V, BIAS), by_hand(Q, K, V, MASK, finite))
    same(scaled_dot_product_attention(Q, K, V, MASK * 1.0), by_hand(Q, K, V, True, MASK * 1.0))
    k, v, m = K[..., :N, :], V[..., :N, :], MASK[..., :N]
    same(scaled_dot_product_attention(Q, k, v, causal=True), by_hand(Q, k, v, CAUSAL))
    same(scaled_dot_product_attention(Q, k, v, m, causal=True), by_hand(Q, k, v, CAUSAL & m))
    same(scaled_dot_product_attention(Q[0, 0], K[0, 0], V[0, 0]), by_hand(Q, K, V, True)[0, 0])
    shared = K[:, :2], V[:, :2]
    same(scaled_dot_product_attention(Q, *shared, MASK), by_hand(Q, *shared, MASK))
    same(scaled_dot_product_attention(Q, K[:, :1], V[:, :1]), by_hand(Q, K[:, :1], V[:, :1], True))


def test_a_query_with_nothing_to_look_at_takes_zeros() -> None:
    def loss(q: Any, k: Any, v: Any, mask: Any) -> Any:
        return gg.sum(scaled_dot_product_attention(q, k, v, mask)[1, 2, 3] ** 2)

    nowhere = np.zeros((N, M), bool)
    for mask in (MASK, BIAS, nowhere, np.where(nowhere, 0, -np.inf)):
        y = scaled_dot_product_attention(Q, K, V, mask)
        np.testing.assert_array_equal(y[1, 2, 3], 0)
        assert np.isfinite(y).all()
        for engine in ("eager", "numpy", "native"):
            slopes = gg.grad(loss, argnums=(0, 1, 2))
            if engine != "eager":
                slopes = gg.jit(slopes, engine=engine)
            for _ in range(3):
                found = slopes(Q, K, V, mask)
            for slope in found:
                np.testing.assert_array_equal(slope, 0)
    second = gg.hvp(lambda q: gg.sum(scaled_dot_product_attention(q, K, V, MASK) ** 2), (Q,), (Q,))
    assert np.isfinite(second[0]).all()


@engines
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_engines_find_the_same(engine: str, dtype: str) -> None:
    q, k, v = (x.astype(dtype) for x in (Q, K, V))

    def loss(q: Any, k: Any, v: Any, mask: Any) -> Any:
        return gg.sum(scaled_dot_product_attention(q, k, v, mask) ** 2)

    for mask in (None, MASK, BIAS):
        step = gg.jit(gg.grad(loss, argnums=(0, 1, 2)), engine=engine)
        for _ in range(3):
            found = step(q, k, v, mask)
        wanted = gg.grad(loss, argnums=(0, 1, 2))(q, k, v, mask)
        same(found, wanted, {"float16": 1e-2, "float32": 1e-5, "float64": 1e-12}[dtype])
        assert {x.dtype.name for x in found} == {dtype}     # a float64 mask widens nothing


def test_derivatives_of_attention() -> None:
    for mask in (None, MASK, BIAS):
        check_grads(lambda *x, m=mask: scaled_dot_product_attention(*x, m), (Q, K, V), order=2)
    bias = np.where(MASK, BIAS, 0.0)
    check_grads(lambda b: scaled_dot_product_attention(Q, K, V, b), (bias,))
    layer = layer_of(kv_heads=2, rotary=True)
    check_grads(lambda m, x: m(x, causal=True), (layer, X), order=2)
    check_grads(lambda m, x, c: m(x, c), (layer_of(), X, CONTEXT))
    check_grads(lambda m, x: m(x), (random_biases(TransformerBlock(
        WIDTH, 2, 6, causal=True, dtype="float64")), X), order=2)  # fmt: skip


def projected(layer: MultiheadAttention, x: Any, context: Any) -> tuple[Any, Any, Any]:
    """Queries, keys and values by hand."""
    weight, bias = layer.qkv
    kv = layer.kv_heads * D
    parts = (slice(0, WIDTH), slice(WIDTH, WIDTH + kv), slice(WIDTH + kv, None))
    found = []
    for given, part in zip((x, context, context), parts, strict=True):
        y = given @ weight[:, part] + bias[part]
        found.append(np.stack(np.split(y, y.shape[-1] // D, axis=-1), axis=-3))
    return found[0], found[1], found[2]


@pytest.mark.parametrize("settings", [{}, {"kv_heads": 2}, {"kv_heads": 1}, {"rotary": True}])
def test_a_layer_is_its_formula(settings: dict[str, Any]) -> None:
    layer = layer_of(**settings)

    def wanted(x: Any, context: Any, allowed: Any) -> Any:
        q, k, v = projected(layer, x, context)
        if layer.rotary:
            q, k = rotary(q), rotary(k)
        found = np.concatenate(np.moveaxis(by_hand(q, k, v, allowed), -3, 0), axis=-1)
        return found @ layer.out.weight + layer.out.bias

    same(layer(X), wanted(X, X, True))
    same(layer(X, CONTEXT), wanted(X, CONTEXT, True))
    same(layer(X, CONTEXT, mask=MASK), wanted(X, CONTEXT, MASK))
    same(layer(X, CONTEXT, mask=MASK[:, 0]), wanted(X, CONTEXT, MASK[:, :1]))
    same(layer(X, CONTEXT, mask=MASK[0, 0]), wanted(X, CONTEXT, MASK[0, 0]))
    same(layer(X, causal=True), wanted(X, X, CAUSAL))
    same(layer(X, mask=MASK[..., :N], causal=True), wanted(X, X, MASK[..., :N] & CAUSAL))
    same(layer(X[1]), layer(X)[1])
    same(layer(X[None]), layer(X)[None])
    same(layer(X[1], CONTEXT[1], mask=MASK[1]), wanted(X, CONTEXT, MASK)[1])
    shares = layer.weights(X, CONTEXT, mask=MASK[:, 0])
    assert shares.shape == (BATCH, HEADS, N, M)
    np.testing.assert_allclose(shares.sum(-1), 1)
    assert np.all((shares > 0) == (MASK[:, :1] | ~MASK[:, :1].any(-1, keepdims=True)))


@pytest.mark.parametrize("settings", [
    {}, {"kv_heads": 2}, {"rotary": True}, {"kv_heads": 1, "rotary": True},
])  # fmt: skip
@pytest.mark.parametrize("engine", ["eager", "numpy", "native"])
def test_tokens_one_by_one_are_the_whole(settings: dict[str, Any], engine: str) -> None:
    layer = layer_of(**settings)
    wanted = layer(X, causal=True)
    step: Any = lambda x, cache: layer(x, cache=cache)   # noqa: E731
    step = step if engine == "eager" else gg.jit(step, engine=engine)
    cache = layer.init_cache(BATCH, N)
    for part in (slice(0, 2), slice(2, 3), slice(3, 4), slice(4, 5)):
        y, cache = step(X[:, part], cache)
        same(y, wanted[:, part])
    assert int(cache.position) == N
    with pytest.raises(InvalidArgument if engine == "eager" else IndexError, match="5"):
        step(X[:, :1], cache)
    lone = layer.init_cache((), 9)                  # without a batch, and with room to spare
    y, lone = layer(X[0, :3], cache=lone)
    same(y, wanted[0, :3])


def test_a_mask_of_the_cache() -> None:
    """Shorter sequences of a batch are padded in front, and nothing looks there."""
    layer = layer_of()
    seen = np.arange(N + 2) >= np.array([0, 2, 1])[:, None]
    cache = layer.init_cache(BATCH, N + 2)
    found = []
    for i in range(N):
        y, cache = layer(X[:, i : i + 1], cache=cache, mask=seen[:, None])
        found.append(y)
    y = np.concatenate(found, axis=1)
    for i, first in enumerate([0, 2, 1]):
        same(y[i, first:], layer(X[i, first:], causal=True))
        np.testing.assert_allclose(y[i, :first], np.broadcast_to(layer.out.bias, (first, WIDTH)))


def test_generating_is_one_compiled_function() -> None:
    pytest.importorskip("llvmlite")
    block = TransformerBlock(WIDTH, HEADS, causal=True, rotary=True)
    step = gg.jit(lambda block, x, cache: block(x, cache=cache), engine="native")
    x = X.astype("float32")[:, :1]
    said = str(step.explain(block, x, block.init_cache(BATCH, N)))
    assert "native: 1 compiled function in each run" in said.splitlines()[0]


@pytest.mark.parametrize("masked", [False, True])
def test_a_step_of_training_is_one_compiled_function(masked: bool) -> None:
    pytest.importorskip("llvmlite")
    block, adam = TransformerBlock(WIDTH, HEADS, causal=True, dropout=0.1), gg.optim.adam(1e-2)
    mask = MASK[:, :1, :, :N] if masked else None

    def update(block: Any, state: Any, x: Any, mask: Any, key: Any) -> Any:
        grads = gg.grad(lambda m: gg.mean(m(x, mask=mask, key=key, training=True) ** 2))(block)
        updates, state = adam.update(grads, state, block)
        return gg.optim.apply_updates(block, updates), state

    step = gg.jit(update, engine="native")
    args = (block, adam.init(block), X.astype("float32"), mask, gg.random.key(0))
    said = str(step.explain(*args))
    assert "native: 1 compiled function in each run" in said.splitlines()[0]


def normed(norm: Any, x: Any) -> Any:
    middle = x - x.mean(-1, keepdims=True)
    spread = np.sqrt((middle**2).mean(-1, keepdims=True) + norm.eps)
    return middle / spread * norm.weight + norm.bias


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("causal", [False, True])
def test_a_block_is_its_formula(norm_first: bool, causal: bool) -> None:
    block = random_biases(TransformerBlock(
        WIDTH, 2, 6, causal=causal, norm_first=norm_first, activation="tanh", dtype="float64"
    ))  # fmt: skip

    def network(x: Any) -> Any:
        return np.tanh(x @ block.up.weight + block.up.bias) @ block.down.weight + block.down.bias

    if norm_first:
        x = X + block.attention(normed(block.norm1, X), causal=causal)
        wanted = x + network(normed(block.norm2, x))
    else:
        x = normed(block.norm1, X + block.attention(X, causal=causal))
        wanted = normed(block.norm2, x + network(x))
    same(block(X), wanted)
    mask = MASK[:, 0, :1, :N]                       # of the keys
    assert not np.allclose(block(X, mask=mask[:, None][:, 0]), wanted)
    if causal:
        cache = block.init_cache(BATCH, N)
        first, cache = block(X[:, :2], cache=cache)
        second, cache = block(X[:, 2:], cache=cache)
        same(np.concatenate([first, second], axis=1), wanted)


def test_hidden_width() -> None:
    assert TransformerBlock(8, 2).up.weight.shape == (8, 32)
    assert TransformerBlock(8, 2, 5, bias=False).down.weight.shape == (5, 8)
    assert TransformerBlock(8, 2, bias=False).attention.qkv.bias is None


def test_dropout_is_of_training() -> None:
    key = gg.random.key(0)
    for model in (layer_of(dropout=0.5), TransformerBlock(WIDTH, 2, dropout=0.5, dtype="float64")):
        np.testing.assert_array_equal(model(X), model(X, key=key))
        dropped = model(X, key=key, training=True)
        np.testing.assert_array_equal(model(X, key=key, training=True), dropped)
        assert not np.allclose(dropped, model(X))
        with pytest.raises(InvalidArgument, match="training without a key"):
            model(X, training=True)
    layer = layer_of(dropout=0.5)
    many = np.mean([layer(X, key=k, training=True) for k in gg.random.split(key, 400)], axis=0)
    assert np.abs(many - layer(X)).max() < 0.2      # of which the mean is what is not dropped
    chain = gg.nn.Sequential([TransformerBlock(WIDTH, 2, dropout=0.5, dtype="float64"), "relu"])
    assert not np.allclose(chain(X, key=key, training=True), chain(X))


def test_an_ensemble_is_its_members() -> None:
    for make in (layer_of, lambda rng: TransformerBlock(WIDTH, 2, rng=rng, dtype="float64")):
        members = [make(rng=seed) for seed in range(3)]
        stacked = gg.tree.map(lambda *leaves: np.stack(leaves), *members)
        found = gg.vmap(lambda m: m(X))(stacked)
        grads = gg.jit(gg.vmap(gg.grad(lambda m: gg.sum(m(X) ** 2))))(stacked)
        for i, member in enumerate(members):
            same(found[i], member(X))
            same(gg.tree.map(lambda x, i=i: x[i], grads),
                 gg.grad(lambda m: gg.sum(m(X) ** 2))(member), 1e-10)  # fmt: skip
    layer = layer_of(rotary=True)                   # sequences by vmap, with a cache each
    caches = gg.tree.map(lambda x: np.stack([x] * BATCH), layer.init_cache((), N))
    y, caches = gg.vmap(lambda x, cache: layer(x, cache=cache))(X, caches)
    same(y, layer(X, causal=True))
    keys = gg.random.split(gg.random.key(0), 2)
    drawn = gg.vmap(lambda key: MultiheadAttention(WIDTH, 2, rng=key))(keys)
    assert drawn.qkv.weight.shape == (2, WIDTH, 3 * WIDTH)


def test_copies_and_files(tmp_path: Path) -> None:
    for model, text in (
        (layer_of(kv_heads=2, rotary=True), "MultiheadAttention(8, heads=4, kv_heads=2, rotary"),
        (TransformerBlock(WIDTH, 2, causal=True, dtype="float64"), "TransformerBlock(8, heads=2"),
    ):
        again = pickle.loads(pickle.dumps(model))
        assert repr(again) == repr(model)
        assert repr(model).startswith(text)
        same(again(X), model(X))
        gg.tree.save(tmp_path / "model.npz", model)
        other = gg.tree.map(np.zeros_like, model)
        same(gg.tree.load(tmp_path / "model.npz", other), model)


def test_positions() -> None:
    table = sinusoidal_positions(50, 6, "float64")
    for p, i in product(range(50), range(3)):
        np.testing.assert_allclose(table[p, 2 * i], np.sin(p / 10000 ** (2 * i / 6)), atol=1e-14)
        np.testing.assert_allclose(table[p, 2 * i + 1], np.cos(p / 10000 ** (2 * i / 6)))
    assert sinusoidal_positions(4, 5).shape == (4, 5)
    assert sinusoidal_positions(4, 5).dtype == np.float32


def test_rotary_turns_pairs() -> None:
    x = RNG.normal(size=(2, N, 6))
    pairs = x[..., :3] + 1j * x[..., 3:]
    for positions in (None, np.array([3, 9, 4, 0, 1000])):
        places = np.arange(N) if positions is None else positions
        turned = pairs * np.exp(1j * places[:, None] / 10000 ** (np.arange(3) / 3))
        wanted = np.concatenate([turned.real, turned.imag], axis=-1)
        same(rotary(x, positions), wanted)
        same(gg.jit(rotary)(x, positions), wanted)
        assert rotary(x.astype("float32"), positions).dtype == np.float32
    a, b = rotary(x[:, :1], np.array([7])), rotary(x[:, 1:2], np.array([9]))
    c, d = rotary(x[:, :1], np.array([107])), rotary(x[:, 1:2], np.array([109]))
    np.testing.assert_allclose(np.sum(a * b, -1), np.sum(c * d, -1))    # only the distance counts
    check_grads(rotary, (x,))


GIVEN = MultiheadAttention(WIDTH, HEADS)
ATTEND = scaled_dot_product_attention
ONE = TransformerBlock(WIDTH, HEADS)
CACHE = GIVEN.init_cache(BATCH, N)
REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "heads": (lambda: MultiheadAttention(8, 3), "width is 8, heads are 3 and kv_heads 3; expected"),
    "kv_heads": (lambda: MultiheadAttention(8, 4, kv_heads=3), "kv_heads that divide the heads"),
    "no heads": (lambda: MultiheadAttention(8, 0), "MultiheadAttention: heads is 0"),
    "width": (lambda: MultiheadAttention(8.0, 2), r"width is 8\.0; expected an integer"),
    "dropout": (lambda: MultiheadAttention(8, 2, dropout=1), "rate is 1; it must be"),
    "rotary": (lambda: MultiheadAttention(8, 2, rotary="yes"), "rotary is 'yes'; expected True"),
    "odd": (lambda: MultiheadAttention(6, 2, rotary=True)(X[..., :6]), "with an even width"),
    "x": (lambda: GIVEN(X[..., :3]), r"x has shape \(3, 5, 3\); expected \(\.\.\., length, 8\)"),
    "context": (lambda: GIVEN(X, X[..., :3]), r"context has shape \(3, 5, 3\) and x \(3, 5, 8\)"),
    "context, batch": (lambda: GIVEN(X, X[:1]), r"context has shape \(1, 5, 8\) and x \(3, 5, 8\)"),
    "context, lone": (lambda: GIVEN(X[0], X[0, 0]), r"context has shape \(8,\) and x \(5, 8\)"),
    "one token": (lambda: GIVEN(X[0, 0]), r"x has shape \(8,\)"),
    "mask": (
        lambda: GIVEN(X, mask=np.ones((BATCH, N), bool)[:, :4]),
        r"mask is bool\[3, 4\]; expected an array that broadcasts to \(3, 4, 5, 5\)",
    ),
    "mask of integers": (lambda: GIVEN(X, mask=np.ones((N, N), int)), r"mask is int64\[5, 5\]; e"),
    "mask, a list": (lambda: GIVEN(X, mask=[True]), r"mask is list\[\]"),
    "causal context": (lambda: GIVEN(X, CONTEXT, causal=True), "x has 5 places and the context 7"),
    "cache and context": (lambda: GIVEN(X, CONTEXT, cache=CACHE), "a cache and a context; expe"),
    "cache, batch": (
        lambda: GIVEN(X[:2], cache=CACHE),
        r"the cache is for a batch of \(3,\), 4 heads of width 2, and x has \(2,\), 4 and 2",
    ),
    "cache, long": (lambda: GIVEN(CONTEXT, cache=CACHE), "7 tokens do not fit into the cache"),
    "cache, full": (
        lambda: GIVEN(X, cache=GIVEN(X[:, :1], cache=CACHE)[1]), "has room for 5 in all; expected"
    ),
    "no batch": (lambda: GIVEN.init_cache("a", 3), "init_cache: batch is 'a'"),
    "no length": (lambda: GIVEN.init_cache(3, 0), "init_cache: length is 0"),
    "block, cache": (lambda: ONE(X, cache=ONE.init_cache(3, 9)), "a cache, but causal=False"),
    "block, causal": (lambda: TransformerBlock(8, 2, causal=1), "causal is 1; expected True or"),
    "block, hidden": (lambda: TransformerBlock(8, 2, 0), "TransformerBlock: hidden is 0"),
    "block, order": (lambda: TransformerBlock(8, 2, norm_first=None), "norm_first is None"),
    "block, name": (lambda: TransformerBlock(8, 2, activation="glu"), "unknown activation 'glu'"),
    "q and k": (lambda: ATTEND(Q, K[..., :1], V), r"q has shape \(3, 4, 5, 2\), k \(3, 4, 7, 1\)"),
    "k and v": (lambda: ATTEND(Q, K, V[..., :5, :]), r"and v \(3, 4, 5, 2\); expected"),
    "heads of k": (lambda: ATTEND(Q, K[:, :3], V[:, :3]), "where k and v may have fewer heads"),
    "vectors": (lambda: ATTEND(Q[0, 0, 0], K, V), r"q has shape \(2,\)"),
    "causal": (lambda: ATTEND(Q, K, V, causal=True), "causal=True with 5 queries and 7 keys"),
    "positions": (lambda: sinusoidal_positions(-1, 4), "sinusoidal_positions: length is -1"),
    "positions, integers": (lambda: sinusoidal_positions(4, 4, int), "dtype is <class 'int'>; p"),
    "rotary, base": (lambda: rotary(np.ones((2, 4)), base=0), "rotary: base is 0; expected a po"),
    "rotary, odd": (lambda: rotary(np.ones((2, 3))), r"rotary: x has shape \(2, 3\); expected"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_wrong_arguments_are_refused(name: str) -> None:
    call, wanted = REFUSED[name]
    with pytest.raises(InvalidArgument, match=wanted):
        call()


def test_a_wrong_mask_is_found() -> None:
    """What is written by hand tells masks apart that differ in one place."""
    other = MASK.copy()
    other[0, 0, 1, 4] = False
    found = scaled_dot_product_attention(Q, K, V, MASK)
    assert np.abs(found - by_hand(Q, K, V, other))[0, 0, 1].max() > 1e-3


# NaN in masks, and no keys

IN_EACH_WAY = pytest.mark.parametrize("way", [
    lambda f: f, lambda f: gg.jit(f, engine="numpy"), lambda f: gg.jit(f, engine="native"),
], ids=["eager", "numpy", "native"])  # fmt: skip


@IN_EACH_WAY
def test_a_nan_in_a_mask_that_is_added_is_seen(way: Callable[..., Any]) -> None:
    """It is no -inf: only the queries that look through it find NaN, and have it as gradient."""
    bias = BIAS[0, 0].copy()
    bias[2], bias[3] = 0.0, -np.inf
    bias[2, 4] = np.nan
    arrays = Q[0, :1], K[0, :1], V[0, :1]
    y = way(scaled_dot_product_attention)(*arrays, bias)
    assert np.isnan(y[0, 2]).all()
    np.testing.assert_array_equal(y[0, 3], 0)
    rest = [0, 1, 3, 4]
    allowed = bias[rest] != -np.inf
    finite = np.where(allowed, bias[rest], 0.0)
    same(y[:, rest], by_hand(arrays[0][:, rest], *arrays[1:], allowed, finite))

    def loss(q: Any, queries: Any) -> Any:
        return gg.sum(scaled_dot_product_attention(q, *arrays[1:], bias)[0] * queries[:, None])

    slopes = way(gg.grad(loss))
    assert np.isnan(slopes(arrays[0], np.arange(N) == 2.0)[0, 2]).all()
    others = slopes(arrays[0], np.isin(np.arange(N), rest) * 1.0)[0]
    assert np.isfinite(others[rest]).all()
    np.testing.assert_array_equal(others[3], 0)


@IN_EACH_WAY
@pytest.mark.parametrize(("n", "m"), [(N, 0), (0, M), (0, 0)])
def test_sequences_of_nothing(n: int, m: int, way: Callable[..., Any]) -> None:
    """Who finds no key takes zeros, whatever the mask, and has gradient 0."""
    q, k, v = Q[:, :, :n], K[:, :, :m], V[:, :, :m]
    for mask in (None, np.ones((n, m), bool), np.zeros((n, m))):
        y = way(scaled_dot_product_attention)(q, k, v, mask)
        np.testing.assert_array_equal(y, np.zeros((BATCH, HEADS, n, D)))

    def loss(q: Any, k: Any, v: Any) -> Any:
        return gg.sum((scaled_dot_product_attention(q, k, v) - 1) ** 2)

    for slope, x in zip(way(gg.grad(loss, argnums=(0, 1, 2)))(q, k, v), (q, k, v), strict=True):
        np.testing.assert_array_equal(slope, np.zeros_like(x))


@IN_EACH_WAY
def test_layers_take_sequences_of_nothing(way: Callable[..., Any]) -> None:
    layer, none = layer_of(), X[:, :0]
    assert way(layer)(none).shape == (BATCH, 0, WIDTH)
    assert way(lambda x: layer(x, causal=True))(none).shape == (BATCH, 0, WIDTH)
    bias = layer.out.bias
    same(way(lambda x, context: layer(x, context))(X, none), np.broadcast_to(bias, X.shape))
    block = TransformerBlock(WIDTH, HEADS, causal=True, dtype="float64")
    assert way(block)(none).shape == (BATCH, 0, WIDTH)
    slopes = way(gg.grad(lambda layer: gg.sum(layer(X, none))))(layer)
    np.testing.assert_array_equal(slopes.qkv.weight, 0)
    np.testing.assert_allclose(slopes.out.bias, BATCH * N)
