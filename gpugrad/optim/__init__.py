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

from functools import partial

from gpugrad.optim.accumulation import MultiStepsState, multi_steps
from gpugrad.optim.adafactor import FactoredState, adafactor, scale_by_factored_rms
from gpugrad.optim.adam import AdamState, adam, adamw, scale_by_adam
from gpugrad.optim.adamax import AdamaxState, adamax, scale_by_adamax
from gpugrad.optim.averaging import (
    AverageState,
    LookaheadState,
    average_params,
    incremental_update,
    lookahead,
)
from gpugrad.optim.base import EmptyState, Named, Optimizer, apply_updates
from gpugrad.optim.chaining import chain, identity
from gpugrad.optim.clipping import clip, clip_by_block_rms, clip_by_global_norm
from gpugrad.optim.conditional import ApplyIfFiniteState, apply_if_finite
from gpugrad.optim.decay import add_decayed_weights
from gpugrad.optim.ema import EmaState, ema
from gpugrad.optim.from_optax import from_optax
from gpugrad.optim.lamb import lamb, scale_by_param_block_rms, scale_by_trust_ratio
from gpugrad.optim.lbfgs import LbfgsState, lbfgs, scale_by_lbfgs
from gpugrad.optim.line_search import (
    LineSearchState,
    scale_by_zoom_linesearch,
    value_and_grad_from_state,
)
from gpugrad.optim.lion import LionState, lion, scale_by_lion
from gpugrad.optim.loss_scale import DynamicLossScale, all_finite
from gpugrad.optim.masking import freeze, masked, partition
from gpugrad.optim.muon import MuonState, muon, scale_by_muon
from gpugrad.optim.plateau import PlateauState, reduce_on_plateau
from gpugrad.optim.rates import Schedule
from gpugrad.optim.rms import (
    AdadeltaState,
    RmsState,
    RssState,
    adadelta,
    adagrad,
    rmsprop,
    scale_by_rms,
    scale_by_rss,
)
from gpugrad.optim.scaling import (
    ScheduleState,
    scale,
    scale_by_learning_rate,
    scale_by_schedule,
    set_to_zero,
)
from gpugrad.optim.schedules import (
    constant,
    cosine,
    exponential,
    join_schedules,
    linear,
    one_cycle,
    piecewise,
    polynomial,
    warmup,
)
from gpugrad.optim.sgd import SgdState, TraceState, sgd, trace
from gpugrad.optim.sizes import global_norm
from gpugrad.types import offered

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

# Rate and decay of adamw were chosen on the validation rows of the digits, with seeds 10 to 17;
# the other rates and decays are customary.
OPTIMIZERS = {
    "sgd": Named(sgd, lr=0.1),
    "momentum": Named(partial(sgd, momentum=0.9), lr=0.03),
    "nesterov": Named(partial(sgd, momentum=0.9, nesterov=True), lr=0.03),
    "adam": Named(adam, lr=0.003),
    "adamw": Named(adamw, lr=0.003, weight_decay=0.3),
    "adafactor": Named(adafactor, lr=0.05),
    "adagrad": Named(adagrad, lr=0.05),
    "adamax": Named(adamax, lr=0.005),
    "amsgrad": Named(partial(adam, amsgrad=True), lr=0.003),
    "lamb": Named(lamb, lr=0.01, weight_decay=0.01),
    "lion": Named(lion, lr=0.001, weight_decay=0.3),
    "muon": Named(muon, lr=0.02, weight_decay=0.0),
    "nadam": Named(partial(adam, nesterov=True), lr=0.003),
    "rmsprop": Named(rmsprop, lr=0.003),
}
"""What `gpugrad train` offers by name."""

__dir__ = offered(globals())
