"""How what changed is said: by name, with what it was and what it is."""

from __future__ import annotations

from collections.abc import Callable
from reprlib import repr as short
from types import FunctionType, ModuleType
from typing import TypeAlias, TypeGuard

from gpugrad.types import Array

MISSING: object = object()
"""Stands for what is not there."""

NameOf: TypeAlias = Callable[[object], str]
"""Gives the name by which code knows an object, or nothing."""

_SHOWN = frozenset((bool, int, float, complex, str, bytes, type(None), range))
"""Types whose values are short, and run no code of the user's to be shown."""


def shown(x: object) -> str:
    """`x` in a few words."""
    kind = type(x)
    if x is MISSING:
        return "missing"
    if kind in _SHOWN or (type(x) is tuple and all(type(part) in _SHOWN for part in x)):
        return short(x)
    if isinstance(x, type | FunctionType):
        return x.__qualname__
    if isinstance(x, ModuleType):
        return f"the module {x.__name__}"
    if _is_array(x):
        return f"{x.dtype}[{', '.join(map(str, x.shape))}]"
    return f"a {kind.__name__}"


def _is_array(x: object) -> TypeGuard[Array]:
    """Whether it has a shape and a dtype, as its class says."""
    kind = type(x)
    return getattr(kind, "shape", None) is not None and getattr(kind, "dtype", None) is not None


def became(what: str, before: object, now: object) -> str:
    """That `what` has become another thing."""
    old, new = shown(before), shown(now)
    if now is MISSING:
        return f"{what} was {old} and is no longer there"
    if before is MISSING:
        return f"{what} is {new} and was not there before"
    return f"{what} was {old} and is {'another one' if old == new else new}"
