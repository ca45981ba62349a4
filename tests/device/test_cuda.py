"""Threads of a block and functions of the device, asked of a GPU or of the runtime for the CPU."""

from __future__ import annotations

from typing import Any

import cupy as cp
import numpy as np
import pytest
from rounding import assert_same

SOURCE = """
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
