"""A fused step of which each element is for itself, as the source of one CUDA kernel.

Threads take elements in their order, neighbours together, however many axes there are. What is
reduced over all of them is added up by each thread for itself; blocks join what their threads have,
and the block that finishes last what all blocks have, in order: so equal inputs give equal bits.
"""

from __future__ import annotations

from collections.abc import Sequence

from gpugrad.engines.cuda.given import DIVISOR
from gpugrad.engines.cuda.kernel import BLOCK, PACK, Lines
from gpugrad.engines.cuda.kernel_writer import MANY, KernelWriter, blocks_for


class ElementKernelWriter(KernelWriter):
    """Writes the kernel of a nest element by element: of several axes, element `e` of all."""

    @property
    def at(self) -> str:
        return "e" if self.last else "c"

    @property
    def first_at(self) -> str:
        return f"{self.at}0"

    @property
    def packed(self) -> bool:
        """Whether a thread is to take packs of neighbours, all of which are in one row."""
        return self.size >= MANY and (self.last == 0 or self.columns % PACK == 0)

    @property
    def size(self) -> int:
        """How many elements there are."""
        return self.rows * self.columns

    @property
    def slack(self) -> int:
        return self.grid * BLOCK * PACK

    def _grid(self) -> int:
        each = BLOCK * PACK if self.packed else BLOCK
        return blocks_for(-(-self.size // each), 1, bool(self.reduced.totals))

    def _indices(self) -> Lines:
        index = self.index
        values = {
            "first": (index, f"block * ({index}){BLOCK} + threadIdx.x"),
            "stride": (index, f"{self.blocks} * ({index}){BLOCK}"),
            "lane": ("int", "threadIdx.x"),
            "team": ("int", "block"),
            "teams": ("int", self.blocks),
        }
        return [f"const {kind} {name} = {value};" for name, (kind, value) in values.items()
                if name in self._used]  # fmt: skip

    def _walk(self) -> Lines:
        stored = self._stored(range(len(self.values)))
        single = [i for i, _ in self.nest.stores if 0 < self.values[i].depth <= self.last]
        of_rows = [i for i in self.reduced.totals if not self.reduced.is_of_elements(i)]
        joined = {i: f"t{i}" for i in self.reduced.totals if i not in of_rows}
        also = [*single, *map(self.reduced.source, of_rows)]
        if not (stored or joined or also):
            return []
        lines: Lines = []
        begin, stride, end = self._own("first"), self._own("stride"), self.size
        if self.packed:
            whole = self.given(self.index, "whole", end // PACK * PACK)
            wanted = [*(i for i, _ in stored), *map(self.reduced.source, joined), *also]
            known = [i for i in self.needed(wanted, 1) if self.values[i].depth <= self.last]
            body = [*self._pack(stored, joined, known), *self._of_row(single, of_rows, "c0")]
            lines += self._loop(f"{begin} * {PACK}", whole, f"{stride} * {PACK}", "0", body)
            begin = f"{whole} + {begin}"
        if not self.packed or end % PACK or not self.last:
            body = self._one(stored, self._body(stored, joined, 1, also))
            body += self._of_row(single, of_rows, "c")
            size = self.given(self.index, "elements", end)
            lines += self._loop(begin, size, stride, "", body)
        return lines

    def _loop(self, begin: str, end: str, stride: str, suffix: str, body: Lines) -> Lines:
        """A loop over elements, or with the suffix "0" over packs by their first ones."""
        name = f"{self.at}{suffix}"
        if self.last:
            body = [*self.indices(body), *body]
            places = [("r", f"{name} / by_columns"), (f"c{suffix}", f"{name} % by_columns")]
            found = self.asked_for(places, body)
            if found:
                self.given(f"{DIVISOR}<{self.index}>", "by_columns", self.columns)
            body = [*found, *body]
        return [
            f"for ({self.index} {name} = {begin}; {name} < {end}; {name} += {stride}) {{",
            *(f"  {line}" for line in body),
            "}",
        ]

    def _of_row(self, single: Sequence[int], reduced: Sequence[int], column: str) -> Lines:
        """What is done once for each row: by the thread that has its first element."""
        lines = [f"{self.element(access)} = v{i};" for i, access in self.nest.stores if i in single]
        lines += [self._taken(i, f"t{i}") for i in reduced]
        return [f"if ({column} == 0) {{", *(f"  {line}" for line in lines), "}"] if lines else []
