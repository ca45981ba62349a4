# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

"""Models as pytrees of plain arrays, what they are made of, and the losses that train them."""

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
    """The mean of each window of the last two axes of `x`, with zeros as `padding`, which count.

    See `max_pool2d`.
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
    """`conv2d` along one axis: shapes (batch, channels, length) and (outputs, channels, size)."""

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
    """The convolution of networks, with the layout and meaning that it has in PyTorch.

    That is the cross-correlation of `x`, of shape (batch, channels, height, width), where the batch
    may be left away, with `w`, of shape (outputs, channels, height, width). `bias` has a number for
    each output. `padding` is how many zeros come before and behind each axis, or "valid" for none,
    or "same" for as many places as before; `stride` and `dilation` are how far windows, and their
    elements, lie apart; each is a number or a pair. With `groups`, each group of outputs sees one
    of the channels, and `w` has channels / groups. Raises `InvalidArgument` for what does not fit.
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
    """`x` with mean 0 and variance 1 along `axis`, times `weight` plus `bias`, which broadcast.

    `eps` is added to the variance, so that equal elements give 0. Raises `InvalidArgument` for a
    negative one, and where `weight` or `bias` would enlarge `x`.
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
    """`a @ b + c`, a layer of a network: shapes (..., n), (n, m) and (m,) give (..., m)."""

@overload
def max_pool2d(x: ndarray, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0) -> ndarray: ...
@overload
def max_pool2d(x: Tensor, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0) -> Tensor: ...
@overload
def max_pool2d(x: Operand, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0) -> Array:
    """The largest element of each window of the last two axes of `x`.

    `window` is a length or a pair; windows lie `stride` apart, or side by side without one. Of
    `padding`, which comes before and behind, no element is the largest. Equal elements share the
    gradient evenly, as in `max`.
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

    One of the operands may broadcast to the shape of the other. Raises `InvalidArgument` where both
    would: of shapes (n, 1) and (n,), each would be compared with each.
    """

@overload
def softmax_cross_entropy(logits: ndarray, labels: ndarray | generic | complex, /) -> ndarray: ...
@overload
def softmax_cross_entropy(logits: Tensor, labels: Operand, /) -> Tensor: ...
@overload
def softmax_cross_entropy(logits: Operand, labels: Tensor, /) -> Tensor: ...
@overload
def softmax_cross_entropy(logits: Operand, labels: Operand, /) -> Array:
    """Cross entropy of the softmax of `logits` with `labels`: one loss for each row.

    `logits` has shape (..., n). Integer `labels` have shape (...) and values in `range(n)` (checked
    on the CPU; on a GPU, which is not waited for, the loss is NaN outside); floating ones have the
    shape of `logits` and hold the probability of each class, such as one-hot rows. Raises
    `InvalidArgument` for other shapes and for labels out of range.
    """
