"""A plan as text that a person can read, and the difference of two.

    inputs   %0 float32[32, 4]   %1 float32[4, 3]
     1   %2 = matmul %0 %1         float32[32, 3]   944 B   train.py:12
     2   %3 = fused %2             float32[32, 3]   768 B   train.py:13
         %4 = tanh %2              float32[32, 3]
         %3 = multiply %4 %4       float32[32, 3]
    outputs  %3

Slots are numbered anew in the order in which they appear, so that the text of a plan does not
depend on how passes came to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff
from itertools import zip_longest
from pathlib import PurePath
from textwrap import indent, wrap
from typing import Any

from gpugrad.backends import kind_of
from gpugrad.plan.plan import Constant, Operand, Plan, Slot, Step

WIDTH = 110
"""Columns of a listing."""

_TITLE, _NARROWEST, _LINE = 11, 36, 24


@dataclass(frozen=True)
class Block:
    """A step to print: what it does, what it makes, bytes moved, and where it comes from.

    `made` is the type of each result, with a note on its memory. `inside` are the blocks below it,
    of which only text and types are printed, `plans` what its settings hold. `heading` stands above
    it and `remark` below.
    """

    text: str
    made: tuple[tuple[str, str], ...]
    moved: str = ""
    line: str = ""
    inside: tuple[Block, ...] = ()
    plans: tuple[tuple[str, Plan], ...] = ()
    heading: str = ""
    remark: str = ""


class Names:
    """The names of slots in a listing: numbers in the order of first use."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._constants = dict(plan.constants)
        self._names: dict[int, str] = {}
        for slot in plan.inputs:
            self(slot)

    def __call__(self, slot: int) -> str:
        """The name of a slot; a constant without axes is its value."""
        constant = self._constants.get(slot)
        if constant is not None and not constant.shape and kind_of(constant.dtype) in "biuf":
            return _number(constant)
        return self._names.setdefault(slot, f"%{len(self._names)}")

    def arrays(self) -> Iterator[tuple[str, Slot]]:
        """The constants that have axes, by name, as far as they were used."""
        for slot in self._constants:
            if slot in self._names:
                yield self._names[slot], self._plan.slots[slot]


def listing(plan: Plan, width: int = WIDTH) -> str:
    """Inputs, one block of lines for each step, outputs."""
    names = Names(plan)
    blocks = [block(plan, step, names) for step in plan.steps]
    body = table(blocks, width=width)
    ends = wrapped("outputs", outputs(plan, names), width)
    return "\n".join([*inputs(plan, names, width), *body, *ends])


def inputs(plan: Plan, names: Names, width: int = WIDTH) -> list[str]:
    """The inputs, and the constants that steps named so far and that have axes."""
    lines = wrapped("inputs", [f"{names(i)} {plan.slots[i]}" for i in plan.inputs], width)
    arrays = [f"{name} {slot}" for name, slot in names.arrays()]
    return lines + (wrapped("constants", arrays, width) if arrays else [])


def diff(before: Plan, after: Plan) -> str:
    """What is not the same in the listings of two plans, but for the lines that they come from.

    Empty where they do the same.
    """
    old, new = (listing(_without_lines(plan)).splitlines() for plan in (before, after))
    lines = unified_diff(old, new, "before", "after", lineterm="")
    return "\n".join(lines) or _hidden(before, after)


def _said(step: Step) -> Iterator[tuple[str, Any]]:
    """The settings of a step that say something.

    Those of a call come by their own names, and its operands only where they are not those of the
    step in order.
    """
    for name, value in step.settings:
        if name == "kwargs":
            yield from value
        elif name == "args" and value == tuple(map(Operand, range(len(step.inputs)))):
            continue
        elif not isinstance(value, Plan) and value is not False:
            yield name, value


def block(
    plan: Plan,
    step: Step,
    names: Names,
    memory: Callable[[int], str] = lambda slot: "",
    moved: int | None = None,
) -> Block:
    """A step to print. `memory` says of a slot where it lies."""
    if len(step.body) == 1:
        step = replace(step.body[0], line=step.line)
    inside = tuple(block(plan, part, names) for part in step.body)
    made = tuple((str(plan.slots[slot]), memory(slot)) for slot in step.outputs)
    settings = " ".join(f"{name}={_setting(value)}" for name, value in _said(step))
    used = " ".join(names(slot) for slot in step.inputs)
    results = " ".join(names(slot) for slot in step.outputs)
    does = " ".join(part for part in (step.op, used, settings) if part)
    return Block(
        f"{results} = {does}" if results else does,
        made,
        size(plan.moved(step) if moved is None else moved),
        place(step.line),
        inside,
        tuple((name, value) for name, value in step.settings if isinstance(value, Plan)),
    )


def outputs(plan: Plan, names: Names) -> list[str]:
    """The outputs by name, with the input whose memory each takes."""
    given = {output: slot for slot, output in plan.donated}
    return [
        names(slot) + (f" in place of {names(given[slot])}" if slot in given else "")
        for slot in plan.outputs
    ]


def table(blocks: Sequence[Block], width: int = WIDTH) -> list[str]:
    """The blocks as numbered lines in columns."""
    columns = _Columns(blocks, width)
    lines: list[str] = []
    for i, b in enumerate(blocks, start=1):
        if b.heading:
            lines.append(b.heading)
        lines += columns.rows(b, str(i))
        if b.remark:
            lines += wrapped(" " * columns.left, [b.remark], width)
        for part in b.inside:
            lines += columns.rows(replace(part, text=f"  {part.text}", moved="", line=""))
        for name, plan in b.plans:
            lines += [f"    {name}:", indent(listing(plan, width - 6), " " * 6)]
    return lines


class _Columns:
    """The widths of columns: number, text, type, bytes moved, memory, line."""

    def __init__(self, blocks: Sequence[Block], width: int) -> None:
        everything = [*blocks, *(part for b in blocks for part in b.inside)]
        self.left = len(str(len(blocks))) + 4
        self.kind = max((len(kind) for b in everything for kind, _ in b.made), default=0)
        self.moved = max((len(b.moved) for b in blocks), default=0)
        self.note = max((len(note) for b in blocks for _, note in b.made), default=0)
        line = max((len(b.line) for b in blocks), default=0)
        others = sum(n + 3 for n in (self.kind, self.moved, self.note, line) if n)
        text = max((len(b.text) + 2 for b in everything), default=0)
        self.text = min(text, max(width - self.left - others, _NARROWEST))

    def rows(self, b: Block, number: str = "") -> Iterator[str]:
        """A line, and more where the text is too long or there are several results."""
        texts = wrap(b.text, self.text, subsequent_indent="    ", break_on_hyphens=False)
        rest = (number, b.moved, b.line)
        for text, made in zip_longest(texts, b.made):
            kind, note = made or ("", "")
            label, moved, line = rest
            cells = [
                f"{label:>{self.left - 3}}", f"{text or '':<{self.text}}", f"{kind:<{self.kind}}",
                f"{moved:>{self.moved}}", f"{note:<{self.note}}" if self.note else line, line,
            ]  # fmt: skip
            yield "   ".join(cells if self.note else cells[:-1]).rstrip()
            rest = ("", "", "")


def wrapped(title: str, parts: Iterable[str], width: int = WIDTH) -> list[str]:
    """The parts after a title, in as many lines as they need."""
    lines, current = [], ""
    for part in parts:
        longer = f"{current}   {part}" if current else part
        if current and len(longer) + _TITLE > width:
            lines.append(current)
            longer = part
        current = longer
    lines.append(current)
    titles = [title, *("" for _ in lines[1:])]
    return [f"{t:<{_TITLE}}{x}".rstrip() for t, x in zip(titles, lines, strict=True)]


def place(line: str) -> str:
    """`file:line` without the folder, and shortened."""
    name = PurePath(line).name
    return name if len(name) <= _LINE else f"…{name[1 - _LINE:]}"


def size(n: int) -> str:
    """A number of bytes."""
    amount = float(n)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024 or unit == "GiB":
            break
        amount /= 1024
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"


def _without_lines(plan: Plan) -> Plan:
    steps = []
    for step in plan.steps:
        settings = tuple(
            (name, _without_lines(value) if isinstance(value, Plan) else value)
            for name, value in step.settings
        )
        steps.append(replace(step, settings=settings, line=""))
    return replace(plan, steps=tuple(steps))


def _hidden(before: Plan, after: Plan) -> str:
    """What listings do not show: the values of constants."""
    values = [[constant for _, constant in plan.constants] for plan in (before, after)]
    return "" if values[0] == values[1] else "the values of constants differ"


def _number(constant: Constant) -> str:
    value = constant.array().item()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _setting(value: object) -> str:
    if isinstance(value, Operand):
        return f"#{value.number}"
    if value is ...:
        return "..."
    if isinstance(value, tuple):
        return f"({','.join(map(_setting, value))})"
    if isinstance(value, slice):
        ends = (value.start, value.stop) if value.step is None else (
            value.start, value.stop, value.step
        )  # fmt: skip
        return ":".join("" if x is None else str(x) for x in ends)
    return str(value)
