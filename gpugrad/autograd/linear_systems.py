"""What HIPS autograd differentiates of `scipy.linalg`, with SciPy's arguments."""

from __future__ import annotations

from typing import Any

import numpy as np

import gpugrad as gg


def solve_triangular(
    a: Any,
    b: Any,
    trans: int | str = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    """`gg.linalg.solve_triangular`, with the arguments of SciPy's; the last two change nothing."""
    a, b = (x if isinstance(x, gg.Tensor) else np.asarray(x) for x in (a, b))
    return gg.linalg.solve_triangular(
        a, b, trans=trans, lower=lower, unit_diagonal=unit_diagonal
    )
