"""Placement: where the slots of a plan lie, as pure data."""

from __future__ import annotations

from dataclasses import dataclass

from gpugrad.plan.plan import Plan


@dataclass(frozen=True)
class Placement:
    """`offsets` gives the byte in an arena of `size` bytes at which a slot begins.

    A slot that is not there is an input, a constant, an output that the caller gets, a view, or
    left out because of its size.
    `roots` names the slot whose memory a slot shows: for a view, and for a member of a pack which
    is computed inside of it; such a member has an offset too, at which to write it, and the pack
    has nothing left to do for it. `reused` names for a slot the one whose memory it took over in
    place. `settled` names for outputs the donated inputs which they replace and where which lie.
    `scattered` are views whose elements do not lie in their order.
    """

    offsets: dict[int, int]
    size: int
    roots: dict[int, int]
    reused: dict[int, int]
    settled: dict[int, int]
    scattered: frozenset[int]

    def unsettled(self, plan: Plan) -> list[tuple[int, int]]:
        """The pairs of `plan.donated` whose output must be copied to where the input lies.

        An output may replace several inputs, as the next value of several carries: it is computed
        in the place of one.
        """
        return [(slot, out) for slot, out in plan.donated if self.settled.get(out) != slot]

    def root(self, slot: int) -> int:
        """The slot whose memory `slot` shows."""
        return self.roots.get(slot, slot)

    def lies_in(self, slot: int, packed: int, start: int) -> bool:
        """Whether a member of a pack, `start` bytes behind its beginning, is there already."""
        return (
            slot in self.offsets
            and packed in self.offsets
            and self.root(slot) == self.root(packed)
            and self.offsets[slot] == self.offsets[packed] + start
        )
