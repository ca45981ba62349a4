"""Products and systems with sparse matrices of SciPy, as functions of the dense operand.

The matrix is a constant: it has no gradient. What is computed is SciPy's own, on the host, also in
programs of `gg.jit`; the gradients are products and systems with the adjoint matrix, to any order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.ops.operands import shape_of
from gpugrad.transforms.host import host
from gpugrad.types import Array

__all__ = ["factorized", "matmul", "solve"]


class Matrix(Protocol):
    """A sparse matrix or array of SciPy, in any format."""

    @property
    def shape(self) -> tuple[int, ...]: ...
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
    _check("matmul", matrix, x)
    found: Array = _linear(lambda x: matrix @ x, lambda g: matrix.conj().T @ g)(x)
    return found


def solve(matrix: Matrix, b: Array) -> Array:
    """The `x` with `matrix @ x = b`, for a vector `b` or one whose columns are vectors.

    The matrix is factorised at each call and once more for its gradient; for several, see
    `factorized`. Raises `UnsupportedOperand` for what is no sparse matrix, `InvalidArgument` for
    one that is not square, and SciPy's `RuntimeError` for a singular one.
    """
    _check("solve", matrix, b)
    _check_square("solve", matrix)
    found: Array = _linear(
        lambda b: _factors(matrix).solve(b), lambda g: _factors(matrix).solve(g, trans="H")
    )(b)
    return found


def factorized(matrix: Matrix) -> Callable[[Array], Array]:
    """The function that gives `solve(matrix, b)` for any `b`, of a matrix factorised now, once.

    It may be called with Tensors, in `gg.jit` and `gg.vmap`, and is differentiated as `solve` is.
    """
    _check_square("factorized", matrix)
    factors = _factors(matrix)
    solver = _linear(lambda b: factors.solve(b), lambda g: factors.solve(g, trans="H"))

    def solved(b: Array) -> Array:
        _check("factorized", matrix, b)
        found: Array = solver(b)
        return found

    return solved


def _linear(function: Callable[..., Any], adjoint: Callable[..., Any]) -> Callable[..., Any]:
    """A linear function of an array by its code on the host and that of its adjoint."""
    there = host(function, vjp=lambda g, y, x: back(g))
    back = host(adjoint, vjp=lambda g, y, x: there(g))
    return there


def _factors(matrix: Matrix) -> Any:
    from scipy.sparse.linalg import splu

    return splu(matrix.tocsc())


def _check_square(name: str, matrix: Matrix) -> None:
    if matrix.shape[0] != matrix.shape[1]:
        raise InvalidArgument(
            f"sparse.{name}: a matrix of shape {matrix.shape}; wanted is a square one."
        )


def _check(name: str, matrix: Matrix, x: Array) -> None:
    if not hasattr(matrix, "tocsc") or len(matrix.shape) != 2:
        raise UnsupportedOperand(
            f"sparse.{name}: the matrix is a {type(matrix).__name__}; wanted is one of SciPy's "
            "sparse matrices, of two axes."
        )
    shape = shape_of(x)
    if len(shape) not in (1, 2) or shape[0] != matrix.shape[1]:
        raise InvalidArgument(
            f"sparse.{name}: a matrix of shape {matrix.shape} and an operand of shape {shape}; "
            f"wanted is ({matrix.shape[1]},) or ({matrix.shape[1]}, n)."
        )
