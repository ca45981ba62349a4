"""What the stand-ins of CUDA's libraries are made of, and where their LAPACK is."""

from __future__ import annotations

import ctypes
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Library:
    """One library: its sources, the modules of CuPy that call it, and how it says no.

    What the modules want and no source has becomes a stub that returns `not_supported`.
    """

    name: str
    sources: Sequence[str] = ()
    callers: Sequence[str] = ()
    not_supported: int = 0
    lapack: bool = False

    def paths(self) -> list[Path]:
        """The sources."""
        return [HERE / f"{source}.cpp" for source in self.sources]

    def stubs(self, wanted: Sequence[str]) -> str:
        """C++ of a stub for each function that is wanted of this library."""
        prefix = self.name.removeprefix("lib").partition(".")[0]
        names = [name for name in wanted if re.match(rf"{prefix}[A-Z]", name)]
        return "\n".join([
            f"enum {{ NOT_SUPPORTED = {self.not_supported} }};",
            '#include "missing.h"',
            *(f"MISSING({name})" for name in sorted(set(names))),
            "",
        ])  # fmt: skip


LIBRARIES = (
    Library(
        "libcublas.so.13",
        ["cublas_handle", "cublas_gemm", "cublas_vectors", "cublas_matrices", "cublas_systems",
         "products"],
        ["cupy_backends/cuda/libs/cublas", "cupyx/_cusolver"],
        not_supported=15,
        lapack=True,
    ),
    Library("libcublasLt.so.13"),
    Library(
        "libcusolver.so.12",
        ["cusolver_handle", "cusolver_factors", "cusolver_singular", "cusolver_eigen"],
        ["cupy_backends/cuda/libs/cusolver", "cupyx/_cusolver"],
        not_supported=9,
        lapack=True,
    ),
    Library("libcufft.so.12", ["cufft"], ["cupy/cuda/cufft"], not_supported=16),
    Library("libcurand.so.10", ["curand"], ["cupy_backends/cuda/libs/curand"], not_supported=999),
    Library("libcusparse.so.12", (), ["cupy_backends/cuda/libs/cusparse"], not_supported=10),
    Library("libcutensor.so.2"),
    Library(
        "libnccl.so.2", ["nccl", "nccl_transport"], ["cupy_backends/cuda/libs/nccl"],
        not_supported=3,
    ),
    Library("libnvJitLink.so.13"),
    Library("libsorting_on_cpu.so", ["sorting"]),
)  # fmt: skip
"""The libraries that CuPy loads, and the one that sorts in the place of Thrust."""


def undefined(module: Path) -> list[str]:
    """The names that a shared object wants of others."""
    command = ["nm", "-D", "--undefined-only", str(module)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return [line.split()[-1].partition("@")[0] for line in lines]


class _Found(ctypes.Structure):
    _fields_ = (
        ("file", ctypes.c_char_p),
        ("base", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("address", ctypes.c_void_p),
    )


def lapack_flags() -> tuple[list[str], list[str]]:
    """For compiler and linker: the LAPACK that SciPy has loaded, and how it names its functions."""
    import scipy.linalg.cython_lapack

    module = ctypes.CDLL(scipy.linalg.cython_lapack.__file__)
    for prefix in ("scipy_", ""):
        try:
            function = getattr(module, f"{prefix}dgesvd_")
        except AttributeError:
            continue
        found = _Found()
        ctypes.CDLL(None).dladdr(ctypes.cast(function, ctypes.c_void_p), ctypes.byref(found))
        library = Path(found.file.decode()).resolve()
        return (
            [f"-DLAPACK_NAME(x)={prefix and prefix + '##'}x##_"],
            [str(library), f"-Wl,-rpath,{library.parent}"],
        )
    raise RuntimeError("SciPy's LAPACK was not found: its functions are named in an unknown way")
