"""Arrays of two libraries, NumPy's and those of array-api-strict, are an error of gpugrad's own.

`tests/device/test_mixtures_on_cupy.py` shows the same of NumPy beside CuPy, and of two devices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mixtures import COTANGENTS, OF_SEVERAL, OTHERS, TRANSFORMS, X, mixed_calls
from wraps import WRAPS

from gpugrad.errors import MixedBackends

strict = pytest.importorskip("array_api_strict", reason="pip install array-api-strict")

BOTH = r"numpy \(shape.* and array_api_strict \(shape|array_api_strict \(shape.* and numpy \(shape"

WITHOUT = ("jit", "lists", "check_grads")
"""What array-api-strict has no part in: it is not traced, and NumPy takes its arrays in lists."""

CALLS = {
    name: call
    for name, call in {**TRANSFORMS, **COTANGENTS, **OTHERS}.items()
    if not any(word in name for word in WITHOUT)
}

PLACES: list[tuple[Callable[[Any], Any], Callable[[Any], Any]]] = [
    (np.asarray, strict.asarray),
    (strict.asarray, np.asarray),
]


@pytest.mark.parametrize("places", PLACES, ids=["NumPy first", "NumPy second"])
@pytest.mark.parametrize("name", OF_SEVERAL)
def test_functions(name: str, places: Any) -> None:
    for call in mixed_calls(name, *places):
        with pytest.raises(MixedBackends, match=BOTH):
            call()


@pytest.mark.parametrize("places", PLACES, ids=["NumPy first", "NumPy second"])
@pytest.mark.parametrize("kind", WRAPS)
@pytest.mark.parametrize("name", CALLS)
def test_transforms_and_others(name: str, kind: str, places: Any, own_ops: None) -> None:
    with pytest.raises(MixedBackends, match=BOTH):
        CALLS[name](*(WRAPS[kind](place(X)) for place in places))
