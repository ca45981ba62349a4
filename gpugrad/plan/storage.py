"""Plans in files: two lines of JSON, a header with a checksum and the plan.

A file says what to compute, never how: it holds numbers, names of known operations and arrays of
numbers. What is read is verified (see `verify.py`) before anything is done with it.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256
from os import PathLike
from pathlib import Path
from reprlib import repr as short
from typing import Any

import numpy as np

from gpugrad.atomic import read_file, write_atomically
from gpugrad.backends.dtypes import BFLOAT16, dtype_named, kind_of, written
from gpugrad.backends.host_calls import HostFunction
from gpugrad.errors import PlanError
from gpugrad.plan.plan import Constant, Operand, Plan, Slot, Step
from gpugrad.plan.verify import KINDS, told, verify
from gpugrad.strict_json import parse

FORMAT, VERSION = "gpugrad plan", 1

LONGEST_HEADER = 1000
"""Bytes of the first line of a file."""

DTYPES = {
    dtype.str: dtype
    for char in "?bBhHiIlLqQefdgFDG"
    for dtype in (np.dtype(char), np.dtype(char).newbyteorder())
}
"""Dtypes by what files call them."""


def save(plan: Plan, path: str | PathLike[str]) -> None:
    """Writes a plan to `path`."""
    text = json.dumps(_write_plan(plan), allow_nan=False, separators=(",", ":")).encode()
    verify(plan)
    header = {"format": FORMAT, "version": VERSION, "sha256": sha256(text).hexdigest()}
    write_atomically(Path(path), json.dumps(header).encode() + b"\n" + text + b"\n")


def load(path: str | PathLike[str]) -> Plan:
    """The plan in the file at `path`."""
    head, _, text = read_file(Path(path)).partition(b"\n")
    text = text.removesuffix(b"\n")
    header = _header(head)
    if header.get("format") != FORMAT:
        raise PlanError(f"{path} is no file of a plan: expected one that `plan.save` wrote.")
    version = header.get("version")
    if type(version) is not int or version != VERSION:
        raise PlanError(
            f"{path} holds a plan in version {short(version)} of the format; this "
            f"gpugrad reads version {VERSION}: trace the function again and save its plan."
        )
    if sha256(text).hexdigest() != header.get("sha256"):
        raise PlanError(
            f"{path} is damaged: it holds something else than what was saved. Copy it again, or "
            "trace the function again and save its plan."
        )
    try:
        plan = _read_plan(parse(text))
        verify(plan)
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise PlanError(f"{path} holds no plan that can run: {told(error)}") from error
    return plan


def _header(line: bytes) -> dict[str, object]:
    """The first line of a file; empty where it is none of ours."""
    try:
        found = parse(line) if len(line) <= LONGEST_HEADER else None
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {}


# Plans as what JSON can hold, and back


def _write_plan(plan: Plan) -> dict[str, object]:
    return {
        "slots": [[list(slot.shape), written(slot.dtype)] for slot in plan.slots],
        "inputs": plan.inputs,
        "constants": [
            [slot, list(c.shape), written(c.dtype), b64encode(c.data).decode()]
            for slot, c in plan.constants
        ],
        "steps": [_write_step(step) for step in plan.steps],
        "outputs": plan.outputs,
        "donated": plan.donated,
    }


def _read_plan(data: object) -> Plan:
    if type(data) is not dict or {*data} != _PARTS:
        raise TypeError(f"a plan has {', '.join(sorted(_PARTS))}, and nothing else")
    return Plan(
        slots=tuple(Slot(_numbers(shape), _dtype(dtype)) for shape, dtype in data["slots"]),
        inputs=_numbers(data["inputs"]),
        constants=tuple(
            (_number(slot), Constant(_numbers(shape), _dtype(dtype), _bytes(text)))
            for slot, shape, dtype, text in data["constants"]
        ),
        steps=tuple(map(_read_step, data["steps"])),
        outputs=_numbers(data["outputs"]),
        donated=tuple((_number(slot), _number(output)) for slot, output in data["donated"]),
    )


_PARTS = {"slots", "inputs", "constants", "steps", "outputs", "donated"}


def _write_step(step: Step) -> list[object]:
    settings = [[name, _write_value(value)] for name, value in step.settings]
    body = [_write_step(inner) for inner in step.body]
    return [step.op, step.inputs, step.outputs, settings, body, step.line]


def _read_step(data: Any) -> Step:
    op, inputs, outputs, settings, body, line = data
    return Step(
        _text(op),
        _numbers(inputs),
        _numbers(outputs),
        tuple((_text(name), _read_value(value)) for name, value in settings),
        tuple(map(_read_step, body)),
        _text(line),
    )


def _write_value(value: Any) -> object:
    """A setting: JSON's own kinds stand for themselves, a list for a tuple."""
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if kind is float:
        return value if np.isfinite(value) else {"float": repr(value)}
    if kind is tuple:
        return [_write_value(part) for part in value]
    if kind is complex:
        return {"complex": [_write_value(value.real), _write_value(value.imag)]}
    if value is ...:
        return {"ellipsis": None}
    if kind is slice:
        return {"slice": [_write_value(x) for x in (value.start, value.stop, value.step)]}
    if kind is Operand:
        return {"operand": value.number}
    if kind is Plan:
        return {"plan": _write_plan(value)}
    if isinstance(value, np.dtype) and kind_of(value) in KINDS:
        return {"dtype": written(value)}
    if isinstance(value, type) and issubclass(value, np.generic):
        return {"type": written(np.dtype(value))}
    if isinstance(value, HostFunction):
        raise PlanError(
            f"a step calls {value.name}, a function of this program, which the file of a plan "
            "cannot hold: keep the function under gg.jit instead, and let it be traced again."
        )
    raise PlanError(
        f"a step has the setting {value!r} of type {kind.__name__}, which the file of a plan "
        "cannot hold: pass it as an array, or as a number, string, tuple or slice."
    )


_FLOATS = {repr(value): value for value in (float("inf"), float("-inf"), float("nan"))}

_READ: dict[str, Callable[[object], object]] = {
    "float": lambda name: _FLOATS[_text(name)],
    "complex": lambda parts: complex(*map(_real, _parts(parts, 2))),
    "ellipsis": lambda nothing: ...,
    "slice": lambda parts: slice(*map(_end, _parts(parts, 3))),
    "operand": lambda number: Operand(_number(number)),
    "plan": lambda data: _read_plan(data),
    "dtype": lambda name: _dtype(name),
    "type": lambda name: _dtype(name).type,
}


def _read_value(data: object) -> object:
    if isinstance(data, list):
        return tuple(map(_read_value, data))
    if isinstance(data, dict):
        ((kind, value),) = data.items()
        return _READ[kind](value)
    if type(data) is float and not np.isfinite(data):
        raise ValueError("a number is beyond those of float64")
    return data


def _parts(data: object, count: int) -> list[object]:
    if type(data) is not list or len(data) != count:
        raise TypeError(f"{short(data)} stands where {count} values are expected")
    return data


def _real(data: object) -> float:
    value = _read_value(data)
    if type(value) is not float:
        raise TypeError(f"{short(data)} stands where a part of a complex number is expected")
    return value


def _end(data: object) -> int | None:
    if data is not None and type(data) is not int:
        raise TypeError(f"{short(data)} stands where an end of a slice is expected")
    return data


def _text(data: object) -> str:
    if type(data) is not str:
        raise TypeError(f"{short(data)} stands where a text is expected")
    return data


def _bytes(data: object) -> bytes:
    return b64decode(_text(data), validate=True)


def _number(data: object) -> int:
    if type(data) is not int or data < 0:
        raise TypeError(f"{short(data)} stands where a number from 0 is expected")
    return data


def _numbers(data: object) -> tuple[int, ...]:
    if type(data) is not list:
        raise TypeError(f"{short(data)} stands where numbers are expected")
    return tuple(map(_number, data))


def _dtype(name: object) -> np.dtype:
    dtype = dtype_named(BFLOAT16) if name == BFLOAT16 else DTYPES.get(_text(name))
    if dtype is None:
        raise TypeError(f"{short(name)} is no dtype of numbers")
    return dtype
