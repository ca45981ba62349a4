"""A model beside its state, as layers have it: how training calls it, and how predictions do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gpugrad.nn.layer import called, form_of
from gpugrad.types import Array


@dataclass(frozen=True)
class Network:
    """A function from rows to outputs, by a model and its state, which both stay as they are.

    Args:
        model: A tree that is called like a function: `gg.nn.Sequential`, or an object of a class of
            its own.
        state: What its layers keep beside the weights, such as running averages; `None` if nothing.
    """

    model: Any
    state: Any = None

    def __call__(self, x: Any) -> Array:
        outputs, _ = called(self.model, form_of(self.model), x, self.state, None, False)
        return outputs  # type: ignore[no-any-return]


def in_training(model: Any, state: Any, x: Any, key: Any) -> tuple[Any, Any]:
    """The outputs for rows of a step, and the state after that."""
    return called(model, form_of(model), x, state, key, True)


def first_state(model: Any) -> Any:
    """The state to start from, if the model has any."""
    return model.init_state() if form_of(model).state else None
