"""Source of the public function of an op, generated from its signature.

It is what `gpugrad.core.op.apply` does, unrolled for operands that are NumPy arrays or Tensors of
them, and numbers of Python beside them; `native` is the same for CuPy's. For an op of one array
argument:

    def call(x):
        plain = True
        if type(x) is Tensor:
            plain = False
            edge0 = x._edge
            value0 = x._value
        else:
            edge0 = None
            value0 = x
        if type(value0) is not ndarray or tracers:
            if tracers:
                return apply(op, (x, ), ())
            elif type(value0) in natives:
                return native(x)
            else:
                return apply(op, (x, ), ())
        y = xp.sin(value0)
        if type(y) is not ndarray:
            y = as_array(y)
        if plain:
            return y
        if edge0 is None or not is_recording():
            return Tensor(y)
        vjp = rules[1]
        return recorded_result(vjp, (), (edge0, ), (value0, ), y)
"""

from __future__ import annotations

from inspect import Parameter
from operator import and_
from typing import Any

from gpugrad.core.rules import kept_source
from gpugrad.core.views import PRIMITIVES


def call_source(op: Any, kernel: bool = False) -> str:
    """The source of the public function of `op`, under the name `call`.

    With `kernel`, real floating operands go to a hand-written one, which has that name.
    """
    settings = f"({''.join(f'{name}, ' for name in op.settings)})"
    head = f"def call({_signature_source(op.parameters)}):"
    general = f"return apply(op, ({''.join(f'{name}, ' for name in op.arrays)}), {settings})"
    differentiable = [op.rules.differentiates(i) for i in range(len(op.arrays))]
    nested = [name in op.nested for name in op.arrays]
    if any(map(and_, nested, differentiable)) or not op.arrays or op.results is None:
        return f"{head}\n    {general}\n"
    lines = [head, "    plain = True"]
    for i, name in enumerate(op.arrays):
        if nested[i]:                               # an index key: basic, or else for `apply`
            lines += [
                f"    for part in {name}:",
                "        if type(part) not in static:",
                f"            {general}",
            ]
            continue
        edge = f"{name}._edge" if differentiable[i] else "None"
        lines += [
            f"    if type({name}) is Tensor:",
            "        plain = False",
            f"        edge{i} = {edge}",
            f"        value{i} = {name}._value",
            "    else:",
            f"        edge{i} = None",
            f"        value{i} = {name}",
        ]
    plain_arrays = [i for i, is_nested in enumerate(nested) if not is_nested]
    names = [
        name if is_nested else f"value{i}"
        for i, (name, is_nested) in enumerate(zip(op.arrays, nested, strict=True))
    ]
    values = ", ".join(names)
    places = {p.name for p in op.parameters if p.kind is not Parameter.KEYWORD_ONLY}
    passed = "".join(f", {n}" if n in places else f", {n}={n}" for n in op.settings)
    forward = f"kernel({values})" if kernel else _forward_source(op, values, passed)
    parts = [f"y{i}" for i in range(op.results)] if op.multiple else ["y"]
    foreign = " or ".join(f"type(value{i}) is not ndarray" for i in plain_arrays)
    if kernel:
        foreign += " or value0.dtype.kind != 'f'"
    if op.in_single:
        foreign += "".join(f" or value{i}.dtype is half" for i in plain_arrays)
    lines += [
        f"    if {foreign} or tracers:",
        *(f"        {line}" for line in _otherwise(op, plain_arrays, passed, general)),
        *_settled(op),
        f"    {_several(parts)} = {forward}",
        *_wrapped(parts),
        "    if plain:",
        "        return y",
    ]
    untracked_result = _several([f"Tensor({part})" for part in parts])
    if op.name in PRIMITIVES:
        args = "(key, )" if op.name == "getitem" else settings
        result = f"view_result({op.arrays[0]}, y, None, {op.name!r}, {args}, edge0 is not None)"
        untracked_result = _where_a_view(op, result, untracked_result)
    tracked = [f"edge{i}" for i, differentiates in enumerate(differentiable) if differentiates]
    if not tracked:
        return "\n".join([*lines, f"    return {untracked_result}", ""])
    untracked = " and ".join(f"{edge} is None" for edge in tracked)
    mask = " | ".join(f"({edge} is not None) << {edge[4:]}" for edge in tracked)
    edges = "".join("None, " if nested[i] else f"edge{i}, " for i in range(len(op.arrays)))
    lines += [
        f"    if {untracked} or not is_recording():",
        f"        return {untracked_result}",
        f"    vjp = rules[{1 if mask.count('|') == 0 and tracked == ['edge0'] else mask}]",
    ]
    each = [tuple(i == k for i in range(len(op.arrays))) for k, d in enumerate(differentiable) if d]
    kept = {op.rules.kept_names(needs) for needs in each}
    keep = f"vjp.keep({values}, y)"
    if len(kept) == 1:                              # whichever operands are tracked
        keep = kept_source(op, kept.pop(), dict(zip(op.arrays, names, strict=True)))
    recorded = f"vjp, {settings}, ({edges}), {keep}"
    if op.multiple:
        shapes, dtypes = (_several([f"{part}.{x}" for part in parts]) for x in ("shape", "dtype"))
        results = _several([f"Tensor({part}, (node, {i}))" for i, part in enumerate(parts)])
        lines += [f"    node = Node({recorded}, {shapes}, {dtypes})", f"    return {results}", ""]
    else:
        result = f"recorded_result({recorded}, y)"
        if op.name in PRIMITIVES:
            view = f"recorded_view({op.arrays[0]}, {op.name!r}, {args}, {recorded}, y)"
            result = _where_a_view(op, view, result)
        lines += [f"    return {result}", ""]
    return "\n".join(lines)


def _otherwise(op: Any, places: list[int], passed: str, general: str) -> list[str]:
    """Lines for operands that are not all arrays of NumPy, or while somebody traces."""
    cases = [("tracers", general)]
    if len(places) == 2 == len(op.arrays):          # a number beside an array of floating ones
        for i, k in (places, places[::-1]):
            fits = f"type(value{i}) is ndarray and type(value{k}) in real"
            fits += f" and value{i}.dtype.kind == 'f'"
            fits += f" and value{i}.dtype is not half" if op.in_single else ""
            typed = f"value{k} = scalar(value{k}, value{i}.dtype, value{i})"
            cases.append((fits, typed if op.rules.exist else "pass"))
    found = " or ".join(f"type(value{i}) in natives" for i in places)
    cases.append((found, f"return native({', '.join(op.arrays)}{passed})"))
    lines = [f"{'elif' if i else 'if'} {x}:\n    {y}" for i, (x, y) in enumerate(cases)]
    return "\n".join([*lines, f"else:\n    {general}"]).split("\n")


def _forward_source(op: Any, values: str, passed: str) -> str:
    """Source of the call of the forward, or of what it calls if it does nothing else."""
    names = ", ".join(op.arrays)
    code = op.forward.__code__
    if not passed and len(code.co_names) == 1 and op.name not in DIRECT:
        only: dict[str, Any] = {}
        name = code.co_names[0]
        exec(f"def forward(xp, {names}): return xp.{name}({names})", only)
        same = only["forward"].__code__
        if (code.co_code, code.co_varnames) == (same.co_code, same.co_varnames):
            return f"xp.{name}({values})"
    call = f"forward(xp, {values}{passed})"
    return DIRECT.get(op.name, "{}").format(call)


DIRECT = {
    "matmul": "value0.dot(value1) if value0.ndim == 2 == value1.ndim else {}",
    "matrix_transpose": "value0.mT",
    "permute_dims": "value0.transpose(tuple(axes))",
    "reshape": "value0.reshape(shape) if copy is None else {}",
}
"""What NumPy's own methods do without the calls of a forward and a namespace, which cost as much as
a small product and more than a move.
"""

CONDITIONS = {
    "getitem": "y.shape or ... in key",             # else it is one element: a copy, as in NumPy
    # Most arrays lie in memory as those of a program without Tensors: the base of `y` tells.
    "reshape": "not copy and (y.base is value0 and x._base is None or shares(x, y))",
}
"""Where a result is a view; that of others always is."""


def _where_a_view(op: Any, view: str, copied: str) -> str:
    """Source of a result that knows what it is a view of, where it is one."""
    if op.name not in CONDITIONS:
        return view
    copied = f"own({copied})" if op.name == "reshape" else copied
    return f"{view} if {CONDITIONS[op.name]} else {copied}"


def _settled(op: Any) -> list[str]:
    """Lines that put Python's numbers for NumPy's into settings.

    Most are left out, or of a type that is seen at once. Inside of tuples, NumPy's numbers do no
    harm to forwards; rules get them settled.
    """
    if op.name == "reshape":                        # NumPy's takes its numbers, and no rule looks
        return []
    lines = []
    for parameter in op.parameters:
        if parameter.name in op.settings:
            name = parameter.name
            tests = (f"type({name}) {x}" for x in ("is not int", "is not tuple", "not in simple"))
            test = " and ".join(tests)
            if parameter.default is not Parameter.empty:
                test = f"{name} is not default_{name} and {test}"
            lines += [f"    if {test}:", f"        {name} = settled({name})"]
    return lines


def _several(parts: list[str]) -> str:
    """Source of one thing, or of a tuple of several."""
    return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"


def _wrapped(parts: list[str]) -> list[str]:
    """Lines that make arrays of results where NumPy gave scalars."""
    lines = []
    for part in parts:
        lines += [f"    if type({part}) is not ndarray:", f"        {part} = as_array({part})"]
    return lines if len(parts) == 1 else [*lines, f"    y = {_several(parts)}"]


def _signature_source(parameters: list[Parameter]) -> str:
    parts: list[str] = []
    for i, parameter in enumerate(parameters):
        before = parameters[i - 1].kind if i else None
        if before is Parameter.POSITIONAL_ONLY and parameter.kind is not before:
            parts.append("/")
        if parameter.kind is Parameter.KEYWORD_ONLY and before is not Parameter.KEYWORD_ONLY:
            parts.append("*")
        name = parameter.name
        has_default = parameter.default is not Parameter.empty
        parts.append(f"{name}=default_{name}" if has_default else name)
    if parameters and parameters[-1].kind is Parameter.POSITIONAL_ONLY:
        parts.append("/")
    return ", ".join(parts)
