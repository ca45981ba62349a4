"""Gradients of several batches that make one step together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import gpugrad.tree as tree
from gpugrad.backends import namespace_of
from gpugrad.backends.one_place import in_one_place
from gpugrad.optim.base import Optimizer, check_state
from gpugrad.optim.extras import handing, taking
from gpugrad.optim.leaves import params_of
from gpugrad.optim.rates import counted, like, whole
from gpugrad.optim.running_means import narrow, wide, zero_like
from gpugrad.settings import settled
from gpugrad.short_repr import shortly
from gpugrad.transforms import cond
from gpugrad.types import Array


@shortly
class MultiStepsState(NamedTuple):
    """The state of `multi_steps`.

    `mini_step` counts the gradients since the last step of the optimiser, whose number of steps is
    `steps`; `mean` is a tree of their mean so far, of float16 in float32, and `inner` the state of
    the optimiser.

    Example:
        >>> gg.optim.multi_steps(gg.optim.sgd(0.1), 4).init(np.ones(2))
        MultiStepsState(mini_step=0, steps=0, mean=array([0., 0.]), inner=SgdState(...))
    """

    mini_step: int
    steps: int
    mean: Any
    inner: Any


def multi_steps(inner: Optimizer, every_k: int | Callable[[int], int]) -> Optimizer:
    """The optimiser `inner`, which steps along the mean of each `every_k` gradients.

    Between its steps, updates are zeros. So a batch may be larger than what fits in memory. Under
    `gg.jit`, `inner` runs at its own steps only.

    Args:
        inner: The optimiser; wrap the whole one, so that clipping, decay and schedules are those
            of a step and not of each gradient.
        every_k: How many gradients make a step, at least 1, or a function that gives it for the
            number of steps before.

    Example:
        >>> opt = gg.optim.multi_steps(gg.optim.sgd(1.0), 2)
        >>> state = opt.init(np.zeros(1))
        >>> for g in (1.0, 3.0):
        ...     updates, state = opt.update(np.array([g]), state)
        ...     print(updates)
        [0.]
        [-2.]
    """
    fixed, step = 0 if callable(every_k) else counted("every_k", every_k, 1), handing(inner)

    def init(params: Any) -> MultiStepsState:
        zeros = list(map(zero_like, params_of(params)))
        return MultiStepsState(
            0, 0, tree.unflatten(tree.flatten(params)[1], zeros), inner.init(params)
        )

    @in_one_place("opt.update")
    def update(
        grads: Any, state: Any, params: Any, extra: Mapping[str, Any]
    ) -> tuple[Any, MultiStepsState]:
        check_state(state, MultiStepsState)
        count, steps = settled(state.mini_step) + 1, settled(state.steps)
        share = 1.0 / count

        def joined(m: Array, g: Array) -> Array:
            return whole(m + (wide(g) - m) * like(share, m))

        mean = tree.map(joined, state.mean, grads)

        def stepped() -> tuple[Any, MultiStepsState]:
            updates, after = step(tree.map(narrow, mean, grads), state.inner, params, extra)
            return updates, MultiStepsState(0, steps + 1, _zeros(mean), after)

        def gathered() -> tuple[Any, MultiStepsState]:
            return _zeros(grads), MultiStepsState(count, steps, mean, state.inner)

        wanted = every_k(steps) if callable(every_k) else fixed
        made: tuple[Any, MultiStepsState] = cond(count >= wanted, stepped, gathered)
        return made

    return Optimizer(init, taking([inner], update))


def _zeros(x: Any) -> Any:
    return tree.map(lambda leaf: namespace_of(leaf).zeros_like(leaf), x)
