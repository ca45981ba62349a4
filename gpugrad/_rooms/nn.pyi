# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

"""Models as pytrees of plain arrays, what they are made of, and the losses that train them.

>>> model = gg.nn.MLP([2, 8, 3], rng=0, dtype="float64")
>>> x, labels = np.ones((5, 2)), np.array([0, 1, 2, 1, 0])
>>> def loss(model):
...     return gg.mean(gg.nn.softmax_cross_entropy(model(x), labels))
>>> grads = gg.grad(loss)(model)                # a model of the same form
>>> grads.layers[0].weight.shape
(2, 8)
"""

from gpugrad.core.tensor import Tensor
from gpugrad.nn import ACTIVATIONS as ACTIVATIONS
from gpugrad.nn import AdaptiveAvgPool1d as AdaptiveAvgPool1d
from gpugrad.nn import AdaptiveAvgPool2d as AdaptiveAvgPool2d
from gpugrad.nn import AttentionCache as AttentionCache
from gpugrad.nn import AvgPool1d as AvgPool1d
from gpugrad.nn import AvgPool2d as AvgPool2d
from gpugrad.nn import BatchNorm1d as BatchNorm1d
from gpugrad.nn import BatchNorm2d as BatchNorm2d
from gpugrad.nn import BatchNormState as BatchNormState
from gpugrad.nn import Conv1d as Conv1d
from gpugrad.nn import Conv2d as Conv2d
from gpugrad.nn import ConvTranspose1d as ConvTranspose1d
from gpugrad.nn import ConvTranspose2d as ConvTranspose2d
from gpugrad.nn import Dropout as Dropout
from gpugrad.nn import Embedding as Embedding
from gpugrad.nn import Flatten as Flatten
from gpugrad.nn import GRU as GRU
from gpugrad.nn import GRUCell as GRUCell
from gpugrad.nn import GroupNorm as GroupNorm
from gpugrad.nn import INITIALIZERS as INITIALIZERS
from gpugrad.nn import LSTM as LSTM
from gpugrad.nn import LSTMCell as LSTMCell
from gpugrad.nn import LayerNorm as LayerNorm
from gpugrad.nn import Linear as Linear
from gpugrad.nn import MLP as MLP
from gpugrad.nn import MaxPool1d as MaxPool1d
from gpugrad.nn import MaxPool2d as MaxPool2d
from gpugrad.nn import MultiheadAttention as MultiheadAttention
from gpugrad.nn import RMSNorm as RMSNorm
from gpugrad.nn import RNN as RNN
from gpugrad.nn import RNNCell as RNNCell
from gpugrad.nn import Residual as Residual
from gpugrad.nn import Sequential as Sequential
from gpugrad.nn import Summary as Summary
from gpugrad.nn import TransformerBlock as TransformerBlock
from gpugrad.nn import dropout as dropout
from gpugrad.nn import initialized as initialized
from gpugrad.nn import rotary as rotary
from gpugrad.nn import scaled_dot_product_attention as scaled_dot_product_attention
from gpugrad.nn import sinusoidal_positions as sinusoidal_positions
from gpugrad.nn import summary as summary
from gpugrad.ops.convolution import Padding
from gpugrad.ops.convolution import Sizes
from gpugrad.types import Array
from gpugrad.types import Axis
from gpugrad.types import Operand
from numpy import generic
from numpy import ndarray
from typing import overload

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

@overload
def adaptive_avg_pool1d(x: ndarray, output_size: int, /) -> ndarray: ...
@overload
def adaptive_avg_pool1d(x: Tensor, output_size: int, /) -> Tensor: ...
@overload
def adaptive_avg_pool1d(x: Operand, output_size: int, /) -> Array:
    """The means of `output_size` windows that cover the last axis; see `adaptive_avg_pool2d`.

    Example:
        >>> gg.adaptive_avg_pool1d(np.array([1.0, 2.0, 4.0, 3.0]), 1)
        array([2.5])
    """

@overload
def adaptive_avg_pool2d(x: ndarray, output_size: Sizes, /) -> ndarray: ...
@overload
def adaptive_avg_pool2d(x: Tensor, output_size: Sizes, /) -> Tensor: ...
@overload
def adaptive_avg_pool2d(x: Operand, output_size: Sizes, /) -> Array:
    """The means of windows that cover the last two axes, of which there are as many as is said.

    With 1, it is the mean over each image (global average pooling). Where the number divides a
    length, windows are equally long; else they overlap, as in PyTorch.

    Args:
        x: Floating numbers of shape (..., height, width).
        output_size: How many windows lie along both axes: a number or a pair.

    Raises:
        InvalidArgument: For sizes that are no positive integers, and for an empty image.
        UnsupportedOperand: For integers, and for an array of fewer than two axes.

    Example:
        >>> image = np.array([[1.0, 2.0, 0.0], [4.0, 3.0, 5.0]])
        >>> gg.adaptive_avg_pool2d(image, 1)
        array([[2.5]])
        >>> gg.adaptive_avg_pool2d(image, (1, 2))
        array([[2.5, 2.5]])
    """

@overload
def avg_pool1d(x: ndarray, window: int, /, *, stride: int | None = None, padding: int = 0) -> ndarray: ...
@overload
def avg_pool1d(x: Tensor, window: int, /, *, stride: int | None = None, padding: int = 0) -> Tensor: ...
@overload
def avg_pool1d(x: Operand, window: int, /, *, stride: int | None = None, padding: int = 0) -> Array:
    """The mean of each window of the last axis of `x`; see `avg_pool2d`.

    Example:
        >>> gg.avg_pool1d(np.array([1.0, 2.0, 4.0, 3.0, 0.0]), 2)
        array([1.5, 3.5])
    """

@overload
def avg_pool2d(x: ndarray, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0) -> ndarray: ...
@overload
def avg_pool2d(x: Tensor, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0) -> Tensor: ...
@overload
def avg_pool2d(x: Operand, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0) -> Array:
    """The mean of each window of the last two axes of `x`.

    The arguments are those of `max_pool2d`; elements of the padding are zeros, which count.

    Example:
        >>> image = np.array([[1.0, 2.0, 0.0, 1.0], [4.0, 3.0, 5.0, 2.0]])
        >>> gg.avg_pool2d(image, 2)
        array([[2.5, 2. ]])
        >>> gg.avg_pool2d(image, (2, 2), stride=(1, 1))
        array([[2.5, 2.5, 2. ]])
    """

@overload
def batch_norm(x: ndarray, weight: ndarray | generic | complex | None = ..., bias: ndarray | generic | complex | None = ..., *, mean: ndarray | generic | complex | None = ..., variance: ndarray | generic | complex | None = ..., eps: float = 1e-05) -> ndarray: ...
@overload
def batch_norm(x: Tensor, weight: Operand | None = None, bias: Operand | None = None, *, mean: Operand | None = None, variance: Operand | None = None, eps: float = 1e-05) -> Tensor: ...
@overload
def batch_norm(x: Operand, weight: Tensor | None = ..., bias: Operand | None = None, *, mean: Operand | None = None, variance: Operand | None = None, eps: float = 1e-05) -> Tensor: ...
@overload
def batch_norm(x: Operand, weight: Operand | None = None, bias: Tensor | None = ..., *, mean: Operand | None = None, variance: Operand | None = None, eps: float = 1e-05) -> Tensor: ...
@overload
def batch_norm(x: Operand, weight: Operand | None = None, bias: Operand | None = None, *, mean: Tensor | None = ..., variance: Operand | None = None, eps: float = 1e-05) -> Tensor: ...
@overload
def batch_norm(x: Operand, weight: Operand | None = None, bias: Operand | None = None, *, mean: Operand | None = None, variance: Tensor | None = ..., eps: float = 1e-05) -> Tensor: ...
@overload
def batch_norm(x: Operand, weight: Operand | None = None, bias: Operand | None = None, *, mean: Operand | None = None, variance: Operand | None = None, eps: float = 1e-05) -> Array:
    """Each channel of `x` with mean 0 and variance 1, times `weight` plus `bias`.

    See S. Ioffe and C. Szegedy, "Batch normalization" (2015). `gg.nn.BatchNorm2d` is the layer that
    also keeps running averages.

    Args:
        x: Real numbers of shape (batch, channels, ...).
        weight: A factor for each channel, of shape (channels,).
        bias: What is added then, of shape (channels,).
        mean: The mean of each channel, of shape (channels,), to use in place of that in `x`.
        variance: The variance of each channel, for the same; both or none are given.
        eps: What is added to the variance.

    Raises:
        InvalidArgument: For other shapes, one of `mean` and `variance` alone, and a negative `eps`.

    Example:
        >>> x = np.array([[1.0, 10.0], [3.0, 30.0]])
        >>> gg.batch_norm(x).round(3)
        array([[-1., -1.],
               [ 1.,  1.]])
        >>> gg.batch_norm(x, mean=np.array([0.0, 10.0]), variance=np.array([1.0, 100.0])).round(3)
        array([[1., 0.],
               [3., 2.]])
    """

@overload
def conv1d(x: ndarray, w: ndarray | generic | complex, bias: ndarray | generic | complex | None = ..., *, stride: Sizes = 1, padding: Padding = 0, dilation: Sizes = 1, groups: int = 1) -> ndarray: ...
@overload
def conv1d(x: Tensor, w: Operand, bias: Operand | None = None, *, stride: Sizes = 1, padding: Padding = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv1d(x: Operand, w: Tensor, bias: Operand | None = None, *, stride: Sizes = 1, padding: Padding = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv1d(x: Operand, w: Operand, bias: Tensor | None = ..., *, stride: Sizes = 1, padding: Padding = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv1d(x: Operand, w: Operand, bias: Operand | None = None, *, stride: Sizes = 1, padding: Padding = 0, dilation: Sizes = 1, groups: int = 1) -> Array:
    """The convolution used in neural networks, along one axis; see `conv2d` for the settings.

    The shapes are (batch, channels, length) for `x`, where the batch may be left away, and
    (outputs, channels / groups, size) for `w`.

    Raises:
        InvalidArgument: For shapes and settings that do not fit.

    Example:
        >>> x = np.array([[[1.0, 2.0, 4.0, 8.0]]])
        >>> w = np.array([[[1.0, -1.0]]])
        >>> gg.conv1d(x, w)
        array([[[-1., -2., -4.]]])
        >>> gg.conv1d(x, w, stride=2, padding=1).shape
        (1, 1, 3)
        >>> gg.grad(lambda w: gg.sum(gg.conv1d(x, w)))(w)
        array([[[ 7., 14.]]])
    """

@overload
def conv2d(x: ndarray, w: ndarray | generic | complex, bias: ndarray | generic | complex | None = ..., *, stride: Sizes = 1, padding: Padding = 0, dilation: Sizes = 1, groups: int = 1) -> ndarray: ...
@overload
def conv2d(x: Tensor, w: Operand, bias: Operand | None = None, *, stride: Sizes = 1, padding: Padding = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv2d(x: Operand, w: Tensor, bias: Operand | None = None, *, stride: Sizes = 1, padding: Padding = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv2d(x: Operand, w: Operand, bias: Tensor | None = ..., *, stride: Sizes = 1, padding: Padding = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv2d(x: Operand, w: Operand, bias: Operand | None = None, *, stride: Sizes = 1, padding: Padding = 0, dilation: Sizes = 1, groups: int = 1) -> Array:
    """The convolution used in neural networks, with the layout and meaning of PyTorch's.

    It is a cross-correlation: the windows are not flipped.

    Args:
        x: Of shape (batch, channels, height, width), where the batch may be left away.
        w: Of shape (outputs, channels / groups, height, width).
        bias: A number for each output, or None.
        stride: How far windows lie apart: a number or a pair, as the two that follow.
        padding: How many zeros come before and behind each axis, or "valid" for none, or "same" for
            as many places as before.
        dilation: How far the elements of a window lie apart.
        groups: How many groups of outputs there are, each of which sees one group of the channels.

    Raises:
        InvalidArgument: For shapes and settings that do not fit.

    Example:
        >>> x = np.ones((1, 3, 8, 8))
        >>> w = np.full((4, 3, 3, 3), 0.1)
        >>> gg.conv2d(x, w, np.zeros(4), padding="same").shape
        (1, 4, 8, 8)
        >>> gg.conv2d(x, w, stride=2).shape
        (1, 4, 3, 3)
        >>> gg.grad(lambda w: gg.sum(gg.conv2d(x, w)))(w)[0, 0]
        array([[36., 36., 36.],
               [36., 36., 36.],
               [36., 36., 36.]])
    """

@overload
def conv_transpose1d(x: ndarray, w: ndarray | generic | complex, bias: ndarray | generic | complex | None = ..., *, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0, dilation: Sizes = 1, groups: int = 1) -> ndarray: ...
@overload
def conv_transpose1d(x: Tensor, w: Operand, bias: Operand | None = None, *, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv_transpose1d(x: Operand, w: Tensor, bias: Operand | None = None, *, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv_transpose1d(x: Operand, w: Operand, bias: Tensor | None = ..., *, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv_transpose1d(x: Operand, w: Operand, bias: Operand | None = None, *, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0, dilation: Sizes = 1, groups: int = 1) -> Array:
    """The transpose of `conv1d` with respect to its input; see `conv_transpose2d`.

    The shapes are (batch, channels, length) for `x`, where the batch may be left away, and
    (channels, outputs / groups, size) for `w`.

    Raises:
        InvalidArgument: For shapes and settings that do not fit.

    Example:
        >>> x = np.array([[[1.0, 2.0]]])
        >>> gg.conv_transpose1d(x, np.array([[[1.0, 10.0, 100.0]]]))
        array([[[  1.,  12., 120., 200.]]])
        >>> gg.conv_transpose1d(x, np.array([[[1.0, 1.0]]]), stride=2)
        array([[[1., 1., 2., 2.]]])
    """

@overload
def conv_transpose2d(x: ndarray, w: ndarray | generic | complex, bias: ndarray | generic | complex | None = ..., *, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0, dilation: Sizes = 1, groups: int = 1) -> ndarray: ...
@overload
def conv_transpose2d(x: Tensor, w: Operand, bias: Operand | None = None, *, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv_transpose2d(x: Operand, w: Tensor, bias: Operand | None = None, *, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv_transpose2d(x: Operand, w: Operand, bias: Tensor | None = ..., *, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv_transpose2d(x: Operand, w: Operand, bias: Operand | None = None, *, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0, dilation: Sizes = 1, groups: int = 1) -> Array:
    """The transpose of `conv2d` with respect to its input, which makes images larger.

    Each element of `x` adds a window of its multiples of `w` to the result. What `conv2d` with the
    same `w` and settings maps from shape A to shape B, this maps from B to A, with the layout and
    meaning of PyTorch's function.

    Args:
        x: Of shape (batch, channels, height, width), where the batch may be left away.
        w: Of shape (channels, outputs / groups, height, width).
        bias: A number for each output, or None.
        stride: How far windows lie apart: a number or a pair, as the three that follow.
        padding: How many elements are cut off before and behind each axis.
        output_padding: How many elements longer the result is, below the stride: of the lengths
            that `conv2d` shortens to that of `x`, the least is chosen by 0.
        dilation: How far the elements of a window lie apart.
        groups: How many groups of channels there are, each of which makes one group of outputs.

    Raises:
        InvalidArgument: For shapes and settings that do not fit.

    Example:
        >>> x, w = np.ones((1, 4, 8, 8)), np.full((4, 3, 2, 2), 0.1)
        >>> gg.conv_transpose2d(x, w, np.zeros(3), stride=2).shape
        (1, 3, 16, 16)
        >>> image = np.ones((1, 3, 16, 16))
        >>> product = gg.sum(gg.conv2d(image, w, stride=2) * x)
        >>> bool(np.isclose(product, gg.sum(image * gg.conv_transpose2d(x, w, stride=2))))
        True
    """

@overload
def group_norm(x: ndarray, groups: int, weight: ndarray | generic | complex | None = ..., bias: ndarray | generic | complex | None = ..., *, eps: float = 1e-05) -> ndarray: ...
@overload
def group_norm(x: Tensor, groups: int, weight: Operand | None = None, bias: Operand | None = None, *, eps: float = 1e-05) -> Tensor: ...
@overload
def group_norm(x: Operand, groups: int, weight: Tensor | None = ..., bias: Operand | None = None, *, eps: float = 1e-05) -> Tensor: ...
@overload
def group_norm(x: Operand, groups: int, weight: Operand | None = None, bias: Tensor | None = ..., *, eps: float = 1e-05) -> Tensor: ...
@overload
def group_norm(x: Operand, groups: int, weight: Operand | None = None, bias: Operand | None = None, *, eps: float = 1e-05) -> Array:
    """Each sample of `x` with mean 0 and variance 1 in each of its groups of channels.

    See Y. Wu and K. He, "Group normalization" (2018). One group is layer normalization over all but
    the first axis; as many groups as channels is instance normalization.

    Args:
        x: Real numbers of shape (batch, channels, ...).
        groups: How many groups of equally many channels there are.
        weight: A factor for each channel, of shape (channels,).
        bias: What is added then, of shape (channels,).
        eps: What is added to the variance.

    Raises:
        InvalidArgument: For other shapes, groups that do not divide the channels, and a negative
            `eps`.

    Example:
        >>> x = np.array([[[1.0, 3.0], [5.0, 7.0]]])         # a sample of two channels
        >>> gg.group_norm(x, 1).round(3)
        array([[[-1.342, -0.447],
                [ 0.447,  1.342]]])
        >>> gg.group_norm(x, 2).round(3)
        array([[[-1.,  1.],
                [-1.,  1.]]])
    """

@overload
def huber_loss(predicted: ndarray, target: ndarray | generic | complex, /, *, delta: float = 1.0) -> ndarray: ...
@overload
def huber_loss(predicted: Tensor, target: Operand, /, *, delta: float = 1.0) -> Tensor: ...
@overload
def huber_loss(predicted: Operand, target: Tensor, /, *, delta: float = 1.0) -> Tensor: ...
@overload
def huber_loss(predicted: Operand, target: Operand, /, *, delta: float = 1.0) -> Array:
    """Half the square of a small error and the size of a large one: one loss per element.

    `e**2 / 2` where the error `e = predicted - target` is within `delta`, else `delta * (|e| -
    delta / 2)`. See P. Huber, "Robust estimation of a location parameter" (1964). One of the
    operands may broadcast to the shape of the other.

    Raises:
        InvalidArgument: For a `delta` that is no positive number, and where both operands would
            broadcast.

    Example:
        >>> target = np.array([0.0, 0.0, 0.0])
        >>> gg.huber_loss(np.array([0.5, 1.0, -3.0]), target)
        array([0.125, 0.5  , 2.5  ])
        >>> gg.grad(lambda x: gg.sum(gg.huber_loss(x, target)))(np.array([0.5, 1.0, -3.0]))
        array([ 0.5,  1. , -1. ])
    """

@overload
def layer_norm(x: ndarray, weight: ndarray | generic | complex | None = ..., bias: ndarray | generic | complex | None = ..., *, axis: Axis = -1, eps: float = 1e-05) -> ndarray: ...
@overload
def layer_norm(x: Tensor, weight: Operand | None = None, bias: Operand | None = None, *, axis: Axis = -1, eps: float = 1e-05) -> Tensor: ...
@overload
def layer_norm(x: Operand, weight: Tensor | None = ..., bias: Operand | None = None, *, axis: Axis = -1, eps: float = 1e-05) -> Tensor: ...
@overload
def layer_norm(x: Operand, weight: Operand | None = None, bias: Tensor | None = ..., *, axis: Axis = -1, eps: float = 1e-05) -> Tensor: ...
@overload
def layer_norm(x: Operand, weight: Operand | None = None, bias: Operand | None = None, *, axis: Axis = -1, eps: float = 1e-05) -> Array:
    """The array `x` with mean 0 and variance 1 along `axis`, times `weight` plus `bias`.

    See J. Ba, J. Kiros and G. Hinton, "Layer normalization" (2016).

    Args:
        x: Real numbers.
        weight: What the normalised numbers are multiplied by; it broadcasts to the shape of `x`.
        bias: What is added then; it broadcasts to the shape of `x`.
        axis: An axis or several, along which mean and variance are taken.
        eps: What is added to the variance, so that equal elements give 0.

    Raises:
        InvalidArgument: For a negative `eps`, and where `weight` or `bias` would enlarge `x`.

    Example:
        >>> x = np.array([[1.0, 2.0, 3.0], [10.0, 10.0, 10.0]])
        >>> gg.layer_norm(x).round(3)
        array([[-1.225,  0.   ,  1.225],
               [ 0.   ,  0.   ,  0.   ]])
        >>> gg.layer_norm(x, weight=np.array([1.0, 1.0, 2.0]), bias=np.full(3, 5.0)).round(3)
        array([[3.775, 5.   , 7.449],
               [5.   , 5.   , 5.   ]])
    """

@overload
def linear(a: ndarray, b: ndarray | generic | complex, c: ndarray | generic | complex) -> ndarray: ...
@overload
def linear(a: Tensor, b: Operand, c: Operand) -> Tensor: ...
@overload
def linear(a: Operand, b: Tensor, c: Operand) -> Tensor: ...
@overload
def linear(a: Operand, b: Operand, c: Tensor) -> Tensor: ...
@overload
def linear(a: Operand, b: Operand, c: Operand) -> Array:
    """A layer of a network, `a @ b + c`: shapes (..., n), (n, m) and (m,) give (..., m).

    Raises:
        InvalidArgument: Where the bias `c` would enlarge the product.

    Example:
        >>> x = np.array([[1.0, 2.0]])
        >>> weight, bias = np.array([[1.0, 0.0, -1.0], [0.0, 1.0, 1.0]]), np.full(3, 0.5)
        >>> gg.linear(x, weight, bias)
        array([[1.5, 2.5, 1.5]])
    """

@overload
def max_pool1d(x: ndarray, window: int, /, *, stride: int | None = None, padding: int = 0) -> ndarray: ...
@overload
def max_pool1d(x: Tensor, window: int, /, *, stride: int | None = None, padding: int = 0) -> Tensor: ...
@overload
def max_pool1d(x: Operand, window: int, /, *, stride: int | None = None, padding: int = 0) -> Array:
    """The largest element of each window of the last axis of `x`; see `max_pool2d`.

    Example:
        >>> gg.max_pool1d(np.array([1.0, 2.0, 4.0, 3.0, 0.0]), 2)
        array([2., 4.])
        >>> gg.max_pool1d(np.array([1.0, 2.0, 4.0, 3.0, 0.0]), 3, stride=2, padding=1)
        array([2., 4., 3.])
    """

@overload
def max_pool2d(x: ndarray, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0) -> ndarray: ...
@overload
def max_pool2d(x: Tensor, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0) -> Tensor: ...
@overload
def max_pool2d(x: Operand, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0) -> Array:
    """The largest element of each window of the last two axes of `x`.

    Equal elements share the gradient evenly, as in `max`.

    Args:
        x: Floating numbers of shape (..., height, width).
        window: How large a window is: a length, or a pair for height and width.
        stride: How far windows lie apart, as a length or a pair; side by side by default.
        padding: How many elements come before and behind along both axes, as a length or a pair.
            None of these is the largest.

    Raises:
        InvalidArgument: For windows that are longer than the image, and for a padding of more than
            half of them.
        UnsupportedOperand: For integers, and for an array of fewer than two axes.

    Example:
        >>> image = np.array([[1.0, 2.0, 0.0, 1.0], [4.0, 3.0, 5.0, 2.0]])
        >>> gg.max_pool2d(image, 2)
        array([[4., 5.]])
        >>> gg.grad(lambda x: gg.sum(gg.max_pool2d(x, 2)))(image)
        array([[0., 0., 0., 0.],
               [1., 0., 1., 0.]])
    """

@overload
def mean_squared_error(predicted: ndarray, target: ndarray | generic | complex) -> ndarray: ...
@overload
def mean_squared_error(predicted: Tensor, target: Operand) -> Tensor: ...
@overload
def mean_squared_error(predicted: Operand, target: Tensor) -> Tensor: ...
@overload
def mean_squared_error(predicted: Operand, target: Operand) -> Array:
    """Mean of `(predicted - target) ** 2` over all elements.

    One of the operands may broadcast to the shape of the other.

    Raises:
        InvalidArgument: Where both would broadcast: of shapes (n, 1) and (n,), each would be
            compared with each.

    Example:
        >>> target = np.array([1.0, 2.0, 3.0])
        >>> gg.mean_squared_error(np.array([1.0, 2.0, 5.0]), target).round(4)
        np.float64(1.3333)
        >>> gg.grad(gg.mean_squared_error)(np.array([1.0, 2.0, 5.0]), target).round(4)
        array([0.    , 0.    , 1.3333])
    """

@overload
def rms_norm(x: ndarray, weight: ndarray | generic | complex | None = ..., *, axis: Axis = -1, eps: float = 1e-06) -> ndarray: ...
@overload
def rms_norm(x: Tensor, weight: Operand | None = None, *, axis: Axis = -1, eps: float = 1e-06) -> Tensor: ...
@overload
def rms_norm(x: Operand, weight: Tensor | None = ..., *, axis: Axis = -1, eps: float = 1e-06) -> Tensor: ...
@overload
def rms_norm(x: Operand, weight: Operand | None = None, *, axis: Axis = -1, eps: float = 1e-06) -> Array:
    """The array `x` over the root of the mean of its squares along `axis`, times `weight`.

    See B. Zhang and R. Sennrich, "Root mean square layer normalization" (2019).

    Args:
        x: Real numbers.
        weight: What the scaled numbers are multiplied by; it broadcasts to the shape of `x`.
        axis: An axis or several, along which the mean is taken.
        eps: What is added to the mean of the squares, so that zeros give 0.

    Raises:
        InvalidArgument: For a negative `eps`, and where `weight` would enlarge `x`.

    Example:
        >>> x = np.array([[3.0, 4.0], [0.0, 0.0]])
        >>> gg.rms_norm(x).round(4)
        array([[0.8485, 1.1314],
               [0.    , 0.    ]])
        >>> gg.grad(lambda x: gg.rms_norm(x)[0, 0])(x).round(4)
        array([[ 0.181 , -0.1358],
               [ 0.    ,  0.    ]])
    """

@overload
def sigmoid_binary_cross_entropy(logits: ndarray, labels: ndarray | generic | complex) -> ndarray: ...
@overload
def sigmoid_binary_cross_entropy(logits: Tensor, labels: Operand) -> Tensor: ...
@overload
def sigmoid_binary_cross_entropy(logits: Operand, labels: Tensor) -> Tensor: ...
@overload
def sigmoid_binary_cross_entropy(logits: Operand, labels: Operand) -> Array:
    """Cross entropy of `sigmoid(logits)` with `labels`: one loss per element.

    `-labels * log(p) - (1 - labels) * log(1 - p)` of the probability `p = sigmoid(logits)`, which
    keeps its digits where that rounds to 0 or 1. Labels are 0 or 1, of any dtype, or probabilities.
    One of the operands may broadcast to the shape of the other.

    Raises:
        InvalidArgument: Where both would broadcast: of shapes (n, 1) and (n,), each would be
            compared with each.

    Example:
        >>> logits, labels = np.array([-2.0, 0.0, 40.0]), np.array([0, 1, 1])
        >>> gg.sigmoid_binary_cross_entropy(logits, labels).round(4)
        array([0.1269, 0.6931, 0.    ])
        >>> loss = lambda logits: gg.mean(gg.sigmoid_binary_cross_entropy(logits, labels))
        >>> gg.grad(loss)(logits).round(4)
        array([ 0.0397, -0.1667, -0.    ])
    """

@overload
def softmax_cross_entropy(logits: ndarray, labels: ndarray | generic | complex, /, *, label_smoothing: float = 0.0) -> ndarray: ...
@overload
def softmax_cross_entropy(logits: Tensor, labels: Operand, /, *, label_smoothing: float = 0.0) -> Tensor: ...
@overload
def softmax_cross_entropy(logits: Operand, labels: Tensor, /, *, label_smoothing: float = 0.0) -> Tensor: ...
@overload
def softmax_cross_entropy(logits: Operand, labels: Operand, /, *, label_smoothing: float = 0.0) -> Array:
    """Cross entropy of the softmax of `logits` with `labels`: one loss per row.

    Args:
        logits: Floating-point numbers of shape (..., n), with one per class in each row.
        labels: Integers of shape (...) in `range(n)`, or the probability of each class, such as
            one-hot rows, with the shape of `logits`. On a GPU, where checking would mean waiting,
            the loss for an integer out of range is NaN.
        label_smoothing: The share of each label, from 0 to 1, that all n classes get evenly, as in
            Szegedy et al. 2015, arXiv:1512.00567.

    Raises:
        InvalidArgument: For other shapes or shares, and on the CPU for integer labels out of range.

    Example:
        >>> logits = np.array([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
        >>> labels = np.array([0, 2])
        >>> gg.softmax_cross_entropy(logits, labels).round(4)
        array([0.2395, 1.0986])
        >>> loss = lambda logits: gg.mean(gg.softmax_cross_entropy(logits, labels))
        >>> gg.grad(loss)(logits).round(3)
        array([[-0.107,  0.053,  0.053],
               [ 0.167,  0.167, -0.333]])
    """
