"""Named tuples of arrays that print as one line: large arrays as their dtype and shape."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

C = TypeVar("C", bound=type)

LARGEST = 6
"""Elements of an array up to which it is printed."""

MOST = 3
"""Parts of a tuple, list or dictionary up to which each is printed."""


def shortly(cls: C) -> C:
    """A decorator that gives a named tuple, such as an optimiser's state, a `repr` of one line."""
    kind: Any = cls
    kind.__repr__ = _repr
    return cls


def _repr(self: Any) -> str:
    parts = ", ".join(f"{name}={_short(x)}" for name, x in self._asdict().items())
    return f"{type(self).__name__}({parts})"


def _short(x: Any) -> str:
    if hasattr(x, "shape") and hasattr(x, "dtype"):
        if isinstance(x, np.ndarray | np.generic) and x.size <= LARGEST:
            return repr(x)
        return f"{x.dtype}{list(x.shape)}"
    if type(x) is dict:
        return f"{{{_several([f'{key!r}: {_short(part)}' for key, part in x.items()])}}}"
    if type(x) is list:
        return f"[{_several(list(map(_short, x)))}]"
    if type(x) is tuple:
        return f"({_several(list(map(_short, x)))}{',' if len(x) == 1 else ''})"
    return repr(x)


def _several(parts: list[str]) -> str:
    if len(parts) > MOST + 1:
        parts = [*parts[:MOST], f"... {len(parts) - MOST} more"]
    return ", ".join(parts)
