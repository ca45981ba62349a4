"""One run of a function under a tracer, and what two of them say together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import gpugrad.tree as tree
from gpugrad.backends import within
from gpugrad.backends.integers import ALL
from gpugrad.context import holding, warnings_to
from gpugrad.core.causes import check_refused
from gpugrad.core.tensor import Tensor
from gpugrad.engines.capacity import bytes_of
from gpugrad.errors import ImpureFunction
from gpugrad.forks import kept
from gpugrad.plan.plan import Constant, Plan, Slot
from gpugrad.tracing.frames import PROGRAM
from gpugrad.tracing.integer_ranges import range_of
from gpugrad.tracing.namespace import namespace as tracing_namespace
from gpugrad.tracing.tracer import Traced, Tracer, tracing
from gpugrad.transforms.jit.arguments import Arguments, Signature, is_traced
from gpugrad.transforms.jit.conditions import Conditions
from gpugrad.transforms.jit.watch import Watch
from gpugrad.types import NUMBERS, Array, Value


@dataclass(eq=False)
class Trace:
    """One run of the function under a tracer: its plan, its result, and what it met outside.

    Of each leaf of the result, a tree of that `structure`, `traced` says whether it is an array of
    the trace, `weak` whether that stands for a Python number, and `fixed` what it is otherwise;
    `outputs` are the slots of the arrays. `outside` tells whether an array outside became another
    one before the second run, as far as a few elements do. `why` says why a function was traced
    again, where it was. `used` is when it was made, beside
    others. It keeps no `memory` to run in, and needs no rest.
    """

    memory = used = 0
    why = ""

    signature: Signature
    tracer: Tracer
    structure: tree.Structure
    weak: list[bool]
    traced: list[bool]
    fixed: list[object]
    outputs: list[int]
    result: object
    watch: Watch
    outside: Conditions

    def _arrays(self) -> list[np.ndarray]:
        """What NumPy may have read."""
        return [x for x in self.watch.arrays.values() if isinstance(x, np.ndarray)]

    def watch_arrays(self) -> None:
        """Watch what arrays outside contain, where that counts."""
        for array in self._arrays():
            self.outside.contents(array, used=True)
        known = self.watch.found
        self._compare(self.watch.looks or any(id(x) not in known for x in self.tracer.scalars))

    def _compare(self, all_of_them: bool) -> None:
        """Watch the contents of arrays that NumPy may have read, not only the tracer.

        These are the arrays with which the trace does not compute, or all of them where it
        holds values of which nobody knows where they come from.
        """
        arrays = self._arrays()
        if not arrays:
            return
        # Imported now, because most functions meet no array outside.
        from gpugrad.extents import Extents, extent_of

        captured = [x for _, x in self.tracer.captured if isinstance(x, np.ndarray)]
        memory = Extents(map(extent_of, captured))
        for array in arrays:
            used = memory.meet(*extent_of(array))
            if all_of_them or not used:
                self.watch.conditions.contents(array, used)

    @kept
    def plan_bytes(self) -> int:
        """About how many bytes are kept with it; the result is not."""
        read = sum(array.size * array.dtype.itemsize for array in self.tracer.read.values())
        return bytes_of(self.plan([])) + self.watch.nbytes + self.outside.nbytes + read

    def rest(self) -> None:
        """Nothing."""

    def holds(self) -> bool:
        """Whether what it found outside is the same, so that another run must do the same."""
        return self.watch.holds() and self.tracer.holds()

    def change(self) -> str:
        """Why it does not hold."""
        return self.watch.change() or self.tracer.change()

    def change_since(self) -> str:
        """What became another one outside before the run that came after this one."""
        return self.outside.change(self.watch.name_of) or "what it read outside had changed"

    def merged(self, other: Trace) -> Trace:
        """This trace, checked against another one of the same signature.

        An array that both met is an input that is read at each call, and so is a view of the same
        memory; two arrays with equal bits are a constant. Raises `ImpureFunction` where they did
        not do the same.
        """
        mine, theirs = self.tracer, other.tracer
        for a, b in zip(mine.steps, theirs.steps, strict=False):
            if a != b:
                raise ImpureFunction(_impure(b.line, f"{a.op} in one run and {b.op} in another"))
        for slot, constant in theirs.constants.items():
            if mine.constants.get(slot) != constant:
                raise ImpureFunction(_impure(_line(theirs, slot), "another number in each run"))
        if len(mine.steps) != len(theirs.steps) or mine.slots != theirs.slots:
            raise ImpureFunction(_impure("", "another number of operations, or other shapes"))
        results = (self.structure, self.outputs, self.weak)
        if results != (other.structure, other.outputs, other.weak):
            raise ImpureFunction(_impure("", "another result"))
        for x, again in zip(self.fixed, other.fixed, strict=True):
            if x is not again and x != again:
                what = f"a {type(again).__name__} in the result that is another in each run"
                raise ImpureFunction(_impure("", what))
        kept = []
        for (slot, array), (_, again) in zip(mine.captured, theirs.captured, strict=True):
            handle = mine.handles.get(id(array))
            if _is_same(array, again) or (
                handle is not None and handle is theirs.handles.get(id(again))
            ):
                kept.append((slot, array))
                continue
            constant = Constant.of(mine.base.to_numpy(array))
            if constant != Constant.of(mine.base.to_numpy(again)):
                raise ImpureFunction(
                    _impure(_line(theirs, slot), "an array with other values in each run")
                )
            mine.constants[slot] = constant
            other._compare(all_of_them=True)
        mine.captured = kept
        return self

    def _numbers(self) -> set[int]:
        """The outputs that leave as Python numbers."""
        weak = [x for x, traced in zip(self.weak, self.traced, strict=True) if traced]
        return {slot for slot, is_weak in zip(self.outputs, weak, strict=True) if is_weak}

    def plan(self, donated: list[bool]) -> Plan:
        """The plan; captured arrays are inputs after the arguments."""
        tracer = self.tracer
        return Plan(
            slots=tuple(tracer.slots),
            inputs=(*tracer.inputs, *(slot for slot, _ in tracer.captured)),
            constants=tuple(tracer.constants.items()),
            steps=tuple(tracer.steps),
            outputs=tuple(self.outputs),
            donated=_pairs(tracer, self.outputs, self._numbers(), donated),
        )


def trace(f: Callable[..., object], given: Arguments) -> Trace:
    """Run `f` under a tracer."""
    tracer = Tracer(given.namespace)
    args, kwargs = given.filled(iter([_input(tracer, x) for x in given.leaves]))
    with tracing(tracer):
        try:
            with holding(within, tracing_namespace), warnings_to(PROGRAM):
                out = f(*args, **kwargs)
        except Exception as error:
            check_refused(error, args)
            raise
        leaves, structure = tree.flatten(out)
        traced = [_traced(tracer, x) for x in leaves]
    weak = [isinstance(x, Traced) and x.weak is not None for x in traced]
    are_traced = [isinstance(x, Traced) for x in traced]
    fixed = [x if not isinstance(x, Traced) else None for x in traced]
    outputs = [x.slot for x in traced if isinstance(x, Traced)]
    # Each value goes when it is copied: a large result is there once, and not twice.
    del args, kwargs, out, leaves
    traced.reverse()
    results = [_given_back(tracer, traced.pop()) for _ in are_traced]
    result = tree.unflatten(structure, results)
    # Now and not before, because what the function itself changes outside does not count.
    watch, outside = Watch(f, given.statics()), Conditions()
    made = Trace(
        given.signature, tracer, structure, weak, are_traced, fixed, outputs, result, watch, outside
    )
    made.watch_arrays()
    return made


def _pairs(
    tracer: Tracer, outputs: list[int], numbers: set[int], donated: list[bool]
) -> tuple[tuple[int, int], ...]:
    """Each donated input with the output that takes its memory: the first one like it.

    `numbers` are outputs that leave as Python numbers, which have none.
    """
    free: dict[Slot, list[int]] = {}
    for slot in dict.fromkeys(outputs):
        if slot not in tracer.constants and slot not in numbers:
            free.setdefault(tracer.slots[slot], []).append(slot)
    pairs = []
    for slot, given in zip(tracer.inputs, donated, strict=False):
        like = free.get(tracer.slots[slot])
        if given and like:
            pairs.append((slot, like.pop(0)))
    return tuple(pairs)


def _input(tracer: Tracer, x: Value) -> Value:
    """An argument as the function gets it."""
    if type(x) not in NUMBERS:
        return Tensor(tracer.input(tracer.base.asarray(x)))
    if not is_traced(x):
        tracer.input(tracer.base.asarray(0))        # each leaf has one
        return x
    traced = tracer.input(tracer.base.asarray(x), type(x))
    if type(x) is int:
        tracer.ranges[traced.slot] = range_of(x) or ALL
    return Tensor(traced)


def _is_same(x: Array, y: Array) -> bool:
    """Whether two arrays are the same, or views of the same elements, as far as that is known."""
    if x is y or not hasattr(x, "strides") or not hasattr(y, "strides"):
        return x is y
    like = x.dtype == y.dtype and x.shape == y.shape and x.strides == y.strides
    return bool(like and x.size and _address(x) == _address(y))


def _address(x: Array) -> int:
    """Where in memory the first element of an array lies."""
    on_gpu = hasattr(x, "__cuda_array_interface__")
    interface = getattr(x, "__cuda_array_interface__" if on_gpu else "__array_interface__")
    return int(interface["data"][0])


def _traced(tracer: Tracer, x: object) -> object:
    """A leaf of the result: traced where it is an array, else as it is."""
    if isinstance(x, Tensor):
        x = x._value
    return tracer.traced(x) if hasattr(x, "shape") and hasattr(x, "dtype") else x


def _given_back(tracer: Tracer, x: object) -> object:
    """A leaf of the result as the caller gets it, who may write to it."""
    if not isinstance(x, Traced):
        return x
    if x.weak:
        return tracer.base.to_numpy(x.value).item()
    return tracer.base.copy(x.value)


def _line(tracer: Tracer, slot: int) -> str:
    """Where a slot is first used."""
    return next((step.line for step in tracer.steps if slot in step.inputs), "")


def _impure(line: str, what: str) -> str:
    where = f"{line}: " if line else ""
    return (
        f"{where}a function under gg.jit did something else when it ran again: {what}. What it "
        "computes may depend only on its arguments: pass random numbers, the time and whatever "
        "changes from call to call as arguments."
    )
