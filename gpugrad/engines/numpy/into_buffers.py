"""The functions that the source of the NumPy engine names; ours write into a buffer."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

import numpy as np

from gpugrad.backends import numpy_namespace, short_axes
from gpugrad.backends.numpy import has_finite_parts, has_roots, with_roots
from gpugrad.plan import interpret
from gpugrad.plan.primitive import ELEMENTWISE, REDUCTION
from gpugrad.plan.primitives import PRIMITIVES

Array = np.ndarray


def scale_into(a: Array, d: Array, y: Array) -> None:
    """`scale` into `y`; only where something is not finite are there more passes than two."""
    np.multiply(a, d, y)
    if y.dtype.kind == "c":
        finite = has_finite_parts(y)
    else:
        flat = y.ravel()
        finite = y.dtype.kind == "f" and isfinite(flat.dot(flat))
    if not finite:
        np.copyto(y, y.dtype.type(0), where=(a == 0) & ~np.isfinite(d))


def power_into(a: Array, b: Array, y: Array) -> None:
    """`a ** b` into `y`."""
    if has_roots(b):
        np.copyto(y, with_roots(a, b, np.power(a, b)))
    else:
        np.power(a, b, y)


def tanh_slope_into(x: Array, y: Array) -> None:
    """`tanh_slope` into `y`."""
    np.cosh(x, y)
    np.divide(1, y, y)
    np.multiply(y, y, y)


def where_into(condition: Array, a: Array, b: Array, y: Array) -> None:
    """`where` into `y`."""
    np.copyto(y, b)
    np.copyto(y, a, where=condition)


def call_into(name: str) -> Callable[..., None]:
    """A function of the namespace that allocates, with its result copied into a buffer."""
    function = getattr(numpy_namespace, name)

    def call(*arguments: Array) -> None:
        *operands, y = arguments
        y[...] = function(*operands)

    return call


def check_labels(labels: Array, n: int) -> None:
    """As the reference's; a label below 0 is a large one when it is read without its sign."""
    unsigned = labels.view(np.uint64) if labels.dtype == np.int64 else labels.astype(np.uint64)
    if labels.size and np.maximum.reduce(unsigned, None) >= n:
        interpret.check_labels(labels, n)


def nll_into(x: Array, labels: Array, starts: Array, y: Array) -> None:
    """`nll` into `y`; `starts` is where each row of `x` begins when it lies flat."""
    x.reshape(-1).take((starts + labels).ravel(), 0, y.reshape(-1), "clip")
    np.negative(y, y)


def one_hot_into(labels: Array, classes: Array, y: Array) -> None:
    """`one_hot` into `y`."""
    np.copyto(y, labels[..., None] == classes)


ELEMENTWISE_ROWS = [row for row in PRIMITIVES.values() if row.kind == ELEMENTWISE]
REDUCTION_ROWS = [row for row in PRIMITIVES.values() if row.kind == REDUCTION]

FUNCTIONS: dict[str, object] = {
    **{row.ufunc: getattr(np, row.ufunc) for row in ELEMENTWISE_ROWS if row.ufunc.isidentifier()},
    **{f"{row.ufunc}_reduce": getattr(np, row.ufunc).reduce for row in REDUCTION_ROWS},
    **{f"{row.name}_into": call_into(row.name) for row in ELEMENTWISE_ROWS if not row.ufunc},
    "joined": short_axes.joined,
    "scale_into": scale_into,
    "power_into": power_into,
    "where_into": where_into,
    "tanh_slope_into": tanh_slope_into,
    "array": np.array,
    "copyto": np.copyto,
    "check_labels": check_labels,
    "concatenate": np.concatenate,
    "dot": np.dot,
    "empty": np.empty,
    "rint": np.rint,
    "matmul": np.matmul,
    "add_at": np.add.at,
    "add_at_half": numpy_namespace.add_at,          # sums in single precision
    "nll_into": nll_into,
    "one_hot_into": one_hot_into,
}
"""What the source may name."""
