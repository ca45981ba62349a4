"""Calls of CuPy's arrays and Tensors of them, held against the same calls of NumPy's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cupy as cp
import numpy as np
from rounding import largest
from wraps import WRAPS, Wrap

import gpugrad as gg
from gpugrad import tree

PAIRS = [(a, b) for a in WRAPS for b in WRAPS if (a, b) != ("array", "array")]
"""Two operands, of which at least one is a Tensor."""


def host(x: Any) -> Any:
    """What a result holds, in host memory."""
    return cp.asnumpy(x.value if isinstance(x, gg.Tensor) else x)


def there(x: Any, device: int = 1) -> Any:
    """An array on a device that need not be the current one."""
    with cp.cuda.Device(device):
        return cp.asarray(x)


def outcome(f: Callable[..., Any], operands: list[Any]) -> tuple[list[Any], list[Any]]:
    """The results of a function and, where it has any, gradients by its operands."""
    results = [x for x in tree.leaves(f(*operands)) if hasattr(x, "shape")]
    tracked = [x for x in results if isinstance(x, gg.Tensor) and x.requires_grad]
    if tracked:
        sum(gg.sum(_weighed(x) * (i + 1)) for i, x in enumerate(tracked)).backward()
    return results, [
        x.grad for x in tree.leaves(operands) if isinstance(x, gg.Tensor) and x.requires_grad
    ]


def _weighed(x: Any) -> Any:
    """Real numbers that depend on every part of `x`, each in another way."""
    if x.dtype.kind == "c":
        return _weighed(gg.real(x)) + 2 * _weighed(gg.imag(x))
    weights = np.cos(np.arange(x.size)).reshape(x.shape)
    return x * gg.asarray(weights, device=x.device)


def agree(
    f: Callable[..., Any],
    reference: Callable[..., Any],
    values: list[Any],
    wraps: list[Wrap],
    like: bool = True,
) -> None:
    """`f` of CuPy's arrays, each wrapped, gives what `reference` gives of NumPy's.

    With `like`, it gives Tensors where that does.
    """
    found, slopes = outcome(f, [w(cp.asarray(x)) for w, x in zip(wraps, values, strict=True)])
    wanted, their = outcome(reference, [w(x) for w, x in zip(wraps, values, strict=True)])
    assert len(found) == len(wanted)
    for x, y in zip(found, wanted, strict=True):
        if like:
            assert isinstance(x, gg.Tensor) == isinstance(y, gg.Tensor)
        assert getattr(x, "requires_grad", False) == getattr(y, "requires_grad", False)
        assert type(getattr(x, "value", x)) is cp.ndarray
        same(x, y)
    for x, y in zip(slopes, their, strict=True):
        assert (x is None) == (y is None)
        if y is not None:
            assert type(x) is cp.ndarray
            same(x, y)


def same(x: Any, y: Any, rtol: float = 1e-11) -> None:
    """Equal dtypes, shapes and numbers: to rounding, of each and of the largest."""
    assert (x.dtype, x.shape) == (y.dtype, y.shape)
    atol = 1e-2 * rtol * max(largest(host(y)), 1)
    np.testing.assert_allclose(host(x), host(y), rtol=rtol, atol=atol)
