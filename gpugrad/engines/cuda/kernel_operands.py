"""What kernels are launched of: arrays in their order, addresses from a table, numbers by value.

What a call brings is reached through a table (see `cuda/table.py`), so a slot whose address is only
known then has a word in it. What lies scattered is laid in order first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from gpugrad.engines.cuda.copies import write_gather, write_join
from gpugrad.engines.cuda.kernel import Kernel
from gpugrad.engines.cuda.numbering import Numbering
from gpugrad.engines.cuda.table import by_value
from gpugrad.engines.lines import Line
from gpugrad.engines.writer import Writer
from gpugrad.plan.layouts import Layout, in_order, layouts, whole
from gpugrad.plan.plan import Plan


class OperandWriter(Writer):
    """Writes launches of kernels into the lines `graph`, and what these need.

    The inputs `numbers` lie in the table, before the `words` of slots. `ordered` are the slots of
    which `o7` is a copy in order, `prelude` the lines before the first launch of a run, and `moved`
    what of the scope has to lie on the device.
    """

    def __init__(self, plan: Plan, numbers: Collection[int]) -> None:
        super().__init__(plan)
        self.numbers = [slot for slot in plan.inputs if slot in numbers]
        self.kernels: list[Kernel] = []
        self.graph: list[Line] = []
        self.prelude: list[Line] = []
        self.words: dict[int, int] = {}
        self.ordered: set[int] = set()
        self.moved = [f"s{slot}" for slot in self.constants]
        self._layouts = layouts(plan, self.placement)
        self._launched = 0

    def named(self, stem: str) -> str:
        """The name of the next launch."""
        self._launched += 1
        return f"{stem}{self._launched - 1}"

    def buffer(self, slot: int) -> None:
        if slot in self.placement.offsets:
            super().buffer(slot)
        else:
            self.prelude.append(self.made(slot, "ndarray"))

    def add(self, kernel: Kernel, names: Sequence[str] = ()) -> None:
        """Launch a kernel of the arrays that it names, or of `names`."""
        kernel = replace(kernel, far=kernel.takes_too_much)
        self.kernels.append(kernel)
        name = kernel.name
        arguments = ["table"] * kernel.table
        arguments += names or map(self.array, kernel.arguments)
        for i, nbytes in enumerate(kernel.scratch):
            arguments.append(f"{name}_scratch{i}")
            self.setup.append(Line(f"{arguments[-1]} = empty({nbytes}, 'uint8')", (arguments[-1],)))
        if kernel.counters:
            arguments.append(f"{name}_done")
            text = f"{arguments[-1]} = zeros({kernel.counters}, 'uint32')"
            self.setup.append(Line(text, (arguments[-1],)))
        if len(kernel.words):
            arguments.append(self._words(kernel))
        passed = "".join(f"{argument}, " for argument in arguments)
        text = f"{name}(({kernel.grid},), ({kernel.block},), ({passed}))"
        self.graph.append(Line(text, reads=tuple(arguments)))

    def _words(self, kernel: Kernel) -> str:
        """The name of the numbers that a kernel takes, as it takes them."""
        words, name = kernel.words, f"{kernel.name}_given"
        if kernel.far:
            self.moved.append(name)
            return self.bind(name, words)
        return self.bind(name, by_value(words, 0))

    def array(self, slot: int) -> str:
        """The array with the elements of a slot in their order."""
        return f"o{slot}" if slot in self.ordered else f"s{slot}"

    def words_for(self, slots: tuple[int, ...]) -> dict[int, int]:
        """Of slots that a kernel takes, the words of those whose address a call brings.

        What lies scattered is laid in order first.
        """
        words = {}
        scattered = self._scattered(slots)
        for slot in dict.fromkeys(slots):
            if slot in scattered:
                self._lay_in_order(slot)
            elif slot not in self.ordered and slot not in self.fixed:
                self.demand_order(slot)
                first = 2 * len(self.numbers)
                words[slot] = self.words.setdefault(slot, first + len(self.words))
        return words

    def _scattered(self, slots: Iterable[int]) -> dict[int, Layout]:
        """Those of the slots whose elements do not lie in their order.

        Of these there is no copy in order yet.
        """
        views = {slot: self._layouts[slot] for slot in slots if slot in self._layouts}
        return {slot: layout for slot, layout in views.items()
                if not layout.ordered and slot not in self.ordered}  # fmt: skip

    def _lay_in_order(self, view: int) -> None:
        """A copy of a slot in order, at a place that is known."""
        if view in self.ordered:
            return
        layout = self._layouts.get(view) or whole(view, self.slots[view].shape)
        words = self.words_for((layout.root,))
        self.ordered.add(view)
        self._copy(view, layout, words)

    def copy_apart(self, slot: int) -> None:
        """A copy of a slot from which kernels read it from now on."""
        words = self.words_for((slot,))
        if slot in self.ordered:                    # they do
            return
        names = [f"o{slot}"] if words else [f"s{slot}", f"o{slot}"]
        self._copy(slot, whole(slot, self.slots[slot].shape), words, names)
        self.ordered.add(slot)

    def _copy(
        self, slot: int, layout: Layout, words: dict[int, int], names: Sequence[str] = ()
    ) -> None:
        spec, copy = self.slots[slot], f"o{slot}"
        text = f"{copy} = empty({spec.shape}, {self.dtype(spec.dtype)})"
        self.setup.append(Line(text, (copy,)))
        kernel = self._gather(self.named("order"), slot, layout, slot, words, "o")
        self.add(kernel, names)

    def demand_order(self, slot: int) -> None:
        """A line that copies an input whose elements do not lie in their order."""
        spec = self.slots[slot]
        if slot in self.parameters and spec.shape:
            name = f"s{slot}"
            strides = tuple(n * spec.dtype.itemsize for n in in_order(spec.shape))
            condition = f"{name}.strides != {strides} and not {name}.flags.c_contiguous"
            line = Line(f"if {condition}: {name} = in_order({name})", (name,), (name,))
            if line not in self.prelude:
                self.prelude.append(line)

    # Copies

    def joined_parts(
        self, name: str, parts: Sequence[tuple[int, int]], result: int, words: Mapping[int, int]
    ) -> Kernel:
        """The kernel that copies slots into `result`, each from an element on."""
        mine = Numbering(self.slots)
        own = [(mine.number(slot), start) for slot, start in parts]
        packed = mine.number(result)
        return mine.launched(write_join(name, mine.slots, own, packed, mine.keys(words)))

    def _gather(
        self,
        name: str,
        view: int,
        layout: Layout,
        result: int,
        words: Mapping[int, int],
        stem: str = "s",
    ) -> Kernel:
        mine = Numbering(self.slots)
        lying, made = mine.layout(layout), mine.number(result)
        found = mine.keys(words)
        return mine.launched(write_gather(name, self.slots[view], lying, made, found, stem))
