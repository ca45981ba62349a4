"""NumPy's `np.emath`: functions that become complex where real operands leave the domain.

The dtype of a result depends on values, which a function under `gg.jit` or `gg.vmap` does not have:
there, make the operand complex and use the functions of `gg` itself.
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
    """Square root, of negative numbers an imaginary one."""
    return ops.sqrt(_extended("sqrt", x, _is_negative))


def log(x: Array) -> Array:
    """Natural logarithm, of negative numbers a complex one."""
    return ops.log(_extended("log", x, _is_negative))


def log2(x: Array) -> Array:
    """Logarithm to base 2, of negative numbers a complex one."""
    return ops.log2(_extended("log2", x, _is_negative))


def log10(x: Array) -> Array:
    """Logarithm to base 10, of negative numbers a complex one."""
    return ops.log10(_extended("log10", x, _is_negative))


def logn(n: Array, x: Array) -> Array:
    """Logarithm to base `n`, of negative numbers a complex one."""
    return ops.divide(log(x), log(n))


def power(x: Array, p: Array) -> Array:
    """`x` to the power `p`, of negative `x` a complex one; integers may have negative powers."""
    x, p = _extended("power", x, _is_negative), array(p, np.empty(0))
    if not is_inexact(p.dtype) and _leaves("power", p, _is_negative):
        p = ops.multiply(p, 1.0)
    return ops.power(x, p)


def arccos(x: Array) -> Array:
    """Arc cosine, beyond 1 in size a complex one."""
    return ops.acos(_extended("arccos", x, _is_beyond_one))


def arcsin(x: Array) -> Array:
    """Arc sine, beyond 1 in size a complex one."""
    return ops.asin(_extended("arcsin", x, _is_beyond_one))


def arctanh(x: Array) -> Array:
    """Inverse hyperbolic tangent, beyond 1 in size a complex one."""
    return ops.atanh(_extended("arctanh", x, _is_beyond_one))

__dir__ = offered(globals())
