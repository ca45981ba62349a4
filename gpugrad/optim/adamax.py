"""Adamax: Adam with the largest gradient so far in place of the mean of squares."""

from __future__ import annotations

from typing import NamedTuple

from gpugrad.backends import namespace_of
from gpugrad.optim.base import Optimizer, by_leaves, check_count
from gpugrad.optim.chaining import chain
from gpugrad.optim.rates import Schedule, checked, like, whole
from gpugrad.optim.running_means import LEAST, mean_of, narrow, real_like, wide, zero_like
from gpugrad.optim.scaling import scale_by_learning_rate
from gpugrad.short_repr import shortly
from gpugrad.signatures import telling
from gpugrad.types import Array


@shortly
class AdamaxState(NamedTuple):
    """The state of `scale_by_adamax`: updates so far, and for each leaf a mean and a peak.

    `mean` is the running mean of `g`, `peak` the largest `|g|` so far, which decays. Of float16
    they are float32.

    Example:
        >>> gg.optim.scale_by_adamax().init(np.zeros(2)).peak
        (array([0., 0.]),)
    """

    steps: int
    mean: tuple[Array, ...]
    peak: tuple[Array, ...]


@telling("gg.optim.adamax")
def adamax(
    lr: float | Schedule, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8
) -> Optimizer:
    """Adamax: steps along the running mean of the gradient, divided by its largest size so far.

    `p ← p − lr·m̂ / u`, with `u ← max(b2·u, |g| + eps)` (Kingma and Ba 2015, section 7.1).

    Args:
        lr: The learning rate, or a function of the number of updates before the step.
        b1: The decay rate of the mean of `g`, in [0, 1).
        b2: The decay rate of the largest size, in [0, 1).
        eps: A small number that keeps the quotient finite.

    Example:
        >>> opt = gg.optim.adamax(0.1)
        >>> updates, state = opt.update(np.array([2.0]), opt.init(np.zeros(1)))
        >>> updates.round(6)
        array([-0.1])
    """
    return chain(scale_by_adamax(b1, b2, eps), scale_by_learning_rate(lr))


def scale_by_adamax(b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8) -> Optimizer:
    """The direction of `adamax`, up the gradient and without a rate, for `gg.optim.chain`.

    Args:
        b1: As for `adamax`.
        b2: As for `adamax`.
        eps: As for `adamax`.

    Example:
        >>> opt = gg.optim.scale_by_adamax()
        >>> opt.update(np.array([-2.0]), opt.init(np.zeros(1)))[0].round(6)
        array([-1.])
    """
    b1, b2 = checked("b1", b1, 0.0, 1.0), checked("b2", b2, 0.0, 1.0)
    eps = checked("eps", eps, 0.0)

    def start(params: list[Array]) -> AdamaxState:
        return AdamaxState(0, tuple(map(zero_like, params)), tuple(map(real_like, params)))

    def step(
        leaves: list[Array], state: AdamaxState, _: list[Array] | None
    ) -> tuple[list[Array], AdamaxState]:
        check_count(leaves, state.mean, "state")
        count = state.steps + 1
        factor = 1.0 / (1.0 - b1**count)
        means, peaks, updates = [], [], []
        for given, m, u in zip(leaves, state.mean, state.peak, strict=True):
            g = wide(given)
            xp = namespace_of(g)
            m = mean_of(m, g, b1)
            u = xp.maximum(u * b2, xp.abs(g) + max(eps, LEAST))
            means.append(whole(m))
            peaks.append(whole(u))
            updates.append(narrow(m / u * like(factor, m), given))
        return updates, AdamaxState(count, tuple(means), tuple(peaks))

    return by_leaves(AdamaxState, start, step)
