"""What kernels there are, each by a key that says its structure, and what prints their text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from gpugrad.codegen.body import Body
from gpugrad.codegen.chosen_rows import print_rows
from gpugrad.codegen.correlation_kernel import CorrelationKey, CorrelationPrinter
from gpugrad.codegen.correlation_weights import WeightsKey, WeightsPrinter
from gpugrad.codegen.ir import type_of
from gpugrad.codegen.kernel import print_kernel
from gpugrad.codegen.members import Members
from gpugrad.codegen.members_kernel import print_members
from gpugrad.codegen.products import ProductPrinter
from gpugrad.codegen.random_streams import StreamKey, print_stream
from gpugrad.codegen.running import RunningKey, print_running
from gpugrad.codegen.sorted_rows import SortKey, print_sort
from gpugrad.codegen.straight import Straight
from gpugrad.codegen.straight_kernel import print_straight
from gpugrad.codegen.transformed_rows import TransformKey, print_transform
from gpugrad.codegen.words import Words, module
from gpugrad.engines.native.loops import print_loop
from gpugrad.engines.native.parallel_range import print_range
from gpugrad.plan.nest import Nest


@dataclass(frozen=True)
class ProductKey:
    """Products of matrices of a dtype, the right one of which may be given by its transpose."""

    dtype: str
    turned: bool


@dataclass(frozen=True)
class LabelKey:
    """Whether all labels of that dtype are from 0 to below a number."""

    dtype: str


@dataclass(frozen=True)
class LoopKey:
    """A loop around the blocks that follow it, or a branch that they are."""

    branch: bool


@dataclass(frozen=True)
class RowsKey:
    """Rows of an array that integers choose: what is done with them, and the dtypes of both."""

    kind: str
    dtype: str
    index: str


@dataclass(frozen=True)
class RangeKey:
    """Parts of a step, which are blocks that follow it, or one block for all, side by side."""


Key: TypeAlias = (
    Nest | ProductKey | LabelKey | LoopKey | RowsKey | RangeKey | RunningKey | SortKey | Straight
    | CorrelationKey | WeightsKey | TransformKey | Members | StreamKey
)


def printed(key: Key, name: str, wide: bool) -> str:
    """The text of a module with the kernel as the function `name`; `wide` vectors have 64 bytes."""
    if isinstance(key, Nest):
        return print_kernel(key, name, wide)
    if isinstance(key, ProductKey):
        return ProductPrinter(key.dtype, wide, key.turned).text(name)
    if isinstance(key, LoopKey):
        return print_loop(name, key.branch)
    if isinstance(key, RangeKey):
        return print_range(name)
    if isinstance(key, Members):
        return print_members(key, name, wide)
    if isinstance(key, Straight):
        return print_straight(key, name, wide)
    if isinstance(key, RowsKey):
        return print_rows(name, key.kind, key.dtype, key.index, wide)
    if isinstance(key, RunningKey):
        return print_running(key, name, wide)
    if isinstance(key, CorrelationKey):
        return CorrelationPrinter(key, wide).text(name)
    if isinstance(key, WeightsKey):
        return WeightsPrinter(key, wide).text(name)
    if isinstance(key, SortKey):
        return print_sort(key, name, wide)
    if isinstance(key, TransformKey):
        return print_transform(key, name, wide)
    if isinstance(key, StreamKey):
        return print_stream(key, name, wide)
    return _labels(key, name)


def _labels(key: LabelKey, name: str) -> str:
    b = Body()
    words = Words(b)
    base, count, n = words.address(), words.word(), words.word()
    wrong = b.constant("int64", 0)
    with b.loop(b.constant("int64", 0), count, 1, [wrong]) as (i, given, after):
        label = b.read(f"load {type_of(key.dtype)}, {b.at(base, i, key.dtype).typed}", key.dtype)
        wide = b.convert(label, "int64")
        outside = (wide < 0) | (wide >= n)
        after.append(given[0] | b.convert(outside, "int64"))
    b.act(f"ret {after[0].typed}")
    return module(b, name)
