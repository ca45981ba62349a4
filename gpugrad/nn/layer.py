"""What makes a class of layers a tree, and how a layer wants to be called."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, TypeVar

import numpy as np
import optree

from gpugrad.errors import InvalidArgument
from gpugrad.settings import settled
from gpugrad.tree import NAMESPACE

C = TypeVar("C", bound=type)


def layer(*parts: str, static: Iterable[str] = ()) -> Callable[[C], C]:
    """A decorator that makes a class a tree of the attributes `parts`, as cheaply as can be.

    `gg.tree.register` looks at each attribute each time. Here the class says once which there are:
    `parts` hold arrays, trees of arrays or `None`, and those in `static` belong to the structure:
    they can be hashed, and equal ones are the same.
    """
    fixed = tuple(static)
    names = (*parts, *fixed)
    read, settings = _reader(parts), _reader(fixed)

    def define(cls: C) -> C:
        def unflatten(values: tuple[object, ...], children: Iterable[object]) -> Any:
            made = object.__new__(cls)
            made.__dict__.update(zip(names, (*children, *values), strict=True))
            return made

        register: Any = optree.register_pytree_node     # its types want a collection
        register(
            cls,
            lambda x: (read(x), settings(x), parts),
            unflatten,
            path_entry_type=optree.GetAttrEntry,
            namespace=NAMESPACE,
        )
        return cls

    return define


def _reader(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """The attributes of these names as a tuple."""
    if not names:
        return lambda x: ()
    get = attrgetter(*names)
    return get if len(names) > 1 else lambda x: (get(x),)


def whole(name: str, value: Any, least: int = 1) -> int:
    """`value` as an integer of at least `least`; raises `InvalidArgument` under its name."""
    found = settled(value)
    if type(found) is not int or found < least:
        raise InvalidArgument(f"{name} is {value!r}; wanted is an integer of at least {least}.")
    return found
