# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

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

from gpugrad.core.tensor import Tensor
from gpugrad.fft import fft2 as fft2
from gpugrad.fft import fftfreq as fftfreq
from gpugrad.fft import fftn as fftn
from gpugrad.fft import fftshift as fftshift
from gpugrad.fft import hfft as hfft
from gpugrad.fft import ifft2 as ifft2
from gpugrad.fft import ifftn as ifftn
from gpugrad.fft import ifftshift as ifftshift
from gpugrad.fft import ihfft as ihfft
from gpugrad.fft import irfft2 as irfft2
from gpugrad.fft import irfftn as irfftn
from gpugrad.fft import rfft2 as rfft2
from gpugrad.fft import rfftfreq as rfftfreq
from gpugrad.fft import rfftn as rfftn
from gpugrad.types import Array
from gpugrad.types import Operand
from numpy import ndarray
from typing import overload

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

@overload
def fft(x: ndarray, /, *, n: int | None = None, axis: int = -1, norm: str = 'backward') -> ndarray: ...
@overload
def fft(x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: str = 'backward') -> Tensor: ...
@overload
def fft(x: Operand, /, *, n: int | None = None, axis: int = -1, norm: str = 'backward') -> Array:
    """Fourier transform along `axis` of `x`, truncated or zero-padded to length `n`.

    The result is complex. `norm` is "backward", "ortho" or "forward"; only the last two scale it.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0, 4.0])
        >>> gg.abs(gg.fft.fft(x)).round(6)
        array([10.      ,  2.828427,  2.      ,  2.828427])
        >>> gg.grad(lambda x: gg.sum(gg.abs(gg.fft.fft(x)) ** 2))(x).round(6)
        array([ 8., 16., 24., 32.])
    """

@overload
def ifft(x: ndarray, /, *, n: int | None = None, axis: int = -1, norm: str = 'backward') -> ndarray: ...
@overload
def ifft(x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: str = 'backward') -> Tensor: ...
@overload
def ifft(x: Operand, /, *, n: int | None = None, axis: int = -1, norm: str = 'backward') -> Array:
    """Inverse Fourier transform along `axis` of `x`, truncated or zero-padded to length `n`.

    The result is complex. `norm` is that of `fft`: by default, this one divides by the length.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0, 4.0])
        >>> gg.fft.ifft(gg.fft.fft(x)).real.round(6)
        array([1., 2., 3., 4.])
        >>> gg.grad(lambda x: gg.sum(gg.abs(gg.fft.ifft(x)) ** 2))(x).round(6)
        array([0.5, 1. , 1.5, 2. ])
    """

@overload
def irfft(x: ndarray, /, *, n: int | None = None, axis: int = -1, norm: str = 'backward') -> ndarray: ...
@overload
def irfft(x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: str = 'backward') -> Tensor: ...
@overload
def irfft(x: Operand, /, *, n: int | None = None, axis: int = -1, norm: str = 'backward') -> Array:
    """The real numbers of length `n` along `axis` whose transform begins with `x`.

    Without `n`, they are twice as many as `x` has, less two: of an odd length it must be given.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0])
        >>> gg.fft.irfft(gg.fft.rfft(x), n=3).round(6)
        array([1., 2., 3.])
        >>> gg.grad(lambda x: gg.sum(gg.fft.irfft(gg.fft.rfft(x), n=3) ** 2))(x).round(6)
        array([2., 4., 6.])
    """

@overload
def rfft(x: ndarray, /, *, n: int | None = None, axis: int = -1, norm: str = 'backward') -> ndarray: ...
@overload
def rfft(x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: str = 'backward') -> Tensor: ...
@overload
def rfft(x: Operand, /, *, n: int | None = None, axis: int = -1, norm: str = 'backward') -> Array:
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
