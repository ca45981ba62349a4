"""Classes as trees: which attributes hold arrays, and which are a part of the structure."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Collection, Iterable
from enum import Enum
from functools import cached_property, partial
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, TypeVar, overload

import numpy as np
import optree

from gpugrad.comparing import attributes, key
from gpugrad.errors import InvalidArgument

C = TypeVar("C", bound=type)

NAMESPACE = "gpugrad"

FIXED = (
    bool, int, str, bytes, Enum, FunctionType, BuiltinFunctionType, MethodType, type, np.ufunc,
    np.dtype, np.bool_, np.integer, partial, range, slice,
)  # fmt: skip
"""Values that are no parameters: they decide what a model computes."""

HOLDERS = (
    list, tuple, dict, set, frozenset, str, bytes, bytearray, int, float, complex, type,
    BaseException,
)  # fmt: skip
"""Classes whose objects hold something that is no attribute."""

PARTS = "_gpugrad_parts"
"""Where an object says which of its attributes are parts: after one became an integer, say."""


class Same:
    """A value of the structure, as it is now: two are equal if nothing tells them apart.

    What is changed later, as a list, is another value then; so are 1, 1.0 and True.
    """

    __slots__ = ("key", "value")

    def __init__(self, value: object) -> None:
        self.value, self.key = value, key(value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return repr(self.value)


@overload
def register(cls: C, /) -> C: ...
@overload
def register(*, static: Collection[str] = ()) -> Callable[[C], C]: ...
def register(cls: C | None = None, /, *, static: Collection[str] = ()) -> C | Callable[[C], C]:
    """A decorator that makes a class a tree, so that transforms take its objects as arguments.

    The attributes of an object become the children of the tree: arrays, numbers, and trees of
    these. Attributes that hold only integers, strings, functions or dtypes are static, which means
    part of the structure instead: they decide what is computed, and if one changes, `gg.jit` traces
    again. Fields of a dataclass can declare this themselves, with
    `field(metadata={"static": True})`, or `False` for an integer that is a leaf, such as a counter
    that changes at each step. Values cached by `functools.cached_property` are neither. New objects
    get their attributes without calling the class. If the class has JAX's methods `tree_flatten`
    and `tree_unflatten`, these are used.

    Args:
        cls: The class.
        static: Names of further static attributes. Static values are compared by their contents.

    Returns:
        The class; without one, a decorator.

    Raises:
        InvalidArgument: For a class that is already a tree, or whose objects hold more than
            attributes.

    Example:
        >>> @gg.tree.register
        ... class Line:
        ...     def __init__(self):
        ...         self.slope, self.offset, self.name = np.array(2.0), np.array(1.0), "line"
        ...     def __call__(self, x):
        ...         return self.slope * x + self.offset
        >>> gg.grad(lambda line: line(3.0))(Line()).slope
        array(3.)
    """
    names = frozenset((static,) if isinstance(static, str) else static)
    if cls is None:
        return lambda cls: _registered(cls, names)
    made: C = _registered(cls, names)
    return made


def _registered(cls: Any, static: frozenset[str]) -> Any:
    if not inspect.isclass(cls):
        raise InvalidArgument(f"gg.tree.register of a {type(cls).__name__}; expected a class.")
    if issubclass(cls, np.ndarray | np.generic):
        raise InvalidArgument(f"gg.tree.register of {cls.__qualname__}: its objects are arrays.")
    known = _by_methods(cls) if _has_methods(cls) else _by_attributes(cls, static)
    register_node: Any = optree.register_pytree_node    # which says less of its arguments
    try:
        register_node(cls, namespace=NAMESPACE, **known)
    except ValueError as error:
        raise InvalidArgument(f"{cls.__qualname__} is a tree already ({error}).") from error
    return cls


def _has_methods(cls: type) -> bool:
    return hasattr(cls, "tree_flatten") and hasattr(cls, "tree_unflatten")


def _by_methods(cls: Any) -> dict[str, Any]:
    """How objects are taken apart and made by the methods of their class, which are JAX's."""

    def flattened(x: Any) -> tuple[Any, Same]:
        parts, structure = x.tree_flatten()
        return parts, Same(structure)

    def made(structure: Same, parts: Iterable[object]) -> Any:
        return cls.tree_unflatten(structure.value, parts)

    return {"flatten_func": flattened, "unflatten_func": made}


def _by_attributes(cls: type, static: frozenset[str]) -> dict[str, Any]:
    """How objects are taken apart and made by their attributes."""
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        raise InvalidArgument(
            f"gg.tree.register of {cls.__qualname__}: a named tuple is a tree already."
        )
    if any(issubclass(cls, kind) for kind in HOLDERS):
        raise InvalidArgument(
            f"gg.tree.register of {cls.__qualname__}, which holds more than its attributes: give "
            "it methods tree_flatten and tree_unflatten, or an attribute for what it holds."
        )
    said = _said_of_fields(cls)
    fixed = static | {name for name, is_static in said.items() if is_static}
    parts = {name for name, is_static in said.items() if not is_static} - static
    kept = {
        name for each in cls.__mro__ for name, value in vars(each).items()
        if isinstance(value, cached_property)
    }  # fmt: skip

    def flattened(x: object) -> tuple[list[object], Known, tuple[str, ...]]:
        return _flatten(x, fixed, parts, kept)

    def made(structure: Known, parts: Iterable[object]) -> Any:
        return _unflatten(cls, structure, parts)

    return {
        "flatten_func": flattened, "unflatten_func": made, "path_entry_type": optree.GetAttrEntry,
    }  # fmt: skip


Known = tuple[tuple[str, ...], tuple[tuple[str, Same], ...]]


def _said_of_fields(cls: type) -> dict[str, bool]:
    """The fields of a dataclass that say whether they are static, in equinox's words or flax's."""
    said = {}
    for field in dataclasses.fields(cls) if dataclasses.is_dataclass(cls) else ():
        if "static" in field.metadata:
            said[field.name] = bool(field.metadata["static"])
        elif "pytree_node" in field.metadata:
            said[field.name] = not field.metadata["pytree_node"]
    return said


def _flatten(
    x: object, fixed: Collection[str], parts_by_name: Collection[str], kept: Collection[str]
) -> tuple[list[object], Known, tuple[str, ...]]:
    names, parts, rest = [], [], []
    found = attributes(x)
    always = {*parts_by_name, *found.pop(PARTS, ())}
    for name, value in found.items():
        if name in kept:                            # computed from the others, and so anew
            continue
        is_python_s = name.startswith("__") and name.endswith("__")     # such as __orig_class__
        if name in fixed or is_python_s or (name not in always and _is_fixed(value)):
            rest.append((name, Same(value)))
        else:
            names.append(name)
            parts.append(value)
    return parts, (tuple(names), tuple(rest)), tuple(names)


def _unflatten(cls: type, structure: Known, parts: Iterable[object]) -> Any:
    names, rest = structure
    made: Any = object.__new__(cls)
    fixed = False
    for name, value in zip(names, parts, strict=True):
        object.__setattr__(made, name, value)       # of a frozen dataclass too
        fixed = fixed or _is_fixed(value)
    for name, same in rest:
        object.__setattr__(made, name, same.value)
    if fixed and hasattr(made, "__dict__"):
        made.__dict__[PARTS] = names
    return made


def _is_fixed(value: object) -> bool:
    """Whether a value, or all that it holds, is no parameter."""
    if isinstance(value, FIXED) or (callable(value) and hasattr(value, "__wrapped__")):
        return True
    if isinstance(value, list | tuple | set | frozenset):
        return bool(value) and all(map(_is_fixed, value))
    return isinstance(value, dict) and bool(value) and all(map(_is_fixed, value.values()))

