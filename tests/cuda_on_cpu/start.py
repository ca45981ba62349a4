"""What the overlay's CuPy does before and after all else: it meets our libraries and compiler."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path


def place() -> Path:
    """The folder that `build.py` made, with `lib`, `include` and `overlay`."""
    return Path(str(sys.modules["cupy"].__file__)).parents[2]


def before() -> None:
    """Loads the libraries: who wants one of that name later gets it, wherever another may lie."""
    os.environ.setdefault("CUPY_ACCELERATORS", "")  # CUB is compiled code for GPUs
    libraries = sorted((place() / "lib").iterdir(), key=lambda x: x.name != "libcuda.so.1")
    for library in libraries:
        ctypes.CDLL(str(library))


def after() -> None:
    """Gives kernels to the host compiler; replaces or refuses what GPUs alone can do."""
    import cupy.cuda.compiler
    from cuda_on_cpu import compiler
    from cuda_on_cpu.libraries import absent, partition

    cupy.cuda.compiler._compile_module_with_cache = compiler.compile_module
    absent.refuse()
    partition.replace()
