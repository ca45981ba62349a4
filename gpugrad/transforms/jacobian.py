"""Jacobians and Hessians: one batched sweep with a unit vector in each part."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, overload

import gpugrad.tree as tree
from gpugrad.backends.devices import on_their_device
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.transforms.complex import check_complex, check_real, conjugated
from gpugrad.transforms.forward import linearize
from gpugrad.transforms.reverse import (
    Derivative,
    Differentiable,
    grad,
    leaf_as_array,
    positions_of,
    vjp,
    without_aux,
)
from gpugrad.transforms.spelling import places_of, spelled
from gpugrad.transforms.vmap import of_units
from gpugrad.types import Array

P = ParamSpec("P")


@overload
def jacobian(
    f: Differentiable[P],
    *,
    has_aux: bool = False,
    mode: str = "reverse",
    holomorphic: bool = False,
    conjugate: bool = False,
) -> Derivative[P]: ...
@overload
def jacobian(
    f: Callable[..., object],
    argnums: int | tuple[int, ...],
    has_aux: bool = False,
    mode: str = "reverse",
    holomorphic: bool = False,
    conjugate: bool = False,
) -> Callable[..., Any]: ...
@spelled
def jacobian(
    f: Callable[..., object],
    argnums: int | tuple[int, ...] = 0,
    has_aux: bool = False,
    mode: str = "reverse",
    holomorphic: bool = False,
    conjugate: bool = False,
) -> Callable[..., Any]:
    """A function that returns the Jacobian of `f`: all first derivatives of its results.

    For a result of shape (a, b) and an argument of shape (c,), it is an array of shape (a, b, c).
    If the result is a tree, the Jacobian is a tree of the same structure, with a tree like the
    argument in place of each leaf. All rows, or columns, come from one batched sweep.

    For complex arguments, the rows of real results are their gradients, in the direction of
    steepest ascent.

    Args:
        f: A function of pytrees of arrays, which returns one.
        argnums: The positional arguments to differentiate with respect to. A tuple of numbers gives
            a tuple in place of each leaf of the result.
        has_aux: Whether `f` returns a pair `(out, aux)`.
        mode: `"reverse"`, one sweep for each element of the result, or `"forward"`, one for each
            element of the arguments, which is better if these are fewer.
        holomorphic: Whether `f` is a holomorphic function of complex arrays; the result then holds
            its complex derivatives.
        conjugate: Whether to give the conjugates of complex gradients, in reverse mode.

    Returns:
        A function with the parameters of `f`, which returns the Jacobian; with `has_aux`, the pair
        `(jacobian, aux)`.

    Raises:
        NotDifferentiable: If a result, or in forward mode an argument, is complex, and
            `holomorphic` is not set. The function that is returned raises it.
        InvalidArgument: For another `mode`.

    Example:
        >>> def polar(p):
        ...     return gg.stack([p[0] * gg.cos(p[1]), p[0] * gg.sin(p[1])])
        >>> gg.jacobian(polar)(np.array([2.0, 0.0]))
        array([[1., 0.],
               [0., 2.]])
        >>> gg.jacobian(lambda x: x**2, mode="forward")(np.array([1.0, 3.0]))
        array([[2., 0.],
               [0., 6.]])
    """
    if mode not in ("reverse", "forward"):
        raise InvalidArgument(f"jacobian: mode is {mode!r}; expected 'reverse' or 'forward'.")
    several = isinstance(argnums, tuple | list)
    chosen = (argnums,) if type(argnums) is int else places_of("argnums", argnums)

    @wraps(f)
    @on_their_device
    def derivatives(*args: object, **kwargs: object) -> object:
        positions = positions_of(chosen, len(args))
        aux: list[object] = []
        function = without_aux(f, aux) if has_aux else f

        def of_chosen(*values: object) -> object:
            given = list(args)
            for i, value in zip(positions, values, strict=True):
                given[i] = value
            return function(*given, **kwargs)

        of_chosen.__name__ = getattr(f, "__name__", of_chosen.__name__)
        primals = tuple(args[i] for i in positions)
        if holomorphic:
            check_complex(primals)
        made = _by_rows if mode == "reverse" else _by_columns
        found = made(of_chosen, primals, several, holomorphic)
        if mode == "reverse" and (holomorphic or conjugate):
            found = conjugated(found)               # each row is a gradient
        return (found, aux[0]) if has_aux else found

    return derivatives


@overload
def hessian(
    f: Differentiable[P], *, has_aux: bool = False, holomorphic: bool = False
) -> Derivative[P]: ...
@overload
def hessian(
    f: Callable[..., object],
    argnums: int | tuple[int, ...],
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Callable[..., Any]: ...
@spelled
def hessian(
    f: Callable[..., object],
    argnums: int | tuple[int, ...] = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Callable[..., Any]:
    """A function that returns the Hessian of `f`, where `f` returns one real number.

    For an argument of shape (n,), it is an array of shape (n, n); for a tree, a tree of trees. If
    you only need the product with a vector, `gg.hvp` is much cheaper.

    Args:
        f: A function of pytrees of arrays that returns one real number.
        argnums: Which positional arguments to differentiate by: a number, or a tuple of numbers.
        has_aux: Whether `f` returns a pair `(number, aux)`.
        holomorphic: Whether `f` is a holomorphic function of complex arrays with one complex
            result.

    Returns:
        A function with the parameters of `f`, which returns the Hessian; with `has_aux`, the pair
        `(hessian, aux)`.

    Raises:
        NotDifferentiable: If an argument is complex and `holomorphic` is not set. The function that
            is returned raises it.

    Example:
        >>> gg.hessian(lambda x: x[0] ** 2 + 3 * x[0] * x[1])(np.array([1.0, 2.0]))
        array([[2., 3.],
               [3., 0.]])
    """
    gradient = grad(f, argnums, has_aux, holomorphic)
    return jacobian(gradient, argnums, has_aux, holomorphic=holomorphic)


def _by_rows(
    f: Callable[..., object], primals: tuple[object, ...], several: bool, holomorphic: bool
) -> object:
    """By reverse mode: a sweep for each element of the result, all at once."""
    out, pullback = vjp(f, *primals)
    if holomorphic:
        check_complex(out)
    else:
        check_real(out, "by reverse mode, a result")
    leaves, structure = tree.flatten(out)
    rows = []
    for i, y in enumerate(leaves):

        def row(seed: Array, i: int = i) -> object:
            seeds = [seed if k == i else ops.zeros_like(z) for k, z in enumerate(leaves)]
            return pullback(tree.unflatten(structure, seeds))

        found = of_units(row, y)
        shaped = tree.map(lambda x, y=y: _split_axis(x, 0, y), found)
        rows.append(shaped if several else shaped[0])
    return tree.unflatten(structure, rows)


def _by_columns(
    f: Callable[..., object], primals: tuple[object, ...], several: bool, holomorphic: bool
) -> object:
    """By forward mode: a tangent for each element of the arguments, all at once."""
    if not holomorphic:
        check_real(primals, "by forward mode, an argument")
    out, push = linearize(f, *primals)
    if holomorphic:
        check_complex(out)
    leaves, structure = tree.flatten(primals)
    leaves = [x if hasattr(x, "shape") else leaf_as_array(x, leaves) for x in leaves]
    columns = []
    for i, x in enumerate(leaves):

        def column(tangent: Array, i: int = i) -> object:
            tangents = [tangent if k == i else ops.zeros_like(z) for k, z in enumerate(leaves)]
            return push(*tree.unflatten(structure, tangents))

        found = of_units(column, x, out_axes=-1)
        columns.append(
            [_split_axis(part, len(part.shape) - 1, x) for part in tree.leaves(found)]
        )
    of_result = tree.flatten(out)[1]
    rows = [tree.unflatten(structure, [column[k] for column in columns])
            for k in range(len(tree.leaves(out)))]  # fmt: skip
    return tree.unflatten(of_result, rows if several else [row[0] for row in rows])


def _split_axis(x: Array, axis: int, like: Array) -> Array:
    """`x` with its axis of all elements of `like` as those of its shape."""
    shape = (*x.shape[:axis], *like.shape, *x.shape[axis + 1 :])
    return ops.reshape(x, shape)
