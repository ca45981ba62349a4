"""Adam, which divides each gradient by its usual size; AdamW, which also shrinks the weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from gpugrad.backends import namespace_of
from gpugrad.optim.base import Optimizer, by_leaves, check_count, needed, zeros
from gpugrad.optim.chaining import chain
from gpugrad.optim.decay import add_decayed_weights
from gpugrad.optim.masking import Mask
from gpugrad.optim.rates import Number, Schedule, checked, like, schedule_of, whole
from gpugrad.optim.running_means import LEAST, mean_of, mean_square, narrow, real_like, wide
from gpugrad.optim.scaling import scale_by_learning_rate
from gpugrad.optim.step_functions import functions_of
from gpugrad.short_repr import shortly
from gpugrad.signatures import telling
from gpugrad.types import Array


@shortly
class AdamState(NamedTuple):
    """The state of `adam`: updates made so far, and running means for each leaf.

    `mean` holds those of `g`, `square` those of `|g|²`, and with `amsgrad` `peak` the largest that
    these have been. They have the dtype of the leaf, but `|g|²` is real, and of float16 all are
    float32.

    Example:
        >>> gg.optim.adam(0.1).init(np.array([1.0, 2.0])).mean
        (array([0., 0.]),)
    """

    steps: int
    mean: tuple[Array, ...]
    square: tuple[Array, ...]
    peak: tuple[Array, ...] = ()


@telling("gg.optim.adam")
def adam(
    lr: float | Schedule,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
    *,
    nesterov: bool = False,
    amsgrad: bool = False,
) -> Optimizer:
    """Adam: steps along the running mean of the gradient, divided by its running magnitude.

    `p ← p − lr·m̂ / (√ŝ + eps)`, where m̂ and ŝ are the bias-corrected means of `g` and `|g|²`
    (Kingma and Ba 2015, arXiv:1412.6980).

    Args:
        lr: The learning rate, or a function of the number of updates before the step.
        b1: The decay rate of the mean of `g`, in [0, 1): the share that each step keeps.
        b2: The decay rate of the mean of `|g|²`, in [0, 1).
        eps: A small number that keeps the quotient finite.
        nesterov: Whether m̂ looks one step ahead, `b1·m̂ + (1 − b1)·ĝ`: this is NAdam (Dozat 2016),
            as in optax, with one `b1` for all steps.
        amsgrad: Whether to divide by the largest mean of `|g|²` so far (Reddi et al. 2018,
            arXiv:1904.09237). As in PyTorch, the largest is taken before the bias is corrected.

    Example:
        >>> opt = gg.optim.adam(0.1)
        >>> x = np.array([3.0, -2.0])
        >>> state = opt.init(x)
        >>> for _ in range(200):
        ...     updates, state = opt.update(gg.grad(lambda x: gg.sum(x**2))(x), state)
        ...     x = gg.optim.apply_updates(x, updates)
        >>> bool(abs(x).max() < 0.05)
        True
    """
    return _adam(schedule_of(lr), b1, b2, eps, nesterov, amsgrad)


@telling("gg.optim.adamw")
def adamw(
    lr: float | Schedule,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 1e-2,
    mask: Mask | None = None,
    *,
    nesterov: bool = False,
    amsgrad: bool = False,
) -> Optimizer:
    """Adam with decoupled weight decay: each step also shrinks parameters by `lr·weight_decay`.

    `update` needs `params` (Loshchilov and Hutter 2019, arXiv:1711.05101).

    Args:
        lr: The learning rate, or a function of the number of updates before the step.
        b1: As for `adam`.
        b2: As for `adam`.
        eps: As for `adam`.
        weight_decay: The decay, at least 0.
        mask: Which leaves shrink, in any form that `gg.optim.masked` takes; all by default.
        nesterov: As for `adam`.
        amsgrad: As for `adam`.

    Raises:
        InvalidArgument: If `update` is called without `params`.

    Example:
        >>> opt = gg.optim.adamw(0.1, weight_decay=0.5)
        >>> w = np.array([2.0])
        >>> updates, state = opt.update(np.array([0.0]), opt.init(w), w)
        >>> updates
        array([-0.1])
        >>> no_biases = gg.optim.adamw(0.1, mask=lambda path, leaf: leaf.ndim > 1)
    """
    weight_decay = checked("weight_decay", weight_decay, 0.0)
    if mask is None:
        return _adam(schedule_of(lr), b1, b2, eps, nesterov, amsgrad, weight_decay)
    return chain(
        scale_by_adam(b1, b2, eps, nesterov=nesterov, amsgrad=amsgrad),
        add_decayed_weights(weight_decay, mask),
        scale_by_learning_rate(lr),
    )


def scale_by_adam(
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
    *,
    nesterov: bool = False,
    amsgrad: bool = False,
) -> Optimizer:
    """The direction of `adam`, up the gradient and without a rate, for `gg.optim.chain`.

    Args:
        b1: As for `adam`.
        b2: As for `adam`.
        eps: As for `adam`.
        nesterov: As for `adam`.
        amsgrad: As for `adam`.

    Example:
        >>> opt = gg.optim.chain(gg.optim.scale_by_adam(), gg.optim.scale_by_learning_rate(0.1))
        >>> updates, state = opt.update(np.array([4.0]), opt.init(np.zeros(1)))
        >>> updates.round(6)
        array([-0.1])
    """
    return _adam(lambda steps, leaves: -1.0, b1, b2, eps, nesterov, amsgrad)


def _adam(
    rate: Callable[[int, Sequence[Array]], Number],
    b1: float,
    b2: float,
    eps: float,
    nesterov: bool,
    amsgrad: bool,
    weight_decay: float = 0.0,
) -> Optimizer:
    b1, b2 = checked("b1", b1, 0.0, 1.0), checked("b2", b2, 0.0, 1.0)
    eps = checked("eps", eps, 0.0)

    def start(params: list[Array]) -> AdamState:
        mean, square = zeros(list(map(wide, params))), tuple(map(real_like, params))
        return AdamState(0, mean, square, tuple(map(real_like, params)) if amsgrad else ())

    def step(
        leaves: list[Array], state: AdamState, weights: list[Array] | None
    ) -> tuple[list[Array], AdamState]:
        check_count(leaves, state.mean, "state")
        count, step_size = state.steps + 1, rate(state.steps, leaves)
        # lr·m̂ / (√ŝ + eps), with the bias of both means taken out of the arrays into two numbers
        of = functions_of(count)
        root = of.sqrt(1.0 - b2**count)
        factor = -step_size * root / (1.0 - b1**count)
        least = of.maximum(eps * root, LEAST)
        means: list[Array] = []
        squares: list[Array] = []
        peaks: list[Array] = []
        updates: list[Array] = []
        typed = hasattr(factor, "dtype")
        for given, m, s in zip(leaves, state.mean, state.square, strict=True):
            g = wide(given)
            xp = namespace_of(g)
            if g is not given:
                m, s = wide(m), wide(s)
            m, s = mean_of(m, g, b1), mean_square(s, g, b2)
            means.append(m if m.shape else whole(m))
            squares.append(s if s.shape else whole(s))
            if nesterov:
                m = ahead(m, g, b1, count)
            if amsgrad:
                s = xp.maximum(s, state.peak[len(peaks)])
                peaks.append(s if s.shape else whole(s))
            size = xp.sqrt(s)
            size += least
            u = m / size
            if typed:
                u = u * like(factor, u)             # which may be a Tensor where `u` is none
            else:
                u *= factor
            if not u.shape:
                u = whole(u)
            updates.append(u if g is given else xp.astype(u, given.dtype))
        if weight_decay:
            shrink: Number = step_size * weight_decay
            held = needed(weights, leaves, "adamw")
            updates = [
                narrow(u - p * like(shrink, p), p) for u, p in zip(updates, held, strict=True)
            ]
        return updates, AdamState(count, tuple(means), tuple(squares), tuple(peaks))

    return by_leaves(AdamState, start, step)


def ahead(m: Array, g: Array, b1: float, count: Number) -> Array:
    """The mean that Nesterov's step goes along, times `1 − b1**count`."""
    share = b1 * (1.0 - b1**count) / (1.0 - b1 ** (count + 1))
    made: Array = m * like(share, m) + g * (1.0 - b1)
    return made
