"""What the CuPy engine writes for a plan: CUDA graphs of generated kernels.

The arena and the source are like those of the NumPy engine. Steps that follow each other and have
kernels are captured as one graph; a step without one is called between two of them:

    def make(arena, turn):
        s9 = arena[0:2048].view(float32_).reshape((32, 16))
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

from collections.abc import Collection
from struct import Struct

from gpugrad.engines.cuda import table
from gpugrad.engines.cuda.capture import captured
from gpugrad.engines.cuda.fewest_launches import reason_called
from gpugrad.engines.cuda.host_numbers import by_numpy, in_python
from gpugrad.engines.cuda.launches import LaunchWriter
from gpugrad.engines.cuda.overwrite import in_place
from gpugrad.engines.lines import Line, ProgramSource, ProgramText, assigned, called, names_in
from gpugrad.engines.program import Span
from gpugrad.engines.stepper import Stepper
from gpugrad.plan.passes.memory import ALIGNMENT
from gpugrad.plan.plan import Plan, Step
from gpugrad.plan.primitives import CHECKS, VIEWS

GRAPH = 2
"""Launches from which on a graph costs less than they do."""


class CupyWriter(LaunchWriter):
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

        super().__init__(plan, numbers)
        self.scope |= {
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
        self.host, self.whole, self.plain = host, whole, plain
        self.givers: set[int] = set()               # sizes of the tables that kernels write
        self._open: list[Step] = []                 # steps of the graph that is being written
        self._graphs: list[Line] = []
        self._views: list[tuple[str, Line]] = []    # lines of the prelude, with what they bind
        self._moved = False                         # whether a graph moves what is donated
        self._read = {slot for step in plan.steps for slot in step.inputs}

    in_place = staticmethod(in_place)

    def allocates(self, step: Step) -> bool:
        """None does: graphs must find everything in its place."""
        return False

    def parameter(self, slot: int) -> str:
        """The name of what a run is given: `n7` is a number, of which `s7` is on the device."""
        return f"n{slot}" if slot in self.numbers else f"s{slot}"

    # Steps

    def write_steps(self) -> None:
        """Lines for all steps; labels are not looked at, which would have to be waited for."""
        for i, slot in enumerate(self.numbers):     # in the table, which each run writes first
            kind = self.dtype(self.slots[slot].dtype)
            text = f"s{slot} = table[{2 * i}:{2 * i + 2}].view({kind})[0]"
            self.setup.append(Line(text, (f"s{slot}",), ("table",)))
            self.fixed.add(slot)
        for step in self.plan.steps:
            if step.op in VIEWS and step.outputs[0] in self.placement.roots:
                self.write_view(step)
                self._open.append(step)
            elif self.is_launched(step):
                self.launch(step)
                self._open.append(step)
            elif step.op not in CHECKS:
                self._close()
                self._call_step(step)
                self.end((step,), reason=reason_called(self.plan, step))
        self._move_in_graph()
        self._close()

    def view(self, slot: int, name: str, expression: str) -> str:
        """A view is made with its root: once, or before the graphs of a call."""
        if slot in self.fixed:
            return super().view(slot, name, expression)
        self.demand_order(slot)
        line = Line(f"{name} = {expression}", (name,), (f"s{slot}",))
        self._views.append((name, line))
        self.prelude.append(line)
        return name

    def _call_step(self, step: Step) -> None:
        """A step without a kernel: CuPy runs it, and its results are copied to their places."""
        function = self.bind(f"step{len(self.spans)}", Stepper(step, self.slots, self.xp))
        placed = {*self.placement.offsets, *self._read}
        copied = [slot for slot in step.outputs if slot in placed]
        for slot in copied:
            self.buffer(slot)
        results = tuple(f"{'r' if slot in copied else 's'}{slot}" for slot in step.outputs)
        given = [self._given(slot) for slot in step.inputs]
        text = f"{function}({', '.join(x.text for x in given)})"
        call = Line(text, reads=tuple(name for x in given for name in x.reads))
        self.lines.append(assigned(results, call))
        self.lines += [called("copyto", f"s{slot}", f"r{slot}") for slot in copied]

    def _given(self, slot: int) -> Line:
        """What a called step is given: of a number the value, of which nobody has to wait."""
        name = self.parameter(slot)
        if slot not in self.numbers:
            return Line(name, reads=(name,))
        return called(self.bind("number", self.xp.number), name)

    # Graphs

    def _close(self) -> None:
        """End the graph that is being written."""
        name = reason = ""
        if self.graph:
            name = f"graph{sum(span.compiled != '' for span in self.spans)}"
            self.setup.append(Line(f"def {name}():", (name,), inside=tuple(self.graph)))
            if len(self.graph) < GRAPH:
                self.lines.append(Line(f"{name}()", reads=(name,)))
                reason = f"not captured: a graph pays from {GRAPH} launches on"
            else:
                self._graphs.append(Line(f"{name} = captured({name})", (name,), (name,)))
                self.lines.append(Line(f"{name}.launch()", reads=(name,)))
        if self._open:
            launches = sum(line.launches for line in self.graph)
            self.end_span(Span(tuple(self._open), launches, name, reason))
        self._open, self.graph = [], []

    def _move_in_graph(self) -> None:
        """Copies for outputs that could not be computed in the memory of the input they replace.

        They are the last launches of a graph: where none is open, or a result must be copied
        before, they are made one by one.
        """
        late = self.placement.unsettled(self.plan)
        copied = any(self.result(slot).launches for slot in self.returned())
        if not self.graph or copied:
            return
        for _, output in late[1:]:                  # all are read before one is written over
            self.copy_apart(output)
        for slot, output in late:
            words = self.words_for((output,))
            kernel = self.joined_parts(self.named("move"), [(output, 0)], slot, words)
            read = [] if words else [self.array(output)]
            self.add(kernel, [*read, f"s{slot}"])
        self._moved = True

    def move_donated(self) -> None:
        if not self._moved:
            super().move_donated()

    # What a run does before the first launch, and the table

    def code(self) -> ProgramText:
        """The source as code: one function, whose launches are few lines in graphs of their own."""
        return self.source().text()

    def joined(self) -> ProgramSource:
        self._give_results()
        if self.words or self.numbers:
            self._write_table()
        else:
            self.lines[:0] = self.prelude
        self._drop_unused_views()
        self.setup += self._graphs
        for i, result in enumerate(self.results):
            if result.launches:                     # a copy, which belongs to the turn
                self.name_result(i, f"y{i}")
        if not all(line.ends for line in self.lines):
            begin = "if stream is not turn.stream or stream.is_capturing(): turn.begin(stream)"
            end = Line("if turn.stream is None: turn.end()")
            self.lines = [
                Line("stream = current_stream()", ("stream",)),
                Line(begin, reads=("stream",)),
                Line("try:", inside=tuple(self.lines)),
                Line("finally:", inside=(end,)),    # what was launched before a failure, too
            ]
        return super().joined()

    def _give_results(self) -> None:
        """The results of both plans in order; and lines for those of the host."""
        host = self.host
        if host.outputs:
            lines = in_python(host)
            if lines is None:
                self.bind("host", by_numpy(host))
                self.setup.append(Line("on_host = host()", ("on_host",)))
                names, given = (tuple(f"n{slot}" for slot in slots)
                                for slots in (host.outputs, host.inputs))  # fmt: skip
                call = Line(f"on_host({', '.join(given)})", reads=("on_host", *given))
                lines = [assigned(names, call)]
            self.prelude[:0] = lines
        replaced = [output for _, output in self.plan.donated]
        others = iter(self.results)
        self.results = []
        for i, slot in enumerate(self.whole.outputs):
            if i in self.plain and slot in host.outputs:
                self.results.append(Line(f"n{slot}", reads=(f"n{slot}",), launches=0))
            elif slot in replaced:
                replaced.remove(slot)
            else:
                result = next(others)
                taken = Line(f"{result.text}.item()", reads=result.reads)
                self.results.append(taken if i in self.plain else result)

    def _drop_unused_views(self) -> None:
        """Leave out the views of what a call brings that only kernels read, which know where."""
        for name, line in reversed(self._views):
            others = [other for other in self.lines if other is not line]
            if name not in names_in([*others, *self.results]):
                self.lines = others

    def _write_table(self) -> None:
        kinds = [self.slots[slot].dtype.kind for slot in self.numbers]
        count = 2 * len(kinds) + len(self.words)
        text = f"table, words = empty({count}, 'uint64'), words_of({count})"
        self.setup[:0] = [Line(text, ("table", "words"))]
        layout = "".join(table.NUMBERS[kind] for kind in kinds)
        self.bind("pack", Struct(f"={layout}{len(self.words)}Q").pack_into)
        values = [
            f"n{slot}.real, n{slot}.imag" if kind == "c" else f"n{slot}"
            for slot, kind in zip(self.numbers, kinds, strict=True)
        ]
        values += [f"s{slot}.data.ptr" for slot in self.words]
        names = (*(f"n{slot}" for slot in self.numbers), *(f"s{slot}" for slot in self.words))
        launches = []
        for at in range(0, count, table.MOST):
            size = min(table.MOST, count - at)
            self.givers.add(size)
            given, give = f"given{at}", f"give{at}"
            text = f"{given} = table[{at}:], by_value(words, {at})"
            self.setup.append(Line(text, (given,), ("table", "words")))
            self.setup.append(Line(f"{give} = {table.name(size)}.kernel.linear_launch", (give,)))
            launches.append(Line(f"{give}({table.BLOCK}, {given})", reads=(give, given)))
        packed = Line(f"pack(words, 0, {', '.join(values)})", reads=("words", *names))
        self.lines[:0] = [*self.prelude, packed, *launches]
        # Until a call brings them, each lies by itself: what runs at the same time must not meet.
        starts = [0]
        for slot in self.words:
            starts.append(starts[-1] + -(-self.slots[slot].nbytes // ALIGNMENT) * ALIGNMENT)
        spare = f"words[{2 * len(kinds)}:] = [spare.data.ptr + start for start in {starts[:-1]}]"
        self.setup += [
            Line(f"spare = empty({starts[-1] + 1}, 'uint8')", ("spare",)),
            Line(spare, reads=("words", "spare")),
            *launches,
        ]
