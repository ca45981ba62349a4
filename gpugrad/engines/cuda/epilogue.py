"""Products that go on with their elements: bias and activation in the kernel of the product.

What follows a product element by element needs no kernel of its own, nor a pass over the result: a
thread computes it for the elements that it has just summed up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from gpugrad.engines.cuda.kernel import Kernel
from gpugrad.engines.cuda.product import Matrix, product_kernel
from gpugrad.engines.cuda.rows import RowKernelWriter
from gpugrad.plan.plan import Plan, Slot, Step
from gpugrad.plan.primitives import REDUCTIONS
from gpugrad.plan.regions import COLUMN, ELEMENT, ONE, Region


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
    region = Region(slots, step.body, step.setting("shape"))
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
    if not late or not Region(slots, behind, step.setting("shape")).valid:
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
    region = Region(slots, step.body, shape)
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
    writer = _Epilogue(name, fused, slots, numbers, words, {})
    writer.product = result
    ahead, lines = writer.numbers_ahead(), writer.lines()
    return product_kernel(
        name, product, slots, operands, words, ahead, lines, read, step.outputs, writer.given
    )


def read_after(step: Step) -> list[int]:
    """The operands that are read element by element after the product, also if it reads them."""
    return [slot for slot in step.inputs if any(slot in part.inputs for part in step.body[1:])]


class _Epilogue(RowKernelWriter):
    """Writes what is done with the element `value` in row `r` and column `j`."""

    product = -1

    def numbers_ahead(self) -> list[str]:
        """What there is one of for all elements."""
        return self._values(one=True)

    def lines(self) -> list[str]:
        whole = self.region.rows == 1               # one loop over all elements, or one row
        head = [
            f"const {self._index} at = r * ({self._index})n;",
            f"const {self._index} c = {'at + j' if whole else 'j'};",
            f"const {self._type(self.product)} v{self.product} = value;",
        ]
        place = "c" if whole else "at + c"
        stored = [f"s{slot}[{place}] = v{slot};" for slot in self.outputs]
        return [*head, *self._values(one=False), *stored]

    def _values(self, *, one: bool) -> list[str]:
        return [
            self._declared(part.outputs[0], self._value(part))
            for part in self.region.steps
            if (self.region.kinds[part.outputs[0]] == ONE) == one
        ]

    def _operand(self, slot: int, step: Step) -> str:
        return f"v{slot}" if slot == self.product else super()._operand(slot, step)
