"""What the functions are built of: the decorator, and operations that Python has no word for.

The loop vectoriser takes a body without calls and without jumps. So every function is inlined, each
choice is between two values already computed, and the bits of a number are read in a register.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, cast

from llvmlite import ir
from numba import njit, types
from numba.core.base import BaseContext
from numba.extending import intrinsic

from gpugrad.engines.native.vector_math.formats import DOUBLE, SINGLE, Format

Scalar = Callable[..., Any]

LONG = 10
"""From how many coefficients on a polynomial is evaluated in two parts."""


def scalar(function: Scalar) -> Scalar:
    """Compile a function of scalars, to be inlined wherever it is called."""
    compile_it = njit(forceinline=True, nogil=True, error_model="numpy", fastmath={"contract"})
    return cast(Scalar, compile_it(function))


def _operation(describe: Scalar) -> Scalar:
    """Numba's `intrinsic`: `describe` gives a signature and what emits the instructions."""
    return cast(Scalar, cast(Any, intrinsic)(describe))


_FORMATS: dict[types.Type, Format] = {types.float32: SINGLE, types.float64: DOUBLE}
_SAME_WIDTH: dict[types.Type, types.Type] = {
    types.float32: types.int32,
    types.float64: types.int64,
    types.int32: types.float32,
    types.int64: types.float64,
}


@_operation
def bits(context: object, x: types.Type) -> object:
    """The bits of a float as a signed integer; of an integer as a float."""
    result = _SAME_WIDTH[x]

    def emit(
        target: BaseContext, builder: ir.IRBuilder, signature: object, args: Sequence[ir.Value]
    ) -> object:
        return builder.bitcast(args[0], target.get_value_type(result))  # type: ignore[no-untyped-call]

    return result(x), emit


@_operation
def fma(context: object, a: types.Type, b: types.Type, c: types.Type) -> object:
    """`a * b + c` rounded once, whatever the processor has for it."""

    def emit(
        target: BaseContext, builder: ir.IRBuilder, signature: object, args: Sequence[ir.Value]
    ) -> object:
        return builder.fma(*args)

    return a(a, b, c), emit


def instruction(name: str) -> Scalar:
    """What LLVM has under that name for one number, such as `"floor"`."""

    @_operation
    def apply(context: object, x: types.Type) -> object:
        def emit(
            target: BaseContext, builder: ir.IRBuilder, signature: object, args: Sequence[ir.Value]
        ) -> object:
            number = args[0].type
            found = builder.module.declare_intrinsic(f"llvm.{name}", [number])
            return builder.call(found, args)

        return x(x), emit

    return apply


@_operation
def polynomial(context: object, x: types.Type, coefficients: types.UniTuple) -> object:
    """The polynomial at `x`; the coefficient of the highest power is first.

    By Horner's scheme, a long one in two parts: a loop waits for its longest chain of operations.
    """

    def emit(
        target: BaseContext, builder: ir.IRBuilder, signature: object, args: Sequence[ir.Value]
    ) -> object:
        number, values = args
        terms = [builder.extract_value(values, i) for i in range(coefficients.count)]

        def multiply_add(a: ir.Value, b: ir.Value, c: ir.Value) -> ir.Value:
            product = builder.fmul(a, b, flags=("contract",))
            return builder.fadd(product, c, flags=("contract",))

        def horner(terms: list[ir.Value]) -> ir.Value:
            return reduce(lambda total, term: multiply_add(total, number, term), terms)

        if len(terms) < LONG:
            return horner(terms)
        squarings = len(terms).bit_length() - 2
        power = reduce(lambda p, _: builder.fmul(p, p), range(squarings), number)
        low = 1 << squarings
        return multiply_add(horner(terms[:-low]), power, horner(terms[-low:]))

    return x(x, coefficients), emit


@_operation
def nearest(context: object, x: types.Type) -> object:
    """The nearest whole number, for |x| < 2**(mantissa - 1)."""

    def emit(
        target: BaseContext, builder: ir.IRBuilder, signature: object, args: Sequence[ir.Value]
    ) -> object:
        magic = args[0].type(float(_FORMATS[x].magic))
        return builder.fsub(builder.fadd(args[0], magic), magic)

    return x(x), emit


@_operation
def power_of_two(context: object, k: types.Type) -> object:
    """2**k for the whole k of normal numbers, and 0 for the one below them."""
    of = _FORMATS[k]

    def emit(
        target: BaseContext, builder: ir.IRBuilder, signature: object, args: Sequence[ir.Value]
    ) -> object:
        number, whole = args[0].type, target.get_value_type(_SAME_WIDTH[k])  # type: ignore[no-untyped-call]
        # The sum ends in the bits of k + bias, and the shift leaves these, as the exponent.
        shifted = builder.fadd(args[0], number(float(of.magic) + of.bias))
        exponent = builder.shl(builder.bitcast(shifted, whole), whole(of.mantissa))
        return builder.bitcast(exponent, number)

    return k(k), emit


@_operation
def with_sign(context: object, size: types.Type, x: types.Type) -> object:
    """`size`, which is not negative, with the sign of `x`, of a zero too."""

    def emit(
        target: BaseContext, builder: ir.IRBuilder, signature: object, args: Sequence[ir.Value]
    ) -> object:
        number, whole = args[0].type, target.get_value_type(_SAME_WIDTH[x])  # type: ignore[no-untyped-call]
        size_bits, x_bits = (builder.bitcast(arg, whole) for arg in args)
        sign = builder.and_(x_bits, whole(int(_FORMATS[x].sign_bit)))
        return builder.bitcast(builder.or_(size_bits, sign), number)

    return size(size, x), emit
