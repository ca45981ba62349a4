"""Errors that strike at any line: MemoryError and KeyboardInterrupt, where the package is at work.

A line of the package is every one that Python runs in its files and in the code that it generates.
But for `with` lines of locks: a signal never comes between the last line of such a block and its
end, but an error raised by a tracer would, and the lock would stay with this thread for good.
"""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Callable
from linecache import getline
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

import gpugrad
from gpugrad.backends import within
from gpugrad.engines import blas_threads, profiling, reasons
from gpugrad.forks import unforked
from gpugrad.graph import is_recording
from gpugrad.plan import observers
from gpugrad.tracing import debug, tracer

ROOT = str(Path(gpugrad.__file__).parent)

Line = tuple[str, int]

OF_A_LOCK = re.compile(r"\s*with (unforked|(\w+\.)*_lock):")


class Strike:
    """Runs a function and raises `error` at the line of that number; with none, it notes lines."""

    def __init__(self, at: int | None = None, error: type[BaseException] = KeyboardInterrupt):
        self.at = at
        self.error = error
        self.lines: list[Line] = []
        self.struck: Line | None = None

    def run(self, f: Callable[[], Any]) -> Any:
        before = sys.gettrace()
        sys.settrace(self._called)
        try:
            return f()
        finally:
            sys.settrace(before)
            assert not unforked._is_owned()         # type: ignore[attr-defined]

    def _called(self, frame: FrameType, event: str, arg: Any) -> Any:
        name = frame.f_code.co_filename
        return self._line if name.startswith((ROOT, "<gpugrad")) else None

    def _line(self, frame: FrameType, event: str, arg: Any) -> Any:
        line = frame.f_code.co_filename, frame.f_lineno
        if event == "line" and not OF_A_LOCK.match(getline(*line)):
            self.lines.append(line)
            if len(self.lines) - 1 == self.at:
                self.struck = line
                raise self.error("it struck")
        return self._line


def places(lines: list[Line]) -> list[int]:
    """When each line runs for the first time, and for the last."""
    first: dict[Line, int] = {}
    last: dict[Line, int] = {}
    for i, line in enumerate(lines):
        first.setdefault(line, i)
        last[line] = i
    return sorted({*first.values(), *last.values()})


def traces(observing: int = 0) -> list[str]:
    """What is not as it is while nothing runs, but for so many who look at plans."""
    found = {
        "tracers": bool(tracer.tracers),
        "the active tracer": tracer._active.get() is not None,
        "what stands in": tracer._standing_in.get() is not None,
        "the namespace": within.get() is not None,
        "no_grad": not is_recording(),
        "the collector": not gc.isenabled(),
        "the checks of gg.debug": debug._active.get() is not None,
        "observers": len(observers.observers) != observing,
        "profiles": bool(profiling._profiles),
        "who listens to reasons": bool(reasons.listeners),
        "threads of the BLAS": bool(blas_threads._pools._callers or blas_threads._pools._before),
        "warnings of NumPy": np.geterr()["divide"] != "warn",
    }
    return [name for name, is_there in found.items() if is_there]
