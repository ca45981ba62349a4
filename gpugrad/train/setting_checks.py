"""What settings may be: each check gives the value as it is kept, or says what was expected."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from math import isfinite
from reprlib import repr as shortened

from gpugrad.errors import InvalidArgument
from gpugrad.train.fields import LARGEST


def check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    """Raises `InvalidArgument` unless it is one of the choices; the message names a near one."""
    if value in choices:
        return
    raise wrong(name, value, f"one of {', '.join(choices)}{did_you_mean(value, choices)}")


def did_you_mean(value: object, known: Sequence[str]) -> str:
    """A question after a message, if something known is much like that value."""
    near = difflib.get_close_matches(value, known, n=1) if isinstance(value, str) else []
    return f". Did you mean '{near[0]}'?" if near else ""


def check_whole(name: str, value: object, low: int, high: int = LARGEST) -> None:
    """Raises `InvalidArgument` unless it is a whole number between these."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise wrong(name, value, f"a whole number from {low} to {high:,}")


def rate(name: str, value: object) -> float:
    """A finite number of at least 0."""
    try:
        if not isinstance(value, bool) and isinstance(value, int | float) and value >= 0:
            found = float(value)
            if isfinite(found):
                return found
    except OverflowError:                           # an integer beyond the floats
        pass
    raise wrong(name, value, "a finite number of at least 0")


def share(name: str, value: object) -> float:
    """A number from 0 to below 1."""
    found = rate(name, value)
    if found >= 1:
        raise wrong(name, value, "a number from 0 to below 1")
    return found


def wrong(name: str, value: object, wanted: str) -> InvalidArgument:
    """The error about a setting."""
    return InvalidArgument(f"{name} is {shortened(value)}; expected {wanted}")
