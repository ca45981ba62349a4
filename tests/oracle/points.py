"""The operands on which functions are compared with the oracle."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np


def numbers(dtype: str, seed: int = 0) -> np.ndarray[Any, Any]:
    """Ordinary, tiny, huge, tail and special numbers that the dtype has, of both signs."""
    info = np.finfo(dtype)
    tiny, eps, most = float(info.smallest_normal), float(info.eps), float(info.max)
    ordinary = (0.1, 0.3, 0.499, 0.5, 0.501, 0.65, 0.7, 0.9, 0.99, 1.0, 1.01, 1.1, 1.46163, 1.5,
                2.0, 2.5, 3.0, 3.7, 4.0, 5.0, 6.5, 8.0)  # fmt: skip
    tails = (9.0, 10.0, 11.0, 12.0, 15.0, 17.0, 20.0, 25.0, 26.6, 30.0, 36.0, 37.6, 40.0, 50.0,
             70.0, 87.0, 89.0, 100.0, 103.5, 150.0, 300.0, 500.0, 700.0, 709.5, 710.3, 720.0,
             744.0, 800.0, 1e3, 1e4, 6e4)  # fmt: skip
    small = (float(info.smallest_subnormal), tiny / 4, tiny, tiny * 4, tiny**0.5, tiny ** (1 / 3),
             eps * eps, eps / 2, eps, eps**0.5, 1e-3, 1e-2)  # fmt: skip
    huge = (most, most / 2, most**0.5, most**0.5 * 4, most**0.5 / 4, most ** (1 / 3), most**0.9,
            most**0.25)  # fmt: skip
    beside = (1 - eps / 2, 1 + eps, 1 - 1e-3, 1 + 1e-3)
    rng = np.random.default_rng(seed)
    random = [*np.abs(rng.normal(size=24) * 4), *rng.uniform(0, 1, 16)]
    random += list(10.0 ** rng.uniform(np.log10(tiny), np.log10(most) - 1, 24))
    with np.errstate(all="ignore"):
        sizes = np.array([*ordinary, *tails, *small, *huge, *beside, *random]).astype(dtype)
    sizes = np.unique(sizes[np.isfinite(sizes) & (sizes > 0)])
    return np.concatenate([[0.0], sizes, -sizes, [np.inf, -np.inf]]).astype(dtype)


def pairs(dtype: str) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Pairs of fewer of them, each with each."""
    info = np.finfo(dtype)
    tiny, eps, most = float(info.smallest_normal), float(info.eps), float(info.max)
    sizes = (tiny, eps, 1e-2, 0.3, 0.999, 1.0, 2.0, 7.3, 30.0, 600.0, most**0.5 * 3, most / 2)
    with np.errstate(all="ignore"):
        x = np.array([0.0, *sizes, *(-s for s in sizes), np.inf, -np.inf]).astype(dtype)
    both = np.array(list(product(x, x)), dtype)
    return np.ascontiguousarray(both[:, 0]), np.ascontiguousarray(both[:, 1])
