"""Products and linear systems with SciPy's sparse matrices.

A matrix is a constant, or a pattern whose entries are an array of their own, `data`: then the
functions are differentiated in these too. What is computed is SciPy's own, on the host, also in
programs of `gg.jit`; gradients are products and systems with the adjoint matrix, to any order.

>>> import scipy.sparse
>>> laplace = scipy.sparse.diags_array([-1.0, 2.0, -1.0], offsets=[-1, 0, 1], shape=(3, 3))
>>> gg.sparse.solve(laplace, np.ones(3)).round(6)
array([1.5, 2. , 1.5])
>>> gg.grad(lambda b: gg.sparse.solve(laplace, b)[1])(np.ones(3)).round(6)
array([0.5, 1. , 0.5])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from gpugrad.core.half import raised
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.ops.operands import array, shape_of
from gpugrad.transforms.host import host
from gpugrad.types import Array, Operand, offered

__all__ = ["factorized", "matmul", "solve"]

class Matrix(Protocol):
    """A sparse matrix or array of SciPy, in any format."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> np.dtype: ...
    def conj(self) -> Any: ...
    def tocoo(self) -> Any: ...
    def tocsc(self) -> Any: ...
    def __matmul__(self, other: Any) -> Any: ...


def matmul(matrix: Matrix, x: Array, data: Array | None = None) -> Array:
    """Product `matrix @ x` with a vector `x`, or with one whose columns are vectors.

    With `data`, the entries of the matrix are these numbers, in the order of `matrix.tocoo()`, of
    which numbers in one place are added up; the gradient is then by them too.

    Raises:
        UnsupportedOperand: For what is no sparse matrix.
        InvalidArgument: For shapes that do not go with that of the matrix.

    Example:
        >>> import scipy.sparse
        >>> s = scipy.sparse.csr_array([[1.0, 0.0], [0.0, 2.0]])
        >>> gg.grad(lambda x: gg.sum(gg.sparse.matmul(s, x) ** 2) / 2)(np.ones(2))
        array([1., 4.])
        >>> x = np.array([3.0, 5.0])
        >>> gg.grad(lambda data: gg.sum(gg.sparse.matmul(s, x, data)))(s.data)
        array([3., 5.])
    """
    _check("matmul", matrix)
    x = _operand("matmul", matrix, x)
    found: Array
    if data is None:
        found = _linear(lambda x: _times(matrix, x), lambda g: _times(_adjoint(matrix), g))(x)
    else:
        found = _products(matrix)[0](_entries("matmul", matrix, data), x)
    return found


def solve(matrix: Matrix, b: Array, data: Array | None = None) -> Array:
    """Solution `x` of `matrix @ x = b`, for a vector `b` or one whose columns are vectors.

    With `data`, the entries of the matrix are these numbers, as in `matmul`. The matrix is
    factorised at each call and once more for the gradient; to solve several systems, see
    `factorized`.

    Raises:
        UnsupportedOperand: For what is no sparse matrix.
        InvalidArgument: For a matrix that is not square, and for other shapes that do not go
            together.
        RuntimeError: SciPy's, for a singular matrix.

    Example:
        >>> import scipy.sparse
        >>> s, b = scipy.sparse.csr_array([[1.0, 0.0], [0.0, 2.0]]), np.array([3.0, 8.0])
        >>> gg.sparse.solve(s, b)
        array([3., 4.])
        >>> gg.grad(lambda data: gg.sum(gg.sparse.solve(s, b, data)))(s.data)
        array([-3., -2.])
    """
    _check_square("solve", matrix)
    b = _operand("solve", matrix, b)
    found: Array
    if data is None:
        found = _linear(lambda b: _Factors(matrix)(b), lambda g: _Factors(matrix)(g, "H"))(b)
    else:
        found = _systems(matrix)[0](_entries("solve", matrix, data), b)
    return found


def factorized(matrix: Matrix) -> Callable[[Array], Array]:
    """A function that returns `solve(matrix, b)` for any `b`; the matrix is factorised only once.

    It may be called with Tensors, in `gg.jit` and `gg.vmap`, and is differentiated as `solve` is,
    by `b`.

    Raises:
        UnsupportedOperand: For what is no sparse matrix.
        InvalidArgument: For a matrix that is not square.

    Example:
        >>> import scipy.sparse
        >>> solve = gg.sparse.factorized(scipy.sparse.csr_array([[1.0, 0.0], [0.0, 2.0]]))
        >>> solve(np.array([3.0, 8.0])), gg.grad(lambda b: gg.sum(solve(b)))(np.ones(2))
        (array([3., 4.]), array([1. , 0.5]))
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


def _times(matrix: Matrix, x: np.ndarray) -> np.ndarray:
    # Matrices of one row in SciPy's format coo give a number for a vector of one element.
    return np.reshape(matrix @ x, (matrix.shape[0], *x.shape[1:]))


def _adjoint(matrix: Matrix) -> Matrix:
    found: Matrix = matrix.conj().T
    return found


# Of a matrix with entries of its own: `pick(g, x)` in rules is the slope of these, the part of the
# matrix `g @ x.conj().T` in their places. What runs on the host closes over the matrix alone, by
# which it is known again when the program is traced again.


def _products(matrix: Matrix) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The product with the matrix of given entries, and that with its adjoint."""
    pick = _picker(matrix)
    there: Callable[..., Any] = host(
        lambda data, x: _times(_filled(matrix, data), x),
        vjp=lambda g, y, data, x: (pick(g, x), back(data, g)),
    )
    back: Callable[..., Any] = host(
        lambda data, g: _times(_adjoint(_filled(matrix, data)), g),
        vjp=lambda h, y, data, g: (pick(g, h), there(data, h)),
    )
    return there, back


def _systems(matrix: Matrix) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The solution of the system of given entries, and that of the adjoint one."""
    pick = _picker(matrix)

    def of_system(g: Array, y: Array, data: Array, b: Array) -> tuple[Array, Array]:
        adjoint = back(data, g)
        return ops.negative(pick(adjoint, y)), adjoint

    def of_adjoint(h: Array, y: Array, data: Array, g: Array) -> tuple[Array, Array]:
        solution = there(data, h)
        return ops.negative(pick(y, solution)), solution

    there: Callable[..., Any] = host(
        lambda data, b: _Factors(_filled(matrix, data))(b), vjp=of_system
    )
    back: Callable[..., Any] = host(
        lambda data, g: _Factors(_filled(matrix, data))(g, "H"), vjp=of_adjoint
    )
    return there, back


def _filled(matrix: Matrix, data: np.ndarray) -> Any:
    """The matrix with these entries."""
    from scipy.sparse import csc_array

    places = matrix.tocoo()
    return csc_array((data, (places.row, places.col)), shape=matrix.shape)


def _picker(matrix: Matrix) -> Callable[[Array, Array], Array]:
    places = matrix.tocoo()
    rows, columns = np.array(places.row, np.int64), np.array(places.col, np.int64)

    def pick(g: Array, x: Array) -> Array:
        chosen = ops.multiply(ops.take(g, rows, axis=0), ops.conj(ops.take(x, columns, axis=0)))
        return chosen if len(shape_of(chosen)) == 1 else ops.sum(chosen, axis=-1)

    return pick


def _entries(name: str, matrix: Matrix, data: Operand) -> Array:
    """The entries as an array of as many."""
    found, n = array(data, np.zeros(())), len(matrix.tocoo().data)
    if shape_of(found) != (n,):
        raise InvalidArgument(
            f"sparse.{name}: data has shape {shape_of(found)}; expected ({n},), one number for "
            "each entry of matrix.tocoo()."
        )
    return raised(found)


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
            f"sparse.{name}: a matrix of shape {matrix.shape}; expected a square one."
        )


def _check(name: str, matrix: Matrix) -> None:
    if not hasattr(matrix, "tocsc") or len(matrix.shape) != 2:
        way = " Write matrix.to_scipy_sparse()." if hasattr(matrix, "to_scipy_sparse") else ""
        raise UnsupportedOperand(
            f"sparse.{name}: the matrix is a {type(matrix).__name__}; expected one of SciPy's "
            f"sparse matrices, of two axes.{way}"
        )


def _operand(name: str, matrix: Matrix, x: Operand) -> Array:
    """The operand as an array, whose shape goes with that of the matrix."""
    found = array(x, np.zeros(()))
    shape = shape_of(found)
    if len(shape) not in (1, 2) or shape[0] != matrix.shape[1]:
        raise InvalidArgument(
            f"sparse.{name}: a matrix of shape {matrix.shape} and an operand of shape {shape}; "
            f"expected ({matrix.shape[1]},) or ({matrix.shape[1]}, n)."
        )
    return raised(found)                            # SciPy's know no numbers of 16 bits

__dir__ = offered(globals())
