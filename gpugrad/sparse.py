"""Products and systems with sparse matrices of SciPy, as functions of the dense operand.

The matrix is a constant: it has no gradient. What is computed is SciPy's own, on the host, also in
programs of `gg.jit`; the gradients are products and systems with the adjoint matrix, to any order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.ops.operands import array, shape_of
from gpugrad.transforms.host import host
from gpugrad.types import Array, Operand

__all__ = ["factorized", "matmul", "solve"]


class Matrix(Protocol):
    """A sparse matrix or array of SciPy, in any format."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> np.dtype: ...
    def conj(self) -> Any: ...
    def tocsc(self) -> Any: ...
    def __matmul__(self, other: Any) -> Any: ...


def matmul(matrix: Matrix, x: Array) -> Array:
    """`matrix @ x` for a vector `x`, or one whose columns are vectors.

    Raises `UnsupportedOperand` for what is no sparse matrix.

    >>> import numpy as np, scipy.sparse
    >>> s = scipy.sparse.diags([1.0, 2.0])
    >>> gg.grad(lambda x: gg.sum(gg.sparse.matmul(s, x) ** 2) / 2)(np.ones(2))
    array([1., 4.])
    """
    _check("matmul", matrix)
    x = _operand("matmul", matrix, x)
    found: Array = _linear(lambda x: matrix @ x, lambda g: matrix.conj().T @ g)(x)
    return found


def solve(matrix: Matrix, b: Array) -> Array:
    """The `x` with `matrix @ x = b`, for a vector `b` or one whose columns are vectors.

    The matrix is factorised at each call and once more for its gradient; for several, see
    `factorized`. Raises `UnsupportedOperand` for what is no sparse matrix, `InvalidArgument` for
    one that is not square, and SciPy's `RuntimeError` for a singular one.
    """
    _check_square("solve", matrix)
    b = _operand("solve", matrix, b)
    found: Array = _linear(lambda b: _Factors(matrix)(b), lambda g: _Factors(matrix)(g, "H"))(b)
    return found


def factorized(matrix: Matrix) -> Callable[[Array], Array]:
    """The function that gives `solve(matrix, b)` for any `b`, of a matrix factorised now, once.

    It may be called with Tensors, in `gg.jit` and `gg.vmap`, and is differentiated as `solve` is.
    """
    _check_square("factorized", matrix)
    factors = _Factors(matrix)
    solver = _linear(lambda b: factors(b), lambda g: factors(g, "H"))

    def solved(b: Array) -> Array:
        found: Array = solver(_operand("factorized", matrix, b))
        return found

    return solved


def _linear(function: Callable[..., Any], adjoint: Callable[..., Any]) -> Callable[..., Any]:
    """A linear function of an array by its code on the host and that of its adjoint."""
    there: Callable[..., Any] = host(function, vjp=lambda g, y, x: back(g))
    back: Callable[..., Any] = host(adjoint, vjp=lambda g, y, x: there(g))
    return there


class _Factors:
    """The factors of a matrix, in double precision, which are there for operands of any dtype."""

    def __init__(self, matrix: Matrix) -> None:
        from scipy.sparse.linalg import splu

        self._dtype = matrix.dtype
        wide = np.result_type(matrix.dtype, np.float64)
        self._is_complex = wide.kind == "c"
        self._factors = splu(matrix.tocsc().astype(wide))

    def __call__(self, b: np.ndarray, trans: str = "N") -> np.ndarray:
        """What solves the system, or that of the adjoint matrix, in the dtype of both."""
        dtype = np.result_type(self._dtype, b.dtype)
        wide = b.astype(np.result_type(b.dtype, np.float64))
        if self._is_complex:
            found = self._factors.solve(wide.astype(complex), trans=trans)
        elif wide.dtype.kind == "c":
            both = (wide.real, wide.imag)
            parts = (self._factors.solve(part.copy(), trans=trans) for part in both)
            found = next(parts) + 1j * next(parts)
        else:
            found = self._factors.solve(wide, trans=trans)
        return found.astype(dtype) if dtype.kind in "fc" else found  # type: ignore[no-any-return]


def _check_square(name: str, matrix: Matrix) -> None:
    _check(name, matrix)
    if matrix.shape[0] != matrix.shape[1]:
        raise InvalidArgument(
            f"sparse.{name}: a matrix of shape {matrix.shape}; wanted is a square one."
        )


def _check(name: str, matrix: Matrix) -> None:
    if not hasattr(matrix, "tocsc") or len(matrix.shape) != 2:
        way = " Write matrix.to_scipy_sparse()." if hasattr(matrix, "to_scipy_sparse") else ""
        raise UnsupportedOperand(
            f"sparse.{name}: the matrix is a {type(matrix).__name__}; wanted is one of SciPy's "
            f"sparse matrices, of two axes.{way}"
        )


def _operand(name: str, matrix: Matrix, x: Operand) -> Array:
    """The operand as an array, whose shape goes with that of the matrix."""
    found = array(x, np.zeros(()))
    shape = shape_of(found)
    if len(shape) not in (1, 2) or shape[0] != matrix.shape[1]:
        raise InvalidArgument(
            f"sparse.{name}: a matrix of shape {matrix.shape} and an operand of shape {shape}; "
            f"wanted is ({matrix.shape[1]},) or ({matrix.shape[1]}, n)."
        )
    return found
