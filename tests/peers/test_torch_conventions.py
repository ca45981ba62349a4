"""Kinks, infinities and NaN: where gpugrad gives what PyTorch gives, and where it does not.

What differs is so on purpose: `tests/test_conventions.py` has gpugrad's table.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan
from typing import Any

import numpy as np
import pytest
import torch

import gpugrad as gg

Row = tuple[Callable[..., Any], Callable[..., Any], tuple[Any, ...]]

norm, special = torch.linalg.vector_norm, torch.special

SAME: dict[str, Row] = {
    "abs at 0": (gg.abs, torch.abs, ([0.0, -0.0],)),
    "relu at 0": (gg.relu, torch.relu, ([0.0],)),
    "maximum of equal ones": (gg.maximum, torch.maximum, ([1.0], [1.0])),
    "max of equal ones": (gg.max, torch.max, ([1.0, 3.0, 3.0],)),
    "clip at its bounds": (gg.clip, torch.clip, ([-1.0, 0.0, 1.0, 2.0], [0.0] * 4, [1.0] * 4)),
    "clip of NaN": (lambda x: gg.clip(x, 0.0, 1.0), lambda x: x.clip(0.0, 1.0), ([nan],)),
    "std of equal ones": (gg.std, lambda x: x.std(correction=0), ([2.0, 2.0],)),
    "norm of 0": (gg.linalg.vector_norm, norm, ([0.0, 0.0],)),
    "norm of order 3 of 0": (
        lambda x: gg.linalg.vector_norm(x, ord=3), lambda x: norm(x, 3), ([0.0, 0.0],)
    ),
    "largest of equal sizes": (
        lambda x: gg.linalg.vector_norm(x, ord=inf), lambda x: norm(x, inf), ([1.0, -1.0],)
    ),
    "atan2 at the origin": (gg.atan2, torch.atan2, ([0.0], [0.0])),
    "powers of 0": (gg.power, torch.pow, ([0.0] * 4, [0.0, 1.0, 2.0, -1.0])),
    "power of a negative base": (gg.power, torch.pow, ([-2.0], [2.0])),
    "sqrt at 0": (gg.sqrt, torch.sqrt, ([0.0],)),
    "prod with zeros": (gg.prod, torch.prod, ([0.0, 2.0, 0.0],)),
    "copysign at 0": (gg.copysign, torch.copysign, ([0.0, 1.0], [-1.0, -1.0])),
    "sinc at 0": (gg.sinc, torch.sinc, ([0.0],)),
    "entr at 0 and below": (gg.special.entr, special.entr, ([0.0, -1.0],)),
    "logit at 0 and 1": (gg.special.logit, special.logit, ([0.0, 1.0],)),
    "elu at 0": (gg.elu, torch.nn.functional.elu, ([0.0],)),
    "leaky_relu at 0": (gg.leaky_relu, torch.nn.functional.leaky_relu, ([0.0],)),
    "median between equal ones": (gg.median, lambda x: x.quantile(0.5), ([1.0, 2.0, 2.0, 3.0],)),
    "sums without NaN": (gg.nansum, torch.nansum, ([nan, 1.0],)),
    "means without NaN": (gg.nanmean, torch.nanmean, ([nan, 1.0],)),
    "acos at its ends": (gg.acos, torch.acos, ([1.0, -1.0],)),
    "a number over 0": (gg.divide, torch.divide, ([0.0, 1.0], [0.0, 0.0])),
    "remainder of a multiple": (gg.remainder, torch.remainder, ([3.0], [1.5])),
    "softmax of -inf alone": (gg.softmax, lambda x: x.softmax(-1), ([-inf, -inf],)),
}

DIFFERENT: dict[str, tuple[Row, list[Any]]] = {
    # PyTorch gives 1.
    "relu of NaN": ((gg.relu, torch.relu, ([nan],)), [[0.0]]),
    # PyTorch gives both of them all of it where one is NaN.
    "maximum with NaN": (
        (gg.maximum, torch.maximum, ([nan, 1.0], [1.0, nan])), [[1.0, 0.0], [0.0, 1.0]]
    ),
    # PyTorch's max along an axis gives all to the first; its amax shares evenly.
    "max of equal ones along an axis": (
        (lambda x: gg.max(x, axis=0), lambda x: x.max(dim=0)[0], ([3.0, 3.0],)), [[0.5, 0.5]]
    ),
    # PyTorch gives NaN in all of these.
    "hypot at the origin": ((gg.hypot, torch.hypot, ([0.0], [0.0])), [[0.0], [0.0]]),
    "a root that is not chosen": (
        (
            lambda x: gg.where(x > 0, gg.sqrt(x), 0.0),
            lambda x: torch.where(x > 0, torch.sqrt(x), 0.0),
            ([0.0, 4.0],),
        ),
        [[0.0, 0.25]],
    ),
    "logsumexp of -inf alone": (
        (gg.logsumexp, lambda x: x.logsumexp(0), ([-inf, -inf],)), [[0.0, 0.0]]
    ),
    "logaddexp of equal infinities": (
        (gg.logaddexp, torch.logaddexp, ([-inf, inf], [-inf, inf])), [[0.5, 0.5]] * 2
    ),
    "a row that nothing depends on": (
        (
            lambda x: gg.softmax(x)[1, 0],
            lambda x: x.softmax(-1)[1, 0],
            ([[-inf, -inf], [1.0, 1.0]],),
        ),
        [[[0.0, 0.0], [0.25, -0.25]]],
    ),
    # PyTorch gives 0 for the first and NaN for the second.
    "xlogy(0, 0)": ((gg.special.xlogy, special.xlogy, ([0.0], [0.0])), [[-inf], [0.0]]),
    # PyTorch gives 0: its x * x overflows.
    "asinh of a large number": ((gg.asinh, torch.asinh, ([1e200],)), [[1e-200]]),
}


def gradients(row: Row) -> tuple[list[Any], list[Any]]:
    """Those of gpugrad and those of PyTorch, for ones as the cotangent."""
    ours, theirs, operands = row
    arrays = [np.array(x) for x in operands]
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in operands]
    with np.errstate(all="ignore"):
        out, pullback = gg.vjp(ours, *arrays)
        found = list(pullback(np.ones_like(out)))
    wanted = theirs(*tensors)
    slopes = torch.autograd.grad(wanted, tensors, torch.ones_like(wanted))
    return found, [slope.numpy() for slope in slopes]


@pytest.mark.parametrize("row", SAME.values(), ids=SAME)
def test_conventions_that_are_the_same(row: Row) -> None:
    for mine, theirs in zip(*gradients(row), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-15)


@pytest.mark.parametrize(("row", "wanted"), DIFFERENT.values(), ids=DIFFERENT)
def test_conventions_that_differ(row: Row, wanted: list[Any]) -> None:
    """Each is as listed, and differs: the list is no longer than it must be."""
    found, theirs = gradients(row)
    for mine, want in zip(found, wanted, strict=True):
        np.testing.assert_allclose(mine, want)
    pairs = zip(found, theirs, strict=True)
    assert not all(np.allclose(a, b, rtol=1e-6, atol=0, equal_nan=True) for a, b in pairs)
