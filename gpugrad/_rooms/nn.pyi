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
from gpugrad.nn import Linear as Linear
from gpugrad.nn import MLP as MLP
from gpugrad.nn import dropout as dropout
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
def softmax_cross_entropy(logits: ndarray, labels: ndarray | generic | complex, /) -> ndarray: ...
@overload
def softmax_cross_entropy(logits: Tensor, labels: Operand, /) -> Tensor: ...
@overload
def softmax_cross_entropy(logits: Operand, labels: Tensor, /) -> Tensor: ...
@overload
def softmax_cross_entropy(logits: Operand, labels: Operand, /) -> Array:
    """Cross entropy of the softmax of `logits` with `labels`: one loss per row.

    Args:
        logits: Floating-point numbers of shape (..., n), with one per class in each row.
        labels: Integers of shape (...) in `range(n)`, or the probability of each class, such as
            one-hot rows, with the shape of `logits`. On a GPU, where checking would mean waiting,
            the loss for an integer out of range is NaN.

    Raises:
        InvalidArgument: For other shapes, and on the CPU for integer labels out of range.

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
