"""Programs of many fields as they are written for NumPy: their gradients, eagerly and compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
import programs_of_science  # noqa: F401  # which adds its programs
import pytest
from programs_of_others import PROGRAMS, WRITERS

import gpugrad as gg
import gpugrad.numpy
from gpugrad.testing import check_grads

MODULES: dict[str, Any] = {"numpy": np, "gpugrad.numpy": gpugrad.numpy}

RUNS = [
    (name, module) for name in PROGRAMS for module in MODULES
    if module == "gpugrad.numpy" or name not in WRITERS
]  # fmt: skip


@pytest.mark.parametrize(("name", "module"), RUNS)
def test_gradients_agree_with_differences(name: str, module: str) -> None:
    """Of the program as it is, whose value is that of the plain program."""
    f, args = PROGRAMS[name]
    value = gg.value_and_grad(lambda *x: f(MODULES[module], *x))(*args)[0]
    np.testing.assert_allclose(value, f(np, *args), rtol=1e-9)
    check_grads(lambda *x: f(MODULES[module], *x), args, order=1)


@pytest.mark.parametrize(("name", "module"), RUNS)
def test_compiled_programs_give_the_same(name: str, module: str) -> None:
    f, args = PROGRAMS[name]
    places = tuple(range(len(args)))
    run = gg.value_and_grad(lambda *x: f(MODULES[module], *x), places)
    value, gradients = gg.jit(run)(*args)
    wanted, slopes = run(*args)
    np.testing.assert_allclose(value, wanted, rtol=1e-12)
    for found, slope in zip(gradients, slopes, strict=True):
        np.testing.assert_allclose(found, slope, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_plain_arrays_that_are_written_to_are_refused(name: str) -> None:
    """Not served with a gradient that lacks what was written."""
    f, args = PROGRAMS[name]
    with pytest.raises((TypeError, ValueError)):
        gg.grad(lambda *x: f(np, *x), tuple(range(len(args))))(*args)
