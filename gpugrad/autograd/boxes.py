"""What asks for the values in boxes: a Tensor counts as the array or the number that it holds."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

import gpugrad as gg
from gpugrad.errors import UnsupportedOperand

F = TypeVar("F", bound=Callable[..., Any])

dict, list, tuple = builtins.dict, builtins.list, builtins.tuple
DictBox, SequenceBox = dict, Sequence
"""Containers need no boxes of their own: Python's are trees."""


class _AnyTensor(builtins.type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isbox(instance)


class Box(metaclass=_AnyTensor):
    """A Tensor: what `isinstance` asks for. There are no boxes of other kinds."""

    def __init_subclass__(cls) -> None:
        cls.register(cls)

    @classmethod
    def register(cls, value_type: builtins.type) -> None:
        """Refused: values of own classes are trees."""
        raise UnsupportedOperand(
            "gpugrad has no boxes but Tensors. Make the class of the values a tree with "
            "gg.tree.register: then every transform takes them."
        )


ArrayBox = Box


def isinstance(x: object, kinds: Any) -> bool:
    """Whether `x`, or what a Tensor holds, is of this type or of one of them."""
    return builtins.isinstance(x, kinds) or builtins.isinstance(_like(x), kinds)


def type(x: object) -> builtins.type:
    """The type of `x`, or of what a Tensor holds."""
    return builtins.type(_like(x))


def isbox(x: object) -> bool:
    """Whether `x` is a Tensor."""
    return builtins.isinstance(x, gg.Tensor)


def getval(x: Any) -> Any:
    """`x` as a constant: what depends on it has gradient zero."""
    return gg.stop_gradient(x) if isbox(x) else x


def notrace_primitive(f: F) -> F:
    """`f`: what has no gradient needs no mark."""
    return f


def _like(x: object) -> object:
    """What has the type that a Tensor stands for."""
    if not builtins.isinstance(x, gg.Tensor):
        return x
    return np.empty(0, x.dtype) if x.ndim else np.zeros((), x.dtype)[()]
