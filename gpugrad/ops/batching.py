"""The ways into a batch and out of it, which `gg.vmap` takes. Each is the rule of another."""

from __future__ import annotations

from gpugrad.backends import Array, Namespace
from gpugrad.backends.batched import Level
from gpugrad.core.op import op


@op(lambda g, level, axis, xp: xp.batch_leave(g, level=level, axis=axis), public=False)
def batch_enter(xp: Namespace, x: Array, /, *, level: Level, axis: int) -> Array:
    """One part of `x`, whose parts lie along `axis`, for all parts at once."""
    return xp.batch_enter(x, level=level, axis=axis)


@op(lambda g, level, axis, xp: xp.batch_enter(g, level=level, axis=axis), public=False)
def batch_leave(xp: Namespace, x: Array, /, *, level: Level, axis: int) -> Array:
    """All parts of the batch of which `x` is one, along `axis`."""
    return xp.batch_leave(x, level=level, axis=axis)


@op(lambda g, level, xp: xp.batch_sum(g, level=level), public=False)
def batch_spread(xp: Namespace, x: Array, /, *, level: Level) -> Array:
    """The part of a batch whose parts are all `x`."""
    return xp.batch_spread(x, level=level)


@op(lambda g, level, xp: xp.batch_spread(g, level=level), public=False)
def batch_sum(xp: Namespace, x: Array, /, *, level: Level) -> Array:
    """The sum of all parts of the batch of which `x` is one."""
    return xp.batch_sum(x, level=level)
