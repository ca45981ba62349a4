"""Functions of another library among the operations of gpugrad.

Eagerly, such a function runs on the arrays themselves, and what its own library kept for the
gradient is kept with them. In plans and batches it is a step that runs anew for the gradient, which
is that of a function of the other library again, and so of any order.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import lru_cache, partial, update_wrapper
from typing import Any, Protocol

import gpugrad.tree as tree
from gpugrad.backends import Batched, StandIn, is_inexact
from gpugrad.backends.host_calls import HostFunction
from gpugrad.core.registry import namespace as ops
from gpugrad.core.tensor import Tensor
from gpugrad.interop.inside import Found, Pullback, Structure, is_array, moves
from gpugrad.tracing.tracer import tracer_here
from gpugrad.transforms.custom import custom_vjp
from gpugrad.tree_classes import Same


class Library(Protocol):
    """What a function of another library does with arrays of gpugrad's."""

    def run(self, f: Flat, arrays: Sequence[Any]) -> Found:
        """What `f` gives for the values of these arrays."""

    def kept(
        self, f: Flat, wanted: Sequence[int], arrays: Sequence[Any]
    ) -> tuple[Found, Pullback]:
        """The same, and the pullback of what moves to the arrays that are `wanted`."""

    def pulled(self, f: Flat, wanted: Sequence[int], count: int) -> Flat:
        """From `count` arrays, and cotangents of what moves, to the cotangents of the `wanted`."""


Flat = Callable[..., Found]
"""A function of arrays of the other library, which gives leaves, and of what tree they are."""


def function(
    library: Library,
    f: Callable[..., Any],
    flatten: Callable[[Any], tuple[list[Any], Structure]] = tree.flatten,
) -> Callable[..., Any]:
    """`f`, a function of trees of another library's arrays, as one of arrays and Tensors."""

    @lru_cache
    def made(structure: Structure, rest: tuple[Same | None, ...]) -> Outside:
        def flat(*arrays: Any) -> Found:
            given = iter(arrays)
            leaves = [next(given) if x is None else x.value for x in rest]
            args, kwargs = structure.unflatten(leaves)
            return Found(*flatten(f(*args, **kwargs)))

        return Outside(library, flat, getattr(f, "__name__", type(f).__name__))

    def call(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = flatten((args, kwargs))
        outside = made(structure, tuple(None if is_array(x) else Same(x) for x in leaves))
        results, found = outside([x for x in leaves if is_array(x)])
        return found.with_arrays(results).tree()

    update_wrapper(call, f, updated=())
    return call


class Outside:
    """One function of a list of arrays, whose results are arrays, or Tensors if one of these is."""

    def __init__(self, library: Library, f: Flat, name: str) -> None:
        self._library, self._f, self._name = library, f, name
        self._last = threading.local()
        self._pulled: dict[tuple[tuple[int, ...], int], Outside] = {}
        self._step = HostFunction(_named(self._of_backend, name), on_host=False)
        self._rule = custom_vjp(_named(self._primal, name))
        self._rule.defvjp(self._forward, self._backward)

    def __call__(self, operands: Sequence[Any]) -> tuple[Sequence[Any], Found]:
        """The arrays among the results, and the results in whose places they stand."""
        if any(isinstance(x, Tensor) for x in operands):
            results = self._rule(*operands)
            return results, self._last.found
        found = self._library.run(self._f, operands)
        return found.arrays(), found

    def _primal(self, *operands: Any) -> tuple[Any, ...]:
        if any(isinstance(x, Tensor) and isinstance(x._value, StandIn) for x in operands):
            made: Any = ops.host_call(operands, function=self._step, pure=True)
            return tuple(made)
        return tuple(map(Tensor, self._of_backend(None, *map(_value, operands))))

    def _of_backend(self, xp: object, *arrays: Any) -> tuple[Any, ...]:
        self._last.found = found = self._library.run(self._f, arrays)
        return tuple(found.arrays())

    def _forward(self, *operands: Any) -> tuple[Any, Any]:
        wanted = tuple(
            i for i, x in enumerate(operands) if isinstance(x, Tensor) and is_inexact(x.dtype)
        )
        tensors = [x for x in operands if isinstance(x, Tensor)]
        if any(x._edge is not None for x in tensors):   # recorded: the result is there already
            return None, (operands, wanted, None)
        if any(isinstance(x._value, StandIn) for x in tensors):
            return self._primal(*operands), (operands, wanted, None)
        found, pullback = self._library.kept(self._f, wanted, [*map(_value, operands)])
        self._last.found = found
        return tuple(found.arrays()), (operands, wanted, pullback)

    def _backward(self, kept: tuple[Any, ...], g: tuple[Any, ...]) -> tuple[Any, ...]:
        operands, wanted, pullback = kept
        g = tuple(x for x in g if moves(x))
        shares: Sequence[Any]
        if pullback is None or any(_is_tracked(x) for x in g):
            pulled = self._derived(wanted, len(operands))
            shares = pulled([*operands, *g])[0]
        elif any(isinstance(x, Tensor) for x in g):     # a batch: each of its parts is pulled back
            step = HostFunction(partial(_pulled_back, pullback), on_host=False)
            parts: Any = ops.host_call(g, function=step, pure=True)
            shares = tuple(parts)
        else:
            shares = pullback(g)
        by_place = dict(zip(wanted, shares, strict=True))
        return tuple(by_place.get(i) for i in range(len(operands)))

    def _derived(self, wanted: tuple[int, ...], count: int) -> Outside:
        key = wanted, count
        if key not in self._pulled:
            pulled = self._library.pulled(self._f, wanted, count)
            self._pulled[key] = Outside(self._library, pulled, f"the gradient of {self._name}")
        return self._pulled[key]


def _named(f: Callable[..., Any], name: str) -> Callable[..., Any]:
    """`f` under the name that messages and plans call it by."""

    def call(*args: Any) -> Any:
        return f(*args)

    call.__name__ = call.__qualname__ = name
    return call


def _pulled_back(pullback: Pullback, xp: object, *g: Any) -> tuple[Any, ...]:
    return tuple(pullback(g))


def _is_tracked(x: Any) -> bool:
    """Whether its values are those of a trace, or are themselves differentiated."""
    if not isinstance(x, Tensor):
        return False
    return x._edge is not None or not isinstance(x._value, Batched) or tracer_here() is not None


def _value(x: Any) -> Any:
    return x._value if isinstance(x, Tensor) else x
