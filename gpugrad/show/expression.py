"""From the text of an expression to steps. The text is parsed; nothing of it is run as Python."""

from __future__ import annotations

import ast
import warnings
from difflib import get_close_matches
from math import isfinite
from typing import Any, NamedTuple

from gpugrad.core import registry
from gpugrad.errors import InvalidArgument

LONGEST = 2000

_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.Pow: "power",
    ast.MatMult: "matmul",
}
_OTHER_NAMES = {"ln": "log", "pow": "power", "σ": "sigmoid"}
_OF_TWO = {"max": "maximum", "min": "minimum"}
"""With two operands, `max` is not the reduction of that name."""


class Number(NamedTuple):
    """A constant."""

    value: float


class Input(NamedTuple):
    """A name that the user gives a value."""

    name: str


class Step(NamedTuple):
    """An op applied to numbers, inputs and earlier steps; these by their place in the list."""

    op: str
    operands: tuple[object, ...]                       # Number, Input or int


class Expression(NamedTuple):
    """An expression as a list of steps. What is written twice is one step."""

    text: str
    inputs: list[str]                               # in order of appearance
    steps: list[Step]
    result: object                                     # Number, Input or int


def parse(text: str) -> Expression:
    """The steps of an expression such as `(x + y) * x`.

    Raises `InvalidArgument` for what is no such expression, `UnknownOp` with the nearest name.
    """
    text = " ".join(text.split())
    if not text:
        raise InvalidArgument('the expression is empty; expected one such as "(x + y) * x".')
    if len(text) > LONGEST:
        raise InvalidArgument(
            f"the expression has {len(text)} characters; at most {LONGEST} can be read. For "
            "larger functions use gg.show.trace in Python."
        )
    return _Reader(text, parse_syntax(text, "the expression")).read()


def parse_syntax(text: str, what: str) -> ast.expr:
    """The syntax tree of one Python expression, which is not run."""
    odd = next((sign for sign in text if not sign.isprintable()), None)
    if odd is not None:                             # a control sequence, or a byte that is no UTF-8
        raise InvalidArgument(f"{what} {_short(text)!r} holds {odd!r}: use printable signs only.")
    try:
        with warnings.catch_warnings():             # such as that "1if" may mean two things
            warnings.simplefilter("ignore")
            return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        place = f" near character {error.offset}" if error.offset else ""
        raise InvalidArgument(
            f"{what} {_short(text)!r} cannot be read{place}: {error.msg}."
        ) from None
    except (RecursionError, MemoryError):
        raise InvalidArgument(
            f"{what} {_short(text)!r} is nested too deeply to be read: use fewer signs or brackets."
        ) from None


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


class _Reader:
    """Walks the syntax tree with a stack of its own, operands before what uses them."""

    def __init__(self, text: str, tree: ast.expr) -> None:
        self.text = text
        self.tree = tree
        self.inputs: dict[str, None] = {}
        self.places: dict[Step, int] = {}           # equal steps are one step

    def read(self) -> Expression:
        values: list[object] = []
        todo: list[Any] = [self.tree]
        while todo:
            item = todo.pop()
            if isinstance(item, tuple):             # an op whose operands are all in `values`
                name, count = item
                operands = tuple(values[-count:])
                del values[-count:]
                values.append(self._step(name, operands))
                continue
            if isinstance(item, ast.Constant):
                values.append(Number(self._number(item)))
            elif isinstance(item, ast.Name):
                self.inputs.setdefault(item.id)
                values.append(Input(item.id))
            else:
                name, arguments = self._application(item)
                todo.append((name, len(arguments)))
                todo.extend(reversed(arguments))
        return Expression(self.text, list(self.inputs), list(self.places), values[0])

    def _step(self, name: str, operands: tuple[object, ...]) -> object:
        if name == "":                              # a plus sign before its operand
            return operands[0]
        if name == "negative" and isinstance(operands[0], Number):
            return Number(-operands[0].value)
        return self.places.setdefault(Step(name, operands), len(self.places))

    def _application(self, item: ast.expr) -> tuple[str, list[ast.expr]]:
        """The name of the op and its operands; raises for any syntax but operators and calls."""
        if isinstance(item, ast.BinOp) and type(item.op) in _BINARY:
            return _BINARY[type(item.op)], [item.left, item.right]
        if isinstance(item, ast.UnaryOp) and isinstance(item.op, ast.USub):
            return "negative", [item.operand]
        if isinstance(item, ast.UnaryOp) and isinstance(item.op, ast.UAdd):
            return "", [item.operand]
        if isinstance(item, ast.Call) and isinstance(item.func, ast.Name):
            if item.keywords or any(isinstance(arg, ast.Starred) for arg in item.args):
                raise self._refusal(item, "a function takes operands only, without names or stars")
            return self._function(item.func.id, len(item.args)), item.args
        if isinstance(item, ast.BinOp) and isinstance(item.op, ast.BitXor):
            raise self._refusal(item, "a power is written **")
        if isinstance(item, ast.Compare):
            raise self._refusal(item, "a comparison has no gradient; use maximum or minimum")
        raise self._refusal(item, "use numbers, names, + - * / ** @ and functions such as sin(x)")

    def _refusal(self, item: ast.expr, wanted: str) -> InvalidArgument:
        part = ast.get_source_segment(self.text, item) or self.text
        return InvalidArgument(f"{_short(part)!r} cannot be used in an expression: {wanted}.")

    def _number(self, item: ast.Constant) -> float:
        if type(item.value) not in (int, float):
            raise self._refusal(item, "a constant must be a real number")
        return as_float(item.value)  # type: ignore[arg-type]  # mypy does not narrow by `in`

    def _function(self, name: str, count: int) -> str:
        name = _OF_TWO.get(name, name) if count == 2 else _OTHER_NAMES.get(name, name)
        op = registry.get_op(name)
        known = len(op.arrays) and not op.nested and not op.multiple
        optional = {p.name for p in op.parameters if p.default is not p.empty}
        if not known or not set(op.settings) <= optional or not all(
            op.rules.differentiates(i) for i in range(len(op.arrays))
        ):
            raise InvalidArgument(
                f"{name} cannot be used in an expression: expected a function of arrays alone "
                "that has a gradient for each of them, such as sin(x) or maximum(x, y)."
            )
        fewest = len([a for a in op.arrays if a not in optional])
        if not fewest <= count <= len(op.arrays):
            wanted = f"{fewest}" if fewest == len(op.arrays) else f"{fewest} to {len(op.arrays)}"
            raise InvalidArgument(
                f"{name} was given {count} operands; it takes {wanted} ({', '.join(op.arrays)})."
            )
        return name


def as_float(number: float) -> float:
    """A number as a float; raises `InvalidArgument` where that would be infinite."""
    try:
        value = float(number)
    except OverflowError:
        value = float("inf")
    if not isfinite(value):
        raise InvalidArgument("a number is too large: at most about 1.8e308 can be represented.")
    return value


def near_miss(name: str, names: list[str]) -> str:
    """` Did you mean 'x'?`, or nothing if no name is near."""
    close = get_close_matches(name, names, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
