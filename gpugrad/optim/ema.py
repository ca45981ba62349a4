"""The running mean of updates."""

from __future__ import annotations

from typing import NamedTuple

from gpugrad.optim.base import Optimizer, by_leaves, check_count
from gpugrad.optim.rates import checked, like, whole
from gpugrad.optim.running_means import mean_of, narrow, wide, zero_like
from gpugrad.short_repr import shortly
from gpugrad.types import Array


@shortly
class EmaState(NamedTuple):
    """The state of `ema`: updates made so far, and the running mean of each leaf.

    Of float16 it is float32.

    Example:
        >>> gg.optim.ema(0.9).init(np.zeros(2)).mean
        (array([0., 0.]),)
    """

    steps: int
    mean: tuple[Array, ...]


def ema(decay: float, debias: bool = True) -> Optimizer:
    """The exponential moving average of updates, for `gg.optim.chain`.

    `m ← decay·m + (1 − decay)·u`. For a mean of the parameters, see `average_params`.

    Args:
        decay: The share of the mean that each step keeps, in [0, 1).
        debias: Whether to divide by `1 − decay**t`, so that the first updates are no smaller for
            the zeros that the mean begins with.

    Example:
        >>> opt = gg.optim.ema(0.5)
        >>> state = opt.init(np.zeros(1))
        >>> for u in (1.0, 4.0):
        ...     updates, state = opt.update(np.array([u]), state)
        >>> updates
        array([3.])
    """
    decay = checked("decay", decay, 0.0, 1.0)

    def step(
        leaves: list[Array], state: EmaState, _: list[Array] | None
    ) -> tuple[list[Array], EmaState]:
        check_count(leaves, state.mean, "state")
        count = state.steps + 1
        factor = 1.0 / (1.0 - decay**count) if debias else 1.0
        pairs = zip(leaves, state.mean, strict=True)
        means = [whole(mean_of(m, wide(g), decay)) for g, m in pairs]
        updates = [narrow(m * like(factor, m), g) for g, m in zip(leaves, means, strict=True)]
        return updates, EmaState(count, tuple(means))

    return by_leaves(EmaState, lambda params: EmaState(0, tuple(map(zero_like, params))), step)
