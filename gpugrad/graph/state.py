"""Whether ops are being recorded. Held in a context variable: each thread and task has its own."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar, Token
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

recording: ContextVar[bool] = ContextVar("gpugrad_recording", default=True)

is_recording = recording.get


class no_grad:
    """Compute without recording: `with gg.no_grad(): ...` or as a decorator, `@gg.no_grad()`.

    What was in force before is in force again afterwards. A transform such as `gg.grad` that is
    called inside still differentiates its function.
    """

    _records = False
    _token: Token[bool]

    def __enter__(self) -> None:
        self._token = recording.set(self._records)

    def __exit__(self, *error: object) -> None:
        recording.reset(self._token)

    def __call__(self, f: Callable[P, R]) -> Callable[P, R]:
        @wraps(f)
        def inner(*args: P.args, **kwargs: P.kwargs) -> R:
            with type(self)():                      # its own, because calls may nest
                return f(*args, **kwargs)

        return inner


class enable_grad(no_grad):
    """Record again inside a `no_grad` block: a context manager or a decorator."""

    _records = True
