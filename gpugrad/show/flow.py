"""The drawing of a graph, before any format: boxes for values and for ops, and links."""

from __future__ import annotations

from dataclasses import dataclass

from gpugrad.graph import Applied
from gpugrad.printable import printable
from gpugrad.show.formula import operand_piece
from gpugrad.show.notation import box_label
from gpugrad.show.numbers import Writer, on_host, writer_for
from gpugrad.show.picture import Picture, Vertex
from gpugrad.types import Array

LONGEST_LABEL = 24


@dataclass(frozen=True)
class Box:
    """A value (input, intermediate or output), an op, or a gap; `lines` is what stands in it."""

    id: str
    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Link:
    """An arrow between two boxes, by their ids; into an op, with what came back over it."""

    source: str
    target: str
    label: str = ""


@dataclass(frozen=True)
class Flow:
    """All boxes, operands before what uses them, and all links."""

    boxes: list[Box]
    links: list[Link]


COLOURS = {
    "input": ("#e3f2fd", "#1976d2"),
    "intermediate": ("#fff3e0", "#f57c00"),
    "output": ("#e8f5e9", "#388e3c"),
    "op": ("#fafafa", "#9e9e9e"),
    "gap": ("#ffffff", "#bdbdbd"),
}
"""Fill and stroke of each kind of box."""


def flow(picture: Picture) -> Flow:
    """The drawing of a picture. On its links stand the contributions to the gradients."""
    numbers: list[object] = [share.value for v in picture.vertices for share in v.shares]
    numbers += [v.gradient for v in picture.vertices]
    gradients = writer_for(numbers, picture.exact)
    values = writer_for((v.value for v in picture.vertices), picture.exact)
    place = {v: i for i, v in enumerate(picture.vertices)}
    labels = {
        (share.via, share.position): _short(share.value, gradients)
        for v in picture.vertices
        for share in v.shares
    }
    boxes: list[Box] = []
    links: list[Link] = []
    for i, v in enumerate(picture.vertices):
        if picture.left_out and i == picture.gap:
            boxes.append(Box("gap", "gap", (f"… {picture.left_out} more",)))
        if v.op is not None:
            boxes.append(Box(f"o{i}", "op", (printable(op_label(v, v.op)),)))
            for position, operand in enumerate(v.operands):
                if operand.vertex is None and not operand.left_out:
                    continue
                source = "gap" if operand.vertex is None else f"n{place[operand.vertex]}"
                links.append(Link(source, f"o{i}", labels.get((v, position), "")))
            links.append(Link(f"o{i}", f"n{i}"))
        boxes.append(Box(f"n{i}", v.kind, _value_lines(v, picture, values, gradients)))
    for i, v in enumerate(picture.vertices):
        hidden = next((share for share in v.shares if share.via is None), None)
        if hidden is not None:
            links.append(Link(f"n{i}", "gap", _short(hidden.value, gradients)))
    return Flow(boxes, _once(links))


def _once(links: list[Link]) -> list[Link]:
    """Many links from the gap to one op are one."""
    return [
        link for i, link in enumerate(links) if link.source != "gap" or link not in links[:i]
    ]


def op_label(v: Vertex, op: Applied) -> str:
    """What stands in the box of an op."""
    if op.forward is None:
        return op.name
    return box_label(op.name, [
        None if operand.vertex is not None or operand.left_out else operand_piece(operand)
        for operand in v.operands
        if operand.value is not None
    ])


def _value_lines(v: Vertex, picture: Picture, values: Writer, gradients: Writer) -> tuple[str, ...]:
    lines = [f"{v.name} = {_short(v.value, values)}"]
    if v.gradient is not None:
        lines.append(f"∂{picture.root.name}/∂{v.name} = {_short(v.gradient, gradients)}")
    return tuple(map(printable, lines))


def _short(x: Array, writer: Writer) -> str:
    """An array as it fits into a box: written out, or else by its shape."""
    text = writer.array(x)
    if len(text) <= LONGEST_LABEL or not hasattr(x, "shape"):
        return text
    shape = on_host(x).shape
    if shape == ():
        return text
    return f"{' × '.join(map(str, shape))} numbers"
