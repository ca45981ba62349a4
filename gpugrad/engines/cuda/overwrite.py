"""Which results a kernel may write over what it reads."""

from __future__ import annotations

from gpugrad.plan.plan import Plan, Step
from gpugrad.plan.regions import ELEMENT, Region, phases_of


def in_place(plan: Plan, step: Step, operand: int, result: int) -> bool:
    """Whether the kernel of a step may write that result over that operand, both given by number.

    Only where each element is read by the thread that writes it, and before it does: not where
    elements are computed again in a later walk over the row, or picked by a label.
    """
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
    region = Region(plan.slots, step.body[len(ahead) :], step.setting("shape"))
    reading = [inner for inner in region.steps if slot in inner.inputs]
    return (
        region.kinds[output] == ELEMENT
        and all(region.operand_kind(slot, inner) == ELEMENT for inner in reading)
        and max(phases_of(region).values()) <= 0
        and all(inner.op != "nll" for inner in region.steps)
    )
