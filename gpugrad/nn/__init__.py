"""Models as pytrees of plain arrays, what they are made of, and the losses that train them.

>>> model = gg.nn.MLP([2, 8, 3], rng=0, dtype="float64")
>>> x, labels = np.ones((5, 2)), np.array([0, 1, 2, 1, 0])
>>> def loss(model):
...     return gg.mean(gg.nn.softmax_cross_entropy(model(x), labels))
>>> grads = gg.grad(loss)(model)                # a model of the same form
>>> grads.layers[0].weight.shape
(2, 8)
"""

from gpugrad.nn.dropout import dropout
from gpugrad.nn.layers import ACTIVATIONS, MLP, Linear
from gpugrad.nn.summary import summary
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
    "summary",
]

__dir__ = offered(globals())
