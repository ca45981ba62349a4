"""NumPy itself, whose functions gpugrad's Tensors answer; only what NumPy does not hand to them is
gpugrad's here.
"""

from __future__ import annotations

from typing import Any

import numpy as _np
from numpy import __version__ as __version__

import gpugrad as _gg
from autograd.numpy import fft as fft
from autograd.numpy import linalg as linalg
from autograd.numpy import random as random


def array(data: Any, *args: Any, **kwargs: Any) -> Any:
    """An array, or, of what holds a Tensor, a Tensor."""
    if _holds_tensor(data):
        return _gg.asarray(data, *args, **kwargs)
    return _np.array(data, *args, **kwargs)


def _of_lists(function: Any) -> Any:
    """The function, whose lists that hold Tensors NumPy would not hand to these."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return function(*(array(x) if _holds_tensor(x) else x for x in args), **kwargs)

    return call


append, mean, std, var = map(_of_lists, (_np.append, _np.mean, _np.std, _np.var))
linalg.norm = _of_lists(linalg.norm)


def stack(arrays: Any, axis: int = 0) -> Any:
    """NumPy's, also of iterators."""
    return _np.stack(list(arrays), axis)


def make_diagonal(x: Any, offset: int = 0, axis1: int = -1, axis2: int = -2) -> Any:
    """Matrices with the last axis of `x` as their diagonals."""
    assert (offset, axis1, axis2) == (0, -1, -2)
    return x[..., None] * _np.eye(_np.shape(x)[-1])


def _holds_tensor(data: Any) -> bool:
    if isinstance(data, list | tuple):
        return any(map(_holds_tensor, data))
    return isinstance(data, _gg.Tensor)


def __getattr__(name: str) -> Any:
    return getattr(_np, name)
