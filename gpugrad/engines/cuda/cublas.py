"""Matrix products by cuBLAS, through a handle of our own, so that a graph can capture them.

CuPy refuses its cuBLAS in a capture. A handle of our own needs no more than that its stream is the
capturing one and that its workspace is given: without one, cuBLAS allocates. Setting the stream
takes the workspace away, so it is set after it. A graph has a handle and a workspace for itself,
because two that run side by side must not share these.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from gpugrad.engines.cuda.product import Matrix

if TYPE_CHECKING:
    import cupy
from gpugrad.errors import BackendUnavailable

WORKSPACE = 32 * 2**20
"""Bytes: what NVIDIA recommends for Hopper."""

LONGEST = 120
"""Characters of what is said of a library that was not loaded."""

_TYPES = {"float32": (0, 68, ctypes.c_float), "float64": (1, 70, ctypes.c_double)}
"""For a dtype: `CUDA_R_32F` and the like, `CUBLAS_COMPUTE_32F` and the like, and a number of C."""

_TF32 = 77  # CUBLAS_COMPUTE_32F_FAST_TF32

_DEFAULT = -1  # CUBLAS_GEMM_DEFAULT

_ARGUMENTS: dict[str, list[object]] = {
    "cublasCreate_v2": [ctypes.POINTER(ctypes.c_void_p)],
    "cublasSetStream_v2": [ctypes.c_void_p] * 2,
    "cublasSetWorkspace_v2": [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t],
    # handle, transposes, m n k, alpha, A with type, leading dimension and stride, B, beta, C,
    # number of matrices, compute type, algorithm
    "cublasGemmStridedBatchedEx": [
        ctypes.c_void_p, *[ctypes.c_int] * 5, ctypes.c_void_p,
        *[ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_longlong] * 2,
        *[ctypes.c_void_p], *[ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_longlong],
        *[ctypes.c_int] * 3,
    ],
}  # fmt: skip


def library() -> ctypes.CDLL | None:
    """The library that CuPy would load, or `None` where it is not installed."""
    return _loaded()[0]


def why_missing() -> str:
    """Why there is no `library`."""
    return _loaded()[1]


@cache
def _loaded() -> tuple[ctypes.CDLL | None, str]:
    try:
        from cuda import pathfinder

        found = ctypes.CDLL(pathfinder.load_nvidia_dynamic_lib("cublas").abs_path)
    except (ImportError, RuntimeError, OSError) as error:   # what is not found: a RuntimeError
        return None, f"was not loaded: {' '.join(str(error).split())[:LONGEST]}"
    for name, types in _ARGUMENTS.items():
        getattr(found, name).argtypes = types
    return found, ""


def tf32_is_allowed() -> bool:
    """Whether operands of float32 products may be rounded to 11 bits: as in CuPy's own products."""
    return int(os.environ.get("CUPY_TF32", "0")) > 0


_unused: dict[int, list[ctypes.c_void_p]] = {}
"""Handles that are free, by device. None is destroyed: that waits for the device, which ends the
captures of all threads, and what goes away may do so at any time."""


class Blas:
    """A handle with its workspace. It and the memory of the matrices must outlive the graph."""

    def __init__(self) -> None:
        import cupy

        self._workspace = cupy.empty(WORKSPACE, "uint8")
        self._device = cupy.cuda.Device().id
        try:
            self._handle = _unused[self._device].pop()
        except LookupError:
            made = ctypes.c_void_p()
            self._call("cublasCreate_v2", ctypes.byref(made))
            self._handle = made

    def __del__(self) -> None:
        if hasattr(self, "_handle"):
            _unused.setdefault(self._device, []).append(self._handle)

    def _call(self, name: str, *arguments: object) -> None:
        status = getattr(library(), name)(*arguments)
        if status:
            raise BackendUnavailable(
                f"{name} failed with status {status} of cuBLAS: see whether the GPU has memory "
                "left, and whether the installed cuBLAS fits its driver."
            )

    def product(
        self,
        shape: tuple[int, int, int, int],
        dtype: str,
        left: tuple[cupy.ndarray, Matrix],
        right: tuple[cupy.ndarray, Matrix],
        result: cupy.ndarray,
    ) -> Callable[[], None]:
        """What multiplies the matrices of two arrays into `result`, on the stream then current.

        `shape` is how many products there are, their rows, columns and depth. In the matrices,
        rows or columns must lie in order.
        """
        import cupy

        count, m, n, k = shape
        kind, compute, number = _TYPES[dtype]
        if dtype == "float32" and tf32_is_allowed():
            compute = _TF32
        one, zero = number(1), number(0)
        # cuBLAS counts down the columns: what it takes for a matrix is the transpose of ours, so
        # it multiplies right by left, and gets the transpose of our result.
        operands: list[tuple[int, int, int, int]] = []
        turned: list[int] = []
        for (array, matrix), rows, columns in ((right, k, n), (left, m, k)):
            turned.append(int(matrix.step != 1))
            leading = max(matrix.step, rows) if turned[-1] else max(matrix.row, columns)
            operands.append((array.data.ptr, kind, leading, matrix.next))
        settings = (
            *turned, n, m, k, ctypes.byref(one), *operands[0], *operands[1], ctypes.byref(zero),
            result.data.ptr, kind, n, m * n, count, compute, _DEFAULT,
        )  # fmt: skip

        def multiply() -> None:
            stream = cupy.cuda.get_current_stream().ptr
            self._call("cublasSetStream_v2", self._handle, stream)
            workspace = self._workspace
            self._call("cublasSetWorkspace_v2", self._handle, workspace.data.ptr, workspace.nbytes)
            self._call("cublasGemmStridedBatchedEx", self._handle, *settings)

        return multiply
