"""What the option --log of `gpugrad train` writes for other tools."""

from __future__ import annotations

from difflib import get_close_matches

from gpugrad.errors import InvalidArgument
from gpugrad.train import Observer, Observers, TensorBoard

LOGS = {"tensorboard": TensorBoard}


def logged(observer: Observer, log: str | None) -> Observer:
    """`observer`, and beside it what was asked for by name."""
    if log is None:
        return observer
    if log not in LOGS:
        near = get_close_matches(log, LOGS, n=1)
        hint = f". Did you mean '{near[0]}'?" if near else ""
        raise InvalidArgument(f"log is '{log}'; expected {' or '.join(LOGS)}{hint}")
    return Observers(observer, LOGS[log]())
