"""Kernels of arrays with a short last axis on the native engine: vectors run along the axis before
it.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan
from typing import Any

import numpy as np
import pytest
from on_engines import agree, run

import gpugrad as gg

pytest.importorskip("llvmlite", reason="the engine native is not installed: 'gpugrad[jit]'")

from gpugrad.codegen import interleaved, narrow
from gpugrad.codegen.body import Body
from gpugrad.codegen.ir import Value
from gpugrad.codegen.narrow import NARROW, ROWS
from gpugrad.plan.nest import Nest
from gpugrad.plan.passes.parallel import WORTH

Program = Callable[..., Any]
WIDTHS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17)
LENGTHS = (1, 7, 15, 16, 17, 33)


def drawn(*shape: int, dtype: str = "float64") -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(dtype)


def nests_of(f: Program, *args: Any) -> list[Nest]:
    program = gg.jit(f, engine="native")._cache.compiled(args, {}).program
    return [key for run in program.runs.values() for key in run.keys if isinstance(key, Nest)]


def is_narrow(f: Program, *args: Any) -> bool:
    return any(access.width > 1 for nest in nests_of(f, *args) for access in nest.accesses)


# Programs of bodies in space and of small classes; x has three axes, of which the last is short.


def pairs(x: Any) -> Any:
    p = x[0]
    d = p[None] - p[:, None]
    square = gg.sum(d * d, axis=-1) + 0.1
    return gg.sum(d * (1 / (square * gg.sqrt(square)))[..., None], axis=1), square


def potential(x: Any) -> Any:
    def energy(p: Any) -> Any:
        d = p[None] - p[:, None]
        return gg.sum(1 / gg.sqrt(gg.sum(d * d, axis=-1) + 0.1))

    return gg.grad(energy)(x[0])


def kernels(x: Any) -> Any:
    def total(p: Any) -> Any:
        d = p[:, None] - x[0][None]
        return gg.sum(gg.exp(-0.5 * gg.sum(d * d, axis=-1)))

    return gg.value_and_grad(total)(x[0] * 0.5)


def classes(x: Any) -> Any:
    return gg.softmax(x, axis=-1), gg.logsumexp(x, axis=-1), gg.max(x, axis=-1) * 2


def rows(x: Any) -> Any:
    mean = gg.mean(x, axis=-1, keepdims=True)
    return (x - mean) / gg.sqrt(gg.mean((x - mean) ** 2, axis=-1, keepdims=True) + 1e-3)


def totals(x: Any) -> Any:
    return gg.sum(x, axis=1), gg.sum(x, axis=(0, 1)), gg.sum(gg.sum(x, axis=2) * 2), gg.sum(x * x)


def extremes(x: Any) -> Any:
    return gg.min(x, axis=2) + gg.sum(x, axis=2), gg.max(x, axis=1), gg.min(x, axis=(0, 1))


def scaled(x: Any) -> Any:
    by = gg.sum(x[:, :, :1], axis=2)
    return x * by[:, :, None] + x[:, :1] - x[:1], x * x[0, 0]


PROGRAMS = (pairs, potential, kernels, classes, rows, totals, extremes, scaled)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("f", PROGRAMS)
def test_all_short_axes(f: Program, width: int, length: int) -> None:
    agree(f, drawn(max(3, ROWS // length), length, width), rtol=1e-11)


@pytest.mark.parametrize("width", [2, 3, 4, 8])
@pytest.mark.parametrize("f", PROGRAMS)
def test_in_float32(f: Program, width: int) -> None:
    agree(f, drawn(5, 37, width, dtype="float32"), rtol=3e-4)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("f", [pairs, potential, classes, rows])
def test_which_kernels_are_of_rows_side_by_side(f: Program, width: int) -> None:
    assert is_narrow(f, drawn(4, 33, width)) == (1 < width <= NARROW)
    assert not is_narrow(f, drawn(1, 5, width))     # too few rows for a kernel of their own


@pytest.mark.parametrize("rows", [56, 57, 63, 64, 65, 120, 128, 256])
def test_nothing_is_written_behind_booleans(rows: int) -> None:
    """There, in the same memory, are the sums."""
    def f(x: Any) -> Any:
        return gg.softmax(x, axis=-1), gg.logsumexp(x, axis=-1)

    agree(f, drawn(rows, 8), rtol=1e-11)


def test_a_length_is_compiled_once() -> None:
    """Whatever the number of rows is."""
    first = nests_of(classes, drawn(4, 33, 3))
    assert first == nests_of(classes, drawn(6, 40, 3))
    assert first != nests_of(classes, drawn(4, 33, 4))


def test_a_kernel_of_much_work_is_not_of_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_narrow(rows, drawn(4, 33, 3))
    monkeypatch.setattr(narrow, "VALUES", 5)
    assert not is_narrow(rows, drawn(4, 33, 3))


@pytest.mark.parametrize("value", [nan, inf, -inf, -0.0])
@pytest.mark.parametrize("width", [2, 3, 5, 8])
@pytest.mark.parametrize("f", [classes, totals, extremes, scaled])
def test_what_is_not_finite_stays_in_its_place(f: Program, width: int, value: float) -> None:
    x = drawn(4, 33, width)
    x[2, 32, width - 1] = value
    with np.errstate(all="ignore"):
        agree(f, x, rtol=1e-11)


@pytest.mark.parametrize("width", [1, 2, 3, 5, 8, 9])
@pytest.mark.parametrize("dtype", ["bool", "int32", "int64"])
def test_integers_and_booleans(dtype: str, width: int) -> None:
    def f(x: Any) -> Any:
        total = gg.sum(x, axis=-1)
        kept = gg.where(x == x[:, :1], x, ~x if dtype == "bool" else x * 3)
        return total, kept, gg.max(x, axis=-1), gg.min(x, axis=-1), gg.astype(x, "float32") / 3

    x = np.random.default_rng(width).integers(0, 2 if dtype == "bool" else 50, (5, 37, width))
    assert is_narrow(f, x.astype(dtype)) == (1 < width <= NARROW)
    agree(f, x.astype(dtype), rtol=0)


@pytest.mark.parametrize("width", [2, 3, 4, 9])
def test_half_precision(width: int) -> None:
    def f(x: Any) -> Any:
        return x * x + x[:, :1], x - x[0]

    x = (np.arange(5 * 37 * width) % 5).reshape(5, 37, width).astype("float16")
    assert is_narrow(f, x) == (width <= NARROW)
    agree(f, x, rtol=0)                             # the numbers are small integers


@pytest.mark.parametrize("dtype", ["complex128", "int8"])
def test_dtypes_without_kernels_are_computed_otherwise(dtype: str) -> None:
    def f(x: Any) -> Any:
        return x * x + x[:, :1], x - x[0]

    x = (np.arange(5 * 37 * 3) % 5).reshape(5, 37, 3).astype(dtype)
    assert not is_narrow(f, x)
    agree(f, x, rtol=1e-3)


@pytest.mark.parametrize("how", ["columns first", "every other", "of wider rows"])
def test_rows_that_lie_in_other_ways(how: str) -> None:
    x = {
        "columns first": np.asfortranarray(drawn(5, 37, 3)),
        "every other": drawn(5, 74, 3)[:, ::2],
        "of wider rows": drawn(5, 37, 5)[:, :, 1:4],
    }[how]
    for f in PROGRAMS:
        agree(f, x, rtol=1e-11)

    def inside(y: Any) -> Any:
        return [f(y[:, ::2, 1:4]) for f in (classes, totals, scaled)]

    y = drawn(5, 74, 5)
    for found, wanted in zip(gg.jit(inside, engine="native")(y), inside(y), strict=True):
        for a, b in zip(found, wanted, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-11)


def test_an_array_that_is_written_where_it_is_read() -> None:
    step = gg.jit(
        lambda x: x / gg.sum(abs(x), axis=-1, keepdims=True), engine="native", donate_argnums=0
    )
    x = wanted = drawn(5, 37, 3)
    for _ in range(4):
        wanted = wanted / np.sum(abs(wanted), axis=-1, keepdims=True)
        x = step(x)
        np.testing.assert_allclose(x, wanted, rtol=1e-13)


# The same bits


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("width", range(2, NARROW + 1))
def test_the_order_of_sums(width: int, dtype: str) -> None:
    """From the first element of a row to its last one, in the dtype of the row."""
    x = drawn(70, width, dtype=dtype)

    def f(x: Any) -> Any:
        return gg.sum(x, axis=-1)

    assert is_narrow(f, x)
    wanted = x[:, 0].copy()
    for k in range(1, width):
        wanted += x[:, k]
    assert run(f, x)[0].tobytes() == wanted.tobytes()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("width", [2, 3, 8])
@pytest.mark.parametrize("f", PROGRAMS)
def test_alignment_changes_nothing(f: Program, width: int, dtype: str) -> None:
    x = drawn(3, 37, width, dtype=dtype)
    step = gg.jit(f, engine="native")
    step.compile(x)

    def found(x: np.ndarray) -> list[bytes]:
        y = step(x)
        return [z.tobytes() for z in (y if isinstance(y, tuple) else (y,))]

    wanted = found(x)
    for by in (x.itemsize, 5 * x.itemsize, 1):
        raw = np.empty(x.nbytes + by, np.uint8)
        moved = raw[by:].view(dtype).reshape(x.shape)
        moved[...] = x
        assert found(moved) == wanted
    assert found(np.asfortranarray(x)) == wanted


@pytest.mark.parametrize("width", [2, 3, 8])
def test_threads_change_nothing(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    x = drawn(WORTH // width + 77, 1, width)[:, 0]

    def f(x: Any) -> Any:
        return gg.softmax(gg.sin(x), axis=-1), gg.sum(gg.exp(-x * x))

    found = []
    for threads in ("1", "2", "3"):
        monkeypatch.setenv("GPUGRAD_NUM_THREADS", threads)
        found.append([y.tobytes() for y in run(f, x)])
    assert found[0] == found[1] == found[2]
    assert is_narrow(f, x)
    agree(f, x, rtol=1e-11)


# Columns


@pytest.mark.parametrize("lanes", [2, 4, 8, 16])
@pytest.mark.parametrize("width", range(1, 9))
def test_columns_and_back(width: int, lanes: int) -> None:
    """By an interpreter of shuffles: which element of memory each lane holds."""

    class Shown(Body):
        def shuffle(self, x: Value, y: Value, order: Any) -> Value:
            both = [*held[x.text], *held[y.text]]
            name = f"%s{len(held)}"
            held[name] = [both[place] for place in order]
            return Value(self, name, x.dtype, len(held[name]))

    held: dict[str, list[int]] = {}
    b = Shown()
    memory = []
    for j in range(width):
        held[f"%r{j}"] = [j * lanes + i for i in range(lanes)]
        memory.append(Value(b, f"%r{j}", "float32", lanes))
    found = interleaved.apart(b, memory)
    assert [held[x.text] for x in found] == [
        [k + i * width for i in range(lanes)] for k in range(width)
    ]
    back = interleaved.together(b, found)
    assert [held[x.text] for x in back] == [held[x.text] for x in memory]
