"""What a function names outside of itself: a recording holds as long as these are the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any

_MISSING: Any = object()
_OURS = "gpugrad"


class Watch:
    """The values of the closure cells and globals that `f` names, and those that functions of the
    same module name which it calls. They are compared by identity.
    """

    def __init__(self, f: Callable[..., Any]) -> None:
        self._cells: dict[int, tuple[CellType, Any]] = {}
        self._globals: dict[tuple[int, str], tuple[dict[str, Any], Any]] = {}
        pending: list[Any] = [f]
        seen: set[int] = set()
        while pending:
            function = pending.pop()
            function = getattr(function, "__func__", function)
            if not isinstance(function, FunctionType) or id(function) in seen:
                continue
            seen.add(id(function))
            ours = function.__globals__.get("__name__", "").partition(".")[0] == _OURS
            for cell in function.__closure__ or ():
                value = _contents(cell)
                self._cells[id(cell)] = (cell, value)
                pending.append(value)
            if ours:
                continue                            # its globals are functions of the library
            scope = function.__globals__
            for name in _names(function.__code__):
                value = scope.get(name, _MISSING)
                if isinstance(value, ModuleType) or (value is _MISSING):
                    continue
                self._globals[id(scope), name] = (scope, value)
                if getattr(value, "__module__", None) == scope.get("__name__"):
                    pending.append(value)

    def holds(self) -> bool:
        """Whether all of them are still the same."""
        return all(_contents(cell) is value for cell, value in self._cells.values()) and all(
            scope.get(name) is value for (_, name), (scope, value) in self._globals.items()
        )

    def conditions(self, bind: Callable[[Any], str]) -> Iterator[str]:
        """The same as source; `bind` gives a name to a value."""
        for cell, value in self._cells.values():
            if value is not _MISSING:
                yield f"{bind(cell)}.cell_contents is {bind(value)}"
        for (_, name), (scope, value) in self._globals.items():
            yield f"{bind(scope)}.get({name!r}) is {bind(value)}"


def _contents(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:                              # not bound yet
        return _MISSING


def _names(code: CodeType) -> set[str]:
    """The global names of a function and of those defined inside it."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= _names(constant)
    return names

