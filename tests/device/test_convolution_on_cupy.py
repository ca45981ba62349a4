"""Long convolutions, for which CuPy takes Fourier transforms."""

from __future__ import annotations

import cupy as cp
import numpy as np
import pytest
from mixing import host

import gpugrad as gg
from gpugrad.backends import cupy


@pytest.mark.parametrize("dtypes", [
    ("float64", "float32"), ("float32", "float64"), ("float64", "complex64"),
    ("complex128", "float32"), ("float16", "float64"), ("float64", "int8"), ("float64", "float64"),
])
@pytest.mark.parametrize("mode", ["full", "valid", "same"])
def test_operands_of_two_dtypes_are_convolved_in_that_of_the_result(
    dtypes: tuple[str, str], mode: str
) -> None:
    rng = np.random.default_rng(0)
    n = cupy.LONG + 5
    a, b = ((rng.normal(size=n + i) * 8).astype(dtype) for i, dtype in enumerate(dtypes))
    found = host(gg.convolve(cp.asarray(a), cp.asarray(b), mode=mode))
    wanted = np.convolve(a, b, mode)
    assert found.dtype == wanted.dtype
    np.testing.assert_allclose(found, wanted, atol=1e-12 * np.abs(wanted).max())
