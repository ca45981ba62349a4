"""Lion: steps of equal size along the sign of a mean of gradients."""

from __future__ import annotations

from typing import NamedTuple

from gpugrad.backends import namespace_of
from gpugrad.optim.base import Optimizer, by_leaves, check_count
from gpugrad.optim.chaining import chain
from gpugrad.optim.decay import add_decayed_weights
from gpugrad.optim.masking import Mask
from gpugrad.optim.rates import Schedule, checked, whole
from gpugrad.optim.running_means import mean_of, narrow, wide, zero_like
from gpugrad.optim.scaling import scale_by_learning_rate
from gpugrad.short_repr import shortly
from gpugrad.signatures import telling
from gpugrad.types import Array


@shortly
class LionState(NamedTuple):
    """The state of `scale_by_lion`: for each leaf the running mean of `g`, of float16 in float32.

    Example:
        >>> gg.optim.scale_by_lion().init(np.zeros(2)).mean
        (array([0., 0.]),)
    """

    mean: tuple[Array, ...]


@telling("gg.optim.lion")
def lion(
    lr: float | Schedule,
    b1: float = 0.9,
    b2: float = 0.99,
    weight_decay: float = 1e-3,
    mask: Mask | None = None,
) -> Optimizer:
    """Lion: steps of the size of the rate along the sign of a mean of gradients.

    `p ← p − lr·(sign(b1·m + (1 − b1)·g) + weight_decay·p)`, then `m ← b2·m + (1 − b2)·g` (Chen et
    al. 2023, arXiv:2302.06675). The rate should be a third to a tenth of that of Adam, and the
    decay as many times larger.

    Args:
        lr: The learning rate, or a function of the number of updates before the step.
        b1: The share of the mean in the direction, in [0, 1).
        b2: The share of the mean that each step keeps, in [0, 1).
        weight_decay: The decay, at least 0; unless it is 0, `update` needs `params`.
        mask: Which leaves shrink, in any form that `gg.optim.masked` takes; all by default.

    Example:
        >>> opt = gg.optim.lion(0.1, weight_decay=0.0)
        >>> opt.update(np.array([2.0, -3.0]), opt.init(np.zeros(2)))[0]
        array([-0.1,  0.1])
    """
    direction, rate = scale_by_lion(b1, b2), scale_by_learning_rate(lr)
    if not weight_decay:
        return chain(direction, rate)
    return chain(direction, add_decayed_weights(weight_decay, mask), rate)


def scale_by_lion(b1: float = 0.9, b2: float = 0.99) -> Optimizer:
    """The direction of `lion`, up the gradient and without a rate, for `gg.optim.chain`.

    Args:
        b1: As for `lion`.
        b2: As for `lion`.

    Example:
        >>> opt = gg.optim.scale_by_lion()
        >>> opt.update(np.array([2.0, -3.0, 0.0]), opt.init(np.zeros(3)))[0]
        array([ 1., -1.,  0.])
    """
    b1, b2 = checked("b1", b1, 0.0, 1.0), checked("b2", b2, 0.0, 1.0)

    def step(
        leaves: list[Array], state: LionState, _: list[Array] | None
    ) -> tuple[list[Array], LionState]:
        check_count(leaves, state.mean, "state")
        means, updates = [], []
        for given, m in zip(leaves, state.mean, strict=True):
            g = wide(given)
            updates.append(narrow(namespace_of(g).sign(mean_of(m, g, b1)), given))
            means.append(whole(mean_of(m, g, b2)))
        return updates, LionState(tuple(means))

    return by_leaves(LionState, lambda params: LionState(tuple(map(zero_like, params))), step)
