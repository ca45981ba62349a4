"""What a page shows of a graph, as JSON: vertices, groups, numbers, paths, and a program."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from gpugrad.backends import Batched, namespace_of
from gpugrad.core.tensor import Tensor
from gpugrad.graph import Node
from gpugrad.ops.creation import tensor
from gpugrad.printable import printable
from gpugrad.show.collect import Watch, collect
from gpugrad.show.flow import op_label
from gpugrad.show.formula import operand_piece
from gpugrad.show.notation import POWER
from gpugrad.show.pages.groups import grouped
from gpugrad.show.pages.paths import contributions, count_paths, list_paths
from gpugrad.show.pages.recomputing import NotComputed, program
from gpugrad.show.pages.runnable import Runnable
from gpugrad.show.pages.seen import Calls, Watched, watch
from gpugrad.show.pages.shown_numbers import Numbers, of_vertices, shown
from gpugrad.show.picture import Operand, Picture, Share, Vertex
from gpugrad.show.tables import (
    LONGEST_FORMULA,
    formula_at,
    keeps_text,
    operation,
    partial_text,
    reason,
    rule_text,
)

SHOWN = 2000
"""How many vertices a page holds at most."""

_OF_A_TENSOR = (
    "this page shows a Tensor that was computed already; gg.show.page(f, x) of a function and its "
    "arguments can compute again"
)


def of_runnable(runnable: Runnable, exact: bool) -> tuple[Picture, dict[str, Any]]:
    """The picture of a function that is run, and what a page shows of it."""
    leaves = [tensor(x, requires_grad=True) for x in runnable.leaves]
    t, watched = watch(lambda: runnable.call(leaves))
    if not runnable.lines:
        watched.lines.clear()
    names = {
        leaf._edge[0]: name
        for leaf, name in zip(leaves, runnable.names, strict=True)
        if leaf._edge is not None
    }
    return _data(t, names, runnable, watched, runnable.title, exact)


def of_tensor(
    t: Tensor, names: Mapping[Node, str], exact: bool
) -> tuple[Picture, dict[str, Any]]:
    """The picture of a Tensor, and what a page shows of it."""
    return _data(t, names, None, Watched(), "", exact)


def _data(
    t: Tensor,
    names: Mapping[Node, str],
    runnable: Runnable | None,
    watched: Watched,
    title: str,
    exact: bool,
) -> tuple[Picture, dict[str, Any]]:
    def collected(named: Mapping[tuple[Node, int], str]) -> Picture:
        return collect(
            t, names, title=title, exact=exact, known=watched.values, constants=watched.constants,
            limit=SHOWN, named=named,
        )  # fmt: skip

    picture = written = collected({})
    numbers = Numbers()
    places = of_vertices(picture.vertices, numbers)
    listed = list_paths(picture)
    flat = [path for paths in listed.values() for path in paths]
    nodes = [v.node for v in picture.vertices]
    raw = namespace_of(t._value)
    by_node = {v.node: v for v in picture.vertices}
    first = len(numbers.arrays)
    if flat:
        looking = Watch(by_node, raw, picture.root, formulas=False)
        numbers.arrays += contributions(flat, nodes, looking, raw, raw.ones_like(t._value))
    found: dict[str, Any] = {}
    try:
        if runnable is None:
            raise NotComputed(_OF_A_TENSOR)
        _check_picture(picture)
        found["program"], live = program(runnable, picture, flat, places, numbers.arrays)
        order = {name: i for i, name in enumerate(runnable.names)}
        found["leaves"] = [
            order.get(v.name) if v.op is None else None for v in picture.vertices
        ]
        if live:
            after = len(numbers.arrays)
            numbers.arrays += [watched.constants[nodes[i], position] for i, position in live]
            written = collected({
                (nodes[i], position): f"⟦{after + k}⟧" for k, (i, position) in enumerate(live)
            })
    except NotComputed as error:
        found["fixed"] = printable(str(error))
    return picture, found | {
        "kind": "graph",
        "title": picture.heading or "computational graph",
        "exact": exact,
        "root": picture.vertices.index(picture.root),
        "leftOut": picture.left_out,
        "gap": picture.gap,
        "batched": any(_is_batched(v) for v in picture.vertices),
        "vertices": _vertices(written, places, watched),
        **_groups(picture, watched.calls),
        "paths": _paths(picture, listed, first),
        "numbers": [shown(x) for x in numbers.arrays],
    }


def _check_picture(picture: Picture) -> None:
    if picture.left_out:
        raise NotComputed(f"the graph has more than {SHOWN:,} nodes")
    if any(map(_is_batched, picture.vertices)):
        raise NotComputed("a page computes with whole arrays, and parts of this one are in gg.vmap")


def _is_batched(v: Vertex) -> bool:
    parts = v.value if isinstance(v.value, tuple) else (v.value,)
    return any(type(x) is Batched for x in parts)


def _vertices(
    picture: Picture, places: list[dict[str, Any]], watched: Watched
) -> list[dict[str, object]]:
    place = {v: i for i, v in enumerate(picture.vertices)}
    found = []
    for v, at in zip(picture.vertices, places, strict=True):
        shape, dtype = v.node.shape, v.node.dtype
        if type(dtype) is tuple and not v.several:
            (shape,), (dtype,) = shape, dtype
        types = zip(shape, dtype, strict=True) if v.several else [(shape, dtype)]
        found.append({
            "name": printable(v.name),
            "kind": v.kind,
            "label": "" if v.op is None else printable(op_label(v, v.op)),
            "operation": printable(operation(v, picture.exact).text),
            "type": ", ".join(f"{d}{list(s)}" for s, d in types),
            "operands": [_operand(operand, place) for operand in v.operands],
            "keeps": keeps_text(v) if v.op is not None else "",
            "why": printable(reason(v, picture)) if v.op is not None else "",
            "line": _short_line(watched.lines.get(v.node, "")),
            "value": at["value"],
            "gradient": at["gradient"],
            "shares": [
                _share(share, v, picture, place) | {"value": value, "local": local}
                for share, value, local in zip(v.shares, at["shares"], at["locals"], strict=True)
            ],
        })
    return found


def _short_line(line: str) -> str:
    return PurePath(line).name


def _operand(operand: Operand, place: Mapping[Vertex, int]) -> dict[str, object]:
    if operand.vertex is not None:
        return {"vertex": place[operand.vertex], "output": operand.output}
    if operand.left_out:
        return {"leftOut": True}
    return {"constant": printable(operand_piece(operand).text)}


def _share(
    share: Share, v: Vertex, picture: Picture, place: Mapping[Vertex, int]
) -> dict[str, object]:
    """What came over an edge: who used the vertex, and how that is written."""
    via = share.via
    if via is None:
        return {"via": None, "text": "by nodes that are left out"}
    uses = sum(operand.vertex is v for operand in via.operands)
    found: dict[str, object] = {
        "via": place[via],
        "position": share.position,
        "user": via.name if uses == 1 else f"{via.name}, operand {share.position + 1}",
    }
    if share.local is None:
        pull = formula_at(via.pulls, share.position)
        text = f"by {rule_text(via)}" if pull is None else pull.text
        found["text"] = f"{text}, summed over broadcast axes" if share.summed else text
        return found
    formula = formula_at(via.locals, share.position)
    found["partial"] = printable(partial_text(via, share.position, picture))
    if formula is not None and len(formula.text) <= LONGEST_FORMULA:
        found["formula"] = printable(formula.within(POWER))
    return found


def _groups(picture: Picture, calls: Mapping[Node, Calls]) -> dict[str, object]:
    groups = grouped(picture, calls)
    home: list[int | None] = [None] * len(picture.vertices)
    for i, (_, _, inside) in enumerate(groups):
        for v in inside:
            home[v] = i
    return {
        "groups": [{"name": printable(name), "parent": parent} for name, parent, _ in groups],
        "groupOf": home,
    }


def _paths(
    picture: Picture, listed: Mapping[int, list[Any]], first: int
) -> list[dict[str, object]]:
    """For each input how many paths there are, and the first of them with their numbers."""
    counts = count_paths(picture)
    found = []
    at = first
    for i, v in enumerate(picture.vertices):
        if v.op is not None or v is picture.root:
            continue
        paths = listed.get(i, [])
        found.append({
            "input": i,
            "count": str(counts[v]),                # it may be a number of many digits
            "listed": [{"edges": list(path), "number": at + n} for n, path in enumerate(paths)],
        })
        at += len(paths)
    return found
