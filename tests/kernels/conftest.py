"""Fixtures that run kernels: on a device of CuPy, or compiled for the CPU without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from cuda_host import HostCompiler
from cuda_on_cpu import observe
from cuda_on_cpu.compiler import host_compiler
from missing import missing

from gpugrad.backends import kernels, probe_cupy


@pytest.fixture(scope="session")
def cupy() -> Any:
    """CuPy, with or without a GPU."""
    try:
        import cupy
    except Exception as error:                  # also OSError, RuntimeError: a broken installation
        missing(
            f"CuPy cannot be imported ({error!r})",
            "install it with `pip install 'gpugrad[cuda13]'`",
            "GPUGRAD_REQUIRE_CUPY",
        )
    return cupy


@pytest.fixture(scope="session")
def compiler() -> HostCompiler:
    """The host C++ compiler."""
    if host_compiler() is None:
        missing(
            "no host C++ compiler",
            "install g++, or name it in CXX",
            "GPUGRAD_REQUIRE_COMPILERS",
        )
    return HostCompiler()


@dataclass
class Device:
    """A device of CuPy: `put` and `get` move arrays."""

    put: Callable[[Any], Any]
    get: Callable[[Any], Any]
    named: list[str]
    flushes_denormals: bool

    @property
    def launches(self) -> list[str]:
        """The kernels that were launched; on a GPU only those of `ElementwiseKernel`."""
        return observe.launches() if observe.ON_CPU else self.named


@pytest.fixture
def device(cupy: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Device]:
    """A GPU, or the CPU in the place of one."""
    from gpugrad.backends.cupy import namespace

    problem = probe_cupy()
    if problem is not None:
        missing(
            f"no device of CuPy ({problem})",
            "run on a machine with a GPU, or on the CPU with ci/cupy.sh",
            "GPUGRAD_REQUIRE_CUPY",
        )
    namespace()                                 # what it builds for itself is not replaced
    launches: list[str] = []
    real = cupy.ElementwiseKernel

    def replacement(*texts: str, **options: str) -> Callable[..., Any]:
        kernel = real(*texts, **options)

        def launch(*arrays: Any) -> Any:
            launches.append(kernel.name)
            return kernel(*arrays)

        return launch

    monkeypatch.setattr(cupy, "ElementwiseKernel", replacement)
    kernels.load.cache_clear()
    if observe.ON_CPU:
        observe.begin()
    yield Device(cupy.asarray, cupy.asnumpy, launches, not observe.ON_CPU)
    if observe.ON_CPU:
        observe.end()
    kernels.load.cache_clear()                  # nobody else may get what was made here


@pytest.fixture
def quiet() -> Iterator[None]:
    """Silence NumPy about special values, which these tests feed it by design."""
    with np.errstate(all="ignore"):
        yield
