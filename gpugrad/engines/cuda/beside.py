"""Steps side by side: what does not wait for one another is one launch.

A graph of small kernels takes its time from one launch to the next, and the blocks of one fill no
device. So each step comes as early as it can, and those of one level share the blocks of a launch:
the gradients of a layer's weights and of what it was given, or the updates of all parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate

from gpugrad.backends.collectives import WAITS
from gpugrad.engines.cuda.given import Numbers, lines_of, words_of
from gpugrad.engines.cuda.kernel import BLOCK, Kernel
from gpugrad.engines.cuda.table import TABLE, Parameter
from gpugrad.plan.effects import has_effect, part_of
from gpugrad.plan.plan import Plan, Step
from gpugrad.plan.primitives import CHECKS, REDUCTIONS, VIEWS

MOST = 1024
"""Blocks of a launch that several steps share: more than about these do not run at once anyway."""

TAKEN = 448
"""Arrays of a launch that several steps share: a kernel takes 512 addresses at most."""

FREE = VIEWS | CHECKS | {"pack"}
"""Steps that launch nothing as a rule."""

Blocks = Callable[[Step], "int | None"]
"""How many blocks the kernel of a step has, by which it may share a launch; 0 if it may not, and
`None` for a step that cuts the graph.
"""


def side_by_side(plan: Plan, blocks: Blocks) -> Plan:
    """The plan with steps `beside`, whose `body` are the steps that share a launch.

    What waits for a sum over ranks stays where it is, so that no other step waits for it; and what
    no effect needs stays behind them, to be done while sums travel.
    """
    donors = _Donors(plan)
    effects = [part_of(step) for step in plan.steps if has_effect(step)][::-1]
    steps: list[Step] = []
    run: list[Step] = []
    for step in plan.steps:
        effect = has_effect(step)
        if effect:
            effects.pop()
        alone = part_of(step) == WAITS or cuts_graph(step, blocks(step))
        if not alone:
            run.append(step)
        if alone or (effect and effects[-1:] == [WAITS]):
            steps += _in_levels(donors, run, blocks)
            run = []
        if alone:
            steps.append(step)
    steps += _in_levels(donors, run, blocks)
    return replace(plan, steps=tuple(steps))


def cuts_graph(step: Step, blocks: int | None) -> bool:
    """Whether a step for which `Blocks` says so ends a graph."""
    return blocks is None and not _is_free(step)


def _in_levels(donors: _Donors, run: Sequence[Step], blocks: Blocks) -> list[Step]:
    """The steps between two that cut, level by level, and what is free behind its own."""
    levels = _levels(donors, run)
    steps: list[Step] = []
    for level in range(1 + max(levels, default=-1)):
        mine = [step for step, found in zip(run, levels, strict=True) if found == level]
        steps += _shared([step for step in mine if not _is_free(step)], blocks)
        steps += [step for step in mine if _is_free(step)]
    return steps


def _is_free(step: Step) -> bool:
    return step.op in FREE


class _Donors:
    """Which slots of a plan show donated inputs, and which come in their place.

    A result comes in the place of one, or what shows parts of it.
    """

    def __init__(self, plan: Plan) -> None:
        self.shown = {slot: frozenset((slot,)) for slot, _ in plan.donated}
        self.replaced: dict[int, set[int]] = {}
        for slot, output in plan.donated:
            self.replaced.setdefault(output, set()).add(slot)
        free = [step for step in plan.steps if _is_free(step)]
        for step in free:
            self.shown.update(dict.fromkeys(step.outputs, self.inside(step)))
        for step in reversed(free):
            for slot in step.outputs:
                for x in step.inputs:
                    self.replaced.setdefault(x, set()).update(self.replaced.get(slot, ()))

    def inside(self, step: Step) -> frozenset[int]:
        """Those that a step reads."""
        return frozenset().union(*(self.shown.get(slot, frozenset()) for slot in step.inputs))


def _levels(donors: _Donors, run: Sequence[Step]) -> list[int]:
    """After how many others each step comes at least; what is free, with what it shows.

    What takes the place of a donated input comes after all others that read it, and an effect after
    the effects before it, on all ranks alike.
    """
    effects = 0
    made: dict[int, int] = {}
    read: dict[int, int] = {}                       # the last level that reads a donated input
    levels = []
    for step in run:
        level = max((made.get(slot, 0) for slot in step.inputs), default=0)
        if not _is_free(step):
            taken = {donor for slot in step.outputs for donor in donors.replaced.get(slot, ())}
            level = 1 + max([level, *(read.get(donor, 0) for donor in taken)])
            if has_effect(step):
                level = effects = max(level, effects + 1)
            for slot in donors.inside(step):
                read[slot] = max(level, read.get(slot, 0))
        made.update(dict.fromkeys(step.outputs, level))
        levels.append(level)
    return levels


def _shared(steps: Sequence[Step], blocks: Blocks) -> list[Step]:
    """The steps of one level: as many in one as there are blocks for, and addresses."""
    groups: list[list[Step]] = []
    room = left = 0
    for step in steps:
        count = blocks(step) or 0
        taken = _taken(step)
        if groups and 0 < count <= room and taken <= left:
            groups[-1].append(step)
            room -= count
        else:
            groups.append([step])
            room, left = MOST - count if 0 < count <= MOST else 0, TAKEN
        left -= taken
    return [group[0] if len(group) == 1 else _beside(group) for group in groups]


def _taken(step: Step) -> int:
    """How many addresses a step takes at most: of its arrays, and of the parts of its sums."""
    sums = sum(inner.op in REDUCTIONS or inner.op == "matmul" for inner in (step, *step.body))
    return len(step.inputs) + len(step.outputs) + sums


def _beside(members: Sequence[Step]) -> Step:
    inputs = dict.fromkeys(slot for step in members for slot in step.inputs)
    outputs = tuple(slot for step in members for slot in step.outputs)
    line = next((step.line for step in members if step.line), "")
    return Step("beside", tuple(inputs), outputs, (), tuple(members), line)


def share_launch(name: str, members: Sequence[Kernel]) -> Kernel:
    """The kernel of which the blocks are those of the members, one after another.

    What the members take, it takes as pointers without a type, each slot once.
    """
    taken = dict.fromkeys(slot for kernel in members for slot in kernel.arguments)
    slots = {slot: f"a{i}" for i, slot in enumerate(taken)}
    scratch = [nbytes for kernel in members for nbytes in kernel.scratch]
    kinds = {kernel.shared: f"shared{i}" for i, kernel in enumerate(members) if kernel.shared}
    numbers = Numbers()
    ends, counters = ([*accumulate(counts, initial=0)] for counts in (
        [kernel.grid for kernel in members], [kernel.counters for kernel in members]))  # fmt: skip
    for i, kernel in enumerate(members):
        numbers("int", f"end{i}", ends[i + 1])
        if kernel.counters:
            numbers("int", f"counter{i}", counters[i])
    words = len(words_of(numbers.given))
    used = 0
    body = [f"__shared__ {kind} {known};" for kind, known in kinds.items()]
    for i, kernel in enumerate(members):
        names = [slots[slot] for slot in kernel.arguments]
        names += [f"scratch{used + k}" for k in range(len(kernel.scratch))]
        used += len(kernel.scratch)
        lines = [f"const int block = blockIdx.x - {f'end{i - 1}' if i else 0};"]
        for parameter, known in zip(kernel.parameters[kernel.table :], names, strict=False):
            lines.append(f"{parameter.declared} = static_cast<{parameter.kind}>({known});")
        lines += lines_of(kernel.given, words)
        words += len(words_of(kernel.given))
        if kernel.counters:
            lines.append(f"unsigned *done = counters + counter{i};")
        if kernel.shared:
            lines.append(f"auto &tiles = {kinds[kernel.shared]};")
        body += [
            f"if (block < end{i}) {{",
            *(f"  {line}" for line in (*lines, *kernel.body)),
            "  return;",
            "}",
        ]
    table = any(kernel.table for kernel in members)
    parameters = [TABLE] * table
    parameters += [Parameter("void *", known) for known in slots.values()]
    parameters += [Parameter("void *", f"scratch{i}") for i in range(len(scratch))]
    parameters += [Parameter("unsigned *", "counters")] * bool(counters[-1])
    return Kernel(
        name, tuple(parameters), tuple(body), tuple(slots), tuple(scratch), counters[-1], ends[-1],
        BLOCK, table, given=numbers.given,
        inside=tuple(number for kernel in members for number in kernel.given),
    )  # fmt: skip
