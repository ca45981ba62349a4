"""Whose turn it is to work in the memory of an instance.

It is taken in turn by streams that do not wait by themselves.
"""

from __future__ import annotations

from typing import Protocol

from gpugrad.errors import InvalidArgument

PER_THREAD = 2
"""The handle of the default stream of a thread, which is another stream in each."""

CAPTURE_IMPLICIT = 906
"""`cudaErrorStreamCaptureImplicit`, which CuPy does not name."""


class Event(Protocol):
    """One of CuPy."""

    def synchronize(self) -> None: ...


class Stream(Protocol):
    """One of CuPy."""

    @property
    def ptr(self) -> int: ...

    def record(self) -> Event: ...
    def wait_event(self, event: Event, /) -> None: ...
    def synchronize(self) -> None: ...
    def is_capturing(self) -> bool: ...


class Turn:
    """The stream that works in some memory of the current device, or did last.

    Others wait for what it was given.

    `stream` is `None` where its handle means another stream in another thread, in which case `end`
    must follow on what it was given, and where nobody has worked there yet.
    """

    __slots__ = ("_device", "_event", "stream")

    def __init__(self) -> None:
        import cupy

        self._device = cupy.cuda.Device()
        self.stream: Stream | None = None
        self._event: Event | None = None

    def begin(self, stream: Stream) -> None:
        """Let `stream` wait for that which works there, and take its place.

        Raises `InvalidArgument` where it is being captured: a graph of the user's would work in
        this memory whenever it is launched, beside later calls. So it would where the stream before
        is being captured, as waiting for it makes `stream` a part of that capture.
        """
        if _captures(stream):
            raise InvalidArgument(
                "a function under gg.jit was called while its stream is being captured: it is a "
                "CUDA graph of its own. Call it outside of the capture, or capture the function "
                "itself, without gg.jit."
            )
        if self._event is not None:
            stream.wait_event(self._event)
        elif self.stream is not None and self.stream.ptr != stream.ptr:
            if _captures(self.stream):
                raise InvalidArgument(
                    "a function under gg.jit was called on another stream than before, while the "
                    "one before is being captured: waiting for it would make this call a part of "
                    "that capture. Call it when the capture has ended, or before it begins once on "
                    "the stream of this call."
                )
            stream.wait_event(self.stream.record())
        if stream.ptr == PER_THREAD:
            self.stream, self._event = None, stream.record()
        else:
            self.stream, self._event = stream, None

    def end(self) -> None:
        """Note where that stream is, from the thread that has it."""
        import cupy

        self._event = cupy.cuda.get_current_stream().record()

    def is_over(self) -> bool:
        """Whether nobody works there any more.

        That is waited for, unless it would end a capture.
        """
        if self._event is not None:
            self._event.synchronize()
        elif self.stream is not None:
            with self._device:                      # each has a default stream of its own
                if _captures(self.stream):
                    return False
                self.stream.synchronize()
        return True


def _captures(stream: Stream) -> bool:
    """Whether a stream is being captured, or may not be used while one is that waits for it."""
    from cupy.cuda import runtime

    try:
        return bool(stream.is_capturing())
    except runtime.CUDARuntimeError as error:
        if error.status == CAPTURE_IMPLICIT:
            return True
        raise
