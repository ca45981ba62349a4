"""Optimisers with optax's interface over pytrees: `init`, `update`, `apply_updates`.

An optimiser is two pure functions. Its state is a pytree too, so it can be saved, copied, and kept
from before a step; no function here writes into what it was given.
"""

from gpugrad.optim.adam import AdamState, adam, adamw
from gpugrad.optim.base import Optimizer, Schedule, apply_updates
from gpugrad.optim.schedules import constant, cosine, exponential, linear, piecewise
from gpugrad.optim.sgd import SgdState, sgd

__all__ = [
    "AdamState",
    "Optimizer",
    "Schedule",
    "SgdState",
    "adam",
    "adamw",
    "apply_updates",
    "constant",
    "cosine",
    "exponential",
    "linear",
    "piecewise",
    "sgd",
]
