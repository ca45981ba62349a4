"""Kernels of a source, compiled for the host, launched on the memory of the host: no runtime."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from cuda_on_cpu import compiler


class LaunchFailed(AssertionError):
    """What went wrong in a launch."""


class _Launch(ctypes.Structure):
    """`Launch` of interface.h."""

    _fields_ = (
        ("grid", ctypes.c_uint * 3),
        ("block", ctypes.c_uint * 3),
        ("shared", ctypes.c_size_t),
        ("seed", ctypes.c_uint64),
    )


class _Kernel(ctypes.Structure):
    """`Kernel` of interface.h."""

    _fields_ = (
        ("arguments", ctypes.c_uint),
        ("sizes", ctypes.POINTER(ctypes.c_uint)),
        ("static_shared", ctypes.c_size_t),
        ("max_threads", ctypes.c_uint),
        ("run", ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_void_p, ctypes.POINTER(_Launch))),
    )


class Loaded:
    """The kernels of a source, by name, or by the number of their expression."""

    def __init__(
        self, source: str, options: Sequence[str] = (), name_expressions: Sequence[str] = ()
    ) -> None:
        self._library = ctypes.CDLL(str(compiler.build(source, options, name_expressions)))

    def kernel(self, name: str | int) -> Any:
        """What the module says of a kernel."""
        label = name if isinstance(name, str) else f"expression{name}"
        return _Kernel.in_dll(self._library, f"{label}__kernel")

    def run(
        self,
        name: str | int,
        grid: int | tuple[int, ...],
        block: int | tuple[int, ...],
        *arguments: Any,
        shared: int = 0,
        seed: int = 0,
        memory: Iterable[Any] | None = None,
    ) -> None:
        """Launch a kernel on arrays, which go by their address, and on NumPy's scalars.

        A checked kernel may touch the bytes of `memory`, which are by default those of the arrays.
        Raises `LaunchFailed`.
        """
        kernel = self.kernel(name)
        arrays = [x for x in arguments if isinstance(x, np.ndarray) and x.ndim]
        values = [
            np.array(x.ctypes.data) if isinstance(x, np.ndarray) and x.ndim else np.asarray(x)
            for x in arguments
        ]
        wanted = [kernel.sizes[i] for i in range(kernel.arguments)]
        assert [x.nbytes for x in values] == wanted, f"{name} takes arguments of {wanted} bytes"
        places = (ctypes.c_void_p * max(len(values), 1))(*(x.ctypes.data for x in values))
        launch = _Launch(_three(grid), _three(block), shared, seed)
        self._allow(arrays if memory is None else memory)
        problem = kernel.run(places, ctypes.byref(launch))
        if problem is not None:
            raise LaunchFailed(f"{name}: {problem.decode()}")

    def _allow(self, memory: Iterable[Any]) -> None:
        allow = self._library.cuda_on_cpu_allow
        allow.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
        allow(None, 0)
        for array in memory:
            allow(array.ctypes.data, array.nbytes)


def _three(sizes: int | tuple[int, ...]) -> Any:
    given = (sizes,) if isinstance(sizes, int) else sizes
    return (ctypes.c_uint * 3)(*given, *(1,) * (3 - len(given)))
