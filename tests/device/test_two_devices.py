"""Two devices: what belongs to one of them cannot be used on the other."""

from __future__ import annotations

from threading import Thread
from typing import Any

import cupy as cp
import numpy as np
import pytest
from cuda_on_cpu import observe
from cupy.cuda import runtime

Failed = (runtime.CUDARuntimeError, cp.cuda.driver.CUDADriverError)

pytestmark = pytest.mark.two_devices


def kernel() -> Any:
    source = 'extern "C" __global__ void store(double *y) { y[threadIdx.x] = 1; }'
    return cp.RawModule(code=source).get_function("store")


def test_each_thread_has_a_current_device() -> None:
    found: list[int] = []
    with cp.cuda.Device(1):
        thread = Thread(target=lambda: found.append(runtime.getDevice()))
        thread.start()
        thread.join()
        assert runtime.getDevice() == 1
    assert runtime.getDevice() == 0
    assert found == [0]
    with pytest.raises(runtime.CUDARuntimeError, match="InvalidDevice"):
        runtime.setDevice(runtime.getDeviceCount())


def test_memory_belongs_to_a_device() -> None:
    for device in (0, 1):
        with cp.cuda.Device(device):
            x = cp.arange(10.0)
            assert x.device.id == device
            assert runtime.pointerGetAttributes(x.data.ptr).device == device
            assert float((x * 2.0).sum()) == 90.0


def test_work_on_a_device_is_done_beside_that_of_the_other() -> None:
    arrays = []
    for device in (0, 1):
        with cp.cuda.Device(device):
            arrays.append(cp.full(10, float(device)) + 1.0)
    assert [float(x[0]) for x in arrays] == [1.0, 2.0]


@pytest.mark.only_on_cpu                            # GPUs may reach each other's memory
def test_memory_of_another_device_is_refused() -> None:
    """By CuPy where it looks, and by the launch where it does not."""
    x = cp.zeros(32)
    with cp.cuda.Device(1):
        with pytest.raises(ValueError, match="Peer access"):
            x + 1.0
        store = kernel()
        store((1,), (32,), (cp.zeros(32),))
        with pytest.raises(Failed, match="on device 1 with memory of device 0"):
            store((1,), (32,), (x,))
    with pytest.raises(AssertionError, match="on device 1 with memory of device 0"):
        observe.check()


def test_streams_belong_to_devices() -> None:
    with cp.cuda.Device(1):
        stream = cp.cuda.Stream(non_blocking=True)
    y = cp.zeros(32)
    store = kernel()
    store((1,), (32,), (y,))
    with pytest.raises(Failed, match=r"InvalidResourceHandle|INVALID_HANDLE"):
        store.kernel((1,), (32,), (y,), stream=stream)
    event = cp.cuda.Event()
    with pytest.raises(runtime.CUDARuntimeError, match="InvalidResourceHandle"):
        runtime.eventRecord(event.ptr, stream.ptr)


def test_devices_wait_for_each_other_by_events() -> None:
    with cp.cuda.Device(0):
        first = cp.cuda.Stream(non_blocking=True)
        with first:
            x = cp.arange(10.0)
            event = first.record()
    with cp.cuda.Device(1):
        second = cp.cuda.Stream(non_blocking=True)
        with second:
            y = cp.empty(10)
            second.wait_event(event)
            runtime.memcpyPeerAsync(y.data.ptr, 1, x.data.ptr, 0, 80, second.ptr)
            y += 1.0
        second.synchronize()
        assert cp.asnumpy(y).tolist() == [*np.arange(10.0) + 1.0]


def test_a_device_is_waited_for_alone() -> None:
    with cp.cuda.Device(1):
        stream = cp.cuda.Stream(non_blocking=True)
        with stream:
            cp.ones(10)
            event = stream.record()
    cp.cuda.Device(0).synchronize()
    assert not observe.ON_CPU or not event.done
    cp.cuda.Device(1).synchronize()
    assert event.done
