"""Calls from outside: a function of NumPy, SciPy or CuPy becomes the op that does the same.

What is no op is called itself if no operand is tracked. A tracked one is never handed out.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache
from inspect import Parameter
from typing import Any

import numpy as np

from gpugrad.backends import StandIn
from gpugrad.core.causes import way_out
from gpugrad.core.libraries import PRIVATE, of_special
from gpugrad.core.numpy_calls import fits, signature_of, translated
from gpugrad.core.numpy_parameters import complete
from gpugrad.core.op_namespace import namespace as ops
from gpugrad.errors import InvalidArgument, UnknownOp, UnsupportedOperand
from gpugrad.graph import Edge
from gpugrad.tracing.frames import program_line
from gpugrad.tracing.tracer import tracer_here
from gpugrad.types import Array

ROOMS = {
    "numpy.fft": "fft",
    "numpy.lib.scimath": "emath",
    "numpy.lib.stride_tricks": "",
    "numpy.linalg": "linalg",
}
"""Where gpugrad has the functions of a module of NumPy other than its main one."""

UFUNCS = {
    "numpy": "", "scipy.special": "special", "scipy.special._ufuncs": "special", "cupy": "",
    "cupyx.scipy.special": "special",
}  # fmt: skip
"""Modules whose ufuncs are ours by their names, and where; those of others may do anything."""

KERNELS = ("cupyx_scipy_special_", "cupy_")
"""How the names of CuPy's own kernels begin."""

QUESTIONS = frozenset(
    """
    array2string array_repr array_str common_type diag_indices_from einsum_path
    histogram_bin_edges iscomplexobj isfortran isrealobj may_share_memory min_scalar_type ndim
    result_type shape shares_memory size tril_indices_from triu_indices_from
    """.split()
)
"""NumPy's functions that ask what an array is, or look at it: there is no gradient to lose."""


COUNTS = {"histogram2d": 5, "histogramdd": 4}
"""Functions that ask where elements lie, and the place of the weights that they add up there."""

ELSEWHERE = {"i0": "special"}
"""NumPy's functions that are in another room here."""


class Handled:
    """What a Tensor is to a function from outside: a value, and a place in the graph."""

    __slots__ = ()

    _value: Array
    _edge: Edge | None


def from_outside(
    name: str, outside: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]
) -> Any:
    """The op of that name; for what is no op, the outside function if no operand is tracked."""
    if name == "where" and len(args) + len(kwargs) == 1:    # where what is true stands
        name, outside = "nonzero", np.nonzero
        args, kwargs = (*args, *kwargs.values()), {}
    function = _function(name, outside)
    if function is not None and fits(function, args, kwargs):
        return function(*args, **kwargs)
    out = kwargs.get("out", _placed_out(outside, args))
    outs = [x for x in (out if isinstance(out, tuple) else (out,)) if x is not None]
    tracked = name not in QUESTIONS and _is_tracked((args, kwargs))
    if name in COUNTS:
        tracked = _is_tracked((kwargs.get("weights"), args[COUNTS[name] :]))
    ours = any(isinstance(x, Handled) for x in outs)
    if tracked and outs and not ours:
        raise _cannot_hold(name)
    if function is not None and (ours or not outs):
        call = translated(name, function, outside, args, kwargs)
        if not call.problem:
            return complete(name, call) if call.more else call.made()
        if tracked or ours:
            raise UnsupportedOperand(call.problem)
    if tracked:
        raise _unknown(name, outside)
    try:
        return outside(*_detached(args), **_detached(kwargs))
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        raise InvalidArgument(
            f"{name!r} writes into an array that is read-only, as a Tensor is for functions from "
            "outside: graphs and views may need its values. Write with t[...] = result."
        ) from error


def check_written(name: str, into: object, values: object) -> None:
    """Raises `UnsupportedOperand` if tracked values would be written into what is no Tensor."""
    if not isinstance(into, Handled) and _is_tracked(values):
        raise _cannot_hold(name)


def _cannot_hold(name: str) -> UnsupportedOperand:
    way = way_out("f") or (
        " Use the result itself, write a = a + t, or begin with a Tensor: a = gg.zeros(shape) or "
        "gg.asarray(a)."
    )
    return UnsupportedOperand(
        f"{name!r} would write the result of a Tensor that needs a gradient into an array, which "
        f"cannot hold one, as `a += t` does for an array `a`.{way}"
    )


def _unknown(name: str, outside: Callable[..., object]) -> UnknownOp:
    here = f"{program_line()}: " if tracer_here() is not None else ""
    none = "gpugrad has no op of that name"
    if name in vars(ops):
        none = f"gg.{name} is not what {getattr(outside, '__module__', None)} has by that name"
    way = of_special(name) if _room(outside) == "special" else ""
    return UnknownOp(
        f"{here}{PRIVATE.get(name, name)!r} of a Tensor that needs a gradient or is traced by "
        f"gg.jit: {none}. {f'{way} ' if way else ''}Compose it from those in gg, define it with "
        "gg.op, call it with gg.host and give the rule of its gradient as vjp=, or, outside of "
        "gg.jit, detach it with gg.stop_gradient."
    )


# Which function it is


def _function(name: str, outside: Callable[..., object]) -> Callable[..., object] | None:
    """The function of gpugrad that has the name of one from outside and does the same."""
    room = _room(outside)
    if room is None:
        return None
    room = ELSEWHERE.get(name, room)
    found = None if room in ("emath", "fft", "linalg") else vars(ops).get(name)
    if room and found is None:
        module = getattr(sys.modules["gpugrad"], room)
        found = vars(module)[name] if name in module.__all__ else None
        if found is None and room == "special":
            found = module.UFUNCS.get(name)
    return found


def kernel_name(kernel: Callable[..., object]) -> str:
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
    """Where the functions are which do the same as those that `outside` is one of.

    `""` is the main namespace. `None` for one whose name says nothing about what it does.
    """
    function = getattr(outside, "__self__", outside)    # of a method of a ufunc, the ufunc
    is_kernel = hasattr(function, "name")
    name = kernel_name(function) if is_kernel else getattr(function, "__name__", "")
    found = _home_of(function, name)
    if found is not None:
        return UFUNCS[found]
    if isinstance(function, np.ufunc):
        return None
    home = getattr(function, "__module__", None) or ""
    return None if home.startswith("numpy.") and home not in ROOMS else ROOMS.get(home, "")


# Operands


def _placed_out(outside: Callable[..., object], args: tuple[object, ...]) -> object:
    """What a function is to write into, given by its place.

    It need not refuse what is read-only: sums and products in order of NumPy 2.2 do not.
    """
    there = signature_of(outside)
    parameters = [] if there is None else list(there.parameters.values())
    for parameter, value in zip(parameters, args, strict=False):
        if parameter.kind is Parameter.VAR_POSITIONAL:
            break
        if parameter.name == "out":
            return value
    return None


def _is_tracked(x: object) -> bool:
    if isinstance(x, Handled):
        return x._edge is not None or isinstance(x._value, StandIn)
    if isinstance(x, list | tuple):
        return any(_is_tracked(part) for part in x)
    return isinstance(x, dict) and any(_is_tracked(part) for part in x.values())


def _detached(x: Any) -> Any:
    """`x` with plain arrays for Tensors; NumPy's cannot be written into."""
    if isinstance(x, Handled):
        if not isinstance(x._value, np.ndarray):
            return x._value
        view = x._value.view()
        view.flags.writeable = False
        return view
    if isinstance(x, list | tuple):
        parts = [_detached(part) for part in x]
        return parts if isinstance(x, list) else tuple(parts)
    return {k: _detached(v) for k, v in x.items()} if isinstance(x, dict) else x
