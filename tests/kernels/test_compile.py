"""Every kernel compiles for every GPU that is supported, as CuPy would compile it; without a GPU.

This is compilation only: what the kernels compute is the matter of `test_values.py`.
"""

import pytest
from cases import CASES, DTYPES, IDS
from cupy_source import ARCHITECTURES, compile_cubin, generated_source
from missing import missing

from gpugrad.backends import kernels


@pytest.fixture(scope="module", autouse=True)
def _nvrtc(cupy):
    """NVRTC and the CUDA headers, which CuPy finds in wheels or in a CUDA Toolkit."""
    try:
        compile_cubin("", ARCHITECTURES[-1])
    except RuntimeError as error:
        missing(
            f"NVRTC or the CUDA headers are missing ({error})",
            "pip install nvidia-cuda-nvrtc nvidia-cuda-runtime",
            "GPUGRAD_REQUIRE_COMPILERS",
        )


def test_every_source_belongs_to_an_op_and_every_kernel_of_an_op_has_a_source():
    assert {case.op.kernel for case in CASES} == set(kernels.names())


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_forward_and_vjp_compile(case, dtype, architecture):
    loaded = case.load()
    for kernel in (loaded.forward, loaded.vjp):
        source = generated_source(kernel, dtype, contiguous=True)
        assert kernel.name.encode() in compile_cubin(source, architecture)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_strided_variants_compile(case):
    source = generated_source(case.load().vjp, "float32", contiguous=False)
    assert compile_cubin(source, ARCHITECTURES[0])


def test_a_broken_kernel_is_refused_with_its_file_and_line(cupy, monkeypatch):
    text = kernels.source("sin")
    assert "::sin(" in text
    monkeypatch.setattr(kernels, "source", lambda name: text.replace("::sin(", "::sine("))
    kernel = kernels.Kernel("sin", ("x",), ("g", "x")).forward
    source = generated_source(kernel, "float32", contiguous=True)
    with pytest.raises(cupy.cuda.compiler.CompileException, match=r"kernels/sin\.cu\(\d+\): error"):
        compile_cubin(source, "sm_90")
