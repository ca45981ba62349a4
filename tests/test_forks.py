"""A forked child runs, compiles and differentiates, whatever other threads were at when it forked.
"""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from threading import Event, Thread

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.core import tensor
from gpugrad.engines import blas_threads, profiling
from gpugrad.forks import free_in_child, kept
from gpugrad.transforms.jit import auto

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),     # beside threads it may hang
]

PATIENCE = 60
ENGINES = ["numpy", *(["native", "auto"] if find_spec("llvmlite") else [])]


def child(does: Callable[[], bool]) -> int:
    """The status with which a forked child ends: 0 where `does` says that all is well."""
    sys.stdout.flush()
    number = os.fork()
    if not number:
        faulthandler.dump_traceback_later(PATIENCE, exit=True)
        try:
            os._exit(0 if does() else 3)
        finally:
            os._exit(4)
    return os.waitpid(number, 0)[1]


@contextmanager
def held(lock: threading.Lock) -> Iterator[None]:
    """Another thread holds the lock, as long as the block lasts."""
    taken, done = Event(), Event()

    def hold() -> None:
        with lock:
            taken.set()
            done.wait()

    thread = Thread(target=hold)
    thread.start()
    taken.wait()
    try:
        yield
    finally:
        done.set()
        thread.join()


def use_all() -> bool:
    """Whether what takes locks does its work."""
    x = np.linspace(0, 1, 5)
    for engine in ENGINES:
        step = gg.jit(lambda x: gg.sum(gg.sin(x) * x), engine=engine)
        for _ in range(4):
            assert np.isclose(step(x), np.sum(np.sin(x) * x))
    with gg.profile():
        step(x)
    t = gg.tensor(x, requires_grad=True)
    gg.sum(t * t).backward()
    blas_threads._pools.take(t)
    blas_threads._pools.give_back(t)
    return np.array_equal(t.grad, 2 * x)


LOCKS = {
    "backward": lambda: tensor._lock,
    "profiles": lambda: profiling._lock,
    "turns": lambda: auto.Mover._turn,
    "compile thread": lambda: auto._worker._lock,
    "pools of BLAS": lambda: blas_threads._pools._lock,
}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_that_another_thread_holds_is_free_in_a_child(name: str) -> None:
    with held(LOCKS[name]()):
        assert child(use_all) == 0


def test_a_lock_of_nobody_else_is_not_free() -> None:
    """Or the test above would show nothing."""
    mine, other = threading.Lock(), free_in_child(threading.Lock())
    with held(mine), held(other):
        assert child(lambda: not mine.acquire(timeout=0.1) and other.acquire(timeout=0.1)) == 0


def test_what_another_thread_computes_is_computed_in_a_child_too() -> None:
    """Where Python holds a lock meanwhile, the child does not wait for it."""
    begun, done = Event(), Event()

    class Slow:
        @kept
        def number(self) -> int:
            begun.set()
            done.wait()
            return 7

    first, second = Slow(), Slow()
    thread = Thread(target=lambda: first.number)
    thread.start()
    begun.wait()
    try:
        done_in_child = child(lambda: done.set() is None and first.number + second.number == 14)
    finally:
        done.set()
        thread.join()
    assert done_in_child == 0
    assert first.number == 7
    assert vars(first) == {"number": 7}


def test_pools_of_blas_are_as_before_in_a_child() -> None:
    """Whoever took them in another thread does not give them back there."""
    pools = blas_threads._pools
    pools.take("another thread's call")
    try:
        assert child(lambda: not pools._callers and not pools._before) == 0
    finally:
        pools.give_back("another thread's call")


@pytest.mark.parametrize("engine", ENGINES)
def test_children_of_a_process_whose_threads_compile(engine: str) -> None:
    x, stop = np.linspace(0, 1, 5), Event()

    def compile_on() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            factor = float(number)

            def f(x: object, factor: float = factor) -> object:
                def round_(c: object, row: object) -> tuple[object, object]:
                    return c * 0.5 + row, gg.sin(c)[:2] * factor
                return gg.scan(round_, x, gg.stack([x, x * factor]))

            step = gg.jit(f, engine=engine)
            for _ in range(4):
                step(x)

    threads = [Thread(target=compile_on) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        assert [child(use_all) for _ in range(8)] == [0] * 8
    finally:
        stop.set()
        for thread in threads:
            thread.join()
