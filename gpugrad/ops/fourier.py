"""Discrete Fourier transforms along one axis; `gpugrad.fft` has the functions of the standard.

A transform is a product with a matrix that is its own transpose, so its rule is the transform.
"""

from __future__ import annotations

from gpugrad.backends import Array, Namespace
from gpugrad.backends.axes import counted
from gpugrad.core.op import op
from gpugrad.ops.operands import fitted

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


def _rfft_rule(
    g: Array, n: int | None, axis: int, norm: str, x_shape: tuple[int, ...], xp: Namespace
) -> Array:
    n = x_shape[axis] if n is None else n
    full = xp.fft_fft(fitted(g, n, axis, xp), axis=axis, norm=norm)
    return fitted(xp.real(full), x_shape[axis], axis, xp)


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
    # All but the first and, of an even number, the last stand for two of the whole spectrum.
    place = xp.arange(half.shape[axis])
    twice = xp.astype((place > 0) & (place * 2 != n), g.dtype) + 1
    return fitted(
        half * xp.reshape(twice, (-1, *(1,) * (len(x_shape) - axis - 1))), x_shape[axis], axis, xp
    )


@op(_irfft_rule, public=False)
def fft_irfft(
    xp: Namespace, x: Array, /, *, n: int | None = None, axis: int = -1, norm: str = "backward"
) -> Array:
    """The real numbers of length `n` along `axis` whose transform begins with `x`.

    Without `n`, they are twice as many as `x` has, less two.
    """
    return xp.fft_irfft(x, n=n, axis=counted(axis, len(x.shape)), norm=norm)
