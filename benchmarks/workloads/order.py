"""What depends on order: sorting and medians, of one long vector and of rows.

Numbers of elements are odd, since PyTorch's median is one of the elements.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from workloads.workload import Draw, Program, Workload, differentiated, with_gradient

VECTORS = {"10^4": (10**4 + 1,), "10^6": (10**6 + 1,)}
MATRICES = {"100 x 101": (100, 101), "1000 x 1001": (1000, 1001)}


def _numbers(shape: tuple[int, ...]) -> tuple[Any, ...]:
    return (Draw().normal(*shape),)


def _numbers_and_weights(shape: tuple[int, ...]) -> tuple[Any, ...]:
    """No two numbers of a row are equal: which of them comes first is not the same everywhere."""
    draw = Draw()
    numbers, weights = draw.normal(*shape), draw.normal(*shape)
    ranks = np.argsort(np.argsort(numbers, axis=-1), axis=-1)
    return (ranks / shape[-1]).astype(numbers.dtype), weights


def _sort(xp: Any) -> Program:
    return lambda x: xp.sort(x)


def _torch_sort(torch: Any) -> Program:
    return lambda x: torch.sort(x).values


def _median(xp: Any) -> Program:
    return lambda x: xp.median(x, axis=-1)


def _torch_median(torch: Any) -> Program:
    return lambda x: torch.median(x, -1).values


def _weighted_sort(xp: Any) -> Program:
    return lambda x, weights: xp.sum(xp.sort(x) * weights)


def _torch_weighted_sort(torch: Any) -> Program:
    return lambda x, weights: (torch.sort(x).values * weights).sum()


ROWS = (
    *(
        Workload(f"{what}, {of}", sizes, _numbers, ours, ours, torch, ours)
        for what, ours, torch in (("sort", _sort, _torch_sort), ("median", _median, _torch_median))
        for of, sizes in (("one vector", VECTORS), ("rows", MATRICES))
    ),
    Workload(
        "sort, gradient",
        MATRICES,
        _numbers_and_weights,
        differentiated(_weighted_sort),
        differentiated(_weighted_sort),
        with_gradient(_torch_weighted_sort),
    ),
)
