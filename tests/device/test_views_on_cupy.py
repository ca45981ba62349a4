"""Programs of views and writes end with NumPy's numbers, where CuPy's views are others too."""

from __future__ import annotations

import os
from typing import Any

import cupy as cp
import numpy as np
import pytest
from rounding import assert_same
from view_programs import draw_program

import gpugrad as gg

PROGRAMS = int(os.environ.get("GPUGRAD_VIEWS", "150"))


def drawn(seed: int) -> tuple[Any, list[np.ndarray]]:
    rng = np.random.default_rng(seed)
    program = draw_program(rng)
    return program, [rng.normal(size=shape) for shape in program.shapes]


@pytest.mark.parametrize("requires_grad", [False, True])
def test_random_programs_end_with_numpys_numbers(requires_grad: bool) -> None:
    for seed in range(PROGRAMS):
        program, arrays = drawn(seed)
        given = [gg.tensor(cp.asarray(x), requires_grad=requires_grad) for x in arrays]
        try:
            assert_same((x.value for x in program.run(given, gg)), program.run(arrays, np))
        except AssertionError as error:
            error.add_note(str(program))
            raise


@pytest.mark.parametrize("compiled", [False, True])
def test_random_programs_have_the_gradients_that_they_have_on_numpy(compiled: bool) -> None:
    for seed in range(PROGRAMS // (30 if compiled else 3)):
        program, arrays = drawn(seed)

        def f(xs: Any, program: Any = program) -> Any:
            total: Any = 0
            for x in program.run(xs, gg):
                total = total + gg.sum(x * x * x)
            return total

        step = gg.grad(f)
        wanted = step(arrays)
        if compiled:
            step = gg.jit(step)
        given = [cp.asarray(x) for x in arrays]
        for _ in range(3):
            found = step(given)
        try:
            assert_same(found, wanted, rounding=1000)
        except AssertionError as error:
            error.add_note(str(program))
            raise


def test_memory_order_counts_as_cupys() -> None:
    """Which lays what it makes of such a matrix in C's order, where NumPy keeps the other."""

    def f(x: Any, xp: Any) -> Any:
        y = x * 1
        flat = xp.reshape(y, (-1,))
        flat[0] = 100.0
        return y

    step = gg.jit(lambda x: f(x, gg))
    x = np.arange(6.0).reshape(2, 3)
    for given in (x, np.asfortranarray(x), x):
        for _ in range(3):
            mine = cp.asarray(given, order="A")
            assert np.array_equal(cp.asnumpy(step(mine)), cp.asnumpy(f(mine, cp)))
