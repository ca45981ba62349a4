"""`gpugrad train`: trains a network, or continues a run that was interrupted."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape

from gpugrad.cli import options
from gpugrad.cli import options_of_data as of_data
from gpugrad.cli.continuing import settled
from gpugrad.cli.given_settings import settings_of
from gpugrad.cli.logs import logged
from gpugrad.cli.names import shown
from gpugrad.cli.processes import start_processes
from gpugrad.cli.scores import scores_table, undefined
from gpugrad.errors import InvalidArgument
from gpugrad.hints import command, shell_word
from gpugrad.parallel import world
from gpugrad.signals import Ended
from gpugrad.train import Config, Observer, Outcome, Progress, resume, start
from gpugrad.train.run import CHECKPOINT_SECONDS


def train(
    dataset: of_data.Dataset = None,
    target: of_data.Target = None,
    drop: of_data.Drop = None,
    categorical: of_data.Categorical = None,
    ordinal: of_data.Ordinal = None,
    missing: of_data.Missing = None,
    unknown: of_data.Unknown = None,
    sample_weight: of_data.SampleWeight = None,
    size: of_data.Size = None,
    channels: of_data.Channels = None,
    augment: of_data.Augment = None,
    task: of_data.Task = None,
    class_weight: of_data.ClassWeight = None,
    split: of_data.Split = None,
    validation: of_data.Validation = None,
    test: of_data.Test = None,
    model: options.Model = None,
    hidden: options.Hidden = None,
    activation: options.Activation = None,
    dtype: options.Dtype = None,
    precision: options.Precision = None,
    keep: options.Keep = None,
    loss: options.Loss = None,
    label_smoothing: options.LabelSmoothing = None,
    epochs: options.Epochs = None,
    batch_size: options.BatchSize = None,
    optimizer: options.Optimizer = None,
    lr: options.Lr = None,
    schedule: options.Schedule = None,
    warmup: options.Warmup = None,
    lr_factor: options.LrFactor = None,
    lr_milestones: options.LrMilestones = None,
    lr_patience: options.LrPatience = None,
    weight_decay: options.WeightDecay = None,
    clip_norm: options.ClipNorm = None,
    accumulate: options.Accumulate = None,
    ema: options.Ema = None,
    early_stopping: options.EarlyStopping = None,
    min_delta: options.MinDelta = None,
    seed: options.Seed = None,
    backend: options.Backend = None,
    engine: options.Engine = None,
    threads: options.Threads = None,
    processes: options.Processes = None,
    from_file: options.FromFile = None,
    out: options.Out = None,
    resume_folder: options.Resume = None,
    previous: options.Previous = False,
    checkpoint_every: options.CheckpointEvery = CHECKPOINT_SECONDS,
    log: options.Log = None,
) -> None:
    """Train a network on DATASET, or continue a run.

    Scores, curves, checkpoints and the model are kept in the folder of the run. Ctrl-C, a closed
    terminal and the signals of a batch system stop a run with everything saved; it continues with
    --resume, with the settings that it began with and to the same result. With another number of
    --epochs, a run goes on beyond its end.

    Examples:
      gpugrad train digits
      gpugrad train houses.csv --target price
      gpugrad train photos --size 32x32 --augment flip,crop
      gpugrad train mine.npz --hidden 32,32 --epochs 30 --lr 0.01 --out runs/mine
      gpugrad train mine.npz --out runs/mine --resume auto
      gpugrad train --resume runs/mine --epochs 60
    """
    given = settings_of(locals())                   # the options have the names of settings
    if not 0 <= checkpoint_every < float("inf"):
        raise InvalidArgument(f"checkpoint_every is {checkpoint_every}; expected seconds from 0")
    if processes is not None:
        start_processes(processes)
    there = world()
    console = Console(highlight=False, quiet=there.rank > 0)
    bar = Progress()
    observer = logged(bar, log)
    try:
        outcome = _run(given, out, resume_folder, previous, observer, checkpoint_every, from_file)
        stopped_by = outcome.signal
        if outcome.finished and there.rank == 0:
            _print_summary(console, outcome, bar)
    except KeyboardInterrupt as error:
        if bar.folder is None:
            raise                           # nothing was begun, so there is nothing to continue
        stopped_by = error.number if isinstance(error, Ended) else signal.SIGINT
    if stopped_by is not None and (bar.folder is not None or there.rank):
        if there.rank:                              # the first one says so
            raise typer.Exit(0)
        assert bar.folder is not None
        by = "" if stopped_by == signal.SIGINT else f" by {signal.Signals(stopped_by).name}"
        folder = bar.folder.path
        console.print(
            f"Stopped{by}; everything is saved in {escape(shell_word(folder))}. Continue with:\n"
            f"  {escape(command('train', '--resume', folder))}",
            soft_wrap=True,
        )
        raise typer.Exit(128 + stopped_by)


def _run(
    given: Mapping[str, Any],
    out: Path | None,
    resume_folder: Path | None,
    previous: bool,
    observer: Observer,
    checkpoint_every: float,
    from_file: bool | None,
) -> Outcome:
    resume_folder, out = settled(resume_folder, out)
    if resume_folder is not None:
        if out is not None:
            raise InvalidArgument("--resume continues in its own folder; leave --out out")
        return resume(resume_folder, given, observer, checkpoint_every, previous, from_file)
    if previous:
        raise InvalidArgument("--previous says how to continue a run; give the run with --resume")
    if "dataset" not in given:
        raise InvalidArgument(
            f"give a data set, as in {command('train', 'digits')}, or a run to continue, with "
            "--resume"
        )
    config = Config(**given)
    return start(config, out, observer, checkpoint_every, from_file)


def _print_summary(console: Console, outcome: Outcome, bar: Progress) -> None:
    took = f"{bar.rows:,} samples in {bar.seconds():.1f} s, {bar.rate():,.0f} samples/s"
    console.print(
        f"{took if bar.rows else 'The run was already complete'}. "
        f"The weights of epoch {outcome.kept_epoch} are kept:"
    )
    scores = outcome.scores or {}
    console.print(scores_table(scores))
    for line in undefined(scores):
        console.print(line, soft_wrap=True)
    assert outcome.folder is not None               # only training in memory has none
    console.print(f"Everything is in {shown(outcome.folder.path)}", soft_wrap=True)
