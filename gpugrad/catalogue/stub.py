"""What type checkers and editors know of `gg`: `gpugrad/__init__.pyi`, and a page of each room.

Without them they could tell no name that is there from one that is not, because `gg` makes some of
its names when they are asked for, and of an op they would see the forward, with its `xp`. A
function of arrays says in its own file what it takes and gives; here it takes what an array can be
made of, and gives a Tensor where it is given one.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from textwrap import indent
from types import ModuleType

import gpugrad as gg
from gpugrad import types
from gpugrad.core.numpy_calls import beyond
from gpugrad.core.registry import all_ops, namespace

ROOMS = "_rooms"
"""The folder of the pages of rooms. The rooms' own files are no stubs: these would keep a type
checker from the bodies of their functions.
"""

HEAD = "# Made by `python -m gpugrad.catalogue --stubs`.\n# ruff: noqa"

ARRAYS = frozenset(("Array", "Value", "Operand"))
"""Types of arguments that are arrays; in each place a function takes all that becomes one."""

ON_THE_HOST = "ndarray | generic | complex"


def stubs() -> dict[str, str]:
    """The text of each page, by its place in the folder of the package."""
    door = _Page(
        "What type checkers and editors know of gpugrad.",
        ["__version__: str", "bfloat16: type[Any]"],
    )
    pages = {f"{ROOMS}/__init__.pyi": f'{HEAD}\n\n"""The rooms of gpugrad, for editors."""\n'}
    for name in gg.__all__:
        thing = getattr(gg, name)
        if not isinstance(thing, ModuleType):
            door.add(name, thing)
            continue
        door.add_room(name)
        room = _Page(inspect.getdoc(thing) or "")
        for inner in thing.__all__:
            room.add(inner, getattr(thing, inner), f"gpugrad.{name}")
        pages[f"{ROOMS}/{name}.pyi"] = room.text()
    return {"__init__.pyi": door.text(), **pages}


def write_stubs() -> None:
    """Write all pages into the folder of the package."""
    folder = Path(gg.__path__[0])
    (folder / ROOMS).mkdir(exist_ok=True)
    for place, text in stubs().items():
        (folder / place).write_text(text, encoding="utf-8")


class _Page:
    """What is imported, and the functions."""

    def __init__(self, says: str, others: Iterable[str] = ()) -> None:
        self._says = says
        self._others = others
        self._imports: set[str] = set()
        self._functions: list[str] = []
        self._names: list[str] = []

    def add_room(self, name: str) -> None:
        """The lines for a module."""
        self._names.append(name)
        self._imports.add(f"from gpugrad.{ROOMS} import {name} as {name}")

    def add(self, name: str, thing: object, room: str = "") -> None:
        """The lines for one name, of `gg` or of a room."""
        self._names.append(name)
        if inspect.isfunction(thing) and thing in _of_arrays():
            self._functions.append(self._function(name, thing))
        elif room:
            self._imports.add(f"from {room} import {name} as {name}")
        elif (home := _home(name, thing)) is not None:
            self._imports.add(f"from {home} import {_own_name(name, thing)} as {name}")
        else:
            raise TypeError(f"nothing is known of where gg.{name} comes from.")

    def text(self) -> str:
        """The page."""
        names = "".join(f'    "{name}",\n' for name in self._names)
        parts = [
            HEAD,
            _docstring(self._says),
            "\n".join(sorted(self._imports)),
            *(f"{line}" for line in self._others),
            f"__all__ = [\n{names}]",
            *self._functions,
        ]
        return "\n\n".join(parts) + "\n"

    def _function(self, name: str, function: Callable[..., object]) -> str:
        """The signatures of a function of arrays.

        The last has the docstring: editors show that for the others, too.
        """
        signature = inspect.signature(function)
        parameters = list(signature.parameters.values())
        returns = str(signature.return_annotation)
        home = sys.modules[inspect.unwrap(function).__module__]
        docstring = inspect.getdoc(function) or ""
        arrays = [p for p in parameters if _named(p.annotation) & ARRAYS]
        if "Array" not in _named(returns) or not arrays:
            return self._line(name, parameters, returns, {}, home) + _body(docstring)
        words = beyond(name, function)
        is_open = parameters[-1].kind is inspect.Parameter.VAR_KEYWORD
        parameters[len(parameters) - is_open :] = [*words, *parameters[len(parameters) - is_open :]]
        lines = []
        if returns == "Array":                      # first: the others may leave out their Tensor
            first, *others = (p.name for p in arrays)
            host = {first: "ndarray", **dict.fromkeys(others, ON_THE_HOST)}
            lines.append(self._line(name, parameters, "ndarray", host, home))
        tracked = _with(returns, "Array", "Tensor")
        lines += [self._line(name, parameters, tracked, {p.name: "Tensor"}, home) for p in arrays]
        lines.append(self._line(name, parameters, returns, {}, home))
        self._imports.add("from typing import overload")
        bodies = [*[""] * (len(lines) - 1), docstring]
        return "\n".join(
            f"@overload\n{line}{_body(body)}" for line, body in zip(lines, bodies, strict=True)
        )

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
            annotation = _plain(annotation)
            self._import(annotation, home)
            default = _default(p) if p.name not in arrays else _left_out(p)
            written.append(p.replace(annotation=_Source(annotation), default=default))
        returns = _plain(returns)
        self._import(returns, home)
        signature = inspect.Signature(written, return_annotation=_Source(returns))
        return f"def {name}{signature}:"

    def _import(self, annotation: str, home: ModuleType) -> None:
        """What the words of an annotation need. Without `as`, it is no name of the page."""
        for word in sorted(_named(annotation)):
            if word in self._names:
                continue
            elif word == "builtins":
                self._imports.add("import builtins")
            elif word == "Any":
                self._imports.add("from typing import Any")
            elif word == "Tensor":
                self._imports.add("from gpugrad.core.tensor import Tensor")
            elif word in ("Callable", "Iterable", "Sequence"):
                self._imports.add(f"from collections.abc import {word}")
            elif word in ("generic", "ndarray"):
                self._imports.add(f"from numpy import {word}")
            elif word in vars(types):
                self._imports.add(f"from gpugrad.types import {word}")
            elif word in vars(home) and not hasattr(builtins, word):
                self._imports.add(f"from {_origin(word, home)} import {word}")


def _of_arrays() -> set[object]:
    """The functions that are ops or made of them, as users call them."""
    return {*vars(namespace).values(), *(op.public for op in all_ops())}


def _docstring(text: str) -> str:
    """A docstring as source."""
    text = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return f'"""{text}"""' if "\n" not in text else f'"""{text}\n"""'


def _body(docstring: str) -> str:
    """The body of a function that has nothing but a docstring."""
    return "\n" + indent(_docstring(docstring), "    ") if docstring else " ..."


class _Source:
    """An annotation that is printed as it is."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _origin(word: str, home: ModuleType) -> str:
    """The module from which `home` has what it calls by that word."""
    for node in ast.parse(inspect.getsource(home)).body:
        if isinstance(node, ast.ImportFrom) and word in {alias.name for alias in node.names}:
            return str(node.module)
    return home.__name__


def _default(parameter: inspect.Parameter) -> object:
    """The default as it is written, if it is one that can be."""
    try:
        ast.literal_eval(repr(parameter.default))
    except (SyntaxError, ValueError):
        return _left_out(parameter)
    return parameter.default


def _left_out(parameter: inspect.Parameter) -> object:
    """The default of a stub that says no more than that there is one."""
    return parameter.empty if parameter.default is parameter.empty else _Source("...")


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
    """An annotation in the words of the page: `bool` is Python's, and `np` stands in no name."""
    return _with(annotation, "bool", "builtins.bool").replace("np.", "")


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
