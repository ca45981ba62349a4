"""Operands of a step on a batch: their values, and the namespace that computes with these."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeGuard

from gpugrad.backends import Batched, Namespace, default, namespace_of
from gpugrad.backends.batched import Level, unwrapped
from gpugrad.tracing.tracer import tracer_here
from gpugrad.types import Array

Step = Callable[[Array, Namespace], Array]
"""What is done with an array, by the functions of its namespace."""


def level_of(operands: Iterable[object]) -> Level | None:
    """The deepest level among these."""
    levels = [x.level for x in operands if isinstance(x, Batched)]
    return max(levels, key=lambda level: level.order) if levels else None


def is_of_later(x: object, level: Level) -> bool:
    """Whether `x` is of a batch that began after `level`."""
    return isinstance(x, Batched) and x.level.order > level.order


def below(values: Iterable[object]) -> Namespace:
    """The namespace that computes with these."""
    for x in values:
        if isinstance(x, Batched):
            return Batched.home  # type: ignore[return-value]  # a namespace, as the tracing one
    if tracer_here() is not None:
        # Imported now, because most programs trace nothing.
        from gpugrad.tracing.namespace import namespace as tracing

        return tracing
    for x in values:
        if hasattr(x, "dtype") and hasattr(x, "shape"):
            return namespace_of(x)
    return default()


def lowered(x: Array) -> Array:
    """The value of a batched array; what is none stays as it is."""
    return x.value if isinstance(x, Batched) else x


def mapped(
    x: Array, batch: Step, one: Step | None = None
) -> Array:
    """What `batch` makes of the value of a batched array, or `one` of another."""
    if isinstance(x, Batched):
        value = x.value
        return Batched(batch(value, below((value,))), x.level)
    return (one or batch)(x, below((x,)))


def varies(x: Array, level: Level) -> TypeGuard[Batched]:
    """Whether the parts differ."""
    if not isinstance(x, Batched) or x.level is not level:
        return False
    return (x.value.shape[0] if x.weights is None else level.n) != 1


def same_for_all(x: Array, level: Level) -> Array:
    """The part that all are equal to."""
    if isinstance(x, Batched) and x.level is level:
        value = x.value
        return below((value,)).getitem(value, (0,))
    return x


def rows_times(rows: Array, matrix: Array) -> Array:
    """The product of rows, however many axes count them, with one matrix: one product for all."""
    xp = below((rows, matrix))
    if not rows.size:
        return xp.matmul(rows, matrix)
    flat = xp.reshape(rows, (-1, rows.shape[-1]))
    return xp.reshape(xp.matmul(flat, matrix), (*rows.shape[:-1], matrix.shape[-1]))


def aligned(x: Array, level: Level, rank: int) -> Array:
    """The value of an operand with the batch first and `rank` axes behind, where it has the batch.

    Others broadcast as they are, because they have no more axes.
    """
    if not isinstance(x, Batched) or x.level is not level:
        if hasattr(x, "shape") and len(x.shape) > 0:
            return below((x,)).reshape(x, (1, *(1,) * (rank - len(x.shape)), *x.shape))
        return x
    value, lacking = x.value, rank - len(x.shape)
    if not lacking:
        return value
    return below((value,)).reshape(value, (value.shape[0], *(1,) * lacking, *value.shape[1:]))


def full(x: Array, level: Level) -> Array:
    """The value with all parts of the batch along the first axis."""
    return repeated(aligned(x, level, len(x.shape)) if x.shape else _number(x, level), level.n)


def _number(x: Array, level: Level) -> Array:
    if isinstance(x, Batched) and x.level is level:
        return x.value
    return below((x,)).reshape(x, (1,))


def repeated(value: Array, n: int) -> Array:
    """`value` with its first axis, of length 1, as long as `n`."""
    if value.shape[0] == n:
        return value
    return below((value,)).broadcast_to(value, (n, *value.shape[1:]))


def spread(x: Array, levels: tuple[Level, ...]) -> Array:
    """`x` as one part of each of these batches, to which its own belong, in full."""
    whole, own = unwrapped(x)
    if own == levels and all(whole.shape[i] == level.n for i, level in enumerate(levels)):
        return x
    *others, last = levels
    return Batched(spread(full(x, last), tuple(others)), last)
