"""The reverse rules of an op, read from the names of their parameters.

A rule is a plain function such as `lambda g, b: g * b`. Its names say what it gets, and thereby
what a graph has to keep; for each choice of tracked operands that yields a `Vjp`: what to keep,
and how to call the rules with it. Both are generated as source, because they run once for each
node.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from inspect import CO_VARARGS, CO_VARKEYWORDS, Parameter, signature
from itertools import chain
from operator import attrgetter
from types import FunctionType
from typing import TYPE_CHECKING, Any, Protocol

from gpugrad.backends.one_place import check_shares
from gpugrad.core.purity import is_pure
from gpugrad.errors import InvalidOp
from gpugrad.generated import compile_source
from gpugrad.graph import Lift, Node
from gpugrad.settings import settled
from gpugrad.types import Array

if TYPE_CHECKING:
    from gpugrad.backends import Namespace
    from gpugrad.backends.dtypes import Wider
    from gpugrad.backends.kernels import Kernel
    from gpugrad.core.op_info import OpInfo

    class Operation(Protocol):
        """An `Op` as its rules, and what is generated and kept of it, know it."""

        name: str
        doc: str | None
        forward: FunctionType
        kernel: str | None
        arrays: tuple[str, ...]
        settings: tuple[str, ...]
        nested: tuple[str, ...]
        parameters: list[Parameter]
        results: int | None
        multiple: bool
        in_single: bool
        narrow: Wider | None
        of_a_user: bool
        info: OpInfo
        rules: Rules
        function: Callable[..., Any]
        public: Callable[..., Any]

        def load_kernel(self, xp: Namespace) -> Kernel: ...
        def refuse_rule(self, error: Exception) -> None: ...

RESERVED = ("g", "y", "xp", "needs", "used")
SUFFIXES = ("_shape", "_dtype")

_GENERATED = re.compile(
    r"""(basic|dtype|edge|edges|kind|rule|value|y)\d+ | (shape|dtype)_of | Node | Tensor | apply
    | absent | as_array | as_numpy | as_operand | check_(numbers|shares) | checked | error
    | foreign_type
    | forward | narrow
    | is_recording | (kernel|native)_call | load_kernel | (more|words)_given | ndarray
    | (native|number)_types | node
    | op | own | part | part_edge | plain | promoted | promotions | recorded_(result|view)
    | tracers | refuse_rule | rules? | saved | settings? | settled | shares | simple | static
    | (untracked|view)_result | vjp | default_.* | int | len | list | map | tuple | type
    | Exception | TypeError""",
    re.VERBOSE,
)
"""Names in the functions that are generated for an op, those of Python itself among them."""

Rule = Callable[..., object]


class Vjp:
    """The reverse rules of `op` for one choice of tracked array arguments, `needs`.

    `keeps` are the names of what the graph keeps; `keep(*arrays, y)` picks these out when an op is
    applied, and `pull(g, xp, saved, settings)` gives the cotangents, one for each edge of the node.
    `spreads` says that one argument is a sequence, of which each part has its own cotangent;
    `foreign` are the positions, in what is kept, of that whose shape and dtype no node tells.
    """

    __slots__ = ("foreign", "keep", "keeps", "needs", "op", "pull", "spreads", "takes_unused")

    leaves_out = once = False

    def __init__(self, op: Operation, needs: tuple[bool, ...], rules: Rules) -> None:
        self.op = op
        self.needs = needs
        self.takes_unused = rules.take_unused
        self.spreads = any(n and a in op.nested for n, a in zip(needs, op.arrays, strict=True))
        self.keeps = rules.kept_names(needs)
        tracked = {n for n, need in zip(op.arrays, needs, strict=True) if need} - {*op.nested}
        told = {"y", *(name + suffix for name in tracked for suffix in ("", *SUFFIXES))}
        self.foreign = tuple(i for i, name in enumerate(self.keeps) if name not in told)
        pull, scope = _pull_source(self, rules)
        scope |= KEEPING
        exec(compile_source(f"{_keep_source(self)}\n\n{pull}\n", f"vjp of {op.name}"), scope)
        self.keep: Callable[..., tuple[object, ...]] = scope.pop("keep")
        self.pull: Callable[..., tuple[Array | None, ...]] = scope.pop("pull")

    def __repr__(self) -> str:
        return f"<Vjp of {self.op.name} that keeps {', '.join(self.keeps) or 'nothing'}>"

    def is_closed(self) -> bool:
        """Whether the rules depend on nothing but what they are given."""
        rules = self.op.rules
        used = (rule for rule, need in zip(rules.each, self.needs, strict=True) if need and rule)
        return all(map(is_pure, used if rules.joint is None else [rules.joint]))

    def lift(self, node: Node, lift: Lift) -> tuple[object, ...]:
        """What `node` saved, with its arrays as the Tensors that they were."""
        return tuple(
            self._lifted(name, value, node, lift)
            for name, value in zip(self.keeps, node.saved or (), strict=True)
        )

    def _lifted(self, name: str, value: Any, node: Node, lift: Lift) -> object:
        op = self.op
        if name == "y":
            if op.multiple:
                return tuple(lift(part, (node, i)) for i, part in enumerate(value))
            return lift(value, (node, 0))
        if name not in op.arrays:
            return value                            # a shape or a dtype
        position = op.arrays.index(name)
        if not self.needs[position]:
            return value
        if name not in op.nested:
            edge = node.edges[position - len(op.arrays)]
            assert edge is not None
            return lift(value, edge)
        after = len(op.arrays) - position - 1
        edges = node.edges[position : len(node.edges) - after]
        return tuple(
            part if edge is None else lift(part, edge)
            for part, edge in zip(value, edges, strict=True)
        )


class Rules(dict[int, Vjp]):
    """All reverse rules of one op: `rules[mask]` is the `Vjp` for the operands in the bit mask.

    Bit i of the mask says whether array argument i is tracked. Entries are made when first used.
    `named` are the parameters of the rule for each array argument, and `joint_named` those of the
    one for all.
    """

    def __init__(self, op: Operation, rules: tuple[Rule | None, ...], vjp: Rule | None) -> None:
        self.op = op
        self.each = rules or (None,) * len(op.arrays)
        self.joint = vjp
        self.named = [[] if rule is None else _parameters(rule) for rule in self.each]
        self.joint_named = [] if vjp is None else _parameters(vjp)
        self._check()

    def __missing__(self, mask: int) -> Vjp:
        needs = tuple(bool(mask >> i & 1) for i in range(len(self.op.arrays)))
        made = self[mask] = Vjp(self.op, needs, self)
        return made

    @property
    def take_unused(self) -> bool:
        """Whether they want `None`, not zeros, for a result that nobody used."""
        return "used" in self.joint_named

    @property
    def exist(self) -> bool:
        """Whether the op has a gradient at all."""
        return self.joint is not None or any(rule is not None for rule in self.each)

    def differentiates(self, position: int) -> bool:
        """Whether the array argument at `position` has a gradient."""
        return self.joint is not None or self.each[position] is not None

    def names(self, needs: tuple[bool, ...]) -> list[str]:
        """All that the rules for the tracked arguments name, each once."""
        if self.joint is not None:
            return self.joint_named
        wanted = (named for named, need in zip(self.named, needs, strict=True) if need)
        return list(dict.fromkeys(chain.from_iterable(wanted)))

    def kept_names(self, needs: tuple[bool, ...]) -> tuple[str, ...]:
        """Those of the names that the graph has to keep."""
        free = {"g", "xp", "needs", "used", *self.op.settings}
        return tuple(name for name in self.names(needs) if name not in free)

    def _check(self) -> None:
        op = self.op
        for name in (*op.arrays, *op.settings):
            if name in RESERVED or name.endswith(SUFFIXES):
                raise InvalidOp(
                    f"{op.name}: the parameter name {name!r} is reserved for rules. Rename it."
                )
            if _GENERATED.fullmatch(name):
                raise InvalidOp(
                    f"{op.name}: the parameter name {name!r} is one of the code that is generated "
                    "for an op. Rename it."
                )
        if self.joint is not None and any(self.each):
            raise InvalidOp(f"{op.name}: give one rule for each array argument or vjp=, not both.")
        if len(self.each) != len(op.arrays):
            raise InvalidOp(
                f"{op.name}: {len(self.each)} rules for the array arguments "
                f"{', '.join(op.arrays)}. Give one for each, `None` where there is no gradient, "
                "and set settings apart by `/` or `*`."
            )
        known = {"g", "y", "xp", *op.arrays, *op.settings}
        known |= {name + suffix for name in op.arrays for suffix in SUFFIXES}
        if self.joint is not None:
            known |= {"needs", "used"}
        for name in self.names((True,) * len(op.arrays)):
            if name not in known:
                raise InvalidOp(
                    f"{op.name}: a rule has the parameter {name!r}, which is none of "
                    f"{', '.join(sorted(known))}."
                )


def _parameters(rule: Rule) -> list[str]:
    """The names of the parameters of a rule.

    Those of a plain function are read from its code, because `signature` takes its time, and
    `import gpugrad` asks it of every rule.
    """
    if type(rule) is FunctionType and not vars(rule):
        code = rule.__code__
        if not code.co_flags & (CO_VARARGS | CO_VARKEYWORDS):
            return list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
    return list(signature(rule).parameters)


def _keep_source(vjp: Vjp) -> str:
    arrays = vjp.op.arrays
    kept = kept_source(vjp.op, vjp.keeps, dict(zip(arrays, arrays, strict=True)))
    return f"def keep({''.join(f'{name}, ' for name in arrays)}y):\n    return {kept}\n"


def kept_source(op: Operation, keeps: tuple[str, ...], values: dict[str, str]) -> str:
    """Source of the tuple of what is kept, of variables that `values` names by array argument."""
    return f"({''.join(f'{_kept_expression(name, op, values)}, ' for name in keeps)})"


def _kept_expression(name: str, op: Operation, values: dict[str, str]) -> str:
    base, _, attribute = name.rpartition("_")
    if f"_{attribute}" not in SUFFIXES:
        return values.get(name, name)
    value = values[base]
    return f"tuple(map({attribute}_of, {value}))" if base in op.nested else f"{value}.{attribute}"


KEEPING = {"shape_of": attrgetter("shape"), "dtype_of": attrgetter("dtype")}
"""What `kept_source` names."""


def _pull_source(vjp: Vjp, rules: Rules) -> tuple[str, dict[str, Any]]:
    """Source of `pull`, and the names that it uses.

    For `multiply` with both operands tracked:

        def pull(g, xp, saved, settings):
            b, a, = saved
            return (rule0(g, b), rule1(g, a),)
    """
    op = vjp.op
    scope: dict[str, object] = {"needs": vjp.needs}
    lines = ["def pull(g, xp, saved, settings):"]
    if vjp.keeps:
        lines.append(f"    {''.join(f'{name}, ' for name in vjp.keeps)}= saved")
    if op.settings:
        scope["settled"] = settled
        lines.append(f"    {''.join(f'{name}, ' for name in op.settings)}= settled(settings)")
    if "used" in rules.names(vjp.needs):
        lines.append("    used = tuple(part is not None for part in g)")
    if op.kernel is not None:
        scope["load_kernel"] = rules.op.load_kernel
        arguments = ", ".join(name for name in rules.names(vjp.needs) if name != "xp")
        lines.append("    if xp.load_kernel is not None and g.dtype.kind == 'f':")
        lines.append(f"        return (load_kernel(xp).vjp({arguments}),)")
    called: list[str] = []
    if rules.joint is not None:
        scope["rule"] = rules.joint
        called.append(f"shares = rule({', '.join(rules.names(vjp.needs))})")
    shares = []
    for i, (name, need) in enumerate(zip(op.arrays, vjp.needs, strict=True)):
        if not need:
            shares.append("None")
            continue
        share = f"shares[{i}]"
        if rules.joint is None:
            scope[f"rule{i}"] = rules.each[i]
            share = f"rule{i}({', '.join(rules.named[i])})"
        shares.append(f"*{share}" if name in op.nested else share)
    result = f"({', '.join(shares)},)"
    if op.of_a_user:
        scope["check_shares"] = check_shares
        scope["refuse_rule"] = op.refuse_rule
        called.append(f"return check_shares({op.name!r}, g, {result})")
        called = ["try:", *(f"    {line}" for line in called)]
        called += ["except Exception as error:", "    refuse_rule(error)", "    raise"]
    else:
        called.append(f"return {result}")
    lines += [f"    {line}" for line in called]
    return "\n".join(lines), scope
