"""Sequences of numbers and Tensors in the place of arrays, for functions that are made of ops."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from inspect import signature
from typing import Any

from gpugrad.backends import namespace_of

SEQUENCES = frozenset((list, tuple, range))
"""Types of what stands for an array, as in NumPy."""

_ARRAYS = frozenset(("Array", "Operand", "Value"))
"""How the parameters that are arrays are annotated."""


def first_array(args: Iterable[Any]) -> Any:
    """The first of the operands, or of those in their lists and tuples, that has a dtype."""
    for x in args:
        found = first_array(x) if isinstance(x, list | tuple) else x
        if hasattr(found, "dtype"):
            return found
    return None


def array_beside(x: Any, like: Any, asarray: Callable[..., Any]) -> Any:
    """`x`, or an array for a list, tuple or range.

    It is on the device of the array or Tensor `like`, and a Tensor if that is one or if it holds
    one that is tracked.
    """
    if not isinstance(x, list | tuple | range):
        return x
    if like is None:
        return asarray(x)
    value = getattr(like, "_value", like)
    made = asarray(x, device=namespace_of(value).device_of(value))
    return made if value is not like or made._edge is not None else made._value


def with_arrays(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    asarray: Callable[..., Any],
) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """The arguments with arrays for lists, tuples and ranges where `function` takes arrays.

    `None` if there is none, or no array in or beside them, of whose library they would be.
    """
    bound = signature(function).bind_partial(*args, **kwargs)
    given = [y for x in bound.arguments.values() for y in (x if type(x) is tuple else (x,))]
    like = first_array(given)
    if like is None:
        return None
    any_found = False

    def array(x: Any) -> Any:
        nonlocal any_found
        made = array_beside(x, like, asarray)
        any_found = any_found or made is not x
        return made

    for name, parameter in bound.signature.parameters.items():
        words = re.findall(r"\w+", str(parameter.annotation))
        if name not in bound.arguments or _ARRAYS.isdisjoint(words) or "Sequence" in words:
            continue
        x = bound.arguments[name]
        several = parameter.kind is parameter.VAR_POSITIONAL
        bound.arguments[name] = tuple(map(array, x)) if several else array(x)
    return (bound.args, bound.kwargs) if any_found else None
