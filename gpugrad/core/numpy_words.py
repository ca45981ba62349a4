"""Functions of gpugrad called with the parameters of NumPy's function of that name.

They take those of the standard as they are; all others go the way of calls from outside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gpugrad.core.outside import from_outside
from gpugrad.errors import UnsupportedOperand

if TYPE_CHECKING:
    from gpugrad.core.rules import Operation


def as_numpy(
    op: Operation,
    placed: tuple[object, ...],
    more: tuple[object, ...],
    named: dict[str, object],
    words: dict[str, object],
) -> Any:
    """The op with what its own signature has no place for: `more` by place, and `words` by name."""
    defaults = {p.name: p.default for p in op.parameters}
    given = {name: value for name, value in named.items() if value is not defaults[name]}
    args = (*placed, *more)
    if not more:                                    # what was left out, or given by name
        names = [p.name for p in op.parameters][: len(placed)]
        known = dict(zip(names, placed, strict=True))
        count = len(op.arrays)
        args = placed[:count]
        given |= {
            name: value for name, value in list(known.items())[count:]
            if value is not defaults[name]
        }  # fmt: skip
    return called(op.name, args, {**given, **words})


def called(name: str, args: tuple[object, ...], kwargs: dict[str, object]) -> Any:
    """The function of that name with arguments as NumPy's takes them."""
    theirs = getattr(np, name, None)
    if theirs is None:
        found = [*kwargs] if kwargs else [f"{len(args)} arguments by their places"]
        raise UnsupportedOperand(
            f"gg.{name} was given {', '.join(found)}, which it does not take. help(gg.{name}) "
            "shows its arguments."
        )
    return from_outside(name, theirs, args, kwargs)
