"""Operands of functions that are made of several ops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np

from gpugrad.backends import (
    Namespace,
    StandIn,
    is_complex,
    is_inexact,
    is_numpy_scalar,
    namespace_of,
    wider,
)
from gpugrad.backends.axes import counted
from gpugrad.core.registry import namespace as ops
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument, TrackedConversion, UnsupportedOperand
from gpugrad.settings import settled
from gpugrad.tracing.tracer import Traced
from gpugrad.types import NUMBERS, Array, DTypeLike, Functions, Key, Operand, Shape, Value

if TYPE_CHECKING:
    from typing_extensions import TypeIs

V = TypeVar("V")


def shape_of(x: Operand) -> Shape:
    """The shape of an array, a Tensor or a number."""
    shape = getattr(x, "shape", None)
    if shape is not None:
        return tuple(shape)
    if isinstance(x, int | float | complex):
        return ()
    raise UnsupportedOperand(
        f"an operand is of type {type(x).__module__}.{type(x).__qualname__}: expected an array, a "
        "Tensor or a number."
    )


def dtype_of(x: Operand) -> DTypeLike:
    """The dtype of an array or Tensor, or the type of a number."""
    found: DTypeLike = getattr(x, "dtype", type(x))
    return found


def axis_of(axis: int, ndim: int, name: str) -> int:
    """`axis` counted from the front; raises `InvalidArgument` where there is no such axis."""
    try:
        return counted(settled(axis), ndim)
    except InvalidArgument as error:
        raise InvalidArgument(f"{name}: {error}") from None


def axes_of(axis: int | Sequence[int] | None, ndim: int, name: str) -> list[int]:
    """The axes that `axis` names, counted from the front; `None` names all."""
    axis = settled(axis)
    axes = (axis,) if isinstance(axis, int) else range(ndim) if axis is None else axis
    return [axis_of(a, ndim, name) for a in axes]


def vector_of(x: Array, xp: Namespace) -> Array:
    """`x`, or a vector of one element for an array without axes, as NumPy has it along one."""
    return x if x.shape else xp.reshape(x, (1,))


def is_array(x: Operand) -> TypeIs[Array]:
    """Whether it is a Tensor or an array; a scalar of NumPy is a number."""
    return hasattr(x, "dtype") and not is_numpy_scalar(x)


def setting_of(name: str, x: Any) -> Any:
    """`x`, or the number of a Tensor without axes, for a setting that has to be a number at once.

    One without a number of its own, as in a trace, is refused under the name of the setting.
    """
    if not isinstance(x, Tensor) or x.shape:
        return x
    try:
        return x.item()
    except TrackedConversion as error:
        raise TrackedConversion(
            f"{name} is a Tensor; expected a number. {error} An attribute of a model stays a "
            "number where @gg.tree.register(static=[...]) names it."
        ) from None


def number_of(x: V) -> V:
    """`x`, or Python's number for one of NumPy, which would widen what it meets."""
    return x if getattr(x, "shape", ()) else settled(x)


def plain(x: Operand) -> np.ndarray:
    """The numbers of an operand for decisions: an array of NumPy, which has no gradient.

    A value of `gg.jit` or `gg.vmap` is refused, since it is not known.
    """
    value: Any = x._value if isinstance(x, Tensor) else x
    return np.asarray(Tensor(value) if hasattr(value, "dtype") else value)


def is_known(x: Operand) -> bool:
    """Whether the numbers of an operand are there: those of `gg.jit` and `gg.vmap` are not."""
    return not isinstance(x._value if isinstance(x, Tensor) else x, StandIn)


def is_weak(x: Operand) -> bool:
    """Whether `x` is a Tensor that stands for a number of Python in a trace.

    Such a number has no dtype of its own.
    """
    value = getattr(x, "_value", None)
    return type(value) is Traced and value.weak is not None


@overload
def floating(x: Array) -> Array: ...
@overload
def floating(x: Value) -> Value: ...
def floating(x: Value) -> Value:
    """The array `x`, or its numbers as floating ones if they are integers or booleans.

    Of these, differences, squares and sums could wrap around. A number of Python stays one.
    """
    if is_inexact(dtype_of(x)):
        return x
    if type(x) in NUMBERS:
        return float(x)  # type: ignore[arg-type]  # a complex one is inexact
    return ops.multiply(x, 1.0)


def check_real(name: str, *operands: Array) -> None:
    """Raise `UnsupportedOperand` for complex numbers."""
    for x in operands:
        if is_complex(x.dtype):
            raise UnsupportedOperand(
                f"{name}: an operand has dtype {x.dtype}; expected real numbers. Take gg.real of "
                "it."
            )


def in_dtype_of(g: Array, x: Array, xp: Namespace) -> Array:
    """The array `x` in the dtype of the cotangent `g`, which is that in which an op computed.

    A function of `x` alone would be less exact where that is narrower, or `x` small integers.
    """
    return x if x.dtype == g.dtype else xp.astype(x, g.dtype)


def wide(x: Array, xp: Namespace) -> Array:
    """The array `x`, in float32 if it is of float16 or bfloat16.

    What takes several steps is rounded to these once, and none of the steps leaves their range.
    """
    dtype = wider(x.dtype)
    return x if dtype is None else xp.astype(x, dtype)


def typed(y: Array, x: Array, xp: Namespace) -> Array:
    """`y` in the dtype of `x`, of which the libraries may have no such function."""
    return y if y.dtype == x.dtype else xp.astype(y, x.dtype)


def along(axis: int, start: int | None, stop: int | None) -> Key:
    """The key of a slice along `axis`, which is counted from the front."""
    return (*(slice(None),) * axis, slice(start, stop), ...)


def fitted(x: Array, n: int, axis: int, xp: Functions) -> Array:
    """`x` cut off or filled up with zeros to length `n` along `axis`."""
    axis %= len(x.shape)
    found = x.shape[axis]
    if found > n:
        return xp.getitem(x, along(axis, None, n))
    if found == n:
        return x
    shape = (*x.shape[:axis], n - found, *x.shape[axis + 1 :])
    return xp.concat([x, xp.zeros(shape, dtype=x.dtype)], axis=axis)


def holds_tensor(data: Sequence[Operand]) -> bool:
    """Whether nested lists hold a Tensor."""
    return any(
        isinstance(x, Tensor) or (isinstance(x, list | tuple) and holds_tensor(x)) for x in data
    )


def array(x: Operand, like: Operand) -> Array:
    """`x`, or numbers and lists as an array of the library of `like`."""
    if hasattr(x, "dtype"):
        return x  # type: ignore[return-value]  # it is an array
    if isinstance(x, list | tuple) and holds_tensor(x):
        return ops.asarray(x)
    value = like._value if isinstance(like, Tensor) else like
    return namespace_of(value).asarray(x)


def moved_to(values: np.ndarray, like: Operand) -> Array:
    """Numbers that were found for `like`, an array or a Tensor, as one of its kind."""
    if isinstance(like, Tensor):
        return Tensor(moved_to(values, like._value))
    # As numbers in what is traced, where an array would be one from outside.
    given: Any = values.tolist() if isinstance(like, StandIn) else values
    return namespace_of(like).asarray(given, dtype=values.dtype)


def filled(
    shape: Shape, value: Value, like: Array, dtype: DTypeLike | None = None
) -> Array:
    """An array of that shape that holds `value`, of the library of `like`.

    It has the dtype of `like`, too, unless another is given.
    """
    there = like._value if isinstance(like, Tensor) else like
    made = namespace_of(there).full(shape, value, dtype=there.dtype if dtype is None else dtype)
    return Tensor(made) if isinstance(like, Tensor) else made


def arrays(*operands: Operand) -> list[Array]:
    """The operands, with arrays for lists and numbers among them if there is an array at all."""
    like = next((x for x in operands if hasattr(x, "dtype")), None)
    return [x if like is None else array(x, like) for x in operands]  # type: ignore[misc]  # numbers


def arrays_or_numbers(*operands: Operand) -> list[Array]:
    """The operands, with arrays for lists among them; Python's numbers take the dtype of arrays."""
    like = next((x for x in operands if hasattr(x, "dtype")), None)
    return [x if like is None or type(x) in NUMBERS else array(x, like) for x in operands]  # type: ignore[misc]
