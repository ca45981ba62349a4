"""What a step computes of some rows: from what belongs to them to the loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import gpugrad.tree as tree
from gpugrad.nn.layer import form_of
from gpugrad.ops.reduction import sum
from gpugrad.ops.shape import astype
from gpugrad.random import split
from gpugrad.train.augmenting import Change, augmentation
from gpugrad.train.config import Settled
from gpugrad.train.network import in_training
from gpugrad.train.objective import Objective
from gpugrad.train.tasks.task import Model, Sums
from gpugrad.transforms import vmap
from gpugrad.types import Array


class Rows(NamedTuple):
    """The rows of a batch, or a part of them, with what belongs to them."""

    x: Any
    y: Array
    w: Array | None
    keys: Any = None


@dataclass(frozen=True)
class Learning:
    """How rows become a loss.

    Args:
        objective: What is minimised.
        change: What is done to each image first.
        precision: The dtype that the network computes in, if it is not that of the weights.
        pieces: In how many pieces a batch is computed, one after the other.
    """

    objective: Objective
    change: Change | None = None
    precision: str | None = None
    pieces: int = 1

    @classmethod
    def make(cls, config: Settled, objective: Objective) -> Learning:
        """As the settings ask for it."""
        change = augmentation(config.augment) if config.augment else None
        return cls(objective, change, config.computes_in, config.accumulate)

    def loss(
        self, params: Model, state: Any, scale: Any, rows: Rows, n: int
    ) -> tuple[Array, tuple[Sums, Any]]:
        """The part of these rows in the mean loss of `n`, and of the sums, and the state after.

        The loss is multiplied by `scale`, if that is not `None`.
        """
        x, key = rows.x, None
        if rows.keys is not None:
            if self.change is not None:
                x = vmap(self._changed)(rows.keys, x)
            own: Any = split(rows.keys[0])
            key = own[1]                            # the first half of a row's key is for changes
        model: Any = params
        if self.precision is not None:
            model, x = tree.cast((model, x), self.precision)
        outputs, state = in_training(model, state, x, key)
        if self.precision is not None:
            outputs = astype(outputs, "float32")
        losses = self.objective.weighted(outputs, rows.y, rows.w)
        mean = sum(losses) / n
        if scale is not None:
            mean = mean * scale
        return mean, (self.objective.sums(outputs, losses, rows.y, rows.w), state)

    def _changed(self, key: Array, x: Array) -> Array:
        assert self.change is not None
        own: Any = split(key)
        return self.change(own[0], x)


def needs_keys(model: Model, augment: tuple[str, ...]) -> bool:
    """Whether a step draws random numbers."""
    return bool(augment) or form_of(model).key
