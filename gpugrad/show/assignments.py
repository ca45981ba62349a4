"""The values that a user gives for the names of an expression: numbers and nested lists."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

from gpugrad.errors import InvalidArgument
from gpugrad.show.expression import as_float, near_miss, parse_syntax

LONGEST = 20_000
DEEPEST = 8


def read_values(inputs: list[str], texts: Mapping[str, str]) -> dict[str, np.ndarray]:
    """A float64 array for each of `inputs`; raises `InvalidArgument` for too few or too many."""
    extra = [name for name in texts if name not in inputs]
    missing = [name for name in inputs if name not in texts]
    if extra:
        used = f"it uses {', '.join(inputs)}" if inputs else "it uses no names"
        raise InvalidArgument(
            f"{extra[0]} is given a value, but the expression does not name it: {used}."
            f"{near_miss(extra[0], missing)}"
        )
    if missing:
        plural = "s" if len(missing) > 1 else ""
        example = " ".join(f"{name}=1" for name in missing)
        raise InvalidArgument(
            f"no value is given for the name{plural} {', '.join(missing)}: add it, as in {example}."
        )
    return {name: read_value(name, texts[name]) for name in inputs}


def read_value(name: str, text: str) -> np.ndarray:
    """The number or nested list that `text` writes."""
    if len(text) > LONGEST:
        raise InvalidArgument(
            f"the value of {name} has {len(text)} characters; at most {LONGEST} can be read."
        )
    text = " ".join(text.split())
    nested = _numbers(parse_syntax(text, f"the value of {name},"), name, text, DEEPEST)
    try:
        return np.asarray(nested, dtype=np.float64)
    except ValueError:
        raise InvalidArgument(
            f"the rows of the value of {name} differ in length: all lists of one level must have "
            "equally many elements."
        ) from None


def _numbers(item: ast.expr, name: str, text: str, levels: int) -> Any:
    if isinstance(item, ast.List | ast.Tuple) and levels:
        return [_numbers(part, name, text, levels - 1) for part in item.elts]
    if isinstance(item, ast.UnaryOp) and isinstance(item.op, ast.USub | ast.UAdd):
        if isinstance(item.operand, ast.Constant):
            value = _numbers(item.operand, name, text, 0)
            return -value if isinstance(item.op, ast.USub) else value
    elif isinstance(item, ast.Constant) and type(item.value) in (int, float):
        return as_float(item.value)  # type: ignore[arg-type]  # mypy does not narrow by `in`
    raise InvalidArgument(
        f"the value of {name} is {_short(text)!r}; expected a number or a list of "
        f"numbers, such as {name}=3 or {name}=[1,2,3]."
    )


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."
