"""Source of the lines of the public function of an op that unwrap its operands (see `source.py`).

Operand `i` is taken apart into `value{i}` and `edge{i}`. `plain` says that there was no Tensor, and
`foreign_type` that of what is no array of NumPy within a sequence or an index key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gpugrad.core.rules import Operation


def one(i: int, name: str, differentiable: bool, _: str) -> list[str]:
    """Lines that unwrap an operand, and take its edge where that matters."""
    return [
        f"if type({name}) is Tensor:",
        "    plain = False",
        *([f"    edge{i} = {name}._edge"] if differentiable else []),
        f"    value{i} = {name}._value",
        "else:",
        *([f"    edge{i} = None"] if differentiable else []),
        f"    value{i} = {name}",
    ]


def sequence(i: int, name: str, _: bool, general: str) -> list[str]:
    """Lines that unwrap a sequence of operands; `edge` is that of one that is tracked."""
    return [
        f"if type({name}) is not list and type({name}) is not tuple:",
        f"    {general}",
        f"edge{i}, edges{i}, value{i} = None, [], []",
        f"for part in {name}:",
        "    if type(part) is Tensor:",
        "        plain = False",
        "        part_edge = part._edge",
        "        part = part._value",
        "        if part_edge is not None:",
        f"            edge{i} = part_edge",
        "    else:",
        "        part_edge = None",
        f"    edges{i}.append(part_edge)",
        "    if type(part) is not ndarray:",
        "        foreign_type = type(part)",
        f"    value{i}.append(part)",
        f"value{i} = tuple(value{i})",
    ]


def index_key(i: int, name: str, _: bool, general: str) -> list[str]:
    """Lines that unwrap the arrays of an index key; most keys are basic and hold none."""
    return [
        f"if type({name}) is not tuple:",
        f"    {general}",
        f"value{i}, basic{i} = {name}, True",
        f"for part in {name}:",
        "    if type(part) not in static:",
        f"        basic{i} = False",
        f"if not basic{i}:",
        f"    value{i} = []",
        f"    for part in {name}:",
        "        if type(part) is Tensor:",
        "            plain = False",
        "            part = part._value",
        "        if type(part) is not ndarray and type(part) not in static:",
        "            foreign_type = type(part)",
        f"        value{i}.append(part)",
        f"    value{i} = tuple(value{i})",
    ]


def mask(tracked: list[str]) -> str:
    """Source of the bit mask of the operands that are tracked, of which there is at least one."""
    bits = {edge: 1 << int(edge.removeprefix("edge")) for edge in tracked}
    if len(bits) == 1:
        return str(*bits.values())
    return " | ".join(f"({bit} if {edge} is not None else 0)" for edge, bit in bits.items())


def edges_of(op: Operation, i: int, differentiable: bool) -> str:
    """Source of the edges of an operand in those of a node: one, or one for each of a sequence."""
    if not differentiable:
        return "None, "
    if op.arrays[i] not in op.nested:
        return f"edge{i}, "
    if len(op.arrays) == 1:
        return f"*edges{i}, "
    return f"*(edges{i} if edge{i} is not None else (None, )), "


def otherwise(
    op: Operation, places: list[int], passed: str, general: str, promotes: bool
) -> list[str]:
    """Lines for operands that are not all arrays of NumPy, or while somebody traces."""
    found = [f"type(value{i}) in native_types" for i in places]
    found += ["foreign_type in native_types"] if op.nested else []
    lines = [
        "if tracers:",
        f"    {general}",
        f"if native_types and ({' or '.join(found)}):",
        f"    return native_call({', '.join(op.arrays)}{passed})",
    ]
    return [*lines, *(_promoted(op, places, general) if promotes else [general])]


def _promoted(op: Operation, places: list[int], general: str) -> list[str]:
    """Lines that make arrays of what promotes beside arrays."""
    names = {i: f"value{i}" for i in places}
    lines = [
        *(f"kind{i} = {x}.dtype if type({x}) is ndarray else type({x})" for i, x in names.items()),
        f"promoted = promotions[{', '.join(f'kind{i}' for i in places)}]",
        "if promoted is None:",
        f"    {general}",
        "if promoted:",
        f"    {', '.join(f'dtype{i}' for i in places)} = promoted",
    ]
    for i, x in names.items():
        lines += [f"    if dtype{i} is not None:", f"        {x} = as_operand({x}, dtype{i})"]
    if len(places) > 2 or op.rules.exist or op.in_single:
        return lines
    # Where nothing has a gradient, as in comparisons, Python's numbers stay what they are.
    a, b = names.values()
    stays = " or ".join(
        f"type({x}) is ndarray and type({other}) in number_types and {x}.dtype.kind == 'f'"
        for x, other in ((a, b), (b, a))
    )
    return [f"if not ({stays}):", *(f"    {line}" for line in lines)]
