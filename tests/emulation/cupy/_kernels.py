"""Kernels of CUDA source, compiled by the host compiler and run on the host's memory."""

from __future__ import annotations

import ctypes
import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from cuda_host import launcher
from host_compiler import HostCompiler, HostKernel, find_compiler

from cupy import _device
from cupy._array import ndarray, overridden

FOLDER = "GPUGRAD_EMULATION_CACHE"
"""The variable that names where compiled kernels are kept."""


@cache
def compiler() -> HostCompiler:
    """The host compiler; raises where there is none."""
    path = find_compiler()
    if path is None:
        raise RuntimeError("no host C++ compiler: install g++ or clang++, or name one in CXX")
    default = Path.home() / ".cache" / "gpugrad-emulation"
    folder = Path(os.environ.get(FOLDER) or default)
    folder.mkdir(parents=True, exist_ok=True)
    return HostCompiler(path, folder)


class RawModule:
    """CUDA source with kernels. Compiled at once: CuPy does so at the first `get_function`."""

    def __init__(self, *, code: str, options: tuple[str, ...] = ()) -> None:
        if set(options) - {"-std=c++17"}:
            raise NotImplementedError(f"options {options} are not emulated")
        self._launch = launcher(compiler(), code)

    def get_function(self, name: str) -> RawKernel:
        return RawKernel(self._launch[name], name)


class RawKernel:
    """One kernel. Arguments go by value, as they are when it is launched or captured."""

    def __init__(self, launch: Any, name: str) -> None:
        self._launch = launch
        self.name = name
        self.kernel = self                          # `cupy.cuda.Function`, which is called alike
        self._backwards = False

    @property
    def attributes(self) -> dict[str, int]:
        return {"num_regs": 0}

    def __call__(
        self, grid: tuple[int, ...], block: tuple[int, ...], args: tuple[Any, ...]
    ) -> None:
        values = [_by_value(x) for x in args]
        owned = [x.data.ptr for x in args if _is_owned(x)]

        def work() -> None:
            for pointer in owned:
                if not _device.is_live(pointer):
                    raise AssertionError(f"{self.name} is launched on memory that was freed")
            pointers = (ctypes.c_void_p * len(values))(*(x.ctypes.data for x in values))
            # Blocks and threads in one order, then in the other: results must not depend on it.
            self._backwards = not self._backwards
            problem = self._launch(grid[0], block[0], self._backwards, pointers)
            if problem is not None:
                raise AssertionError(f"{self.name}: {problem.decode()}")

        _device.launch(self.name, work)


def _is_owned(x: Any) -> bool:
    return isinstance(x, ndarray) and isinstance(x.data.mem, _device.Block)


def _by_value(x: Any) -> np.ndarray[Any, Any]:
    """The bytes of an argument: arrays by pointer, a structure by value (cuda/function.pyx)."""
    if isinstance(x, ndarray):
        return np.array([x.data.ptr], np.uint64)
    if isinstance(x, _device.MemoryPointer):
        return np.array([x.ptr], np.uint64)
    if isinstance(x, np.ndarray) and x.size == 1:
        return x.copy()
    if isinstance(x, (np.generic, int, float)):
        return np.array([x])
    raise TypeError(f"Unsupported type {type(x)}")


class ElementwiseKernel:
    """Elementwise functions of one dtype `T`: other types of parameters are not emulated."""

    def __init__(
        self,
        in_params: str,
        out_params: str,
        operation: str,
        name: str = "kernel",
        preamble: str = "",
    ) -> None:
        self.name = name
        self.nin = len(in_params.split(","))
        self.nout = len(out_params.split(","))
        self.nargs = self.nin + self.nout
        self._texts = (in_params, out_params, operation, name)
        self._preamble = preamble
        self._kernel: HostKernel | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        done, result = overridden(self, args, kwargs)
        if done:
            return result
        if len(args) != self.nin:
            raise TypeError(f"Wrong number of arguments for {self.name!r}")
        arrays = [x for x in args if isinstance(x, ndarray)]
        dtype = arrays[0].dtype
        if any(x.dtype != dtype for x in arrays):
            raise TypeError(f"Type is mismatched in {self.name}")
        if any(isinstance(x, np.ndarray) for x in args):
            raise TypeError(f"Unsupported type {np.ndarray}")
        if self._kernel is None:
            self._kernel = HostKernel(compiler(), *self._texts, preamble=self._preamble)
        host = [x._host if isinstance(x, ndarray) else np.asarray(x, dtype) for x in args]
        result = ndarray(np.broadcast_shapes(*(x.shape for x in host)), dtype)
        kernel = self._kernel
        _device.launch(self.name, lambda: kernel.compute(host, result._host))
        return result
