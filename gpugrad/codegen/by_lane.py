"""Functions of the C library, which take one number: called for each lane of a vector."""

from __future__ import annotations

from collections.abc import Sequence

from gpugrad.codegen.body import Body
from gpugrad.codegen.ir import Value, type_of
from gpugrad.plan.primitives import PRIMITIVES

_WIDE = {"gammaln", "ndtr", "sin", "cos", "tan"}
"""Computed in float64, whatever the argument is."""


def by_lane(b: Body, name: str, x: Sequence[Value]) -> Value:
    """The function of that name of a number, or of each lane of a vector."""
    first = x[0]
    dtype, lanes = first.dtype, first.lanes
    if name in _WIDE and dtype != "float64":
        return b.convert(by_lane(b, name, [b.convert(v, "float64") for v in x]), dtype)
    if not lanes:
        return _one(b, name, x)
    helper = f"{name}_{dtype}_{lanes}"
    if helper not in b.helpers:
        b.helpers[helper] = ""                      # before it is written: it may need others
        b.helpers[helper] = _written(b, helper, name, dtype, lanes, len(x))
    given = ", ".join(v.typed for v in x)
    return b.emit(f"call {first.type} @{helper}({given})", dtype, lanes)


def _one(b: Body, name: str, x: Sequence[Value]) -> Value:
    dtype = x[0].dtype
    if name == "gammaln":                           # as SciPy, -inf at -inf
        infinite = b.intrinsic("fabs", x[0]) == float("inf")
        return b.select(infinite, x[0], b.call("lgamma", x, dtype))
    if name == "ndtr":
        # In float64, because far below 0 a rounding of the argument counts many times over.
        return b.call("erfc", [-x[0] * 0.5**0.5], dtype) * 0.5
    symbol = "pow" if name == "power" else PRIMITIVES[name].c
    return b.call(f"{symbol}{'f' if dtype == 'float32' else ''}", x, dtype)


def _written(b: Body, helper: str, name: str, dtype: str, lanes: int, arity: int) -> str:
    """The text of the function of vectors."""
    inner = type(b)()
    inner.helpers = b.helpers
    inner.declared = b.declared
    whole, one = type_of(dtype, lanes), type_of(dtype)
    places = []
    for i in range(arity):
        inner.act(f"%a{i} = alloca {whole}")
        inner.act(f"store {whole} %x{i}, ptr %a{i}")
        places.append(f"%a{i}")
    inner.act("br label %lane")
    inner.label("lane")
    inner.act("%i = phi i64 [0, %entry], [%next, %lane]")
    taken = []
    for place in places:
        inner.act(f"{place}p = getelementptr {one}, ptr {place}, i64 %i")
        taken.append(inner.read(f"load {one}, ptr {place}p", dtype))
    y = _one(inner, name, taken)
    inner.act(f"store {y.typed}, ptr %a0p")
    inner.act("%next = add i64 %i, 1")
    inner.act(f"%more = icmp ult i64 %next, {lanes}")
    inner.act("br i1 %more, label %lane, label %done")
    inner.label("done")
    inner.act(f"%y = load {whole}, ptr %a0")
    inner.act(f"ret {whole} %y")
    parameters = ", ".join(f"{whole} %x{i}" for i in range(arity))
    head = f"define internal {whole} @{helper}({parameters}) noinline {{\nentry:"
    return "\n".join([head, *inner.lines, "}"])
