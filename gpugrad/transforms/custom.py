"""`custom_vjp`: a function with a reverse rule of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import copy
from functools import update_wrapper
from typing import Any

import gpugrad.tree as tree
from gpugrad.backends import StandIn, conjugate, home_of, is_inexact, namespace_of, within
from gpugrad.backends.one_place import check_place
from gpugrad.context import holding
from gpugrad.core.registry import namespace as ops
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument, NotDifferentiable
from gpugrad.graph import Edge, is_recording, no_grad
from gpugrad.ops.operands import array, filled
from gpugrad.tracing.tracer import standing, standing_in, stands_for, tracer_here
from gpugrad.transforms.composite import (
    CompositeVjp,
    EdgeMap,
    Rule,
    Shares,
    ValueMap,
    tracked_results,
)
from gpugrad.types import Array, DType, Shape

Forward = Callable[..., tuple[object, object]]
Backward = Callable[[Any, Any], tuple[object, ...]]


class custom_vjp:
    """A decorator for a function whose reverse rule is set by `f.defvjp(fwd, bwd)`.

    Use it if you want another derivative than that of the computation: because another formula is
    more accurate or cheaper, or to clip, scale or pass through a gradient. Higher derivatives
    differentiate `fwd` and `bwd`.

    Args:
        f: The function, with pytrees of arrays as positional arguments. If no gradient is needed,
            it is called unchanged.

    Example:
        >>> @gg.custom_vjp
        ... def clipped(x):
        ...     return x
        >>> clipped.defvjp(lambda x: (x, None), lambda _, g: (gg.clip(g, -1, 1),))
        >>> gg.grad(lambda x: gg.sum(clipped(x) ** 2))(np.array([0.1, 5.0]))
        array([0.2, 1. ])
    """

    def __init__(self, f: Callable[..., object]) -> None:
        self._f = f
        self._rules: tuple[Forward, Backward] | None = None
        update_wrapper(self, f)

    def defvjp(self, fwd: Forward, bwd: Backward) -> None:
        """Set the rule.

        Args:
            fwd: `fwd(*args)` returns the pair of the result of the function and what the rule
                needs, both pytrees.
            bwd: `bwd(needed, g)` is given the latter and the cotangent of the result, and returns a
                tuple with a cotangent for each argument: a tree like it, or `None` for zeros. What
                it needs should come from `fwd` and not from a closure, whose Tensors count as
                constants. Complex cotangents are in the direction of steepest ascent, as gradients
                are.
        """
        self._rules = fwd, bwd

    def __call__(self, *args: object) -> Any:
        """What the function gives, with the rule where an argument needs a gradient."""
        name = getattr(self._f, "__name__", "function")
        if self._rules is None:
            raise InvalidArgument(
                f"{name} has no reverse rule yet: give it one with {name}.defvjp(fwd, bwd)."
            )
        leaves, structure = tree.flatten(args)
        edges = [
            x._edge if isinstance(x, Tensor) and is_inexact(x.dtype) else None for x in leaves
        ]
        if not is_recording() or all(edge is None for edge in edges):
            return self._f(*args)
        plain = [Tensor(stands_for(x._value)) if isinstance(x, Tensor) else x for x in leaves]
        with beside(plain), no_grad():
            pair = self._rules[0](*tree.unflatten(structure, plain))
            if not isinstance(pair, tuple) or len(pair) != 2:
                raise InvalidArgument(
                    f"the fwd of {name} returned a {type(pair).__name__}; expected a pair: the "
                    "result, and what bwd needs."
                )
            results, found = tree.flatten(pair[0])
            values = [_value(y) for y in results]
        needed, form = tree.flatten(pair[1])
        rule = _Rule(name, self._rules, structure, form, edges, plain, values, found)
        tracked = [x for x, edge in zip(plain, edges, strict=True) if edge is not None]
        saved = [*map(_value_or_same, needed), *(x._value for x in tracked)]
        own = [edge for edge in edges if edge is not None]
        vjp = CompositeVjp(name, rule, [*[None] * len(needed), *own])
        return tree.unflatten(found, tracked_results(vjp, own, saved, values))


class _Rule:
    """The rule of one application."""

    def __init__(
        self,
        name: str,
        rules: tuple[Forward, Backward],
        structure: tree.Structure,
        form: tree.Structure,
        edges: Sequence[Edge | None],
        plain: Sequence[object],
        values: Sequence[Array],
        found: tree.Structure,
    ) -> None:
        self._name = name
        self._fwd, self._bwd = rules
        self._structure = structure                 # of the arguments
        self._form = form                           # of what the rule needs
        self._tracked = [edge is not None for edge in edges]
        # The values of tracked ones are kept by the node.
        self._others = [None if edge is not None else x
                        for x, edge in zip(plain, edges, strict=True)]  # fmt: skip
        self._like = [(y.shape, y.dtype) for y in values]
        self._found = found
        self._value = standing()                    # what is now in the place of values closed over

    def __call__(
        self, g: list[Array | None], saved: Sequence[Array], recorded: bool
    ) -> Shares:
        with nullcontext() if self._value is None else standing_in(self._value):
            return self._shares(g, saved, recorded)

    def _shares(self, g: list[Array | None], saved: Sequence[Array], recorded: bool) -> Shares:
        count = len(saved) - sum(self._tracked)
        inputs = saved[count:]
        needed = tree.unflatten(self._form, [_seen(x) for x in saved[:count]])
        if recorded:                                # what the rule needs has a gradient too
            given = (x if isinstance(x, Tensor) else Tensor(x) for x in inputs)
            args = [next(given) if is_tracked else x
                    for x, is_tracked in zip(self._others, self._tracked, strict=True)]  # fmt: skip
            needed = self._fwd(*tree.unflatten(self._structure, args))[1]
        near = next(x for x in (*g, *inputs) if x is not None)
        seeds = [
            conjugate(_seen(y), ops) if y is not None else _zeros(shape, dtype, near)
            for y, (shape, dtype) in zip(g, self._like, strict=True)
        ]
        with beside([near]):
            shares = self._bwd(needed, tree.unflatten(self._found, seeds))
            return self._checked(shares, inputs)

    def _checked(self, shares: object, inputs: Sequence[Array]) -> list[Array]:
        """The cotangents of the tracked arguments, which must have their shapes."""
        args = tree.unflatten(self._structure, list(range(len(self._tracked))))
        if not isinstance(shares, tuple | list) or len(shares) != len(args):
            count = len(shares) if isinstance(shares, tuple | list) else type(shares).__name__
            raise InvalidArgument(
                f"the bwd of {self._name} returned {count}; expected a tuple with a cotangent for "
                f"each of the {len(args)} arguments."
            )
        by_leaf: dict[int, Any] = {}
        for share, places in zip(shares, args, strict=True):
            numbers = tree.leaves(places)
            if share is None:
                continue
            parts, found = tree.flatten(share)
            if found != tree.flatten(places)[1]:
                raise InvalidArgument(
                    f"the bwd of {self._name} returned a tree {found} for an argument that is one "
                    f"of {tree.flatten(places)[1]}."
                )
            by_leaf.update(zip(numbers, parts, strict=True))
        values, results = iter(inputs), []
        for i, is_tracked in enumerate(self._tracked):
            if not is_tracked:
                continue
            x = next(values)
            share = by_leaf.get(i)
            if share is None:
                results.append(ops.zeros_like(x))
                continue
            if tuple(getattr(share, "shape", ())) != tuple(x.shape):
                raise InvalidArgument(
                    f"the bwd of {self._name} returned a cotangent of shape "
                    f"{tuple(getattr(share, 'shape', ()))} for an argument of shape {x.shape}."
                )
            check_place(f"an argument of {self._name} and what bwd returned for it", (x, share))
            share = array(share, x)
            if isinstance(share, Tensor):           # it may be one that the rule closes over
                share = Tensor(stands_for(share._value), share._edge)
            results.append(conjugate(share, ops))
        return results

    def moved(self, edge: EdgeMap, value: ValueMap) -> Rule:
        other, before = copy(self), self._value
        other._value = value if before is None else lambda x: value(before(x))
        other._others = [
            Tensor(value(x._value)) if isinstance(x, Tensor) else x for x in self._others
        ]
        return other


def beside(leaves: Sequence[object]) -> AbstractContextManager[None]:
    """Inside, what is made from nothing, numbers too, goes to the library of these arrays."""
    if tracer_here() is not None:                 # where it is recorded
        return nullcontext()
    return holding(within, home_of(leaves))


def _value(y: object) -> Array:
    """A result as an array."""
    if isinstance(y, Tensor):
        return y._value
    if isinstance(y, bool | int | float | complex):
        made = ops.asarray(y)
        assert isinstance(made, Tensor)
        return made._value
    if not hasattr(y, "dtype"):
        raise NotDifferentiable(
            f"a function with custom_vjp returned a {type(y).__name__}; expected arrays."
        )
    return namespace_of(y).as_array(y)


def _value_or_same(x: Any) -> Any:
    return x._value if isinstance(x, Tensor) else x


def _seen(x: Array) -> Array:
    """An array as the user's rule gets it: what has no values to look at is a Tensor."""
    return Tensor(x) if isinstance(x, StandIn) else x


def _zeros(shape: Shape, dtype: DType, near: Array) -> Array:
    """Zeros of the library of `near`."""
    return _seen(filled(shape, 0, near, dtype))
