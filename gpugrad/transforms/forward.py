"""Derivatives along a direction: `jvp`, `linearize` and `hvp`.

A pullback is linear in its cotangent, so its own pullback is the product with the Jacobian: forward
mode without a second set of rules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gpugrad.tree as tree
from gpugrad.backends import is_inexact
from gpugrad.backends.devices import on_their_device
from gpugrad.backends.one_place import check_place
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.ops.operands import dtype_of
from gpugrad.transforms.reverse import grad, stop_gradient, vjp, without_aux
from gpugrad.transforms.spelling import check_arguments, spelled
from gpugrad.types import Array


@spelled
@on_their_device
def jvp(
    f: Callable[..., object],
    primals: Sequence[object],
    tangents: Sequence[object],
    has_aux: bool = False,
) -> tuple[Any, ...]:
    """`f(*primals)`, and its derivative along the direction `tangents`.

    This is forward mode: the Jacobian times a vector, at a few times the cost of `f`.

    Args:
        f: A function of pytrees of arrays, which returns one.
        primals: The arguments of `f`, as a tuple or list.
        tangents: The direction of each, with the structure, shapes and dtypes of `primals`.
        has_aux: Whether `f` returns a pair `(out, aux)`.

    Returns:
        The pair `(out, tangent)`, two trees of one structure; with `has_aux`,
        `(out, tangent, aux)`. The tangent is zero where the result does not depend on the primals.

    Raises:
        InvalidArgument: If the tangents are not like the primals.

    Example:
        >>> out, change = gg.jvp(np.sin, (np.array([0.0, 1.0]),), (np.array([1.0, 2.0]),))
        >>> change.round(6)
        array([1.      , 1.080605])
    """
    check_arguments("jvp", "primals", primals, "(x,), (t,)")
    check_arguments("jvp", "tangents", tangents, "(x,), (t,)")
    push, _, aux = _linearized(f, primals, has_aux)
    return *push(tangents), *aux


@spelled
@on_their_device
def linearize(
    f: Callable[..., object], *primals: object, has_aux: bool = False
) -> tuple[Any, ...]:
    """`f(*primals)`, and a function from tangents of the primals to the tangent of the result.

    Like `gg.jvp`, but for many tangents: `f` runs once, however often you call that function.

    Args:
        f: A function of pytrees of arrays, which returns one.
        *primals: The arguments at which to differentiate it.
        has_aux: Whether `f` returns a pair `(out, aux)`.

    Returns:
        The pair `(out, push)`; with `has_aux`, `(out, push, aux)`. `push` takes one tangent for
        each primal, by position, and returns a tree like `out`.

    Raises:
        InvalidArgument: If tangents are not like the primals. `push` raises it.

    Example:
        >>> out, push = gg.linearize(lambda x: x**2, np.array([1.0, 2.0]))
        >>> push(np.array([1.0, 0.0])), push(np.array([0.0, 1.0]))
        (array([2., 0.]), array([0., 4.]))
    """
    push, out, aux = _linearized(f, primals, has_aux)
    return out, lambda *tangents: push(tangents)[1], *aux


@spelled
@on_their_device
def hvp(
    f: Callable[..., object],
    primals: Sequence[object],
    vectors: Sequence[object],
    has_aux: bool = False,
) -> Any:
    """The Hessian of `f` times `vectors`, where `f` returns one real number.

    The Hessian is symmetric, so this is the gradient of the product of gradient and vectors. The
    Hessian is never formed, and the cost is that of a few runs of `f`.

    Args:
        f: A function of pytrees of arrays that returns one real number.
        primals: The arguments of `f`, as a tuple or list.
        vectors: What the Hessian is multiplied by, with the structure and shapes of `primals`.
        has_aux: Whether `f` returns a pair `(number, aux)`.

    Returns:
        A tuple with a tree like each primal; with `has_aux`, the pair `(product, aux)`.

    Example:
        >>> def f(x):
        ...     return x[0] ** 2 * x[1]
        >>> gg.hvp(f, (np.array([1.0, 2.0]),), (np.array([1.0, 0.0]),))
        (array([4., 2.]),)
        >>> gg.hessian(f)(np.array([1.0, 2.0]))
        array([[4., 2.],
               [2., 0.]])
    """
    check_arguments("hvp", "primals", primals, "(x,), (v,)")
    check_arguments("hvp", "vectors", vectors, "(x,), (v,)")
    positions = tuple(range(len(primals)))
    _check_alike(primals, vectors, "vectors")
    aux: list[object] = []
    gradients = grad(f, positions, has_aux)
    _, pullback = vjp(without_aux(gradients, aux) if has_aux else gradients, *primals)
    product = pullback(tuple(vectors))
    return (product, aux[0]) if has_aux else product


def _linearized(
    f: Callable[..., object], primals: Sequence[object], has_aux: bool
) -> tuple[Callable[[Sequence[object]], tuple[object, object]], object, list[object]]:
    """The function from tangents to `(out, tangent_out)`; and `out`, and `aux` in a list."""
    aux: list[object] = []
    out, pullback = vjp(without_aux(f, aux) if has_aux else f, *primals)
    leaves, structure = tree.flatten(out)
    moving = [i for i, y in enumerate(leaves) if is_inexact(dtype_of(y))]

    def like_result(parts: Sequence[Array]) -> object:
        """A tree like the result with these at the places that move, and zeros elsewhere."""
        every = [ops.zeros_like(y) for y in leaves]
        for i, part in zip(moving, parts, strict=True):
            every[i] = part
        return tree.unflatten(structure, every)

    def transposed(seeds: Sequence[Array]) -> object:
        return pullback(like_result(seeds))

    _, again = vjp(transposed, [stop_gradient(ops.zeros_like(leaves[i])) for i in moving])

    def push(tangents: Sequence[object]) -> tuple[object, object]:
        _check_alike(primals, tangents, "tangents")
        (found,) = again(tuple(tangents))
        return out, like_result(found)

    return push, out, aux


def _check_alike(primals: Sequence[object], others: Sequence[object], name: str) -> None:
    """Raise `InvalidArgument` unless the trees have the same structure and shapes."""
    if len(others) != len(primals):
        raise InvalidArgument(
            f"there are {len(others)} {name} and {len(primals)} primals; expected one for each."
        )
    (mine, wanted), (given, found) = (tree.flatten(tuple(x)) for x in (primals, others))
    if found != wanted:
        raise InvalidArgument(
            f"the {name} are no tree like the primals: {tree.difference(found, wanted)}."
        )
    for x, v in zip(mine, given, strict=True):
        check_place(f"a primal and one of the {name}", (x, v))
        shapes = [tuple(getattr(part, "shape", ())) for part in (x, v)]
        if shapes[0] != shapes[1]:
            raise InvalidArgument(
                f"one of the {name} has shape {shapes[1]}; its primal has shape {shapes[0]}."
            )
