"""What a call goes through, counted: it does not depend on the machine, as times do."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def called(f: Callable[[], Any], *, of_c: bool = False) -> list[str]:
    """The qualified names of the functions of Python that `f()` calls, `f` being the first, in
    order; with `of_c`, those of functions written in C as well. Nothing is collected meanwhile,
    which would call what is told when objects die.
    """
    found: list[str] = []

    def note(frame: FrameType, event: str, function: Any) -> None:
        if event == "call":
            found.append(frame.f_code.co_qualname)
        elif event == "c_call" and of_c and function is not sys.setprofile:
            found.append(function.__qualname__)

    before, collects = sys.getprofile(), gc.isenabled()
    gc.disable()
    sys.setprofile(note)
    try:
        f()
    finally:
        sys.setprofile(before)
        if collects:
            gc.enable()
    return found
