"""Models as pytrees of plain arrays, what they are made of, and the losses that train them."""

from gpugrad.nn.dropout import dropout
from gpugrad.nn.layers import ACTIVATIONS, MLP, Linear
from gpugrad.ops.convolution import conv1d, conv2d
from gpugrad.ops.loss import mean_squared_error, softmax_cross_entropy
from gpugrad.ops.normalization import layer_norm
from gpugrad.ops.pooling import avg_pool2d, max_pool2d
from gpugrad.ops.products import linear
from gpugrad.types import offered

__all__ = [
    "ACTIVATIONS",
    "MLP",
    "Linear",
    "avg_pool2d",
    "conv1d",
    "conv2d",
    "dropout",
    "layer_norm",
    "linear",
    "max_pool2d",
    "mean_squared_error",
    "softmax_cross_entropy",
]

__dir__ = offered(globals())
