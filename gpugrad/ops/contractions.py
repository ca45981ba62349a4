"""Products of arrays that are made of matrix products and sums."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from gpugrad.backends import is_complex, is_inexact
from gpugrad.core.half import in_single
from gpugrad.core.op_info import call, of
from gpugrad.core.registry import add_function, composed
from gpugrad.core.registry import namespace as ops
from gpugrad.core.tensor import Tensor
from gpugrad.core.views import link, own, root_of
from gpugrad.errors import InvalidArgument
from gpugrad.graph import is_recording
from gpugrad.ops.arrange import broadcast_arrays, moveaxis
from gpugrad.ops.operands import arrays, axes_of, axis_of, dtype_of, shape_of
from gpugrad.settings import settled
from gpugrad.types import Array, DTypeLike

__all__ = [
    "cross",
    "diagonal",
    "dot",
    "inner",
    "kron",
    "matvec",
    "outer",
    "tensordot",
    "trace",
    "vdot",
    "vecdot",
    "vecmat",
]


@add_function
@in_single
def vecdot(x1: Array, x2: Array, /, *, axis: int = -1) -> Array:
    """Sums of `conj(x1) * x2` along `axis`; the other axes broadcast.

    Example:
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> gg.vecdot(x, np.array([1.0, 10.0]))
        array([21., 43.])
        >>> gg.grad(lambda y: gg.sum(gg.vecdot(x, y)))(np.array([1.0, 10.0]))
        array([4., 6.])
    """
    if shape_of(x1)[axis:][:1] != shape_of(x2)[axis:][:1]:
        raise InvalidArgument(
            f"vecdot: shapes {shape_of(x1)} and {shape_of(x2)} have different lengths along axis "
            f"{axis}; expected equal ones."
        )
    left = ops.conj(x1) if is_complex(dtype_of(x1)) else x1
    products = ops.multiply(left, x2)
    own = None if is_inexact(products.dtype) else products.dtype    # not that of sums of integers
    return ops.sum(products, axis=axis, dtype=own)


@composed(reference=lambda a, b: np.matvec(a, b), example=call(of(2, 3), of(3)))
def matvec(x1: Array, x2: Array, /) -> Array:
    """The products of matrices `x1` and vectors `x2`; leading axes broadcast.

    Example:
        >>> a = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> gg.matvec(a, np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))
        array([[1., 3.],
               [2., 4.],
               [3., 7.]])
        >>> gg.grad(lambda v: gg.sum(gg.matvec(a, v)))(np.array([1.0, 1.0]))
        array([4., 6.])
    """
    return ops.squeeze(ops.matmul(x1, ops.expand_dims(x2, -1)), -1)


@composed(reference=lambda a, b: np.vecmat(a, b), example=call(of(2), of(2, 3)))
def vecmat(x1: Array, x2: Array, /) -> Array:
    """The products of conjugated vectors `x1` and matrices `x2`.

    The axes before those of the vectors and matrices broadcast.

    Example:
        >>> a = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> gg.vecmat(np.array([1.0, 10.0]), a)
        array([31., 42.])
        >>> gg.grad(lambda v: gg.sum(gg.vecmat(v, a)))(np.array([1.0, 1.0]))
        array([3., 7.])
    """
    left = ops.conj(x1) if is_complex(dtype_of(x1)) else x1
    return ops.squeeze(ops.matmul(ops.expand_dims(left, -2), x2), -2)


@add_function
def outer(x1: Array, x2: Array, /) -> Array:
    """The products of each element of `x1` with each of `x2`, both flattened.

    Example:
        >>> gg.outer(np.array([1.0, 2.0]), np.array([1.0, 10.0, 100.0]))
        array([[  1.,  10., 100.],
               [  2.,  20., 200.]])
        >>> gg.grad(lambda x: gg.sum(gg.outer(x, x)))(np.array([1.0, 2.0]))
        array([6., 6.])
    """
    x1, x2 = arrays(x1, x2)
    return ops.multiply(ops.reshape(x1, (-1, 1)), ops.reshape(x2, (-1,)))


@add_function
def dot(x1: Array, x2: Array, /) -> Array:
    """Sums of products over the last axis of `x1` and the second to last, or only, axis of `x2`.

    Of vectors, the inner product, without conjugating; of matrices, the matrix product; of numbers,
    their product. For batches of matrices see `matmul`.

    Example:
        >>> gg.dot(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
        array(11.)
        >>> gg.grad(gg.dot, argnums=(0, 1))(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
        (array([3., 4.]), array([1., 2.]))
    """
    x1, x2 = arrays(x1, x2)
    ndims = len(shape_of(x1)), len(shape_of(x2))
    if 0 in ndims:
        return ops.multiply(x1, x2)
    if max(ndims) <= 2:
        return ops.matmul(x1, x2)
    return tensordot(x1, x2, axes=((-1,), (-min(ndims[1], 2),)))


@add_function
def inner(x1: Array, x2: Array, /) -> Array:
    """Sums of products over the last axes of both; for numbers, their product.

    The shape is that of `x1` without its last axis, then that of `x2` without its last.

    Example:
        >>> gg.inner(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 10.0]))
        array([21., 43.])
        >>> gg.grad(lambda x: gg.inner(x, x))(np.array([1.0, 2.0]))
        array([2., 4.])
    """
    x1, x2 = arrays(x1, x2)
    if not shape_of(x1) or not shape_of(x2):
        return ops.multiply(x1, x2)
    return tensordot(x1, x2, axes=((-1,), (-1,)))


@add_function
def vdot(x1: Array, x2: Array, /) -> Array:
    """The sum of `conj(x1) * x2` over all elements.

    Example:
        >>> gg.vdot(np.array([1 + 2j, 3.0]), np.array([1 + 2j, 1j]))
        array(5.+3.j)
        >>> gg.grad(gg.vdot)(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
        array([3., 4.])
    """
    return vecdot(*(ops.reshape(x, (-1,)) for x in arrays(x1, x2)))


@add_function
def kron(x1: Array, x2: Array, /) -> Array:
    """The Kronecker product: each element of `x1` replaced by its product with `x2`.

    Along each axis, the length of the result is the product of both lengths.

    Example:
        >>> gg.kron(np.array([1.0, 10.0]), np.array([[1.0, 2.0], [3.0, 4.0]]))
        array([[ 1.,  2., 10., 20.],
               [ 3.,  4., 30., 40.]])
        >>> gg.grad(lambda x: gg.sum(gg.kron(x, np.ones((2, 2)))))(np.eye(2))
        array([[4., 4.],
               [4., 4.]])
    """
    x1, x2 = arrays(x1, x2)
    ndim = max(len(shape_of(x)) for x in (x1, x2))
    shape1, shape2 = ((*(1,) * (ndim - len(shape_of(x))), *shape_of(x)) for x in (x1, x2))
    left = ops.reshape(x1, tuple(k for n in shape1 for k in (n, 1)))
    right = ops.reshape(x2, tuple(k for n in shape2 for k in (1, n)))
    result = tuple(n * m for n, m in zip(shape1, shape2, strict=True))
    return ops.reshape(ops.multiply(left, right), result)


@add_function
def tensordot(
    x1: Array, x2: Array, /, *, axes: int | Sequence[int | Sequence[int]] = 2
) -> Array:
    """Sums of products over axes of `x1` and `x2`, which need not be neighbours.

    The result has the other axes of `x1`, then those of `x2`.

    Args:
        x1: The first operand.
        x2: The second operand.
        axes: How many of the last axes of `x1` are summed over with as many of the first of `x2`;
            or a pair of the axes of `x1` and those of `x2`, each of which is one axis or several.

    Raises:
        InvalidArgument: For axes of different lengths, and for `axes` that are neither a number nor
            a pair.

    Example:
        >>> x, w = np.ones((2, 3, 4)), np.ones((4, 3, 5))
        >>> gg.tensordot(x, w, axes=([1, 2], [1, 0])).shape
        (2, 5)
        >>> gg.grad(lambda x: gg.tensordot(x, x, axes=2))(np.array([[1.0, 2.0], [3.0, 4.0]]))
        array([[2., 4.],
               [6., 8.]])
    """
    shape1, shape2, axes = shape_of(x1), shape_of(x2), settled(axes)
    if isinstance(axes, int):
        mine, theirs = list(range(len(shape1) - axes, len(shape1))), list(range(axes))
    elif len(axes) != 2:
        raise InvalidArgument(
            f"tensordot: axes is {axes!r}; expected a number of axes, or a pair: axes of x1 and "
            "axes of x2."
        )
    else:
        mine, theirs = (
            axes_of(part, len(shape), "tensordot")
            for part, shape in zip(axes, (shape1, shape2), strict=True)
        )
    lengths = [shape1[a] for a in mine]
    if lengths != [shape2[a] for a in theirs]:
        raise InvalidArgument(
            f"tensordot: the axes {mine} of shape {shape1} and {theirs} of shape {shape2} have "
            "different lengths."
        )
    free1 = [a for a in range(len(shape1)) if a not in mine]
    free2 = [a for a in range(len(shape2)) if a not in theirs]
    rest1, rest2 = tuple(shape1[a] for a in free1), tuple(shape2[a] for a in free2)
    left = ops.reshape(ops.permute_dims(x1, (*free1, *mine)), (prod(rest1), prod(lengths)))
    right = ops.reshape(ops.permute_dims(x2, (*theirs, *free2)), (prod(lengths), prod(rest2)))
    return ops.reshape(ops.matmul(left, right), (*rest1, *rest2))


@add_function
def diagonal(x: Array, /, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """The diagonals of the matrices along two axes, as the last axis of the result.

    These are the main ones, or those `offset` places above (below, if it is negative). The result
    is a view; that of a Tensor cannot be written to, as NumPy's.

    Example:
        >>> x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
        >>> gg.diagonal(x)
        array([1., 5.])
        >>> gg.diagonal(x, offset=1)
        array([2., 6.])
        >>> gg.grad(lambda x: gg.sum(gg.diagonal(x)))(x)
        array([[1., 0., 0.],
               [0., 1., 0.]])
    """
    line = _diagonal(x, offset, axis1, axis2)
    if not isinstance(x, Tensor):
        return line
    frozen = x.requires_grad and not is_recording()
    return link(x, own(line), "diagonal", (offset, axis1, axis2), frozen)  # type: ignore[type-var]


def writable_diagonal(x: Array) -> Array:
    """The main diagonals of the last two axes, through which `x` is written to.

    They are those of NumPy's `einsum`. Where the memory of `x` has no even steps from one element
    to the next, `diagonal`.
    """
    for axes in ((-2, -1), (-1, -2)):
        line = _diagonal(x, 0, *axes)
        if not isinstance(x, Tensor) or not isinstance(line, Tensor) or root_of(line) is root_of(x):
            return line
    return diagonal(x, 0, -2, -1)


def _diagonal(x: Array, offset: int, axis1: int, axis2: int) -> Array:
    ndim, offset = len(shape_of(x)), settled(offset)
    axes = axis_of(axis1, ndim, "diagonal"), axis_of(axis2, ndim, "diagonal")
    if axes != (ndim - 2, ndim - 1):
        x = moveaxis(x, axes, (-2, -1))
    *_, rows, columns = shape_of(x)
    up, down = max(offset, 0), max(-offset, 0)
    n = max(min(rows - down, columns - up), 0)
    # In a flat matrix, neighbours on the diagonal are one row and one column apart.
    flat = ops.reshape(x, (*shape_of(x)[:-2], rows * columns))
    start = down * columns + up
    stop = min(start + n * (columns + 1), rows * columns)
    return ops.getitem(flat, (..., slice(start, stop, columns + 1)))


@add_function
@in_single
def trace(
    x: Array, /, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: DTypeLike | None = None
) -> Array:
    """Sums of the diagonals along two axes, in `dtype` if one is given; see `diagonal`.

    Example:
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> gg.trace(x)
        array(5.)
        >>> gg.grad(gg.trace)(x)
        array([[1., 0.],
               [0., 1.]])
    """
    line = diagonal(x, offset, axis1, axis2)
    return ops.sum(line if dtype is None else ops.astype(line, dtype), axis=-1)


@add_function
@in_single
def cross(
    x1: Array,
    x2: Array,
    /,
    *,
    axisa: int = -1,
    axisb: int = -1,
    axisc: int = -1,
    axis: int | None = None,
) -> Array:
    """Cross products of vectors with three components; the other axes broadcast.

    The components lie along `axisa` of `x1` and `axisb` of `x2`, those of the result along `axisc`;
    `axis` stands for all three.

    Raises:
        InvalidArgument: For vectors that do not have three components.

    Example:
        >>> gg.cross(np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))
        array([0., 0., 1.])
        >>> z = np.array([0.0, 0.0, 2.0])
        >>> gg.grad(lambda x: gg.cross(x, z)[1])(np.array([1.0, 0.0, 0.0]))
        array([-2.,  0.,  0.])
    """
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis, axis, axis)
    shapes = shape_of(x1), shape_of(x2)
    if any(
        shape[axis_of(at, len(shape), "cross")] != 3
        for shape, at in zip(shapes, (axisa, axisb), strict=True)
    ):
        raise InvalidArgument(
            f"cross: of arrays of shapes {shapes[0]} and {shapes[1]}; expected three components "
            f"along axes {axisa} and {axisb}."
        )
    both = broadcast_arrays(moveaxis(x1, axisa, -1), moveaxis(x2, axisb, -1))
    a, b = ([ops.getitem(x, (..., i)) for i in range(3)] for x in both)
    parts = [
        ops.subtract(ops.multiply(a[i], b[k]), ops.multiply(a[k], b[i]))
        for i, k in ((1, 2), (2, 0), (0, 1))
    ]
    return ops.stack(parts, axis=axisc)
