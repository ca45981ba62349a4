"""Special cases of the Array API standard that array libraries miss.

The functions complete what the library found, in the vocabulary of the standard, so that they hold
on every library, in a batch and in a plan. Rules use the library's functions as they are.
"""

from __future__ import annotations

from math import nan, pi

from gpugrad.backends import Array, Namespace, is_complex, is_inexact


def acosh(xp: Namespace, x: Array) -> Array:
    """On the imaginary axis the imaginary part is ±π/2, also where nothing else is known."""
    found = xp.acosh(x)
    if not is_complex(x.dtype):
        return found
    return xp.where((xp.real(x) == 0) & xp.isnan(xp.imag(x)), complex(nan, pi / 2), found)


def expm1(xp: Namespace, x: Array) -> Array:
    """Beyond the finite numbers `exp(x) - 1`, whose parts are not NaN for the other's sake."""
    found = xp.expm1(x)
    return xp.where(xp.isfinite(x), found, xp.exp(x) - 1) if is_complex(x.dtype) else found


def floor_divide(xp: Namespace, x1: Array, x2: Array) -> Array:
    """The quotient itself where it is infinite or 0: Python's `//` gives NaN or -1 there."""
    found = xp.floor_divide(x1, x2)
    if not is_inexact(found.dtype):
        return found
    quotient = xp.divide(x1, x2)
    return xp.where((quotient == 0) | xp.isinf(quotient), quotient, found)


def sign(xp: Namespace, x: Array) -> Array:
    """Both parts of a complex result are NaN if one of `x` is."""
    found = xp.sign(x)
    return xp.where(xp.isnan(x), complex(nan, nan), found) if is_complex(x.dtype) else found


def tan(xp: Namespace, x: Array) -> Array:
    """At the ends of the imaginary axis ±j; the real part is 0 with the sign of that of `x`."""
    found = xp.tan(x)
    if not is_complex(x.dtype):
        return found
    end = xp.astype(xp.sign(xp.imag(x)), x.dtype) * 1j + 0      # the real part 0, not -0
    end = xp.where(xp.real(x) < 0, -xp.conj(end), end)
    return xp.where(xp.isinf(xp.imag(x)), end, found)


def tanh(xp: Namespace, x: Array) -> Array:
    """At the ends of the real axis ±1; the imaginary part is 0 with the sign of that of `x`."""
    found = xp.tanh(x)
    if not is_complex(x.dtype):
        return found
    end = xp.astype(xp.sign(xp.real(x)), x.dtype)
    end = xp.where(xp.imag(x) < 0, xp.conj(end), end)
    return xp.where(xp.isinf(xp.real(x)), end, found)
