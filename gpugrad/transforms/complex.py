"""Complex derivatives: the other convention, and holomorphic functions."""

from __future__ import annotations

from typing import TypeVar

import gpugrad.tree as tree
from gpugrad.backends import conjugate, is_complex
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import NotDifferentiable
from gpugrad.ops.operands import dtype_of

T = TypeVar("T")


def conjugated(x: T) -> T:
    """The conjugates of the complex arrays in a tree, the others as they are."""
    found: T = tree.map(lambda leaf: conjugate(leaf, ops), x)
    return found


def check_complex(x: object) -> None:
    """Raise `NotDifferentiable` unless all arrays in a tree are complex."""
    for leaf in tree.leaves(x):
        if not is_complex(dtype_of(leaf)):
            raise NotDifferentiable(
                "holomorphic=True is for functions of complex arrays whose results are complex; "
                f"found is {dtype_of(leaf)}. Leave it out, or convert with gg.astype."
            )


def check_real(x: object, what: str) -> None:
    """Raise `NotDifferentiable` if an array in a tree is complex."""
    for leaf in tree.leaves(x):
        if is_complex(dtype_of(leaf)):
            raise NotDifferentiable(
                f"{what} of dtype {dtype_of(leaf)}: its derivatives are no complex numbers. Say "
                "holomorphic=True if the function is, or split it with gg.real and gg.imag."
            )
