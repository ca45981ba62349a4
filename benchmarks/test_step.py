"""A training step of a multilayer perceptron, at four sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from engines import available
from problem import SIZES, make_problem
from steps import by_hand, gpugrad_backward, gpugrad_in_place, gpugrad_jit, gpugrad_value_and_grad

from gpugrad.backends import choose

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
    measure(make(make_problem(size), xp), _group(size), name, xp=xp, rounds=ROUNDS[size])


@pytest.mark.parametrize("engine", available())
@pytest.mark.parametrize("size", SIZES)
def test_compiled_step(measure: Any, size: str, engine: str) -> None:
    """On NumPy arrays; the row joins those of the NumPy backend."""
    xp = choose("numpy")
    step = gpugrad_jit(make_problem(size), xp, engine=engine)
    measure(step, _group(size), f"gpugrad, jit, engine {engine}", xp=xp, rounds=ROUNDS[size])


def _group(size: str) -> str:
    batch, widths = SIZES[size]
    return f"training step, {size}: batch {batch}, layers {list(widths)}"
