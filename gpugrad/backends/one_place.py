"""What meets must be in one place: arrays of one library and, of several devices, on one.

Ops ask for their operands. The functions here are for what takes arrays in another way, such as the
arguments of transforms that hand them on, or cotangents. NumPy's scalars are numbers: they go with
any array.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, TypeVar

from gpugrad import tree
from gpugrad.backends import is_numpy_scalar, mixed, namespace_of
from gpugrad.backends.devices import NUMBERS, device_of, of_several, on
from gpugrad.backends.standin import StandIn, behind
from gpugrad.errors import UnsupportedOperand

F = TypeVar("F", bound=Callable[..., Any])

_NUMBER_KINDS = "biufc"


def check_library(name: str, operands: Iterable[Any]) -> None:
    """Raise `MixedBackends` if there are arrays of several libraries among the operands of `name`.

    What is no array of numbers does not count.
    """
    operands = list(operands)
    kinds = set(map(type, operands)) - NUMBERS
    if len(kinds) < 2 and not any(map(_holds_another, kinds)):
        return                                      # most often all are plain arrays of one type
    found: dict[Any, Any] = {}
    for x in operands:
        value = behind(x)
        if not hasattr(value, "dtype") or not hasattr(value, "shape") or is_numpy_scalar(value):
            continue
        if getattr(value.dtype, "kind", "f") not in _NUMBER_KINDS:
            continue
        try:
            found.setdefault(namespace_of(value), x)
        except UnsupportedOperand:                  # of a library that nobody computes with here
            continue
    if len(found) > 1:
        raise mixed(name, found.values())


def check_place(name: str, operands: Iterable[Any]) -> None:
    """As `check_library`, and also if they are on several devices."""
    operands = list(operands)
    check_library(name, operands)
    if of_several():
        device_of(name, operands)


def together(name: str, operands: Iterable[Any]) -> AbstractContextManager[Any]:
    """Inside, the device of the operands, which must be in one place, is the current one."""
    operands = list(operands)
    check_library(name, operands)
    return on(device_of(name, operands) if of_several() else None)


def in_one_place(name: str) -> Callable[[F], F]:
    """A decorator for a function that runs on the device of the arrays among its arguments, which
    are trees; they must be in one place. Errors call it `name`.
    """

    def decorate(function: F) -> F:
        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            with together(name, tree.leaves((args, kwargs))):
                return function(*args, **kwargs)

        return call  # type: ignore[return-value]

    return decorate



def check_result(name: str, operands: Any, results: Any) -> None:
    """Raise `MixedBackends` unless the results of an op are where its operands are; both are trees.
    """
    check_place(f"operands and result of {name}", tree.leaves((operands, results)))


def check_shares(name: str, g: Any, shares: Any) -> Any:
    """The cotangents that the rule of an op returned; raise unless they are where `g` is."""
    check_place(f"the cotangent given to the rule of {name}, and what it returned",
                tree.leaves((g, shares)))  # fmt: skip
    return shares


def _holds_another(kind: type) -> bool:
    """Whether it is a type of Tensors, or of what stands for arrays."""
    return hasattr(kind, "_value") or issubclass(kind, StandIn)
