"""The CuPy engine: a plan as CUDA graphs of generated kernels.

The arena and the source are like those of the NumPy engine. Steps that follow each other and have
kernels are captured as one graph; a step without one is called between two of them:

    def make(arena, turn):
        s9 = part(arena, 0, (32, 16), float32)
        def graph0():
            matmul0((1,), (256,), (table, s9))
            fused1((4,), (256,), (table, s9, s11))
        words[0:] = [spare.data.ptr + start for start in [0, 2048]]
        give0(128, given0)
        graph0 = captured(graph0)
        def run(s7):
            stream = current_stream()
            if stream is not turn.stream or stream.is_capturing(): turn.begin(stream)
            try:
                s20 = ndarray((32, 16), float32)
                pack(words, 0, s7.data.ptr, s20.data.ptr)
                give0(128, given0)
                graph0.launch()
                # 0: matmul fused
            finally:
                if turn.stream is None: turn.end()
            return (s20, )

What a call brings is reached through a table (see `cuda/table.py`), so a run is one small launch
and the launch of a graph. Each line of `run` is there for its cost: together they are what a call
costs the host.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from math import prod
from struct import Struct
from time import perf_counter_ns
from typing import Any
from weakref import finalize

from gpugrad.backends import choose, kernels
from gpugrad.engines.cuda import cublas, gather, places, random, table
from gpugrad.engines.cuda.beside import share_launch, side_by_side
from gpugrad.engines.cuda.capture import captured
from gpugrad.engines.cuda.copies import write_gather, write_join
from gpugrad.engines.cuda.epilogue import add_epilogues, read_after, write_epilogue
from gpugrad.engines.cuda.fused import blocks_of, can_read_views, write_kernel
from gpugrad.engines.cuda.host_numbers import by_numpy, in_python, split
from gpugrad.engines.cuda.kernel import BLOCK, Kernel, in_place
from gpugrad.engines.cuda.product import (
    Matrix,
    can_multiply,
    in_order,
    is_large,
    product_blocks,
    write_product,
)
from gpugrad.engines.cuda.repeated import repeat_numbers
from gpugrad.engines.cuda.turns import Turn
from gpugrad.engines.cuda.view_layout import Layout, layouts, strides_of
from gpugrad.engines.numpy import calls
from gpugrad.engines.numpy.engine import Stepper, Writer
from gpugrad.engines.program import Span
from gpugrad.generated import compile_source
from gpugrad.plan.observers import show, shown
from gpugrad.plan.passes.fuse import fuse
from gpugrad.plan.passes.memory import ALIGNMENT
from gpugrad.plan.passes.why_unfused import unfusable
from gpugrad.plan.plan import Plan, Slot, Step
from gpugrad.plan.primitives import CHECKS, VIEWS

HEADERS = ("engine", "philox", "product")
"""In `kernels/`: what generated kernels call."""

OPTIONS = ("-std=c++17",)

GRAPH = 2
"""Launches from which on a graph costs less than they do."""


class Instance:
    """A compiled plan with an arena and graphs of its own on the current device (see `pool.py`).

    It may be run on any stream, also on others in turn: a run waits for the one before.
    """

    __slots__ = ("__weakref__", "_function", "_turn", "donated", "kept", "memory", "run")

    def __init__(self, make: Callable[..., Any], size: int) -> None:
        import cupy

        _drop_waiting()
        self._turn = Turn()
        stream = cupy.cuda.Stream(non_blocking=True)
        with stream:
            self.memory = cupy.empty(max(size, ALIGNMENT), "uint8")
            self._function, self.donated = make(self.memory, self._turn)
        stream.synchronize()
        # Memory that is given back must not be taken by others while a graph still works in it.
        finalize(self, _let_go, self._turn, self._function).atexit = False
        self.kept: tuple[Any, ...] = ()
        self.run = self._function

    def run_as(self, variant: Callable[[Any], Any]) -> None:
        """From the next call on, run what `variant` makes of the function, in the same memory."""
        self.run = variant(self._function)

    def settle(self) -> None:
        """Let what comes on the current stream wait for the last run."""
        import cupy

        self._turn.begin(cupy.cuda.get_current_stream())


_waiting: list[tuple[Turn, Any]] = []
"""What could not be let go of when it was dropped, with what holds its memory."""


def _let_go(turn: Turn, function: Any) -> None:
    """Let the memory that `function` holds go when nobody works in it any more."""
    over = False
    try:
        over = turn.is_over()
    except Exception:                               # of CUDA, which can wait for it no more
        over = True
        raise
    finally:                                        # also where this was interrupted
        if not over:
            _waiting.append((turn, function))


def _drop_waiting() -> None:
    for _ in range(len(_waiting)):
        try:
            waiting = _waiting.pop(0)
        except IndexError:                          # other threads were faster
            return
        _let_go(*waiting)


def _clock() -> int:
    """Nanoseconds when the current stream has done what it was given."""
    import cupy

    cupy.cuda.get_current_stream().synchronize()
    return perf_counter_ns()


class Program:
    """A plan compiled for CuPy: `instance` gives it memory.

    `numbers` are the inputs for which a call brings Python numbers and not arrays, and `plain` the
    places of the outputs that it wants as such.
    """

    engine = "cupy"
    plain_numbers = True
    chosen = ""
    code_bytes = 0
    clock = staticmethod(_clock)

    def __init__(
        self, plan: Plan, numbers: Collection[int] = (), plain: Collection[int] = ()
    ) -> None:
        device, host = split(plan, numbers, plain)
        for part in (device, host):
            show(part, "host_numbers")
        self.plan = arranged(shown(fuse(device), "fuse"))
        writer = CupyWriter(self.plan, numbers, host, plan, plain)
        self.source = writer.source()
        self.placement = writer.placement
        self.spans = writer.spans
        self.pools = writer.pools
        self.kernels = writer.kernels
        self._scope = writer.scope
        self._constants = [f"s{slot}" for slot in writer.constants]
        self._givers = writer.givers
        self._made: Callable[..., Any] | None = None
        self.details = writer.details
        parts = [*map(kernels.header, HEADERS), *map(table.giver, sorted(writer.givers))]
        self.cuda_source = "\n".join([*parts, *(kernel.source for kernel in self.kernels)])

    @property
    def calls(self) -> int:
        """How many launches a run makes."""
        return sum(span.launches for span in self.spans)

    def _make(self) -> Callable[..., Any]:
        """What makes the memory of an instance and its functions.

        There is no lock, which an interrupt could leave locked: threads that come first load one
        each, and each of these is whole.
        """
        if self._made is None:
            self._made = self._loaded()
        return self._made

    def _loaded(self) -> Callable[..., Any]:
        import cupy

        scope = dict(self._scope)
        module = cupy.RawModule(code=self.cuda_source, options=OPTIONS)
        names = [kernel.name for kernel in self.kernels]
        for name in (*names, *map(table.name, self._givers)):
            scope[name] = module.get_function(name)
        # On a stream of their own, which is waited for: nobody who uses them later would be.
        with cupy.cuda.Stream(non_blocking=True) as stream:
            scope |= {name: cupy.asarray(scope[name]) for name in self._constants}
        stream.synchronize()
        exec(compile_source(self.source, "plan"), scope)
        return scope.pop("make")  # type: ignore[no-any-return]

    def instance(self) -> Instance:
        """The program with an arena of its own; the first one compiles the kernels."""
        return Instance(self._make(), self.placement.size)


class CupyWriter(Writer):
    """Writes the source for a plan with fused steps.

    A slot whose address a call brings has a word in the table, where its inputs `numbers` lie too.
    `host` is the plan of what follows from these, and `whole` the one that both are of.
    """

    made_with = "arena, turn"

    def __init__(
        self,
        plan: Plan,
        numbers: Collection[int],
        host: Plan,
        whole: Plan,
        plain: Collection[int],
    ) -> None:
        import cupy

        self.cupy = cupy
        self._numbers = [slot for slot in plan.inputs if slot in numbers]
        self.xp = choose("cupy")
        self.broadcast_to = cupy.broadcast_to
        self.runners = {}                           # branches and loops run step by step
        self.kernels: list[Kernel] = []
        self._turned = _transposes(plan)
        self._layouts = layouts(plan, VIEWS)
        self._launched = 0
        self._library = 0                           # products by cuBLAS
        self._without_library = 0                   # that would be by it, if it were there
        self._open: list[Step] = []                 # steps of the graph that is being written
        self._graph: list[str] = []
        self._graphs: list[str] = []
        self._prelude: list[str] = []
        self._views: dict[str, str] = {}            # lines of the prelude, by the name they bind
        self._words: dict[int, int] = {}
        self._moved = False                         # whether a graph moves what is donated
        self._ordered: set[int] = set()             # views of which `o7` is a copy in order
        self._read = {slot for step in plan.steps for slot in step.inputs}
        self.givers: set[int] = set()               # sizes of the tables that kernels write
        super().__init__(plan)
        self._finish(host, whole, plain)

    def functions_in_scope(self) -> dict[str, Any]:
        cupy = self.cupy
        return {
            "array": cupy.array,
            "by_value": table.by_value,
            "captured": captured,
            "copyto": cupy.copyto,
            "current_stream": cupy.cuda.get_current_stream,
            "empty": cupy.empty,
            "in_order": cupy.ascontiguousarray,
            "ndarray": cupy.ndarray,
            "words_of": table.words_of,
            "zeros": cupy.zeros,
        }

    def allocates(self, step: Step) -> bool:
        """None does: graphs must find everything in its place."""
        return False

    in_place = staticmethod(in_place)

    # Steps

    def parameter(self, slot: int) -> str:
        """The name of what a run is given: `n7` is a number, of which `s7` is on the device."""
        return f"n{slot}" if slot in self._numbers else f"s{slot}"

    def write_steps(self) -> None:
        """Lines for all steps; labels are not looked at, which would have to be waited for."""
        for i, slot in enumerate(self._numbers):    # in the table, which each run writes first
            kind = self.dtype(self.slots[slot].dtype)
            self.setup.append(f"s{slot} = table[{2 * i}:{2 * i + 2}].view({kind})[0]")
            self.fixed.add(slot)
        for step in self.plan.steps:
            if step.op in VIEWS and step.outputs[0] in self.placement.roots:
                self._view(step)
                self._open.append(step)
            elif self._is_launched(step):
                self._launch(step)
                self._open.append(step)
            elif step.op not in CHECKS:
                self._close()
                self._call_step(step)
                self.end((step,), reason=reason_called(self.plan, step))
        self._move_in_graph()
        self._close()

    def _move_in_graph(self) -> None:
        """Copies for outputs that could not be computed in the memory of the input they replace, as
        the last launches of a graph: where none is open, or a result must be copied before, they
        are made one by one.
        """
        late = self.placement.unsettled(self.plan)
        copied = any("(" in self._result(slot) for slot in self._returned())
        if not self._graph or copied:
            return
        for _, output in late[1:]:                  # all are read before one is written over
            self._copy_apart(output)
        for slot, output in late:
            words = self._words_for((output,))
            kernel = write_join(self._named("move"), self.slots, [(output, 0)], slot, words)
            read = [] if words else [self._array(output)]
            self._add(kernel, [*read, f"s{slot}"])
        self._moved = True

    def _copy_apart(self, slot: int) -> None:
        """A copy of a slot from which kernels read it from now on."""
        words = self._words_for((slot,))
        if slot in self._ordered:                   # they do
            return
        spec = self.slots[slot]
        whole = Layout(slot, 0, spec.shape, strides_of(spec.shape))
        kernel = write_gather(self._named("order"), spec, whole, slot, words, "o")
        self.setup.append(f"o{slot} = empty({spec.shape}, {self.dtype(spec.dtype)})")
        self._add(kernel, [f"o{slot}"] if words else [f"s{slot}", f"o{slot}"])
        self._ordered.add(slot)

    def _move_donated(self) -> None:
        if not self._moved:
            super()._move_donated()

    def _is_launched(self, step: Step) -> bool:
        if step.op == "reshape":
            return step.inputs[0] in self._layouts
        return step.op == "beside" or is_launched(self.slots, step)

    def _close(self) -> None:
        """End the graph that is being written."""
        if self._graph:
            name = f"graph{sum(span.compiled != '' for span in self.spans)}"
            self.setup += [f"def {name}():", *(f"    {line}" for line in self._graph)]
            reason = ""
            if len(self._graph) < GRAPH:
                self.lines.append(f"{name}()")
                reason = f"not captured: a graph pays from {GRAPH} launches on"
            else:
                self._graphs.append(f"{name} = captured({name})")
                self.lines.append(f"{name}.launch()")
            self._end_graph(name, reason)
        elif self._open:
            self._end_graph("")
        self._open, self._graph = [], []

    def _end_graph(self, name: str, reason: str = "") -> None:
        self.lines.append(f"# {len(self.spans)}: {' '.join(step.op for step in self._open)}")
        self.spans.append(Span(tuple(self._open), len(self._graph), name, reason))
        self._ended = len(self.lines)

    def buffer(self, slot: int) -> None:
        """Make the memory of a result: its place in the arena, or an array for the caller."""
        if slot in self.placement.offsets:
            super().buffer(slot)
        else:
            spec = self.slots[slot]
            self._prelude.append(f"s{slot} = ndarray({spec.shape}, {self.dtype(spec.dtype)})")

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
        line = f"s{y} = {calls.view_of(self, step)}"
        if x in self.fixed:
            self.setup.append(line)
        else:
            self._views[f"s{y}"] = line
            self._prelude.append(line)

    def _call_step(self, step: Step) -> None:
        """A step without a kernel: CuPy runs it, and its results are copied to their places."""
        name = self.bind(f"step{len(self.spans)}", Stepper(step, self.slots, self.xp))
        placed = {*self.placement.offsets, *self._read}
        copied = [slot for slot in step.outputs if slot in placed]
        for slot in copied:
            self.buffer(slot)
        results = "".join(f"{'r' if slot in copied else 's'}{slot}, " for slot in step.outputs)
        given = ", ".join(map(self._given, step.inputs))
        self.lines.append(f"{results}= {name}({given})" if results else f"{name}({given})")
        self.lines += [f"copyto(s{slot}, r{slot})" for slot in copied]

    def _given(self, slot: int) -> str:
        """What a called step is given: of a number the value, of which nobody has to wait."""
        if slot not in self._numbers:
            return f"s{slot}"
        return f"{self.bind('number', self.xp.number)}(n{slot})"

    # Launches

    def _launch(self, step: Step) -> None:
        """A line in the graph, and the kernel that it launches."""
        name = self._named(step.op)
        operands = matrices(self._turned, self.slots, step) if step.op == "matmul" else ()
        if operands and is_of_library(self.slots, step, operands):
            self._library_product(name, step, *operands)
            return
        for inner in _products(step):
            found = matrices(self._turned, self.slots, inner)
            self._without_library += is_large(self.slots, inner, *found)
        for slot in step.outputs:
            self.buffer(slot)
        if step.op == "reshape":
            self._gather(name, step.inputs[0], step.outputs[0])
        elif step.op in ("pack", "concat"):
            self._join(name, step)
        elif step.op == "beside":
            members = [self._kernel(self._named(member.op), member) for member in step.body]
            self._add(share_launch(name, members))
        else:
            self._add(self._kernel(name, step))

    def _kernel(self, name: str, step: Step) -> Kernel:
        """The kernel of a step that needs no other."""
        if step.op == "matmul":
            operands = matrices(self._turned, self.slots, step)
            words = self._words_for((*(x.slot for x in operands), *step.outputs))
            return write_product(name, step, self.slots, operands, words)
        if step.op == "product":
            operands = matrices(self._turned, self.slots, step.body[0])
            read = [slot for slot in read_after(step) if self.number(slot) is None]
            numbers = {slot: self.number(slot) for slot in read_after(step) if slot not in read}
            words = self._words_for((*(x.slot for x in operands), *read, *step.outputs))
            return write_epilogue(name, step, self.slots, numbers, operands, words)
        if step.op == "fused":
            slots = [slot for slot in step.inputs if self.number(slot) is None]
            numbers = {slot: self.number(slot) for slot in step.inputs if slot not in slots}
            views = self._scattered(slots) if can_read_views(step, self.slots) else {}
            read = [views[slot].root if slot in views else slot for slot in slots]
            words = self._words_for((*read, *step.outputs))
            return write_kernel(name, step, self.slots, numbers, words, views)
        words = self._words_for((*step.inputs, *step.outputs))
        return _WRITERS[step.op](name, step, self.slots, words)

    def _add(self, kernel: Kernel, names: Sequence[str] = ()) -> None:
        """Launch a kernel of the arrays that it names, or of `names`."""
        self.kernels.append(kernel)
        name = kernel.name
        arguments = ["table"] * kernel.table
        arguments += names or map(self._array, kernel.arguments)
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
        if self._without_library:
            n = self._without_library
            parts.append(
                f"{n} large product{'s' * (n > 1)} without cuBLAS, which {cublas.why_missing()}"
            )
        names = [kernel.name for kernel in self.kernels]
        copying = ("order", "pack", "concat", "reshape", "move")
        copies = sum(name.startswith(copying) for name in names)
        if copies:
            parts.append(f"{copies} cop{'ies' if copies > 1 else 'y'}")
        return f", among them {' and '.join(parts)}" if parts else ""

    def _named(self, stem: str) -> str:
        self._launched += 1
        return f"{stem}{self._launched - 1}"

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
                first = 2 * len(self._numbers)
                words[slot] = self._words.setdefault(slot, first + len(self._words))
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
        spec = self.slots[slot]
        if slot in self.parameters and spec.shape:
            strides = tuple(n * spec.dtype.itemsize for n in strides_of(spec.shape))
            condition = f"s{slot}.strides != {strides} and not s{slot}.flags.c_contiguous"
            line = f"if {condition}: s{slot} = in_order(s{slot})"
            if line not in self._prelude:
                self._prelude.append(line)

    # What a run does before the first launch, and the table

    def _finish(self, host: Plan, whole: Plan, plain: Collection[int]) -> None:
        """Lines for what comes before the steps of a run and after them, and for the graphs."""
        self._give_results(host, whole, plain)
        if self._words or self._numbers:
            self._write_table()
        else:
            self.lines[:0] = self._prelude
        self._drop_unused_views()
        self.setup += self._graphs
        for i, result in enumerate(self.results):
            if "(" in result:                       # a copy, which belongs to the turn
                self.results[i] = f"y{i}"
                self.lines.append(f"y{i} = {result}")
        if any(line[0] != "#" for line in self.lines):
            self.lines = [
                "stream = current_stream()",
                "if stream is not turn.stream or stream.is_capturing(): turn.begin(stream)",
                "try:",
                *(f"    {line}" for line in self.lines),
                "finally:",                         # what was launched before a failure, too
                "    if turn.stream is None: turn.end()",
            ]

    def _give_results(self, host: Plan, whole: Plan, plain: Collection[int]) -> None:
        """The results of both plans in order; and lines for those of the host."""
        if host.outputs:
            lines = in_python(host)
            if lines is None:
                self.bind("host", by_numpy(host))
                self.setup.append("on_host = host()")
                names, given = ("".join(f"n{slot}, " for slot in slots)
                                for slots in (host.outputs, host.inputs))  # fmt: skip
                lines = [f"{names}= on_host({given})"]
            self._prelude[:0] = lines
        replaced = [output for _, output in self.plan.donated]
        others = iter(self.results)
        self.results = []
        for i, slot in enumerate(whole.outputs):
            if i in plain and slot in host.outputs:
                self.results.append(f"n{slot}")
            elif slot in replaced:
                replaced.remove(slot)
            else:
                self.results.append(next(others) + (".item()" if i in plain else ""))

    def _drop_unused_views(self) -> None:
        """Leave out the views of what a call brings that only kernels read, which know where."""
        for name, line in reversed(self._views.items()):
            lines = [*self.lines, *self.results]
            if not any(re.search(rf"\b{name}\b", other) for other in lines if other != line):
                self.lines.remove(line)

    def _write_table(self) -> None:
        kinds = [self.slots[slot].dtype.kind for slot in self._numbers]
        count = 2 * len(kinds) + len(self._words)
        self.setup[:0] = [f"table, words = empty({count}, 'uint64'), words_of({count})"]
        layout = "".join(table.NUMBERS[kind] for kind in kinds)
        self.bind("pack", Struct(f"={layout}{len(self._words)}Q").pack_into)
        values = [
            f"n{slot}.real, n{slot}.imag" if kind == "c" else f"n{slot}"
            for slot, kind in zip(self._numbers, kinds, strict=True)
        ]
        values += [f"s{slot}.data.ptr" for slot in self._words]
        launches = []
        for at in range(0, count, table.MOST):
            size = min(table.MOST, count - at)
            self.givers.add(size)
            self.setup.append(f"given{at} = table[{at}:], by_value(words, {at})")
            self.setup.append(f"give{at} = {table.name(size)}.kernel.linear_launch")
            launches.append(f"give{at}({table.BLOCK}, given{at})")
        self.lines[:0] = [*self._prelude, f"pack(words, 0, {', '.join(values)})", *launches]
        # Until a call brings them, each lies by itself: what runs at the same time must not meet.
        starts = [0]
        for slot in self._words:
            starts.append(starts[-1] + -(-self.slots[slot].nbytes // ALIGNMENT) * ALIGNMENT)
        self.setup += [
            f"spare = empty({starts.pop() + 1}, 'uint8')",
            f"words[{2 * len(kinds)}:] = [spare.data.ptr + start for start in {starts}]",
            *launches,
        ]


_WRITERS = {
    "add_at": gather.write_add,
    "getitem": gather.write_take,
    **dict.fromkeys(places.STEPS, places.write_find),
    **dict.fromkeys(random.STEPS, random.write_random),
}
"""What writes the kernel of a step from its inputs and outputs alone."""


def is_launched(slots: tuple[Slot, ...], step: Step) -> bool:
    """Whether a step needs no call of CuPy."""
    if step.op == "matmul":
        return can_multiply(slots, step)
    if step.op == "concat":                         # one behind the other, as in a pack
        return prod(slots[step.outputs[0]].shape[: step.setting("axis")]) == 1
    if step.op in ("getitem", "add_at"):
        return gather.can_take(slots, step) or gather.can_add(slots, step)
    if step.op in places.STEPS:
        return places.can_find(slots, step)
    return step.op in ("fused", "pack", "product") or step.op in random.STEPS


def _products(step: Step) -> Iterator[Step]:
    """The products of matrices in a step."""
    if step.op == "matmul":
        yield step
    for inner in step.body:
        yield from _products(inner)


def reason_called(plan: Plan, step: Step) -> str:
    """Why a step that needs a call of CuPy, outside of all graphs, does."""
    kinds = [plan.slots[slot] for slot in step.inputs]
    if step.op in ("matmul", "getitem", "add_at"):
        why = f"none is written for {' and '.join(map(str, kinds))}"
    elif step.op == "concat":
        why = f"along axis {step.setting('axis')} its parts do not lie one behind the other"
    else:
        why = unfusable(plan, step) or "they do not fit the regions of this engine"
    return f"no kernel is generated for {step.op} of these arrays: {why}"


def is_of_library(
    slots: tuple[Slot, ...], step: Step, operands: tuple[Matrix, Matrix]
) -> bool:
    """Whether cuBLAS does a product."""
    return is_large(slots, step, *operands) and cublas.library() is not None


def arranged(plan: Plan) -> Plan:
    """The plan, after fusion, in as few launches as it takes: what follows small products element
    by element is a part of these, and what does not wait for one another is one.
    """
    turned = _transposes(plan)

    def is_ours(step: Step) -> bool:
        operands = matrices(turned, plan.slots, step)
        return can_multiply(plan.slots, step) and not is_of_library(plan.slots, step, operands)

    plan = shown(repeat_numbers(plan), "repeated")
    plan = shown(add_epilogues(plan, is_ours), "epilogue")

    def blocks(step: Step) -> int | None:
        if step.op == "fused":
            return blocks_of(step, plan.slots)
        if step.op == "product" or (step.op == "matmul" and is_ours(step)):
            product = (*step.body, step)[0]
            return product_blocks(plan.slots, product)
        if not is_launched(plan.slots, step):
            return None
        if step.op in places.STEPS:
            return places.find_blocks(plan.slots, step)
        one_each = step.op in ("getitem", "add_at")
        return -(-plan.slots[step.outputs[0]].size // BLOCK) if one_each else 0

    return shown(side_by_side(plan, blocks), "beside")


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
