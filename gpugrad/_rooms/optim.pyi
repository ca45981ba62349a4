# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

"""Optimisers with optax's interface over pytrees: `init`, `update`, `apply_updates`.

An optimiser is two pure functions. Its state is a pytree too, so it can be saved, copied, and kept
from before a step; no function here writes into what it was given.

>>> opt, w = gg.optim.sgd(0.25), np.array([4.0, 8.0])
>>> state = opt.init(w)
>>> for step in range(3):
...     updates, state = opt.update(gg.grad(lambda w: gg.sum(w**2))(w), state, w)
...     w = gg.optim.apply_updates(w, updates)
>>> w
array([0.5, 1. ])
"""

from gpugrad.optim import AdamState as AdamState
from gpugrad.optim import OPTIMIZERS as OPTIMIZERS
from gpugrad.optim import Optimizer as Optimizer
from gpugrad.optim import Schedule as Schedule
from gpugrad.optim import SgdState as SgdState
from gpugrad.optim import adam as adam
from gpugrad.optim import adamw as adamw
from gpugrad.optim import apply_updates as apply_updates
from gpugrad.optim import constant as constant
from gpugrad.optim import cosine as cosine
from gpugrad.optim import exponential as exponential
from gpugrad.optim import linear as linear
from gpugrad.optim import piecewise as piecewise
from gpugrad.optim import sgd as sgd

__all__ = [
    "OPTIMIZERS",
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
