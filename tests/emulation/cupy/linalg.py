"""The part of `cupy.linalg` that gpugrad uses, done by NumPy's functions.

CuPy calls cuSOLVER and cuBLAS for these, in float32, float64 and their complex dtypes alone
(`cupy/linalg/_util.py`); by default it does not look whether they succeeded (`cupyx.errstate`), so
a singular matrix gives numbers that are not finite, where NumPy raises.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cupy import _device
from cupy._array import made
from cupy._functions import host

NAMES = (
    "cholesky", "det", "eig", "eigh", "eigvals", "eigvalsh", "inv", "matrix_power", "norm", "pinv",
    "qr", "slogdet", "solve", "svd",
)  # fmt: skip


def _function(name: str) -> Callable[..., Any]:
    numpys = getattr(np.linalg, name)

    def function(*args: Any, **kwargs: Any) -> Any:
        _device.forbid(f"cupy.linalg.{name}")
        operands = [host(x) if hasattr(x, "_host") else x for x in args]
        try:
            result = numpys(*operands, **kwargs)
        except np.linalg.LinAlgError:
            if name not in ("cholesky", "inv", "solve"):
                raise
            result = np.full(np.shape(operands[-1]), np.nan, operands[-1].dtype)
        if isinstance(result, tuple):
            return tuple(made(name, np.asarray(x)) for x in result)
        return made(name, np.asarray(result))

    function.__name__ = name
    return function


globals().update({name: _function(name) for name in NAMES})


def matrix_rank(M: Any, tol: Any = None) -> Any:
    return made("matrix_rank", np.asarray(np.linalg.matrix_rank(host(M), tol)))


def lstsq(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError("cupy.linalg.lstsq is not emulated")


__all__ = [*NAMES, "lstsq", "matrix_rank"]
