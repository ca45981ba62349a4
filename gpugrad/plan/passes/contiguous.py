"""Parts: which views show a run of consecutive elements, and so lie together in memory."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from gpugrad.plan.plan import Step


def start_in_operand(step: Step, shape: tuple[int, ...]) -> int | None:
    """At which element of its operand, of that shape, the result of a view begins.

    `None` if `step` is no view, or if its elements are not a run of those of the operand.
    """
    if step.op == "reshape":
        return 0
    return _start(step.setting("key"), shape) if step.op == "slice" else None


def _start(key: Sequence[object], shape: tuple[int, ...]) -> int | None:
    start = 0
    one = True                                      # each axis so far is read at one place
    parts = [part for part in key if part is not None]      # `None` adds an axis and reads none
    if ... in parts:
        at = parts.index(...)
        parts[at : at + 1] = [slice(None)] * (len(shape) - len(parts) + 1)
    if len(parts) > len(shape):
        return None
    for axis, part in enumerate(parts):
        n = shape[axis]
        if type(part) is int and one:
            first = part % n
        elif isinstance(part, slice):
            first, stop, stride = part.indices(n)
            if stride != 1 or not (one or stop - first == n):
                return None
            one = one and stop - first == 1
        else:
            return None
        start += first * prod(shape[axis + 1 :])
    return start
