"""First and second slopes that a plain formula loses: in tails, at infinity, where operands are 0.

Each row holds eager and in every engine of `gg.jit`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg

inf = float("inf")

Row = tuple[str, Callable[..., Any], list[float], float, list[float]]


def slope(f: Callable[..., Any], operand: int = 0) -> Callable[..., Any]:
    """The slope in one operand, of which the slope can be taken again."""

    def sloped(*operands: Any) -> Any:
        out, pullback = gg.vjp(f, *operands)
        return pullback(gg.ones_like(out))[operand]

    return sloped


def elu(x: Any) -> Any:
    return gg.elu(x, alpha=0.5)


def square_of_abs(x: Any) -> Any:
    return gg.abs(x) ** 2


def square_of_hypot(x: Any, y: Any) -> Any:
    return gg.hypot(x, y) ** 2


TAIL = 4.248354255291589e-18                        # exp(-40)

ROWS: list[Row] = [
    ("tanh", gg.tanh, [20.0], 1, [4 * TAIL]),
    ("tanh", gg.tanh, [-inf], -1, [0]),
    ("sigmoid", gg.sigmoid, [40.0], 1, [TAIL]),
    ("sigmoid", gg.sigmoid, [-40.0], TAIL, [TAIL]),
    ("expm1", gg.expm1, [-40.0], -1, [TAIL]),
    ("elu", elu, [-40.0], -0.5, [0.5 * TAIL]),
    ("silu", gg.silu, [-40.0], -40 * TAIL, [-39 * TAIL]),
    ("silu", gg.silu, [inf], inf, [1]),
    ("silu", gg.silu, [-inf], 0, [0]),
    ("gelu", gg.gelu, [1e20], 1e20, [1]),
    ("gelu", gg.gelu, [inf], inf, [1]),
    ("gelu", gg.gelu, [-inf], 0, [0]),
    ("erfc", gg.erfc, [5.0], 1.5374597944280347e-12, [-1.5670866531017336e-11]),
    ("log_ndtr", gg.log_ndtr, [-1e10], -5e19, [1e10]),
    ("atan", gg.atan, [1e18], np.pi / 2, [1e-36]),
    ("hypot", gg.hypot, [inf, 1.0], inf, [1, 0]),
    ("hypot", gg.hypot, [0.0, -inf], inf, [0, -1]),
    ("hypot", gg.hypot, [0.0, 0.0], 0, [0, 0]),
    ("atan2", gg.atan2, [0.0, 0.0], 0, [0, 0]),
    ("atan2", gg.atan2, [1.0, inf], 0, [0, 0]),
    ("fmod", gg.fmod, [0.0, 3.0], 0, [1, 0]),
    ("fmod", gg.fmod, [-7.0, 3.0], -1, [1, 2]),
    ("xlogy", gg.xlogy, [0.0, 0.0], 0, [-inf, 0]),
    ("tanh'", slope(gg.tanh), [20.0], 4 * TAIL, [-8 * TAIL]),
    ("softplus'", slope(gg.softplus), [40.0], 1, [TAIL]),
    ("log_sigmoid'", slope(gg.log_sigmoid), [-40.0], 1, [-TAIL]),
    ("sigmoid'", slope(gg.sigmoid), [40.0], TAIL, [-TAIL]),
    ("sigmoid'", slope(gg.sigmoid), [1e-30], 0.25, [-1.25e-31]),
    ("elu'", slope(gg.elu), [0.0], 1, [1]),
    ("silu'", slope(gg.silu), [40.0], 1, [-38 * TAIL]),
    ("silu'", slope(gg.silu), [inf], 1, [0]),
    ("gelu'", slope(gg.gelu), [1e20], 1, [0]),
    ("asin'", slope(gg.asin), [1e-30], 1, [1e-30]),
    ("acos'", slope(gg.acos), [1e-30], -1, [-1e-30]),
    ("atanh'", slope(gg.atanh), [1e-30], 1, [2e-30]),
    ("logaddexp'", slope(gg.logaddexp), [40.0, 0.0], 1, [TAIL, -TAIL]),
    ("log_ndtr'", slope(gg.log_ndtr), [-1e10], 1e10, [-1]),
    ("hypot'", slope(gg.hypot), [3.0, 0.0], 1, [0, 0]),
    ("hypot'", slope(gg.hypot), [1.0, 1e-12], 1, [1e-24, -1e-12]),
    ("hypot'", slope(gg.hypot), [0.0, 0.0], 0, [0, 0]),
    ("atan2'", slope(gg.atan2), [2.0, 0.0], 0, [0, 0.25]),
    ("atan2'", slope(gg.atan2), [0.0, 2.0], 0.5, [0, -0.25]),
    ("atan2'", slope(gg.atan2, 1), [0.0, 2.0], 0, [-0.25, 0]),
    ("xlogy'", slope(gg.xlogy), [0.0, 2.0], np.log(2), [0, 0.5]),
    ("xlogy'", slope(gg.xlogy, 1), [0.0, 2.0], 0, [0.5, 0]),
    ("xlog1py'", slope(gg.xlog1py, 1), [0.0, 2.0], 0, [1 / 3, 0]),
    ("fmod'", slope(gg.fmod), [0.0, 3.0], 1, [0, 0]),
    ("power'", slope(gg.power, 1), [1e15, 2.0], 1e30 * np.log(1e15),
     [1e15 * (1 + 2 * np.log(1e15)), 1e30 * np.log(1e15) ** 2]),
    # The slope of a size counts as 0 at 0, so the curvature of its square does there too.
    ("(abs**2)'", slope(square_of_abs), [0.0], 0, [0]),
    ("(hypot**2)'", slope(square_of_hypot), [0.0, 0.0], 0, [0, 0]),
]  # fmt: skip


def both(f: Callable[..., Any]) -> Callable[..., Any]:
    def run(*operands: Any) -> Any:
        out, pullback = gg.vjp(f, *operands)
        return out, pullback(gg.ones_like(out))

    return run


@pytest.mark.parametrize(
    ("engine", "dtype"),
    [*((engine, dtype) for engine in ("eager", "native") for dtype in ("float64", "float32")),
     ("numpy", "float64")],
)
def test_rows(engine: str, dtype: str) -> None:
    """All rows at once, which takes less time to compile."""
    operands = [[np.array([x], dtype) for x in row[2]] for row in ROWS]

    def every(operands: Any) -> Any:
        return [both(row[1])(*x) for row, x in zip(ROWS, operands, strict=True)]

    with np.errstate(all="ignore"):
        run = every if engine == "eager" else gg.jit(every, engine=engine)
        for _ in range(1 if engine == "eager" else 3):
            found = run(operands)
    rtol = 50 * np.finfo(dtype).eps
    for (name, _, at, value, slopes), (y, given) in zip(ROWS, found, strict=True):
        np.testing.assert_allclose(y[0], value, rtol, err_msg=f"{name} at {at}")
        for g, wanted in zip(given, slopes, strict=True):
            assert g.dtype == dtype
            np.testing.assert_allclose(g[0], wanted, rtol, err_msg=f"slope of {name} at {at}")


def test_the_sign_of_a_slope_is_looked_at() -> None:
    """A row that is wrong in its last digits, or by its sign, fails."""
    for wrong in (-TAIL, TAIL * (1 + 1e-12)):
        with pytest.raises(AssertionError):
            np.testing.assert_allclose(gg.grad(gg.sigmoid)(np.array(40.0)), wrong, 1e-13)
