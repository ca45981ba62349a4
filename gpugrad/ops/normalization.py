"""Normalization along axes: of layers, of groups of channels, and of channels over a batch."""

from __future__ import annotations

from typing import Any

from gpugrad.backends import Namespace
from gpugrad.core.half import in_single, narrow_of, raised, rounded
from gpugrad.core.op import op
from gpugrad.core.registry import add_function
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.ops.operands import check_real, shape_of
from gpugrad.ops.reduction import count_of
from gpugrad.settings import settled
from gpugrad.types import Array, Axis, Shape

__all__ = [
    "batch_norm",
    "group_norm",
    "layer_norm",
    "rms_norm",
]


def _centred(x: Array, axis: Axis, xp: Namespace) -> Array:
    return x - xp.mean(x, axis=axis, keepdims=True)


def _standardize_rule(g: Array, y: Array, x: Array, axis: Axis, eps: float, xp: Namespace) -> Array:
    deviation = xp.root_mean_square(_centred(x, axis, xp), axis=axis, eps=eps)
    along = xp.mean(g * y, axis=axis, keepdims=True)
    return (g - xp.mean(g, axis=axis, keepdims=True) - y * along) / deviation


@op(_standardize_rule, in_single=True, public=False)
def standardize(xp: Namespace, x: Array, /, *, axis: Axis = -1, eps: float = 1e-5) -> Array:
    """Real `x` less its mean along `axis`, divided by `sqrt(variance + eps)`."""
    check_real("standardize", x)
    centred = _centred(xp.floating(x), axis, xp)
    return centred / xp.root_mean_square(centred, axis=axis, eps=eps)


def _moments_rule(
    g: tuple[Array, Array, Array],
    y: tuple[Array, Array, Array],
    axis: Axis,
    used: tuple[bool, ...],
    xp: Namespace,
) -> tuple[Array]:
    to_standard, to_mean, to_deviation = g
    standard, _, deviation = y
    n = count_of(standard.shape, axis) or 1
    total: Any = 0.0
    if used[0]:
        along = xp.mean(to_standard * standard, axis=axis, keepdims=True)
        centred = to_standard - xp.mean(to_standard, axis=axis, keepdims=True)
        total = (centred - standard * along) / deviation
    if used[1]:
        total = total + to_mean / n
    if used[2]:
        total = total + standard * (to_deviation / n)
    return (total if used[0] or used[2] else xp.broadcast_to(total, standard.shape),)


@op(vjp=_moments_rule, results=3, in_single=True, public=False)
def standardize_and_moments(
    xp: Namespace, x: Array, /, *, axis: Axis = -1, eps: float = 1e-5
) -> tuple[Array, Array, Array]:
    """`standardize`, the mean, and the root of the variance and `eps`, along axes that stay."""
    check_real("standardize", x)
    x = xp.floating(x)
    mean = xp.mean(x, axis=axis, keepdims=True)
    centred = x - mean
    deviation = xp.root_mean_square(centred, axis=axis, eps=eps)
    return centred / deviation, mean, deviation


def _root_rule(
    g: tuple[Array, Array],
    y: tuple[Array, Array],
    axis: Axis,
    used: tuple[bool, ...],
    xp: Namespace,
) -> tuple[Array]:
    to_scaled, to_root = g
    scaled, root = y
    total: Any = 0.0
    if used[0]:
        along = xp.mean(to_scaled * scaled, axis=axis, keepdims=True)
        total = (to_scaled - scaled * along) / root
    if used[1]:
        total = total + scaled * (to_root / (count_of(scaled.shape, axis) or 1))
    return (total,)


@op(vjp=_root_rule, results=2, in_single=True, public=False)
def scaled_and_root(
    xp: Namespace, x: Array, /, *, axis: Axis = -1, eps: float = 1e-6
) -> tuple[Array, Array]:
    """Real `x` over the root of the mean of its squares and `eps`, and this, along kept axes."""
    check_real("rms_norm", x)
    x = xp.floating(x)
    root = xp.root_mean_square(x, axis=axis, eps=eps)
    return x / root, root



@add_function
def layer_norm(
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    axis: Axis = -1,
    eps: float = 1e-5,
) -> Array:
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
    _check("layer_norm", x, eps, weight, bias)
    found = ops.standardize(x, axis=axis, eps=eps)
    return _affine(found, weight, bias)


@add_function
def rms_norm(
    x: Array, weight: Array | None = None, *, axis: Axis = -1, eps: float = 1e-6
) -> Array:
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
    _check("rms_norm", x, eps, weight, None)
    scaled: Any = ops.scaled_and_root(x, axis=axis, eps=eps)
    return _affine(scaled[0], weight, None)


@add_function
def group_norm(
    x: Array,
    groups: int,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    eps: float = 1e-5,
) -> Array:
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
    shape, groups = shape_of(x), settled(groups)
    if len(shape) < 2 or type(groups) is not int or groups < 1 or shape[1] % groups:
        raise InvalidArgument(
            f"group_norm: x has shape {shape} with {groups!r} groups; expected (batch, channels, "
            "...) and a number of groups that divides the channels."
        )
    _check("group_norm", x, eps, None, None)
    found = ops.standardize(ops.reshape(x, (shape[0], groups, -1)), axis=-1, eps=eps)
    return _affine(ops.reshape(found, shape), *_of_channels("group_norm", shape, weight, bias))


@add_function
def batch_norm(
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    mean: Array | None = None,
    variance: Array | None = None,
    eps: float = 1e-5,
) -> Array:
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
    shape = shape_of(x)
    check_channels("batch_norm", shape)
    _check("batch_norm", x, eps, None, None)
    factors = _of_channels("batch_norm", shape, weight, bias)
    if (mean is None) != (variance is None):
        raise InvalidArgument(
            "batch_norm: of mean and variance one is given; expected both, or none for those of "
            "x."
        )
    if mean is None:
        return _affine(ops.standardize(x, axis=_all_but_channels(shape), eps=eps), *factors)
    mean, variance = _of_channels("batch_norm", shape, mean, variance, ("mean", "variance"))
    return _affine(_by_moments(x, mean, variance, eps), *factors)


@in_single
def _by_moments(x: Array, mean: Any, variance: Any, eps: float) -> Array:
    return ops.multiply(ops.subtract(x, mean), 1 / ops.sqrt(ops.add(variance, eps)))


def batch_norm_and_moments(
    x: Array, weight: Array | None, bias: Array | None, eps: float
) -> tuple[Array, Array, Array]:
    """`batch_norm`, and the mean and the variance of each channel, of shape (channels,).

    These two are float32 of an `x` of 16 bits, whose variance float16 may not hold.
    """
    narrow = narrow_of((x,))
    shape = shape_of(x)
    found: Any = ops.standardize_and_moments(raised(x), axis=_all_but_channels(shape), eps=eps)
    standard, mean, deviation = found
    # A variance that is small beside eps loses digits, which are nothing where it is used with eps.
    variance = ops.maximum(ops.subtract(ops.square(deviation), eps), 0)
    standard = standard if narrow is None else rounded(standard, narrow)
    y = _affine(standard, *_of_channels("batch_norm", shape, weight, bias))
    return y, ops.reshape(mean, shape[1:2]), ops.reshape(variance, shape[1:2])


def check_channels(name: str, shape: Shape) -> None:
    """Raise `InvalidArgument` where there is no axis of channels."""
    if len(shape) < 2:
        raise InvalidArgument(f"{name}: x has shape {shape}; expected (batch, channels, ...).")


def _all_but_channels(shape: Shape) -> Shape:
    return (0, *range(2, len(shape)))


def _of_channels(
    name: str,
    shape: Shape,
    weight: Array | None,
    bias: Array | None,
    names: tuple[str, str] = ("weight", "bias"),
) -> tuple[Array | None, Array | None]:
    """Two numbers for each channel as they broadcast to `shape`."""
    found: list[Array | None] = []
    for of, factor in zip(names, (weight, bias), strict=True):
        if factor is not None and shape_of(factor) != shape[1:2]:
            raise InvalidArgument(
                f"{name}: {of} has shape {shape_of(factor)}; expected {shape[1:2]}, a number for "
                f"each channel of x, which has shape {shape}."
            )
        after = (1,) * (len(shape) - 2)
        found.append(factor if factor is None else ops.reshape(factor, (*shape[1:2], *after)))
    return found[0], found[1]


def _affine(found: Array, weight: Array | None, bias: Array | None) -> Array:
    if weight is not None:
        found = ops.multiply(found, weight)
    return found if bias is None else ops.add(found, bias)


def _check(
    name: str, x: Array, eps: float, weight: Array | None, bias: Array | None
) -> None:
    """Raise `InvalidArgument` for an `eps` that is no number, and factors that do not broadcast."""
    if not hasattr(eps, "dtype") and not (isinstance(eps, int | float) and eps >= 0):
        raise InvalidArgument(f"{name}: eps is {eps!r}; expected a number of at least 0.")
    for of, factor in (("weight", weight), ("bias", bias)):
        if isinstance(factor, tuple):
            raise InvalidArgument(
                f"{name}: {of} is the tuple {factor}, as a shape would be; expected an array. "
                "Which axes are meant is said by axis=."
            )
        if factor is not None and not _broadcasts(shape_of(factor), shape_of(x)):
            raise InvalidArgument(
                f"{name}: {of} has shape {shape_of(factor)}; expected one that broadcasts to "
                f"{shape_of(x)}, that of x."
            )


def _broadcasts(shape: Shape, to: Shape) -> bool:
    return len(shape) <= len(to) and all(
        n in (1, m) for n, m in zip(reversed(shape), reversed(to), strict=False)
    )
