"""Discrete Fourier transforms: the functions of the Array API standard.

`norm` says which way the transform is divided by n: "backward" the inverse one, "forward" the
other, "ortho" both by the root of n. Gradients of real inputs are real.
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


def _swapped(norm: str | None) -> str:
    norm = norm or "backward"
    if norm not in SWAPPED:
        raise InvalidArgument(f"norm is {norm!r}; wanted is one of {', '.join(SWAPPED)}.")
    return SWAPPED[norm]


def _sizes(x: Array, s: Sizes, axes: Sizes) -> list[tuple[int, int | None]]:
    """The axes to be transformed, each with its length or `None`."""
    s, axes = settled(s), settled(axes)
    if axes is None:
        ndim = len(shape_of(x))
        axes = range(ndim) if s is None else range(ndim - len(s), ndim)
    if s is not None and len(s) != len(axes):
        raise InvalidArgument(
            f"s has {len(s)} lengths for {len(axes)} axes; wanted is one for each."
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
    """Fourier transform along several axes, or all; `s` has the lengths."""
    return _each(fft, x, _sizes(x, s, axes), norm)


@opened
def ifftn(x: Array, /, *, s: Sizes = None, axes: Sizes = None, norm: str = "backward") -> Array:
    """Inverse Fourier transform along several axes, or all; `s` has the lengths."""
    return _each(ifft, x, _sizes(x, s, axes), norm)


@opened
def rfftn(x: Array, /, *, s: Sizes = None, axes: Sizes = None, norm: str = "backward") -> Array:
    """Fourier transform of real numbers along several axes, of which the last is halved."""
    *others, (axis, n) = _sizes(x, s, axes)
    return _each(fft, rfft(x, n=n, axis=axis, norm=norm), others, norm)


@opened
def irfftn(x: Array, /, *, s: Sizes = None, axes: Sizes = None, norm: str = "backward") -> Array:
    """The real numbers whose transform along several axes, of which the last is halved, is `x`."""
    *others, (axis, n) = _sizes(x, s, axes)
    return irfft(_each(ifft, x, others, norm), n=n, axis=axis, norm=norm)


@opened
def fft2(
    x: Array, /, *, s: Sizes = None, axes: Sizes = (-2, -1), norm: str = "backward"
) -> Array:
    """`fftn` along two axes, the last ones unless others are named."""
    return fftn(x, s=s, axes=axes, norm=norm)


@opened
def ifft2(
    x: Array, /, *, s: Sizes = None, axes: Sizes = (-2, -1), norm: str = "backward"
) -> Array:
    """`ifftn` along two axes, the last ones unless others are named."""
    return ifftn(x, s=s, axes=axes, norm=norm)


@opened
def rfft2(
    x: Array, /, *, s: Sizes = None, axes: Sizes = (-2, -1), norm: str = "backward"
) -> Array:
    """`rfftn` along two axes, the last ones unless others are named."""
    return rfftn(x, s=s, axes=axes, norm=norm)


@opened
def irfft2(
    x: Array, /, *, s: Sizes = None, axes: Sizes = (-2, -1), norm: str = "backward"
) -> Array:
    """`irfftn` along two axes, the last ones unless others are named."""
    return irfftn(x, s=s, axes=axes, norm=norm)


@opened
def hfft(x: Array, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Array:
    """Real Fourier transform of the signal whose first half is `x`, and whose second its mirror."""
    return irfft(conj(x), n=n, axis=axis, norm=_swapped(norm))


@opened
def ihfft(x: Array, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Array:
    """First half of the inverse Fourier transform of real numbers."""
    return conj(rfft(x, n=n, axis=axis, norm=_swapped(norm)))


@opened
def fftfreq(
    n: int, /, *, d: float = 1.0, dtype: DTypeLike | None = None, device: str | None = None
) -> Tensor:
    """Frequencies of a transform of length `n`, for samples `d` apart."""
    n, d = settled(n), settled(d)
    places = arange(n, dtype=dtype or "float64", device=device)
    return where(places >= (n + 1) // 2, places - n, places) / (n * d)  # type: ignore[return-value]


@opened
def rfftfreq(
    n: int, /, *, d: float = 1.0, dtype: DTypeLike | None = None, device: str | None = None
) -> Tensor:
    """Frequencies of the transform of `n` real samples, `d` apart."""
    n, d = settled(n), settled(d)
    places = arange(n // 2 + 1, dtype=dtype or "float64", device=device)
    return places / (n * d)


@opened
def fftshift(x: Array, /, *, axes: int | Sizes = None) -> Array:
    """`x` with frequency 0 in the middle of the axes, which are all unless named."""
    return _shifted(x, axes, lambda n: n // 2)


@opened
def ifftshift(x: Array, /, *, axes: int | Sizes = None) -> Array:
    """What `fftshift` undoes: `x` with frequency 0 at the begin."""
    return _shifted(x, axes, lambda n: -(n // 2))


def _shifted(x: Array, axes: int | Sizes, shift: Callable[[int], int]) -> Array:
    shape = shape_of(x)
    chosen = axes_of(axes, len(shape), "fftshift")
    return roll(x, tuple(shift(shape[axis]) for axis in chosen), axis=tuple(chosen))

__dir__ = offered(globals())
