"""Functions on an engine, after the calls that trace them, and what two engines find beside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import gpugrad as gg


def compiled(f: Callable[..., Any], *args: Any, engine: str = "native") -> Any:
    """`f` on the engine, after the calls that trace it."""
    step = gg.jit(f, engine=engine)
    step.compile(*args)
    return step


def run(f: Callable[..., Any], *args: Any, engine: str = "native") -> list[np.ndarray]:
    """The results of `f` on the engine."""
    found = compiled(f, *args, engine=engine)(*args)
    return [np.array(x) for x in (found if isinstance(found, tuple) else (found,))]


def agree(f: Callable[..., Any], *args: Any, rtol: float) -> None:
    """The native engine finds what the NumPy engine does."""
    found, wanted = run(f, *args), run(f, *args, engine="numpy")
    for x, y in zip(found, wanted, strict=True):
        assert (x.dtype, x.shape) == (y.dtype, y.shape)
        np.testing.assert_allclose(x, y, rtol=rtol, atol=rtol)
