"""A stand-in for `cupy.ElementwiseKernel` that runs the same source on the CPU.

It takes the texts that CuPy would get (parameters, operation, preamble), has the host compiler
build them with `cuda_shim.h`, and runs them on the memory behind the arrays of `host_device.py`.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from host_device import from_host, is_cupy, to_host

FLAGS = "-std=c++17 -O1 -ffp-contract=off -shared -fPIC -Wall -Wextra -Werror".split()
SHIM = Path(__file__).with_name("cuda_shim.h")
CTYPES = {"float16": "float16", "float32": "float", "float64": "double"}

FUNCTION = """
extern "C" void {name}_{dtype}(long n, {pointers}) {{
  typedef {ctype} T;
  for (long at = 0; at < n; ++at) {{
    {references}
    {operation};
  }}
}}
"""


def find_compiler() -> str | None:
    """The host C++ compiler: `$CXX`, g++ or clang++; `None` if there is none."""
    candidates = (os.environ.get("CXX") or "g++", "g++", "clang++")
    return next(filter(None, map(shutil.which, candidates)), None)


class HostCompiler:
    """Builds elementwise kernels into shared libraries, kept in `folder` under a hash of all input.

    `launches` lists the kernels that ran, by name, in order.
    """

    def __init__(self, compiler: str, folder: Path) -> None:
        self.compiler = compiler
        self.folder = folder
        self.launches: list[str] = []

    def elementwise_kernel(self, *texts: str, preamble: str = "") -> HostKernel:
        """What takes the place of `cupy.ElementwiseKernel`."""
        return HostKernel(self, *texts, preamble=preamble)

    def build(self, source: str, *flags: str) -> ctypes.CDLL:
        """`source` as a loaded library; raises with the compiler's messages."""
        text = f"{SHIM.read_text()}\n{source}\n"
        key = hashlib.sha256(repr((self.compiler, FLAGS, flags, text)).encode()).hexdigest()[:24]
        library = self.folder / f"{key}.so"
        if not library.exists():
            made = self.folder / f"{key}.{os.getpid()}.so"
            command = [self.compiler, *FLAGS, *flags, "-x", "c++", "-", "-o", str(made)]
            run = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
            assert run.returncode == 0, f"the host compiler refused a kernel:\n{run.stderr}"
            os.replace(made, library)           # another process may be building the same
        return ctypes.CDLL(str(library))


class HostKernel:
    """One elementwise kernel of the dtype `T`, built for each dtype when that first comes."""

    def __init__(
        self,
        compiler: HostCompiler,
        in_params: str,
        out_params: str,
        operation: str,
        name: str,
        *,
        preamble: str,
    ) -> None:
        self.compiler = compiler
        self.inputs = _names(in_params)
        self.output = _names(out_params)
        self.operation = operation
        self.name = name
        self.preamble = preamble
        self._functions: dict[str, Any] = {}

    def __call__(self, *arrays: Any) -> Any:
        if len(arrays) != len(self.inputs):
            raise TypeError(f"{self.name} takes {self.inputs}, got {len(arrays)} arrays")
        if not all(is_cupy(x) and x.dtype == arrays[0].dtype for x in arrays):
            raise TypeError(f"{self.name} takes CuPy arrays of one dtype, got {arrays}")
        hosts = [to_host(x) for x in arrays]
        result = np.empty(np.broadcast_shapes(*(x.shape for x in hosts)), hosts[0].dtype)
        self.compute(hosts, result)
        self.compiler.launches.append(self.name)
        return from_host(result)

    def compute(self, inputs: Sequence[Any], result: Any) -> None:
        """Fill `result`, whose elements lie in their order, from arrays of the host."""
        spread = np.broadcast_arrays(*inputs)
        contiguous = [np.array(x, order="C") for x in spread]
        pointers = [ctypes.c_void_p(x.ctypes.data) for x in (*contiguous, result)]
        self._function(result.dtype.name)(ctypes.c_long(result.size), *pointers)

    def _function(self, dtype: str) -> Any:
        found = self._functions.get(dtype)
        if found is None:
            source = self._source(dtype, CTYPES[dtype])
            library = self.compiler.build(f"{self.preamble}\n{source}")
            found = self._functions[dtype] = getattr(library, f"{self.name}_{dtype}")
        return found

    def _source(self, dtype: str, ctype: str) -> str:
        names = [*(f"const {name}" for name in self.inputs), *self.output]
        return FUNCTION.format(
            name=self.name,
            dtype=dtype,
            ctype=ctype,
            operation=self.operation,
            pointers=", ".join(_typed(name, f"{ctype} *", "_array") for name in names),
            references=" ".join(
                f"{_typed(name, 'T &', '')} = {name.split()[-1]}_array[at];" for name in names
            ),
        )


def _names(params: str) -> list[str]:
    """`["g", "y"]` of `"T g, T y"`; another type than `T` would need more than this stand-in."""
    pairs = [param.split() for param in params.split(",")]
    assert all(kind == "T" for kind, _ in pairs), params
    return [name for _, name in pairs]


def _typed(name: str, kind: str, suffix: str) -> str:
    """A C++ declarator: `const g` of kind `T &` becomes `const T &g`."""
    *const, plain = name.split()
    return " ".join((*const, f"{kind}{plain}{suffix}"))
