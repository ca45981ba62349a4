"""Random numbers: the known answers of Philox, and the same numbers however they are asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from networks import with_dropout

import gpugrad as gg
from gpugrad.backends import philox
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument

KNOWN = [
    ((0, 0, 0, 0), (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
]
"""Counter, key and words, as the authors of Philox publish them."""


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_known_answers(counter: Any, key: Any, words: str) -> None:
    found = philox.blocks(
        np.array(key, np.uint32), tuple(np.array([word], np.uint64) for word in counter)
    )
    assert " ".join(f"{int(word[0]):08x}" for word in found) == words


def test_a_stream_begins_with_the_known_answer() -> None:
    words = ops.random_bits(gg.random.key(0), 4)
    assert " ".join(f"{word:08x}" for word in words.tolist()) == KNOWN[0][2]


def test_seeds_of_64_bits_are_whole_keys() -> None:
    assert gg.random.key(2**40 + 5).tolist() == [5, 2**8]
    for seed in (-1, 2**64, 0.5, "x"):
        with pytest.raises(InvalidArgument, match="expected an integer from 0"):
            gg.random.key(seed)  # type: ignore[arg-type]


def test_numbers_are_spread_as_they_should_be() -> None:
    first, second, third = gg.random.split(gg.random.key(1), 3)
    for dtype in (np.float32, np.float64):
        u = gg.random.uniform(first, (400, 500), dtype=dtype)
        assert u.dtype == dtype
        assert (u.min() >= 0, u.max() < 1) == (True, True)
        assert abs(u.mean() - 0.5) < 0.003
        assert abs(u.var() - 1 / 12) < 0.001
        n = gg.random.normal(second, (401, 499), dtype=dtype)
        assert n.dtype == dtype
        assert np.isfinite(n).all()
        assert abs(n.mean()) < 0.01
        assert abs(n.var() - 1) < 0.02
        assert abs((n**4).mean() - 3) < 0.1
    assert abs(gg.random.bernoulli(third, 0.3, (1000, 200)).mean() - 0.3) < 0.005
    pair = [gg.random.uniform(own, 10_000) for own in (first, second)]
    assert abs(np.corrcoef(*pair)[0, 1]) < 0.05
    u = gg.random.uniform(third, 1000, low=-2.0, high=6.0)
    assert (u.min() > -2, u.min() < -1.8, u.max() > 5.8, u.max() < 6) == (True,) * 4


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_one_number_is_an_array_without_axes(dtype: str) -> None:
    for f in (gg.random.uniform, gg.random.normal):
        x = f(gg.random.key(3), dtype=dtype)
        assert type(x) is np.ndarray
        assert (x.shape, x.dtype) == ((), dtype)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 5])
def test_any_number_of_numbers(size: int) -> None:
    key = gg.random.key(3)
    for f in (gg.random.uniform, gg.random.normal):
        assert f(key, size).shape == (size,)
    assert gg.random.uniform(key, 5)[:size].tolist() == gg.random.uniform(key, size).tolist()


def test_what_is_no_key_is_refused() -> None:
    for wrong in (np.zeros(2), np.zeros(3, np.uint32), np.zeros(2, np.int64)):
        with pytest.raises(InvalidArgument, match="a key is uint32"):
            gg.random.uniform(wrong, 3)
    with pytest.raises(InvalidArgument, match="float32 or float64"):
        gg.random.uniform(gg.random.key(0), 3, dtype=np.int64)


LARGEST = {dtype: float(np.finfo(dtype).max) for dtype in ("float16", "float32", "float64")}

INTERVALS = [
    *((100.0, 101.0, dtype) for dtype in LARGEST), *((-1.0, 1e-3, dtype) for dtype in LARGEST),
    (0.0, 1.0, "float16"), (1000.0, 1001.0, "float32"), (2.0**52, 2.0**52 + 2, "float64"),
    (-1e-300, 0.0, "float64"), (0.0, 5e-324, "float64"), (-6e-8, 6e-8, "float16"),
    *((-x, x, dtype) for dtype, x in LARGEST.items()),
    *((-x, 1.0, dtype) for dtype, x in LARGEST.items()),
    *((0.0, x, dtype) for dtype, x in LARGEST.items()),
]  # fmt: skip


@pytest.mark.parametrize(("low", "high", "dtype"), INTERVALS)
@pytest.mark.parametrize("engine", [None, "numpy", "native"])
def test_uniform_numbers_stay_below_the_upper_end(
    low: float, high: float, dtype: str, engine: str | None
) -> None:
    key, n = gg.random.key(7), 1 << 17

    def draw(key: Any) -> Any:
        return gg.random.uniform(key, n, low, high, dtype=dtype)

    u = draw(key)
    if engine is not None:
        step = gg.jit(lambda key: draw(key) * 1.0, engine=engine)
        for _ in range(3):
            found = step(key)
        np.testing.assert_array_equal(found, u)
        return
    assert u.dtype == dtype
    first, last = np.array([low, high], dtype)
    assert (u >= first).all()
    assert (u < last).all()
    size = max(abs(low), abs(high))
    if size >= 1e-3 and high / 2 - low / 2 > size / 100:    # more than a few numbers lie inside
        share = (u / np.float64(size) - low / size) / (high / size - low / size)
        np.testing.assert_allclose([share.min(), share.mean(), share.max()], [0, 0.5, 1], atol=5e-3)


def test_ends_that_are_no_interval_are_refused() -> None:
    key = gg.random.key(0)
    for low, high in ((2.0, 1.0), (0.0, np.inf), (np.nan, 1.0), (0.0, 1e300)):
        with pytest.raises(InvalidArgument, match="expected finite numbers of that dtype"):
            gg.random.uniform(key, 3, low, high, dtype="float32")
    with pytest.raises(InvalidArgument, match="low or high is an array"):
        gg.random.uniform(key, 3, np.zeros(3), 1.0)  # type: ignore[arg-type]
    assert gg.random.uniform(key, 3, 2.0, 2.0).tolist() == [2.0] * 3
    assert gg.random.uniform(key, 3, np.float64(1), np.float64(2), "float32").dtype == np.float32


def test_each_element_is_drawn_by_itself() -> None:
    key = gg.random.key(0)
    half = np.full((50, 40), 0.5)
    for p in (half, half.astype("float32"), gg.tensor(half)):
        drawn = np.asarray(gg.random.bernoulli(key, p))
        assert drawn.shape == (50, 40)
        assert len(set(map(tuple, drawn))) == 50
        assert abs(drawn.mean() - 0.5) < 0.05
    drawn = gg.random.bernoulli(key, np.array([[0.0], [0.25], [1.0]]), (1000,))
    np.testing.assert_allclose(drawn.mean(axis=1), [0.0, 0.25, 1.0], atol=0.05)
    assert gg.random.bernoulli(key, [0.0, 1.0], (3, 2)).tolist() == [[False, True]] * 3


def test_small_probabilities_have_all_their_bits() -> None:
    key, n = gg.random.key(0), 1 << 16
    least = np.sort(gg.random.uniform(key, n))[0]   # of which float32 has few digits
    assert gg.random.bernoulli(key, least, (n,)).sum() == 0
    assert gg.random.bernoulli(key, np.nextafter(least, 1), (n,)).sum() == 1
    step = gg.jit(lambda key, p: gg.random.bernoulli(key, p, (n,)))
    for _ in range(3):
        assert step(key, float(np.nextafter(least, 1))).sum() == 1
    for p in (0, 0.0, np.float32(0)):
        assert not gg.random.bernoulli(key, p, (n,)).any()
    for p in (1, 1.0, True, np.float32(1)):
        assert gg.random.bernoulli(key, p, (n,)).all()
    for p in (-0.1, 1.5, np.nan, np.float64(2)):
        with pytest.raises(InvalidArgument, match="expected a probability"):
            gg.random.bernoulli(key, p)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_tails_are_those_of_the_normal_distribution(dtype: str) -> None:
    x = np.abs(gg.random.normal(gg.random.key(9), 1 << 20, dtype=dtype))
    for limit, share in ((1, 0.31731), (2, 0.045500), (3, 2.6998e-3), (4, 6.3342e-5)):
        wanted = share * x.size
        assert abs((x > limit).sum() - wanted) < 5 * np.sqrt(wanted)
    assert x.max() < 5.78 if dtype == "float32" else 8.59


def test_half_precision_is_that_of_float32_rounded() -> None:
    key = gg.random.key(3)
    for f in (gg.random.uniform, gg.random.normal):
        half, single = f(key, 1000, dtype="float16"), f(key, 1000, dtype="float32")
        assert half.dtype == np.float16
        np.testing.assert_allclose(half, single, atol=2**-11, rtol=2**-11)


def training(step: Any) -> Any:
    rng = np.random.default_rng(0)
    w, key = rng.normal(size=(6, 4)).astype("float32"), gg.random.key(4)
    x = rng.normal(size=(16, 6)).astype("float32")
    for _ in range(6):
        w, key, _ = step(w, key, x)
    return w, key


@pytest.mark.parametrize("donated", [(), (0, 1)])
@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_a_compiled_step_drops_what_an_eager_one_drops(engine: str, donated: Any) -> None:
    wanted, last = training(with_dropout)
    found, key = training(gg.jit(with_dropout, engine=engine, donate_argnums=donated))
    np.testing.assert_allclose(found, wanted, rtol=1e-5)
    assert key.tolist() == last.tolist()


def test_dropout_keeps_the_mean_and_its_gradient_is_the_mask() -> None:
    x = np.ones((300, 300))
    key = gg.random.key(5)
    y = gg.nn.dropout(x, key, 0.2)
    assert abs(y.mean() - 1) < 0.01
    assert set(np.unique(y)) == {0.0, 1.25}
    g = gg.grad(lambda x: gg.sum(gg.nn.dropout(x, key, 0.2)))(x)
    np.testing.assert_array_equal(g, y)
    np.testing.assert_array_equal(gg.nn.dropout(x, key, 0.0), x)
    assert gg.nn.dropout(x.astype("float32"), key, np.float64(0.2)).dtype == np.float32
    assert gg.nn.dropout(x, key, 1e-9).all()
    for rate in (-0.1, 1.0):
        with pytest.raises(InvalidArgument, match="at least 0 and below 1"):
            gg.nn.dropout(x, key, rate)


LOGITS = np.array([[0.0, 1.0, -1.0, -np.inf], [2.0, -np.inf, 2.0, 3.0]])


def test_classes_are_drawn_with_the_probabilities_of_their_logits() -> None:
    n = 40_000
    shares = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)
    drawn = gg.random.categorical(gg.random.key(1), LOGITS, shape=(n, 2))
    assert drawn.dtype == np.int64
    for row in range(2):
        found = np.bincount(drawn[:, row], minlength=4) / n
        assert (found[shares[row] == 0] == 0).all()     # what is forbidden never occurs
        np.testing.assert_allclose(found, shares[row], atol=5 * np.sqrt(0.25 / n))
    both = np.histogram2d(drawn[:, 0], drawn[:, 1], bins=4, range=[[0, 4], [0, 4]])[0] / n
    np.testing.assert_allclose(both, np.outer(*shares), atol=5 * np.sqrt(0.25 / n))
    # The logits are the same up to a constant, of any size, and in any dtype.
    for other in (LOGITS + 1e4, LOGITS.astype("float32"), LOGITS.tolist()):
        again = gg.random.categorical(gg.random.key(1), other, shape=(n, 2))
        assert (again == drawn).mean() > 0.9999


def test_shapes_of_classes_are_those_of_jax() -> None:
    key, logits = gg.random.key(0), np.zeros((3, 4, 5))
    assert gg.random.categorical(key, logits).shape == (3, 4)
    assert gg.random.categorical(key, logits, axis=0).shape == (4, 5)
    assert gg.random.categorical(key, logits, 1, (7, 3, 5)).shape == (7, 3, 5)
    assert gg.random.categorical(key, logits[:1], shape=(3, 4)).shape == (3, 4)
    assert gg.random.categorical(key, logits[0, 0], shape=7).shape == (7,)
    assert gg.random.categorical(key, np.zeros((2, 3))[:, :1]).tolist() == [0, 0]
    assert gg.random.categorical(key, np.zeros((0, 3))).shape == (0,)
    moved = gg.random.categorical(key, np.moveaxis(LOGITS, 1, 0), axis=0)
    np.testing.assert_array_equal(moved, gg.random.categorical(key, LOGITS))
    for logits, settings in (
        (0.0, {}), (np.zeros((2, 0)), {}), (np.zeros(3), {"axis": 1}),
        (np.zeros((2, 3)), {"shape": (3,)}), (np.zeros((2, 3)), {"shape": ()}),
    ):
        with pytest.raises(InvalidArgument, match=r"categorical: .*expected"):
            gg.random.categorical(key, logits, **settings)


def test_classes_follow_logits_that_are_traced_or_batched() -> None:
    keys = gg.random.split(gg.random.key(3), 6)
    logits = np.random.default_rng(0).normal(size=(6, 5))
    expected = np.stack([gg.random.categorical(k, x) for k, x in zip(keys, logits, strict=True)])
    batched = gg.vmap(gg.random.categorical)
    np.testing.assert_array_equal(batched(keys, logits), expected)
    for engine in ("numpy", "native"):
        compiled = gg.jit(batched, engine=engine)
        for _ in range(3):
            np.testing.assert_array_equal(compiled(keys, logits), expected)
    # The draw itself is constant: gradients go through what is computed with it.
    slopes = gg.grad(lambda x: gg.sum(x[gg.random.categorical(keys[0], x)]))(logits[0])
    np.testing.assert_array_equal(slopes, np.arange(5) == expected[0])


DRAWN = {
    "uniform": lambda k: gg.random.uniform(k, (5, 3)),
    "float32": lambda k: gg.random.uniform(k, (7,), -1.0, 2.0, dtype=np.float32),
    "float16": lambda k: gg.random.uniform(k, (3,), dtype=np.float16),
    "one": gg.random.uniform,
    "none": lambda k: gg.random.uniform(k, (2, 0)),
    "normal": lambda k: gg.random.normal(k, (5,)),
    "bernoulli": lambda k: gg.random.bernoulli(k, 0.3, (4,)),
    "categorical": lambda k: gg.random.categorical(k, LOGITS),
    "split": lambda k: gg.random.split(k, 3),
    "dropout": lambda k: gg.nn.dropout(np.ones(6), k, 0.5),
    "nested": lambda k: gg.vmap(lambda own: gg.random.uniform(own, (3,)))(gg.random.split(k, 4)),
}


@pytest.mark.parametrize("draw", DRAWN)
def test_a_batch_of_keys_draws_what_each_key_does(draw: str) -> None:
    f, keys = DRAWN[draw], gg.random.split(gg.random.key(3), 12)
    expected = np.stack([f(key) for key in keys])

    def check(found: Any, of: Any = expected) -> None:
        assert found.dtype == of.dtype
        assert found.shape == of.shape
        close = 1e-14 if draw == "normal" else 0    # logarithms of engines differ
        np.testing.assert_allclose(found, of, rtol=close)

    check(gg.vmap(f)(keys))
    check(gg.vmap(f, in_axes=1)(keys.T))
    squares = expected.reshape(3, 4, *expected.shape[1:])
    check(gg.vmap(gg.vmap(f))(keys.reshape(3, 4, 2)), squares)
    for engine in ("numpy", "native"):
        compiled, across = (gg.jit(gg.vmap(f, in_axes=i), engine=engine) for i in (0, 1))
        for _ in range(3):
            check(compiled(keys))
            check(across(keys.T))


def test_a_batch_of_keys_is_one_call() -> None:
    keys = gg.random.split(gg.random.key(0), 64)
    drawing = gg.jit(gg.vmap(lambda key: gg.random.uniform(key, (3,))))
    drawing(keys)
    assert [step.op for step in drawing.plan(keys).steps] == ["random_uniform"]
    assert drawing(keys[:0]).shape == (0, 3)


def test_keys_have_two_words() -> None:
    with pytest.raises(ValueError, match="unpack"):
        philox.bits(np.zeros((4, 3), np.uint32), (2,))
