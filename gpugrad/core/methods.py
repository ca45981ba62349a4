"""The operators and methods that NumPy's arrays have, as those of Tensors: each is an op."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gpugrad.core.protocols import from_outside
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import UnsupportedOperand


def _binary(name: str) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        try:
            return getattr(ops, name)(self, other)
        except UnsupportedOperand:
            if isinstance(other, list | tuple):     # what these would do instead is not meant
                raise
            return NotImplemented

    return method


def _reflected(name: str) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        try:
            return getattr(ops, name)(other, self)
        except UnsupportedOperand:
            if isinstance(other, list | tuple):
                raise
            return NotImplemented

    return method


def _unary(name: str) -> Callable[[Any], Any]:
    def method(self: Any) -> Any:
        return getattr(ops, name)(self)

    return method


def _method(name: str, function: str = "") -> Callable[..., Any]:
    function = function or name

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(ops, function)(self, *args, **kwargs)

    method.__name__ = name
    method.__doc__ = f"The function `gg.{function}` of this Tensor."
    return method


def _as_numpy(name: str, most: int) -> Callable[..., Any]:
    """A method with the arguments of NumPy's function of that name, in their places.

    Up to `most` arguments by their places are those of the op.
    """

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not kwargs and len(args) <= most:
            return getattr(ops, name)(self, *args)
        return from_outside(name, getattr(np, name), (self, *args), _said(kwargs))

    method.__name__ = name
    method.__doc__ = f"The function `gg.{name}` of this Tensor, with the arguments of NumPy's."
    return method


def _along(name: str, default: Any = None) -> Callable[..., Any]:
    """The same, of a function along an axis, which may be the first argument."""

    def method(self: Any, axis: Any = default, *args: Any, **kwargs: Any) -> Any:
        if not args and (not kwargs or kwargs.keys() == {"keepdims"}):
            return getattr(ops, name)(self, axis=axis, **kwargs)
        return from_outside(name, getattr(np, name), (self, axis, *args), _said(kwargs))

    method.__name__ = name
    method.__doc__ = f"The function `gg.{name}` of this Tensor, along `axis`."
    return method


def _said(kwargs: dict[str, Any]) -> dict[str, Any]:
    """What keywords say: CuPy's functions name all that they know, and `None` says nothing."""
    return {word: value for word, value in kwargs.items() if value is not None}


class Methods:
    """What Tensors have in common with NumPy's arrays."""

    __slots__ = ()

    shape: Any
    dtype: Any

    __add__, __radd__ = _binary("add"), _reflected("add")
    __sub__, __rsub__ = _binary("subtract"), _reflected("subtract")
    __mul__, __rmul__ = _binary("multiply"), _reflected("multiply")
    __truediv__, __rtruediv__ = _binary("divide"), _reflected("divide")
    __floordiv__, __rfloordiv__ = _binary("floor_divide"), _reflected("floor_divide")
    __mod__, __rmod__ = _binary("remainder"), _reflected("remainder")
    __pow__, __rpow__ = _binary("power"), _reflected("power")
    __matmul__, __rmatmul__ = _binary("matmul"), _reflected("matmul")
    __lt__, __le__ = _binary("less"), _binary("less_equal")
    __gt__, __ge__ = _binary("greater"), _binary("greater_equal")
    __eq__, __ne__ = _binary("equal"), _binary("not_equal")
    __and__, __rand__ = _binary("bitwise_and"), _reflected("bitwise_and")
    __or__, __ror__ = _binary("bitwise_or"), _reflected("bitwise_or")
    __xor__, __rxor__ = _binary("bitwise_xor"), _reflected("bitwise_xor")
    __lshift__, __rlshift__ = _binary("bitwise_left_shift"), _reflected("bitwise_left_shift")
    __rshift__, __rrshift__ = _binary("bitwise_right_shift"), _reflected("bitwise_right_shift")
    __invert__ = _unary("bitwise_invert")
    __neg__, __abs__ = _unary("negative"), _unary("abs")
    __hash__ = object.__hash__                      # by identity: `==` is elementwise

    __divmod__, __rdivmod__ = _binary("divmod"), _reflected("divmod")

    def __pos__(self) -> Any:
        return ops.copy(self)

    sum, mean, prod = _along("sum"), _along("mean"), _along("prod")
    var, std = _along("var"), _along("std")
    max, min = _along("max"), _along("min")
    all, any = _along("all"), _along("any")
    argmax, argmin = _along("argmax"), _along("argmin")
    argsort = _along("argsort", default=-1)
    cumsum, cumprod = _along("cumsum"), _along("cumprod")
    clip, copy, round = _as_numpy("clip", 2), _as_numpy("copy", 0), _as_numpy("round", 0)
    dot, repeat, trace = _as_numpy("dot", 1), _as_numpy("repeat", 1), _as_numpy("trace", 4)
    ravel = _as_numpy("ravel", 0)
    astype = _method("astype")
    squeeze = _method("squeeze")
    conj, conjugate = _method("conj"), _method("conjugate", "conj")
    nonzero, diagonal, swapaxes = _method("nonzero"), _method("diagonal"), _method("swapaxes")

    def sort(self, axis: int = -1, *args: Any, **kwargs: Any) -> None:
        """Write the elements in the order that `gg.sort` gives them along `axis`."""
        found = from_outside("sort", np.sort, (self, axis, *args), _said(kwargs))
        self[...] = found  # type: ignore[index]

    def to_device(self, device: str, /, *, stream: Any = None) -> Any:
        """`gg.to_device` of this Tensor."""
        return ops.to_device(self, device, stream=stream)

    @property
    def real(self) -> Any:
        """The real part."""
        return ops.real(self)

    @real.setter
    def real(self, value: Any) -> None:
        self.real[...] = value

    @property
    def imag(self) -> Any:
        """The imaginary part."""
        return ops.imag(self)

    @imag.setter
    def imag(self, value: Any) -> None:
        self.imag[...] = value

    def view(self, dtype: Any = None) -> Any:
        """A view of the whole: a Tensor of its own that shows, and writes to, the same elements.

        A dtype may be named if it is that of the elements.
        """
        if dtype is not None and np.dtype(dtype) != self.dtype:
            raise UnsupportedOperand(
                f"view: elements of dtype {self.dtype} cannot be seen as {np.dtype(dtype)}. "
                "Convert them with t.astype(dtype), or take the parts of complex ones with gg.real "
                "and gg.imag."
            )
        return ops.getitem(self, (...,))

    def fill(self, value: Any) -> None:
        """Write `value` to every element."""
        self[...] = value  # type: ignore[index]

    def reshape(self, *shape: Any, copy: bool | None = None, order: str | None = None) -> Any:
        """`gg.reshape` of this Tensor; the shape is a tuple or given as several arguments."""
        shape = shape[0] if len(shape) == 1 else shape
        if order is not None:
            return from_outside(
                "reshape", np.reshape, (self, shape), _said({"order": order, "copy": copy})
            )
        return ops.reshape(self, shape) if copy is None else ops.reshape(self, shape, copy=copy)

    def flatten(self) -> Any:
        """All elements in order, as a vector with memory of its own."""
        return ops.copy(self.ravel())

    def take(self, indices: Any, axis: int | None = None, *args: Any, **kwargs: Any) -> Any:
        """`gg.take` of this Tensor; without an axis, of all elements in order."""
        if args or kwargs:
            return from_outside("take", np.take, (self, indices, axis, *args), _said(kwargs))
        return ops.take(self if axis is not None else self.ravel(), indices, axis=axis)

    def transpose(self, *axes: Any) -> Any:
        """The axes in the given order; reversed where none is given."""
        if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], list | tuple)):
            axes = tuple(axes[0] or ())
        return ops.transpose(self, axes or None)
