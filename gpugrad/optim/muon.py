"""Muon: momentum of matrices, made orthogonal; Adam for all other leaves."""

from __future__ import annotations

from math import sqrt
from typing import Any, NamedTuple

import gpugrad.tree as tree
from gpugrad.backends import is_complex, namespace_of
from gpugrad.errors import InvalidArgument
from gpugrad.optim.adam import adamw, ahead
from gpugrad.optim.base import Optimizer, by_leaves, check_count, stateless
from gpugrad.optim.chaining import chain
from gpugrad.optim.decay import add_decayed_weights
from gpugrad.optim.masking import Mask, chosen_by, partition
from gpugrad.optim.rates import Schedule, checked, counted, like, scaled, whole
from gpugrad.optim.running_means import mean_of, narrow, wide, zero_like
from gpugrad.optim.scaling import scale_by_learning_rate
from gpugrad.optim.sizes import sum_of_squares
from gpugrad.short_repr import shortly
from gpugrad.signatures import telling
from gpugrad.types import Array

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Of Keller Jordan: five rounds take singular values of all sizes to between about 0.7 and 1.2."""


@shortly
class MuonState(NamedTuple):
    """The state of `scale_by_muon`: updates so far, and the running mean of each leaf.

    Of float16 it is float32.

    Example:
        >>> gg.optim.scale_by_muon().init(np.zeros((1, 2))).mean
        (array([[0., 0.]]),)
    """

    steps: int
    mean: tuple[Array, ...]


@telling("gg.optim.muon")
def muon(
    lr: float | Schedule,
    ns_steps: int = 5,
    beta: float = 0.95,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    *,
    nesterov: bool = True,
    consistent_rms: float | None = None,
    matrices: Mask | None = None,
    adam_lr: float | Schedule | None = None,
    adam_b1: float = 0.9,
    adam_b2: float = 0.999,
    adam_weight_decay: float = 0.0,
) -> Optimizer:
    """Muon: a matrix steps along the orthogonal matrix next to its momentum; the rest by AdamW.

    All singular values of a step are about equal, so directions that rarely occur in gradients are
    learned as well. Embeddings and the last layer of a network are better left to AdamW: see
    `matrices` (Jordan et al. 2024, kellerjordan.github.io/posts/muon).

    Args:
        lr: The learning rate, or a function of the number of updates before the step.
        ns_steps: Rounds of the Newton-Schulz iteration, at least 1.
        beta: The share of the momentum that each step keeps, in [0, 1).
        eps: A small number that keeps quotients finite, of both optimisers.
        weight_decay: The decay of the matrices, at least 0; unless it is 0, `update` needs
            `params`.
        nesterov: Whether both optimisers look ahead along the mean.
        consistent_rms: By default, the step of a matrix from n to m numbers is multiplied by
            √max(1, m/n); with a number, by √max(m, n) times that, which makes it the root mean
            square of steps of all shapes. 0.2 is usual: rates suit both optimisers then.
        matrices: Which leaves are matrices, in any form that `masked` takes; by default, those
            with two axes, of which the first is that of the inputs, as in `gg.nn.Linear`.
        adam_lr: The rate of AdamW; by default `lr`.
        adam_b1: The `b1` of AdamW.
        adam_b2: The `b2` of AdamW.
        adam_weight_decay: The decay of AdamW.

    Raises:
        InvalidArgument: By `update`, for a matrix without two axes.

    Example:
        >>> opt = gg.optim.muon(0.1, nesterov=False)
        >>> params = {"bias": np.zeros(2), "weight": np.zeros((2, 2))}
        >>> grads = {"bias": np.array([1.0, -2.0]), "weight": np.diag([1.0, 9.0])}
        >>> updates, state = opt.update(grads, opt.init(params), params)
        >>> updates["bias"].round(3), np.diag(updates["weight"]).round(1)
        (array([-0.1,  0.1]), array([-0.1, -0.1]))
    """
    parts = [scale_by_muon(ns_steps, beta, eps, nesterov=nesterov), _by_shape(consistent_rms)]
    if weight_decay:
        parts.append(add_decayed_weights(weight_decay))
    rest = adamw(
        lr if adam_lr is None else adam_lr, adam_b1, adam_b2, eps, adam_weight_decay,
        nesterov=nesterov,
    )  # fmt: skip

    is_matrix = chosen_by(_has_two_axes if matrices is None else matrices)

    def labels(params: object) -> object:
        found = ["muon" if yes else "adam" for yes in is_matrix(params)]
        return tree.unflatten(tree.flatten(params)[1], found)

    return partition({"muon": chain(*parts, scale_by_learning_rate(lr)), "adam": rest}, labels)


def scale_by_muon(
    ns_steps: int = 5,
    beta: float = 0.95,
    eps: float = 1e-8,
    *,
    nesterov: bool = True,
    ns_coeffs: tuple[float, float, float] = _COEFFICIENTS,
) -> Optimizer:
    """The direction of `muon` for matrices, without a rate, for `gg.optim.chain`.

    The momentum `x` of each leaf, divided by its norm, goes `ns_steps` times through
    `a·x + (b·x·xᴴ + c·(x·xᴴ)²)·x`, which takes its singular values towards 1.

    Args:
        ns_steps: As for `muon`.
        beta: As for `muon`.
        eps: As for `muon`.
        nesterov: As for `muon`.
        ns_coeffs: The numbers `a`, `b` and `c`.

    Raises:
        InvalidArgument: By `update`, for a leaf without two axes.

    Example:
        >>> opt = gg.optim.scale_by_muon(ns_steps=9, ns_coeffs=(1.5, -0.5, 0.0))
        >>> grads = np.array([[0.0, 3.0], [-5.0, 0.0]])
        >>> opt.update(grads, opt.init(grads))[0].round(3)
        array([[ 0.,  1.],
               [-1.,  0.]])
    """
    rounds, beta = counted("ns_steps", ns_steps, 1), checked("beta", beta, 0.0, 1.0)
    eps = checked("eps", eps, 0.0)
    a, b, c = (checked("ns_coeffs", x, -float("inf")) for x in ns_coeffs)

    def orthogonal(x: Array) -> Array:
        """The matrix with the singular vectors of `x`, whose singular values are about 1."""
        xp = namespace_of(x)
        tall = x.shape[0] > x.shape[1]
        x = x.mT if tall else x
        total = sum_of_squares(x)
        x = x / like(namespace_of(total).sqrt(total) + eps, x)
        for _ in range(rounds):
            square = xp.matmul(x, xp.conj(x.mT) if is_complex(x.dtype) else x.mT)
            x = a * x + xp.matmul(b * square + c * xp.matmul(square, square), x)
        return x.mT if tall else x

    def step(
        leaves: list[Array], state: MuonState, _: list[Array] | None
    ) -> tuple[list[Array], MuonState]:
        check_count(leaves, state.mean, "state")
        count = state.steps + 1
        factor = 1.0 / (1.0 - beta**count)
        means, updates = [], []
        for given, m in zip(leaves, state.mean, strict=True):
            if given.ndim != 2:
                raise InvalidArgument(
                    f"a leaf of muon has the shape {tuple(given.shape)}; expected matrices. Say "
                    "which they are with matrices="
                )
            g = wide(given)
            m = mean_of(m, g, beta)
            means.append(whole(m))
            along = ahead(m, g, beta, count) if nesterov else m
            updates.append(narrow(orthogonal(along * like(factor, along)), given))
        return updates, MuonState(count, tuple(means))

    def start(params: list[Array]) -> MuonState:
        return MuonState(0, tuple(map(zero_like, params)))

    return by_leaves(MuonState, start, step, whole="scale_by_muon")


def _has_two_axes(path: str, leaf: Any) -> bool:
    return len(getattr(leaf, "shape", ())) == 2


def _by_shape(consistent_rms: float | None) -> Optimizer:
    """Matrices times a number that depends on their shape."""
    rms = None if consistent_rms is None else checked("consistent_rms", consistent_rms, 0.0)

    def factor(x: Array) -> float:
        rows, columns = x.shape
        if rms is None:
            return sqrt(max(1.0, columns / max(rows, 1)))
        return sqrt(max(rows, columns)) * rms

    return stateless(lambda leaves, weights: [scaled([x], factor(x))[0] for x in leaves])
