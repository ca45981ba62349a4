"""Rows in which a result is farther off than the bound, and why.

By function, dtype and order of the derivative. Each reason is an error of the array library's own
function, with its size.
"""

from __future__ import annotations

_RANGE = (
    "NumPy's `a**(b - 2)` is infinite, and so is `a**(b - 1) * log(a)`, where a tiny `b` brings "
    "the result back into the range"
)

EXCEPTIONS: dict[tuple[str, str, int], str] = {
    ("log_ndtr", "float64", 2): "SciPy's `erfcx` is off by 2 units, which count 5 times or more",
    ("gammaln", "float64", 0): "SciPy's `gammaln` is infinite at the smallest denormal number",
    ("power", "float64", 2): _RANGE,
    ("power", "float32", 2): _RANGE,
}
