"""Loops of small arrays on the native engine: one kernel, in which each element is a register."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan
from typing import Any

import numpy as np
import pytest
from on_engines import agree, run

import gpugrad as gg

pytest.importorskip("llvmlite", reason="the engine native is not installed: 'gpugrad[jit]'")

from gpugrad.codegen import straight
from gpugrad.codegen.straight import SMALL, Straight
from gpugrad.engines.native import bodies
from gpugrad.engines.native.printed import LoopKey

DTYPES = ("float32", "float64")
SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 64, 65)
ROUNDS = 5
Program = Callable[..., Any]


def keys_of(f: Program, *args: Any) -> list[Any]:
    """The kernels of `f`."""
    program = gg.jit(f, engine="native")._cache.compiled(args, {}).program
    return [key for run in program.runs.values() for key in run.keys]


def is_straight(f: Program, *args: Any) -> bool:
    kinds = {type(key) for key in keys_of(f, *args)} & {Straight, LoopKey}
    assert kinds, "no loop at all"
    return kinds == {Straight}


def drawn(*shape: int, dtype: str = "float64") -> np.ndarray:
    rng = np.random.default_rng(sum(shape) + 7)
    return rng.uniform(-1, 1, shape).astype(dtype)


# What a round may be made of: each takes a carry of n elements and a row of as many.


def waves(c: Any, x: Any) -> Any:
    return gg.sin(c) * x + gg.exp(-c * c) / 3


def shifted(c: Any, x: Any) -> Any:
    return gg.concat([c[1:], c[:1]]) * 0.5 + x


def parts(c: Any, x: Any) -> Any:
    return gg.stack([c[i] * x[-1 - i] - c[0] for i in range(len(c))])


def sums(c: Any, x: Any) -> Any:
    return c * 0.1 + gg.sum(x * c) - gg.max(x) + gg.min(c)


def turned(c: Any, x: Any) -> Any:
    return gg.sum((c[:, None] * x).T - c, axis=1) / len(c)


def products(c: Any, x: Any) -> Any:
    square = c[:, None] * x
    return ((square @ square.T) @ c[:, None])[:, 0] / (1 + gg.sum(c * c))


def chosen(c: Any, x: Any) -> Any:
    return gg.where((c > 0) & (x < 0.5), c - 1, gg.tanh(x)) + gg.sqrt(abs(c))


def of_vectors(c: Any, x: Any) -> Any:
    square = c[:, None] * x
    return (square @ x + c @ square) / (1 + c @ c)


BODIES = (waves, shifted, parts, sums, turned, products, of_vectors, chosen)


def looped(body: Program, reverse: bool = False) -> Program:
    def f(start: Any, rows: Any) -> Any:
        def step(c: Any, x: Any) -> Any:
            c = body(c, x)
            return c, c * 2

        return gg.scan(step, start, rows, reverse=reverse)

    return f


def gradient(body: Program) -> Program:
    def loss(both: Any) -> Any:
        end, rows = looped(body)(*both)
        return gg.sum(end * end) + gg.sum(gg.sin(rows))

    return lambda start, rows: gg.grad(loss)((start, rows))


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("body", BODIES)
def test_all_small_sizes(body: Program, n: int) -> None:
    args = drawn(n), drawn(ROUNDS, n)
    agree(looped(body), *args, rtol=1e-12)
    agree(gradient(body), *args, rtol=1e-12)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("n", [3, 9])
@pytest.mark.parametrize("body", BODIES)
def test_in_float32_and_from_the_last_row_on(body: Program, n: int, reverse: bool) -> None:
    args = drawn(n, dtype="float32"), drawn(ROUNDS, n, dtype="float32")
    agree(looped(body, reverse=reverse), *args, rtol=2e-4)


@pytest.mark.parametrize("n", [1, 4, 5, 15, 16, 17, 63, 64, 65])
@pytest.mark.parametrize("body", [shifted, sums])
def test_which_loops_are_one_kernel(body: Program, n: int) -> None:
    args = drawn(n), drawn(ROUNDS, n)
    assert is_straight(looped(body), *args) == (n <= SMALL)
    if body is shifted or n not in (SMALL - 1, SMALL):      # else the gradient is much work
        assert is_straight(gradient(body), *args) == (n <= SMALL)


def test_a_round_of_much_work_is_not_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    args = drawn(4), drawn(ROUNDS, 4)
    assert is_straight(looped(waves), *args)
    monkeypatch.setattr(straight, "WORK", 50)
    assert not is_straight(looped(waves), *args)


def test_one_structure_serves_other_numbers_and_lengths() -> None:
    def scaled(by: float) -> Program:
        return looped(lambda c, x: gg.sin(c) * by + x)

    def key(f: Program, *args: Any) -> Any:
        (found,) = (key for key in keys_of(f, *args) if isinstance(key, Straight))
        return found

    first = key(scaled(0.25), drawn(3), drawn(4, 3))
    assert key(scaled(0.5), drawn(3), drawn(9, 3)) == first
    assert key(scaled(0.5), drawn(2), drawn(9, 2)) != first
    assert key(looped(lambda c, x: gg.cos(c) * 0.5 + x), drawn(3), drawn(4, 3)) != first


@pytest.mark.parametrize("value", [nan, inf, -inf, -0.0])
@pytest.mark.parametrize("place", ["carry", "row"])
@pytest.mark.parametrize("n", [1, 3, 9])
def test_what_is_not_finite(n: int, place: str, value: float) -> None:
    start, rows = drawn(n), drawn(ROUNDS, n)
    if place == "carry":
        start[n // 2] = value
    else:
        rows[2, -1] = value

    def all_of_them(c: Any, x: Any) -> Any:
        return tuple(body(c, x) for body in BODIES)

    def f(start: Any, rows: Any) -> Any:
        end, found = gg.scan(lambda c, x: (waves(c, x), all_of_them(c, x)), start, rows)
        return end, *found

    if n < 9:                                       # with more, products are too much work
        assert is_straight(f, start, rows)
    agree(f, start, rows, rtol=1e-12)


@pytest.mark.parametrize("n", [1, 3, 9])
@pytest.mark.parametrize("dtype", ["bool", "int32", "int64"])
def test_integers_and_booleans(dtype: str, n: int) -> None:
    def f(start: Any, rows: Any) -> Any:
        def step(c: Any, x: Any) -> Any:
            total = gg.sum(x) if dtype == "bool" else gg.sum(x * c)
            c = gg.where(c > x, x, c) | (x == c) if dtype == "bool" else c * 3 - x
            return c, (total, c, gg.astype(c, "float32") / 2, gg.max(x))

        end, rows = gg.scan(step, start, rows)
        return end, *rows

    rng = np.random.default_rng(n)
    args = rng.integers(0, 2 if dtype == "bool" else 90, (ROUNDS, n)).astype(dtype)
    assert is_straight(f, args[0], args)
    agree(f, args[0], args, rtol=0)


@pytest.mark.parametrize("dtype", ["complex128", "complex64", "float16", "int8", "uint64"])
def test_dtypes_without_kernels_are_computed_otherwise(dtype: str) -> None:
    def f(start: Any, rows: Any) -> Any:
        return gg.scan(lambda c, x: (c * x + x, c), start, rows)

    args = np.arange(3).astype(dtype), np.arange(12).reshape(4, 3).astype(dtype)
    assert not any(isinstance(key, Straight) for key in keys_of(f, *args))
    agree(f, *args, rtol=1e-3)


@pytest.mark.parametrize("n", [0, 1])
def test_what_has_no_elements_or_no_axes(n: int) -> None:
    shape = () if n else (0,)
    start, rows = np.full(shape, 0.5), np.full((ROUNDS, *shape), 0.25)
    agree(looped(lambda c, x: gg.sin(c) * x), start, rows, rtol=1e-14)


def test_parts_that_are_written_and_added_to() -> None:
    def body(c: Any, x: Any) -> Any:
        c = c * 1.0
        c[0, :] = x[1]
        c[:, 1] += x[:, 0]
        c[1, 2] += c[0, 0]
        return c

    agree(looped(body), drawn(2, 3), drawn(ROUNDS, 2, 3), rtol=1e-14)
    assert is_straight(looped(body), drawn(2, 3), drawn(ROUNDS, 2, 3))
    agree(gradient(body), drawn(2, 3), drawn(ROUNDS, 2, 3), rtol=1e-13)


def test_carries_that_change_places_and_stay() -> None:
    def f(a: Any, b: Any, still: Any) -> Any:
        def step(carry: Any, _: Any) -> Any:
            x, y, z = carry
            return (y, x + still[0] * gg.sin(still[1]), z), (x, still, z)

        end, rows = gg.scan(step, (a, b, b), None, length=ROUNDS)
        return *end, *rows

    for n in (1, 3, 6):
        args = drawn(n), drawn(n) + 1, drawn(2)
        agree(f, *args, rtol=1e-14)
        assert is_straight(f, *args)


def test_a_loop_in_a_loop() -> None:
    def f(start: Any, rows: Any) -> Any:
        def outer(c: Any, block: Any) -> Any:
            c, ys = gg.scan(lambda d, x: (gg.sin(d) + x, d), c, block)
            return c, gg.sum(ys)

        return gg.scan(outer, start, rows)

    args = drawn(3), drawn(4, ROUNDS, 3)
    assert {Straight, LoopKey} <= {type(key) for key in keys_of(f, *args)}
    agree(f, *args, rtol=1e-12)


@pytest.mark.parametrize("n", [1, 3, 17])
def test_rows_that_are_parts_of_what_one_step_computes(n: int) -> None:
    """In loops of both kinds, and in branches: `sqrt` of two arrays of one shape may be one."""

    def body(c: Any, x: Any) -> Any:
        return gg.sqrt(abs(c)) + x, gg.sqrt(abs(x))

    def loop(start: Any, rows: Any) -> Any:
        return gg.scan(body, start, rows)

    def branch(c: Any, x: Any) -> Any:
        return gg.cond(gg.sum(c) > 0, body, lambda c, x: (x, c), c, x)

    agree(loop, drawn(n), drawn(ROUNDS, n), rtol=1e-14)
    agree(branch, abs(drawn(n)), drawn(n), rtol=1e-14)
    agree(gradient(chosen), drawn(n, dtype="float32"), drawn(ROUNDS, n, dtype="float32"), rtol=1e-4)


# The same bits


def by_halves(x: np.ndarray) -> Any:
    """The order of sums as it is documented."""
    values = list(x)
    while len(values) > 1:
        half = len(values) // 2
        late = values[len(values) - half :]
        joined = [a + b for a, b in zip(values[:half], late, strict=True)]
        values = joined + values[half : len(values) - half]
    return values[0]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", SIZES[:-1])
def test_the_order_of_sums(n: int, dtype: str) -> None:
    f = looped(lambda c, x: gg.sum(x, keepdims=True))
    rows = np.random.default_rng(n).normal(size=(40, n)).astype(dtype)
    start = np.zeros(1, dtype)
    assert is_straight(f, start, rows)
    _, found = run(f, start, rows)
    wanted = [by_halves(row) * 2 for row in rows]
    assert np.array(wanted, dtype).tobytes() == found.tobytes()


def misaligned(x: np.ndarray, by: int) -> np.ndarray:
    raw = np.empty(x.nbytes + by, np.uint8)
    found = raw[by:].view(x.dtype).reshape(x.shape)
    found[...] = x
    return found


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [1, 3, 8, 9])
@pytest.mark.parametrize("body", [waves, sums, chosen])
def test_neither_places_nor_repetition_change_bits(body: Program, n: int, dtype: str) -> None:
    args = drawn(n, dtype=dtype), drawn(ROUNDS, n, dtype=dtype)
    step = gg.jit(looped(body), engine="native")
    step.compile(*args)
    wanted = [x.tobytes() for x in step(*args)]
    size = args[0].dtype.itemsize
    for by in (0, size, 3 * size, 1):
        found = step(*(misaligned(x, by) for x in args))
        assert [x.tobytes() for x in found] == wanted, by
    turned = (args[0], np.asfortranarray(args[1]))
    assert [x.tobytes() for x in step(*turned)] == wanted


# Random programs


def random_body(seed: int, n: int) -> Program:
    rng = np.random.default_rng(seed)
    unary = (gg.sin, gg.tanh, gg.abs, lambda x: gg.exp(-x * x), lambda x: -x, gg.sigmoid)
    binary = (
        lambda x, y: x + y, lambda x, y: x - y * 0.5, lambda x, y: x * y,
        lambda x, y: x / (1 + y * y), gg.maximum, lambda x, y: gg.where(x > y, x, y * y),
    )  # fmt: skip
    moves = (
        lambda x: gg.concat([x[n // 2 :], x[: n // 2]]), lambda x: x[::-1],
        lambda x: gg.broadcast_to(x[n - 1 :], (n,)), lambda x: x - gg.sum(x) / n,
        lambda x: gg.stack([x, -x]).T.reshape(-1)[:n], lambda x: x * gg.max(x),
        lambda x: gg.stack([x[i] for i in reversed(range(n))]),
    )  # fmt: skip
    plan = [(rng.integers(3), rng.integers(99), rng.integers(99), rng.integers(99))
            for _ in range(rng.integers(3, 12))]  # fmt: skip

    def body(c: Any, x: Any) -> Any:
        values = [c, x]
        for kind, which, i, j in plan:
            a, b = values[i % len(values)], values[j % len(values)]
            if kind == 0:
                values.append(unary[which % len(unary)](a))
            elif kind == 1:
                values.append(binary[which % len(binary)](a, b))
            else:
                values.append(moves[which % len(moves)](a))
        return gg.tanh(values[-1] + 0.5 * values[-2] + c * 0.1)

    return body


@pytest.mark.parametrize("seed", range(30))
def test_random_programs(seed: int) -> None:
    n = (1, 2, 3, 8, 9, 16)[seed % 6]
    body = random_body(seed, n)
    args = drawn(n), drawn(ROUNDS, n)
    agree(looped(body), *args, rtol=1e-9)
    agree(gradient(body), *args, rtol=1e-9)


def test_random_programs_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the tests above would show nothing: one element at a wrong place is seen."""
    honest = bodies.straight_of

    def wrong(step: Any) -> Any:
        found = honest(step)
        assert found is not None
        (array, *rest), (first, *others) = found.after, found.after[0].numbers
        array = array._replace(numbers=(*others, first))
        return Straight(
            found.carried, found.rows, found.still, found.constants, found.nodes,
            (array, *rest), found.stacked,
        )  # fmt: skip

    monkeypatch.setattr(bodies, "straight_of", wrong)
    with pytest.raises(AssertionError):
        agree(looped(random_body(0, 3)), drawn(3), drawn(ROUNDS, 3), rtol=1e-9)
