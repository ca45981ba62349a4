"""Sums of products side by side, as gradients of what a whole batch shares, become one product.

The products of a batch would be written, and read again to be added up. One product whose sums go
through the batch does neither; its matrices are views of the others.
"""

from __future__ import annotations

from collections.abc import Mapping

from gpugrad.plan.passes.build import Builder
from gpugrad.plan.plan import Plan, Step

DTYPES = frozenset({"float32", "float64", "complex64", "complex128"})
"""Of which sums of products are computed as they are."""


_AXIS = ("axes", (0,))


def join_products(plan: Plan) -> Plan:
    """The plan with one product for each sum of products that nobody else reads."""
    if not [step for step in plan.steps if step.op == "sum" and _AXIS in step.settings]:
        return plan
    build, users = Builder(plan), plan.users()
    for old in plan.steps:
        step = build.resolved(old)
        if step.op != "sum" or not _join(build, users, step):
            build.add(step)
    return build.plan()


def _join(build: Builder, users: Mapping[int, int], step: Step) -> bool:
    """Write one product for a sum, if it is one over the first axis of views of products."""
    slot, total = (build.slots[x] for x in (step.inputs[0], step.outputs[0]))
    plain = _AXIS in step.settings and not step.setting("keepdims") and len(slot.shape) > 1
    if not plain or slot.dtype.name not in DTYPES or total.dtype != slot.dtype:
        return False
    views: list[Step] = []
    made = build.made_by.get(step.inputs[0])
    while made is not None and users.get(made.outputs[0]) == 1 and _keeps_first(build, made):
        views.insert(0, made)
        made = build.made_by.get(made.inputs[0])
    if made is None or users.get(made.outputs[0]) != 1:
        return False
    pair = _columns_by_rows(build, made)
    if pair is None:
        return False
    count, *shape = build.slots[made.outputs[0]].shape
    left, right = (
        _made(build, step, "reshape", x, (count, n), ("shape", (count, n)))
        for x, n in zip(pair, shape, strict=True)
    )
    left = _made(build, step, "permute_dims", left, (shape[0], count), ("axes", (1, 0)))
    value = build.slot(tuple(shape), slot.dtype)
    build.add(Step("matmul", (left, right), (value,), (), (), step.line))
    for view in views:
        after = build.slots[view.outputs[0]].shape[1:]
        if view.op == "reshape":
            value = _made(build, step, "reshape", value, after, ("shape", after))
        else:
            axes = tuple(a - 1 for a in view.setting("axes")[1:])
            value = _made(build, step, "permute_dims", value, after, ("axes", axes))
    build.replace(step.outputs[0], value)
    return True


def _keeps_first(build: Builder, step: Step) -> bool:
    """Whether a step is a view in which the first axis stays as it is."""
    if step.op == "permute_dims":
        return bool(step.setting("axes")[0] == 0)
    before, after = (build.slots[x].shape for x in (step.inputs[0], step.outputs[0]))
    return step.op == "reshape" and len(after) > 0 and before[:1] == after[:1]


def _columns_by_rows(build: Builder, step: Step) -> tuple[int, int] | None:
    """A column and a row for each part of the batch, if a step multiplies these."""
    if step.op not in ("matmul", "multiply"):
        return None
    a, b = step.inputs
    left, right = build.slots[a].shape, build.slots[b].shape
    if step.op == "multiply" and left[1:2] == (1,):
        a, b, left, right = b, a, right, left
    if len(left) != 3 or len(right) != 3 or left[0] != right[0] or left[0] < 2:
        return None
    if build.slots[a].dtype != build.slots[b].dtype:
        return None
    column, row = left[2] == 1 < left[1], right[1] == 1 < right[2]
    return (a, b) if column and row else None


def _made(
    build: Builder, step: Step, op: str, x: int, shape: tuple[int, ...], setting: tuple[str, object]
) -> int:
    """A view of a slot, for what `step` does."""
    view = build.slot(shape, build.slots[x].dtype)
    build.add(Step(op, (x,), (view,), (setting,), (), step.line))
    return view
