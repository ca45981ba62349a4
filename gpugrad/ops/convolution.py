"""Convolutions: of vectors and images as in NumPy and SciPy, of batches as in networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gpugrad.backends import Namespace, is_complex
from gpugrad.core.op import op
from gpugrad.core.registry import add_function
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.ops.operands import arrays, dtype_of, shape_of
from gpugrad.settings import settled
from gpugrad.types import Array

__all__ = [
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
    "convolve",
    "convolve2d",
    "correlate",
]

Sizes = int | Sequence[int]
Padding = str | Sizes
Places = tuple[int, ...]
Pads = tuple[tuple[int, int], ...]


# Of vectors


@op(
    lambda g, v, xp: xp.valid_correlation(g, v),
    lambda g, a, xp: xp.valid_correlation(g, a),
    public=False,
)
def full_convolution(xp: Namespace, a: Array, v: Array) -> Array:
    """`convolve` with mode "full"."""
    return xp.full_convolution(a, v)


@op(
    lambda g, v, xp: xp.full_convolution(g, v),
    lambda g, a, xp: xp.valid_correlation(a, g),
    public=False,
)
def valid_correlation(xp: Namespace, a: Array, v: Array) -> Array:
    """Sums of `a[i + j] * v[j]`, for vectors `v` that are not longer than `a`."""
    return xp.valid_correlation(a, v)


def _vectors(name: str, a: Array, v: Array) -> tuple[Array, Array, int, int]:
    """Two vectors and their lengths."""
    a, v = arrays(a, v)
    shapes = shape_of(a), shape_of(v)
    if any(len(shape) != 1 or shape[0] == 0 for shape in shapes):
        raise InvalidArgument(
            f"{name}: of arrays of shapes {shapes[0]} and {shapes[1]}; expected vectors that are "
            "not empty."
        )
    return a, v, shapes[0][0], shapes[1][0]


def _check_mode(name: str, mode: str) -> None:
    if mode not in ("full", "same", "valid"):
        raise InvalidArgument(f"{name}: mode is {mode!r}; expected 'full', 'same' or 'valid'.")


@add_function
def convolve(a: Array, v: Array, /, mode: str = "full") -> Array:
    """The convolution of two vectors: sums of `a[i] * v[k - i]`, for each `k` that `mode` selects.

    "full" is wherever they overlap, "valid" where the shorter one lies within the longer, "same" as
    many in the middle as the longer one has. On CuPy, long ones are multiplied by way of their
    Fourier transforms.

    Raises:
        InvalidArgument: For operands that are no vectors or that are empty, and for an unknown
            mode.

    Example:
        >>> x, w = np.array([1.0, 2.0, 3.0]), np.array([1.0, 10.0])
        >>> gg.convolve(x, w)
        array([ 1., 12., 23., 30.])
        >>> gg.convolve(x, w, mode="valid")
        array([12., 23.])
        >>> gg.grad(lambda w: gg.sum(gg.convolve(x, w, mode="valid")))(w)
        array([5., 3.])
    """
    _check_mode("convolve", mode)
    a, v, n, m = _vectors("convolve", a, v)
    if n < m:
        a, v, n, m = v, a, m, n
    if mode == "valid":
        return ops.valid_correlation(a, ops.flip(v))
    full = ops.full_convolution(a, v)
    if mode == "full":
        return full
    first = (m - 1) // 2
    return ops.getitem(full, (slice(first, first + n),))


@add_function
def correlate(a: Array, v: Array, /, mode: str = "valid") -> Array:
    """The correlation of two vectors: sums of `a[i + k] * conj(v[i])`.

    `mode` says for which `k`; see `convolve`.

    Raises:
        InvalidArgument: For operands that are no vectors or that are empty, and for an unknown
            mode.

    Example:
        >>> x, w = np.array([1.0, 2.0, 3.0]), np.array([1.0, 10.0])
        >>> gg.correlate(x, w)
        array([21., 32.])
        >>> gg.grad(lambda w: gg.sum(gg.correlate(x, w)))(w)
        array([3., 5.])
    """
    _check_mode("correlate", mode)
    a, v, n, m = _vectors("correlate", a, v)
    turned = ops.flip(ops.conj(v) if is_complex(dtype_of(v)) else v)
    if mode != "same":
        return convolve(a, turned, mode)
    first = (m - 1) // 2 if m <= n else n // 2
    return ops.getitem(ops.full_convolution(a, turned), (slice(first, first + max(n, m)),))


# Of images


@add_function
def convolve2d(a: Array, v: Array, /, mode: str = "full") -> Array:
    """The convolution of two matrices, with zeros around them.

    "full" is wherever they overlap, "same" as large as `a` and in the middle of that, "valid" where
    one lies within the other. As `scipy.signal.convolve2d` with its default boundary.

    Raises:
        InvalidArgument: For operands that are no matrices or that are empty, and for an unknown
            mode.

    Example:
        >>> image, blur = np.eye(3), np.full((2, 2), 0.25)
        >>> gg.convolve2d(image, blur, mode="valid")
        array([[0.5 , 0.25],
               [0.25, 0.5 ]])
        >>> gg.grad(lambda w: gg.convolve2d(image, w, mode="valid")[0, 0])(blur)
        array([[1., 0.],
               [0., 1.]])
    """
    _check_mode("convolve2d", mode)
    a, v = arrays(a, v)
    sizes, window = shape_of(a), shape_of(v)
    if len(sizes) != 2 or len(window) != 2 or 0 in (*sizes, *window):
        raise InvalidArgument(
            f"convolve2d: of arrays of shapes {sizes} and {window}; expected matrices that are "
            "not empty."
        )
    if mode == "valid" and sizes < window:
        a, v, sizes, window = v, a, window, sizes
    pads = [(0, 0)] * 2
    if mode == "full":
        pads = [(k - 1, k - 1) for k in window]
    if mode == "same":
        pads = [(k // 2, (k - 1) // 2) for k in window]
    a, v = (ops.reshape(x, (1, 1, *shape_of(x))) for x in (a, ops.flip(v)))
    found = _product(a, v, None, pads, (1, 1), (1, 1), 1)
    return ops.reshape(found, shape_of(found)[2:])


# Of networks


def _to_inputs(
    g: Array,
    w: Array,
    x_shape: tuple[int, ...],
    pads: Pads,
    strides: Places,
    dilations: Places,
    groups: int,
    xp: Namespace,
) -> Array:
    return xp.correlation_inputs(
        g, w, lengths=x_shape[2:], pads=pads, strides=strides, dilations=dilations, groups=groups
    )


def _to_weights(
    g: Array,
    x: Array,
    w_shape: tuple[int, ...],
    pads: Pads,
    strides: Places,
    dilations: Places,
    groups: int,
    xp: Namespace,
) -> Array:
    return xp.correlation_weights(
        x, g, sizes=w_shape[2:], pads=pads, strides=strides, dilations=dilations, groups=groups
    )


@op(_to_inputs, _to_weights, public=False)
def batched_correlation(
    xp: Namespace, x: Array, w: Array, /,
    *, pads: Pads, strides: Places, dilations: Places, groups: int,
) -> Array:
    """Sums of products of the windows of `x` with the weights `w`: see `conv2d`.

    The shapes are (batch, channels, ...) and (outputs, channels / groups, ...). `pads` are zeros
    before and behind each axis.
    """
    return xp.batched_correlation(
        x, w, pads=pads, strides=strides, dilations=dilations, groups=groups
    )


def _to_bias(g: Array, xp: Namespace) -> Array:
    return xp.sum(g, axis=(0, *range(2, len(g.shape))))


@op(_to_inputs, _to_weights, _to_bias, public=False)
def biased_correlation(
    xp: Namespace, x: Array, w: Array, bias: Array, /,
    *, pads: Pads, strides: Places, dilations: Places, groups: int,
) -> Array:
    """`batched_correlation` and a number for each output, of shape (outputs,)."""
    return xp.biased_correlation(
        x, w, bias, pads=pads, strides=strides, dilations=dilations, groups=groups
    )


def _inputs_rule(
    g: Array,
    w: Array,
    pads: Pads,
    strides: Places,
    dilations: Places,
    groups: int,
    xp: Namespace,
) -> Array:
    return xp.batched_correlation(
        g, w, pads=pads, strides=strides, dilations=dilations, groups=groups
    )


def _inputs_weights_rule(
    g: Array,
    values: Array,
    w_shape: tuple[int, ...],
    pads: Pads,
    strides: Places,
    dilations: Places,
    groups: int,
    xp: Namespace,
) -> Array:
    return xp.correlation_weights(
        g, values, sizes=w_shape[2:], pads=pads, strides=strides, dilations=dilations, groups=groups
    )


@op(_inputs_rule, _inputs_weights_rule, public=False)
def correlation_inputs(
    xp: Namespace, values: Array, w: Array, /,
    *, lengths: Places, pads: Pads, strides: Places, dilations: Places, groups: int,
) -> Array:
    """The transpose of `batched_correlation` with respect to `x`.

    `lengths` are those of the last axes of `x`.
    """
    return xp.correlation_inputs(
        values, w, lengths=lengths, pads=pads, strides=strides, dilations=dilations, groups=groups
    )


def _weights_inputs_rule(
    g: Array,
    values: Array,
    x_shape: tuple[int, ...],
    pads: Pads,
    strides: Places,
    dilations: Places,
    groups: int,
    xp: Namespace,
) -> Array:
    return xp.correlation_inputs(
        values, g, lengths=x_shape[2:], pads=pads, strides=strides, dilations=dilations,
        groups=groups,
    )


def _weights_rule(
    g: Array,
    x: Array,
    pads: Pads,
    strides: Places,
    dilations: Places,
    groups: int,
    xp: Namespace,
) -> Array:
    return xp.batched_correlation(
        x, g, pads=pads, strides=strides, dilations=dilations, groups=groups
    )


@op(_weights_inputs_rule, _weights_rule, public=False)
def correlation_weights(
    xp: Namespace, x: Array, values: Array, /,
    *, sizes: Places, pads: Pads, strides: Places, dilations: Places, groups: int,
) -> Array:
    """The transpose of `batched_correlation` with respect to `w`, whose windows have `sizes`."""
    return xp.correlation_weights(
        x, values, sizes=sizes, pads=pads, strides=strides, dilations=dilations, groups=groups
    )


def _product(
    x: Array,
    w: Array,
    bias: Array | None,
    pads: Sequence[tuple[int, int]],
    strides: Sequence[int],
    dilations: Sequence[int],
    groups: int,
) -> Array:
    """Sums of products of the windows of `x` with `w`, and a number for each output."""
    settings = {
        "pads": tuple(pads), "strides": tuple(strides), "dilations": tuple(dilations),
        "groups": groups,
    }  # fmt: skip
    if bias is None:
        return ops.batched_correlation(x, w, **settings)
    return ops.biased_correlation(x, w, bias, **settings)


def sizes_of(name: str, what: str, value: Sizes, n: int, least: int) -> tuple[int, ...]:
    """A number for each of `n` axes, of at least `least`."""
    given: Any = settled(value)
    found: tuple[int, ...] = tuple(given) if isinstance(given, tuple | list) else (given,) * n
    if len(found) != n or any(not isinstance(k, int) or k < least for k in found):
        raise InvalidArgument(
            f"{name}: {what} is {given!r}; expected an integer of at least {least}, or one for "
            f"each of the {n} axes."
        )
    return found


def _pads(
    name: str, padding: Padding, window: Sequence[int], strides: Sequence[int]
) -> list[tuple[int, int]]:
    """How many zeros come before and behind each axis; `window` are lengths with dilation."""
    if padding == "valid":
        return [(0, 0)] * len(window)
    if padding == "same":
        if any(step != 1 for step in strides):
            raise InvalidArgument(
                f"{name}: padding is 'same' with a stride of {tuple(strides)}: that many places "
                "cannot be kept. Give the padding in numbers."
            )
        return [((k - 1) // 2, k // 2) for k in window]
    if isinstance(padding, str):
        raise InvalidArgument(
            f"{name}: padding is {padding!r}; expected 'same', 'valid' or numbers."
        )
    return [(k, k) for k in sizes_of(name, "padding", padding, len(window), 0)]


def _of_batch(
    name: str,
    n: int,
    x: Array,
    w: Array,
    bias: Array | None,
    stride: Sizes,
    padding: Padding,
    dilation: Sizes,
    groups: int,
) -> Array:
    if bias is None:
        x, w = arrays(x, w)
    else:
        x, w, bias = arrays(x, w, bias)
    groups = settled(groups)
    shape, (outputs, per_group, *sizes) = shape_of(x), (*shape_of(w), *(0,) * 2)[: n + 2]
    if len(shape) == n + 1:                         # one sample
        one = _of_batch(
            name, n, ops.expand_dims(x, axis=0), w, bias, stride, padding, dilation, groups
        )
        return ops.squeeze(one, axis=0)
    fits = len(shape) == len(shape_of(w)) == n + 2 and groups > 0
    if not fits or shape[1] != per_group * groups or outputs % groups:
        raise InvalidArgument(
            f"{name}: x has shape {shape} and w {shape_of(w)} with {groups} groups; expected "
            f"(batch, channels, {n} lengths) and (outputs, channels / groups, {n} lengths), with "
            "channels and outputs that the groups divide."
        )
    if bias is not None and shape_of(bias) != (outputs,):
        raise InvalidArgument(
            f"{name}: bias has shape {shape_of(bias)}; expected ({outputs},), one for each output."
        )
    strides = sizes_of(name, "stride", stride, n, 1)
    dilations = sizes_of(name, "dilation", dilation, n, 1)
    window = [(k - 1) * apart + 1 for k, apart in zip(sizes, dilations, strict=True)]
    pads = _pads(name, padding, window, strides)
    return _product(x, w, bias, pads, strides, dilations, groups)


@add_function
def conv1d(
    x: Array,
    w: Array,
    bias: Array | None = None,
    *,
    stride: Sizes = 1,
    padding: Padding = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Array:
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
    return _of_batch("conv1d", 1, x, w, bias, stride, padding, dilation, groups)


@add_function
def conv2d(
    x: Array,
    w: Array,
    bias: Array | None = None,
    *,
    stride: Sizes = 1,
    padding: Padding = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Array:
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
    return _of_batch("conv2d", 2, x, w, bias, stride, padding, dilation, groups)


# Transposed


def _transposed(
    name: str,
    n: int,
    x: Array,
    w: Array,
    bias: Array | None,
    stride: Sizes,
    padding: Sizes,
    output_padding: Sizes,
    dilation: Sizes,
    groups: int,
) -> Array:
    x, w, *rest = arrays(x, w) if bias is None else arrays(x, w, bias)
    groups = settled(groups)
    shape, (inputs, per_group, *sizes) = shape_of(x), (*shape_of(w), *(0,) * 2)[: n + 2]
    if len(shape) == n + 1:                         # one sample
        one = _transposed(
            name, n, ops.expand_dims(x, axis=0), w, bias, stride, padding, output_padding, dilation,
            groups,
        )  # fmt: skip
        return ops.squeeze(one, axis=0)
    fits = len(shape) == len(shape_of(w)) == n + 2 and groups > 0
    if not fits or shape[1] != inputs or inputs % groups:
        raise InvalidArgument(
            f"{name}: x has shape {shape} and w {shape_of(w)} with {groups} groups; expected "
            f"(batch, channels, {n} lengths) and (channels, outputs / groups, {n} lengths), with "
            "channels that the groups divide."
        )
    outputs = per_group * groups
    if rest and shape_of(rest[0]) != (outputs,):
        raise InvalidArgument(
            f"{name}: bias has shape {shape_of(rest[0])}; expected ({outputs},), one for each "
            "output."
        )
    strides = sizes_of(name, "stride", stride, n, 1)
    pads = sizes_of(name, "padding", padding, n, 0)
    more = sizes_of(name, "output_padding", output_padding, n, 0)
    dilations = sizes_of(name, "dilation", dilation, n, 1)
    if any(extra >= step for extra, step in zip(more, strides, strict=True)):
        raise InvalidArgument(
            f"{name}: output_padding is {more} with a stride of {strides}; it chooses one of the "
            "lengths that a convolution shortens to that of x, and must be below the stride."
        )
    lengths = tuple(
        (length - 1) * step + (size - 1) * apart + 1 - 2 * pad + extra
        for length, step, size, apart, pad, extra in zip(
            shape[2:], strides, sizes, dilations, pads, more, strict=True
        )
    )
    if min(lengths, default=1) < 1:
        raise InvalidArgument(
            f"{name}: of x with shape {shape} and windows of {tuple(sizes)}, a padding of {pads} "
            "leaves nothing."
        )
    y = ops.correlation_inputs(
        x, w, lengths=lengths, pads=tuple((pad, pad) for pad in pads), strides=strides,
        dilations=dilations, groups=groups,
    )  # fmt: skip
    return ops.add(y, ops.reshape(rest[0], (outputs, *(1,) * n))) if rest else y


@add_function
def conv_transpose1d(
    x: Array,
    w: Array,
    bias: Array | None = None,
    *,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Array:
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
    return _transposed(
        "conv_transpose1d", 1, x, w, bias, stride, padding, output_padding, dilation, groups
    )


@add_function
def conv_transpose2d(
    x: Array,
    w: Array,
    bias: Array | None = None,
    *,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Array:
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
    return _transposed(
        "conv_transpose2d", 2, x, w, bias, stride, padding, output_padding, dilation, groups
    )
