"""Rows of steps that hold programs: branches and loops, as graphs inside of the graph."""

from __future__ import annotations

import numpy as np
from onnx import GraphProto

from gpugrad.interop.onnx.agreed import Program, Sized
from gpugrad.interop.onnx.onnx_graph import Graph, Value, described
from gpugrad.interop.onnx.row_table import Use, row

_INT64, _BOOL = np.dtype(np.int64), np.dtype(bool)


@row("cond")
def _cond(g: Graph, use: Use) -> list[Value]:
    branches = {
        f"{word}_branch": _branch(g, use, use.setting(name))
        for word, name in (("then", "true"), ("else", "false"))
    }
    dtypes = [made.dtype for made in use.made]
    return g.several("If", use.values[0], dtypes=dtypes, **branches)


def _branch(g: Graph, use: Use, program: Program) -> GraphProto:
    inside = Graph(g)
    found = use.write(inside, program, use.values[1:])
    return _closed(inside, "branch", [], [], program, found)


@row("scan")
def _scan(g: Graph, use: Use) -> list[Value]:
    """A loop over elements is `Scan`; one without any has a number of turns, and is `Loop`."""
    program: Program = use.setting("body")
    n, m, reverse = use.setting("carries"), use.setting("xs"), int(use.setting("reverse"))
    inside = Graph(g)
    given = [
        Value(g.name("each"), program.slots[slot].dtype) for slot in program.inputs[: n + m]
    ]
    found = use.write(inside, program, (*given, *use.values[n + m :]))
    specs = [program.slots[slot] for slot in program.inputs[: n + m]]
    dtypes = [made.dtype for made in use.made]
    if m:
        body = _closed(inside, "body", given, specs, program, found)
        return g.several(
            "Scan", *use.values[: n + m], dtypes=dtypes, body=body, num_scan_inputs=m,
            scan_input_directions=[reverse] * m,
            scan_output_directions=[reverse] * (len(found) - n),
        )  # fmt: skip
    turn, goes = Value(g.name("turn"), _INT64), Value(g.name("goes"), _BOOL)
    body = _closed(inside, "body", given, specs, program, found, (turn, goes))
    turns = g("Reshape", g.shape((use.setting("length"),)), g.integers())
    results = g.several("Loop", turns, g.constant(np.array(True)), *use.values[:n], dtypes=dtypes,
                        body=body)  # fmt: skip
    if not reverse:
        return results
    back = (g.integers(-1), g.integers(-(2**63)), g.integers(0), g.integers(-1))
    return [*results[:n], *(g("Slice", x, *back) for x in results[n:])]


@row("cumulative_prod")
def _running_product(g: Graph, use: Use) -> Value:
    """A loop along the axis: no operator has a running product."""
    axis, x = use.axis, g.cast(use.values[0], use.made[0].dtype)
    lengths = list(use.operands[0].lengths)
    front = [axis, *(i for i in range(len(lengths)) if i != axis)]
    rest = tuple(lengths[i] for i in front[1:])
    one = g.expand(g.number(1, x), rest)
    inside = Graph(g)
    total, element = (Value(g.name(name), x.dtype) for name in ("total", "element"))
    found = inside("Mul", total, element)
    again = inside("Identity", found)
    body = inside.made(
        g.name("body"), [described(each.name, x.dtype, rest) for each in (total, element)],
        [described(each.name, x.dtype, rest) for each in (found, again)],
    )  # fmt: skip
    turned = g("Transpose", x, perm=front)
    _, rows = g.several("Scan", one, turned, dtypes=[None, None], body=body, num_scan_inputs=1)
    result = g("Transpose", rows, perm=np.argsort(front).tolist())
    if not use.setting("include_initial", False):
        return result
    lengths[axis] = 1
    return g("Concat", g.expand(g.number(1, x), tuple(lengths)), result, axis=axis)


def _closed(
    inside: Graph, name: str, given: list[Value], specs: list[Sized], program: Program,
    found: list[Value], before: tuple[Value, ...] = (),
) -> GraphProto:  # fmt: skip
    """The graph of a program: each of its results is a value of its own, made in it."""
    results = [inside("Identity", x) for x in found]
    inputs = [described(x.name, x.dtype, ()) for x in before]
    inputs += [
        described(x.name, x.dtype, spec.lengths)
        for x, spec in zip(given, specs, strict=True)
    ]
    outputs = [
        described(x.name, x.dtype, program.slots[slot].lengths)
        for x, slot in zip(results, program.outputs, strict=True)
    ]
    if before:
        again = inside("Identity", before[1])
        outputs.insert(0, described(again.name, again.dtype, ()))
    return inside.made(inside.name(name), inputs, outputs)
