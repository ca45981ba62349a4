"""Conditions under which a trace holds, and what one that does not tells the user.

They are asked as one function, or as source for another one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from operator import is_
from types import CellType, FunctionType
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from gpugrad.transforms.jit.wording import MISSING, NameOf, became, shown
from gpugrad.types import Array, DType, Shape

if TYPE_CHECKING:
    from typing_extensions import Buffer

K = TypeVar("K")

LARGEST_WHOLE = 2**20
"""Bytes of an array up to which all of it is compared; of a larger one, a sample."""

LARGEST_USED = 2**12
"""The same for an array with which the trace computes: it is read at each call anyway, and only
what else depends on it counts."""

SAMPLE = 256
"""Elements of a sample, about."""


class _Condition(NamedTuple):
    source: str                                     # over the values, as `{0}.get({1}) is {2}`
    say: Callable[..., str]                         # of the values, why it does not hold
    values: tuple[object, ...]


class Conditions:
    """Conditions by key: each is there once."""

    def __init__(self) -> None:
        self._all: dict[Hashable, _Condition] = {}
        self._function: Callable[[], bool] | None = None

    def add(self, key: Hashable, source: str, say: Callable[..., str], *values: object) -> None:
        """A condition, in place of any other one of that key.

        `say` is given a function that names objects, and the values.
        """
        self._all[key] = _Condition(source, say, values)
        self._function = None

    def cell(self, cell: CellType, name: str, value: object) -> None:
        """A variable of an enclosing function."""
        if value is not MISSING:
            source = "{0}.cell_contents is {2}"
            self.add(id(cell), source, _say_cell, cell, name, value)

    def item(self, scope: Mapping[str, object], name: str, value: object) -> None:
        """A name in a scope, which may be missing."""
        source = "{0}.get({1}, {2}) is {3}"
        self.add((id(scope), name), source, _say_item, scope, name, MISSING, value)

    def attribute(self, x: object, name: str, value: object) -> None:
        """An attribute, wherever it comes from."""
        source = "getattr({0}, {1}, {2}) is {3}"
        self.add((id(x), name, "attribute"), source, _say_attribute, x, name, MISSING, value)

    def code(self, f: FunctionType) -> None:
        """The code of a function, and the values of its defaults."""
        self.add((id(f), "code"), "{0}.__code__ is {1}", _say_code, f, f.__code__)
        if f.__defaults__:
            source = "{0}.__defaults__ is {1}"
            self.add((id(f), "defaults"), source, _say_defaults, f, f.__defaults__)

    def without(self, scope: Mapping[str, object], names: frozenset[str]) -> None:
        """Names that a scope does not have."""
        source = "{0}.keys().isdisjoint({1})"
        self.add((id(scope), "without"), source, _say_without, scope, names)

    def elements(self, x: Collection[object]) -> None:
        """The elements of a list, a set and the like, and their order."""
        self.add((id(x), "elements"), "{2}({0}, {1})", _say_elements, x, list(x), same_elements)

    def entries(self, x: Mapping[K, object]) -> None:
        """The keys of a mapping, in their order, and its values."""
        parts = [*x.keys(), *x.values()]            # a sparse matrix may be one, and gives rows
        self.add((id(x), "entries"), "{2}({0}, {1})", _say_entries, x, parts, same_entries)

    def form(self, x: Array) -> None:
        """The shape and dtype of an array."""
        source = "{0}.shape == {1} and {0}.dtype is {2}"
        self.add((id(x), "form"), source, _say_form, x, x.shape, x.dtype)

    def buffer(self, x: Buffer) -> None:
        """What an object with a buffer holds."""
        self.add(id(x), "bytes({0}) == {1}", _say_contents, x, bytes(x))

    def contents(self, x: np.ndarray, used: bool) -> None:
        """The elements of an array; `used` says that the trace computes with it as well."""
        key = id(x), "contents"
        if x.nbytes <= (LARGEST_USED if used else LARGEST_WHOLE):
            self.add(key, "{0}.tobytes() == {1}", _say_contents, x, x.tobytes())
        else:
            self.add(key, "{2}({0}) == {1}", _say_contents, x, sample(x), sample)

    @property
    def nbytes(self) -> int:
        """Bytes of the contents that are kept for comparison."""
        values = (x for condition in self._all.values() for x in condition.values)
        return sum(len(x) for x in values if type(x) is bytes)

    def holds(self) -> bool:
        """Whether all of them do."""
        if self._function is None:
            scope: dict[str, object] = {}

            def bind(value: object) -> str:
                scope[name := f"k{len(scope)}"] = value
                return name

            source = " and ".join(self.sources(bind)) or "True"
            self._function = eval(f"lambda: {source}", scope)
        return self._function()

    def sources(self, bind: Callable[[object], str]) -> Iterator[str]:
        """Their source; `bind` gives a name to a value."""
        for condition in self._all.values():
            yield condition.source.format(*map(bind, condition.values))

    def change(self, name_of: NameOf) -> str:
        """What the first condition that does not hold says; empty where all hold."""
        for source, say, values in self._all.values():
            scope = {f"k{i}": value for i, value in enumerate(values)}
            if not eval(source.format(*scope), scope):
                return say(name_of, *values)
        return ""


def _say_cell(name_of: NameOf, cell: CellType, name: str, value: object) -> str:
    return became(f"the variable {name} outside", value, cell.cell_contents)


def _say_item(
    name_of: NameOf, scope: Mapping[str, object], name: str, missing: object, value: object
) -> str:
    if "__builtins__" in scope:
        what = f"the global {name} of {scope.get('__name__')}"
    else:
        what = f"{name_of(scope) or 'an attribute '}{name}"
    return became(what, value, scope.get(name, MISSING))


def _say_attribute(name_of: NameOf, x: object, name: str, missing: object, value: object) -> str:
    owner = x.__qualname__ if isinstance(x, type) else name_of(x) or type(x).__name__
    return became(f"{owner}.{name}", value, getattr(x, name, MISSING))


def _say_code(name_of: NameOf, f: FunctionType, *known: object) -> str:
    return f"the code of {f.__qualname__} is another one"


def _say_defaults(name_of: NameOf, f: FunctionType, before: object) -> str:
    return became(f"what {f.__qualname__} has for defaults", before, f.__defaults__)


def _say_without(name_of: NameOf, scope: Mapping[str, object], names: frozenset[str]) -> str:
    name = min(names & scope.keys())
    return became(f"{name_of(scope) or 'an attribute '}{name}", MISSING, scope[name])


def _say_elements(name_of: NameOf, x: Collection[object], parts: list[object], same: object) -> str:
    what = name_of(x) or f"a {type(x).__name__}"
    if len(x) != len(parts):
        return f"{what} had {len(parts)} elements and has {len(x)}"
    for i, (before, now) in enumerate(zip(parts, x, strict=True)):
        if before is not now:
            return became(f"{what}[{i}]", before, now)
    return ""


def _say_entries(
    name_of: NameOf, x: Mapping[object, object], parts: list[object], same: object
) -> str:
    what, half = name_of(x) or f"a {type(x).__name__}", len(parts) // 2
    before = dict(zip(parts[:half], parts[half:], strict=True))
    for key in [*before, *x.keys()]:
        old, new = before.get(key, MISSING), x.get(key, MISSING)
        if old is not new:
            place = f"{what}{key}" if what.endswith(".") else f"{what}[{shown(key)}]"
            return became(place, old, new)
    return f"the keys of {what.rstrip('.')} have another order"


def _say_form(name_of: NameOf, x: Array, shape: Shape, dtype: DType) -> str:
    before = f"{dtype}[{', '.join(map(str, shape))}]"
    return f"the array {name_of(x) or 'outside'} was {before} and is {shown(x)}"


def _say_contents(name_of: NameOf, x: object, *known: object) -> str:
    return f"elements of {name_of(x) or f'a {type(x).__name__} outside'} have changed"


def same_elements(x: Collection[object], parts: list[object]) -> bool:
    """Whether `x` holds these very objects."""
    return len(x) == len(parts) and all(map(is_, x, parts))


def same_entries(x: Mapping[object, object], parts: list[object]) -> bool:
    """Whether `x` holds these very keys, in this order, and values."""
    return 2 * len(x) == len(parts) and all(map(is_, [*x.keys(), *x.values()], parts))


def sample(x: np.ndarray) -> bytes:
    """Some elements of an array, evenly spread."""
    return x.flat[:: max(1, x.size // SAMPLE)].tobytes()
