"""Products that go on with their elements: bias and activation in the kernel of the product.

What follows a product element by element needs no kernel of its own, nor a pass over the result: a
thread computes it for the elements that it has just summed up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from gpugrad.executor.engines.cuda.kernel import Kernel, KernelWriter
from gpugrad.executor.engines.cuda.product import Matrix, product_kernel
from gpugrad.executor.plan import Plan, Slot, Step
from gpugrad.executor.regions import ELEMENT, REDUCTIONS, Region


def add_epilogues(plan: Plan, allows: Callable[[Step], bool]) -> Plan:
    """The plan with steps `product`, of a product and the fused step that alone reads its result.

    `allows` says of a product whether a kernel of ours does it.
    """
    users = plan.users()
    products = {
        step.outputs[0]: step
        for step in plan.steps
        if step.op == "matmul" and users.get(step.outputs[0]) == 1 and allows(step)
    }
    steps: dict[int, Step] = dict(enumerate(plan.steps))
    places = {step.outputs: i for i, step in steps.items() if step.outputs}
    for i, step in enumerate(plan.steps):
        read = [slot for slot in step.inputs if slot in products]
        if step.op != "fused" or len(read) != 1 or not _goes_on(plan.slots, step, read[0]):
            continue
        product = products[read[0]]
        others = [slot for slot in step.inputs if slot != read[0] and slot not in product.inputs]
        steps[i] = Step(
            "product",
            (*product.inputs, *others),
            step.outputs,
            step.settings,
            (product, *step.body),
            step.line or product.line,
        )
        del steps[places[product.outputs]]
    return replace(plan, steps=tuple(steps[i] for i in sorted(steps)))


def _goes_on(slots: tuple[Slot, ...], step: Step, product: int) -> bool:
    """Whether each element of `step` needs that one of the product alone."""
    shape = step.setting("shape")
    region = Region(slots, step.body, shape)
    return (
        len(shape) == 2
        and slots[product].shape == shape
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
    numbers: Mapping[int, Any],
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
    lines = writer.lines()
    return product_kernel(name, product, slots, operands, words, lines, read, step.outputs)


def read_after(step: Step) -> list[int]:
    """The operands that are read element by element after the product, also if it reads them."""
    return [slot for slot in step.inputs if any(slot in part.inputs for part in step.body[1:])]


class _Epilogue(KernelWriter):
    """Writes what is done with the element `value` in row `r` and column `j`."""

    product = -1

    def lines(self) -> list[str]:
        whole = self.region.rows == 1               # one loop over all elements, or one row
        columns = self.slots[self.product].shape[-1]
        head = [
            f"const {self._index} at = r * ({self._index}){columns};",
            f"const {self._index} c = {'at + j' if whole else 'j'};",
            f"const {self._type(self.product)} v{self.product} = value;",
        ]
        values = [
            self._declared(part.outputs[0], self._value(part)) for part in self.region.steps
        ]
        place = "c" if whole else "at + c"
        stored = [f"s{slot}[{place}] = v{slot};" for slot in self.outputs]
        return [*head, *values, *stored]

    def _operand(self, slot: int, step: Step) -> str:
        return f"v{slot}" if slot == self.product else super()._operand(slot, step)
