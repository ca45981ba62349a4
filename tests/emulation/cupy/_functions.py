"""The functions of CuPy that gpugrad reaches. What is not listed here does not exist."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cupy import _device
from cupy._array import host_index, made, ndarray, overridden

UFUNCS = (
    "absolute", "add", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh",
    "bitwise_and", "bitwise_or", "bitwise_xor", "cbrt", "ceil", "conjugate", "copysign", "cos",
    "cosh", "divide", "equal", "exp", "exp2", "expm1", "floor", "floor_divide", "fmod", "greater",
    "greater_equal", "hypot", "invert", "isfinite", "isinf", "isnan", "left_shift", "less",
    "less_equal", "log", "log10", "log1p", "log2", "logaddexp", "logaddexp2", "logical_and",
    "logical_not", "logical_or", "logical_xor", "maximum", "minimum", "multiply", "negative",
    "nextafter", "not_equal", "positive", "power", "reciprocal", "remainder", "right_shift", "rint",
    "sign", "signbit", "sin", "sinh", "sqrt", "square", "subtract", "tan", "tanh", "true_divide",
    "trunc",
)  # fmt: skip

REDUCTIONS = ("all", "any", "max", "min", "prod", "sum")

OTHERS = (
    "argmax", "argmin", "argsort", "clip", "convolve", "count_nonzero", "cumprod", "cumsum", "mean",
    "nonzero", "outer", "repeat", "roll", "searchsorted", "sort", "std", "take", "take_along_axis",
    "tensordot", "tril", "triu", "unique", "var", "vecdot", "where",
)  # fmt: skip
"""Functions that allocate their result, done by NumPy's function of that name."""

VIEWS = (
    "broadcast_to", "expand_dims", "flip", "matrix_transpose", "moveaxis", "reshape", "squeeze",
    "swapaxes", "transpose",
)  # fmt: skip

CREATION = ("arange", "eye", "full", "linspace", "ones", "zeros")

_INTEGERS = ("int32", "int64", "uint32", "uint64")

_order = [1]

ATOMIC = {"add": (*_INTEGERS, "float16", "float32", "float64"), "maximum": _INTEGERS}
"""What the `at` of a function takes: that for which CUDA has an atomic (_routines_indexing.pyx)."""


def host(x: Any) -> Any:
    """An operand for NumPy. NumPy's arrays do not mix with CuPy's; those without axes may."""
    if isinstance(x, ndarray):
        return x._host
    if isinstance(x, np.ndarray) and x.shape:
        raise TypeError(f"Unsupported type {type(x)}")
    if isinstance(x, np.ndarray):
        return x[()]
    if isinstance(x, (int, float, complex, np.generic)):
        return x
    raise TypeError(f"Unsupported type {type(x)}")


class ufunc:
    """An elementwise function. Its results are arrays, also without axes."""

    def __init__(self, name: str) -> None:
        self._ufunc = getattr(np, name)
        self.__name__ = name
        self.name = f"cupy_{name}"
        self.nin, self.nout = self._ufunc.nin, 1
        self.nargs = self.nin + 1

    def __repr__(self) -> str:
        return f"<ufunc {self.name!r}>"

    def __call__(self, *args: Any, out: Any = None, dtype: Any = None) -> Any:
        settings = {k: v for k, v in (("out", out), ("dtype", dtype)) if v is not None}
        done, result = overridden(self, (*args, *([] if out is None else [out])), settings)
        if done:
            return result
        if len(args) == self.nargs:
            *args, out = args  # type: ignore[assignment]
        operands = [host(x) for x in args]
        with np.errstate(all="ignore"):
            result = np.asarray(self._ufunc(*operands, dtype=dtype))
        if out is None:
            return made(self.name, result)
        if not isinstance(out, ndarray):
            raise TypeError(f"return arrays must be of cupy.ndarray, not {type(out)}")
        if not np.can_cast(result.dtype, out.dtype, "same_kind"):
            raise TypeError(f"output (typecode {result.dtype.char!r}) could not be coerced")

        def work() -> None:
            with np.errstate(all="ignore"):
                out._host[...] = self._ufunc(*operands, dtype=dtype)

        _device.launch(self.name, work)
        return out

    def at(self, a: ndarray, indices: Any, b: Any = None) -> None:
        if a.dtype.name not in ATOMIC.get(self.__name__, ()):
            raise TypeError(f"{self.__name__}.at is not supported for {a.dtype}")
        key, _ = host_index(indices, a.shape)
        places = np.arange(a.size).reshape(a.shape)[key].ravel()
        values = np.broadcast_to(host(b), np.shape(np.empty(a.shape, bool)[key])).ravel()
        # Threads come in any order: now the first first, now the last.
        _order[0] = -_order[0]
        places, values = places[:: _order[0]], values[:: _order[0]]

        def work() -> None:
            flat = a._host.ravel()
            self._ufunc.at(flat, places, values)
            a._host[...] = flat.reshape(a.shape)

        _device.launch(f"scatter_{self.__name__}", work)


def _reduction(name: str) -> Callable[..., Any]:
    numpys = getattr(np, name)

    def function(
        a: ndarray, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False
    ) -> ndarray:
        if not isinstance(a, ndarray):
            raise TypeError(f"Argument 'array' has incorrect type: {type(a)}")
        settings = {} if dtype is None else {"dtype": dtype}
        x = a._host
        if name == "sum" and a.dtype == np.float16 and dtype is None:
            x = x.astype(np.float32)                # accumulated so (_routines_math.pyx)
        with np.errstate(all="ignore"):
            result = np.asarray(numpys(x, axis=axis, keepdims=keepdims, **settings))
        result = result.astype(a.dtype) if x is not a._host else result
        if out is None:
            return made(name, result)
        return copyto(out, made(name, result)) or out

    function.__name__ = name
    return function


def _other(name: str) -> Callable[..., Any]:
    numpys = getattr(np, name)

    def function(*args: Any, **kwargs: Any) -> Any:
        if not any(isinstance(x, ndarray) for x in args):
            raise TypeError(f"{name} takes CuPy arrays")
        given = [x if isinstance(x, (tuple, str)) or x is None else host(x) for x in args]
        named = {k: host(v) if isinstance(v, ndarray) else v for k, v in kwargs.items()}
        if name in ("nonzero", "unique"):           # the shape of the result has to be known
            _device.forbid(name)
            _device.counts["synchronize"] += 1
        if name == "argsort":
            named["kind"] = "stable"                # _routines_sorting.pyx: no other is accepted
        with np.errstate(all="ignore"):
            result = numpys(*given, **named)
        if isinstance(result, tuple):
            return tuple(made(name, x) for x in result)
        return made(name, result)

    function.__name__ = name
    return function


def _views(name: str) -> Callable[..., Any]:
    numpys = getattr(np, name)

    def function(a: ndarray, *args: Any, **kwargs: Any) -> ndarray:
        if not isinstance(a, ndarray):
            raise TypeError(f"{name} takes a CuPy array, not {type(a)}")
        result = np.asanyarray(numpys(a._host, *args, **kwargs))
        if a.size == 0 or np.may_share_memory(result, a._host):
            return a._view(result)
        return made(name, result)

    function.__name__ = name
    return function


def _creation(name: str) -> Callable[..., Any]:
    numpys = getattr(np, name)

    def function(*args: Any, **kwargs: Any) -> ndarray:
        return made(name, numpys(*map(_number, args), **kwargs))

    function.__name__ = name
    return function


def _number(x: Any) -> Any:
    return x.item() if isinstance(x, ndarray) else x


def empty(shape: Any, dtype: Any = float, order: str = "C") -> ndarray:
    return ndarray(shape, dtype, order=order)


def _like(fill: Any) -> Callable[..., ndarray]:
    def function(a: Any, *args: Any, dtype: Any = None, shape: Any = None) -> ndarray:
        result = ndarray(a.shape if shape is None else shape, dtype or a.dtype)
        value = args[0] if args else fill
        if value is not None:
            result.fill(value)
        return result

    return function


def array(
    obj: Any, dtype: Any = None, copy: bool = True, order: str = "K", ndmin: int = 0
) -> ndarray:
    if isinstance(obj, ndarray):
        if not copy and dtype in (None, obj.dtype):
            return obj
        return made("copy", np.array(obj._host, dtype=dtype, order=order))
    if hasattr(obj, "__cuda_array_interface__") or hasattr(obj, "__cupy_get_ndarray__"):
        raise NotImplementedError("foreign arrays are not emulated")
    if isinstance(obj, (list, tuple)) and any(isinstance(x, ndarray) for x in obj):
        return stack(obj) if dtype is None else stack(obj).astype(dtype)
    _device.forbid("a copy from the host")
    found = np.array(obj, dtype=dtype, order=order, ndmin=ndmin)
    if found.dtype.kind not in "biufc":
        raise ValueError(f"Unsupported dtype {found.dtype}")
    result = ndarray(found.shape, found.dtype, order="C" if found.flags.c_contiguous else "F")
    _device.counts["to device"] += 1
    result._host[...] = found
    return result


def asarray(a: Any, dtype: Any = None, order: Any = None, **kwargs: Any) -> ndarray:
    return array(a, dtype, copy=False, order=order or "K")


def ascontiguousarray(a: Any, dtype: Any = None) -> ndarray:
    found = asarray(a, dtype)
    return found if found.flags.c_contiguous else found.copy()


def asnumpy(a: Any, stream: Any = None, order: str = "C", out: Any = None) -> Any:
    return a.get(order=order, out=out) if isinstance(a, ndarray) else np.asarray(a, order=order)


def may_share_memory(a: ndarray, b: ndarray) -> bool:
    return np.may_share_memory(a._host, b._host)


def copyto(dst: ndarray, src: Any, casting: str = "same_kind") -> None:
    source = host(src)
    _device.counts["on device"] += 1
    _device.launch("copy", lambda: np.copyto(dst._host, source, casting=casting))


def matmul(x1: Any, x2: Any, out: Any = None) -> Any:
    """By cuBLAS, which CuPy refuses in a capture (cublas.pyx `setStream`)."""
    for x in (x1, x2):
        if not isinstance(x, ndarray):              # it has no hook: _linalg/_product.pyx
            raise TypeError(f"Argument has incorrect type (expected cupy.ndarray, got {type(x)})")
    if _device.current().capturing is not None:
        raise NotImplementedError("calling cuBLAS API during stream capture is unsupported")
    with np.errstate(all="ignore"):
        result = made("matmul", np.matmul(host(x1), host(x2)))
    return result if out is None else copyto(out, result) or out


def dot(a: Any, b: Any, out: Any = None) -> Any:
    if _device.current().capturing is not None:
        raise NotImplementedError("calling cuBLAS API during stream capture is unsupported")
    result = made("dot", np.dot(host(a), host(b)))
    return result if out is None else copyto(out, result) or out


def concatenate(tup: Any, axis: Any = 0, out: Any = None, **_: Any) -> ndarray:
    if len(tup) > 8:                                # a table of pointers goes to the device
        _device.forbid("concatenate of more than 8 arrays")
        _device.counts["to device"] += 1
    return made("concatenate", np.concatenate([_array(x)._host for x in tup], axis))


def stack(tup: Any, axis: int = 0, out: Any = None, **_: Any) -> ndarray:
    if len(tup) > 8:
        _device.forbid("stack of more than 8 arrays")
        _device.counts["to device"] += 1
    return made("stack", np.stack([_array(x)._host for x in tup], axis))


def _array(x: Any) -> ndarray:
    if not isinstance(x, ndarray):
        raise TypeError("Only cupy arrays can be concatenated")
    return x


def unstack(x: ndarray, /, *, axis: int = 0) -> tuple[ndarray, ...]:
    return tuple(x._view(np.asarray(part)) for part in np.unstack(x._host, axis=axis))


def broadcast_arrays(*args: ndarray) -> list[ndarray]:
    hosts = np.broadcast_arrays(*(x._host for x in args))
    return [x._view(part) for x, part in zip(args, hosts, strict=True)]


def meshgrid(*xi: ndarray, **kwargs: Any) -> list[ndarray]:
    return [made("meshgrid", x) for x in np.meshgrid(*(x._host for x in xi), **kwargs)]


def get_array_module(*args: Any) -> Any:
    import cupy

    return cupy if any(isinstance(x, ndarray) for x in args) else np


def result_type(*args: Any) -> Any:
    return np.result_type(*(x.dtype if isinstance(x, ndarray) else x for x in args))


FUNCTIONS: dict[str, Any] = {
    **{name: ufunc(name) for name in UFUNCS},
    **{name: _reduction(name) for name in REDUCTIONS},
    **{name: _other(name) for name in OTHERS},
    **{name: _views(name) for name in VIEWS},
    **{name: _creation(name) for name in CREATION},
    "empty_like": _like(None),
    "full_like": _like(None),
    "ones_like": _like(1),
    "zeros_like": _like(0),
    **{
        f.__name__: f
        for f in (
            array, asarray, ascontiguousarray, asnumpy, broadcast_arrays, concatenate, copyto, dot,
            empty, get_array_module, matmul, may_share_memory, meshgrid, result_type, stack,
            unstack,
        )
    },
}  # fmt: skip
FUNCTIONS |= {"abs": FUNCTIONS["absolute"], "amax": FUNCTIONS["max"], "amin": FUNCTIONS["min"]}
FUNCTIONS |= {"conj": FUNCTIONS["conjugate"], "bitwise_not": FUNCTIONS["invert"]}


def _part(name: str) -> Callable[[Any], Any]:
    def function(val: Any) -> Any:
        if isinstance(val, ndarray):
            return getattr(val, name)
        return getattr(asarray(val), name)

    function.__name__ = name
    return function


FUNCTIONS |= {name: _part(name) for name in ("imag", "ndim", "real", "shape", "size")}
FUNCTIONS |= {"round": FUNCTIONS["rint"]}
