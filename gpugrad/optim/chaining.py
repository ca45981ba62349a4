"""Several optimisers as one, of which each changes what the one before gave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gpugrad.errors import InvalidArgument
from gpugrad.optim.base import Optimizer, stateless
from gpugrad.optim.extras import handing, taking


def chain(*parts: Optimizer) -> Optimizer:
    """The optimiser whose updates go through all `parts`, from the first to the last.

    Its state is the tuple of their states. Arguments of `update` beyond `params` reach the parts
    that take them.

    Args:
        *parts: Optimisers; usually those that change gradients, then a `scale_by_...`, and at last
            `scale_by_learning_rate`.

    Raises:
        InvalidArgument: By `update`, for a state of another number of parts.

    Example:
        >>> opt = gg.optim.chain(gg.optim.clip_by_global_norm(1.0), gg.optim.sgd(0.5))
        >>> w = {"a": np.array([0.0]), "b": np.array([0.0])}
        >>> grads = {"a": np.array([3.0]), "b": np.array([4.0])}
        >>> updates, state = opt.update(grads, opt.init(w), w)
        >>> updates
        {'a': array([-0.3]), 'b': array([-0.4])}
    """
    for place, part in enumerate(parts, 1):
        if not isinstance(part, Optimizer):
            raise InvalidArgument(
                f"gg.optim.chain: part {place} is of type {type(part).__name__}; expected an "
                "optimiser, such as gg.optim.adam(1e-3)"
            )
    steps = [handing(part) for part in parts]

    def init(params: object) -> tuple[Any, ...]:
        return tuple(part.init(params) for part in parts)

    def update(
        grads: Any, state: Any, params: Any, extra: Mapping[str, Any]
    ) -> tuple[Any, tuple[Any, ...]]:
        if type(state) is not tuple or len(state) != len(steps):
            found = f"a tuple of {len(state)}" if type(state) is tuple else type(state).__name__
            raise InvalidArgument(
                f"the state of this chain is {found}; expected the tuple of {len(steps)} that "
                "init or the last update gave: call update(grads, state, params)"
            )
        after = []
        for step, part in zip(steps, state, strict=True):
            grads, part = step(grads, part, params, extra)
            after.append(part)
        return grads, tuple(after)

    return Optimizer(init, taking(parts, update))


def identity() -> Optimizer:
    """What leaves every update as it is, where a part of a chain is to do nothing.

    Example:
        >>> opt = gg.optim.identity()
        >>> opt.update(np.array([1.0]), opt.init(np.zeros(1)))[0]
        array([1.])
    """
    return stateless(lambda leaves, weights: leaves)
