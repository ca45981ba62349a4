"""What CuPy would compile for an elementwise kernel, compiled by NVRTC without a GPU.

The public way, a launch, asks the driver for a device first. So this goes through CuPy's private
doors: if a new CuPy moves them, this file is the one to follow.
"""

from __future__ import annotations

from typing import Any

import numpy as np

ARCHITECTURES = ("sm_75", "sm_80", "sm_90")
NDARRAY, INDEXER = 1, 2                         # CuPy's numbers for kinds of kernel arguments


def generated_source(kernel: Any, dtype: str, *, contiguous: bool) -> str:
    """The source that `kernel`, a `cupy.ElementwiseKernel`, becomes for arrays of one dtype."""
    import cupy
    from cupy._core import _carray, _kernel, core

    ndim = 1 if contiguous else 2               # contiguous axes are merged into one
    array = _kernel._ArgInfo(NDARRAY, cupy.ndarray, np.dtype(dtype), ndim, contiguous, True)
    indexer = _kernel._ArgInfo(INDEXER, _carray.Indexer, None, ndim, True, True)
    _, _, types = kernel._decide_params_type((np.dtype(dtype),) * kernel.nin, ())
    code = _kernel._get_elementwise_kernel_code(
        (*(array,) * kernel.nargs, indexer),
        types,
        kernel.params,
        kernel.operation,
        kernel.name,
        kernel.preamble,
    )
    return "\n".join((*(f"#include <{header}>" for header in core._cupy_header_list), code))


def compile_cubin(source: str, architecture: str) -> bytes:
    """`source` as machine code, with the options that CuPy uses; raises `CompileException`."""
    return _compile(source, architecture, "cubin")


def compile_ptx(source: str, architecture: str) -> str:
    """`source` as assembly, in which `.local` stands where a thread keeps something in memory."""
    return _compile(source, architecture, "ptx").decode()


def _compile(source: str, architecture: str, method: str) -> bytes:
    from cupy._core import core
    from cupy.cuda import compiler

    options = (
        "-ftz=true",
        "--device-as-default-execution-space",
        f"-arch={architecture}",
        *core.assemble_cupy_compiler_options(()),
    )
    program = compiler._NVRTCProgram(source, "generated.cu", method=method)
    code: bytes = program.compile(options)[0]
    return code
