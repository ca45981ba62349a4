"""Whether what a rule computes can depend on anything but its arguments, as far as its names tell.

A direct sweep reads a global again each time. A plan would not, so a sweep is planned only if all
its rules are pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType

_OURS = "gpugrad"
_MODULES = frozenset((_OURS, "builtins", "cmath", "math", "numpy", "operator"))
_CONSTANTS = (bool, int, float, complex, str, bytes, type(None))


def is_pure(rule: Callable[..., object]) -> bool:
    """Whether `rule` and the functions that it calls name nothing that can change.

    The globals of gpugrad's own functions do not.
    """
    pending: list[object] = [rule]
    seen: set[int] = set()
    while pending:
        function = pending.pop()
        if id(function) in seen or _is_fixed(function):
            continue
        if not isinstance(function, FunctionType):
            return False
        seen.add(id(function))
        ours = _package(function) == _OURS
        for cell in function.__closure__ or ():
            if not (ours and isinstance(cell.cell_contents, _CONSTANTS)):
                pending.append(cell.cell_contents)
        if not ours:
            pending.extend(_globals(function, function.__code__))
    return True


def _is_fixed(x: object) -> bool:
    """Whether `x` is a module of a known library, or a function there that no Python source has."""
    if isinstance(x, ModuleType):
        return x.__name__.partition(".")[0] in _MODULES
    if isinstance(x, FunctionType) or not callable(x):
        return False
    owner = getattr(x, "__self__", None)            # of a bound method, some object
    return (owner is None or isinstance(owner, ModuleType)) and _package(x) in _MODULES


def _package(x: object) -> str:
    # Ufuncs have a module since NumPy 2.2.
    return str(getattr(x, "__module__", None) or "numpy").partition(".")[0]


def _globals(function: FunctionType, code: CodeType) -> Iterator[object]:
    """The values of the global names in `code`, which belongs to `function`."""
    scope = function.__globals__
    for name in code.co_names:
        if name in scope:
            yield scope[name]
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _globals(function, constant)
