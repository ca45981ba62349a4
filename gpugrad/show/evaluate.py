"""Runs the steps of an expression on fresh leaves, and shows what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gpugrad.backends import numpy_namespace
from gpugrad.core import registry
from gpugrad.core.tensor import Tensor
from gpugrad.errors import GpugradError, InvalidArgument
from gpugrad.graph import enable_grad
from gpugrad.ops.creation import tensor
from gpugrad.show.collect import collect
from gpugrad.show.expression import Expression, Input, Number, Step
from gpugrad.show.picture import Picture


def applied(expression: Expression, leaves: Mapping[str, Tensor]) -> Tensor:
    """The result of an expression, of Tensors for its inputs."""
    _check_inputs(expression)
    result = _find(expression.result, leaves, _run(expression.steps, leaves))
    assert isinstance(result, Tensor)               # it has inputs
    return result


def evaluate(
    expression: Expression, values: Mapping[str, np.ndarray], exact: bool
) -> Picture:
    """The Picture of an expression at `values`; constants alone are computed beforehand.

    Raises `InvalidArgument` if it has no inputs, or shapes that an operation cannot take.
    """
    _check_inputs(expression)
    with enable_grad(), numpy_namespace.quiet():
        leaves = {name: tensor(values[name], requires_grad=True) for name in expression.inputs}
        results = _run(expression.steps, leaves)
    root = _find(expression.result, leaves, results)
    names = {leaf._edge[0]: name for name, leaf in leaves.items() if leaf._edge is not None}
    known: dict[Any, object] = {}
    constants: dict[Any, object] = {}
    for step, result in zip(expression.steps, results, strict=True):
        if not isinstance(result, Tensor):
            continue
        assert result._edge is not None
        known[result._edge] = result.value
        for position, operand in enumerate(step.operands):
            value = _find(operand, leaves, results)
            if not isinstance(value, Tensor):
                constants[result._edge[0], position] = np.asarray(value)
    title = f"f({', '.join(expression.inputs)}) = {expression.text}"
    return collect(root, names, title=title, exact=exact, known=known, constants=constants)


def _check_inputs(expression: Expression) -> None:
    if not expression.inputs:
        raise InvalidArgument(
            f"the expression {expression.text!r} names no inputs, so it has no gradient: use a "
            "name in it, such as x."
        )


def _run(steps: list[Step], leaves: Mapping[str, Tensor]) -> list[object]:
    """A Tensor for each step, or an array for one that depends on no input."""
    results: list[object] = []
    for step in steps:
        operands = [_find(operand, leaves, results) for operand in step.operands]
        try:
            results.append(getattr(registry.namespace, step.op)(*operands))
        except GpugradError:
            raise
        except Exception as error:
            # Whatever the array library says of shapes that do not go together.
            shapes = " and ".join(str(getattr(x, "shape", ())) for x in operands)
            raise InvalidArgument(
                f"{step.op} cannot take operands of shape {shapes}: give values whose shapes go "
                f"together ({error})."
            ) from None
    return results


def _find(operand: Any, leaves: Mapping[str, Tensor], results: list[object]) -> Any:
    if isinstance(operand, Number):
        return operand.value
    return leaves[operand.name] if isinstance(operand, Input) else results[operand]
