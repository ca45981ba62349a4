"""Fixtures that run kernels: on the GPU where there is one, else compiled for the CPU."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import host_device
import numpy as np
import pytest
from host_compiler import HostCompiler, find_compiler
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
def compiler(request: pytest.FixtureRequest) -> HostCompiler:
    """The host C++ compiler, with its products kept in pytest's cache."""
    path = find_compiler()
    if path is None:
        missing(
            "no host C++ compiler",
            "install g++ or clang++, or name one in CXX",
            "GPUGRAD_REQUIRE_COMPILERS",
        )
    return HostCompiler(path, Path(request.config.cache.mkdir("gpugrad-host-kernels")))


@dataclass
class Device:
    """Where CuPy's elementwise kernels run: `put` and `get` move arrays, `launches` names kernels.

    On the stand-in everything but an elementwise kernel raises, so `launches` is all there was.
    """

    put: Callable[[Any], Any]
    get: Callable[[Any], Any]
    launches: list[str]
    flushes_denormals: bool


def _need_no_driver(monkeypatch: pytest.MonkeyPatch, xp: Any) -> None:
    """Let `asarray` of a CuPy array return it, as on a GPU, but without asking for the device."""

    def asarray(x: Any, dtype: Any = None) -> Any:
        assert host_device.is_cupy(x)
        assert dtype in (None, x.dtype)
        return x

    monkeypatch.setattr(xp, "asarray", asarray)
    monkeypatch.setattr(xp.module, "asarray", asarray)


@pytest.fixture
def device(
    cupy: Any, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Device]:
    """The GPU, or host memory behind CuPy arrays and kernels that the host compiler built."""
    from gpugrad.backends.cupy import namespace

    namespace()                                 # what it builds for itself is not replaced
    problem = probe_cupy()
    if problem and os.environ.get("GPUGRAD_REQUIRE_CUPY") == "1":
        pytest.fail(f"GPUGRAD_REQUIRE_CUPY=1, but {problem}: run this on a machine with a GPU")
    if problem is None:
        launches: list[str] = []
        found = Device(cupy.asarray, cupy.asnumpy, launches, True)
        real = cupy.ElementwiseKernel

        def replacement(*texts: str, **options: str) -> Callable[..., Any]:
            kernel = real(*texts, **options)

            def launch(*arrays: Any) -> Any:
                launches.append(kernel.name)
                return kernel(*arrays)

            return launch
    else:
        _need_no_driver(monkeypatch, namespace())
        compiler = request.getfixturevalue("compiler")
        found = Device(host_device.from_host, host_device.to_host, compiler.launches, False)
        replacement = compiler.elementwise_kernel
    found.launches.clear()
    monkeypatch.setattr(cupy, "ElementwiseKernel", replacement)
    kernels.load.cache_clear()
    yield found
    kernels.load.cache_clear()                  # nobody else may get what was made here


@pytest.fixture
def quiet() -> Iterator[None]:
    """Silence NumPy about special values, which these tests feed it by design."""
    with np.errstate(all="ignore"):
        yield
