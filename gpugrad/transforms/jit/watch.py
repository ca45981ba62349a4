"""What a function reads from outside of itself: a trace holds as long as that is the same."""

from __future__ import annotations

import sys
from array import array
from collections import ChainMap, UserDict, UserList, deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from operator import attrgetter, methodcaller
from types import (
    CellType,
    FunctionType,
    MappingProxyType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import TypeVar

import numpy as np

import gpugrad.tree as tree
from gpugrad.graph.signature import is_array
from gpugrad.transforms.jit.conditions import Conditions
from gpugrad.transforms.jit.decisions import PART, names_in_decisions
from gpugrad.transforms.jit.origins import (
    OURS,
    Names,
    attributes_of,
    is_library,
    names_in,
    package_of,
    spelled,
)
from gpugrad.transforms.jit.wording import MISSING
from gpugrad.types import Array

K = TypeVar("K")

LARGEST = 1000
"""Items of a list, set or dictionary up to which it is looked into."""

_WHOLE = frozenset(("__dict__", "asdict", "astuple", "fields", "vars"))
"""Names in code that may read all attributes of an object."""

_LOOKS = frozenset(
    "all allclose any array_equal bool complex count_nonzero float int item round tolist".split()
)
"""Names in code that may make a Python number of an array's elements."""

_UNASKED = frozenset(
    f"__{name}__"
    for name in "class_getitem copy deepcopy del dir format getstate hash init_subclass reduce "
    "reduce_ex repr set_name setstate sizeof str subclasshook".split()
)
"""Special methods that no computation calls."""

_NOTHING: Names = frozenset()
_FIXED = (bool, int, float, complex, bytes, type(None), range, np.generic, np.dtype)
_BYTES = (bytearray, memoryview, array)


class Watch:
    """The values that `f` finds by name.

    These are closure cells, defaults, globals, attributes of these, and what collections among them
    hold; also those of the functions that it calls. They are compared by identity, and arrays by
    shape and dtype too, which can be set. `known` are objects whose attributes `f` may read as
    well.

    The user's own functions may hand objects to each other: an attribute that one of them names is
    watched in all objects that were found. Code of libraries is taken to stay as it is; of what one
    of its functions names, the objects of its module are looked at.
    """

    def __init__(self, f: Callable[..., object], known: Iterable[object] = ()) -> None:
        self.conditions = Conditions()
        self.arrays: dict[int, Array] = {}          # that were found, by their identity
        self.found: dict[int, object] = {}          # all that was found
        self._package = package_of(f)
        self._names: Names = frozenset()            # in all of the user's code
        self._deciding: Names = frozenset()         # those on which it depends what that does
        self._named: dict[str, list[object]] = {}   # what was found, by the name for it
        self._looked: Names = _NOTHING              # those with which all objects were looked at
        self._objects: dict[int, object] = {}       # that the user's code may reach
        self._seen: set[tuple[int, Names]] = set()
        self._pending: list[tuple[object, Names]] = [(x, _NOTHING) for x in (f, *known)]
        while self._pending:
            while self._pending:
                self._look(*self._pending.pop())
            if self._looked != self._names:
                self._looked = self._names
                self._pending = [(x, self._looked) for x in self._objects.values()]
        del self._seen, self._objects

    @property
    def looks(self) -> bool:
        """Whether the user's code may make Python numbers of elements, or decide by them."""
        if PART in self._deciding or not self._names.isdisjoint(_LOOKS):
            return True
        named = (value for name in self._deciding for value in self._named.get(name, ()))
        return any(map(_holds_arrays, named))

    @property
    def nbytes(self) -> int:
        """Bytes of what it keeps for comparison."""
        return self.conditions.nbytes

    def holds(self) -> bool:
        """Whether all that is watched is still the same."""
        return self.conditions.holds()

    def change(self) -> str:
        """What is no longer the same: the first thing of all; empty where everything is."""
        return self.conditions.change(self.name_of)

    def name_of(self, x: object) -> str:
        """The name by which code knows `x`; with a dot, that of the object with the attributes."""
        for name, values in self._named.items():
            for value in values:
                if value is x:
                    return name
                if attributes_of(value) is x:
                    return f"{name}."
        return ""

    def _is_users(self, x: object) -> bool:
        package = package_of(x)
        return package != OURS and (package == self._package or not is_library(package))

    def _look(self, value: object, names: Names) -> None:
        """Note what may change about `value`, in code with these names beside the user's."""
        if isinstance(value, _FIXED) or (id(value), names) in self._seen:
            return
        self._seen.add((id(value), names))
        self.found[id(value)] = value
        wrapped = attributes_of(value).get("__wrapped__")
        if isinstance(value, FunctionType):
            self._look_into(value)
        elif isinstance(value, MethodType):
            local = _NOTHING if self._is_users(value.__func__) else _names_of(value)
            self._pending += [(value.__func__, names), (value.__self__, local)]
        elif isinstance(value, partial):
            self._pending += [(part, names) for part in (value.func, value.args, value.keywords)]
        elif isinstance(wrapped, FunctionType):     # such as another function under gg.jit
            self._pending.append((wrapped, names))
        elif isinstance(value, str):
            self._names |= spelled(value)           # as in getattr(config, which)
        elif isinstance(value, attrgetter | methodcaller):
            self._pending += [(part, names) for part in value.__reduce__()[1]]
        elif isinstance(value, _BYTES):
            if memoryview(value).nbytes <= LARGEST:
                self.conditions.buffer(value)
        elif is_array(value):
            self.conditions.form(value)
            self.arrays[id(value)] = value
        elif not self._look_at_items(value, names) and not _is_ours(value):
            if names in (_NOTHING, self._looked):
                self._objects[id(value)] = value
            self._look_at_attributes(value, names)

    def _look_at_items(self, value: object, names: Names) -> bool:
        """Whether `value` is a collection and no more."""
        if isinstance(value, UserDict | UserList):
            self._pending.append((value.data, names))
        elif isinstance(value, ChainMap):
            self._pending.append((value.maps, names))
        elif isinstance(value, tuple | frozenset):
            self._pending += [(part, names) for part in value]
        elif isinstance(value, list | deque | set):
            if len(value) <= LARGEST:
                self.conditions.elements(value)
                self._pending += [(part, names) for part in value]
        elif isinstance(value, dict | MappingProxyType):
            self._look_at_entries(value, names)
        elif _is_ours(value) and not tree.is_leaf(value):
            self._look_at_entries(vars(value), names)       # such as a model
        else:
            return False
        return is_library(package_of(value))

    def _look_at_entries(self, value: Mapping[K, object], names: Names) -> None:
        if len(value) <= LARGEST:
            self.conditions.entries(value)
            self._pending += [(part, names) for part in value.values()]

    def _look_into(self, function: FunctionType) -> None:
        """The variables, defaults and globals of a function."""
        ours, users = package_of(function) == OURS, self._is_users(function)
        names = names_in(function.__code__)
        local = _NOTHING if users else names
        variables = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        for name, cell in variables:
            value = _contents(cell)
            if not ours:                            # ours are never bound to something else
                self.conditions.cell(cell, name, value)
            self._reach(name, value, local)
        defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
        self._pending += [(value, local) for value in defaults]
        if ours:
            return
        scope = function.__globals__
        if users:
            self._names |= names
            self._deciding |= names_in_decisions(function.__code__)
            self.conditions.code(function)
            if function.__kwdefaults__:
                self.conditions.entries(function.__kwdefaults__)
            for name in names & sys.modules.keys():         # as in an import inside of it
                if self._is_users(sys.modules[name]):
                    self._pending.append((sys.modules[name], local))
        for name in names & scope.keys():
            value = scope[name]
            if not isinstance(value, ModuleType) or self._is_users(value):
                self.conditions.item(scope, name, value)
            if not isinstance(value, FunctionType) or self._is_near(value, scope):
                self._reach(name, value, local)

    def _reach(self, name: str, value: object, names: Names) -> None:
        """Look at what a name stands for."""
        self._named.setdefault(name, []).append(value)
        self._pending.append((value, names))

    def _is_near(self, function: FunctionType, scope: dict[str, object]) -> bool:
        """Whether code with that scope may have to do with what `function` reads."""
        wrapped = attributes_of(function).get("__wrapped__")
        return (
            package_of(function) == OURS            # such as a gradient of a user's function
            or function.__globals__ is scope
            or self._is_users(function)
            or (isinstance(wrapped, FunctionType) and self._is_users(wrapped))
        )

    # Attributes

    def _look_at_attributes(self, value: object, names: Names) -> None:
        if isinstance(value, ModuleType):
            self._look_at_module(value, names)
            return
        is_class = isinstance(value, type)
        cls = value if isinstance(value, type) else type(value)
        scope = {} if is_class else attributes_of(value)
        if isinstance(scope, dict) and not names.isdisjoint(_WHOLE):
            self._look_at_entries(scope, names)
        for name in names & scope.keys():
            self.conditions.item(scope, name, scope[name])
            self._reach(name, scope[name], names)
        of_class: dict[str, type] = {}
        for owner in reversed(cls.__mro__):
            own = vars(owner)
            of_class.update((name, owner) for name in self._implied(owner, is_class))
            of_class.update((name, owner) for name in names & own.keys())
        for name in of_class.keys() - scope.keys():
            self._look_at_member(value, name, of_class[name], names)
        users = frozenset(name for name, owner in of_class.items() if self._is_users(owner))
        if not is_class and isinstance(scope, dict):
            missing = frozenset(users - scope.keys() - _special(users))
            if missing and scope is attributes_of(value):
                self.conditions.without(scope, missing)

    def _implied(self, owner: type, is_class: bool) -> Iterable[str]:
        """Methods that code may call without naming them."""
        if not self._is_users(owner):
            return () if is_class else vars(owner).keys() & {"__call__"}
        methods = (n for n, x in vars(owner).items() if isinstance(x, FunctionType | classmethod))
        special = _special(methods) - _UNASKED
        return special if is_class else special - {"__init__", "__new__"}

    def _look_at_module(self, module: ModuleType, names: Names) -> None:
        users = self._is_users(module)
        for name in names & vars(module).keys():
            found = vars(module)[name]
            if isinstance(found, ModuleType):
                self._pending.append((found, names))
            elif users or not callable(found):
                self.conditions.item(vars(module), name, found)
                self._reach(name, found, names)

    def _look_at_member(self, value: object, name: str, owner: type, names: Names) -> None:
        """What the class of `value`, or `value` as a class, says about an attribute.

        `owner` has it, of all classes that it inherits from.
        """
        member = vars(owner)[name]
        is_class = isinstance(value, type)
        cls = value if isinstance(value, type) else type(value)
        if isinstance(member, MemberDescriptorType):
            if not is_class:
                found = getattr(value, name, MISSING)
                self.conditions.attribute(value, name, found)
                self._reach(name, found, names)
            return
        if self._is_users(cls):                     # other classes may warn of an attribute
            found = getattr(cls, name, MISSING)
            if found is getattr(cls, name, MISSING):
                self.conditions.attribute(cls, name, found)
            else:                                   # such as a class method, bound again each time
                self.conditions.item(vars(owner), name, member)
        if isinstance(member, property):
            member = member.fget
        elif isinstance(member, staticmethod | classmethod):
            member = member.__func__
        bound = isinstance(member, FunctionType) and not is_class
        self._reach(name, MethodType(member, value) if bound else member, names)


def _special(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in names if name[:2] == "__" and name[-2:] == "__")


def _is_ours(value: object) -> bool:
    """Whether `value` is a function or an object of the library, which does not change."""
    return package_of(value) == OURS


def _holds_arrays(x: object) -> bool:
    if isinstance(x, list | tuple | dict):
        return any(map(_holds_arrays, x.values() if isinstance(x, dict) else x))
    return isinstance(x, np.ndarray)


def _contents(cell: CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:                              # not bound yet
        return MISSING


def _names_of(f: object) -> Names:
    f = getattr(f, "__func__", f)
    return names_in(f.__code__) if isinstance(f, FunctionType) else _NOTHING
