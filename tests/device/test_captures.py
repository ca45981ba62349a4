"""Captures and graphs: what CUDA refuses while a stream captures, and what the rest becomes."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any

import cupy as cp
import numpy as np
import pytest
from cuda_on_cpu import observe
from cupy.cuda import runtime

N = 100
X = np.arange(float(N))

GLOBAL = runtime.streamCaptureModeGlobal
PER_THREAD = runtime.streamCaptureModeThreadLocal
RELAXED = runtime.streamCaptureModeRelaxed


def squares() -> Any:
    source = """
extern "C" __global__ void
squares(const double *x, double *y) { y[threadIdx.x] = x[threadIdx.x] * x[threadIdx.x]; }
"""
    return cp.RawModule(code=source).get_function("squares")


class Capturing:
    """A stream that captures, with arrays to work on and a kernel that was compiled before."""

    def __init__(self, mode: int = RELAXED) -> None:
        self.x, self.y, self.z = cp.asarray(X), cp.zeros(N), cp.zeros(N)
        self.kernel = squares()
        self.kernel.compile()
        self.event = cp.cuda.Event()
        self.stream = cp.cuda.Stream(non_blocking=True)
        self.other = cp.cuda.Stream(non_blocking=True)
        self.blocking = cp.cuda.Stream()
        cp.cuda.Device().synchronize()
        self.stream.begin_capture(mode)

    def launch(self, x: Any, y: Any, stream: Any = None) -> None:
        with stream or self.stream:
            self.kernel((1,), (N,), (x, y))

    def end(self) -> Any:
        return self.stream.end_capture()


@pytest.fixture
def capture() -> Any:
    return Capturing()


def replayed(capture: Capturing, graph: Any) -> Any:
    graph.launch(capture.stream)
    capture.stream.synchronize()
    return cp.asnumpy(capture.z)


def test_a_graph_does_again_what_was_captured(capture: Capturing) -> None:
    capture.launch(capture.x, capture.y)
    capture.launch(capture.y, capture.z)
    graph = capture.end()
    assert (cp.asnumpy(capture.z) == 0.0).all()     # captured, not done
    for value in (2.0, 3.0):
        capture.x.fill(value)
        cp.cuda.Device().synchronize()
        assert (replayed(capture, graph) == value**4).all()


def test_branches_join(capture: Capturing) -> None:
    """A stream that waits for an event of the capture takes part in it."""
    capture.launch(capture.x, capture.y)
    capture.other.wait_event(capture.stream.record())
    assert capture.other.is_capturing()
    capture.launch(capture.y, capture.z, capture.other)
    capture.stream.wait_event(capture.other.record())
    capture.launch(capture.z, capture.y)
    graph = capture.end()
    assert not capture.other.is_capturing()
    replayed(capture, graph)
    assert np.allclose(cp.asnumpy(capture.y), X**8)
    text = graph.debug_dot_str()
    assert text.count("squares") == 3 or not observe.ON_CPU


@pytest.mark.only_on_cpu                            # on a GPU it may go well
def test_a_missing_wait_in_a_capture_shows(capture: Capturing) -> None:
    """The branches of a graph are done in another order than they were captured in."""
    first = capture.stream.record()
    capture.launch(capture.x, capture.y)
    capture.other.wait_event(first)                 # and not for what makes `y`
    capture.launch(capture.y, capture.z, capture.other)
    capture.stream.wait_event(capture.other.record())
    assert (replayed(capture, capture.end()) != X**4)[2:].all()


def test_a_graph_in_a_graph(capture: Capturing) -> None:
    capture.launch(capture.x, capture.y)
    inner = capture.end()
    with capture.stream:
        capture.stream.begin_capture()
        inner.launch()
        capture.launch(capture.y, capture.z)
        outer = capture.end()
    assert np.allclose(replayed(capture, outer), X**4)


def test_copies_and_fills_are_captured(capture: Capturing) -> None:
    with capture.stream:
        capture.y.fill(0.0)
        cp.copyto(capture.y, capture.x)
        runtime.memsetAsync(capture.x.data.ptr, 0, 8 * N, capture.stream.ptr)
        cp.copyto(capture.z, capture.y)
    graph = capture.end()
    assert (replayed(capture, graph) == X).all()
    assert (cp.asnumpy(capture.x) == 0.0).all()


# What spoils a capture


def synchronizes(c: Capturing) -> None:
    c.stream.synchronize()


def synchronizes_the_device(c: Capturing) -> None:
    cp.cuda.Device().synchronize()


def waits_for_an_event_of_the_capture(c: Capturing) -> None:
    c.stream.record(c.event)
    c.event.synchronize()


def waits_for_an_event_from_outside(c: Capturing) -> None:
    c.stream.wait_event(c.other.record(c.event))


SPOIL: dict[str, tuple[Callable[[Capturing], None], str]] = {
    f.__name__: (f, name)
    for f, name in (
        (synchronizes, "StreamCaptureUnsupported"),
        (synchronizes_the_device, "StreamCaptureUnsupported"),
        (waits_for_an_event_of_the_capture, "CapturedEvent"),
        (waits_for_an_event_from_outside, "StreamCaptureIsolation"),
    )
}


@pytest.mark.parametrize("what", SPOIL)
def test_a_capture_is_spoilt_by_what_it_refuses(what: str, capture: Capturing) -> None:
    f, name = SPOIL[what]
    with pytest.raises(runtime.CUDARuntimeError, match=name):
        f(capture)
    with pytest.raises(runtime.CUDARuntimeError, match="StreamCaptureInvalidated"):
        capture.end()
    assert not capture.stream.is_capturing()
    capture.launch(capture.x, capture.y)            # the stream is as good as before
    capture.stream.synchronize()
    assert (cp.asnumpy(capture.y) == X**2).all()


def test_a_capture_is_spoilt_when_it_is_asked_whether_it_is_done(capture: Capturing) -> None:
    """CuPy takes the error for a no."""
    assert not capture.stream.done
    with pytest.raises(runtime.CUDARuntimeError, match="StreamCaptureInvalidated"):
        capture.end()


@pytest.mark.parametrize("mode", [GLOBAL, PER_THREAD, RELAXED])
def test_an_allocation_is_refused_unless_the_mode_is_relaxed(mode: int) -> None:
    capture = Capturing(mode)
    if mode == RELAXED:
        runtime.free(runtime.malloc(100))
        capture.end()
        return
    with pytest.raises(runtime.CUDARuntimeError, match="StreamCaptureUnsupported"):
        runtime.malloc(100)
    with pytest.raises(runtime.CUDARuntimeError, match="StreamCaptureInvalidated"):
        capture.end()


@pytest.mark.parametrize("mode", [GLOBAL, PER_THREAD, RELAXED])
def test_other_threads_may_allocate_unless_the_mode_is_global(mode: int) -> None:
    capture = Capturing(mode)
    failed: list[Exception] = []

    def allocate() -> None:
        try:
            runtime.free(runtime.malloc(100))
        except runtime.CUDARuntimeError as error:
            failed.append(error)

    thread = Thread(target=allocate)
    thread.start()
    thread.join()
    assert bool(failed) == (mode == GLOBAL)
    if failed:
        with pytest.raises(runtime.CUDARuntimeError, match="StreamCaptureInvalidated"):
            capture.end()
    else:
        capture.end()


def test_the_legacy_stream_is_refused_while_a_stream_captures_that_waits_for_it() -> None:
    x = cp.ones(N)
    stream = cp.cuda.Stream()                       # it takes turns with the legacy stream
    cp.cuda.Device().synchronize()
    stream.begin_capture()
    with pytest.raises(runtime.CUDARuntimeError, match="StreamCaptureImplicit"):
        runtime.streamIsCapturing(0)
    assert runtime.streamIsCapturing(stream.ptr)
    with pytest.raises(runtime.CUDARuntimeError, match="StreamCaptureImplicit"):
        runtime.memsetAsync(x.data.ptr, 0, 8, 0)
    with pytest.raises(runtime.CUDARuntimeError, match="StreamCaptureInvalidated"):
        stream.end_capture()


def test_the_legacy_stream_may_be_used_while_others_capture(capture: Capturing) -> None:
    runtime.memsetAsync(capture.y.data.ptr, 0, 8, 0)
    capture.end()


def test_the_legacy_stream_cannot_capture() -> None:
    with pytest.raises(RuntimeError, match="legacy"):
        cp.cuda.Stream.null.begin_capture()
    with pytest.raises(runtime.CUDARuntimeError, match="StreamCaptureUnsupported"):
        runtime.streamBeginCapture(0, RELAXED)


def test_a_capture_in_a_capture_is_refused(capture: Capturing) -> None:
    with pytest.raises(runtime.CUDARuntimeError, match="IllegalState"):
        runtime.streamBeginCapture(capture.stream.ptr, RELAXED)
    capture.end()


def test_a_capture_ends_where_it_began(capture: Capturing) -> None:
    capture.launch(capture.x, capture.y)
    capture.other.wait_event(capture.stream.record())
    with pytest.raises(runtime.CUDARuntimeError, match="StreamCaptureUnmatched"):
        runtime.streamEndCapture(capture.other.ptr)
    with pytest.raises(runtime.CUDARuntimeError, match="StreamCaptureInvalidated"):
        capture.end()


def test_all_streams_must_be_joined_again(capture: Capturing) -> None:
    capture.other.wait_event(capture.stream.record())
    capture.launch(capture.x, capture.y, capture.other)
    with pytest.raises(runtime.CUDARuntimeError, match="StreamCaptureUnjoined"):
        capture.end()


def test_two_captures_cannot_be_one(capture: Capturing) -> None:
    capture.other.begin_capture()
    with pytest.raises(runtime.CUDARuntimeError, match="StreamCaptureMerge"):
        capture.other.wait_event(capture.stream.record())
    for stream in (capture.stream, capture.other):
        with pytest.raises(runtime.CUDARuntimeError, match="StreamCaptureInvalidated"):
            stream.end_capture()


def test_an_end_without_a_beginning() -> None:
    stream = cp.cuda.Stream(non_blocking=True)
    with pytest.raises(runtime.CUDARuntimeError, match="IllegalState"):
        runtime.streamEndCapture(stream.ptr)


@pytest.mark.only_on_cpu                            # a GPU does not tell
def test_a_capture_that_is_left_is_found(capture: Capturing) -> None:
    with pytest.raises(AssertionError, match="a capture was not ended"):
        observe.check()
    assert not capture.stream.is_capturing()


def test_a_stream_may_go_while_it_captures() -> None:
    capture = Capturing()
    del capture
    cp.cuda.Device().synchronize()


def test_another_thread_may_end_a_relaxed_capture_alone() -> None:
    for mode, wrong in ((RELAXED, False), (PER_THREAD, True)):
        capture = Capturing(mode)
        failed: list[Exception] = []

        def end(capture: Capturing = capture, failed: list[Exception] = failed) -> None:
            try:
                capture.end()
            except runtime.CUDARuntimeError as error:
                failed.append(error)

        thread = Thread(target=end)
        thread.start()
        thread.join()
        assert bool(failed) == wrong
        if wrong:
            with pytest.raises(runtime.CUDARuntimeError, match="StreamCaptureInvalidated"):
                capture.end()


REFUSED = {
    "a copy from the host": lambda c: cp.asarray(X),
    "a copy to the host": lambda c: c.x.get(),
    "a number": lambda c: float(c.x[0]),
    "a truth": lambda c: bool(c.x[0]),
    "a mask": lambda c: c.x[c.x > 1],
    "a product": lambda c: cp.matmul(c.x.reshape(10, 10), c.y.reshape(10, 10)),
}


@pytest.mark.parametrize("what", REFUSED)
def test_cupy_refuses_what_would_have_to_wait(what: str, capture: Capturing) -> None:
    with capture.stream:
        try:
            with pytest.raises((RuntimeError, NotImplementedError)):
                REFUSED[what](capture)
        finally:
            try:
                capture.end()
            except RuntimeError:                    # it may be invalid now
                pass
