# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

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

from collections.abc import Sequence
from gpugrad.core.tensor import Tensor
from gpugrad.linalg import cholesky as cholesky
from gpugrad.linalg import cond as cond
from gpugrad.linalg import cross as cross
from gpugrad.linalg import diagonal as diagonal
from gpugrad.linalg import eig as eig
from gpugrad.linalg import eigh as eigh
from gpugrad.linalg import eigvalsh as eigvalsh
from gpugrad.linalg import lstsq as lstsq
from gpugrad.linalg import matrix_norm as matrix_norm
from gpugrad.linalg import matrix_power as matrix_power
from gpugrad.linalg import matrix_rank as matrix_rank
from gpugrad.linalg import multi_dot as multi_dot
from gpugrad.linalg import norm as norm
from gpugrad.linalg import outer as outer
from gpugrad.linalg import pinv as pinv
from gpugrad.linalg import qr as qr
from gpugrad.linalg import slogdet as slogdet
from gpugrad.linalg import solve_triangular as solve_triangular
from gpugrad.linalg import svd as svd
from gpugrad.linalg import tensorinv as tensorinv
from gpugrad.linalg import tensorsolve as tensorsolve
from gpugrad.linalg import trace as trace
from gpugrad.linalg import vector_norm as vector_norm
from gpugrad.types import Array
from gpugrad.types import Operand
from numpy import generic
from numpy import ndarray
from typing import Any
from typing import overload

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

@overload
def det(x: ndarray) -> ndarray: ...
@overload
def det(x: Tensor) -> Tensor: ...
@overload
def det(x: Operand) -> Array:
    """Determinant of square matrices in the last two axes; the others are a batch.

    The gradient and its own gradient are exact also for singular matrices.

    Example:
        >>> gg.linalg.det(np.array([[1.0, 2.0], [3.0, 4.0]])).round(6)
        np.float64(-2.0)
        >>> gg.grad(gg.linalg.det)(np.array([[1.0, 2.0], [2.0, 4.0]])).round(6)
        array([[ 4., -2.],
               [-2.,  1.]])
    """

@overload
def eigvals(x: ndarray) -> ndarray: ...
@overload
def eigvals(x: Tensor) -> Tensor: ...
@overload
def eigvals(x: Operand) -> Array:
    """Eigenvalues of square matrices, in no order, as complex numbers.

    Example:
        >>> a = np.array([[0.0, 1.0], [-1.0, 0.0]])
        >>> gg.sort(gg.imag(gg.linalg.eigvals(a))).round(6)
        array([-1.,  1.])
        >>> gg.grad(lambda a: gg.sum(gg.real(gg.linalg.eigvals(a) ** 2)))(a).round(6) + 0.0
        array([[ 0., -2.],
               [ 2.,  0.]])
    """

@overload
def expm(x: ndarray) -> ndarray: ...
@overload
def expm(x: Tensor) -> Tensor: ...
@overload
def expm(x: Operand) -> Array:
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

@overload
def inv(x: ndarray) -> ndarray: ...
@overload
def inv(x: Tensor) -> Tensor: ...
@overload
def inv(x: Operand) -> Array:
    """Inverse of square matrices in the last two axes; the others are a batch.

    Raises:
        numpy.linalg.LinAlgError: On the CPU, for singular matrices.

    Example:
        >>> x = np.array([[2.0, 1.0], [0.0, 4.0]])
        >>> gg.linalg.inv(x)
        array([[ 0.5  , -0.125],
               [ 0.   ,  0.25 ]])
    """

@overload
def matmul(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> ndarray: ...
@overload
def matmul(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def matmul(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def matmul(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Array:
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

@overload
def matrix_transpose(x: ndarray) -> ndarray: ...
@overload
def matrix_transpose(x: Tensor) -> Tensor: ...
@overload
def matrix_transpose(x: Operand) -> Array:
    """The array `x` with its last two axes swapped: a view.

    Example:
        >>> gg.matrix_transpose(np.array([[1, 2, 3], [4, 5, 6]]))
        array([[1, 4],
               [2, 5],
               [3, 6]])
        >>> gg.matrix_transpose(np.zeros((7, 2, 3))).shape
        (7, 3, 2)
    """

@overload
def solve(a: ndarray, b: ndarray | generic | complex) -> ndarray: ...
@overload
def solve(a: Tensor, b: Operand) -> Tensor: ...
@overload
def solve(a: Operand, b: Tensor) -> Tensor: ...
@overload
def solve(a: Operand, b: Operand) -> Array:
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

@overload
def svdvals(x: ndarray) -> ndarray: ...
@overload
def svdvals(x: Tensor) -> Tensor: ...
@overload
def svdvals(x: Operand) -> Array:
    """Singular values in descending order, as many as the shorter side is long.

    Example:
        >>> a = np.array([[3.0, 0.0], [0.0, 5.0], [0.0, 0.0]])
        >>> gg.linalg.svdvals(a).round(6)
        array([5., 3.])
        >>> gg.grad(lambda a: gg.max(gg.linalg.svdvals(a)))(a).round(6) + 0.0
        array([[0., 0.],
               [0., 1.],
               [0., 0.]])
    """

@overload
def tensordot(x1: ndarray, x2: ndarray | generic | complex, /, *, axes: int | Sequence[int | Sequence[int]] = 2) -> ndarray: ...
@overload
def tensordot(x1: Tensor, x2: Operand, /, *, axes: int | Sequence[int | Sequence[int]] = 2) -> Tensor: ...
@overload
def tensordot(x1: Operand, x2: Tensor, /, *, axes: int | Sequence[int | Sequence[int]] = 2) -> Tensor: ...
@overload
def tensordot(x1: Operand, x2: Operand, /, *, axes: int | Sequence[int | Sequence[int]] = 2) -> Array:
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

@overload
def vecdot(x1: ndarray, x2: ndarray | generic | complex, /, *, axis: int = -1, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> ndarray: ...
@overload
def vecdot(x1: Tensor, x2: Operand, /, *, axis: int = -1, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def vecdot(x1: Operand, x2: Tensor, /, *, axis: int = -1, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def vecdot(x1: Operand, x2: Operand, /, *, axis: int = -1, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Array:
    """Sums of `conj(x1) * x2` along `axis`; the other axes broadcast.

    Example:
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> gg.vecdot(x, np.array([1.0, 10.0]))
        array([21., 43.])
        >>> gg.grad(lambda y: gg.sum(gg.vecdot(x, y)))(np.array([1.0, 10.0]))
        array([4., 6.])
    """
