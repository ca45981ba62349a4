"""Random changes to images that leave what they show: functions of a key and one image.

An image has its height and width last, as (channels, height, width) has. A key is used up by one
function: split it for several. They work in eager code, under `gg.vmap` and under `gg.jit`, and are
meant for the `augment` of a `Loader`.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np

from gpugrad.backends import home_of
from gpugrad.errors import InvalidArgument
from gpugrad.ops.choosing import dynamic_slice
from gpugrad.ops.elementwise import clip, where
from gpugrad.ops.logic import less
from gpugrad.ops.operands import shape_of
from gpugrad.ops.padding import pad
from gpugrad.ops.rounding import floor
from gpugrad.ops.shape import astype, flip, unstack
from gpugrad.random import uniform
from gpugrad.settings import settled
from gpugrad.types import Array


def random_flip(key: Array, image: Array, *, rate: float = 0.5, axis: int = -1) -> Array:
    """The image, or its mirror image with probability `rate`.

    `axis=-1` swaps left and right, `axis=-2` top and bottom.

    Raises:
        InvalidArgument: For a `rate` that is not from 0 to 1.

    Example:
        >>> from gpugrad import data
        >>> image = np.arange(6.0).reshape(2, 3)
        >>> data.random_flip(gg.random.key(0), image, rate=1.0)
        array([[2., 1., 0.],
               [5., 4., 3.]])
    """
    rate = _number("random_flip", "rate", rate, 1.0)
    return where(less(uniform(key), rate), flip(image, axis=axis), image)


def random_crop(
    key: Array, image: Array, *, padding: int = 0, size: tuple[int, int] | None = None
) -> Array:
    """A part of the image, at a random place, after `padding` rows and columns of 0 on each side.

    Without `size` it is as large as the image, which then is shifted by up to `padding` pixels.

    Args:
        key: A key of `gg.random`.
        image: (..., height, width).
        padding: How many rows and columns are put on each side first.
        size: (height, width) of the part.

    Raises:
        InvalidArgument: For a part that is larger than the image with its padding.

    Example:
        >>> from gpugrad import data
        >>> image = np.ones((3, 32, 32), np.float32)
        >>> data.random_crop(gg.random.key(0), image, padding=4).shape
        (3, 32, 32)
        >>> data.random_crop(gg.random.key(0), image, size=(24, 24)).shape
        (3, 24, 24)
    """
    *before, height, width = shape_of(image)
    padding = settled(padding)
    high, wide = settled((height, width) if size is None else size)
    room = (height + 2 * padding - high, width + 2 * padding - wide)
    if padding < 0 or min(room) < 0 or min(high, wide) < 1:
        raise InvalidArgument(
            f"random_crop: a part of {high} by {wide} pixels does not fit into an image of "
            f"{height} by {width} with a padding of {padding}; expected a smaller part."
        )
    if padding:
        image = pad(image, [(0, 0)] * len(before) + [(padding, padding)] * 2)
    drawn = zip(unstack(uniform(key, (2,))), room, strict=True)
    top, left = (astype(floor(part * (most + 1.0)), np.int64) for part, most in drawn)
    return dynamic_slice(image, (*(0 for _ in before), top, left), (*before, high, wide))


def random_brightness(key: Array, image: Array, *, most: float = 0.2) -> Array:
    """The image, all of it brighter or darker by up to `most`, and cut off at 0 and 1.

    Raises:
        InvalidArgument: For an image of integers, and a `most` that is not from 0 to 1.

    Example:
        >>> from gpugrad import data
        >>> image = np.full((1, 2, 2), 0.5, np.float32)
        >>> changed = data.random_brightness(gg.random.key(0), image)
        >>> changed.dtype, bool((abs(changed - 0.5) <= 0.2).all())
        (dtype('float32'), True)
    """
    most = _number("random_brightness", "most", most, 1.0)
    dtype = _floats("random_brightness", image)
    return clip(image + uniform(key, (), -most, most, dtype=dtype), 0.0, 1.0)


def normalise(image: Array, mean: Any, std: Any) -> Array:
    """The image with `mean` subtracted from each channel, then divided by `std`.

    Args:
        image: (..., channels, height, width), of floats.
        mean: A number for each channel, or one for all.
        std: The same.

    Raises:
        InvalidArgument: For an image of integers, other numbers of channels, and a `std` of 0.

    Example:
        >>> from gpugrad import data
        >>> data.normalise(np.ones((2, 1, 1)), mean=[0.5, 0.0], std=0.5).ravel()
        array([1., 2.])
    """
    dtype = _floats("normalise", image)
    channels = shape_of(image)[-3]
    means, stds = (np.asarray(x, dtype) for x in (mean, std))
    for name, x in (("mean", means), ("std", stds)):
        fits = x.shape in ((), (channels,)) and np.isfinite(x).all()
        if not fits or (name == "std" and not x.all()):
            raise InvalidArgument(
                f"normalise: {name} is {x.tolist()}; expected a finite number for each of the "
                f"{channels} channels, and no std of 0."
            )
    place = home_of([image]).asarray                # constants go where the image is
    own: Any = image.dtype
    shift, scale = (place(x.reshape(-1, 1, 1).tolist(), dtype=own) for x in (means, stds))
    return (image - shift) / scale


def _floats(name: str, image: Any) -> np.dtype:
    """The dtype of an image, which is of floats."""
    dtype: np.dtype = np.dtype(str(image.dtype).rpartition(".")[2])     # of any library
    if dtype.kind != "f":
        raise InvalidArgument(
            f"{name}: the image is of {dtype}; expected floats, as for whole numbers up to 255 "
            "image.astype(np.float32) / 255 gives them."
        )
    return dtype


def _number(function: str, name: str, value: Any, most: float) -> float:
    value = settled(value)
    if not isinstance(value, int | float) or not (isfinite(value) and 0.0 <= value <= most):
        raise InvalidArgument(
            f"{function}: {name} is {value!r}; expected a number from 0 to {most:g}."
        )
    return float(value)
