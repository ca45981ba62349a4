"""Finds the emulation's cuBLAS, built by the host compiler, where CuPy would find NVIDIA's."""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cupy import _device
from cupy._kernels import compiler

_SOURCE = Path(__file__).parents[2] / "cublas.cpp"
_FUNCTION = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ulonglong
)


class _Handles:
    """What a handle was told: its stream and its workspace."""

    def __init__(self, library: Any) -> None:
        self.library = library
        self.stream: int | None = None
        self.workspace = 0
        self.told = _FUNCTION(self._told)

    def _told(self, what: bytes, handle: int, detail: int | None, size: int) -> int:
        if what == b"stream":
            self.stream, self.workspace = detail or 0, 0        # the workspace goes with it
        elif what == b"workspace":
            self.workspace = size if detail and _device.is_live(detail) else 0
        elif what == b"product":
            return self._multiply(detail, size)
        return 0

    def _multiply(self, detail: int | None, size: int) -> int:
        stream = _device.current()
        if self.stream != stream.ptr:
            _device.faults.append("a product by cuBLAS on another stream than the current one")
        if stream.capturing is not None and not self.workspace:
            _device.faults.append("a product by cuBLAS without a workspace inside of a capture")
        kept = ctypes.create_string_buffer(ctypes.string_at(detail or 0, size), size)
        _device.launch("cublas", lambda: self.library.emulation_run(kept))
        return 0


@cache
def load_nvidia_dynamic_lib(name: str) -> Any:
    if name != "cublas":
        raise RuntimeError(f"{name} is not emulated")
    library = compiler().build(_SOURCE.read_text(), "-O2")
    _handles.append(_Handles(library))
    library.emulation_tell(_handles[-1].told)
    return SimpleNamespace(abs_path=library._name)


_handles: list[_Handles] = []
