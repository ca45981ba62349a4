"""What the functions are built of: the decorator, and operations that Python has no word for.

The loop vectoriser takes a body without calls and without jumps. So every function is inlined, each
choice is between two values already computed, and the bits of a number are read in a register.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from numba import njit, types
from numba.extending import intrinsic

from gpugrad.executor.engines.vector_math.formats import Format

Scalar = Callable[..., Any]


def scalar(function: Scalar) -> Scalar:
    """Compile a function of scalars, to be inlined wherever it is called."""
    compile_it = njit(forceinline=True, nogil=True, error_model="numpy", fastmath={"contract"})
    return cast(Scalar, compile_it(function))


def _operation(describe: Scalar) -> Scalar:
    """Numba's `intrinsic`: `describe` gives a signature and what emits the instructions."""
    return cast(Scalar, cast(Any, intrinsic)(describe))


_SAME_WIDTH = {
    types.float32: types.int32,
    types.float64: types.int64,
    types.int32: types.float32,
    types.int64: types.float64,
}


@_operation
def bits(context: Any, x: Any) -> Any:
    """The bits of a float as a signed integer; of an integer as a float."""
    result = _SAME_WIDTH[x]

    def emit(target: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], target.get_value_type(result))

    return result(x), emit


@_operation
def fma(context: Any, a: Any, b: Any, c: Any) -> Any:
    """`a * b + c` rounded once, whatever the processor has for it."""

    def emit(target: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fma(*args)

    return a(a, b, c), emit


@_operation
def polynomial(context: Any, x: Any, coefficients: Any) -> Any:
    """The polynomial at `x` by Horner's scheme; the coefficient of the highest power is first."""

    def emit(target: Any, builder: Any, signature: Any, args: Any) -> Any:
        x, coefficients_value = args
        total = builder.extract_value(coefficients_value, 0)
        for i in range(1, coefficients.count):
            total = builder.fmul(total, x, flags=("contract",))
            coefficient = builder.extract_value(coefficients_value, i)
            total = builder.fadd(total, coefficient, flags=("contract",))
        return total

    return x(x, coefficients), emit


def make_round(of: Format) -> Scalar:
    """`round(x)`: the nearest whole number, for |x| < 2**(mantissa - 1)."""
    magic = of.magic

    @scalar
    def nearest(x: Any) -> Any:
        return (x + magic) - magic

    return nearest


def make_power_of_two(of: Format) -> Scalar:
    """`power_of_two(k)`: 2**k for a whole k of a normal power; 0 for the k below these."""
    magic = of.real(of.magic + of.real(of.bias))
    whole, shift = of.whole, of.mantissa

    @scalar
    def power_of_two(k: Any) -> Any:
        return bits(whole(bits(k + magic) << shift))

    return power_of_two


def make_with_sign(of: Format) -> Scalar:
    """`with_sign(size, x)`: `size`, which is not negative, with the sign of `x`, of a zero too."""
    whole, sign_bit = of.whole, of.sign_bit

    @scalar
    def with_sign(size: Any, x: Any) -> Any:
        return bits(whole(bits(size) | (bits(x) & sign_bit)))

    return with_sign
