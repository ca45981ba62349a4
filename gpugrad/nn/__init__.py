"""Models as pytrees of plain arrays, what they are made of, and the losses that train them.

>>> model = gg.nn.MLP([2, 8, 3], rng=0, dtype="float64")
>>> x, labels = np.ones((5, 2)), np.array([0, 1, 2, 1, 0])
>>> def loss(model):
...     return gg.mean(gg.nn.softmax_cross_entropy(model(x), labels))
>>> grads = gg.grad(loss)(model)                # a model of the same form
>>> grads.layers[0].weight.shape
(2, 8)
"""

from gpugrad.nn.activations import ACTIVATIONS
from gpugrad.nn.attention import AttentionCache, MultiheadAttention
from gpugrad.nn.batch_norm import BatchNorm1d, BatchNorm2d, BatchNormState
from gpugrad.nn.convolutions import Conv1d, Conv2d
from gpugrad.nn.dot_product_attention import scaled_dot_product_attention
from gpugrad.nn.dropout import Dropout, dropout
from gpugrad.nn.embedding import Embedding
from gpugrad.nn.initializers import INITIALIZERS, initialized
from gpugrad.nn.linear import Linear
from gpugrad.nn.mlp import MLP
from gpugrad.nn.normalizing import GroupNorm, LayerNorm, RMSNorm
from gpugrad.nn.pools import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AvgPool1d,
    AvgPool2d,
    Flatten,
    MaxPool1d,
    MaxPool2d,
)
from gpugrad.nn.positions import rotary, sinusoidal_positions
from gpugrad.nn.recurrent import GRU, LSTM, RNN
from gpugrad.nn.recurrent_cells import GRUCell, LSTMCell, RNNCell
from gpugrad.nn.residual import Residual
from gpugrad.nn.sequential import Sequential
from gpugrad.nn.summary import Summary, summary
from gpugrad.nn.transformer import TransformerBlock
from gpugrad.nn.transposed import ConvTranspose1d, ConvTranspose2d
from gpugrad.ops.convolution import conv1d, conv2d, conv_transpose1d, conv_transpose2d
from gpugrad.ops.loss import (
    huber_loss,
    mean_squared_error,
    sigmoid_binary_cross_entropy,
    softmax_cross_entropy,
)
from gpugrad.ops.normalization import batch_norm, group_norm, layer_norm, rms_norm
from gpugrad.ops.pooling import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    avg_pool1d,
    avg_pool2d,
    max_pool1d,
    max_pool2d,
)
from gpugrad.ops.products import linear
from gpugrad.types import offered

__all__ = [
    "ACTIVATIONS",
    "GRU",
    "INITIALIZERS",
    "LSTM",
    "MLP",
    "RNN",
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AttentionCache",
    "AvgPool1d",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNormState",
    "Conv1d",
    "Conv2d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "Dropout",
    "Embedding",
    "Flatten",
    "GRUCell",
    "GroupNorm",
    "LSTMCell",
    "LayerNorm",
    "Linear",
    "MaxPool1d",
    "MaxPool2d",
    "MultiheadAttention",
    "RMSNorm",
    "RNNCell",
    "Residual",
    "Sequential",
    "Summary",
    "TransformerBlock",
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "avg_pool1d",
    "avg_pool2d",
    "batch_norm",
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
    "dropout",
    "group_norm",
    "huber_loss",
    "initialized",
    "layer_norm",
    "linear",
    "max_pool1d",
    "max_pool2d",
    "mean_squared_error",
    "rms_norm",
    "rotary",
    "scaled_dot_product_attention",
    "sigmoid_binary_cross_entropy",
    "sinusoidal_positions",
    "softmax_cross_entropy",
    "summary",
]

__dir__ = offered(globals())
