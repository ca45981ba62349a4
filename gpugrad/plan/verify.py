"""Whether a plan can run: looked at step by step, before anything is made of it.

Engines write source from plans and run it on memory that they lay out by what slots say. So a plan
from a file is taken for nothing but a claim: of each step, the operands must be there, the settings
must be those of its primitive, and what it makes must be what its slots say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from math import inf, prod
from reprlib import repr as short
from unicodedata import category

import numpy as np

from gpugrad.backends.dtypes import kind_of
from gpugrad.errors import PlanError
from gpugrad.plan.claims import expect, length_of, shape_of
from gpugrad.plan.derive import results
from gpugrad.plan.effects import has_effect
from gpugrad.plan.listing import place
from gpugrad.plan.placement import Placement
from gpugrad.plan.plan import Constant, Plan, Slot, Step
from gpugrad.plan.primitives import PRIMITIVES, REDUCTIONS
from gpugrad.plan.regions import Region, can_fuse
from gpugrad.plan.verify_memory import verify_placement

LARGEST = 2**47
"""Bytes of a slot: no processor reaches more."""

MOST_AXES = 64
"""Of an array of NumPy."""

LONGEST = 400
"""Characters of what an error says."""

DEEPEST = 16
"""Plans inside of plans."""

KINDS = frozenset("biufc")
"""Of dtypes that are numbers."""


def verify(plan: Plan, stored: bool = True) -> None:
    """Raises `PlanError`, which names step and slot, unless `plan` can run.

    A plan that is not to be `stored` in a file may call functions of the user's own, of which
    nothing is known, and hold the steps that engines make: regions in parts, products with what
    goes on with their elements.
    """
    _Verifier(plan, stored, 0).verify()


def verify_made(plan: Plan, made_by: str, placement: Placement | None = None) -> None:
    """The same for a plan of this process, and where its slots lie; an observer of plans."""
    try:
        verify(plan, stored=False)
        if placement is not None:
            verify_placement(plan, placement)
    except PlanError as error:
        raise PlanError(f"after {made_by}: {error}") from error


class _Verifier:
    """What is known of a plan so far.

    `written` are the slots that an input, a constant or a step fills, `known` those of them that
    can be read here. `labels` says of which slots all elements are known to be below a number, and
    `selected` of what the elements of a slot were selected.
    """

    def __init__(self, plan: Plan, stored: bool, depth: int) -> None:
        self.plan = plan
        self.slots = plan.slots
        self.stored = stored
        self.depth = depth
        self.written: set[int] = set()
        self.known: set[int] = set()
        self.labels: dict[int, float] = {}
        self.selected: dict[int, tuple[int, ...]] = {}

    def verify(self) -> None:
        """Raises `PlanError` at the first thing that is wrong."""
        if self.depth > DEEPEST:
            raise PlanError(f"plans lie {self.depth} deep inside of plans; {DEEPEST} is the most")
        for number, slot in enumerate(self.slots):
            self._slot(number, slot)
        for number in self.plan.inputs:
            self._write(number, "the inputs")
        for number, constant in self.plan.constants:
            self._write(number, "the constants")
            self._constant(number, constant)
        for number, step in enumerate(self.plan.steps):
            try:
                self._step(step)
            except Exception as error:              # whatever NumPy says of operands like these
                message = f"step {number + 1}, {_title(step)}: {told(error)}"
                raise PlanError(message) from error
        missing = [slot for slot in self.plan.outputs if slot not in self.known]
        if missing:
            raise PlanError(f"the output %{missing[0]} is computed nowhere")
        self._donated()

    # Slots

    def _slot(self, number: int, slot: Slot) -> None:
        if kind_of(slot.dtype) not in KINDS:
            raise PlanError(f"%{number} has the dtype {slot.dtype}, which is none of numbers")
        if len(slot.shape) > MOST_AXES or not all(type(n) is int and n >= 0 for n in slot.shape):
            raise PlanError(f"%{number} has the shape {short(slot.shape)}, which no array has")
        if prod([n or 1 for n in slot.shape]) * slot.dtype.itemsize > LARGEST:
            raise PlanError(f"%{number} is larger than all memory: {short(slot.shape)}")

    def _write(self, slot: int, what: str) -> None:
        """Note that a slot is filled, which may happen once."""
        if type(slot) is not int or not 0 <= slot < len(self.slots):
            raise PlanError(f"{what}: there is no slot %{slot}")
        if slot in self.written:
            raise PlanError(f"{what}: %{slot} is written a second time")
        self.written.add(slot)
        self.known.add(slot)

    def _constant(self, number: int, constant: Constant) -> None:
        slot = self.slots[number]
        if (constant.shape, constant.dtype) != (slot.shape, slot.dtype):
            raise PlanError(f"the constant %{number} is not what its slot says, {slot}")
        if len(constant.data) != slot.nbytes:
            raise PlanError(
                f"the constant %{number} has {len(constant.data)} bytes; {slot} has {slot.nbytes}"
            )
        if slot.dtype.kind == "b" and not {*constant.data} <= {0, 1}:
            raise PlanError(f"the constant %{number} holds booleans that are neither 0 nor 1")

    def _donated(self) -> None:
        given = [slot for slot, _ in self.plan.donated]
        taken = [slot for _, slot in self.plan.donated]
        if not {*given} <= {*self.plan.inputs} or not {*taken} <= {*self.plan.outputs}:
            raise PlanError("donated are pairs of an input and an output; another one is there")
        if len({*given}) != len(given) or (self.stored and len({*taken}) != len(taken)):
            raise PlanError("an input or an output is in two pairs of what is donated")
        for slot, output in self.plan.donated:
            if self.slots[slot] != self.slots[output]:
                raise PlanError(
                    f"the input %{slot}, {self.slots[slot]}, is donated for the output "
                    f"%{output}, {self.slots[output]}: they must be of one shape and dtype"
                )

    # Steps

    def _step(self, step: Step) -> None:
        if self.stored and not step.line.isprintable():
            if any(category(char) in _UNPRINTED for char in step.line):
                raise PlanError("its line of the program holds what no name of a file has")
        self._read(step)
        if self.stored and has_effect(step):
            raise PlanError(
                "it has an effect, and a file may say what to compute alone: trace the function "
                "where it runs, or save the plan of the part without the effect"
            )
        if step.op == "fused" or (step.op == "product" and step.body and not self.stored):
            self._fused(step)
        elif step.op == "beside" and not self.stored:
            self._beside(step)
        elif step.body:
            raise PlanError("it has a body, which fused steps alone have")
        elif step.op == "cond":
            self._cond(step)
        elif step.op == "scan":
            self._scan(step)
        else:
            self._primitive(step)
        for slot in step.outputs:
            self._write(slot, "its results")

    def _read(self, step: Step) -> None:
        for slot in step.inputs:
            if slot not in self.known:
                raise PlanError(f"it reads %{slot}, which is not computed before")

    def _of(self, slots: Iterable[int]) -> tuple[Slot, ...]:
        return tuple([self.slots[slot] for slot in slots])

    def _primitive(self, step: Step, parts: int = 0) -> None:
        for slot in step.outputs:
            if not 0 <= slot < len(self.slots):
                raise PlanError(f"there is no slot %{slot}")
        claimed = self._of(step.outputs)
        made = results(step, self._of(step.inputs), claimed, self.stored)
        if parts and step.op in REDUCTIONS:
            claimed = tuple(map(partial(_joined, parts), claimed, made))
        self._compare(step, made, claimed)
        self._follow_labels(step)

    def _compare(self, step: Step, made: tuple[Slot, ...], claimed: tuple[Slot, ...]) -> None:
        """What a step makes and what its slots say."""
        if len(made) != len(claimed):
            raise PlanError(f"it has {len(claimed)} results and makes {len(made)}")
        for slot, mine, said in zip(step.outputs, made, claimed, strict=True):
            if mine != said:
                raise PlanError(f"it makes {mine}, and %{slot} is {said}")

    def _follow_labels(self, step: Step) -> None:
        """Labels are places in compiled code: they must be checked before they are used."""
        if step.op in PRIMITIVES and PRIMITIVES[step.op].selects:
            self.selected[step.outputs[0]] = step.inputs
            limits = [self.labels.get(slot, inf) for slot in step.inputs]
            self.labels[step.outputs[0]] = max(limits)
        elif step.op == "check_labels":
            pending, n = [step.inputs[0]], step.setting("n")
            met: set[int] = set()
            while pending:
                slot = pending.pop()
                if slot in met:
                    continue
                met.add(slot)
                self.labels[slot] = min(n, self.labels.get(slot, n))
                sources = self.selected.get(slot, ())
                if self.slots[slot].size == sum(x.size for x in self._of(sources)):
                    pending += sources              # all of their elements are in it
        elif step.op == "nll":
            x, labels = step.inputs
            if self.labels.get(labels, inf) > self.slots[x].shape[-1]:
                raise PlanError(f"its labels %{labels} were not checked before")

    def _fused(self, step: Step) -> None:
        """A region: its body, whose slots nobody else knows, in a space that it fits.

        On a GPU, a product may come before it in one kernel.
        """
        settings = dict(step.settings)
        parts = settings.pop("parts", 0)
        spread = settings.pop("spread", False)
        expect(settings, "shape")
        shape = shape_of(settings["shape"])
        if (parts or spread) and self.stored:
            what = "is split into parts" if parts else "has spread operands"
            raise PlanError(f"it {what}, which is the business of an engine")
        ahead = step.body[:1] if step.op == "product" else ()
        outside, self.known = self.known, set(step.inputs)
        for inner in step.body:
            if inner.body or len(inner.outputs) != 1:
                raise PlanError(f"{_title(inner)} inside of it is no step of a region")
            self._read(inner)
            self._primitive(inner, parts)
            if inner not in ahead and not can_fuse(self.slots, inner, halves=not self.stored):
                raise PlanError(f"{_title(inner)} inside of it is no step of a region")
            self._write(inner.outputs[0], f"{inner.op} inside of it")
        self.known = outside
        made = {inner.outputs[0] for inner in step.body}
        read = {slot for inner in step.body for slot in inner.inputs} - made
        if read != {*step.inputs} or not step.outputs or not {*step.outputs} <= made:
            raise PlanError("its operands and results are not those of its body")
        if not Region(self.slots, step.body[len(ahead) :], shape, bool(spread)).valid:
            raise PlanError(f"its body does not lie in rows and columns of {list(shape)}")
        self.written -= {*step.outputs}             # which it writes itself, as any step

    def _beside(self, step: Step) -> None:
        """Steps that share a launch on a GPU: none of them reads what another one makes."""
        before = self.known
        for member in step.body:
            if member.op == "beside" or not member.outputs:
                raise PlanError(f"{_title(member)} inside of it is no step with a kernel")
            self.known = {*before}
            self._step(member)
        self.known = before
        made = [slot for member in step.body for slot in member.outputs]
        read = {slot for member in step.body for slot in member.inputs}
        if read != {*step.inputs} or made != [*step.outputs]:
            raise PlanError("its operands and results are not those of its body")
        self.written -= {*made}                     # which it writes itself, as any step

    # Steps whose settings hold plans

    def _cond(self, step: Step) -> None:
        settings = dict(step.settings)
        expect(settings, "true", "false")
        condition, *operands = self._of(step.inputs)
        if condition != Slot((), np.dtype(bool)):
            raise PlanError(f"its condition is {condition}; expected one boolean")
        for name in ("true", "false"):
            self._subplan(name, settings[name], operands, self._of(step.outputs))

    def _scan(self, step: Step) -> None:
        settings = dict(step.settings)
        expect(settings, "body", "carries", "xs", "length", "reverse")
        n, m, length = (length_of(settings[name]) for name in ("carries", "xs", "length"))
        if type(settings["reverse"]) is not bool or n + m > len(step.inputs):
            raise PlanError("its settings are not those of a loop")
        operands, made = self._of(step.inputs), self._of(step.outputs)
        rows = [*operands[n : n + m], *made[n:]]
        if any(slot.shape[:1] != (length,) for slot in rows) or made[:n] != operands[:n]:
            raise PlanError(f"its operands and results are not those of {length} iterations")
        xs, ys = ([Slot(x.shape[1:], x.dtype) for x in part] for part in (rows[:m], rows[m:]))
        inside = [*operands[:n], *xs, *operands[n + m :]]
        self._subplan("body", settings["body"], inside, (*operands[:n], *ys))

    def _subplan(
        self, name: str, plan: object, operands: Sequence[Slot], made: Sequence[Slot]
    ) -> None:
        """A plan inside of a step, from these operands to these results."""
        if not isinstance(plan, Plan):
            raise PlanError(f"its {name} is no plan")
        _Verifier(plan, self.stored, self.depth + 1).verify()
        for what, slots, wanted in (
            ("inputs", plan.inputs, operands), ("outputs", plan.outputs, made)
        ):  # fmt: skip
            found = [plan.slots[slot] for slot in slots]
            if found != list(wanted) or plan.donated:
                raise PlanError(
                    f"its {name} has the {what} {_listed(found)}; expected {_listed(wanted)}"
                )


def _joined(parts: int, claimed: Slot, made: Slot) -> Slot:
    """What the slot of a reduction says in which each part has a result, as if there were one."""
    dtypes = (made.dtype, np.dtype("float64")) if kind_of(made.dtype) == "f" else (made.dtype,)
    fits = claimed.shape in ((parts,), (parts, *made.shape)) and claimed.dtype in dtypes
    return made if fits else claimed


def told(error: Exception) -> str:
    """What an error says, in one line that is not too long: it may quote what a file says."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


def _title(step: Step) -> str:
    """A step by its name, slots and place."""
    op = step.op if step.op.isidentifier() else repr(step.op[:40])
    slots = " ".join(f"%{slot}" for slot in step.outputs)
    line = f" ({place(step.line)})" if step.line.isprintable() and step.line else ""
    return f"{slots} = {op}{line}" if slots else f"{op}{line}"


def _listed(slots: Sequence[Slot]) -> str:
    return ", ".join(map(str, slots)) or "none"


_UNPRINTED = frozenset(("Cc", "Cf", "Zl", "Zp"))
"""Kinds of characters that do something to a terminal, as other lines, colours, directions."""
