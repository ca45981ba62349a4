"""NumPy's `np.emath`: functions that become complex where real operands leave the domain.

The dtype of a result depends on values, which a function under `gg.jit` or `gg.vmap` does not have:
there, the functions raise `TrackedConversion`; make the operand complex and use the functions of
`gg` itself. Numbers that become complex do so in single precision if they are float32 or integers
of at most 16 bits, and otherwise in double.

>>> gg.emath.sqrt(np.array([4.0, -4.0]))
array([2.+0.j, 0.+2.j])
>>> gg.emath.sqrt(np.array([4.0, 9.0]))
array([2., 3.])
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gpugrad.backends import StandIn, is_complex, is_inexact, namespace_of
from gpugrad.core.registry import namespace as ops
from gpugrad.core.tensor import Tensor
from gpugrad.errors import TrackedConversion
from gpugrad.ops.operands import array
from gpugrad.types import Array, offered

__all__ = [
    "arccos",
    "arcsin",
    "arctanh",
    "log",
    "log2",
    "log10",
    "logn",
    "power",
    "sqrt",
]

SMALL = frozenset(map(np.dtype, ("float32", "int8", "int16", "uint8", "uint16")))
"""Dtypes that become single precision; the others double, float16 too."""


def _leaves(name: str, x: Array, is_outside: Callable[[Array], Array]) -> bool:
    """Whether `x` is real and one of its elements lies outside of the domain."""
    value = x._value if isinstance(x, Tensor) else x
    if is_complex(x.dtype):
        return False
    if isinstance(value, StandIn):
        raise TrackedConversion(
            f"np.emath.{name} of a value in gg.jit or gg.vmap: whether the result is complex would "
            f"depend on it. Use gg.{name} of the real operand, or of gg.astype(x, gg.complex128)."
        )
    return bool(namespace_of(value).any(is_outside(value)))


def _extended(name: str, x: Array, is_outside: Callable[[Array], Array]) -> Array:
    """`x`, as complex numbers if it leaves the domain."""
    x = array(x, np.empty(0))
    if not _leaves(name, x, is_outside):
        return x
    return ops.astype(x, np.complex64 if x.dtype in SMALL else np.complex128)


def _is_negative(x: Array) -> Array:
    return x < 0


def _is_beyond_one(x: Array) -> Array:
    return abs(x) > 1


def sqrt(x: Array) -> Array:
    """Square root, of negative numbers an imaginary one.

    Example:
        >>> gg.emath.sqrt(np.array([4.0, -4.0]))
        array([2.+0.j, 0.+2.j])
        >>> gg.grad(lambda x: gg.imag(gg.emath.sqrt(x)))(-4.0)
        array(-0.25)
    """
    return ops.sqrt(_extended("sqrt", x, _is_negative))


def log(x: Array) -> Array:
    """Natural logarithm, of negative numbers a complex one with the imaginary part π.

    Example:
        >>> gg.emath.log(-1.0)
        array(0.+3.14159265j)
        >>> gg.grad(lambda x: gg.real(gg.emath.log(x)))(-2.0)
        array(-0.5)
    """
    return ops.log(_extended("log", x, _is_negative))


def log2(x: Array) -> Array:
    """Logarithm to base 2, of negative numbers a complex one.

    Example:
        >>> gg.emath.log2(np.array([8.0, -8.0])).round(4)
        array([3.+0.j    , 3.+4.5324j])
    """
    return ops.log2(_extended("log2", x, _is_negative))


def log10(x: Array) -> Array:
    """Logarithm to base 10, of negative numbers a complex one.

    Example:
        >>> gg.emath.log10(np.array([100.0, -10.0])).round(4)
        array([2.+0.j    , 1.+1.3644j])
    """
    return ops.log10(_extended("log10", x, _is_negative))


def logn(n: Array, x: Array) -> Array:
    """Logarithm to base `n`, of negative numbers a complex one.

    It is `log(x) / log(n)`, and so `n` may be an array, which broadcasts with `x`.

    Example:
        >>> gg.emath.logn(np.array([2.0, 4.0]), 16.0)
        array([4., 2.])
    """
    return ops.divide(log(x), log(n))


def power(x: Array, p: Array) -> Array:
    """Power `x ** p`, of negative `x` a complex one; integers may have negative powers.

    Example:
        >>> gg.emath.power(np.array([8.0, -8.0]), 1 / 3).round(4)
        array([2.+0.j    , 1.+1.7321j])
        >>> gg.emath.power(np.array([2, 4]), -1)
        array([0.5 , 0.25])
    """
    x, p = _extended("power", x, _is_negative), array(p, np.empty(0))
    if not is_inexact(p.dtype) and _leaves("power", p, _is_negative):
        p = ops.multiply(p, 1.0)
    return ops.power(x, p)


def arccos(x: Array) -> Array:
    """Arc cosine in radians, of numbers beyond 1 in size a complex one.

    Example:
        >>> gg.emath.arccos(np.array([1.0, 0.0])).round(4)
        array([0.    , 1.5708])
        >>> gg.emath.arccos(np.array([2.0])).imag.round(4)
        array([-1.317])
    """
    return ops.acos(_extended("arccos", x, _is_beyond_one))


def arcsin(x: Array) -> Array:
    """Arc sine in radians, of numbers beyond 1 in size a complex one.

    Example:
        >>> gg.emath.arcsin(np.array([1.0, 0.0])).round(4)
        array([1.5708, 0.    ])
        >>> gg.emath.arcsin(np.array([1.0, 2.0])).round(4)
        array([1.5708+0.j   , 1.5708+1.317j])
    """
    return ops.asin(_extended("arcsin", x, _is_beyond_one))


def arctanh(x: Array) -> Array:
    """Inverse hyperbolic tangent, of numbers beyond 1 in size a complex one.

    Example:
        >>> gg.emath.arctanh(np.array([0.5])).round(4)
        array([0.5493])
        >>> gg.emath.arctanh(np.array([0.5, 2.0])).round(4)
        array([0.5493+0.j    , 0.5493+1.5708j])
    """
    return ops.atanh(_extended("arctanh", x, _is_beyond_one))

__dir__ = offered(globals())
