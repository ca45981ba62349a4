"""Every function with an axis does with every axis, of arrays without axes too, the same in every
way to call it: eager, compiled and in batches, with and without gradients.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from axes import ARRAYS, AXES, REFUSED, WAYS, found, outcome
from rounding import assert_same

import gpugrad as gg
from gpugrad import tree
from gpugrad.backends.axes import counted, named, reduced
from gpugrad.errors import InvalidArgument

FUNCTIONS = found()

BY_VALUES = ("trim_zeros", "unique")
"""Functions whose results have a shape by values, which batches and compiled functions lack."""

COMPILED = (None, -1, 2, (), (0, -1))
"""Of the axes those that are tried in compiled functions too, which takes longer."""


def test_most_functions_are_tried() -> None:
    assert len(FUNCTIONS) > 70
    assert {"sum", "var", "cumsum", "fft.fft", "sort", "squeeze", "roll"} <= set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_ways_to_call_agree(name: str) -> None:
    f, setting = FUNCTIONS[name]
    for x in ARRAYS:
        for axis in AXES:
            plain = outcome(f, x, "raw", **{setting: axis})
            double = outcome(f, x * 2.0, "raw", **{setting: axis})
            for way in WAYS:
                if "jit" in way and axis not in COMPILED:
                    continue
                y = outcome(f, x, way, **{setting: axis})
                if name in BY_VALUES and ("jit" in way or "vmap" in way):
                    assert y is REFUSED, f"axis {axis} of {x.shape}, {way}"
                    continue
                assert (y is REFUSED) == (plain is REFUSED), f"axis {axis} of {x.shape}, {way}"
                if y is REFUSED or "gradient" in way:
                    continue
                parts = [np.stack(both) for both in zip(leaves(plain), leaves(double), strict=True)]
                assert_same(leaves(y), parts if "vmap" in way else leaves(plain), rounding=20)


def leaves(y: Any) -> list[Any]:
    return [np.asarray(part) for part in tree.leaves(y)]


REDUCTIONS = """
    all amax amin any argmax argmin average count_nonzero euclidean_norm linalg.vector_norm
    logsumexp max mean min nanmax nanmean nanmin nanprod nanstd nansum nanvar prod ptp std sum var
""".split()


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("name", REDUCTIONS)
def test_an_array_without_axes_is_reduced_along_none(name: str, axis: int) -> None:
    f = FUNCTIONS[name][0]
    for way in WAYS:
        wanted = outcome(f, ARRAYS[0], way)
        found = outcome(f, ARRAYS[0], way, axis=axis)
        assert_same(leaves(found), leaves(wanted))


@pytest.mark.parametrize("name", ["cumsum", "cumprod", "cumulative_sum", "cumulative_prod"])
def test_an_array_without_axes_is_a_vector_of_one_to_go_along(name: str) -> None:
    f = FUNCTIONS[name][0]
    for axis in (None, 0, -1):
        assert_same([f(np.array(2.5), axis=axis)], [np.array([2.5])])
        assert_same([gg.grad(lambda x: f(x, axis=axis)[0])(np.array(2.5))], [np.array(1.0)])  # noqa: B023


BEYOND: dict[str, Callable[[Any], Any]] = {
    "concat": lambda x: gg.concat([x, x], axis=5),
    "stack": lambda x: gg.stack([x, x], axis=5),
    "take_along_axis": lambda x: gg.take_along_axis(x, gg.astype(x * 0, "int64"), axis=5),
    "put_along_axis": lambda x: gg.put_along_axis(
        x, gg.astype(x * 0, "int64"), 1.0, axis=5, inplace=False
    ),
    "moveaxis": lambda x: gg.moveaxis(x, 5, 0),
    "swapaxes": lambda x: gg.swapaxes(x, 0, 5),
    "diagonal": lambda x: gg.diagonal(x, 0, 0, 5),
    "vecdot": lambda x: gg.vecdot(x, x, axis=5),
    "split": lambda x: gg.split(x, 2, axis=5),
    "vmap, in_axes": lambda x: gg.vmap(gg.sin, in_axes=5)(x),
    "vmap, out_axes": lambda x: gg.vmap(gg.sin, out_axes=5)(x),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", BEYOND)
def test_an_axis_that_is_not_there_is_refused(name: str, way: str) -> None:
    """Of several arrays too: by its remainder it would be another one."""
    assert outcome(BEYOND[name], np.ones((2, 4)), way) is REFUSED


def test_which_axes_are_meant() -> None:
    assert [counted(a, 3) for a in (0, -1, 2, -3, np.int64(1))] == [0, 2, 2, 0, 1]
    assert named(None, 2) == (0, 1) == named((-2, 1), 2)
    assert reduced(0, 0) == reduced(-1, 0) == reduced(None, 0) == ()
    for axis, ndim in [(3, 3), (-4, 3), (1, 0), ((0,), 0), ((0, 0), 2), ((0, -2), 2)]:
        with pytest.raises(InvalidArgument, match="ax"):
            reduced(axis, ndim)
    with pytest.raises(TypeError, match="integer"):
        reduced(1.0, 2)
