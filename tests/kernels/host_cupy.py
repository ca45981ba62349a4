"""The functions of CuPy that the engine calls, over host memory; kernels run on the CPU.

Arrays are real `cupy.ndarray` objects: shapes, strides and views are CuPy's own. What is not listed
here asks CuPy for a device, and raises.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from cuda_host import BIND, FLAGS, LAUNCH, THREADS
from host_compiler import HostCompiler
from host_device import from_host, is_cupy, to_host

_KERNEL = re.compile(r"__launch_bounds__\(\d+\)\n(\w+)\(")

POISON = 0xA5


class HostModule:
    """A stand-in for `cupy.RawModule`. `launches` are the names of the kernels that ran."""

    compiler: HostCompiler
    launches: list[str]

    def __init__(self, code: str, options: tuple[str, ...]) -> None:
        assert options == ("-std=c++17",)
        names = _KERNEL.findall(code)
        parts = [THREADS.read_text(), "#include <tuple>", BIND, code]
        for name in names:
            body = code.partition(f"\n{name}(")[2].partition("\n}\n")[0]
            waits = any(word in body for word in ("join_team", "__syncthreads", "product<"))
            parts.append(LAUNCH.format(name=name, how="launch" if waits else "launch_apart"))
        self._library = self.compiler.build("\n".join(parts), *FLAGS)

    def get_function(self, name: str) -> Callable[..., None]:
        launch = getattr(self._library, f"launch_{name}")
        launch.restype = ctypes.c_char_p

        def run(grid: tuple[int], block: tuple[int], arguments: tuple[Any, ...]) -> None:
            assert all(is_cupy(x) and x.flags.c_contiguous for x in arguments)
            pointers = (ctypes.c_void_p * len(arguments))(*(x.data.ptr for x in arguments))
            problem = launch(*grid, *block, 0, pointers)
            assert problem is None, f"{name}: {problem.decode()}"
            self.launches.append(name)

        return run


def _empty(shape: Any, dtype: Any = float) -> Any:
    made = np.empty(shape, dtype)
    made.reshape(-1).view(np.uint8)[...] = POISON
    return from_host(made)


def _copy(x: Any, **_: Any) -> Any:
    return from_host(np.array(to_host(x) if is_cupy(x) else x, order="C"))


def _copyto(target: Any, source: Any) -> None:
    to_host(target)[...] = to_host(source)


def install(monkeypatch: pytest.MonkeyPatch, compiler: HostCompiler) -> type[HostModule]:
    """Put these in the place of CuPy's functions; the kernels' launches are counted."""
    import cupy

    from gpugrad.backends.cupy import namespace
    from gpugrad.executor.engines import cupy as engine

    class Module(HostModule):
        pass

    Module.compiler = compiler
    Module.launches = []
    xp = namespace()
    monkeypatch.setattr(engine, "choose", lambda name: xp)
    monkeypatch.setattr(xp, "asarray", _copy)
    for name, function in {
        "RawModule": Module,
        "array": _copy,
        "ascontiguousarray": lambda x: x if x.flags.c_contiguous else _copy(x),
        "copyto": _copyto,
        "empty": _empty,
        "zeros": lambda shape, dtype: from_host(np.zeros(shape, dtype)),
    }.items():
        monkeypatch.setattr(cupy, name, function)
    return Module
