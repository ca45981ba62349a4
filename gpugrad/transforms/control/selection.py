"""`cond` on a batch whose parts take different branches: both are computed, and one is selected.

A selection alone would let a NaN of the other branch into gradients: zero, its cotangent there,
times an infinite slope is NaN. So whatever leads out of a branch in the graph goes through a gate,
which lets cotangents pass for the parts that take that branch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import gpugrad.tree as tree
from gpugrad.backends import Batched, kind_of, namespace_of
from gpugrad.core import registry
from gpugrad.core.registry import namespace as ops
from gpugrad.core.tensor import Tensor
from gpugrad.graph import Edge, Node, now, older
from gpugrad.tracing.held_effects import without_effects
from gpugrad.transforms.composite import kind_at
from gpugrad.transforms.control.structure import agreed_kinds
from gpugrad.transforms.remaking import Remaking
from gpugrad.tree import Structure
from gpugrad.types import Array, Value

R = TypeVar("R")


def select(condition: Batched, true: Callable[[], R], false: Callable[[], R]) -> R:
    """For each part of the batch, the result of `true` if its condition holds, else of `false`."""
    xp = namespace_of(condition)
    holds = condition if kind_of(condition.dtype) == "b" else xp.not_equal(condition, 0)
    with xp.quiet():
        branches = _gated(true, holds), _gated(false, xp.logical_not(holds))
        kinds = agreed_kinds(*branches)
        results = []
        for kind, *pair in zip(kinds, *(leaves for _, leaves in branches), strict=True):
            of_kind = [x if kind.weak else ops.asarray(x, dtype=kind.dtype) for x in pair]
            results.append(ops.where(Tensor(holds), *of_kind))
    result: R = tree.unflatten(branches[0][0], results)
    return result


def _gated(branch: Callable[[], object], taken: Array) -> tuple[Structure, list[Value]]:
    """The structure of what `branch` returns, and its leaves, behind gates that `taken` opens."""
    began = now()
    with without_effects():
        leaves, structure = tree.flatten(branch())
    edges = [x._edge if isinstance(x, Tensor) else None for x in leaves]
    # All gates first: they stand outside of the batches that the branch goes through.
    gates = {edge: _gate(edge, taken) for edge in older(filter(None, edges), began)}
    again = Remaking(began, now(), gates.__getitem__, lambda x: x).edges(edges)
    return structure, [
        x if edge is None else Tensor(x._value, edge) for x, edge in zip(leaves, again, strict=True)
    ]


def _gate(edge: Edge, taken: Array) -> Edge:
    """An edge to the same value, by which cotangents get where `taken` holds."""
    vjp = registry.get_op("where").rules[1 << 1]    # that by its second operand
    saved = vjp.keep(taken, None, None, None)
    return Node(vjp, (), (None, edge, None), saved, *kind_at(edge)), 0
