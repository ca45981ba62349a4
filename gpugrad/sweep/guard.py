"""Guard: a generated function that recognises the graphs of one signature.

Training sweeps over the same kind of graph again and again. To ask whether this one is of the kind
that was planned costs a fraction of finding out its kind: the walk is unrolled, and goes on only as
long as it meets what it met before. For `sum(sin(x))`:

    def guard(seeds, targets, free):
        if targets or len(seeds) != 1: return None
        e, g0 = seeds[0]
        n0, i = e
        if i != 0: return None
        if g0 is not c0: return None
        if n0.vjp is not c1 or n0.shape != c2 or n0.dtype is not c3: return None
        ...
        e0, = n0.edges
        n1, i = e0
        if i != 0: return None
        ...
        if len({n0, n1, n2}) != 3: return None
        if free: n0.saved = n1.saved = None
        return [s0, s1, [g0]], (n2,)

It may refuse a graph of that signature, such as one with another object for an equal dtype: then
the signature decides.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from types import FunctionType

import numpy as np

from gpugrad.generated import compile_source
from gpugrad.graph import Edge, Node, Survey, kind_of_saved, same_kind
from gpugrad.types import Array

Seeds = Sequence[tuple[Edge, Array]]
_SINGLE = (bool, type(None), type(...))
"""Types whose values are told apart by `is`."""


def make_guard(
    found: Survey,
    seeds: Seeds,
    targets: Collection[Node],
    one: Callable[[Array], object],
    wanted: Sequence[Node],
) -> FunctionType:
    """The guard for graphs like the one in which `found` was found; `wanted` are its results.

    `guard(seeds, targets, free)` returns a list of what each inner node saved and of the seeds, as
    a plan takes it, and those nodes of this graph that stand where `wanted` do; `None` for another
    graph. With `free`, the nodes then hold what they saved no more.
    """
    writer = _Writer(targets)
    writer.write(found, seeds, one, wanted)
    scope = writer.scope
    exec(compile_source("\n".join([*writer.lines, ""]), "guard"), scope)
    guard = scope.pop("guard")                      # else it would refer to itself
    assert isinstance(guard, FunctionType)
    return guard


class _Writer:
    """Writes the source of a guard. Names: node `n3`, what it saved `s3`, a constant `c3`."""

    def __init__(self, targets: Collection[Node]) -> None:
        self.targets = targets
        self.scope: dict[str, object] = {"same": same_kind}
        self.lines: list[str] = []
        self._constants: dict[object, str] = {}
        self._numbers: dict[Node, int] = {}
        self._nodes: list[Node] = []

    def write(
        self, found: Survey, seeds: Seeds, one: Callable[[Array], object], wanted: Sequence[Node]
    ) -> None:
        """All lines. Nodes are numbered as the survey numbers them."""
        refused = f"{'not ' if self.targets else ''}targets or len(seeds) != {len(seeds)}"
        self.lines += [
            "def guard(seeds, targets, free):",
            "  try:",
            f"    if {refused}: return None",
        ]
        for k, (edge, seed) in enumerate(seeds):
            g = f"g{k}"
            self.lines.append(f"    e, {g} = seeds[{k}]")
            self._edge("e", edge)
            if seed is one(seed):
                self.lines.append(f"    if {g} is not {self._constant(seed)}: return None")
            else:
                self.scope["one"] = one
                other = f"{g} is one({g}) or {self._differs(g, seed)}"
                self.lines.append(f"    if {other}: return None")
        inner = set(found.inner)
        for node in self._nodes:                    # which grow while they are gone through
            if node in inner:
                self._inner(node)
            else:
                self._end(node)
        names = [f"n{i}" for i in range(len(self._nodes))]
        freed = "".join(f"n{self._numbers[node]}.saved = " for node in found.inner)
        given = [f"g{k}" for k in range(len(seeds))]
        saved = ", ".join([*(f"s{self._numbers[n]}" for n in found.inner), f"[{', '.join(given)}]"])
        results = "".join(f"n{self._numbers[node]}, " for node in wanted)
        self.lines += [
            f"    if len({{{', '.join(names)}}}) != {len(names)}: return None",
            *([f"    if free: {freed}None"] if freed else []),
            f"    return [{saved}], ({results})",
            "  except (TypeError, ValueError):",    # it does not even come apart alike
            "    return None",
        ]

    def _constant(self, value: object) -> str:
        """The name of a constant, known by its identity."""
        key = id(value)
        if key not in self._constants:
            name = self._constants[key] = f"c{len(self._constants)}"
            self.scope[name] = value
        return self._constants[key]

    def _differs(self, x: str, like: Array | Node) -> str:
        """The condition that `x` has another shape or dtype than a node or array."""
        shape, dtype = self._constant(like.shape), self._constant(like.dtype)
        other = "!=" if type(like.dtype) is tuple else "is not"
        return f"{x}.shape != {shape} or {x}.dtype {other} {dtype}"

    def _edge(self, name: str, edge: Edge) -> None:
        """Lines that follow an edge, to a new node or to one that was met."""
        node, index = edge
        number = self._numbers.get(node)
        if number is None:
            number = self._numbers[node] = len(self._nodes)
            self._nodes.append(node)
            self.lines += [f"    n{number}, i = {name}", f"    if i != {index}: return None"]
        else:
            self.lines += [
                f"    n, i = {name}",
                f"    if n is not n{number} or i != {index}: return None",
            ]

    def _end(self, node: Node) -> None:
        """Lines for a node at which the sweep stops."""
        n = f"n{self._numbers[node]}"
        if node in self.targets:
            stops = f"{n} not in targets"
        else:
            stops = f"{n}.vjp is not None{f' or {n} in targets' if self.targets else ''}"
        self.lines.append(f"    if {stops} or {self._differs(n, node)}: return None")

    def _inner(self, node: Node) -> None:
        """Lines for a node that has a rule."""
        k = self._numbers[node]
        vjp = node.vjp
        assert vjp is not None
        assert node.saved is not None
        apart = f" or n{k} in targets" if self.targets else ""
        self.lines += [
            f"    if n{k}.vjp is not {self._constant(vjp)} or {self._differs(f'n{k}', node)}"
            f"{apart}: return None",
            f"    s{k} = n{k}.saved",
            f"    if s{k} is None: return None",
        ]
        if node.settings:
            names = [f"x{i}" for i in range(len(node.settings))]
            self.lines.append(f"    {', '.join(names)}, = n{k}.settings")
            for name, value in zip(names, node.settings, strict=True):
                self._same(name, value)
        for i in vjp.foreign:
            self.lines.append(f"    x = s{k}[{i}]")
            self._same("x", node.saved[i])
        names = [f"e{i}" for i in range(len(node.edges))]
        self.lines.append(f"    {', '.join(names)}, = n{k}.edges")
        for name, edge in zip(names, node.edges, strict=True):
            if edge is None:
                self.lines.append(f"    if {name} is not None: return None")
            else:
                self._edge(name, edge)

    def _same(self, name: str, value: object) -> None:
        """A line that compares a setting, or what a node saved and no other node tells."""
        kind = type(value)
        if kind in _SINGLE:
            other = f"{name} is not {value!r}"
        elif kind is int or kind is str:
            other = f"type({name}) is not {kind.__name__} or {name} != {value!r}"
        elif type(value) is np.ndarray:
            array = self._constant(np.ndarray)
            other = f"type({name}) is not {array} or {self._differs(name, value)}"
        else:
            other = f"not same({name}, {self._constant(kind_of_saved(value))})"
        self.lines.append(f"    if {other}: return None")
