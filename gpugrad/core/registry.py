"""Which ops there are: name → Op, and the namespace of them all that Tensors see as `xp`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from inspect import CO_VARARGS, unwrap
from math import inf
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from gpugrad.backends.devices import of_several, on_their_device
from gpugrad.backends.dtypes import BFLOAT16, dtype_named
from gpugrad.core.numpy_words import called
from gpugrad.core.op_info import Call, Edges, OpInfo, Reference, info
from gpugrad.core.op_namespace import namespace as namespace
from gpugrad.core.op_namespace import unknown
from gpugrad.core.sequences import SEQUENCES, with_arrays
from gpugrad.errors import InvalidOp, UnsupportedOperand

if TYPE_CHECKING:
    from gpugrad.core.rules import Operation

F = TypeVar("F", bound=Callable[..., object])
P = ParamSpec("P")
R = TypeVar("R")

_ops: dict[str, Operation] = {}
_composed: dict[str, OpInfo] = {}


def add_op(op: Operation) -> None:
    """Register `op` and its function under its name; a name is taken only once.

    In `__main__`, where a notebook runs a cell again, a later definition replaces an earlier one.
    An op of a user may have the name of one that only a module such as `gg.special` shows: rules
    go on finding that one in the namespace, and that of the user is an object alone.
    """
    there = _ops.get(op.name)
    if there is not None and op.of_a_user and _is_elsewhere(there):
        return
    if there is not None and there.forward.__module__ != "__main__":
        raise InvalidOp(f"an op named {op.name!r} is registered already: choose another name.")
    _ops[op.name] = op
    setattr(namespace, op.name, op.function)


def opened(function: Callable[P, R]) -> Callable[P, R]:
    """A function of a room of gpugrad, which takes sequences and the parameters of NumPy's too."""
    return _open(function, function.__module__.rpartition(".")[2])


def _is_elsewhere(op: Operation) -> bool:
    """Whether users find an op of ours in a module of `gpugrad`, and not in `gpugrad` itself."""
    shown = vars(sys.modules["gpugrad"]).get("__all__", ())
    return not op.of_a_user and op.info.public and op.name not in shown


def add_function(function: Callable[P, R]) -> Callable[P, R]:
    """Put a function that is no op of its own, such as `zeros`, into the namespace of Tensors.

    What it makes beside its operands is made on their device.
    """
    function = _open(function)
    if hasattr(type(namespace), function.__name__) or function.__name__ in vars(namespace):
        raise InvalidOp(f"{function.__name__!r} is in the namespace already: choose another name.")
    setattr(namespace, function.__name__, function)
    return function


def _open(function: Callable[P, R], room: str = "") -> Callable[P, R]:
    """`function` on the device of its operands, and with the parameters of NumPy's of its name."""
    code = unwrap(function).__code__
    count = code.co_argcount + code.co_kwonlyargcount
    names = frozenset(code.co_varnames[code.co_posonlyargcount : count])
    most = inf if code.co_flags & CO_VARARGS else code.co_argcount
    placed = on_their_device(function)
    begins_with_array = next(iter(unwrap(function).__annotations__.values()), "") == "Array"

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        dtype = kwargs.get("dtype")
        if type(dtype) is str and dtype == BFLOAT16:    # which NumPy knows after an import alone
            kwargs["dtype"] = dtype_named(dtype)
        if begins_with_array and args and type(args[0]) in SEQUENCES:
            made = with_arrays(function, args[:1], {}, namespace.asarray)
            args = args if made is None else (*made[0], *args[1:])  # type: ignore[assignment]
        if len(args) > most or (kwargs and not kwargs.keys() <= names):
            return called(function.__name__, args, kwargs, room)  # type: ignore[no-any-return]
        try:
            return function(*args, **kwargs) if not of_several() else placed(*args, **kwargs)
        except UnsupportedOperand:                  # it may be a sequence, as NumPy takes them
            # What makes arrays of sequences has refused this one.
            is_it = function.__name__ == "asarray"
            made = None if is_it else with_arrays(function, args, kwargs, namespace.asarray)
            if made is None:
                raise
        return call(*made[0], **made[1])

    return call


def composed(
    *,
    reference: Reference | None = None,
    example: Call | Sequence[Call] = (),
    edges: str | Edges | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """`add_function` for a function made of ops that says of itself what `@op` lets an op say."""

    def define(function: Callable[P, R]) -> Callable[P, R]:
        made = add_function(function)
        _composed[function.__name__] = info(reference, example, edges, public=True)
        return made

    return define


def add_alias(name: str, function: F) -> F:
    """Put a function of the namespace of Tensors into it under another name too."""
    if hasattr(type(namespace), name) or name in vars(namespace):
        raise InvalidOp(f"{name!r} is in the namespace already: choose another name.")
    setattr(namespace, name, function)
    return function


def get_op(name: str) -> Operation:
    """The Op of that name; raises `UnknownOp` with the nearest name."""
    if name not in _ops:
        raise unknown(name, _ops)
    return _ops[name]


def all_ops() -> Iterator[Operation]:
    """Every registered op, in order of definition."""
    return iter(list(_ops.values()))


def is_op(name: str) -> bool:
    """Whether an op has that name, and not a function of ops, or nothing."""
    return name in _ops


def all_infos() -> dict[str, OpInfo]:
    """What is known of every op, and of the functions of ops that say something, by name."""
    return {**{name: op.info for name, op in _ops.items()}, **_composed}
