"""Whose code something is: the user's, a library's, or gpugrad's own; and the names in code."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

OURS = "gpugrad"
_INSTALLED = frozenset(("site-packages", "dist-packages"))

Names = frozenset[str]


def package_of(x: object) -> str:
    """The outermost package of a function, module or class, or of the class of an object."""
    while isinstance(x, partial):
        x = x.func
    if isinstance(x, FunctionType):                 # by its globals: a wrapper bears another name
        return str(x.__globals__.get("__name__", "")).partition(".")[0]
    if isinstance(x, ModuleType):
        return x.__name__.partition(".")[0]
    owner = x if isinstance(x, type) or "__wrapped__" in attributes_of(x) else type(x)
    return str(getattr(owner, "__module__", "")).partition(".")[0]


def attributes_of(x: object) -> Mapping[str, object]:
    """The attributes that `x` itself has, without running code of its class."""
    try:
        own: Mapping[str, object] = object.__getattribute__(x, "__dict__")
    except AttributeError:
        return {}
    return own


@lru_cache(maxsize=1024)
def is_library(package: str) -> bool:
    """Whether it is Python's own or installed: what it consists of does not change."""
    if package in ("builtins", OURS):
        return True
    if package == "__main__":
        return False
    if package in sys.stdlib_module_names:
        return True
    file = getattr(sys.modules.get(package), "__file__", None)
    return file is not None and not _INSTALLED.isdisjoint(Path(file).parts)


@lru_cache(maxsize=1024)
def names_in(code: CodeType) -> Names:
    """The global names and attributes of a function and of those defined inside it."""
    names = frozenset(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= names_in(constant)
        elif isinstance(constant, str):             # as in getattr(config, "rate")
            names |= spelled(constant)
    return names


def spelled(text: str) -> Names:
    """The names in `text`, such as "part.rate", if it consists of names."""
    parts = text.split(".")
    return frozenset(parts if all(map(str.isidentifier, parts)) else ())
