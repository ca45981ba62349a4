"""Classes as trees: which attributes hold arrays, and which are a part of the structure."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable
from enum import Enum
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, TypeVar, overload

import numpy as np
import optree

from gpugrad.errors import InvalidArgument

C = TypeVar("C", bound=type)

NAMESPACE = "gpugrad"

FIXED = (
    bool, int, str, bytes, Enum, FunctionType, BuiltinFunctionType, MethodType, type, np.ufunc,
    np.dtype, np.bool_, np.integer,
)  # fmt: skip
"""Values that are no parameters: they decide what a model computes."""


class Same:
    """A value of the structure: two structures are equal where these are."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Same):
            return NotImplemented
        mine, theirs = self.value, other.value
        return mine is theirs or (type(mine) is type(theirs) and bool(np.all(mine == theirs)))

    def __hash__(self) -> int:
        try:
            return hash(self.value)
        except TypeError:
            return hash(type(self.value))

    def __repr__(self) -> str:
        return repr(self.value)


@overload
def register(cls: C, /) -> C: ...
@overload
def register(*, static: Collection[str] = ()) -> Callable[[C], C]: ...
def register(cls: C | None = None, /, *, static: Collection[str] = ()) -> C | Callable[[C], C]:
    """A decorator that makes a class a tree, so that transforms take its objects as arguments.

    The attributes of an object are the parts of the tree: arrays, numbers, and trees of these.
    Those named in `static` are a part of its structure instead, as are attributes that hold nothing
    but integers, strings, functions or dtypes; and fields of a dataclass that say so, by
    `field(metadata={"static": True})`. A new object gets its attributes without a call of its
    class. A class that has JAX's methods `tree_flatten` and `tree_unflatten` is taken apart by
    them. Raises `InvalidArgument` for a class that is one already.

    >>> import numpy as np
    >>> @gg.tree.register
    ... class Line:
    ...     def __init__(self):
    ...         self.slope, self.offset, self.name = np.array(2.0), np.array(1.0), "line"
    ...     def __call__(self, x):
    ...         return self.slope * x + self.offset
    >>> gg.grad(lambda line: line(3.0))(Line()).slope
    array(3.)
    """
    if cls is None:
        return lambda cls: _registered(cls, frozenset(static))
    made: C = _registered(cls, frozenset(static))
    return made


def _registered(cls: Any, static: frozenset[str]) -> Any:
    if not isinstance(cls, type):
        raise InvalidArgument(f"gg.tree.register of a {type(cls).__name__}; wanted is a class.")
    own = hasattr(cls, "tree_flatten") and hasattr(cls, "tree_unflatten")
    by_field = {
        field.name for field in dataclasses.fields(cls)
        if field.metadata.get("static") or field.metadata.get("pytree_node") is False
    } if dataclasses.is_dataclass(cls) else set()  # fmt: skip
    fixed = static | by_field
    try:
        if own:
            optree.register_pytree_node(
                cls, lambda x: x.tree_flatten(), cls.tree_unflatten,  # type: ignore[attr-defined]
                namespace=NAMESPACE,
            )  # fmt: skip
        else:
            optree.register_pytree_node(
                cls,
                lambda x: _flatten(x, fixed),
                lambda structure, parts: _unflatten(cls, structure, parts),
                path_entry_type=optree.GetAttrEntry,
                namespace=NAMESPACE,
            )
    except ValueError as error:
        raise InvalidArgument(f"{cls.__qualname__} is a tree already ({error}).") from error
    return cls


Known = tuple[tuple[str, ...], tuple[tuple[str, Same], ...]]


def _flatten(x: object, fixed: Collection[str]) -> tuple[list[object], Known, tuple[str, ...]]:
    names, parts, rest = [], [], []
    for name, value in _attributes(x).items():
        if name in fixed or _is_fixed(value):
            rest.append((name, Same(value)))
        else:
            names.append(name)
            parts.append(value)
    return parts, (tuple(names), tuple(rest)), tuple(names)


def _unflatten(cls: type, structure: Any, parts: Iterable[object]) -> Any:
    known: Known = structure
    names, rest = known
    made: Any = object.__new__(cls)
    for name, value in (*zip(names, parts, strict=True), *((n, s.value) for n, s in rest)):
        object.__setattr__(made, name, value)       # of a frozen dataclass too
    return made


def _attributes(x: object) -> dict[str, object]:
    """All that an object holds: of its dictionary, and in slots."""
    found: dict[str, object] = {}
    for cls in reversed(type(x).__mro__):
        slots = vars(cls).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(x, name):
                found[name] = getattr(x, name)
    return found | getattr(x, "__dict__", {})


def _is_fixed(value: object) -> bool:
    """Whether a value, or all that it holds, is no parameter."""
    if isinstance(value, FIXED):
        return True
    if isinstance(value, list | tuple | set | frozenset):
        return bool(value) and all(map(_is_fixed, value))
    return isinstance(value, dict) and bool(value) and all(map(_is_fixed, value.values()))

