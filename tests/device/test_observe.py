"""What tests can read of what the device was asked to do."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import cupy as cp
import numpy as np
import pytest
from cupy.cuda import runtime


def kernel() -> Any:
    source = """
extern "C" __global__ void store(double *y, int n, double a) {
  extern __shared__ double shared[];
  if (threadIdx.x < n) y[threadIdx.x] = a;
}
"""
    return cp.RawModule(code=source).get_function("store")


def test_a_launch_with_all_that_belongs_to_it(done: Any) -> None:
    y = cp.empty(7)
    store = kernel()
    stream = cp.cuda.Stream(non_blocking=True)
    done.begin()
    with stream:
        store((2, 3), (32,), (y, np.int32(7), np.float64(0.5)), shared_mem=64)
    (entry,) = [x for x in done.entries() if x.kind == "launch"]
    assert (entry.name, entry.device, entry.stream) == ("store", 0, stream.ptr)
    assert (entry.grid, entry.block, entry.bytes) == ((2, 3, 1), (32, 1, 1), 64)
    pointer, n, a = entry.arguments
    assert np.frombuffer(pointer, np.uint64)[0] == y.data.ptr
    assert np.frombuffer(n, np.int32)[0] == 7
    assert np.frombuffer(a, np.float64)[0] == 0.5
    stream.synchronize()


def test_everything_is_counted(done: Any) -> None:
    stream = cp.cuda.Stream(non_blocking=True)
    done.begin()
    with stream:
        x, y = cp.empty(3), cp.empty(3)
        x.set(np.ones(3))
        cp.copyto(y, x)
        runtime.memsetAsync(y.data.ptr, 0, 8, stream.ptr)
        event = stream.record()
        stream.wait_event(event)
        stream.launch_host_func(lambda _: None, None)
        y.get()                                     # which waits
    assert done.counts() == {
        "malloc": 2, "to device": 1, "on device": 1, "memset": 1, "event record": 1,
        "wait event": 1, "host function": 1, "to host": 1, "synchronize": 1,
    }  # fmt: skip


def test_a_graph_is_one_launch_and_its_nodes_have_names(done: Any) -> None:
    store, y = kernel(), cp.empty(3)
    store.compile()
    stream = cp.cuda.Stream(non_blocking=True)
    with stream:
        stream.begin_capture()
        for _ in range(2):
            store((1,), (32,), (y, np.int32(3), np.float64(1.0)))
        graph = stream.end_capture()
        done.begin()
        graph.launch()
        stream.synchronize()
    assert done.counts() == {"graph launch": 1, "synchronize": 1}
    assert done.launches() == ["graph", "store", "store"]


def test_what_was_is_forgotten(done: Any) -> None:
    cp.ones(3)
    done.begin()
    assert (done.counts(), done.entries()) == ({}, [])


def in_a_process(code: str, **variables: str) -> str:
    run = subprocess.run([sys.executable, "-c", code], env={**os.environ, **variables},
                         capture_output=True, text=True)  # fmt: skip
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_launches_can_do_nothing() -> None:
    """To measure what they cost the host: neither kernels nor graphs run."""
    code = """
import cupy as cp
x = cp.ones(3)
stream = cp.cuda.Stream(non_blocking=True)
with stream:
    stream.begin_capture()
    x += 1
    graph = stream.end_capture()
    graph.launch()
    stream.synchronize()
from cuda_on_cpu import observe
print(observe.counts()["launch"], observe.counts()["graph launch"])
"""
    assert in_a_process(code) == "1 1\n"
    assert in_a_process(code, CUDA_ON_CPU_NO_LAUNCH="1") == "0 0\n"


@pytest.mark.parametrize("seed", ["1", "2"])
def test_a_seed_gives_the_same_orders_again(seed: str) -> None:
    """Of three numbers that atomics add, in float32, the sum depends on the order."""
    code = """
import cupy as cp, numpy as np
at, x = cp.zeros(96, 'int64'), cp.asarray(np.random.default_rng(0).normal(size=96).astype('f4'))
for _ in range(5):
    y = cp.zeros(1, 'float32')
    cp.add.at(y, at, x)
    print(y.get().tobytes().hex())
"""
    first, second = (in_a_process(code, CUDA_ON_CPU_SEED=seed) for _ in range(2))
    assert first == second
    assert len(set(first.split())) > 1
