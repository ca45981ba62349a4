"""Rows of an array written from the array itself: as of a copy of it, on every engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg

ENGINES = ("numpy", "native")
PLACES = np.array([0, 2, 0])

WRITES: dict[str, Callable[[Any], Any]] = {
    "itself": lambda y: y,
    "in reverse": lambda y: y[::-1],
    "chosen": lambda y: y[np.array([2, 1, 0])],
    "moved on": lambda y: gg.roll(y, 1, axis=0),
    "a part of it": lambda y: y[1:2],
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("shape", [(3,), (3, 3), (3, 70)])
@pytest.mark.parametrize("computed", [False, True])
@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("added", [False, True])
def test_rows_of_itself(
    engine: str, shape: tuple[int, ...], computed: bool, name: str, added: bool
) -> None:
    def write(x: Any) -> Any:
        y = gg.tensor(x)
        y = y * 2.0 if computed else y
        if added:
            y[PLACES] += WRITES[name](y)
        else:
            y[PLACES] = WRITES[name](y)
        return y

    x = np.arange(float(np.prod(shape))).reshape(shape) + 1
    wanted = np.asarray(write(x.copy()))
    step = gg.jit(write, engine=engine, donate_argnums=0)
    for _ in range(4):
        np.testing.assert_array_equal(step(x.copy()), wanted)
