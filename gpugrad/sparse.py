"""Products and systems with sparse matrices of SciPy, as functions of the dense operand.

The matrix is a constant: it has no gradient. What is computed is SciPy's own, on the host, also in
programs of `gg.jit`; the gradients are products and systems with the adjoint matrix, to any order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import numpy as np

from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.ops.operands import shape_of
from gpugrad.transforms.host import Host, host
from gpugrad.types import Array

__all__ = ["matmul", "solve"]


class Matrix(Protocol):
    """A sparse matrix or array of SciPy, in any format."""

    shape: tuple[int, ...]

    def conj(self) -> Any: ...
    def tocsr(self) -> Any: ...
    def tocsc(self) -> Any: ...


def matmul(matrix: Matrix, x: Array) -> Array:
    """`matrix @ x` for a vector `x`, or one whose columns are vectors.

    Raises `UnsupportedOperand` for what is no sparse matrix.

    >>> import numpy as np, scipy.sparse
    >>> s = scipy.sparse.diags([1.0, 2.0])
    >>> gg.grad(lambda x: gg.sum(gg.sparse.matmul(s, x) ** 2) / 2)(np.ones(2))
    array([1., 4.])
    """
    _check("matmul", matrix, x)
    found: Array = _pair(_products, matrix, _product)(x)
    return found


def solve(matrix: Matrix, b: Array) -> Array:
    """The `x` with `matrix @ x = b`, for a vector `b` or one whose columns are vectors.

    The matrix is factorised once, at its first use, by `scipy.sparse.linalg.splu`, and the factors
    are kept as long as it is. Raises `UnsupportedOperand` for what is no sparse matrix,
    `InvalidArgument` for one that is not square, and SciPy's `RuntimeError` for a singular one.
    """
    _check("solve", matrix, b)
    if matrix.shape[0] != matrix.shape[1]:
        raise InvalidArgument(f"sparse.solve: a matrix of shape {matrix.shape}; wanted: a square.")
    found: Array = _pair(_solvers, matrix, _solver)(b)
    return found


def _check(name: str, matrix: Matrix, x: Array) -> None:
    if not hasattr(matrix, "tocsr") or len(matrix.shape) != 2:
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


_products: WeakKeyDictionary[Any, tuple[Host, Host]] = WeakKeyDictionary()
_solvers: WeakKeyDictionary[Any, tuple[Host, Host]] = WeakKeyDictionary()
"""Those of a matrix and of its adjoint, as long as the matrix is there."""


def _pair(
    kept: WeakKeyDictionary[Any, tuple[Host, Host]], matrix: Any, make: Callable[[Any], Any]
) -> Host:
    if matrix not in kept:
        one, other = make(matrix)
        pair: list[Host] = []
        pair.append(host(one, vjp=lambda g, y, x: pair[1](g)))
        pair.append(host(other, vjp=lambda g, y, x: pair[0](g)))
        kept[matrix] = pair[0], pair[1]
    return kept[matrix][0]


def _product(matrix: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    rows = matrix.tocsr()
    adjoint = rows.conj().T.tocsr()
    return (lambda x: rows @ x), (lambda g: adjoint @ g)


def _solver(matrix: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    from scipy.sparse.linalg import splu

    factors: list[Any] = []

    def solved(b: np.ndarray, trans: str) -> np.ndarray:
        if not factors:
            factors.append(splu(matrix.tocsc()))
        found: np.ndarray = factors[0].solve(np.asarray(b), trans=trans)
        return found

    return (lambda b: solved(b, "N")), (lambda g: solved(g, "H"))
