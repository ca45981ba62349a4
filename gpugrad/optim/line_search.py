"""A line search by the strong Wolfe conditions: how far to go along the updates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import gpugrad.tree as tree
from gpugrad.backends import home_of, is_complex, namespace_of
from gpugrad.backends.one_place import in_one_place
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.optim.base import Optimizer, check_state
from gpugrad.optim.leaves import params_of
from gpugrad.optim.loops import repeated
from gpugrad.optim.rates import checked, counted, scaled, whole
from gpugrad.transforms import cond, value_and_grad
from gpugrad.types import Array

Loss: TypeAlias = Callable[[Any], Any]
"""What is to become small, as a function of the params alone."""

GROWTH = 2.0
"""By how much a step grows while the loss still falls at its end."""

FROM_ENDS = 0.1
"""The share of a bracket that each of its ends keeps from the next step to try."""


class LineSearchState(NamedTuple):
    """The state of `scale_by_zoom_linesearch`: where the last search ended.

    `step_size` is how far along the updates it went, 0 where it found nothing lower. `value` and
    `grad` are the loss and its gradient there, and `evaluations` is how often it computed them.
    Numbers are arrays of float64 without axes, and `grad` is a tree like the params.

    Example:
        >>> gg.optim.scale_by_zoom_linesearch(20).init(np.ones(2)).value
        array(inf)
    """

    step_size: Array
    value: Array
    grad: Any
    evaluations: int


class _End(NamedTuple):
    """A point on the line: the step, and the loss and its slope there."""

    step: Array
    value: Array
    slope: Array


class _Search(NamedTuple):
    """Where a search stands.

    `low` is the end with the lowest loss so far, with its gradient `grads`; the step sought lies
    between it and `high`, whose step is infinite as long as none was too long. `step` is to be
    tried next, and `left` is not 0 until one was found that will do.
    """

    low: _End
    high: _End
    grads: list[Array]
    step: Array
    left: Array
    evaluations: int


def scale_by_zoom_linesearch(
    max_linesearch_steps: int,
    sufficient_decrease: float = 1e-4,
    curvature: float = 0.9,
    rtol: float = 1e-6,
    *,
    initial_guess: str = "keep",
) -> Optimizer:
    """Updates times the length of step that a line search finds, for the end of a chain.

    The length meets the strong Wolfe conditions: the loss falls by at least `sufficient_decrease`
    of what its slope promises, and the slope itself to `curvature` of what it was (Nocedal and
    Wright 2006, algorithms 3.5 and 3.6). Near a minimum, where differences of the loss are lost
    to rounding, the slopes alone decide (Hager and Zhang 2005, doi:10.1137/030601880). Under
    `gg.jit`, the search is a part of the plan.

    `update(grads, state, params, value=..., grad=..., value_fn=...)` needs the params, the loss
    and its gradient there, and the loss as a function of the params.

    Args:
        max_linesearch_steps: How often it computes the loss and its gradient at most.
        sufficient_decrease: The share of the decrease, in (0, 1).
        curvature: The share of the slope, in (0, 1).
        rtol: Losses that differ by less than that share of them count as equal where slopes say so.
        initial_guess: The first length tried: `"one"`, or `"keep"` for the last one found.

    Raises:
        InvalidArgument: By `update`, if one of its arguments is missing.

    Example:
        >>> opt = gg.optim.chain(gg.optim.sgd(1.0), gg.optim.scale_by_zoom_linesearch(20))
        >>> def loss(w):
        ...     return gg.sum(50.0 * (w - 3.0) ** 2)
        >>> w = np.array([10.0])
        >>> state = opt.init(w)
        >>> for _ in range(5):
        ...     value, grad = gg.value_and_grad(loss)(w)
        ...     updates, state = opt.update(grad, state, w, value=value, grad=grad, value_fn=loss)
        ...     w = gg.optim.apply_updates(w, updates)
        >>> w.round(6)
        array([3.])
    """
    most = counted("max_linesearch_steps", max_linesearch_steps, 1)
    decrease = checked("sufficient_decrease", sufficient_decrease, 0.0, 1.0)
    flat, rtol = checked("curvature", curvature, decrease, 1.0), checked("rtol", rtol, 0.0)
    if initial_guess not in ("one", "keep"):
        raise InvalidArgument(f"initial_guess is {initial_guess!r}; wanted is 'one' or 'keep'")

    @in_one_place("opt.init")
    def init(params: Any) -> LineSearchState:
        leaves = params_of(params)
        xp = home_of(leaves)
        step, value = (xp.asarray(x, dtype=xp.float64) for x in (1.0, float("inf")))
        zeros = [namespace_of(p).zeros_like(p) for p in leaves]
        return LineSearchState(step, value, tree.unflatten(tree.flatten(params)[1], zeros), 0)

    def update(
        grads: Any,
        state: Any,
        params: Any = None,
        *,
        value: Any = None,
        grad: Any = None,
        value_fn: Loss | None = None,
    ) -> tuple[Any, LineSearchState]:
        check_state(state, LineSearchState)
        if params is None or value is None or grad is None or value_fn is None:
            raise InvalidArgument(
                "the line search needs the loss as well: call update(grads, state, params, "
                "value=loss, grad=grads, value_fn=loss_function)"
            )
        directions, structure = tree.flatten(grads)
        line = _line(value_fn, params, directions)
        start = _End(*map(_double, (0.0 * state.step_size, value, 0.0)))
        slope = _along(tree.leaves(grad), directions)
        start = start._replace(slope=slope)

        def body(search: _Search) -> _Search:
            return _next(search, start, line, decrease, flat, rtol)

        guess = state.step_size
        if initial_guess == "keep":
            guess = ops.where(guess > 0, guess, 1.0)
        else:
            guess = ops.ones_like(guess)
        begun = _Search(
            low=start,
            high=_End(start.step + float("inf"), start.value, start.slope),
            grads=tree.leaves(grad),
            step=_double(guess),
            left=_double(ops.where(slope < 0, 1.0, 0.0)),   # it may not lead down
            evaluations=0,
        )
        found = repeated(lambda search: search.left > 0, body, begun, most)
        length = found.low.step
        updates = tree.unflatten(structure, scaled(directions, length))
        after = tree.unflatten(tree.flatten(grad)[1], found.grads)
        return updates, LineSearchState(length, found.low.value, after, found.evaluations)

    return Optimizer(init, update)


def value_and_grad_from_state(loss: Loss) -> Callable[..., tuple[Array, Any]]:
    """The function `(params, state)` that gives value and gradient of `loss`, from the state.

    A line search has computed both where it ended, so only the first call computes anything.

    Args:
        loss: The function of the params that is to become small.

    Returns:
        A function of the params, and of the state of an optimiser with a line search in it. The
        value is an array of float64.

    Example:
        >>> def loss(w):
        ...     return gg.sum((w - 3.0) ** 2)
        >>> value_and_grad, opt = gg.optim.value_and_grad_from_state(loss), gg.optim.lbfgs()
        >>> w = np.array([0.0])
        >>> state = opt.init(w)
        >>> for _ in range(2):
        ...     value, grad = value_and_grad(w, state)
        ...     updates, state = opt.update(grad, state, w, value=value, grad=grad, value_fn=loss)
        ...     w = gg.optim.apply_updates(w, updates)
        >>> w.round(6)
        array([3.])
    """
    both = value_and_grad(loss)

    def found(params: Any, state: Any) -> tuple[Array, Any]:
        search = _search_in(state)
        if search is None:
            raise InvalidArgument(
                "the state holds no LineSearchState; wanted is that of an optimiser with a line "
                "search, such as gg.optim.lbfgs()"
            )

        def computed() -> tuple[Array, Any]:
            value, grads = both(params)
            return _double(value), grads

        made: tuple[Array, Any] = cond(
            ops.isfinite(search.value), lambda: (search.value, search.grad), computed
        )
        return made

    return found


def _search_in(state: Any) -> LineSearchState | None:
    if isinstance(state, LineSearchState):
        return state
    parts = state.values() if isinstance(state, dict) else state
    if not isinstance(state, dict | tuple):
        return None
    return next((found for part in parts if (found := _search_in(part)) is not None), None)


def _line(
    loss: Loss, params: Any, directions: list[Array]
) -> Callable[[Array], tuple[_End, list[Array]]]:
    """The loss at a step along the directions, as an end of a bracket, with its gradient."""
    both = value_and_grad(loss)
    leaves, structure = tree.flatten(params)

    def at(step: Array) -> tuple[_End, list[Array]]:
        ways = scaled(directions, step)
        there = [whole(p + u) for p, u in zip(leaves, ways, strict=True)]
        value, grads = both(tree.unflatten(structure, there))
        found = tree.leaves(grads)
        return _End(step, _double(value), _along(found, directions)), found

    return at


def _next(
    search: _Search,
    start: _End,
    line: Callable[[Array], tuple[_End, list[Array]]],
    decrease: float,
    flat: float,
    rtol: float,
) -> _Search:
    """The search after one more step was tried."""
    low, high = search.low, search.high
    tried, grads = line(search.step)
    finite = ops.logical_and(ops.isfinite(tried.value), ops.isfinite(tried.slope))
    falls = ops.logical_or(
        tried.value <= start.value + decrease * tried.step * start.slope,
        ops.logical_and(
            tried.value <= start.value + rtol * ops.abs(start.value),
            tried.slope <= (2.0 * decrease - 1.0) * start.slope,
        ),
    )
    will_do = ops.logical_and(
        ops.logical_and(finite, falls), ops.abs(tried.slope) <= -flat * start.slope
    )
    lower = ops.logical_and(ops.logical_and(finite, falls), tried.value < low.value)
    better = ops.logical_or(will_do, lower)
    # Beyond what it tried, the loss rises: the minimum lies between there and the lowest end.
    turns = ops.where(high.step > low.step, tried.slope >= 0, tried.slope <= 0)
    far = _chosen(better, _chosen(turns, low, high), _chosen(finite, tried, _worthless(tried)))
    near = _chosen(better, tried, low)
    return _Search(
        low=near,
        high=far,
        grads=[ops.where(better, a, b) for a, b in zip(grads, search.grads, strict=True)],
        step=_between(near, far),
        left=_double(ops.where(will_do, 0.0, 1.0)),
        evaluations=search.evaluations + 1,
    )


def _between(low: _End, high: _End) -> Array:
    """The step to try next: the minimum of the cubic through both ends, away from these.

    It is the middle where the cubic has none, and beyond the lowest end without another one.
    """
    bounded = ops.isfinite(high.step)
    known = ops.logical_and(bounded, ops.isfinite(high.value))
    width = ops.where(bounded, high.step, low.step + 1.0) - low.step
    rise = ops.where(known, high.value, low.value) - low.value
    slope = low.slope + high.slope - 3.0 * rise / _not_0(width)
    unit = ops.maximum(ops.maximum(ops.abs(slope), ops.abs(low.slope)), ops.abs(high.slope))
    a, b, c = (x / _not_0(unit) for x in (slope, low.slope, high.slope))     # none overflows now
    root = ops.sqrt(ops.maximum(a * a - b * c, 0.0)) * ops.sign(width)
    bend = c - b + 2.0 * root
    share = ops.clip(1.0 - (c + root - a) / _not_0(bend), FROM_ENDS, 1.0 - FROM_ENDS)
    share = ops.where(ops.logical_and(known, bend != 0), share, 0.5)
    return ops.where(bounded, low.step + share * width, GROWTH * low.step)


def _not_0(x: Array) -> Array:
    return ops.where(x == 0, 1.0, x)


def _worthless(end: _End) -> _End:
    """A point whose loss or slope is not finite: nothing is computed from these."""
    infinite = ops.ones_like(end.value) * float("inf")
    return _End(end.step, infinite, ops.zeros_like(end.slope))


def _chosen(condition: Array, one: _End, other: _End) -> _End:
    return _End(*(ops.where(condition, a, b) for a, b in zip(one, other, strict=True)))


def _along(grads: list[Array], directions: list[Array]) -> Array:
    """The slope along the directions, in float64."""
    total: Any = 0.0
    for g, u in zip(grads, directions, strict=True):
        g, u = (
            ops.astype(x, "complex128" if is_complex(x.dtype) else "float64") for x in (g, u)
        )
        product = ops.real(ops.conj(g) * u) if is_complex(g.dtype) else g * u
        total = total + ops.sum(product)
    return _double(total)


def _double(x: Any) -> Any:
    """A number as an array of float64."""
    return whole(ops.astype(x, "float64")) if hasattr(x, "dtype") else x
