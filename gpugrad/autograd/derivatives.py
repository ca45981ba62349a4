"""Gradients, Jacobians and products with them under the names of HIPS autograd."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

import gpugrad as gg
from gpugrad import tree
from gpugrad.core.registry import namespace as ops

Function = Callable[..., Any]
Argnum = int | tuple[int, ...]

checkpoint = gg.checkpoint


def _chosen(argnum: Argnum) -> Argnum:
    return tuple(argnum) if isinstance(argnum, list | tuple) else int(argnum)


def grad(fun: Function, argnum: Argnum = 0) -> Function:
    """`gg.grad` by the argument `argnum`, or by several."""
    return gg.grad(fun, _chosen(argnum))


def value_and_grad(fun: Function, argnum: Argnum = 0) -> Function:
    """`gg.value_and_grad` by the argument `argnum`, or by several."""
    return gg.value_and_grad(fun, _chosen(argnum))


def grad_and_aux(fun: Function, argnum: Argnum = 0) -> Function:
    """The gradient of the first of two results, and the second."""
    return gg.grad(fun, _chosen(argnum), has_aux=True)


def holomorphic_grad(fun: Function, argnum: Argnum = 0) -> Function:
    """The complex derivative of a holomorphic function."""
    return gg.grad(fun, _chosen(argnum), holomorphic=True)


def elementwise_grad(fun: Function, argnum: Argnum = 0) -> Function:
    """The gradient of the sum of all that `fun` returns.

    Where each element of the result depends on the element of the argument in its place alone, it
    is the derivative of each.
    """

    def total(*args: Any, **kwargs: Any) -> Any:
        return ops.sum(fun(*args, **kwargs))

    return gg.grad(wraps(fun)(total), _chosen(argnum))


def jacobian(fun: Function, argnum: Argnum = 0) -> Function:
    """`gg.jacobian` by the argument `argnum`."""
    return gg.jacobian(fun, _chosen(argnum))


def hessian(fun: Function, argnum: Argnum = 0) -> Function:
    """`gg.hessian` by the argument `argnum`."""
    return gg.hessian(fun, _chosen(argnum))


def make_vjp(fun: Function, argnum: int = 0) -> Function:
    """A function that gives `(vjp, value)` at arguments: `vjp(g)` is the cotangent of the one."""

    def at(*args: Any, **kwargs: Any) -> tuple[Function, Any]:
        value, pullback = gg.vjp(_of_one(fun, argnum, args, kwargs), args[argnum])
        return (lambda g: pullback(_like(g, value))[0]), value

    return at


def make_jvp(fun: Function, argnum: int = 0) -> Function:
    """A function that gives `jvp` at arguments: `jvp(v)` is `(value, tangent)`."""

    def at(*args: Any, **kwargs: Any) -> Function:
        inner = _of_one(fun, argnum, args, kwargs)
        return lambda v: gg.jvp(inner, (args[argnum],), (_like(v, args[argnum]),))

    return at


def hessian_vector_product(fun: Function, argnum: int = 0) -> Function:
    """`product(*args, v)`: the Hessian of `fun` times `v`."""

    def product(*args: Any, **kwargs: Any) -> Any:
        *point, vector = args
        inner = _of_one(fun, argnum, tuple(point), kwargs)
        return gg.hvp(inner, (point[argnum],), (vector,))[0]

    return product


def make_hvp(fun: Function, argnum: int = 0) -> Function:
    """A function that gives `hvp` at arguments, and there `hvp(v)` is the Hessian times `v`."""
    product = hessian_vector_product(fun, argnum)
    return lambda *args, **kwargs: (lambda v: product(*args, v, **kwargs))


def vector_jacobian_product(fun: Function, argnum: int = 0) -> Function:
    """`product(*args, g)`: `g` times the Jacobian of `fun`, summed over the axes of `g`."""

    def product(*args: Any, **kwargs: Any) -> Any:
        *point, g = args
        pull, _ = make_vjp(fun, argnum)(*point, **kwargs)
        return pull(g)

    return product


tensor_jacobian_product = vector_jacobian_product


def multigrad_dict(fun: Function) -> Function:
    """The gradients by all arguments, by their names."""
    from inspect import signature

    @wraps(fun)
    def gradients(*args: Any, **kwargs: Any) -> dict[str, Any]:
        bound = signature(fun).bind(*args, **kwargs)
        bound.apply_defaults()

        def named(given: dict[str, Any]) -> Any:
            return fun(**given)

        return gg.grad(named)(dict(bound.arguments))  # type: ignore[no-any-return]

    return gradients


def _of_one(
    fun: Function, argnum: int, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Function:
    """`fun` of the argument `argnum` alone."""

    def inner(x: Any) -> Any:
        return fun(*args[:argnum], x, *args[argnum + 1 :], **kwargs)

    return inner


def _like(g: Any, value: Any) -> Any:
    """A number as an array of the shape that is wanted."""
    return g if hasattr(g, "dtype") or tree.flatten(value)[1] != tree.flatten(0)[1] else (
        np.broadcast_to(np.asarray(g, dtype=float), np.shape(value))
    )
