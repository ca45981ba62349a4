"""Functions and modules of PyTorch among those of gpugrad."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import torch

import gpugrad.tree as tree
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.interop.foreign import Flat, function
from gpugrad.interop.inside import Found, Pullback
from gpugrad.interop.torch_arrays import on_stream_of_cupy, to_array, to_tensor
from gpugrad.types import Array


class _PyTorch:
    """How PyTorch runs and differentiates its functions."""

    def run(self, f: Flat, arrays: Sequence[Any]) -> Found:
        with on_stream_of_cupy(arrays), _recording(False):
            return _as_arrays(_called(f, list(map(to_tensor, arrays))))

    def kept(
        self, f: Flat, wanted: Sequence[int], arrays: Sequence[Any]
    ) -> tuple[Found, Pullback]:
        with on_stream_of_cupy(arrays), _recording(True):
            tensors = list(map(to_tensor, arrays))
            chosen = [tensors[i].requires_grad_() for i in wanted]
            found = _called(f, tensors)

        def pullback(g: Sequence[Any]) -> Sequence[Any]:
            with on_stream_of_cupy(arrays), _recording(False):
                return [_fresh(x) for x in _pulled(found, chosen, [*map(to_tensor, g)], False)]

        return _as_arrays(found), pullback

    def pulled(self, f: Flat, wanted: Sequence[int], count: int) -> Flat:
        def pull(*given: torch.Tensor) -> Found:
            recorded = torch.is_grad_enabled()
            with _recording(True):
                tensors = list(given[:count])
                for i in wanted:
                    if not tensors[i].requires_grad:
                        tensors[i] = tensors[i].detach().requires_grad_()
                found = _called(f, tensors)
                chosen = [tensors[i] for i in wanted]
                return Found(_pulled(found, chosen, given[count:], recorded), None)

        return pull


def _recording(yes: bool) -> AbstractContextManager[object]:
    """Inside, PyTorch records for gradients, or does not; its inference mode is left.

    In that mode tensors do not count what writes to them, and take no part in gradients.
    """
    made: AbstractContextManager[object] = torch.enable_grad() if yes else torch.no_grad()
    if not torch.is_inference_mode_enabled():
        return made
    both = ExitStack()
    both.enter_context(torch.inference_mode(False))
    both.enter_context(made)
    return both


def _called(f: Flat, tensors: Sequence[torch.Tensor]) -> Found:
    """`f(*tensors)`, which must be a function of these alone."""
    versions, generator = [t._version for t in tensors], torch.get_rng_state()
    try:
        found = f(*tensors)
    except NotImplementedError as error:
        unsigned = [t.dtype for t in tensors if t.dtype in _UNSIGNED]
        if not unsigned:
            raise
        raise UnsupportedOperand(
            f"a function of PyTorch was given a tensor of {unsigned[0]}, for which PyTorch has few "
            f"operations ({error}). Hand over integers with a sign: x.astype('int64')."
        ) from error
    if any(t._version != version for t, version in zip(tensors, versions, strict=True)):
        raise InvalidArgument(
            "a function of PyTorch wrote to its argument, and so into an array of yours: let it "
            "write to a copy, x.clone()."
        )
    if not torch.equal(torch.get_rng_state(), generator):
        raise InvalidArgument(
            "a function of PyTorch drew random numbers, and would draw others for its gradient. Of "
            "a module with dropout use module.eval(); pass other numbers as arguments."
        )
    return found


def _pulled(
    found: Found, chosen: Sequence[torch.Tensor], g: Sequence[torch.Tensor], recorded: bool
) -> list[torch.Tensor]:
    """The cotangents of the tensors that are chosen, for those of the results that move."""
    results = [y for y in found.leaves if _moves(y)]
    pairs = [(y, x) for y, x in zip(results, g, strict=True) if y.requires_grad]
    if not pairs:
        return [torch.zeros_like(x) for x in chosen]
    return list(
        torch.autograd.grad(
            [y for y, _ in pairs], chosen, [x for _, x in pairs],
            retain_graph=True, create_graph=recorded, allow_unused=True, materialize_grads=True,
        )
    )  # fmt: skip


def _moves(y: object) -> bool:
    return isinstance(y, torch.Tensor) and (y.is_floating_point() or y.is_complex())


def _as_arrays(found: Found) -> Found:
    leaves = [_fresh(y) if isinstance(y, torch.Tensor) else y for y in found.leaves]
    return found._replace(leaves=leaves)


def _fresh(t: torch.Tensor) -> Array:
    """The array of a copy of a tensor: it may be a view of an argument, or a constant."""
    return to_array(t.detach().clone(memory_format=torch.contiguous_format), shared=False)


_UNSIGNED = (torch.uint16, torch.uint32, torch.uint64)

_library = _PyTorch()


def from_torch(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function, or a module, of PyTorch as one of arrays and Tensors."""
    return Module(f) if isinstance(f, torch.nn.Module) else function(_library, f)


@tree.register(static=("_applied",))
class Module:
    """A module of PyTorch as a tree of its parameters, called like a function.

    `params` holds a copy of each parameter that PyTorch would train, by its name.
    """

    def __init__(self, module: torch.nn.Module) -> None:
        self._applied = _Applied(module)
        self.params = {
            name: _fresh(p) for name, p in module.named_parameters() if p.requires_grad
        }

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the module gives for trees of arrays, with the parameters of this tree."""
        return self._applied.call(self.params, args, kwargs)

    def __repr__(self) -> str:
        return f"<gg.interop.from_torch of {type(self._applied.module).__qualname__}>"


class _Applied:
    """A module as a function of its parameters; all else that it holds is constant."""

    def __init__(self, module: torch.nn.Module) -> None:
        def applied(params: Any, args: Any, kwargs: Any) -> Any:
            # Copies, because layers such as those of batches write to their buffers.
            given = {name: x.clone() for name, x in module.named_buffers()} | params
            return torch.func.functional_call(module, given, args, kwargs)

        applied.__name__ = type(module).__name__
        self.module, self.call = module, function(_library, applied)
