"""A referee for gradients that knows no rule: slopes measured by differences, or no verdict.

A function of several arrays is moved along one random direction. Where the differences with several
steps, from both sides and from each, do not tell the same slope (a kink, a jump, an overflow, a
cast to a narrow dtype), there is no verdict: what holds there is a matter of convention.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import gpugrad as gg

STEP = 1e-4
"""The largest step; the others are a half and a quarter of it."""

CERTAIN = 1e-4
"""A verdict is given where the slope is known to this share of its size, or of 1."""

CLOSE = 1e-6
"""How far, in the same terms, a right gradient may be from the slope, beside the error of that."""

LEAST = 1e-6
"""Elements smaller than this, or larger than one by this, stay where they are, as do those that are
not finite. Beside what they make, the share of others is lost in rounding; zeros lie on kinks.
"""

Function = Callable[..., list[Any]]
"""From arrays or Tensors to Tensors or arrays, each of them floating."""


@dataclass(frozen=True)
class Slope:
    """A slope as it was measured, and how far from it the true one may be."""

    value: float
    error: float

    @property
    def bound(self) -> float:
        """How far from the measured value a right gradient may be."""
        return self.error + CLOSE * max(1.0, abs(self.value))


def slope(along: Callable[[float], float], size: float = 1.0) -> Slope | None:
    """The slope at 0 of a function of terms of that size; `None` where differences disagree.

    Each of the four estimates is exact for polynomials of degree 3 at least.
    """
    at = {t: along(t * STEP) for t in (0, 0.25, 0.5, 1, -0.25, -0.5, -1)}
    if not np.isfinite(list(at.values())).all():
        return None

    def central(t: float) -> float:
        return (at[t] - at[-t]) / (2 * t * STEP)

    def one_sided(sign: int) -> float:
        first, second, third = ((at[sign * t] - at[0]) / (sign * t * STEP) for t in (0.25, 0.5, 1))
        return (8 * first - 6 * second + third) / 3

    found = [
        (4 * central(0.25) - central(0.5)) / 3,
        (4 * central(0.5) - central(1)) / 3,
        one_sided(1),
        one_sided(-1),
    ]
    rounding = 8 * np.finfo(float).eps * size / STEP
    error = 2 * (max(found) - min(found)) + rounding
    value = found[0]
    return Slope(value, error) if error <= CERTAIN * max(1.0, abs(value)) else None


class Trial:
    """A function at a point, a random direction, and random weights of what it gives.

    The weights make all results equally large, and leave out what is not finite.
    """

    def __init__(
        self, f: Function, point: Sequence[Any], seed: int = 0, strict: bool = True
    ) -> None:
        self.f = f
        self.point = list(point)
        rng = np.random.default_rng(seed)
        self.direction = [_direction(x, rng) for x in point]
        self.out = [_array(y) for y in f(*point)]
        self.weights = [_weights(y, rng) for y in self.out]
        self.strict = strict and all(np.isfinite(y).all() for y in self.out)
        self.slope = self._measured()

    def _measured(self) -> Slope | None:
        """The slope of the weighted sum along the direction."""
        terms = [_terms(v, y) for v, y in zip(self.weights, self.out, strict=True)]
        return slope(self._along, max((float(np.abs(x).sum()) for x in terms), default=0.0))

    def _along(self, t: float) -> float:
        moved = [
            x if t == 0 else np.where(u == 0, x, x + t * u)
            for x, u in zip(self.point, self.direction, strict=True)
        ]
        found = [_array(y) for y in self.f(*moved)]
        pairs = zip(self.weights, found, strict=True)
        return sum((float(_terms(v, y).sum()) for v, y in pairs), 0.0)

    def gradient(self, *point: Any) -> list[Any]:
        """The gradient of the weighted sum."""
        return list(gg.vjp(self.f, *point)[1](self.weights))

    def judge(self, gradients: Sequence[Any], how: str) -> bool:
        """Raises `AssertionError` for a wrong gradient at the point; says if there was a verdict.

        There is none, either, on a gradient that is unsteady, because it is made of rounding, and
        on one that is not finite where the function is not, or unless the trial is strict.
        """
        if self.slope is None:
            return False
        claimed = self._claimed(gradients)
        if abs(claimed - self.slope.value) <= self.slope.bound:
            return True
        if not np.isfinite(claimed):
            steady = self.strict
        else:
            moved = [abs(self._disturbed(seed) - claimed) for seed in range(3)]
            steady = max(moved) <= self.slope.bound
        assert not steady, (
            f"{how}: the slope along a random direction was measured as {self.slope.value!r}, but "
            f"the gradient claimed {claimed!r} (bound {self.slope.bound:.1e})"
        )
        return False

    def _claimed(self, gradients: Sequence[Any]) -> float:
        """The slope that these gradients imply."""
        pairs = zip(self.direction, gradients, strict=True)
        return sum((float(_terms(u, _array(g)).sum()) for u, g in pairs), 0.0)

    def _disturbed(self, seed: int) -> float:
        """That of the gradient near by, at a distance of rounding."""
        rng = np.random.default_rng(seed)
        eps = 4 * np.finfo(float).eps
        return self._claimed(
            self.gradient(*(x * (1 + eps * rng.choice([-1, 1], x.shape)) for x in self.point))
        )


def _array(y: Any) -> Any:
    return np.asarray(y.value if isinstance(y, gg.Tensor) else y)


def _random(like: Any, rng: np.random.Generator) -> Any:
    values = np.asarray(rng.normal(size=like.shape))
    if like.dtype.kind == "c":
        values = values + 1j * rng.normal(size=like.shape)
    return np.asarray(values.astype(like.dtype))


def _direction(x: Any, rng: np.random.Generator) -> Any:
    size = np.abs(x)
    moderate = (size >= LEAST) & (size <= 1 / LEAST)
    size = np.where(moderate, np.maximum(size, 1), 0)
    return np.asarray((_random(x, rng) * size).astype(x.dtype))


def _weights(y: Any, rng: np.random.Generator) -> Any:
    finite = np.isfinite(y)
    largest = np.abs(y[finite]).max(initial=1)
    return np.asarray((_random(y, rng) * finite / largest).astype(y.dtype))


def _terms(v: Any, y: Any) -> Any:
    """Re(conj(v) y), and 0 where `v` is."""
    return np.where(v == 0, 0, (np.conj(v) * y).real.astype(float))
