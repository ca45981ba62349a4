"""The part of `cupy.fft` that gpugrad uses, done by NumPy's functions. CuPy calls cuFFT."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cupy import _device
from cupy._array import made
from cupy._functions import host

NAMES = (
    "fft", "fft2", "fftfreq", "fftn", "fftshift", "hfft", "ifft", "ifft2", "ifftn", "ifftshift",
    "ihfft", "irfft", "irfft2", "irfftn", "rfft", "rfft2", "rfftfreq", "rfftn",
)  # fmt: skip


def _function(name: str) -> Callable[..., Any]:
    numpys = getattr(np.fft, name)

    def function(x: Any, *args: Any, **kwargs: Any) -> Any:
        _device.forbid(f"cupy.fft.{name}")
        operand = host(x) if hasattr(x, "_host") else x
        return made(name, np.asarray(numpys(operand, *args, **kwargs)))

    function.__name__ = name
    return function


globals().update({name: _function(name) for name in NAMES})

__all__ = [*NAMES]
