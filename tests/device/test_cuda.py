"""What the CUDA runtime for the CPU claims of CUDA, asked of whichever of the two is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cupy as cp
import numpy as np
import pytest
from rounding import assert_same

SOURCE = """
extern "C" __global__ void add(double *x, double y) {
  x[blockIdx.x * blockDim.x + threadIdx.x] += y;
}

extern "C" __global__ void block_sums(const long long *x, long long *sums) {
  __shared__ long long parts[32];
  long long value = x[blockIdx.x * blockDim.x + threadIdx.x];
  for (int step = 16; step > 0; step /= 2) value += __shfl_xor_sync(0xffffffffu, value, step);
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = value;
  __syncthreads();
  if (threadIdx.x == 0) {
    for (int i = 1; i < blockDim.x / 32; ++i) value += parts[i];
    sums[blockIdx.x] = value;
  }
}

extern "C" __global__ void turned(int *x) {
  extern __shared__ int held[];
  held[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  x[threadIdx.x] = held[blockDim.x - 1 - threadIdx.x];
}

extern "C" __global__ void counted(unsigned long long *count, int *last, unsigned blocks) {
  if (threadIdx.x == 0) {
    __threadfence();
    if (atomicAdd(count, 1ull) == blocks - 1) *last += 1;
  }
}
"""


@pytest.fixture(scope="module")
def module() -> Any:
    return cp.RawModule(code=SOURCE)


def captured(stream: Any, run: Callable[[], None]) -> Any:
    """The graph of what `run` queues."""
    with stream:
        stream.begin_capture()
        try:
            run()
        finally:
            graph = stream.end_capture()
    return graph


def test_threads_of_a_block_meet_and_share(module: Any) -> None:
    x = cp.asarray(np.random.default_rng(0).integers(-99, 99, (20, 256)))
    sums = cp.empty(20, "int64")
    module.get_function("block_sums")((20,), (256,), (x, sums))
    assert (sums.get() == x.get().sum(1)).all()
    y = cp.arange(1000, dtype="int32")
    module.get_function("turned")((1,), (1000,), (y,), shared_mem=4000)
    assert y.get().tolist() == list(range(999, -1, -1))


def test_one_block_is_the_last(module: Any) -> None:
    count, last = cp.zeros(1, "uint64"), cp.zeros(1, "int32")
    module.get_function("counted")((500,), (64,), (count, last, np.uint32(500)))
    assert (int(count[0]), int(last[0])) == (500, 1)


@pytest.mark.parametrize(("grid", "block", "shared"), [
    ((1,), (1025,), 0), ((1,), (1024, 2), 0), ((1, 65536), (1,), 0), ((1, 1, 65536), (1,), 0),
    ((1,), (1, 1, 65), 0), ((1,), (32,), 2**20),
])  # fmt: skip
def test_what_no_device_can_launch_is_refused(
    module: Any, grid: tuple[int, ...], block: tuple[int, ...], shared: int
) -> None:
    x = cp.zeros(1)
    with pytest.raises(cp.cuda.driver.CUDADriverError):
        module.get_function("add")(grid, block, (x, 1.0), shared_mem=shared)
    module.get_function("add")((1,), (1,), (x, 1.0))            # and the next launch is as ever
    assert float(x[0]) == 1.0


def test_arguments_are_taken_at_the_launch_and_arrays_read_when_it_runs(module: Any) -> None:
    x, number = cp.zeros(3), np.array(2.0)
    module.get_function("add")((1,), (3,), (x, number[()]))
    number[()] = 5.0
    module.get_function("add")((1,), (3,), (x, number[()]))
    assert x.get().tolist() == [7.0] * 3


def test_a_graph_runs_what_was_captured_on_what_is_there(module: Any) -> None:
    stream, x = cp.cuda.Stream(non_blocking=True), cp.zeros(4)
    add = module.get_function("add")
    cp.cuda.get_current_stream().synchronize()

    def twice() -> None:
        add((1,), (4,), (x, 1.0))
        add((1,), (4,), (x, 0.5))

    graph = captured(stream, twice)
    assert x.get().tolist() == [0.0] * 4            # a capture runs nothing
    for _ in range(3):
        graph.launch(stream)
    stream.synchronize()
    assert x.get().tolist() == [4.5] * 4
    x[...] = 10.0
    cp.cuda.get_current_stream().synchronize()
    graph.launch(stream)
    stream.synchronize()
    assert x.get().tolist() == [11.5] * 4


REFUSED: dict[str, Callable[[Any, Any], Any]] = {
    "waiting for the stream": lambda stream, x: stream.synchronize(),
    "asking whether it is done": lambda stream, x: stream.done,
    "copying to the host": lambda stream, x: x.get(),
    "copying from the host": lambda stream, x: x.set(np.zeros((4, 4))),
    "looking at a value": lambda stream, x: float(x[0, 0]),
    "CuPy's own cuBLAS": lambda stream, x: x @ x,
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_capture_refuses(name: str) -> None:
    stream, x = cp.cuda.Stream(non_blocking=True), cp.ones((4, 4))
    assert (x @ x).get()[0, 0] == 4                 # the library is there already
    cp.cuda.get_current_stream().synchronize()
    with pytest.raises((RuntimeError, NotImplementedError)):
        captured(stream, lambda: REFUSED[name](stream, x))
    graph = captured(stream, lambda: x.fill(3.0))   # the next one is as ever
    graph.launch(stream)
    stream.synchronize()
    assert (x.get() == 3).all()


def test_a_stream_waits_for_an_event_of_another(module: Any) -> None:
    one, other = (cp.cuda.Stream(non_blocking=True) for _ in range(2))
    x = cp.zeros(256)
    add = module.get_function("add")
    cp.cuda.get_current_stream().synchronize()
    for _ in range(50):
        for mine, after in ((one, other), (other, one)):
            with mine:
                add((1,), (256,), (x, 1.0))
                event = mine.record()
            after.wait_event(event)
    event.synchronize()
    assert event.done
    assert x.get().tolist() == [100.0] * 256


def test_functions_of_the_device_are_those_of_numpy() -> None:
    """To a few last places: the kernels are given to another compiler, with its own functions."""
    x = np.linspace(-3, 3, 999)
    for name in "sin cos tan exp expm1 tanh sinh cosh arctan arcsinh sqrt log log1p cbrt".split():
        operand = np.abs(x) + 0.1 if name in ("sqrt", "log", "log1p") else x
        for dtype in ("float32", "float64"):
            given = operand.astype(dtype)
            assert_same([getattr(cp, name)(cp.asarray(given))], [getattr(np, name)(given)])


def test_libraries_of_the_device_solve_what_they_are_given() -> None:
    """Held against the definition, which leaves the signs open."""
    a = np.random.default_rng(0).normal(size=(6, 4))
    square, b = a.T @ a + np.eye(4), a[:4]
    u, s, vh = cp.linalg.svd(cp.asarray(a), full_matrices=False)
    assert_same([(u * s) @ vh, s], [a, np.linalg.svd(a)[1]], rounding=10)
    q, r = cp.linalg.qr(cp.asarray(a))
    assert_same([q @ r, q.T @ q], [a, np.eye(4)], rounding=10)
    w, v = cp.linalg.eigh(cp.asarray(square))
    assert_same([(v * w) @ v.T, w], [square, np.linalg.eigvalsh(square)], rounding=10)
    found = [
        cp.linalg.solve(cp.asarray(square), cp.asarray(b)), cp.linalg.cholesky(cp.asarray(square)),
        cp.linalg.inv(cp.asarray(square)), cp.fft.fft(cp.asarray(a[:, 0])),
    ]  # fmt: skip
    wanted = [
        np.linalg.solve(square, b), np.linalg.cholesky(square), np.linalg.inv(square),
        np.fft.fft(a[:, 0]),
    ]
    assert_same(found, wanted, rounding=100)
