"""Loss scaling, which keeps gradients in the range of float16, and what says that they are finite.

Gradients computed in float16 are 0 below 6e-8. A loss that is multiplied by a number has gradients
that are multiplied by it, so they are computed where float16 has digits, and divided afterwards in
float32 (Micikevicius et al. 2018, arXiv:1710.03740).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any, TypeVar

import numpy as np

import gpugrad.tree as tree
from gpugrad.backends import default, is_inexact
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.transforms.reverse import value_and_grad
from gpugrad.types import Array

T = TypeVar("T")

_LEAST = 2.0**-14
"""The smallest normal number of float16: where gradients overflow with it, no scale helps."""

_MOST = 2.0**100
"""The largest scale: 2**28 below the largest number of float32, so that scaled losses fit."""


def all_finite(values: object) -> Array:
    """Whether no leaf of a tree holds an infinity or NaN, as an array without axes.

    Under `gg.jit` it is a part of the plan: select by it with `gg.tree.where`. Leaves that are not
    floating or complex count as finite.

    Example:
        >>> grads = {"w": np.array([1.0, np.inf]), "b": np.zeros(2)}
        >>> gg.optim.all_finite(grads)
        array(False)
    """
    found = [
        ops.min(ops.isfinite(x)) for x in tree.leaves(values)   # a reduction, which is fused
        if isinstance(x, float | complex) or (_has_inexact(x) and x.size)
    ]  # fmt: skip
    together: Array = reduce(ops.logical_and, found) if found else np.asarray(True)
    return together


def _has_inexact(x: Any) -> bool:
    return hasattr(x, "dtype") and is_inexact(x.dtype)


@tree.register
@dataclass(frozen=True, eq=False)
class DynamicLossScale:
    """A factor on the loss that grows while gradients are finite, and shrinks when they are not.

    It is a pytree of two arrays without axes, and is not changed: `adjust` returns the next one.
    The rule is that of PyTorch's `GradScaler`. Powers of two scale without rounding. Float32 and
    bfloat16 need no scaling, because their range is wide enough.

    Args:
        value: The scale to begin with, float32 on the default backend.
        growth_interval: After so many finite steps in a row, the scale grows.
        growth_factor: By which it is multiplied then, above 1.
        backoff_factor: By which it is multiplied after a step that is not finite, in (0, 1).
        minimum: The scale does not become smaller than this.
        good_steps: Finite steps since the scale last changed, int32.

    Raises:
        InvalidArgument: For numbers outside of these ranges.

    Example:
        >>> model = {"w": np.array([1.0, 2.0], np.float32)}
        >>> def loss(model):
        ...     w = gg.tree.cast(model, "float16")["w"]
        ...     return gg.mean(gg.astype(w * 1e-4, "float32") ** 2)
        >>> scale = gg.optim.DynamicLossScale(2.0**10)
        >>> value, grads, finite = scale.value_and_grad(loss)(model)
        >>> grads["w"].dtype, finite
        (dtype('float32'), array(True))
        >>> scale.adjust(np.array(False)).value
        array(512., dtype=float32)
    """

    value: Array | float = 2.0**16
    growth_interval: int = field(default=2000, metadata={"static": True})
    growth_factor: float = field(default=2.0, metadata={"static": True})
    backoff_factor: float = field(default=0.5, metadata={"static": True})
    minimum: float = field(default=_LEAST, metadata={"static": True})
    good_steps: Array | int = field(default=0, metadata={"static": False})

    def __post_init__(self) -> None:
        if hasattr(self.value, "dtype") and hasattr(self.good_steps, "dtype"):
            return                                  # the next one, of `adjust`
        self._check()
        xp = default()
        made: Any = xp.asarray(self.value, dtype=np.float32)
        object.__setattr__(self, "value", made)
        object.__setattr__(self, "good_steps", xp.asarray(self.good_steps, dtype=np.int32))

    def _check(self) -> None:
        for name, low, high in (
            ("minimum", 0.0, _MOST), ("value", self.minimum, _MOST),
            ("growth_factor", 1.0, _MOST), ("backoff_factor", 0.0, 1.0),
        ):  # fmt: skip
            x: Any = getattr(self, name)
            is_at_end = name == "value" and x in (low, high)
            if not isinstance(x, int | float) or not (low < x < high or is_at_end):
                raise InvalidArgument(
                    f"DynamicLossScale: {name} is {x!r}; expected a number between {low:g} and "
                    f"{high:g}."
                )
        for name, least in (("growth_interval", 1), ("good_steps", 0)):
            count: Any = getattr(self, name)
            if not isinstance(count, int) or isinstance(count, bool) or count < least:
                raise InvalidArgument(
                    f"DynamicLossScale: {name} is {count!r}; expected an integer of at least "
                    f"{least}."
                )

    def scale(self, loss: Array) -> Array:
        """The loss times the scale, in float32 or wider."""
        scaled: Array = ops.multiply(loss, self.value)
        return scaled

    def unscale(self, grads: T) -> T:
        """The gradients of a scaled loss divided by the scale, those of float16 as float32."""
        divided: T = tree.map(lambda g: ops.divide(g, self.value), grads)
        return divided

    def adjust(self, finite: Array | bool) -> DynamicLossScale:
        """The scale for the next step, after one whose gradients were finite or not."""
        good = ops.add(self.good_steps, 1)
        grows = ops.greater_equal(good, self.growth_interval)
        grown = ops.minimum(ops.multiply(self.value, self.growth_factor), _MOST)
        shrunk = ops.maximum(ops.multiply(self.value, self.backoff_factor), self.minimum)
        kept = ops.logical_and(finite, ops.logical_not(grows))
        value = ops.where(finite, ops.where(grows, grown, self.value), shrunk)
        return replace(self, value=value, good_steps=ops.where(kept, good, 0))

    def value_and_grad(
        self, f: Callable[..., Any], argnums: int | tuple[int, ...] = 0, has_aux: bool = False
    ) -> Callable[..., tuple[Any, Any, Array]]:
        """A function that returns the value of `f`, its gradients, and whether these are finite.

        The loss is scaled before the gradients are taken and they are unscaled, so value and
        gradients are those of `gg.value_and_grad`, whose arguments these are. The loss itself is
        not scaled, and may be in float32 where the rest of `f` is in float16.
        """

        def scaled(*args: Any, **kwargs: Any) -> tuple[Array, Any]:
            out = f(*args, **kwargs)
            return self.scale(out[0] if has_aux else out), out

        of_scaled = value_and_grad(scaled, argnums, has_aux=True)

        def function(*args: Any, **kwargs: Any) -> tuple[Any, Any, Array]:
            (_, out), grads = of_scaled(*args, **kwargs)
            grads = self.unscale(grads)
            return out, grads, all_finite(grads)

        return function
