"""Derivatives of functions of one argument at a point, as `autograd.core` has them."""

from __future__ import annotations

from typing import Any

from gpugrad.autograd import derivatives
from gpugrad.autograd.chosen_arguments import Function


def make_vjp(fun: Function, x: Any) -> tuple[Function, Any]:
    """`(vjp, value)` at `x`: `vjp(g)` is the cotangent of `x`."""
    found: tuple[Function, Any] = derivatives.make_vjp(fun)(x)
    return found


def make_jvp(fun: Function, x: Any) -> Function:
    """`jvp` at `x`: `jvp(v)` is `(value, tangent)`."""
    found: Function = derivatives.make_jvp(fun)(x)
    return found
