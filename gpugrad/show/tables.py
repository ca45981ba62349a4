"""The three tables of a graph, as rows of text: forward, backward, and what each op keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gpugrad.backends import Batched
from gpugrad.printable import printable
from gpugrad.show.formula import operand_piece
from gpugrad.show.notation import POWER, Piece, called, written
from gpugrad.show.numbers import Writer, writer_for
from gpugrad.show.picture import NOT_KEPT, Formulas, Picture, Share, Vertex

Row = tuple[str, ...]

LONGEST_FORMULA = 40
"""Characters up to which a formula is repeated in the backward table."""


@dataclass(frozen=True)
class Table:
    """A heading, the names of the columns, the rows, and remarks on them."""

    title: str
    head: Row
    rows: list[Row]
    notes: list[str]


def tables(picture: Picture) -> list[Table]:
    """The forward table, the backward table, and the table of what is kept."""
    return [_in_lines(table(picture)) for table in (_forward, _backward, _kept)]


def _in_lines(table: Table) -> Table:
    rows = [tuple(map(printable, row)) for row in table.rows]
    return replace(table, rows=rows, notes=list(map(printable, table.notes)))


def operation(vertex: Vertex, exact: bool = False) -> Piece:
    """How a vertex was computed, such as `x + y`."""
    op = vertex.op
    if op is None:
        return Piece("input")
    pieces = [
        operand_piece(operand, exact)
        for operand in vertex.operands
        if operand.vertex or operand.left_out or operand.value is not None
    ]
    if op.forward is None:
        return called(op.name, pieces)              # it may have the name of an op that has a sign
    defaults = {parameter.name: parameter.default for parameter in op.parameters}
    settings = [
        f"{name}={value}"
        for name, value in zip(op.settings, vertex.node.settings, strict=True)
        if value is not defaults[name] and value != defaults[name]
    ]
    return written(op.name, pieces, settings)


def _forward(picture: Picture) -> Table:
    writer = writer_for((v.value for v in picture.vertices), picture.exact)
    rows: list[Row] = [
        _gap(picture, 4)
        if v is None
        else (step, v.name, operation(v, picture.exact).text, writer.array(v.value))
        for step, v in _numbered(picture.forward, picture)
    ]
    notes = _zero_note(writer)
    unknown = [v.name for v in picture.vertices if v.value is NOT_KEPT]
    if unknown:
        notes.append(
            f"The graph does not keep the value of {', '.join(unknown[:5])}"
            f"{', …' if len(unknown) > 5 else ''}: no derivative needs it."
        )
    if any("?" in row[2] for row in rows):
        notes.append("? is a constant operand, which no derivative needs.")
    if any(_is_batched(v.value) or _is_batched(v.gradient) for v in picture.vertices):
        notes.append("Of what is in gg.vmap, all parts are shown, along the first axes.")
    head = ("Step", "Node", "Operation", "Value")
    return Table("Forward", head, rows, notes)


def _is_batched(x: object) -> bool:
    return any(type(part) is Batched for part in (x if isinstance(x, tuple) else (x,)))


def _numbered(
    vertices: list[Vertex | None], picture: Picture
) -> Iterator[tuple[str, Vertex | None]]:
    step = 1
    for vertex in vertices:
        yield str(step), vertex
        step += picture.left_out if vertex is None else 1


def _gap(picture: Picture, columns: int) -> Row:
    return ("…", "…", f"{picture.left_out} nodes are left out", *("",) * (columns - 3))


def _backward(picture: Picture) -> Table:
    numbers: list[object] = [v.gradient for v in picture.vertices]
    shares = [share for v in picture.vertices for share in v.shares]
    writer = writer_for(
        [*numbers, *(share.value for share in shares), *(share.local for share in shares)],
        picture.exact,
    )
    rows: list[Row] = []
    for step, v in _numbered(picture.backward, picture):
        if v is None:
            rows.append(_gap(picture, 6))
            continue
        wanted = f"∂{picture.root.name}/∂{v.name}"
        gradient = "none reached it" if v.gradient is None else writer.array(v.gradient)
        start = (step, v.name, f"{wanted} = {gradient}")
        lines = _lines(v, picture, writer)
        rows.append((*start, *lines[0]))
        rows.extend(("", "", "", *line) for line in lines[1:])
    head = ("Step", "Node", "Gradient", "Via", "Computation", "Contribution")
    notes = _zero_note(writer)
    if picture.root.node.shape != ():
        notes.append(f"Gradients are those of the sum of all elements of {picture.root.name}.")
    return Table("Backward", head, rows, notes)


def _lines(v: Vertex, picture: Picture, writer: Writer) -> list[Row]:
    """One line for each contribution, and their total if there are several."""
    if v is picture.root:
        return [("", "start", writer.array(v.gradient))]
    if not v.shares:
        return [("", "", "")]
    lines: list[Row] = [
        (_via(share, v), _computation(share, picture, writer), writer.array(share.value))
        for share in v.shares
    ]
    if len(lines) > 1:
        terms = " + ".join(writer.factor(share.value) for share in v.shares)
        if max(len(line[2]) for line in lines) > 24:
            terms = f"sum of {len(lines)} contributions"
        lines.append(("total", terms, writer.array(v.gradient)))
    return lines


def _via(share: Share, v: Vertex) -> str:
    if share.via is None:
        return "…"
    uses = sum(operand.vertex is v for operand in share.via.operands)
    return share.via.name if uses == 1 else f"{share.via.name}, operand {share.position + 1}"


def _computation(share: Share, picture: Picture, writer: Writer) -> str:
    """For a single number `∂f/∂a · ∂(a²)/∂x = 3 · 2 · x = 3 · 4`, else what the rule does."""
    via = share.via
    if via is None:
        return "by nodes that are left out"
    if share.local is None:
        pull = formula_at(via.pulls, share.position)
        text = f"by {rule_text(via)}" if pull is None else pull.text
        return f"{text}, summed over broadcast axes" if share.summed else text
    words = f"∂{picture.root.name}/∂{via.name} · {partial_text(via, share.position, picture)}"
    g, local = writer.factor(via.gradient), writer.factor(share.local)
    formula = formula_at(via.locals, share.position)
    if formula is None or formula.within(POWER) == local or len(formula.text) > LONGEST_FORMULA:
        return f"{words} = {g} · {local}"
    return f"{words} = {g} · {formula.within(POWER)} = {g} · {local}"


def rule_text(vertex: Vertex) -> str:
    """What names the rule of a vertex."""
    assert vertex.op is not None                    # an input has none
    return f"the rule of {vertex.op.name}"


def partial_text(via: Vertex, position: int, picture: Picture) -> str:
    """The local derivative for one operand as it is asked for, `∂(a × x)/∂x`."""
    operand = operand_piece(via.operands[position]).text
    return f"∂({operation(via, picture.exact).text})/∂{operand}"


def formula_at(formulas: Formulas, position: int) -> Piece | None:
    """The formula for one operand, if there are formulas."""
    return formulas[position] if formulas else None


def _kept(picture: Picture) -> Table:
    rows: list[Row] = [
        _gap(picture, 4)
        if v is None
        else (v.name, operation(v, picture.exact).text, keeps_text(v), reason(v, picture))
        for v in picture.forward
        if v is None or v.op is not None
    ]
    return Table("Kept for the backward pass", ("Node", "Operation", "Keeps", "Why"), rows, [])


def keeps_text(vertex: Vertex) -> str:
    """What the op of a vertex keeps, in words: `inputs a, x`, `output f`, `nothing`."""
    groups: dict[str, list[str]] = {}
    for kind, name in vertex.keeps:
        groups.setdefault(kind, []).append(name)
    arrays, sizes = [], []
    for kind, names in groups.items():
        if kind in ("shape", "dtype"):
            sizes.append(f"{kind} of {', '.join(names)}")
        else:
            arrays.append(f"{kind}{'s' if len(names) > 1 else ''} {', '.join(names)}")
    text = ", ".join(arrays) or "nothing"
    return f"{text} ({', '.join(sizes)})" if sizes else text


def reason(vertex: Vertex, picture: Picture) -> str:
    """The formulas that need what is kept, one for each operand that has a gradient."""
    reasons = []
    for position, operand in enumerate(vertex.operands):
        if operand.vertex is None:
            continue
        local, pull = formula_at(vertex.locals, position), formula_at(vertex.pulls, position)
        if local is not None:
            reasons.append(f"{partial_text(vertex, position, picture)} = {local.text}")
        elif pull is not None:
            reasons.append(f"to {operand_piece(operand).text}: {pull.text}")
    if not reasons:
        return f"{rule_text(vertex)} asks for it" if vertex.keeps else ""
    return ", ".join(dict.fromkeys(reasons))


def _zero_note(writer: Writer) -> list[str]:
    if not writer.rounded:
        return []
    return ["0 stands for less than 1e-12 of the largest number in the table."]
