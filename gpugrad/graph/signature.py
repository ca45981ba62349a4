"""The signature of a graph: all that a reverse sweep over it depends on, but for values.

Two graphs of one signature run the same operations on arrays of the same shapes and dtypes, so that
a plan of one serves the other. Memory order is no part of it: a plan reads its inputs through their
strides, whatever they are. Nor is it whether two of them are one array, because none is written to.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import islice
from numbers import Number
from typing import NamedTuple, TypeGuard

from gpugrad.graph.node import Edge, Node
from gpugrad.types import Array

LARGEST = 4_000
"""Nodes of a graph that has a signature: to compile a plan of more would take seconds."""

_BY_VALUE = frozenset((bool, int, str, bytes, type(None), type(...)))


class NoSignature(Exception):
    """Why a graph has no signature.

    It was freed, is too large, or has a setting that may change or cannot be compared.
    """


class Survey(NamedTuple):
    """What a walk over a graph found. Nodes come in an order that the signature fixes.

    `wanted` are the leaves whose cotangent is asked for, `inner` the nodes that have rules.
    """

    signature: tuple[object, ...]
    inner: list[Node]
    wanted: list[Node]


def survey(
    seeds: Sequence[tuple[Edge, Array]], targets: Collection[Node], one: Callable[[Array], Array]
) -> Survey:
    """The signature of a sweep from `seeds` down to `targets`, or, without these, to all leaves.

    Raises `NoSignature` where there is none. `one` gives the constant 1 for a seed, which counts by
    its identity.
    """
    # By targets and by leaves are two: the guard of a plan asks how a node ends the sweep.
    parts: list[object] = [len(seeds), not targets]
    numbers: dict[Node, int] = {}
    nodes: list[Node] = []
    inner: list[Node] = []
    wanted: list[Node] = []
    for (node, index), seed in seeds:
        if node not in numbers:
            numbers[node] = len(nodes)
            nodes.append(node)
        parts += (numbers[node], index, None if seed is one(seed) else seed.shape, seed.dtype)
    for node in islice(nodes, LARGEST + 1):         # which grow while they are gone through
        vjp = node.vjp
        if vjp is None or node in targets:
            if not targets or node in targets:
                wanted.append(node)
                parts += ("wanted", node.shape, node.dtype)
            else:
                parts += ("other", node.shape, node.dtype)
            continue
        if vjp.once:
            raise NoSignature(f"{vjp.op.name} makes its rule anew each time")
        parts += (vjp, node.shape, node.dtype)
        saved = node.saved
        if saved is None:
            raise NoSignature(f"the graph below {vjp.op.name} was freed")
        inner.append(node)
        try:
            settings = node.settings
            if settings:
                types = tuple(map(type, settings))
                parts += (types, settings if _BY_VALUE.issuperset(types) else frozen(settings))
            for i in vjp.foreign:
                parts.append(kind_of_saved(saved[i]))
        except NoSignature as error:
            raise NoSignature(f"{vjp.op.name} depends on {error}") from None
        for edge in node.edges:
            if edge is None:
                parts.append(-1)
                continue
            operand, index = edge
            number = numbers.get(operand)
            if number is None:
                number = numbers[operand] = len(nodes)
                nodes.append(operand)
            parts.append(number)
            if index:
                parts.append(-1 - index)
    if len(nodes) > LARGEST:
        raise NoSignature(f"the graph has more than {LARGEST:,} nodes")
    return Survey(tuple(parts), inner, wanted)


def frozen(x: object) -> object:
    """A setting as a key, with its type, because 1, 1.0 and True are equal, as are 0.0 and -0.0.

    Raises `NoSignature` for what may change, or is not known not to.
    """
    kind = type(x)
    if kind in _BY_VALUE:
        return (kind, x)
    if type(x) is tuple or type(x) is list:
        return (kind, *map(frozen, x))
    if type(x) is slice:
        return (slice, frozen(x.start), frozen(x.stop), frozen(x.step))
    if isinstance(x, Number):
        return (kind, repr(x))
    if isinstance(x, type) or (hasattr(x, "itemsize") and hasattr(x, "kind")):      # a dtype
        return x
    raise NoSignature(f"a {kind.__name__}, which may change or cannot be compared")


def is_array(x: object) -> TypeGuard[Array]:
    """Whether `x`, which a node saved, is an array: else it is a shape, a dtype, part of a key."""
    return hasattr(type(x), "strides")              # not by asking `x`, which may be anybody's


def kind_of_saved(x: object) -> object:
    """What of `x`, which a node saved, its rule may depend on; of an array, shape and dtype."""
    if type(x) is tuple:
        return tuple(map(kind_of_saved, x))
    return (x.shape, x.dtype) if is_array(x) else frozen(x)


def same_kind(x: object, kind: object) -> bool:
    """Whether `kind_of_saved` is `kind` for `x` too."""
    try:
        return bool(kind_of_saved(x) == kind)
    except NoSignature:
        return False
