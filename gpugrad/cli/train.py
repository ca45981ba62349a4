"""`gpugrad train`: trains a classifier, or continues a run that was interrupted."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gpugrad.cli.names import path, shown
from gpugrad.cli.processes import start_processes
from gpugrad.data import dataset_names
from gpugrad.errors import InvalidArgument
from gpugrad.hints import command, shell_word
from gpugrad.parallel import world
from gpugrad.signals import Ended
from gpugrad.train import Config, Outcome, Progress, resume, start
from gpugrad.train.config import CHOICES, decaying
from gpugrad.train.run import CHECKPOINT_SECONDS

DEFAULTS = Config("digits")
NAMES = ", ".join(dataset_names())
DECAYING = " or ".join(decaying())


def _choices(name: str) -> str:
    return f"{', '.join(CHOICES[name])}. Default: {getattr(DEFAULTS, name)}."


def _default(text: str, name: str) -> str:
    return f"{text} Default: {getattr(DEFAULTS, name)}."


def train(
    dataset: Annotated[
        str | None,
        typer.Argument(
            help=f"{NAMES}, an .npz file with x (rows, features) and y (rows,), or a folder with "
            "x.npy and y.npy. Leave it out with --resume: the run has its own."
        ),
    ] = None,
    task: Annotated[
        str | None, typer.Option(help=f"The loss: {_choices('task')}")
    ] = None,
    hidden: Annotated[
        str | None,
        typer.Option(metavar="WIDTHS", help="Widths of the hidden layers. Default: 128,64."),
    ] = None,
    activation: Annotated[str | None, typer.Option(help=_choices("activation"))] = None,
    optimizer: Annotated[str | None, typer.Option(help=_choices("optimizer"))] = None,
    lr: Annotated[
        float | None, typer.Option(help="Learning rate. Default: a suitable one for the optimizer.")
    ] = None,
    schedule: Annotated[
        str | None, typer.Option(help=f"Learning-rate schedule: {_choices('schedule')}")
    ] = None,
    weight_decay: Annotated[
        float | None,
        typer.Option(help=_default(f"Weight decay, for {DECAYING}.", "weight_decay")),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(help=_default("Passes over the training rows.", "epochs"))
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(help=_default("Rows per step.", "batch_size"))
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help=_default("Seed of split, initial weights and batches.", "seed")),
    ] = None,
    backend: Annotated[str | None, typer.Option(help=_choices("backend"))] = None,
    engine: Annotated[
        str | None, typer.Option(help=f"The engine that runs a step: {_choices('engine')}")
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(help="Threads for a matrix product on the CPU. Default: as suits the widths."),
    ] = None,
    dtype: Annotated[str | None, typer.Option(help=_choices("dtype"))] = None,
    keep: Annotated[
        str | None, typer.Option(help=f"The epoch whose weights are kept: {_choices('keep')}")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            parser=path, metavar="DIR", help="Folder for the run. Default: the next runs/DATASET-N."
        ),
    ] = None,
    resume_folder: Annotated[
        Path | None,
        typer.Option("--resume", parser=path, metavar="DIR", help="Continue the run in DIR."),
    ] = None,
    previous: Annotated[
        bool,
        typer.Option(
            "--previous", help="With --resume: use the checkpoint before the last, if that is bad."
        ),
    ] = False,
    from_file: Annotated[
        bool | None,
        typer.Option(
            "--from-file/--in-memory",
            help="Leave x in its file, written by numpy.savez or numpy.save, and read what each "
            "step needs; or read all of it first. Default: --from-file from 512 MB on.",
        ),
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Train in N processes on this machine, as with mpiexec -n N."
        ),
    ] = None,
    checkpoint_every: Annotated[
        float, typer.Option(metavar="SECONDS", help="Minimum time between checkpoints.")
    ] = CHECKPOINT_SECONDS,
) -> None:
    """Train a classifier on DATASET, or continue a run with --resume DIR.

    A run continues with its original settings: leave them out, or give the same.
    Once training has begun, Ctrl-C, SIGTERM or a closed terminal stops it with everything saved.
    It continues if its output is no longer read.
    """
    settings = {
        "dataset": dataset,
        "task": task,
        "hidden": None if hidden is None else parse_widths(hidden),
        "activation": activation,
        "optimizer": optimizer,
        "lr": lr,
        "schedule": schedule,
        "weight_decay": weight_decay,
        "epochs": epochs,
        "batch_size": batch_size,
        "seed": seed,
        "backend": backend,
        "engine": engine,
        "threads": threads,
        "dtype": dtype,
        "keep": keep,
    }
    given = {name: value for name, value in settings.items() if value is not None}
    if not 0 <= checkpoint_every < float("inf"):
        raise InvalidArgument(f"checkpoint_every is {checkpoint_every}; wanted are seconds from 0")
    if processes is not None:
        start_processes(processes)
    there = world()
    console = Console(highlight=False, quiet=there.rank > 0)
    bar = Progress()
    try:
        outcome = _run(given, out, resume_folder, previous, bar, checkpoint_every, from_file)
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
    bar: Progress,
    checkpoint_every: float,
    from_file: bool | None,
) -> Outcome:
    if resume_folder is not None:
        if out is not None:
            raise InvalidArgument("--resume continues in its own folder; leave --out out")
        return resume(resume_folder, given, bar, checkpoint_every, previous, from_file)
    if previous:
        raise InvalidArgument("--previous says how to continue a run; give the run with --resume")
    if "dataset" not in given:
        raise InvalidArgument(
            f"give a data set, as in {command('train', 'digits')}, or a run to continue, with "
            "--resume"
        )
    config = Config(**given)
    return start(config, out, bar, checkpoint_every, from_file)


def parse_widths(text: str) -> tuple[int, ...]:
    """The widths in a text such as `128,64`; nothing at all means no hidden layer."""
    try:
        return tuple(int(part) for part in text.split(",")) if text.strip() else ()
    except ValueError as error:
        raise InvalidArgument(
            f"hidden is '{text}'; wanted are whole numbers separated by commas, such as 128,64"
        ) from error


def _print_summary(console: Console, outcome: Outcome, bar: Progress) -> None:
    table = Table()
    table.add_column("part")
    for heading in ("rows", "loss", "accuracy"):
        table.add_column(heading, justify="right")
    for name, score in (outcome.scores or {}).items():
        style = "bold" if name == "test" else None
        cells = (f"{score.rows:,}", f"{score.loss:.4f}", f"{score.accuracy:.2%}")
        table.add_row(name, *cells, style=style)
    took = f"{bar.rows:,} samples in {bar.seconds():.1f} s, {bar.rate():,.0f} samples/s"
    console.print(
        f"{took if bar.rows else 'The run was already complete'}. "
        f"The weights of epoch {outcome.kept_epoch} are kept:"
    )
    console.print(table)
    console.print(f"Everything is in {shown(outcome.folder.path)}", soft_wrap=True)
