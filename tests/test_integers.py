"""Integers and booleans at the ends of their ranges: what NumPy computes in wider integers or in
floating point does not wrap around here, in any mode; what wraps there wraps here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from math import inf
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.core.registry import namespace as ops

DTYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
MODES = ("arrays", "Tensors", "numpy", "native", "vmap")

Row = Callable[..., Any]


def norms(xp: Any) -> Any:
    """The functions of matrices of a namespace."""
    return xp.linalg


def softmax(xp: Any, x: Any) -> Any:
    shares = xp.exp(x - xp.max(x, axis=1, keepdims=True))
    return shares / xp.sum(shares, axis=1, keepdims=True)


def standard(xp: Any, x: Any) -> Any:
    centred = x - xp.mean(x, axis=1, keepdims=True)
    return centred / xp.sqrt(xp.mean(centred**2, axis=1, keepdims=True) + 1e-5)


SAME: dict[str, Row] = {
    **{
        name: lambda xp, x, y, name=name: getattr(xp, name)(x)
        for name in (
            "sum prod mean max min var std cumsum cumprod average trace median nansum nanmean"
            " nanvar nanstd nanmax nanmin count_nonzero argmax sort"
        ).split()
    },
    **{
        f"{name}, axis": lambda xp, x, y, name=name: getattr(xp, name)(x, axis=0)
        for name in "sum prod mean max var std cumsum cumprod average median nanmean".split()
    },
    # The second row: in the first, the sum of the weights is what is left of opposite numbers.
    "average by weights": lambda xp, x, y: xp.average(x, axis=1, weights=y[1]),
    "cov": lambda xp, x, y: xp.cov(x, y),
    "corrcoef": lambda xp, x, y: xp.corrcoef(x),
    "interp": lambda xp, x, y: xp.interp(x[0], xp.sort(y[0]), x[1]),
    "vander": lambda xp, x, y: xp.vander(x[0], 4),
    "isclose": lambda xp, x, y: xp.isclose(x, y),
    "isclose to 1": lambda xp, x, y: xp.isclose(x, 1, rtol=0.6),
    "allclose": lambda xp, x, y: xp.allclose(x, y, rtol=1e-3),
    "matmul": lambda xp, x, y: xp.matmul(x, y.T),
    "dot": lambda xp, x, y: xp.dot(x, y.T),
    "inner": lambda xp, x, y: xp.inner(x, y),
    "vdot": lambda xp, x, y: xp.vdot(x, y),
    "outer": lambda xp, x, y: xp.outer(x, y),
    "kron": lambda xp, x, y: xp.kron(x, y),
    "tensordot": lambda xp, x, y: xp.tensordot(x, y, axes=2),
    "einsum": lambda xp, x, y: xp.einsum("ij,kj->ik", x, y),
    "convolve": lambda xp, x, y: xp.convolve(x[0], y[0]),
    "correlate": lambda xp, x, y: xp.correlate(x[0], y[0], "full"),
    "matrix_power": lambda xp, x, y: xp.linalg.matrix_power(x[:, :2], 3),
    "polyval": lambda xp, x, y: xp.polyval(x[0], y),
    "det": lambda xp, x, y: xp.linalg.det(x[:, :2]),
    "pinv": lambda xp, x, y: xp.linalg.pinv(x),
    "fft": lambda xp, x, y: xp.fft.fft(x),
    "divide": lambda xp, x, y: xp.divide(x, y),
    "add": lambda xp, x, y: xp.add(x, y),
    "multiply": lambda xp, x, y: xp.multiply(x, y),
    "hypot": lambda xp, x, y: xp.hypot(x, y),
    "logaddexp": lambda xp, x, y: xp.logaddexp(x, y),
    "half of a sum": lambda xp, x, y: (x + y) * 0.5,
}
"""What NumPy's own function finds in the integers."""

NOT_FOR_BOOLEANS: dict[str, Row] = {
    "ptp": lambda xp, x, y: xp.ptp(x, axis=1),
    "diff": lambda xp, x, y: xp.diff(x, axis=1),
    "trapezoid": lambda xp, x, y: xp.trapezoid(x, axis=1),
    "subtract": lambda xp, x, y: xp.subtract(x, y),
    "negative": lambda xp, x, y: xp.negative(x) * 0.5,
    "absolute": lambda xp, x, y: xp.abs(x) * 0.5,
    "square": lambda xp, x, y: xp.square(x) * 0.5,
    "sign of a sum": lambda xp, x, y: (x + y > 0) * 1.0,
    "sign of a difference": lambda xp, x, y: xp.sign(x - y) * 0.5,
    "wide sum": lambda xp, x, y: xp.sum(x + y, axis=0),
}
"""The same for functions that NumPy does not have for booleans."""

WIDE: dict[str, Row] = {
    "quantile": lambda xp, x, y: xp.quantile(x, 0.3),
    "percentile": lambda xp, x, y: xp.percentile(x, 70),
    "gradient": lambda xp, x, y: xp.gradient(x, axis=1),
    "gradient by steps": lambda xp, x, y: xp.gradient(x, 3, axis=0),
    "gradient at places": lambda xp, x, y: xp.gradient(x[:, :2], xp.sort(y[0, :2]), axis=1),
    **{f"norm {ord}": lambda xp, x, y, ord=ord: norms(xp).norm(x[0], ord)
       for ord in (None, 0, 0.5, 1, 2, 3, -1, -2, inf, -inf)},
    **{f"vector_norm {ord}": lambda xp, x, y, ord=ord: norms(xp).vector_norm(x, axis=1, ord=ord)
       for ord in (0, 1, 2, 2.5, -1, inf, -inf)},
    **{f"matrix_norm {ord}": lambda xp, x, y, ord=ord: norms(xp).matrix_norm(x, ord=ord)
       for ord in ("fro", "nuc", 1, -1, 2, -2, inf, -inf)},
    "norm of a matrix": lambda xp, x, y: norms(xp).norm(x),
    "heaviside": lambda xp, x, y: xp.heaviside(x, 0.25),
}  # fmt: skip
"""What NumPy finds in floating numbers: of integers, it wraps around or is less exact."""

COMPOSED: dict[str, tuple[Row, Row]] = {
    "logsumexp": (lambda xp, x, y: xp.logsumexp(x, axis=1),
                  lambda xp, x, y: xp.logaddexp.reduce(x, axis=1)),
    "softmax": (lambda xp, x, y: xp.softmax(x), lambda xp, x, y: softmax(xp, x)),
    "standardize": (lambda xp, x, y: ops.standardize(x), lambda xp, x, y: standard(xp, x)),
    "layer_norm": (lambda xp, x, y: xp.layer_norm(x), lambda xp, x, y: standard(xp, x)),
    "mean_squared_error": (lambda xp, x, y: xp.mean_squared_error(x, y),
                           lambda xp, x, y: xp.mean((x - y) ** 2)),
    "cross entropy": (lambda xp, x, y: xp.nn.softmax_cross_entropy(x, np.array([0, 2])),
                      lambda xp, x, y: -xp.log(softmax(xp, x))[[0, 1], [0, 2]]),
    "nll": (lambda xp, x, y: xp.nll(x, np.array([0, 2])), lambda xp, x, y: -x[[0, 1], [0, 2]]),
}  # fmt: skip
"""The same for what NumPy does not have: ours, and the formula."""


def operands(dtype: str) -> tuple[Any, Any]:
    """Two matrices with the ends of the range."""
    if dtype == "bool":
        return np.array([[1, 0, 1], [1, 1, 0]], bool), np.array([[0, 1, 1], [1, 1, 0]], bool)
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    return (np.array([[high, low, high - 1], [high // 2 + 1, 3, high]], dtype),
            np.array([[low, high, 2], [high, high - 3, high // 2]], dtype))  # fmt: skip


def rows(dtype: str) -> Iterator[tuple[str, Row, Any]]:
    """Each function with what it is to find of the operands of that dtype."""
    x, y = operands(dtype)
    wide = x.astype(float), y.astype(float)
    with np.errstate(all="ignore"):
        for name, row in SAME.items():
            yield name, row, row(np, x, y)
        for name, row in NOT_FOR_BOOLEANS.items() if dtype != "bool" else ():
            yield name, row, row(np, x, y)
        for name, row in WIDE.items():
            yield name, row, row(np, *wide)
        for name, (row, formula) in COMPOSED.items():
            yield name, row, formula(np, *wide)


def check(name: str, found: Any, wanted: Any) -> None:
    found, wanted = np.asarray(getattr(found, "value", found)), np.asarray(wanted)
    assert found.dtype == wanted.dtype, name
    scale = np.max(np.abs(wanted[np.isfinite(wanted)]), initial=0.0)
    exact = wanted.dtype.kind in "biu"
    np.testing.assert_allclose(
        found, wanted, rtol=0 if exact else 1e-12, atol=0 if exact else 1e-13 * scale, err_msg=name
    )


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("mode", MODES)
def test_nothing_wraps_that_does_not_in_numpy(mode: str, dtype: str) -> None:
    """All functions at once, which takes less time to compile."""
    names, functions, wanted = zip(*rows(dtype), strict=True)

    def all_of_them(x: Any, y: Any) -> list[Any]:
        return [f(gg, x, y) for f in functions]

    x, y = operands(dtype)
    if mode == "vmap":
        many = gg.vmap(all_of_them)(np.stack([x, x]), np.stack([y, y]))
        found = [part[1] for part in many]
    elif mode in ("numpy", "native"):
        step = gg.jit(all_of_them, engine=mode)
        for _ in range(3):
            found = step(x, y)
    else:
        x, y = map(gg.tensor, (x, y)) if mode == "Tensors" else (x, y)
        found = all_of_them(x, y)
    for name, part, want in zip(names, found, wanted, strict=True):
        check(name, part, want)


@pytest.mark.parametrize("dtype", DTYPES[1:])
def test_means_are_those_of_exact_numbers(dtype: str) -> None:
    x, _ = operands(dtype)
    numbers = [Fraction(int(n)) for n in x.ravel()]
    mean = sum(numbers) / len(numbers)
    variance = sum((n - mean) ** 2 for n in numbers) / len(numbers)
    for f, want in ((gg.mean, mean), (gg.average, mean), (gg.nanmean, mean), (gg.var, variance)):
        np.testing.assert_allclose(f(x), float(want), rtol=1e-15)
    square = sum(n * n for n in numbers)
    np.testing.assert_allclose(gg.linalg.norm(x) ** 2, float(square), rtol=1e-15)


PARTNERS = (
    "add subtract multiply divide power maximum minimum atan2 hypot logaddexp logaddexp2 remainder "
    "fmod copysign xlogy xlog1py scale fmax fmin heaviside"
).split()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", PARTNERS)
def test_slopes_beside_integers_are_those_beside_their_values(name: str, order: int) -> None:
    """A rule that negates, squares or subtracts them in their own dtype would wrap around."""
    f = getattr(ops, name)
    x = np.array([1.7, 2.3, 0.6, 3.1])
    for dtype in DTYPES:
        few = np.array([0, 1, 1, 0] if dtype == "bool" else [0, 1, 2, 3], dtype)
        ends = few if dtype == "bool" else np.array(
            [np.iinfo(dtype).min, np.iinfo(dtype).max, np.iinfo(dtype).max // 2 + 1, 3], dtype
        )
        for n in (few, ends):
            for turn in (1, -1):
                def slope(x: Any, n: Any, turn: int = turn) -> Any:
                    g = gg.grad(lambda x: gg.sum(f(*(x, n)[::turn])))
                    return g(x) if order == 1 else gg.grad(lambda x: gg.sum(g(x) * x))(x)

                try:
                    wanted = slope(x, n.astype(float))
                except ValueError:                  # it has no slope there
                    continue
                np.testing.assert_allclose(slope(x, n), wanted, rtol=1e-9, err_msg=dtype)


def test_a_function_that_wraps_would_be_found() -> None:
    x, _ = operands("int8")
    wrapped = SimpleNamespace(mean=lambda x: x.sum(dtype=x.dtype) / x.size)
    with pytest.raises(AssertionError, match="mean"):
        check("mean", SAME["mean"](wrapped, x, x), np.mean(x))
