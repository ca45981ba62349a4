"""Where tokens stand, for attention, which by itself sees a set of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpugrad.backends import Array, default
from gpugrad.backends.devices import on_their_device
from gpugrad.errors import InvalidArgument
from gpugrad.nn.initializers import checked_dtype
from gpugrad.nn.layer import whole
from gpugrad.ops.elementwise import cos, sin
from gpugrad.ops.operands import moved_to, shape_of
from gpugrad.ops.shape import astype, concat, expand_dims
from gpugrad.settings import settled
from gpugrad.types import DTypeLike

BASE = 10_000.0
"""The longest wave has about 2 pi times as many places (Vaswani et al. 2017)."""


def sinusoidal_positions(length: int, width: int, dtype: DTypeLike = "float32") -> Array:
    """A table of shape (length, width) of waves, from short to long, to add to embeddings.

    At place `p`, the columns 2i and 2i + 1 are the sine and the cosine of `p / 10000**(2i / width)`
    (Vaswani et al. 2017, arXiv:1706.03762).

    Args:
        length: How many places there are.
        width: The width of the embeddings.
        dtype: A floating one.

    Raises:
        InvalidArgument: For impossible sizes, and a dtype that is not floating.

    Example:
        >>> gg.nn.sinusoidal_positions(3, 4, "float64").round(3)
        array([[ 0.   ,  1.   ,  0.   ,  1.   ],
               [ 0.841,  0.54 ,  0.01 ,  1.   ],
               [ 0.909, -0.416,  0.02 ,  1.   ]])
    """
    name = "sinusoidal_positions"
    length, width = whole(f"{name}: length", length, 0), whole(f"{name}: width", width)
    angles = np.arange(length)[:, None] * _frequencies(width + width % 2, BASE)
    waves = np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, -1)
    return default().asarray(waves[:, :width].astype(checked_dtype(dtype)))


@on_their_device
def rotary(x: Array, positions: Array | None = None, base: float = BASE) -> Array:
    """`x` with pairs of numbers turned by angles that grow with the place (Su et al. 2021).

    The product of a query and a key so turned depends on how far they are apart, and not on where
    they stand (arXiv:2104.09864). A pair is a number of the first half of the last axis and that at
    the same place of the second half, as in GPT-NeoX and LLaMA; at place `p`, pair `i` is turned by
    `p / base**(2i / width)`.

    Args:
        x: Queries or keys, of shape (..., length, width), with an even width.
        positions: The places, integers of a shape that broadcasts to (..., length); without them,
            0 to length - 1.
        base: How slowly the last pairs turn.

    Raises:
        InvalidArgument: For an odd width, and a base that is not positive.

    Example:
        >>> x = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 2.0]])
        >>> gg.nn.rotary(x).round(3)
        array([[ 1.   ,  0.   ],
               [ 0.54 ,  0.841],
               [-1.819, -0.832]])
        >>> gg.nn.rotary(x[:1], positions=np.array([7])).round(3)
        array([[0.754, 0.657]])
    """
    shape, base = shape_of(x), settled(base)
    if len(shape) < 2 or shape[-1] % 2:
        raise InvalidArgument(
            f"rotary: x has shape {shape}; expected (..., length, width), with an even width."
        )
    if not (isinstance(base, int | float) and base > 0):
        raise InvalidArgument(f"rotary: base is {base!r}; expected a positive number.")
    there: Any = moved_to(np.arange(shape[-2]), x) if positions is None else positions
    frequencies = moved_to(_frequencies(shape[-1], base), x)
    # In float64, since the angles are large where there are many places.
    angles = expand_dims(astype(there, "float64"), axis=-1) * frequencies
    c, s = astype(cos(angles), x.dtype), astype(sin(angles), x.dtype)
    half = shape[-1] // 2
    first: Any = x
    a, b = first[..., :half], first[..., half:]
    return concat([a * c - b * s, b * c + a * s], axis=-1)


def _frequencies(width: int, base: float) -> np.ndarray:
    """By how much each pair turns from place to place."""
    return base ** -(np.arange(0, width, 2) / width)
