"""What does not depend on gpugrad: tells whether the machine was slow, and whether it changed."""

from __future__ import annotations

from typing import Any

import pytest

LOOPS = 10_000


@pytest.mark.parametrize("when", ["before", "after"])
def test_python(measure: Any, when: str) -> None:
    def count() -> int:
        total = 0
        for i in range(LOOPS):
            total += i & 7
        return total

    measure(count, "control: one turn of a Python loop", f"{when} the others", count=LOOPS)


@pytest.mark.parametrize("when", ["before", "after"])
def test_matrix_product(measure: Any, xp: Any, when: str) -> None:
    a = xp.ones((256, 256), dtype="float32")
    group = "control: product of 256 x 256 float32"
    measure(lambda: a @ a, group, f"{when} the others", xp=xp, rounds=300)
