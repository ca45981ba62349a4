"""What the native engine writes for a plan: runs of blocks, and NumPy calls between them."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpugrad.backends import numpy_namespace
from gpugrad.codegen.batched_correlations import KINDS as CORRELATIONS
from gpugrad.codegen.batched_correlations import correlation_of
from gpugrad.codegen.batched_products import left_over
from gpugrad.codegen.ir import FLOATS
from gpugrad.codegen.members import batch_of
from gpugrad.codegen.random_streams import STREAMS, streams_of
from gpugrad.codegen.running import KINDS, LEFT_TO_NUMPY, running_of
from gpugrad.codegen.sorted_rows import KINDS as SORTS
from gpugrad.codegen.sorted_rows import sorting_of, symbol_of
from gpugrad.codegen.straight import straight_of
from gpugrad.codegen.transformed_rows import KINDS as TRANSFORMS
from gpugrad.codegen.transformed_rows import transform_of
from gpugrad.engines.blas_threads import size
from gpugrad.engines.control import Compile
from gpugrad.engines.lines import Line, called
from gpugrad.engines.native import numpy_sorts
from gpugrad.engines.native.blocks import rows_chosen, run_of
from gpugrad.engines.native.frame import Run
from gpugrad.engines.native.fusion import obstacle_alone
from gpugrad.engines.native.loops import Body, body_of, branch_of
from gpugrad.engines.numpy.calls import check_of_labels
from gpugrad.engines.numpy.writer import NumpyWriter
from gpugrad.engines.stepper import Stepper
from gpugrad.plan.effects import COMMUNICATE
from gpugrad.plan.layouts import Layout, layouts
from gpugrad.plan.passes.why_unfused import unfusable
from gpugrad.plan.plan import Plan, Step, dtype_name
from gpugrad.plan.primitives import REDUCTIONS, SCALARS, VIEWS
from gpugrad.plan.regions import ELEMENT, is_fused_dtype, phases_of, region_of

LARGEST = 2**33
"""Multiplications of a product, beyond which it is left to a BLAS."""


MOST_BLOCKS = 64
"""Of products side by side that one block cannot say."""


def obstacle(plan: Plan, step: Step) -> str:
    """Why there is no kernel for this step; empty where there is."""
    dtypes = [plan.slots[x].dtype for x in (*step.inputs, *step.outputs)]
    if step.op in VIEWS:                            # which may have to be a copy
        return "" if _can_move(dtypes[0], True) else f"elements of dtype {dtypes[0]}"
    if step.op == "fused":
        return ""
    if step.op == COMMUNICATE:
        return "MPI carries it from process to process"
    if step.op in ("concat", "add_at", "set_at", "getitem"):
        return _obstacle_of_moves(plan, step)
    if step.op == "pack":
        return "" if is_fused_dtype(dtypes[0], True) else f"a pack of dtype {dtypes[0]}"
    if step.op == "check_labels":
        labels = plan.slots[step.inputs[0]]
        return "" if labels.dtype == np.int64 and labels.size else f"labels of {labels}"
    if step.op == "matmul":
        return _obstacle_of_product(plan, step)
    if step.op == "scan":
        return _obstacle_of_loop(step)
    if step.op == "cond":
        return _obstacle_of_branches(step)
    if step.op in KINDS:
        running = running_of(step, plan.slots)
        return "" if running else f"elements of dtype {dtypes[0]}, or none"
    if step.op in CORRELATIONS:
        if correlation_of(step, plan.slots) is None:
            return "a correlation that there is no kernel for, or that is better for NumPy's BLAS"
        return ""
    if step.op in TRANSFORMS:
        if transform_of(step, plan.slots):
            return ""
        return "a transform of such numbers, of this length, or along another axis than the last"
    if step.op in STREAMS:
        return "" if streams_of(step, plan.slots) else "no numbers, or keys in another byte order"
    if step.op in SORTS:
        return _obstacle_of_sort(plan, step)
    if step.op in SCALARS or step.op in REDUCTIONS:
        return _obstacle_alone(plan, step)
    reason = unfusable(plan, step, halves=True)
    return reason or "numbers in another byte order, or a region it does not fit"


def _obstacle_alone(plan: Plan, step: Step) -> str:
    """Of an elementwise step or a reduction that is in no region."""
    specs = [plan.slots[slot] for slot in (*step.inputs, *step.outputs)]
    if any(not is_fused_dtype(spec.dtype, True) or not spec.size for spec in specs):
        return unfusable(plan, step, halves=True) or "numbers in another byte order"
    return obstacle_alone(plan, step)


def _obstacle_of_moves(plan: Plan, step: Step) -> str:
    chosen = None if step.op == "concat" else rows_chosen(step)
    for slot in (*step.inputs, *step.outputs):
        dtype = plan.slots[slot].dtype
        if not is_fused_dtype(dtype, step.op != "add_at"):
            return f"elements of dtype {dtype}"
    if chosen is not None:
        whole = plan.slots[step.inputs[0]]
        specs = [plan.slots[slot] for slot in (*step.inputs, *step.outputs)]
        if plan.slots[chosen].dtype.kind != "i" or whole.dtype.kind == "b":
            return f"an index of dtype {plan.slots[chosen].dtype} of {whole.dtype}"
        if not all(spec.size for spec in specs):
            return "an index without elements"
        if step.op != "getitem" and plan.slots[step.inputs[1]].dtype != whole.dtype:
            return f"rows of dtype {plan.slots[step.inputs[1]].dtype} in {whole.dtype}"
        return ""
    if step.op == "getitem" or (step.op != "concat" and any(
        not isinstance(part, int | slice | type(...) | None) for part in step.setting("key")
    )):  # fmt: skip
        return "an index that is not of whole rows"
    return ""


def _obstacle_of_product(plan: Plan, step: Step) -> str:
    a, b = (plan.slots[slot] for slot in step.inputs)
    if dtype_name(a.dtype) not in FLOATS or a.dtype != b.dtype or not a.dtype.isnative:
        return f"a product of dtype {a.dtype} and {b.dtype}"
    if 0 in (*a.shape, *b.shape):
        return "a product without elements"
    if left_over(a.shape, b.shape) > MOST_BLOCKS:
        return f"products along many axes, of shapes {a.shape} and {b.shape}"
    if size(plan, step) > LARGEST:
        return "a product so large is for NumPy's BLAS"
    return ""


def _obstacle_of_sort(plan: Plan, step: Step) -> str:
    sorting = sorting_of(step, plan.slots)
    if sorting is None:
        x = plan.slots[step.inputs[0]]
        return f"elements of dtype {x.dtype}, none, or long rows in which to find a few"
    if symbol_of(sorting.key.dtype) not in numpy_sorts.addresses():
        return f"a sort of {sorting.key.dtype}, which is not where this NumPy is known to have it"
    return ""


def _obstacle_of_loop(step: Step) -> str:
    if not step.setting("length"):
        return "a loop of no rounds"
    if straight_of(step) is not None or batch_of(step) is not None:
        return ""
    return _obstacle_of_body(body_of(step, NativeWriter.in_place), "a loop")


def _obstacle_of_branches(step: Step) -> str:
    bodies = (branch_of(step, name, NativeWriter.in_place) for name in ("true", "false"))
    return next(filter(None, (_obstacle_of_body(body, "a branch") for body in bodies)), "")


def _obstacle_of_body(body: Body, what: str) -> str:
    plan = body.plan
    if not plan.steps and not plan.outputs:
        return f"{what} that does nothing"
    steps = {slot for inner in plan.steps for slot in (*inner.inputs, *inner.outputs)}
    for slot in {*steps, *plan.inputs, *plan.outputs}:
        spec = plan.slots[slot]
        if not _can_move(spec.dtype) or not spec.size:
            return f"{what} with {spec}"
    for inner in plan.steps:
        if inner.op == "check_labels":
            return f"{what} that checks labels"
        if inner.op in ("getitem", "add_at", "set_at") and rows_chosen(inner) is not None:
            return f"{what} that chooses rows"
        if inner.op in LEFT_TO_NUMPY:
            return f"{what} around {inner.op}, whose partial products may leave the range"
        if reason := obstacle(plan, inner):
            return f"{what} around {inner.op}: {reason}"
    return ""


def _can_move(dtype: np.dtype, halves: bool = False) -> bool:
    """Whether kernels move such elements: the words of keys, too, with which few compute."""
    return is_fused_dtype(dtype, halves) or dtype == np.uint32


MUSTER = "muster"
"""The function that sees to it that there are threads to help, in what is written."""

_CHECKED = frozenset({"check_labels", "getitem", "add_at", "set_at"})
"""Steps that NumPy runs again to say what is wrong."""

_READ = _CHECKED | LEFT_TO_NUMPY
"""Steps whose operands NumPy may read besides kernels."""


def _check(step: Step) -> Line:
    """What raises where a block of the step found something wrong."""
    if step.op == "check_labels":
        return check_of_labels(step)
    chosen = f"s{rows_chosen(step)}"
    whole = f"s{step.inputs[0]}"
    return Line(f"{whole}[{chosen}]", reads=(whole, chosen))


class NativeWriter(NumpyWriter):
    """Writes the source for a plan with fused steps."""

    runs: dict[str, Run]
    layouts: dict[int, Layout]

    def __init__(self, plan: Plan, compile_plan: Compile) -> None:
        self._obstacles: dict[int, str] = {}        # by the identities of steps
        super().__init__(plan, compile_plan)

    def obstacle(self, step: Step) -> str:
        """Why there is no kernel for a step of the plan; empty where there is."""
        if id(step) not in self._obstacles:
            self._obstacles[id(step)] = obstacle(self.plan, step)
        return self._obstacles[id(step)]

    def captured(self, slot: int) -> np.ndarray | None:
        """None: the source names constants."""
        return None

    def allocates(self, step: Step) -> bool:
        return super().allocates(step) and bool(self.obstacle(step))

    def write_steps(self) -> None:
        self.runs = {}
        self._scratch = 0
        self._mustered = False
        # What the run that is being written makes, and shows, in memory that is not there before.
        self._made: set[int] = set()
        self.layouts = layouts(self.plan, self.placement)
        needed = self._needed_as_arrays()
        run: list[Step] = []
        for step in self.plan.steps:
            if self._is_view(step):
                if step.outputs[0] in needed:
                    if step.inputs[0] in self._made:
                        self._end_run(run)
                    self.write(step)
                self._add(run, step)
                continue
            if reason := self.obstacle(step):
                self._end_run(run)
                self.write(step)
                self.end((step,), reason=reason)
            else:
                self._add(run, step)
                if step.op in LEFT_TO_NUMPY:        # what comes behind must not have begun
                    self._end_run(run)
        self._end_run(run)
        if self._scratch:                           # of all runs: none begins before one ends
            self.scope["scratch_size"] = self._scratch
            self.legend.append(f"# scratch_size = {self._scratch}")
            text = f"scratch = empty(scratch_size, {self.dtype(np.dtype('uint8'))})"
            self.setup.append(Line(text, ("scratch",)))

    def _needed_as_arrays(self) -> set[int]:
        """Slots that something else than kernels reads, and what they are views of."""
        needed = {*self.plan.outputs, *(out for _, out in self.plan.donated)}
        for step in self.plan.steps:
            if not self._is_view(step) and (self.obstacle(step) or step.op in _READ):
                needed.update(step.inputs)
        for step in reversed(self.plan.steps):
            if self._is_view(step) and step.outputs[0] in needed:
                needed.update(step.inputs)
        return needed

    def _is_view(self, step: Step) -> bool:
        return step.op in VIEWS and step.outputs[0] in self.placement.roots

    def _add(self, run: list[Step], step: Step) -> None:
        """Let a run do a step, too, and note what it makes."""
        run.append(step)
        if not self._is_view(step):
            self._made.update(x for x in step.outputs if x not in self.placement.offsets)
        elif self._made.issuperset(step.inputs):
            self._made.update(step.outputs)

    def _end_run(self, run: list[Step]) -> None:
        if run:
            self._write_run(run)
            run.clear()
            self._made.clear()

    def _write_run(self, steps: list[Step]) -> None:
        """One call for steps that are kernels."""
        kernels = [step for step in steps if not self._is_view(step)]
        for step in kernels:
            for slot in step.outputs:
                self.buffer(slot)
        run = run_of(self, kernels)
        if not run.keys:                            # views, or packs that are full already
            self.end(tuple(steps))
            return
        name = f"run{len(self.runs)}"
        self.runs[name] = run
        own = {x: self.bind(f"{x}_{name}", self.constant(array)) for x, array in
               run.captured.items()}  # fmt: skip
        self._scratch = max(self._scratch, run.scratch)
        reads = tuple(own.get(x, x) for x in run.passed)
        passed = ", ".join(reads)
        self.bind("laid_out", _laid_out)
        if run.parallel and not self._mustered:
            self._mustered = True
            self.lines.append(Line(f"{MUSTER}()", launches=0))
        laid_out = (f"laid_out({x})" if self._is_from_outside(x) else x for x in reads)
        first, again = f"{name}(0, {passed})", f"{name}(0, {', '.join(laid_out)})"
        if run.checks:
            said = [Line(f"if found == {-1 - word}:", (), ("found",), 0, (self._instead(step),))
                    for word, step in run.checks]  # fmt: skip
            laid = Line(f"found = {again}", ("found",), reads)
            self.lines += [
                Line(f"found = {first}", ("found",), reads),
                Line("if found > 0:", (), ("found",), 0, (laid,)),
                Line("if found:", (), ("found",), 0, tuple(said)),
            ]
        else:                                       # all that may be wrong is how arrays lie
            laid = Line(again, reads=reads)
            self.lines.append(Line(f"if {first}:", reads=reads, inside=(laid,)))
        self.end(tuple(steps), compiled=name)

    def _instead(self, step: Step) -> Line:
        """What NumPy does where a block of the step found that it cannot."""
        if step.op not in LEFT_TO_NUMPY:
            return _check(step)
        stepper = self.bind(f"instead{step.outputs[0]}", Stepper(step, self.slots, numpy_namespace))
        call, target = called(stepper, *(f"s{slot}" for slot in step.inputs)), f"s{step.outputs[0]}"
        return Line(f"copyto({target}, {call.text}[0])", (), (target, *call.reads))

    def _is_from_outside(self, name: str) -> bool:
        """Whether somebody else made the array, who may have laid it out in any way."""
        slot = int(name[1:]) if name[1:].isdigit() else -1
        return slot in self.foreign or slot in self.parameters

    def constant(self, array: Any) -> Any:
        return np.array(array)

    @staticmethod
    def in_place(plan: Plan, step: Step, operand: int, result: int) -> bool:
        """Whether a kernel may write that result over that operand while it reads it."""
        if step.op != "fused":
            return NumpyWriter.in_place(plan, step, operand, result)
        slot, output = step.inputs[operand], step.outputs[result]
        if plan.slots[slot].dtype != plan.slots[output].dtype:
            return False
        region = region_of(plan.slots, step)
        if region.kinds[output] != ELEMENT:
            return False
        readers = [inner for inner in region.steps if slot in inner.inputs]
        if any(region.operand_kind(slot, inner) != ELEMENT for inner in readers):
            return False
        phases = phases_of(region)
        last = max(phases[inner.outputs[0]] + (inner.op == "nll") for inner in readers)
        return last <= phases[output]


def _laid_out(x: Any) -> np.ndarray:
    """`x` as an array whose elements lie in order."""
    return x if type(x) is np.ndarray and x.flags.carray else np.array(x, order="C", subok=False)
