"""The eager reverse sweep: walks a graph and runs one VJP after another.

Here and in `cotangents.py`, and nowhere else, broadcasting is undone, cotangents take the dtype of
their operand, complex ones are conjugated on entry and exit, and shares are added up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from sys import getrefcount
from typing import Any

from gpugrad.backends import Namespace
from gpugrad.errors import GraphFreed
from gpugrad.executor.cotangents import Cotangents, is_complex, sum_to_shape
from gpugrad.graph import Edge, Node

Lift = Callable[[Any, Edge], Any]
Observer = Callable[[Node, Any, "tuple[Any, ...]"], None]

_probe = [object()]
ALONE = getrefcount(_probe[0])
"""What `getrefcount` gives for an object that one container holds and nothing else."""


def sweep(
    order: Iterable[Node],
    seeds: Sequence[tuple[Edge, Any]],
    raw: Namespace,
    *,
    xp: Any = None,
    lift: Lift | None = None,
    targets: Iterable[Node] | None = None,
    free: bool = False,
    observe: Observer | None = None,
) -> dict[Node, Any]:
    """Cotangents of what lies below `order`, given `seeds` for some outputs.

    That is the leaves, or the `targets` if there are any. `raw` is the namespace of the arrays. With `lift`, which makes a Tensor of a value and its edge,
    the sweep is itself recorded, and `xp` is the namespace of Tensors. With `free`, saved arrays
    are dropped as soon as they are used. `observe` is told each node, its cotangent and its shares.
    A node that no cotangent reached is missing in the result. Without `lift` the results are owned
    by the caller, unaliased and writable. Raises `GraphFreed` on a graph that was freed.
    """
    with raw.quiet():
        results = _run(order, seeds, raw, xp, lift, free, observe)
    if targets is not None:
        results = {node: results[node] for node in targets if node in results}
    for node in results:
        if is_complex(node.dtype):
            results[node] = (raw if lift is None else xp).conj(results[node])
        # What nothing else refers to and is no view can be given away as it is; a rule may have
        # returned an array that a graph keeps, or the same one twice.
        if lift is None and (
            type(results[node]) is not raw.array_type   # a scalar, or a library without views
            or getrefcount(results[node]) > ALONE
            or results[node].base is not None
        ):
            results[node] = raw.copy(results[node])
    return results


def _run(
    order: Iterable[Node],
    seeds: Sequence[tuple[Edge, Any]],
    raw: Namespace,
    xp: Any,
    lift: Lift | None,
    free: bool,
    observe: Observer | None,
) -> dict[Node, Any]:
    """The cotangents that are left when all of `order` has passed its own on."""
    if lift is None:
        xp = raw
    cotangents = Cotangents(raw, xp, recorded=lift is not None)
    held, add = cotangents.held, cotangents.add
    for edge, seed in seeds:
        add(edge, xp.conj(seed) if is_complex(seed.dtype) else seed)
    for node in order:
        g = held.pop(node, None)
        if g is None:
            continue
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
        shares = vjp.pull(g, xp, saved, node.settings)
        if free:
            node.saved = saved = None
        if observe is not None:
            observe(node, g, shares)
        for operand, share in zip(node.edges, shares, strict=True):
            if operand is None or share is None:
                continue
            parent = operand[0]
            if share.dtype is parent.dtype and parent not in held:
                # By far the most common share: the first, as its operand is but for broadcasting.
                if share.shape != parent.shape:
                    share = sum_to_shape(share, parent.shape, xp)
                held[parent] = share
            else:
                add(operand, share, node)
    return held
