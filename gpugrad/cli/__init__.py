"""The command line: `gpugrad train`, `sweep`, `predict`, `trace` and `info`.

Exit codes:

    0    done, also where the reader of the output, such as `head`, had seen enough before
    1    training diverged, the memory was not enough, something could not be read or written, or
         gpugrad itself is at fault
    2    the request cannot be met as it stands
    129  ended by SIGHUP, that is, the terminal was closed
    130  ended by SIGINT, that is, Ctrl-C
    138  ended by SIGUSR1, and 140 by SIGUSR2, as batch systems send them before a time limit
    143  ended by SIGTERM, as schedulers send it
    152  ended by SIGXCPU, that is, the CPU time was used up

Whatever is not 0 is one line on standard error, but for a training run that a signal stopped once
training had begun: there everything is saved, and standard output says how to continue. A signal
that is ignored when the command starts, as SIGHUP is under `nohup`, stays ignored. Training goes on
to its end when nobody reads its output any more.

This file imports no more than it must, so that it can say what to install where the packages
of the extra `train` are missing.
"""

from __future__ import annotations

import logging
import signal
import sys
from importlib.util import find_spec

from gpugrad.cli.output import complain, fill_closed, forget_odd_sizes
from gpugrad.hints import install
from gpugrad.signals import leave, taken_by

NEEDED = ("typer", "rich", "matplotlib", "sklearn", "safetensors", "threadpoolctl")
"""What the extra `train` installs."""


def main() -> int:
    """Runs the command in `sys.argv` and returns its exit code; the process is to end with it."""
    fill_closed()
    forget_odd_sizes()
    try:
        with taken_by(leave):
            missing = [name for name in NEEDED if find_spec(name) is None]
            if missing:
                return complain(
                    f"the command line needs {', '.join(missing)}; "
                    f"install what is missing with: {install('train')}",
                    2,
                )
            # Of a folder for its cache that it has to do without, which changes no picture.
            logging.getLogger("matplotlib").setLevel(logging.ERROR)
            from gpugrad.cli.app import run
    except Exception as error:                      # of a package, or of what is set up for it
        kind = type(error).__name__
        return complain(f"the command line cannot be started: {kind}: {error}", 2)
    try:
        return run(sys.argv[1:])
    except KeyboardInterrupt:                       # just before or after all that has handlers
        return complain("interrupted", 130)
    finally:
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback while Python shuts down
