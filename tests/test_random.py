"""Random numbers: the known answers of Philox, and the same numbers however they are asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from networks import with_dropout

import gpugrad as gg
from gpugrad.backends import philox
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
    words = gg.random_bits(gg.random.key(0), 4)
    assert " ".join(f"{word:08x}" for word in words.tolist()) == KNOWN[0][2]


def test_seeds_of_64_bits_are_whole_keys() -> None:
    assert gg.random.key(2**40 + 5).tolist() == [5, 2**8]
    for seed in (-1, 2**64, 0.5, "x"):
        with pytest.raises(InvalidArgument, match="wanted is an integer from 0"):
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
        gg.random.uniform(gg.random.key(0), 3, dtype=np.float16)


def training(step: Any) -> Any:
    rng = np.random.default_rng(0)
    w, key = rng.normal(size=(6, 4)).astype("float32"), gg.random.key(4)
    x = rng.normal(size=(16, 6)).astype("float32")
    for _ in range(6):
        w, key, _ = step(w, key, x)
    return w, key


@pytest.mark.parametrize("donated", [(), (0, 1)])
@pytest.mark.parametrize("engine", ["numpy", "numba"])
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
    for rate in (-0.1, 1.0):
        with pytest.raises(InvalidArgument, match="at least 0 and below 1"):
            gg.nn.dropout(x, key, rate)
