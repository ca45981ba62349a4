"""In which of the loops of a nest each value is computed."""

from __future__ import annotations

from gpugrad.plan.nest import LOAD, PICK, Nest, is_reduced


class Schedule:
    """After which loop over an axis each value is known, or for one inside of it, by which."""

    def __init__(self, nest: Nest) -> None:
        self.nest = nest
        self.phases: list[dict[int, int]] = [{} for _ in range(nest.axes)]
        for depth in range(nest.axes):
            self._look(depth)

    def _look(self, depth: int) -> None:
        phases = self.phases[depth]
        for i, part in enumerate(self.nest.values):
            if part.depth < depth:
                continue
            least = -1 if part.depth == depth else 0
            for x in part.args:
                if x not in phases:
                    continue
                inside = self.nest.values[x].depth > depth
                later = part.depth > depth or (is_reduced(part) and part.depth == depth)
                least = max(least, phases[x] + (later and not inside))
            if is_reduced(part) and part.depth == depth:
                least = max(least, 0)
            phases[i] = least

    def kept(self) -> list[int]:
        """Values along the last axis that a later loop over it reads again."""
        last = self.nest.axes - 1
        phases, values = self.phases[last], self.nest.values
        found = set()
        for i, part in enumerate(values):
            for x in part.args:
                again = values[x].op != LOAD and values[x].depth > last
                if again and (part.op == PICK or phases[i] > phases[x]) and not (
                    is_reduced(part) and part.depth == last and phases[i] == phases[x]
                ):
                    found.add(x)
        return sorted(found)
