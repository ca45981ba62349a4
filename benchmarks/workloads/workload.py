"""What a workload is: the same task, as each library's own users write it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from gpugrad import tree

Array: TypeAlias = "np.ndarray[Any, Any]"
Program: TypeAlias = Callable[..., Any]
"""A function of what `make` makes, as arrays of the library."""

Build: TypeAlias = Callable[[Any], Program]
"""Makes the program from the library: `gpugrad`; JAX's names in one; `torch`; `numpy`."""


@dataclass(frozen=True)
class Workload:
    """A row of the table. `sizes` have names, and the first one is the smallest.

    Of the arguments, the first `donated` are given up to each call, whose first results take their
    places in the next one. With `each`, every argument is one of a call of its own, and all these
    calls are one run. Where arguments are objects of gpugrad, `plain` makes of them what the other
    libraries get. Of a `random` one, each library draws other numbers, and results are compared by
    shapes and dtypes alone.
    """

    name: str
    sizes: dict[str, Any]
    make: Callable[[Any], tuple[Any, ...]]
    gpugrad: Build
    jax: Build
    torch: Build
    numpy: Build | None = None
    donated: int = 0
    each: bool = False
    plain: Callable[[tuple[Any, ...]], tuple[Any, ...]] | None = None
    random: bool = False

    def for_peers(self, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments without objects of gpugrad."""
        return arguments if self.plain is None else self.plain(arguments)


class Draw:
    """Random arguments, the same at every run; of float32 unless said otherwise."""

    def __init__(self, dtype: str = "float32") -> None:
        self._rng = np.random.default_rng(0)
        self._dtype = dtype

    def normal(self, *shape: int, scale: float = 1.0) -> Array:
        """Around 0, with this standard deviation."""
        return (scale * self._rng.normal(size=shape)).astype(self._dtype)

    def uniform(self, low: float, high: float, *shape: int) -> Array:
        """Between `low` and `high`."""
        return self._rng.uniform(low, high, shape).astype(self._dtype)

    def integers(self, below: int, *shape: int) -> Array:
        """From 0 on, of 64 bits."""
        return self._rng.integers(0, below, shape)

    def layer(self, inputs: int, outputs: int) -> tuple[Array, Array]:
        """Weight and bias, with outputs of about 1."""
        return self.normal(inputs, outputs, scale=inputs**-0.5), self.normal(outputs, scale=0.1)


def differentiated(loss: Build) -> Build:
    """Value and gradient by the first argument, of a loss that is made from gpugrad or JAX."""
    return lambda xp: xp.value_and_grad(loss(xp))


def with_gradient(loss: Build) -> Build:
    """The same of a loss of PyTorch, whose first argument is a tensor or a tree of them."""

    def build(torch: Any) -> Program:
        compute = loss(torch)

        def run(params: Any, *data: Any) -> Any:
            found, structure = tree.flatten(params)
            leaves = [x.detach().requires_grad_() for x in found]
            value = compute(tree.unflatten(structure, leaves), *data)
            grads = torch.autograd.grad(value, leaves)
            return value.detach(), tree.unflatten(structure, grads)

        return run

    return build
