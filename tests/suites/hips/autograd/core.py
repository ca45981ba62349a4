"""autograd's core: VJPs, JVPs, primitives with rules of their own, and vector spaces of pytrees.

autograd's cotangents are those of the plain transposed product; gpugrad's point in the direction of
steepest ascent, which for complex numbers is the conjugate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import update_wrapper
from itertools import count
from math import prod
from typing import Any

import numpy as np
import optree

import gpugrad as gg
from autograd.util import subvals


def make_vjp(fun: Any, x: Any) -> tuple[Callable[[Any], Any], Any]:
    """The pullback of `fun` at `x`, and its value."""
    vspace(x)
    y, pullback = gg.vjp(fun, x)

    def vjp(g: Any) -> Any:
        wanted = optree.tree_map(_as_like, g, y)
        return _conjugated(pullback(_conjugated(wanted))[0])

    return vjp, y


def make_jvp(fun: Any, x: Any) -> Callable[[Any], tuple[Any, Any]]:
    """The value of `fun` at `x` and its change along a tangent."""
    return lambda v: gg.jvp(fun, (x,), (v,))


def _as_like(g: Any, y: Any) -> Any:
    """A cotangent of `y`, which may be a number."""
    return g if isinstance(g, gg.Tensor) else np.asarray(g, getattr(y, "dtype", float))


def _conjugated(tree: Any) -> Any:
    return optree.tree_map(np.conj, tree)


class primitive:
    """A function of plain arrays, differentiated by the rules that `defvjp` gives it."""

    def __init__(self, function: Any) -> None:
        update_wrapper(self, function)
        self.function = function
        self.vjp: Callable[..., Any] | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        argnums = [i for i, x in enumerate(args) if _is_tracked(x)]
        if not argnums:
            return self.function(*optree.tree_map(_plain, args), **kwargs)
        if self.vjp is None:
            raise NotImplementedError(f"VJP of {self.__name__} wrt argnums {argnums} not defined")
        vjp = self.vjp

        def call(*tracked: Any) -> Any:
            return self(*subvals(args, zip(argnums, tracked, strict=True)), **kwargs)

        def forward(*tracked: Any) -> Any:
            y = call(*tracked)
            return y, (y, tracked)

        def backward(saved: Any, g: Any) -> Any:
            y, tracked = saved
            all_args = subvals(args, zip(argnums, tracked, strict=True))
            return tuple(map(_conjugated, vjp(argnums, y, all_args, kwargs)(_conjugated(g))))

        rule = gg.custom_vjp(call)
        rule.defvjp(forward, backward)
        return rule(*(args[i] for i in argnums))


def _is_tracked(x: Any) -> bool:
    return any(isinstance(y, gg.Tensor) and y.requires_grad for y in optree.tree_leaves(x))


def _plain(x: Any) -> Any:
    return x.value if isinstance(x, gg.Tensor) else x


def defvjp(function: Any, *makers: Any, argnums: Any = None) -> None:
    """One rule for each argument, or for those that are numbered."""
    known = dict(zip(count() if argnums is None else argnums, makers, strict=False))

    def rule(i: int, y: Any, args: Any, kwargs: Any) -> Any:
        if i not in known:
            raise NotImplementedError(f"VJP of {function.__name__} wrt argnum {i} not defined")
        if known[i] is None:
            return lambda g: vspace(args[i]).zeros()
        return known[i](y, *args, **kwargs)

    defvjp_argnum(function, rule)


def defvjp_argnum(function: Any, maker: Any) -> None:
    """One rule for all arguments, which is told which is meant."""

    def vjp(argnums: Any, y: Any, args: Any, kwargs: Any) -> Any:
        rules = [maker(i, y, args, kwargs) for i in argnums]
        return lambda g: [rule(g) for rule in rules]

    defvjp_argnums(function, vjp)


def defvjp_argnums(function: Any, vjp: Any) -> None:
    """One rule for several arguments at once."""
    function.vjp = vjp


def defjvp(function: Any, *makers: Any, **settings: Any) -> None:
    """gpugrad's forward mode follows from the reverse rules."""


defjvp_argnum = defjvp_argnums = defjvp


class VSpace:
    """The space of pytrees like `value`."""

    def __init__(self, value: Any) -> None:
        leaves, self.tree = optree.tree_flatten(value)
        self.kinds = [(np.shape(x), np.dtype(getattr(x, "dtype", type(x)))) for x in leaves]
        for _, dtype in self.kinds:
            if dtype.kind not in "fc":
                raise TypeError(f"Can't find vector space for {value!r}")

    def __eq__(self, other: Any) -> bool:
        return (self.tree, self.kinds) == (other.tree, other.kinds)

    __hash__ = None

    def __repr__(self) -> str:
        return f"VSpace({self.tree}, {self.kinds})"

    @property
    def shape(self) -> tuple[int, ...]:
        ((shape, _),) = self.kinds
        return shape

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def iscomplex(self) -> bool:
        return any(dtype.kind == "c" for _, dtype in self.kinds)

    @property
    def size(self) -> int:
        return sum(prod(shape) * (2 if dtype.kind == "c" else 1) for shape, dtype in self.kinds)

    def _made(self, make: Callable[[Any], Any]) -> Any:
        """A vector whose real and imaginary parts are `make(shape)`."""
        parts = []
        for shape, dtype in self.kinds:
            x = np.asarray(make(shape), dtype)
            parts.append(x + 1j * np.asarray(make(shape)) if dtype.kind == "c" else x)
        return optree.tree_unflatten(self.tree, parts)

    def zeros(self) -> Any:
        return self._made(np.zeros)

    def ones(self) -> Any:
        return self._made(np.ones)

    def randn(self) -> Any:
        return self._made(lambda shape: np.random.randn(*shape))

    def standard_basis(self) -> Iterator[Any]:
        for i, (shape, dtype) in enumerate(self.kinds):
            for place in np.ndindex(*shape):
                for unit in (1.0, 1.0j) if dtype.kind == "c" else (1.0,):
                    leaves = optree.tree_leaves(self.zeros())
                    leaves[i][place] = unit
                    yield optree.tree_unflatten(self.tree, leaves)

    def add(self, x: Any, y: Any) -> Any:
        return optree.tree_map(lambda a, b: a + b, x, y)

    def mut_add(self, x: Any, y: Any) -> Any:
        return y if x is None else self.add(x, y)

    def scalar_mul(self, x: Any, a: Any) -> Any:
        return optree.tree_map(lambda part: part * a, x)

    def inner_prod(self, x: Any, y: Any) -> Any:
        pairs = zip(optree.tree_leaves(x), optree.tree_leaves(y), strict=True)
        return sum(np.real(np.sum(np.conj(a) * b)) for a, b in pairs)

    def covector(self, x: Any) -> Any:
        return _conjugated(x)


vspace = VSpace
primitive_vjps: dict[Any, Any] = {}
