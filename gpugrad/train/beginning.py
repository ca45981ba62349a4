"""What training begins with: the array library, all settings, the first state and the step."""

from __future__ import annotations

from typing import Any

from gpugrad.backends import Namespace, choose
from gpugrad.parallel import world
from gpugrad.train.config import Config, Settled
from gpugrad.train.learning import Learning
from gpugrad.train.loop import steps_per_epoch
from gpugrad.train.loss_scaling import first_scaling
from gpugrad.train.model import make_model, products_of, start_state
from gpugrad.train.objective import Objective
from gpugrad.train.run_data import RunData
from gpugrad.train.run_optimizer import make_optimizer
from gpugrad.train.run_state import State, fresh_state
from gpugrad.train.settle import settle_by_rows, settle_model
from gpugrad.train.step import Step, choose_engine, make_step
from gpugrad.train.threads import fitting_threads


def use_backend_of_rank(name: str | None) -> Namespace:
    """The array library of that name, with which each rank computes on a GPU of its own."""
    backend = choose(name)
    if backend.name == "cupy":
        world().use_gpu()
    return backend


def settle_rest(config: Config, run_data: RunData, backend: Namespace) -> Settled:
    """`config` with what suits the number of training rows, and what runs it."""
    config = settle_model(settle_by_rows(config, len(run_data.train)), run_data.inputs)
    engine = choose_engine(config.engine, backend)
    outputs = config.kind.outputs(run_data.target)
    products = products_of(config, run_data.inputs, outputs)
    threads = config.threads or fitting_threads(products, config.batch_size or 1)
    chosen = {"backend": backend.name, "engine": engine, "threads": threads}
    return Settled(**{**vars(config), **chosen})


def begin(
    config: Settled, run_data: RunData, objective: Objective, backend: Namespace
) -> tuple[State, Step]:
    """The state before the first step, and the step."""
    outputs = config.kind.outputs(run_data.target)
    model = make_model(config, run_data.inputs, outputs, backend)
    return begin_with(model, config, run_data, objective, backend)


def begin_with(
    model: Any, config: Settled, run_data: RunData, objective: Objective, backend: Namespace
) -> tuple[State, Step]:
    """The same with that model, which the step writes over."""
    optimizer = make_optimizer(config, steps_per_epoch(config, len(run_data.train)))
    kept, scaling = start_state(model, backend), first_scaling(config, backend)
    state = fresh_state(model, optimizer, objective.zeros(backend), scaling, kept)
    return state, make_step(optimizer, config.engine, Learning.make(config, objective), world())
