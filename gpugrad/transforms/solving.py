"""How the solver of an implicit function runs: it may look at values, also for a batch of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gpugrad.tree as tree
from gpugrad.backends import Batched, namespace_of
from gpugrad.backends.batched import Level
from gpugrad.core.registry import namespace as ops
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument, TrackedConversion
from gpugrad.tracing.tracer import tracer_here
from gpugrad.transforms.reverse import stop_gradient
from gpugrad.types import Array


def solve(
    solver: Callable[..., object], leaves: list[object], structure: tree.Structure
) -> object:
    """What `solver` finds for the tree of these leaves, untracked.

    On a batch it runs once for all parts or, where it looks at a value, part by part.
    """
    given = stop_gradient(leaves)
    try:
        return stop_gradient(solver(*tree.unflatten(structure, given)))
    except TrackedConversion as error:
        if tracer_here() is not None:
            raise _refused(error) from error
        batches = [batch.level for batch in map(_batch, given) if batch is not None]
        if not batches:
            error.add_note("In the solver of gg.implicit: make what it looks at its argument.")
            raise
    return _part_by_part(solver, given, structure, max(batches, key=lambda level: level.order))


def _part_by_part(
    solver: Callable[..., object], leaves: list[object], structure: tree.Structure, level: Level
) -> object:
    if not level.n:
        raise InvalidArgument(
            "gg.implicit: the solver looks at values, so that it runs part by part in gg.vmap, and "
            "there is no part."
        )
    found = [
        tree.flatten(solve(solver, [_part(x, level, i) for x in leaves], structure))
        for i in range(level.n)
    ]
    columns = zip(*(results for results, _ in found), strict=False)
    if any(other != found[0][1] for _, other in found):
        raise InvalidArgument(
            "gg.implicit: the solver, which runs part by part in gg.vmap, returned trees of "
            f"different structures: {' and '.join({str(other) for _, other in found})}."
        )
    return tree.unflatten(found[0][1], [_together(column, level) for column in columns])


def _batch(x: object) -> Batched | None:
    """The batch of which `x` is one part, if it is one."""
    return x._value if isinstance(x, Tensor) and type(x._value) is Batched else None


def _part(x: object, level: Level, i: int) -> object:
    batch = _batch(x)
    if batch is None or batch.level is not level:
        return x
    value = batch.value
    xp = namespace_of(value)
    return Tensor(xp.as_array(xp.getitem(value, (0 if value.shape[0] == 1 else i, ...))))


def _together(parts: tuple[Any, ...], level: Level) -> object:
    """One part of the batch of these results, which may also be the same for all."""
    arrays = [x if hasattr(x, "dtype") else _array(x, parts) for x in parts]
    found = [x for x in arrays if x is not None]
    if len(found) < len(arrays):
        return parts[0]
    shapes = {tuple(x.shape) for x in found}
    if len(shapes) > 1:
        raise InvalidArgument(
            "gg.implicit: the solver, which runs part by part in gg.vmap, returned arrays of "
            f"different shapes: {', '.join(map(str, sorted(shapes)))}."
        )
    whole = ops.stack(found)
    return Tensor(Batched(whole._value if isinstance(whole, Tensor) else whole, level))


def _array(x: object, parts: tuple[object, ...]) -> Array | None:
    """A number as an array; nothing of what is none, and then the same for all parts."""
    if isinstance(x, bool | int | float | complex):
        return ops.asarray(x)
    if any(other != x for other in parts):
        raise InvalidArgument(
            f"gg.implicit: the solver returned a {type(x).__name__} that differs from part to part "
            "of a batch; expected arrays and numbers."
        )
    return None


def _refused(error: TrackedConversion) -> TrackedConversion:
    return TrackedConversion(
        "gg.implicit: its solver looks at a value, but under gg.jit it is traced. Let it go a "
        "fixed number of steps with gg.scan, and keep what has converged with gg.where; or put "
        f"gg.jit around what the solver and the residual call, not around the solver. ({error})"
    )
