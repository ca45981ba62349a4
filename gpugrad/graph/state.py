"""Whether ops are being recorded. Held in a context variable: each thread and task has its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_recording: ContextVar[bool] = ContextVar("gpugrad_recording", default=True)

is_recording = _recording.get


@contextmanager
def no_grad() -> Iterator[None]:
    """Compute without recording: `with gg.no_grad(): ...` or as a decorator, `@gg.no_grad()`.

    What was in force before is in force again afterwards. A transform such as `gg.grad` that is
    called inside still differentiates its function.
    """
    token = _recording.set(False)
    try:
        yield
    finally:
        _recording.reset(token)


@contextmanager
def enable_grad() -> Iterator[None]:
    """Record again inside a `no_grad` block."""
    token = _recording.set(True)
    try:
        yield
    finally:
        _recording.reset(token)
