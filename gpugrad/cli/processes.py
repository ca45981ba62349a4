"""One command on several processes: started by `mpiexec`, and ended together."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from time import sleep

from gpugrad.engines.thread_pool import VARIABLE, threads
from gpugrad.errors import BackendUnavailable, InvalidArgument
from gpugrad.hints import install
from gpugrad.parallel import world

OPTION = "--processes"

OVERSUBSCRIBE = {
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
}
"""What Open MPI 4 and 5 need to start more processes than there are cores; MPICH needs nothing.

That they yield instead of spinning while they wait is no matter of settings: both do so.
"""


def start_processes(n: int) -> None:
    """Become `mpiexec`, which runs this command again on `n` processes; nothing if it did already.

    Each gets its share of the cores.
    """
    if world().size > 1:
        if world().size != n:
            raise InvalidArgument(
                f"{OPTION} is {n}, and mpiexec started {world().size} processes; leave {OPTION} out"
            )
        return
    if n < 1:
        raise InvalidArgument(f"{OPTION} is {n}; expected at least 1")
    if n == 1:
        return
    beside = Path(sys.executable).with_name("mpiexec")
    mpiexec = str(beside) if beside.exists() else shutil.which("mpiexec")
    if mpiexec is None or find_spec("mpi4py") is None:
        raise BackendUnavailable(
            f"{OPTION} needs mpi4py and an MPI, which are not installed: {install('mpi')}"
        )
    cores = threads()
    share = str(max(cores // n, 1))
    environment = {"OMP_NUM_THREADS": share, VARIABLE: share, **os.environ}
    if n > cores:
        environment = OVERSUBSCRIBE | environment
    words = [mpiexec, "-n", str(n), sys.executable, "-m", "gpugrad", *_others(sys.argv[1:])]
    sys.stdout.flush()
    os.execve(mpiexec, words, environment)


def _others(arguments: list[str]) -> list[str]:
    """The arguments without the number of processes."""
    kept, skip = [], False
    for argument in arguments:
        if not skip and argument != OPTION and not argument.startswith(f"{OPTION}="):
            kept.append(argument)
        skip = argument == OPTION
    return kept


def end_together(code: int) -> None:
    """End all processes where this one has failed; the others would wait for it for ever."""
    if world().size > 1:
        world().abort(code)


def wait_for_the_first() -> None:
    """Leave the first process a moment to say what this one is about to say, as all have met it."""
    if world().rank:
        sleep(1.0)
