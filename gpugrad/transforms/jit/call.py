"""The function that a call of a compiled step goes through, generated for one signature.

It takes the leaves out of the arguments by index and key, checks type, shape and dtype on the way,
runs the program and builds the result, without any general walk over trees. What does not fit makes
it return `MISS`.

A tuple of the result that holds only donated arrays is built once for each instance. Where it comes
back as an argument it is known by its identity, and nothing below it is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from sys import getrefcount
from types import CodeType
from typing import Any, Protocol, TypeGuard

import numpy as np
import optree

import gpugrad.tree as tree
from gpugrad.backends import Namespace
from gpugrad.backends.devices import current_device, on
from gpugrad.backends.integers import ALL
from gpugrad.backends.references import COUNTED
from gpugrad.backends.strides import order_of
from gpugrad.engines.pool import Pool
from gpugrad.engines.program import Program
from gpugrad.generated import compile_source, shared_source
from gpugrad.plan.plan import Plan, Slot
from gpugrad.tracing.integer_ranges import range_of
from gpugrad.transforms.jit.arguments import Arguments, is_traced
from gpugrad.transforms.jit.call_function import MISS, Call
from gpugrad.transforms.jit.statics import is_plain, is_told_by_kinds, kinds_of, token
from gpugrad.transforms.jit.traces import Trace
from gpugrad.transforms.jit.watch import Watch
from gpugrad.types import NUMBERS, Shape

MANY = 2
"""Arrays that it is worth looking at together."""


@dataclass
class Caller:
    """Writes a call function. `scope` holds what its source names.

    `donated` says for each leaf of the arguments where the instance has it, as `d[0]`, or is empty
    where it is not donated. `kept` names the tuples of donated arrays that the instance keeps, by
    how they are built. `known` are names of arguments by the name of what they are if the instance
    is that of the last call, and `reading` the lines that take them apart if it is not. `dtypes`
    have names. `place` is the number of the GPU that arrays must be on, if there are several.
    `alike` is what many leaves must be like, where an engine can look at all of them at once.
    """

    place: int | None = None
    scope: dict[str, object] = field(default_factory=lambda: {"MISS": MISS})
    lines: list[str] = field(default_factory=list)
    leaves: list[str] = field(default_factory=list)
    donated: list[str] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    reading: list[str] = field(default_factory=list)
    apart: set[str] = field(default_factory=set)
    passed: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)
    _pure: set[str] = field(default_factory=set)
    dtypes: dict[np.dtype, str] = field(default_factory=dict)
    alike: list[Slot] = field(default_factory=list)
    _types: dict[type, str] = field(default_factory=dict)
    _sizes: dict[Shape | int, str] = field(default_factory=dict)
    _count: int = 0

    def bind(self, value: object, stem: str = "k") -> str:
        """A name for `value`."""
        self._count += 1
        name = f"{stem}{self._count}"
        self.scope[name] = value
        return name

    def size(self, size: Shape | int) -> str:
        """A name for a shape or length, so that plans that differ in sizes alone have one text."""
        if size not in self._sizes:
            self._sizes[size] = self.bind(size, "n")
        return self._sizes[size]

    def name(self, stem: str) -> str:
        """A new local name."""
        self._count += 1
        return f"{stem}{self._count}"

    def demand(self, condition: str) -> None:
        """A line that gives up unless `condition` holds."""
        self.lines.append(f"if not ({condition}): return MISS")

    def take_apart(self, example: object, name: str) -> None:
        """Lines that read the leaves of the tree `name`, which must be like `example`."""
        kind = type(example)
        if self._take_kept(example, name):
            return
        if type(example) is list or _is_tuple(example):
            self.demand(f"type({name}) is {self._type(kind)} and len({name}) == {len(example)}")
            places = "".join(f"{name}[{i}], " for i in range(len(example)))
            parts = self._unpack(example, name if kind in (list, tuple) else places)
        elif type(example) is dict:
            self.demand(f"type({name}) is dict and len({name}) == {len(example)}")
            if not all(type(key) is str for key in example):
                tokens = frozenset(map(token, example))
                self.demand(f"{{*map({self.bind(token)}, {name})}} == {self.bind(tokens)}")
            parts = self._look_up(example, name)
        elif example is None:
            self.demand(f"{name} is None")
            return
        elif tree.is_leaf(example):
            self.leaves.append(name)
            if self.lines is self.reading:
                self.apart.add(name)
            return
        else:
            children, found, entry = _one_level(example)
            self.demand(f"type({name}) is {self._type(kind)}")
            parted, meta = self.name("t"), self.name("m")
            self.lines.append(f"{parted}, {meta} = {self.bind(entry.flatten_func)}({name})[:2]")
            self.demand(_equals(self, meta, found))
            self.lines.append(f"{parted} = tuple({parted})")
            self.demand(f"len({parted}) == {len(children)}")
            parts = self._unpack(children, parted)
        for child, part in parts:
            self.take_apart(child, part)

    def _unpack(self, children: Sequence[object], whole: str) -> list[tuple[object, str]]:
        """The children with names, to which a line binds the parts of `whole`."""
        names = [self.name("t") for _ in children]
        if names:
            self.lines.append(f"{', '.join(names)}, = {whole}")
        return list(zip(children, names, strict=True))

    def _look_up(self, example: dict[Any, object], name: str) -> list[tuple[object, str]]:
        """The values of a dictionary of as many keys as `example`, with names, in its order."""
        keys = _sorted(example)
        if len(keys) < 2:
            for key in keys:
                self.demand(f"{self._key(key)} in {name}")
            values = "".join(f"{name}[{self._key(key)}], " for key in keys)
            return self._unpack([example[key] for key in keys], values)
        names = [self.name("t") for _ in keys]
        self.lines += [
            "try:",
            f"    {', '.join(names)} = {self.bind(itemgetter(*keys))}({name})",
            "except KeyError:",
            "    return MISS",
        ]
        return [(example[key], part) for key, part in zip(keys, names, strict=True)]

    def _take_kept(self, example: object, name: str) -> bool:
        """Whether `name` is a tuple that the instance keeps; then it is taken apart elsewhere."""
        if self.lines is self.reading or not _is_tuple(example):
            return False
        first = len(self.leaves)
        donated = self.donated[first : first + len(tree.leaves(example))]
        if not all(donated):
            return False
        kept = self.kept.get(self._built(example, iter(donated)))
        if kept is None or kept in self.known:
            return False
        self.known[kept] = name
        lines, self.lines = self.lines, self.reading
        self.take_apart(example, name)
        self.lines = lines
        return True

    def put_together(self, example: object, leaves: Iterator[str]) -> str:
        """An expression for a tree like `example`, of the expressions `leaves`."""
        built = self._built(example, leaves)
        return self._keep(built) if _is_tuple(example) else built

    def _built(self, example: object, leaves: Iterator[str]) -> str:
        kind = type(example)
        if tree.is_leaf(example):
            return next(leaves)
        if example is None:
            return "None"
        if type(example) is dict:
            built = {key: self.put_together(example[key], leaves) for key in _sorted(example)}
            return "{" + ", ".join(f"{self._key(key)}: {built[key]}" for key in example) + "}"
        if _is_tuple(example):
            make = "" if kind is tuple else self._type(kind)
            parts = [self._built(child, leaves) for child in example]
            if parts and all(x in self._pure or x.startswith("d[") for x in parts):
                whole = f"{make}({''.join(f'{x}, ' for x in parts)})"
                self._pure.add(whole)
                return whole
            return f"{make}({''.join(f'{self._keep(x)}, ' for x in parts)})"
        if type(example) is list:
            return f"[{''.join(f'{self.put_together(child, leaves)}, ' for child in example)}]"
        children, meta, entry = _one_level(example)
        inner = "".join(f"{self.put_together(child, leaves)}, " for child in children)
        return f"{self.bind(entry.unflatten_func)}({self.bind(meta)}, ({inner}))"

    def _keep(self, built: str) -> str:
        """The name of a tuple of donated arrays in the instance; anything else as it is."""
        if built not in self._pure:
            return built
        return self.kept.setdefault(built, f"k[{len(self.kept)}]")

    def _type(self, kind: type) -> str:
        if kind in (tuple, list):
            return kind.__name__
        return self._types.setdefault(kind, self.bind(kind, "T"))

    def _key(self, key: object) -> str:
        return repr(key) if type(key) in (str, int) else self.bind(key)


def _is_tuple(x: object) -> TypeGuard[tuple[object, ...]]:
    """Whether optree takes `x` as a tuple or a named tuple, which cannot change."""
    return type(x) is tuple or optree.is_namedtuple(x)


class _Entry(Protocol):
    """What optree knows of a type of nodes."""

    flatten_func: Callable[[object], tuple[object, ...]]
    unflatten_func: Callable[[object, Iterable[object]], object]


def _sorted(example: dict[Any, object]) -> list[Any]:
    """The keys in the order in which optree goes through them."""
    try:
        return sorted(example)
    except TypeError:
        return sorted(example, key=lambda key: (type(key).__qualname__, key))


def _one_level(example: object) -> tuple[list[object], object, _Entry]:
    """Children, metadata and registry entry of a node of another type."""
    entry: Any = optree.register_pytree_node.get(type(example), namespace=tree.NAMESPACE)
    children, meta = entry.flatten_func(example)[:2]
    return list(children), meta, entry


@dataclass(frozen=True)
class Written:
    """A call function as code, and what its names stand for."""

    _trees: CodeType
    _call: CodeType
    _scope: dict[str, object]
    _alike: tuple[Slot, ...]

    def call(self, pool: Pool) -> Call:
        """The function for the instances of `pool`."""
        # No function lies in the scope that it refers to, nor in one that its pool refers to.
        trees: dict[str, Any] = dict(self._scope)
        scope: dict[str, Any] = dict(self._scope)
        exec(self._trees, trees)
        pool.keep = trees.pop("keep")
        scope |= {"read": trees.pop("read"), "take": pool.take}
        scope |= {"give": pool.give, "adopt": pool.adopt, "grown": pool.grown}
        if self._alike:                             # whose dtypes it knows by where they are
            scope |= {"alike": pool.program.likeness(self._alike), "alike_to": self._alike}
        exec(self._call, scope)
        call: Call = scope.pop("call")
        return call


def write_call(
    given: Arguments,
    run: Trace,
    result: object,
    plan: Plan,
    watch: Watch,
    xp: Namespace,
    program: Program,
) -> Written:
    """The call function for arguments like `given`, arrays of `xp`, and a result like `result`.

    What takes the place of `program` must take numbers as it does.
    """
    plain = program.plain_numbers
    w = Caller(given.place)
    w.scope |= {"ndarray": xp.array_type, "number": xp.number}
    order = [slot for slot, _ in plan.donated]
    places = {slot: f"d[{i}]" for i, slot in enumerate(order)}
    w.donated = [places.get(slot, "") for slot in run.tracer.inputs]
    built = w.put_together(result, iter(_results(w, run, plan, plain)))
    _read_arguments(w, given)
    names, checks = _read_leaves(w, given, run, plan, plain)
    # Last, because most calls that are not for this plan have other arguments.
    conditions = list(watch.conditions.sources(w.bind))
    if conditions:
        w.demand(" and ".join(conditions))
    inside = len(w.lines)
    _read_captured(w, run, plan, names, watch)
    _run_instance(w, plan, names, checks, built)
    if w.place is not None:
        lines = [f"    {line}" for line in w.lines[inside:]]
        w.lines[inside:] = [f"with {w.bind(on)}({w.place}):", *lines]
    kept = "".join(f"{built}, " for built in w.kept)
    trees = "\n".join([
        f"def keep(d): return ({kept})",
        f"def read({', '.join([*w.known.values(), *w.passed])}):",
        *(f"    {line}" for line in w.reading),
        "",
    ])
    call = "\n".join(["def call(args, kwargs):", *(f"    {line}" for line in w.lines), ""])
    return Written(_compiled_trees(trees), shared_source(call, "call"), w.scope, tuple(w.alike))


@lru_cache(maxsize=64)
def _compiled_trees(text: str) -> CodeType:
    """The code of what many calls have in common: most of them keep nothing."""
    return compile_source(text, "trees of a call")


def _read_arguments(w: Caller, given: Arguments) -> None:
    w.demand(f"len(args) == {len(given.args)} and len(kwargs) == {len(given.kwargs)}")
    for i, example in enumerate(given.args):
        if i in given.static:
            w.demand(_equals(w, f"args[{i}]", example))
            continue
        w.lines.append(f"a{i} = args[{i}]")
        w.take_apart(example, f"a{i}")
    for key in given.kwargs:
        w.demand(f"{key!r} in kwargs")
        if key in given.static_names:
            w.demand(_equals(w, f"kwargs[{key!r}]", given.kwargs[key]))
    for key in given.named:
        w.lines.append(f"a_{key} = kwargs[{key!r}]")
        w.take_apart(given.kwargs[key], f"a_{key}")


def _equals(w: Caller, name: str, value: object) -> str:
    """The condition that `name` is the same static value as `value`."""
    known = w.bind(value)
    if is_plain(value):
        return f"type({name}) is {w.bind(type(value))} and {name} == {known}"
    if is_told_by_kinds(value):
        kinds = f"{w.bind(kinds_of)}({name}) == {w.bind(kinds_of(value))}"
        return f"type({name}) is tuple and {kinds} and {name} == {known}"
    return f"({name} is {known} or {w.bind(token)}({name}) == {w.bind(token(value))})"


def _read_leaves(
    w: Caller, given: Arguments, run: Trace, plan: Plan, plain: bool
) -> tuple[dict[int, str], dict[int, str]]:
    """Names of the inputs; and for the donated ones, what is to be checked if they are new."""
    names: dict[int, str] = {}
    checks: dict[int, str] = {}
    arrays: list[tuple[str, int]] = []
    in_order: list[str] = []
    orders = iter(given.orders)
    donated = {slot for slot, _ in plan.donated}
    for slot, leaf, expression in zip(run.tracer.inputs, given.leaves, w.leaves, strict=True):
        name = names[slot] = expression
        order = next(orders, None)
        if not is_traced(leaf):
            w.demand(f"type({name}) is int and {name} == {leaf}")
            w.lines.append(f"{name} = {'0' if plain else 'number(0)'}")
        elif type(leaf) in NUMBERS:
            w.demand(f"type({name}) is {type(leaf).__name__}")
            if type(leaf) is int:
                smallest, largest = range_of(leaf) or ALL
                w.demand(f"{smallest} <= {name} <= {largest}")
            if not plain:
                w.lines.append(f"{name} = number({name})")
        elif slot in donated:
            checks[slot] = _is_array(w, name, plan, slot)
            if expression not in w.apart:
                w.passed.append(name)
        else:
            arrays.append((name, slot))
            if order:
                known = w.bind(order_of)
                in_order.append(f"{name}.strides == {order} or {known}({name}) == {order}")
    _read_arrays(w, arrays, plan)
    for condition in in_order:
        w.demand(condition)
    if w.place is not None and all(type(leaf) in NUMBERS for leaf in given.leaves):
        w.demand(f"{w.bind(current_device)}() == {w.place}")
    return names, checks


def _read_arrays(w: Caller, arrays: Sequence[tuple[str, int]], plan: Plan) -> None:
    """Look whether arguments are arrays like the slots that are named so.

    They are looked at many at once, where the engine can, and one by one where it finds another
    one, or cannot. Scalars of NumPy become arrays there.
    """
    indent = ""
    of_numpy = w.scope["ndarray"] is np.ndarray
    if len(arrays) >= MANY and of_numpy:
        w.alike += [plan.slots[slot] for _, slot in arrays]
        names = ", ".join(name for name, _ in arrays)
        w.lines.append(f"if alike is None or not alike({names}):")
        indent = "    "
    for name, slot in arrays:
        spec = plan.slots[slot]
        if of_numpy and not spec.shape:
            kind, made = w._type(spec.dtype.type), w.bind(np.asarray)
            w.lines.append(f"{indent}if type({name}) is {kind}: {name} = {made}({name})")
        w.lines.append(f"{indent}if not ({_is_array(w, name, plan, slot)}): return MISS")


def _fits(w: Caller, name: str, plan: Plan, slot: int) -> str:
    """Whether an array has the shape and dtype of a slot."""
    spec = plan.slots[slot]
    return f"{name}.shape == {w.size(spec.shape)} and {_has_dtype(w, name, spec.dtype)}"


def _is_array(w: Caller, name: str, plan: Plan, slot: int) -> str:
    """Whether an argument is an array of the library, of the shape and dtype of a slot."""
    spec = plan.slots[slot]
    if w.scope["ndarray"] is not np.ndarray or len(spec.shape) > 1:
        return f"type({name}) is ndarray and {_fits(w, name, plan, slot)}"
    length = ""
    if spec.shape:                                  # without making a tuple
        length = f" and len({name}) == {w.size(spec.shape[0])}"
    shape = f"{name}.ndim == {len(spec.shape)}{length}"
    return f"type({name}) is ndarray and {shape} and {_has_dtype(w, name, spec.dtype)}"


def _has_dtype(w: Caller, name: str, dtype: np.dtype) -> str:
    """Whether an array has that dtype, which is most often the very same object."""
    known = w.dtypes.setdefault(dtype, f"D{len(w.dtypes)}")
    w.scope[known] = dtype
    there = "" if w.place is None else f" and {name}.data.device_id == {w.place}"
    return f"({name}.dtype is {known} or {name}.dtype == {known}){there}"


def _read_captured(
    w: Caller, run: Trace, plan: Plan, names: dict[int, str], watch: Watch
) -> None:
    tracer = run.tracer
    for slot, array in tracer.captured:
        name = names[slot] = f"x{slot}"
        handle = tracer.handles.get(id(array))
        if handle is None:
            w.lines.append(f"{name} = {w.bind(array)}")
            if id(array) not in watch.arrays:       # where its size is compared too
                w.demand(_fits(w, name, plan, slot))
        else:
            bound = w.bind(handle)
            w.lines.append(f"{name} = {bound}._value")
            w.demand(f"{bound}._edge is None and {_fits(w, name, plan, slot)}")
        count, values = tracer.counts.get(id(array)), tracer.read.get(id(array))
        if count is not None:
            w.demand(f"{w.bind(tracer.base.count_nonzero)}({name}) == {count}")
        if values is not None:
            w.demand(f"({name} == {w.bind(values)}).all()")


def _run_instance(
    w: Caller, plan: Plan, names: dict[int, str], checks: dict[int, str], result: str
) -> None:
    w.lines.append("inst = take()")
    order = [slot for slot, _ in plan.donated]
    given = "".join(f"{names[slot]}, " for slot in order)
    if order:
        same = [f"{name} is {kept}" for kept, name in w.known.items()]
        same += [
            f"{names[slot]} is d[{i}]" for i, slot in enumerate(order) if names[slot] in w.passed
        ]
        w.reading += [f"if not ({checks[slot]}): return MISS" for slot in order]
        w.lines += [
            "d, k = inst.donated, inst.kept",
            f"if not ({' and '.join(same)}):",
            f"    new = read({', '.join([*w.known.values(), *w.passed])})",
            "    if new is MISS:",
            "        give(inst)",
            "        return MISS",
            "    inst = adopt(inst, new)",
            "    d, k = inst.donated, inst.kept",
        ]
        if COUNTED:
            count = " + ".join(f"refs({name})" for name in [*w.known.values(), *w.passed])
            w.lines += [f"elif (n := {count}) > inst.held:", "    grown(inst, n)"]
            w.scope |= {"refs": getrefcount}
    w.reading.append(f"return ({given})")
    fresh = [slot for slot in plan.inputs if slot not in order]
    for slot in fresh:
        if order and plan.slots[slot].shape:        # it may be what this very call writes over
            name = names[slot]
            w.lines.append(f"if {name}.base is inst.memory: {name} = {name}.copy()")
    # The result holds the donated arrays before another thread may take the instance.
    w.lines += [
        "try:",
        f"    r = inst.run({', '.join(names[slot] for slot in fresh)})",
        f"    return {result}",
        "finally:",
        "    give(inst)",
    ]


def _results(w: Caller, run: Trace, plan: Plan, plain: bool) -> list[str]:
    """An expression for each leaf of the result."""
    replaced = {output: i for i, (_, output) in enumerate(plan.donated)}
    outputs = iter(zip(run.outputs, plan.outputs, strict=True))
    results: list[str] = []
    position = 0
    for fixed, weak, traced in zip(run.fixed, run.weak, run.traced, strict=True):
        if not traced:
            results.append(w.bind(fixed))
            continue
        _, slot = next(outputs)
        if slot in replaced:
            results.append(f"d[{replaced.pop(slot)}]")
        else:
            results.append(f"r[{position}]" + (".item()" if weak and not plain else ""))
            position += 1
    return results
