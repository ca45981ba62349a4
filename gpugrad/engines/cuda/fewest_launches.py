"""Which steps of a plan are launches, and in how few of them a plan can be arranged."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from gpugrad.engines.cuda import carried, cublas, gather, places, random
from gpugrad.engines.cuda.beside import cuts_graph, side_by_side
from gpugrad.engines.cuda.epilogue import add_epilogues
from gpugrad.engines.cuda.fused import blocks_of
from gpugrad.engines.cuda.kernel import BLOCK
from gpugrad.engines.cuda.product import Matrix, can_multiply, in_order, is_large, product_blocks
from gpugrad.engines.cuda.repeated import repeat_numbers
from gpugrad.plan.effects import collective
from gpugrad.plan.observers import shown
from gpugrad.plan.passes.overlap import idle, in_one, within_graphs
from gpugrad.plan.passes.why_unfused import unfusable
from gpugrad.plan.plan import Plan, Slot, Step
from gpugrad.plan.primitives import VIEWS


def is_launched(slots: tuple[Slot, ...], step: Step) -> bool:
    """Whether a step needs no call of CuPy."""
    if step.op == "matmul":
        return can_multiply(slots, step)
    if step.op == "concat":                         # one behind the other, as in a pack
        return prod(slots[step.outputs[0]].shape[: step.setting("axis")]) == 1
    if step.op in ("getitem", "add_at"):
        return gather.can_take(slots, step) or gather.can_add(slots, step)
    if step.op in places.STEPS:
        return places.can_find(slots, step)
    if step.op in ("fused", "pack", "product") or step.op in random.STEPS:
        return True
    return carried.is_carried(step)


def is_of_library(
    slots: tuple[Slot, ...], step: Step, operands: tuple[Matrix, Matrix]
) -> bool:
    """Whether cuBLAS does a product."""
    return is_large(slots, step, *operands) and cublas.library() is not None


def arranged(plan: Plan) -> Plan:
    """The plan, after fusion, in as few launches as it takes.

    What follows small products element by element is a part of these, and what does not wait for
    one another is one. Of sums over ranks in two steps, those remain beside which something runs in
    their graph.
    """
    turned = transposes(plan)

    def is_ours(step: Step) -> bool:
        if not can_multiply(plan.slots, step):      # of vectors, say
            return False
        return not is_of_library(plan.slots, step, matrices(turned, plan.slots, step))

    plan = shown(repeat_numbers(plan), "repeated")
    plan = shown(add_epilogues(plan, is_ours), "epilogue")

    def blocks(step: Step) -> int | None:
        if step.op == "fused":
            return blocks_of(step, plan.slots)
        if step.op == "product" or (step.op == "matmul" and is_ours(step)):
            product = (*step.body, step)[0]
            return product_blocks(plan.slots, product)
        if not is_launched(plan.slots, step):
            return None
        if step.op in places.STEPS:
            return places.find_blocks(plan.slots, step)
        one_each = step.op in ("getitem", "add_at")
        return -(-plan.slots[step.outputs[0]].size // BLOCK) if one_each else 0

    found = {id(step): blocks(step) for step in plan.steps}
    plan = within_graphs(plan, lambda step: cuts_graph(step, found[id(step)]))
    made = side_by_side(plan, lambda step: found[id(step)])
    missed = idle(made)
    if missed:
        plan = in_one(plan, missed)
        found |= {id(step): blocks(step) for step in plan.steps if id(step) not in found}
        made = side_by_side(plan, lambda step: found[id(step)])
    return shown(made, "beside")


def matrices(
    turned: Mapping[int, Matrix], slots: tuple[Slot, ...], step: Step
) -> tuple[Matrix, Matrix]:
    """Where the operands of a product lie; `turned` are the transposes that need not be made."""
    left, right = (turned.get(slot) or in_order(slots, slot) for slot in step.inputs)
    return left, right


def transposes(plan: Plan) -> dict[int, Matrix]:
    """The slots that a product can read where they come from, with rows for columns."""
    found: dict[int, Matrix] = {}
    made = {slot: step for step in plan.steps for slot in step.outputs}
    for slot, step in made.items():
        if step.op != "permute_dims":
            continue
        axes, x = step.setting("axes"), step.inputs[0]
        n = len(axes)
        swapped = n in (2, 3) and axes == (*range(n - 2), n - 1, n - 2)
        if swapped and (x not in made or made[x].op not in VIEWS):
            matrix = in_order(plan.slots, x)
            found[slot] = Matrix(x, matrix.step, matrix.row, matrix.next)
    return found


def reason_called(plan: Plan, step: Step) -> str:
    """Why a step that needs a call of CuPy, outside of all graphs, does."""
    kinds = [plan.slots[slot] for slot in step.inputs]
    call = collective(step)
    if call is not None:
        return f"carried by {call.world.transport}"
    if step.op in ("matmul", "getitem", "add_at"):
        why = f"none is written for {' and '.join(map(str, kinds))}"
    elif step.op == "concat":
        why = f"along axis {step.setting('axis')} its parts do not lie one behind the other"
    else:
        why = unfusable(plan, step) or "they do not fit the regions of this engine"
    return f"no kernel is generated for {step.op} of these arrays: {why}"
