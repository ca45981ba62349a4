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
    """Compute without recording, as a context manager or a decorator.

    What is computed inside needs no gradient, whatever it is computed from, and you may write to
    parameters. The previous state is restored afterwards. A transform such as `gg.grad` still
    differentiates its function inside.

    Example:
        >>> w = gg.tensor([1.0, 2.0], requires_grad=True)
        >>> gg.sum(w**2).backward()
        >>> with gg.no_grad():
        ...     w -= 0.1 * w.grad
        >>> w
        Tensor([0.8, 1.6], dtype=float64, requires_grad=True)
        >>> @gg.no_grad()
        ... def predicted(x):
        ...     return w * x
        >>> predicted(2.0).requires_grad
        False
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
    """Record again inside a `gg.no_grad` block, as a context manager or a decorator.

    Example:
        >>> w = gg.tensor(3.0, requires_grad=True)
        >>> with gg.no_grad(), gg.enable_grad():
        ...     y = w * w
        >>> y.backward()
        >>> w.grad
        array(6.)
    """

    _records = True
