"""Adam, which divides each gradient by its usual size; AdamW, which also shrinks the weights."""

from __future__ import annotations

from typing import NamedTuple

from gpugrad.backends import is_complex, namespace_of
from gpugrad.backends.one_place import in_one_place
from gpugrad.errors import InvalidArgument
from gpugrad.optim.base import (
    Optimizer,
    Schedule,
    check_count,
    checked,
    like,
    schedule_of,
    update_of,
    whole,
    zeros,
)
from gpugrad.optim.leaves import params_of
from gpugrad.optim.step_functions import functions_of
from gpugrad.types import Array


class AdamState(NamedTuple):
    """The state of `adam`: updates made so far, and running means for each leaf.

    `mean` holds those of `g`, `square` those of `|g|²`. They have the dtype of the leaf, but `|g|²`
    is real, and of float16 both are float32.

    Example:
        >>> gg.optim.adam(0.1).init(np.array([1.0, 2.0])).mean
        (array([0., 0.]),)
    """

    steps: int
    mean: tuple[Array, ...]
    square: tuple[Array, ...]


_LEAST = 2.0**-126
"""The smallest normal number of float32: no denominator is less, so that none is 0."""


def adam(
    lr: float | Schedule, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8
) -> Optimizer:
    """Adam: steps along the running mean of the gradient, divided by its running magnitude.

    `p ← p − lr·m̂ / (√ŝ + eps)`, where m̂ and ŝ are the bias-corrected means of `g` and `|g|²`
    (Kingma and Ba 2015, arXiv:1412.6980).

    Args:
        lr: The learning rate, or a function of the number of updates before the step.
        b1: The decay rate of the mean of `g`, in [0, 1): the share that each step keeps.
        b2: The decay rate of the mean of `|g|²`, in [0, 1).
        eps: A small number that keeps the quotient finite.

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
    return _adam(lr, b1, b2, eps, weight_decay=0.0)


def adamw(
    lr: float | Schedule,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 1e-2,
) -> Optimizer:
    """Adam with decoupled weight decay: each step also shrinks parameters by `lr·weight_decay`.

    `update` needs `params` (Loshchilov and Hutter 2019, arXiv:1711.05101).

    Args:
        lr: The learning rate, or a function of the number of updates before the step.
        b1: As for `adam`.
        b2: As for `adam`.
        eps: As for `adam`.
        weight_decay: The decay, at least 0.

    Raises:
        InvalidArgument: If `update` is called without `params`.

    Example:
        >>> opt = gg.optim.adamw(0.1, weight_decay=0.5)
        >>> w = np.array([2.0])
        >>> updates, state = opt.update(np.array([0.0]), opt.init(w), w)
        >>> updates
        array([-0.1])
    """
    return _adam(lr, b1, b2, eps, checked("weight_decay", weight_decay, 0.0))


def _adam(
    lr: float | Schedule, b1: float, b2: float, eps: float, weight_decay: float
) -> Optimizer:
    rate = schedule_of(lr)
    b1, b2 = checked("b1", b1, 0.0, 1.0), checked("b2", b2, 0.0, 1.0)
    eps = checked("eps", eps, 0.0)
    new1, new2 = 1.0 - b1, 1.0 - b2                 # the shares of the gradient

    @in_one_place("opt.init")
    def init(params: object) -> AdamState:
        leaves = [_wide(p) for p in params_of(params)]
        return AdamState(0, zeros(leaves), tuple(_real(zero) for zero in zeros(leaves)))

    @update_of(AdamState)
    def update(
        leaves: list[Array], state: AdamState, weights: list[Array] | None
    ) -> tuple[list[Array], AdamState]:
        check_count(leaves, state.mean, "state")
        count, step_size = state.steps + 1, rate(state.steps, leaves)
        # lr·m̂ / (√ŝ + eps), with the bias of both means taken out of the arrays into two numbers
        of = functions_of(count)
        root = of.sqrt(1.0 - b2**count)
        factor = -step_size * root / (1.0 - b1**count)
        means: list[Array] = []
        squares: list[Array] = []
        updates: list[Array] = []
        least = of.maximum(eps * root, _LEAST)
        for given, m, s in zip(leaves, state.mean, state.square, strict=True):
            g = _wide(given)
            xp = namespace_of(g)
            if g is not given:
                m, s = _wide(m), _wide(s)
            # Each first product is a new array; what follows may write into it.
            m = m * b1
            m += g * new1
            square = g * new2
            if is_complex(g.dtype):
                square = xp.real(square * xp.conj(g))
            else:
                square *= g
            s = s * b2
            s += square
            size = xp.sqrt(s)
            size += least
            step = m / size
            step *= like(factor, step)
            means.append(m if m.shape else whole(m))
            squares.append(s if s.shape else whole(s))
            updates.append(step if g is given else xp.astype(whole(step), given.dtype))
        if weight_decay:
            if weights is None:
                raise InvalidArgument(
                    "adamw shrinks the params, so call update(grads, state, params)"
                )
            check_count(leaves, weights, "params")
            shrink = step_size * weight_decay
            updates = [u - p * like(shrink, p) for u, p in zip(updates, weights, strict=True)]
        state = AdamState(count, tuple(means), tuple(squares))
        return [u if u.shape else whole(u) for u in updates], state

    return Optimizer(init, update)


def _wide(x: Array) -> Array:
    """`x`, or if it is float16 as float32: in float16 `g²` and `eps` would be 0."""
    if getattr(x.dtype, "itemsize", 4) != 2:
        return x
    xp = namespace_of(x)
    return xp.astype(x, xp.float32)


def _real(x: Array) -> Array:
    return whole(namespace_of(x).abs(x)) if is_complex(x.dtype) else x
