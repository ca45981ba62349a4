"""Blocks of which transformers are stacks."""

from __future__ import annotations

from typing import Any

import gpugrad.random as random
from gpugrad.backends import Array
from gpugrad.errors import InvalidArgument
from gpugrad.nn.activations import activation_of
from gpugrad.nn.attention import AttentionCache, MultiheadAttention
from gpugrad.nn.dropout import Dropout
from gpugrad.nn.initializers import Init, Rng, in_turn
from gpugrad.nn.layer import flag, layer, whole
from gpugrad.nn.linear import Linear
from gpugrad.nn.normalizing import LayerNorm
from gpugrad.types import DTypeLike

_PARTS = ("attention", "up", "down", "norm1", "norm2", "dropout")
_SETTINGS = ("width", "causal", "norm_first", "activation")


@layer(*_PARTS, static=_SETTINGS)
class TransformerBlock:
    """Attention and a network of one hidden layer, each of which adds to what it is given.

    With `norm_first`, which trains without a warm-up (Xiong et al. 2020, arXiv:2002.04745),
    `block(x)` is `x + network(norm2(x))` of `x + attention(norm1(x))`; without,
    `norm2(x + network(x))` of `norm1(x + attention(x))`, as Vaswani et al. 2017 have it. The
    network is `down(activation(up(x)))`. With `causal`, this is the block of a language model.

    Args:
        width: That of the inputs and outputs.
        heads: How many heads the attention has, which divide the width.
        hidden: The width of the hidden layer; without it, four times the width.
        causal: Whether a place looks at those up to itself only.
        dropout: The share that is dropped in training: of the weights of attention, of what is
            added, and of the hidden layer.
        norm_first: Whether what is normalised are the inputs of both parts, or their sums.
        activation: A name in `gg.nn.ACTIVATIONS`.
        kv_heads, rotary: As of `gg.nn.MultiheadAttention`.
        bias: Whether the products have biases, which start at 0.
        init: What the weights start from: a name in `gg.nn.INITIALIZERS`, or a function.
        rng: A seed, a NumPy generator, which layers draw from in turn, or a key of `gg.random`.
        dtype: The dtype of the parameters.

    Raises:
        InvalidArgument: For heads that do not divide the width, and impossible sizes or names.

    Example:
        >>> block = gg.nn.TransformerBlock(8, heads=2, causal=True, rng=0)
        >>> x = np.ones((3, 5, 8), "float32")
        >>> block(x).shape
        (3, 5, 8)
        >>> block(x, key=gg.random.key(0), training=True).shape
        (3, 5, 8)
        >>> y, cache = block(x, cache=block.init_cache(3, length=16))
    """

    width: int
    causal: bool
    norm_first: bool
    activation: str
    attention: MultiheadAttention
    up: Linear
    down: Linear
    norm1: LayerNorm
    norm2: LayerNorm
    dropout: Dropout

    def __init__(
        self,
        width: int,
        heads: int,
        hidden: int | None = None,
        *,
        causal: bool = False,
        dropout: float = 0.0,
        norm_first: bool = True,
        activation: str = "gelu",
        kv_heads: int | None = None,
        rotary: bool = False,
        bias: bool = True,
        init: Init = "glorot_uniform",
        rng: Rng = 0,
        dtype: DTypeLike = "float32",
    ) -> None:
        name = "TransformerBlock"
        activation_of(activation)
        self.width, self.activation = whole(f"{name}: width", width), activation
        inside = whole(f"{name}: hidden", 4 * self.width if hidden is None else hidden)
        self.causal = flag(f"{name}: causal", causal)
        self.norm_first = flag(f"{name}: norm_first", norm_first)
        settings: Any = {"bias": bias, "init": init, "rng": in_turn(rng), "dtype": dtype}
        self.attention = MultiheadAttention(
            self.width, heads, kv_heads=kv_heads, rotary=rotary, dropout=dropout, **settings
        )
        self.up = Linear(self.width, inside, **settings)
        self.down = Linear(inside, self.width, **settings)
        self.norm1, self.norm2 = (LayerNorm(self.width, dtype=dtype) for _ in range(2))
        self.dropout = Dropout(dropout)

    def __repr__(self) -> str:
        causal = ", causal=True" if self.causal else ""
        return f"TransformerBlock({self.width}, heads={self.attention.heads}{causal})"

    def __call__(
        self,
        x: Array,
        *,
        mask: Array | None = None,
        cache: AttentionCache | None = None,
        key: Array | None = None,
        training: bool = False,
    ) -> Any:
        """The outputs for `x` of shape (..., length, width), of the same shape.

        Args:
            x: An array of shape (..., length, width).
            mask: As of `gg.nn.MultiheadAttention`.
            cache: That of `init_cache`, or of the call before, of a causal block: `x` are the next
                tokens of a sequence.
            key: A key of `gg.random` for dropout, when training.
            training: Whether to drop.

        Returns:
            An array like `x`; with a cache, the pair of it and the next cache.

        Raises:
            InvalidArgument: For shapes that do not fit, for training without a key where there is
                dropout, and for a cache of a block that is not causal.
        """
        if cache is not None and not self.causal:
            raise InvalidArgument(
                "TransformerBlock: a cache, but causal=False; tokens that come one after the other "
                "cannot look at later ones: expected TransformerBlock(width, heads, causal=True)."
            )
        training = training and self.dropout.rate > 0
        keys: Any = [None] * 4
        if training and key is not None:
            keys = random.split(key, 4)

        def looked(x: Array) -> Array:
            nonlocal cache
            found = self.attention(
                x, mask=mask, causal=self.causal, cache=cache, key=keys[0], training=training
            )
            y, cache = found if cache is not None else (found, None)
            return self.dropout(y, key=keys[1], training=training)

        def thought(x: Array) -> Array:
            hidden = activation_of(self.activation)(self.up(x))
            y = self.down(self.dropout(hidden, key=keys[2], training=training))
            return self.dropout(y, key=keys[3], training=training)

        if self.norm_first:
            x = x + looked(self.norm1(x))
            x = x + thought(self.norm2(x))
        else:
            x = self.norm1(x + looked(x))
            x = self.norm2(x + thought(x))
        return x if cache is None else (x, cache)

    def init_cache(
        self, batch: int | tuple[int, ...], length: int, dtype: DTypeLike | None = None
    ) -> AttentionCache:
        """An empty cache, as `gg.nn.MultiheadAttention.init_cache` makes it."""
        return self.attention.init_cache(batch, length, dtype)
