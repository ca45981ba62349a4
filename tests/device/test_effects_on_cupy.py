"""Effects on CuPy: between the graphs of a compiled plan, as often as called and in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cupy as cp
import numpy as np
import pytest
from recording_effects import Notes, functions, recording

import gpugrad as gg
from gpugrad.backends import choose

X = np.array([0.5, -1.0, 2.0])

noted, told = functions()


@pytest.fixture(autouse=True)
def notes() -> Iterator[Notes]:
    with recording(choose("cupy")) as found:
        yield found


def straight(x: Any, n: Any) -> Any:
    """What nobody reads, equal calls, one without results, and a number."""
    noted(x, mark="unread")
    y = noted(gg.sin(x) * 2.0, mark="fused") + 1.0
    twice = noted(x, mark="same"), noted(x, mark="same")
    told(y, mark="nobody's")
    return y + twice[0] + twice[1], noted(n, mark="number") * 2.0


STRAIGHT = ["unread", "fused", "same", "same", "nobody's", "number"]


def controlled(x: Any, n: Any) -> Any:
    y = gg.cond(x[0] > 0, lambda: noted(x, mark="true"), lambda: noted(-x, mark="false"))
    return gg.scan(lambda c, row: (told(c + row, mark="row"), None), gg.sum(y) * n, x)[0], n


@pytest.mark.parametrize("name", ["straight", "controlled"])
def test_each_call_has_each_effect_once(notes: Notes, name: str) -> None:
    f = {"straight": straight, "controlled": controlled}[name]
    step = gg.jit(f)
    for k in range(5):
        x = cp.asarray(X * (-1) ** k)
        branch = ["true" if k % 2 == 0 else "false", "row", "row", "row"]
        notes.clear()
        found = step(x, 1.5)
        called = list(notes)
        assert [mark for mark, _ in called] == (STRAIGHT if name == "straight" else branch)
        notes.clear()
        right = f(gg.tensor(x), 1.5)
        for (_, a), (_, b) in zip(called, notes, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12)
        for a, b in zip(found, right, strict=True):
            np.testing.assert_allclose(float(cp.sum(cp.asarray(a))), float(gg.sum(b)), rtol=1e-12)
