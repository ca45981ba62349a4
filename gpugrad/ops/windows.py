"""Windows that slide along an axis, and what undoes them: the bones of convolutions and pooling."""

from __future__ import annotations

from gpugrad.backends import Array, Namespace
from gpugrad.core.op import op


def _windows_rule(
    g: Array,
    x_shape: tuple[int, ...],
    axis: int,
    at: int,
    size: int,
    step: int,
    dilation: int,
    xp: Namespace,
) -> Array:
    n = x_shape[axis]
    return xp.overlap_add(g, axis=axis, at=at, size=size, step=step, dilation=dilation, n=n)


@op(_windows_rule, public=False)
def windows(
    xp: Namespace, x: Array, /, *, axis: int, at: int, size: int, step: int = 1, dilation: int = 1
) -> Array:
    """Windows of `size` elements of `x` along `axis`, one every `step` elements.

    The elements of a window lie `dilation` apart; they come along a new axis, put in at `at`, and
    the windows along what `axis` was. Both are counted from the front. Raises `InvalidArgument`
    where the axis is shorter than a window.
    """
    return xp.windows(x, axis=axis, at=at, size=size, step=step, dilation=dilation)


def _overlap_rule(
    g: Array, axis: int, at: int, size: int, step: int, dilation: int, xp: Namespace
) -> Array:
    return xp.windows(g, axis=axis, at=at, size=size, step=step, dilation=dilation)


@op(_overlap_rule, public=False)
def overlap_add(
    xp: Namespace,
    x: Array,
    /,
    *,
    axis: int,
    at: int,
    size: int,
    step: int = 1,
    dilation: int = 1,
    n: int,
) -> Array:
    """An axis of length `n` to which the windows `x` are added up: the transpose of `windows`."""
    return xp.overlap_add(x, axis=axis, at=at, size=size, step=step, dilation=dilation, n=n)
