"""Linear algebra: the functions of the Array API standard, and some of NumPy's and SciPy's.

Matrices are the last two axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from gpugrad.core.registry import namespace as ops
from gpugrad.core.registry import opened
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument, NotDifferentiable
from gpugrad.ops.arrange import moveaxis
from gpugrad.ops.contraction_order import chain
from gpugrad.ops.contractions import tensordot, vecdot
from gpugrad.ops.decompositions import eigvals, svdvals
from gpugrad.ops.matrices import adjoint, det, expm, inv, solve
from gpugrad.ops.operands import array, arrays, axes_of, dtype_of, floating, shape_of
from gpugrad.ops.products import matmul
from gpugrad.ops.shape import matrix_transpose
from gpugrad.ops.systems import bounds, hermitian_pinv, tensorinv, tensorsolve
from gpugrad.settings import settled
from gpugrad.types import Array, DTypeLike, offered

__all__ = [
    "cholesky",
    "cond",
    "cross",
    "det",
    "diagonal",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "expm",
    "inv",
    "lstsq",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "multi_dot",
    "norm",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_triangular",
    "svd",
    "svdvals",
    "tensordot",
    "tensorinv",
    "tensorsolve",
    "trace",
    "vecdot",
    "vector_norm",
]

Axis = int | tuple[int, ...] | None


A = TypeVar("A", bound=Array)


class EigResult(NamedTuple, Generic[A]):
    """What `eig` finds."""

    eigenvalues: A
    eigenvectors: A


class EighResult(NamedTuple, Generic[A]):
    """What `eigh` finds."""

    eigenvalues: A
    eigenvectors: A


class LstsqResult(NamedTuple, Generic[A]):
    """What `lstsq` finds."""

    x: A
    residuals: A
    rank: A
    s: A


class QRResult(NamedTuple, Generic[A]):
    """What `qr` finds."""

    Q: A
    R: A


class SlogdetResult(NamedTuple, Generic[A]):
    """What `slogdet` finds."""

    sign: A
    logabsdet: A


class SVDResult(NamedTuple, Generic[A]):
    """What `svd` finds."""

    U: A
    S: A
    Vh: A


@opened
def outer(x1: Array, x2: Array, /) -> Array:
    """The products of each element of the vector `x1` with each of `x2`."""
    if len(shape_of(x1)) != 1 or len(shape_of(x2)) != 1:
        raise InvalidArgument(
            f"outer: of arrays of shapes {shape_of(x1)} and {shape_of(x2)}; wanted are vectors."
        )
    return ops.outer(x1, x2)


@opened
def diagonal(x: Array, /, *, offset: int = 0) -> Array:
    """The diagonal of matrices: the main one, or that so many places above it."""
    return ops.diagonal(x, offset, axis1=-2, axis2=-1)


@opened
def trace(x: Array, /, *, offset: int = 0, dtype: DTypeLike | None = None) -> Array:
    """Sums of the diagonals of matrices, in `dtype` if one is given."""
    return ops.trace(x, offset, axis1=-2, axis2=-1, dtype=dtype)


@opened
def cholesky(x: Array, /, *, upper: bool = False) -> Array:
    """The lower triangular `l` with `l @ l.mT = x`, or the upper `u` with `u.mT @ u = x`.

    `x` is symmetric and positive definite; of complex matrices, with the adjoint for the transpose.
    Only the triangle that is asked for is read, as in NumPy, and has a gradient.
    """
    return adjoint(ops.cholesky(adjoint(x, ops)), ops) if upper else ops.cholesky(x)


@opened
def eigh(x: Array, /, *, UPLO: str = "L") -> EighResult[Array]:
    """Eigenvalues in rising order, and eigenvectors as columns, of symmetric matrices.

    Only the lower triangle is read, or with `UPLO="U"` the upper one, as in NumPy; the other has
    gradient 0. Where eigenvalues are equal, their vectors are not determined and have no gradient.
    """
    _check_triangle("eigh", UPLO)
    return EighResult(*ops.eigh(x, upper=UPLO in "Uu"))


@opened
def eigvalsh(x: Array, /, *, UPLO: str = "L") -> Array:
    """Eigenvalues of symmetric matrices in rising order; see `eigh`."""
    _check_triangle("eigvalsh", UPLO)
    return ops.eigvalsh(adjoint(x, ops) if UPLO in "Uu" else x)


def _check_triangle(name: str, triangle: str) -> None:
    if triangle not in ("L", "U", "l", "u"):
        raise InvalidArgument(f"{name}: UPLO is {triangle!r}; wanted is 'L' or 'U'.")


@opened
def cross(x1: Array, x2: Array, /, *, axis: int = -1) -> Array:
    """Vector products of vectors with three components along `axis`; the other axes broadcast."""
    return ops.cross(x1, x2, axis=axis)


@opened
def eig(x: Array, /) -> EigResult[Array]:
    """Eigenvalues, in no order, and eigenvectors of length 1 as columns; both are complex.

    The gradient is that of functions to which the phases of the vectors do not matter. Where
    eigenvalues are equal, their vectors are not determined and have no gradient.
    """
    return EigResult(*ops.eig(x))


@opened
def slogdet(x: Array, /) -> SlogdetResult[Array]:
    """Sign (of complex matrices, phase) and logarithm of the size of the determinant."""
    return SlogdetResult(*ops.slogdet(x))


@opened
def pinv(
    x: Array,
    /,
    *,
    rtol: float | None = None,
    rcond: float | None = None,
    hermitian: bool = False,
) -> Array:
    """The pseudoinverse of matrices.

    Singular values of at most `rtol` times the largest count as 0; `rcond` is NumPy's other name of
    it. Of `hermitian` matrices, the lower triangle alone is read.
    """
    rtol = bounds(rtol, rcond, "pinv")
    return hermitian_pinv(x, rtol) if hermitian else ops.pinv(x, rtol=rtol)


@opened
def matrix_rank(
    x: Array,
    /,
    *,
    rtol: float | None = None,
    tol: float | None = None,
    hermitian: bool = False,
) -> Array:
    """How many singular values of matrices are above `tol`, or above `rtol` times the largest.

    Of `hermitian` matrices, the lower triangle alone is read. A vector has rank 1, or 0 if it is 0.
    """
    if len(shape_of(x)) < 2:
        return ops.astype(ops.any(ops.not_equal(x, 0)), "int64")
    if tol is None and not hermitian:
        return ops.matrix_rank(x, rtol=bounds(rtol, None, "matrix_rank"))
    sizes = ops.abs(ops.eigvalsh(x)) if hermitian else ops.svdvals(x)
    limit: Array | float = tol if tol is not None else 0.0
    if tol is None:
        largest = ops.max(sizes, axis=-1, keepdims=True)
        eps = float(np.finfo(np.dtype(sizes.dtype)).eps)
        share = max(shape_of(x)[-2:]) * eps if rtol is None else settled(rtol)
        limit = ops.multiply(largest, share)
    return ops.sum(ops.astype(ops.greater(sizes, limit), "int64"), axis=-1)


@opened
def cond(x: Array, /, p: float | str | None = None) -> Array:
    """The condition number of matrices: the norm of each, times that of its inverse.

    `p` is the norm, as `ord` of `norm`; without one it is 2, the quotient of the largest singular
    value and the smallest. Of a singular matrix it is infinite.
    """
    if p in (None, 2, -2):
        s = ops.svdvals(x)
        ends = ops.getitem(s, (..., 0)), ops.getitem(s, (..., -1))
        return ops.divide(*(ends if p != -2 else reversed(ends)))
    sizes = (norm(part, ord=p, axis=(-2, -1)) for part in (x, ops.inv(x)))
    return ops.multiply(*sizes)


@opened
def qr(x: Array, /, *, mode: str = "reduced") -> QRResult[Array] | Array:
    """`Q` with orthonormal columns and upper triangular `R` with `x = Q @ R`.

    With `mode="complete"`, `Q` is square; of matrices with more rows than columns, this has no
    gradient, because the other columns are not determined. With `mode="r"`, `R` alone.
    """
    rows, columns = shape_of(x)[-2:]
    if mode not in ("reduced", "complete", "r"):
        raise InvalidArgument(f"qr: mode is {mode!r}; wanted is 'reduced', 'complete' or 'r'.")
    if mode == "r":
        return ops.triu(ops.qr(x)[1]) if rows >= columns else qr(x)[1]  # type: ignore[index]
    if mode == "complete" and rows > columns:
        if isinstance(x, Tensor) and x.requires_grad:
            raise NotDifferentiable(
                "qr(mode='complete') of a matrix with more rows than columns: the columns of Q "
                "beyond those of x are not determined. Use mode='reduced'."
            )
        return QRResult(*ops.complete_qr(x))
    if rows >= columns:
        return QRResult(*ops.qr(x))
    q, r = ops.qr(ops.getitem(x, (..., slice(rows))))
    rest = ops.matmul(adjoint(q, ops), ops.getitem(x, (..., slice(rows, None))))
    return QRResult(q, ops.concat([r, rest], axis=-1))


@opened
def svd(
    x: Array,
    /,
    *,
    full_matrices: bool = True,
    compute_uv: bool = True,
    hermitian: bool = False,
) -> Array | SVDResult[Array]:
    """Singular value decomposition `x = U @ diag(S) @ Vh`, with `S` falling; without `compute_uv`,
    `S` alone.

    With `full_matrices`, `U` and `Vh` are square; for the gradient, `x` must then be square too,
    because what fills them up is not determined. Of `hermitian` matrices, the lower triangle alone
    is read.
    """
    if hermitian:
        x = ops.add(ops.tril(x), adjoint(ops.tril(x, k=-1), ops))
    if not compute_uv:
        return ops.svdvals(x)
    rows, columns = shape_of(x)[-2:]
    if full_matrices and rows != columns:
        if isinstance(x, Tensor) and x.requires_grad:
            raise NotDifferentiable(
                "svd(full_matrices=True) of a matrix that is not square: what fills U or Vh up is "
                "not determined. Use full_matrices=False."
            )
        return SVDResult(*ops.full_svd(x))
    return SVDResult(*ops.svd(x))


@opened
def matrix_power(x: Array, n: int, /) -> Array:
    """Square matrices multiplied `n` times; of negative `n`, their inverses."""
    n = settled(n)
    if n < 0:
        x, n = ops.inv(x), -n
    if n == 0:
        n = shape_of(x)[-1]
        eye = ops.one_hot(array(list(range(n)), x), n=n, dtype=dtype_of(x))
        return ops.add(ops.zeros_like(x), eye)
    result: Array | None = None
    while n:
        if n & 1:
            result = x if result is None else ops.matmul(result, x)
        n >>= 1
        if n:
            x = ops.matmul(x, x)
    assert result is not None
    return result


@opened
def multi_dot(x: Sequence[Array], /) -> Array:
    """The product of matrices, in the order that takes the fewest multiplications.

    The first may be a vector for a row, and the last for a column, along which the result has no
    axis.
    """
    if not isinstance(x, list | tuple) or len(x) < 2:
        raise InvalidArgument("multi_dot: wanted is a list of at least two arrays.")
    parts = list(arrays(*x))
    shapes = [shape_of(part) for part in parts]
    fits = all(len(shape) == 2 for shape in shapes[1:-1])
    if not fits or any(len(shape) not in (1, 2) for shape in (shapes[0], shapes[-1])):
        raise InvalidArgument(
            f"multi_dot: the arrays have the shapes {shapes}; wanted are matrices, or a vector as "
            "the first or the last one."
        )
    row, column = len(shapes[0]) == 1, len(shapes[-1]) == 1
    sides = [1 if row else shapes[0][0], *(shape[0] for shape in shapes[1:])]
    sides.append(1 if column else shapes[-1][1])
    for i, shape in enumerate(shapes[:-1]):
        if shape[-1] != shapes[i + 1][0]:
            raise InvalidArgument(
                f"multi_dot: arrays {i} and {i + 1} have the shapes {shape} and {shapes[i + 1]}, "
                f"so that a sum would be of lengths {shape[-1]} and {shapes[i + 1][0]}."
            )
    cuts = chain(sides)

    def product(first: int, last: int) -> Array:
        if last == first + 1:
            return parts[first]
        cut = cuts[first, last]
        return ops.matmul(product(first, cut), product(cut, last))

    return product(0, len(parts))


def solve_triangular(
    a: Array,
    b: Array,
    /,
    *,
    trans: int | str = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
) -> Array:
    """The `x` with `a @ x = b`, where of `a` only the upper triangle counts, or the `lower` one.

    With `trans` 1 or "T", `a.mT @ x = b`; with 2 or "C", the adjoint for the transpose. With
    `unit_diagonal`, the diagonal is taken for ones. `b` is a vector or holds one in each column.
    """
    if trans not in (0, 1, 2, "N", "T", "C"):
        raise InvalidArgument(f"solve_triangular: trans is {trans!r}; wanted is 0, 1, 2 or 'NTC'.")
    if trans not in (0, "N"):
        a, lower = adjoint(a, ops) if trans in (2, "C") else ops.matrix_transpose(a), not lower
    return ops.solve_triangular(a, b, lower=lower, unit_diagonal=unit_diagonal)


@opened
def lstsq(a: Array, b: Array, /, *, rcond: float | None = None) -> LstsqResult[Array]:
    """The shortest `x` for which `a @ x - b` is shortest: `pinv(a) @ b`.

    `b` is a vector or holds one in each column. With it, the sums of squares of `a @ x - b`, which
    NumPy leaves out where `a` has not full rank; the rank; and the singular values of `a`. Those of
    at most `rcond` times the largest count as 0. The gradient is that among matrices of the same
    rank.
    """
    a, b = arrays(a, b)
    vector = len(shape_of(b)) == 1
    columns = ops.expand_dims(b, axis=-1) if vector else b
    x = ops.matmul(ops.pinv(a, rtol=rcond), columns)
    rest = ops.abs(ops.subtract(columns, ops.matmul(a, x)))
    residuals = ops.sum(ops.square(rest), axis=-2)
    rank, s = ops.matrix_rank(a, rtol=rcond), ops.svdvals(a)
    return LstsqResult(ops.squeeze(x, axis=-1) if vector else x, residuals, rank, s)


@opened
def norm(
    x: Array, /, ord: float | str | None = None, axis: Axis = None, keepdims: bool = False
) -> Array:
    """Norm of vectors along one axis, or of matrices along two; see `vector_norm` and
    `matrix_norm` for `ord`.

    Without an axis, of a vector, of a matrix, or, without `ord` either, of all elements. Without
    `ord`, it is the root of the sum of squares, whose gradient at 0 is 0.
    """
    ndim, ord = len(shape_of(x)), settled(ord)
    if axis is None and ord is None:
        return vector_norm(x, keepdims=keepdims)
    places = axes_of(axis, ndim, "norm")
    if len(places) == 1 and not isinstance(ord, str):
        return vector_norm(x, axis=places[0], keepdims=keepdims, ord=2 if ord is None else ord)
    if len(places) != 2 or places[0] == places[1]:
        raise InvalidArgument(
            f"norm: ord is {ord!r} along the axes {tuple(places)} of shape {shape_of(x)}; wanted "
            "is a number for the norm of vectors, along one axis, or two different axes."
        )
    found = matrix_norm(moveaxis(x, tuple(places), (-2, -1)), ord="fro" if ord is None else ord)
    for a in sorted(places) if keepdims else ():
        found = ops.expand_dims(found, axis=a)
    return found


@opened
def vector_norm(
    x: Array, /, *, axis: Axis = None, keepdims: bool = False, ord: float = 2
) -> Array:
    """Norm of vectors along `axis`: `sum(|x| ** ord) ** (1 / ord)`.

    With `inf` the largest size, with `-inf` the smallest, with 0 how many are not 0. The gradient
    at 0 is 0, that of elements which are 0 too.
    """
    ord = settled(ord)
    if ord == 2:
        return ops.euclidean_norm(x, axis=axis, keepdims=keepdims)
    size = ops.abs(floating(x))
    if ord == 0:
        hits = ops.astype(ops.not_equal(size, 0), dtype_of(size))
        return ops.sum(hits, axis=axis, keepdims=keepdims)
    if ord == 1:
        return ops.sum(size, axis=axis, keepdims=keepdims)
    if ord in (inf, -inf):
        return (ops.max if ord > 0 else ops.min)(size, axis=axis, keepdims=keepdims)
    return ops.power_norm(x, ord=ord, axis=axis, keepdims=keepdims)


@opened
def matrix_norm(x: Array, /, *, keepdims: bool = False, ord: float | str = "fro") -> Array:
    """Norm of matrices: "fro" of all elements, "nuc" the sum of the singular values, 2 the largest
    of these, -2 the smallest, 1 and -1 of the sums of columns, `inf` and `-inf` of those of rows.

    Equal largest or smallest ones share the gradient of 2, -2, 1, -1, `inf` and `-inf`; where
    singular values are equal, second derivatives of 2 and -2 are not finite. The gradient of "nuc"
    is one of many where singular values are 0.
    """
    ord = settled(ord)
    if ord == "fro":
        return ops.euclidean_norm(x, axis=(-2, -1), keepdims=keepdims)
    if ord == "nuc":
        found = ops.nuclear_norm(x)
    elif ord in (2, -2):
        found = (ops.max if ord > 0 else ops.min)(ops.svdvals(x), axis=-1)
    elif ord in (1, -1, inf, -inf):
        sums = ops.sum(ops.abs(floating(x)), axis=-2 if abs(ord) == 1 else -1)
        found = (ops.max if ord > 0 else ops.min)(sums, axis=-1)
    else:
        raise InvalidArgument(
            f"matrix_norm: ord is {ord!r}; wanted is 'fro', 'nuc', 1, -1, 2, -2, inf or -inf."
        )
    return ops.expand_dims(ops.expand_dims(found, axis=-1), axis=-1) if keepdims else found

__dir__ = offered(globals())
