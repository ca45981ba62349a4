"""L-BFGS: Newton's direction, by what the last gradients say of the curvature."""

from __future__ import annotations

from math import prod
from typing import Literal, NamedTuple

from gpugrad.backends import is_complex, namespace_of
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.optim.base import Optimizer, by_leaves, needed
from gpugrad.optim.chaining import chain
from gpugrad.optim.line_search import scale_by_zoom_linesearch
from gpugrad.optim.rates import Schedule, counted, whole
from gpugrad.optim.running_means import wide
from gpugrad.optim.scaling import scale, scale_by_learning_rate
from gpugrad.short_repr import shortly
from gpugrad.signatures import telling
from gpugrad.types import Array


@shortly
class LbfgsState(NamedTuple):
    """The state of `scale_by_lbfgs`: updates so far, the last point, and what was learned.

    `params` and `grads` are vectors of all numbers of the trees, those of complex leaves as pairs.
    The rows of `moved` and `changed` are how far params and gradients went in steps before, the
    last of them last; `weights` holds the inverse of the product of both, and 0 for a row that does
    not count.

    Example:
        >>> gg.optim.scale_by_lbfgs(memory_size=3).init({"a": np.ones(2)}).moved.shape
        (3, 2)
    """

    steps: int
    params: Array
    grads: Array
    moved: Array
    changed: Array
    weights: Array


@telling("gg.optim.lbfgs")
def lbfgs(
    lr: float | Schedule | None = None,
    memory_size: int = 10,
    scale_init_precond: bool = True,
    linesearch: Optimizer | Literal["zoom"] | None = "zoom",
) -> Optimizer:
    """L-BFGS with a line search, for losses without noise: the whole data in each step.

    `update(grads, state, params, value=loss, grad=grads, value_fn=loss_function)` makes one step;
    `gg.optim.value_and_grad_from_state` takes value and gradient from the search before. Under
    `gg.jit`, a step with its search is one plan.

    Args:
        lr: A factor of the direction before the search; 1 by default.
        memory_size: How many steps it remembers, at least 1.
        scale_init_precond: As for `scale_by_lbfgs`.
        linesearch: What finds the length of the step: `"zoom"` stands for
            `scale_by_zoom_linesearch(20, initial_guess="one")`; another optimiser, for the end of
            the chain, may do so, and `None` takes the direction as it is.

    Example:
        >>> def loss(w):
        ...     return gg.sum(100.0 * (w[1:] - w[:-1] ** 2) ** 2 + (1.0 - w[:-1]) ** 2)
        >>> value_and_grad, opt = gg.optim.value_and_grad_from_state(loss), gg.optim.lbfgs()
        >>> @gg.jit
        ... def step(w, state):
        ...     value, grad = value_and_grad(w, state)
        ...     updates, state = opt.update(grad, state, w, value=value, grad=grad, value_fn=loss)
        ...     return gg.optim.apply_updates(w, updates), state
        >>> w = np.array([-1.2, 1.0])
        >>> state = opt.init(w)
        >>> for _ in range(40):
        ...     w, state = step(w, state)
        >>> w.round(6)
        array([1., 1.])
    """
    parts = [
        scale_by_lbfgs(memory_size, scale_init_precond),
        scale(-1.0) if lr is None else scale_by_learning_rate(lr),
    ]
    if linesearch == "zoom":
        linesearch = scale_by_zoom_linesearch(20, initial_guess="one")
    return chain(*parts) if linesearch is None else chain(*parts, linesearch)


def scale_by_lbfgs(memory_size: int = 10, scale_init_precond: bool = True) -> Optimizer:
    """The direction of `lbfgs`, up the gradient, for `gg.optim.chain`. `update` needs `params`.

    It is the product of the gradient and an estimate of the inverse Hessian, by the two loops of
    Nocedal (1980; Nocedal and Wright 2006, algorithm 7.4). A step along which the slope did not
    rise is not remembered, and one that did not move at all makes it forget: then the next
    direction is the gradient again.

    Args:
        memory_size: How many steps it remembers, at least 1.
        scale_init_precond: Whether the estimate starts from the curvature of the last step, and
            before the first one from a step of norm 1 at most; else from the gradient as it is.

    Example:
        >>> opt, w = gg.optim.scale_by_lbfgs(), np.array([2.0, 1.0])
        >>> direction, state = opt.update(w, opt.init(w), w)       # the gradient of ½|w|²
        >>> w = w - direction
        >>> direction, state = opt.update(w, state, w)
        >>> np.allclose(w, direction)
        True
    """
    size = counted("memory_size", memory_size, 1)

    def start(params: list[Array]) -> LbfgsState:
        if not params:
            raise InvalidArgument("params hold no arrays; lbfgs wants at least one")
        zeros = ops.zeros_like(_vector(params))
        rows = ops.stack([zeros] * size)
        return LbfgsState(0, zeros, zeros, rows, rows, ops.sum(rows, axis=1))

    def step(
        leaves: list[Array], state: LbfgsState, weights: list[Array] | None
    ) -> tuple[list[Array], LbfgsState]:
        here, g = _vector(needed(weights, leaves, "scale_by_lbfgs")), _vector(leaves)
        moved, changed, inverse = _remembered(state, here - state.params, g - state.grads)
        direction = _newton(g, moved, changed, inverse, scale_init_precond)
        after = LbfgsState(state.steps + 1, here, g, moved, changed, inverse)
        return _parts(direction, leaves), after

    return by_leaves(LbfgsState, start, step, whole="scale_by_lbfgs")


def _remembered(state: LbfgsState, moved: Array, changed: Array) -> tuple[Array, Array, Array]:
    """The memory with one more step."""
    curvature, length = _dot(moved, changed), _dot(moved, moved)
    # Less than that is rounding, and would make the estimate huge.
    rises = curvature > _EPSILON * _dot(changed, changed)
    known = ops.logical_and(rises, state.steps > 0)
    inverse = 1.0 / ops.where(known, curvature, 1.0)

    def joined(rows: Array, row: Array) -> Array:
        kept = ops.getitem(rows, (slice(1, None), ...))
        return ops.where(known, ops.concat([kept, ops.expand_dims(row, axis=0)], axis=0), rows)

    stuck = ops.logical_and(length == 0, state.steps > 0)
    weights = joined(state.weights, ops.astype(inverse, state.weights.dtype))
    return (
        joined(state.moved, moved),
        joined(state.changed, changed),
        ops.where(stuck, ops.zeros_like(weights), weights),
    )


_EPSILON = 2.0**-52


def _newton(
    g: Array, moved: Array, changed: Array, weights: Array, scale_init_precond: bool
) -> Array:
    """The gradient times the estimate of the inverse Hessian."""
    steps = list(zip(*map(ops.unstack, (moved, changed, weights)), strict=True))
    shares = []
    for s, y, weight in reversed(steps):
        share = weight * _dot(s, g)
        shares.append(share)
        g = g - share * y
    if scale_init_precond:
        _, y, weight = steps[-1]
        known = weight > 0
        by_curvature = 1.0 / ops.where(known, weight * _dot(y, y), 1.0)
        first = 1.0 / ops.maximum(ops.sqrt(_dot(g, g)), 1.0)
        g = g * ops.where(known, by_curvature, first)
    for (s, y, weight), share in zip(steps, reversed(shares), strict=True):
        g = g + (share - weight * _dot(y, g)) * s
    return g


def _dot(a: Array, b: Array) -> Array:
    return ops.sum(a * b)


def _vector(leaves: list[Array]) -> Array:
    """All numbers of the leaves one after another, in a dtype that holds them, at least float32."""
    parts = []
    for x in map(wide, leaves):
        xp = namespace_of(x)
        flat = xp.reshape(x, (-1,))
        parts += [xp.real(flat), xp.imag(flat)] if is_complex(x.dtype) else [flat]
    return ops.concat(parts, axis=0) if len(parts) > 1 else ops.copy(parts[0])


def _parts(vector: Array, like: list[Array]) -> list[Array]:
    """The leaves whose numbers a vector holds."""
    made, place = [], 0
    for x in like:
        count = prod(x.shape)
        part = ops.getitem(vector, (slice(place, place + count), ...))
        place += count
        if is_complex(x.dtype):
            part = part + 1j * ops.getitem(vector, (slice(place, place + count), ...))
            place += count
        made.append(whole(ops.astype(ops.reshape(part, x.shape), x.dtype)))
    return made
