"""Linear systems and matrices as NumPy's functions take them: of tensors, and by other bounds."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from gpugrad.core.registry import namespace as ops
from gpugrad.core.registry import opened
from gpugrad.errors import InvalidArgument
from gpugrad.ops.matrices import adjoint
from gpugrad.ops.operands import arrays, axis_of, shape_of
from gpugrad.settings import settled
from gpugrad.types import Array

__all__ = ["hermitian_pinv", "tensorinv", "tensorsolve"]


@opened
def tensorsolve(a: Array, b: Array, /, axes: Sequence[int] | None = None) -> Array:
    """The solution `x` of `tensordot(a, x, axes=x.ndim) = b`.

    Args:
        a: An array whose first axes are those of `b`, and the others those of `x`.
        b: The right side, of as many elements as `x`.
        axes: Axes of `a` that are moved to its end first.

    Raises:
        InvalidArgument: For shapes that do not fit.
        numpy.linalg.LinAlgError: On the CPU, where there is not one solution.

    Example:
        >>> a = np.eye(6).reshape(2, 3, 6) * 2
        >>> gg.linalg.tensorsolve(a, np.ones((2, 3)))
        array([0.5, 0.5, 0.5, 0.5, 0.5, 0.5])
    """
    a, b = arrays(a, b)
    shape = shape_of(a)
    if axes is not None:
        last = [axis_of(axis, len(shape), "tensorsolve") for axis in axes]
        a = ops.permute_dims(a, (*(i for i in range(len(shape)) if i not in last), *last))
        shape = shape_of(a)
    inner = shape[len(shape_of(b)) :]
    if prod(inner) != prod(shape_of(b)) or shape[: len(shape_of(b))] != shape_of(b):
        raise InvalidArgument(
            f"tensorsolve: a has shape {shape} for b of shape {shape_of(b)}; expected the shape "
            "of b, followed by axes of as many elements in all."
        )
    n = prod(inner)
    return ops.reshape(
        ops.solve(ops.reshape(a, (n, n)), ops.reshape(b, (n, 1))), inner
    )


@opened
def tensorinv(a: Array, /, ind: int = 2) -> Array:
    """The inverse of `a` for `tensordot` over its first `ind` axes.

    Raises:
        InvalidArgument: For an `ind` that is not positive, and where the first `ind` axes do not
            have as many elements as the others.
        numpy.linalg.LinAlgError: On the CPU, where there is no inverse.

    Example:
        >>> a = np.eye(6).reshape(2, 3, 6) * 2
        >>> inverse = gg.linalg.tensorinv(a)
        >>> inverse.shape, gg.tensordot(inverse, np.ones((2, 3)), axes=2)
        ((6, 2, 3), array([0.5, 0.5, 0.5, 0.5, 0.5, 0.5]))
    """
    shape, ind = shape_of(a), settled(ind)
    if ind <= 0 or prod(shape[:ind]) != prod(shape[ind:]):
        raise InvalidArgument(
            f"tensorinv: ind is {ind} for an array of shape {shape}; expected a positive number "
            "of axes with as many elements as the others."
        )
    n = prod(shape[ind:])
    return ops.reshape(ops.inv(ops.reshape(a, (n, n))), (*shape[ind:], *shape[:ind]))


def hermitian_pinv(x: Array, rtol: float | None) -> Array:
    """The pseudoinverse of symmetric matrices, of which the lower triangle is read."""
    lower = ops.tril(x)
    strict = ops.tril(x, k=-1)
    return ops.pinv(ops.add(lower, adjoint(strict, ops)), rtol=rtol)


def bounds(rtol: float | None, rcond: float | None, name: str) -> float | None:
    """The one of the two names of a bound that was given."""
    if rtol is not None and rcond is not None:
        raise InvalidArgument(f"{name}: rtol and rcond are the same bound; give one of them.")
    given = rcond if rtol is None else rtol
    return None if given is None else float(np.asarray(settled(given)))
