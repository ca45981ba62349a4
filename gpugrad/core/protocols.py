"""How Tensors meet the outside: NumPy's and CuPy's functions, Python's conversions, DLPack.

A call from outside becomes the op of the same name. A tracked Tensor is never turned silently into
an array or a number; an untracked one converts freely.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from math import ceil, floor, isnan, nan, trunc
from types import ModuleType
from typing import Any

import numpy as np

from gpugrad.backends import StandIn, kind_of, namespace_of
from gpugrad.core.causes import way_out
from gpugrad.core.libraries import READ
from gpugrad.core.op_namespace import namespace as ops
from gpugrad.core.outside import Handled, from_outside, kernel_name
from gpugrad.core.ufunc_methods import from_ufunc_method
from gpugrad.errors import InvalidArgument, TrackedConversion, UnsupportedOperand
from gpugrad.types import Array, Axis, DTypeLike

COMPARISONS = frozenset("equal greater greater_equal less less_equal not_equal".split())
"""Ufuncs to whose operators NumPy's scalars come as arrays."""

API_VERSIONS = ("2021.12", "2022.12", "2023.12", "2024.12", "2025.12")
"""Versions of the Array API standard that the namespace conforms to: each has all of those before.
"""


_OF_INDICES = ("np.asarray()", "range() or a list index")
"""What asks for the numbers of an index."""


class _OfTheClass:
    """A method that is there when the class is asked for it, and `None` when an object is.

    NumPy asks the class. CuPy's operators ask the object, and where that says `None` they leave the
    work to the operators of Tensors. To their call of a ufunc of NumPy, CuPy would answer itself,
    for whatever it can convert, and for the product of matrices it then takes arrays alone.
    """

    def __init__(self, method: Callable[..., object]) -> None:
        self._method = method

    def __get__(self, instance: object, owner: type) -> Callable[..., object] | None:
        return self._method if instance is None else None


class Protocols(Handled):
    """The special methods by which other libraries and Python itself reach a Tensor."""

    __slots__ = ()

    # NumPy and CuPy functions

    @_OfTheClass
    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: object, **kwargs: object
    ) -> object:
        if method == "__call__":
            if ufunc.__name__ in COMPARISONS:
                inputs = tuple(_scalar(x) for x in inputs)
            return from_outside(ufunc.__name__, ufunc, inputs, kwargs)
        return from_ufunc_method(ufunc, method, inputs, kwargs)

    def __array_function__(
        self,
        func: Callable[..., object],
        types: Collection[type],
        args: tuple[object, ...],
        kwargs: dict[str, object],
    ) -> object:
        return from_outside(func.__name__, func, args, kwargs)

    def __cupy_override_elementwise_kernel__(
        self, kernel: Callable[..., object], *args: object, **kwargs: object
    ) -> object:
        n = getattr(kernel, "nin", len(args))
        if len(args) > n:                           # what follows the inputs is written into
            args, kwargs = args[:n], {**kwargs, "out": args[n:]}
        return from_outside(kernel_name(kernel), kernel, args, kwargs)

    def __cupy_override_reduction_kernel__(
        self,
        kernel: Callable[..., object],
        axis: Axis,
        dtype: DTypeLike | None,
        out: object,
        keepdims: bool,
    ) -> object:
        given = {"axis": axis, "dtype": dtype, "out": out, "keepdims": keepdims}
        # What is not asked for is not passed on: not every op knows all of it.
        asked = {k: v for k, v in given.items() if v is not None and v is not False}
        return from_outside(kernel_name(kernel), kernel, (self,), asked)

    def __array_namespace__(self, *, api_version: str | None = None) -> ModuleType:
        if api_version is not None and api_version not in API_VERSIONS:
            raise InvalidArgument(
                f"__array_namespace__: api_version is {api_version!r}; there are "
                f"{', '.join(API_VERSIONS)}."
            )
        return sys.modules["gpugrad"]

    @classmethod
    def __torch_function__(
        cls, func: Callable[..., object], types: object, args: object = (), kwargs: object = None
    ) -> object:
        name = getattr(func, "__name__", "a function").strip("_")
        ours = f"gg.{name}" if name in vars(ops) else "the function of gg that does the same"
        raise UnsupportedOperand(
            f"{name} of PyTorch was given a Tensor of gpugrad. Write {ours}, with the arrays of "
            "PyTorch as x.detach().cpu().numpy(); or make the function of PyTorch one of gpugrad: "
            "gg.interop.from_torch(f)(t); or hand PyTorch the numbers alone: "
            "torch.as_tensor(t.value)."
        )

    # Conversions: for untracked Tensors

    def _plain(self, what: str) -> Array:
        if isinstance(self._value, StandIn):
            error = self._value.refusal(what)
            kind = kind_of(self._value.dtype)
            otherwise = READ if what in _OF_INDICES and kind in "iu" else ""
            raise type(error)(f"{error}{way_out(kind, otherwise)}")
        if self._edge is not None:
            raise TrackedConversion(
                f"{what} of a Tensor that needs a gradient would lose it silently. Use t.value for "
                "the plain array, or gg.stop_gradient(t) where no gradient is wanted; choose "
                f"between values with gg.where.{way_out(kind_of(self._value.dtype))}"
            )
        return self._value

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        plain = self._plain("np.asarray()")
        host = namespace_of(plain).to_numpy(plain)
        return np.array(host, dtype=dtype, copy=copy)

    def __dlpack__(
        self,
        *,
        stream: object = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> object:
        """The array as a DLPack capsule; the arguments are those of the standard."""
        given = {"max_version": max_version, "dl_device": dl_device, "copy": copy}
        plain = self._plain("DLPack export")
        # What is not asked for is not passed on: not every library knows all of it.
        asked = {name: value for name, value in given.items() if value is not None}
        try:
            return plain.__dlpack__(stream=stream, **asked)  # type: ignore[attr-defined]
        except ValueError as error:                 # so NumPy refuses a device up to 2.2
            raise BufferError(str(error)) from error

    def __dlpack_device__(self) -> tuple[int, int]:
        if isinstance(self._value, StandIn):
            self._plain("DLPack export")            # which refuses it
        return self._value.__dlpack_device__()  # type: ignore[attr-defined, no-any-return]

    @property
    def __cuda_array_interface__(self) -> object:
        # CuPy asks whether there is one before it asks for our own answer to a function: to what
        # is tracked there is none, and what converts it all the same meets `__array__`.
        tracked = self._edge is not None or isinstance(self._value, StandIn)
        interface = None if tracked else getattr(self._value, "__cuda_array_interface__", None)
        if interface is None:
            raise AttributeError("__cuda_array_interface__")
        return interface

    def __bool__(self) -> bool:
        return bool(self._plain("bool()"))

    def __format__(self, spec: str) -> str:
        # Text cannot be computed with, so no gradient is lost.
        if spec and isinstance(self._value, StandIn):
            raise self._value.refusal("text")
        return format(self._value[()], spec) if spec else str(self)  # type: ignore[index]

    def __float__(self) -> float:
        return float(self._plain("float()"))

    def __int__(self) -> int:
        return int(self._plain("int()"))

    def __round__(self, digits: int | None = None) -> int | Array:
        """As of NumPy's numbers: an integer of Python or, to some digits, what `round` gives."""
        if digits is None:
            return round(self._real("round"))
        self._check_one("round")
        return self.round(digits)  # type: ignore[attr-defined, no-any-return]

    def __floor__(self) -> int:
        return floor(self._real("floor"))

    def __ceil__(self) -> int:
        return ceil(self._real("ceil"))

    def __trunc__(self) -> int:
        return trunc(self._real("trunc"))

    def _real(self, name: str) -> float:
        """The real number of an untracked Tensor, of which `name` makes an integer of Python."""
        self._check_one(name)
        plain = self._plain(f"{name}(), unlike gg.{name},")
        return int(plain) if kind_of(plain.dtype) in "biu" else float(plain)

    def _check_one(self, name: str) -> None:
        shape, dtype = self._value.shape, self._value.dtype
        if shape != () or kind_of(dtype) == "c":
            raise UnsupportedOperand(
                f"{name}() was asked of an array of shape {shape} and dtype {dtype}; expected one "
                f"real number, an array without axes. Take an element, or use gg.{name}."
            )

    def __complex__(self) -> complex:
        """NaN is NaN in both parts, as the standard has it."""
        plain = self._plain("complex()")
        number = complex(plain)
        real = kind_of(plain.dtype) != "c"
        return complex(nan, nan) if real and isnan(number.real) else number

    def __index__(self) -> int:
        plain = self._plain("range() or a list index")
        if plain.shape != () or kind_of(plain.dtype) not in ("i", "u"):
            raise UnsupportedOperand(
                f"an index was asked of an array of shape {plain.shape} and dtype {plain.dtype}; "
                "expected one integer, an array without axes. Take an element, or use `gg.astype`."
            )
        return int(plain)                           # CuPy's arrays have no __index__

    def item(self, *place: int | tuple[int, ...]) -> Any:
        """The one element, or that at a place, as a Python number."""
        plain: Any = self._plain("item()")
        if place:
            (key,) = place if len(place) == 1 else (place,)
            plain = plain[key] if isinstance(key, tuple) else plain.reshape(-1)[key]
        return plain.item()


def _scalar(x: object) -> object:
    """An array of NumPy without axes as the scalar that it may have been made of."""
    return x[()] if type(x) is np.ndarray and not x.ndim else x
