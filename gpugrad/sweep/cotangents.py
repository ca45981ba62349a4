"""The cotangents that a reverse sweep holds while it runs, added up as they come in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from gpugrad.backends import (
    Batched,
    Cleared,
    Indexed,
    Namespace,
    is_complex,
    is_inexact,
    namespace_for,
)
from gpugrad.backends.batched import Level
from gpugrad.errors import InvalidOp
from gpugrad.graph import Edge, Node
from gpugrad.types import Array, DType, Functions

Share: TypeAlias = Array | Indexed | Cleared
"""What a rule gives: a cotangent, or one that is not written out yet."""

Held: TypeAlias = dict[Node, Any]
"""The cotangent of each node: an array or, of one with several outputs, a list with `None` for
those that none came to.
"""


class Cotangents:
    """The cotangent of each node as far as it is known, and which of them may be written into.

    A rule may return an array that a graph or another share still holds, so the first share of a
    node is never written into. A sum is a buffer of the sweep's own, and further shares go into it.
    """

    __slots__ = ("_owned", "_raw", "_recorded", "_xp", "held")

    def __init__(self, raw: Namespace, xp: Functions, recorded: bool) -> None:
        self.held: Held = {}
        self._raw = raw
        self._xp = xp
        self._recorded = recorded
        self._owned: set[Node] = set()

    def namespace(self, *shares: object) -> Functions:
        """What computes with these: Tensors if the sweep is recorded."""
        return self._xp if self._recorded else namespace_for(shares, self._raw)

    def over_batches(self, node: Node, shares: Sequence[Array | None]) -> list[Array | None]:
        """Shares of the operands of `node`, summed over each batch that has ended.

        Such a batch began when the operand was there already: it is the same for all parts.
        """
        found = list(shares)
        for i, (edge, share) in enumerate(zip(node.edges, shares)):  # noqa: B905  # checked later
            for level in _ended(share):
                if edge is not None and edge[0].order < level.order:
                    share = self.namespace(share).batch_sum(share, level=level)
            found[i] = share
        return found

    def add(self, edge: Edge, share: Array, source: Node | None = None) -> None:
        """Add a share, which the rule of `source` gave, to the cotangent of the output `edge`."""
        node = edge[0]
        # Unequal also where the share is not written out or the node has several outputs.
        if share.dtype is not node.dtype or share.shape != node.shape:
            fitted = self._fitted(edge, share, source)
            if fitted is None:
                return
            share = fitted
        before = self.held.get(node)
        if before is None:
            self.held[node] = share
        elif node in self._owned:
            self.held[node] = namespace_for((before, share), self._raw).add_into(before, share)
        else:
            self.held[node] = self.namespace(before, share).add(before, share)
            if not self._recorded:
                self._owned.add(node)

    def _fitted(self, edge: Edge, share: Share, source: Node | None) -> Array | None:
        """`share` with the shape and dtype of its node; `None` if it is added already."""
        node, index = edge
        if type(node.dtype) is tuple:
            self._add_output(node, index, share)
            return None
        if isinstance(share, Indexed):
            self._add_indexed(node, share)
            return None
        if isinstance(share, Cleared):
            return self._cleared(node, share, source in self._owned)
        return fit(share, node.shape, node.dtype, self.namespace(share))

    # Of arrays without axes, NumPy's sums are scalars: arrays are made of them to write into.

    def _add_indexed(self, node: Node, share: Indexed) -> None:
        buffer = self.held.get(node)
        raw = namespace_for((buffer, share.value), self._raw)
        if buffer is None:
            self.held[node] = self._written(share, node.dtype)
        else:
            buffer = raw.as_array(buffer) if node in self._owned else raw.copy(buffer)
            value = fit(share.value, share.value.shape, node.dtype, raw)
            self.held[node] = raw.add_at(buffer, share.key, value)
        self._owned.add(node)

    def _cleared(self, node: Node, share: Cleared, may_overwrite: bool) -> Array | None:
        raw = namespace_for(share.value, self._raw)
        value = raw.as_array(share.value) if may_overwrite else raw.copy(share.value)
        value = fit(share.written(value, raw), node.shape, node.dtype, raw)
        if node in self.held:
            return value
        self.held[node] = value
        self._owned.add(node)
        return None

    def _add_output(self, node: Node, index: int, share: Share) -> None:
        outputs = self.held.setdefault(node, [None] * len(node.dtype))
        if isinstance(share, Indexed):
            share = self._written(share, node.dtype[index])
        elif isinstance(share, Cleared):
            raw = namespace_for(share.value, self._raw)
            share = share.written(raw.copy(share.value), raw)
        share = fit(share, node.shape[index], node.dtype[index], self.namespace(share))
        before = outputs[index]
        if before is not None:
            share = self.namespace(before, share).add(before, share)
        outputs[index] = share

    def _written(self, share: Indexed, dtype: DType) -> Array:
        """The share as an array of its own, of that dtype."""
        raw = namespace_for(share.value, self._raw)
        value = fit(share.value, share.value.shape, dtype, raw)
        zeros = raw.zeros(share.shape, dtype=dtype, device=value.device)
        return raw.add_at(zeros, share.key, value)

    def all_outputs(self, node: Node, outputs: list[object]) -> tuple[object, ...]:
        """Cotangents of the outputs of `node`: zeros for one unused, `None` for integers."""
        xp = self.namespace(*outputs)
        return tuple(
            xp.zeros(shape, dtype=dtype) if g is None and is_inexact(dtype) else g
            for g, shape, dtype in zip(outputs, node.shape, node.dtype, strict=True)
        )


def _ended(share: object) -> list[Level]:
    """The batches of a share, a Tensor or not, that have ended."""
    value, found = getattr(share, "_value", share), []
    while type(value) is Batched:
        if not value.level.active:
            found.append(value.level)
        value = value.beneath
    return found


def fit(share: Array, shape: tuple[int, ...], dtype: DType, xp: Functions) -> Array:
    """`share` summed over the axes along which its operand was broadcast, and with its dtype."""
    if share.shape != shape:
        share = sum_to_shape(share, shape, xp)
    if share.dtype != dtype:
        if is_complex(share.dtype) and not is_complex(dtype):
            share = xp.real(share)
        share = xp.astype(share, dtype)
    return share


def sum_to_shape(x: Array, shape: tuple[int, ...], xp: Functions) -> Array:
    """The sum of `x` over the axes that broadcasting from `shape` added or stretched."""
    added = len(x.shape) - len(shape)
    if added > 0 and x.shape[added:] == shape:
        return xp.sum(x, axis=0 if added == 1 else tuple(range(added)))
    if added < 0 and shape[:-added] == (1,) * -added:
        return xp.reshape(sum_to_shape(x, shape[-added:], xp), shape)
    if added < 0 or any(
        n not in (1, m) for n, m in zip(shape, x.shape[max(added, 0) :], strict=True)
    ):
        raise InvalidOp(
            f"a VJP returned a cotangent of shape {x.shape} for an operand of shape {shape}: "
            "it must have that shape or one that it broadcasts to."
        )
    stretched = tuple(i + added for i, n in enumerate(shape) if n != x.shape[i + added])
    if not added:
        return xp.sum(x, axis=stretched, keepdims=True) if stretched else x
    # In one sum: those over the added axes alone may be as large as an image for each channel.
    return xp.reshape(xp.sum(x, axis=(*range(added), *stretched)), shape)
