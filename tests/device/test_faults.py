"""That what is wrong on a device is found on the CPU: each kind of fault, made on purpose.

Faults inside of a kernel, such as a missing barrier, are in `tests/cuda_on_cpu/test_blocks.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cupy as cp
import numpy as np
import pytest
from cuda_on_cpu import observe
from cupy.cuda import runtime

import gpugrad as gg
from gpugrad.engines.cuda import capture, compiled

HEAD = 'extern "C" __global__ void\n'

Failed = (runtime.CUDARuntimeError, cp.cuda.driver.CUDADriverError)


def kernel(name: str, parameters: str, body: str) -> Any:
    """A kernel of this body."""
    return cp.RawModule(code=f"{HEAD}{name}({parameters}) {{\n{body}\n}}\n").get_function(name)


def assert_found(text: str) -> None:
    """The check after each test would have raised for this; now it does no more."""
    with pytest.raises(AssertionError, match=text):
        observe.check()
    observe.check()


def softmax_rows(x: Any) -> Any:
    return gg.softmax(x, axis=1)


def run_softmax() -> None:
    """A compiled function of rows, against NumPy."""
    x = np.random.default_rng(0).normal(size=(5, 2000))
    f = gg.jit(softmax_rows)
    for _ in range(3):
        y = cp.asnumpy(f(cp.asarray(x)))
    e = np.exp(x - x.max(axis=1, keepdims=True))
    np.testing.assert_allclose(y, e / e.sum(axis=1, keepdims=True), rtol=1e-12)


def test_a_right_kernel_passes() -> None:
    run_softmax()


def test_a_wrong_kernel_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right, wrong = "J::join(value, parts[i])", "J::join(value, parts[0])"
    headers = compiled.headers()
    assert right in headers
    monkeypatch.setattr(compiled, "headers", lambda: headers.replace(right, wrong))
    monkeypatch.setattr(compiled, "_functions", {})            # as in a new process
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        run_softmax()


def test_an_unwritten_element_is_found() -> None:
    """What is allocated holds poison, and no number that a test could want."""
    half = kernel("half", "double *y", "  if (threadIdx.x < 4) y[threadIdx.x] = 1;")
    y = cp.empty(8)
    half((1,), (8,), (y,))
    found = cp.asnumpy(y)
    assert (found[:4] == 1).all()
    assert (found[4:] != 1).all()
    assert (np.abs(found[4:]) < 1e-100).all()       # finite, so that a NaN does not hide it


@pytest.mark.parametrize("at", [-512, -1, 512, 1023])
@pytest.mark.parametrize("size", [512, 500, 1])
def test_a_foreign_element_is_found(size: int, at: int) -> None:
    """Also one byte beyond sizes that are no multiple of anything."""
    foreign = kernel("foreign", "char *y, int at", "  y[at] = 1;")
    y = cp.empty(size, "int8")
    foreign((1,), (1,), (y, np.int32(at if at < 0 else at - 512 + size)))
    assert_found(f"outside of a block of {size} bytes")


def test_a_foreign_element_is_found_when_the_block_is_freed() -> None:
    foreign = kernel("foreign", "char *y", "  y[3] = 1;")
    y = cp.empty(3, "int8")
    foreign((1,), (1,), (y,))
    del y
    assert_found("outside of a block of 3 bytes")


def test_a_write_after_free_is_found() -> None:
    late = kernel("late", "void *const *table", "  *static_cast<double *>(table[0]) = 1;")
    y = cp.empty(8)
    table = cp.asarray(np.array([y.data.ptr], np.uint64))
    del y
    late((1,), (1,), (table,))
    assert_found("written into a block of 64 bytes that had been freed")


def test_a_read_after_free_reads_poison() -> None:
    """Where the address is not an argument but lies in memory."""
    read = kernel("read", "void *const *table, double *y",
                  "  *y = *static_cast<const double *>(table[0]);")  # fmt: skip
    x, y = cp.ones(8), cp.zeros(1)
    table = cp.asarray(np.array([x.data.ptr], np.uint64))
    read((1,), (1,), (table, y))
    assert float(y[0]) == 1
    del x
    read((1,), (1,), (table, y))
    assert float(y[0]) != 1


def test_what_is_queued_may_use_what_is_freed_later() -> None:
    """As in CuPy's pool: memory that is given back is taken again in the order of its stream."""
    copy = kernel("copy", "const double *x, double *y", "  y[threadIdx.x] = x[threadIdx.x];")
    x, y = cp.ones(8), cp.zeros(8)
    copy((1,), (8,), (x, y))
    del x
    assert cp.asnumpy(y).tolist() == [1.0] * 8


def test_a_launch_on_freed_memory_is_found() -> None:
    """A graph whose memory nobody keeps: its next launch raises."""
    copy = kernel("copy", "const double *x, double *y", "  y[threadIdx.x] = x[threadIdx.x];")
    x, y = cp.ones(8), cp.zeros(8)
    cp.cuda.get_current_stream().synchronize()
    with cp.cuda.Stream(non_blocking=True) as stream:
        stream.begin_capture()
        copy((1,), (8,), (x, y))
        graph = stream.end_capture()
        graph.launch()
        stream.synchronize()
    assert cp.asnumpy(y).tolist() == [1.0] * 8
    del x
    with pytest.raises(Failed, match="copy is launched on memory that was freed"):
        graph.launch()
    assert_found("copy is launched on memory that was freed")


def test_a_graph_that_keeps_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's own graphs, made to forget what their launches read and write."""
    real = capture.Graph
    monkeypatch.setattr(capture, "Graph", lambda function, launch: real(lambda: None, launch))
    f = gg.jit(lambda x: (gg.sum(gg.exp(x)), gg.sum(x @ x, axis=0)))
    x = cp.asarray(np.random.default_rng(0).normal(size=(20, 20)))

    def run() -> None:
        for _ in range(3):
            f(x)

    with pytest.raises(Failed, match="on memory that was freed"):
        run()
    assert_found("on memory that was freed")


def copies_too_much() -> None:
    x = cp.empty(8)
    runtime.memcpy(x.data.ptr, cp.zeros(16).data.ptr, 128, runtime.memcpyDeviceToDevice)


def copies_what_is_not_there() -> None:
    runtime.memcpy(cp.empty(8).data.ptr, np.zeros(8).ctypes.data, 64, runtime.memcpyDeviceToDevice)


def fills_the_host() -> None:
    runtime.memset(np.zeros(8).ctypes.data, 0, 64)


def frees_twice() -> None:
    place = runtime.malloc(8)
    runtime.free(place)
    runtime.free(place)


def uses_a_stream_that_is_gone() -> None:
    gone = runtime.streamCreate()
    runtime.streamDestroy(gone)
    runtime.streamSynchronize(gone)


WRONG: dict[str, Callable[[], None]] = {
    f.__name__: f
    for f in (copies_too_much, copies_what_is_not_there, fills_the_host, frees_twice,
              uses_a_stream_that_is_gone)
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_call_is_refused(what: str) -> None:
    with pytest.raises(runtime.CUDARuntimeError, match=r"InvalidValue|InvalidResourceHandle"):
        WRONG[what]()


def test_a_failure_sticks() -> None:
    """Until the test is over: on a GPU, nothing would run any more in this process."""
    store = kernel("store", "double *y", "  *y = 1;")
    y = cp.empty(1)
    pointer = y.data.ptr
    del y
    with pytest.raises(Failed, match="cudaErrorIllegalAddress: store is launched"):
        store((1,), (1,), (np.uint64(pointer),))
    with pytest.raises(Failed, match="cudaErrorIllegalAddress: store is launched"):
        cp.cuda.Device().synchronize()
    assert_found("store is launched on memory that was freed")
    assert float(cp.ones(1)[0]) == 1.0


def test_what_is_missing_says_its_name() -> None:
    with pytest.raises(runtime.CUDARuntimeError, match="cudaMallocManaged is not implemented"):
        runtime.mallocManaged(8)
