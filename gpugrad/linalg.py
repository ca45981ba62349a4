"""Linear algebra: the functions of the Array API standard. Matrices are the last two axes."""

from __future__ import annotations

from math import inf
from typing import Any, NamedTuple

from gpugrad.errors import InvalidArgument, NotDifferentiable
from gpugrad.ops.contractions import cross, diagonal, outer, tensordot, trace, vecdot
from gpugrad.ops.linalg import matmul
from gpugrad.ops.matrices import (
    adjoint,
    det,
    eigvalsh,
    inv,
    matrix_rank,
    pinv,
    solve,
    svdvals,
)
from gpugrad.ops.operands import array, dtype_of, shape_of
from gpugrad.ops.shape import matrix_transpose
from gpugrad.registry import namespace as ops
from gpugrad.tensor import Tensor

__all__ = [
    "cholesky",
    "cross",
    "det",
    "diagonal",
    "eigh",
    "eigvalsh",
    "inv",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "tensordot",
    "trace",
    "vecdot",
    "vector_norm",
]

Axis = int | tuple[int, ...] | None


class EighResult(NamedTuple):
    """What `eigh` finds."""

    eigenvalues: Any
    eigenvectors: Any


class QRResult(NamedTuple):
    """What `qr` finds."""

    Q: Any
    R: Any


class SlogdetResult(NamedTuple):
    """What `slogdet` finds."""

    sign: Any
    logabsdet: Any


class SVDResult(NamedTuple):
    """What `svd` finds."""

    U: Any
    S: Any
    Vh: Any


def cholesky(x: Any, /, *, upper: bool = False) -> Any:
    """The lower triangular `l` with `l @ l.mT = x`, or the upper `u` with `u.mT @ u = x`.

    `x` is symmetric and positive definite; of complex matrices, with the adjoint for the transpose.
    """
    lower = ops.cholesky(x)
    return adjoint(lower, ops) if upper else lower


def eigh(x: Any, /) -> EighResult:
    """Eigenvalues in rising order, and eigenvectors as columns, of symmetric matrices.

    Where eigenvalues are equal, their vectors are not determined and have no gradient.
    """
    return EighResult(*ops.eigh(x))


def slogdet(x: Any, /) -> SlogdetResult:
    """Sign (of complex matrices, phase) and logarithm of the size of the determinant."""
    return SlogdetResult(*ops.slogdet(x))


def qr(x: Any, /, *, mode: str = "reduced") -> QRResult:
    """`Q` with orthonormal columns and upper triangular `R` with `x = Q @ R`.

    With `mode="complete"`, `Q` is square; of matrices with more rows than columns, this has no
    gradient, because the other columns are not determined.
    """
    rows, columns = shape_of(x)[-2:]
    if mode not in ("reduced", "complete"):
        raise InvalidArgument(f"qr: mode is {mode!r}; wanted is 'reduced' or 'complete'.")
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


def svd(x: Any, /, *, full_matrices: bool = True) -> SVDResult:
    """Singular value decomposition `x = U @ diag(S) @ Vh`, with `S` falling.

    With `full_matrices`, `U` and `Vh` are square; for the gradient, `x` must then be square too,
    because what fills them up is not determined.
    """
    rows, columns = shape_of(x)[-2:]
    if full_matrices and rows != columns:
        if isinstance(x, Tensor) and x.requires_grad:
            raise NotDifferentiable(
                "svd(full_matrices=True) of a matrix that is not square: what fills U or Vh up is "
                "not determined. Use full_matrices=False."
            )
        return SVDResult(*ops.full_svd(x))
    return SVDResult(*ops.svd(x))


def matrix_power(x: Any, n: int, /) -> Any:
    """Square matrices multiplied `n` times; of negative `n`, their inverses."""
    if n < 0:
        x, n = ops.inv(x), -n
    if n == 0:
        n = shape_of(x)[-1]
        eye = ops.one_hot(array(list(range(n)), x), n=n, dtype=dtype_of(x))
        return ops.add(ops.zeros_like(x), eye)
    result = None
    while n:
        if n & 1:
            result = x if result is None else ops.matmul(result, x)
        n >>= 1
        if n:
            x = ops.matmul(x, x)
    return result


def vector_norm(
    x: Any, /, *, axis: Axis = None, keepdims: bool = False, ord: float = 2
) -> Any:
    """Norm of vectors along `axis`: `sum(|x| ** ord) ** (1 / ord)`.

    With `inf` the largest size, with `-inf` the smallest, with 0 how many are not 0. The gradient
    at 0 is 0.
    """
    if ord == 2:
        return ops.euclidean_norm(x, axis=axis, keepdims=keepdims)
    size = ops.abs(x)
    if ord == 0:
        hits = ops.astype(ops.not_equal(size, 0), dtype_of(size))
        return ops.sum(hits, axis=axis, keepdims=keepdims)
    if ord == 1:
        return ops.sum(size, axis=axis, keepdims=keepdims)
    if ord in (inf, -inf):
        return (ops.max if ord > 0 else ops.min)(size, axis=axis, keepdims=keepdims)
    total = ops.sum(ops.power(size, ord), axis=axis, keepdims=keepdims)
    none = ops.equal(total, 0)
    return ops.where(none, 0, ops.power(ops.where(none, 1, total), 1 / ord))


def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """Norm of matrices: "fro" of all elements, "nuc" the sum of the singular values, 2 the largest
    of these, -2 the smallest, 1 and -1 of the sums of columns, `inf` and `-inf` of those of rows.
    """
    if ord == "fro":
        return ops.euclidean_norm(x, axis=(-2, -1), keepdims=keepdims)
    if ord == "nuc":
        found = ops.sum(ops.svdvals(x), axis=-1)
    elif ord in (2, -2):
        found = (ops.max if ord > 0 else ops.min)(ops.svdvals(x), axis=-1)
    elif ord in (1, -1, inf, -inf):
        sums = ops.sum(ops.abs(x), axis=-2 if abs(ord) == 1 else -1)
        found = (ops.max if ord > 0 else ops.min)(sums, axis=-1)
    else:
        raise InvalidArgument(
            f"matrix_norm: ord is {ord!r}; wanted is 'fro', 'nuc', 1, -1, 2, -2, inf or -inf."
        )
    return ops.expand_dims(ops.expand_dims(found, axis=-1), axis=-1) if keepdims else found
