"""LAMB, and steps whose size is measured by that of the parameters: for large batches."""

from __future__ import annotations

from gpugrad.backends import namespace_of
from gpugrad.optim.adam import scale_by_adam
from gpugrad.optim.base import Optimizer, needed, stateless
from gpugrad.optim.chaining import chain
from gpugrad.optim.decay import add_decayed_weights
from gpugrad.optim.masking import Mask
from gpugrad.optim.rates import Schedule, checked
from gpugrad.optim.running_means import times
from gpugrad.optim.scaling import scale_by_learning_rate
from gpugrad.optim.sizes import root_mean_square, sum_of_squares
from gpugrad.signatures import telling
from gpugrad.types import Array


@telling("gg.optim.lamb")
def lamb(
    lr: float | Schedule,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-6,
    weight_decay: float = 0.0,
    mask: Mask | None = None,
) -> Optimizer:
    """LAMB: Adam with decay, of which each leaf steps by `lr` times its own norm.

    `update` needs `params` (You et al. 2020, arXiv:1904.00962).

    Args:
        lr: The learning rate, or a function of the number of updates before the step.
        b1: The decay rate of the mean of `g`, in [0, 1).
        b2: The decay rate of the mean of `|g|²`, in [0, 1).
        eps: A small number that keeps the quotient finite.
        weight_decay: The decay, at least 0.
        mask: Which leaves shrink, in any form that `gg.optim.masked` takes; all by default.

    Example:
        >>> opt, w = gg.optim.lamb(0.1), np.array([3.0, 4.0])
        >>> updates, state = opt.update(np.array([1.0, 1.0]), opt.init(w), w)
        >>> float(np.linalg.norm(updates).round(6))
        0.5
    """
    direction, rate = scale_by_adam(b1, b2, eps), scale_by_learning_rate(lr)
    if not weight_decay:
        return chain(direction, scale_by_trust_ratio(), rate)
    return chain(direction, add_decayed_weights(weight_decay, mask), scale_by_trust_ratio(), rate)


def scale_by_trust_ratio(
    min_norm: float = 0.0, trust_coefficient: float = 1.0, eps: float = 0.0
) -> Optimizer:
    """Each leaf of the updates times `trust_coefficient·|p| / (|u| + eps)`, for `gg.optim.chain`.

    Where one of the norms is 0, the update stays as it is. `update` needs `params` (You et al.
    2017, arXiv:1708.03888).

    Args:
        min_norm: No norm counts as less than that, at least 0.
        trust_coefficient: A factor of all, at least 0.
        eps: A small number that keeps the quotient finite.

    Example:
        >>> opt, w = gg.optim.scale_by_trust_ratio(), np.array([3.0, 4.0])
        >>> opt.update(np.array([0.0, 2.0]), opt.init(w), w)[0]
        array([0., 5.])
    """
    min_norm = checked("min_norm", min_norm, 0.0)
    trust = checked("trust_coefficient", trust_coefficient, 0.0)
    eps = checked("eps", eps, 0.0)

    def ratio(u: Array, p: Array) -> Array:
        xp = namespace_of(u)
        root = namespace_of(sum_of_squares(u)).sqrt
        there, length = (xp.maximum(root(sum_of_squares(x)), min_norm) for x in (p, u))
        none = xp.logical_or(there == 0, length == 0)
        return xp.where(none, 1.0, trust * there / xp.where(none, 1.0, length + eps))

    def step(leaves: list[Array], weights: list[Array] | None) -> list[Array]:
        held = needed(weights, leaves, "scale_by_trust_ratio")
        return [times(u, ratio(u, p)) for u, p in zip(leaves, held, strict=True)]

    return stateless(step, whole="scale_by_trust_ratio")


def scale_by_param_block_rms(min_scale: float = 1e-3) -> Optimizer:
    """Each leaf of the updates times the root mean square of its parameters, for `gg.optim.chain`.

    `update` needs `params`.

    Args:
        min_scale: No root mean square counts as less than that, at least 0.

    Example:
        >>> opt, w = gg.optim.scale_by_param_block_rms(), np.array([2.0, -2.0])
        >>> opt.update(np.array([1.0, 0.5]), opt.init(w), w)[0]
        array([2., 1.])
    """
    min_scale = checked("min_scale", min_scale, 0.0)

    def step(leaves: list[Array], weights: list[Array] | None) -> list[Array]:
        held = needed(weights, leaves, "scale_by_param_block_rms")
        return [times(u, size(p)) for u, p in zip(leaves, held, strict=True)]

    def size(p: Array) -> Array:
        found = root_mean_square(p)
        return namespace_of(found).maximum(found, min_scale)

    return stateless(step, whole="scale_by_param_block_rms")
