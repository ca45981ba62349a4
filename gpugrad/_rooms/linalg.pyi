# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

"""Linear algebra: the functions of the Array API standard, and some of NumPy's and SciPy's.

Matrices are the last two axes.
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
    """Determinant of square matrices. Two derivatives are exact also for singular ones."""

@overload
def eigvals(x: ndarray) -> ndarray: ...
@overload
def eigvals(x: Tensor) -> Tensor: ...
@overload
def eigvals(x: Operand) -> Array:
    """Eigenvalues of square matrices, in no order, as complex numbers."""

@overload
def expm(x: ndarray) -> ndarray: ...
@overload
def expm(x: Tensor) -> Tensor: ...
@overload
def expm(x: Operand) -> Array:
    """The exponential of square matrices, `1 + x + x @ x / 2 + ...`.

    N. Higham, "The scaling and squaring method for the matrix exponential revisited" (2005).
    """

@overload
def inv(x: ndarray) -> ndarray: ...
@overload
def inv(x: Tensor) -> Tensor: ...
@overload
def inv(x: Operand) -> Array:
    """Inverse of square matrices. A singular one raises NumPy's LinAlgError on the CPU."""

@overload
def matmul(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> ndarray: ...
@overload
def matmul(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def matmul(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def matmul(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Array:
    """Matrix product of the last two axes, batched over the others; a vector has one axis."""

@overload
def matrix_transpose(x: ndarray) -> ndarray: ...
@overload
def matrix_transpose(x: Tensor) -> Tensor: ...
@overload
def matrix_transpose(x: Operand) -> Array:
    """`x` with its last two axes swapped."""

@overload
def solve(a: ndarray, b: ndarray | generic | complex) -> ndarray: ...
@overload
def solve(a: Tensor, b: Operand) -> Tensor: ...
@overload
def solve(a: Operand, b: Tensor) -> Tensor: ...
@overload
def solve(a: Operand, b: Operand) -> Array:
    """The `x` with `a @ x = b`, for square `a`; `b` is a vector or holds one in each column."""

@overload
def svdvals(x: ndarray) -> ndarray: ...
@overload
def svdvals(x: Tensor) -> Tensor: ...
@overload
def svdvals(x: Operand) -> Array:
    """Singular values, falling."""

@overload
def tensordot(x1: ndarray, x2: ndarray | generic | complex, /, *, axes: int | Sequence[int | Sequence[int]] = 2) -> ndarray: ...
@overload
def tensordot(x1: Tensor, x2: Operand, /, *, axes: int | Sequence[int | Sequence[int]] = 2) -> Tensor: ...
@overload
def tensordot(x1: Operand, x2: Tensor, /, *, axes: int | Sequence[int | Sequence[int]] = 2) -> Tensor: ...
@overload
def tensordot(x1: Operand, x2: Operand, /, *, axes: int | Sequence[int | Sequence[int]] = 2) -> Array:
    """Sums of products over axes of `x1` and `x2`: the last of one with the first of the other, so
    many of them, or those that a pair names: for each of the two an axis, or several.
    """

@overload
def vecdot(x1: ndarray, x2: ndarray | generic | complex, /, *, axis: int = -1, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> ndarray: ...
@overload
def vecdot(x1: Tensor, x2: Operand, /, *, axis: int = -1, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def vecdot(x1: Operand, x2: Tensor, /, *, axis: int = -1, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def vecdot(x1: Operand, x2: Operand, /, *, axis: int = -1, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Array:
    """Sums of `conj(x1) * x2` along `axis`; the other axes broadcast."""
