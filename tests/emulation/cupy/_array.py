"""`cupy.ndarray` over the memory of the emulated device."""

from __future__ import annotations

import operator
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from cupy import _device
from cupy.cuda.device import Device

Host = np.ndarray[Any, Any]


def overridden(kernel: Any, args: Any, kwargs: Any) -> tuple[bool, Any]:
    """What an argument makes of a call, if it has CuPy's hook (_core/_kernel.pyx)."""
    for x in args:
        if hasattr(x, "__cupy_override_elementwise_kernel__"):
            return True, x.__cupy_override_elementwise_kernel__(kernel, *args, **kwargs)
    return False, None


class _Interface:
    """Memory as NumPy takes it; whoever refers to the array keeps the memory."""

    def __init__(self, data: Any, shape: Any, strides: Any, dtype: Any) -> None:
        self.data = data
        self.__array_interface__ = {
            "data": (data.ptr, False),
            "shape": shape,
            "strides": strides,
            "typestr": dtype.str,
            "version": 3,
        }


class ndarray:
    """An array. `_host` is NumPy's view of its memory, for the emulation alone."""

    __array_priority__ = 100
    __slots__ = ("__weakref__", "_host", "base", "data", "dtype", "shape", "size")

    def __init__(
        self,
        shape: Any,
        dtype: Any = float,
        memptr: Any = None,
        strides: Any = None,
        order: str = "C",
    ) -> None:
        self.shape = (shape,) if isinstance(shape, (int, np.integer)) else tuple(map(int, shape))
        self.dtype = np.dtype(dtype)
        if self.dtype.kind not in "biufc":
            raise ValueError(f"Unsupported dtype {self.dtype}")
        self.size = int(np.prod(self.shape, dtype=int))
        if order == "F" and strides is None:
            strides = np.empty(self.shape, self.dtype, order="F").strides
        self.data = _device.malloc(self.size * self.dtype.itemsize) if memptr is None else memptr
        self.base: ndarray | None = None
        self._host = np.asarray(_Interface(self.data, self.shape, strides, self.dtype))

    def _view(self, host: Host) -> ndarray:
        made = ndarray.__new__(ndarray)
        made.shape, made.dtype, made.size, made._host = host.shape, host.dtype, host.size, host
        offset = int(host.ctypes.data) - int(self.data.ptr)
        made.data = self.data + (offset if host.size else 0)
        made.base = self if self.base is None else self.base
        return made

    # Layout

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        return {
            "shape": self.shape, "typestr": self.dtype.str, "descr": self.dtype.descr,
            "strides": self.strides, "data": (int(self.data.ptr), False), "version": 3, "stream": 1,
        }  # fmt: skip

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def strides(self) -> tuple[int, ...]:
        return self._host.strides

    @property
    def itemsize(self) -> int:
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        return self.size * self.dtype.itemsize

    @property
    def flags(self) -> Any:
        flags = self._host.flags
        return SimpleNamespace(
            c_contiguous=flags.c_contiguous,
            f_contiguous=flags.f_contiguous,
            owndata=self.base is None,
        )

    @property
    def device(self) -> Device:
        return Device(0)

    @property
    def T(self) -> ndarray:
        return self._view(self._host.T)

    @property
    def mT(self) -> ndarray:
        return self._view(np.matrix_transpose(self._host))

    @property
    def real(self) -> ndarray:
        return self._view(self._host.real) if self.dtype.kind == "c" else self

    @property
    def imag(self) -> ndarray:
        if self.dtype.kind == "c":
            return self._view(self._host.imag)
        return made("imag", np.zeros(self.shape, self.dtype))

    def reshape(self, *shape: Any, order: str = "C") -> ndarray:
        shape = shape[0] if len(shape) == 1 else shape
        host = self._host.reshape(shape, order=order)
        return self._view(host) if np.shares_memory(host, self._host) else made("copy", host)

    def ravel(self, order: str = "C") -> ndarray:
        return self.reshape(-1, order=order)

    def transpose(self, *axes: Any) -> ndarray:
        return self._view(self._host.transpose(*axes))

    def squeeze(self, axis: Any = None) -> ndarray:
        return self._view(self._host.squeeze(axis))

    def view(self, dtype: Any = None) -> ndarray:
        return self._view(self._host.view(dtype or self.dtype))

    def __len__(self) -> int:
        return len(self._host)

    def __iter__(self) -> Any:
        if not self.shape:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(len(self)))

    # Copies

    def astype(self, dtype: Any, order: str = "K", *, copy: bool = True, **_: Any) -> ndarray:
        if not copy and self.dtype == dtype:
            return self
        return made("copy", self._host.astype(dtype, order))

    def copy(self, order: str = "C") -> ndarray:
        return made("copy", self._host.copy(order))

    def fill(self, value: Any) -> None:
        if isinstance(value, np.ndarray) and value.shape:
            raise ValueError("non-scalar numpy.ndarray cannot be used for fill")
        value = value.item() if isinstance(value, ndarray) else value
        with np.errstate(all="ignore"):             # the kernel casts: any integer stands for NaN
            value = np.asarray(value).astype(self.dtype)
        _device.launch("fill", lambda: self._host.fill(value))

    def get(
        self, stream: Any = None, order: str = "C", out: Any = None, blocking: bool = True
    ) -> Any:
        _device.forbid("a copy to the host")        # memory.pyx: also an asynchronous one
        _device.counts["to host"] += 1
        _device.counts["synchronize"] += blocking
        if out is not None:
            out[...] = self._host
            return out
        return np.array(self._host, order=order)

    def set(self, array: Any, stream: Any = None) -> None:
        _device.forbid("a copy from the host")
        _device.counts["to device"] += 1
        if not isinstance(array, np.ndarray):
            raise TypeError("Only numpy.ndarray can be set to cupy.ndarray")
        if array.shape != self.shape or array.dtype != self.dtype:
            raise ValueError(f"Shape or dtype mismatch: {array.shape}, {self.shape}")
        self._host[...] = array

    def item(self, *index: Any) -> Any:
        return self.get().item(*index)

    def tolist(self) -> Any:
        return self.get().tolist()

    def tobytes(self, order: str = "C") -> bytes:
        return bytes(self.get().tobytes(order))

    def __bool__(self) -> bool:
        return bool(self.get())

    def __int__(self) -> int:
        return int(self.get())

    def __float__(self) -> float:
        return float(self.get())

    def __complex__(self) -> complex:
        return complex(self.get())

    def __repr__(self) -> str:
        return repr(self.get())

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise TypeError(
            "Implicit conversion to a NumPy array is not allowed. Please use `.get()` to construct "
            "a NumPy array explicitly."
        )

    # Calls of NumPy

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        import cupy

        if method != "__call__" or not hasattr(cupy, ufunc.__name__):
            return NotImplemented
        # What is no array of CuPy or NumPy and has a say itself, is asked instead (core.pyx).
        known = (ndarray, np.ndarray, np.generic, bool, int, float, complex)
        if not all(isinstance(x, known) for x in inputs):
            return NotImplemented
        if "out" in kwargs:
            (kwargs["out"],) = kwargs["out"]
        return getattr(cupy, ufunc.__name__)(*inputs, **kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        import cupy

        if not all(issubclass(t, (ndarray, np.ndarray)) for t in types):
            return NotImplemented
        found = getattr(cupy, function.__name__, None)
        return NotImplemented if found is None else found(*args, **kwargs)

    # Indexing

    def __getitem__(self, key: Any) -> ndarray:
        host_key, basic = host_index(key, self.shape)
        if basic:
            dots = () if Ellipsis in host_key else (...,)       # so that NumPy gives no scalar
            return self._view(self._host[(*host_key, *dots)])
        return made("getitem", self._host[host_key])

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(value, np.ndarray) and value.shape:
            raise TypeError("a NumPy array is assigned to a CuPy array")
        host_key, basic = host_index(key, self.shape)
        source = value._host if isinstance(value, ndarray) else value
        _device.launch("setitem", lambda: _assign(self._host, host_key, source, basic))

    __hash__ = None  # type: ignore[assignment]


def _assign(target: Host, key: Any, source: Any, basic: bool) -> None:
    """Of repeated indices CUDA lets any thread win, so here the first one does, unlike in NumPy."""
    if basic:
        target[key] = source
        return
    places = np.arange(target.size).reshape(target.shape)[key]
    values = np.broadcast_to(source, places.shape)
    target.flat[places.ravel()[::-1]] = values.ravel()[::-1]


def host_index(key: Any, shape: tuple[int, ...]) -> tuple[Any, bool]:
    """An index as NumPy takes it, and whether it is basic.

    Integer arrays wrap around instead of raising (_routines_indexing.pyx); boolean ones wait for
    the device, because they decide the shape of the result.
    """
    parts = key if isinstance(key, tuple) else (key,)
    found: list[Any] = []
    basic = True
    axis = 0
    taken = sum(_axes(part) for part in parts)
    for part in parts:
        if isinstance(part, (list, np.ndarray)):
            part = np.asarray(part)
        if isinstance(part, (ndarray, np.ndarray)) and not isinstance(part, np.generic):
            host = part._host if isinstance(part, ndarray) else part
            basic = False
            if host.dtype.kind == "b":
                _device.forbid("a boolean index")
                _device.counts["synchronize"] += 1
            elif host.dtype.kind in "iu":
                size = shape[axis]
                host = host % size if size else host
            else:
                raise IndexError("arrays used as indices must be of integer (or boolean) type")
            found.append(host)
        else:
            found.append(part)
        axis += len(shape) - taken if part is Ellipsis else _axes(part)
    return tuple(found), basic


def _axes(part: Any) -> int:
    if part is None or part is Ellipsis:
        return 0
    dtype = getattr(part, "dtype", None)
    return len(part.shape) if dtype is not None and dtype.kind == "b" else 1


def made(name: str, host: Any) -> ndarray:
    """A new array with these values, as the result of a launch."""
    _device.forbid(f"{name}: what allocates its result is not emulated in a capture")
    host = np.asarray(host)
    order = "F" if host.flags.f_contiguous and not host.flags.c_contiguous else "C"
    result = ndarray(host.shape, host.dtype, order=order)

    def work() -> None:
        result._host[...] = host

    _device.launch(name, work)
    return result


def _defers(x: Any, y: Any) -> bool:
    """`_should_use_rop` of _core/core.pyx."""
    try:
        return y.__array_ufunc__ is None
    except AttributeError:
        return bool(getattr(x, "__array_priority__", 0) < getattr(y, "__array_priority__", 0))


def _binary(name: str, swapped: bool) -> Callable[[ndarray, Any], Any]:
    def method(self: ndarray, other: Any) -> Any:
        import cupy

        if not swapped and not isinstance(other, ndarray):
            if _defers(self, other):
                return NotImplemented
            return getattr(np, name)(self, other)
        function = getattr(cupy, name)
        return function(other, self) if swapped else function(self, other)

    return method


def _in_place(name: str) -> Callable[[ndarray, Any], Any]:
    def method(self: ndarray, other: Any) -> Any:
        import cupy

        return getattr(cupy, name)(self, other, out=self)

    return method


OPERATORS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "true_divide",
    "floordiv": "floor_divide", "mod": "remainder", "pow": "power", "matmul": "matmul",
    "and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor",
    "lshift": "left_shift", "rshift": "right_shift",
}  # fmt: skip

for _name, _function in OPERATORS.items():
    setattr(ndarray, f"__{_name}__", _binary(_function, swapped=False))
    setattr(ndarray, f"__r{_name}__", _binary(_function, swapped=True))
    setattr(ndarray, f"__i{_name}__", _in_place(_function))

COMPARISONS = {
    "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal",
    "eq": "equal", "ne": "not_equal",
}  # fmt: skip

for _name, _function in COMPARISONS.items():
    assert hasattr(operator, _name)
    setattr(ndarray, f"__{_name}__", _binary(_function, swapped=False))

for _name, _function in {"neg": "negative", "pos": "positive", "abs": "absolute",
                         "invert": "invert"}.items():  # fmt: skip

    def _unary(self: ndarray, function: str = _function) -> Any:
        import cupy

        return getattr(cupy, function)(self)

    setattr(ndarray, f"__{_name}__", _unary)


def _method(name: str) -> Callable[..., Any]:
    def method(self: ndarray, *args: Any, **kwargs: Any) -> Any:
        import cupy

        return getattr(cupy, name)(self, *args, **kwargs)

    return method


for _name in ("sum", "max", "min", "mean", "prod", "any", "all", "argmax", "argmin", "take"):
    setattr(ndarray, _name, _method(_name))

ndarray.__module__ = "cupy"
