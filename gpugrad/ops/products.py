"""Linear algebra."""

from __future__ import annotations

from math import prod

from gpugrad.backends import Array, Namespace
from gpugrad.core.op import op
from gpugrad.errors import InvalidArgument
from gpugrad.types import Shape

__all__ = [
    "linear",
    "matmul",
]


def _matmul_left(g: Array, b: Array, a_shape: Shape, xp: Namespace) -> Array:
    if len(a_shape) > 1 and len(b.shape) > 1:
        return xp.matmul(g, b.mT)
    if len(b.shape) == 1:                           # (..., n, k) @ (k,) -> (..., n)
        return xp.expand_dims(g, axis=-1) * b
    # (k,) @ (..., k, m) -> (..., m)
    return xp.reshape(xp.matmul(b, xp.expand_dims(g, axis=-1)), b.shape[:-1])


def _matmul_right(g: Array, a: Array, b_shape: Shape, xp: Namespace) -> Array:
    if len(a.shape) == 2 and len(b_shape) == 2:
        return xp.matmul(a.mT, g)
    if len(a.shape) == 1:
        if len(b_shape) == 1:                       # (k,) @ (k,) -> ()
            return g * a
        # (k,) @ (..., k, m) -> (..., m)
        return xp.expand_dims(a, axis=-1) * xp.expand_dims(g, axis=-2)
    if len(b_shape) == 1:                           # (..., n, k) @ (k,) -> (..., n)
        column = xp.matmul(a.mT, xp.expand_dims(g, axis=-1))
        return xp.reshape(column, (*a.shape[:-2], a.shape[-1]))
    if len(b_shape) == 2 and len(a.shape) > 2:      # one product instead of a batch and its sum
        rows = prod(a.shape[:-1])
        a, g = xp.reshape(a, (rows, a.shape[-1])), xp.reshape(g, (rows, g.shape[-1]))
    return xp.matmul(a.mT, g)


@op(_matmul_left, _matmul_right)
def matmul(xp: Namespace, a: Array, b: Array) -> Array:
    """Matrix product of the last two axes, batched over the others, which broadcast.

    A vector has one axis, and the result lacks that, as with `@`, which it is for Tensors.

    Example:
        >>> a, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([5.0, 6.0])
        >>> gg.matmul(a, b)
        array([17., 39.])
        >>> gg.grad(lambda a: gg.sum(gg.matmul(a, b)))(a)
        array([[5., 6.],
               [5., 6.]])
    """
    return xp.matmul(a, b)


@op(
    _matmul_left,
    _matmul_right,
    lambda g: g,
)
def linear(xp: Namespace, a: Array, b: Array, c: Array) -> Array:
    """A layer of a network, `a @ b + c`: shapes (..., n), (n, m) and (m,) give (..., m).

    Raises:
        InvalidArgument: Where the bias `c` would enlarge the product.

    Example:
        >>> x = np.array([[1.0, 2.0]])
        >>> weight, bias = np.array([[1.0, 0.0, -1.0], [0.0, 1.0, 1.0]]), np.full(3, 0.5)
        >>> gg.linear(x, weight, bias)
        array([[1.5, 2.5, 1.5]])
    """
    product = xp.matmul(a, b)
    y = product + c
    if y.shape != product.shape:
        raise InvalidArgument(
            f"linear: the bias has shape {c.shape} for a product of shape {product.shape}; "
            f"expected {product.shape[-1:]}, or what broadcasts to the product."
        )
    return y
