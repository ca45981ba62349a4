"""Steps that are left out where a gradient is not finite."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import and_
from typing import Any, NamedTuple

import gpugrad.tree as tree
from gpugrad.backends import namespace_of
from gpugrad.backends.one_place import in_one_place
from gpugrad.optim.base import Optimizer, check_state
from gpugrad.optim.extras import handing, taking
from gpugrad.optim.rates import counted
from gpugrad.settings import settled
from gpugrad.short_repr import shortly
from gpugrad.transforms import cond


@shortly
class ApplyIfFiniteState(NamedTuple):
    """The state of `apply_if_finite`.

    `in_a_row` and `total` count the gradients that were not finite, and `inner` is the state of the
    optimiser.

    Example:
        >>> gg.optim.apply_if_finite(gg.optim.sgd(0.1), 5).init(np.ones(2))
        ApplyIfFiniteState(in_a_row=0, total=0, inner=SgdState(steps=0, velocity=()))
    """

    in_a_row: int
    total: int
    inner: Any


def apply_if_finite(inner: Optimizer, max_consecutive_errors: int) -> Optimizer:
    """The optimiser `inner`, which leaves out steps whose gradients hold a NaN or an infinity.

    Their updates are zeros and its state stays as it is. After too many in a row, the step is made
    all the same, so that the fault comes to light. Without `gg.jit`, an update on a GPU waits for
    the gradients.

    Args:
        inner: The optimiser; wrap the whole one, also of a chain.
        max_consecutive_errors: How many steps in a row are left out at most, at least 0.

    Example:
        >>> opt = gg.optim.apply_if_finite(gg.optim.sgd(0.1), max_consecutive_errors=5)
        >>> updates, state = opt.update(np.array([np.nan]), opt.init(np.ones(1)))
        >>> updates, state.total
        (array([0.]), 1)
    """
    most, step = counted("max_consecutive_errors", max_consecutive_errors, 0), handing(inner)

    def init(params: object) -> ApplyIfFiniteState:
        return ApplyIfFiniteState(0, 0, inner.init(params))

    @in_one_place("opt.update")
    def update(
        grads: Any, state: Any, params: Any, extra: Mapping[str, Any]
    ) -> tuple[Any, ApplyIfFiniteState]:
        check_state(state, ApplyIfFiniteState)
        finite = reduce(and_, map(_is_finite, tree.leaves(grads)), True)
        missed, total = settled(state.in_a_row) + 1, settled(state.total)
        in_a_row, total = cond(finite, lambda: (0, total), lambda: (missed, total + 1))

        def stepped() -> tuple[Any, Any]:
            return step(grads, state.inner, params, extra)

        def left_out() -> tuple[Any, Any]:
            return tree.map(lambda g: namespace_of(g).zeros_like(g), grads), state.inner

        updates, after = cond(finite | (missed > most), stepped, left_out)
        return updates, ApplyIfFiniteState(in_a_row, total, after)

    return Optimizer(init, taking([inner], update, whole="apply_if_finite"))


def _is_finite(g: Any) -> Any:
    xp = namespace_of(g)
    return xp.all(xp.isfinite(g))
