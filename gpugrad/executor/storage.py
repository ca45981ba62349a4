"""Plans in files: two lines of JSON, a header with a checksum and the plan.

A file says what to compute, never how: it holds numbers, names of known operations and arrays of
numbers. Engines write source from plans, so everything that can get there is checked.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from gpugrad.atomic import write_atomically
from gpugrad.errors import PlanError
from gpugrad.executor.plan import Constant, Operand, Plan, Slot, Step

FORMAT, VERSION = "gpugrad plan", 1

_KINDS = frozenset("biufc")                         # of dtypes that are numbers
_FREE = frozenset({"args", "kwargs"})               # settings that do not become source
_NUMPY = frozenset(
    """
    all any arange argmax argmin argsort astype broadcast_to ceil clip concat copysign cumprod
    cumsum diff einsum empty_like expand_dims eye flip floor full full_like linspace matmul
    matrix_transpose max mean meshgrid min moveaxis ones ones_like outer pad permute_dims prod
    repeat reshape roll round searchsorted sort squeeze stack std sum take take_along_axis
    tensordot tile trace tril triu unstack var vecdot where zeros zeros_like
    """.split()
)
"""Functions of NumPy, besides its ufuncs, that a step may call."""


def save(plan: Plan, path: str | PathLike[str]) -> None:
    """Writes a plan to `path`."""
    text = json.dumps(_write_plan(plan), allow_nan=False, separators=(",", ":")).encode()
    _check(plan)
    header = {"format": FORMAT, "version": VERSION, "sha256": sha256(text).hexdigest()}
    write_atomically(Path(path), json.dumps(header).encode() + b"\n" + text + b"\n")


def load(path: str | PathLike[str]) -> Plan:
    """The plan in the file at `path`."""
    head, _, text = Path(path).read_bytes().partition(b"\n")
    text = text.removesuffix(b"\n")
    try:
        header = json.loads(head)
    except ValueError:
        header = None
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise PlanError(f"{path} is no file of a plan: wanted is one that `plan.save` wrote.")
    if header.get("version") != VERSION:
        raise PlanError(
            f"{path} holds a plan in version {header.get('version')!r} of the format; this "
            f"gpugrad reads version {VERSION}: record the function again and save its plan."
        )
    if sha256(text).hexdigest() != header.get("sha256"):
        raise PlanError(
            f"{path} is damaged: it holds something else than what was saved. Copy it again, or "
            "record the function again and save its plan."
        )
    try:
        plan = _read_plan(json.loads(text))
        _check(plan)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise PlanError(f"{path} holds no plan that can run: {error}") from error
    return plan


# Plans as what JSON can hold, and back


def _write_plan(plan: Plan) -> dict[str, Any]:
    return {
        "slots": [[list(slot.shape), slot.dtype.str] for slot in plan.slots],
        "inputs": plan.inputs,
        "constants": [
            [slot, list(c.shape), c.dtype.str, b64encode(c.data).decode()]
            for slot, c in plan.constants
        ],
        "steps": [_write_step(step) for step in plan.steps],
        "outputs": plan.outputs,
        "donated": plan.donated,
    }


def _read_plan(data: Any) -> Plan:
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


def _write_step(step: Step) -> list[Any]:
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


def _write_value(value: Any) -> Any:
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
    if isinstance(value, np.dtype) and value.kind in _KINDS:
        return {"dtype": value.str}
    if isinstance(value, type) and issubclass(value, np.generic):
        return {"type": np.dtype(value).str}
    raise PlanError(
        f"a step has the setting {value!r} of type {kind.__name__}, which the file of a plan "
        "cannot hold: pass it as an array, or as a number, string, tuple or slice."
    )


_READ: dict[str, Callable[[Any], Any]] = {
    "float": float,
    "complex": lambda parts: complex(*map(_read_value, parts)),
    "ellipsis": lambda nothing: ...,
    "slice": lambda parts: slice(*map(_read_value, parts)),
    "operand": lambda number: Operand(_number(number)),
    "plan": lambda data: _read_plan(data),
    "dtype": lambda name: _dtype(name),
    "type": lambda name: _dtype(name).type,
}


def _read_value(data: Any) -> Any:
    if isinstance(data, list):
        return tuple(map(_read_value, data))
    if isinstance(data, dict):
        ((kind, value),) = data.items()
        return _READ[kind](value)
    return data


def _text(data: Any) -> str:
    if type(data) is not str:
        raise TypeError(f"{data!r} stands where a text is wanted")
    return data


def _bytes(data: Any) -> bytes:
    return b64decode(_text(data), validate=True)


def _number(data: Any) -> int:
    if type(data) is not int or data < 0:
        raise TypeError(f"{data!r} stands where a number from 0 is wanted")
    return data


def _numbers(data: Any) -> tuple[int, ...]:
    return tuple(map(_number, data))


def _dtype(name: Any) -> np.dtype[Any]:
    dtype = np.dtype(_text(name))
    if dtype.kind not in _KINDS:
        raise TypeError(f"{name!r} is no dtype of numbers")
    return dtype


# What a plan must be so that it can run, and runs nothing else


def _check(plan: Plan) -> None:
    """Raises `PlanError` unless every name is known and every slot computed before it is read."""
    known = set(plan.inputs) | {slot for slot, _ in plan.constants}
    for slot, constant in plan.constants:
        if Slot(constant.shape, constant.dtype) != plan.slots[slot]:
            raise PlanError(f"the constant %{slot} is not what its slot says")
        if len(constant.data) != plan.slots[slot].nbytes:
            raise PlanError(f"the constant %{slot} has {len(constant.data)} bytes")
    for step in plan.steps:
        _check_step(step, known, len(plan.slots))
    pairs = {slot for pair in plan.donated for slot in pair}
    if not {*plan.outputs, *pairs} <= known:
        raise PlanError("a result is computed nowhere")
    if not {slot for slot, _ in plan.donated} <= set(plan.inputs):
        raise PlanError("something is donated that is no input")


def _check_step(step: Step, known: set[int], count: int) -> None:
    """Checks a step that reads some of the `known` slots, of `count` in all; adds its results."""
    if not known.issuperset(step.inputs):
        raise PlanError(f"a step {step.op} reads what was not computed before")
    if not known.isdisjoint(step.outputs) or max(step.outputs, default=0) >= count:
        raise PlanError(f"a step {step.op} computes what is there before, or no slot of the plan")
    known.update(step.outputs)
    if step.body:
        inside = set(step.inputs)
        for inner in step.body:
            _check_step(inner, inside, count)
        if not inside.issuperset(step.outputs):
            raise PlanError(f"a step {step.op} has results that its body does not compute")
    elif not is_known(step.op) or bool(step.outputs) == (step.op == "check_labels"):
        raise PlanError(
            f"{step.op!r} is no operation that the file of a plan may name: those of gpugrad, "
            "NumPy's ufuncs, and functions of arrays alone"
        )
    for name, value in step.settings:
        _check_value(value, free=name in _FREE)


def _check_value(value: Any, free: bool) -> None:
    if isinstance(value, tuple):
        for part in value:
            _check_value(part, free)
    elif isinstance(value, slice):
        _check_value((value.start, value.stop, value.step), free)
    elif isinstance(value, Plan):
        _check(value)
    elif isinstance(value, str) and not free and not value.isidentifier():
        raise PlanError(f"a setting is the text {value!r}")


@cache
def is_known(op: str) -> bool:
    """Whether a step of that name computes with arrays, and does nothing else."""
    from gpugrad.backends import numpy_namespace
    from gpugrad.executor.engines import calls, interpret
    from gpugrad.executor.passes.memory import VIEWS
    from gpugrad.executor.scalars import SCALARS

    named = {*SCALARS, *calls.CALLS, *VIEWS, *interpret.SPECIAL, *interpret.CONTROL, "check_labels"}
    if op in named or op in _NUMPY:
        return True
    ours = any(op in vars(kind) for kind in type(numpy_namespace).__mro__[:-1])
    return not op.startswith("_") and (ours or isinstance(getattr(np, op, None), np.ufunc))
