"""Parts of known length at places that are traced."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import InvalidArgument
from gpugrad.testing import check_grads

X = np.arange(12.0).reshape(3, 4)


@pytest.mark.parametrize("dtype", ["int8", "int32", "int64", "uint8", None])
@pytest.mark.parametrize(("starts", "row", "column"), [
    ((0, 0), 0, 0), ((1, 2), 1, 2), ((2, 3), 1, 2), ((9, 1), 1, 1), ((-1, -2), 1, 2),
    ((-2, -3), 1, 1), ((-9, 0), 0, 0),
])  # fmt: skip
def test_a_part_begins_where_it_fits(
    starts: tuple[int, int], row: int, column: int, dtype: str | None
) -> None:
    if dtype == "uint8" and min(starts) < 0:
        return
    given = starts if dtype is None else tuple(np.array(start, dtype) for start in starts)
    wanted = X[row : row + 2, column : column + 2]
    np.testing.assert_array_equal(gg.dynamic_slice(X, given, (2, 2)), wanted)
    run = gg.jit(lambda x, i, j: gg.dynamic_slice(x, (i, j), (2, 2)))
    np.testing.assert_array_equal(run(X, *given), wanted)


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_places_are_traced_and_batched(engine: str) -> None:
    if engine == "native":
        pytest.importorskip("llvmlite")

    def part(x: Any, i: Any) -> Any:
        return gg.sum(gg.dynamic_slice(x, (i, 0), (1, 4)) ** 2)

    slope = gg.jit(gg.grad(part), engine=engine)
    for i in (0, 2, 1, 2):
        wanted = np.zeros_like(X)
        wanted[i] = 2 * X[i]
        np.testing.assert_array_equal(slope(X, np.array(i)), wanted)
    rows = gg.jit(gg.vmap(part, in_axes=(None, 0)), engine=engine)
    np.testing.assert_array_equal(rows(X, np.array([2, 0])), np.sum(X[[2, 0]] ** 2, axis=1))
    check_grads(lambda x: gg.dynamic_slice(x, (1, 1), (2, 2)), (X,))
    long = np.arange(300.0)
    assert gg.dynamic_slice(long, (np.array(-1, "int8"),), (2,))[1] == 299


@pytest.mark.parametrize(("starts", "sizes", "word"), [
    ((1,), (2, 2), "1 starts and 2 sizes"), ((0, 0), (4, 2), "length 4 along an axis of length 3"),
    ((0, 0), (-1, 2), "length -1"), ((0.5, 0), (2, 2), "dtype float64"),
    ((np.array([0]), 0), (2, 2), r"shape \(1,\)"),
])  # fmt: skip
def test_what_is_refused(starts: Any, sizes: Any, word: str) -> None:
    with pytest.raises(InvalidArgument, match=word):
        gg.dynamic_slice(X, starts, sizes)
