"""What a function names outside of itself: a recording holds as long as these are the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from operator import is_
from types import (
    CellType,
    CodeType,
    FunctionType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

from gpugrad.graph.signature import is_array

_MISSING: Any = object()
_OURS = "gpugrad"

Names = frozenset[str]

LARGEST = 1000
"""Items of a list or dictionary up to which it is looked into."""


class Watch:
    """The values that `f` finds by name: closure cells, globals, attributes of these, and what
    lists and dictionaries among them hold; also those of functions of the same module that it
    calls. They are compared by identity, and arrays by shape and dtype too, which can be set.
    `known` are objects whose attributes `f` may read as well.
    """

    def __init__(self, f: Callable[..., Any], known: Iterable[Any] = ()) -> None:
        self._cells: dict[int, tuple[CellType, Any]] = {}
        self._scopes: dict[tuple[int, str], tuple[Any, Any]] = {}   # globals and attributes
        self._slots: dict[tuple[int, str], tuple[Any, Any]] = {}
        self._lists: dict[int, tuple[list[Any], list[Any]]] = {}
        self._dicts: dict[int, tuple[dict[Any, Any], list[Any]]] = {}
        self.arrays: dict[int, tuple[Any, Any, Any]] = {}
        self._pending: list[tuple[Any, Names]] = [(f, frozenset())]
        self._pending += [(value, _names_of(f)) for value in known]
        seen: set[tuple[int, Names]] = set()
        while self._pending:
            value, names = self._pending.pop()
            if (id(value), names) not in seen:
                seen.add((id(value), names))
                self._look(value, names)

    def _look(self, value: Any, names: Names) -> None:
        """Note what may change about `value`, in code with these names."""
        wrapped = getattr(value, "__dict__", {}).get("__wrapped__")
        if isinstance(value, FunctionType):
            self._look_into(value)
        elif isinstance(value, MethodType):
            self._pending += [(value.__func__, names), (value.__self__, _names_of(value))]
        elif isinstance(value, partial):
            parts = [value.func, *value.args, *value.keywords.values()]
            self._pending += [(part, names) for part in parts]
        elif _is_function(wrapped):                 # such as another function under gg.jit
            self._pending.append((wrapped, names))
        elif is_array(value):
            self.arrays[id(value)] = (value, value.shape, value.dtype)
        elif isinstance(value, list | dict) and len(value) > LARGEST:
            return
        elif isinstance(value, list):
            self._lists[id(value)] = (value, list(value))
            self._pending += [(part, names) for part in value]
        elif isinstance(value, dict):
            self._dicts[id(value)] = (value, [*value, *value.values()])
            self._pending += [(part, names) for part in value.values()]
        elif isinstance(value, tuple):
            self._pending += [(part, names) for part in value]
        elif not _is_ours(value):
            self._look_at_attributes(value, names)

    def _look_into(self, function: FunctionType) -> None:
        names = _names(function.__code__)
        # What the library closes over, and its globals, are never bound to something else. By its
        # globals, because a wrapper bears the name of what it wraps.
        ours = function.__globals__.get("__name__", "").partition(".")[0] == _OURS
        for cell in function.__closure__ or ():
            value = _contents(cell)
            if not ours:
                self._cells[id(cell)] = (cell, value)
            self._pending.append((value, names))
        defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
        self._pending += [(value, names) for value in defaults]
        scope = function.__globals__
        if ours:
            return
        for name in names & scope.keys():
            value = scope[name]
            if not isinstance(value, ModuleType):
                self._scopes[id(scope), name] = (scope, value)
            if not isinstance(value, FunctionType) or value.__module__ == scope.get("__name__"):
                self._pending.append((value, names))

    def _look_at_attributes(self, value: Any, names: Names) -> None:
        is_object = not isinstance(value, ModuleType | type)
        scope = getattr(value, "__dict__", {})
        for name in names & scope.keys():
            found = scope[name]
            if isinstance(found, ModuleType):
                self._pending.append((found, names))
            elif is_object or not callable(found):
                self._scopes[id(value), name] = (scope, found)
                self._pending.append((found, names))
        if is_object:
            for cls in type(value).__mro__:
                for name in vars(cls).keys() & {*names, "__call__"}:
                    self._look_at_member(value, name, vars(cls)[name], names)

    def _look_at_member(self, value: Any, name: str, member: Any, names: Names) -> None:
        """What the class of `value` says about an attribute."""
        if isinstance(member, property):
            member = member.fget
        if isinstance(member, FunctionType):
            self._pending.append((MethodType(member, value), names))
        elif isinstance(member, MemberDescriptorType):
            found = getattr(value, name, _MISSING)
            self._slots[id(value), name] = (value, found)
            self._pending.append((found, names))
        elif not callable(member):                  # a value of all, unless `value` has its own
            cls, scope = type(value), getattr(value, "__dict__", {})
            self._slots[id(cls), name] = (cls, getattr(cls, name, _MISSING))
            self._scopes[id(value), name] = (scope, scope.get(name))
            self._pending.append((member, names))

    def holds(self) -> bool:
        """Whether all of them are still the same."""
        return (
            all(_contents(cell) is value for cell, value in self._cells.values())
            and all(
                scope.get(name) is value for (_, name), (scope, value) in self._scopes.items()
            )
            and all(
                getattr(x, name, _MISSING) is value for (_, name), (x, value) in self._slots.items()
            )
            and all(x.shape == shape and x.dtype == d for x, shape, d in self.arrays.values())
            and all(same_list(x, parts) for x, parts in self._lists.values())
            and all(same_dict(x, parts) for x, parts in self._dicts.values())
        )

    def conditions(self, bind: Callable[[Any], str]) -> Iterator[str]:
        """The same as source; `bind` gives a name to a value."""
        for cell, value in self._cells.values():
            if value is not _MISSING:
                yield f"{bind(cell)}.cell_contents is {bind(value)}"
        for (_, name), (scope, value) in self._scopes.items():
            yield f"{bind(scope)}.get({name!r}) is {bind(value)}"
        for (_, name), (x, value) in self._slots.items():
            yield f"getattr({bind(x)}, {name!r}, {bind(_MISSING)}) is {bind(value)}"
        for x, shape, dtype in self.arrays.values():
            name = bind(x)
            yield f"{name}.shape == {shape} and {name}.dtype == {bind(dtype)}"
        for items, parts in self._lists.values():
            yield f"{bind(same_list)}({bind(items)}, {bind(parts)})"
        for mapping, parts in self._dicts.values():
            yield f"{bind(same_dict)}({bind(mapping)}, {bind(parts)})"


def same_list(x: list[Any], parts: list[Any]) -> bool:
    """Whether `x` holds these very objects."""
    return len(x) == len(parts) and all(map(is_, x, parts))


def same_dict(x: dict[Any, Any], parts: list[Any]) -> bool:
    """Whether `x` holds these very keys, in this order, and values."""
    return 2 * len(x) == len(parts) and all(map(is_, [*x, *x.values()], parts))


def _is_function(x: Any) -> bool:
    return isinstance(x, FunctionType)


def _is_ours(value: Any) -> bool:
    """Whether `value` is a function or an object of the library, which does not change."""
    owner = value if isinstance(value, FunctionType | ModuleType | type) else type(value)
    module = getattr(owner, "__module__", None) or getattr(owner, "__name__", "")
    return str(module).partition(".")[0] == _OURS


def _contents(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:                              # not bound yet
        return _MISSING


def _names_of(f: Any) -> Names:
    f = getattr(f, "__func__", f)
    return _names(f.__code__) if isinstance(f, FunctionType) else frozenset()


def _names(code: CodeType) -> Names:
    """The global names and attributes of a function and of those defined inside it."""
    names = frozenset(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= _names(constant)
        elif isinstance(constant, str):             # as in getattr(config, "rate")
            names |= {constant}
    return names
