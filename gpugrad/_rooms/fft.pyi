# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

"""Discrete Fourier transforms: the functions of the Array API standard.

`norm` says which way the transform is divided by n: "backward" the inverse one, "forward" the
other, "ortho" both by the root of n. Gradients of real inputs are real.
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
    """Fourier transform along `axis`, of `x` cut off or filled up with zeros to length `n`."""

@overload
def ifft(x: ndarray, /, *, n: int | None = None, axis: int = -1, norm: str = 'backward') -> ndarray: ...
@overload
def ifft(x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: str = 'backward') -> Tensor: ...
@overload
def ifft(x: Operand, /, *, n: int | None = None, axis: int = -1, norm: str = 'backward') -> Array:
    """Inverse Fourier transform along `axis`, of `x` cut off or filled up to length `n`."""

@overload
def irfft(x: ndarray, /, *, n: int | None = None, axis: int = -1, norm: str = 'backward') -> ndarray: ...
@overload
def irfft(x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: str = 'backward') -> Tensor: ...
@overload
def irfft(x: Operand, /, *, n: int | None = None, axis: int = -1, norm: str = 'backward') -> Array:
    """The real numbers of length `n` along `axis` whose transform begins with `x`.

    Without `n`, they are twice as many as `x` has, less two.
    """

@overload
def rfft(x: ndarray, /, *, n: int | None = None, axis: int = -1, norm: str = 'backward') -> ndarray: ...
@overload
def rfft(x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: str = 'backward') -> Tensor: ...
@overload
def rfft(x: Operand, /, *, n: int | None = None, axis: int = -1, norm: str = 'backward') -> Array:
    """The first half of the Fourier transform of real numbers along `axis`."""
