"""Why arguments are of a new kind: in what they differ from others that were met."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from itertools import zip_longest
from reprlib import repr as short
from typing import Any

from gpugrad.transforms.jit.arguments import Arguments
from gpugrad.transforms.jit.leaf_names import leaf_names, positional_names

Signature = tuple[Any, ...]

LONGEST = 60
"""Characters of what is said of the structure of arguments."""


def difference(f: Callable[..., Any], given: Arguments, known: Sequence[Signature]) -> str:
    """In what the arguments of a call of `f` differ from those of the known signature that is most
    alike, the latest of such; empty where none is known.
    """
    if not known:
        return ""
    mine = given.signature

    def differing(other: Signature) -> int:
        if mine[:3] != other[:3]:
            return len(mine[3]) + len(other[3])
        leaves: int = sum(a != b for a, b in zip(mine[3], other[3], strict=True))
        rest: int = sum(a != b for a, b in zip_longest(mine[4:], other[4:]))
        return leaves + rest

    return _said(f, given, min(reversed(known), key=differing))


def _said(f: Callable[..., Any], given: Arguments, other: Signature) -> str:
    kinds, static, static_named, place, *order = given.signature[3:]
    if given.signature[:3] != other[:3]:
        before, now = (_arguments(signature) for signature in (other, given.signature))
        return f"the arguments had the structure {before} and have {now}"
    positions = positional_names(f, len(given.args))
    parts = [
        f"{name} was {_kind(before)} and is {_kind(now)}"
        for name, before, now in zip(leaf_names(f, given), other[3], kinds, strict=True)
        if before != now
    ]
    fixed = [(positions[i], now, dict(other[4]).get(i)) for i, now in static]
    fixed += [(name, now, dict(other[5]).get(name)) for name, now in static_named]
    parts += [
        f"the static argument {name} was {_value(before)} and is {_value(now)}"
        for name, now, before in fixed
        if before != now
    ]
    if place != other[6]:
        parts.append(f"the device was {other[6]} and is {place}")
    if order != [*other[7:]]:
        parts.append("arrays lie in another order in memory, which counts where views are written")
    return "; ".join(parts)


def _arguments(signature: Signature) -> str:
    """The structure of arguments, in words."""
    structures = [*signature[0], *(structure for _, structure in signature[1])]
    texts = [str(structure).removeprefix("PyTreeSpec") for structure in structures]
    text = ", ".join(texts) or "()"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _kind(kind: Any) -> str:
    """What a plan depends on of a leaf."""
    if not isinstance(kind, tuple):
        return f"a {kind.__name__}"
    if len(kind) == 3:
        return f"{kind[2]}[{', '.join(map(str, kind[1]))}]"
    limits = kind[1]
    if isinstance(limits, tuple):
        return f"an int from {limits[0]:,} to {limits[1]:,}"
    return "an int of more than 64 bits"


def _value(token: Hashable) -> str:
    """A static value, of which a token stands for another one."""
    if token is None:
        return "not there"
    return short(token[1]) if isinstance(token, tuple) and len(token) == 2 else short(token)
