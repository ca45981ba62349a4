"""How far two libraries may be apart that compute the same, argued from the eps of the dtype.

An elementwise function is right to a few last places of each element. Where elements meet, in sums,
products, transforms and decompositions, no library promises more than an error in proportion to
the largest of what met: each adds in an order of its own, with fused multiply-add or without, and
what is small beside the largest may be nothing but rounding. So no tolerance is below eps times
the largest element.
"""

from __future__ import annotations

from typing import Any

import numpy as np

TOLERANCES = {
    "float16": 2e-3, "float32": 1e-5, "complex64": 1e-5, "float64": 1e-12, "complex128": 1e-12,
}  # fmt: skip
"""Of the value of an element, and of the largest one: 2 roundings of halves, which are made last;
84 in single precision; in double precision what still tells a result that was single anywhere.
"""


def largest(x: Any) -> float:
    """The largest finite absolute value; 0 where there is none."""
    x = np.abs(np.asarray(x))
    return float(np.max(x, where=np.isfinite(x), initial=0))


def assert_same(found: Any, wanted: Any, rounding: float = 1.0) -> None:
    """Arrays, also of a device, are equal to so many of these roundings, in dtype and shape too."""
    for a, b in zip(found, wanted, strict=True):
        a, b = _on_host(a), _on_host(b)
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        tolerance = rounding * TOLERANCES.get(b.dtype.name, 0.0)
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * largest(b))


def _on_host(x: Any) -> Any:
    return x.get() if hasattr(x, "get") else np.asarray(x)
