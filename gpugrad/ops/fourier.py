"""Discrete Fourier transforms along one axis; `gpugrad.fft` has the functions of the standard.

A transform is a product with a matrix that is its own transpose, so its rule is the transform. Of
real numbers, half of a spectrum is all there is, there and back.
"""

from __future__ import annotations

from gpugrad.backends import Array, Namespace
from gpugrad.backends.axes import counted
from gpugrad.core.op import op
from gpugrad.ops.operands import fitted
from gpugrad.types import DTypeLike

SWAPPED = {"backward": "forward", "forward": "backward", "ortho": "ortho"}
"""The scaling of the transform back."""


@op(
    lambda g, n, axis, norm, x_shape, xp: fitted(
        xp.fft_fft(g, n=n, axis=axis, norm=norm), x_shape[axis], axis, xp
    ),
    public=False,
)
def fft_fft(
    xp: Namespace, x: Array, /, *, n: int | None = None, axis: int = -1, norm: str = "backward"
) -> Array:
    """Fourier transform along `axis`, of `x` cut off or filled up with zeros to length `n`."""
    return xp.fft_fft(x, n=n, axis=counted(axis, len(x.shape)), norm=norm)


@op(
    lambda g, n, axis, norm, x_shape, xp: fitted(
        xp.fft_ifft(g, n=n, axis=axis, norm=norm), x_shape[axis], axis, xp
    ),
    public=False,
)
def fft_ifft(
    xp: Namespace, x: Array, /, *, n: int | None = None, axis: int = -1, norm: str = "backward"
) -> Array:
    """Inverse Fourier transform along `axis`, of `x` cut off or filled up to length `n`."""
    return xp.fft_ifft(x, n=n, axis=counted(axis, len(x.shape)), norm=norm)


def _pairs(n: int, axis: int, ndim: int, dtype: DTypeLike, xp: Namespace) -> Array:
    """1 for what stands for two numbers of a spectrum of `n`, along an axis of half of it, else 0:
    for the first number and, where `n` is even, the last.
    """
    place = xp.arange(n // 2 + 1)
    paired = xp.astype((place > 0) & (place * 2 != n), dtype)
    return xp.reshape(paired, (-1, *(1,) * (ndim - axis - 1)))


def _rfft_rule(
    g: Array,
    n: int | None,
    axis: int,
    norm: str,
    x_shape: tuple[int, ...],
    x_dtype: DTypeLike,
    xp: Namespace,
) -> Array:
    axis %= len(x_shape)
    n = x_shape[axis] if n is None else n
    # The real part of the transform of g with zeros behind. The inverse one of real numbers takes
    # all that are paired twice.
    once = xp.conj(g) * (1 - _pairs(n, axis, len(x_shape), x_dtype, xp) * 0.5)
    found = xp.fft_irfft(once, n=n, axis=axis, norm=SWAPPED[norm])
    return fitted(found, x_shape[axis], axis, xp)


@op(_rfft_rule, public=False)
def fft_rfft(
    xp: Namespace, x: Array, /, *, n: int | None = None, axis: int = -1, norm: str = "backward"
) -> Array:
    """The first half of the Fourier transform of real numbers along `axis`."""
    return xp.fft_rfft(x, n=n, axis=counted(axis, len(x.shape)), norm=norm)


def _irfft_rule(
    g: Array, n: int | None, axis: int, norm: str, x_shape: tuple[int, ...], xp: Namespace
) -> Array:
    axis %= len(x_shape)
    n = g.shape[axis]
    half = xp.conj(xp.fft_rfft(g, axis=axis, norm=SWAPPED[norm]))
    twice = half * (_pairs(n, axis, len(x_shape), g.dtype, xp) + 1)
    return fitted(twice, x_shape[axis], axis, xp)


@op(_irfft_rule, public=False)
def fft_irfft(
    xp: Namespace, x: Array, /, *, n: int | None = None, axis: int = -1, norm: str = "backward"
) -> Array:
    """The real numbers of length `n` along `axis` whose transform begins with `x`.

    Without `n`, they are twice as many as `x` has, less two.
    """
    return xp.fft_irfft(x, n=n, axis=counted(axis, len(x.shape)), norm=norm)
