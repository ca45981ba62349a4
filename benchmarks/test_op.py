"""What one small operation costs: a sine of 8 float32 numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg

COUNT = 200
CHAIN = 1000
GROUP = "one sin of 8 float32"


def _many(operation: Callable[[], Any]) -> Callable[[], None]:
    def run() -> None:
        for _ in range(COUNT):
            operation()

    return run


@pytest.fixture
def raw(xp: Any) -> Any:
    """The 8 numbers as a plain array."""
    return xp.asarray(np.linspace(0.0, 1.0, 8, dtype="float32"))


def test_library(measure: Any, xp: Any, raw: Any) -> None:
    sin = xp.module.sin
    measure(_many(lambda: sin(raw)), GROUP, f"{xp.module.__name__}.sin", xp=xp, count=COUNT)


def test_raw(measure: Any, xp: Any, raw: Any) -> None:
    measure(_many(lambda: gg.sin(raw)), GROUP, "gg.sin of an array", xp=xp, count=COUNT)


def test_recorded(measure: Any, xp: Any, raw: Any) -> None:
    x = gg.tensor(raw, requires_grad=True)
    run = _many(lambda: gg.sin(x))
    wanted = 2e-6 if xp.name == "numpy" else None
    measure(run, GROUP, "gg.sin, recorded", xp=xp, count=COUNT, over_at_most=wanted)


def test_forward_and_backward(measure: Any, xp: Any, raw: Any) -> None:
    x, g = gg.tensor(raw, requires_grad=True), xp.ones_like(raw)
    run = _many(lambda: gg.sin(x).backward(g))
    measure(run, GROUP, "gg.sin, recorded, and backward()", xp=xp, count=COUNT)


def _chain(x: Any) -> Any:
    for _ in range(CHAIN):
        x = gg.sin(x)
    return x


def test_chain_library(measure: Any, xp: Any, raw: Any) -> None:
    sin = xp.module.sin

    def chain() -> Any:
        x = raw
        for _ in range(CHAIN):
            x = sin(x)
        return x

    measure(chain, f"a chain of {CHAIN:,} sins", f"{xp.module.__name__}.sin", xp=xp)


def test_chain(measure: Any, xp: Any, raw: Any) -> None:
    g = xp.ones_like(raw)

    def build_and_differentiate() -> None:
        _chain(gg.tensor(raw, requires_grad=True)).backward(g)

    group = f"a chain of {CHAIN:,} sins"
    measure(build_and_differentiate, group, "recorded, and backward()", xp=xp)


def test_sweep(measure: Any, xp: Any, raw: Any) -> None:
    """The sweep alone, over a chain that was built untimed."""
    g = xp.ones_like(raw)
    measure(
        lambda y: y.backward(g),
        "one sin's share of a reverse sweep",
        f"backward() of a chain of {CHAIN:,}",
        xp=xp,
        count=CHAIN,
        setup=lambda: (_chain(gg.tensor(raw, requires_grad=True)),),
        at_most=3e-6 if xp.name == "numpy" else None,
    )
