"""The page `gpugrad/__init__.pyi`, by which type checkers know the names of `gg`.

Without it they could tell no name that is there from one that is not, because `gg` makes some of
its names when they are asked for. A function of arrays says in its own file what it takes and
gives; here it takes what an array can be made of, and gives a Tensor where it is given one.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
from collections.abc import Callable, Iterable
from types import ModuleType

import gpugrad as gg
from gpugrad import types
from gpugrad.core.numpy_calls import beyond
from gpugrad.core.registry import get_op, namespace

HEAD = '''"""What type checkers know of gpugrad: made by `python -m gpugrad.catalogue --stub`."""

import builtins
from typing import overload

'''

ARRAYS = frozenset(("Array", "Value", "Operand"))
"""Types of arguments that are arrays; in each place a function takes all that becomes one."""

ON_THE_HOST = "np.ndarray | np.generic | complex"


def stub() -> str:
    """The whole page."""
    written = _Page()
    for name in gg.__all__:
        written.add(name, getattr(gg, name))
    return written.text()


class _Page:
    """What is imported, and the functions."""

    def __init__(self) -> None:
        self._imports = {"import numpy as np"}
        self._functions: list[str] = []
        self._names: list[str] = []

    def add(self, name: str, thing: object) -> None:
        """The lines for one name."""
        self._names.append(name)
        if isinstance(thing, ModuleType):
            self._imports.add(f"from gpugrad import {name} as {name}")
        elif name in vars(namespace) and inspect.isfunction(thing):
            self._functions.append(self._function(name, thing))
        elif (home := _home(name, thing)) is not None:
            self._imports.add(f"from {home} import {_own_name(name, thing)} as {name}")
        else:
            raise TypeError(f"nothing is known of where gg.{name} comes from.")

    def text(self) -> str:
        """The page."""
        names = "".join(f"    {name!r},\n" for name in self._names).replace("'", '"')
        others = "__version__: str\n__array_api_version__: str\n"
        imports = "\n".join(sorted(self._imports))
        parts = [HEAD + imports, f"{others}\n__all__ = [\n{names}]", *self._functions]
        return "\n\n".join(parts) + "\n"

    def _function(self, name: str, function: Callable[..., object]) -> str:
        """The signature of a function of arrays: of an op, that of its forward."""
        parameters = list(inspect.signature(function).parameters.values())
        source = inspect.unwrap(function)
        returns = str(inspect.signature(source).return_annotation)
        if source.__annotations__.get("return") is None:
            source = get_op(name).forward
            returns = str(source.__annotations__["return"])
        home = sys.modules[source.__module__]
        arrays = [p for p in parameters if _named(p.annotation) & ARRAYS]
        if "Array" not in _named(returns) or not arrays:
            return self._line(name, parameters, returns, {}, home)
        words = beyond(name, function)
        is_open = parameters[-1].kind is inspect.Parameter.VAR_KEYWORD
        parameters[len(parameters) - is_open :] = [*words, *parameters[len(parameters) - is_open :]]
        lines = []
        if returns == "Array":                      # first: the others may leave out their Tensor
            first, *others = (p.name for p in arrays)
            host = {first: "np.ndarray", **dict.fromkeys(others, ON_THE_HOST)}
            lines.append(self._line(name, parameters, "np.ndarray", host, home))
        tracked = _with(returns, "Array", "Tensor")
        lines += [self._line(name, parameters, tracked, {p.name: "Tensor"}, home) for p in arrays]
        lines.append(self._line(name, parameters, returns, {}, home))
        return "\n".join(f"@overload\n{line}" for line in lines)

    def _line(
        self,
        name: str,
        parameters: Iterable[inspect.Parameter],
        returns: str,
        arrays: dict[str, str],
        home: ModuleType,
    ) -> str:
        """One signature, in which `arrays` says of which type some of the arrays are."""
        written = []
        for p in parameters:
            annotation = str(p.annotation)
            for kind in ARRAYS:
                annotation = _with(annotation, kind, arrays.get(p.name, "Operand"))
            default = inspect.Parameter.empty if p.default is p.empty else ...
            self._import(annotation, home)
            written.append(p.replace(annotation=_Source(annotation), default=_dots(default)))
        self._import(returns, home)
        signature = inspect.Signature(written, return_annotation=_Source(_plain(returns)))
        return f"def {name}{signature}: ..."

    def _import(self, annotation: str, home: ModuleType) -> None:
        """What the words of an annotation need."""
        for word in sorted(_named(annotation)):
            if word == "Any":
                self._imports.add("from typing import Any")
            elif word == "Tensor":
                self._imports.add("from gpugrad.core.tensor import Tensor as Tensor")
            elif word in ("Callable", "Iterable", "Sequence"):
                self._imports.add(f"from collections.abc import {word}")
            elif word in vars(types) and word != "np":
                self._imports.add(f"from gpugrad.types import {word}")
            elif word in vars(home) and not hasattr(builtins, word) and word != "np":
                self._imports.add(f"from {_origin(word, home)} import {word}")


class _Source:
    """An annotation that is printed as it is."""

    def __init__(self, text: str) -> None:
        self._text = _plain(text)

    def __repr__(self) -> str:
        return self._text


def _origin(word: str, home: ModuleType) -> str:
    """The module from which `home` has what it calls by that word."""
    for node in ast.parse(inspect.getsource(home)).body:
        if isinstance(node, ast.ImportFrom) and word in {alias.name for alias in node.names}:
            return str(node.module)
    return home.__name__


def _dots(default: object) -> object:
    """A default that is there, which a stub does not name."""
    return _Source("...") if default is ... else default


def _named(annotation: object) -> set[str]:
    """The names in an annotation."""
    tree = ast.parse(str(annotation), mode="eval")
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _with(annotation: str, word: str, other: str) -> str:
    """An annotation with another type in the place of one."""
    tree = ast.parse(annotation, mode="eval")
    put = ast.parse(other, mode="eval").body

    class Put(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return put if node.id == word else node

    return ast.unparse(Put().visit(tree))


def _plain(annotation: str) -> str:
    """An annotation in which what `gg` has by the name of a type of Python is Python's."""
    return _with(annotation, "bool", "builtins.bool")


def _home(name: str, thing: object) -> str | None:
    """The module from which `thing` can be imported under its own name."""
    module = sys.modules.get(getattr(thing, "__module__", None) or "")
    if module is not None and getattr(module, _own_name(name, thing), None) is thing:
        return module.__name__
    for home in ("numpy", "gpugrad.ops.numpy_names"):
        if getattr(sys.modules[home], name, ...) is thing:
            return home
    return None


def _own_name(name: str, thing: object) -> str:
    """The name that a thing has where it is defined."""
    return str(getattr(thing, "__name__", name))
