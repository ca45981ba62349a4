"""Functions under `gg.jit`, called until the engine that was asked for has taken over."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import perf_counter, sleep
from typing import Any

import gpugrad as gg
from gpugrad.errors import BackendUnavailable

ENGINES = ("numpy", "numba", "auto")

PATIENCE = 300.0
"""Seconds that the engine `auto` gets to compile and to choose."""


def available() -> tuple[str, ...]:
    """The engines that can be had here."""
    found = []
    for engine in ENGINES:
        try:
            gg.jit(lambda x: x, engine=engine)
        except BackendUnavailable as error:
            print(f"engine {engine} is left out: {error}")
        else:
            found.append(engine)
    return tuple(found)


def settle(function: Any, run: Callable[[], Any]) -> str:
    """Call `run`, which calls `function`, until it is compiled; the engine that then runs it.

    Numba compiles before the third call returns. The engine auto compiles beside the program and
    tries both engines: its choice is waited for, with sleeps that leave the core to the compiler.
    """
    for _ in range(3):
        run()
    (entry,) = function._cache.kept.entries.values()
    began = getattr(entry.call, "__self__", None)
    if began is None:                               # a call function, not a choice between two
        folder = type(entry.program).__module__.split(".")[2]
        return "numba" if folder == "native" else folder
    tried = False
    give_up = perf_counter() + PATIENCE
    while perf_counter() < give_up:
        trying = entry.call == began._tried
        if tried and not trying:
            return "numpy" if entry.call is began._slow else "numba"
        tried = tried or trying
        run()
        if entry.call is began._slow:               # it waits for the compiler
            sleep(0.02)
    sys.exit(f"the engine auto had not compiled {function.__name__} after {PATIENCE:.0f} s.")
