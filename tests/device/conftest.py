"""What runs on CuPy: on a GPU, or on a CPU, where `ci/cupy.sh` puts our runtime below it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
from cuda_on_cpu import observe

from gpugrad.backends import choose, devices, probe_cupy, use_backend

PROBLEM = probe_cupy()

# What looks into the runtime means nothing on a GPU.
collect_ignore = (
    [] if observe.ON_CPU else ["test_counts.py", "test_faults.py", "test_observe.py"]
)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "only_on_cpu: says nothing on a GPU")
    config.addinivalue_line("markers", "two_devices: needs two of them")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a GPU cannot show is left out there, since what is skipped fails in ci/gpu.sh."""
    if PROBLEM is not None or observe.ON_CPU:
        return
    from cupy.cuda import runtime

    out = {"only_on_cpu"} | ({"two_devices"} if runtime.getDeviceCount() < 2 else set())
    items[:] = [x for x in items if not any(map(x.get_closest_marker, out))]


@pytest.fixture(autouse=True)
def device(request: pytest.FixtureRequest) -> Iterator[None]:
    """CuPy as the backend, and one device as on most machines, but for the tests of several."""
    if PROBLEM and os.environ.get("GPUGRAD_REQUIRE_CUPY"):
        pytest.fail(f"CuPy is required: {PROBLEM}")
    if PROBLEM:
        pytest.skip(f"{PROBLEM}: run ci/gpu.sh on a machine with a GPU, or ci/cupy.sh")
    several = request.node.get_closest_marker("two_devices")
    alone = nullcontext() if several else one_device()
    with use_backend("cupy"), alone:
        yield


@pytest.fixture
def current() -> Iterator[None]:
    """Device 0 is the current one, and is so again afterwards."""
    from cupy.cuda import Device

    with Device(0):
        yield
        assert Device().id == 0


@contextmanager
def one_device() -> Iterator[None]:
    """Inside, gpugrad finds one device."""
    xp, found = choose("cupy"), list(devices.several)
    devices.several.clear()
    devices.natives[xp.array_type] = xp
    try:
        yield
    finally:
        devices.several[:] = found
        if found:
            del devices.natives[xp.array_type]


@pytest.fixture
def done() -> Iterator[Any]:
    """What the device was asked to do: `done.counts()`, `done.launches()` since `done.begin()`."""
    observe.begin()
    yield observe
    observe.end()
