"""On what it depends, in code, which way it goes: the names of it, read from its instructions.

A function under `gg.jit` may decide by an array from outside without computing with what it saw, as
in `if table[0] > 0`. Such names say of which arrays that may be.
"""

from __future__ import annotations

import dis
import re
from functools import lru_cache
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import CodeType

import numpy as np

from gpugrad.transforms.jit.origins import Names, spelled

PART = "*[]"
"""Stands for a part of a parameter, such as `x[0]` or `x.max()`."""

_PARAMETER = "*"
_METADATA = frozenset("device dtype itemsize nbytes ndim shape size strides".split())
_QUESTIONS = frozenset("callable getattr hasattr isinstance issubclass len type".split())
_PARTS = ("BINARY_SUBSCR", "BINARY_SLICE", "CALL")
_ITERATES = frozenset(("GET_ITER", "UNPACK_SEQUENCE"))


@lru_cache(maxsize=1024)
def names_in_decisions(code: CodeType) -> Names:
    """Names on whose values it depends what code does: that of a function and those inside it.

    A local variable stands for what it was bound to. What asks for shapes and dtypes, compares with
    `None` or with text decides by no values.
    """
    found: set[str] = set()
    variables = {name: {_PARAMETER} for name in _parameters(code)}
    loaded: set[str] = set()                        # since the expression began
    for step in dis.get_instructions(code):
        kind, name = step.opname, step.argval
        if kind.startswith(("LOAD_ATTR", "LOAD_METHOD")):
            _attribute(name, loaded)
        elif "_FAST" in kind:                       # some instructions do two such things
            both = name if isinstance(name, tuple) else (name,)
            for what, variable in zip(re.findall("LOAD|STORE", kind), both, strict=False):
                if what == "LOAD":
                    loaded |= variables.get(variable, set())
                else:
                    variables.setdefault(variable, set()).update(loaded)
                    loaded.clear()
        elif kind == "IS_OP" or (kind == "LOAD_GLOBAL" and name in _QUESTIONS):
            loaded.clear()
            loaded.add("")                          # and nothing after it counts
        elif kind.startswith("LOAD_") and isinstance(name, str):
            loaded |= spelled(name)
            if kind == "LOAD_CONST":
                loaded.discard(_PARAMETER)
        elif kind.startswith(_PARTS) or step.argrepr == "[]":
            if _PARAMETER in loaded:
                loaded.add(PART)
        elif kind in _ITERATES:
            found |= loaded - {PART}
        elif "JUMP" in kind and "IF" in kind:
            if "NONE" not in kind and "" not in loaded:
                found |= loaded
            loaded.clear()
        elif kind.startswith(("STORE_", "RETURN_")) or kind == "POP_TOP":
            loaded.clear()
    inner = (names_in_decisions(x) for x in code.co_consts if isinstance(x, CodeType))
    return frozenset(found - {_PARAMETER, ""}).union(*inner)


def _attribute(name: str, loaded: set[str]) -> None:
    """What an expression stands for of which an attribute is read."""
    if name in _METADATA:
        loaded.clear()
    elif _PARAMETER not in loaded:
        loaded.add(name)
    elif hasattr(np.ndarray, name):
        loaded.add(PART)
    else:
        loaded.discard(_PARAMETER)
        loaded.add(name)


def _parameters(code: CodeType) -> tuple[str, ...]:
    starred = bool(code.co_flags & CO_VARARGS) + bool(code.co_flags & CO_VARKEYWORDS)
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + starred]
