"""All commands as one application, and the one place where errors become lines and exit codes."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

import typer

from gpugrad.cli.info import info
from gpugrad.cli.predict import predict
from gpugrad.cli.trace import trace
from gpugrad.cli.train import train
from gpugrad.errors import Divergence, GpugradError

app = typer.Typer(
    name="gpugrad",
    help="Train small networks with exact gradients, and look at how gradients are computed.",
    no_args_is_help=True,
    add_completion=False,
)
app.command()(train)
app.command()(predict)
app.command(context_settings={"ignore_unknown_options": True})(trace)  # "-x" is an expression
app.command()(info)


def run(arguments: list[str]) -> int:
    """Runs one command and returns its exit code; every foreseen error is one line on stderr."""
    if isinstance(sys.stdout, TextIOWrapper):       # an encoding without ∂ must not end a table
        sys.stdout.reconfigure(errors="backslashreplace")
    command = typer.main.get_command(app)
    try:
        # Not command.main(): that has its own ways with Ctrl-C and with exit codes.
        with command.make_context("gpugrad", list(arguments)) as context:
            command.invoke(context)
    except typer.Exit as exit:
        return exit.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _fail("interrupted", 130)
    except Divergence as error:
        return _fail(str(error), 1)
    except GpugradError as error:
        return _fail(str(error), 2)
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough. What is still buffered must go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError as error:
        return _fail(f"not enough memory: {error}", 1)
    except OSError as error:
        return _fail(f"{error.filename or 'input or output'}: {error.strerror or error}", 1)
    except Exception as error:
        # Wrong usage. Its class has lived in two packages; only its shape has stayed.
        if not hasattr(error, "format_message"):
            raise
        message = error.format_message()
        return _fail(f"{message} (see gpugrad --help)", 2) if message else 2
    return 0


def _fail(message: str, code: int) -> int:
    print(f"gpugrad: {' '.join(message.split())}", file=sys.stderr)
    return code
