"""Layers and networks: pytrees whose leaves are their parameters, called like functions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import sqrt
from typing import Any, NamedTuple, Self

import numpy as np
import optree

from gpugrad.backends import Array, default, is_inexact
from gpugrad.errors import InvalidArgument
from gpugrad.nn.summary import html_of
from gpugrad.ops.activation import relu, sigmoid, softplus
from gpugrad.ops.elementwise import sin, tanh
from gpugrad.ops.products import linear
from gpugrad.tracing.frames import is_of_program
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


class _Parameters(NamedTuple):
    weight: Array
    bias: Array


class Linear(_Parameters):
    """A linear layer with the parameters `weight` and `bias`, called like a function.

    `layer(x)` is `x @ weight + bias`: shapes (..., n_in), (n_in, n_out) and (n_out,) give (...,
    n_out). A layer is a tuple of its two arrays, and a pytree.

    Args:
        weight: A floating array of shape (n_in, n_out). Axes in front of these are those of an
            ensemble, for `gg.vmap`.
        bias: One of shape (n_out,).

    Raises:
        InvalidArgument: For anything but floating arrays of such shapes.

    Example:
        >>> layer = gg.nn.Linear(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.5, 0.5]))
        >>> layer(np.array([1.0, 1.0]))
        array([4.5, 6.5])
        >>> gg.grad(lambda layer: gg.sum(layer(np.ones(2))))(layer).bias
        array([1., 1.])
    """

    __slots__ = ()

    def __new__(cls, weight: Array, bias: Array) -> Self:
        if not _fit(weight, bias) and is_of_program(sys._getframe(1)):
            raise _no_layer(weight, bias)
        return tuple.__new__(cls, (weight, bias))   # with what a tree holds in place of arrays

    _repr_html_ = html_of

    def __call__(self, x: Array) -> Array:
        """`x @ weight + bias`."""
        try:
            return linear(x, self.weight, self.bias)
        except ValueError as error:
            if not _fit(self.weight, self.bias):
                raise _no_layer(self.weight, self.bias) from error
            raise InvalidArgument(
                f"Linear: x has shape {np.shape(x)}; wanted is (..., {self.weight.shape[-2]}) for "
                f"a weight of shape {self.weight.shape}."
            ) from error
        except TypeError as error:
            if not _fit(self.weight, self.bias):
                raise _no_layer(self.weight, self.bias) from error
            raise


def _fit(weight: Any, bias: Any) -> bool:
    """Whether these can be the parameters of a layer."""
    try:
        shape, dtype = weight.shape, weight.dtype
        return len(shape) > 1 and shape[-1:] == bias.shape[-1:] and is_inexact(dtype)
    except AttributeError:
        return False


def _no_layer(weight: Any, bias: Any) -> InvalidArgument:
    found = " and ".join(
        f"{name} is {x.dtype}{list(x.shape)}" if hasattr(x, "dtype") and hasattr(x, "shape") else
        f"{name} is {x!r}, of type {type(x).__name__}"
        for name, x in (("weight", weight), ("bias", bias))
    )  # fmt: skip
    return InvalidArgument(
        f"Linear: {found}; wanted are floating arrays of shapes (n_in, n_out) and (n_out,). A "
        "layer of widths is gg.nn.MLP([n_in, n_out])."
    )


class MLP:
    """A multilayer perceptron: linear layers with an activation between them.

    A model is a pytree of plain arrays on the default backend, and is called like a function:
    `model(x)` maps shape (..., n_in) to (..., n_out). `model.layers` is the list of its `Linear`
    layers. Weights are drawn from a normal distribution with variance gain / n_in; biases are 0.

    Args:
        sizes: The widths from input to output, at least two.
        activation: A name in `gg.nn.ACTIVATIONS`: "relu", "sigmoid", "sin", "softplus" or "tanh".
        rng: A seed or a NumPy generator: NumPy draws the parameters in float64 and casts them, so
            networks with the same seed start equal on every backend.
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
        rng: int | np.random.Generator = 0,
        dtype: DTypeLike = "float32",
    ) -> None:
        sizes = _widths(sizes)
        if not isinstance(activation, str) or activation not in ACTIVATIONS:
            raise InvalidArgument(
                f"unknown activation {activation!r}; there are, by name, {', '.join(ACTIVATIONS)}."
            )
        if dtype is None or not is_inexact(dtype):
            raise InvalidArgument(f"dtype is {dtype}; parameters need a floating one, as float32.")
        try:
            generator = np.random.default_rng(rng)
        except (TypeError, ValueError) as error:
            raise InvalidArgument(
                f"rng is {rng!r}; wanted is a seed, an integer from 0 on, or a generator, "
                "np.random.default_rng(seed)."
            ) from error
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

    _repr_html_ = html_of

    def __call__(self, x: Array) -> Array:
        """The outputs for rows `x` of shape (..., sizes[0]), before any softmax."""
        activation = ACTIVATIONS[self.activation]
        *hidden, last = self.layers
        for layer in hidden:
            x = activation(layer(x))
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
            f"sizes are {found or sizes!r}; wanted are at least two positive widths, from the "
            "input to the output, as whole numbers: MLP([2, 32, 1])."
        )
    return [int(n) for n in found]


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
