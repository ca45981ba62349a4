"""What runs on CuPy: on a GPU, or on the emulation, which `ci/emulated.sh` puts in its place."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from gpugrad.backends import probe_cupy, use_backend

PROBLEM = probe_cupy()
EMULATED = False
if PROBLEM is None:
    import cupy

    EMULATED = hasattr(cupy, "EMULATED")

# What looks into the emulation means nothing on a GPU.
collect_ignore = ["test_counts.py", "test_faults.py"]
if EMULATED:                                        # which has not all of CuPy
    collect_ignore = [
        "test_as_users_write.py", "test_cuda.py", "test_functions_on_cupy.py",
        "test_unlike_numpy.py",
    ]  # fmt: skip


@pytest.fixture(autouse=True)
def device() -> Iterator[None]:
    """CuPy as the backend; afterwards, nothing may have been written where it must not be."""
    if PROBLEM and os.environ.get("GPUGRAD_REQUIRE_CUPY"):
        pytest.fail(f"CuPy is required: {PROBLEM}")
    if PROBLEM:
        pytest.skip(f"{PROBLEM}: run ci/gpu.sh on a machine with a GPU, or ci/emulated.sh")
    with use_backend("cupy"):
        yield
    if EMULATED:
        from cupy import _device

        _device.check()


@pytest.fixture
def done() -> Any:
    """What the emulated device was asked to do: `done.counts`, `done.launches`."""
    from cupy import _device

    _device.counts.clear()
    _device.launches.clear()
    return _device
