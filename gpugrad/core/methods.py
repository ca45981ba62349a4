"""The operators and methods that NumPy's arrays have, as those of Tensors: each is an op."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from gpugrad.backends import dtype_named
from gpugrad.core.outside import from_outside
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import UnknownOp, UnsupportedOperand
from gpugrad.types import Array, ArrayFunction, Axis, DType, DTypeLike, Operand, Shape


def named(kind: type) -> None:
    """Give what a class of Tensors was made of the names that `help` and tracebacks show."""
    for name, method in vars(kind).items():
        if isinstance(method, FunctionType):
            method.__name__, method.__qualname__ = name, f"Tensor.{name}"
            method.__annotations__.pop("self", None)


def _binary(name: str, theirs: str = "") -> ArrayFunction:
    """The operator of that function; `theirs` is the method by which the other operand answers."""

    def method(self: Methods, other: object) -> Array:
        try:
            return getattr(ops, name)(self, other)  # type: ignore[no-any-return]
        except UnsupportedOperand:
            if not isinstance(other, _REPEATED):    # what these would do instead is not meant
                answer = getattr(type(other), theirs, None)
                if answer is not None and (found := answer(other, self)) is not NotImplemented:
                    return found  # type: ignore[no-any-return]
            raise

    method.__doc__ = f"`gg.{name}` of this Tensor and another operand."
    return method


def _reflected(name: str) -> ArrayFunction:
    """The operator of that function for an operand on the left that has no answer."""

    def method(self: Methods, other: object) -> Array:
        return getattr(ops, name)(other, self)  # type: ignore[no-any-return]

    method.__doc__ = f"`gg.{name}` of another operand and this Tensor."
    return method


def _operators(symbol: str, name: str) -> tuple[ArrayFunction, ArrayFunction]:
    """The operator of that function, for Tensors on the left and on the right."""
    return _binary(name, f"__r{symbol}__"), _reflected(name)


def _equality(name: str) -> ArrayFunction:
    """The same of `==` and `!=`, which anything may be asked; Python then goes by identity."""

    def method(self: Methods, other: object) -> Array:
        try:
            return getattr(ops, name)(self, other)  # type: ignore[no-any-return]
        except UnsupportedOperand:
            if isinstance(other, list | tuple):
                raise
            return NotImplemented  # type: ignore[no-any-return]

    method.__doc__ = f"`gg.{name}` of this Tensor and another operand, element by element."
    return method


_REPEATED = (list, tuple, str, bytes, bytearray)
"""Sequences that `*` repeats."""


def _unary(name: str) -> ArrayFunction:
    """The operator of that function of one operand."""

    def method(self: Methods) -> Array:
        return getattr(ops, name)(self)  # type: ignore[no-any-return]

    method.__doc__ = f"`gg.{name}` of this Tensor."
    return method


def _method(function: str) -> ArrayFunction:
    """A method that passes on all that it is given."""

    def method(self: Methods, *args: object, **kwargs: object) -> Array:
        return getattr(ops, function)(self, *args, **kwargs)  # type: ignore[no-any-return]

    method.__doc__ = f"`gg.{function}` of this Tensor."
    return method


def _as_numpy(name: str, most: int) -> ArrayFunction:
    """A method with the arguments of NumPy's function of that name, in their places.

    Up to `most` arguments by their places are those of the op.
    """

    def method(self: Methods, *args: object, **kwargs: object) -> Array:
        if not kwargs and len(args) <= most:
            return getattr(ops, name)(self, *args)  # type: ignore[no-any-return]
        return from_outside(name, getattr(np, name), (self, *args), _said(kwargs))  # type: ignore[no-any-return]

    method.__doc__ = f"`gg.{name}` of this Tensor, with the arguments of NumPy's method."
    return method


def _along(name: str, default: int | None = None) -> ArrayFunction:
    """The same, of a function along an axis, which may be the first argument."""

    def method(
        self: Methods, axis: Axis = default, *args: object, **kwargs: object
    ) -> Array:
        if not args and (not kwargs or kwargs.keys() == {"keepdims"}):
            return getattr(ops, name)(self, axis=axis, **kwargs)  # type: ignore[no-any-return]
        return from_outside(name, getattr(np, name), (self, axis, *args), _said(kwargs))  # type: ignore[no-any-return]

    method.__doc__ = (
        f"`gg.{name}` of this Tensor, along `axis`, with the other arguments of NumPy's method."
    )
    return method


def _first(name: str) -> ArrayFunction:
    """The same, of a function whose second operand is the array."""

    def method(self: Methods, first: object, *args: object, **kwargs: object) -> Array:
        return from_outside(name, getattr(np, name), (first, self, *args), _said(kwargs))  # type: ignore[no-any-return]

    method.__doc__ = f"`gg.{name}` of this Tensor, with the arguments of NumPy's method."
    return method


def _said(kwargs: Mapping[str, object]) -> dict[str, object]:
    """What keywords say: CuPy's functions name all that they know, and `None` says nothing."""
    return {word: value for word, value in kwargs.items() if value is not None}


_HINTS = {
    "add_": "Write t += x.",
    "at": "Write t[i] = x, or t[i] += x, on a copy where the old values are still needed.",
    "block_until_ready": "On a GPU, t.value.device.synchronize() waits; elsewhere all is done.",
    "bmm": "Write t @ x.",
    "bool": "Write t.astype(bool).",
    "clamp": "Write gg.clip(t, low, high).",
    "clamp_": "Write t[...] = gg.clip(t, low, high).",
    "clone": "Write t.copy().",
    "contiguous": "Tensors need no such step: leave it away.",
    "copy_": "Write t[...] = x.",
    "cpu": "gg.to_device(t, 'cpu') moves it.",
    "cuda": "gg.to_device(t, 'cuda') moves it.",
    "detach": "Write gg.stop_gradient(t).",
    "detach_": "Write gg.stop_gradient(t).",
    "dim": "Write t.ndim.",
    "div": "Write t / x.",
    "div_": "Write t /= x.",
    "double": "Write t.astype('float64').",
    "eq": "Write t == x.",
    "expand": "Write gg.broadcast_to(t, shape).",
    "fill_": "Write t[...] = x.",
    "float": "Write t.astype('float32').",
    "gather": "Write gg.take_along_axis(t, indices, axis=axis).",
    "ge": "Write t >= x.",
    "gt": "Write t > x.",
    "half": "Write t.astype('float16').",
    "index_add": "Write t + gg.scatter_add(values, (indices,), t.shape).",
    "index_select": "Write gg.take(t, indices, axis=axis).",
    "int": "Write t.astype('int32').",
    "le": "Write t <= x.",
    "long": "Write t.astype('int64').",
    "lt": "Write t < x.",
    "masked_fill": "Write gg.where(mask, x, t).",
    "mm": "Write t @ x.",
    "mul": "Write t * x.",
    "mul_": "Write t *= x.",
    "mv": "Write t @ x.",
    "ne": "Write t != x.",
    "neg": "Write -t.",
    "norm": "Write gg.linalg.norm(t).",
    "numel": "Write t.size.",
    "numpy": "The plain array is t.value.",
    "permute": "Write t.transpose(axes).",
    "pow": "Write t ** x.",
    "pow_": "Write t **= x.",
    "register_hook": "gg.custom_vjp gives a part of a function a rule of your own.",
    "relu_": "Write t[...] = gg.relu(t).",
    "requires_grad_": "Write gg.tensor(x, requires_grad=True).",
    "resize": "Write gg.resize(t, shape): a Tensor keeps its size.",
    "retain_grad": "Write gg.grad or gg.vjp of the function that begins there.",
    "scatter_": "Write t[i] = x.",
    "sub": "Write t - x.",
    "sub_": "Write t -= x.",
    "t": "Write t.T.",
    "to": "Write gg.to_device(t, device), or t.astype(dtype).",
    "type": "Write t.dtype, or t.astype(dtype).",
    "unsqueeze": "Write gg.expand_dims(t, axis).",
    "where": "Write gg.where(condition, t, x).",
    "zero_": "Write t[...] = 0.",
}
"""What to write for attributes that the arrays of others have."""

_FUNCTIONS = """
    abs acos add asin atan atan2 ceil cos cosh cumulative_sum digamma einsum erf exp expm1 flip
    floor gelu isfinite isinf isnan kron log log10 log1p log2 log_softmax logit logsumexp matmul
    maximum median minimum multiply negative outer power quantile relu roll rot90 sigmoid
    sign silu sin sinh softmax softplus split sqrt square stack subtract tan tanh tile tril triu
    trunc unique
""".split()
"""Functions of gg that are methods elsewhere."""

_OF_THE_ARRAY = "base byteswap ctypes data dump dumps getfield setfield setflags tofile".split()
"""Attributes of NumPy's arrays which are about memory."""


class _Absent:
    """An attribute that a Tensor has not: who asks for it is told what to write.

    A `__getattr__` of the class would make all attributes slower.
    """

    def __init__(self, name: str, hint: str) -> None:
        self._name, self._hint = name, hint
        self.__doc__ = f"Tensors have no such attribute. {hint}"

    def __get__(self, instance: object, owner: type) -> None:
        raise UnknownOp(f"a Tensor has no attribute {self._name!r}. {self._hint}")


_HINTS |= {name: f"Write gg.{name}(t)." for name in _FUNCTIONS}
_HINTS |= {name: f"The plain array has it: t.value.{name}." for name in _OF_THE_ARRAY}

ABSENT = {name: _Absent(name, hint) for name, hint in _HINTS.items()}


class Methods:
    """What Tensors have in common with NumPy's arrays."""

    __slots__ = ()

    if TYPE_CHECKING:
        @property
        def shape(self) -> Shape: ...

        @property
        def dtype(self) -> DType: ...

        _value: Array

        def _plain(self, what: str) -> Array: ...

    __add__, __radd__ = _operators("add", "add")
    __sub__, __rsub__ = _operators("sub", "subtract")
    __mul__, __rmul__ = _operators("mul", "multiply")
    __truediv__, __rtruediv__ = _operators("truediv", "divide")
    __floordiv__, __rfloordiv__ = _operators("floordiv", "floor_divide")
    __mod__, __rmod__ = _operators("mod", "remainder")
    __pow__, __rpow__ = _operators("pow", "power")
    __matmul__, __rmatmul__ = _operators("matmul", "matmul")
    __lt__, __le__ = _binary("less", "__gt__"), _binary("less_equal", "__ge__")
    __gt__, __ge__ = _binary("greater", "__lt__"), _binary("greater_equal", "__le__")
    __eq__ = _equality("equal")  # type: ignore[assignment]
    __ne__ = _equality("not_equal")  # type: ignore[assignment]
    __and__, __rand__ = _operators("and", "bitwise_and")
    __or__, __ror__ = _operators("or", "bitwise_or")
    __xor__, __rxor__ = _operators("xor", "bitwise_xor")
    __lshift__, __rlshift__ = _operators("lshift", "bitwise_left_shift")
    __rshift__, __rrshift__ = _operators("rshift", "bitwise_right_shift")
    __invert__ = _unary("bitwise_invert")
    __neg__, __abs__ = _unary("negative"), _unary("abs")
    __hash__ = object.__hash__                      # by identity: `==` is elementwise

    __divmod__, __rdivmod__ = _operators("divmod", "divmod")

    def __contains__(self, value: object) -> bool:
        return bool(ops.any(ops.equal(self, value)))

    def __pos__(self) -> Array:
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
    compress, argpartition = _first("compress"), _as_numpy("argpartition", 1)
    searchsorted, choose = _as_numpy("searchsorted", 1), _as_numpy("choose", 1)
    put = _as_numpy("put", 2)
    squeeze = _method("squeeze")
    conj, conjugate = _method("conj"), _method("conj")
    nonzero, diagonal, swapaxes = _method("nonzero"), _method("diagonal"), _method("swapaxes")

    def astype(
        self,
        dtype: DTypeLike,
        order: str = "K",
        casting: str = "unsafe",
        subok: bool = True,
        copy: bool = True,
        *,
        device: str | None = None,
    ) -> Array:
        """`gg.astype` of this Tensor; raises `UnsupportedOperand` if `casting` forbids it."""
        dtype = dtype_named(dtype)
        if not np.can_cast(self.dtype, dtype, casting):  # type: ignore[arg-type]
            raise UnsupportedOperand(
                f"astype: elements of dtype {self.dtype} cannot be cast to {dtype} with "
                f"casting={casting!r}."
            )
        return ops.astype(self, dtype, copy=copy, device=device)

    def partition(
        self, kth: int | Sequence[int], axis: int = -1, kind: str = "introselect"
    ) -> None:
        """Write the elements in an order in which those at `kth` along `axis` are in place."""
        self[...] = ops.partition(self, kth, axis=axis)  # type: ignore[index]

    def tolist(self) -> Any:
        """The numbers as nested lists of Python's; of a Tensor that needs no gradient."""
        return self._plain("tolist()").tolist()  # type: ignore[attr-defined]

    def tobytes(self, order: str = "C") -> bytes:
        """The numbers as bytes; of a Tensor that needs no gradient."""
        return self._plain("tobytes()").tobytes(order)  # type: ignore[attr-defined, no-any-return]

    @property
    def flat(self) -> Array:
        """All elements in order, as a vector; where NumPy's memory allows it, a view."""
        return ops.ravel(self)

    @flat.setter
    def flat(self, value: Operand) -> None:
        ops.put(self, np.arange(int(np.prod(self.shape, dtype=int))), value)

    @property
    def flags(self) -> Any:
        """Those of the array, whose memory others may share."""
        return self._value.flags  # type: ignore[attr-defined]

    def __dir__(self) -> list[str]:
        return sorted(set(super().__dir__()).difference(ABSENT))

    @property
    def strides(self) -> tuple[int, ...]:
        """How many bytes lie between neighbours along each axis."""
        return tuple(self._value.strides)  # type: ignore[attr-defined]

    @property
    def itemsize(self) -> int:
        """How many bytes an element takes."""
        return int(self.dtype.itemsize)

    @property
    def nbytes(self) -> int:
        """How many bytes the elements take."""
        return int(np.prod(self.shape, dtype=int)) * self.itemsize

    def sort(self, axis: int = -1, *args: object, **kwargs: object) -> None:
        """Write the elements in the order that `gg.sort` gives them along `axis`."""
        found = from_outside("sort", np.sort, (self, axis, *args), _said(kwargs))
        self[...] = found  # type: ignore[index]

    def to_device(self, device: str, /, *, stream: None = None) -> Array:
        """`gg.to_device` of this Tensor."""
        return ops.to_device(self, device, stream=stream)

    @property
    def real(self) -> Array:
        """The real part."""
        return ops.real(self)

    @real.setter
    def real(self, value: Operand) -> None:
        self.real[...] = value  # type: ignore[index]  # a Tensor

    @property
    def imag(self) -> Array:
        """The imaginary part."""
        return ops.imag(self)

    @imag.setter
    def imag(self, value: Operand) -> None:
        self.imag[...] = value  # type: ignore[index]

    def view(self, dtype: DTypeLike | None = None) -> Array:
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

    def fill(self, value: Operand) -> None:
        """Write `value` to every element."""
        self[...] = value  # type: ignore[index]

    def reshape(
        self, *shape: int | Shape, copy: bool | None = None, order: str | None = None
    ) -> Array:
        """`gg.reshape` of this Tensor; the shape is a tuple or given as several arguments."""
        lengths = shape[0] if len(shape) == 1 else shape
        if order is not None:
            return from_outside(  # type: ignore[no-any-return]
                "reshape", np.reshape, (self, lengths), _said({"order": order, "copy": copy})
            )
        return ops.reshape(self, lengths) if copy is None else ops.reshape(self, lengths, copy=copy)

    def flatten(self, order: str = "C") -> Array:
        """All elements in order, as a vector with memory of its own; `order` is as in `ravel`."""
        return ops.copy(self.ravel() if order == "C" else self.ravel(order))

    def take(
        self, indices: Operand, axis: int | None = None, *args: object, **kwargs: object
    ) -> Array:
        """`gg.take` of this Tensor; without an axis, of all elements in order."""
        if args or kwargs:
            return from_outside("take", np.take, (self, indices, axis, *args), _said(kwargs))  # type: ignore[no-any-return]
        return ops.take(self if axis is not None else self.ravel(), indices, axis=axis)

    def transpose(self, *axes: int | Sequence[int] | None) -> Array:
        """The axes in the given order; reversed where none is given."""
        if len(axes) == 1 and not isinstance(axes[0], int | np.integer):
            axes = () if axes[0] is None else tuple(axes[0])
        return ops.transpose(self, axes or None)


named(Methods)
for _name, _absent in ABSENT.items():
    setattr(Methods, _name, _absent)
