"""Sequences of numbers and Tensors in the place of arrays, for functions that are made of ops."""

from __future__ import annotations

import re
from collections.abc import Callable
from inspect import signature
from typing import Any

from gpugrad.backends import namespace_of

_ARRAYS = frozenset(("Array", "Operand", "Value"))
"""How the parameters that are arrays are annotated."""


def with_arrays(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    asarray: Callable[..., Any],
) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """The arguments with arrays for lists, tuples and ranges where `function` takes arrays.

    `None` if there is none, or no array beside, of whose library they would be.
    """
    bound = signature(function).bind(*args, **kwargs)
    given = [y for x in bound.arguments.values() for y in (x if type(x) is tuple else (x,))]
    like = next((x for x in given if hasattr(x, "dtype")), None)
    if like is None:
        return None
    value = getattr(like, "_value", like)
    device = namespace_of(value).device_of(value)
    any_found = False

    def array(x: Any) -> Any:
        nonlocal any_found
        if not isinstance(x, list | tuple | range):
            return x
        any_found = True
        made = asarray(x, device=device)
        return made if value is not like or made._edge is not None else made._value

    for name, parameter in bound.signature.parameters.items():
        words = re.findall(r"\w+", str(parameter.annotation))
        if name not in bound.arguments or _ARRAYS.isdisjoint(words) or "Sequence" in words:
            continue
        x = bound.arguments[name]
        several = parameter.kind is parameter.VAR_POSITIONAL
        bound.arguments[name] = tuple(map(array, x)) if several else array(x)
    return (bound.args, bound.kwargs) if any_found else None
