"""What eager code on CuPy's arrays does between two launches: little."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import cupy as cp
import numpy as np
import pytest
from calls import called
from general_way import check

import gpugrad as gg

X = np.linspace(0.1, 0.9, 6).reshape(2, 3)

CALLS: dict[str, Callable[[Any], Any]] = {
    "unary": gg.sin,
    "binary": lambda t: t * t,
    "an array": lambda t: t.value + t,
    "numbers": lambda t: 2.0 * t + 1,
    "a power": lambda t: t ** 2,
    "a comparison": lambda t: t > 0.5,
    "a reduction": lambda t: gg.sum(t, axis=0),
    "a mean": gg.mean,
    "a product": lambda t: t @ t.T,
    "a layer": lambda t: gg.linear(t, t.T, t[:, 0]),
    "an activation": gg.relu,
    "a view": lambda t: t[0],
    "a shape": lambda t: t.reshape(3, 2),
    "a scalar": lambda t: gg.clip(t, 0, 1),
    "a condition": lambda t: gg.where(t > 0.5, t, 0.0),
    "a sequence": lambda t: gg.stack([t, t]),
    "a sequence with an array": lambda t: gg.concat([t.value, t]),
    "an index array": lambda t: t[cp.asarray([0, 1, 1])],
    "an index that is a Tensor": lambda t: t[gg.tensor(cp.asarray([0, 1, 1]))],
    "a loss": lambda t: gg.softmax_cross_entropy(t, cp.asarray([0, 1])),
}


@pytest.mark.parametrize("name", ["multiply", "power", "maximum", "less", "logical_and", "clip"])
def test_numbers_become_what_they_become_in_general(name: str) -> None:
    """Of CuPy, the scalars of NumPy that go into a launch, and nothing but them."""
    others = (True, 2, 0.5, 1j, np.float64(2), np.int8(1), None, [1.0] * 3)
    for code, other in product("?bifdF", others):
        t = gg.tensor(cp.asarray(X).astype(code), requires_grad=code in "fdF")
        for operands in ((t, other), (other, t), (t.value, other)):
            check(name, *operands)


@pytest.mark.parametrize("tracked", [False, True])
@pytest.mark.parametrize("name", CALLS)
def test_ops_take_the_short_way(name: str, tracked: bool) -> None:
    """None goes through the general application of an op, as none of NumPy's arrays does."""
    f, t = CALLS[name], gg.tensor(cp.asarray(X), requires_grad=tracked)
    f(t)                                            # which makes the functions
    found = called(lambda: f(t))
    assert len(found) > 1
    assert "apply" not in found
    assert "apply" in called(lambda: gg.add(t, [1.0] * 3))      # so that it would be found
