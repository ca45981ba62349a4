"""Launches captured as a CUDA graph."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar

from gpugrad.context import holding
from gpugrad.garbage import collector_at_rest

_trial: ContextVar[bool] = ContextVar("gpugrad_trial", default=False)


def is_trial() -> bool:
    """Whether launches are made for nothing but what they load."""
    return _trial.get()


def captured(function: Callable[[], None]) -> Graph:
    """The launches that `function` makes, as a function that launches a graph of them.

    It is called once before it is captured, so that every kernel is loaded and every library has
    made its choices. The current stream must be one that does not wait for the default stream.
    Meanwhile no garbage is collected: what goes away may call functions that end a capture. (What
    is ours does not, because what another thread drops may go at any time.)
    """
    import cupy

    stream = cupy.cuda.get_current_stream()
    with holding(_trial, True):
        function()
    stream.synchronize()
    with collector_at_rest():
        stream.begin_capture()
        try:
            function()
        except BaseException:
            with suppress(cupy.cuda.runtime.CUDARuntimeError):      # of a branch that did not join
                stream.end_capture()
            raise
        graph = stream.end_capture()
    return Graph(function, graph.launch)


class Graph:
    """A captured function. It keeps what its launches read and write; `launch` launches it."""

    __slots__ = ("_function", "launch")

    def __init__(self, function: Callable[[], None], launch: Callable[[], None]) -> None:
        self._function = function
        self.launch = launch
