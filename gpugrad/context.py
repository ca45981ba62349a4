"""What is as before after a block, whatever interrupts it and where.

Ctrl-C may come between any two steps, those of a `finally` too: so there are two of them, here and
nowhere else. The second one undoes what the first could not, and undoing twice does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Literal, ParamSpec, Protocol, TypeVar

import numpy as np

T = TypeVar("T")
R = TypeVar("R")
P = ParamSpec("P")


@contextmanager
def undone(begin: Callable[[], object], end: Callable[[], object]) -> Iterator[None]:
    """`begin()` before the block, and `end()`, which may run twice, after it."""
    try:
        try:
            begin()
            yield
        finally:
            end()
    finally:
        end()


def holding(variable: ContextVar[T], value: T) -> AbstractContextManager[None]:
    """Inside, `variable` has that value."""
    return undone(partial(variable.set, value), partial(variable.set, variable.get()))


def called_holding(
    variable: ContextVar[T], value: T, f: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs
) -> R:
    """`f(*args, **kwargs)` as inside of `holding`, in a fourth of the time."""
    before = variable.get()
    try:
        try:
            variable.set(value)
            return f(*args, **kwargs)
        finally:
            variable.set(before)
    finally:
        variable.set(before)


class Log(Protocol):
    """What warnings are written to, as text with the function that has met something."""

    def write(self, text: str, /) -> object: ...


def warnings_to(log: Log) -> np.errstate:
    """Inside, NumPy writes to `log` what it would warn of.

    Where a program has said what else is to be done, that is done.
    """
    how = np.geterr()
    if "call" in how.values() or "log" in how.values():
        return np.errstate()                        # by a function of its own: there is but one
    return np.errstate(
        divide=_LOGGED.get(how["divide"]), over=_LOGGED.get(how["over"]),
        under=_LOGGED.get(how["under"]), invalid=_LOGGED.get(how["invalid"]), call=log,
    )  # fmt: skip


_LOGGED: dict[str, Literal["log"]] = {"warn": "log"}


def listed(items: list[T], x: T) -> AbstractContextManager[None]:
    """Inside, `x`, which equals no other, is one of `items`; other threads add theirs."""
    return undone(partial(items.append, x), partial(_remove, items, x))


def _remove(items: list[T], x: object) -> None:
    if x in items:
        items.remove(x)
