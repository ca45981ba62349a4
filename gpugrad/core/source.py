"""Source of the public function of an op, generated from its signature.

It is what `gpugrad.core.op.apply` does, unrolled for operands that are NumPy arrays or Tensors of
them, and what promotes beside them: numbers of Python and NumPy. Sequences and index keys may hold
such arrays and Tensors. `native_call` is the same for CuPy's. For an op of two array arguments:

    def call(a, b):
        plain = True
        if type(a) is Tensor:
            plain = False
            edge0 = a._edge
            value0 = a._value
        else:
            edge0 = None
            value0 = a
        (the same for b)
        if type(value0) is not ndarray or type(value1) is not ndarray or tracers:
            if tracers:
                return apply(op, (a, b, ), ())
            if native_types and (type(value0) in native_types or type(value1) in native_types):
                return native_call(a, b)
            kind0 = value0.dtype if type(value0) is ndarray else type(value0)
            (the same for value1)
            promoted = promotions[kind0, kind1]
            if promoted is None:
                return apply(op, (a, b, ), ())
            if promoted:
                dtype0, dtype1 = promoted
                if dtype0 is not None:
                    value0 = as_operand(value0, dtype0)
                (the same for value1)
        y = xp.hypot(value0, value1)
        if type(y) is not ndarray:
            y = as_array(y)
        if plain:
            return y
        if edge0 is None and edge1 is None or not is_recording():
            return untracked_result(y)
        vjp = rules[(1 if edge0 is not None else 0) | (2 if edge1 is not None else 0)]
        return recorded_result(vjp, (), (edge0, edge1, ), vjp.keep(value0, value1, y), y)
"""

from __future__ import annotations

from inspect import Parameter
from types import CodeType, FunctionType
from typing import TYPE_CHECKING

from gpugrad.core.operand_source import edges_of, index_key, mask, one, otherwise, sequence
from gpugrad.core.rules import kept_source
from gpugrad.core.views import PRIMITIVES

if TYPE_CHECKING:
    from gpugrad.core.rules import Operation


def call_source(op: Operation, kernel: bool = False, is_open: bool = False) -> str:
    """The source of a function that applies `op`, under the name `call`.

    With `kernel`, real floating operands go to a hand-written one, `kernel_call`. With `is_open`,
    arguments that only NumPy's function of that name has are taken too, and go to `as_numpy`.
    """
    settings = f"({''.join(f'{name}, ' for name in op.settings)})"
    head = f"def call({_signature_source(op.parameters, is_open)}):"
    general = f"return apply(op, ({''.join(f'{name}, ' for name in op.arrays)}), {settings})"
    differentiable = [op.rules.differentiates(i) for i in range(len(op.arrays))]
    nested = [name in op.nested for name in op.arrays]
    required = [p.name for p in op.parameters if p.default is Parameter.empty]
    absent = f"{required[-1]} is absent" if required and is_open else ""
    # Where operands are no arrays it is asked: where they are, it takes no time.
    is_late = bool(op.arrays) and op.results is not None and not any(nested) and (
        set(op.settings).isdisjoint(required)
    )
    asked = "" if is_late or not absent else f" or {absent}"
    beyond = [
        f"    if more_given or words_given{asked}:", f"        return {_beyond(op)}"
    ] if is_open else []
    if not op.arrays or op.results is None:
        return "\n".join([head, *beyond, f"    {general}", ""])
    foreign = ["    foreign_type = None"] if any(nested) else []
    lines = [head, *beyond, "    plain = True", *foreign]
    for i, name in enumerate(op.arrays):
        lines_of = one if not nested[i] else sequence if differentiable[i] else index_key
        found = lines_of(i, name, differentiable[i], general)
        lines += [f"    {line}" for line in found]
    plain_arrays = [i for i, is_nested in enumerate(nested) if not is_nested]
    names = [f"value{i}" for i in range(len(op.arrays))]
    values = ", ".join(names)
    places = {p.name for p in op.parameters if p.kind is not Parameter.KEYWORD_ONLY}
    passed = "".join(f", {n}" if n in places else f", {n}={n}" for n in op.settings)
    forward = f"kernel_call({values})" if kernel else _forward_source(op, values, passed)
    parts = [f"y{i}" for i in range(op.results)] if op.multiple else ["y"]
    foreign = [f"type(value{i}) is not ndarray" for i in plain_arrays]
    foreign += ["foreign_type is not None"] if any(nested) else []
    foreign += ["value0.dtype.kind != 'f'"] if kernel else []
    narrow = [] if op.narrow is None else plain_arrays
    foreign += [f"narrow[value{i}.dtype] is not None" for i in narrow]
    promotes = len(plain_arrays) > 1 and not any(nested) and not kernel
    lines += [
        f"    if {' or '.join(foreign)} or tracers:",
        *([f"        if {absent}:", f"            return {_beyond(op)}"]
          if absent and is_late else []),
        *(f"        {line}" for line in otherwise(op, plain_arrays, passed, general, promotes)),
        *_settled(op),
        "    try:",
        f"        {_several(parts)} = {forward}",
        "    except TypeError:                               # so NumPy refuses other dtypes",
        f"        check_numbers({op.name!r}, ({values},))",
        "        raise",
        *([f"    {_several(parts)} = checked(op, ({values},), {_several(parts)})"]
          if op.of_a_user else []),
        *_wrapped(parts),
        "    if plain:",
        "        return y",
    ]
    untracked_result = _several([f"untracked_result({part})" for part in parts])
    if op.name in PRIMITIVES:
        args = "(value1, )" if op.name == "getitem" else settings
        result = f"view_result({op.arrays[0]}, y, None, {op.name!r}, {args}, edge0 is not None)"
        untracked_result = _where_a_view(op, result, untracked_result)
    tracked = [f"edge{i}" for i, differentiates in enumerate(differentiable) if differentiates]
    if not tracked:
        return "\n".join([*lines, f"    return {untracked_result}", ""])
    untracked = " and ".join(f"{edge} is None" for edge in tracked)
    edges = "".join(edges_of(op, i, differentiable[i]) for i in range(len(op.arrays)))
    lines += [
        f"    if {untracked} or not is_recording():",
        f"        return {untracked_result}",
        f"    vjp = rules[{mask(tracked)}]",
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


def _forward_source(op: Operation, values: str, passed: str) -> str:
    """Source of the call of the forward, or of what it calls if it does nothing else."""
    names = ", ".join(op.arrays)
    named = "".join(f", {n}={n}" for n in op.settings)
    code = op.forward.__code__
    if len(code.co_names) == 1 and op.name not in DIRECT:
        only: dict[str, FunctionType] = {}
        head = ", ".join(("xp", *op.arrays, *op.settings))
        name = code.co_names[0]
        exec(f"def forward({head}):\n    ''\n    return xp.{name}({names}{named})", only)
        if _body(only["forward"].__code__) == _body(code):
            return f"xp.{name}({values}{named})"
    call = f"forward(xp, {values}{passed})"
    return DIRECT.get(op.name, "{}").format(call)


def _body(code: CodeType) -> tuple[object, ...]:
    """What a function does with its arguments; its first constant is what it says of itself."""
    return code.co_code, code.co_varnames, code.co_consts[1:]


DIRECT = {
    "getitem": "value0[value1]",
    "matmul": "value0.dot(value1) if value0.ndim == 2 == value1.ndim else {}",
    "matrix_transpose": "value0.mT",
    "permute_dims": "value0.transpose(tuple(axes)) if len(axes) else {}",
    "reshape": "value0.reshape(shape) if copy is None else {}",
}
"""What NumPy's own methods do without the calls of a forward and a namespace, which cost as much as
a small product and more than a move.
"""

CONDITIONS = {
    # Else it is one element or chosen by arrays: a copy, as in NumPy.
    "getitem": "basic1 and (y.shape or ... in value1)",
    # Most arrays lie in memory as those of a program without Tensors: the base of `y` tells.
    "reshape": "not copy and (y.base is value0 and x._base is None or shares(x, y))",
}
"""Where a result is a view; that of others always is."""


def _where_a_view(op: Operation, view: str, copied: str) -> str:
    """Source of a result that knows what it is a view of, where it is one."""
    if op.name not in CONDITIONS:
        return view
    copied = f"own({copied})" if op.name == "reshape" else copied
    return f"{view} if {CONDITIONS[op.name]} else {copied}"


def _settled(op: Operation) -> list[str]:
    """Lines that put Python's numbers for NumPy's into settings, and refuse Tensors there.

    Most are left out, or of a type that is seen at once. Inside of tuples, NumPy's numbers do no
    harm to forwards; rules get them settled.
    """
    if op.name == "reshape":                        # NumPy's takes its numbers, and no rule looks
        return []
    lines = []
    for parameter in op.parameters:
        if parameter.name in op.settings:
            name = parameter.name
            kinds = ["is not int", "not in simple"]
            if not op.of_a_user:                    # whose tuples are axes and shapes
                kinds.insert(1, "is not tuple")
            test = " and ".join(f"type({name}) {kind}" for kind in kinds)
            if parameter.default is not Parameter.empty:
                test = f"{name} is not default_{name} and {test}"
            lines += [f"    if {test}:", f"        {name} = setting(op, {name!r}, {name})"]
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


def _beyond(op: Operation) -> str:
    """Source of the call with arguments that NumPy's function has, and the op of its name not."""
    by_name = [p.name for p in op.parameters if p.kind is Parameter.KEYWORD_ONLY]
    placed = "".join(f"{p.name}, " for p in op.parameters if p.kind is not Parameter.KEYWORD_ONLY)
    named = ", ".join(f"{name!r}: {name}" for name in by_name)
    return f"as_numpy(op, ({placed}), more_given, {{{named}}}, words_given)"


def _signature_source(parameters: list[Parameter], is_open: bool) -> str:
    """The parameters; with `is_open`, more by place and by name are taken too."""
    parts: list[str] = []
    rest = "*more_given" if is_open else "*"
    for i, parameter in enumerate(parameters):
        before = parameters[i - 1].kind if i else None
        if before is Parameter.POSITIONAL_ONLY and parameter.kind is not before:
            parts.append("/")
        if parameter.kind is Parameter.KEYWORD_ONLY and before is not Parameter.KEYWORD_ONLY:
            parts.append(rest)
        name = parameter.name
        has_default = parameter.default is not Parameter.empty
        default = f"default_{name}" if has_default else "absent" if is_open else ""
        parts.append(f"{name}={default}" if default else name)
    if parameters and parameters[-1].kind is Parameter.POSITIONAL_ONLY:
        parts.append("/")
    if is_open:
        parts += ["**words_given"] if rest in parts else [rest, "**words_given"]
    return ", ".join(parts)
