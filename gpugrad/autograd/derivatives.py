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
    """Gradient by the argument `argnum`, or by several: `gg.grad` under HIPS autograd's name.

    By complex arguments it is the conjugate of that of `gg.grad`, as in HIPS autograd.

    Example:
        >>> gg.autograd.grad(lambda x, y: x * y**2, 1)(2.0, 3.0)
        array(12.)
        >>> gg.autograd.grad(lambda z: gg.abs(z) ** 2)(1.0 + 2.0j)
        array(2.-4.j)
    """
    return gg.grad(fun, places(argnum), conjugate=True)


def value_and_grad(fun: Function, argnum: Argnum = 0) -> Function:
    """Value and gradient by the argument `argnum`, or by several, in one sweep.

    Example:
        >>> gg.autograd.value_and_grad(lambda x: x**2)(3.0)
        (array(9.), array(6.))
    """
    return gg.value_and_grad(fun, places(argnum), conjugate=True)


def grad_and_aux(fun: Function, argnum: Argnum = 0) -> Function:
    """Gradient of the first of two results, and the second.

    Example:
        >>> def loss_and_prediction(w):
        ...     prediction = w * np.array([1.0, 2.0])
        ...     return gg.sum(prediction**2), prediction
        >>> gg.autograd.grad_and_aux(loss_and_prediction)(3.0)
        (array(30.), array([3., 6.]))
    """
    return gg.grad(fun, places(argnum), has_aux=True, conjugate=True)


def holomorphic_grad(fun: Function, argnum: Argnum = 0) -> Function:
    """Complex derivative of a holomorphic function.

    Example:
        >>> gg.autograd.holomorphic_grad(lambda z: z**2)(1.0 + 2.0j)
        array(2.+4.j)
    """
    return gg.grad(fun, places(argnum), holomorphic=True)


def elementwise_grad(fun: Function, argnum: Argnum = 0) -> Function:
    """Gradient of the sum of all that `fun` returns.

    Where each element of the result depends on the element of the argument in its place alone, it
    is the derivative of each.

    Example:
        >>> gg.autograd.elementwise_grad(lambda x: x**3)(np.array([1.0, 2.0]))
        array([ 3., 12.])
    """

    def total(*args: Any, **kwargs: Any) -> Any:
        return ops.sum(fun(*args, **kwargs))

    return gg.grad(wraps(fun)(total), places(argnum), conjugate=True)


def jacobian(fun: Function, argnum: Argnum = 0) -> Function:
    """Jacobian by the argument `argnum`: the axes of the result, then those of the argument.

    Example:
        >>> gg.autograd.jacobian(lambda x: x[0] * x)(np.array([2.0, 3.0]))
        array([[4., 0.],
               [3., 2.]])
    """
    return gg.jacobian(fun, places(argnum), conjugate=True)


def hessian(fun: Function, argnum: Argnum = 0) -> Function:
    """Hessian by the argument `argnum`: the axes of the argument, twice.

    Example:
        >>> gg.autograd.hessian(lambda x: x[0] * x[1] ** 2)(np.array([2.0, 3.0]))
        array([[0., 6.],
               [6., 4.]])
    """
    return gg.hessian(fun, places(argnum))


def deriv(fun: Function, argnum: Argnum = 0) -> Function:
    """Change of what `fun` returns along ones, by forward mode.

    By one number, this is the derivative of all that `fun` returns at once.

    Example:
        >>> gg.autograd.deriv(lambda t: gg.stack([t**2, t**3]))(2.0)
        array([ 4., 12.])
    """

    def at(*args: Any, **kwargs: Any) -> Any:
        inner, x = of_chosen(fun, argnum, args, kwargs)
        return gg.jvp(inner, (x,), (tree.map(_ones, x),))[1]

    return at


def grad_named(fun: Function, argname: str) -> Function:
    """Gradient by the argument of this name.

    Raises:
        InvalidArgument: Where `fun` has no argument of this name.

    Example:
        >>> gg.autograd.grad_named(lambda x, y: x * y**2, "y")(2.0, 3.0)
        array(12.)
    """
    names = list(signature(fun).parameters)
    if argname not in names:
        raise InvalidArgument(
            f"grad_named: there is no argument {argname!r}; the arguments are {', '.join(names)}."
        )
    return grad(fun, names.index(argname))


def make_vjp(fun: Function, argnum: Argnum = 0) -> Function:
    """Function that gives `(vjp, value)` at arguments: `vjp(g)` is the cotangent of the one.

    That is the argument `argnum`; `g` has the shape of `value`, or is a number for all of it.

    Example:
        >>> vjp, value = gg.autograd.make_vjp(lambda x: x**2)(np.array([1.0, 2.0]))
        >>> value, vjp(np.array([1.0, 10.0]))
        (array([1., 4.]), array([ 2., 40.]))
    """

    def at(*args: Any, **kwargs: Any) -> tuple[Function, Any]:
        inner, x = of_chosen(fun, argnum, args, kwargs)
        value, pullback = gg.vjp(inner, x, conjugate=True)
        return (lambda g: pullback(_like(g, value))[0]), value

    return at


def make_jvp(fun: Function, argnum: Argnum = 0) -> Function:
    """Function that gives `jvp` at arguments: `jvp(v)` is `(value, tangent)`.

    `v` is the tangent of the argument `argnum`.

    Example:
        >>> jvp = gg.autograd.make_jvp(lambda x: x**2)(np.array([1.0, 2.0]))
        >>> jvp(np.array([1.0, 10.0]))
        (array([1., 4.]), array([ 2., 40.]))
    """

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
    """Function `product(*args, v)`: the Hessian of `fun` times `v`.

    The Hessian is that by the argument `argnum`, and is never written out.

    Example:
        >>> product = gg.autograd.hessian_vector_product(lambda x: gg.sum(x**3))
        >>> product(np.array([1.0, 2.0]), np.array([1.0, 10.0]))
        array([  6., 120.])
    """

    def product(*args: Any, **kwargs: Any) -> Any:
        *point, vector = args
        inner, x = of_chosen(fun, argnum, tuple(point), kwargs)
        return gg.hvp(inner, (x,), (vector,))[0]

    return product


hessian_tensor_product = hessian_vector_product


def make_hvp(fun: Function, argnum: Argnum = 0) -> Function:
    """Function that gives `(hvp, gradient)` at arguments: `hvp(v)` is the Hessian times `v`.

    Example:
        >>> hvp, gradient = gg.autograd.make_hvp(lambda x: gg.sum(x**3))(np.array([1.0, 2.0]))
        >>> gradient, hvp(np.array([1.0, 10.0]))
        (array([ 3., 12.]), array([  6., 120.]))
    """
    return make_vjp(grad(fun, argnum), argnum)


def make_ggnvp(
    f: Function, g: Function = lambda x: 0.5 * ops.sum(x**2, axis=-1), f_argnum: Argnum = 0
) -> Function:
    """Function that gives `product` at arguments: `product(v)` is `J.T @ H @ J @ v`.

    `J` is the Jacobian of `f` there, by the argument `f_argnum`, and `H` the Hessian of `g` at what
    `f` returns: without `g`, that of half of a sum of squares, which is the identity. It is the
    product with the generalised Gauss-Newton matrix.

    Example:
        >>> product = gg.autograd.make_ggnvp(lambda x: x**2)(np.array([1.0, 2.0]))
        >>> product(np.array([1.0, 1.0]))
        array([ 4., 16.])
    """

    def at(*args: Any, **kwargs: Any) -> Function:
        inner, x = of_chosen(f, f_argnum, args, kwargs)

        def product(v: Any) -> Any:
            value, pushed = gg.jvp(inner, (x,), (v,))
            return gg.vjp(inner, x, conjugate=True)[1](gg.hvp(g, (value,), (pushed,))[0])[0]

        return product

    return at


def vector_jacobian_product(fun: Function, argnum: Argnum = 0) -> Function:
    """Function `product(*args, g)`: `g` times the Jacobian of `fun`, summed over the axes of `g`.

    Example:
        >>> product = gg.autograd.vector_jacobian_product(lambda x: x**2)
        >>> product(np.array([1.0, 2.0]), np.array([1.0, 10.0]))
        array([ 2., 40.])
    """

    def product(*args: Any, **kwargs: Any) -> Any:
        *point, g = args
        pull, _ = make_vjp(fun, argnum)(*point, **kwargs)
        return pull(g)

    return product


tensor_jacobian_product = vector_jacobian_product


def multigrad_dict(fun: Function) -> Function:
    """Gradients by all arguments, by their names.

    Arguments that are left out are taken at their defaults, and have gradients too.

    Example:
        >>> gg.autograd.multigrad_dict(lambda x, y=3.0: x * y**2)(2.0)
        {'x': array(9.), 'y': array(12.)}
    """

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
