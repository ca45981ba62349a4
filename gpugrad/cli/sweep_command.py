"""`gpugrad sweep`: trains with several settings, and says which are the best."""

from __future__ import annotations

import signal
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from gpugrad.cli.given_settings import NUMBERS, PARSERS, settings_of
from gpugrad.cli.help_text import argument, option
from gpugrad.cli.in_options import in_options
from gpugrad.cli.names import path, shown
from gpugrad.errors import InvalidArgument
from gpugrad.hints import command, shell_word
from gpugrad.train import sweep as train_all
from gpugrad.train.config import Config, check_names

SINGLE = {field.name for field in fields(Config)} - PARSERS.keys() - {"dataset", "sample_weight"}
"""Settings of which an option has one value, without a comma."""

Arguments = Annotated[
    list[str],
    argument(
        metavar="DATASET [OPTIONS OF gpugrad train]",
        help="The data, and settings that all trials have, such as --epochs 20.",
    ),
]
Grid = Annotated[
    list[str] | None,
    option(
        metavar="NAME=VALUE,VALUE,...",
        help="Values of a setting, such as lr=0.001,0.003 or hidden=64,128x64; there is a trial "
        "for each combination. Any number of times.",
    ),
]
Random = Annotated[
    list[str] | None,
    option(
        metavar="NAME=RANGE",
        help="Draw a setting at random: lr=log:1e-4:1e-1 evenly by its logarithm, "
        "ema=uniform:0.9:0.999 evenly, or optimizer=adam,adamw from a list. Any number of times.",
    ),
]
Trials = Annotated[
    int | None, option(metavar="N", help="How many draws there are. Default: 20.")
]
Seeds = Annotated[
    int,
    option(
        metavar="N", show_default=False,
        help="Train each choice with so many seeds, and compare their means. Default: 1.",
    ),
]  # fmt: skip
Jobs = Annotated[
    int,
    option(
        metavar="N", show_default=False,
        help="How many trials to train at the same time. Default: 1.",
    ),
]  # fmt: skip
Out = Annotated[
    Path,
    option(
        parser=path, metavar="DIR",
        help="Folder of the sweep, with a folder for each trial. Trials that are finished there "
        "are not trained again.",
    ),
]  # fmt: skip


def sweep(
    context: typer.Context,
    arguments: Arguments,
    out: Out,
    grid: Grid = None,
    random: Random = None,
    trials: Trials = None,
    seeds: Seeds = 1,
    jobs: Jobs = 1,
) -> None:
    """Train with several settings, and compare them on the validation rows.

    Each trial is a run as of "gpugrad train", whose options are settings that all trials have. At
    the end comes a table, the best first; the score on test rows is shown for the best alone.
    Ctrl-C stops with everything saved, and the same command goes on. A trial that fails is
    recorded, and the others go on.

    Examples:
      gpugrad sweep digits --grid lr=0.001,0.01 --grid hidden=64,128x64 --out s
      gpugrad sweep digits --random lr=log:1e-4:1e-1 --trials 20 --jobs 2 --out r
      gpugrad sweep digits --epochs 20 --grid ema=0.9,0.99 --seeds 3 --out t
    """
    fixed = _fixed(context, arguments)
    console = Console(highlight=False)

    def tell(line: str) -> None:
        console.print(shown(in_options(line)), soft_wrap=True)

    found = train_all(
        fixed.pop("dataset"),
        out,
        grid={name: _values(context, name, text) for name, text in _pairs("grid", grid)},
        random={name: _way(context, name, text) for name, text in _pairs("random", random)},
        trials=trials,
        seeds=seeds,
        jobs=jobs,
        tell=tell,
        **fixed,
    )
    for line in repr(found).splitlines():
        tell(line)
    if found.signal is not None:
        by = "" if found.signal == signal.SIGINT else f" by {signal.Signals(found.signal).name}"
        tell(f"Stopped{by}; everything is saved. The same command goes on.")
        raise typer.Exit(128 + found.signal)
    if found.failed:
        raise typer.Exit(1)


def _fixed(context: typer.Context, arguments: list[str]) -> dict[str, Any]:
    """The settings that all trials have."""
    _refuse_lists(arguments)
    with _parsed(context, arguments) as parsed:
        found = settings_of(parsed.params)
        for parameter in parsed.command.params:
            name = str(parameter.name)
            source = parsed.get_parameter_source(name)
            if name not in found and source is not None and source.name == "COMMANDLINE":
                raise InvalidArgument(
                    f"{parameter.opts[0]} is no setting of a run; beside its own options, a sweep "
                    "takes only settings"
                )
    if "dataset" not in found:
        raise InvalidArgument(
            f"give a data set, as in {command('sweep', 'digits', '--grid', 'lr=0.001,0.01')}"
        )
    return found


def _refuse_lists(arguments: list[str]) -> None:
    """`InvalidArgument` for several values of a setting that has one: these belong in a grid."""
    for word, following in zip(arguments, [*arguments[1:], ""], strict=True):
        option, sign, value = word.partition("=")
        value = value if sign else following
        name = option.removeprefix("--").replace("-", "_")
        if option.startswith("--") and name in SINGLE and "," in value:
            raise InvalidArgument(
                f"{option} is '{value}'; expected one value, which all trials have. To compare "
                f"trials with these, give --grid {shell_word(f'{name}={value}')}"
            )


def _parsed(context: typer.Context, arguments: list[str]) -> typer.Context:
    """What `gpugrad train` would make of these arguments."""
    assert context.parent is not None
    commands: Any = context.parent.command
    train = commands.get_command(context.parent, "train")
    made: typer.Context = train.make_context("train", list(arguments), parent=context.parent)
    return made


def _pairs(option: str, given: list[str] | None) -> list[tuple[str, str]]:
    """Names and what is said of them; each name once."""
    found: dict[str, str] = {}
    for text in given or []:
        name, sign, rest = text.partition("=")
        name = name.strip().replace("-", "_")
        if not sign or not rest:
            raise InvalidArgument(
                f"--{option} is '{text}'; expected the name of a setting and what it may be, such "
                "as lr=0.001,0.01"
            )
        check_names([name])
        if name in found:
            raise InvalidArgument(f"--{option} has {name} twice; give all of it at once")
        found[name] = rest
    return list(found.items())


def _way(context: typer.Context, name: str, text: str) -> object:
    """A range as it stands, or a list of values."""
    return text if ":" in text else _values(context, name, text)


def _values(context: typer.Context, name: str, text: str) -> list[Any]:
    """The values in a text such as `0.001,0.01`, each as the option of that name takes it."""
    option = f"--{name.replace('_', '-')}"
    found = []
    for word in text.split(","):
        given = word.replace("x", ",") if name in NUMBERS else word
        with _parsed(context, [option, given]) as parsed:
            found.append(settings_of(parsed.params)[name])
    return found
