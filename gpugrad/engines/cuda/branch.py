"""A stream beside that of a plan: sums over ranks travel on it while kernels run on the other.

In a graph it is a branch, which joins again where the plan waits for the last of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpugrad.backends.collectives import Collective
from gpugrad.engines.cuda.carried import launched

if TYPE_CHECKING:
    import cupy


class Branch:
    """Such a stream of the current device, for an instance of a program.

    Its sums travel one after the other, in the order in which they begin.
    """

    __slots__ = ("_stream",)

    def __init__(self) -> None:
        import cupy

        self._stream = cupy.cuda.Stream(non_blocking=True)

    def sum(self, call: Collective, x: cupy.ndarray, y: cupy.ndarray) -> Sum:
        """What sums up `x` into `y`.

        Nobody may write to the one or read the other before it was waited for.
        """
        return Sum(self._stream, call, x, y)


class Sum:
    """A sum over ranks in two steps."""

    __slots__ = ("_begun", "_ended", "_launch", "_stream")

    def __init__(
        self, stream: cupy.cuda.Stream, call: Collective, x: cupy.ndarray, y: cupy.ndarray
    ) -> None:
        import cupy

        self._stream = stream
        self._launch = launched(call, x, y)
        self._begun, self._ended = (cupy.cuda.Event(disable_timing=True) for _ in range(2))

    def begin(self) -> None:
        """Launch it beside what the current stream is given from now on."""
        import cupy

        self._stream.wait_event(cupy.cuda.get_current_stream().record(self._begun))
        with self._stream:
            self._launch()
            self._stream.record(self._ended)

    def wait(self) -> None:
        """Let what the current stream is given from now on wait for this, and those before it."""
        import cupy

        cupy.cuda.get_current_stream().wait_event(self._ended)
