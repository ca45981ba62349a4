"""Models as pytrees of plain arrays, and the losses that train them."""

from gpugrad.nn.dropout import dropout
from gpugrad.nn.layers import ACTIVATIONS, MLP, Linear
from gpugrad.ops.linalg import linear
from gpugrad.ops.loss import mean_squared_error, softmax_cross_entropy

__all__ = [
    "ACTIVATIONS",
    "MLP",
    "Linear",
    "dropout",
    "linear",
    "mean_squared_error",
    "softmax_cross_entropy",
]
