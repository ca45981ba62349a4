"""Training in memory: arrays or a table in, a model out, and no file on the way."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from numpy.typing import ArrayLike

from gpugrad.data import Dataset
from gpugrad.errors import InvalidArgument
from gpugrad.parallel import world
from gpugrad.sweep.planned import use_planned_sweeps
from gpugrad.train.beginning import begin, begin_with, settle_rest, use_backend_of_rank
from gpugrad.train.config import CHOICES, OWN, Config, check_names, in_force
from gpugrad.train.description import Description
from gpugrad.train.inputs import Given
from gpugrad.train.interrupt import StopRequest
from gpugrad.train.keeper import Keeper
from gpugrad.train.loop import Observer, Trainer
from gpugrad.train.objective import Objective
from gpugrad.train.outcome import Outcome
from gpugrad.train.own_model import own_model, settings_of
from gpugrad.train.program_data import NAME, dataset_of
from gpugrad.train.progress import Progress
from gpugrad.train.run_data import make_run_data
from gpugrad.train.setting_checks import check_choice
from gpugrad.train.settle import settle
from gpugrad.train.threads import product_threads
from gpugrad.train.trained_model import TrainedModel
from gpugrad.train.weights import by_label


def fit(
    x: Given,
    y: ArrayLike | None = None,
    *,
    model: Any = "auto",
    sample_weight: ArrayLike | str | None = None,
    target_names: tuple[str, ...] = (),
    parts: ArrayLike | None = None,
    observer: Observer | None = None,
    verbose: bool | int = False,
    **settings: Any,
) -> TrainedModel:
    """Train a network on arrays or a table.

    Args:
        x: Features, (rows, features): real numbers, all finite. Or images, (rows, channels, height,
            width); or a table of pandas, polars or pyarrow, a dictionary of columns or a
            `gpugrad.data.Table`, of which columns become features as `gpugrad.data.Encoder` makes
            them by the training rows; or what `gpugrad.data.read_images` or `gpugrad.data.load`
            gives, with its targets; or for a `model` of your own, whatever shape it takes.
        y: Targets, (rows,) or (rows, targets): integers, booleans or texts are labels, a matrix of
            0 and 1 holds labels that hold or do not, and floats are numbers to predict. Without
            them, `target` names columns of the table `x`.
        model: `"mlp"`, or `"convnet"` for images, which is the default for these; or a tree that is
            called like a function, such as `gg.nn.Sequential` or an object of a registered class,
            and gives (rows, outputs). It is not changed, and gets `state`, `key` and `training` as
            far as it takes these.
        sample_weight: How much each row counts, (rows,), in the loss and in metrics, or the name of
            the column that says so.
        target_names: The names of the columns of `y`, or of its labels 0, 1, 2, ...
        parts: Of each row "train", "validation" or "test", (rows,).
        observer: What is told how training goes.
        verbose: Whether to show that, which is `observer=Progress()`.
        **settings: Those of `Config`, such as `target`, `task`, `hidden` and `epochs`. Without
            `validation` and `test`, which are shares, the model is trained on all rows. Integers
            stay as they are for a model of your own, such as places in an embedding, unless
            `standardise=True` asks for numbers. `class_weight` may also be a dictionary from
            labels to numbers; those of labels that are not in it are 1.

    Returns:
        The model; its `records` say how training went.

    Raises:
        DataError: For arrays, tables or outputs of a model that cannot be used.
        InvalidArgument: For settings that cannot be used.
        BackendUnavailable: If the backend cannot be used on this machine.
        Divergence: If the loss is no longer finite.

    Warns:
        UserWarning: Where data may be meant in another way than they are taken, such as floats that
            are all whole numbers. An observer is told so instead.

    Example:
        >>> from gpugrad.train import fit
        >>> x = np.linspace(-1.0, 1.0, 200)[:, None]
        >>> model = fit(x, np.sin(3 * x[:, 0]), backend="numpy")
        >>> model.task.name, model.records[-1].metric
        ('regression', 'r2')
        >>> bool(model.evaluate(x, np.sin(3 * x[:, 0]))["r2"] > 0.9)
        True

        A table of any library:

        >>> birds = {"wing": np.linspace(5.0, 8.0, 60), "kind": ["wren"] * 30 + ["robin"] * 30}
        >>> model = fit(birds, target="kind", backend="numpy")
        >>> model.predict({"wing": [5.2, 7.9]}).tolist()
        ['wren', 'robin']

        A model of your own:

        >>> words = np.random.default_rng(0).integers(0, 9, (200, 3))
        >>> layers = [gg.nn.Embedding(9, 4), gg.nn.Flatten(), gg.nn.Linear(12, 1)]
        >>> network = gg.nn.Sequential(layers)
        >>> fit(words, words[:, 0] > 4, model=network, epochs=5).network.layers[0].weight.shape
        (9, 4)
    """
    check_names(settings)
    if verbose not in (0, 1, 2):
        raise InvalidArgument(f"verbose is {verbose!r}; expected True or False")
    if verbose and observer is not None:
        raise InvalidArgument(
            "verbose and observer are both given; to show progress beside another observer, give "
            "observer=Observers(Progress(), observer)"
        )
    if isinstance(model, str):
        check_choice("model", model, CHOICES["model"])
    own = None if isinstance(model, str) else model
    settings = {"validation": 0.0, "test": 0.0, **settings}
    if own is None:
        settings["model"] = model
    else:
        settings |= {"model": OWN, "hidden": (), **settings_of(own, settings)}
    if isinstance(sample_weight, str):
        settings, sample_weight = {**settings, "sample_weight": sample_weight}, None
    labelled = settings.get("class_weight")
    if isinstance(labelled, Mapping):
        del settings["class_weight"]
    config = Config(NAME, **settings)
    whole = own is not None and settings.get("standardise") is not True
    dataset = dataset_of(x, y, config, whole, sample_weight, target_names, parts)
    if isinstance(labelled, Mapping):
        config = replace(config, class_weight=by_label(labelled, dataset))
    if verbose:
        observer = Progress()
    tell = _warn if observer is None else observer.tell
    return _fitted(dataset, config, observer or Observer(), tell, own)


def _warn(text: str) -> None:
    warnings.warn(text, UserWarning, stacklevel=5)  # of the line that called fit


def _fitted(
    dataset: Dataset, config: Config, observer: Observer, tell: Callable[[str], None], own: Any
) -> TrainedModel:
    """The same for a data set with the settings of `config`, whose `dataset` is but a name.

    `tell` gets lines about what data are taken for; `own` is a model of a program.
    """
    backend = use_backend_of_rank(in_force(config.backend))
    config = settle(config, dataset, tell)
    run_data = make_run_data(config, dataset, backend)
    settled = settle_rest(config, run_data, backend)
    objective = Objective.make(settled, run_data.target)
    if own is None:
        state, step = begin(settled, run_data, objective, backend)
    else:
        copied = own_model(own, settled, run_data, backend)
        state, step = begin_with(copied, settled, run_data, objective, backend)
    outcome = None
    try:
        observer.begin(settled, None, 0, settled.epochs * len(run_data.train))
        trainer = Trainer(settled, run_data, objective, step, backend, observer, Keeper(), world())
        with backend.quiet():
            trainer.compile_step(state)
        with product_threads(settled.threads), backend.quiet(), use_planned_sweeps(False):
            state, _ = trainer.run(state, StopRequest())
        network, epoch = state.kept(config.keep)
        outcome = Outcome(None, True, state.epoch, epoch)
    finally:
        observer.end(outcome)
    described = Description.of(settled, run_data)
    return TrainedModel(
        described, network.model, run_data.fitted, backend, state.records, network.state
    )
