"""Names of the arrays that a function reads from outside: paths in the trees that hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from inspect import getclosurevars
from types import FunctionType, MethodType
from typing import Any

import gpugrad.tree as tree
from gpugrad.core.tensor import Tensor
from gpugrad.tracing.frames import is_installed, is_ours, is_pythons


def names_of(f: Callable[..., Any]) -> dict[int, str]:
    """Names of arrays by their identity: `layers[0].weight` of a model, `model.bias` beside one.

    They are found in the function if that is a tree or an object, and in what it closes over, is
    bound to or reads as a global, also of the user's functions among these.
    """
    found: dict[int, str] = {}
    pending: list[tuple[str, Any]] = [("", f)]
    seen: set[int] = set()
    while pending:
        root, x = pending.pop(0)
        if id(x) in seen:
            continue
        seen.add(id(x))
        for path, leaf in zip(tree.paths(x), tree.leaves(x), strict=True):
            if _is_array(leaf):
                found.setdefault(id(_value(leaf)), name_of(root + path) or "array")
                continue
            pending += _held(leaf)
            for name, part in getattr(leaf, "__dict__", {}).items():
                if _is_array(part):
                    found.setdefault(id(_value(part)), name_of(f"{root}{path}.{name}"))
    return found


def name_of(path: str) -> str:
    """A path without what only Python needs: `params.w` for `params['w']`."""
    return path.replace("['", ".").replace("']", "").lstrip(".")


def _is_array(x: object) -> bool:
    """By its type: an object may answer to any name."""
    return hasattr(type(x), "dtype") and hasattr(type(x), "shape")


def _value(x: Any) -> Any:
    return x._value if isinstance(x, Tensor) else x


def _held(x: Any) -> Iterator[tuple[str, Any]]:
    """What a function holds, by the names that it has for it."""
    x = getattr(x, "__dict__", {}).get("__wrapped__", x)    # under gg.jit, or decorated
    if isinstance(x, partial):
        yield "", x.func
        yield from ((f"args[{i}]", part) for i, part in enumerate(x.args))
        yield from x.keywords.items()
    elif isinstance(x, MethodType):
        yield "", x.__self__
        yield "", x.__func__
    elif isinstance(x, FunctionType) and _is_users(x.__code__.co_filename):
        held = getclosurevars(x)
        yield from held.nonlocals.items()
        yield from held.globals.items()


def _is_users(file: str) -> bool:
    return not (is_ours(file) or is_installed(file) or is_pythons(file))
