"""What a page is asked to show, as something that can be run: again, with other values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any

import numpy as np

from gpugrad import tree
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument, NotDifferentiable
from gpugrad.ops.creation import tensor
from gpugrad.show.evaluate import applied
from gpugrad.show.expression import Expression
from gpugrad.transforms.watched import positional_names
from gpugrad.types import Array


@dataclass(frozen=True)
class Runnable:
    """A function of arrays alone: a Tensor for each of `leaves`, which have `names`, gives one.

    An expression has no `lines` in a program.
    """

    call: Callable[[Sequence[Tensor]], Tensor]
    leaves: list[Array]
    names: list[str]
    title: str
    lines: bool = True


def of_function(
    f: Callable[..., object], args: tuple[object, ...], named: Mapping[str, object]
) -> Runnable:
    """A function with these arguments: numbers, arrays, and trees of them."""
    try:
        signature(f).bind(*args, **named)
    except TypeError as error:
        raise InvalidArgument(f"the function cannot be called so: {error}.") from None
    given = dict(zip(positional_names(f, len(args)), args, strict=True)) | dict(named)
    leaves, structure = tree.flatten((args, dict(named)))
    names = [
        f"{name}{path}" for name, value in given.items() for path in tree.paths(value)
    ]

    def call(tensors: Sequence[Tensor]) -> Tensor:
        values: Any = tree.unflatten(structure, tensors)
        result = f(*values[0], **values[1])
        if not isinstance(result, Tensor):
            raise NotDifferentiable(
                f"the function returned a {type(result).__name__}; expected a Tensor that depends "
                "on its arguments."
            )
        return result

    return Runnable(call, [_value(x) for x in leaves], names, f"f({', '.join(given)})")


def of_expression(expression: Expression, values: Mapping[str, np.ndarray]) -> Runnable:
    """An expression at these values of its inputs."""
    title = f"f({', '.join(expression.inputs)}) = {expression.text}"

    def call(tensors: Sequence[Tensor]) -> Tensor:
        return applied(expression, dict(zip(expression.inputs, tensors, strict=True)))

    leaves: list[Array] = [values[name] for name in expression.inputs]
    return Runnable(call, leaves, expression.inputs, title, lines=False)


def _value(x: Any) -> Array:
    """A leaf of the arguments as an array, floating where it was an integer of Python."""
    if isinstance(x, Tensor):
        return x.value
    return tensor(float(x) if isinstance(x, int) else x).value
