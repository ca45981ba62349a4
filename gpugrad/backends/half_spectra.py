"""Transposes of the Fourier transforms of real numbers, of the functions of any namespace.

Of the whole spectrum of n real numbers, half is kept. All but its first number and, where n is
even, its last stand for two.
"""

from __future__ import annotations

from gpugrad.types import Array, Functions

SWAPPED = {"backward": "forward", "forward": "backward", "ortho": "ortho"}
"""The scaling of the transform back."""


def pairs(n: int) -> slice:
    """Which numbers of half a spectrum of `n` stand for two."""
    return slice(1, (n + 1) // 2)


def fft_rfft_transposed(xp: Functions, x: Array, n: int, axis: int, norm: str) -> Array:
    """The cotangent of `n` real numbers for that of their `fft_rfft`."""
    once = xp.conj(x) * (1 - _twice(xp, x, n, axis) * 0.5)
    return xp.fft_irfft(once, n=n, axis=axis, norm=SWAPPED[norm])


def fft_irfft_transposed(xp: Functions, x: Array, axis: int, norm: str) -> Array:
    """The cotangent of half a spectrum for that of its `fft_irfft`."""
    half = xp.conj(xp.fft_rfft(x, axis=axis, norm=SWAPPED[norm]))
    return half * (1 + _twice(xp, half, x.shape[axis], axis))


def _twice(xp: Functions, half: Array, n: int, axis: int) -> Array:
    """1 where a number of half a spectrum stands for two, else 0."""
    place, of = xp.arange(half.shape[axis]), pairs(n)
    found = xp.astype((place >= of.start) & (place < of.stop), xp.real(half).dtype)
    return xp.reshape(found, (-1, *(1,) * (len(half.shape) - axis - 1)))
