"""Updates that are kept from being too large: each element, each leaf, or all of them together."""

from __future__ import annotations

from gpugrad.backends import is_complex, namespace_of
from gpugrad.errors import UnsupportedOperand
from gpugrad.optim.base import Optimizer, stateless
from gpugrad.optim.rates import checked, scaled
from gpugrad.optim.running_means import LEAST, narrow, times
from gpugrad.optim.sizes import norm_of, root_mean_square
from gpugrad.types import Array


def clip(limit: float) -> Optimizer:
    """Each element of the updates within ±`limit`, for `gg.optim.chain`. A NaN stays one.

    Args:
        limit: The largest size of an element, at least 0.

    Raises:
        UnsupportedOperand: By `update`, for complex gradients, which have no order.

    Example:
        >>> opt = gg.optim.clip(1.0)
        >>> opt.update(np.array([-3.0, 0.5]), opt.init(np.zeros(2)))[0]
        array([-1. ,  0.5])
    """
    limit = checked("limit", limit, 0.0)

    def step(leaves: list[Array], weights: list[Array] | None) -> list[Array]:
        for g in leaves:
            if is_complex(g.dtype):
                raise UnsupportedOperand(
                    f"gg.optim.clip: a gradient has dtype {g.dtype}; expected real numbers. "
                    "gg.optim.clip_by_global_norm takes complex ones"
                )
        return [narrow(namespace_of(g).clip(g, -limit, limit), g) for g in leaves]

    return stateless(step)


def clip_by_global_norm(limit: float) -> Optimizer:
    """All updates times one number, so that their norm together is at most `limit`.

    Smaller ones stay as they are, to the bit. The norm is computed in float64. Where it is not
    finite, all updates become NaN: see `gg.optim.apply_if_finite`.

    Args:
        limit: The largest norm, at least 0 (Pascanu et al. 2013, arXiv:1211.5063).

    Example:
        >>> opt = gg.optim.clip_by_global_norm(1.0)
        >>> grads = {"a": np.array([3.0]), "b": np.array([4.0])}
        >>> opt.update(grads, opt.init(grads))[0]
        {'a': array([0.6]), 'b': array([0.8])}
    """
    limit = checked("limit", limit, 0.0)

    def step(leaves: list[Array], weights: list[Array] | None) -> list[Array]:
        if not leaves:
            return leaves
        return scaled(leaves, _factor(norm_of(leaves), limit))

    return stateless(step, whole="clip_by_global_norm")


def clip_by_block_rms(limit: float) -> Optimizer:
    """Each leaf times a number, so that its root mean square is at most `limit`.

    It is computed in float64; a leaf for which it is not finite becomes NaN.

    Args:
        limit: The largest root mean square of a leaf, at least 0.

    Example:
        >>> opt = gg.optim.clip_by_block_rms(1.0)
        >>> grads = [np.array([3.0, -3.0]), np.array([0.5])]
        >>> opt.update(grads, opt.init(grads))[0]
        [array([ 1., -1.]), array([0.5])]
    """
    limit = checked("limit", limit, 0.0)

    def step(leaves: list[Array], weights: list[Array] | None) -> list[Array]:
        return [times(g, _factor(root_mean_square(g), limit)) for g in leaves]

    return stateless(step, whole="clip_by_block_rms")


def _factor(size: Array, limit: float) -> Array:
    """What brings `size` to `limit` if it is larger; NaN if it is infinite, which 0 would hide."""
    xp = namespace_of(size)
    factor = xp.where(size <= limit, 1.0, limit / xp.maximum(size, LEAST))
    return xp.where(xp.isfinite(size), factor, float("nan"))
