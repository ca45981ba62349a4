"""Which results a kernel may write over what it reads."""

from __future__ import annotations

from dataclasses import replace

from gpugrad.backends.collectives import WAITS
from gpugrad.engines.cuda.reduced import reads_once
from gpugrad.plan.effects import part_of
from gpugrad.plan.nest import PICK, nest_of
from gpugrad.plan.plan import Plan, Step


def in_place(plan: Plan, step: Step, operand: int, result: int) -> bool:
    """Whether the kernel of a step may write that result over that operand, both given by number.

    Only where each element is read by the thread that writes it, and before it does: not where
    elements are computed again in a later walk over the row, or picked by a label.
    """
    if part_of(step) == WAITS:                      # after which nobody needs the terms either
        return True
    slot, output = step.inputs[operand], step.outputs[result]
    if step.op == "beside":                         # whose members run at the same time
        (reader, *others) = (member for member in step.body if slot in member.inputs)
        return (
            not others
            and output in reader.outputs
            and in_place(plan, reader, reader.inputs.index(slot), reader.outputs.index(output))
        )
    ahead = step.body[:1] if step.op == "product" else ()
    matrices = [x for product in ahead for x in product.inputs]
    if not (ahead or step.op == "fused") or slot in matrices:
        return False
    if plan.slots[slot] != plan.slots[output]:
        return False
    use = nest_of(replace(step, body=step.body[len(ahead) :]), plan.slots, ())
    each = tuple(range(use.nest.axes))
    lying = [access.axes for access, used in zip(use.nest.accesses, use.slots, strict=True)
             if used in (slot, output)]  # fmt: skip
    picks = any(part.op == PICK for part in use.nest.values)
    return all(axes == each for axes in lying) and reads_once(use.nest) and not picks
