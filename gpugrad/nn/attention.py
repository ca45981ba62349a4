"""Attention as a layer, with a cache for generating one token after the other."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np

from gpugrad.backends import Array
from gpugrad.errors import InvalidArgument
from gpugrad.nn.dot_product_attention import attended, attention_weights, up_to
from gpugrad.nn.dropout import Dropout
from gpugrad.nn.initializers import Init, Rng, in_turn
from gpugrad.nn.layer import flag, in_front, layer, whole
from gpugrad.nn.linear import Linear
from gpugrad.nn.positions import rotary as turned
from gpugrad.ops.arrange import moveaxis, swapaxes
from gpugrad.ops.indexing import setitem
from gpugrad.ops.operands import filled, moved_to, shape_of
from gpugrad.ops.shape import expand_dims, reshape
from gpugrad.short_repr import shortly
from gpugrad.types import DTypeLike


@shortly
class AttentionCache(NamedTuple):
    """The keys and values of the tokens so far, and how many there are.

    `keys` and `values` have the shape (length, ..., heads, width of a head), with room for
    `length` tokens, of which the first `position` are taken, an integer without axes.
    `gg.nn.MultiheadAttention.init_cache` makes an empty one.

    Example:
        >>> layer = gg.nn.MultiheadAttention(8, heads=2)
        >>> _, cache = layer(np.ones((3, 5, 8), "float32"), cache=layer.init_cache(3, length=16))
        >>> cache.keys.shape, int(cache.position)
        ((16, 3, 2, 4), 5)
    """

    keys: Array
    values: Array
    position: Array


_PARTS = ("qkv", "out", "dropout")
_SETTINGS = ("width", "heads", "kv_heads", "rotary")


@layer(*_PARTS, static=_SETTINGS)
class MultiheadAttention:
    """Attention with several heads (Vaswani et al. 2017, arXiv:1706.03762).

    `layer(x)` maps (..., length, width) to the same shape: each place asks all others, or those
    that `mask` and `causal` leave, for what they have. `layer(x, context)` asks the places of
    `context` instead, of shape (..., m, width). Both products are layers: `qkv`
    makes all of a place, side by side, and `out` mixes what the heads found.

    Args:
        width: That of the inputs and outputs.
        heads: How many heads there are, which divide the width.
        kv_heads: How many heads the keys and values have, each for several of the queries
            (Ainslie et al. 2023, arXiv:2305.13245); without it, as many.
        bias: Whether the products have biases, which start at 0.
        rotary: Whether queries and keys are turned by their places, as by `gg.nn.rotary`.
        dropout: The share of the weights of attention that are dropped in training.
        init: What the weights start from: a name in `gg.nn.INITIALIZERS`, or a function. The
            default is that of PyTorch.
        rng: A seed, a NumPy generator, which layers draw from in turn, or a key of `gg.random`.
        dtype: The dtype of the parameters.

    Raises:
        InvalidArgument: For heads that do not divide the width, and impossible sizes.

    Example:
        >>> layer = gg.nn.MultiheadAttention(8, heads=2, rng=0)
        >>> x = np.ones((3, 5, 8), "float32")
        >>> layer(x, causal=True).shape
        (3, 5, 8)
        >>> valid = np.arange(5) < np.array([5, 2, 4])[:, None]     # where sequences are padded
        >>> layer(x, mask=valid[:, None, :]).shape
        (3, 5, 8)
        >>> cache = layer.init_cache(3, length=16)
        >>> y, cache = layer(x, cache=cache)                # the first five tokens
        >>> y, cache = layer(x[:, :1], cache=cache)         # the next one
        >>> y.shape, int(cache.position)
        ((3, 1, 8), 6)
    """

    width: int
    heads: int
    kv_heads: int
    rotary: bool
    dropout: Dropout
    qkv: Linear
    out: Linear

    def __init__(
        self,
        width: int,
        heads: int,
        *,
        kv_heads: int | None = None,
        bias: bool = True,
        rotary: bool = False,
        dropout: float = 0.0,
        init: Init = "glorot_uniform",
        rng: Rng = 0,
        dtype: DTypeLike = "float32",
    ) -> None:
        name = "MultiheadAttention"
        self.width, self.heads = whole(f"{name}: width", width), whole(f"{name}: heads", heads)
        self.kv_heads = whole(f"{name}: kv_heads", heads if kv_heads is None else kv_heads)
        if self.width % self.heads or self.heads % self.kv_heads:
            raise InvalidArgument(
                f"{name}: width is {width}, heads are {heads} and kv_heads {self.kv_heads}; "
                "expected heads that divide the width, and kv_heads that divide the heads."
            )
        self.rotary, self.dropout = flag(f"{name}: rotary", rotary), Dropout(dropout)
        draws: Any = in_turn(rng)
        columns = self.width + 2 * self.kv_heads * self._each
        settings: Any = {"bias": bias, "init": init, "rng": draws, "dtype": dtype}
        self.qkv = Linear(self.width, columns, **settings)
        self.out = Linear(self.width, self.width, **settings)

    @property
    def _each(self) -> int:
        """The width of a head."""
        return self.width // self.heads

    def __repr__(self) -> str:
        shared = f", kv_heads={self.kv_heads}" if self.kv_heads != self.heads else ""
        turned = ", rotary=True" if self.rotary else ""
        return f"MultiheadAttention({self.width}, heads={self.heads}{shared}{turned})"

    def __call__(
        self,
        x: Array,
        context: Array | None = None,
        *,
        mask: Array | None = None,
        causal: bool = False,
        cache: AttentionCache | None = None,
        key: Array | None = None,
        training: bool = False,
    ) -> Any:
        """What each place of `x` finds at the others, or in `context`.

        Args:
            x: An array of shape (..., length, width).
            context: What to look at instead of `x`, of shape (..., m, width).
            mask: Booleans, true where a place (the last axis but one) may look at another (the
                last), or floating numbers, which are added to the scores. The shape is (length, m),
                (batch, length, m) with the axes in front of `x`, or (batch, heads, length, m); each
                may be 1. A place that may look nowhere finds zeros.
            causal: Whether a place may look at those up to itself only.
            cache: That of `init_cache`, or of the call before: `x` are the next tokens of a
                sequence, which look at those before and, causally, at each other. The mask then has
                an axis for the whole cache.
            key: A key of `gg.random` for dropout, when training.
            training: Whether to drop weights of attention.

        Returns:
            An array like `x`; with a cache, the pair of it and the next cache.

        Raises:
            InvalidArgument: For shapes that do not fit, and where the cache is full; within
                `gg.jit`, this is an `IndexError` on the CPU.
        """
        q, k, v = self._products(x, context)
        past = None
        if cache is not None:
            if context is not None:
                raise InvalidArgument(
                    "MultiheadAttention: a cache and a context; expected one of them, since a "
                    "cache holds the tokens of x."
                )
            places = cache.position + moved_to(np.arange(q.shape[-2]), q)
            q, k = self._turned(q, k, places)
            cache, k, v = _with(cache, k, v, places)
            past = up_to(places, k.shape[-2], q)
        else:
            q, k = self._turned(q, k, None)
            past = self._past(q, k, causal)
        drop = None
        if training and self.dropout.rate:
            drop = partial(self.dropout, key=key, training=True)
        name = "MultiheadAttention"
        found = attended(name, q, k, v, self._for_heads(mask, q), past, drop)
        y = self.out(reshape(swapaxes(found, -3, -2), shape_of(x)))
        return y if cache is None else (y, cache)

    def weights(
        self,
        x: Array,
        context: Array | None = None,
        *,
        mask: Array | None = None,
        causal: bool = False,
    ) -> Array:
        """How much each place takes of each other, of shape (..., heads, length, m).

        The arguments are those of a call. The weights of a place that may look nowhere are equal,
        though it takes nothing.
        """
        q, k = self._turned(*self._products(x, context)[:2], None)
        past = self._past(q, k, causal)
        mask = self._for_heads(mask, q)
        return attention_weights("MultiheadAttention", q, k, mask, past)[0]

    def init_cache(
        self, batch: int | tuple[int, ...], length: int, dtype: DTypeLike | None = None
    ) -> AttentionCache:
        """An empty cache for `length` tokens of each of `batch` sequences.

        `batch` are the axes in front of the length of `x`: `()` for a single sequence. The dtype is
        that of the weights, unless another is given.
        """
        front = in_front("init_cache", batch)
        shape = (whole("init_cache: length", length), *front, self.kv_heads, self._each)
        like = self.qkv.weight
        dtype = like.dtype if dtype is None else dtype
        empty = filled(shape, 0, like, dtype)
        return AttentionCache(empty, empty, filled((), 0, like, "int64"))

    def _products(self, x: Array, context: Array | None) -> tuple[Array, Array, Array]:
        """Queries, keys and values, of shape (..., heads, length, width of a head)."""
        shape = shape_of(x)
        if len(shape) < 2 or shape[-1] != self.width:
            raise InvalidArgument(
                f"MultiheadAttention: x has shape {shape}; expected (..., length, {self.width})."
            )
        there = shape if context is None else shape_of(context)
        if len(there) != len(shape) or (*there[:-2], there[-1]) != (*shape[:-2], shape[-1]):
            raise InvalidArgument(
                f"MultiheadAttention: context has shape {there} and x {shape}; expected equal "
                "axes, but for the last one but one."
            )
        if context is None:
            every: Any = self.qkv(x)
            q, kv = every[..., : self.width], every[..., self.width :]
        else:
            weight, bias = self.qkv
            first, rest = slice(None, self.width), slice(self.width, None)
            q, kv = (
                Linear(weight[..., part], None if bias is None else bias[..., part])(given)
                for part, given in ((first, x), (rest, context))
            )
        half = self.kv_heads * self._each
        return self._split(q), self._split(kv[..., :half]), self._split(kv[..., half:])

    def _split(self, x: Array) -> Array:
        """The heads of (..., length, heads * width), as (..., heads, length, width)."""
        return swapaxes(reshape(x, (*x.shape[:-1], x.shape[-1] // self._each, self._each)), -3, -2)

    def _turned(self, q: Array, k: Array, places: Array | None) -> tuple[Array, Array]:
        return (turned(q, places), turned(k, places)) if self.rotary else (q, k)

    def _past(self, q: Array, k: Array, causal: bool) -> Array | None:
        n, m = q.shape[-2], k.shape[-2]
        if not causal:
            return None
        if n != m:
            raise InvalidArgument(
                f"MultiheadAttention: causal=True, where x has {n} places and the context {m}; "
                "expected as many, or a mask."
            )
        return up_to(moved_to(np.arange(n), q), n, q)

    def _for_heads(self, mask: Array | None, q: Array) -> Array | None:
        """The mask with an axis for the heads, where it has axes for a batch, but none for them."""
        axes = len(getattr(mask, "shape", ()))
        return expand_dims(mask, axis=-3) if mask is not None and 2 < axes < len(q.shape) else mask


def _with(
    cache: AttentionCache, k: Array, v: Array, places: Array
) -> tuple[AttentionCache, Array, Array]:
    """The cache with new tokens at `places`, and all keys and values in it."""
    shape, wanted = shape_of(cache.keys), shape_of(k)
    if shape[1:] != (*wanted[:-2], wanted[-1]):
        raise InvalidArgument(
            f"MultiheadAttention: the cache is for a batch of {shape[1:-2]}, {shape[-2]} heads of "
            f"width {shape[-1]}, and x has {wanted[:-3]}, {wanted[-3]} and {wanted[-1]}; expected "
            "a cache of layer.init_cache(batch, length)."
        )
    full = InvalidArgument(
        f"MultiheadAttention: {wanted[-2]} tokens do not fit into the cache, which has room for "
        f"{shape[0]} in all; expected one of layer.init_cache(batch, length) with a larger length."
    )
    if wanted[-2] > shape[0]:
        raise full
    try:
        keys = setitem(cache.keys, (places,), moveaxis(k, -2, 0))
        values = setitem(cache.values, (places,), moveaxis(v, -2, 0))
    except IndexError:
        raise full from None
    after = AttentionCache(keys, values, cache.position + wanted[-2])
    return after, moveaxis(keys, 0, -2), moveaxis(values, 0, -2)
