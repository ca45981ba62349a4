"""Multilayer perceptrons."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from gpugrad.backends import Array
from gpugrad.errors import InvalidArgument
from gpugrad.nn.activations import ACTIVATIONS, activation_of
from gpugrad.nn.initializers import Rng, in_turn
from gpugrad.nn.layer import layer
from gpugrad.nn.linear import Linear
from gpugrad.types import DTypeLike, Shape

_HE = frozenset(("elu", "gelu", "leaky_relu", "relu", "silu", "softplus"))
"""Activations of which about half of a signal's second moment goes on.

So weights of twice the variance keep it: He et al. 2015, arXiv:1502.01852. Of the others it is
kept by the variance 1 / n_in.
"""


@layer("layers", static=("activation",))
class MLP:
    """A multilayer perceptron: linear layers with an activation between them.

    A model is a pytree of plain arrays on the default backend, and is called like a function:
    `model(x)` maps shape (..., n_in) to (..., n_out). `model.layers` is the list of its `Linear`
    layers. Weights are drawn from a normal distribution with variance gain / n_in; biases are 0.

    Args:
        sizes: The widths from input to output, at least two.
        activation: A name in `gg.nn.ACTIVATIONS`: "elu", "gelu", "leaky_relu", "log_sigmoid",
            "relu", "sigmoid", "silu", "sin", "softplus" or "tanh".
        rng: A seed, a NumPy generator or a key of `gg.random`. Of the first two, NumPy draws the
            parameters in float64 and casts them, so networks with the same seed start equal on
            every backend.
        dtype: The dtype of the parameters.

    Raises:
        InvalidArgument: For impossible sizes or an unknown activation.

    Example:
        >>> model = gg.nn.MLP([2, 8, 1], activation="tanh", rng=0)
        >>> model(np.ones((5, 2), dtype="float32")).shape
        (5, 1)
        >>> grads = gg.grad(lambda m: gg.mean(m(np.ones((5, 2), dtype="float32")) ** 2))(model)
        >>> [layer.weight.shape for layer in grads.layers]
        [(2, 8), (8, 1)]
    """

    layers: tuple[Linear, ...]
    activation: str

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str = "relu",
        rng: Rng = 0,
        dtype: DTypeLike = "float32",
    ) -> None:
        sizes = _widths(sizes)
        activation_of(activation)
        draws = in_turn(rng)
        init = "he_normal" if activation in _HE else "lecun_normal"
        self.layers = tuple(
            Linear(n_in, n_out, init=init, rng=draws, dtype=dtype)
            for n_in, n_out in pairwise(sizes)
        )
        self.activation = activation

    def __repr__(self) -> str:
        shapes: list[Shape] = [getattr(linear.weight, "shape", ()) for linear in self.layers]
        if any(len(shape) < 2 for shape in shapes):     # a tree of another kind, or a part of one
            return f"MLP(layers={self.layers!r}, activation={self.activation!r})"
        sizes = [*(shape[-2] for shape in shapes), shapes[-1][-1]]
        return f"MLP({sizes}, activation={self.activation!r})"

    def __call__(self, x: Array) -> Array:
        """The outputs for rows `x` of shape (..., sizes[0]), before any softmax."""
        activation = ACTIVATIONS[self.activation]
        *hidden, last = self.layers
        for linear in hidden:
            x = activation(linear(x))
        return last(x)


def _widths(sizes: Any) -> list[int]:
    """The widths of a network as Python's integers."""
    try:
        found = list(sizes)
    except TypeError:
        found = []
    whole = all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in found)
    if len(found) < 2 or not whole or min(found) < 1:
        raise InvalidArgument(
            f"sizes are {found or sizes!r}; expected at least two positive widths, from the "
            "input to the output, as whole numbers: MLP([2, 32, 1])."
        )
    return [int(n) for n in found]
