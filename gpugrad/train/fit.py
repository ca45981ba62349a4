"""Training in memory: arrays in, a model out, and no file on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gpugrad.data import Dataset
from gpugrad.data.checks import (
    checked_features,
    checked_names,
    checked_parts,
    checked_targets,
    checked_weights,
)
from gpugrad.parallel import world
from gpugrad.sweep.planned import use_planned_sweeps
from gpugrad.train.config import Config, check_names, in_force
from gpugrad.train.description import Description
from gpugrad.train.interrupt import StopRequest
from gpugrad.train.keeper import Keeper
from gpugrad.train.loop import Observer, Trainer
from gpugrad.train.objective import Objective
from gpugrad.train.outcome import Outcome
from gpugrad.train.run import begin, settle_rest, use_backend_of_rank
from gpugrad.train.run_data import make_run_data
from gpugrad.train.settle import settle
from gpugrad.train.threads import product_threads
from gpugrad.train.trained_model import TrainedModel

NAME = "arrays"
"""What data without a name are called, in errors and in the description of a model."""


def fit(
    x: ArrayLike,
    y: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    target_names: tuple[str, ...] = (),
    parts: ArrayLike | None = None,
    observer: Observer | None = None,
    **settings: Any,
) -> TrainedModel:
    """Train a network on arrays.

    Args:
        x: Features, (rows, features): real numbers, all finite.
        y: Targets, (rows,) or (rows, targets): integers, booleans or texts are labels, a matrix of
            0 and 1 holds labels that hold or do not, and floats are numbers to predict.
        sample_weight: How much each row counts, (rows,), in the loss and in metrics.
        target_names: The names of the columns of `y`, or of its labels 0, 1, 2, ...
        parts: Of each row "train", "validation" or "test", (rows,).
        observer: What is told how training goes.
        **settings: Those of `Config`, such as `task`, `hidden` and `epochs`. Without `validation`
            and `test`, which are shares, the model is trained on all rows.

    Returns:
        The model; its `records` say how training went.

    Raises:
        DataError: For arrays that cannot be used.
        InvalidArgument: For settings that cannot be used.
        BackendUnavailable: If the backend cannot be used on this machine.
        Divergence: If the loss is no longer finite.

    Example:
        >>> from gpugrad.train import fit
        >>> x = np.linspace(-1.0, 1.0, 200)[:, None]
        >>> model = fit(x, np.sin(3 * x[:, 0]), backend="numpy")
        >>> model.task.name, model.records[-1].metric
        ('regression', 'r2')
        >>> bool(model.evaluate(x, np.sin(3 * x[:, 0]))["r2"] > 0.9)
        True
    """
    check_names(settings)
    features = checked_features(NAME, np.asarray(x))
    rows = len(features)
    dataset = Dataset(
        NAME,
        features,
        checked_targets(NAME, np.asarray(y), rows),
        checked_names(NAME, target_names) if len(target_names) else (),
        None if sample_weight is None else checked_weights(NAME, np.asarray(sample_weight), rows),
        None if parts is None else checked_parts(NAME, np.asarray(parts), rows),
    )
    config = Config(NAME, **{"validation": 0.0, "test": 0.0, **settings})
    return fit_dataset(dataset, config, observer)


def fit_dataset(
    dataset: Dataset, config: Config, observer: Observer | None = None
) -> TrainedModel:
    """The same for a data set with the settings of `config`, whose `dataset` is but a name."""
    observer = Observer() if observer is None else observer
    backend = use_backend_of_rank(in_force(config.backend))
    config = settle(config, dataset, observer.tell)
    run_data = make_run_data(config, dataset, backend)
    settled = settle_rest(config, run_data, backend)
    objective = Objective.make(settled, run_data.target)
    state, step = begin(settled, run_data, objective, backend)
    outcome = None
    try:
        observer.begin(settled, None, 0, settled.epochs * len(run_data.train))
        trainer = Trainer(settled, run_data, objective, step, backend, observer, Keeper(), world())
        with backend.quiet():
            trainer.compile_step(state)
        with product_threads(settled.threads), backend.quiet(), use_planned_sweeps(False):
            state, _ = trainer.run(state, StopRequest())
        params, epoch = state.kept(config.keep)
        outcome = Outcome(None, True, settled.epochs, epoch)
    finally:
        observer.end(outcome)
    described = Description.of(settled, dataset, run_data.target, run_data.rows)
    return TrainedModel(described, params, run_data.fitted, backend, state.records)
