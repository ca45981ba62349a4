"""Ending all ranks where one of them fails: the others would wait for it for ever."""

from __future__ import annotations

import sys
from types import TracebackType

from gpugrad.parallel.worlds import world


def abort_on_error() -> None:
    """From now on, let an exception that would end this process end all processes of `mpiexec`.

    The others would wait for it for ever. It is shown as always, with the rank before it. Call it
    at the beginning of a program that runs under `mpiexec`; `gpugrad train` does. For a single
    process it changes nothing.

    Example:
        >>> gg.parallel.abort_on_error()
        >>> world = gg.parallel.world()
    """
    there, before = world(), sys.excepthook
    if there.size == 1:
        return

    def hook(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        sys.stderr.write(f"rank {there.rank} of {there.size} ends all others:\n")
        before(kind, error, trace)
        sys.stderr.flush()
        there.abort(130 if issubclass(kind, KeyboardInterrupt) else 1)

    sys.excepthook = hook
