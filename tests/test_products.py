"""Threads of matrix products under gg.jit: one for small products, and the user's choice after."""

from threading import Thread

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.engines import blas_threads

threadpoolctl = pytest.importorskip("threadpoolctl", reason="pip install 'gpugrad[jit]'")


def numbers():
    found = threadpoolctl.ThreadpoolController().select(user_api="blas").lib_controllers
    return [pool.num_threads for pool in found]


@pytest.fixture(autouse=True)
def _two_threads():
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        yield


@pytest.mark.parametrize(("n", "inside"), [(8, 2), (100, 1), (200, 2)])
def test_products_of_medium_size_get_one_thread(n, inside):
    step = gg.jit(lambda a: a @ a, engine="numpy")
    a = np.ones((n, n))
    for _ in range(3):
        step(a)
    (entry,) = step._cache.kept.entries.values()
    seen = []
    size = blas_threads.largest(entry.plan, entry.plan.steps)
    run = blas_threads.fitting(size, lambda: seen.append(numbers()))
    run()
    assert seen == [[inside] * len(seen[0])]
    assert set(numbers()) == {2}


def test_an_error_inside_restores_them():
    step = gg.jit(lambda a: a @ a, engine="numpy")
    plan = step.plan(np.ones((100, 100)))

    def failing():
        raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        blas_threads.fitting(blas_threads.largest(plan, plan.steps), failing)()
    assert set(numbers()) == {2}


def test_many_threads_restore_them():
    step = gg.jit(lambda a: a @ a, engine="numpy")
    a = np.ones((100, 100))
    step.compile(a)

    def work():
        for _ in range(100):
            step(a)

    running = [Thread(target=work) for _ in range(4)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert set(numbers()) == {2}
