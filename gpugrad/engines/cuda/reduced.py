"""What a nest reduces, what waits for it, and so in which order threads can take elements."""

from __future__ import annotations

from gpugrad.plan.nest import PICK, Nest, is_accumulated, is_reduced
from gpugrad.plan.phases import Schedule


class Reduced:
    """The values of a nest by what they wait for.

    `totals` are reductions over all places, each of them one, though the nest joins axis by axis;
    `late` are those and what follows from them, `early` what there is one of and waits for none.
    `of_rows` are joined along the last axis alone, `row` is what else there is one of for a row,
    and `summed` what is joined in memory. If a nest has one axis, and elements that wait for a
    reduction, what there is one of belongs to its only row.
    """

    def __init__(self, nest: Nest) -> None:
        values = self.values = nest.values
        self.nest = nest
        self.phases = Schedule(nest).phases[nest.axes - 1]
        # A reduction of the last axis waits too if it is of what another one has given.
        last = nest.axes - 1
        self.waits = any(
            part.op == PICK
            or (self.phase(i) > 0 and part.depth >= (last if is_reduced(part) else nest.axes))
            for i, part in enumerate(values)
        )
        self.one_row = nest.axes == 1 and self.waits
        self._users = [x for part in values for x in part.args] + [i for i, _ in nest.stores]
        reduced = [i for i, part in enumerate(values) if is_reduced(part)]
        self.totals = [i for i in reduced if values[i].depth == 0 and not self.one_row]
        self._chains = {i: self._chain(i) for i in self.totals}
        within = {x for chain in self._chains.values() for x in chain}
        self.summed = [i for i, part in enumerate(values) if is_accumulated(part)]
        for i in self.summed:                       # along the last axis first
            (x,) = values[i].args
            if is_reduced(values[x]) and values[i].depth < nest.axes:
                self._chains[i] = [i, x]
                within.add(x)
        self.of_rows = [i for i in reduced if i not in within]
        late = {*self.totals}
        for i, part in enumerate(values):
            if not late.isdisjoint(part.args):
                late.add(i)
        self.late = sorted(late)
        self.early: list[int] = []
        self.row: list[int] = []
        for i, part in enumerate(values):
            if part.depth < nest.axes and i not in {*late, *within, *self.of_rows}:
                (self.row if part.depth or self.one_row else self.early).append(i)

    @property
    def by_columns(self) -> bool:
        """Whether sums that are apart along the last axis are all that it reduces."""
        return self._sums_alone and all(i not in self._chains for i in self.summed)

    @property
    def by_places(self) -> bool:
        """Whether sums along the last axis and others are."""
        return self._sums_alone and not self.by_columns

    @property
    def _sums_alone(self) -> bool:
        """Whether sums in memory, all over the same axes, are all that it reduces.

        All else that it stores are elements.
        """
        kept = {self.nest.accesses[self.values[i].access].axes for i in self.summed}
        last = self.nest.axes - 1
        stored = all(last in self.nest.accesses[access].axes for _, access in self.nest.stores)
        return len(kept) == 1 and stored and not (self.waits or self.of_rows or self.totals)

    @property
    def wide(self) -> list[int]:
        """The reductions that are of so much that they are added up in doubles."""
        return [*self._chains]

    @property
    def by_rows(self) -> bool:
        """Whether threads have to take rows together, if not columns."""
        return self.waits or bool(self.of_rows or self.summed)

    def op(self, i: int) -> str:
        """The primitive of a reduction."""
        return self.values[i].op.split()[1]

    def source(self, i: int) -> int:
        """What a reduction joins: a total, the value of each element, or of each row."""
        return self.values[self._chains.get(i, [i])[-1]].args[0]

    def is_of_elements(self, i: int) -> bool:
        """Whether a reduction joins a value for each element, and not one for each row."""
        innermost = self.values[self._chains.get(i, [i])[-1]]
        return innermost.depth >= self.nest.axes - 1

    def phase(self, i: int) -> int:
        """After which loop over a row a value for rows is known, or by which one for elements."""
        return self.phases.get(i, -1)

    def joined_in(self, i: int) -> int:
        """By which loop over a row a reduction of elements joins them."""
        return self.phases[self._chains.get(i, [i])[-1]]

    def _chain(self, i: int) -> list[int]:
        """The reductions by which a total is joined, each along the axis behind.

        They begin with that along the first axis. One that is repeated along an axis is a value,
        and no part of another.
        """
        chain = [i]
        while True:
            part = self.values[chain[-1]]
            (x,) = part.args
            inner = self.values[x]
            if not is_reduced(inner) or (inner.op, inner.dtype) != (part.op, part.dtype):
                return chain
            if inner.depth != part.depth + 1:
                return chain
            if self._users.count(x) > 1:
                return chain
            chain.append(x)


def reads_once(nest: Nest) -> bool:
    """Whether no element is computed again in a later loop over its row."""
    return max(Schedule(nest).phases[nest.axes - 1].values()) <= 0
