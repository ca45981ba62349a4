"""Indexing and assignment.

A key is a tuple of integers, slices, `...`, `None`, and integer or boolean arrays.

The rule of an indexed read is an indexed cotangent, which the sweep adds into a buffer that it
owns, so that a loop over n rows costs n rows and not n arrays.
"""

from __future__ import annotations

from math import prod

from gpugrad.backends import Namespace, around_mask, is_basic, is_inexact, shape_for_all_hits
from gpugrad.core.op import op
from gpugrad.core.registry import add_function
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import NotDifferentiable
from gpugrad.types import Array, DType, Key, Shape, View

__all__ = [
    "scatter_add",
    "take_along_axis",
]



@op(lambda g, key, x_shape, xp: xp.scatter_add(g, key, x_shape), None, nested="key", public=False)
def getitem(xp: Namespace, x: Array, key: Key) -> Array:
    """`x[key]`. Gradients of elements that are named several times add up."""
    return xp.getitem(x, key)


@op(lambda g, key, xp: xp.getitem(g, key), None, nested="key")
def scatter_add(xp: Namespace, x: Array, key: Key, /, shape: tuple[int, ...]) -> Array:
    """Zeros of `shape` with `x` added at `key`; repeated indices add up.

    `key` is a tuple or list of what may be in `[]`: integers, slices, and arrays of integers or
    booleans. This is the transpose of reading `[key]`.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0])
        >>> gg.scatter_add(x, (np.array([0, 2, 2]),), shape=(4,))
        array([1., 0., 5., 0.])
        >>> gg.grad(lambda x: gg.scatter_add(x, (np.array([0, 2, 2]),), shape=(4,))[2])(x)
        array([0., 1., 1.])
    """
    return xp.add_at(xp.zeros(shape, dtype=x.dtype), key, x)


def _value_rule(
    g: Array, key: Key, x_dtype: DType, value_shape: tuple[int, ...], xp: Namespace
) -> Array:
    if not is_inexact(x_dtype):
        raise NotDifferentiable(
            f"a value that needs a gradient was written into an array of dtype {x_dtype}, which "
            "has none: make the array floating."
        )
    masked = around_mask(key, len(g.shape))
    if masked is not None:
        basic, mask, before, behind = masked
        if shape_for_all_hits(value_shape, key, len(mask.shape), behind) is not None:
            # Summed where the mask hits, so that the hits need not be counted.
            hit = xp.reshape(mask, (*mask.shape, *(1,) * behind))
            chosen = xp.where(hit, xp.getitem(g, basic), 0)
            axes = tuple(range(before, before + len(mask.shape)))
            return xp.expand_dims(xp.sum(chosen, axis=axes), axis=before)
    read = xp.getitem(g, key)
    if is_basic(key):
        return xp.copy(read)                        # `g` itself may be written into next
    # Of elements that are named several times, only the last write took effect.
    number = xp.reshape(xp.arange(prod(read.shape)), read.shape)
    last = xp.getitem(xp.set_at(xp.zeros(g.shape, dtype=number.dtype), key, number), key)
    return xp.where(last == number, read, 0)


@op(
    lambda g, key, xp: xp.clear_at(g, key),
    None,
    _value_rule,
    nested="key",
    public=False,
    edges="the last write wins; what is overwritten has gradient 0",
)
def setitem(xp: Namespace, x: Array, key: Key, value: Array, *, copy: bool = True) -> Array:
    """`x` with `value` written at `key`; of repeated indices the last wins.

    What was overwritten has gradient 0. With `copy=False` the write is into `x` itself.
    """
    return xp.set_at(xp.copy(x) if copy else x, key, value)


@op(nested="key", public=False)
def set_at(xp: Namespace, x: Array, key: Key, value: Array) -> Array:
    """`setitem` for values that have no gradient."""
    return xp.set_at(xp.copy(x), key, value)


@op(lambda g, key, xp: xp.clear_at(g, key), None, nested="key", public=False)
def clear_at(xp: Namespace, x: Array, key: Key) -> Array:
    """`x` with zeros at `key`."""
    return xp.set_at(xp.copy(x), key, 0)


# Of an array that is seen through views of another, of which `views` holds the first one first


def _value_in_view_rule(
    g: Array,
    key: Key,
    views: tuple[View, ...],
    x_dtype: DType,
    value_shape: tuple[int, ...],
    xp: Namespace,
) -> Array:
    seen = xp.viewed(g, views)
    if ("imag",) in views:                          # i times a real number was written
        seen = -seen
    return _value_rule(seen, key, x_dtype, value_shape, xp)


@op(
    lambda g, key, views, xp: xp.clear_in_view(g, key, views=views),
    None,
    _value_in_view_rule,
    nested="key",
    public=False,
)
def set_in_view(
    xp: Namespace,
    x: Array,
    key: Key,
    value: Array,
    /,
    *,
    views: tuple[View, ...],
    copy: bool = True,
) -> Array:
    """`setitem` at `key` of what is seen through `views` of `x`."""
    return xp.write_in_view(xp.copy(x) if copy else x, views, key, value)


@op(
    lambda g, key, views, xp: xp.clear_in_view(g, key, views=views), None, nested="key",
    public=False,
)  # fmt: skip
def clear_in_view(xp: Namespace, x: Array, key: Key, /, *, views: tuple[View, ...]) -> Array:
    """`clear_at` at `key` of what is seen through `views` of `x`."""
    return xp.write_in_view(xp.copy(x), views, key, 0)


@add_function
def viewed(x: Array, views: tuple[View, ...], /) -> Array:
    """What is seen of `x` through `views`, the first one first."""
    for name, *args in views:
        x = getattr(ops, name)(x, *args)
    return x


def _take_along_axis_rule(
    g: Array, indices: Array, axis: int | None, x_shape: Shape, xp: Namespace
) -> Array:
    if axis is None:
        flat = xp.add_along_axis(g, indices, axis=0, shape=(prod(x_shape),))
        return xp.reshape(flat, x_shape)
    return xp.add_along_axis(g, indices, axis=axis, shape=x_shape)


@op(_take_along_axis_rule, None)
def take_along_axis(xp: Namespace, x: Array, indices: Array, /, *, axis: int | None = -1) -> Array:
    """Elements of `x` at `indices` along `axis`, each from its own position along the other axes.

    On these, shapes broadcast. Without an axis, of all elements in order, at the indices of a
    vector. Gradients of elements that are named several times add up.

    Example:
        >>> x = np.array([[3.0, 1.0, 2.0], [5.0, 6.0, 4.0]])
        >>> gg.take_along_axis(x, np.argsort(x, axis=1), axis=1)
        array([[1., 2., 3.],
               [4., 5., 6.]])
        >>> gg.grad(lambda x: gg.sum(gg.take_along_axis(x, np.array([[0], [2]]), axis=1)))(x)
        array([[1., 0., 0.],
               [0., 0., 1.]])
    """
    if axis is None:
        x, axis = xp.reshape(x, (-1,)), 0
    return xp.take_along_axis(x, indices, axis=axis)


@op(lambda g, indices, axis, xp: xp.take_along_axis(g, indices, axis=axis), None, public=False)
def add_along_axis(
    xp: Namespace, x: Array, indices: Array, /, *, axis: int = -1, shape: tuple[int, ...]
) -> Array:
    """Zeros of `shape` with `x` added at `indices` along `axis`: what `take_along_axis` undoes."""
    return xp.add_along_axis(x, indices, axis=axis, shape=shape)
