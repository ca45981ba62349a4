"""Discrete Fourier transforms: the functions of the Array API standard.

`norm` says which way the transform is divided by n: "backward" the inverse one, "forward" the
other, "ortho" both by the root of n. Lengths that are asked for, by `n` or `s`, cut the array or
fill it up with zeros. Gradients of real inputs are real.

>>> t = np.arange(8) / 8
>>> spectrum = gg.fft.rfft(np.cos(2 * np.pi * 2 * t))
>>> abs(spectrum).round(6)                              # two waves in the window
array([0., 0., 4., 0., 0.])
>>> def power(x):
...     return gg.sum(gg.abs(gg.fft.fft(x)) ** 2)
>>> gg.grad(power)(np.array([1.0, 2.0, 3.0]))
array([ 6., 12., 18.])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gpugrad.backends.half_spectra import SWAPPED
from gpugrad.core.registry import opened
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument
from gpugrad.ops.elementwise import conj, where
from gpugrad.ops.fourier import fft_fft, fft_ifft, fft_irfft, fft_rfft
from gpugrad.ops.operands import axes_of, shape_of
from gpugrad.ops.shape import roll
from gpugrad.ops.spacing import arange
from gpugrad.settings import settled
from gpugrad.types import Array, ArrayFunction, DTypeLike, offered

__all__ = [
    "fft",
    "fft2",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "ifft",
    "ifft2",
    "ifftn",
    "ifftshift",
    "ihfft",
    "irfft",
    "irfft2",
    "irfftn",
    "rfft",
    "rfft2",
    "rfftfreq",
    "rfftn",
]

Sizes = Sequence[int] | None

fft, ifft, rfft, irfft = fft_fft, fft_ifft, fft_rfft, fft_irfft
for _function in (fft, ifft, rfft, irfft):          # as `help` shows them, and pickle finds them
    _function.__name__ = _function.__qualname__ = _function.__name__.removeprefix("fft_")
    _function.__module__ = __name__


def _swapped(norm: str | None) -> str:
    norm = norm or "backward"
    if norm not in SWAPPED:
        raise InvalidArgument(f"norm is {norm!r}; expected one of {', '.join(SWAPPED)}.")
    return SWAPPED[norm]


def _sizes(x: Array, s: Sizes, axes: Sizes) -> list[tuple[int, int | None]]:
    """The axes to be transformed, each with its length or `None`."""
    s, axes = settled(s), settled(axes)
    if axes is None:
        ndim = len(shape_of(x))
        axes = range(ndim) if s is None else range(ndim - len(s), ndim)
    if s is not None and len(s) != len(axes):
        raise InvalidArgument(
            f"s has {len(s)} lengths for {len(axes)} axes; expected one for each."
        )
    return list(zip(axes, [None] * len(axes) if s is None else s, strict=True))


def _each(
    f: ArrayFunction, x: Array, sizes: list[tuple[int, int | None]], norm: str
) -> Array:
    for axis, n in reversed(sizes):
        x = f(x, n=n, axis=axis, norm=norm)
    return x


@opened
def fftn(x: Array, /, *, s: Sizes = None, axes: Sizes = None, norm: str = "backward") -> Array:
    """Fourier transform along several axes, or all of them.

    Args:
        x: An array of real or complex numbers.
        s: The length along each of the axes: longer ones are cut, shorter ones filled up with
            zeros.
        axes: The axes; all by default, or the last `len(s)`.
        norm: "backward", "ortho" or "forward", as for `fft`.

    Returns:
        Complex numbers.

    Raises:
        InvalidArgument: Where `s` has not one length for each axis.

    Example:
        >>> gg.fft.fftn(np.array([[1.0, 2.0], [3.0, 4.0]])).real
        array([[10., -2.],
               [-4.,  0.]])
        >>> gg.fft.fftn(np.ones((4, 6, 8)), s=(8, 3)).shape
        (4, 8, 3)
    """
    return _each(fft, x, _sizes(x, s, axes), norm)


@opened
def ifftn(x: Array, /, *, s: Sizes = None, axes: Sizes = None, norm: str = "backward") -> Array:
    """Inverse Fourier transform along several axes, or all of them; see `fftn` for the arguments.

    Example:
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> gg.fft.ifftn(gg.fft.fftn(x)).real
        array([[1., 2.],
               [3., 4.]])
    """
    return _each(ifft, x, _sizes(x, s, axes), norm)


@opened
def rfftn(x: Array, /, *, s: Sizes = None, axes: Sizes = None, norm: str = "backward") -> Array:
    """Fourier transform of real numbers along several axes, of which the last is halved.

    Of the last axis, of length n, the result holds the frequencies from 0 to n // 2: the others are
    their conjugates. See `fftn` for the arguments.

    Example:
        >>> gg.fft.rfftn(np.ones((4, 6))).shape
        (4, 4)
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> gg.fft.rfftn(x).real
        array([[10., -2.],
               [-4.,  0.]])
    """
    *others, (axis, n) = _sizes(x, s, axes)
    return _each(fft, rfft(x, n=n, axis=axis, norm=norm), others, norm)


@opened
def irfftn(x: Array, /, *, s: Sizes = None, axes: Sizes = None, norm: str = "backward") -> Array:
    """Real numbers whose transform along several axes, of which the last is halved, is `x`.

    The last axis becomes `2 * (m - 1)` long where that of `x` has length m; `s` says another one,
    such as an odd one. See `fftn` for the arguments.

    Example:
        >>> x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
        >>> gg.fft.irfftn(gg.fft.rfftn(x), s=x.shape).round(6)
        array([[1., 2., 3.],
               [4., 5., 6.]])
    """
    *others, (axis, n) = _sizes(x, s, axes)
    return irfft(_each(ifft, x, others, norm), n=n, axis=axis, norm=norm)


@opened
def fft2(
    x: Array, /, *, s: Sizes = None, axes: Sizes = (-2, -1), norm: str = "backward"
) -> Array:
    """Fourier transform along two axes: `fftn` along the last ones, unless others are named.

    Example:
        >>> image = np.zeros((4, 4))
        >>> image[0, 0] = 1.0
        >>> gg.fft.fft2(image).real                         # a point has all frequencies
        array([[1., 1., 1., 1.],
               [1., 1., 1., 1.],
               [1., 1., 1., 1.],
               [1., 1., 1., 1.]])
    """
    return fftn(x, s=s, axes=axes, norm=norm)


@opened
def ifft2(
    x: Array, /, *, s: Sizes = None, axes: Sizes = (-2, -1), norm: str = "backward"
) -> Array:
    """Inverse Fourier transform along two axes: `ifftn` along the last, unless others are named.

    Example:
        >>> gg.fft.ifft2(np.ones((2, 2))).real
        array([[1., 0.],
               [0., 0.]])
    """
    return ifftn(x, s=s, axes=axes, norm=norm)


@opened
def rfft2(
    x: Array, /, *, s: Sizes = None, axes: Sizes = (-2, -1), norm: str = "backward"
) -> Array:
    """Fourier transform of real numbers along two axes, the last ones unless others are named.

    Example:
        >>> images = np.ones((10, 28, 28))
        >>> gg.fft.rfft2(images).shape
        (10, 28, 15)
    """
    return rfftn(x, s=s, axes=axes, norm=norm)


@opened
def irfft2(
    x: Array, /, *, s: Sizes = None, axes: Sizes = (-2, -1), norm: str = "backward"
) -> Array:
    """Inverse of `rfft2`: `irfftn` along the last two axes, unless others are named.

    Example:
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> gg.fft.irfft2(gg.fft.rfft2(x))
        array([[1., 2.],
               [3., 4.]])
    """
    return irfftn(x, s=s, axes=axes, norm=norm)


@opened
def hfft(x: Array, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Array:
    """Real Fourier transform of the signal whose first half is `x` and whose second its mirror.

    The mirror is conjugated, which makes the transform real. It has `n` numbers, by default
    `2 * (m - 1)` for m in `x`.

    Raises:
        InvalidArgument: For any other `norm` than "backward", "ortho" and "forward".

    Example:
        >>> gg.fft.hfft(np.array([1.0, 2.0, 3.0]))
        array([ 8., -2.,  0., -2.])
        >>> gg.fft.fft(np.array([1.0, 2.0, 3.0, 2.0])).real
        array([ 8., -2.,  0., -2.])
    """
    return irfft(conj(x), n=n, axis=axis, norm=_swapped(norm))


@opened
def ihfft(x: Array, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Array:
    """First half of the inverse Fourier transform of real numbers: the inverse of `hfft`.

    Raises:
        InvalidArgument: For any other `norm` than "backward", "ortho" and "forward".

    Example:
        >>> gg.fft.ihfft(np.array([8.0, -2.0, 0.0, -2.0])).real
        array([1., 2., 3.])
    """
    return conj(rfft(x, n=n, axis=axis, norm=_swapped(norm)))


@opened
def fftfreq(
    n: int, /, *, d: float = 1.0, dtype: DTypeLike | None = None, device: str | None = None
) -> Tensor:
    """Frequencies of a transform of length `n`, for samples with spacing `d`.

    In cycles for each unit of `d`, those from 0 on first, then the negative ones. They are float64,
    unless another dtype is named, in a Tensor.

    Example:
        >>> gg.fft.fftfreq(5, d=0.1).value
        array([ 0.,  2.,  4., -4., -2.])
    """
    n, d = settled(n), settled(d)
    places = arange(n, dtype=dtype or "float64", device=device)
    return where(places >= (n + 1) // 2, places - n, places) / (n * d)  # type: ignore[return-value]


@opened
def rfftfreq(
    n: int, /, *, d: float = 1.0, dtype: DTypeLike | None = None, device: str | None = None
) -> Tensor:
    """Frequencies of the transform of `n` real samples with spacing `d`, from 0 to the highest.

    In cycles for each unit of `d`. They are float64, unless another dtype is named, in a Tensor.

    Example:
        >>> gg.fft.rfftfreq(5, d=0.1).value
        array([0., 2., 4.])
    """
    n, d = settled(n), settled(d)
    places = arange(n // 2 + 1, dtype=dtype or "float64", device=device)
    return places / (n * d)


@opened
def fftshift(x: Array, /, *, axes: int | Sizes = None) -> Array:
    """The spectrum with frequency 0 in the middle of the given axes, or of all.

    Example:
        >>> gg.fft.fftshift(np.array([0, 1, 2, -2, -1]))
        array([-2, -1,  0,  1,  2])
    """
    return _shifted(x, axes, lambda n: n // 2)


@opened
def ifftshift(x: Array, /, *, axes: int | Sizes = None) -> Array:
    """The spectrum with frequency 0 first: undoes `fftshift`.

    Example:
        >>> gg.fft.ifftshift(np.array([-2, -1, 0, 1, 2]))
        array([ 0,  1,  2, -2, -1])
    """
    return _shifted(x, axes, lambda n: -(n // 2))


def _shifted(x: Array, axes: int | Sizes, shift: Callable[[int], int]) -> Array:
    shape = shape_of(x)
    chosen = axes_of(axes, len(shape), "fftshift")
    return roll(x, tuple(shift(shape[axis]) for axis in chosen), axis=tuple(chosen))

__dir__ = offered(globals())
