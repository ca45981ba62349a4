"""The eager reverse sweep: walks a graph and runs one VJP after another.

Here and in `cotangents.py`, and nowhere else, broadcasting is undone, cotangents take the dtype of
their operand, complex ones are conjugated on entry and exit, and shares are added up.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextvars import copy_context
from heapq import heapify, heappop, heappush, heappushpop
from sys import getrefcount
from typing import Any

from gpugrad.backends import (
    Batched,
    Namespace,
    check_numbers,
    is_complex,
    namespace_for,
    within,
)
from gpugrad.backends.devices import enter, several, staying
from gpugrad.backends.references import HELD
from gpugrad.errors import GraphFreed, InvalidOp
from gpugrad.graph import Edge, Lift, Node
from gpugrad.sweep.cotangents import Cotangents, Held, sum_to_shape
from gpugrad.tracing.debug import checks_here, origin_of
from gpugrad.types import Array, Functions

Observer = Callable[[Node, object, Sequence[Array | None]], None]


@staying
def sweep(
    seeds: Sequence[tuple[Edge, Array]],
    raw: Namespace,
    *,
    xp: Functions | None = None,
    lift: Lift | None = None,
    targets: Collection[Node] = (),
    only: Collection[Node] | None = None,
    free: bool = False,
    observe: Observer | None = None,
) -> Held:
    """Cotangents of what the graph was computed from, given `seeds` for some of its outputs.

    That is the leaves and `targets`, at which it stops; with `only`, it keeps to these nodes. `raw`
    is the namespace of the arrays. With `lift`, which makes a Tensor of a value and its edge, the
    sweep is itself recorded, and `xp` is the namespace of Tensors. With `free`, saved arrays are
    dropped as soon as they are used. `observe` is told each node, its cotangent and its shares. A
    node that no cotangent reached is missing in the result; of a target with several outputs it is
    a list, with `None` for those not reached. Without `lift` the results are owned by the caller,
    unaliased and writable. Raises `GraphFreed` on a graph that was freed.
    """
    checks = checks_here()
    if checks is not None and lift is None:         # what is recorded goes through ops
        observe = checks.backward if observe is None else _both(checks.backward, observe)
    # In a context of its own, which ends with it whatever interrupts it.
    results: Held = copy_context().run(
        _run, seeds, raw, xp, lift, targets, only, free, observe
    )
    if checks is not None:
        checks.look()                               # before a wrong gradient is given away
    for node in results:
        g = results[node]
        if several:
            enter(g)
        here = raw if type(g) is raw.array_type else namespace_for(g, raw)
        if type(g) is list:
            results[node] = [_own(part, here, None if lift is None else xp) for part in g]
            continue
        if is_complex(node.dtype):
            g = results[node] = (here if xp is None or lift is None else xp).conj(g)
        # What nothing else refers to and is no view can be given away as it is; a rule may have
        # returned an array that a graph keeps, or the same one twice. Here the dict and `g` refer
        # to it. A scalar, or an array of a library that has no views to tell, is copied.
        if lift is None and (
            type(g) is not raw.array_type
            or getrefcount(g) > HELD
            or g.base is not None  # type: ignore[attr-defined]  # it is of a library with views
        ):
            results[node] = here.copy(g)
    return results


def _both(first: Observer, second: Observer) -> Observer:
    def observe(node: Node, g: object, shares: Sequence[Array | None]) -> None:
        first(node, g, shares)
        second(node, g, shares)

    return observe


def _own(g: Array | None, raw: Namespace, xp: Functions | None) -> Array | None:
    """The cotangent of one of several outputs as it is given away; `xp` if that is recorded."""
    if g is None:
        return None
    if is_complex(g.dtype):
        g = (raw if xp is None else xp).conj(g)
    return raw.copy(g) if xp is None else g


def _run(
    seeds: Sequence[tuple[Edge, Array]],
    raw: Namespace,
    xp: Functions | None,
    lift: Lift | None,
    targets: Collection[Node],
    only: Collection[Node] | None,
    free: bool,
    observe: Observer | None,
) -> Held:
    """The cotangents that are left when all inner nodes have passed theirs on.

    Nodes are numbered as they are made, so the largest number among those that hold a cotangent
    belongs to a node whose users are all done. It changes the context that it runs in, and leaves
    the device of what it computed last as the current one.
    """
    raw.quiet().__enter__()                         # which ends with the context, as the next does
    if lift is not None and raw is not Batched.home:
        within.set(raw)                             # for what rules make from nothing
    if xp is None or lift is None:
        xp = raw
    cotangents = Cotangents(raw, xp, recorded=lift is not None)
    held, add = cotangents.held, cotangents.add
    plain = raw.array_type                          # of a cotangent that is of no batch
    batching = Batched.home
    for edge, seed in seeds:
        if several:
            enter(seed)
        add(edge, xp.conj(seed) if is_complex(seed.dtype) else seed)
    heap = [(-n.order, n) for n in held if n.vjp is not None and n not in targets]
    heapify(heap)
    latest: tuple[int, Node] | None = None          # came in last: most often it is the next
    while heap or latest is not None:
        node = (heappop(heap) if latest is None else heappushpop(heap, latest))[1]
        latest = None
        g = held.pop(node)
        if several:
            enter(g)
        vjp: Any = node.vjp
        saved = node.saved
        if saved is None:
            raise GraphFreed(
                f"the graph below {node!r} was freed by an earlier backward(). Call that one with "
                "keep_graph=True, or compute the value again."
            )
        if lift is not None:
            saved = vjp.lift(node, lift)
        if type(g) is list and not vjp.takes_unused:
            g = cotangents.all_outputs(node, g)
        ordinary = type(g) is plain
        here = xp if ordinary or lift is not None else namespace_for(g, raw)
        try:
            shares = vjp.pull(g, here, saved, node.settings)
        except Exception as error:
            if isinstance(error, TypeError):        # so NumPy refuses other dtypes
                check_numbers(vjp.op.name, saved)
            error.add_note(f"In the reverse rule of {vjp.op.name}, {origin_of(node)}.")
            raise
        if vjp.spreads and len(shares) != len(node.edges):
            raise InvalidOp(
                f"{vjp.op.name}: the rule returned {len(shares)} cotangents for "
                f"{len(node.edges)} operands; it must return one for each."
            )
        if lift is not None or (not ordinary and (here is batching or vjp.leaves_out)):
            shares = cotangents.over_batches(node, shares)
        if observe is not None:
            observe(node, g, shares)
        if free:
            node.saved = saved = None
        for operand, share in zip(node.edges, shares):  # noqa: B905  # checked where it can differ
            if operand is None:
                continue
            if share is None:
                if vjp.leaves_out:
                    continue
                raise InvalidOp(
                    f"{vjp.op.name}: the rule of a tracked operand returned None; it must return "
                    "its cotangent."
                )
            if several:
                enter(share)                        # where it is, and what it is added to
            parent = operand[0]
            if parent not in held:
                if only is not None and parent not in only:
                    continue
                if parent.vjp is not None and parent not in targets:
                    if latest is not None:
                        heappush(heap, latest)
                    latest = (-parent.order, parent)
                # By far the most common share: the first, as its operand is but for broadcasting.
                if share.dtype is parent.dtype:
                    if share.shape != parent.shape:
                        share = sum_to_shape(share, parent.shape, cotangents.namespace(share))
                    held[parent] = share
                    continue
            add(operand, share, node)
    return held
