"""Averages of the parameters themselves, over the steps of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

import gpugrad.tree as tree
from gpugrad.backends import namespace_of
from gpugrad.backends.one_place import in_one_place
from gpugrad.errors import InvalidArgument
from gpugrad.optim.base import Optimizer, apply_updates, check_state
from gpugrad.optim.extras import handing, taking
from gpugrad.optim.leaves import params_of
from gpugrad.optim.rates import Number, checked, counted, like, whole
from gpugrad.optim.running_means import narrow, wide
from gpugrad.optim.step_functions import functions_of
from gpugrad.settings import settled
from gpugrad.short_repr import shortly
from gpugrad.transforms import cond
from gpugrad.types import Array

T = TypeVar("T")


@shortly
class AverageState(NamedTuple):
    """The state of `average_params`: updates so far, the average, and the state of the optimiser.

    `average` is a tree like the params, such as a model. Of float16 it is float32.

    Example:
        >>> gg.optim.average_params(gg.optim.sgd(0.1)).init({"w": np.ones(2)}).average
        {'w': array([1., 1.])}
    """

    steps: int
    average: Any
    inner: Any


@shortly
class LookaheadState(NamedTuple):
    """The state of `lookahead`: updates so far, the slow params, and the state of the optimiser.

    Example:
        >>> gg.optim.lookahead(gg.optim.sgd(0.1)).init({"w": np.ones(2)}).slow
        {'w': array([1., 1.])}
    """

    steps: int
    slow: Any
    inner: Any


def average_params(inner: Optimizer, decay: float | None = 0.999, start: int = 0) -> Optimizer:
    """The optimiser `inner`, whose state also holds an average of the parameters after each update.

    Training is not changed by it. `state.average` is a model like the one that is trained; often
    it generalises better. `update` needs `params`.

    Args:
        inner: The optimiser; wrap the whole one, also of a chain.
        decay: The share that the exponential moving average keeps at each step, in [0, 1). The
            params before the first update do not count in it. `None` gives all steps equal
            weight, as in stochastic weight averaging (Izmailov et al. 2018, arXiv:1803.05407).
        start: Up to that number of updates, the average is just the current parameters.

    Raises:
        InvalidArgument: If `update` is called without `params`.

    Example:
        >>> opt = gg.optim.average_params(gg.optim.sgd(1.0), decay=None)
        >>> w = np.array([0.0])
        >>> state = opt.init(w)
        >>> for _ in range(3):
        ...     updates, state = opt.update(np.array([-1.0]), state, w)
        ...     w = gg.optim.apply_updates(w, updates)
        >>> w, state.average
        (array([3.]), array([2.]))
    """
    keep = None if decay is None else checked("decay", decay, 0.0, 1.0)
    begin, step = counted("start", start, 0), handing(inner)

    def init(params: Any) -> AverageState:
        return AverageState(0, _copied(params, wide), inner.init(params))

    @in_one_place("opt.update")
    def update(
        grads: Any, state: Any, params: Any, extra: Mapping[str, Any]
    ) -> tuple[Any, AverageState]:
        check_state(state, AverageState)
        _check_given(params, "average_params")
        updates, after = step(grads, state.inner, params, extra)
        count = settled(state.steps) + 1
        seen = functions_of(count).maximum(count - begin, 1.0)
        share = 1.0 / seen if keep is None else (1.0 - keep) / (1.0 - keep**seen)
        average = _mixed(apply_updates(params, updates), state.average, share)
        return updates, AverageState(count, average, after)

    return Optimizer(init, taking([inner], update))


def lookahead(
    inner: Optimizer, sync_period: int = 6, slow_step_size: float = 0.5
) -> Optimizer:
    """The optimiser `inner`, of whose every `sync_period` steps only a part is gone.

    At a sync, the slow parameters of the state move by `slow_step_size` of the way to the current
    ones, and the current ones are set to them. `update` needs `params`, which are the fast ones;
    `state.slow` are those to evaluate (Zhang et al. 2019, arXiv:1907.08610).

    Args:
        inner: The optimiser; wrap the whole one, also of a chain.
        sync_period: The number of steps from sync to sync, at least 1.
        slow_step_size: The share of the way that the slow parameters go, in [0, 1].

    Raises:
        InvalidArgument: If `update` is called without `params`.

    Example:
        >>> opt = gg.optim.lookahead(gg.optim.sgd(1.0), sync_period=2)
        >>> w = np.array([0.0])
        >>> state = opt.init(w)
        >>> for _ in range(2):
        ...     updates, state = opt.update(np.array([-1.0]), state, w)
        ...     w = gg.optim.apply_updates(w, updates)
        >>> w, state.slow
        (array([1.]), array([1.]))
    """
    period = counted("sync_period", sync_period, 1)
    share, step = checked("slow_step_size", slow_step_size, 0.0), handing(inner)
    if share > 1.0:
        raise InvalidArgument(f"slow_step_size is {share}; expected a number from 0 to 1")

    def init(params: Any) -> LookaheadState:
        return LookaheadState(0, _copied(params), inner.init(params))

    @in_one_place("opt.update")
    def update(
        grads: Any, state: Any, params: Any, extra: Mapping[str, Any]
    ) -> tuple[Any, LookaheadState]:
        check_state(state, LookaheadState)
        _check_given(params, "lookahead")
        updates, after = step(grads, state.inner, params, extra)
        count = settled(state.steps) + 1

        def synced() -> tuple[Any, Any]:
            slow = _mixed(apply_updates(params, updates), state.slow, share)
            back = tree.map(lambda s, p, u: narrow(s - p, u), slow, params, updates)
            return back, slow

        updates, slow = cond(count % period == 0, synced, lambda: (updates, state.slow))
        return updates, LookaheadState(count, slow, after)

    return Optimizer(init, taking([inner], update))


def incremental_update(new: T, old: T, step_size: float) -> T:
    """`step_size·new + (1 − step_size)·old`, leaf by leaf, in the dtypes of `old`.

    It serves averages that a loop keeps itself, such as the target network of Q-learning.

    Args:
        new: A pytree of arrays.
        old: A pytree of the same structure.
        step_size: The share of `new`, a number or an array without axes.

    Example:
        >>> gg.optim.incremental_update([np.array([4.0])], [np.array([0.0])], 0.25)
        [array([1.])]
    """
    mixed: T = _mixed(new, old, step_size)
    return mixed


def _mixed(new: Any, old: Any, share: Number) -> Any:
    """With a share of 1 it is `new` to the bit."""
    rest = 1.0 - share

    def mix(a: Array, b: Array) -> Array:
        return whole(b * like(rest, b) + narrow(a, b) * like(share, b))

    return tree.map(mix, new, old)


def _copied(params: Any, change: Any = lambda x: x) -> Any:
    """New arrays: what is trained on may be donated, or written to."""
    copies = [namespace_of(x).copy(change(x)) for x in params_of(params)]
    return tree.unflatten(tree.flatten(params)[1], copies)


def _check_given(params: Any, name: str) -> None:
    if params is None:
        raise InvalidArgument(f"{name} needs the params: call update(grads, state, params)")
