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
    """A Tensor: what `isinstance` asks for. There are no boxes of other kinds.

    Example:
        >>> isinstance(gg.tensor(1.0), gg.autograd.Box), isinstance(1.0, gg.autograd.Box)
        (True, False)
    """

    def __init_subclass__(cls) -> None:
        cls.register(cls)

    @classmethod
    def register(cls, value_type: builtins.type) -> None:
        """Refuse: values of own classes are trees.

        Raises:
            UnsupportedOperand: Always, with what to write instead.
        """
        raise UnsupportedOperand(
            "gpugrad has no boxes but Tensors. Make the class of the values a tree with "
            "gg.tree.register: then every transform takes them."
        )


ArrayBox = Box


def isinstance(x: object, kinds: Any) -> bool:
    """Whether `x`, or what a Tensor holds, is of this type or of one of them.

    Example:
        >>> x = gg.tensor(np.ones(2))
        >>> gg.autograd.isinstance(x, np.ndarray), isinstance(x, np.ndarray)
        (True, False)
    """
    return builtins.isinstance(x, kinds) or builtins.isinstance(_like(x), kinds)


def type(x: object) -> builtins.type:
    """Type of `x`, or of what a Tensor holds.

    Example:
        >>> gg.autograd.type(gg.tensor(np.ones(2)))
        <class 'numpy.ndarray'>
    """
    return builtins.type(_like(x))


def isbox(x: object) -> bool:
    """Whether `x` is a Tensor.

    Example:
        >>> gg.autograd.isbox(gg.tensor(1.0)), gg.autograd.isbox(1.0)
        (True, False)
    """
    return builtins.isinstance(x, gg.Tensor)


def getval(x: Any) -> Any:
    """Constant of the value of `x`: what depends on it has gradient zero.

    Example:
        >>> gg.autograd.grad(lambda x: gg.autograd.getval(x) * x)(3.0)
        array(3.)
    """
    return gg.stop_gradient(x) if isbox(x) else x


def notrace_primitive(f: F) -> F:
    """`f`: what has no gradient needs no mark."""
    return f


def _like(x: object) -> object:
    """What has the type that a Tensor stands for."""
    if not builtins.isinstance(x, gg.Tensor):
        return x
    return np.empty(0, x.dtype) if x.ndim else np.zeros((), x.dtype)[()]
