"""`trace` and `Node` of HIPS autograd, over the program that `gg.jit` makes of a function."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any, Self

import numpy as np

import gpugrad as gg
from gpugrad.backends import is_inexact, numpy_namespace
from gpugrad.plan.interpret import run_step
from gpugrad.plan.plan import Step


class Node:
    """One step of a computation: what `trace` makes of the subclass that it is given.

    The subclass says what is noted of a step, in `__init__`, and of the argument, in
    `initialize_root`.

    Example:
        >>> class Names(gg.autograd.Node):
        ...     def __init__(self, value, fun, args, kwargs, parent_argnums, parents):
        ...         self.names = [*parents[0].names, fun.__name__]
        ...     def initialize_root(self):
        ...         self.names = []
        >>> value, node = gg.autograd.trace(Names.new_root(), lambda x: gg.exp(gg.sin(x)), 0.0)
        >>> node.names
        ['sin', 'exp']
    """

    __slots__: Sequence[str] = ()

    def __init__(
        self,
        value: Any,
        fun: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        parent_argnums: tuple[int, ...],
        parents: tuple[Any, ...],
    ) -> None:
        raise NotImplementedError(f"{type(self).__name__}.__init__ says what a step is noted as.")

    def initialize_root(self, *args: Any, **kwargs: Any) -> None:
        """What a node of an argument is begun with."""
        raise NotImplementedError(f"{type(self).__name__}.initialize_root begins an argument.")

    @classmethod
    def new_root(cls, *args: Any, **kwargs: Any) -> Self:
        """A node for an argument."""
        root = cls.__new__(cls)
        root.initialize_root(*args, **kwargs)
        return root


def trace(start_node: Node, fun: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
    """Value `fun(x)`, and its node, or `None` where it does not depend on `x`.

    Each step that depends on `x` becomes a node of the class of `start_node`, that of `x`: with its
    value, what has its name as `__name__`, its operands, its settings, and which of the operands
    have nodes, and these. The steps are those of the program that `gg.jit` makes of `fun`, which
    `gg.jit(fun).plan(x)` prints, and so `fun` may be a gradient, and may not look at values.

    Example:
        >>> class Depth(gg.autograd.Node):
        ...     def __init__(self, value, fun, args, kwargs, parent_argnums, parents):
        ...         self.depth = 1 + max(parent.depth for parent in parents)
        ...     def initialize_root(self):
        ...         self.depth = 0
        >>> value, node = gg.autograd.trace(Depth.new_root(), lambda x: gg.sin(gg.exp(x)) + x, 0.0)
        >>> node.depth
        3
    """
    x = np.asarray(x, dtype=None if is_inexact(np.asarray(x).dtype) else float)
    plan = gg.jit(fun).plan(x)
    values: dict[int, Any] = {slot: constant.array() for slot, constant in plan.constants}
    values[plan.inputs[0]] = x
    nodes: dict[int, Any] = {plan.inputs[0]: start_node}
    for step in _single(plan.steps):
        args = tuple(values[slot] for slot in step.inputs)
        results = run_step(step, args, numpy_namespace)
        values.update(zip(step.outputs, results, strict=True))
        traced = tuple(i for i, slot in enumerate(step.inputs) if slot in nodes)
        parents = tuple(nodes[step.inputs[i]] for i in traced)
        if not parents:
            continue
        named = SimpleNamespace(__name__=step.op)
        for slot, value in zip(step.outputs, results, strict=True):
            nodes[slot] = type(start_node)(
                value, named, args, dict(step.settings), traced, parents
            )
    out = plan.outputs[0]
    return values[out], nodes.get(out)


def _single(steps: Sequence[Step]) -> Iterator[Step]:
    """The steps, with those that fused ones consist of."""
    for step in steps:
        if step.body:
            yield from _single(step.body)
        else:
            yield step
