"""On which of several GPUs something runs: on that of its operands.

CuPy computes on the current device, wherever operands are. So what computes with arrays makes their
device the current one first, and the one before again at its end. Where there is one device, nobody
asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from sys import modules
from types import ModuleType
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import gpugrad.tree as tree
from gpugrad.backends.standin import behind
from gpugrad.errors import MixedBackends
from gpugrad.types import NUMBERS

if TYPE_CHECKING:
    import cupy

    from gpugrad.backends.standard import Namespace

P = ParamSpec("P")
R = TypeVar("R")

several: list[ModuleType] = []
"""Empty, or the module `cupy` where that was asked and finds more than one device."""

unasked = ["cupy"]
"""What nobody has asked yet for its devices."""

_count = 0                                          # of them, once asked

natives: dict[type, Namespace] = {}
"""The namespace of CuPy by the type of its arrays, where it is in use."""


def of_several() -> bool:
    """Whether there are several devices to choose from; the first who needs to know asks CuPy.

    That is before the first array is computed with, and not before the program imported CuPy.
    """
    if unasked and "cupy" in modules:
        _ask()
    return bool(several)


def _ask() -> None:
    try:
        import cupy

        count = cupy.cuda.runtime.getDeviceCount()
    except Exception:                               # a CuPy that cannot be used, see `probe_cupy`
        count = 0
    global _count
    _count = count
    if count > 1:
        several[:] = [cupy]
    unasked.clear()                                 # last: other threads may look


def device_of(name: str, operands: Iterable[object]) -> int | None:
    """The number of the GPU on which all arrays among the operands are; `None` without any.

    Raises `MixedBackends` where they are on several.
    """
    found: dict[int, cupy.ndarray] = {}
    array = several[0].ndarray
    x: cupy.ndarray                                 # once it is told from others
    for x in operands:
        if type(x) is not array:                    # most are: for them, nothing is called
            x = behind(x)
            if not isinstance(x, array):
                continue
        found[x.data.device_id] = x
    if len(found) > 1:
        places = " and ".join(f"cuda:{number} (shape {x.shape})" for number, x in found.items())
        raise MixedBackends(
            f"{name}: operands are on different devices: {places}. Move them to one device first, "
            "for example with `t.to_device('cuda:1')`."
        )
    return next(iter(found), None)


def current_device() -> int:
    """The number of the GPU on which CuPy makes arrays from nothing."""
    number: int = several[0].cuda.runtime.getDevice()
    return number


def among(arguments: Iterable[object]) -> Iterable[object]:
    """The operands among the arguments of an op, of which some may be sequences."""
    for x in arguments:
        if type(x) is tuple or type(x) is list:
            yield from x
        else:
            yield x


def placed(name: str, function: Callable[P, R]) -> Callable[P, R]:
    """A function of operands of one op, which runs on their device where there are several."""
    if _count <= 1:
        return function

    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        if not several or _are_here(args):
            return function(*args, **kwargs)
        with beside(name, among(args)):
            return function(*args, **kwargs)

    return call


def _are_here(operands: Iterable[object]) -> bool:
    """Whether all are numbers and arrays of the current device, or stand for such."""
    here, array = current_device(), several[0].ndarray
    x: cupy.ndarray
    for x in operands:
        if type(x) is not array:
            if type(x) in NUMBERS:
                continue
            x = behind(x)
            if type(x) is not array:
                return False
        if x.data.device_id != here:
            return False
    return True


HERE = nullcontext()
"""Inside, the current device is the one that it was."""


def on(number: int | None) -> AbstractContextManager[object]:
    """Inside, that GPU is the current device, if there is one."""
    if number is None:
        return HERE
    device: AbstractContextManager[object] = several[0].cuda.Device(number)
    return device


def beside(name: str, operands: Iterable[object]) -> AbstractContextManager[object]:
    """Inside, the device of the operands is the current one."""
    return on(device_of(name, operands))


def enter(x: cupy.ndarray) -> None:
    """Make the device of a cotangent the current one, if it has one."""
    at_once = type(x) is several[0].ndarray         # as most are
    number = x.data.device_id if at_once else first_device_of(among((x,)))
    if number is not None and number != current_device():
        several[0].cuda.Device(number).use()


def staying(function: Callable[P, R]) -> Callable[P, R]:
    """A function at whose end the current device is the one that it was."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        if not of_several():
            return function(*args, **kwargs)
        with on(current_device()):
            return function(*args, **kwargs)

    return call


def first_device_of(operands: Iterable[object]) -> int | None:
    """As `device_of`, of the first array alone."""
    array = several[0].ndarray
    found = (x.data.device_id for x in map(behind, operands) if isinstance(x, array))
    return next(found, None)


def on_their_device(function: Callable[P, R]) -> Callable[P, R]:
    """A function that runs on the device of the first array among its arguments, which are trees.

    Where all must be in one place, `one_place.py` has what is like this.
    """

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        if not of_several():
            return function(*args, **kwargs)
        with on(first_device_of(tree.leaves((args, kwargs)))):
            return function(*args, **kwargs)

    return call
