"""Distributions of vectors."""

from __future__ import annotations

from math import inf, log, nan, pi
from typing import Any

import gpugrad.random as random
import gpugrad.special as special
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.ops.operands import shape_of
from gpugrad.stats.distribution import Frozen, quiet
from gpugrad.stats.floating_operands import floating
from gpugrad.types import Array, Operand, Shape

__all__ = ["dirichlet", "multinomial", "multivariate_normal"]


class MultivariateNormal:
    """Normal distribution of vectors, which lie along the last axis.

    Example:
        >>> normal = gg.stats.multivariate_normal
        >>> x, mean, cov = np.array([[0.0, 0.0], [1.0, 2.0]]), np.zeros(2), np.eye(2)
        >>> normal.logpdf(x, mean, cov).round(4)
        array([-1.8379, -4.3379])
        >>> gg.grad(lambda mean: gg.sum(normal.logpdf(x, mean, cov)))(mean)
        array([1., 2.])
        >>> normal(mean, cov).rvs(size=5, random_state=gg.random.key(0)).shape
        (5, 2)
    """

    def __call__(
        self, mean: Operand | None = None, cov: Operand = 1.0, allow_singular: bool = False
    ) -> Frozen:
        """The distribution with these parameters, whose methods take none."""
        return Frozen(self, (mean, cov), {"allow_singular": True} if allow_singular else {})

    def __repr__(self) -> str:
        return "gg.stats.multivariate_normal"

    @quiet
    def logpdf(
        self, x: Operand, mean: Operand | None = None, cov: Operand = 1.0,
        allow_singular: bool = False,
    ) -> Array:  # fmt: skip
        """The logarithm of the density at `x`.

        Args:
            x: Vectors along the last axis; if `mean` and `cov` are numbers, each number is a point.
            mean: A number or a vector; zeros by default.
            cov: A positive definite matrix, a vector for its diagonal, or a number.
            allow_singular: Whether `cov` may be singular: the density is then that within the space
                that it spans, and 0 beyond.

        Raises:
            InvalidArgument: For shapes that do not go together.
        """
        name = "multivariate_normal.logpdf"
        dtype, point, centre, spread = floating(name, x, 0.0 if mean is None else mean, cov)
        n = _dimension(name, centre, spread)
        if n == 1 and len(shape_of(point)) < 2:
            point = ops.expand_dims(point, -1)
        if shape_of(point)[-1:] != (n,):
            raise InvalidArgument(
                f"{name}: x has shape {shape_of(point)}; expected vectors of {n} numbers along "
                "its last axis."
            )
        centred = point - centre
        if len(shape_of(spread)) < 2:
            variances = ops.broadcast_to(spread, (n,))
            squares = ops.sum(ops.square(centred) / variances, axis=-1)
            log_det: Any = ops.sum(ops.log(ops.where(variances > 0, variances, nan)))
            rank: Any = n
        elif allow_singular:
            squares, log_det, rank = _within(centred, spread)
        else:
            root = ops.cholesky(spread)
            rows = ops.reshape(centred, (-1, n))
            white = ops.solve_triangular(root, ops.matrix_transpose(rows), lower=True)
            squares = ops.reshape(ops.sum(ops.square(white), axis=0), shape_of(centred)[:-1])
            log_det = 2.0 * ops.sum(ops.log(ops.diagonal(root)))
            rank = n
        return ops.astype(-0.5 * (squares + log_det + rank * log(2 * pi)), dtype, copy=False)

    def pdf(
        self, x: Operand, mean: Operand | None = None, cov: Operand = 1.0,
        allow_singular: bool = False,
    ) -> Array:  # fmt: skip
        """The density at `x`."""
        return ops.exp(self.logpdf(x, mean, cov, allow_singular))

    @quiet
    def entropy(
        self, mean: Operand | None = None, cov: Operand = 1.0, allow_singular: bool = False
    ) -> Array:
        """The entropy, which depends on `mean` by its length alone."""
        name = "multivariate_normal.entropy"
        dtype, centre, spread = floating(name, 0.0 if mean is None else mean, cov)
        n = _dimension(name, centre, spread)
        if len(shape_of(spread)) < 2:
            log_det = ops.sum(ops.log(ops.broadcast_to(spread, (n,))))
            rank: Any = n
        elif allow_singular:
            _, log_det, rank = _within(ops.zeros((n,), dtype=spread.dtype), spread)
        else:
            log_det, rank = 2.0 * ops.sum(ops.log(ops.diagonal(ops.cholesky(spread)))), n
        return ops.astype(0.5 * (log_det + rank * (log(2 * pi) + 1)), dtype, copy=False)

    def rvs(
        self,
        mean: Operand | None = None,
        cov: Operand = 1.0,
        size: int | Shape = (),
        random_state: Array | None = None,
    ) -> Array:
        """Random vectors from a key of `gg.random`, differentiated in `mean` and `cov`.

        `size` is the shape before the axis of the vectors.

        Raises:
            InvalidArgument: Where `random_state` is no key.
        """
        name = "multivariate_normal.rvs"
        if random_state is None:
            raise InvalidArgument(
                f"{name}: random_state is None; expected a key, such as gg.random.key(0)."
            )
        dtype, centre, spread = floating(name, 0.0 if mean is None else mean, cov)
        n = _dimension(name, centre, spread)
        shape = (size,) if isinstance(size, int) else tuple(size)
        plain = random.normal(random_state, (*shape, n), spread.dtype)
        if len(shape_of(spread)) < 2:
            found = centre + plain * ops.sqrt(spread)
        else:
            found = centre + ops.matmul(plain, ops.matrix_transpose(ops.cholesky(spread)))
        return ops.astype(found, dtype, copy=False)


def _dimension(name: str, mean: Array, cov: Array) -> int:
    """How many numbers a vector has; raises `InvalidArgument` where the parameters differ."""
    of_mean, of_cov = shape_of(mean), shape_of(cov)
    found = {*of_mean, *of_cov} or {1}
    if len(of_mean) > 1 or len(of_cov) > 2 or len(found) > 1:
        raise InvalidArgument(
            f"{name}: mean has shape {of_mean} and cov {of_cov}; expected (n,) and (n, n), or "
            "numbers."
        )
    return int(found.pop())


def _within(centred: Array, cov: Array) -> tuple[Any, Any, Any]:
    """The square, the log-determinant and the rank within the space that a singular matrix spans.

    Beyond that space, the square is infinite.
    """
    values, vectors = ops.eigh(cov)
    rounding = 1e6 * 2.0**-52 if cov.dtype.itemsize == 8 else 1e3 * 2.0**-23      # SciPy's
    least = rounding * ops.max(ops.abs(values))
    kept = values > least
    safe = ops.where(kept, values, 1.0)
    along = ops.matmul(centred, vectors)
    squares = ops.sum(ops.where(kept, ops.square(along) / safe, 0.0), axis=-1)
    beyond = ops.sum(ops.where(kept, 0.0, ops.square(along)), axis=-1)
    outside = beyond >= ops.square(1e3 * least)
    rank = ops.sum(ops.where(kept, ops.ones_like(values), 0.0))
    return ops.where(outside, inf, squares), ops.sum(ops.log(safe)), rank


multivariate_normal = MultivariateNormal()


class Multinomial:
    """Multinomial distribution: how often each of several things happens in `n` trials.

    The counts, and the probabilities `p`, lie along the last axis. That these add up to 1 is not
    checked.

    Example:
        >>> shares = np.array([0.25, 0.25, 0.5])
        >>> gg.stats.multinomial.pmf(np.array([[1, 1, 2], [0, 0, 4]]), 4, shares).round(4)
        array([0.1875, 0.0625])
        >>> gg.stats.multinomial.mean(4, shares)
        array([1., 1., 2.])
        >>> gg.grad(lambda p: gg.stats.multinomial.logpmf(np.array([1, 1, 2]), 4, p))(shares)
        array([4., 4., 4.])
    """

    def __call__(self, n: Operand, p: Operand) -> Frozen:
        """The distribution with these parameters, whose methods take none."""
        return Frozen(self, (n, p), {})

    def __repr__(self) -> str:
        return "gg.stats.multinomial"

    @quiet
    def logpmf(self, x: Operand, n: Operand, p: Operand) -> Array:
        """The logarithm of the probability of the counts `x`.

        That the probabilities `p` add up to 1 is not checked: the gradient is that in each.
        """
        dtype, counts, trials, shares = floating("multinomial.logpmf", x, n, p)
        if not shape_of(counts) or shape_of(counts)[-1:] != shape_of(shares)[-1:]:
            raise InvalidArgument(
                f"multinomial.logpmf: x has shape {shape_of(counts)} and p {shape_of(shares)}; "
                "expected as many counts as probabilities along the last axis."
            )
        whole = ops.all((counts >= 0) & (ops.floor(counts) == counts), axis=-1)
        possible = whole & (ops.sum(counts, axis=-1) == trials)
        valid = ops.all((shares >= 0) & (shares <= 1), axis=-1)
        valid = valid & (trials >= 0) & (ops.floor(trials) == trials)
        known = ops.where(ops.expand_dims(possible, -1), counts, 0.0)
        terms = special.xlogy(known, shares) - special.gammaln(known + 1.0)
        found = special.gammaln(trials + 1.0) + ops.sum(terms, axis=-1)
        found = ops.where(valid, ops.where(possible, found, -inf), nan)
        return ops.astype(found, dtype, copy=False)

    def pmf(self, x: Operand, n: Operand, p: Operand) -> Array:
        """The probability of the counts `x`."""
        return ops.exp(self.logpmf(x, n, p))

    def mean(self, n: Operand, p: Operand) -> Array:
        """The mean counts."""
        dtype, trials, shares = floating("multinomial.mean", n, p)
        return ops.astype(ops.expand_dims(trials, -1) * shares, dtype, copy=False)


multinomial = Multinomial()


class Dirichlet:
    """Dirichlet distribution of fractions that add up to 1, along the first axis as in SciPy.

    `alpha` is a vector of positive numbers, one for each share. That the shares add up to 1 is not
    checked.

    Example:
        >>> alpha = np.array([1.0, 2.0, 3.0])
        >>> gg.stats.dirichlet.mean(alpha).round(4)
        array([0.1667, 0.3333, 0.5   ])
        >>> shares = np.array([0.2, 0.3, 0.5])
        >>> gg.grad(lambda alpha: gg.stats.dirichlet.logpdf(shares, alpha))(alpha).round(4)
        array([0.6739, 0.0794, 0.0902])
    """

    def __call__(self, alpha: Operand) -> Frozen:
        """The distribution with these parameters, whose methods take none."""
        return Frozen(self, (alpha,), {})

    def __repr__(self) -> str:
        return "gg.stats.dirichlet"

    @quiet
    def logpdf(self, x: Operand, alpha: Operand) -> Array:
        """The logarithm of the density at `x`, with or without the last share.

        Where a share is negative it is -inf. That they add up to 1 is not checked: the gradient is
        that in each.
        """
        dtype, shares, sizes = floating("dirichlet.logpdf", x, alpha)
        if len(shape_of(sizes)) != 1 or not shape_of(shares):
            raise InvalidArgument(
                f"dirichlet: x has shape {shape_of(shares)} and alpha {shape_of(sizes)}; expected "
                "(n, ...) and (n,)."
            )
        n, ndim = shape_of(sizes)[0], len(shape_of(shares))
        if shape_of(shares)[0] == n - 1:
            last = 1.0 - ops.sum(shares, axis=0, keepdims=True)
            shares = ops.concat([shares, last], axis=0)
        if shape_of(shares)[0] != n:
            raise InvalidArgument(
                f"dirichlet: x has {shape_of(shares)[0]} shares for {n} parameters; expected as "
                "many, or one less."
            )
        sizes = ops.where(sizes > 0, sizes, nan)
        powers = ops.reshape(sizes - 1.0, (-1, *(1,) * (ndim - 1)))
        logs = ops.sum(special.xlogy(powers, ops.where(shares >= 0, shares, 1.0)), axis=0)
        inside = ops.all(shares >= 0, axis=0)
        found = ops.where(inside, logs, -inf) - _log_norm(sizes)
        return ops.astype(found, dtype, copy=False)

    def pdf(self, x: Operand, alpha: Operand) -> Array:
        """The density at `x`."""
        return ops.exp(self.logpdf(x, alpha))

    def mean(self, alpha: Operand) -> Array:
        """The mean shares."""
        dtype, sizes = floating("dirichlet.mean", alpha)
        return ops.astype(sizes / ops.sum(sizes), dtype, copy=False)

    def var(self, alpha: Operand) -> Array:
        """The variance of each share."""
        dtype, sizes = floating("dirichlet.var", alpha)
        total = ops.sum(sizes)
        mean = sizes / total
        return ops.astype(mean * (1.0 - mean) / (total + 1.0), dtype, copy=False)

    def entropy(self, alpha: Operand) -> Array:
        """The differential entropy."""
        dtype, sizes = floating("dirichlet.entropy", alpha)
        total = ops.sum(sizes)
        found = (
            _log_norm(sizes)
            + (total - shape_of(sizes)[0]) * special.digamma(total)
            - ops.sum((sizes - 1.0) * special.digamma(sizes))
        )
        return ops.astype(found, dtype, copy=False)


def _log_norm(alpha: Array) -> Array:
    return ops.sum(special.gammaln(alpha)) - special.gammaln(ops.sum(alpha))


dirichlet = Dirichlet()
