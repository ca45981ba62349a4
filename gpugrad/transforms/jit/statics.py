"""Static values: which of them count as the same, where a plan holds for one of them alone."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import fields, is_dataclass
from numbers import Number
from typing import Any

import optree

import gpugrad.tree as tree

_SIMPLE = (str, bytes, type(None))


def token(x: object) -> Hashable:
    """What stands for the static value `x`: equal for the same value of the same type.

    Unlike `==`, it tells `1` from `1.0` and from `True`, and `0.0` from `-0.0`, at every depth of
    tuples, lists, frozen sets, slices and dataclasses; and NaN is itself. Raises `TypeError` for
    what else cannot be hashed.
    """
    kind = type(x)
    if kind is not int and isinstance(x, Number):
        return kind, repr(x)                        # which NumPy's scalars and decimals have, too
    if isinstance(x, tuple) and (kind is tuple or optree.is_namedtuple_instance(x)):
        return kind, tuple(map(token, x))
    if isinstance(x, list):                         # of keys, as the metadata of a tree
        return list, tuple(map(token, x))
    if type(x) is frozenset:
        return kind, frozenset(map(token, x))
    if type(x) is slice:
        return kind, token((x.start, x.stop, x.step))
    hash(x)
    if is_dataclass(kind) and kind.__dataclass_params__.eq:  # type: ignore[attr-defined]
        parts = [part for part in fields(kind) if part.compare]
        hashed = [token(getattr(x, part.name)) for part in parts if part.hash is not False]
        return kind, None if len(hashed) == len(parts) else x, tuple(hashed)
    return kind, x


def is_plain(x: object) -> bool:
    """Whether `==` tells values of the type of `x` apart as their tokens do."""
    kind = type(x)
    if type(x) is tuple or type(x) is list:
        return all(type(part) in _SIMPLE for part in x)
    return kind in (*_SIMPLE, bool, int) or (isinstance(x, type) and kind is type)


Kinds = tuple["type | Kinds", ...]


def kinds_of(x: Any) -> Kinds:
    """The types of the parts of a tuple, and of the tuples in it."""
    return tuple([kinds_of(part) if type(part) is tuple else type(part) for part in x])


def is_told_by_kinds(x: object) -> bool:
    """Whether `x` is a tuple that `==` tells from others of the same kinds, as tokens do.

    So it is with the settings of layers. Zeros of two signs are equal, and NaN is not.
    """
    return type(x) is tuple and all(
        type(part) in (*_SIMPLE, bool, int)
        or (type(part) is float and part != 0 and part == part)
        or is_told_by_kinds(part)
        for part in x
    )


def structure_token(structure: tree.Structure) -> Hashable:
    """What a tree of that structure holds beside leaves, keys and metadata, by tokens.

    Structures that are equal may differ in them, as `{1: x}` and `{True: x}` do.
    """
    found: list[Hashable] = []

    def look(kind: type, data: object, children: tuple[object, ...]) -> None:
        keys = data if isinstance(data, list) else () if data is None else (data,)
        if any(type(key) is not str for key in keys):
            found.append(token(data))

    structure.walk(range(structure.num_leaves), look)
    return tuple(found)
