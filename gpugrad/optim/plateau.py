"""A rate that falls when the loss no longer does."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import gpugrad.tree as tree
from gpugrad.backends import home_of, namespace_of
from gpugrad.backends.one_place import called_together, in_one_place
from gpugrad.errors import InvalidArgument
from gpugrad.optim.base import Optimizer, Update, check_state
from gpugrad.optim.leaves import check_arrays, params_of
from gpugrad.optim.rates import checked, counted, double, scaled, whole
from gpugrad.short_repr import shortly
from gpugrad.types import Array


@shortly
class PlateauState(NamedTuple):
    """The state of `reduce_on_plateau`, of arrays without axes.

    `scale` is what updates are multiplied by and `best` the least loss so far; the losses since the
    last look at it have the mean `mean` and number `seen`. `waited` counts looks without a better
    one, and `cooldown` those for which none counts yet.

    Example:
        >>> gg.optim.reduce_on_plateau().init(np.ones(2)).scale
        array(1.)
    """

    scale: Array
    best: Array
    mean: Array
    seen: Array
    waited: Array
    cooldown: Array


def reduce_on_plateau(
    factor: float = 0.1,
    patience: int = 10,
    rtol: float = 1e-4,
    atol: float = 0.0,
    cooldown: int = 0,
    accumulation_size: int = 1,
    min_scale: float = 0.0,
) -> Optimizer:
    """Updates times a number that falls by `factor` when the loss has not improved for a while.

    The last part of a chain; `update` needs the loss, as `value=`.

    Args:
        factor: What the scale is multiplied by, in (0, 1).
        patience: After how many looks at the loss without a better one, at least 1.
        rtol: A loss is better if it is less than `(1 − rtol)·best − atol`; from 0 to 1.
        atol: The absolute part of that, at least 0; not both may be 0.
        cooldown: For how many looks after a fall none counts, at least 0.
        accumulation_size: Of how many losses each look takes the mean, at least 1, such as the
            number of steps of an epoch.
        min_scale: The scale never falls below that, at least 0.

    Raises:
        InvalidArgument: By `update`, without `value=` or for one with axes.

    Example:
        >>> plateau = gg.optim.reduce_on_plateau(factor=0.5, patience=2)
        >>> opt = gg.optim.chain(gg.optim.sgd(1.0), plateau)
        >>> state = opt.init(np.zeros(1))
        >>> for loss in (3.0, 2.0, 2.0, 2.0):
        ...     updates, state = opt.update(np.array([1.0]), state, value=loss)
        >>> updates
        array([-0.5])
    """
    factor = checked("factor", factor, 0.0, 1.0)
    rtol, atol = checked("rtol", rtol, 0.0), checked("atol", atol, 0.0)
    least = checked("min_scale", min_scale, 0.0)
    patience = counted("patience", patience, 1)
    cooldown = counted("cooldown", cooldown, 0)
    size = counted("accumulation_size", accumulation_size, 1)
    if not factor or rtol > 1.0 or not (rtol or atol):
        raise InvalidArgument(
            f"factor is {factor}, rtol {rtol} and atol {atol}; expected a factor between 0 and "
            "1, and tolerances of at least 0, of which rtol is at most 1 and one is not 0"
        )

    @in_one_place("opt.init")
    def init(params: object) -> PlateauState:
        xp = home_of(params_of(params))

        def number(value: float, dtype: str = "float64") -> Array:
            return xp.asarray(value, dtype=getattr(xp, dtype))

        counts = [number(0, "int64") for _ in range(3)]
        return PlateauState(number(1.0), number(float("inf")), number(0.0), *counts)

    def looked(state: PlateauState, mean: Array) -> PlateauState:
        """The state after a look at the mean of some losses."""
        xp, none = namespace_of(mean), 0 * state.seen
        better = mean < (1.0 - rtol) * state.best - atol
        waited = xp.where(better, none, state.waited + 1)
        waits = state.cooldown > 0
        falls = xp.logical_and(xp.logical_not(waits), waited >= patience)
        lower = xp.maximum(state.scale * factor, least)
        return PlateauState(
            scale=xp.where(falls, lower, state.scale),
            best=xp.where(better, mean, state.best),
            mean=xp.zeros_like(mean),
            seen=none,
            waited=xp.where(xp.logical_or(waits, falls), none, waited),
            cooldown=xp.where(waits, state.cooldown - 1, xp.where(falls, none + cooldown, none)),
        )

    def update(
        grads: Any, state: Any, params: Any = None, *, value: Any = None
    ) -> tuple[Any, PlateauState]:
        check_state(state, PlateauState)
        if value is None or getattr(value, "shape", ()) != ():
            found = "missing" if value is None else f"of shape {tuple(value.shape)}"
            raise InvalidArgument(
                f"the loss is {found}; reduce_on_plateau wants one number: call update(grads, "
                "state, params, value=loss)"
            )
        seen = state.seen + 1
        mean = state.mean + (double(value) - state.mean) / double(seen)
        after = state._replace(mean=mean, seen=seen)
        due = looked(after, mean)
        if size > 1:
            where = namespace_of(mean).where
            pairs = zip(due, after, strict=True)
            due = PlateauState(*(where(seen == size, a, b) for a, b in pairs))
        leaves, structure = tree.flatten(grads)
        check_arrays("grads", grads, leaves)
        updates = called_together("opt.update", leaves, scaled, leaves, due.scale)
        return tree.unflatten(structure, updates), PlateauState(*map(whole, due))

    return Optimizer(init, cast(Update, update))
