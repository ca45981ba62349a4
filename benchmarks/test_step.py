"""A training step of a multilayer perceptron, at four sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from problem import SIZES, make_problem
from steps import by_hand, gpugrad_backward, gpugrad_in_place, gpugrad_value_and_grad

ROUNDS = {"toy": 2000, "digits": 1000, "mnist": 200, "wide": 5}


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("by hand, into preallocated arrays", by_hand),
        ("gpugrad, backward()", gpugrad_backward),
        ("gpugrad, backward(), update in place", gpugrad_in_place),
        ("gpugrad, value_and_grad() of a model", gpugrad_value_and_grad),
    ],
    ids=["by_hand", "backward", "in_place", "value_and_grad"],
)
@pytest.mark.parametrize("size", SIZES)
def test_step(measure: Any, xp: Any, size: str, name: str, make: Callable[..., Any]) -> None:
    batch, widths = SIZES[size]
    group = f"training step, {size}: batch {batch}, layers {list(widths)}"
    measure(make(make_problem(size), xp), group, name, xp=xp, rounds=ROUNDS[size])
