"""What to write instead of the expression in which a Tensor was asked for its numbers.

Of the expression that a frame is at, as its source has it, names are looked up and modules asked
for what they hold; nothing is run.
"""

from __future__ import annotations

import ast
import builtins
import dis
import linecache
import sys
from inspect import getattr_static
from textwrap import shorten
from types import BuiltinFunctionType, FrameType

import numpy as np

from gpugrad.core.libraries import MASK, READ
from gpugrad.core.op_namespace import namespace as ops
from gpugrad.tracing.frames import is_pythons

HOLD = "A plain array cannot hold a Tensor: begin with gg.zeros(shape) or gg.asarray(a)."

TOGETHER = "Put Tensors together with np.stack or gg.asarray, or import gpugrad.numpy as np."

LISTED = (
    "A list is a pytree of its numbers, so that each of these is a Tensor: hand np.array(x) to the "
    "transform, or put the Tensors together with gg.asarray(x)."
)

_IS_ARRAY = "A Tensor is an array already: use it as it is, or gg.asarray(t)."

_MATH = {
    "dist": "gg.linalg.norm(p - q)", "erf": "gg.special.erf", "erfc": "gg.special.erfc",
    "fabs": "gg.abs", "fsum": "gg.sum", "gamma": "gg.special.gamma", "ldexp": "gg.ldexp",
    "lgamma": "gg.special.gammaln", "phase": "gg.angle", "sumprod": "gg.vecdot",
}  # fmt: skip
"""What functions of `math` and `cmath` are here, whose names are others."""

_FUNCTIONS: dict[str, str] = {
    "arange": "Write gg.arange(n) * step, with an n that is known: no shape depends on a value.",
    "array": _IS_ARRAY, "asanyarray": _IS_ARRAY, "asarray": _IS_ARRAY,
    "ascontiguousarray": _IS_ARRAY, "asfortranarray": _IS_ARRAY, "require": _IS_ARRAY,
    "frombuffer": _IS_ARRAY, "asarray_chkfinite": _IS_ARRAY,
    "fromiter": "Put the Tensors together with np.stack(list(...)) or gg.asarray.",
    "full": "Write gg.full, which takes a Tensor as the value.",
    "full_like": "Write gg.full_like, which takes a Tensor as the value.",
    "max": TOGETHER, "mean": TOGETHER, "min": TOGETHER, "prod": TOGETHER, "sum": TOGETHER,
}  # fmt: skip
"""What to do where a function of NumPy was called, which knows no Tensors, or not there."""

_CONVERSION = "Leave the conversion away: a Tensor of one element is a number."

_BUILTINS = {
    "bool": "Choose between values with gg.where.",
    "complex": _CONVERSION, "float": _CONVERSION,
    "int": f"{_CONVERSION} Whole numbers of its dtype are gg.floor(t); for an index, "
           "gg.astype(t, int).",
    "range": "Take the number of rounds from a shape or a plain number, or loop with gg.scan.",
    "round": "Write gg.round(t).",
}  # fmt: skip
"""The same of functions of Python."""

_DRAWN = (
    "Draw without the Tensor and compute with what is drawn, as in mean + deviation * "
    "rng.normal(size=n): a draw has no derivative."
)

_UNKNOWN = object()


def of_expression(frame: FrameType, kind: str) -> str:
    """What to write instead of what `frame` is at; nothing where that is not told.

    `kind` is the letter of the dtype of what was asked.
    """
    try:
        node = _expression(frame)
    except (SyntaxError, ValueError, IndexError):   # of a file that has changed, or is not there
        return ""
    if isinstance(node, ast.Call):
        return _of_call(node, frame, kind)
    if isinstance(node, ast.Subscript):
        return _of_subscript(node, frame, kind)
    if isinstance(node, ast.Assign | ast.AugAssign):
        return HOLD
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return "For text write f'{t}', or hand over the number alone: t.value."
    return ""


def text_of(frame: FrameType, instruction: int) -> tuple[str, str]:
    """The expression at an instruction, shortened, and the last name of the function called in it.

    Both are empty where that is not told.
    """
    try:
        node = _expression(frame, instruction)
    except (SyntaxError, ValueError, IndexError):
        return "", ""
    if node is None:
        return "", ""
    text = shorten(ast.unparse(node), 60, placeholder=" ...")
    function = node.func if isinstance(node, ast.Call) else node
    return text, str(getattr(function, "attr", ""))


def _expression(frame: FrameType, instruction: int | None = None) -> ast.AST | None:
    """The expression, or the assignment, whose instruction a frame is at."""
    places = list(frame.f_code.co_positions())
    at = frame.f_lasti if instruction is None else instruction
    first, last, left, right = places[at // 2]
    if first is None or last is None or left is None or right is None:
        return None
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)[first - 1 : last]
    cut = [line.encode() for line in lines]
    cut[-1] = cut[-1][:right]
    cut[0] = cut[0][left:]
    text = b"".join(cut).decode()
    statement = ast.parse(f"({text}\n)" if not _is_statement(text) else text).body[0]
    return statement.value if isinstance(statement, ast.Expr) else statement


def _is_statement(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _of_call(node: ast.Call, frame: FrameType, kind: str) -> str:
    function = _value(node.func, frame)
    name = getattr(function, "__name__", "")
    home = getattr(function, "__module__", None) or ""
    if home in ("math", "cmath"):
        return _of_math(home, name)
    if isinstance(node.func, ast.Attribute):
        name = node.func.attr
        owner = _value(node.func.value, frame)
        if type(owner) is np.ndarray:
            return _of_method(name, kind)
        if isinstance(owner, np.random.Generator | np.random.RandomState) or owner is np.random:
            return _DRAWN
    if isinstance(function, np.vectorize):
        return "Write gg.vmap(f)(t) for np.vectorize(f)(t), or call f on the whole array."
    if function is not _UNKNOWN and function is getattr(builtins, name, None):
        return _BUILTINS.get(name, "")
    if function is not _UNKNOWN and function is getattr(np, name, None):
        first = node.args[0] if node.args else None
        literal = isinstance(first, ast.List | ast.Tuple | ast.ListComp)
        if not literal and not isinstance(_value(first, frame), list | tuple):
            return _FUNCTIONS.get(name, "")
        code = frame.f_code
        if isinstance(first, ast.Name) and first.id in code.co_varnames[: code.co_argcount]:
            return LISTED
        return TOGETHER
    return _of_compiled(function, home)


def _of_math(home: str, name: str) -> str:
    ours = _MATH.get(name, f"gg.{name}" if name in vars(ops) else "")
    if not ours:
        return f"{home}.{name} takes numbers alone: compose it from functions of gg."
    if name == "log":
        return f"{home}.log takes numbers alone: write gg.log(t), or gg.log(t) / {home}.log(base)."
    also = f" or np.{name}" if ours == f"gg.{name}" and hasattr(np, name) else ""
    return f"{home}.{name} takes numbers alone: write {ours}{also}."


def _of_method(name: str, kind: str) -> str:
    if name == "dot":
        return "Write a @ t or np.dot(a, t): the method of a plain array knows no Tensors."
    if name in ("fill", "itemset", "put", "__setitem__", "__iadd__"):
        return HOLD
    if name in ("take", "item") and kind in "iu":
        return READ
    if name in vars(ops):
        return f"Write gg.{name}(a, ...): the method of a plain array knows no Tensors."
    return "Begin with gg.asarray(a): the methods of a plain array know no Tensors."


def _of_compiled(function: object, home: str) -> str:
    """What to do where code of others was called that has no frame."""
    kind = type(function)
    library = kind.__module__.partition(".")[0]
    if kind is BuiltinFunctionType and home:
        library = home.partition(".")[0]
    elif is_pythons(getattr(sys.modules.get(library), "__file__", None) or "<frozen"):
        return ""
    if library in ("builtins", "gpugrad", "numpy", "__main__"):
        return ""
    return f"Wrap the function, compiled by {library}, with gg.host, and give its rule as vjp=."


def _of_subscript(node: ast.Subscript, frame: FrameType, dtype: str) -> str:
    code = frame.f_code.co_code
    owner = _value(node.value, frame)
    if dis.opname[code[frame.f_lasti]] in ("STORE_SUBSCR", "STORE_SLICE"):
        return HOLD if owner is _UNKNOWN or isinstance(owner, np.ndarray) else ""
    kind = type(owner).__name__
    if kind in ("RClass", "CClass"):
        name = "r_" if kind == "RClass" else "c_"
        return f"Write gg.{name}[...], which takes Tensors."
    if kind in ("nd_grid", "MGridClass", "OGridClass"):
        return "Write gg.linspace and gg.meshgrid, which take Tensors."
    literal = type(node.value).__name__.lower()
    if isinstance(owner, list | tuple) or literal in ("list", "tuple"):
        kind = literal if owner is _UNKNOWN else kind
        return f"A {kind} is read at a known place alone: gg.asarray(x)[i] or gg.stack(x)[i]."
    if not isinstance(owner, np.ndarray) and not _has_slice(node):
        return ""
    return MASK if dtype == "b" else READ


def _has_slice(node: ast.Subscript) -> bool:
    return any(isinstance(part, ast.Slice) for part in ast.walk(node.slice))


def _value(node: ast.expr | None, frame: FrameType) -> object:
    """What a name stands for, or a module or object holds under it, without code of its class."""
    if isinstance(node, ast.Name):
        for names in (frame.f_locals, frame.f_globals, vars(builtins)):
            if node.id in names:
                return names[node.id]
    elif isinstance(node, ast.Attribute):
        owner = _value(node.value, frame)
        if owner is not _UNKNOWN:
            return getattr_static(owner, node.attr, _UNKNOWN)
    return _UNKNOWN
