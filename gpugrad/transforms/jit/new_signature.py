"""Why arguments are of a new kind: in what they differ from others that were met."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from reprlib import repr as short

from gpugrad.transforms.jit.arguments import Arguments, Kind, Signature
from gpugrad.transforms.jit.leaf_names import leaf_names
from gpugrad.transforms.watched import positional_names

LONGEST = 60
"""Characters of what is said of the structure of arguments."""


def difference(f: Callable[..., object], given: Arguments, known: Sequence[Signature]) -> str:
    """In what the arguments of a call of `f` differ from the most alike known signature.

    Of several, the latest is taken.
    """
    mine = given.signature

    def differing(other: Signature) -> int:
        if mine[:3] != other[:3]:
            return len(mine.kinds) + len(other.kinds)
        leaves = sum(a != b for a, b in zip(mine.kinds, other.kinds, strict=True))
        rest = sum(a != b for a, b in zip(mine[4:], other[4:], strict=True))
        return leaves + rest

    return _said(f, given, min(reversed(known), key=differing))


def _said(f: Callable[..., object], given: Arguments, other: Signature) -> str:
    mine = given.signature
    if mine[:3] != other[:3]:
        before, now = _arguments(other), _arguments(mine)
        return f"the arguments had the structure {before} and have {now}"
    positions = positional_names(f, len(given.args))
    parts = [
        f"{name} was {_kind(before)} and is {_kind(now)}"
        for name, before, now in zip(leaf_names(f, given), other.kinds, mine.kinds, strict=True)
        if before != now
    ]
    fixed = [(positions[i], now, dict(other.static).get(i)) for i, now in mine.static]
    fixed += [(name, now, dict(other.static_named).get(name)) for name, now in mine.static_named]
    parts += [
        f"the static argument {name} was {_value(before)} and is {_value(now)}"
        for name, now, before in fixed
        if before != now
    ]
    if mine.place != other.place:
        parts.append(f"the device was {other.place} and is {mine.place}")
    if mine.orders != other.orders:
        parts.append("arrays lie in another order in memory, which counts where views are written")
    return "; ".join(parts)


def _arguments(signature: Signature) -> str:
    """The structure of arguments, in words."""
    structures = [*signature.structures, *(structure for _, structure in signature.named)]
    texts = [str(structure).removeprefix("PyTreeSpec") for structure in structures]
    text = ", ".join(texts) or "()"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _kind(kind: Kind) -> str:
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
