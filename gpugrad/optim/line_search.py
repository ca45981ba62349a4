"""A line search by the strong Wolfe conditions: how far to go along the updates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias, cast

import gpugrad.tree as tree
from gpugrad.backends import home_of, is_complex, namespace_of
from gpugrad.backends.one_place import in_one_place
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.optim.base import Optimizer, Update, check_state, marked
from gpugrad.optim.bounded_loop import repeated
from gpugrad.optim.leaves import params_of
from gpugrad.optim.rates import checked, counted, double, scaled, whole
from gpugrad.optim.wolfe import End, Search, after_trying
from gpugrad.short_repr import shortly
from gpugrad.transforms import cond, value_and_grad
from gpugrad.types import Array

Loss: TypeAlias = Callable[[Any], Any]
"""What is to become small, as a function of the params alone."""


@shortly
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
    `gg.jit`, the search is a part of the plan; without, on a GPU, each step tried is waited for.

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
        raise InvalidArgument(f"initial_guess is {initial_guess!r}; expected 'one' or 'keep'")

    @in_one_place("opt.init")
    def init(params: Any) -> LineSearchState:
        leaves = params_of(params)
        xp = home_of(leaves)
        step, value = (xp.asarray(x, dtype=xp.float64) for x in (1.0, float("inf")))
        zeros = [namespace_of(p).zeros_like(p) for p in leaves]
        return LineSearchState(step, value, tree.unflatten(tree.flatten(params)[1], zeros), 0)

    @in_one_place("opt.update")
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
        nowhere = double(0.0 * state.step_size)
        slope = _along(tree.leaves(grad), directions)
        start = End(nowhere, double(nowhere + double(value)), slope)

        def body(search: Search) -> Search:
            return after_trying(search, start, line, decrease, flat, rtol)

        guess = state.step_size
        if initial_guess == "keep":
            guess = ops.where(guess > 0, guess, 1.0)
        else:
            guess = ops.ones_like(guess)
        begun = Search(
            low=start,
            high=End(start.step + float("inf"), start.value, start.slope),
            grads=tree.leaves(grad),
            step=double(guess),
            left=double(ops.where(slope < 0, 1.0, 0.0)),   # it may not lead down
            evaluations=0,
        )
        found = repeated(lambda search: search.left > 0, body, begun, most)
        length = found.low.step
        updates = tree.unflatten(structure, scaled(directions, length))
        after = tree.unflatten(tree.flatten(grad)[1], found.grads)
        return updates, LineSearchState(length, found.low.value, after, found.evaluations)

    return Optimizer(init, marked(cast(Update, update), "scale_by_zoom_linesearch"))


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
                "the state holds no LineSearchState; expected that of an optimiser with a line "
                "search, such as gg.optim.lbfgs()"
            )

        def computed() -> tuple[Array, Any]:
            value, grads = both(params)
            return double(value), grads

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
) -> Callable[[Array], tuple[End, list[Array]]]:
    """The loss at a step along the directions, as an end of a bracket, with its gradient."""
    both = value_and_grad(loss)
    leaves, structure = tree.flatten(params)

    def at(step: Array) -> tuple[End, list[Array]]:
        ways = scaled(directions, step)
        there = [whole(p + u) for p, u in zip(leaves, ways, strict=True)]
        value, grads = both(tree.unflatten(structure, there))
        found = tree.leaves(grads)
        return End(step, double(value), _along(found, directions)), found

    return at


def _along(grads: list[Array], directions: list[Array]) -> Array:
    """The slope along the directions, in float64."""
    total: Any = 0.0
    for g, u in zip(grads, directions, strict=True):
        xp = namespace_of(g)
        kind = xp.complex128 if is_complex(g.dtype) else xp.float64
        g, u = xp.astype(g, kind), xp.astype(u, kind)
        total = total + ops.sum(ops.real(ops.conj(g) * u) if is_complex(kind) else g * u)
    made: Array = double(total)
    return made
