"""Operations that move elements without changing them."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from gpugrad.backends import Namespace, dtype_named, is_complex, is_inexact
from gpugrad.backends.axes import counted
from gpugrad.core import registry
from gpugrad.core.op import op
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.ops.operands import along, axis_of, is_weak
from gpugrad.types import Array, DTypeLike, Shape

__all__ = [
    "astype",
    "broadcast_to",
    "concat",
    "expand_dims",
    "flip",
    "matrix_transpose",
    "permute_dims",
    "reshape",
    "roll",
    "squeeze",
    "stack",
    "tril",
    "triu",
    "unstack",
]

ops = registry.namespace


@op(lambda g, x_shape, xp: xp.reshape(g, x_shape))
def reshape(xp: Namespace, x: Array, /, shape: Shape, *, copy: bool | None = None) -> Array:
    """The elements of `x`, in order, in another shape; one length may be -1.

    Without `copy`, it is a view of `x` where that is possible. With `copy=True` the result has
    memory of its own.

    Raises:
        InvalidArgument: With `copy=False`, where the result would need memory of its own.

    Example:
        >>> gg.reshape(np.array([1, 2, 3, 4, 5, 6]), (2, -1))
        array([[1, 2, 3],
               [4, 5, 6]])
    """
    y = xp.reshape(x, shape)
    if copy is None:
        return y
    return xp.copy(y) if copy else xp.as_view(y, x)


def _inverse(axes: Sequence[int]) -> Shape:
    places = [a % len(axes) for a in axes]
    return tuple(places.index(i) for i in range(len(axes)))


@op(lambda g, axes, xp: xp.permute_dims(g, _inverse(axes)))
def permute_dims(xp: Namespace, x: Array, /, axes: Sequence[int]) -> Array:
    """The array `x` with its axes in the order `axes`: a view.

    Example:
        >>> images = np.zeros((32, 3, 28, 24))
        >>> gg.permute_dims(images, (0, 2, 3, 1)).shape
        (32, 28, 24, 3)
    """
    return xp.permute_dims(x, tuple(axes))


@op(lambda g, xp: xp.matrix_transpose(g))
def matrix_transpose(xp: Namespace, x: Array) -> Array:
    """The array `x` with its last two axes swapped: a view.

    Example:
        >>> gg.matrix_transpose(np.array([[1, 2, 3], [4, 5, 6]]))
        array([[1, 4],
               [2, 5],
               [3, 6]])
        >>> gg.matrix_transpose(np.zeros((7, 2, 3))).shape
        (7, 3, 2)
    """
    return xp.matrix_transpose(x)


@op(lambda g: g)
def broadcast_to(xp: Namespace, x: Array, /, shape: int | Shape) -> Array:
    """The array `x` broadcast to that shape: repeated along new axes and along axes of length 1.

    The gradient is summed along these axes.

    Example:
        >>> x = np.array([1.0, 2.0])
        >>> gg.broadcast_to(x, (3, 2))
        array([[1., 2.],
               [1., 2.],
               [1., 2.]])
        >>> gg.grad(lambda x: gg.sum(gg.broadcast_to(x, (3, 2))))(x)
        array([3., 3.])
    """
    return xp.broadcast_to(x, (shape,) if isinstance(shape, int) else tuple(shape))


@op(lambda g, x_shape, xp: xp.reshape(g, x_shape))
def expand_dims(xp: Namespace, x: Array, /, axis: int | Shape = 0) -> Array:
    """The array `x` with an axis of length 1 inserted at `axis`, or at several positions.

    Raises:
        InvalidArgument: For places that name an axis twice.

    Example:
        >>> x = np.zeros((2, 3))
        >>> gg.expand_dims(x, axis=-1).shape, gg.expand_dims(x, axis=(0, 2)).shape
        ((2, 3, 1), (1, 2, 1, 3))
    """
    if isinstance(axis, int):
        return xp.expand_dims(x, axis=axis)
    ndim = len(x.shape) + len(axis)
    places = {axis_of(a, ndim, "expand_dims") for a in axis}
    if len(places) < len(axis):
        raise InvalidArgument(f"expand_dims: {axis} names an axis twice.")
    lengths = iter(x.shape)
    return xp.reshape(x, tuple(1 if i in places else next(lengths) for i in range(ndim)))


@op(lambda g, x_shape, xp: xp.reshape(g, x_shape))
def squeeze(xp: Namespace, x: Array, /, axis: int | Shape | None = None) -> Array:
    """The array `x` without the axes `axis`, which must have length 1; `None` means all such axes.

    Example:
        >>> x = np.zeros((1, 3, 1))
        >>> gg.squeeze(x).shape, gg.squeeze(x, axis=0).shape
        ((3,), (3, 1))
    """
    if axis is None:
        axis = tuple(i for i, n in enumerate(x.shape) if n == 1)
    return xp.squeeze(x, axis=axis)


def _concat_rule(
    g: Array, arrays_shape: tuple[Shape, ...], axis: int | None, xp: Namespace
) -> list[Array]:
    if axis is None:
        axis, sizes = 0, [prod(shape) for shape in arrays_shape]
    else:
        axis %= len(g.shape)
        sizes = [shape[axis] for shape in arrays_shape]
    parts, start = [], 0
    for shape, size in zip(arrays_shape, sizes, strict=True):
        parts.append(xp.reshape(xp.getitem(g, along(axis, start, start + size)), shape))
        start += size
    return parts


@op(_concat_rule, nested="arrays")
def concat(xp: Namespace, arrays: Sequence[Array], /, axis: int | None = 0) -> Array:
    """The arrays joined along `axis`; `None` flattens them first.

    The other axes must have equal lengths. Dtypes promote to a common one.

    Example:
        >>> x = np.array([[1.0, 2.0]])
        >>> gg.concat([x, 10 * x], axis=0)
        array([[ 1.,  2.],
               [10., 20.]])
        >>> gg.concat([x, 10 * x], axis=None)
        array([ 1.,  2., 10., 20.])
    """
    return xp.concat(arrays, axis=axis)


@op(lambda g, axis, xp: xp.unstack(g, axis=axis), nested="arrays")
def stack(xp: Namespace, arrays: Sequence[Array], /, axis: int = 0) -> Array:
    """Arrays of one shape, stacked along a new axis.

    Example:
        >>> x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
        >>> gg.stack([x, y])
        array([[1., 2.],
               [3., 4.]])
        >>> gg.stack([x, y], axis=1)
        array([[1., 3.],
               [2., 4.]])
    """
    return xp.stack(arrays, axis=axis)


@op(lambda g, axis, xp: xp.stack(g, axis=axis), results=None)
def unstack(xp: Namespace, x: Array, /, axis: int = 0) -> tuple[Array, ...]:
    """A tuple of the slices of `x` along `axis`, which is removed.

    Example:
        >>> gg.unstack(np.array([[1, 2], [3, 4]]))
        (array([1, 2]), array([3, 4]))
    """
    return tuple(xp.unstack(x, axis=counted(axis, len(x.shape))))


@op(lambda g, axis, xp: xp.flip(g, axis=axis))
def flip(xp: Namespace, x: Array, /, *, axis: int | Shape | None = None) -> Array:
    """The array `x` reversed along `axis`, which is one axis, several, or all.

    Example:
        >>> gg.flip(np.array([[1, 2], [3, 4]]), axis=1)
        array([[2, 1],
               [4, 3]])
        >>> gg.flip(np.array([[1, 2], [3, 4]]))
        array([[4, 3],
               [2, 1]])
    """
    return xp.flip(x, axis=axis)


def _back(shift: int | Shape) -> int | Shape:
    return -shift if isinstance(shift, int) else tuple(-n for n in shift)


def _rolled(x: Array, shift: int | Shape, axis: int | Shape | None, xp: Namespace) -> Array:
    return xp.copy(x) if axis == () else xp.roll(x, shift, axis=axis)


@op(lambda g, shift, axis, xp: _rolled(g, _back(shift), axis, xp))
def roll(
    xp: Namespace, x: Array, /, shift: int | Shape, *, axis: int | Shape | None = None
) -> Array:
    """The array `x` rolled by `shift` positions along `axis`.

    What leaves at one end comes in at the other. Several axes have a shift each, in tuples. Without
    an axis, all elements in order are moved, and the shape stays.

    Example:
        >>> gg.roll(np.array([1, 2, 3, 4]), 1)
        array([4, 1, 2, 3])
        >>> gg.roll(np.array([[1, 2], [3, 4], [5, 6]]), -1, axis=0)
        array([[3, 4],
               [5, 6],
               [1, 2]])
    """
    return _rolled(x, shift, axis, xp)


@op(lambda g, k, xp: xp.tril(g, k=k))
def tril(xp: Namespace, x: Array, /, *, k: int = 0) -> Array:
    """Matrices `x` with zeros above diagonal `k`; 0 is the main one, positive ones lie above.

    Example:
        >>> gg.tril(np.ones((3, 3)))
        array([[1., 0., 0.],
               [1., 1., 0.],
               [1., 1., 1.]])
        >>> gg.tril(np.ones((3, 3)), k=-1)
        array([[0., 0., 0.],
               [1., 0., 0.],
               [1., 1., 0.]])
    """
    return xp.tril(x, k=k)


@op(lambda g, k, xp: xp.triu(g, k=k))
def triu(xp: Namespace, x: Array, /, *, k: int = 0) -> Array:
    """Matrices `x` with zeros below diagonal `k`; 0 is the main one, positive ones lie above.

    Example:
        >>> gg.triu(np.ones((3, 3)))
        array([[1., 1., 1.],
               [0., 1., 1.],
               [0., 0., 1.]])
        >>> gg.triu(np.ones((3, 3)), k=1)
        array([[0., 1., 1.],
               [0., 0., 1.],
               [0., 0., 0.]])
    """
    return xp.triu(x, k=k)


@op(lambda g: g, public=False)
def cast(xp: Namespace, x: Array, /, dtype: DTypeLike) -> Array:
    """`x` with that floating dtype."""
    return xp.astype(x, dtype)


@registry.add_function
def astype(
    x: Array, dtype: DTypeLike, /, *, copy: bool = True, device: str | None = None
) -> Array:
    """The array `x` with that dtype, on `device` if one is named.

    Floating numbers as integers lose what comes after the point. Integers and booleans have no
    gradient; the gradient of a conversion between floating dtypes comes back in that of `x`.

    Args:
        x: What is converted.
        dtype: The dtype, or its name.
        copy: With `False`, what has that dtype already is returned itself.
        device: The device of the result.

    Raises:
        UnsupportedOperand: For complex numbers that should become real.

    Example:
        >>> gg.astype(np.array([1.7, -1.7]), np.int64)
        array([ 1, -1])
        >>> x = np.array([1.0, 2.0], dtype=np.float32)
        >>> gg.grad(lambda x: gg.sum(gg.astype(x, np.float64) ** 2))(x)
        array([2., 4.], dtype=float32)
    """
    if dtype is None:
        raise InvalidArgument("astype: the dtype is None; name one, for example gg.float32.")
    if isinstance(dtype, str):
        dtype = dtype_named(dtype)
    if device is not None:
        x = ops.to_device(x, device)
    if not copy and getattr(x, "dtype", None) == dtype and not is_weak(x):
        return x
    if is_complex(getattr(x, "dtype", None)) and not is_complex(dtype):
        raise UnsupportedOperand(
            f"astype: complex numbers as {dtype} would lose their imaginary parts. Take gg.real of "
            "them, or gg.abs, first."
        )
    if is_inexact(dtype) or not isinstance(x, Tensor):
        return ops.cast(x, dtype)
    return ops.cast(Tensor(x._value), dtype)
