"""What `gpugrad.numpy` makes of the names of NumPy."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from types import ModuleType
from typing import Any

import numpy

import gpugrad as gg
import gpugrad.tree as tree
from gpugrad.backends import Namespace, default, is_inexact
from gpugrad.backends.select import within
from gpugrad.core.tensor import Tensor
from gpugrad.tracing.tracer import tracer_here

_MAKERS = frozenset(
    {"copy", "diag", "diagflat", "empty", "empty_like", "eye", "full", "identity", "ones",
     "ones_like", "tri", "zeros", "zeros_like"}
)  # fmt: skip
"""What makes an array that is written to later."""

_WRITTEN: dict[Any, Callable[..., Any]] = {
    numpy.empty: numpy.zeros, numpy.empty_like: numpy.zeros_like
}  # fmt: skip
"""What holds the same each time that a program is traced, in place of what holds anything."""

_CONVERTERS = frozenset(
    {"array", "asanyarray", "asarray", "asarray_chkfinite", "ascontiguousarray", "asfortranarray",
     "require"}
)  # fmt: skip
"""What makes an array of anything: a Tensor stays one."""


_FROM_NOTHING = frozenset({"arange", "geomspace", "linspace", "logspace"})
"""What else makes an array from numbers."""

_WRITERS = frozenset({"copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask"})
"""What writes into the array that it is given."""

_OF_NUMPY_ALONE = frozenset({"matvec", "vecdot", "vecmat"})
"""Ufuncs that other libraries have not."""

ROOMS = ("emath", "fft", "linalg")
"""Modules whose functions are given arrays."""

PLAIN = ("ma", "polynomial", "random", "testing")
"""Modules that are NumPy's own, imported when they are used."""


class _AnyArray(type(numpy.ndarray)):  # type: ignore[misc]  # a class of classes
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, numpy.ndarray | Tensor)


class ndarray(numpy.ndarray, metaclass=_AnyArray):
    """An array of NumPy, or a Tensor: what `isinstance` asks for."""


@cache
def found(module: ModuleType, name: str) -> Any:
    """What stands for a name of a module of NumPy."""
    thing = getattr(module, name)
    if isinstance(thing, ModuleType):
        return Room(name) if name in ROOMS else thing
    if module is numpy and name in ("c_", "r_"):
        return _Joiner(thing, -1 if name == "c_" else 0)
    if module is numpy and name == "full_like":
        return _full_like
    if module is numpy and name in _MAKERS:
        return _maker(thing)
    if module is numpy and name in _CONVERTERS:
        return _converter(thing)
    if isinstance(thing, type) or not callable(thing):
        return thing
    if isinstance(thing, numpy.ufunc) and name not in _OF_NUMPY_ALONE:
        return _Ufunc(thing)
    made = _of_sequences(thing)
    return made if name in _WRITERS else _on_device(made, name in _FROM_NOTHING)


class Room(ModuleType):
    """A module of NumPy: its functions take sequences that hold Tensors, if it is of `ROOMS`."""

    def __init__(self, name: str) -> None:
        super().__init__(f"gpugrad.numpy.{name}")
        self._place = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        module = getattr(numpy, self._place)
        return found(module, name) if self._place in ROOMS else getattr(module, name)

    def __dir__(self) -> list[str]:
        return dir(getattr(numpy, self._place))


class _Ufunc:
    """A ufunc that takes sequences which hold Tensors, as its methods do."""

    def __init__(self, plain: numpy.ufunc) -> None:
        self._plain = plain
        self.__name__, self.__doc__ = plain.__name__, plain.__doc__
        self._of_sequences = _of_sequences(plain)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._of_sequences(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        thing = getattr(self._plain, name)
        return _of_sequences(thing) if callable(thing) else thing

    def __repr__(self) -> str:
        return repr(self._plain)


class _Joiner:
    """`np.r_` and `np.c_`, whose keys may hold Tensors."""

    def __init__(self, plain: Any, axis: int) -> None:
        self._plain, self._axis = plain, axis

    def __getitem__(self, key: Any) -> Any:
        parts = key if isinstance(key, tuple) else (key,)
        if not any(isinstance(x, Tensor) or _is_there(x) or _holds(x) for x in parts):
            return self._plain[key]
        home = next(x for x in tree.leaves(parts) if isinstance(x, Tensor) or _is_there(x))
        device, made = gg.asarray(home).device, []
        for part in parts:
            if isinstance(part, str):
                raise gg.errors.UnsupportedOperand(
                    f"np.r_[{part!r}, ...] with Tensors: write np.concatenate or np.stack."
                )
            x = self._plain[part] if isinstance(part, slice) else part
            x = gg.asarray(x) if hasattr(x, "device") else gg.asarray(x, device=device)
            x = gg.reshape(x, (1,)) if not x.shape else x
            made.append(x if self._axis == 0 or len(x.shape) > 1 else gg.expand_dims(x, 1))
        joined = gg.concat(made, axis=self._axis)
        return joined if any(isinstance(x, Tensor) for x in tree.leaves(parts)) else joined.value


def _full_like(
    a: Any, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True,
    shape: Any = None, **kwargs: Any,
) -> Any:  # fmt: skip
    """`np.full_like`, which takes a Tensor as the value."""
    plain: Callable[..., Any] = numpy.full_like    # whose type wants to know the order
    if not isinstance(a, Tensor) and not isinstance(fill_value, Tensor):
        made = plain(a, fill_value, dtype, order, subok, shape, **kwargs)
        return gg.tensor(made) if is_inexact(made.dtype) and not _is_there(made) else made
    shape = numpy.shape(a) if shape is None else shape
    kind = (a if hasattr(a, "dtype") else numpy.asarray(a)).dtype if dtype is None else dtype
    return gg.full(shape, fill_value, dtype=kind)


def _of_sequences(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of NumPy that takes sequences of Tensors for arrays where it takes arrays."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if any(map(_holds, args)) or any(map(_holds, kwargs.values())):
            try:                                    # what is a sequence of arrays stays one
                return function(*args, **kwargs)
            except gg.errors.TrackedConversion:
                args = tuple(map(_joined, args))
                kwargs = {word: _joined(x) for word, x in kwargs.items()}
        return function(*args, **kwargs)

    return call


def _on_device(function: Callable[..., Any], from_nothing: bool) -> Callable[..., Any]:
    """A function that takes arrays of CuPy as it takes Tensors, and gives such arrays."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if not any(map(_is_there, args)) and not any(map(_is_there, kwargs.values())):
            found = function(*args, **kwargs)
            return _at_home(found) if from_nothing else found
        if "out" in kwargs:                         # whose memory is meant
            return function(*args, **kwargs)
        args = tuple(map(_as_tensor, args))
        kwargs = {word: _as_tensor(x) for word, x in kwargs.items()}
        found = function(*args, **kwargs)
        if any(isinstance(x, Tensor) and x.requires_grad for x in tree.leaves((args, kwargs))):
            return found
        return tree.map(lambda x: x.value if isinstance(x, Tensor) else x, found)

    return call


def _is_there(x: object) -> bool:
    """Whether it is an array on a GPU, as CuPy's, or a sequence that begins with one."""
    if isinstance(x, list | tuple):
        return bool(x) and _is_there(x[0])
    return not isinstance(x, Tensor) and hasattr(x, "__cuda_array_interface__")


def _as_tensor(x: Any) -> Any:
    if isinstance(x, list | tuple):
        return type(x)(map(_as_tensor, x)) if _is_there(x) else x
    return gg.tensor(x) if _is_there(x) else x


def _at_home(made: Any) -> Any:
    """An array of numbers where those of the transform are that it is made in."""
    device = _device(within.get())
    if device == "cpu" or not isinstance(made, numpy.ndarray):
        return made
    return gg.asarray(made, device=device)


def _device(home: Namespace | None) -> str:
    """The device of new arrays of a namespace, or of what is traced."""
    tracer = tracer_here()
    if tracer is not None:
        return tracer.base.device
    return "cpu" if home is None else home.device


def _maker(function: Callable[..., Any]) -> Callable[..., Any]:
    """What makes an array to be written to: a Tensor where it may hold floating numbers."""
    make: Callable[..., Any] = _WRITTEN.get(function, function)

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if function is numpy.full and any(isinstance(x, Tensor) or _is_there(x) for x in args):
            kwargs.pop("order", None)
            return gg.full(*args[:2], dtype=args[2] if len(args) > 2 else None, **kwargs)
        made = make(*map(_joined, args), **kwargs)
        if isinstance(made, Tensor) or _is_there(made):
            return made
        device = _device(default())
        if device != "cpu":
            return gg.asarray(made, device=device)
        return gg.tensor(made) if is_inexact(made.dtype) and made.flags.writeable else made

    return call


def _converter(function: Callable[..., Any]) -> Callable[..., Any]:
    """What makes an array of anything."""

    @wraps(function)
    def call(data: Any, dtype: Any = None, **kwargs: Any) -> Any:
        if _is_there(data):
            data = _as_tensor(data)
        if not isinstance(data, Tensor) and not _holds(data):
            made = function(data, dtype, **kwargs)
            return made if hasattr(data, "dtype") else _at_home(made)
        found = gg.asarray(_joined(data))
        if dtype is not None:
            found = gg.astype(found, dtype, copy=False)
        if found is data and function is numpy.array and kwargs.get("copy", True):
            found = gg.copy(found)
        missing = kwargs.get("ndmin", 0) - len(found.shape)
        return gg.reshape(found, (1,) * missing + found.shape) if missing > 0 else found

    return call


def _holds(x: object) -> bool:
    """Whether nested lists and tuples hold a Tensor."""
    if not isinstance(x, list | tuple):
        return False
    return any(isinstance(part, Tensor) or _holds(part) for part in x)


def _joined(x: Any) -> Any:
    return gg.asarray(x) if _holds(x) else x
