"""Scaled dot-product attention: each place takes what it needs from the others."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

import numpy as np

from gpugrad.backends import Array
from gpugrad.backends.devices import on_their_device
from gpugrad.core.half import in_single
from gpugrad.errors import InvalidArgument
from gpugrad.ops.activation import softmax
from gpugrad.ops.elementwise import multiply, where
from gpugrad.ops.logic import equal, less_equal, logical_and, not_equal
from gpugrad.ops.operands import moved_to, shape_of
from gpugrad.ops.products import matmul
from gpugrad.ops.reduction import max as max_of
from gpugrad.ops.shape import astype, expand_dims, matrix_transpose, reshape
from gpugrad.types import Shape

_NAME = "scaled_dot_product_attention"


@on_their_device
def scaled_dot_product_attention(
    q: Array, k: Array, v: Array, mask: Array | None = None, causal: bool = False
) -> Array:
    """`softmax(q @ k.T / sqrt(d)) @ v`, by Vaswani et al. 2017, arXiv:1706.03762.

    Each of the queries looks at all keys, and takes the mean of their values, weighted by how alike
    query and key are. A query that no key is left for takes zeros, and has gradient 0.

    Args:
        q: Queries, of shape (..., heads, n, d).
        k: Keys, of shape (..., heads, m, d). There may be fewer heads, each for several of `q`.
        v: Values, of shape (..., heads, m, width).
        mask: Of a shape that broadcasts to (..., heads, n, m): booleans, true where a query may
            look at a key, or floating numbers that are added to the scores, where -inf forbids.
        causal: Whether the query at each place may look at keys up to this place only.

    Returns:
        An array of shape (..., heads, n, width).

    Raises:
        InvalidArgument: For shapes that do not fit, a mask of integers, and `causal` where there
            are not as many queries as keys.

    Example:
        >>> q = k = np.array([[1.0, 0.0], [0.0, 1.0]])
        >>> v = np.array([[10.0], [20.0]])
        >>> gg.nn.scaled_dot_product_attention(q, k, v).round(2)
        array([[13.3],
               [16.7]])
        >>> gg.nn.scaled_dot_product_attention(q, k, v, causal=True).round(2)
        array([[10. ],
               [16.7]])
        >>> nothing = np.zeros((2, 2), bool)
        >>> gg.nn.scaled_dot_product_attention(q, k, v, nothing)
        array([[0.],
               [0.]])
    """
    _checked(shape_of(q), shape_of(k), shape_of(v))
    past = _past(shape_of(q)[-2], shape_of(k)[-2], q) if causal else None
    return attended(_NAME, q, k, v, mask, past)


@in_single
def attended(
    name: str,
    q: Array,
    k: Array,
    v: Array,
    mask: Array | None,
    past: Array | None,
    drop: Callable[[Array], Array] | None = None,
) -> Array:
    """`scaled_dot_product_attention`, of whose weights some are dropped.

    In `past` are the keys that come before each query, of shape (n, m); there is one, at least.
    """
    weights, empty = attention_weights(name, q, k, mask, past)
    y = _by_group(weights if drop is None else drop(weights), v, shape_of(q), shape_of(k))
    return y if empty is None else where(empty, 0, y)


def attention_weights(
    name: str, q: Array, k: Array, mask: Array | None, past: Array | None
) -> tuple[Array, Array | None]:
    """How much each query takes of each key, and which queries have none; `None` for no query."""
    q_shape, k_shape = shape_of(q), shape_of(k)
    scores = _by_group(
        multiply(q, q_shape[-1] ** -0.5), matrix_transpose(k), q_shape, k_shape
    )
    if k_shape[-2] == 0:                            # of no key the products are zeros
        return scores, None
    if mask is None:
        return softmax(scores if past is None else where(past, scores, -inf), axis=-1), None
    mask = _checked_mask(name, mask, shape_of(scores))
    if not str(mask.dtype).endswith("bool"):
        scores, mask = scores + astype(mask, scores.dtype), not_equal(mask, -inf)
    allowed = mask if past is None else logical_and(mask, past)
    # `any` would be a call of NumPy in a plan; the largest of numbers is a step as others.
    empty = equal(max_of(astype(allowed, scores.dtype), axis=-1, keepdims=True), 0)
    # The softmax of -inf alone is NaN. That of zeros alone is not, and is not used either.
    other = astype(where(empty, 0.0, -inf), scores.dtype)
    return softmax(where(allowed, scores, other), axis=-1), empty


def _by_group(a: Array, b: Array, q_shape: Shape, k_shape: Shape) -> Array:
    """`a @ b`, of which `b` may have fewer heads than `a`: each serves as many that follow."""
    heads, shared = q_shape[-3:-2], k_shape[-3:-2]
    if len(q_shape) < 3 or heads == shared or shared == (1,):
        return matmul(a, b)
    shape = shape_of(a)
    groups = (*shape[:-3], shared[0], heads[0] // shared[0], *shape[-2:])
    y = matmul(reshape(a, groups), expand_dims(b, axis=-3))
    return reshape(y, (*shape[:-1], shape_of(b)[-1]))


def _checked(q: Shape, k: Shape, v: Shape) -> None:
    """Raise `InvalidArgument` for shapes that do not fit."""
    fits = min(len(q), len(k)) > 1 and q[-1] == k[-1] and k[:-1] == v[:-1]
    if fits and len(k) > 2:                         # with heads
        fits = len(q) > 2 and q[-3] % max(k[-3], 1) == 0
    if not fits:
        raise InvalidArgument(
            f"{_NAME}: q has shape {q}, k {k} and v {v}; expected (..., heads, n, d), (..., "
            "heads, m, d) and (..., heads, m, width), where k and v may have fewer heads, each for "
            "as many of q."
        )


def _past(n: int, m: int, like: Array) -> Array:
    """Which of `m` keys come before each of `n` queries, or are at its place."""
    if n != m:
        raise InvalidArgument(
            f"{_NAME}: causal=True with {n} queries and {m} keys, of which nothing says where they "
            "stand; expected as many of both, or a mask of booleans of shape (n, m)."
        )
    return up_to(moved_to(np.arange(n), like), n, like)


def up_to(places: Array, m: int, like: Array) -> Array:
    """Which of `m` keys queries at `places` may look at: those up to there."""
    return less_equal(moved_to(np.arange(m), like), expand_dims(places, axis=-1))


def _checked_mask(name: str, mask: Array, shape: Shape) -> Array:
    """`mask`; raises `InvalidArgument` unless it has a dtype and shape of masks."""
    dtype = str(getattr(mask, "dtype", type(mask).__name__))
    found = shape_of(mask) if hasattr(mask, "shape") else ()
    fits = len(found) <= len(shape) and all(
        a in (1, b) for a, b in zip(reversed(found), reversed(shape), strict=False)
    )
    if fits and hasattr(mask, "shape") and (dtype.endswith("bool") or "float" in dtype):
        return mask
    raise InvalidArgument(
        f"{name}: mask is {dtype}{list(found)}; expected an array that broadcasts to {shape}, of "
        "booleans, true where a query (the last axis but one) may look at a key (the last), or of "
        "floating numbers, which are added to the scores."
    )
