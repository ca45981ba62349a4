"""Functions of gpugrad as functions of PyTorch's tensors, which its autograd differentiates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from inspect import signature
from typing import Any

import torch

import gpugrad.tree as tree
from gpugrad.interop.inside import Flat, Found, Pullback, flat
from gpugrad.interop.torch_arrays import on_stream_of_torch, to_array, to_tensor


def torch_function(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f` as a function of trees of tensors."""
    made: dict[tree.Structure, Flat] = {}

    def run(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        leaves, structure = tree.flatten((args, kwargs))
        if structure not in made:
            made[structure] = flat(f, structure)
        call = _Call(made[structure], leaves)
        results = call.applied()
        assert call.found is not None
        return call.found.with_arrays(results).tree()

    @wraps(f, updated=())
    def function(*args: Any, **kwargs: Any) -> Any:
        if torch.compiler.is_compiling():           # which breaks its graph here
            return _uncompiled(run, args, kwargs)
        return run(args, kwargs)

    return function


# The public name would import the compiler: seconds, for all who do not compile.
@torch._disable_dynamo  # type: ignore[untyped-decorator]
def _uncompiled(run: Callable[..., Any], args: object, kwargs: object) -> Any:
    return run(args, kwargs)


class _Call:
    """One application of a function to leaves, of which the tensors are held by PyTorch alone."""

    def __init__(
        self, function: Flat, leaves: Sequence[Any], known: Pullback | None = None, first: int = 0
    ) -> None:
        self._function = function
        self._places = [i for i, x in enumerate(leaves) if isinstance(x, torch.Tensor)]
        self._tensors = [leaves[i] for i in self._places]
        self._rest = [None if isinstance(x, torch.Tensor) else x for x in leaves]
        self._known, self._first = known, first     # for the leaves behind the first ones
        self.wanted = [
            torch.is_grad_enabled() and t.requires_grad for t in self._tensors
        ]
        self.pullback: Pullback | None = None
        self.found: Found | None = None

    def applied(self) -> tuple[torch.Tensor, ...]:
        """The arrays of the result, as PyTorch gives them."""
        tensors, self._tensors = self._tensors, []
        results: tuple[torch.Tensor, ...] = _Applied.apply(self, *tensors)
        return results

    def run(self, tensors: Sequence[torch.Tensor]) -> tuple[torch.Tensor, ...]:
        """The same of tensors that hold numbers, and nothing of what differentiates them."""
        with on_stream_of_torch(tensors):
            leaves = self._leaves(list(map(to_array, tensors)))
            wanted = self._named(self.wanted)
            if wanted:
                self.found, self.pullback = self._function.kept(wanted, leaves)
            elif self._known is not None:
                self.found = Found(list(self._known(leaves[self._first :])), None)
            else:
                self.found = self._function(*leaves)
            return tuple(map(to_tensor, self.found.arrays()))

    def pull(
        self, tensors: Sequence[torch.Tensor], g: Sequence[torch.Tensor]
    ) -> list[torch.Tensor | None]:
        """The cotangents of the tensors, as functions of these and of those of what moves."""
        leaves = self._leaves(tensors)
        function = self._function.pulled(self._named(self.wanted), len(leaves))
        found = iter(_Call(function, [*leaves, *g], self.pullback, len(leaves)).applied())
        return [next(found) if is_wanted else None for is_wanted in self.wanted]

    def push(
        self, tensors: Sequence[torch.Tensor], tangents: Sequence[torch.Tensor | None]
    ) -> tuple[torch.Tensor, ...]:
        """The tangents of what moves, as functions of the tensors and of those of these."""
        leaves = self._leaves(tensors)
        wanted = self._named([tangent is not None for tangent in tangents])
        given = [tangent for tangent in tangents if tangent is not None]
        return _Call(self._function.pushed(wanted, len(leaves)), [*leaves, *given]).applied()

    def batch(
        self, axes: Sequence[int | None], tensors: Sequence[torch.Tensor]
    ) -> tuple[torch.Tensor, ...]:
        """The results for a batch along these axes of the tensors."""
        by_place = dict(zip(self._places, axes, strict=True))
        over = tuple(by_place.get(i) for i in range(len(self._rest)))
        call = _Call(self._function.batched(over), self._leaves(tensors))
        results = call.applied()
        self.found = call.found
        return results

    def _leaves(self, values: Sequence[Any]) -> list[Any]:
        """All leaves, with these in the places of the tensors."""
        leaves = list(self._rest)
        for i, x in zip(self._places, values, strict=True):
            leaves[i] = x
        return leaves

    def _named(self, chosen: Sequence[bool]) -> tuple[int, ...]:
        """The places among all leaves of the tensors that are chosen."""
        return tuple(i for i, yes in zip(self._places, chosen, strict=True) if yes)


class _Applied(torch.autograd.Function):  # type: ignore[misc]  # PyTorch may be missing
    """A `_Call` among PyTorch's operations."""

    @staticmethod
    def forward(call: _Call, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return call.run(tensors)

    @staticmethod
    def setup_context(
        ctx: Any, inputs: tuple[Any, ...], output: tuple[torch.Tensor, ...]
    ) -> None:
        call, *tensors = inputs
        ctx.call = call
        ctx.moving = [t.is_floating_point() or t.is_complex() for t in output]
        ctx.save_for_backward(*tensors)
        ctx.save_for_forward(*tensors)

    @staticmethod
    def backward(ctx: Any, *g: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        moving = [x for x, is_moving in zip(g, ctx.moving, strict=True) if is_moving]
        return None, *ctx.call.pull(ctx.saved_tensors, moving)

    @staticmethod
    def jvp(ctx: Any, _: None, *tangents: torch.Tensor | None) -> tuple[torch.Tensor | None, ...]:
        found = iter(ctx.call.push(ctx.saved_tensors, tangents))
        return tuple(next(found) if is_moving else None for is_moving in ctx.moving)

    @staticmethod
    def vmap(
        info: object, axes: tuple[int | None, ...], call: _Call, *tensors: torch.Tensor
    ) -> tuple[tuple[torch.Tensor, ...], tuple[int, ...]]:
        results = call.batch(axes[1:], tensors)
        return results, (0,) * len(results)


# PyTorch asks for it at each application: a quarter of the time of one that does little else.
_Applied.forward.__signature__ = signature(_Applied.forward)  # type: ignore[attr-defined]
