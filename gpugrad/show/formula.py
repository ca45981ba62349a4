"""Local derivatives as formulas, by running the reverse rules of an op on arrays that take notes.

A rule is written in array operations alone, so it can be run on `Symbol`s: arrays that write down
what was done with them. Nothing here knows the derivative of any op.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gpugrad.backends import Namespace
from gpugrad.backends.batched import unwrapped
from gpugrad.graph import Node
from gpugrad.show.notation import ATOM, SIGN, Piece, written
from gpugrad.show.numbers import SMALL, Writer, on_host
from gpugrad.show.picture import NOT_KEPT, Formulas, Operand
from gpugrad.types import Array

_PRODUCTS = {"multiply": "scale"}
"""Inside of formulas a product is a dot."""


class Symbol:
    """An array together with the formula that it was computed by.

    `number` is its value where that is a constant of the formula, else `None`.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: Array, piece: Piece, number: object = None) -> None:
        self.value = value
        self.piece = piece
        self.number = number

    shape = property(operator.attrgetter("value.shape"))
    dtype = property(operator.attrgetter("value.dtype"))
    ndim = property(operator.attrgetter("value.ndim"))
    size = property(operator.attrgetter("value.size"))
    device = property(operator.attrgetter("value.device"))


def _operator(name: str, act: Callable[..., object]) -> Callable[..., Symbol]:
    def method(self: Symbol, *others: object) -> Symbol:
        applied: Symbol = _applied(name, act, (self, *others), {})
        return applied

    return method


def _reflected(name: str, act: Callable[..., object]) -> Callable[..., Symbol]:
    def method(self: Symbol, other: object) -> Symbol:
        applied: Symbol = _applied(name, act, (other, self), {})
        return applied

    return method


for _method, _name in {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "divide",
    "pow": "power",
    "matmul": "matmul",
    "and_": "bitwise_and",
    "or_": "bitwise_or",
}.items():
    _act = getattr(operator, _method)
    _plain = _method.rstrip("_")
    setattr(Symbol, f"__{_plain}__", _operator(_name, _act))
    setattr(Symbol, f"__r{_plain}__", _reflected(_name, _act))
for _method, _name in {
    "neg": "negative",
    "invert": "logical_not",
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "eq": "equal",
    "ne": "not_equal",
}.items():
    setattr(Symbol, f"__{_method}__", _operator(_name, getattr(operator, _method)))


class SymbolNamespace:
    """The functions of an array library, for Symbols."""

    load_kernel = None                              # formulas come from the reference rule

    def __init__(self, raw: Namespace) -> None:
        self._raw = raw

    def __getattr__(self, name: str) -> object:
        found = getattr(self._raw, name)
        if isinstance(found, type) or not callable(found):
            return found                            # a dtype or a constant
        return lambda *args, **kwargs: _applied(name, found, args, kwargs)


def _applied(
    name: str, act: Callable[..., Any], args: Sequence[object], kwargs: dict[str, object]
) -> Any:
    value = act(*map(_value, args), **{k: _value(v) for k, v in kwargs.items()})
    if isinstance(value, tuple | list):
        piece = _written(name, args, kwargs)
        return [Symbol(part, Piece(f"{piece.within(ATOM)}[{i}]")) for i, part in enumerate(value)]
    simpler = None if kwargs else _simpler(name, args)
    if simpler is not None:
        if not isinstance(simpler, Symbol):
            return Symbol(value, constant(simpler), simpler)
        return Symbol(value, simpler.piece, simpler.number)
    numbers = [_number(x) for x in args]
    if not kwargs and None not in numbers and getattr(value, "shape", None) == ():
        number = on_host(value).item()
        return Symbol(value, constant(number), number)
    return Symbol(value, _written(name, args, kwargs))


def _written(name: str, args: Sequence[object], kwargs: dict[str, object]) -> Piece:
    pieces = [_piece(x) for x in args]
    return written(_PRODUCTS.get(name, name), pieces, [f"{k}={v}" for k, v in kwargs.items()])


def _simpler(name: str, args: Sequence[object]) -> Any:
    """The operand or number that the application equals whatever the values, or `None`."""
    numbers = [_number(x) for x in args]
    if name == "where" and numbers[0] is not None:
        return args[1] if numbers[0] else args[2]
    if len(args) != 2:
        return None
    if name in ("bitwise_and", "bitwise_or"):
        neutral = name == "bitwise_and"
        if any(number is (not neutral) for number in numbers):
            return not neutral
        return args[1] if numbers[0] is neutral else args[0] if numbers[1] is neutral else None
    if name in ("multiply", "scale"):
        if numbers[0] == -1 and isinstance(args[1], Symbol):
            return _applied("negative", operator.neg, (args[1],), {})
        return args[1] if numbers[0] == 1 else args[0] if numbers[1] == 1 else None
    if name in ("divide", "power") and numbers[1] == 1:
        return args[0]
    if name in ("add", "subtract") and numbers[1] == 0:
        return args[0]
    return None


def _value(x: object) -> object:
    if isinstance(x, tuple | list):
        return type(x)(_value(part) for part in x)
    return x.value if isinstance(x, Symbol) else x


def _number(x: object) -> object:
    if isinstance(x, Symbol):
        return x.number
    return x if isinstance(x, bool | int | float) else None


def _piece(x: Any) -> Piece:
    if isinstance(x, Symbol):
        return x.piece
    if isinstance(x, tuple | list):
        inside = ", ".join(_piece(part).text for part in x)
        return Piece(f"({inside},)" if len(x) == 1 else f"({inside})")
    if isinstance(x, slice):
        ends = ["" if end is None else str(end) for end in (x.start, x.stop, x.step)]
        return Piece(":".join(ends if ends[2] else ends[:2]))
    if isinstance(x, int | float | complex) or hasattr(x, "dtype"):
        return constant(x)
    return Piece("..." if x is ... else str(x))


def constant(x: Array, exact: bool = False) -> Piece:
    """A number, a small array, or the shape of a large one, as part of a formula."""
    if not isinstance(x, int | float | complex) and not hasattr(x, "dtype"):
        return _piece(x)                            # an index key, or `None`
    x, _ = unwrapped(x)
    if getattr(x, "size", 1) > SMALL:
        return Piece(f"[{' × '.join(str(n) for n in x.shape)}]")
    text = Writer(exact).array(x)
    return Piece(text, SIGN if text.startswith("-") else ATOM)


def operand_piece(operand: Operand, exact: bool = False) -> Piece:
    """How an operand is written: its name, the constant, `…` if not shown, `?` if not known."""
    if operand.left_out:
        return Piece("…")
    if operand.name:
        return Piece(operand.name)
    if operand.vertex is None:
        return Piece("?") if operand.value is NOT_KEPT else constant(operand.value, exact)
    index = "" if operand.output is None else f"[{operand.output}]"
    return Piece(operand.vertex.name + index)


def formulas(
    node: Node, raw: Namespace, g: Symbol, names: Mapping[str, tuple[Piece, bool]]
) -> Formulas:
    """What the rules of `node` make of the cotangent `g`, one formula for each edge.

    `names` says how the output `y` and the array arguments are written, and whether each is a
    constant. All are `None` where a rule does something that cannot be written down, as that of a
    segment does, which runs a part of the program.
    """
    vjp = node.vjp
    if vjp is None or vjp.op.forward is None:
        return (None,) * len(node.edges)
    try:
        saved = [
            _symbol(value, *names[name]) if name in names else value
            for name, value in zip(vjp.keeps, node.saved or (), strict=True)
        ]
        shares = vjp.pull(g, SymbolNamespace(raw), saved, node.settings)
    except Exception:
        # A rule may do what only arrays can, such as call a library. Then there is no formula; the
        # numbers, which do not come from here, are shown all the same.
        return (None,) * len(node.edges)
    return tuple(x.piece if isinstance(x, Symbol) else None for x in shares)


def _symbol(value: Array, piece: Piece, is_constant: bool) -> object:
    if isinstance(value, tuple):
        parts = [Piece(f"{piece.within(ATOM)}[{i}]") for i in range(len(value))]
        return tuple(
            _symbol(part, name, False) if hasattr(part, "dtype") else part
            for part, name in zip(value, parts, strict=True)
        )
    if value is None:
        return None
    is_number = is_constant and value.shape == ()
    return Symbol(value, piece, on_host(value).item() if is_number else None)
