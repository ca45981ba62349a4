"""A plan as text that a person can read."""

from __future__ import annotations

from textwrap import indent
from typing import Any

from gpugrad.executor.plan import Operand, Plan, Step


def listing(plan: Plan) -> str:
    """Inputs, one line for each step, outputs: `%12 = add %3 %4   float32[32, 16]   6.0 KiB`.

    The plans inside a step stand indented below it.
    """
    constants = dict(plan.constants)
    lines = [f"inputs   {' '.join(_named(plan, slot) for slot in plan.inputs)}"]
    rows = [_row(plan, step, constants) for step in plan.steps]
    width = max((len(left) for left, _ in rows), default=0)
    for step, (left, right) in zip(plan.steps, rows, strict=True):
        lines.append(f"{left:<{width}}   {right}")
        for name, value in step.settings:
            if isinstance(value, Plan):
                lines += [f"    {name}:", indent(listing(value), " " * 6)]
    given = {output: slot for slot, output in plan.donated}
    outputs = " ".join(
        f"%{slot}" + (f" (in place of %{given[slot]})" if slot in given else "")
        for slot in plan.outputs
    )
    return "\n".join([*lines, f"outputs  {outputs}"])


def _row(plan: Plan, step: Step, constants: dict[int, Any]) -> tuple[str, str]:
    made = " ".join(f"%{slot}" for slot in step.outputs)
    used = " ".join(_operand(slot, constants) for slot in step.inputs)
    settings = " ".join(
        f"{name}={_setting(value)}" for name, value in step.settings if not isinstance(value, Plan)
    )
    kinds = " ".join(str(plan.slots[slot]) for slot in step.outputs)
    left = " ".join(part for part in (f"  {made} = {step.op}", used, settings) if part)
    return left, f"{kinds}  {_bytes(plan.moved(step))}"


def _named(plan: Plan, slot: int) -> str:
    return f"%{slot}:{plan.slots[slot]}"


def _operand(slot: int, constants: dict[int, Any]) -> str:
    constant = constants.get(slot)
    if constant is None or constant.shape:
        return f"%{slot}"
    return f"{constant.array().item():g}" if constant.dtype.kind in "iuf" else f"%{slot}"


def _setting(value: Any) -> str:
    if isinstance(value, Operand):
        return f"#{value.number}"
    if isinstance(value, tuple):
        return f"({','.join(map(_setting, value))})"
    if isinstance(value, slice):
        return ":".join("" if x is None else str(x) for x in (value.start, value.stop, value.step))
    return str(value)


def _bytes(n: int) -> str:
    size = float(n)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024 or unit == "GiB":
            break
        size /= 1024
    return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
