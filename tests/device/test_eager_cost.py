"""What eager code on CuPy's arrays does between two launches: little."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import Any

import cupy as cp
import numpy as np
import pytest

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
    "a loss": lambda t: gg.softmax_cross_entropy(t, cp.asarray([0, 1])),
}


def calls_of(f: Callable[[], Any]) -> Counter[str]:
    """How often each Python function was called."""
    found: Counter[str] = Counter()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            found[frame.f_code.co_qualname] += 1

    sys.setprofile(note)
    try:
        f()
    finally:
        sys.setprofile(None)
    return found


@pytest.mark.parametrize("tracked", [False, True])
@pytest.mark.parametrize("name", CALLS)
def test_ops_take_the_short_way(name: str, tracked: bool) -> None:
    """None goes through the general application of an op, as none of NumPy's arrays does."""
    f, t = CALLS[name], gg.tensor(cp.asarray(X), requires_grad=tracked)
    f(t)                                            # which makes the functions
    found = calls_of(lambda: f(t))
    assert found.total()
    assert not found["apply"]
    assert calls_of(lambda: gg.add(t, [1.0] * 3))["apply"]      # so that it would be found
