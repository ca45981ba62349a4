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

from gpugrad.optim import AdadeltaState as AdadeltaState
from gpugrad.optim import AdamState as AdamState
from gpugrad.optim import AdamaxState as AdamaxState
from gpugrad.optim import ApplyIfFiniteState as ApplyIfFiniteState
from gpugrad.optim import AverageState as AverageState
from gpugrad.optim import DynamicLossScale as DynamicLossScale
from gpugrad.optim import EmaState as EmaState
from gpugrad.optim import EmptyState as EmptyState
from gpugrad.optim import FactoredState as FactoredState
from gpugrad.optim import LbfgsState as LbfgsState
from gpugrad.optim import LineSearchState as LineSearchState
from gpugrad.optim import LionState as LionState
from gpugrad.optim import LookaheadState as LookaheadState
from gpugrad.optim import MultiStepsState as MultiStepsState
from gpugrad.optim import MuonState as MuonState
from gpugrad.optim import OPTIMIZERS as OPTIMIZERS
from gpugrad.optim import Optimizer as Optimizer
from gpugrad.optim import PlateauState as PlateauState
from gpugrad.optim import RmsState as RmsState
from gpugrad.optim import RssState as RssState
from gpugrad.optim import Schedule as Schedule
from gpugrad.optim import ScheduleState as ScheduleState
from gpugrad.optim import SgdState as SgdState
from gpugrad.optim import TraceState as TraceState
from gpugrad.optim import adadelta as adadelta
from gpugrad.optim import adafactor as adafactor
from gpugrad.optim import adagrad as adagrad
from gpugrad.optim import adam as adam
from gpugrad.optim import adamax as adamax
from gpugrad.optim import adamw as adamw
from gpugrad.optim import add_decayed_weights as add_decayed_weights
from gpugrad.optim import all_finite as all_finite
from gpugrad.optim import apply_if_finite as apply_if_finite
from gpugrad.optim import apply_updates as apply_updates
from gpugrad.optim import average_params as average_params
from gpugrad.optim import chain as chain
from gpugrad.optim import clip as clip
from gpugrad.optim import clip_by_block_rms as clip_by_block_rms
from gpugrad.optim import clip_by_global_norm as clip_by_global_norm
from gpugrad.optim import constant as constant
from gpugrad.optim import cosine as cosine
from gpugrad.optim import ema as ema
from gpugrad.optim import exponential as exponential
from gpugrad.optim import freeze as freeze
from gpugrad.optim import from_optax as from_optax
from gpugrad.optim import global_norm as global_norm
from gpugrad.optim import identity as identity
from gpugrad.optim import incremental_update as incremental_update
from gpugrad.optim import join_schedules as join_schedules
from gpugrad.optim import lamb as lamb
from gpugrad.optim import lbfgs as lbfgs
from gpugrad.optim import linear as linear
from gpugrad.optim import lion as lion
from gpugrad.optim import lookahead as lookahead
from gpugrad.optim import masked as masked
from gpugrad.optim import multi_steps as multi_steps
from gpugrad.optim import muon as muon
from gpugrad.optim import one_cycle as one_cycle
from gpugrad.optim import partition as partition
from gpugrad.optim import piecewise as piecewise
from gpugrad.optim import polynomial as polynomial
from gpugrad.optim import reduce_on_plateau as reduce_on_plateau
from gpugrad.optim import rmsprop as rmsprop
from gpugrad.optim import scale as scale
from gpugrad.optim import scale_by_adam as scale_by_adam
from gpugrad.optim import scale_by_adamax as scale_by_adamax
from gpugrad.optim import scale_by_factored_rms as scale_by_factored_rms
from gpugrad.optim import scale_by_lbfgs as scale_by_lbfgs
from gpugrad.optim import scale_by_learning_rate as scale_by_learning_rate
from gpugrad.optim import scale_by_lion as scale_by_lion
from gpugrad.optim import scale_by_muon as scale_by_muon
from gpugrad.optim import scale_by_param_block_rms as scale_by_param_block_rms
from gpugrad.optim import scale_by_rms as scale_by_rms
from gpugrad.optim import scale_by_rss as scale_by_rss
from gpugrad.optim import scale_by_schedule as scale_by_schedule
from gpugrad.optim import scale_by_trust_ratio as scale_by_trust_ratio
from gpugrad.optim import scale_by_zoom_linesearch as scale_by_zoom_linesearch
from gpugrad.optim import set_to_zero as set_to_zero
from gpugrad.optim import sgd as sgd
from gpugrad.optim import trace as trace
from gpugrad.optim import value_and_grad_from_state as value_and_grad_from_state
from gpugrad.optim import warmup as warmup

__all__ = [
    "OPTIMIZERS",
    "AdadeltaState",
    "AdamState",
    "AdamaxState",
    "ApplyIfFiniteState",
    "AverageState",
    "DynamicLossScale",
    "EmaState",
    "EmptyState",
    "FactoredState",
    "LbfgsState",
    "LineSearchState",
    "LionState",
    "LookaheadState",
    "MultiStepsState",
    "MuonState",
    "Optimizer",
    "PlateauState",
    "RmsState",
    "RssState",
    "Schedule",
    "ScheduleState",
    "SgdState",
    "TraceState",
    "adadelta",
    "adafactor",
    "adagrad",
    "adam",
    "adamax",
    "adamw",
    "add_decayed_weights",
    "all_finite",
    "apply_if_finite",
    "apply_updates",
    "average_params",
    "chain",
    "clip",
    "clip_by_block_rms",
    "clip_by_global_norm",
    "constant",
    "cosine",
    "ema",
    "exponential",
    "freeze",
    "from_optax",
    "global_norm",
    "identity",
    "incremental_update",
    "join_schedules",
    "lamb",
    "lbfgs",
    "linear",
    "lion",
    "lookahead",
    "masked",
    "multi_steps",
    "muon",
    "one_cycle",
    "partition",
    "piecewise",
    "polynomial",
    "reduce_on_plateau",
    "rmsprop",
    "scale",
    "scale_by_adam",
    "scale_by_adamax",
    "scale_by_factored_rms",
    "scale_by_lbfgs",
    "scale_by_learning_rate",
    "scale_by_lion",
    "scale_by_muon",
    "scale_by_param_block_rms",
    "scale_by_rms",
    "scale_by_rss",
    "scale_by_schedule",
    "scale_by_trust_ratio",
    "scale_by_zoom_linesearch",
    "set_to_zero",
    "sgd",
    "trace",
    "value_and_grad_from_state",
    "warmup",
]
