"""Distributions of real numbers, and of whole ones."""

from __future__ import annotations

from math import inf, nan

import numpy as np

import gpugrad.random as random
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.ops.arrange import broadcast_shapes
from gpugrad.ops.operands import shape_of
from gpugrad.stats.distribution import Distribution, quiet
from gpugrad.types import Array, Operand, Shape


class Continuous(Distribution):
    """A distribution of a real number."""

    densities = ("logpdf", "pdf")

    @quiet
    def logpdf(self, x: Operand, *args: Operand, **kwargs: Operand) -> Array:
        """The logarithm of the density at `x`."""
        given = self._arguments("logpdf", x, args, kwargs)
        found = self._log_density(given.standard(), given.shapes)
        return given.result(found if given.scale is None else found - ops.log(given.scale))

    @quiet
    def pdf(self, x: Operand, *args: Operand, **kwargs: Operand) -> Array:
        """The density at `x`."""
        given = self._arguments("pdf", x, args, kwargs)
        found = self._log_density(given.standard(), given.shapes)
        return given.result(ops.exp(found if given.scale is None else found - ops.log(given.scale)))

    def _quantile(
        self, method: str, q: Operand, args: tuple[Operand, ...], kwargs: dict[str, Operand]
    ) -> Array:
        formula = self._formula(method)
        given = self._arguments(method, q, args, kwargs)
        q, shapes = given.point, given.shapes
        ends = self._support(*shapes)
        low, high = ends if method == "ppf" else ends[::-1]
        inside = (q > 0) & (q < 1)
        found = formula(ops.where(inside, q, 0.5), *shapes)
        other = ops.where(q == 0, low, ops.where(q == 1, high, ops.full_like(q, nan)))
        found = ops.where(inside, found, other)
        for shape in shapes:
            found = ops.where(ops.isnan(shape), nan, found)
        found = found if given.scale is None else found * given.scale
        return given.result(found if given.loc is None else found + given.loc)

    @quiet
    def ppf(self, q: Operand, *args: Operand, **kwargs: Operand) -> Array:
        """The point of which `q` is the `cdf`: NaN for `q` outside of 0 to 1."""
        return self._quantile("ppf", q, args, kwargs)

    @quiet
    def isf(self, q: Operand, *args: Operand, **kwargs: Operand) -> Array:
        """The point of which `q` is the `sf`, accurate where `q` is small."""
        return self._quantile("isf", q, args, kwargs)

    def median(self, *args: Operand, **kwargs: Operand) -> Array:
        """The point in the middle, of which `cdf` is a half."""
        return self.ppf(0.5, *args, **kwargs)

    def interval(
        self, confidence: Operand, *args: Operand, **kwargs: Operand
    ) -> tuple[Array, Array]:
        """The ends of the interval that leaves equal parts on both sides."""
        tail = ops.multiply(ops.subtract(1.0, confidence), 0.5)
        return self.ppf(tail, *args, **kwargs), self.isf(tail, *args, **kwargs)

    def rvs(
        self,
        *args: Operand,
        size: int | Shape | None = None,
        random_state: Array | None = None,
        **kwargs: Operand,
    ) -> Array:
        """Random numbers by `ppf`, differentiated in all parameters.

        `random_state` is a key of `gg.random`; `size` a shape to which those of the parameters
        broadcast, and theirs unless it is given.
        """
        if getattr(random_state, "dtype", None) != np.uint32:
            raise InvalidArgument(
                f"{self.name}.rvs: random_state is a {type(random_state).__name__}; expected a "
                "key, such as gg.random.key(0)."
            )
        given = self._arguments("rvs", 0.5, args, kwargs)
        own = broadcast_shapes(*map(shape_of, (given.point, *given.place, *given.shapes)))
        shape = own if size is None else (size,) if isinstance(size, int) else tuple(size)
        if broadcast_shapes(shape, own) != shape:
            raise InvalidArgument(
                f"{self.name}.rvs: size is {size} and the parameters have shape {own}, which does "
                "not broadcast to that."
            )
        q = ops.maximum(random.uniform(random_state, shape), 2.0**-54)    # type: ignore[arg-type]
        return given.result(self.ppf(q, *args, **kwargs))


class Discrete(Distribution):
    """A distribution of a whole number; elsewhere the probability is 0."""

    places, densities = ("loc",), ("logpmf", "pmf")
    _has_weight = True

    @quiet
    def logpmf(self, k: Operand, *args: Operand, **kwargs: Operand) -> Array:
        """The logarithm of the probability of `k`."""
        given = self._arguments("logpmf", k, args, kwargs)
        z = given.standard()
        whole = (ops.floor(z) == z) | ops.isnan(z)
        found = self._log_density(ops.floor(z), given.shapes)
        return given.result(ops.where(whole | ops.isnan(found), found, -inf))

    def pmf(self, k: Operand, *args: Operand, **kwargs: Operand) -> Array:
        """The probability of `k`."""
        return ops.exp(self.logpmf(k, *args, **kwargs))
