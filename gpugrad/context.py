"""What is as before after a block, whatever interrupts it and where."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")


@contextmanager
def holding(variable: ContextVar[T], value: T) -> Iterator[None]:
    """Inside, `variable` has that value.

    Ctrl-C may come between any two steps, those of a `finally` too: so there are two of them.
    """
    before = variable.get()
    try:
        try:
            variable.set(value)
            yield
        finally:
            variable.set(before)
    finally:
        variable.set(before)


@contextmanager
def listed(items: list[Any], x: object) -> Iterator[None]:
    """Inside, `x`, which equals no other, is one of `items`; other threads add theirs."""
    try:
        try:
            items.append(x)
            yield
        finally:
            if x in items:
                items.remove(x)
    finally:
        if x in items:
            items.remove(x)
