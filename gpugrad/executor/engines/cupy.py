"""The CuPy engine: a plan as CUDA graphs of generated kernels.

The arena and the source are like those of the NumPy engine. Steps that follow each other and have
kernels are captured as one graph; a step without one is called between two of them:

    def make(arena):
        s9 = part(arena, 0, (32, 16), float32)
        def graph0():
            matmul0((1,), (256,), (table, s9))
            fused1((4,), (256,), (table, s9, s11))
        words[:] = spare.data.ptr
        give(words)
        graph0 = captured(graph0)
        def run(s7):
            s20 = empty((32, 16), float32)
            words[:2] = s7.data.ptr, s20.data.ptr
            give(words)
            graph0()
            # 0: matmul fused
            return (s20, )

What a call brings is reached through a table (see `cuda/table.py`), so a run is one small launch
and the launch of a graph.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from math import prod
from time import perf_counter_ns
from typing import Any
from weakref import finalize

import numpy as np

from gpugrad.backends import choose, kernels
from gpugrad.executor.engines import calls
from gpugrad.executor.engines.cuda import cublas, indexing, random, table
from gpugrad.executor.engines.cuda.copies import write_gather, write_join
from gpugrad.executor.engines.cuda.epilogue import add_epilogues, read_after, write_epilogue
from gpugrad.executor.engines.cuda.fused import can_read_views, write_kernel
from gpugrad.executor.engines.cuda.kernel import Kernel, in_place
from gpugrad.executor.engines.cuda.layout import Layout, layouts, strides_of
from gpugrad.executor.engines.cuda.numbers import on_host, split
from gpugrad.executor.engines.cuda.product import (
    Matrix,
    can_multiply,
    in_order,
    is_large,
    write_product,
)
from gpugrad.executor.engines.numpy import Stepper, Writer, without
from gpugrad.executor.passes.fuse import fuse
from gpugrad.executor.passes.memory import ALIGNMENT, VIEWS
from gpugrad.executor.plan import Plan, Slot, Step
from gpugrad.executor.pool import Span

HEADERS = ("engine", "philox", "product")
"""In `kernels/`: what generated kernels call."""

OPTIONS = ("-std=c++17",)

GRAPH = 2
"""Launches from which on a graph costs less than they do."""


def captured(function: Callable[[], None]) -> Graph:
    """The launches that `function` makes, as a function that launches a graph of them.

    It is called once before it is captured, so that every kernel is loaded and every library has
    made its choices. The current stream must be one that does not wait for the default stream.
    """
    import cupy

    stream = cupy.cuda.get_current_stream()
    function()
    stream.synchronize()
    stream.begin_capture()
    try:
        function()
    finally:
        graph = stream.end_capture()
    return Graph(function, graph.launch)


class Graph:
    """A captured function. It keeps what its launches read and write."""

    __slots__ = ("_function", "_launch")

    def __init__(self, function: Callable[[], None], launch: Callable[[], None]) -> None:
        self._function = function
        self._launch = launch

    def __call__(self) -> None:
        self._launch()


class Instance:
    """A compiled plan with an arena and graphs of its own on the current device (see `pool.py`).

    It may be run on any stream, also on others in turn: a run waits for the one before.
    """

    __slots__ = ("__weakref__", "_function", "_last", "donated", "kept", "memory", "run")

    def __init__(self, make: Callable[..., Any], size: int) -> None:
        import cupy

        stream = cupy.cuda.Stream(non_blocking=True)
        with stream:
            self.memory = cupy.empty(max(size, ALIGNMENT), "uint8")
            self._function, self.donated = make(self.memory)
        stream.synchronize()
        self._last = [cupy.cuda.get_current_stream()]
        # Memory that is given back must not be taken by others while a graph still works in it.
        finalize(self, _wait_on_host, self._last).atexit = False
        self.kept: tuple[Any, ...] = ()
        self.run_as(lambda run: run)

    def run_as(self, variant: Callable[[Any], Any]) -> None:
        """From the next call on, run what `variant` makes of the function, in the same memory."""
        run, last = variant(self._function), self._last

        def in_turn(*inputs: Any) -> Any:
            _wait_for(last)
            return run(*inputs)

        self.run = in_turn

    def settle(self) -> None:
        """Let what comes on the current stream wait for the last run."""
        _wait_for(self._last)


def _wait_on_host(last: list[Any]) -> None:
    last[0].synchronize()


def _wait_for(last: list[Any]) -> None:
    """Let the current stream wait for that in `last`, and take its place."""
    import cupy

    stream, before = cupy.cuda.get_current_stream(), last[0]
    if stream.ptr != before.ptr:
        stream.wait_event(before.record())
        last[0] = stream


def _clock() -> int:
    """Nanoseconds when the current stream has done what it was given."""
    import cupy

    cupy.cuda.get_current_stream().synchronize()
    return perf_counter_ns()


class Program:
    """A plan compiled for CuPy: `instance` gives it memory.

    `numbers` are the inputs for which a call brings NumPy scalars and not arrays.
    """

    engine = "cupy"
    code_bytes = 0
    clock = staticmethod(_clock)

    def __init__(self, plan: Plan, numbers: Collection[int] = ()) -> None:
        device, host = split(plan, numbers)
        self.plan = with_epilogues(fuse(device))
        writer = CupyWriter(self.plan, numbers, host, plan.outputs)
        self.source = writer.source()
        self.placement = writer.placement
        self.spans = writer.spans
        self.pools = writer.pools
        self.kernels = writer.kernels
        self._scope = writer.scope
        self._givers = writer.givers
        self.details = writer.details
        parts = [*map(kernels.header, HEADERS), *map(table.giver, sorted(writer.givers))]
        self.cuda_source = "\n".join([*parts, *(kernel.source for kernel in self.kernels)])

    @property
    def calls(self) -> int:
        """How many launches a run makes."""
        return sum(span.launches for span in self.spans)

    @cached_property
    def _make(self) -> Callable[..., Any]:
        import cupy

        module = cupy.RawModule(code=self.cuda_source, options=OPTIONS)
        names = [kernel.name for kernel in self.kernels]
        for name in (*names, *(f"give{count}" for count in self._givers)):
            self._scope[name] = module.get_function(name)
        exec(compile(self.source, "<gpugrad plan>", "exec"), self._scope)
        return self._scope.pop("make")  # type: ignore[no-any-return]

    def instance(self) -> Instance:
        """The program with an arena of its own; the first one compiles the kernels."""
        return Instance(self._make, self.placement.size)


class CupyWriter(Writer):
    """Writes the source for a plan with fused steps.

    A slot whose address a call brings has a word in the table. `host` is the plan of what follows
    from the inputs `numbers`, and `outputs` are those of both plans in order.
    """

    def __init__(
        self, plan: Plan, numbers: Collection[int], host: Plan, outputs: tuple[int, ...]
    ) -> None:
        import cupy

        self.cupy = cupy
        self._numbers = frozenset(numbers)
        self._host = host
        self.xp = choose("cupy")
        self.broadcast_to = cupy.broadcast_to
        self.runners = {}                           # branches and loops run step by step
        self.kernels: list[Kernel] = []
        self._turned = _transposes(plan)
        self._layouts = layouts(plan, VIEWS)
        self._launched = 0
        self._library = 0                           # products by cuBLAS
        self._open: list[Step] = []                 # steps of the graph that is being written
        self._graph: list[str] = []
        self._graphs: list[str] = []
        self._prelude: list[str] = []
        self._words: dict[int, int] = {}
        self._ordered: set[int] = set()             # views of which `o7` is a copy in order
        self._read = {slot for step in plan.steps for slot in step.inputs}
        self.givers: set[int] = set()               # sizes of the tables that kernels write
        super().__init__(plan)
        self._finish(outputs)

    def functions_in_scope(self) -> dict[str, Any]:
        cupy = self.cupy
        return {
            "array": cupy.array,
            "captured": captured,
            "copyto": cupy.copyto,
            "empty": cupy.empty,
            "in_order": cupy.ascontiguousarray,
            "packet": _packet,
            "words_of": _words_of,
            "zeros": cupy.zeros,
        }

    def constant(self, array: Any) -> Any:
        """On the device."""
        return self.xp.asarray(array)

    def allocates(self, step: Step) -> bool:
        """None does: graphs must find everything in its place."""
        return False

    in_place = staticmethod(in_place)

    # Steps

    def write_steps(self) -> None:
        """Lines for all steps; labels are not looked at, which would have to be waited for."""
        for step in self.plan.steps:
            if step.op in VIEWS and step.outputs[0] in self.placement.roots:
                self._view(step)
                self._open.append(step)
            elif self._is_launched(step):
                self._launch(step)
                self._open.append(step)
            elif step.outputs:
                self._close()
                self._call_step(step)
                self.end((step,), reason=f"no kernel is generated for {step.op} of these arrays")
        self._close()

    def _is_launched(self, step: Step) -> bool:
        if step.op == "matmul":
            return can_multiply(self.plan.slots, step)
        if step.op == "product":
            return True
        if step.op == "reshape":
            return step.inputs[0] in self._layouts
        if step.op == "concat":                     # one behind the other, as in a pack
            return prod(self.slots[step.outputs[0]].shape[: step.setting("axis")]) == 1
        if step.op in ("getitem", "add_at"):
            return indexing.can_take(self.slots, step) or indexing.can_add(self.slots, step)
        return step.op in ("fused", "pack") or step.op in random.STEPS

    def _close(self) -> None:
        """End the graph that is being written."""
        if self._graph:
            name = f"graph{len(self._graphs)}"
            self.setup += [f"def {name}():", *(f"    {line}" for line in self._graph)]
            makes = f"captured({name})" if len(self._graph) >= GRAPH else name
            self._graphs.append(f"{name} = {makes}")
            self.lines.append(f"{name}()")
            self._end_graph(name)
        elif self._open:
            self._end_graph("")
        self._open, self._graph = [], []

    def _end_graph(self, name: str) -> None:
        self.lines.append(f"# {len(self.spans)}: {' '.join(step.op for step in self._open)}")
        self.spans.append(Span(tuple(self._open), len(self._graph), name))
        self._ended = len(self.lines)

    def buffer(self, slot: int) -> None:
        """Make the memory of a result: its place in the arena, or an array for the caller."""
        if slot in self.placement.offsets:
            super().buffer(slot)
        else:
            spec = self.slots[slot]
            self._prelude.append(f"s{slot} = empty({spec.shape}, {self.dtype(spec.dtype)})")

    def _view(self, step: Step) -> None:
        """A view is made with its root: once, or before the graphs of a call."""
        x, y = step.inputs[0], step.outputs[0]
        if y not in self.shown:
            return
        if step.op == "broadcast_to" or x in self.stretched:
            self.stretched.add(y)
        if x in self.fixed:
            self.fixed.add(y)
        else:
            self._demand_order(x)
        where = self.setup if x in self.fixed else self._prelude
        where.append(f"s{y} = {calls.view_of(self, step)}")

    def _call_step(self, step: Step) -> None:
        """A step without a kernel: CuPy runs it, and its results are copied to their places."""
        name = self.bind(f"step{step.outputs[0]}", Stepper(step, self.slots, self.xp))
        placed = {*self.placement.offsets, *self._read}
        copied = [slot for slot in step.outputs if slot in placed]
        for slot in copied:
            self.buffer(slot)
        results = "".join(f"{'r' if slot in copied else 's'}{slot}, " for slot in step.outputs)
        self.lines.append(f"{results}= {name}({', '.join(f's{slot}' for slot in step.inputs)})")
        self.lines += [f"copyto(s{slot}, r{slot})" for slot in copied]

    # Launches

    def _launch(self, step: Step) -> None:
        """A line in the graph, and the kernel that it launches."""
        name = self._named(step.op)
        if step.op == "matmul":
            self._product(name, step)
            return
        for slot in step.outputs:
            self.buffer(slot)
        if step.op == "product":
            operands = matrices(self._turned, self.slots, step.body[0])
            read = [slot for slot in read_after(step) if self.number(slot) is None]
            numbers = {slot: self.number(slot) for slot in read_after(step) if slot not in read}
            words = self._words_for((*(x.slot for x in operands), *read, *step.outputs))
            self._add(write_epilogue(name, step, self.slots, numbers, operands, words))
        elif step.op == "fused":
            slots = [slot for slot in step.inputs if self.number(slot) is None]
            numbers = {slot: self.number(slot) for slot in step.inputs if slot not in slots}
            views = self._scattered(slots) if can_read_views(step, self.slots) else {}
            read = [views[slot].root if slot in views else slot for slot in slots]
            words = self._words_for((*read, *step.outputs))
            self._add(write_kernel(name, step, self.slots, numbers, words, views))
        elif step.op == "reshape":
            self._gather(name, step.inputs[0], step.outputs[0])
        elif step.op in ("getitem", "add_at"):
            write = indexing.write_take if step.op == "getitem" else indexing.write_add
            words = self._words_for((*step.inputs, *step.outputs))
            self._add(write(name, step, self.slots, words))
        elif step.op in random.STEPS:
            words = self._words_for((*step.inputs, *step.outputs))
            self._add(random.write_random(name, step, self.slots, words))
        else:
            self._join(name, step)

    def _add(self, kernel: Kernel) -> None:
        self.kernels.append(kernel)
        name = kernel.name
        arguments = ["table"] * kernel.table + [self._array(slot) for slot in kernel.arguments]
        for i, nbytes in enumerate(kernel.scratch):
            arguments.append(f"{name}_scratch{i}")
            self.setup.append(f"{name}_scratch{i} = empty({nbytes}, 'uint8')")
        if kernel.counters:
            arguments.append(f"{name}_done")
            self.setup.append(f"{name}_done = zeros({kernel.counters}, 'uint32')")
        passed = "".join(f"{argument}, " for argument in arguments)
        self._graph.append(f"{name}(({kernel.grid},), ({kernel.block},), ({passed}))")

    @property
    def details(self) -> str:
        """How many of the kernels are products by cuBLAS, and copies."""
        parts = []
        if self._library:
            parts.append(f"{self._library} product{'s' * (self._library > 1)} by cuBLAS")
        names = [kernel.name for kernel in self.kernels]
        copies = sum(name.startswith(("order", "pack", "concat", "reshape")) for name in names)
        if copies:
            parts.append(f"{copies} cop{'ies' if copies > 1 else 'y'}")
        return f", among them {' and '.join(parts)}" if parts else ""

    def _named(self, stem: str) -> str:
        self._launched += 1
        return f"{stem}{self._launched - 1}"

    def _product(self, name: str, step: Step) -> None:
        operands = matrices(self._turned, self.slots, step)
        if is_large(self.slots, step, *operands) and cublas.library() is not None:
            self._library_product(name, step, *operands)
        else:
            self.buffer(step.outputs[0])
            words = self._words_for((*(x.slot for x in operands), *step.outputs))
            self._add(write_product(name, step, self.slots, operands, words))

    def _library_product(self, name: str, step: Step, left: Matrix, right: Matrix) -> None:
        """A product by cuBLAS, which has to know where the matrices lie when it is captured."""
        self._library += 1
        if "Blas" not in self.scope:
            self.bind("Blas", cublas.Blas)
            self.bind("Matrix", Matrix)
            self.setup.append("blas = Blas()")
        for operand in (left.slot, right.slot):
            if self._words_for((operand,)):
                self._lay_in_order(operand)
        (result,) = step.outputs
        slot = self.slots[result]
        if result in self.placement.offsets:
            self.buffer(result)
        else:                                       # the caller gets a copy
            self.setup.append(f"s{result} = empty({slot.shape}, {self.dtype(slot.dtype)})")
            self.fixed.add(result)
        shape = (prod(slot.shape[:-2]), *slot.shape[-2:], self.slots[step.inputs[0]].shape[-1])
        a, b = (f"({self._array(matrix.slot)}, {matrix!r})" for matrix in (left, right))
        arguments = f"{shape}, {slot.dtype.name!r}, {a}, {b}, s{result}"
        self.setup.append(f"{name} = blas.product({arguments})")
        self._graph.append(f"{name}()")

    def _join(self, name: str, step: Step) -> None:
        """A copy of what is brought together and was not computed there; for a pack, most was."""
        packed = step.outputs[0]
        start, parts = 0, []
        for slot in step.inputs:
            if not self.placement.lies_in(slot, packed, start * self.slots[slot].dtype.itemsize):
                parts.append((slot, start))
            start += self.slots[slot].size
        if parts:
            words = self._words_for((*(slot for slot, _ in parts), packed))
            self._add(write_join(name, self.slots, parts, packed, words))

    def _gather(self, name: str, view: int, result: int) -> None:
        layout = self._layouts[view]
        words = self._words_for((layout.root, result))
        self._add(write_gather(name, self.slots[view], layout, result, words))

    def _array(self, slot: int) -> str:
        """The array with the elements of a slot in their order."""
        return f"o{slot}" if slot in self._ordered else f"s{slot}"

    def _words_for(self, slots: tuple[int, ...]) -> dict[int, int]:
        """Of slots that a kernel takes, the words of those whose address a call brings.

        What lies scattered is laid in order first.
        """
        words = {}
        scattered = self._scattered(slots)
        for slot in dict.fromkeys(slots):
            if slot in scattered:
                self._lay_in_order(slot)
            elif slot not in self._ordered and slot not in self.fixed:
                self._demand_order(slot)
                words[slot] = self._words.setdefault(slot, len(self._words))
        return words

    def _scattered(self, slots: Iterable[int]) -> dict[int, Layout]:
        """Those of the slots whose elements do not lie in their order, and of which there is no
        copy in order yet.
        """
        views = {slot: self._layouts[slot] for slot in slots
                 if slot in self.placement.roots and slot in self._layouts}  # fmt: skip
        return {slot: layout for slot, layout in views.items()
                if not layout.ordered and slot not in self._ordered}  # fmt: skip

    def _lay_in_order(self, view: int) -> None:
        """A copy of a slot in order, at a place that is known."""
        if view in self._ordered:
            return
        slot = self.slots[view]
        whole = Layout(view, 0, slot.shape, strides_of(slot.shape))
        layout = self._layouts.get(view, whole)
        words = self._words_for((layout.root,))
        self._ordered.add(view)
        self.setup.append(f"o{view} = empty({slot.shape}, {self.dtype(slot.dtype)})")
        self._add(write_gather(self._named("order"), slot, layout, view, words, "o"))

    def _demand_order(self, slot: int) -> None:
        """A line that copies an input whose elements do not lie in their order."""
        if slot in self.parameters and self.slots[slot].shape:
            line = f"if not s{slot}.flags.c_contiguous: s{slot} = in_order(s{slot})"
            if line not in self._prelude:
                self._prelude.append(line)

    # The table

    def _finish(self, outputs: tuple[int, ...]) -> None:
        """Lines that write the table, at the begin of a run; and those that capture the graphs."""
        host = self._host
        if host.outputs:
            self.bind("on_host", on_host(host))
            names, given = ("".join(f"{x}{slot}, " for slot in slots)
                            for x, slots in (("h", host.outputs), ("s", host.inputs)))  # fmt: skip
            self._prelude.insert(0, f"{names}= on_host({given})")
            others = iter(self.results)
            replaced = [output for _, output in self.plan.donated]
            self.results = [
                f"h{slot}" if slot in host.outputs else next(others)
                for slot in without(outputs, replaced)
            ]
        if self._words:
            self._write_table()
        else:
            self.lines[:0] = self._prelude
        self.setup += self._graphs

    def _write_table(self) -> None:
        numbers = [slot for slot in self._words if slot in self._numbers]
        used = len(self._words)
        count = used + 2 * len(numbers)             # a complex number takes two
        self.setup[:0] = [f"table, words = empty({count}, 'uint64'), words_of({count})"]
        addresses = [f"{'a' if slot in numbers else 's'}{slot}" for slot in self._words]
        addresses = [x if x[0] == "a" else f"{x}.data.ptr" for x in addresses]
        lines = [*self._prelude, f"words[:{used}] = {''.join(f'{x}, ' for x in addresses)}"]
        for place, slot in zip(range(used, count, 2), numbers, strict=True):
            kind = self.dtype(self.slots[slot].dtype)
            self.setup.append(f"c{slot} = words[{place}:{place + 2}].view({kind})")
            self.setup.append(f"a{slot} = table.data.ptr + {8 * place}")
            lines.append(f"c{slot}[0] = s{slot}")
        launches = []
        for at in range(0, count, table.MOST):
            size = min(table.MOST, count - at)
            self.givers.add(size)
            self.setup.append(f"t{at}, w{at} = table[{at}:], packet(words, {at}, {size})")
            launches.append(f"    give{size}((1,), (256,), (t{at}, w{at}))")
        self.setup += ["def give():", *launches]
        self.lines[:0] = [*lines, "give()"]
        largest = max(self.slots[slot].nbytes for slot in self._words)
        self.setup += [f"spare = empty({largest}, 'uint8')", "words[:] = spare.data.ptr", "give()"]


def _words_of(count: int) -> Any:
    """The table as the host writes it."""
    return np.zeros(count, np.uint64)


def _packet(words: Any, start: int, size: int) -> Any:
    """Words of a table as one structure, which a launch takes by value."""
    return words[start : start + size].view([("word", np.uint64, size)])


def with_epilogues(plan: Plan) -> Plan:
    """The plan with what follows small products element by element as a part of these."""
    turned = _transposes(plan)

    def allows(step: Step) -> bool:
        if not can_multiply(plan.slots, step):
            return False
        large = is_large(plan.slots, step, *matrices(turned, plan.slots, step))
        return not large or cublas.library() is None

    return add_epilogues(plan, allows)


def matrices(
    turned: Mapping[int, Matrix], slots: tuple[Slot, ...], step: Step
) -> tuple[Matrix, Matrix]:
    """Where the operands of a product lie; `turned` are the transposes that need not be made."""
    left, right = (turned.get(slot) or in_order(slots, slot) for slot in step.inputs)
    return left, right


def _transposes(plan: Plan) -> dict[int, Matrix]:
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
