"""Weight decay: updates that also pull the parameters towards 0."""

from __future__ import annotations

from gpugrad.optim.base import Optimizer, needed, stateless
from gpugrad.optim.masking import Mask, masked
from gpugrad.optim.rates import checked
from gpugrad.optim.running_means import narrow
from gpugrad.types import Array


def add_decayed_weights(weight_decay: float, mask: Mask | None = None) -> Optimizer:
    """Updates plus `weight_decay` times the parameter, for `gg.optim.chain`.

    Behind a `scale_by_...` and before the rate, this is the decoupled decay of AdamW; before it,
    that of a penalty `½·weight_decay·|p|²` in the loss. `update` needs `params`.

    Args:
        weight_decay: The share of the parameter, at least 0.
        mask: Which leaves shrink, in any form that `masked` takes; all by default.

    Example:
        >>> opt = gg.optim.chain(gg.optim.add_decayed_weights(0.5), gg.optim.sgd(0.1))
        >>> w = np.array([2.0])
        >>> opt.update(np.array([0.0]), opt.init(w), w)[0]
        array([-0.1])
    """
    weight_decay = checked("weight_decay", weight_decay, 0.0)

    def step(leaves: list[Array], weights: list[Array] | None) -> list[Array]:
        held = needed(weights, leaves, "add_decayed_weights")
        return [narrow(u + p * weight_decay, p) for u, p in zip(leaves, held, strict=True)]

    decay = stateless(step)
    return decay if mask is None else masked(decay, mask)
