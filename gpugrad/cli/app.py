"""All commands as one application, and the one place where errors become lines and exit codes."""

from __future__ import annotations

import os
import signal
from traceback import extract_tb
from typing import Annotated, Any

import typer

from gpugrad import __version__
from gpugrad.cli.completion import VARIABLE
from gpugrad.cli.export import export
from gpugrad.cli.help_text import GENERAL, text_of
from gpugrad.cli.in_options import in_options
from gpugrad.cli.info import info
from gpugrad.cli.meant import command_meant, option_meant
from gpugrad.cli.output import complain, lasting_outputs
from gpugrad.cli.predict import predict
from gpugrad.cli.processes import end_together, wait_for_the_first
from gpugrad.cli.sweep_command import sweep
from gpugrad.cli.trace import trace
from gpugrad.cli.train import train
from gpugrad.errors import Divergence, GpugradError
from gpugrad.hints import command
from gpugrad.signals import Ended, Ending, ended_by_signals, reason

TRACEBACK = "GPUGRAD_TRACEBACK"  # this variable asks for the whole of an error

app = typer.Typer(
    name="gpugrad",
    help=text_of(GENERAL),
    rich_markup_mode="rich",                        # by default in newer versions of typer alone
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(help=text_of(train.__doc__))(train)
app.command(                                        # options that it has not are those of train
    help=text_of(sweep.__doc__),
    context_settings={"ignore_unknown_options": True},
)(sweep)
app.command(help=text_of(predict.__doc__))(predict)
app.command(help=text_of(export.__doc__))(export)
app.command(                                        # "-x" is an expression, and so is "-h"
    help=text_of(trace.__doc__),
    context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]},
)(trace)
app.command(help=text_of(info.__doc__))(info)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gpugrad {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, metavar=" ",
            help="Print the version and exit.",
        ),
    ] = False,
) -> None:
    """The options that come before the name of a command; without one, there is help."""
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit(2)


def run(arguments: list[str]) -> int:
    """Runs one command and returns its exit code; every foreseen error is one line on stderr."""
    with lasting_outputs() as output, ended_by_signals() as ending:
        code = _invoke(arguments, ending)
        if code in (1, 2):
            end_together(code)
        problem = output.finish()
        if problem and code == 0:
            code = complain(f"standard output: {problem}", 1)
    return code


def _invoke(arguments: list[str], ending: Ending) -> int:
    commands = typer.main.get_command(app)
    try:
        if os.environ.get(VARIABLE):                # a shell asks how a word goes on
            commands.main(list(arguments), prog_name="gpugrad")
        # Not commands.main(): that has its own ways with Ctrl-C and with exit codes.
        with commands.make_context("gpugrad", list(arguments)) as context:
            commands.invoke(context)
    except typer.Exit as exit:
        return exit.exit_code
    except SystemExit as exit:                      # of what completes words, and installs that
        return exit.code if isinstance(exit.code, int) else 0
    except (KeyboardInterrupt, typer.Abort) as error:
        number = error.number if isinstance(error, Ended) else signal.SIGINT
        return complain(reason(number), 128 + number)
    except Divergence as error:
        wait_for_the_first()
        return complain(str(error), 1)
    except GpugradError as error:
        wait_for_the_first()
        return complain(in_options(str(error)), 2)
    except MemoryError as error:
        return complain(f"not enough memory: {error}", 1)
    except OSError as error:
        what = os.fsdecode(error.filename) if error.filename else "input or output"
        return complain(f"{what}: {error.strerror or error}", 1)
    except Exception as error:
        if ending.number is not None:               # some library made another error of it
            return complain(reason(ending.number), 128 + ending.number)
        # Wrong usage. Its class has lived in two packages; only its shape has stayed.
        if hasattr(error, "format_message"):
            return _complain_of_usage(error, commands, arguments)
        if os.environ.get(TRACEBACK):
            raise
        place = extract_tb(error.__traceback__)[-1]
        return complain(
            f"this is a bug in gpugrad: {type(error).__name__}: {error} ({place.filename}, line "
            f"{place.lineno}). Please report it, with what {TRACEBACK}=1 prints",
            1,
        )
    return 0


def _complain_of_usage(error: Any, commands: Any, arguments: list[str]) -> int:
    """Says what is wrong with the words of a command line, and what was meant, if that is clear."""
    message = str(error.format_message())
    if not message:
        return 2
    name = arguments[0] if arguments and arguments[0] in commands.commands else ""
    option = getattr(error, "option_name", "")
    if option and message.startswith("No such option"):
        # What a sweep does not know itself is an option of what it trains.
        of = [name, "train"] if name == "sweep" else [name] if name else []
        found = [commands.commands[each] for each in of] or [commands]
        there = {word for each in found for parameter in each.params for word in parameter.opts}
        message = f"No such option: {option}{option_meant(option, there)}"
    elif not name and message.startswith("No such command"):
        word = next((word for word in arguments if not word.startswith("-")), "")
        message = f"No such command '{word}'.{command_meant(word, commands.commands)}"
    help = command(name, "--help") if name else command("--help")
    return complain(f"{message} (see {help})", 2)
