"""The functions generated for ops, held against `apply`, the general way to apply an op."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np

import gpugrad as gg
from gpugrad.core.op import apply
from gpugrad.core.registry import get_op


def kept(x: Any) -> Any:
    """What of a value tells it from others, so that it can be compared."""
    if isinstance(x, gg.Tensor):
        node = None if x._edge is None else x._edge[0]
        history = node and (node.vjp, node.settings, node.shape, node.dtype, kept(node.saved))
        edges = node and tuple(edge and (edge[0].vjp or edge[0]) for edge in node.edges)
        view = x._base and (x._base[2:], x._base[0] is not None)
        return "Tensor", kept(x._value), history, edges, view and repr(view)
    if isinstance(x, tuple | list):
        return type(x), [kept(part) for part in x]
    if hasattr(x, "strides") and not isinstance(x, np.generic):
        return type(x), x.dtype, x.shape, x.strides, repr(x.tolist())
    return type(x), repr(x)


def outcome(f: Callable[[], Any]) -> Any:
    """What `f` gives, or the error that it raises."""
    with np.errstate(all="ignore"):
        try:
            return kept(f())
        except Exception as error:
            return type(error), str(error)


def check(name: str, *operands: Any, **settings: Any) -> None:
    """That the function of an op does as `apply`, which gets operands that are left out too."""
    op, function = get_op(name), get_op(name).function
    said = tuple(settings.get(n, signature(function).parameters[n].default) for n in op.settings)
    left_out = (None,) * (len(op.arrays) - len(operands))
    wanted = outcome(lambda: apply(op, (*operands, *left_out), said))
    assert outcome(lambda: function(*operands, **settings)) == wanted, (name, operands)
