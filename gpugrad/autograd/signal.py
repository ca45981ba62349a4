"""`convolve` along chosen axes, with sums over others, as HIPS autograd has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.ops.operands import arrays, shape_of

Axes = Sequence[Sequence[int]]


def convolve(
    A: Any,
    B: Any,
    axes: Axes | None = None,
    dot_axes: Axes = ((), ()),
    mode: str = "full",
) -> Any:
    """Convolution along pairs of axes, summed over the products of other pairs of axes.

    The result has the axes of `A` that are in neither, then those of `B`, then those of the
    convolution.

    Args:
        A: An array.
        B: An array.
        axes: The axes of `A` and those of `B` along which they are convolved; all by default.
        dot_axes: The axes of `A` and those of `B` that are multiplied and summed over.
        mode: The lengths of the result: "full", "same" as those of `A`, or "valid", where one of
            the arrays must be the longer one along all.

    Raises:
        InvalidArgument: For another `mode`, and for "valid" where neither array is the longer one.

    Example:
        >>> gg.autograd.convolve(np.array([1.0, 2.0, 3.0]), np.array([1.0, 10.0]))
        array([ 1., 12., 23., 30.])
        >>> channels, filters = np.ones((2, 5)), np.ones((4, 2, 3))
        >>> gg.autograd.convolve(channels, filters, ([1], [2]), ([0], [1]), mode="valid").shape
        (4, 3)
    """
    A, B = arrays(A, B)
    if axes is None:
        axes = (range(len(shape_of(A))),) * 2
    a, rest_a = _arranged(A, axes[0], dot_axes[0])
    b, rest_b = _arranged(B, axes[1], dot_axes[1])
    n = len(axes[0])
    long, short = shape_of(a)[2:], shape_of(b)[2:]
    if mode == "valid" and any(x < y for x, y in zip(long, short, strict=True)):
        if any(x > y for x, y in zip(long, short, strict=True)):
            raise InvalidArgument(
                f"convolve: lengths are {long} and {short} with mode='valid'; expected one array "
                "that is the longer one along all axes."
            )
        found = ops.moveaxis(_summed(b, a, [(0, 0)] * n), 1, 0)
    elif mode == "valid":
        found = _summed(a, b, [(0, 0)] * n)
    elif mode == "same":
        found = _summed(a, b, [(k - 1 - (k - 1) // 2, (k - 1) // 2) for k in short])
    elif mode == "full":
        found = _summed(a, b, [(k - 1, k - 1) for k in short])
    else:
        raise InvalidArgument(
            f"convolve: mode is {mode!r}; expected 'full', 'same' or 'valid'."
        )
    return ops.reshape(found, (*rest_a, *rest_b, *shape_of(found)[2:]))


def _arranged(
    x: Any, axes: Sequence[int], dot_axes: Sequence[int]
) -> tuple[Any, tuple[int, ...]]:
    """`x` with its other axes as one, those of the sums as one, then those of the convolution.

    And the lengths of the other axes.
    """
    shape = shape_of(x)
    rest = [i for i in range(len(shape)) if i not in (*axes, *dot_axes)]
    lengths = tuple(shape[i] for i in rest)
    sums = int(np.prod([shape[i] for i in dot_axes], dtype=int))
    moved = ops.permute_dims(x, (*rest, *dot_axes, *axes))
    total = int(np.prod(lengths, dtype=int))
    return ops.reshape(moved, (total, sums, *(shape[i] for i in axes))), lengths


def _summed(a: Any, b: Any, pads: Sequence[tuple[int, int]]) -> Any:
    """The convolution of all others of `a` with all others of `b`, where `a` is padded."""
    flipped = ops.flip(b, axis=tuple(range(2, 2 + len(pads))))
    return ops.batched_correlation(
        a, flipped, pads=tuple(pads), strides=(1,) * len(pads), dilations=(1,) * len(pads),
        groups=1,
    )  # fmt: skip
