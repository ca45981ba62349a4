"""What is large by broadcasting alone is made part by part while it is traced, with the values of
the same function op by op, and without the memory of the whole.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from thresholds import lowered

import gpugrad as gg
from gpugrad.tracing.deferred import Deferred

OURS = [f"tracing.deferred.{name}" for name in ("LARGE", "MOST", "PART", "PARTS")]


@pytest.fixture
def small() -> Iterator[None]:
    """Arrays of two elements are deferred, and parts have one row."""
    with lowered(OURS[:1] + OURS[2:3]):
        yield


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """The shapes of those that became whole arrays."""
    found: list[tuple[int, ...]] = []
    array = Deferred.array

    def noted(self: Deferred) -> Any:
        if self._expression is not None:
            found.append(self.shape)
        return array(self)

    monkeypatch.setattr(Deferred, "array", noted)
    return found


def pairs(x: Any, y: Any) -> Any:
    return x[:, None] - y[None]


def scaled(x: Any, y: Any) -> Any:
    d = pairs(x, y)
    return gg.sum(d * (1 / (1 + gg.sum(d * d, axis=-1)))[..., None], axis=1)


PROGRAMS: dict[str, Callable[[Any, Any], Any]] = {
    "sum of squares": lambda x, y: gg.sum(pairs(x, y) ** 2, axis=-1),
    "kernel": lambda x, y: gg.exp(-0.5 * gg.sum(pairs(x, y) ** 2, axis=-1)),
    "first axis": lambda x, y: gg.sum(gg.sin(pairs(x, y)), axis=0),
    "middle axis": lambda x, y: gg.max(pairs(x, y), axis=1, keepdims=True),
    "two axes": lambda x, y: gg.sum(pairs(x, y), axis=(0, 2)),
    "two axes, kept": lambda x, y: gg.sum(pairs(x, y), axis=(-1, 0), keepdims=True),
    "all axes": lambda x, y: gg.sum(pairs(x, y)),
    "no axis": lambda x, y: gg.sum(pairs(x, y), axis=()),
    "mean and variance": lambda x, y: [
        gg.mean(pairs(x, y), axis=2), gg.var(pairs(x, y), axis=0)
    ],
    "minimum, product, any": lambda x, y: [
        gg.min(pairs(x, y), axis=0), gg.prod(pairs(x, y), axis=1), gg.any(pairs(x, y) > 1, axis=0),
    ],
    "whole": lambda x, y: pairs(x, y),
    "whole and sum": lambda x, y: (d := pairs(x, y), gg.sum(d, axis=1), gg.sum(d * 2, axis=1)),
    "sum, whole, sum": lambda x, y: (
        d := pairs(x, y), gg.sum(d * d, axis=0), gg.reshape(d, (-1,)), gg.sum(d + 1, axis=0),
    ),
    "view": lambda x, y: gg.sum(gg.permute_dims(pairs(x, y), (2, 0, 1)) * 2, axis=0),
    "product": lambda x, y: pairs(x, y) @ y.T,
    "with weights": scaled,
    "with numbers": lambda x, y: gg.sum(gg.where(pairs(x, y) > 0, pairs(x, y) * 3, 1.5), axis=0),
    "long": lambda x, y: gg.sum(gg.sin(gg.exp(gg.cos(pairs(x, y) * 2) + 1) - 2), axis=0),
    "longer than any": lambda x, y: gg.sum(_again(pairs(x, y), 40), axis=1),
    "of another dtype": lambda x, y: gg.sum(
        pairs(x, y).astype(gg.float32) * pairs(y, x).transpose(1, 0, 2), axis=0
    ),
    "smaller within larger": lambda x, y: gg.sum(
        pairs(x, y)[:, None] + (x[:, None, None] + y[None, :, None]), axis=0
    ),
    "broadcast": lambda x, y: gg.sum(gg.broadcast_to(x, (3, *x.shape)) * y[:1], axis=0),
    "outer product of vectors": lambda x, y: gg.sum(x[:, :1] * y[:, 0] * 2, axis=1),
    "batched": lambda x, y: gg.vmap(lambda a: gg.sum((a - y[:, None]) ** 2, axis=0))(x),
    "loop": lambda x, y: gg.scan(lambda c, _: (c + gg.sum(pairs(c, y), axis=1), c), x, None, 2),
}  # fmt: skip


def _again(d: Any, times: int) -> Any:
    for _ in range(times):
        d = d * 1.01
    return d


def close(found: Any, wanted: Any, dtype: str) -> None:
    found, wanted = gg.tree.leaves(found), gg.tree.leaves(wanted)
    for a, b in zip(found, wanted, strict=True):
        a, b = np.asarray(a), np.asarray(b)
        assert a.dtype == b.dtype
        tolerance = 1e-5 if a.dtype == np.float32 or dtype == "float32" else 1e-12
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def given(dtype: str) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    return x.astype(dtype), y.astype(dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_it_has_the_values_of_the_function_itself(small: None, name: str, dtype: str) -> None:
    x, y = given(dtype)
    f = PROGRAMS[name]
    wanted = f(gg.tensor(x), gg.tensor(y))
    step = gg.jit(f, engine="numpy")
    for _ in range(3):
        close(step(x, y), gg.tree.map(np.asarray, wanted), dtype)


@pytest.mark.parametrize("name", PROGRAMS)
def test_so_do_gradients(small: None, name: str) -> None:
    x, y = given("float64")

    def loss(x: Any, y: Any) -> Any:
        return sum(gg.sum(gg.cos(part * 1.0)) for part in gg.tree.leaves(PROGRAMS[name](x, y))
                   if part.dtype != bool)  # fmt: skip

    gradient = gg.grad(loss, argnums=(0, 1))
    wanted = gradient(x, y)
    step = gg.jit(gradient, engine="numpy")
    for _ in range(3):
        close(step(x, y), wanted, "float64")


@pytest.mark.parametrize("name", ["sum of squares", "first axis", "two axes", "with weights"])
def test_no_whole_is_made_where_an_axis_stays(
    small: None, made: list[tuple[int, ...]], name: str
) -> None:
    x = np.random.default_rng(0).normal(size=(20, 8))
    gg.jit(PROGRAMS[name], engine="numpy")(x, x)
    assert (20, 20, 8) not in made


def test_a_whole_is_made_once(small: None, made: list[tuple[int, ...]]) -> None:
    gg.jit(PROGRAMS["sum, whole, sum"], engine="numpy")(*given("float64"))
    assert made == [(4, 4, 3)]


@pytest.mark.parametrize("kind", ["int64", "int32", "uint8"])
def test_integers_are_not_deferred(
    small: None, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """They may raise for a value, which a later line is not to be blamed for."""
    x = np.arange(8).reshape(4, 2).astype(kind)
    monkeypatch.setattr(Deferred, "__init__", None)
    found = gg.jit(lambda x: gg.sum(x[:, None] * x[None], axis=0), engine="numpy")(x)
    np.testing.assert_array_equal(found, np.sum(x[:, None] * x[None], axis=0))


def test_operands_may_be_written_to_before_it_is_made(small: None) -> None:
    outside = np.arange(4.0)

    def f(x: Any) -> Any:
        x = x * 1.0
        d, e = x[:, None] - x[None, :], x[:, None] * outside
        x[0] = 100.0
        return gg.sum(d, axis=0), gg.sum(e, axis=0), x

    x = np.arange(1.0, 5.0)
    wanted = gg.tree.map(np.asarray, f(gg.tensor(x)))
    step = gg.jit(f, engine="numpy")
    for _ in range(3):
        close(step(x), wanted, "float64")


def test_what_stays_as_large_as_an_operand_is_not_deferred(
    small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Deferred, "__init__", None)
    x = np.ones((4, 4))
    step = gg.jit(lambda x: gg.sum((x + x[0]) * gg.max(x, axis=1, keepdims=True), axis=0))
    np.testing.assert_array_equal(step(x), np.full(4, 8.0))


def peak(f: Callable[..., Any], *args: Any) -> int:
    """Bytes at the peak of its first call, which traces."""
    f(*(x[:9] for x in args))                       # imports what is imported late
    tracemalloc.start()
    try:
        f(*args)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["kernel", "first axis", "with weights"])
def test_tracing_takes_less_than_the_whole(name: str) -> None:
    x = np.random.default_rng(0).normal(size=(300, 16))
    whole = 300 * 300 * 16 * 8
    assert peak(gg.jit(PROGRAMS[name], engine="numpy"), x, x) < whole / 2


def test_so_do_gradients_of_it(made: list[tuple[int, ...]]) -> None:
    x = np.random.default_rng(0).normal(size=(300, 16))
    gradient = gg.grad(lambda x, y: gg.sum(PROGRAMS["kernel"](x, y)), argnums=(0, 1))
    gg.jit(gradient, engine="numpy")(x, x)
    assert made == []
