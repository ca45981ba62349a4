"""The scale of the loss where a network computes in float16, and the steps that were skipped."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gpugrad.backends import Namespace, use_backend
from gpugrad.errors import CheckpointError
from gpugrad.ops.elementwise import where
from gpugrad.optim import DynamicLossScale
from gpugrad.train.config import Settled
from gpugrad.types import Array

SCALED = ("float16",)
"""What a network may compute in whose gradients need a scale."""


class Scaling(NamedTuple):
    """The scale for the next step, and how many steps were skipped, an array without axes.

    A step is skipped where its gradients are not finite: weights and optimiser stay as they are.
    """

    scale: DynamicLossScale
    skipped: Array

    def after(self, finite: Any) -> Scaling:
        """What a step leaves whose gradients were finite or not."""
        return Scaling(self.scale.adjust(finite), self.skipped + where(finite, 0, 1))

    def is_exhausted(self, backend: Namespace) -> bool:
        """Whether gradients overflow whatever the scale, as it cannot become less."""
        value, _ = self._numbers(backend)
        return value <= self.scale.minimum

    def _numbers(self, backend: Namespace) -> tuple[float, int]:
        """The scale, and the steps since it last changed."""
        value: Any = self.scale.value
        good: Any = self.scale.good_steps
        return float(backend.to_numpy(value)), int(backend.to_numpy(good))

    def check(self, backend: Namespace, path: object) -> None:
        """Raises `CheckpointError` for numbers that no run comes to."""
        value, good = self._numbers(backend)
        interval = self.scale.growth_interval
        if not (np.isfinite(value) and value >= self.scale.minimum and 0 <= good < interval):
            raise CheckpointError(
                f"{path}: the loss scale is {value:g} after {good} steps; expected a finite "
                f"number of at least {self.scale.minimum:g}, after fewer than {interval}"
            )
        skipped = int(backend.to_numpy(self.skipped))
        if skipped < 0:
            raise CheckpointError(f"{path}: {skipped} steps were skipped, which cannot be")


def first_scaling(config: Settled, backend: Namespace) -> Scaling | None:
    """The one that a run begins with, if it needs one."""
    if config.precision not in SCALED:
        return None
    with use_backend(backend.name):
        return Scaling(DynamicLossScale(), backend.asarray(np.zeros((), np.int64)))
