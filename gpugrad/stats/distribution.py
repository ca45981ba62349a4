"""What all distributions of one number have in common: their names, arguments and support.

A distribution is a table of formulas of the standardised point, `(x - loc) / scale`, and the
parameters of its shape. They are written with operators, for arrays and Tensors alike.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan
from typing import Any, NamedTuple

import numpy as np

from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.ops.operands import array
from gpugrad.stats.docstrings import docstring
from gpugrad.stats.floating_operands import floating
from gpugrad.types import Array, DType, Operand

Formula = Callable[..., Any]
"""A function of the standardised point, or of a probability, and the parameters of the shape."""

FORMULAS = frozenset(
    "log_density cdf sf logcdf logsf ppf isf mean var entropy".split()
)

quiet = np.errstate(all="ignore")
"""A decorator: formulas meet points outside of the support, and choose afterwards."""


class Arguments(NamedTuple):
    """What a method was given: `loc` and `scale` are `None` where they are not."""

    point: Array
    loc: Array | None
    scale: Array | None
    shapes: tuple[Array, ...]
    dtype: DType

    @property
    def place(self) -> tuple[Array, ...]:
        return tuple(x for x in (self.loc, self.scale) if x is not None)

    def standard(self) -> Array:
        """The standardised point."""
        z = self.point if self.loc is None else self.point - self.loc
        return z if self.scale is None else z / self.scale

    def result(self, y: Any) -> Array:
        """A result, in the dtype of the arguments."""
        return ops.astype(array(y, self.point), self.dtype, copy=False)


def real_line(*shapes: Array) -> tuple[Any, Any]:
    """The support of all numbers."""
    return -inf, inf


def positive(*shapes: Array) -> tuple[Any, Any]:
    """The support of numbers from 0 on."""
    return 0.0, inf


def unit(*shapes: Array) -> tuple[Any, Any]:
    """The support of numbers from 0 to 1."""
    return 0.0, 1.0


def all_positive(*shapes: Array) -> Any:
    """Whether all parameters of the shape are: the range of most of them."""
    valid: Any = True
    for shape in shapes:
        valid = (shape > 0) & valid
    return valid


class Distribution:
    """A distribution by its formulas; called with parameters, one that holds these."""

    places: tuple[str, ...] = ("loc", "scale")
    """Where the distribution lies, and how wide it is."""

    densities: tuple[str, ...] = ()
    """The methods that give the density and its logarithm."""

    _has_weight = False                             # whether an end of the support has a weight

    def __init__(
        self,
        name: str,
        shapes: str = "",
        *,
        doc: str,
        support: Callable[..., tuple[Any, Any]],
        valid: Callable[..., Any] = all_positive,
        ends: bool = True,
        **formulas: Formula,
    ) -> None:
        """Take the formulas, and the names of the parameters of the shape in one string.

        `doc` becomes the docstring, with a list of the methods. `valid` says whether parameters are
        in their range, `ends` whether the formula of the density holds at the ends of the support.
        """
        assert formulas.keys() <= FORMULAS
        self.name, self.shapes = name, tuple(shapes.split())
        self._support, self._valid, self._ends, self._formulas = support, valid, ends, formulas
        defaults = ("loc=0", "scale=1")[: len(self.places)]
        self.__doc__ = docstring(doc, self.densities, (*self.shapes, *defaults), formulas)

    def __call__(self, *args: Operand, **kwargs: Operand) -> Frozen:
        """The distribution with these parameters, whose methods take none."""
        return Frozen(self, args, kwargs)

    def __repr__(self) -> str:
        return f"gg.stats.{self.name}"

    def _arguments(
        self, method: str, x: Operand, args: tuple[Operand, ...], kwargs: dict[str, Operand]
    ) -> Arguments:
        """The arguments of a method: NaN for parameters that are out of their range."""
        name, words = f"{self.name}.{method}", (*self.shapes, *self.places)
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
        order = [word for word in words if word in given]
        dtype, point, *rest = floating(name, x, *(given[word] for word in order))
        found = dict(zip(order, rest, strict=True))
        shapes = tuple(found[word] for word in self.shapes)
        if shapes:
            valid = self._valid(*shapes)
            shapes = tuple(ops.where(valid, shape, nan) for shape in shapes)
        loc, scale = found.get("loc"), found.get("scale")
        if scale is not None:
            scale = ops.where(scale > 0, scale, nan)
        return Arguments(point, loc, scale, shapes, dtype)

    def _formula(self, method: str) -> Formula:
        found = self._formulas.get(method)
        if found is None:
            raise UnsupportedOperand(
                f"gg.stats.{self.name} has no {method}: call SciPy's by gg.host, which takes a "
                "rule for its gradient."
            )
        return found

    def _chosen(
        self, f: Formula, z: Array, shapes: tuple[Array, ...], inside: Array, other: Any
    ) -> Array:
        """The formula where the point is inside, NaN where anything is, and elsewhere the other."""
        # Elsewhere, the formula is taken of a point within, so that no NaN reaches a gradient.
        found = f(ops.where(inside, z, middle(*self._support(*shapes))), *shapes)
        unknown = ops.isnan(z)
        for shape in shapes:
            unknown = unknown | ops.isnan(shape)
        return ops.where(unknown, nan, ops.where(inside, found, other))

    def _log_density(self, z: Array, shapes: tuple[Array, ...]) -> Array:
        """The logarithm of the density of the standardised point."""
        low, high = self._support(*shapes)
        inside = (z >= low) & (z <= high) if self._ends else (z > low) & (z < high)
        return self._chosen(
            self._formula("log_density"), z, shapes, inside & ops.isfinite(z), -inf
        )

    def _probability(
        self,
        method: str,
        formula: Formula,
        x: Operand,
        args: tuple[Operand, ...],
        kwargs: dict[str, Operand],
        ends: tuple[float, float],
    ) -> Array:
        """A formula within the support, and numbers from its ends on."""
        given = self._arguments(method, x, args, kwargs)
        z = given.standard()
        if self._has_weight:
            z = ops.floor(z)
        low, high = self._support(*given.shapes)
        before = z < low if self._has_weight else z <= low
        inside = ~before & (z < high)
        other = ops.where(before, ends[0], ops.full_like(z, ends[1]))
        return given.result(self._chosen(formula, z, given.shapes, inside, other))

    @quiet
    def cdf(self, x: Operand, *args: Operand, **kwargs: Operand) -> Array:
        """The probability of at most `x`."""
        return self._probability("cdf", self._formula("cdf"), x, args, kwargs, (0.0, 1.0))

    @quiet
    def sf(self, x: Operand, *args: Operand, **kwargs: Operand) -> Array:
        """The probability of more than `x`, accurate where it is small."""
        return self._probability("sf", self._formula("sf"), x, args, kwargs, (1.0, 0.0))

    @quiet
    def logcdf(self, x: Operand, *args: Operand, **kwargs: Operand) -> Array:
        """The logarithm of `cdf`."""
        formula = self._formulas.get("logcdf")
        formula = formula or log_of(self._formula("cdf"), self._formula("sf"))
        return self._probability("logcdf", formula, x, args, kwargs, (-inf, 0.0))

    @quiet
    def logsf(self, x: Operand, *args: Operand, **kwargs: Operand) -> Array:
        """The logarithm of `sf`."""
        formula = self._formulas.get("logsf")
        formula = formula or log_of(self._formula("sf"), self._formula("cdf"))
        return self._probability("logsf", formula, x, args, kwargs, (0.0, -inf))

    def _moment(
        self, method: str, args: tuple[Operand, ...], kwargs: dict[str, Operand]
    ) -> tuple[Arguments, Array]:
        """The arguments, and what a formula of the parameters of the shape alone gives."""
        formula = self._formula(method)
        given = self._arguments(method, 0.0, args, kwargs)
        # The point is 0, and gives the library, the dtype and the shape of loc and scale.
        zero = given.standard() * 0.0
        found = formula(*given.shapes) + zero
        for shape in given.shapes:
            found = ops.where(ops.isnan(shape), nan, found)
        return given, found

    @quiet
    def mean(self, *args: Operand, **kwargs: Operand) -> Array:
        """The mean."""
        given, found = self._moment("mean", args, kwargs)
        found = found if given.scale is None else found * given.scale
        return given.result(found if given.loc is None else found + given.loc)

    @quiet
    def var(self, *args: Operand, **kwargs: Operand) -> Array:
        """The variance."""
        given, found = self._moment("var", args, kwargs)
        return given.result(found if given.scale is None else found * given.scale * given.scale)

    def std(self, *args: Operand, **kwargs: Operand) -> Array:
        """The standard deviation."""
        return ops.sqrt(self.var(*args, **kwargs))

    @quiet
    def entropy(self, *args: Operand, **kwargs: Operand) -> Array:
        """The differential entropy, or that of a distribution of whole numbers."""
        given, found = self._moment("entropy", args, kwargs)
        return given.result(found if given.scale is None else found + ops.log(given.scale))


class Frozen:
    """A distribution with its parameters: `norm(0, 1).logpdf(x)` is `norm.logpdf(x, 0, 1)`."""

    def __init__(
        self, distribution: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        self.dist, self.args, self.kwds = distribution, args, kwargs

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_") or not callable(getattr(type(self.dist), name, None)):
            raise AttributeError(f"{self.dist!r} has no method {name}.")
        method = getattr(self.dist, name)

        def bound(*points: Operand, **settings: Any) -> Any:
            return method(*points, *self.args, **self.kwds, **settings)

        return bound


def log_of(part: Formula, rest: Formula) -> Formula:
    """The logarithm of a probability, which is 1 less the rest where it is large."""

    def formula(z: Array, *shapes: Array) -> Array:
        p, q = part(z, *shapes), rest(z, *shapes)
        small, some = p < 0.5, p > 0
        log_small = ops.where(some, ops.log(ops.where(some, p, 1.0)), -inf)
        return ops.where(small, log_small, ops.log1p(-ops.where(small, 0.0, q)))

    return formula


def middle(low: Any, high: Any) -> Any:
    """A point within the support, from whose ends numbers stay numbers."""
    if isinstance(low, float) and low == -inf:
        return 0.0 if isinstance(high, float) and high == inf else high - 1.0
    if isinstance(high, float) and high == inf:
        return low + 1.0
    return (low + high) * 0.5
