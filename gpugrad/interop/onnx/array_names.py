"""Names of the arrays that a function reads from outside: paths in the trees that hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from inspect import getclosurevars
from types import FunctionType, MethodType
from typing import Any

import gpugrad.tree as tree
from gpugrad.core.tensor import Tensor


def names_of(f: Callable[..., Any]) -> dict[int, str]:
    """Names of arrays by their identity: `layers[0].weight` of a model, `model.bias` beside one.

    They are found in the function if that is a tree or an object, and in what it closes over, is
    bound to or reads as a global, also of functions among these.
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
            if hasattr(type(leaf), "dtype") and hasattr(type(leaf), "shape"):
                array = leaf._value if isinstance(leaf, Tensor) else leaf
                found.setdefault(id(array), _plain(root + path) or "array")
            else:
                pending += _held(leaf)
                if leaf is f:
                    pending += getattr(leaf, "__dict__", {}).items()
    return found


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
    elif isinstance(x, FunctionType):
        held = getclosurevars(x)
        yield from held.nonlocals.items()
        yield from held.globals.items()


def _plain(path: str) -> str:
    """A path without what only Python needs: `params.w` for `params['w']`."""
    return path.replace("['", ".").replace("']", "").lstrip(".")
