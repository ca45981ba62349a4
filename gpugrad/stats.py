"""Distributions under the names of `scipy.stats`, with gradients in all arguments.

Those of one number have `logpdf` and `pdf`, or `logpmf` and `pmf`, and `cdf`, `logcdf`, `sf` and
`logsf`; continuous ones have `ppf` too. Arguments are those of SciPy: the point, the parameters of
the shape, then `loc` and, of continuous ones, `scale`. They broadcast, as arrays, Tensors or
numbers. Outside of the support, densities are 0 and their logarithms -inf, with gradient 0; for
parameters out of their range everything is NaN.

>>> import numpy as np
>>> float(gg.grad(lambda s: gg.sum(norm.logpdf(np.array([1.0, 2.0]), 0.0, s)))(1.0))
3.0
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, log, pi, sqrt
from typing import Any

import numpy as np

from gpugrad import special
from gpugrad.backends import is_inexact, is_numpy_scalar
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.ops.operands import array, filled, is_array, is_weak, number_of, shape_of
from gpugrad.ops.type_promotion import result_type
from gpugrad.types import Array, Operand

__all__ = [
    "bernoulli",
    "beta",
    "binom",
    "cauchy",
    "chi2",
    "dirichlet",
    "expon",
    "gamma",
    "geom",
    "invgamma",
    "laplace",
    "logistic",
    "lognorm",
    "multivariate_normal",
    "nbinom",
    "norm",
    "pareto",
    "poisson",
    "t",
    "uniform",
    "weibull_min",
]

Formula = Callable[..., Any]
"""A function of the standardised point and the parameters of the shape."""


class Distribution:
    """What all distributions of one number have in common: names, arguments, and the support."""

    places: tuple[str, ...] = ("loc", "scale")
    """Where the distribution lies, and how wide it is."""

    def __init__(
        self,
        shapes: str,
        log_density: Formula,
        support: Formula,
        cdf: Formula,
        sf: Formula,
        ppf: Formula | None = None,
        logcdf: Formula | None = None,
        logsf: Formula | None = None,
        ends: bool = True,
    ) -> None:
        """`ends` says whether the formula of the density holds at the ends of the support."""
        self.shapes, self._ends = tuple(shapes.split()), ends
        self._log_density, self._support = log_density, support
        self._cdf, self._sf, self._ppf = cdf, sf, ppf
        self._logcdf, self._logsf = logcdf, logsf

    def _arguments(
        self, name: str, x: Operand, args: tuple[Operand, ...], kwargs: dict[str, Operand]
    ) -> tuple[Array, Array, Any, tuple[Array, ...]]:
        """The first argument, loc, scale, and the parameters of the shape: NaN for none that is."""
        words = (*self.shapes, *self.places)
        given = dict(zip(words, args, strict=False))
        if given.keys() & kwargs or kwargs.keys() - {*words} or len(args) > len(words):
            raise InvalidArgument(
                f"{name}: the arguments are x, {', '.join(words)}; given were {len(args)} by their "
                f"places after x and {', '.join(kwargs) or 'none'} by name."
            )
        given.update(kwargs)
        missing = [word for word in self.shapes if word not in given]
        if missing:
            raise InvalidArgument(f"{name}: {', '.join(missing)} must be given.")
        shapes = [given[word] for word in self.shapes]
        place = given.get("loc", 0.0), given.get("scale", 1.0)
        point, loc, scale, *rest = _floating(x, *place, *shapes)
        known = [
            ops.where(_is_valid(word, value), value, float("nan"))
            for word, value in zip(self.shapes, rest, strict=True)
        ]
        return point, loc, ops.where(ops.greater(scale, 0), scale, float("nan")), tuple(known)

    def _read(
        self, name: str, x: Operand, args: tuple[Operand, ...], kwargs: dict[str, Operand]
    ) -> tuple[Array, tuple[Array, ...], Array]:
        """The standardised point, the parameters of the shape, and the scale."""
        x, loc, scale, shapes = self._arguments(name, x, args, kwargs)
        return ops.divide(ops.subtract(x, loc), scale), shapes, scale

    def _chosen(
        self, f: Formula, z: Array, shapes: tuple[Array, ...], inside: Array, other: Any
    ) -> Array:
        """The formula where the point is inside, NaN where anything is, and elsewhere the other."""
        # Elsewhere, the formula is taken of a point within, so that no NaN reaches a gradient.
        found = f(ops.where(inside, z, _middle(*self._support(*shapes))), *shapes)
        unknown = ops.isnan(z)
        for shape in shapes:
            unknown = ops.logical_or(unknown, ops.isnan(shape))
        return ops.where(unknown, float("nan"), ops.where(inside, found, other))

    def _density(self, z: Array, shapes: tuple[Array, ...]) -> Array:
        """The logarithm of the density of the standardised point."""
        low, high = self._support(*shapes)
        above, below = (
            (ops.greater_equal, ops.less_equal) if self._ends else (ops.greater, ops.less)
        )
        inside = ops.logical_and(above(z, low), below(z, high))
        inside = ops.logical_and(inside, ops.isfinite(z))
        return self._chosen(self._log_density, z, shapes, inside, -inf)

    def _reaching(
        self, f: Formula, z: Array, shapes: tuple[Array, ...], below: float, above: float
    ) -> Array:
        """The formula within the support, and numbers from its ends on."""
        low, high = self._support(*shapes)
        inside = self._inside(z, low, high)
        before = ops.less_equal(z, low) if self._is_open else ops.less(z, low)
        ends = ops.where(before, below, ops.full_like(z, above))
        return self._chosen(f, z, shapes, inside, ends)

    _is_open = True                                 # an end of the support has no weight

    def _inside(self, z: Array, low: Any, high: Any) -> Array:
        above = ops.greater(z, low) if self._is_open else ops.greater_equal(z, low)
        return ops.logical_and(above, ops.less(z, high))

    def _point(self, z: Array) -> Array:
        return z

    def cdf(self, x: Operand, *args: Operand, **kwargs: Operand) -> Array:
        """The probability of at most `x`."""
        z, shapes, _ = self._read("cdf", x, args, kwargs)
        return self._reaching(self._cdf, self._point(z), shapes, 0.0, 1.0)

    def sf(self, x: Operand, *args: Operand, **kwargs: Operand) -> Array:
        """The probability of more than `x`, accurate where it is small."""
        z, shapes, _ = self._read("sf", x, args, kwargs)
        return self._reaching(self._sf, self._point(z), shapes, 1.0, 0.0)

    def logcdf(self, x: Operand, *args: Operand, **kwargs: Operand) -> Array:
        """The logarithm of `cdf`."""
        z, shapes, _ = self._read("logcdf", x, args, kwargs)
        formula = self._logcdf or _log_of(self._cdf, self._sf)
        return self._reaching(formula, self._point(z), shapes, -inf, 0.0)

    def logsf(self, x: Operand, *args: Operand, **kwargs: Operand) -> Array:
        """The logarithm of `sf`."""
        z, shapes, _ = self._read("logsf", x, args, kwargs)
        formula = self._logsf or _log_of(self._sf, self._cdf)
        return self._reaching(formula, self._point(z), shapes, 0.0, -inf)


class Continuous(Distribution):
    """A distribution of a real number."""

    def logpdf(self, x: Operand, *args: Operand, **kwargs: Operand) -> Array:
        """The logarithm of the density at `x`."""
        z, shapes, scale = self._read("logpdf", x, args, kwargs)
        return ops.subtract(self._density(z, shapes), ops.log(scale))

    def pdf(self, x: Operand, *args: Operand, **kwargs: Operand) -> Array:
        """The density at `x`."""
        return ops.exp(self.logpdf(x, *args, **kwargs))

    def ppf(self, q: Operand, *args: Operand, **kwargs: Operand) -> Array:
        """The point of which `q` is the `cdf`: NaN for `q` outside of 0 to 1."""
        assert self._ppf is not None
        q, loc, scale, shapes = self._arguments("ppf", q, args, kwargs)
        low, high = self._support(*shapes)
        inside = ops.logical_and(ops.greater(q, 0), ops.less(q, 1))
        found = self._ppf(ops.where(inside, q, 0.5), *shapes)
        ends = ops.where(
            ops.equal(q, 0), low, ops.where(ops.equal(q, 1), high, ops.full_like(q, float("nan")))
        )
        return ops.add(loc, ops.multiply(scale, ops.where(inside, found, ends)))


class Discrete(Distribution):
    """A distribution of a whole number; elsewhere the probability is 0."""

    places = ("loc",)
    _is_open = False

    def _point(self, z: Array) -> Array:
        return ops.floor(z)

    def logpmf(self, k: Operand, *args: Operand, **kwargs: Operand) -> Array:
        """The logarithm of the probability of `k`."""
        z, shapes, _ = self._read("logpmf", k, args, kwargs)
        whole = ops.logical_or(ops.equal(ops.floor(z), z), ops.isnan(z))
        return ops.where(whole, self._density(ops.floor(z), shapes), -inf)

    def pmf(self, k: Operand, *args: Operand, **kwargs: Operand) -> Array:
        """The probability of `k`."""
        return ops.exp(self.logpmf(k, *args, **kwargs))


def _log_of(part: Formula, rest: Formula) -> Formula:
    """The logarithm of a probability, which is 1 less the rest where it is large."""

    def formula(z: Array, *shapes: Array) -> Array:
        p, q = part(z, *shapes), rest(z, *shapes)
        small = ops.less(p, 0.5)
        some = ops.greater(p, 0)
        log_small = ops.where(some, ops.log(ops.where(some, p, 1.0)), -inf)
        return ops.where(small, log_small, ops.log1p(ops.negative(ops.where(small, 0.0, q))))

    return formula


def _is_valid(word: str, value: Array) -> Array:
    """Whether a parameter is in its range."""
    if word == "p":
        return ops.logical_and(ops.greater_equal(value, 0), ops.less_equal(value, 1))
    return ops.greater_equal(value, 0) if word in ("mu", "n") else ops.greater(value, 0)


def _floating(*operands: Any) -> list[Any]:
    """The operands as floating arrays; numbers are of the dtype that the arrays promote to."""
    like = next((x for x in operands if is_array(x)), np.zeros(()))
    made: list[Any] = [number_of(x) if _is_number(x) else array(x, like) for x in operands]
    strong = [x for x in made if not _is_number(x) and not is_weak(x)]
    dtype = result_type(*strong, 1.0) if strong else np.dtype(float)
    return [
        filled((), x, like, dtype) if _is_number(x)
        else ops.astype(x, dtype, copy=False) if is_weak(x) or not is_inexact(x.dtype)
        else x
        for x in made
    ]  # fmt: skip


def _is_number(x: Operand) -> bool:
    return isinstance(x, bool | int | float) or is_numpy_scalar(x)


def _middle(low: Any, high: Any) -> Any:
    """A point within the support, from whose ends numbers stay numbers."""
    if isinstance(low, float) and low == -inf:
        return 0.0 if isinstance(high, float) and high == inf else high - 1.0
    if isinstance(high, float) and high == inf:
        return low + 1.0
    return (low + high) * 0.5


def _line(*shapes: Array) -> tuple[float, float]:
    return -inf, inf


def _ray(*shapes: Array) -> tuple[float, float]:
    return 0.0, inf


def _unit(*shapes: Array) -> tuple[float, float]:
    return 0.0, 1.0


_LOG_ROOT = log(sqrt(2 * pi))


def _log_power(z: Array, exponent: Array) -> Array:
    """`exponent * log(z)`, 0 where the exponent is 0."""
    return special.xlogy(exponent, z)


norm = Continuous(
    "",
    lambda z: ops.subtract(ops.multiply(ops.square(z), -0.5), _LOG_ROOT),
    _line,
    cdf=special.ndtr,
    sf=lambda z: special.ndtr(ops.negative(z)),
    logcdf=special.log_ndtr,
    logsf=lambda z: special.log_ndtr(ops.negative(z)),
    ppf=special.ndtri,
)
"""The normal distribution, with mean `loc` and deviation `scale`."""

uniform = Continuous(
    "", ops.zeros_like, _unit, cdf=lambda z: z, sf=lambda z: ops.subtract(1.0, z),
    ppf=lambda q: q,
)  # fmt: skip
"""The uniform distribution from `loc` to `loc + scale`."""

expon = Continuous(
    "",
    ops.negative,
    _ray,
    cdf=lambda z: ops.negative(ops.expm1(ops.negative(z))),
    sf=lambda z: ops.exp(ops.negative(z)),
    logsf=ops.negative,
    ppf=lambda q: ops.negative(ops.log1p(ops.negative(q))),
)
"""The exponential distribution with mean `scale`."""

laplace = Continuous(
    "",
    lambda z: ops.subtract(ops.negative(ops.abs(z)), log(2.0)),
    _line,
    cdf=lambda z: _laplace(z),
    sf=lambda z: _laplace(ops.negative(z)),
    ppf=lambda q: ops.where(
        ops.less(q, 0.5), ops.log(ops.multiply(q, 2.0)),
        ops.negative(ops.log(ops.multiply(ops.subtract(1.0, q), 2.0))),
    ),
)  # fmt: skip
"""The Laplace distribution, whose density falls by a factor of e along each `scale`."""


def _laplace(z: Array) -> Array:
    tail = ops.multiply(ops.exp(ops.negative(ops.abs(z))), 0.5)
    return ops.where(ops.less(z, 0), tail, ops.subtract(1.0, tail))


logistic = Continuous(
    "",
    lambda z: ops.add(special.log_expit(z), special.log_expit(ops.negative(z))),
    _line,
    cdf=special.expit,
    sf=lambda z: special.expit(ops.negative(z)),
    logcdf=special.log_expit,
    logsf=lambda z: special.log_expit(ops.negative(z)),
    ppf=special.logit,
)
"""The logistic distribution."""

cauchy = Continuous(
    "",
    lambda z: ops.negative(ops.add(ops.log1p(ops.square(z)), log(pi))),
    _line,
    cdf=lambda z: _cauchy_cdf(z),
    sf=lambda z: _cauchy_cdf(ops.negative(z)),
    ppf=lambda q: _cauchy_ppf(q),
)
"""The Cauchy distribution."""


def _cauchy_cdf(z: Array) -> Array:
    # The angle of (-z, 1) over pi, which keeps its digits far below.
    return ops.divide(ops.atan2(ops.ones_like(z), ops.negative(z)), pi)


def _cauchy_ppf(q: Array) -> Array:
    lower = ops.less(q, 0.5)
    tail = ops.where(lower, q, ops.subtract(1.0, q))
    size = ops.tan(ops.multiply(ops.subtract(0.5, tail), pi))
    far = ops.less(tail, 0.25)
    near_end = ops.divide(1.0, ops.tan(ops.multiply(ops.where(far, tail, 0.25), pi)))
    size = ops.where(far, near_end, size)
    return ops.where(lower, ops.negative(size), size)


lognorm = Continuous(
    "s",
    lambda z, s: ops.subtract(
        ops.multiply(ops.square(ops.divide(ops.log(z), s)), -0.5),
        ops.add(ops.log(ops.multiply(s, z)), _LOG_ROOT),
    ),
    _ray,
    cdf=lambda z, s: special.ndtr(ops.divide(ops.log(z), s)),
    sf=lambda z, s: special.ndtr(ops.negative(ops.divide(ops.log(z), s))),
    logcdf=lambda z, s: special.log_ndtr(ops.divide(ops.log(z), s)),
    logsf=lambda z, s: special.log_ndtr(ops.negative(ops.divide(ops.log(z), s))),
    ppf=lambda q, s: ops.exp(ops.multiply(s, special.ndtri(q))),
    ends=False,
)
"""The distribution of numbers whose logarithm is normal, with deviation `s`."""

gamma = Continuous(
    "a",
    lambda z, a: ops.subtract(
        ops.subtract(_log_power(z, ops.subtract(a, 1.0)), z), special.gammaln(a)
    ),
    _ray,
    cdf=lambda z, a: special.gammainc(a, z),
    sf=lambda z, a: special.gammaincc(a, z),
    ppf=lambda q, a: special.gammaincinv(a, q),
)
"""The gamma distribution with the shape `a`."""

chi2 = Continuous(
    "df",
    lambda z, df: ops.subtract(
        ops.subtract(
            _log_power(z, ops.subtract(ops.multiply(df, 0.5), 1.0)), ops.multiply(z, 0.5)
        ),
        ops.add(special.gammaln(ops.multiply(df, 0.5)), ops.multiply(df, 0.5 * log(2.0))),
    ),
    _ray,
    cdf=lambda z, df: special.gammainc(ops.multiply(df, 0.5), ops.multiply(z, 0.5)),
    sf=lambda z, df: special.gammaincc(ops.multiply(df, 0.5), ops.multiply(z, 0.5)),
    ppf=lambda q, df: ops.multiply(special.gammaincinv(ops.multiply(df, 0.5), q), 2.0),
)
"""The distribution of the sum of `df` squares of normal numbers."""

invgamma = Continuous(
    "a",
    lambda z, a: ops.negative(
        ops.add(
            ops.multiply(ops.add(a, 1.0), ops.log(z)), ops.add(special.gammaln(a), ops.divide(1, z))
        )
    ),
    _ray,
    cdf=lambda z, a: special.gammaincc(a, ops.divide(1.0, z)),
    sf=lambda z, a: special.gammainc(a, ops.divide(1.0, z)),
    ppf=lambda q, a: ops.divide(1.0, special.gammainccinv(a, q)),
    ends=False,
)
"""The distribution of 1 over a gamma distributed number with the shape `a`."""

beta = Continuous(
    "a b",
    lambda z, a, b: ops.subtract(
        ops.add(
            _log_power(z, ops.subtract(a, 1.0)),
            special.xlog1py(ops.subtract(b, 1.0), ops.negative(z)),
        ),
        special.betaln(a, b),
    ),
    _unit,
    cdf=lambda z, a, b: special.betainc(a, b, z),
    sf=lambda z, a, b: special.betainc(b, a, ops.subtract(1.0, z)),
    ppf=lambda q, a, b: special.betaincinv(a, b, q),
)
"""The beta distribution."""


def _t_cdf(z: Array, df: Array) -> Array:
    share = ops.divide(df, ops.add(df, ops.square(z)))
    tail = ops.multiply(special.betainc(ops.multiply(df, 0.5), ops.full_like(df, 0.5), share), 0.5)
    return ops.where(ops.less(z, 0), tail, ops.subtract(1.0, tail))


def _t_ppf(q: Array, df: Array) -> Array:
    lower = ops.less(q, 0.5)
    tail = ops.multiply(ops.where(lower, q, ops.subtract(1.0, q)), 2.0)
    share = special.betaincinv(ops.multiply(df, 0.5), ops.full_like(df, 0.5), tail)
    some = ops.greater(share, 0)
    rest = ops.subtract(ops.divide(1.0, ops.where(some, share, 1.0)), 1.0)
    size = ops.where(some, ops.sqrt(ops.multiply(df, rest)), inf)
    return ops.where(lower, ops.negative(size), size)


t = Continuous(
    "df",
    lambda z, df: ops.subtract(
        ops.subtract(
            special.gammaln(ops.multiply(ops.add(df, 1.0), 0.5)),
            special.gammaln(ops.multiply(df, 0.5)),
        ),
        ops.add(
            ops.multiply(ops.log(ops.multiply(df, pi)), 0.5),
            ops.multiply(
                ops.multiply(ops.add(df, 1.0), 0.5), ops.log1p(ops.divide(ops.square(z), df))
            ),
        ),
    ),
    _line,
    cdf=_t_cdf,
    sf=lambda z, df: _t_cdf(ops.negative(z), df),
    ppf=lambda q, df: _t_ppf(q, df),
)
"""Student's distribution with `df` degrees of freedom."""

pareto = Continuous(
    "b",
    lambda z, b: ops.subtract(ops.log(b), ops.multiply(ops.add(b, 1.0), ops.log(z))),
    lambda b: (1.0, inf),
    cdf=lambda z, b: ops.negative(ops.expm1(ops.negative(ops.multiply(b, ops.log(z))))),
    sf=lambda z, b: ops.power(z, ops.negative(b)),
    ppf=lambda q, b: ops.exp(ops.divide(ops.negative(ops.log1p(ops.negative(q))), b)),
)
"""The Pareto distribution, from 1 on, with the exponent `b`."""

weibull_min = Continuous(
    "c",
    lambda z, c: ops.subtract(
        ops.add(ops.log(c), _log_power(z, ops.subtract(c, 1.0))), ops.power(z, c)
    ),
    _ray,
    cdf=lambda z, c: ops.negative(ops.expm1(ops.negative(ops.power(z, c)))),
    sf=lambda z, c: ops.exp(ops.negative(ops.power(z, c))),
    logsf=lambda z, c: ops.negative(ops.power(z, c)),
    ppf=lambda q, c: ops.power(ops.negative(ops.log1p(ops.negative(q))), ops.divide(1.0, c)),
)
"""The Weibull distribution of minima with the shape `c`."""

poisson = Discrete(
    "mu",
    lambda k, mu: ops.subtract(
        ops.subtract(_log_power(mu, k), special.gammaln(ops.add(k, 1.0))), mu
    ),
    _ray,
    cdf=lambda k, mu: special.gammaincc(ops.add(k, 1.0), mu),
    sf=lambda k, mu: special.gammainc(ops.add(k, 1.0), mu),
)
"""The Poisson distribution with mean `mu`."""

bernoulli = Discrete(
    "p",
    lambda k, p: ops.add(
        _log_power(p, k), special.xlog1py(ops.subtract(1.0, k), ops.negative(p))
    ),
    lambda p: (0.0, 1.0),
    cdf=lambda k, p: ops.subtract(1.0, p),
    sf=lambda k, p: p,
)
"""1 with the probability `p`, else 0."""


def _log_choose(n: Array, k: Array) -> Array:
    """The logarithm of the number of ways to choose `k` of `n`."""
    one = ops.add(n, 1.0)
    return ops.negative(
        ops.add(ops.log(one), special.betaln(ops.add(k, 1.0), ops.subtract(one, k)))
    )


binom = Discrete(
    "n p",
    lambda k, n, p: ops.add(
        _log_choose(n, k),
        ops.add(_log_power(p, k), special.xlog1py(ops.subtract(n, k), ops.negative(p))),
    ),
    lambda n, p: (0.0, n),
    cdf=lambda k, n, p: special.betainc(
        ops.subtract(n, k), ops.add(k, 1.0), ops.subtract(1.0, p)
    ),
    sf=lambda k, n, p: special.betainc(ops.add(k, 1.0), ops.subtract(n, k), p),
)
"""How often something of probability `p` happens in `n` trials."""

nbinom = Discrete(
    "n p",
    lambda k, n, p: ops.add(
        ops.subtract(
            special.gammaln(ops.add(k, n)),
            ops.add(special.gammaln(n), special.gammaln(ops.add(k, 1.0))),
        ),
        ops.add(special.xlogy(n, p), special.xlog1py(k, ops.negative(p))),
    ),
    lambda n, p: (0.0, inf),
    cdf=lambda k, n, p: special.betainc(n, ops.add(k, 1.0), p),
    sf=lambda k, n, p: special.betainc(ops.add(k, 1.0), n, ops.subtract(1.0, p)),
)
"""How often it fails before something of probability `p` has happened `n` times."""

geom = Discrete(
    "p",
    lambda k, p: ops.add(special.xlog1py(ops.subtract(k, 1.0), ops.negative(p)), ops.log(p)),
    lambda p: (1.0, inf),
    cdf=lambda k, p: ops.negative(ops.expm1(special.xlog1py(k, ops.negative(p)))),
    sf=lambda k, p: ops.exp(special.xlog1py(k, ops.negative(p))),
)
"""The number of the trial in which something of probability `p` happens first."""


class MultivariateNormal:
    """The normal distribution of vectors, which lie along the last axis."""

    def logpdf(
        self, x: Operand, mean: Operand | None = None, cov: Operand = 1.0,
        allow_singular: bool = False,
    ) -> Array:  # fmt: skip
        """The logarithm of the density at `x`.

        `mean` is a number or a vector; `cov` a positive definite matrix, a vector for its diagonal,
        or a number. With `allow_singular`, the density is that within the space that it spans.
        """
        point, centre, spread = _floating(x, 0.0 if mean is None else mean, cov)
        centred = ops.subtract(point, centre)
        if not shape_of(centred):
            centred = ops.reshape(centred, (1,))
        elif len(shape_of(spread)) == 2 and shape_of(spread)[0] == 1 != shape_of(centred)[-1]:
            centred = ops.expand_dims(centred, -1)
        n = shape_of(centred)[-1]
        if len(shape_of(spread)) < 2:
            variances = ops.broadcast_to(spread, (n,))
            squares = ops.sum(ops.divide(ops.square(centred), variances), axis=-1)
            log_det: Any = ops.sum(ops.log(variances))
            rank: Any = n
        elif allow_singular:
            values, vectors = ops.eigh(spread)
            kept = ops.greater(values, ops.multiply(ops.max(ops.abs(values)), 1e-12 * n))
            safe = ops.where(kept, values, 1.0)
            along = ops.matmul(centred, vectors)
            shares = ops.divide(ops.square(along), safe)
            squares = ops.sum(ops.where(kept, shares, 0.0), axis=-1)
            log_det = ops.sum(ops.log(safe))
            rank = ops.sum(ops.where(kept, ops.ones_like(values), 0.0))
        else:
            root = ops.cholesky(spread)
            rows = ops.reshape(centred, (-1, n))
            white = ops.solve_triangular(root, ops.matrix_transpose(rows), lower=True)
            squares = ops.reshape(ops.sum(ops.square(white), axis=0), shape_of(centred)[:-1])
            log_det = ops.multiply(ops.sum(ops.log(ops.diagonal(root))), 2.0)
            rank = n
        total = ops.add(ops.add(squares, log_det), rank * log(2 * pi))
        return ops.multiply(total, -0.5)

    def pdf(
        self, x: Operand, mean: Operand | None = None, cov: Operand = 1.0,
        allow_singular: bool = False,
    ) -> Array:  # fmt: skip
        """The density at `x`."""
        return ops.exp(self.logpdf(x, mean, cov, allow_singular))

    def entropy(self, mean: Operand | None = None, cov: Operand = 1.0) -> Array:
        """The entropy, which does not depend on `mean`."""
        (spread,) = _floating(cov)
        if not shape_of(spread):
            return ops.multiply(ops.add(ops.log(spread), log(2 * pi) + 1), 0.5)
        n = shape_of(spread)[-1]
        if len(shape_of(spread)) == 1:
            log_det = ops.sum(ops.log(spread))
        else:
            log_det = ops.multiply(ops.sum(ops.log(ops.diagonal(ops.cholesky(spread)))), 2.0)
        return ops.multiply(ops.add(log_det, n * (log(2 * pi) + 1)), 0.5)


multivariate_normal = MultivariateNormal()


class Dirichlet:
    """The distribution of shares that add up to 1, along the first axis as in SciPy."""

    def logpdf(self, x: Operand, alpha: Operand) -> Array:
        """The logarithm of the density at `x`, with or without the last share."""
        x, alpha = _floating(x, alpha)
        if shape_of(x)[0] == shape_of(alpha)[0] - 1:
            last = ops.subtract(1.0, ops.sum(x, axis=0, keepdims=True))
            x = ops.concat([x, last], axis=0)
        if shape_of(x)[0] != shape_of(alpha)[0]:
            raise InvalidArgument(
                f"dirichlet: x has {shape_of(x)[0]} shares for {shape_of(alpha)[0]} parameters; "
                "wanted are as many, or one less."
            )
        powers = ops.reshape(ops.subtract(alpha, 1.0), (-1, *(1,) * (len(shape_of(x)) - 1)))
        logs = ops.sum(special.xlogy(powers, x), axis=0)
        total = ops.subtract(ops.sum(special.gammaln(alpha)), special.gammaln(ops.sum(alpha)))
        return ops.subtract(logs, total)

    def pdf(self, x: Operand, alpha: Operand) -> Array:
        """The density at `x`."""
        return ops.exp(self.logpdf(x, alpha))


dirichlet = Dirichlet()
