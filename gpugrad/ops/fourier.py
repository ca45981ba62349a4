"""Discrete Fourier transforms along one axis; `gpugrad.fft` has the functions of the standard.

A transform is a product with a matrix that is its own transpose, so its rule is the transform. Of
real numbers, half of a spectrum is all there is, there and back.
"""

from __future__ import annotations

from gpugrad.backends import Array, Namespace
from gpugrad.backends.axes import counted
from gpugrad.core.op import op
from gpugrad.errors import InvalidArgument
from gpugrad.ops.operands import fitted


@op(
    lambda g, n, axis, norm, x_shape, xp: fitted(
        xp.fft_fft(g, n=n, axis=axis, norm=norm), x_shape[axis], axis, xp
    ),
    public=False,
)
def fft_fft(
    xp: Namespace, x: Array, /, *, n: int | None = None, axis: int = -1, norm: str = "backward"
) -> Array:
    """Fourier transform along `axis` of `x`, truncated or zero-padded to length `n`.

    The result is complex. `norm` is "backward", "ortho" or "forward"; only the last two scale it.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0, 4.0])
        >>> gg.abs(gg.fft.fft(x)).round(6)
        array([10.      ,  2.828427,  2.      ,  2.828427])
        >>> gg.grad(lambda x: gg.sum(gg.abs(gg.fft.fft(x)) ** 2))(x).round(6)
        array([ 8., 16., 24., 32.])
    """
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
    """Inverse Fourier transform along `axis` of `x`, truncated or zero-padded to length `n`.

    The result is complex. `norm` is that of `fft`: by default, this one divides by the length.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0, 4.0])
        >>> gg.fft.ifft(gg.fft.fft(x)).real.round(6)
        array([1., 2., 3., 4.])
        >>> gg.grad(lambda x: gg.sum(gg.abs(gg.fft.ifft(x)) ** 2))(x).round(6)
        array([0.5, 1. , 1.5, 2. ])
    """
    return xp.fft_ifft(x, n=n, axis=counted(axis, len(x.shape)), norm=norm)


def _rfft_rule(
    g: Array, n: int | None, axis: int, norm: str, x_shape: tuple[int, ...], xp: Namespace
) -> Array:
    axis %= len(x_shape)
    n = x_shape[axis] if n is None else n
    found = xp.fft_rfft_transposed(g, n=n, axis=axis, norm=norm)
    return fitted(found, x_shape[axis], axis, xp)


@op(_rfft_rule, public=False)
def fft_rfft(
    xp: Namespace, x: Array, /, *, n: int | None = None, axis: int = -1, norm: str = "backward"
) -> Array:
    """The first half of the Fourier transform of real numbers along `axis`.

    Of length `n`, that of `x` unless it is given, these are `n // 2 + 1` numbers; the others are
    their conjugates.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0, 4.0])
        >>> gg.fft.rfft(x)
        array([10.+0.j, -2.+2.j, -2.+0.j])
        >>> gg.grad(lambda x: gg.abs(gg.fft.rfft(x)[1]) ** 2)(x).round(6)
        array([-4., -4.,  4.,  4.])
    """
    return xp.fft_rfft(x, n=n, axis=counted(axis, len(x.shape)), norm=norm)


@op(
    lambda g, axis, norm, xp: xp.fft_rfft(g, axis=axis, norm=norm), public=False
)
def fft_rfft_transposed(
    xp: Namespace, x: Array, /, *, n: int, axis: int = -1, norm: str = "backward"
) -> Array:
    """The cotangent of `n` real numbers for that of their `fft_rfft`."""
    axis = counted(axis, len(x.shape))
    if x.shape[axis] != n // 2 + 1:
        raise InvalidArgument(
            f"fft_rfft_transposed: the half spectrum has {x.shape[axis]} numbers; expected "
            f"{n // 2 + 1}, those of n = {n}."
        )
    return xp.fft_rfft_transposed(x, n=n, axis=axis, norm=norm)


@op(
    lambda g, axis, norm, x_shape, xp: xp.fft_irfft(g, n=x_shape[axis], axis=axis, norm=norm),
    public=False,
)
def fft_irfft_transposed(
    xp: Namespace, x: Array, /, *, axis: int = -1, norm: str = "backward"
) -> Array:
    """The cotangent of half a spectrum for that of its `fft_irfft`."""
    return xp.fft_irfft_transposed(x, axis=counted(axis, len(x.shape)), norm=norm)


def _irfft_rule(
    g: Array, axis: int, norm: str, x_shape: tuple[int, ...], xp: Namespace
) -> Array:
    axis %= len(x_shape)
    half = xp.fft_irfft_transposed(g, axis=axis, norm=norm)
    return fitted(half, x_shape[axis], axis, xp)


@op(_irfft_rule, public=False)
def fft_irfft(
    xp: Namespace, x: Array, /, *, n: int | None = None, axis: int = -1, norm: str = "backward"
) -> Array:
    """The real numbers of length `n` along `axis` whose transform begins with `x`.

    Without `n`, they are twice as many as `x` has, less two: of an odd length it must be given.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0])
        >>> gg.fft.irfft(gg.fft.rfft(x), n=3).round(6)
        array([1., 2., 3.])
        >>> gg.grad(lambda x: gg.sum(gg.fft.irfft(gg.fft.rfft(x), n=3) ** 2))(x).round(6)
        array([2., 4., 6.])
    """
    return xp.fft_irfft(x, n=n, axis=counted(axis, len(x.shape)), norm=norm)
