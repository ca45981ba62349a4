"""Checks of gradients, for those who write their own ops; they raise an error on failure.

>>> gg.testing.check_grads(lambda x: gg.sum(gg.sin(x)), (np.array([1.0, 2.0]),))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

import gpugrad.tree as tree
from gpugrad.backends import namespace_of
from gpugrad.backends.devices import on_their_device
from gpugrad.errors import InvalidArgument
from gpugrad.transforms import vjp
from gpugrad.transforms.spelling import check_arguments
from gpugrad.types import Array, Value, offered

__all__ = ["check_grads"]

STEP = 1e-4
"""Step of the central differences in float64; with the Richardson step, the error is some h⁴."""

TOLERANCE = 1e-6
"""Bound on the difference, relative to the size of the terms; first order gives about 1e-10."""


@on_their_device
def check_grads(
    f: Callable[..., object],
    args: tuple[object, ...],
    order: int = 2,
    *,
    rng: int = 0,
    tolerance: float = TOLERANCE,
) -> None:
    """Raise `AssertionError` unless the gradients of `f` at `args` agree with finite differences.

    For each order up to `order`, along one random direction u and for one random cotangent v, the
    slope of `<v, f>` along u, measured by central differences, is compared with `<Jᵀv, u>` from
    `gg.vjp`; order n checks the function that gives the gradient of order n - 1. One direction
    suffices: an error in any element shows with probability one.

    Args:
        f: A function of pytrees of floating arrays, which returns one.
        args: The arguments at which to check, as a tuple; they are converted to float64
            (complex128).
        order: The highest order of derivatives to check.
        rng: A seed for the random directions.
        tolerance: A bound on the difference, relative to the size of the terms.

    Raises:
        AssertionError: If they do not agree; the message has both numbers.
        InvalidArgument: If `order` is less than 1, or `args` is no tuple.

    Example:
        >>> gg.testing.check_grads(lambda x: gg.sin(x) / x, (np.array([0.5, 2.0]),))
        >>> @gg.op(lambda g, x: g * x)
        ... def wrong_square(xp, x):
        ...     return x * x
        >>> gg.testing.check_grads(wrong_square, (np.array([1.0]),))
        Traceback (most recent call last):
        AssertionError: ...
    """
    if order < 1:
        raise InvalidArgument(f"order is {order}; it must be at least 1.")
    check_arguments("testing.check_grads", "args", args, "(x,)")
    generator = np.random.default_rng(rng)
    leaves, structure = tree.flatten(args)
    point = [_in_double(x) for x in leaves]

    def flat(*values: Array) -> list[Array]:
        return tree.leaves(f(*tree.unflatten(structure, values)))

    for n in range(1, order + 1):
        _check_once(flat, point, generator, tolerance, n)
        flat = _cotangents(flat, point, generator)


def _check_once(
    f: Callable[..., list[Array]],
    point: list[Array],
    generator: np.random.Generator,
    tolerance: float,
    order: int,
) -> None:
    out, pullback = vjp(f, *point)
    u = [_random_like(x, generator) for x in point]
    v = [_random_like(y, generator) for y in out]
    claimed = _inner(pullback(v), u)

    def along(t: float) -> float:
        moved = f(*(x + t * d for x, d in zip(point, u, strict=True)))
        return _inner(v, moved)

    def slope(h: float) -> float:
        return (along(h) - along(-h)) / (2 * h)

    measured = (4 * slope(STEP / 2) - slope(STEP)) / 3
    size = max(1.0, abs(measured), *(abs(_inner([a], [b])) for a, b in zip(v, out, strict=True)))
    if not abs(measured - claimed) <= tolerance * size:
        raise AssertionError(
            f"order {order}: the slope along a random direction was measured as {measured!r}, but "
            f"the VJP claimed {claimed!r} (tolerance {tolerance * size:.1e})."
        )


def _cotangents(
    f: Callable[..., list[Array]], point: list[Array], generator: np.random.Generator
) -> Callable[..., list[Array]]:
    """The function that gives the cotangents of the arguments of `f` for one fixed cotangent."""
    out, _ = vjp(f, *point)
    v = [_random_like(y, generator) for y in out]
    return lambda *values: list(vjp(f, *values)[1](v))


def _in_double(x: Value) -> Array:
    xp = namespace_of(_array(x))
    x = xp.asarray(x)
    return xp.astype(x, xp.complex128 if xp.isdtype(x.dtype, "complex floating") else xp.float64)


def _array(x: Value) -> Array:
    """`x`, which may be a number: functions of plain arrays give such."""
    return np.asarray(x) if isinstance(x, float | complex) else x


def _random_like(x: Array, generator: np.random.Generator) -> Array:
    xp = namespace_of(x)
    values = generator.standard_normal(x.shape)
    if xp.isdtype(x.dtype, "complex floating"):
        values = values + 1j * generator.standard_normal(x.shape)
    return xp.from_numpy(np.asarray(values), x)


def _inner(a: Sequence[Array], b: Sequence[Array]) -> float:
    """Σ Re(conj(a) b): for complex arrays the inner product of their real and imaginary parts."""
    total = 0.0
    for x, y in zip(a, b, strict=True):
        x, y = (namespace_of(z).to_numpy(z) for z in (_array(x), _array(y)))
        total += float(np.sum((np.conj(x) * y).real))
    return total

__dir__ = offered(globals())
