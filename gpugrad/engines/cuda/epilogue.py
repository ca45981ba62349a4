"""Products that go on with their elements: bias and activation in the kernel of the product.

What follows a product element by element needs no kernel of its own, nor a pass over the result: a
thread computes it for the elements that it has just summed up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from gpugrad.engines.cuda.kernel import Kernel, Lines
from gpugrad.engines.cuda.nest_values import NestValues
from gpugrad.engines.cuda.product import Matrix, product_kernel
from gpugrad.plan.nest import nest_of
from gpugrad.plan.plan import Plan, Slot, Step
from gpugrad.plan.primitives import REDUCTIONS
from gpugrad.plan.regions import COLUMN, ELEMENT, ONE, region_of


def add_epilogues(plan: Plan, allows: Callable[[Step], bool]) -> Plan:
    """The plan with steps `product`, of a product and the fused step that alone reads its result.

    Where such a step sums its elements over all rows, the sums stay a step of their own: nobody
    waits for these, but for the elements. `allows` says of a product whether a kernel of ours does
    it.
    """
    users = plan.users()
    products = {
        step.outputs[0]: step
        for step in plan.steps
        if step.op == "matmul" and users.get(step.outputs[0]) == 1 and allows(step)
    }
    joined: set[int] = set()
    steps: list[Step] = []
    for step in plan.steps:
        read = [slot for slot in step.inputs if slot in products]
        parts = _parted(plan.slots, step) if step.op == "fused" and len(read) == 1 else ()
        if not parts or not _goes_on(plan.slots, read[0], *parts):
            steps.append(step)
            continue
        joined.update(read)
        product, (first, *sums) = products[read[0]], parts
        others = [slot for slot in first.inputs if slot != read[0] and slot not in product.inputs]
        steps.append(
            Step(
                "product",
                (*product.inputs, *others),
                first.outputs,
                first.settings,
                (product, *first.body),
                first.line or product.line,
            )
        )
        steps += sums
    kept = (s for s in steps if s.op != "matmul" or joined.isdisjoint(s.outputs))
    return replace(plan, steps=tuple(kept))


def _parted(slots: tuple[Slot, ...], step: Step) -> tuple[Step, ...]:
    """A fused step as it is; or its elements, and what is summed of them over all rows.

    Only where no more arrays are written than the product and the step would write.
    """
    region = region_of(slots, step)
    if all(inner.op not in REDUCTIONS for inner in step.body):
        return (step,)
    wanted = {
        inner.outputs[0] for inner in step.body if region.kinds[inner.outputs[0]] == ELEMENT
    }
    for inner in reversed(step.body):
        if inner.outputs[0] in wanted:
            wanted.update(inner.inputs)
    ahead = tuple(inner for inner in step.body if inner.outputs[0] in wanted)
    behind = tuple(inner for inner in step.body if inner.outputs[0] not in wanted)
    late = all(region.kinds[inner.outputs[0]] in (COLUMN, ONE) for inner in behind)
    first = _part(step, ahead, {slot for inner in behind for slot in inner.inputs})
    sums = _part(step, behind, set())
    if not late or not region_of(slots, replace(step, body=behind)).valid:
        return ()
    few = len(first.outputs) <= 1 + sum(slot in wanted for slot in step.outputs)
    return (first, sums) if few else ()


def _part(step: Step, body: tuple[Step, ...], read: set[int]) -> Step:
    """A fused step of some steps of another one, of which the others read these slots."""
    made = [inner.outputs[0] for inner in body]
    inputs = dict.fromkeys(slot for inner in body for slot in inner.inputs if slot not in made)
    outputs = tuple(slot for slot in made if slot in step.outputs or slot in read)
    return Step("fused", tuple(inputs), outputs, step.settings, body, step.line)


def _goes_on(slots: tuple[Slot, ...], product: int, step: Step, *sums: Step) -> bool:
    """Whether each element of `step` needs that one of the product alone, and `sums` none of it."""
    shape = step.setting("shape")
    region = region_of(slots, step)
    return (
        len(shape) == 2
        and slots[product].shape == shape
        and product in step.inputs
        and all(product not in other.inputs for other in sums)
        and all(inner.op not in REDUCTIONS and inner.op != "nll" for inner in step.body)
        and all(region.kinds[slot] == ELEMENT for slot in step.outputs)
        and all(
            region.operand_kind(product, inner) == ELEMENT
            for inner in step.body
            if product in inner.inputs
        )
    )


def write_epilogue(
    name: str,
    step: Step,
    slots: tuple[Slot, ...],
    numbers: Mapping[int, object],
    operands: tuple[Matrix, Matrix],
    words: Mapping[int, int],
) -> Kernel:
    """The kernel of a step that `add_epilogues` made; `operands` are the matrices."""
    product, *body = step.body
    (result,) = product.outputs
    read = [slot for slot in read_after(step) if slot not in numbers]
    fused = Step("fused", (*read, result), step.outputs, step.settings, tuple(body))
    writer = _Epilogue(nest_of(fused, slots, numbers.keys()), slots, numbers, {})
    ahead, lines = writer.ahead(), writer.each(result)
    return product_kernel(
        name, product, slots, operands, words, ahead, lines, read, step.outputs, writer.given
    )


def read_after(step: Step) -> list[int]:
    """The operands that are read element by element after the product, also if it reads them."""
    return [slot for slot in step.inputs if any(slot in part.inputs for part in step.body[1:])]


class _Epilogue(NestValues):
    """Writes what is done with the element `value` in row `r` and column `j`."""

    slack = 0
    product = -1
    """The slot whose element is there already."""

    def ahead(self) -> Lines:
        """What there is one of for all elements."""
        return self.lines(i for i, part in enumerate(self.values) if not part.depth)

    def each(self, product: int) -> Lines:
        """The lines for each element of that slot."""
        self.product = product
        lines = self.lines(i for i, part in enumerate(self.values) if part.depth)
        lines += [f"{self.element(access)} = v{i};" for i, access in self.nest.stores]
        # One loop over all elements, or one row, and its only axis.
        column = "j" if self.last else f"r * ({self.index})n + j"
        places = [("c", column), ("at", f"r * ({self.index})n")]
        return [*self.asked_for(places, lines), *lines]

    @property
    def at(self) -> str:
        return "at + c" if self.last else "c"

    def element(self, access: int) -> str:
        return "value" if self.use.slots[access] == self.product else super().element(access)
