"""Products of one matrix with many, on the CUDA engine: kernels of ours, or of cuBLAS."""

from __future__ import annotations

from typing import Any

import cupy as cp
import numpy as np
import pytest
from mixing import host

import gpugrad as gg
from gpugrad.engines.cuda import product

SHAPES = [
    ((16, 7), (3, 7, 5)), ((3, 5, 7), (7, 4)), ((1, 5, 7), (3, 7, 4)), ((3, 5, 7), (1, 7, 4)),
    ((1, 2, 300), (2, 300, 3)), ((1, 3), (4, 3, 1)), ((3, 5, 7), (3, 7, 4)),
]  # fmt: skip


@pytest.mark.parametrize("large", [product.LARGE, 1])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_one_matrix_stands_for_all(
    shapes: Any, turned: bool, large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(product, "LARGE", large)    # all of them are large
    rng = np.random.default_rng(0)
    left, right = (rng.normal(size=shape) for shape in shapes)
    given = [cp.asarray(x.mT.copy() if turned else x) for x in (left, right)]

    def multiplied(a: Any, b: Any) -> Any:
        return 1 + (a.mT @ b.mT if turned else a @ b)

    step = gg.jit(multiplied)
    for _ in range(3):
        found = host(step(*given))
    np.testing.assert_allclose(found, 1 + left @ right, rtol=1e-12)
    assert "no kernel is generated" not in step.explain(*given)
