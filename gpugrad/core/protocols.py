"""How Tensors meet the outside: NumPy's and CuPy's functions, Python's conversions, DLPack.

A call from outside becomes the op of the same name. A tracked Tensor is never turned silently into
an array or a number; an untracked one converts freely.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Collection
from functools import lru_cache
from inspect import BoundArguments, Parameter, Signature, signature
from math import ceil, floor, isnan, nan, trunc
from types import ModuleType
from typing import Any

import numpy as np

from gpugrad.backends import StandIn, kind_of, namespace_of
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument, TrackedConversion, UnknownOp, UnsupportedOperand
from gpugrad.graph import Edge
from gpugrad.tracing.tracer import tracer_here, user_line
from gpugrad.types import Array, Axis, DTypeLike

UFUNC_METHODS = {
    "add.accumulate": "cumulative_sum",
    "add.reduce": "sum",
    "logaddexp.reduce": "logsumexp",
    "logical_and.reduce": "all",
    "logical_or.reduce": "any",
    "maximum.reduce": "max",
    "minimum.reduce": "min",
    "multiply.accumulate": "cumulative_prod",
    "multiply.reduce": "prod",
}
"""Which op a method of a ufunc is; its axis is 0 unless it is named."""

KEYWORDS = {"a_max": "max", "a_min": "min", "ddof": "correction", "newshape": "shape"}
"""Where NumPy's keyword is not that of the standard."""

ROOMS = {"numpy.fft": "fft", "numpy.lib.scimath": "emath", "numpy.linalg": "linalg"}
"""Where gpugrad has the functions of a module of NumPy other than its main one."""

UFUNCS = {"numpy": "", "scipy.special": "special", "cupy": "", "cupyx.scipy.special": "special"}
"""Modules whose ufuncs are ours by their names, and where; those of others may do anything."""

COMPARISONS = frozenset("equal greater greater_equal less less_equal not_equal".split())
"""Ufuncs to whose operators NumPy's scalars come as arrays."""

KERNELS = ("cupyx_scipy_special_", "cupy_")
"""How the names of CuPy's own kernels begin."""

API_VERSIONS = ("2021.12", "2022.12", "2023.12", "2024.12", "2025.12")
"""Versions of the Array API standard that the namespace conforms to: each has all of those before.
"""

QUESTIONS = frozenset({"iscomplexobj", "isrealobj", "ndim", "result_type", "shape", "size"})
"""NumPy's functions that ask what an array is: there is no gradient to lose."""


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


class Protocols:
    """The special methods by which other libraries and Python itself reach a Tensor."""

    __slots__ = ()

    _value: Array
    _edge: Edge | None

    # NumPy and CuPy functions

    @_OfTheClass
    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: object, **kwargs: object
    ) -> object:
        if method == "__call__":
            if ufunc.__name__ in COMPARISONS:
                inputs = tuple(_scalar(x) for x in inputs)
            return from_outside(ufunc.__name__, ufunc, inputs, kwargs)
        name = f"{ufunc.__name__}.{method}"
        if name in UFUNC_METHODS:
            kwargs = {"axis": 0, **kwargs}
            return from_outside(UFUNC_METHODS[name], getattr(ufunc, method), inputs, kwargs)
        if method == "outer":
            a, b = inputs
            a = ops.reshape(a, (*np.shape(a), *(1,) * np.ndim(b)))  # type: ignore[arg-type, call-overload]
            return from_outside(ufunc.__name__, ufunc, (a, b), kwargs)
        if method == "at" and inputs[0] is self:    # which NumPy lets write into what is read-only
            kwargs = {**kwargs, "out": self}
        return from_outside(name, getattr(ufunc, method), inputs, kwargs)

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
        return from_outside(_kernel_name(kernel), kernel, args, kwargs)

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
        return from_outside(_kernel_name(kernel), kernel, (self,), asked)

    def __array_namespace__(self, *, api_version: str | None = None) -> ModuleType:
        if api_version is not None and api_version not in API_VERSIONS:
            raise InvalidArgument(
                f"__array_namespace__: api_version is {api_version!r}; there are "
                f"{', '.join(API_VERSIONS)}."
            )
        return sys.modules["gpugrad"]

    # Conversions: for untracked Tensors

    def _plain(self, what: str) -> Array:
        if isinstance(self._value, StandIn):
            raise self._value.refusal(what)
        if self._edge is not None:
            raise TrackedConversion(
                f"{what} of a Tensor that needs a gradient would lose it silently. Use t.value for "
                "the plain array, or gg.stop_gradient(t) where no gradient is wanted; choose "
                "between values with gg.where."
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
            raise self._value.refusal("DLPack export")
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
        """The one real number of an untracked Tensor, of which `name` makes an integer of Python.
        """
        self._check_one(name)
        plain = self._plain(f"{name}(), unlike gg.{name},")
        return int(plain) if kind_of(plain.dtype) in "biu" else float(plain)

    def _check_one(self, name: str) -> None:
        shape, dtype = self._value.shape, self._value.dtype
        if shape != () or kind_of(dtype) == "c":
            raise UnsupportedOperand(
                f"{name}() was asked of an array of shape {shape} and dtype {dtype}; wanted is one "
                f"real number, an array without axes. Take an element, or use gg.{name}."
            )

    def __complex__(self) -> complex:
        """NaN is NaN in both parts, as the standard has it."""
        plain = self._plain("complex()")
        number = complex(plain)
        real = kind_of(plain.dtype) != "c"
        return complex(nan, nan) if real and isnan(number.real) else number

    def __index__(self) -> int:
        plain = self._plain("an index")
        if plain.shape != () or kind_of(plain.dtype) not in ("i", "u"):
            raise UnsupportedOperand(
                f"an index was asked of an array of shape {plain.shape} and dtype {plain.dtype}; "
                "wanted is one integer, an array without axes. Take an element, or use `gg.astype`."
            )
        return int(plain)                           # CuPy's arrays have no __index__

    def item(self) -> Any:
        """The one element as a Python number."""
        return self._plain("item()").item()  # type: ignore[attr-defined]


def from_outside(
    name: str, outside: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]
) -> Any:
    """The op of that name; for what is no op, the outside function if no operand is tracked."""
    function = _function(name, outside)
    if function is not None and _fits(function, args, kwargs):
        return function(*args, **kwargs)
    out = kwargs.get("out", _placed_out(outside, args))
    _check_out(name, out if isinstance(out, tuple) else (out,), function, args)
    tracked = name not in QUESTIONS and _is_tracked((args, kwargs))
    if function is not None and out is None:
        call, problem = _translated(name, function, outside, args, kwargs)
        if not problem:
            return function(*call.args, **call.kwargs)
        if tracked:
            raise UnsupportedOperand(problem)
    if tracked:
        here = f"{user_line()}: " if tracer_here() is not None else ""
        none = "gpugrad has no op of that name"
        if name in vars(ops):
            none = f"gg.{name} is not what {getattr(outside, '__module__', None)} has by that name"
        raise UnknownOp(
            f"{here}{name!r} of a Tensor that needs a gradient or is traced by gg.jit: {none}. "
            "Compose it from those in gg, define it with gg.op, or, outside of gg.jit, detach it "
            "with gg.stop_gradient."
        )
    try:
        return outside(*_detached(args), **_detached(kwargs))
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        raise InvalidArgument(
            f"{name!r} writes into an array that is read-only, as a Tensor is for functions from "
            "outside: graphs and views may need its values. Write with t[...] = result."
        ) from error


def _function(name: str, outside: Callable[..., object]) -> Callable[..., object] | None:
    """The function of gpugrad that has the name of one from outside and does the same."""
    room = _room(outside)
    if room is None:
        return None
    found = None if room in ROOMS.values() else vars(ops).get(name)
    if room and found is None:
        module = getattr(sys.modules["gpugrad"], room)
        found = vars(module)[name] if name in module.__all__ else None
    return found


def _scalar(x: object) -> object:
    """An array of NumPy without axes as the scalar that it may have been made of."""
    return x[()] if type(x) is np.ndarray and not x.ndim else x


def _kernel_name(kernel: Callable[..., object]) -> str:
    """The function that a kernel of CuPy is; one of a user may have any name and do anything."""
    name = getattr(kernel, "name", "")
    for prefix in KERNELS:
        if name.startswith(prefix):
            return str(name.removeprefix(prefix))
    return name if _home_of(kernel, name) is not None else f"kernel {name}"


def _home_of(ufunc: object, name: str) -> str | None:
    """Which of the modules of `UFUNCS` has a ufunc under its name."""
    homes = (home for home in UFUNCS if getattr(sys.modules.get(home), name, None) is ufunc)
    return next(homes, None)


@lru_cache(maxsize=256)
def _room(outside: Callable[..., object]) -> str | None:
    """Where the functions are which do the same as those that `outside` is one of: "" is the main
    namespace. `None` for one whose name says nothing about what it does.
    """
    function = getattr(outside, "__self__", outside)    # of a method of a ufunc, the ufunc
    is_kernel = hasattr(function, "name")
    name = _kernel_name(function) if is_kernel else getattr(function, "__name__", "")
    found = _home_of(function, name)
    if found is not None:
        return UFUNCS[found]
    if isinstance(function, np.ufunc):
        return None
    home = getattr(function, "__module__", None) or ""
    return None if home.startswith("numpy.") and home not in ROOMS else ROOMS.get(home, "")


def _placed_out(outside: Callable[..., object], args: tuple[object, ...]) -> object:
    """What a function is to write into, given by its place. It need not refuse what is read-only:
    sums and products in order of NumPy 2.2 do not.
    """
    there = _signature(outside)
    parameters = [] if there is None else list(there.parameters.values())
    for parameter, value in zip(parameters, args, strict=False):
        if parameter.kind is Parameter.VAR_POSITIONAL:
            break
        if parameter.name == "out":
            return value
    return None


def _check_out(
    name: str,
    outs: tuple[object, ...],
    function: Callable[..., object] | None,
    args: tuple[object, ...],
) -> None:
    """Raises `UnsupportedOperand` if a result is to go where its gradient would be lost."""
    if any(isinstance(x, Protocols) for x in outs):
        raise UnsupportedOperand(
            f"{name!r} would write into a Tensor, whose values graphs and views may need: compute "
            "the result without out= and write t[...] = result."
        )
    if function is not None and _is_tracked(args) and any(x is not None for x in outs):
        raise UnsupportedOperand(
            f"{name}(..., out=) with a Tensor that needs a gradient: an array cannot hold one. "
            f"Leave out= away and use the result, a Tensor."
        )


# Arguments: from NumPy's names and places to those of the op


@lru_cache(maxsize=256)
def _signature(function: Callable[..., object]) -> Signature | None:
    """`None` where it has none that could be read."""
    try:
        return signature(function)
    except (TypeError, ValueError):
        return None


class _Parameters:
    """Those of an op: its arrays are `operands`; of the `settings`, `needed` have no default.

    A variadic one takes arrays in any number by their places, and settings by name.
    """

    def __init__(self, function: Callable[..., object]) -> None:
        self.signature = signature(function)
        parameters = list(self.signature.parameters.values())
        by_place = (Parameter.POSITIONAL_ONLY, Parameter.VAR_POSITIONAL)
        self.variadic = any(p.kind is p.VAR_POSITIONAL for p in parameters)
        self.operands: list[str] = []
        for kind in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.POSITIONAL_ONLY):
            self.operands = [p.name for p in parameters if p.kind is kind] or self.operands
        if self.variadic:
            self.operands = [p.name for p in parameters if p.kind in by_place]
        self.required = [p.name for p in parameters if p.default is p.empty]
        self.settings = frozenset(self.signature.parameters).difference(self.operands)
        self.needed = self.settings.intersection(self.required)
        self.enough = -1 if self.needed else len(self.operands)


_parameters = lru_cache(maxsize=256)(_Parameters)


def _fits(
    function: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]
) -> bool:
    """Whether the arguments are the op's as they are: all operands, and settings by name."""
    own = _parameters(function)
    if not kwargs:
        return own.variadic or len(args) == own.enough
    return (
        (own.variadic or len(args) == len(own.operands))
        and own.needed <= kwargs.keys() <= own.settings
        and not any(value is None or value is np._NoValue for value in kwargs.values())
    )


def _translated(
    name: str,
    function: Callable[..., object],
    outside: Callable[..., object],
    args: tuple[object, ...],
    kwargs: dict[str, object],
) -> tuple[BoundArguments, str]:
    """The arguments as the op takes them, and what is wrong with them, if anything."""
    own = _parameters(function)
    there = _signature(outside)
    theirs = own.signature.parameters if there is None else there.parameters
    tells = all(p.kind is not p.VAR_POSITIONAL for p in theirs.values())
    names, operands = list(theirs if tells else own.signature.parameters), own.operands
    placed = () if own.variadic else args
    taken: dict[str, object] = {}
    unknown = [f"argument {len(names) + 1}"] if len(placed) > len(names) else []
    for word, value in (*zip(names, placed, strict=False), *kwargs.items()):
        mine = word if word in own.signature.parameters else KEYWORDS.get(word, word)
        if value is np._NoValue:
            continue
        if mine not in (own.settings if own.variadic else own.signature.parameters):
            if _is_default(word, value, theirs.get(word)):
                continue
            place = names.index(word) if word in names and tells else len(operands)
            mine = operands[place] if place < len(operands) and not own.variadic else ""
        if not mine or mine in taken:
            unknown.append(f"{word}=")
        else:
            taken[mine] = value
    ordered = OrderedDict((p, taken[p]) for p in own.signature.parameters if p in taken)
    call = BoundArguments(own.signature, ordered)
    missing = [p for p in own.required if p not in taken]
    if own.variadic:
        call, missing = own.signature.bind_partial(*args, **taken), []
    if not unknown and not missing:
        return call, ""
    found = f"was given {', '.join(unknown)}" if unknown else f"was not given {', '.join(missing)}"
    cast = " Convert with t.astype(dtype) first." if "dtype=" in unknown else ""
    return call, (
        f"{name!r} of a Tensor that needs a gradient {found}; gg.{name} takes "
        f"{', '.join(own.signature.parameters)}.{cast}"
    )


def _is_default(name: str, value: object, parameter: Parameter | None) -> bool:
    """Whether it says nothing, so that an op that lacks this argument may leave it out."""
    if value is None:
        return parameter is None or parameter.default in (None, np._NoValue)
    if name == "where":
        return value is True
    simple = type(value) in (bool, int, str)
    return simple and parameter is not None and bool(value == parameter.default)


# Operands for functions from outside


def _is_tracked(x: object) -> bool:
    if isinstance(x, Protocols):
        return x._edge is not None or isinstance(x._value, StandIn)
    if isinstance(x, list | tuple):
        return any(_is_tracked(part) for part in x)
    return isinstance(x, dict) and any(_is_tracked(part) for part in x.values())


def _detached(x: Any) -> Any:
    """`x` with plain arrays for Tensors; NumPy's cannot be written into."""
    if isinstance(x, Protocols):
        if not isinstance(x._value, np.ndarray):
            return x._value
        view = x._value.view()
        view.flags.writeable = False
        return view
    if isinstance(x, list | tuple):
        parts = [_detached(part) for part in x]
        return parts if isinstance(x, list) else tuple(parts)
    return {k: _detached(v) for k, v in x.items()} if isinstance(x, dict) else x
