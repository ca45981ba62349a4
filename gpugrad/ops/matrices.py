"""Inverses, exponentials and determinants of matrices.

The matrices are the last two axes; the others are a batch.
"""

from __future__ import annotations

from gpugrad.backends import Array, Namespace, conjugate, is_complex
from gpugrad.core.op import op
from gpugrad.types import Functions

__all__ = [
    "expm",
]


def adjoint(x: Array, xp: Functions) -> Array:
    """The conjugate transpose of matrices; of real ones, the transpose."""
    return conjugate(xp.matrix_transpose(x), xp)


def as_column(x: Array, xp: Namespace) -> Array:
    return xp.expand_dims(x, axis=-1)


def as_batch(x: Array, xp: Namespace) -> Array:
    """Numbers of matrices, such that they broadcast to these."""
    return as_column(as_column(x, xp), xp)


# Inverses


@op(
    lambda g, y, xp: -xp.matmul(xp.matrix_transpose(y), xp.matmul(g, xp.matrix_transpose(y))),
    public=False,
)
def inv(xp: Namespace, x: Array) -> Array:
    """Inverse of square matrices in the last two axes; the others are a batch.

    Raises:
        numpy.linalg.LinAlgError: On the CPU, for singular matrices.

    Example:
        >>> x = np.array([[2.0, 1.0], [0.0, 4.0]])
        >>> gg.linalg.inv(x)
        array([[ 0.5  , -0.125],
               [ 0.   ,  0.25 ]])
    """
    return xp.inv(x)


def _solve_rule(
    g: Array, y: Array, a: Array, needs: tuple[bool, ...], b_shape: tuple[int, ...], xp: Namespace
) -> tuple[Array | None, Array]:
    vector = len(b_shape) == 1
    to_b = xp.solve(xp.matrix_transpose(a), as_column(g, xp) if vector else g)
    y = as_column(y, xp) if vector else y
    to_a = -xp.matmul(to_b, xp.matrix_transpose(y)) if needs[0] else None
    return to_a, xp.reshape(to_b, g.shape)


@op(vjp=_solve_rule, public=False)
def solve(xp: Namespace, a: Array, b: Array) -> Array:
    """The solution `x` of `a @ x = b`, for square `a`; `b` is a vector or has vectors as columns.

    The last two axes of `a` are matrices, and the others a batch. The gradient takes one more
    solution, with the transpose of `a`.

    Raises:
        numpy.linalg.LinAlgError: On the CPU, for singular matrices.

    Example:
        >>> a, b = np.array([[2.0, 1.0], [0.0, 4.0]]), np.array([4.0, 8.0])
        >>> gg.linalg.solve(a, b)
        array([1., 2.])
        >>> gg.grad(lambda b: gg.sum(gg.linalg.solve(a, b)))(b)
        array([0.5  , 0.125])
    """
    return xp.solve(a, b)


def _triangular_rule(
    g: Array,
    y: Array,
    a: Array,
    needs: tuple[bool, ...],
    b_shape: tuple[int, ...],
    lower: bool,
    unit_diagonal: bool,
    xp: Namespace,
) -> tuple[Array | None, Array]:
    vector = len(b_shape) == 1
    to_b = xp.solve_triangular(
        xp.matrix_transpose(a),
        as_column(g, xp) if vector else g,
        lower=not lower,
        unit_diagonal=unit_diagonal,
    )
    to_a = None
    if needs[0]:
        whole = -xp.matmul(to_b, xp.matrix_transpose(as_column(y, xp) if vector else y))
        first = int(unit_diagonal)
        to_a = xp.tril(whole, k=-first) if lower else xp.triu(whole, k=first)
    return to_a, xp.reshape(to_b, g.shape)


@op(vjp=_triangular_rule, public=False)
def solve_triangular(
    xp: Namespace, a: Array, b: Array, /, *, lower: bool = False, unit_diagonal: bool = False
) -> Array:
    """`solve` where of `a` only the upper triangle counts, or the lower one.

    With `unit_diagonal`, its diagonal is taken for ones. What does not count has gradient 0.
    """
    a, b = xp.floating(a), xp.floating(b)
    return xp.solve_triangular(a, b, lower=lower, unit_diagonal=unit_diagonal)


# The exponential


def _expm_rule(g: Array, x: Array, xp: Namespace) -> Array:
    """The transpose of the slope of `expm` at `x`.

    The slope in the direction `e` is the upper right block of the exponential of the matrix of
    blocks [[x, e], [0, x]]: N. Higham, "Functions of matrices" (2008), theorem 3.6. Its transpose
    is the slope at the transpose of `x`.
    """
    n = x.shape[-1]
    x = xp.matrix_transpose(x)
    # A direction much larger than `x` would have `x` halved too often.
    size = xp.max(xp.abs(g), axis=(-2, -1), keepdims=True)
    size = xp.where(size > 1, size, 1)
    upper = xp.concat([x, g / size], axis=-1)
    lower = xp.concat([xp.zeros_like(x), x], axis=-1)
    whole = xp.expm(xp.concat([upper, lower], axis=-2))
    return xp.getitem(whole, (..., slice(n), slice(n, None))) * size


@op(_expm_rule)
def expm(xp: Namespace, x: Array) -> Array:
    """The exponential of square matrices, `1 + x + x @ x / 2 + ...`.

    The last two axes are matrices, and the others a batch. The method is that of N. Higham, "The
    scaling and squaring method for the matrix exponential revisited" (2005).

    Example:
        >>> turn = np.array([[0.0, -1.0], [1.0, 0.0]])
        >>> gg.expm(np.pi / 2 * turn).round(6) + 0.0
        array([[ 0., -1.],
               [ 1.,  0.]])
        >>> angle = lambda t: gg.expm(t * turn)[1, 0]
        >>> gg.grad(angle)(0.0)
        array(1.)
    """
    return xp.expm(xp.floating(x))


# Determinants


def _cofactor_slope_rule(
    g: Array, x: Array, direction: Array, needs: tuple[bool, ...], xp: Namespace
) -> tuple[Array | None, Array | None]:
    """The third derivative of the determinant, which is symmetric in its three directions."""
    to_direction = xp.cofactor_slope(x, g) if needs[1] else None
    if not needs[0]:
        return None, to_direction
    if x.shape[-1] < 3:                             # there the cofactors are linear
        return xp.zeros_like(x), to_direction
    turned = xp.matrix_transpose(xp.inv(x))

    def along(e: Array) -> Array:
        return xp.sum(turned * e, axis=(-2, -1), keepdims=True)

    def pressed(e: Array, a: Array) -> Array:
        return xp.matmul(turned, xp.matmul(xp.matrix_transpose(e), a))

    both = xp.sum(pressed(g, turned) * direction, axis=(-2, -1), keepdims=True)
    one, other = pressed(g, turned), pressed(direction, turned)
    found = turned * (along(g) * along(direction) - both)
    found = found - one * along(direction) - other * along(g)
    found = found + pressed(g, other) + pressed(direction, one)
    return found * as_batch(xp.det(x), xp), to_direction


@op(vjp=_cofactor_slope_rule, public=False)
def cofactor_slope(xp: Namespace, x: Array, direction: Array) -> Array:
    """The slope of `cofactor` at `x` along a direction, also at singular matrices.

    Its own rule takes the inverse.
    """
    return xp.cofactor_slope(x, direction)


@op(lambda g, x, xp: xp.cofactor_slope(x, g), public=False)
def cofactor(xp: Namespace, x: Array) -> Array:
    """The slope of the determinant of square matrices, also of singular ones."""
    return xp.cofactor(x)


@op(
    lambda g, x, xp: as_batch(g, xp) * xp.cofactor(x), public=False,
    edges="derivatives are exact for singular matrices, to second order",
)
def det(xp: Namespace, x: Array) -> Array:
    """Determinant of square matrices in the last two axes; the others are a batch.

    The gradient and its own gradient are exact also for singular matrices.

    Example:
        >>> gg.linalg.det(np.array([[1.0, 2.0], [3.0, 4.0]])).round(6)
        np.float64(-2.0)
        >>> gg.grad(gg.linalg.det)(np.array([[1.0, 2.0], [2.0, 4.0]])).round(6)
        array([[ 4., -2.],
               [-2.,  1.]])
    """
    return xp.det(x)


def _slogdet_rule(
    g: tuple[Array, Array],
    y: tuple[Array, Array],
    x: Array,
    used: tuple[bool, ...],
    xp: Namespace,
) -> tuple[Array]:
    total = g[1] if used[1] else xp.zeros_like(y[1])
    if used[0] and is_complex(x.dtype):
        total = total - 1j * xp.real(g[0] * y[0] * 1j)
    return (as_batch(total, xp) * xp.matrix_transpose(xp.inv(x)),)


@op(vjp=_slogdet_rule, results=2, public=False)
def slogdet(xp: Namespace, x: Array) -> tuple[Array, Array]:
    """Sign (or complex phase) and logarithm of the absolute value of the determinant."""
    sign, size = xp.slogdet(x)
    return sign, size
