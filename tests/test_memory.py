"""What is held: no cycles and no growing memory are left behind, and peaks are as low as they go.

Each check runs in a process of its own, in which no thread of another test makes objects.
"""

import gc
import multiprocessing
import tracemalloc
from math import inf

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.backends.references import COUNTED
from gpugrad.sweep import planned

CALLS = 5
LAYERS, WIDTH = 6, 256


def in_own_process(check, *args):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.apply(check, args)


def train(p, x):
    value, g = gg.value_and_grad(lambda p: gg.mean((x @ p) ** 2))(p)
    return p - 0.1 * g, value


def check_calls(engine):
    step = gg.jit(train, donate_argnums=0, engine=engine)
    p, x = np.ones(3), np.ones((4, 3))

    def run(count):
        nonlocal p
        for _ in range(count):
            p, _ = step(p, x)

    run(10)
    gc.collect()
    gc.disable()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    run(1000)
    assert tracemalloc.get_traced_memory()[0] - before < 4096
    assert gc.collect() == 0


def record(engine):
    step = gg.jit(train, engine=engine)
    for _ in range(CALLS):
        step(np.ones(3), np.ones((4, 3)))


def check_recording(engine):
    record(engine)
    gc.collect()
    gc.disable()
    record(engine)
    assert gc.collect() == 0


def check_that_fails():
    gc.collect()
    gc.disable()
    cycle = []
    cycle.append(cycle)
    del cycle
    assert gc.collect() == 0


@pytest.mark.parametrize("engine", ["numpy", "native"])    # "auto" would move over
@pytest.mark.parametrize("check", [check_calls, check_recording])
def test_nothing_is_left_behind(check, engine):
    if check is check_recording and not COUNTED:
        pytest.skip("functions live until the collector comes where there is no global lock")
    in_own_process(check, engine)


def test_a_cycle_is_found():
    with pytest.raises(AssertionError):
        in_own_process(check_that_fails)


def check_results():
    n = 16
    compiled = gg.jit(lambda x: [x + i for i in range(n)])
    x = np.ones(2**17)
    compiled(x[:1])                                 # imports what is imported late
    tracemalloc.start()
    compiled(x)
    assert tracemalloc.get_traced_memory()[1] < (n + 2) * x.nbytes


def test_a_recording_run_holds_large_results_once():
    """Its values are copied for the caller, and each goes when it is copied."""
    in_own_process(check_results)


def network(*weights):
    h = np.ones((WIDTH, WIDTH))
    for w in weights:
        h = gg.tanh(h @ w)
    return gg.sum(h * h)


def elementwise(x):
    return gg.sum(gg.sin(gg.exp(gg.tanh(x) * x)) * gg.sigmoid(x))


def check_sweep(f, count):
    rng = np.random.default_rng(0)
    tensors = [gg.tensor(rng.normal(size=(WIDTH, WIDTH)) / 16, requires_grad=True)
               for _ in range(count)]

    def peak(meetings):
        planned.MEETINGS = meetings
        for t in tensors:
            t.grad = None
        y = f(*tensors)
        gc.collect()
        tracemalloc.reset_peak()
        y.backward()
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()                             # before the plan gets its memory
    peak(1)                                         # the first one records and compiles
    by_plan = peak(1)
    assert planned.cache._plans
    planned.cache.clear()
    peak(inf)
    assert by_plan <= peak(inf) + WIDTH * WIDTH
    assert not planned.cache._plans


@pytest.mark.parametrize(("f", "count"), [(network, LAYERS), (elementwise, 1)])
def test_peak_memory_is_that_of_the_direct_sweep(f, count):
    """Saved arrays go as they are used, so that gradients can take their place."""
    in_own_process(check_sweep, f, count)
