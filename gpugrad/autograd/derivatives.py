"""Gradients, Jacobians and products with them under the names of HIPS autograd.

By complex arguments they are the conjugates of those of `gg`, as they are there: the gradient of
|z|² is twice the conjugate of z.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import wraps
from inspect import BoundArguments, signature
from typing import Any

import numpy as np

import gpugrad as gg
import gpugrad.tree as tree
from gpugrad.autograd.chosen_arguments import Argnum, Function, of_chosen, places
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument

checkpoint = gg.checkpoint


def grad(fun: Function, argnum: Argnum = 0) -> Function:
    """`gg.grad` by the argument `argnum`, or by several."""
    return gg.grad(fun, places(argnum), conjugate=True)


def value_and_grad(fun: Function, argnum: Argnum = 0) -> Function:
    """`gg.value_and_grad` by the argument `argnum`, or by several."""
    return gg.value_and_grad(fun, places(argnum), conjugate=True)


def grad_and_aux(fun: Function, argnum: Argnum = 0) -> Function:
    """The gradient of the first of two results, and the second."""
    return gg.grad(fun, places(argnum), has_aux=True, conjugate=True)


def holomorphic_grad(fun: Function, argnum: Argnum = 0) -> Function:
    """The complex derivative of a holomorphic function."""
    return gg.grad(fun, places(argnum), holomorphic=True)


def elementwise_grad(fun: Function, argnum: Argnum = 0) -> Function:
    """The gradient of the sum of all that `fun` returns.

    Where each element of the result depends on the element of the argument in its place alone, it
    is the derivative of each.
    """

    def total(*args: Any, **kwargs: Any) -> Any:
        return ops.sum(fun(*args, **kwargs))

    return gg.grad(wraps(fun)(total), places(argnum), conjugate=True)


def jacobian(fun: Function, argnum: Argnum = 0) -> Function:
    """`gg.jacobian` by the argument `argnum`."""
    return gg.jacobian(fun, places(argnum), conjugate=True)


def hessian(fun: Function, argnum: Argnum = 0) -> Function:
    """`gg.hessian` by the argument `argnum`."""
    return gg.hessian(fun, places(argnum))


def deriv(fun: Function, argnum: Argnum = 0) -> Function:
    """The change of what `fun` returns along ones, by forward mode."""

    def at(*args: Any, **kwargs: Any) -> Any:
        inner, x = of_chosen(fun, argnum, args, kwargs)
        return gg.jvp(inner, (x,), (tree.map(_ones, x),))[1]

    return at


def grad_named(fun: Function, argname: str) -> Function:
    """The gradient by the argument of this name."""
    names = list(signature(fun).parameters)
    if argname not in names:
        raise InvalidArgument(
            f"grad_named: there is no argument {argname!r}; the arguments are {', '.join(names)}."
        )
    return grad(fun, names.index(argname))


def make_vjp(fun: Function, argnum: Argnum = 0) -> Function:
    """A function that gives `(vjp, value)` at arguments: `vjp(g)` is the cotangent of the one."""

    def at(*args: Any, **kwargs: Any) -> tuple[Function, Any]:
        inner, x = of_chosen(fun, argnum, args, kwargs)
        value, pullback = gg.vjp(inner, x, conjugate=True)
        return (lambda g: pullback(_like(g, value))[0]), value

    return at


def make_jvp(fun: Function, argnum: Argnum = 0) -> Function:
    """A function that gives `jvp` at arguments: `jvp(v)` is `(value, tangent)`."""

    def at(*args: Any, **kwargs: Any) -> Function:
        inner, x = of_chosen(fun, argnum, args, kwargs)
        return lambda v: gg.jvp(inner, (x,), (_like(v, x),))

    return at


def make_jvp_reversemode(fun: Function, argnum: Argnum = 0) -> Function:
    """A function that gives `jvp` at arguments: `jvp(v)` is the tangent alone."""

    def at(*args: Any, **kwargs: Any) -> Function:
        jvp = make_jvp(fun, argnum)(*args, **kwargs)
        return lambda v: jvp(v)[1]

    return at


def hessian_vector_product(fun: Function, argnum: Argnum = 0) -> Function:
    """`product(*args, v)`: the Hessian of `fun` times `v`."""

    def product(*args: Any, **kwargs: Any) -> Any:
        *point, vector = args
        inner, x = of_chosen(fun, argnum, tuple(point), kwargs)
        return gg.hvp(inner, (x,), (vector,))[0]

    return product


hessian_tensor_product = hessian_vector_product


def make_hvp(fun: Function, argnum: Argnum = 0) -> Function:
    """A function that gives `(hvp, gradient)` at arguments: `hvp(v)` is the Hessian times `v`."""
    return make_vjp(grad(fun, argnum), argnum)


def make_ggnvp(
    f: Function, g: Function = lambda x: 0.5 * ops.sum(x**2, axis=-1), f_argnum: Argnum = 0
) -> Function:
    """A function that gives `product` at arguments: `product(v)` is `J.T @ H @ J @ v`.

    `J` is the Jacobian of `f` there, and `H` the Hessian of `g` at what `f` returns.
    """

    def at(*args: Any, **kwargs: Any) -> Function:
        inner, x = of_chosen(f, f_argnum, args, kwargs)

        def product(v: Any) -> Any:
            value, pushed = gg.jvp(inner, (x,), (v,))
            return gg.vjp(inner, x, conjugate=True)[1](gg.hvp(g, (value,), (pushed,))[0])[0]

        return product

    return at


def vector_jacobian_product(fun: Function, argnum: Argnum = 0) -> Function:
    """`product(*args, g)`: `g` times the Jacobian of `fun`, summed over the axes of `g`."""

    def product(*args: Any, **kwargs: Any) -> Any:
        *point, g = args
        pull, _ = make_vjp(fun, argnum)(*point, **kwargs)
        return pull(g)

    return product


tensor_jacobian_product = vector_jacobian_product


def multigrad_dict(fun: Function) -> Function:
    """The gradients by all arguments, by their names."""

    @wraps(fun)
    def gradients(*args: Any, **kwargs: Any) -> dict[str, Any]:
        bound = signature(fun).bind(*args, **kwargs)
        bound.apply_defaults()

        def named(given: dict[str, Any]) -> Any:
            called = BoundArguments(bound.signature, OrderedDict(given))
            return fun(*called.args, **called.kwargs)

        return gg.grad(named, conjugate=True)(dict(bound.arguments))  # type: ignore[no-any-return]

    return gradients


def _ones(x: Any) -> Any:
    return ops.ones_like(x) if hasattr(x, "dtype") else np.asarray(1.0)


def _like(g: Any, value: Any) -> Any:
    """A number as an array of the shape that is wanted."""
    return g if hasattr(g, "dtype") or tree.flatten(value)[1] != tree.flatten(0)[1] else (
        np.broadcast_to(np.asarray(g, dtype=float), np.shape(value))
    )
