"""argmax and argmin as kernels: the first of equal elements, and of NaN, as NumPy has it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cuda_host import HostCompiler, Library
from cupy_source import ARCHITECTURES, compile_cubin

import gpugrad as gg
from gpugrad.backends import kernels
from gpugrad.engines.cuda import places
from gpugrad.engines.cuda.places import can_find, find_blocks, write_find
from gpugrad.plan.plan import Plan, Step

SEARCHED: list[tuple[tuple[int, ...], int | None]] = [
    ((5, 7), 1), ((5, 7), 0), ((5, 7), None), ((3, 40, 4), -2), ((2, 3000), 1), ((3000, 2), 0),
    ((1,), 0), ((300, 3), -1), ((31,), None), ((33, 32), 1), ((), None), ((), 0), ((), -1),
]  # fmt: skip
DTYPES = ["bool", "int32", "int64", "float32", "float64"]


def searched(op: str, shape: tuple[int, ...], axis: int | None, dtype: str) -> tuple[Plan, Step]:
    plan = gg.jit(lambda x: getattr(gg, op)(x, axis=axis), engine="numpy").plan(
        np.zeros(shape, dtype)
    )
    (step,) = plan.steps
    return plan, step


def array(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    """With many equal elements, and NaN in some rows."""
    rng = np.random.default_rng(seed)
    x = np.asarray(rng.integers(-3, 4, shape)).astype(dtype)
    if x.dtype.kind == "f":
        x = np.where(rng.random(shape) < 1 / (4 * (1, *shape)[-1]), np.nan, x)
    return np.asarray(x, dtype)


@pytest.mark.parametrize("op", ["argmax", "argmin"])
def test_the_first_place(op: str, compiler: HostCompiler) -> None:
    cases = [(*case, dtype) for case in SEARCHED for dtype in DTYPES]
    plans = [searched(op, *case) for case in cases]
    made = [write_find(f"{op}{i}", step, plan.slots, {}) for i, (plan, step) in enumerate(plans)]
    library = Library(compiler, made)
    for seed, (kernel, (plan, step), (shape, axis, dtype)) in enumerate(
        zip(made, plans, cases, strict=True)
    ):
        assert can_find(plan.slots, step)
        x = array(shape, dtype, seed)
        (found,) = library.run(kernel, plan.slots, {step.inputs[0]: x}).values()
        np.testing.assert_array_equal(found, getattr(np, op)(x, axis=axis))
    source = "\n".join([kernels.header("engine"), *(kernel.source for kernel in made)])
    for architecture in ARCHITECTURES:
        assert compile_cubin(source, architecture)


def test_how_many_blocks_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """A warp for each row, or a block where rows are long; not for the longest ones."""
    for shape, blocks in [((64, 10), 8), ((65, 10), 9), ((65, 1024), 9), ((65, 1025), 65)]:
        plan, step = searched("argmax", shape, 1, "float32")
        assert find_blocks(plan.slots, step) == blocks
    for columns, known in [(places.LONGEST, True), (places.LONGEST + 1, False)]:
        plan, step = searched("argmax", (2, columns), 1, "float32")
        assert can_find(plan.slots, step) is known


@pytest.mark.parametrize("dtype", ["complex64", "int8", "float16", ">f4"])
def test_other_dtypes_are_left_to_cupy(dtype: str) -> None:
    plan, step = searched("argmax", (3, 4), 1, dtype)
    assert not can_find(plan.slots, step)
