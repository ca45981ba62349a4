"""`cond`: a branch that depends on a value, also under `gg.jit`.

Without a trace it is Python's own; what it computes is differentiated as anything else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

import gpugrad.tree as tree
from gpugrad.backends import Batched, is_numpy_scalar
from gpugrad.backends.one_place import in_one_place
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument
from gpugrad.tracing.tracer import stands_for, tracer_here
from gpugrad.transforms.control.structure import own_handle
from gpugrad.types import NUMBERS, Value

R = TypeVar("R")
S = TypeVar("S")


@in_one_place("gg.cond")
def cond(
    pred: Value | np.generic,
    true_fun: Callable[..., R],
    false_fun: Callable[..., S],
    *operands: object,
) -> R | S:
    """`true_fun(*operands)` if `pred` holds, else `false_fun(*operands)`.

    Use it to branch in a function under `gg.jit` or `gg.vmap`, which must not look at values. Under
    `gg.jit` both branches become one step of the plan, which runs only the branch taken. The
    gradient of a branch recomputes the branch and keeps nothing of it.

    Under `gg.vmap`, if the condition differs between samples, both branches are computed for all
    samples, and each sample gets the results of its own branch. What the branch not taken would
    compute, NaN or not, never affects a result or a gradient.

    Args:
        pred: A boolean or a number of shape (): an array, a Tensor, or a Python value, which under
            `gg.jit` decides during tracing.
        true_fun: The branch taken if `pred` holds.
        false_fun: The other branch. Both branches run once during tracing, so they must be pure and
            return pytrees of arrays and numbers of the same structure, shapes and dtypes (a number
            takes the dtype of the other branch).
        *operands: The arguments of the branch.

    Returns:
        The result of the branch taken.

    Raises:
        InvalidArgument: If both branches run and their results differ in structure, shapes or
            dtypes.

    Example:
        >>> def safe_root(x):
        ...     return gg.cond(x > 0, gg.sqrt, lambda x: 0 * x, x)
        >>> gg.grad(safe_root)(4.0), gg.grad(safe_root)(-4.0)
        (array(0.25), array(0.))
        >>> gg.vmap(safe_root)(np.array([9.0, -1.0]))
        array([ 3., -0.])
    """
    tracer = tracer_here()
    condition = stands_for(pred._value) if isinstance(pred, Tensor) else pred
    shape = getattr(condition, "shape", ())
    if shape != ():
        raise InvalidArgument(
            f"the condition of gg.cond has shape {shape}; expected one boolean or number, of "
            "shape (). To choose element by element use gg.where."
        )
    operands = tree.map(own_handle, operands)

    def taken(branch: Callable[..., R | S]) -> Callable[[], R | S]:
        return lambda: branch(*tree.map(own_handle, operands))

    if type(condition) is Batched:
        # Imported now, as what traces is below: most programs need neither.
        from gpugrad.transforms.control.selection import select

        return select(condition, taken(true_fun), taken(false_fun))
    if tracer is None or type(condition) in NUMBERS or is_numpy_scalar(condition):
        return true_fun(*operands) if condition else false_fun(*operands)
    from gpugrad.transforms.control.cond_step import trace_cond

    result: R | S = trace_cond(tracer, pred, taken(true_fun), taken(false_fun), cond)
    return result
