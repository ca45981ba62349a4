"""Groups of vertices, one inside of another: what one call of the program computed is one.

So a layer is a group, with the parameters that it alone uses. Where more stands side by side than a
person can look over, steps that follow each other are put together. A group is a run of steps
without a gap: what is outside came before or comes after all of it, so that it can be folded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gpugrad.graph import Node
from gpugrad.show.pages.seen import Calls
from gpugrad.show.picture import Picture, Vertex

MOST, TOGETHER = 40, 16
"""How many stand side by side at most, and about how many are put together otherwise."""


@dataclass(eq=False)
class Group:
    """Vertices, by their places, and groups; `None` is the parent of what stands in none."""

    name: str
    parent: Group | None
    vertices: list[int] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)

    def all_vertices(self) -> list[int]:
        """Those of the groups inside, too."""
        found = list(self.vertices)
        for group in self.groups:
            found += group.all_vertices()
        return found


Listed = tuple[str, int | None, list[int]]
"""A group as it is listed: its name, the place of its parent, the vertices right inside."""


def grouped(picture: Picture, calls: Mapping[Node, Calls]) -> list[Listed]:
    """The groups, outer ones first."""
    top = Group("", None)
    _by_calls(top, picture.vertices, calls)
    first_use = _first_uses(picture)
    _dissolve(top, picture.vertices)
    _take_parameters(top, picture, first_use)
    _dissolve_small(top)
    _name(top, picture.vertices)
    _put_together(top, first_use)
    found: list[Listed] = []
    _list(top, None, found)
    return found


def runs(
    named: Sequence[tuple[str, Sequence[int]]], loose: Sequence[int], first_use: Sequence[int]
) -> list[Listed]:
    """The same for runs that are known: their names and what is in them, beside what is loose.

    `first_use` says of each where it stands among the steps.
    """
    top = Group("", None, list(loose))
    top.groups = [Group(name, top, list(inside)) for name, inside in named]
    _put_together(top, first_use)
    found: list[Listed] = []
    _list(top, None, found)
    return found


def _by_calls(top: Group, vertices: Sequence[Vertex], calls: Mapping[Node, Calls]) -> None:
    made: dict[Calls, Group] = {(): top}
    for i, v in enumerate(vertices):
        frames = calls.get(v.node, ())
        for n in range(len(frames)):
            key = frames[: n + 1]
            if key not in made:
                name = frames[n].f_code.co_qualname.rpartition("<locals>.")[2]
                parent = made[key[:-1]]
                made[key] = Group(name.removesuffix(".__call__"), parent)
                parent.groups.append(made[key])
        made[frames].vertices.append(i)


def _first_uses(picture: Picture) -> list[int]:
    """For each vertex where it stands among the steps: itself, or the first that uses an input."""
    place = {v: i for i, v in enumerate(picture.vertices)}
    found = [i if v.op is not None else len(place) for i, v in enumerate(picture.vertices)]
    for i, v in enumerate(picture.vertices):
        for operand in v.operands:
            if operand.vertex is not None and operand.vertex.op is None:
                found[place[operand.vertex]] = min(found[place[operand.vertex]], i)
    return found


def _dissolve(group: Group, vertices: Sequence[Vertex]) -> None:
    """Give to the parent what is no run without a gap, or is all that there is."""
    steps = sum(v.op is not None for v in vertices)
    for inner in list(group.groups):
        _dissolve(inner, vertices)
        inside = sorted(inner.all_vertices())
        whole = inside[-1] - inside[0] + 1 == len(inside)
        if not whole or len(inside) == steps:
            _give_up(inner)


def _give_up(group: Group) -> None:
    assert group.parent is not None
    parent = group.parent
    parent.groups.remove(group)
    parent.vertices += group.vertices
    parent.groups += group.groups
    for inner in group.groups:
        inner.parent = parent


def _dissolve_small(group: Group) -> None:
    for inner in list(group.groups):
        _dissolve_small(inner)
        if len(inner.vertices) + len(inner.groups) < 2:
            _give_up(inner)


def _take_parameters(top: Group, picture: Picture, first_use: Sequence[int]) -> None:
    """Move an input that is part of a tree, as of a model, to where it is used first."""
    home: dict[int, Group] = {}

    def note(group: Group) -> None:
        home.update(dict.fromkeys(group.vertices, group))
        for inner in group.groups:
            note(inner)

    note(top)
    for i, v in enumerate(picture.vertices):
        if v.op is None and first_use[i] in home and _is_part(v.name):
            top.vertices.remove(i)
            home[first_use[i]].vertices.insert(0, i)


def _is_part(name: str) -> bool:
    return "." in name or "[" in name


def _shared(names: Sequence[str]) -> str:
    """The first parts that all names have."""
    found = ""
    for parts in zip(*map(_parts, names), strict=False):
        if len({*parts}) > 1:
            break
        found += parts[0]
    return found


def _parts(name: str) -> list[str]:
    """The parts of a name such as `m.layers[0].weight`."""
    return re.findall(r"^\w+|\.\w+|\[[^\]]*\]", name)


def _name(group: Group, vertices: Sequence[Vertex]) -> None:
    """Put the part of the model before the name of a group, and number what is called alike."""
    met: dict[str, int] = {}
    for inner in group.groups:
        used = [o.vertex for i in inner.vertices for o in vertices[i].operands]
        inputs = [v.name for v in used if v is not None and v.op is None and _is_part(v.name)]
        owner = _shared(inputs) if len(inputs) > 1 else ""
        if owner:
            inner.name = f"{owner} · {inner.name}"
        n = met[inner.name] = met.get(inner.name, 0) + 1
        if n > 1:
            inner.name = f"{inner.name} ({n})"
        _name(inner, vertices)


def _put_together(group: Group, first_use: Sequence[int]) -> None:
    """Make groups of what follows each other, until few enough stand side by side."""
    for inner in list(group.groups):
        _put_together(inner, first_use)
    while len(group.vertices) + len(group.groups) > MOST:
        _chunk(group, first_use)


def _chunk(group: Group, first_use: Sequence[int]) -> None:
    def begin(member: int | Group) -> int:
        if isinstance(member, Group):
            return min(first_use[i] for i in member.all_vertices())
        return first_use[member]

    members: list[int | Group] = sorted([*group.vertices, *group.groups], key=begin)
    count = -(-len(members) // TOGETHER)
    size = -(-len(members) // count)
    group.vertices, group.groups = [], []
    for start in range(0, len(members), size):
        part = members[start : start + size]
        made = Group("", group)
        for member in part:
            if isinstance(member, Group):
                member.parent = made
                made.groups.append(member)
            else:
                made.vertices.append(member)
        steps = [first_use[i] + 1 for i in made.all_vertices()]
        made.name = f"steps {min(steps)} to {max(steps)}"
        group.groups.append(made)


def _list(group: Group, place: int | None, found: list[Listed]) -> None:
    for inner in group.groups:
        found.append((inner.name, place, sorted(inner.vertices)))
        _list(inner, len(found) - 1, found)
