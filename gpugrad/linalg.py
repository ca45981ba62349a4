"""Linear algebra: the functions of the Array API standard, and some of NumPy's and SciPy's.

Matrices are the last two axes, and axes before these are a batch of matrices. All functions but
`matrix_rank` have gradients.

>>> a, b = np.array([[3.0, 1.0], [1.0, 2.0]]), np.array([9.0, 8.0])
>>> gg.linalg.solve(a, b).round(6)
array([2., 3.])
>>> gg.grad(lambda a: gg.sum(gg.linalg.solve(a, b)))(a).round(6)
array([[-0.4, -0.6],
       [-0.8, -1.2]])
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Generic, NamedTuple, TypeVar

from gpugrad.backends import finfo
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
    """Products of each element of the vector `x1` with each of `x2`.

    Of shapes `(n,)` and `(m,)` the result has shape `(n, m)`; `gg.outer` takes arrays of any shape.

    Raises:
        InvalidArgument: For arrays that are no vectors.

    Example:
        >>> gg.linalg.outer(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
        array([[3., 4.],
               [6., 8.]])
    """
    if len(shape_of(x1)) != 1 or len(shape_of(x2)) != 1:
        raise InvalidArgument(
            f"outer: of arrays of shapes {shape_of(x1)} and {shape_of(x2)}; expected vectors."
        )
    return ops.outer(x1, x2)


@opened
def diagonal(x: Array, /, *, offset: int = 0) -> Array:
    """Diagonals of matrices in the last two axes.

    With `offset`, that so many places above the main diagonal, or below it where `offset` is
    negative. The diagonal is the last axis of the result.

    Example:
        >>> x = np.arange(6.0).reshape(2, 3)
        >>> gg.linalg.diagonal(x), gg.linalg.diagonal(x, offset=1)
        (array([0., 4.]), array([1., 5.]))
        >>> gg.grad(lambda x: gg.sum(gg.linalg.diagonal(x)))(x)
        array([[1., 0., 0.],
               [0., 1., 0.]])
    """
    return ops.diagonal(x, offset, axis1=-2, axis2=-1)


@opened
def trace(x: Array, /, *, offset: int = 0, dtype: DTypeLike | None = None) -> Array:
    """Sums of the diagonals of matrices in the last two axes.

    With `offset`, of the diagonals so many places above the main one, or below it where it is
    negative; computed and returned in `dtype` if one is given.

    Example:
        >>> gg.linalg.trace(np.arange(8.0).reshape(2, 2, 2))
        array([ 3., 11.])
        >>> gg.grad(gg.linalg.trace)(np.ones((2, 2)))
        array([[1., 0.],
               [0., 1.]])
    """
    return ops.trace(x, offset, axis1=-2, axis2=-1, dtype=dtype)


@opened
def cholesky(x: Array, /, *, upper: bool = False) -> Array:
    """Cholesky factor: lower triangular `l` with `l @ l.mT = x`, or upper `u` with `u.mT @ u = x`.

    `x` is symmetric and positive definite; of complex matrices, with the adjoint for the transpose.
    Only the triangle that is asked for is read, as in NumPy, and has a gradient. A matrix that is
    not positive definite raises `numpy.linalg.LinAlgError` on NumPy.

    Example:
        >>> x = np.array([[4.0, 2.0], [2.0, 10.0]])
        >>> gg.linalg.cholesky(x)
        array([[2., 0.],
               [1., 3.]])
        >>> gg.grad(lambda x: gg.sum(gg.linalg.cholesky(x)))(x).round(4)
        array([[0.1667, 0.    ],
               [0.3333, 0.1667]])
    """
    return adjoint(ops.cholesky(adjoint(x, ops)), ops) if upper else ops.cholesky(x)


@opened
def eigh(x: Array, /, *, UPLO: str = "L") -> EighResult[Array]:
    """Eigenvalues in ascending order, and eigenvectors as columns, of symmetric matrices.

    Of complex matrices, Hermitian ones. Only the lower triangle is read, or with `UPLO="U"` the
    upper one, as in NumPy; the other has gradient 0. The signs of the vectors are those that the
    library gives. Where eigenvalues are equal, their vectors are not determined and have no
    gradient.

    Returns:
        A named tuple `(eigenvalues, eigenvectors)`.

    Raises:
        InvalidArgument: For any `UPLO` but "L" and "U".

    Example:
        >>> x = np.array([[2.0, 1.0], [1.0, 2.0]])
        >>> values, vectors = gg.linalg.eigh(x)
        >>> values.round(6), (vectors * values @ vectors.T).round(6)
        (array([1., 3.]), array([[2., 1.],
               [1., 2.]]))
    """
    _check_triangle("eigh", UPLO)
    return EighResult(*ops.eigh(x, upper=UPLO in "Uu"))


@opened
def eigvalsh(x: Array, /, *, UPLO: str = "L") -> Array:
    """Eigenvalues of symmetric matrices, in ascending order.

    Only the triangle that `UPLO` names, "L" or "U", is read and has a gradient; see `eigh`. Equal
    eigenvalues have slopes that depend on the choice of their vectors; a sum of them has not.

    Raises:
        InvalidArgument: For any `UPLO` but "L" and "U".

    Example:
        >>> x = np.diag([3.0, 1.0, 2.0])
        >>> gg.linalg.eigvalsh(x)
        array([1., 2., 3.])
        >>> gg.grad(lambda x: gg.linalg.eigvalsh(x)[0])(x)
        array([[0., 0., 0.],
               [0., 1., 0.],
               [0., 0., 0.]])
    """
    _check_triangle("eigvalsh", UPLO)
    return ops.eigvalsh(adjoint(x, ops) if UPLO in "Uu" else x)


def _check_triangle(name: str, triangle: str) -> None:
    if triangle not in ("L", "U", "l", "u"):
        raise InvalidArgument(f"{name}: UPLO is {triangle!r}; expected 'L' or 'U'.")


@opened
def cross(x1: Array, x2: Array, /, *, axis: int = -1) -> Array:
    """Cross products of vectors with three components along `axis`; the other axes broadcast.

    Example:
        >>> x, y = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
        >>> gg.linalg.cross(x, y)
        array([0., 0., 1.])
    """
    return ops.cross(x1, x2, axis=axis)


@opened
def eig(x: Array, /) -> EigResult[Array]:
    """Eigenvalues, in no order, and eigenvectors of length 1 as columns; both are complex.

    The gradient is that of functions to which the phases of the vectors do not matter. Where
    eigenvalues are equal, their vectors are not determined and have no gradient. For symmetric
    matrices, `eigh` gives real ones.

    Returns:
        A named tuple `(eigenvalues, eigenvectors)`.

    Example:
        >>> turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
        >>> values, vectors = gg.linalg.eig(turn)
        >>> np.allclose(turn @ vectors, vectors * values), np.sort(values.imag).round(6)
        (True, array([-1.,  1.]))
    """
    return EigResult(*ops.eig(x))


@opened
def slogdet(x: Array, /) -> SlogdetResult[Array]:
    """Sign (or complex phase) and logarithm of the absolute value of the determinant.

    Where the determinant itself would leave the range of numbers, this does not. Of a singular
    matrix the sign is 0 and the logarithm -inf. The gradient is the transposed inverse.

    Returns:
        A named tuple `(sign, logabsdet)`.

    Example:
        >>> round(float(gg.linalg.slogdet(-10.0 * np.eye(301)).logabsdet), 3)
        693.078
        >>> gg.grad(lambda x: gg.linalg.slogdet(x).logabsdet)(np.array([[4.0, 2.0], [2.0, 3.0]]))
        array([[ 0.375, -0.25 ],
               [-0.25 ,  0.5  ]])
    """
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
    """The Moore-Penrose pseudoinverse of matrices.

    It is `inv` where that exists, and else what gives the shortest solution of least squares. The
    gradient is that among matrices of the same rank.

    Args:
        x: Matrices of shape `(..., m, n)`; the result has shape `(..., n, m)`.
        rtol: Singular values of at most this share of the largest count as 0; by default, what
            rounding makes of them.
        rcond: NumPy's other name of `rtol`.
        hermitian: Whether the matrices are; then the lower triangle alone is read.

    Example:
        >>> gg.linalg.pinv(np.array([[2.0, 0.0], [0.0, 4.0], [0.0, 0.0]]))
        array([[0.5 , 0.  , 0.  ],
               [0.  , 0.25, 0.  ]])
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
    """Rank: the number of singular values above `tol`, or above `rtol` times the largest.

    By default, `rtol` is what rounding makes of zeros. Of `hermitian` matrices, the lower triangle
    alone is read. A vector has rank 1, or 0 if it is 0. The result is an integer and has no
    gradient.

    Example:
        >>> gg.linalg.matrix_rank(np.ones((3, 3)))
        array(1)
        >>> gg.linalg.matrix_rank(np.diag([1.0, 1e-3]), tol=0.01)
        array(1)
    """
    if len(shape_of(x)) < 2:
        return ops.astype(ops.any(ops.not_equal(x, 0)), "int64")
    if tol is None and not hermitian:
        return ops.matrix_rank(x, rtol=bounds(rtol, None, "matrix_rank"))
    sizes = ops.abs(ops.eigvalsh(x)) if hermitian else ops.svdvals(x)
    limit: Array | float = tol if tol is not None else 0.0
    if tol is None:
        largest = ops.max(sizes, axis=-1, keepdims=True)
        eps = float(finfo(sizes.dtype).eps)
        share = max(shape_of(x)[-2:]) * eps if rtol is None else settled(rtol)
        limit = ops.multiply(largest, share)
    return ops.sum(ops.astype(ops.greater(sizes, limit), "int64"), axis=-1)


@opened
def cond(x: Array, /, p: float | str | None = None) -> Array:
    """Condition number of matrices: the norm of each times the norm of its inverse.

    `p` is the norm, as `ord` of `norm`; without one it is 2, the quotient of the largest singular
    value and the smallest. Of a singular matrix that is infinite.

    Example:
        >>> x = np.array([[10.0, 0.0], [0.0, 2.0]])
        >>> gg.linalg.cond(x)
        array(5.)
        >>> np.diag(gg.grad(gg.linalg.cond)(x)).round(6)
        array([ 0.5, -2.5])
    """
    if p in (None, 2, -2):
        s = ops.svdvals(x)
        ends = ops.getitem(s, (..., 0)), ops.getitem(s, (..., -1))
        over, under = ends if p != -2 else reversed(ends)
        nothing = ops.equal(ends[0], 0)             # zeros alone: 0 / 0 would be NaN
        return ops.where(nothing, inf, ops.divide(over, ops.where(nothing, 1, under)))
    sizes = (norm(part, ord=p, axis=(-2, -1)) for part in (x, ops.inv(x)))
    return ops.multiply(*sizes)


def _sides(x: Array, name: str) -> tuple[int, int]:
    """The lengths of the last two axes of matrices."""
    shape = shape_of(x)
    if len(shape) < 2:
        raise InvalidArgument(
            f"{name}: an array of {len(shape)} axes; expected matrices, of two axes or more."
        )
    return shape[-2], shape[-1]


@opened
def qr(x: Array, /, *, mode: str = "reduced") -> QRResult[Array] | Array:
    """QR decomposition: `Q` with orthonormal columns and upper triangular `R` with `x = Q @ R`.

    With `mode="complete"`, `Q` is square; of matrices with more rows than columns, this has no
    gradient, because the other columns are not determined. With `mode="r"`, `R` alone. The signs of
    the rows of `R` are those that the library gives.

    Returns:
        A named tuple `(Q, R)`, or with `mode="r"` an array.

    Raises:
        InvalidArgument: For any other `mode`.
        NotDifferentiable: For a tracked matrix with more rows than columns and `mode="complete"`.

    Example:
        >>> x = np.array([[3.0, 1.0], [4.0, 2.0]])
        >>> q, r = gg.linalg.qr(x)
        >>> abs(r).round(6), np.allclose(q @ r, x)
        (array([[5. , 2.2],
               [0. , 0.4]]), True)
    """
    rows, columns = _sides(x, "qr")
    if mode not in ("reduced", "complete", "r"):
        raise InvalidArgument(f"qr: mode is {mode!r}; expected 'reduced', 'complete' or 'r'.")
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
    """Singular value decomposition `x = U @ diag(S) @ Vh`, with `S` in descending order.

    Args:
        x: Matrices of shape `(..., m, n)`.
        full_matrices: Whether `U` and `Vh` are square; for the gradient, `x` must then be square
            too, because what fills them up is not determined.
        compute_uv: Whether to compute `U` and `Vh`; without, the result is `S` alone.
        hermitian: Whether the matrices are; then the lower triangle alone is read.

    Returns:
        A named tuple `(U, S, Vh)`, or `S`.

    Raises:
        NotDifferentiable: For a tracked matrix that is not square, with `full_matrices`.

    Example:
        >>> x = np.array([[3.0, 0.0], [0.0, 2.0], [0.0, 0.0]])
        >>> u, s, vh = gg.linalg.svd(x, full_matrices=False)
        >>> s, np.allclose(u * s @ vh, x)
        (array([3., 2.]), True)
        >>> x_bar = gg.grad(lambda x: gg.sum(gg.linalg.svd(x, compute_uv=False)))(x)
        >>> np.allclose(x_bar, u @ vh)
        True
    """
    if hermitian:
        x = ops.add(ops.tril(x), adjoint(ops.tril(x, k=-1), ops))
    if not compute_uv:
        return ops.svdvals(x)
    rows, columns = _sides(x, "svd")
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
    """Square matrices to the power `n`; for negative `n`, powers of their inverses.

    `n` is an integer. With 0 it is the identity. It takes about `log2(n)` products.

    Example:
        >>> fibonacci = np.array([[1.0, 1.0], [1.0, 0.0]])
        >>> gg.linalg.matrix_power(fibonacci, 10)
        array([[89., 55.],
               [55., 34.]])
        >>> gg.grad(lambda x: gg.linalg.trace(gg.linalg.matrix_power(x, 3)))(fibonacci)
        array([[6., 3.],
               [3., 3.]])
    """
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
    """Product of matrices, in the order that takes the fewest multiplications.

    The first may be a vector for a row, and the last for a column, along which the result has no
    axis.

    Raises:
        InvalidArgument: For fewer than two arrays, and for shapes that do not go together.

    Example:
        >>> a, b, v = np.ones((4, 1000)), np.ones((1000, 1000)), np.ones(1000)
        >>> gg.linalg.multi_dot([a, b, v])                  # a @ (b @ v), and not (a @ b) @ v
        array([1000000., 1000000., 1000000., 1000000.])
    """
    if not isinstance(x, list | tuple) or len(x) < 2:
        raise InvalidArgument("multi_dot: expected a list of at least two arrays.")
    parts = list(arrays(*x))
    shapes = [shape_of(part) for part in parts]
    fits = all(len(shape) == 2 for shape in shapes[1:-1])
    if not fits or any(len(shape) not in (1, 2) for shape in (shapes[0], shapes[-1])):
        raise InvalidArgument(
            f"multi_dot: the arrays have the shapes {shapes}; expected matrices, or a vector as "
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
    """Solution `x` of `a @ x = b`, where of `a` only the upper triangle counts, or the `lower` one.

    Args:
        a: Triangular matrices of shape `(..., n, n)`; the other triangle is not read.
        b: A vector, or what holds one in each column.
        trans: 0 or "N" for `a` itself, 1 or "T" for `a.mT @ x = b`, 2 or "C" for the adjoint.
        lower: Whether `a` is lower triangular.
        unit_diagonal: Whether the diagonal is taken for ones, whatever stands there.

    Raises:
        InvalidArgument: For any other `trans`.

    Example:
        >>> a, b = np.array([[2.0, 0.0], [1.0, 4.0]]), np.array([2.0, 9.0])
        >>> gg.linalg.solve_triangular(a, b, lower=True)
        array([1., 2.])
        >>> gg.grad(lambda b: gg.linalg.solve_triangular(a, b, lower=True)[1])(b)
        array([-0.125,  0.25 ])
    """
    if trans not in (0, 1, 2, "N", "T", "C"):
        raise InvalidArgument(f"solve_triangular: trans is {trans!r}; expected 0, 1, 2 or 'NTC'.")
    if trans not in (0, "N"):
        a, lower = adjoint(a, ops) if trans in (2, "C") else ops.matrix_transpose(a), not lower
    return ops.solve_triangular(a, b, lower=lower, unit_diagonal=unit_diagonal)


@opened
def lstsq(a: Array, b: Array, /, *, rcond: float | None = None) -> LstsqResult[Array]:
    """Least squares: the shortest `x` that minimises the norm of `a @ x - b`, `pinv(a) @ b`.

    `b` is a vector or holds one in each column. Singular values of `a` of at most `rcond` times the
    largest count as 0. The gradient is that among matrices of the same rank.

    Returns:
        A named tuple `(x, residuals, rank, s)`: the solution; the sums of squares of `a @ x - b`,
        which NumPy leaves out where `a` has not full rank; the rank; and the singular values of
        `a`.

    Example:
        >>> times = np.array([0.0, 1.0, 2.0, 3.0])
        >>> a = np.stack([np.ones(4), times], axis=1)
        >>> gg.linalg.lstsq(a, np.array([1.0, 3.0, 5.0, 7.0])).x.round(6)       # 1 + 2 t
        array([1., 2.])
        >>> gg.grad(lambda b: gg.linalg.lstsq(a, b).x[1])(np.zeros(4)).round(6)
        array([-0.3, -0.1,  0.1,  0.3])
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
    """Norm of vectors along one axis, or of matrices along two.

    Without `ord`, it is the root of the sum of squares, whose gradient at 0 is 0.

    Args:
        x: An array.
        ord: Which norm: see `vector_norm` for vectors and `matrix_norm` for matrices.
        axis: One axis, of vectors, or two, of matrices. Without, `x` is a vector or a matrix
            itself, or, without `ord` either, of any shape: then the norm is that of all elements.
        keepdims: Whether these axes stay, with length 1.

    Raises:
        InvalidArgument: For an `ord` that does not go with the axes.

    Example:
        >>> x = np.array([3.0, 4.0])
        >>> gg.linalg.norm(x), gg.grad(gg.linalg.norm)(x), gg.grad(gg.linalg.norm)(0 * x)
        (array(5.), array([0.6, 0.8]), array([0., 0.]))
        >>> gg.linalg.norm(np.ones((2, 3)), ord=1, axis=1)
        array([3., 3.])
    """
    ndim, ord = len(shape_of(x)), settled(ord)
    if axis is None and ord is None:
        return vector_norm(x, keepdims=keepdims)
    places = axes_of(axis, ndim, "norm")
    if len(places) == 1 and not isinstance(ord, str):
        return vector_norm(x, axis=places[0], keepdims=keepdims, ord=2 if ord is None else ord)
    if len(places) != 2 or places[0] == places[1]:
        raise InvalidArgument(
            f"norm: ord is {ord!r} along the axes {tuple(places)} of shape {shape_of(x)}; expected "
            "a number for the norm of vectors, along one axis, or two different axes."
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

    With `inf` it is the largest size, with `-inf` the smallest, with 0 how many are not 0. Without
    an axis, all elements are one vector. The gradient at 0 is 0, that of elements which are 0 too.

    Example:
        >>> x = np.array([[3.0, -4.0], [0.0, 2.0]])
        >>> gg.linalg.vector_norm(x, axis=1), gg.linalg.vector_norm(x, ord=np.inf)
        (array([5., 2.]), array(4.))
        >>> gg.grad(lambda x: gg.linalg.vector_norm(x, ord=1))(x)
        array([[ 1., -1.],
               [ 0.,  1.]])
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
    """Norm of matrices in the last two axes.

    `ord` is "fro" for the root of the sum of squares of all elements, "nuc" for the sum of the
    singular values, 2 for the largest of these, -2 for the smallest, 1 and -1 for those of the sums
    of sizes of columns, `inf` and `-inf` for those of rows.

    Equal largest or smallest ones share the gradient of 2, -2, 1, -1, `inf` and `-inf`; where
    singular values are equal, second derivatives of 2 and -2 are not finite. The gradient of "nuc"
    is one of many where singular values are 0.

    Raises:
        InvalidArgument: For any other `ord`.

    Example:
        >>> x = np.array([[3.0, 0.0], [0.0, 4.0]])
        >>> gg.linalg.matrix_norm(x), gg.linalg.matrix_norm(x, ord="nuc")
        (array(5.), array(7.))
        >>> np.diag(gg.grad(lambda x: gg.linalg.matrix_norm(x, ord=2))(x))
        array([0., 1.])
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
            f"matrix_norm: ord is {ord!r}; expected 'fro', 'nuc', 1, -1, 2, -2, inf or -inf."
        )
    return ops.expand_dims(ops.expand_dims(found, axis=-1), axis=-1) if keepdims else found

__dir__ = offered(globals())
