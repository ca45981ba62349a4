"""Correlations with weights, of the parts of a batch: as one, of more samples or more groups."""

from __future__ import annotations

from gpugrad.backends import Array, Batched, Namespace
from gpugrad.tracing.batching.batch_operands import below, full, level_of, same_for_all, varies
from gpugrad.types import ArrayFunction


def correlated(name: str, a: Array, b: Array, *, groups: int, **settings: object) -> Array:
    """Such a function of samples and weights, or of samples and what came of them."""
    level = level_of((a, b))
    if level is None:
        function: ArrayFunction = getattr(below((a, b)), name)
        return function(a, b, groups=groups, **settings)
    if not level.n:                                 # of which there would be no groups
        composed: ArrayFunction = getattr(Namespace, name)
        return composed(Batched.home, a, b, groups=groups, **settings)
    if name != "correlation_weights" and not varies(b, level):
        samples, b = full(a, level), same_for_all(b, level)
        n, count, *rest = samples.shape
        xp = below((samples, b))
        found = getattr(xp, name)(
            xp.reshape(samples, (n * count, *rest)), b, groups=groups, **settings
        )
        return Batched(xp.reshape(found, (n, count, *found.shape[1:])), level)
    a, b = full(a, level), full(b, level)
    n, xp = level.n, below((a, b))
    of_weights = name == "correlation_weights"
    b = _side_by_side(b, xp) if of_weights else xp.reshape(b, (n * b.shape[1], *b.shape[2:]))
    found = getattr(xp, name)(_side_by_side(a, xp), b, groups=groups * n, **settings)
    if of_weights:
        return Batched(xp.reshape(found, (n, found.shape[0] // n, *found.shape[1:])), level)
    count, channels, *places = found.shape
    found = xp.reshape(found, (count, n, channels // n, *places))
    return Batched(xp.permute_dims(found, (1, 0, *range(2, len(found.shape)))), level)


def _side_by_side(x: Array, xp: Namespace) -> Array:
    """The channels of all parts of each sample."""
    n, count, channels, *places = x.shape
    x = xp.permute_dims(x, (1, 0, *range(2, len(x.shape))))
    return xp.reshape(x, (count, n * channels, *places))
