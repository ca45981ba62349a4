"""RMSProp, Adagrad and Adadelta: each gradient divided by the root of a mean or sum of squares."""

from __future__ import annotations

from typing import NamedTuple

from gpugrad.backends import namespace_of
from gpugrad.errors import InvalidArgument
from gpugrad.optim.base import Optimizer, by_leaves, check_count
from gpugrad.optim.chaining import chain
from gpugrad.optim.rates import Schedule, checked, whole
from gpugrad.optim.running_means import (
    LEAST,
    mean_of,
    mean_square,
    narrow,
    real_like,
    squared,
    wide,
    zero_like,
)
from gpugrad.optim.scaling import scale_by_learning_rate
from gpugrad.optim.sgd import trace
from gpugrad.short_repr import shortly
from gpugrad.signatures import telling
from gpugrad.types import Array


@shortly
class RmsState(NamedTuple):
    """The state of `scale_by_rms`: for each leaf the running mean of `|g|²`.

    If it is centred, there is also that of `g`. Of float16 they are float32.

    Example:
        >>> gg.optim.scale_by_rms().init(np.zeros(2)).square
        (array([0., 0.]),)
    """

    square: tuple[Array, ...]
    mean: tuple[Array, ...] = ()


@shortly
class RssState(NamedTuple):
    """The state of `scale_by_rss`: for each leaf the sum of `|g|²`.

    Of float16 it is float32.

    Example:
        >>> gg.optim.scale_by_rss(0.5).init(np.zeros(2)).square
        (array([0.5, 0.5]),)
    """

    square: tuple[Array, ...]


@shortly
class AdadeltaState(NamedTuple):
    """The state of `adadelta`: for each leaf the running means of `|g|²` and of squared updates.

    Of float16 they are float32.

    Example:
        >>> gg.optim.adadelta().init(np.zeros(2))[0].moved
        (array([0., 0.]),)
    """

    square: tuple[Array, ...]
    moved: tuple[Array, ...]


@telling("gg.optim.rmsprop")
def rmsprop(
    lr: float | Schedule,
    decay: float = 0.9,
    eps: float = 1e-8,
    initial_scale: float = 0.0,
    *,
    eps_in_sqrt: bool = True,
    centered: bool = False,
    momentum: float = 0.0,
    nesterov: bool = False,
) -> Optimizer:
    """RMSProp: the gradient divided by the root of the running mean of `|g|²`.

    `p ← p − lr·g / √(s + eps)`, with `s ← decay·s + (1 − decay)·|g|²` (Hinton 2012, lecture 6e of
    Neural Networks for Machine Learning). With momentum, the velocity is that of these steps, the
    rate included.

    Args:
        lr: The learning rate, or a function of the number of updates before the step.
        decay: The share of the mean that each step keeps, in [0, 1).
        eps: A small number that keeps the quotient finite.
        initial_scale: What the mean begins with, at least 0.
        eps_in_sqrt: Whether `eps` is added below the root, as in TensorFlow and optax, or to the
            root, as in PyTorch.
        centered: Whether to divide by the root of the variance, `s − |m|²` (Graves 2013,
            arXiv:1308.0850).
        momentum: The share of the velocity that each step keeps, in [0, 1).
        nesterov: Whether to look ahead along the velocity.

    Example:
        >>> opt = gg.optim.rmsprop(0.1)
        >>> updates, state = opt.update(np.array([2.0]), opt.init(np.zeros(1)))
        >>> updates.round(4)
        array([-0.3162])
    """
    momentum = checked("momentum", momentum, 0.0, 1.0)
    if nesterov and not momentum:
        raise InvalidArgument("nesterov looks along the momentum, which is 0; try momentum=0.9")
    parts = [
        scale_by_rms(decay, eps, initial_scale, eps_in_sqrt=eps_in_sqrt, centered=centered),
        scale_by_learning_rate(lr),
    ]
    return chain(*parts, trace(momentum, nesterov)) if momentum else chain(*parts)


@telling("gg.optim.adagrad")
def adagrad(
    lr: float | Schedule, initial_accumulator_value: float = 0.1, eps: float = 1e-7
) -> Optimizer:
    """Adagrad: the gradient divided by the root of the sum of all `|g|²` so far.

    `p ← p − lr·g / √(s + eps)`, with `s ← s + |g|²` (Duchi et al. 2011, JMLR 12).

    Args:
        lr: The learning rate, or a function of the number of updates before the step.
        initial_accumulator_value: What the sum begins with, at least 0.
        eps: A small number that keeps the quotient finite.

    Example:
        >>> opt = gg.optim.adagrad(0.1, initial_accumulator_value=0.0)
        >>> updates, state = opt.update(np.array([2.0]), opt.init(np.zeros(1)))
        >>> updates.round(4)
        array([-0.1])
    """
    return chain(scale_by_rss(initial_accumulator_value, eps), scale_by_learning_rate(lr))


@telling("gg.optim.adadelta")
def adadelta(lr: float | Schedule = 1.0, rho: float = 0.9, eps: float = 1e-6) -> Optimizer:
    """Adadelta: steps as large as the last ones were, for their gradients; it needs no rate.

    `p ← p − lr·g·√(u + eps) / √(s + eps)`, where `s` and `u` are the running means of `|g|²` and of
    the squared steps before the rate (Zeiler 2012, arXiv:1212.5701).

    Args:
        lr: The learning rate, or a function of the number of updates before the step.
        rho: The share of the means that each step keeps, in [0, 1).
        eps: A small number; it decides how large the first steps are.

    Example:
        >>> opt = gg.optim.adadelta()
        >>> updates, state = opt.update(np.array([2.0]), opt.init(np.zeros(1)))
        >>> updates.round(5)
        array([-0.00316])
    """
    rho, eps = checked("rho", rho, 0.0, 1.0), checked("eps", eps, 0.0)

    def step(
        leaves: list[Array], state: AdadeltaState, _: list[Array] | None
    ) -> tuple[list[Array], AdadeltaState]:
        check_count(leaves, state.square, "state")
        squares, moved, updates = [], [], []
        for given, s, u in zip(leaves, state.square, state.moved, strict=True):
            g = wide(given)
            root = namespace_of(g).sqrt
            s = mean_square(s, g, rho)
            size = root(s + max(eps, LEAST))
            made = g * (root(u + eps) / size)
            squares.append(whole(s))
            moved.append(whole(mean_square(u, made, rho)))
            updates.append(narrow(made, given))
        return updates, AdadeltaState(tuple(squares), tuple(moved))

    def start(params: list[Array]) -> AdadeltaState:
        return AdadeltaState(tuple(map(real_like, params)), tuple(map(real_like, params)))

    return chain(by_leaves(AdadeltaState, start, step), scale_by_learning_rate(lr))


def scale_by_rms(
    decay: float = 0.9,
    eps: float = 1e-8,
    initial_scale: float = 0.0,
    *,
    eps_in_sqrt: bool = True,
    centered: bool = False,
) -> Optimizer:
    """The direction of `rmsprop`, up the gradient and without a rate, for `gg.optim.chain`.

    Args:
        decay: As for `rmsprop`.
        eps: As for `rmsprop`.
        initial_scale: As for `rmsprop`.
        eps_in_sqrt: As for `rmsprop`.
        centered: As for `rmsprop`.

    Example:
        >>> opt = gg.optim.scale_by_rms(decay=0.75)
        >>> opt.update(np.array([3.0]), opt.init(np.zeros(1)))[0].round(4)
        array([2.])
    """
    decay, eps = checked("decay", decay, 0.0, 1.0), checked("eps", eps, 0.0)
    initial_scale = checked("initial_scale", initial_scale, 0.0)

    def start(params: list[Array]) -> RmsState:
        squares = tuple(real_like(p, initial_scale) for p in params)
        return RmsState(squares, tuple(map(zero_like, params)) if centered else ())

    def step(
        leaves: list[Array], state: RmsState, _: list[Array] | None
    ) -> tuple[list[Array], RmsState]:
        check_count(leaves, state.square, "state")
        squares, means, updates = [], [], []
        for place, given in enumerate(leaves):
            g = wide(given)
            xp = namespace_of(g)
            spread = s = mean_square(state.square[place], g, decay)
            squares.append(whole(s))
            if centered:
                m = mean_of(state.mean[place], g, decay)
                means.append(whole(m))
                spread = xp.maximum(s - squared(m), 0.0)    # rounding may take it below
            size = xp.sqrt(spread + max(eps, LEAST)) if eps_in_sqrt else xp.sqrt(spread)
            updates.append(narrow(g / (size if eps_in_sqrt else size + max(eps, LEAST)), given))
        return updates, RmsState(tuple(squares), tuple(means))

    return by_leaves(RmsState, start, step)


def scale_by_rss(initial_accumulator_value: float = 0.1, eps: float = 1e-7) -> Optimizer:
    """The direction of `adagrad`, up the gradient and without a rate, for `gg.optim.chain`.

    Args:
        initial_accumulator_value: As for `adagrad`.
        eps: As for `adagrad`.

    Example:
        >>> opt = gg.optim.scale_by_rss(16.0, eps=0.0)
        >>> opt.update(np.array([3.0]), opt.init(np.zeros(1)))[0]
        array([0.6])
    """
    value = checked("initial_accumulator_value", initial_accumulator_value, 0.0)
    eps = checked("eps", eps, 0.0)

    def start(params: list[Array]) -> RssState:
        return RssState(tuple(real_like(p, value) for p in params))

    def step(
        leaves: list[Array], state: RssState, _: list[Array] | None
    ) -> tuple[list[Array], RssState]:
        check_count(leaves, state.square, "state")
        squares, updates = [], []
        for given, s in zip(leaves, state.square, strict=True):
            g = wide(given)
            s = s + squared(g)
            squares.append(whole(s))
            updates.append(narrow(g / namespace_of(g).sqrt(s + max(eps, LEAST)), given))
        return updates, RssState(tuple(squares))

    return by_leaves(RssState, start, step)
