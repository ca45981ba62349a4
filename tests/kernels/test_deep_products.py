"""Products as kernels: which of them are, and in how many parts; on the CPU they give A B."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from cuda_host import HostCompiler, Library
from cupy_source import ARCHITECTURES, compile_cubin, compile_ptx

from gpugrad.backends import kernels
from gpugrad.engines.cuda import table
from gpugrad.engines.cuda.kernel import Kernel
from gpugrad.engines.cuda.product import (
    Matrix,
    in_order,
    is_large,
    terms_of_block,
    write_product,
)
from gpugrad.plan.plan import Slot, Step

HEADERS = ("engine", "product")

STEP = Step("matmul", (0, 1), (2,))

SHAPES = [
    (5, 3, 7), (32, 32, 32), (33, 40, 65), (1, 1, 1), (40, 255, 3),             # one block a tile
    (5, 256, 7), (33, 300, 65), (1, 1000, 1), (128, 1024, 10), (10, 513, 40),   # several
]  # fmt: skip


def slots_of(
    shape: tuple[int, int, int], dtype: str, batch: tuple[int, ...] = ()
) -> tuple[Slot, ...]:
    m, depth, n = shape
    sizes = ((m, depth), (depth, n), (m, n))
    return tuple(Slot((*batch, *size), np.dtype(dtype)) for size in sizes)


def turned(slots: tuple[Slot, ...], slot: int) -> Matrix:
    """An operand that is the transpose of what lies in the slot."""
    shape = slots[slot].shape
    return Matrix(slot, 1, shape[-2], shape[-1] * shape[-2] if len(shape) == 3 else 0)


def written(name: str, shape: Any, dtype: str, batch: Any, left: bool, right: bool) -> Kernel:
    slots = slots_of(shape, dtype, batch)
    operands = [turned(slots, x) if t else in_order(slots, x) for x, t in ((0, left), (1, right))]
    return write_product(name, STEP, slots, (operands[0], operands[1]), {})


def check(library: Library, kernel: Kernel, shape: Any, dtype: str, batch: Any, *t: bool) -> None:
    rng = np.random.default_rng(0)
    slots = slots_of(shape, dtype, batch)
    a, b = (rng.normal(size=slot.shape).astype(dtype) for slot in slots[:2])
    given = [x.swapaxes(-1, -2) if turn else x for x, turn in zip((a, b), t, strict=True)]
    lying = tuple(Slot(x.shape, x.dtype) for x in given) + slots[2:]
    (found,) = library.run(kernel, lying, dict(enumerate(given))).values()
    tolerance = 1e-5 if dtype == "float32" else 1e-13
    np.testing.assert_allclose(found, a @ b, rtol=0, atol=tolerance * np.sqrt(shape[1]) * 3)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_products_of_all_layouts(dtype: str, compiler: HostCompiler) -> None:
    layouts = [(left, right) for left in (False, True) for right in (False, True)]
    cases = [(shape, dtype, (), *turns) for shape in SHAPES for turns in layouts]
    cases += [((9, depth, 34), dtype, (3,), False, True) for depth in (20, 290)]
    made = [written(f"product{i}", *case) for i, case in enumerate(cases)]
    library = Library(compiler, made, HEADERS)
    for kernel, case in zip(made, cases, strict=True):
        check(library, kernel, *case)
    source = "\n".join([*map(kernels.header, HEADERS), *(kernel.source for kernel in made)])
    for architecture in ARCHITECTURES:
        assert compile_cubin(source, architecture)
    assert ".local" not in compile_ptx(source, "compute_75")


def test_parts_that_nobody_waits_for_are_found(compiler: HostCompiler) -> None:
    case = ((5, 300, 7), "float32", (), False, False)
    kernel = written("product", *case)
    text = "\n".join(kernel.body)
    for name, old in (("any", "if (!last) return;"), ("early", "__syncthreads();")):
        assert old in text
        wrong = replace(kernel, name=name, body=tuple(text.replace(old, "").split("\n")))
        with pytest.raises(AssertionError):
            check(Library(compiler, [wrong], HEADERS), wrong, *case)


@pytest.mark.parametrize(
    ("shape", "terms"),
    [
        ((128, 255, 10), 255),                      # not worth the joining
        ((128, 256, 10), 64),
        ((128, 1024, 10), 64),                      # 64 blocks, in place of 4
        ((128, 784, 256), 128),                     # 7 x 32
        ((512, 1024, 512), 1024),                   # 256 tiles are enough
        ((1, 2**14, 1), 256),                       # 64 parts and no more
    ],
)
def test_in_how_many_parts_a_tile_is_summed(shape: tuple[int, int, int], terms: int) -> None:
    m, depth, n = shape
    assert terms_of_block((m, n), depth) == terms


@pytest.mark.parametrize(
    ("shape", "batch", "large"),
    [
        ((128, 784, 256), (), False),               # few microseconds of work
        ((128, 1024, 10), (), False),               # few blocks of great depth, which share tiles
        ((512, 511, 128), (), False),
        ((512, 512, 128), (), True),
        ((64, 64, 64), (128,), True),               # all matrices of a batch count
        ((64, 64, 64), (127,), False),
        ((1, 2**16, 1), (), False),
        ((1, 2**16 + 1, 1), (), True),              # more for a block than it should have
    ],
)
def test_which_products_are_left_to_the_library(
    shape: tuple[int, int, int], batch: tuple[int, ...], large: bool
) -> None:
    slots = slots_of(shape, "float32", batch)
    assert is_large(slots, STEP, in_order(slots, 0), in_order(slots, 1)) == large


@pytest.mark.parametrize("count", [1, 2, 7, 24, 100, table.MOST])
def test_the_words_of_a_table_are_read_where_the_launch_put_them(count: int) -> None:
    """And not from a copy on the stack of each thread."""
    source = table.giver(count)
    assert ".local" not in compile_ptx(source, "compute_75")
    if count == 7:
        assert ".local" in compile_ptx(source.replace("__grid_constant__ ", ""), "compute_75")
