"""An instance of a program on a GPU: memory and graphs of its own, which wait for one another."""

from __future__ import annotations

from collections.abc import Callable
from weakref import finalize

from gpugrad.engines.cuda.turns import Turn
from gpugrad.engines.program import Make, Run
from gpugrad.plan.passes.memory import ALIGNMENT


class Instance:
    """A compiled plan with an arena and graphs of its own on the current device (see `pool.py`).

    It may be run on any stream, also on others in turn: a run waits for the one before.
    """

    __slots__ = ("__weakref__", "_function", "_turn", "donated", "held", "kept", "memory", "run")

    def __init__(self, make: Make, size: int) -> None:
        import cupy

        _drop_waiting()
        self._turn = Turn()
        stream = cupy.cuda.Stream(non_blocking=True)
        with stream:
            self.memory = cupy.empty(max(size, ALIGNMENT), "uint8")
            self._function, self.donated = make(self.memory, self._turn)
        stream.synchronize()
        # Memory that is given back must not be taken by others while a graph still works in it.
        finalize(self, _let_go, self._turn, self._function).atexit = False
        self.kept: tuple[object, ...] = ()
        self.held = 0
        self.run = self._function

    def run_as(self, variant: Callable[[Run], Run]) -> None:
        """From the next call on, run what `variant` makes of the function, in the same memory."""
        self.run = variant(self._function)

    def settle(self) -> None:
        """Let what comes on the current stream wait for the last run."""
        import cupy

        self._turn.begin(cupy.cuda.get_current_stream())


_waiting: list[tuple[Turn, object]] = []
"""What could not be let go of when it was dropped, with what holds its memory."""


def _let_go(turn: Turn, function: object) -> None:
    """Let the memory that `function` holds go when nobody works in it any more."""
    over = False
    try:
        over = turn.is_over()
    except Exception:                               # of CUDA, which can wait for it no more
        over = True
        raise
    finally:                                        # also where this was interrupted
        if not over:
            _waiting.append((turn, function))


def _drop_waiting() -> None:
    for _ in range(len(_waiting)):
        try:
            waiting = _waiting.pop(0)
        except IndexError:                          # other threads were faster
            return
        _let_go(*waiting)
