"""Adafactor: Adam's mean of squares of a matrix, kept as one vector of rows and one of columns."""

from __future__ import annotations

from typing import Any, NamedTuple

from gpugrad.backends import namespace_of
from gpugrad.optim.base import Optimizer, by_leaves, check_count
from gpugrad.optim.chaining import chain
from gpugrad.optim.clipping import clip_by_block_rms
from gpugrad.optim.decay import add_decayed_weights
from gpugrad.optim.ema import ema
from gpugrad.optim.lamb import scale_by_param_block_rms
from gpugrad.optim.masking import Mask
from gpugrad.optim.rates import Number, Schedule, checked, like, whole
from gpugrad.optim.running_means import narrow, real_like, squared, wide
from gpugrad.optim.scaling import scale, scale_by_learning_rate
from gpugrad.short_repr import shortly
from gpugrad.signatures import telling
from gpugrad.types import Array, Shape


@shortly
class FactoredState(NamedTuple):
    """The state of `scale_by_factored_rms`: updates so far, and the mean of `|g|²` for each leaf.

    Of a large matrix, `rows` and `columns` hold the means along its two longest axes; of another
    leaf `square` holds it whole. What a leaf has not is `None`. Of float16 they are float32.

    Example:
        >>> state = gg.optim.scale_by_factored_rms().init(np.zeros((256, 128)))
        >>> state.rows[0].shape, state.columns[0].shape, state.square
        ((128,), (256,), (None,))
    """

    steps: int
    rows: tuple[Array | None, ...]
    columns: tuple[Array | None, ...]
    square: tuple[Array | None, ...]


@telling("gg.optim.adafactor")
def adafactor(
    lr: float | Schedule,
    min_dim_size_to_factor: int = 128,
    decay_rate: float = 0.8,
    *,
    multiply_by_parameter_scale: bool = True,
    clipping_threshold: float | None = 1.0,
    momentum: float | None = None,
    weight_decay_rate: float = 0.0,
    weight_decay_mask: Mask | None = None,
    eps: float = 1e-30,
    factored: bool = True,
) -> Optimizer:
    """Adafactor: for a matrix of m·n numbers, its state has m + n.

    Steps are as large as the rate times the size of the parameters, and bounded. `update` needs
    `params` (Shazeer and Stern 2018, arXiv:1804.04235).

    Args:
        lr: The learning rate, or a function of the number of updates before the step.
        min_dim_size_to_factor: Arrays whose two longest axes are at least as long are factored.
        decay_rate: The mean of `|g|²` keeps `1 − t**−decay_rate` at the `t`-th update.
        multiply_by_parameter_scale: Whether steps are multiplied by the root mean square of the
            parameters, at least 0.001.
        clipping_threshold: The largest root mean square of a step before the rate; `None` for any.
        momentum: The share of the running mean of the steps that each one keeps, in [0, 1);
            `None` for no such mean.
        weight_decay_rate: The decay, at least 0; it is not multiplied by the rate.
        weight_decay_mask: Which leaves shrink, in any form that `gg.optim.masked` takes.
        eps: Added to each `|g|²`.
        factored: Whether large matrices are factored.

    Example:
        >>> opt, w = gg.optim.adafactor(0.1), np.full((256, 128), 2.0)
        >>> updates, state = opt.update(np.ones((256, 128)), opt.init(w), w)
        >>> updates[:1, :2].round(6)
        array([[-0.2, -0.2]])
    """
    parts = [scale_by_factored_rms(min_dim_size_to_factor, decay_rate, eps, factored=factored)]
    if clipping_threshold is not None:
        parts.append(clip_by_block_rms(clipping_threshold))
    parts.append(scale_by_learning_rate(lr, flip_sign=False))
    if multiply_by_parameter_scale:
        parts.append(scale_by_param_block_rms())
    if momentum is not None:
        parts.append(ema(momentum, debias=False))
    if weight_decay_rate:
        parts.append(add_decayed_weights(weight_decay_rate, weight_decay_mask))
    return chain(*parts, scale(-1.0))


def scale_by_factored_rms(
    min_dim_size_to_factor: int = 128,
    decay_rate: float = 0.8,
    eps: float = 1e-30,
    *,
    factored: bool = True,
) -> Optimizer:
    """The direction of `adafactor`, up the gradient and without a rate, for `gg.optim.chain`.

    Args:
        min_dim_size_to_factor: As for `adafactor`.
        decay_rate: As for `adafactor`.
        eps: As for `adafactor`.
        factored: As for `adafactor`.

    Example:
        >>> opt = gg.optim.scale_by_factored_rms(min_dim_size_to_factor=2)
        >>> opt.update(np.array([[1.0, 2.0], [2.0, 4.0]]), opt.init(np.zeros((2, 2))))[0].round(6)
        array([[1., 1.],
               [1., 1.]])
    """
    shortest = checked("min_dim_size_to_factor", min_dim_size_to_factor, 1.0)
    decay_rate, eps = checked("decay_rate", decay_rate, 0.0), checked("eps", eps, 0.0)

    def longest(shape: Shape) -> tuple[int, int] | None:
        """The second longest and the longest axis, if that one is to be factored."""
        if not factored or len(shape) < 2:
            return None
        second, first = sorted(range(len(shape)), key=lambda axis: shape[axis])[-2:]
        return None if shape[second] < shortest else (second, first)

    def start(params: list[Array]) -> FactoredState:
        rows: list[Array | None] = []
        columns: list[Array | None] = []
        squares: list[Array | None] = []
        for p in params:
            axes, zero = longest(tuple(p.shape)), real_like(p)
            rows.append(None if axes is None else _without(zero, axes[1]))
            columns.append(None if axes is None else _without(zero, axes[0]))
            squares.append(zero if axes is None else None)
        return FactoredState(0, tuple(rows), tuple(columns), tuple(squares))

    def step(
        leaves: list[Array], state: FactoredState, _: list[Array] | None
    ) -> tuple[list[Array], FactoredState]:
        held: tuple[tuple[Any, ...], ...] = state[1:]
        check_count(leaves, held[0], "state")
        new = (state.steps + 1.0) ** -decay_rate    # the share of this step in the mean
        rows: list[Array | None] = []
        columns: list[Array | None] = []
        squares: list[Array | None] = []
        updates = []
        for given, row, column, square in zip(leaves, *held, strict=True):
            g, axes = wide(given), longest(tuple(given.shape))
            s = squared(g) + eps
            if axes is None:
                square = _mean(square, s, new)
                made = g / namespace_of(g).sqrt(square)
            else:
                row, column, made = _factored(g, s, row, column, axes, new)
            rows.append(row)
            columns.append(column)
            squares.append(square)
            updates.append(narrow(made, given))
        after = FactoredState(state.steps + 1, tuple(rows), tuple(columns), tuple(squares))
        return updates, after

    return by_leaves(FactoredState, start, step, whole="scale_by_factored_rms")


def _factored(
    g: Array, s: Array, row: Array, column: Array, axes: tuple[int, int], new: Number
) -> tuple[Array, Array, Array]:
    """Both means after a step, and the gradient divided by the root of what they stand for.

    That is the product of both, divided by their mean.
    """
    xp, (second, first) = namespace_of(g), axes
    row = _mean(row, xp.mean(s, axis=first), new)
    column = _mean(column, xp.mean(s, axis=second), new)
    mean = xp.mean(row, axis=second - (second > first), keepdims=True)
    by_row = xp.expand_dims(xp.sqrt(row / mean), axis=first)
    by_column = xp.expand_dims(xp.sqrt(column), axis=second)
    return row, column, g / by_row / by_column


def _mean(held: Array, x: Array, new: Number) -> Array:
    old = 1.0 - new
    return whole(held * like(old, held) + x * like(new, held))


def _without(zeros: Array, axis: int) -> Array:
    return namespace_of(zeros).sum(zeros, axis=axis)
