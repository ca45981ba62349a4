"""Steps that call a function of the library: bound once, and as the reference runs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.backends import numpy_namespace
from gpugrad.engines.stepper import Stepper
from gpugrad.errors import ImpureFunction
from gpugrad.plan.interpret import bound, run_step
from gpugrad.plan.plan import Plan, Step

X = np.random.default_rng(0).normal(size=(4, 4))
PLACES = np.array([[2, 0, 1, 3]] * 4)

BOUND: dict[str, tuple[Callable[..., Any], tuple[np.ndarray, ...]]] = {
    "cbrt": (gg.cbrt, (X,)),
    "flip": (gg.flip, (X,)),
    "argsort": (lambda x: gg.argsort(x, axis=0, descending=True), (X,)),
    "argmax": (lambda x: gg.argmax(x, axis=1), (X,)),
    "solve": (gg.linalg.solve, (X, X)),
    "svd": (lambda x: gg.linalg.svd(x, full_matrices=False), (X,)),
    "take_along_axis": (lambda x, i: gg.take_along_axis(x, i, axis=1), (X, PLACES)),
    "remainder": (gg.remainder, (X, X)),
    "det": (gg.linalg.det, (X,)),
}


def _step(f: Callable[..., Any], args: tuple[np.ndarray, ...], op: str) -> tuple[Step, Plan]:
    plan = gg.jit(f, engine="numpy")._cache.compiled(args, {}).program.plan
    return next(step for step in plan.steps if step.op == op), plan


@pytest.mark.parametrize("op", BOUND)
def test_a_step_is_bound_to_its_function_and_gives_what_the_reference_does(op: str) -> None:
    f, args = BOUND[op]
    step, plan = _step(f, args, op)
    assert bound(step, numpy_namespace) is not None
    operands = [np.array(args[plan.inputs.index(slot)]) for slot in step.inputs]
    found = Stepper(step, plan.slots, numpy_namespace)(*operands)
    wanted = run_step(step, operands, numpy_namespace)
    for one, other in zip(found, wanted, strict=True):
        assert type(one) is np.ndarray
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
        assert not any(np.shares_memory(one, x) for x in operands)


def test_operands_in_settings_are_no_part_of_what_is_bound() -> None:
    step, _ = _step(lambda x, i: x[:, i], (X, PLACES[0]), "getitem")
    assert bound(step, numpy_namespace) is None


def test_a_bound_step_whose_shape_depends_on_values_is_refused() -> None:
    step, plan = _step(gg.cbrt, (X,), "cbrt")
    with pytest.raises(ImpureFunction, match="depends on values"):
        Stepper(step, plan.slots, numpy_namespace)(np.ones(3))
