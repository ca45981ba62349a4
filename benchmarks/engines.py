"""Functions under `gg.jit`, called until the engine that was asked for has taken over."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from time import perf_counter, sleep
from typing import Any

import gpugrad as gg
from gpugrad.errors import BackendUnavailable

ENGINES = ("numpy", "native", "auto")

PATIENCE = 300.0
"""Seconds that the engine `auto` gets to compile and to choose."""

UNDECIDED = ("numpy; ", "numpy, until ", "each ")
"""How the engine `auto` begins to say that it has not chosen yet."""


def available(wanted: Sequence[str] = ENGINES) -> tuple[str, ...]:
    """The engines of these that can be had here."""
    found = []
    for engine in wanted:
        try:
            gg.jit(lambda x: x, engine=engine)
        except BackendUnavailable as error:
            print(f"engine {engine} is left out: {error}")
        else:
            found.append(engine)
    return tuple(found)


def settle(function: Any, run: Callable[[], Any]) -> str:
    """Call `run`, which calls `function`, until it is compiled; the engine that then runs it.

    The engine native compiles before the third call returns. The engine auto compiles beside the
    program and tries both engines: its choice is waited for, with sleeps that leave the core to the
    compiler.
    """
    for _ in range(3):
        run()
    (entry,) = function._cache.kept.entries.values()
    give_up = perf_counter() + PATIENCE
    while (chosen := str(entry.running.chosen)).startswith(UNDECIDED):
        run()
        if not chosen.startswith("each"):     # it waits for the compiler
            sleep(0.02)
        if perf_counter() > give_up:
            sys.exit(f"the engine auto had not compiled {function.__name__} in {PATIENCE:.0f} s.")
    return str(entry.running.engine)
