"""Every function with an axis does on CuPy with every axis what it does on NumPy."""

from __future__ import annotations

from typing import Any

import cupy as cp
import numpy as np
import pytest
from axes import ARRAYS, AXES, REFUSED, found, outcome
from mixing import host
from rounding import assert_same

import gpugrad as gg
from gpugrad import tree
from gpugrad.errors import InvalidArgument

FUNCTIONS = found()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_axes(name: str) -> None:
    f, setting = FUNCTIONS[name]
    for x in ARRAYS:
        for axis in AXES:
            for way in ("raw", "gradient", "vmap"):
                wanted = outcome(f, x, way, **{setting: axis})
                y = outcome(f, cp.asarray(x), way, **{setting: axis})
                assert (y is REFUSED) == (wanted is REFUSED), f"axis {axis} of {x.shape}, {way}"
                if y is not REFUSED:
                    assert_same(leaves(y), leaves(wanted), rounding=20)


def leaves(y: Any) -> list[Any]:
    return [host(part) for part in tree.leaves(y)]


@pytest.mark.parametrize("name", "sum var max argmax all prod cumsum softmax".split())
@pytest.mark.parametrize("axis", [0, -1])
def test_an_array_without_axes_in_compiled_functions(name: str, axis: int) -> None:
    f = FUNCTIONS[name][0]
    for way in ("jit", "jit of vmap"):
        wanted = outcome(f, ARRAYS[0], way, axis=axis)
        assert_same(leaves(outcome(f, cp.asarray(ARRAYS[0]), way, axis=axis)), leaves(wanted))


def test_an_order_of_axes_names_each() -> None:
    """CuPy's takes none for all in reverse."""
    x = cp.asarray(np.ones((2, 3)))
    for call in (gg.permute_dims, gg.jit(gg.permute_dims, static_argnums=1)):
        with pytest.raises(InvalidArgument, match="each of them once"):
            call(x, ())
