"""Layers and networks: pytrees whose leaves are their parameters, called like functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
import optree

from gpugrad.backends import Array, default, is_inexact
from gpugrad.errors import InvalidArgument
from gpugrad.ops.activation import relu, sigmoid, softplus
from gpugrad.ops.elementwise import sin, tanh
from gpugrad.ops.products import linear
from gpugrad.tree import NAMESPACE
from gpugrad.types import DTypeLike

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    f.__name__: f for f in (relu, sigmoid, sin, softplus, tanh)
}
"""Activations by name."""

_GAIN = {"relu": 2.0, "softplus": 2.0}
"""Factor on the variance of the weights that keeps that of the signal; 1 for those not named.

For relu from He et al. 2015 (arXiv:1502.01852), which halves the second moment; else Glorot and
Bengio.
"""


class Linear(NamedTuple):
    """`x @ weight + bias`: shapes (..., n_in), (n_in, n_out) and (n_out,) give (..., n_out)."""

    weight: Array
    bias: Array

    def __call__(self, x: Array) -> Array:
        if not hasattr(self.weight, "dtype"):       # trees hold anything in place of arrays
            raise InvalidArgument(
                f"Linear: weight is {self.weight!r}; wanted are arrays of shapes (n_in, n_out) and "
                "(n_out,). A layer of widths is gg.nn.MLP([n_in, n_out])."
            )
        return linear(x, self.weight, self.bias)


class MLP:
    """A multilayer perceptron: linear layers with an activation between them.

    `sizes` are the widths from the input to the output, at least two. `rng` is a seed or a NumPy
    generator: the parameters are drawn by NumPy in float64 and then cast, so that networks of one
    seed start equal on every backend. Weights are normal with variance gain / n_in, biases 0. The
    arrays are made on the default backend. Raises `InvalidArgument` for sizes or an activation
    that cannot be.
    """

    layers: tuple[Linear, ...]
    activation: str

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str = "relu",
        rng: int | np.random.Generator = 0,
        dtype: DTypeLike = "float32",
    ) -> None:
        if len(sizes) < 2 or any(n < 1 for n in sizes):
            raise InvalidArgument(
                f"sizes are {list(sizes)}; wanted are at least two positive widths, from the input "
                "to the output."
            )
        if activation not in ACTIVATIONS:
            raise InvalidArgument(
                f"unknown activation {activation!r}; there are {', '.join(ACTIVATIONS)}."
            )
        if not is_inexact(dtype):
            raise InvalidArgument(f"dtype is {dtype}; parameters need a floating one, as float32.")
        generator = np.random.default_rng(rng)
        gain = _GAIN.get(activation, 1.0)
        layers = []
        for n_in, n_out in pairwise(sizes):
            weight = generator.normal(0.0, sqrt(gain / n_in), (n_in, n_out))
            layers.append(Linear(_made(weight, dtype), _made(np.zeros(n_out), dtype)))
        self.layers = tuple(layers)
        self.activation = activation

    def __repr__(self) -> str:
        sizes = [*(layer.weight.shape[0] for layer in self.layers), *self.layers[-1].bias.shape]
        return f"MLP({sizes}, activation={self.activation!r})"

    def __call__(self, x: Array) -> Array:
        """The outputs for rows `x` of shape (..., sizes[0]), before any softmax."""
        activation = ACTIVATIONS[self.activation]
        *hidden, last = self.layers
        for layer in hidden:
            x = activation(layer(x))
        return last(x)


def _unflatten(activation: str, children: tuple[tuple[Linear, ...]]) -> MLP:
    made = MLP.__new__(MLP)
    (made.layers,) = children
    made.activation = activation
    return made


_register: Any = optree.register_pytree_node        # its types want a collection
_register(
    MLP,
    lambda mlp: ((mlp.layers,), mlp.activation, ("layers",)),
    _unflatten,
    path_entry_type=optree.GetAttrEntry,
    namespace=NAMESPACE,
)


def _made(values: np.ndarray, dtype: DTypeLike) -> Array:
    return default().asarray(values.astype(dtype))
