"""How many threads matrix products get: threads that wait for each other cost more than they give.

OpenBLAS shares a product among threads from some 2**18 multiplications on, which on a busy machine,
and for the many small products of a training step, takes longer than one thread would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.util import find_spec
from math import prod
from threading import RLock
from typing import TYPE_CHECKING, TypeVar

from gpugrad.forks import free_in_child, in_child
from gpugrad.plan.plan import Plan, Step

if TYPE_CHECKING:
    from threadpoolctl import LibController

ALONE = 2**18
"""Multiplications up to which OpenBLAS takes one thread of its own accord."""

SMALL = 2**22
"""Multiplications up to which one thread is enough: about 0.2 ms on one core."""

R = TypeVar("R")


def fitting(largest: int, run: Callable[..., R]) -> Callable[..., R]:
    """`run` on one thread for each product, if all are small: `largest` is the largest one's size.

    Without threadpoolctl, which the extra `jit` brings, it is left as it is.
    """
    if not ALONE < largest <= SMALL or find_spec("threadpoolctl") is None:
        return run
    _pools.look()

    def run_alone(*inputs: object) -> R:
        caller = object()
        try:
            try:                                    # twice, as in `context.py`
                _pools.take(caller)
                return run(*inputs)
            finally:
                _pools.give_back(caller)
        finally:
            _pools.give_back(caller)

    return run_alone


def largest(plan: Plan, steps: Iterable[Step]) -> int:
    """Multiplications of the largest product among these steps of the plan."""
    return max((size(plan, step) for step in steps if step.op == "matmul"), default=0)


def size(plan: Plan, step: Step) -> int:
    """Multiplications of a product; of many side by side, of one."""
    return prod(plan.slots[step.outputs[0]].shape[-2:]) * plan.slots[step.inputs[0]].shape[-1]


class _Pools:
    """The thread pools of the BLAS libraries that are loaded: NumPy's, and others."""

    def __init__(self) -> None:
        self._lock = free_in_child(RLock())
        self._callers: set[object] = set()
        self._before: list[tuple[LibController, int]] = []
        self._found: list[LibController] = []

    def look(self) -> None:
        """Find the libraries anew: more may have been loaded."""
        from threadpoolctl import ThreadpoolController

        self._found = ThreadpoolController().select(user_api="blas").lib_controllers

    def take(self, caller: object) -> None:
        """One thread for each pool, until all who took it give it back."""
        with self._lock:
            if not self._callers and not self._before:
                found = [(pool, pool.num_threads) for pool in self._found]
                self._before = [(pool, number) for pool, number in found if number != 1]
                for pool, _ in self._before:
                    pool.set_num_threads(1)
            self._callers.add(caller)

    def give_back(self, caller: object) -> None:
        """As many threads as before, if nobody else is left who took it."""
        with self._lock:
            self._callers.discard(caller)
            if not self._callers:
                for pool, number in self._before:
                    pool.set_num_threads(number)
                self._before = []


    def forget(self) -> None:
        """Forget in a forked child who took it: none is left but the thread that forked."""
        self._callers.clear()
        self.give_back(None)


_pools = _Pools()
in_child(_pools.forget)
