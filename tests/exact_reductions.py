"""Reductions, norms, products and statistics as exact arithmetic has them: an oracle for tests.

Each row has a function of gpugrad and the same in numbers of `mpmath`, which have as many digits as
are asked for and any range. Derivatives of these are differences so small that nothing of them
shows in the digits of a float.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor
from typing import Any

import mpmath
import numpy as np
from mpmath import mpf

import gpugrad as gg
from gpugrad.core.registry import namespace as ops

Numbers = list[Any]

STEP = mpf(10) ** -40
"""Of differences, in units of each element, or of 1 where that is 0."""


@dataclass(frozen=True)
class Exact:
    """A function of a vector: `f` of an array, `exact` of its numbers, which gives a list.

    Derivatives up to `order` are compared; `kinks` says where it has none, `undefined` where it has
    no value. Of matrices that LAPACK takes apart, elements are as close as the largest `together`.
    `steepness` bounds the condition number of second derivatives.
    """

    f: Callable[[Any], Any]
    exact: Callable[[Numbers], Numbers]
    order: int = 2
    kinks: frozenset[str] = frozenset()
    undefined: frozenset[str] = frozenset()
    dtypes: tuple[str, ...] = ("float16", "float32", "float64")
    together: bool = False
    steepness: float = 4


def total(x: Numbers) -> Any:
    return mpmath.fsum(x)


def mean(x: Numbers) -> Any:
    return total(x) / len(x)


def variance(x: Numbers, correction: int = 0) -> Any:
    centre = mean(x)
    return total([(v - centre) ** 2 for v in x]) / (len(x) - correction)


def norm(x: Numbers, order: Any = 2) -> Any:
    if all(v == 0 for v in x):
        return mpf(0)
    if order < 0 and any(v == 0 for v in x):
        return mpf(0)
    order = mpf(order)
    return total([abs(v) ** order for v in x if v != 0]) ** (1 / order)


def exponential(x: Any) -> Any:
    """What is no number of any dtype counts as 0: its exact digits would take long."""
    return mpmath.exp(x) if x > -(10**5) else mpf(0)


def logsumexp(x: Numbers) -> Any:
    top = max(x)
    return top + mpmath.log(total([exponential(v - top) for v in x]))


def log_softmax(x: Numbers) -> Numbers:
    whole = logsumexp(x)
    return [v - whole for v in x]


def softmax(x: Numbers) -> Numbers:
    return [exponential(v) for v in log_softmax(x)]


def quantile(x: Numbers, share: float) -> Any:
    ordered = sorted(x)
    place = share * (len(x) - 1)
    low = floor(place)
    part = mpf(place - low)
    return ordered[low] * (1 - part) + ordered[min(low + 1, len(x) - 1)] * part


def product(x: Numbers) -> Any:
    return mpmath.fprod(x)


def standardized(x: Numbers, eps: float) -> Numbers:
    centre, scale = mean(x), mpmath.sqrt(variance(x) + mpf(eps))
    return [(v - centre) / scale for v in x]


def correlation(x: Numbers) -> Numbers:
    half = len(x) // 2
    rows = [[v - mean(part) for v in part] for part in (x[:half], x[half:])]
    inner = total([a * b for a, b in zip(*rows, strict=True)])
    return [inner / norm(rows[0]) / norm(rows[1])]


def covariance(x: Numbers) -> Numbers:
    half = len(x) // 2
    a, b = ([v - mean(part) for v in part] for part in (x[:half], x[half:]))
    return [total([v * w for v, w in zip(a, b, strict=True)]) / (half - 1)]


def determinant(x: Numbers) -> Any:
    a, b, c, d = x[:4]
    return a * d - b * c


def interpolated(places: Sequence[float], x: Numbers) -> Numbers:
    found = []
    for place in places:
        low = min(int(place), len(x) - 2)
        part = mpf(place) - low
        found.append(x[low] * (1 - part) + x[low + 1] * part)
    return found


def running(x: Numbers, join: Callable[[Any, Any], Any]) -> Numbers:
    found = [x[0]]
    for v in x[1:]:
        found.append(join(found[-1], v))
    return found


WEIGHTS = [0.5, 2.0, 1.0, 0.25]
LABEL = np.array(2)
SHARES = [0.125, 0.5, 0.375, 0.0]
AT = [0.25, 1.0, 2.5]

ZEROS, TIES = frozenset({"zeros"}), frozenset({"zeros", "ties"})
NO_HALF = ("float32", "float64")


def _like(values: Any, x: Any) -> Any:
    return np.asarray(values, x.dtype)


def _with_nan(x: Any) -> Any:
    return gg.concat([x, gg.reshape(gg.sum(x) * 0 + np.nan, (1,))])


def _pair(x: Any) -> tuple[Any, Any]:
    return x[:2], x[2:]


ROWS: dict[str, Exact] = {
    "sum": Exact(gg.sum, lambda x: [total(x)]),
    "mean": Exact(gg.mean, lambda x: [mean(x)]),
    "var": Exact(gg.var, lambda x: [variance(x)]),
    "var, corrected": Exact(lambda x: gg.var(x, correction=1), lambda x: [variance(x, 1)]),
    "std": Exact(gg.std, lambda x: [mpmath.sqrt(variance(x))], kinks=frozenset({"ties"})),
    "std, corrected": Exact(lambda x: gg.std(x, correction=1),
                            lambda x: [mpmath.sqrt(variance(x, 1))], kinks=frozenset({"ties"})),
    "norm": Exact(gg.linalg.norm, lambda x: [norm(x)]),
    "norm, axes": Exact(lambda x: gg.linalg.norm(gg.reshape(x, (2, 2)), axis=1),
                        lambda x: [norm(x[:2]), norm(x[2:])]),
    **{f"norm, {p}": Exact(lambda x, p=p: gg.linalg.vector_norm(x, ord=p),
                           lambda x, p=p: [norm(x, p)], kinks=ZEROS, steepness=max(4, 2 * p))
       for p in (1, 0.5, 1.5, 3, 7, -1, -2.5)},
    "norm, inf": Exact(lambda x: gg.linalg.vector_norm(x, ord=float("inf")),
                       lambda x: [max(map(abs, x))], order=1, kinks=TIES),
    "norm, -inf": Exact(lambda x: gg.linalg.vector_norm(x, ord=-float("inf")),
                        lambda x: [min(map(abs, x))], order=1, kinks=TIES),
    "matrix norm": Exact(lambda x: gg.linalg.matrix_norm(gg.reshape(x, (2, 2))),
                         lambda x: [norm(x)]),
    "matrix norm, 1": Exact(lambda x: gg.linalg.matrix_norm(gg.reshape(x, (2, 2)), ord=1),
                            lambda x: [max(abs(x[0]) + abs(x[2]), abs(x[1]) + abs(x[3]))],
                            order=1, kinks=TIES),
    "unit vector": Exact(ops.unit_vector, lambda x: [v / norm(x) for v in x]),
    "root mean square": Exact(ops.root_mean_square,
                              lambda x: [mpmath.sqrt(mean([v * v for v in x]))]),
    "layer norm": Exact(gg.nn.layer_norm, lambda x: standardized(x, 1e-5)),
    "prod": Exact(gg.prod, lambda x: [product(x)]),
    "prod, axis": Exact(lambda x: gg.prod(gg.reshape(x, (2, 2)), axis=0),
                        lambda x: [x[0] * x[2], x[1] * x[3]]),
    "cumulative_sum": Exact(gg.cumulative_sum, lambda x: running(x, lambda a, b: a + b)),
    "cumulative_prod": Exact(gg.cumulative_prod, lambda x: running(x, lambda a, b: a * b)),
    "logsumexp": Exact(gg.logsumexp, lambda x: [logsumexp(x)]),
    "softmax": Exact(gg.softmax, softmax),
    "log_softmax": Exact(gg.log_softmax, log_softmax),
    "cross entropy": Exact(lambda x: gg.softmax_cross_entropy(x, LABEL),
                           lambda x: [-log_softmax(x)[2]]),
    "cross entropy, shares": Exact(
        lambda x: gg.softmax_cross_entropy(x, _like(SHARES, x)),
        lambda x: [-total([mpf(p) * v for p, v in zip(SHARES, log_softmax(x), strict=True)])]),
    "squared error": Exact(lambda x: gg.mean_squared_error(x, x[::-1] * 0.5),
                           lambda x: [mean([(a - b / 2) ** 2
                                            for a, b in zip(x, x[::-1], strict=True)])]),
    **{f"nan{name}": Exact(lambda x, f=f: f(_with_nan(x)), exact, kinks=kinks)
       for name, f, exact, kinks in (
           ("sum", gg.nansum, lambda x: [total(x)], frozenset()),
           ("mean", gg.nanmean, lambda x: [mean(x)], frozenset()),
           ("prod", gg.nanprod, lambda x: [product(x)], frozenset()),
           ("var", gg.nanvar, lambda x: [variance(x)], frozenset()),
           ("std", gg.nanstd, lambda x: [mpmath.sqrt(variance(x))], frozenset({"ties"})),
           ("max", gg.nanmax, lambda x: [max(x)], TIES),
       )},
    "max": Exact(gg.max, lambda x: [max(x)], kinks=TIES),
    "ptp": Exact(gg.ptp, lambda x: [max(x) - min(x)], kinks=TIES),
    "median": Exact(gg.median, lambda x: [quantile(x, 0.5)], kinks=TIES),
    "quantile": Exact(lambda x: gg.quantile(x, 0.375), lambda x: [quantile(x, 0.375)], kinks=TIES),
    "average": Exact(lambda x: gg.average(x, weights=_like(WEIGHTS, x)),
                     lambda x: [total([mpf(w) * v for w, v in zip(WEIGHTS, x, strict=True)])
                                / mpf(sum(WEIGHTS))]),
    "average by weights": Exact(
        lambda x: gg.average(_like(WEIGHTS, x), weights=x),
        lambda x: [total([mpf(w) * v for w, v in zip(WEIGHTS, x, strict=True)]) / total(x)]),
    "cov": Exact(lambda x: gg.cov(*_pair(x))[0, 1], covariance),
    "corrcoef": Exact(
        lambda x: gg.corrcoef(gg.reshape(gg.concat([x, x[:1], x[:1] * 0.5]), (2, 3)))[0, 1],
        lambda x: correlation([*x, x[0], x[0] / 2]), kinks=TIES),
    "trapezoid": Exact(lambda x: gg.trapezoid(x, dx=0.5),
                       lambda x: [total([(a + b) / 4 for a, b in pairwise(x)])]),
    "gradient": Exact(lambda x: gg.gradient(x), lambda x: [
        x[1] - x[0], (x[2] - x[0]) / 2, (x[3] - x[1]) / 2, x[3] - x[2]]),
    "diff": Exact(gg.diff, lambda x: [b - a for a, b in pairwise(x)]),
    "interp": Exact(lambda x: gg.interp(_like(AT, x), _like([0, 1, 2, 3], x), x),
                    lambda x: interpolated(AT, x)),
    "vecdot": Exact(lambda x: gg.vecdot(*_pair(x)), lambda x: [x[0] * x[2] + x[1] * x[3]]),
    "dot": Exact(lambda x: gg.dot(*_pair(x)), lambda x: [x[0] * x[2] + x[1] * x[3]]),
    "einsum": Exact(lambda x: gg.einsum("i,i->", *_pair(x)), lambda x: [x[0] * x[2] + x[1] * x[3]]),
    "cross": Exact(lambda x: gg.cross(x[:3], x[1:])[0], lambda x: [x[1] * x[3] - x[2] * x[2]]),
    "trace": Exact(lambda x: gg.trace(gg.reshape(x, (2, 2))), lambda x: [x[0] + x[3]]),
    "det": Exact(lambda x: gg.linalg.det(gg.reshape(x, (2, 2))), lambda x: [determinant(x)],
                 dtypes=NO_HALF, together=True),
    "slogdet": Exact(lambda x: gg.linalg.slogdet(gg.reshape(x, (2, 2)))[1],
                     lambda x: [mpmath.log(abs(determinant(x)))], dtypes=NO_HALF, undefined=ZEROS,
                     together=True),
    "nuclear norm": Exact(lambda x: gg.linalg.norm(gg.reshape(x, (2, 2)), "nuc"),
                          lambda x: [mpmath.sqrt(total([v * v for v in x])
                                                 + 2 * abs(determinant(x)))],
                          dtypes=NO_HALF, kinks=ZEROS, together=True),
}  # fmt: skip


def slopes(exact: Callable[[Numbers], Numbers], x: Numbers) -> list[Numbers]:
    """For each element the derivatives of all results: central differences in many digits."""
    columns = []
    for i, v in enumerate(x):
        step = STEP * (abs(v) or 1)
        up, down = ([*x[:i], v + sign * step, *x[i + 1 :]] for sign in (1, -1))
        pairs = zip(exact(up), exact(down), strict=True)
        columns.append([(a - b) / (2 * step) for a, b in pairs])
    return columns
