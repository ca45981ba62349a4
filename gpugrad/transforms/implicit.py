"""`implicit`: the gradient of a root or fixed point, without going through the steps to it.

Where F(x, a) = 0, the implicit function theorem gives dx = -(∂F/∂x)⁻¹ (∂F/∂a) da. So the cotangent
g of x becomes that of a by one linear system, wᵀ ∂F/∂x = gᵀ, and one product, -wᵀ ∂F/∂a.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from itertools import compress
from math import prod
from operator import not_
from typing import Any

import gpugrad.tree as tree
from gpugrad.backends import StandIn, is_complex, is_inexact
from gpugrad.backends.one_place import check_place, in_one_place
from gpugrad.core.registry import namespace as ops
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument, NotDifferentiable
from gpugrad.graph import is_recording
from gpugrad.transforms.custom import beside, custom_vjp
from gpugrad.transforms.jacobian import jacobian
from gpugrad.transforms.reverse import split_aux, stop_gradient, vjp
from gpugrad.transforms.solving import solve
from gpugrad.types import Array

LinearSolver = Callable[[Callable[[Any], Any], Any], Any]

Flat = Callable[..., Array]
"""A function of a vector and of what else the residual takes."""

Point = tuple[Array, object, object]
"""A root, and the arguments by which it is differentiated, and the others."""


def implicit(
    residual: Callable[..., object],
    *,
    linear_solver: LinearSolver | None = None,
    has_aux: bool = False,
) -> Callable[[Callable[..., object]], Callable[..., Any]]:
    """A decorator for a solver, whose result is differentiated as the root of an equation.

    The solver finds the `x` at which `residual(x, *args)` is zero: `x = solver(*args)`. How it
    works does not matter: it receives untracked values and may loop until it has converged, call
    SciPy, or start from a guess that is one of the arguments. The gradient, of any order, is that
    of the exact root, evaluated where the solver stopped. It solves one linear system with the
    transposed Jacobian of the residual with respect to `x`.

    Under `gg.vmap` the solver runs once for all samples or, if it looks at values, sample by
    sample. Under `gg.jit` it is traced, so it must not look at values.

    Args:
        residual: A function of `x` and the arguments of the solver, which returns a tree like `x`:
            pytrees of floating arrays of the same structure and shapes. For a fixed point
            `x = f(x, *args)`, use `f(x, *args) - x`. What it closes over counts as constant.
        linear_solver: How to solve that system if a square matrix of the size of `x` is too large:
            `linear_solver(product, b)` returns the vector `w` with `product(w) = b`, found for
            example by `scipy.sparse.linalg.gmres`.
        has_aux: Whether the solver returns a pair `(x, aux)`; so does the decorated function.

    Returns:
        A decorator for the solver. The decorated function raises the errors below.

    Raises:
        InvalidArgument: If the residual is not a tree like `x`.
        NotDifferentiable: If `residual` closes over a Tensor that needs a gradient, which would be
            lost.
        TrackedConversion: If the solver looks at a value under `gg.jit`.

    Example:
        >>> @gg.implicit(lambda x, a: x * x - a)
        ... def root(a):
        ...     x = 1.0
        ...     for _ in range(30):
        ...         x = (x + float(a) / x) / 2
        ...     return x
        >>> gg.grad(root)(4.0)
        array(0.25)
    """

    def decorate(solver: Callable[..., object]) -> Callable[..., object]:
        @wraps(solver)
        @in_one_place("gg.implicit")
        def root(*args: object) -> object:
            with beside(tree.leaves(args)):
                return solved(*args)

        def solved(*args: object) -> object:
            leaves, structure = tree.flatten(args)
            found = solve(solver, leaves, structure)
            x, aux = split_aux(found) if has_aux else (found, None)
            names = "the arguments and the result of a solver of gg.implicit"
            check_place(names, (*leaves, *tree.leaves(x)))
            is_tracked = [_is_tracked(leaf) for leaf in leaves]
            if any(is_tracked) and is_recording():
                vector = _Vector(x)

                def flat(v: Array, values: Sequence[object], others: Sequence[object]) -> Array:
                    rest = iter(values), iter(others)
                    every = [next(rest[0] if tracked else rest[1]) for tracked in is_tracked]
                    return vector.of(residual(vector.tree(v), *tree.unflatten(structure, every)))

                values = tuple(compress(leaves, is_tracked))
                others = tuple(compress(leaves, map(not_, is_tracked)))
                v = vector.of(x)
                _check_closed(flat(v, stop_gradient(values), others))
                x = vector.tree(_root(flat, linear_solver)(v, values, others))
            return (x, aux) if has_aux else x

        return root

    return decorate


def _root(flat: Flat, linear_solver: LinearSolver | None) -> Flat:
    """The function of a root of `flat` and of its other arguments that gives the root."""

    @custom_vjp
    def root(v: Array, values: object, others: object) -> Array:
        return v

    def fwd(v: Array, values: object, others: object) -> tuple[Array, Point]:
        v = root(v, values, others)                 # a root still, where the rule is differentiated
        return v, (v, values, others)

    def bwd(needed: Point, g: Array) -> tuple[None, object, None]:
        v, values, others = needed
        if linear_solver is None:
            w = ops.solve(ops.matrix_transpose(jacobian(flat)(v, values, others)), g)
        else:
            w = _solved(flat, linear_solver)(g, v, values, others)
        return None, vjp(lambda values: flat(v, values, others), values)[1](-w)[0], None

    root.defvjp(fwd, bwd)
    return root


def _solved(flat: Flat, linear_solver: LinearSolver) -> Flat:
    """The function that gives `w` with wᵀ ∂F/∂v = gᵀ: itself an implicit one, so of any order."""

    def product(w: Array, v: Array, *others: object) -> Array:
        share: Array = vjp(lambda v: flat(v, *others), v)[1](ops.reshape(w, v.shape))[0]
        return share

    @implicit(lambda w, g, *others: product(w, *others) - g, linear_solver=linear_solver)
    def solved(g: Array, v: Array, *others: object) -> object:
        return linear_solver(lambda w: _plain(product(w, v, *others)), _plain(g))

    return solved


def _is_tracked(x: object) -> bool:
    return isinstance(x, Tensor) and x._edge is not None and is_inexact(x.dtype)


def _plain(x: Array) -> Array:
    """The array in a Tensor, where it has one to look at."""
    return x._value if isinstance(x, Tensor) and not isinstance(x._value, StandIn) else x


def _check_closed(found: object) -> None:
    if _is_tracked(found):
        raise NotDifferentiable(
            "gg.implicit: the residual closes over a Tensor that needs a gradient, which would be "
            "lost. Make it an argument of the solver and of the residual."
        )


class _Vector:
    """Trees like `x` as real vectors: of a complex array, real parts come first."""

    def __init__(self, x: object) -> None:
        leaves, self._structure = tree.flatten(x)
        self._kinds = [(tuple(leaf.shape), leaf.dtype) for leaf in map(_array, leaves)]
        for shape, dtype in self._kinds:
            if not is_inexact(dtype):
                raise InvalidArgument(
                    f"gg.implicit: the solver returned an array of dtype {dtype} and shape "
                    f"{shape}; expected floating arrays."
                )

    def of(self, x: object) -> Array:
        """The tree `x` as a vector."""
        leaves, structure = tree.flatten(x)
        if structure != self._structure:
            raise InvalidArgument(
                "gg.implicit: the residual is no tree like the result of the solver: "
                f"{tree.difference(structure, self._structure)}."
            )
        shapes = [tuple(getattr(leaf, "shape", ())) for leaf in leaves]
        wanted = [shape for shape, _ in self._kinds]
        if shapes != wanted:
            raise InvalidArgument(
                f"gg.implicit: the residual has leaves of shapes {shapes}; expected {wanted}, as "
                "the result of the solver has them."
            )
        parts = []
        for leaf, (_, dtype) in zip(map(_array, leaves), self._kinds, strict=True):
            pair = (ops.real(leaf), ops.imag(leaf)) if is_complex(dtype) else (leaf,)
            parts += [ops.reshape(part, (-1,)) for part in pair]
        return ops.concat(parts)

    def tree(self, v: Any) -> object:
        """The tree of which `v` is the vector."""
        leaves, start = [], 0
        for shape, dtype in self._kinds:
            n = prod(shape)
            parts = [
                ops.reshape(v[start + i * n : start + (i + 1) * n], shape)
                for i in range(1 + is_complex(dtype))
            ]
            start += n * len(parts)
            value = parts[0] if len(parts) == 1 else parts[0] + 1j * parts[1]
            leaves.append(ops.astype(value, dtype))
        return tree.unflatten(self._structure, leaves)


def _array(x: Any) -> Array:
    return x if hasattr(x, "dtype") else ops.asarray(x)
