"""Loops over batches on the native engine: members that never meet run all rounds in registers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from on_engines import agree, narrow_vectors, run

import gpugrad as gg

pytest.importorskip("llvmlite", reason="the engine native is not installed: 'gpugrad[jit]'")

from gpugrad.codegen import members
from gpugrad.codegen.members import Members
from gpugrad.engines.native.printed import LoopKey

ROUNDS = 5
SIZES = (70, 72, 79, 80, 81, 127, 200)
Program = Callable[..., Any]


def kinds(f: Program, *args: Any) -> set[type]:
    """What runs the loops of `f`."""
    program = gg.jit(f, engine="native")._cache.compiled(args, {}).program
    keys = {type(key) for run in program.runs.values() for key in run.keys}
    return keys & {Members, LoopKey}


def drawn(*shape: int, dtype: str = "float64") -> np.ndarray:
    rng = np.random.default_rng(sum(shape) + 7)
    return rng.uniform(-1, 1, shape).astype(dtype)


# Rounds, each of a carry of shape (n, 3) and a row of as many.


def lorenz(u: Any, x: Any) -> Any:
    a, b, c = u[..., 0], u[..., 1], u[..., 2]
    slope = gg.stack([10 * (b - a), a * (28 - c) - b, a * b - 8 / 3 * c], axis=-1)
    return u + 0.01 * slope * x


def waves(u: Any, x: Any) -> Any:
    return gg.sin(u[:, ::-1]) * x + gg.exp(-u * u) / 3


def sums(u: Any, x: Any) -> Any:
    return u * 0.3 + gg.sum(u * x, axis=1, keepdims=True) + gg.max(x, axis=1)[:, None]


def products(u: Any, x: Any) -> Any:
    return gg.tanh(u @ drawn(3, 3) + x)


def each_with_a_matrix(u: Any, x: Any) -> Any:
    return gg.tanh((x[:, :, None] * u[:, None, :]) @ u[:, :, None])[..., 0]


def turned(u: Any, x: Any) -> Any:
    return (u.T * x.T)[::-1].T + 0.5


def flattened(u: Any, x: Any) -> Any:
    both = gg.concat([gg.reshape(u, (-1,)), gg.reshape(x, (-1,))]) * 2
    return gg.sin(gg.reshape(both, (2, *u.shape))[0] - x)


def written(u: Any, x: Any) -> Any:
    c = gg.copy(u)
    c[:, 1] = x[:, 0] * u[:, 2]
    c[:, 0] += 1.5
    return c * 0.5


def chosen(u: Any, x: Any) -> Any:
    low = u[:, 0] < x[:, 1]
    high = gg.max(gg.where(u > x, u, x), axis=1) > 0.5
    return gg.where(low[:, None], u * 0.5, x) + gg.where(high[:, None], x, 0)


def mixed(u: Any, x: Any) -> Any:
    counts = gg.astype(gg.floor(4 * x), "int64")
    return u * 0.5 + gg.astype(counts * counts, u.dtype) + gg.zeros_like(u)


def beside_its_own(u: Any, x: Any) -> Any:
    return u * np.linspace(0, 1, len(u))[:, None] + x


APART = (lorenz, waves, sums, products, each_with_a_matrix, turned, flattened, written, chosen,
         mixed, beside_its_own)  # fmt: skip


def scanned(step: Program) -> Program:
    def loop(u: Any, rows: Any) -> Any:
        return gg.scan(lambda c, x: (step(c, x), c[:, 0] + x[:, 2]), u, rows)

    return loop


def gradients(step: Program) -> Program:
    def loss(u: Any, rows: Any) -> Any:
        last, seen = scanned(step)(u, rows)
        return gg.sum(last**2) + gg.sum(gg.sin(seen))

    return gg.grad(loss, argnums=(0, 1))


@pytest.mark.parametrize("made", [scanned, gradients])
@pytest.mark.parametrize("step", APART)
def test_members_that_never_meet_are_done_apart(step: Program, made: Program) -> None:
    f, args = made(step), (drawn(70, 3), drawn(ROUNDS, 70, 3))
    assert kinds(f, *args) == {Members}
    agree(f, *args, rtol=1e-11)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("step", [lorenz, chosen])
def test_any_number_of_members(step: Program, n: int, dtype: str) -> None:
    args = drawn(n, 3, dtype=dtype), drawn(ROUNDS, n, 3, dtype=dtype)
    assert kinds(scanned(step), *args) == {Members}
    agree(scanned(step), *args, rtol=1e-4 if dtype == "float32" else 1e-11)


@pytest.mark.parametrize("step", [lorenz, waves, sums])
def test_a_member_has_the_same_bits_wherever_it_is(step: Program) -> None:
    u, rows = drawn(90, 3), drawn(ROUNDS, 90, 3)
    wanted = [np.roll(x, 7, axis) for axis, x in enumerate(run(scanned(step), u, rows))]
    found = run(scanned(step), np.roll(u, 7, 0), np.roll(rows, 7, 1))
    for x, y in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(x, y)


def along(axis: int, *, reverse: bool = False) -> Program:
    """A loop whose members lie along that axis of a carry of three."""
    def loop(u: Any, rows: Any) -> Any:
        key = [slice(None)] * 3
        key[(axis + 1) % 3] = slice(None, None, -1)

        def step(c: Any, x: Any) -> Any:
            return gg.sin(c[tuple(key)]) * x - c / 3, c * x

        return gg.scan(step, u, rows, reverse=reverse)

    return loop


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_along_any_axis(axis: int, reverse: bool) -> None:
    shape = [2, 3, 2]
    shape[axis] = 70
    args = drawn(*shape), drawn(ROUNDS, *shape)
    assert kinds(along(axis, reverse=reverse), *args) == {Members}
    agree(along(axis, reverse=reverse), *args, rtol=1e-12)


def timed(u: Any, rate: Any, times: Any) -> Any:
    """With a time and a counter that are everybody's, and results of all kinds."""

    def step(state: Any, t: Any) -> Any:
        u, time, count = state
        u = u + 0.1 * gg.cos(time) * rate[:, None] * u[:, ::-1] - t
        return (u, time + t, count + 1), (time * t, u[:, 0], u > 0, count)

    last, seen = gg.scan(step, (u, np.float64(0.25), np.int64(3)), times)
    return (*last, *seen)


def test_what_is_everybodys() -> None:
    args = drawn(90, 2), drawn(90), drawn(ROUNDS)
    assert kinds(timed, *args) == {Members}
    agree(timed, *args, rtol=1e-12)


# Rounds in which members meet, or have too much of their own.


def shifted(u: Any, x: Any) -> Any:
    return gg.concat([u[1:], u[:1]]) * 0.5 + x


def centred(u: Any, x: Any) -> Any:
    return u - gg.mean(u, axis=0) + x


def first(u: Any, x: Any) -> Any:
    return u * 0.5 + u[:1] + x


def flipped(u: Any, x: Any) -> Any:
    return u[::-1] * 0.5 + x


def put(u: Any, x: Any) -> Any:
    c = gg.copy(u)
    c[3] = x[3]
    return c


def halves(u: Any, x: Any) -> Any:
    """No member meets another, but some take another element of theirs."""
    return u * 0.5 + gg.concat([u[:35, :1], u[35:, 1:2]]) * x[:, :1]


def longer(u: Any, x: Any) -> Any:
    for k in range(40):
        u = gg.sin(u + k) * x
    return u


@pytest.mark.parametrize("step", [shifted, centred, first, flipped, put, halves, longer])
def test_members_that_meet_are_done_together(step: Program) -> None:
    args = drawn(70, 3), drawn(ROUNDS, 70, 3)
    assert kinds(scanned(step), *args) == {LoopKey}
    agree(scanned(step), *args, rtol=1e-11)


def test_two_axes_of_one_length_are_done_together() -> None:
    args = drawn(70, 70), drawn(ROUNDS, 70, 70)
    assert kinds(scanned(waves), *args) == {LoopKey}
    agree(scanned(waves), *args, rtol=1e-11)


def test_elementwise_rounds_of_many_go_through_memory() -> None:
    def f(u: Any, rows: Any) -> Any:
        return gg.scan(lambda c, x: (gg.sin(c) * x, None), u, rows)[0]

    for n, kind in ((members.STREAM, Members), (members.STREAM + 1, LoopKey)):
        args = drawn(n), drawn(ROUNDS, n)
        assert kinds(f, *args) == {kind}
        agree(f, *args, rtol=1e-12)


# Loops of other shapes.


def with_flags(u: Any, low: Any, rows: Any) -> Any:
    def step(state: Any, x: Any) -> Any:
        u, low, begun = state
        low = (low & (u[:, 0] > -0.5)) | (x[:, 0] > 0.9)
        u = gg.where(low[:, None], u * 0.9, u) + 0.1 * x
        return (u, low, begun | True), (low, begun)

    last, seen = gg.scan(step, (u, low > 0, np.bool_(False)), rows)
    return (*last, *seen)


def of_a_vmap(u: Any, stiffness: Any, rows: Any) -> Any:
    def one(u: Any, stiffness: Any) -> Any:
        def step(state: Any, _: Any) -> Any:
            x, v = state
            v = v - 0.01 * stiffness * gg.sin(x)
            return (x + 0.01 * v, v), x

        return gg.scan(step, (u[0], u[1]), None, length=7)

    last, seen = gg.vmap(one)(u, stiffness)
    return (*last, seen)


def exchanged(u: Any, other: Any, rows: Any) -> Any:
    last, seen = gg.scan(lambda s, x: ((s[1], s[0] * 0.5 + s[1]), s),
                         (u, u * other[:, None]), rows)  # fmt: skip
    return (*last, *seen)


@pytest.mark.parametrize("f", [with_flags, of_a_vmap, exchanged])
def test_loops_of_several_carries(f: Program) -> None:
    args = drawn(70, 2), drawn(70), drawn(ROUNDS, 70, 2)
    assert kinds(f, *args) == {Members}
    agree(f, *args, rtol=1e-12)


def test_a_loop_of_members_within_another() -> None:
    def outer(c: Any, x: Any) -> Any:
        last, _ = gg.scan(lambda d, _: (gg.sin(d[:, ::-1]) + x, None), c, None, length=3)
        return last * 0.5, gg.sum(last)                 # of all members

    args = drawn(70, 2), drawn(ROUNDS, 70, 2)
    f = lambda u, rows: gg.scan(outer, u, rows)  # noqa: E731
    assert kinds(f, *args) == {Members, LoopKey}
    agree(f, *args, rtol=1e-12)


@pytest.mark.parametrize("step", APART)
def test_narrow_vectors(step: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    narrow_vectors(monkeypatch)
    agree(scanned(step), drawn(70, 3), drawn(ROUNDS, 70, 3), rtol=1e-11)
