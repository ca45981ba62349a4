"""What a launch may ask for, and what kernels get."""

from __future__ import annotations

from typing import Any

import cupy as cp
import numpy as np
import pytest
from cupy.cuda import driver

SOURCE = """
struct Two { unsigned long long word[2]; };
struct Large { unsigned char byte[4096]; };
extern "C" __global__ void store(double *y, double a, Two words) {
  y[0] = a; y[1] = words.word[0]; y[2] = words.word[1];
}
extern "C" __global__ void last(int *y, Large large) { *y = large.byte[4095]; }
extern "C" __global__ void
where(int *y) {
  if (threadIdx.x + threadIdx.y + threadIdx.z == 0)
    y[blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z)] = blockDim.x * blockDim.y;
}
extern "C" __global__ void
shared(int *y) {
  extern __shared__ int parts[];
  parts[threadIdx.x] = threadIdx.x;
  y[threadIdx.x] = parts[threadIdx.x];
}
extern "C" __global__ void __launch_bounds__(64)
bounded(int *y) { y[threadIdx.x] = 1; }
"""


def kernel(name: str) -> Any:
    return cp.RawModule(code=SOURCE, options=("-std=c++17",)).get_function(name)


def test_a_launch_takes_pointers_numbers_and_structures() -> None:
    words = np.array([7, 9], np.uint64)
    y = cp.zeros(3)
    kernel("store")((1,), (1,), (y, np.float64(0.5), words.view([("word", np.uint64, 2)])))
    words[:] = 0                                    # what was given counts, not what is there later
    assert cp.asnumpy(y).tolist() == [0.5, 7.0, 9.0]


def test_a_launch_takes_four_kibibytes_and_more() -> None:
    large = np.arange(4096).astype(np.uint8)
    large[-1] = 77
    y = cp.zeros(1, "int32")
    kernel("last")((1,), (1,), (y, large.view([("byte", np.uint8, 4096)])))
    assert int(y[0]) == 77


def test_grids_and_blocks_have_three_dimensions() -> None:
    y = cp.zeros(24, "int32")
    kernel("where")((2, 3, 4), (2, 3, 1), (y,))
    assert cp.asnumpy(y).tolist() == [6] * 24


@pytest.mark.parametrize(
    ("grid", "block"),
    [((1,), (1025,)), ((1,), (32, 33)), ((1,), (1, 1, 65)), ((1, 65536), (1,)),
     ((1, 1, 65536), (1,))],
)  # fmt: skip
def test_what_is_too_large_is_refused(grid: tuple[int, ...], block: tuple[int, ...]) -> None:
    with pytest.raises(driver.CUDADriverError, match=r"INVALID_VALUE|InvalidValue"):
        kernel("where")(grid, block, (cp.zeros(1, "int32"),))


def test_shared_memory_beyond_48_kib_has_to_be_asked_for() -> None:
    shared, y = kernel("shared"), cp.zeros(32, "int32")
    shared((1,), (32,), (y,), shared_mem=48 * 1024)
    assert cp.asnumpy(y).tolist() == [*range(32)]
    with pytest.raises(driver.CUDADriverError, match=r"INVALID_VALUE|InvalidValue"):
        shared((1,), (32,), (y,), shared_mem=48 * 1024 + 4)
    most = cp.cuda.Device().attributes["MaxSharedMemoryPerBlockOptin"]
    shared.max_dynamic_shared_size_bytes = most
    shared((1,), (32,), (y,), shared_mem=most)
    with pytest.raises(driver.CUDADriverError):
        shared.max_dynamic_shared_size_bytes = most + 1


def test_launch_bounds_bind() -> None:
    bounded, y = kernel("bounded"), cp.zeros(128, "int32")
    assert bounded.max_threads_per_block == 64
    bounded((1,), (64,), (y,))
    with pytest.raises(driver.CUDADriverError, match=r"OUT_OF_RESOURCES|OutOfResources"):
        bounded((1,), (128,), (y,))
    assert int(y.sum()) == 64


def test_occupancy() -> None:
    shared = kernel("shared")
    shared.compile()
    fit = driver.occupancyMaxActiveBlocksPerMultiprocessor
    assert fit(shared.kernel.ptr, 1024, 0) == 2
    assert 1 <= fit(shared.kernel.ptr, 128, 40 * 1024) <= 5
    grid, block = driver.occupancyMaxPotentialBlockSize(shared.kernel.ptr, 0, 0)
    assert grid >= 1
    assert block % 32 == 0


def test_a_kernel_that_is_not_there() -> None:
    with pytest.raises(driver.CUDADriverError, match=r"NOT_FOUND|NotFound"):
        cp.RawModule(code=SOURCE).get_function("nothing").compile()
