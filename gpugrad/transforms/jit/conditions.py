"""Conditions under which a trace holds: asked as one function, or as source for another one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from operator import is_
from types import CellType, FunctionType
from typing import Any

import numpy as np

from gpugrad.backends import Array

MISSING: Any = object()
"""Stands for what is not there."""

LARGEST_WHOLE = 2**20
"""Bytes of an array up to which all of it is compared; of a larger one, a sample."""

LARGEST_USED = 2**12
"""The same for an array with which the trace computes: it is read at each call anyway, and only
what else depends on it counts."""

SAMPLE = 256
"""Elements of a sample, about."""


class Conditions:
    """Conditions by key. Each is source over values, such as `{0}.get({1}) is {2}`."""

    def __init__(self) -> None:
        self._all: dict[Hashable, tuple[str, tuple[Any, ...]]] = {}
        self._function: Callable[[], bool] | None = None

    def add(self, key: Hashable, source: str, *values: Any) -> None:
        """A condition, in place of any other one of that key."""
        self._all[key] = source, values
        self._function = None

    def cell(self, cell: CellType, value: Any) -> None:
        """A variable of an enclosing function."""
        if value is not MISSING:
            self.add(id(cell), "{0}.cell_contents is {1}", cell, value)

    def item(self, scope: Mapping[str, Any], name: str, value: Any) -> None:
        """A name in a scope, which may be missing."""
        self.add((id(scope), name), "{0}.get({1}, {2}) is {3}", scope, name, MISSING, value)

    def attribute(self, x: Any, name: str, value: Any) -> None:
        """An attribute, wherever it comes from."""
        source = "getattr({0}, {1}, {2}) is {3}"
        self.add((id(x), name, "attribute"), source, x, name, MISSING, value)

    def code(self, f: FunctionType) -> None:
        """The code of a function, and the values of its defaults."""
        self.add((id(f), "code"), "{0}.__code__ is {1}", f, f.__code__)
        if f.__defaults__:
            self.add((id(f), "defaults"), "{0}.__defaults__ is {1}", f, f.__defaults__)

    def without(self, scope: Mapping[str, Any], names: frozenset[str]) -> None:
        """Names that a scope does not have."""
        self.add((id(scope), "without"), "{0}.keys().isdisjoint({1})", scope, names)

    def elements(self, x: Collection[Any]) -> None:
        """The elements of a list, a set and the like, and their order."""
        self.add((id(x), "elements"), "{0}({1}, {2})", same_elements, x, list(x))

    def entries(self, x: Mapping[Any, Any]) -> None:
        """The keys of a mapping, in their order, and its values."""
        self.add((id(x), "entries"), "{0}({1}, {2})", same_entries, x, [*x, *x.values()])

    def form(self, x: Array) -> None:
        """The shape and dtype of an array."""
        source = "{0}.shape == {1} and {0}.dtype is {2}"
        self.add((id(x), "form"), source, x, x.shape, x.dtype)

    def contents(self, x: np.ndarray, used: bool) -> None:
        """The elements of an array; `used` says that the trace computes with it as well."""
        if x.nbytes <= (LARGEST_USED if used else LARGEST_WHOLE):
            self.add((id(x), "contents"), "{0}.tobytes() == {1}", x, x.tobytes())
        else:
            self.add((id(x), "contents"), "{0}({1}) == {2}", sample, x, sample(x))

    @property
    def nbytes(self) -> int:
        """Bytes of the contents that are kept for comparison."""
        values = (x for _, known in self._all.values() for x in known)
        return sum(len(x) for x in values if type(x) is bytes)

    def holds(self) -> bool:
        """Whether all of them do."""
        if self._function is None:
            scope: dict[str, Any] = {}

            def bind(value: Any) -> str:
                scope[name := f"k{len(scope)}"] = value
                return name

            source = " and ".join(self.sources(bind)) or "True"
            self._function = eval(f"lambda: {source}", scope)
        return self._function()

    def sources(self, bind: Callable[[Any], str]) -> Iterator[str]:
        """Their source; `bind` gives a name to a value."""
        for source, values in self._all.values():
            yield source.format(*map(bind, values))


def same_elements(x: Collection[Any], parts: list[Any]) -> bool:
    """Whether `x` holds these very objects."""
    return len(x) == len(parts) and all(map(is_, x, parts))


def same_entries(x: Mapping[Any, Any], parts: list[Any]) -> bool:
    """Whether `x` holds these very keys, in this order, and values."""
    return 2 * len(x) == len(parts) and all(map(is_, [*x, *x.values()], parts))


def sample(x: np.ndarray) -> bytes:
    """Some elements of an array, evenly spread."""
    return x.flat[:: max(1, x.size // SAMPLE)].tobytes()
