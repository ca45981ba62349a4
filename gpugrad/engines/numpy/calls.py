"""How each primitive is called in the source that the NumPy engine writes.

An entry of `CALLS` takes what writes the source around it, the step and the name of the result's
buffer, and gives lines.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from gpugrad.backends import numpy_namespace
from gpugrad.backends.collectives import BEGINS, WAITS
from gpugrad.backends.numpy import BITS, BLAS_LIMIT, EYE_LIMIT, framed_eye
from gpugrad.backends.short_axes import are_windows
from gpugrad.engines.lines import Line, called
from gpugrad.engines.numpy.into_buffers import ELEMENTWISE_ROWS, REDUCTION_ROWS
from gpugrad.engines.writer import Writer, index_source
from gpugrad.plan.effects import collective
from gpugrad.plan.plan import Operand, Slot, Step
from gpugrad.plan.primitive import Primitive


class Around(Protocol):
    """What writes the source around a call: a writer, or that of a tile (see `engines.writer`)."""

    slots: tuple[Slot, ...]

    def bind(self, name: str, value: object) -> str: ...

    def dtype(self, dtype: np.dtype) -> str: ...

    def number(self, slot: int) -> np.generic | None: ...

    def view(self, slot: int, name: str, expression: str) -> str: ...


Write = Callable[[Any, Step, str], list[Line]]      # some for `Around`, some for writers alone


def check_of_labels(step: Step) -> Line:
    """The call for a step that gives nothing."""
    name = f"s{step.inputs[0]}"
    return Line(f"check_labels({name}, {step.setting('n')})", reads=(name,))


def _names(step: Step) -> tuple[str, ...]:
    return tuple(f"s{slot}" for slot in step.inputs)


def _elementwise(row: Primitive) -> Write:
    """The one call of a ufunc, or a function of ours with its result copied into the buffer."""
    if row.ufunc.startswith("special."):            # of SciPy, which is imported when it is met
        return _special(row.name)
    return _ufunc(row.ufunc) if row.ufunc else _into(row.name)


def _ufunc(name: str) -> Write:
    keyword = "out=" if name in ("maximum", "minimum") else ""

    def write(w: Around, step: Step, y: str) -> list[Line]:
        names = _names(step)
        return [Line(f"{name}({', '.join(names)}, {keyword}{y})", reads=(*names, y))]

    return write


def _special(name: str) -> Write:
    def write(w: Around, step: Step, y: str) -> list[Line]:
        return [called(w.bind(name, getattr(numpy_namespace, name)), *_names(step), y)]

    return write


def _round(w: Around, step: Step, y: str) -> list[Line]:
    whole = w.slots[step.outputs[0]].dtype.kind in "iu"     # of which `rint` makes floats
    return _copy(w, step, y) if whole else [called("rint", *_names(step), y)]


def _into(name: str) -> Write:
    def write(w: Around, step: Step, y: str) -> list[Line]:
        return [called(f"{name}_into", *_names(step), y)]

    return write


def _copy(w: Around, step: Step, y: str) -> list[Line]:
    (x,) = _names(step)
    return [Line(f"copyto({y}, {x}, 'unsafe')", reads=(y, x))]


def _where(w: Around, step: Step, y: str) -> list[Line]:
    condition, a, b = step.inputs
    slots = w.slots
    zero = w.number(b)
    same = slots[condition].shape == slots[a].shape == slots[step.outputs[0]].shape
    same = same and slots[a].dtype in BITS
    if same and zero is not None and zero == 0 and not np.signbit(zero):
        # Read as integers, numbers can be multiplied by the condition: by 1 the bits stay as they
        # are, by 0 they become those of 0.0, also where they were infinite or NaN.
        bits = w.dtype(BITS[slots[a].dtype])
        from_a = w.view(a, f"{y}a", f"s{a}.view({bits})")
        to_y = w.view(step.outputs[0], f"{y}b", f"{y}.view({bits})")
        return [called("multiply", from_a, f"s{condition}", to_y)]
    return [called("where_into", *_names(step), y)]


def _factors(w: Around, step: Step) -> tuple[str, ...]:
    """What `dot` multiplies to give a product or a sum; empty where these are not for it."""
    slots = [w.slots[slot] for slot in step.inputs]
    x, shape, dtype = f"s{step.inputs[0]}", slots[0].shape, slots[0].dtype
    if dtype not in BITS:
        return ()
    if step.op == "matmul":
        return _names(step) if all(len(slot.shape) == 2 for slot in slots) else ()
    axes: tuple[int, ...] = step.setting("axes") if step.op == "sum" else ()
    if len(shape) not in (1, 2) or len(axes) != 1 or not 0 < shape[axes[0]] <= BLAS_LIMIT:
        return ()
    n = shape[axes[0]]
    ones = w.bind(f"ones_s{step.outputs[0]}", np.ones(n, dtype))
    return (ones, x) if axes == (0,) and len(shape) == 2 else (x, ones)


def allocating(w: Around, step: Step) -> Line | None:
    """An expression for a result that is an array of its own; `None` where there is none."""
    if dict(step.settings).get("keepdims"):
        return None
    factors = _factors(w, step)
    return called("dot", *factors) if factors and w.slots[step.outputs[0]].shape else None


def _matmul(w: Around, step: Step, y: str) -> list[Line]:
    factors = _factors(w, step)
    return [called("dot", *factors, y) if factors else called("matmul", *_names(step), y)]


def _sum(w: Around, step: Step, y: str) -> list[Line]:
    factors = _factors(w, step)
    if not factors:
        return _reduce("add_reduce")(w, step, y)
    if step.setting("keepdims"):
        shape = w.slots[step.inputs[0]].shape
        flat = tuple(m for i, m in enumerate(shape) if i not in step.setting("axes"))
        y = w.view(step.outputs[0], f"{y}f", f"{y}.reshape({w.bind(f'flat_{y}', flat)})")
    return [called("dot", *factors, y)]


def _reduce(name: str) -> Write:
    def write(w: Around, step: Step, y: str) -> list[Line]:
        axes = step.setting("axes")
        axis = axes[0] if len(axes) == 1 else axes
        (x,) = _names(step)
        text = f"{name}({x}, {axis}, None, {y}, {step.setting('keepdims')})"
        source, result = w.slots[step.inputs[0]], w.slots[step.outputs[0]]
        if 1 < len(axes) < len(source.shape) and source.dtype == result.dtype:
            if are_windows(axis, source.shape):
                ufunc = name.removesuffix("_reduce")
                text = f"joined({ufunc}, {x}, {axis}, {y}, {step.setting('keepdims')})"
        return [Line(text, reads=(x, y))]

    return write


def _nll(w: Around, step: Step, y: str) -> list[Line]:
    x, labels = (w.slots[slot] for slot in step.inputs)
    n = x.shape[-1]
    starts = np.arange(0, labels.size * n, n or 1)[: labels.size].reshape(labels.shape)
    names = _names(step)
    numbers = names[1]
    if labels.dtype != np.int64:                    # a sum with the starts may be no integer
        numbers += f".astype({w.dtype(starts.dtype)})"
    text = f"nll_into({names[0]}, {numbers}, {w.bind(f'{y}_starts', starts)}, {y})"
    return [Line(text, reads=(*names, y))]


def _one_hot(w: Around, step: Step, y: str) -> list[Line]:
    n, dtype = step.setting("n"), w.slots[step.outputs[0]].dtype
    (labels,) = _names(step)
    if n <= EYE_LIMIT:                              # as in the backend: half the time
        eye = w.bind(f"eye{n}_{dtype.name}", framed_eye(n, dtype))
        return [Line(f"{eye}.take({labels} + 1, 0, {y}, 'clip')", reads=(labels, y))]
    return [called("one_hot_into", labels, w.bind(f"classes{n}", np.arange(n)), y)]


def _concat(w: Around, step: Step, y: str) -> list[Line]:
    names = _names(step)
    text = f"concatenate(({', '.join(names)},), {step.setting('axis')}, {y})"
    return [Line(text, reads=(*names, y))]


def _pack(w: Writer, step: Step, y: str) -> list[Line]:
    """Copies of what was not computed inside of the pack; most often there is none."""
    packed = step.outputs[0]
    start = 0
    copied: dict[int, int] = {}                     # slots by where they begin
    for slot in step.inputs:
        if not w.placement.lies_in(slot, packed, start * w.slots[slot].dtype.itemsize):
            copied[start] = slot
        start += w.slots[slot].size
    if len(copied) == len(step.inputs):
        return [_concatenate_all(w, step, y)]
    lines = []
    for start, slot in copied.items():
        shape, size = w.slots[slot].shape, w.slots[slot].size
        part = f"{_flat(y)}[{start}:{start + size}].reshape({shape})"
        lines.append(called("copyto", w.view(packed, f"{y}_{start}", part), f"s{slot}"))
    return lines


def _concatenate_all(w: Writer, step: Step, y: str) -> Line:
    # Rows are by far the fastest, even where they are made at each run.
    rows = [_row(w, slot) for slot in step.inputs]
    whole = w.view(step.outputs[0], f"{y}f", _flat(y))
    text = f"concatenate(({', '.join(row.text for row in rows)},), 0, {whole})"
    return Line(text, reads=(*(name for row in rows for name in row.reads), whole))


def _row(w: Writer, slot: int) -> Line:
    """The elements of a slot in one row: a view, unless they are scattered."""
    name = f"s{slot}"
    if len(w.slots[slot].shape) == 1:
        return Line(name, reads=(name,))
    if slot in w.fixed and slot not in w.placement.scattered:
        name = w.view(slot, f"f{slot}_", _flat(name))
        return Line(name, reads=(name,))
    return Line(_flat(name), reads=(name,))


def _flat(name: str) -> str:
    return f"{name}.reshape(-1)"


def _update(name: str) -> Write:
    def write(w: Writer, step: Step, y: str) -> list[Line]:
        names = _names(step)
        parts = step.setting("key")
        key = index_source(parts, names)
        basic = not any(isinstance(part, Operand) for part in parts)
        in_place = w.placement.reused.get(step.outputs[0]) == step.inputs[0]
        lines = [] if in_place else [called("copyto", y, names[0])]
        reads = (y, *names[1:])
        if name == "set_at":
            return [*lines, Line(f"{y}[{key}] = {names[1]}", reads=reads)]
        if basic:
            return [*lines, Line(f"{y}[{key}] += {names[1]}", reads=reads)]
        half = w.slots[step.outputs[0]].dtype == np.float16
        add = "add_at_half" if half else "add_at"
        return [*lines, Line(f"{add}({y}, ({key}), {names[1]})", reads=reads)]

    return write


def _communicate(w: Writer, step: Step, y: str) -> list[Line]:
    """A collective into its buffer. `q7` is what waits for one that travels to slot 7."""
    call, names = collective(step), _names(step)
    assert call is not None
    if call.part == WAITS:
        travels, slot = step.inputs[0], step.outputs[0]
        there = w.placement.reused.get(slot) == travels
        wait = Line(f"q{travels}()", reads=(f"q{travels}", *names))
        return [wait] if there else [wait, called("copyto", y, names[0])]
    slot, x = step.outputs[0], w.slots[step.inputs[0]]
    if call.part == BEGINS:
        begin = w.bind(f"begin{slot}", call.world.beginning(call, x.dtype, x.shape))
        line = called(begin, *names, y)
        return [Line(f"q{slot} = {line.text}", (f"q{slot}",), line.reads)]
    carry = w.bind(f"communicate{slot}", call.world.into(call, x.dtype, x.shape))
    return [called(carry, *names, y)]


_WRITTEN: dict[str, Write] = {
    "communicate": _communicate,
    "astype": _copy,
    "copy": _copy,
    "where": _where,
    "round": _round,
    "matmul": _matmul,
    "sum": _sum,
    "nll": _nll,
    "one_hot": _one_hot,
    "concat": _concat,
    "pack": _pack,
    "add_at": _update("add_at"),
    "set_at": _update("set_at"),
}
"""Primitives that are more, or other, than one call of a ufunc."""

CALLS: dict[str, Write] = {
    **{row.name: _elementwise(row) for row in ELEMENTWISE_ROWS},
    **{row.name: _reduce(f"{row.ufunc}_reduce") for row in REDUCTION_ROWS},
    **_WRITTEN,
}
"""For each primitive that writes into a buffer, its lines."""
