"""The stacks on which the threads of a block run."""

from __future__ import annotations

import cupy as cp
import observe
import pytest

if not observe.ON_CPU:
    pytest.skip("CuPy is not the one that runs on the CPU", allow_module_level=True)

SOURCE = """
extern "C" __global__ void where(unsigned long long *out) {
    struct alignas(16) Pair { double x, y; } pair;
    Pair *volatile place = &pair;       // volatile, or the compiler knows what comes out
    out[threadIdx.x] = reinterpret_cast<unsigned long long>(place) % 16;
}
"""


def test_variables_are_aligned_as_the_compiler_takes_them_to_be() -> None:
    """Else a kernel that moves 16 bytes at once fails, here and not on a GPU."""
    places = cp.full(64, 99, "uint64")
    cp.RawKernel(SOURCE, "where")((1,), (64,), (places,))
    assert places.tolist() == [0] * 64
