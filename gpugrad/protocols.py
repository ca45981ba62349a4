"""How Tensors meet the outside: NumPy's and CuPy's functions, Python's conversions, DLPack.

A call from outside becomes the op of the same name. A tracked Tensor is never turned silently into
an array or a number; an untracked one converts freely.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from gpugrad.backends import namespace_of
from gpugrad.errors import TrackedConversion, UnknownOp, UnsupportedOperand
from gpugrad.registry import namespace as ops

NUMPY_NAMES = {
    "absolute": "abs",
    "amax": "max",
    "amin": "min",
    "concatenate": "concat",
    "conjugate": "conj",
    "swapaxes": "swapaxes",
    "transpose": "permute_dims",
    "true_divide": "divide",
}
"""Where NumPy's name is not that of the standard."""


class Protocols:
    """The special methods by which other libraries and Python itself reach a Tensor."""

    __slots__ = ()

    _value: Any
    _edge: Any

    # NumPy and CuPy functions

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "__call__":
            return _call(ufunc.__name__, ufunc, inputs, kwargs)
        return _call(f"{ufunc.__name__}.{method}", getattr(ufunc, method), inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return _call(func.__name__, func, args, kwargs)

    def __cupy_override_elementwise_kernel__(self, kernel: Any, *args: Any, **kwargs: Any) -> Any:
        name = getattr(kernel, "name", "").removeprefix("cupy_")
        return _call(name, kernel, args, kwargs)

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        return sys.modules["gpugrad"]

    # Conversions: for untracked Tensors

    def _plain(self, what: str) -> Any:
        if self._edge is not None:
            raise TrackedConversion(
                f"{what} of a Tensor that needs a gradient would lose it silently. Use t.value for "
                "the plain array, or gg.stop_gradient(t) where no gradient is wanted; choose "
                "between values with gg.where."
            )
        return self._value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        plain = self._plain("np.asarray()")
        host = namespace_of(plain).to_numpy(plain)
        return np.array(host, dtype=dtype, copy=copy)

    def __dlpack__(self, **kwargs: Any) -> Any:
        return self._plain("DLPack export").__dlpack__(**kwargs)

    def __dlpack_device__(self) -> Any:
        return self._value.__dlpack_device__()

    @property
    def __cuda_array_interface__(self) -> Any:
        # An AttributeError says "no such interface" to those who look; for a host array it is true.
        interface = getattr(self._value, "__cuda_array_interface__", None)
        if interface is None:
            raise AttributeError("__cuda_array_interface__")
        self._plain("the CUDA array interface")
        return interface

    def __bool__(self) -> bool:
        return bool(self._plain("bool()"))

    def __float__(self) -> float:
        return float(self._plain("float()"))

    def __int__(self) -> int:
        return int(self._plain("int()"))

    def __complex__(self) -> complex:
        return complex(self._plain("complex()"))

    def __index__(self) -> int:
        return self._plain("an index").__index__()  # type: ignore[no-any-return]

    def item(self) -> Any:
        """The one element as a Python number."""
        return self._plain("item()").item()


def _call(name: str, outside: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    """The op of that name; for what is no op, the outside function if no operand is tracked."""
    name = NUMPY_NAMES.get(name, name)
    kwargs = {k: v for k, v in kwargs.items() if v is not np._NoValue and not _is_default(k, v)}
    function = vars(ops).get(name)
    if function is not None and "out" not in kwargs:
        if name == "permute_dims" and len(args) == 1 and not kwargs:
            args = (*args, tuple(range(args[0].ndim))[::-1])
        return function(*args, **kwargs)
    if any(_is_tracked(x) for x in (*args, *kwargs.get("out", ()))):
        if function is not None:
            raise UnsupportedOperand(
                f"{name}(..., out=) with a Tensor that needs a gradient: an array cannot hold one. "
                f"Leave out= away and use the result, a Tensor."
            )
        raise UnknownOp(
            f"{name!r} of a Tensor that needs a gradient: gpugrad has no op of that name. Compose "
            "it from those in gg, define it with gg.op, or detach it with gg.stop_gradient."
        )
    return outside(*(_detached(x) for x in args), **{k: _detached(v) for k, v in kwargs.items()})


def _is_default(name: str, value: Any) -> bool:
    return (name in ("out", "where", "dtype", "initial") and value is None) or (
        name == "where" and value is True
    )


def _is_tracked(x: Any) -> bool:
    if isinstance(x, list | tuple):
        return any(_is_tracked(part) for part in x)
    return isinstance(x, Protocols) and x._edge is not None


def _detached(x: Any) -> Any:
    if isinstance(x, list | tuple):
        return type(x)(_detached(part) for part in x)
    return x._value if isinstance(x, Protocols) else x
