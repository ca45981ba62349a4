"""Layouts: where the elements of a view lie in the memory that it shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from types import EllipsisType

import numpy as np
from numpy.lib.stride_tricks import as_strided

from gpugrad.plan.placement import Placement
from gpugrad.plan.plan import Plan, Step
from gpugrad.plan.primitives import VIEWS


@dataclass(frozen=True)
class Layout:
    """The elements of `root` from number `start` on, by these strides, in elements."""

    root: int
    start: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def in_order(self) -> bool:
        """Whether they lie one behind the other."""
        return self.strides == in_order(self.shape) or prod(self.shape) <= 1


def in_order(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of an array whose elements lie in order."""
    return tuple(prod(shape[i + 1 :]) for i in range(len(shape)))


def layouts(plan: Plan, placement: Placement) -> dict[int, Layout]:
    """The layout of each slot that is a view."""
    found: dict[int, Layout] = {}
    for step in plan.steps:
        if step.op in VIEWS and step.outputs[0] in placement.roots:
            x = step.inputs[0]
            shape = plan.slots[x].shape
            base = found.get(x) or Layout(x, 0, shape, in_order(shape))
            found[step.outputs[0]] = _VIEW[step.op](base, step)
    return found


def indexed(base: Layout, key: tuple[int | slice | EllipsisType | None, ...]) -> Layout:
    """The elements at a basic index."""
    whole = key if ... in key else (*key, ...)
    return _shown(base, lambda x: x[whole])


def broadcast(base: Layout, shape: tuple[int, ...]) -> Layout:
    """The same elements again and again along new axes, and those of length 1."""
    return _shown(base, lambda x: np.broadcast_to(x, shape))


def _shown(base: Layout, view: Callable[[np.ndarray], np.ndarray]) -> Layout:
    """NumPy says how a view lies, of an array of bytes that nobody reads: one for each element."""
    x: np.ndarray = as_strided(np.empty(1, np.int8), base.shape, base.strides)
    y = view(x)
    start = y.ctypes.data - x.ctypes.data if y.size else 0
    return Layout(base.root, base.start + start, y.shape, y.strides)


_VIEW: dict[str, Callable[[Layout, Step], Layout]] = {
    "reshape": lambda x, step: _shown(x, lambda y: y.reshape(step.setting("shape"))),
    "permute_dims": lambda x, step: _shown(x, lambda y: y.transpose(step.setting("axes"))),
    "broadcast_to": lambda x, step: broadcast(x, step.setting("shape")),
    "slice": lambda x, step: indexed(x, step.setting("key")),
}
