"""The float16 of the shim against NumPy's, so that a kernel is never blamed for it."""

import ctypes

import numpy as np
import pytest

SOURCE = """
extern "C" void to_half(long n, const float *x, float16 *y) {
  for (long at = 0; at < n; ++at) y[at] = float16(x[at]);
}
extern "C" void to_float(long n, const float16 *x, float *y) {
  for (long at = 0; at < n; ++at) y[at] = x[at];
}
"""


@pytest.fixture(scope="module")
def convert(compiler):
    library = compiler.build(SOURCE)

    def run(name, x, dtype):
        y = np.empty(x.shape, dtype)
        pointers = (ctypes.c_void_p(a.ctypes.data) for a in (x, y))
        getattr(library, name)(ctypes.c_long(x.size), *pointers)
        return y

    return run


def test_every_half_becomes_the_float_that_it_is(convert):
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    np.testing.assert_array_equal(
        convert("to_float", halves, np.float32), halves.astype(np.float32)
    )


def test_a_float_rounds_to_the_nearest_half_ties_to_even(convert):
    halves = np.arange(0x7C00, dtype=np.uint16).view(np.float16).astype(np.float32)
    middles = (halves[1:] + halves[:-1]) / 2
    above = np.nextafter(middles, np.float32(np.inf))
    below = np.nextafter(middles, np.float32(0))
    edges = np.float32([65519.9, 65520, 65536, 1e30, np.inf, np.nan, 1e-8, 1e-40, 0])
    x = np.concatenate([halves, middles, above, below, edges])
    x = np.concatenate([x, -x])
    with np.errstate(over="ignore"):
        wanted = x.astype(np.float16)
    found = convert("to_half", x, np.float16)
    np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(np.signbit(found), np.signbit(x))
