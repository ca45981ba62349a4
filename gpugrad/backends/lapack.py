"""Factors and triangular systems by LAPACK's own routines, which SciPy has, where it is installed.

SciPy's functions look at a small matrix longer than LAPACK computes with it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

Routine = Callable[..., tuple[np.ndarray, int]]

_LETTERS = frozenset("fdFD")
"""Of the dtypes that LAPACK knows."""


@cache
def _routine(name: str, letter: str) -> Routine | None:
    """The routine of that name, for a dtype by its letter."""
    try:
        from scipy.linalg import lapack
    except ImportError:
        return None
    kind = {"f": "s", "d": "d", "F": "c", "D": "z"}[letter]
    found: Routine = getattr(lapack, kind + name)
    return found


def _found(name: str, a: np.ndarray) -> Routine | None:
    """The routine for a square matrix; `None` for all that it does not know."""
    fits = a.ndim == 2 and a.shape[0] == a.shape[1] > 0
    if not fits or a.dtype.char not in _LETTERS or not a.dtype.isnative:
        return None
    return _routine(name, a.dtype.char)


def cholesky(a: np.ndarray) -> Any | None:
    """The lower factor of the lower triangle; `None` where LAPACK cannot be asked.

    Raises `LinAlgError` where there is none.
    """
    potrf = _found("potrf", a)
    if potrf is None:
        return None
    factor, info = potrf(a.T, lower=0)              # rows of ours are columns of LAPACK's
    if info:
        raise np.linalg.LinAlgError("Matrix is not positive definite")
    return factor.T


def solve_triangular(
    a: np.ndarray, b: np.ndarray, lower: bool, unit_diagonal: bool
) -> Any | None:
    """The `x` with `a @ x = b`; `None` where LAPACK cannot be asked.

    Raises `LinAlgError` where a number on the diagonal is 0.
    """
    trtrs = _found("trtrs", a)
    if trtrs is None or not 1 <= b.ndim <= 2 or a.dtype is not b.dtype or len(b) != len(a):
        return None
    if not b.size:
        return None
    if a.flags.f_contiguous:
        x, info = trtrs(a, b, lower=lower, unitdiag=unit_diagonal)
    else:
        x, info = trtrs(a.T, b, lower=not lower, trans=1, unitdiag=unit_diagonal)
    if info:
        raise np.linalg.LinAlgError(f"singular matrix: the number {info - 1} on its diagonal is 0")
    return x
