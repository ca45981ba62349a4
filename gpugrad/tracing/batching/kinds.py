"""Steps by kind: what all of a kind do on a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gpugrad.backends import Array, Batched, Namespace
from gpugrad.backends.axes import counted, reduced
from gpugrad.backends.batched import Level
from gpugrad.errors import InvalidArgument, TrackedConversion
from gpugrad.plan.primitive import EFFECT
from gpugrad.plan.primitives import PRIMITIVES
from gpugrad.tracing.batching import diagonals
from gpugrad.tracing.batching.batch_operands import aligned, below, full, level_of, lowered, mapped
from gpugrad.tracing.held_effects import check_effect
from gpugrad.types import ArrayFunction, Axis


def broadcasting(name: str, *operands: Array, **settings: object) -> Array:
    """What broadcasts its operands: the axes behind the batch are aligned from the last on."""
    level = level_of(operands)
    if level is None:
        function: ArrayFunction = getattr(below(operands), name)
        return function(*operands, **settings)
    if level.units and (found := diagonals.elementwise(name, operands)) is not None:
        return found
    rank = max(len(getattr(x, "shape", ())) for x in operands)
    values = [aligned(x, level, rank) for x in operands]
    return Batched(getattr(below(values), name)(*values, **settings), level)


def reduction(
    name: str, x: Array, axis: Axis = None, keepdims: bool = False, **settings: object
) -> Array:
    """What reduces along axes."""
    axes = reduced(axis, len(x.shape))
    if name == "sum" and isinstance(x, Batched) and x.weights is not None and not settings:
        return diagonals.total(x, axes, keepdims)

    def batch(v: Array, xp: Namespace) -> Array:
        function: ArrayFunction = getattr(xp, name)
        if not x.shape:                             # one number, along an axis made for it
            return function(xp.reshape(v, (-1, 1)), axis=1, **settings)
        inner = tuple(a + 1 for a in axes)
        return function(v, axis=inner, keepdims=keepdims, **settings)

    return mapped(
        x, batch, lambda v, xp: getattr(xp, name)(v, axis=axis, keepdims=keepdims, **settings)
    )


def along(name: str, x: Array, axis: int = -1, **settings: object) -> Array:
    """What goes along one axis."""
    axis = counted(axis, len(x.shape))
    return mapped(
        x,
        lambda v, xp: getattr(xp, name)(v, axis=axis + 1, **settings),
        lambda v, xp: getattr(xp, name)(v, axis=axis, **settings),
    )


def matrices(name: str, x: Array, **settings: object) -> Array | tuple[Array, ...]:
    """What takes the last two axes, and goes through all others anyway."""
    value = lowered(x)
    function: Callable[..., Array | tuple[Array, ...]] = getattr(below((value,)), name)
    found = function(value, **settings)
    if not isinstance(x, Batched):
        return found
    if isinstance(found, tuple):
        return tuple(Batched(part, x.level) for part in found)
    return Batched(found, x.level)


def of_keys(name: str, key: Array, *settings: object) -> Array:
    """Random numbers, which are drawn of all keys at once: these are the last axis."""
    value = lowered(key)
    function: ArrayFunction = getattr(below((value,)), name)
    found = function(value, *settings)
    return Batched(found, key.level) if isinstance(key, Batched) else found


def each(name: str, *args: Array, **kwargs: Array) -> Array | tuple[Array, ...]:
    """Part by part, in order."""
    row = PRIMITIVES.get(name)
    if row is not None and row.kind == EFFECT:
        check_effect(name)
    level = level_of((*args, *kwargs.values()))
    if level is None:
        function: Callable[..., Array | tuple[Array, ...]] = getattr(below(args), name)
        return function(*args, **kwargs)
    if row is not None and row.shaped_by_values:
        raise TrackedConversion(
            f"{name!r} of a value in gg.vmap: the shape of the result would depend on values, and "
            "each part of the batch would have another."
        )
    if not level.n:
        raise InvalidArgument(f"{name!r} runs part by part in gg.vmap, and there is no part.")
    parts = []
    for i in range(level.n):
        given = [_part(x, level, i) for x in args]
        named = {k: _part(v, level, i) for k, v in kwargs.items()}
        xp = below((*given, *named.values()))
        found = getattr(xp, name)(*given, **named)
        if found is not None:                       # as of an effect alone
            parts.append(found if isinstance(found, tuple) else (xp.as_array(found),))
    if not parts:
        return ()
    whole = tuple(
        Batched(below(column).stack(list(column), axis=0), level)
        for column in zip(*parts, strict=True)
    )
    return whole if isinstance(found, tuple) else whole[0]


def _part(x: Array, level: Level, i: int) -> Array:
    if not isinstance(x, Batched) or x.level is not level:
        return x
    return below((x.value,)).getitem(x.value, (0 if x.value.shape[0] == 1 else i,))


def side_by_side(name: str, arrays: Sequence[Array], axis: int) -> Array:
    """`concat` and `stack`."""
    level = level_of(arrays)
    values = list(arrays) if level is None else [full(x, level) for x in arrays]
    function: ArrayFunction = getattr(below(values), name)
    if level is None:
        return function(values, axis=axis)
    return Batched(function(values, axis=axis + 1), level)
