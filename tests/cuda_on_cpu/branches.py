"""The graphs that are captured, and which of their nodes may run at the same time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gpugrad.engines.cuda import capture


class Nodes:
    """The nodes of a graph: their names in the order in which they were captured, and for each the
    numbers of those that are done before.
    """

    def __init__(self, dot: str) -> None:
        self.names = [name.split()[-1] for name in re.findall(r'label="([^"]*)"', dot)]
        self.before: list[set[int]] = [set() for _ in self.names]
        for first, then in re.findall(r"node(\d+) -> node(\d+);", dot):
            self.before[int(then)] |= {int(first), *self.before[int(first)]}

    def named(self, part: str) -> list[int]:
        """The nodes with that in their name."""
        return [i for i, name in enumerate(self.names) if part in name]

    def beside(self, node: int) -> list[str]:
        """The names of those that are done neither before nor after a node of necessity."""
        return [
            name for i, name in enumerate(self.names)
            if i != node and node not in self.before[i] and i not in self.before[node]
        ]  # fmt: skip


@contextmanager
def captured_graphs() -> Iterator[list[Nodes]]:
    """Inside, the graphs of plans, as the CPU in the place of a GPU captures them."""
    found: list[Nodes] = []
    made = capture.Graph

    class Known(made):
        def __init__(self, function: Callable[[], None], launch: Callable[[], None]) -> None:
            super().__init__(function, launch)
            found.append(Nodes(launch.__self__.debug_dot_str()))

    capture.Graph = Known
    try:
        yield found
    finally:
        capture.Graph = made
