"""Worlds: the processes that run one program together."""

from __future__ import annotations

import os
from contextlib import nullcontext
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from gpugrad.backends.collectives import Alone, Collective
from gpugrad.errors import BackendUnavailable, RanksDisagree
from gpugrad.hints import install
from gpugrad.parallel import mpi
from gpugrad.parallel.cores import share_cores
from gpugrad.parallel.waits import Watch, end_all, limit

_SIZES = (
    "PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE", "MPI_LOCALNRANKS",
    "SLURM_STEP_NUM_TASKS",
)  # fmt: skip
"""What starters of MPI programs put into the environment: how many processes there are."""


class World:
    """The processes of a program, each with a rank of its own: numbers from 0 to `size - 1`.

    `gg.parallel.world()` gives that of all processes which `mpiexec` started, and one of a single
    process without it; `split` makes smaller ones of it.
    """

    def __init__(self, comm: Any = None) -> None:
        self._comm = comm
        self.rank: int = 0 if comm is None else comm.rank
        self.size: int = 1 if comm is None else comm.size
        self._local: Any = None
        seconds = None if comm is None else limit()
        self._watch = None if seconds is None else Watch(comm, seconds)

    def __repr__(self) -> str:
        return f"<World rank {self.rank} of {self.size}>"

    @property
    def local_rank(self) -> int:
        """The rank among the processes of this world on this machine."""
        if self._comm is None:
            return 0
        if self._local is None:
            from mpi4py import MPI

            self._local = self._comm.Split_type(MPI.COMM_TYPE_SHARED)
        rank: int = self._local.rank
        return rank

    @property
    def device(self) -> str:
        """Where this process computes: `"cpu"`, or a GPU of this machine, by its local rank."""
        from gpugrad.backends import default

        if default().name == "numpy":
            return "cpu"
        import cupy

        return f"cuda:{self.local_rank % cupy.cuda.runtime.getDeviceCount()}"

    def split(self, color: int, key: int = 0) -> World:
        """The world of those processes that call this with the same `color`, ranked by `key`, and
        by their ranks here where that is equal. All processes of this world call it.
        """
        return self if self._comm is None else World(self._comm.Split(color, key))

    def most(self, x: int) -> int:
        """The largest of the ranks' whole numbers."""
        return x if self._comm is None else max(self._comm.allgather(x))

    def barrier(self) -> None:
        """Wait until all processes have come here."""
        if self._comm is not None:
            self._comm.Barrier()

    def abort(self, code: int = 1) -> None:
        """End all processes that were started together, at once, with that exit code."""
        if self._comm is None:
            raise SystemExit(code)
        end_all(code)

    def agree(self, what: str) -> None:
        """Raise `RanksDisagree`, on all ranks, unless all of them say the same."""
        if self._comm is None:
            return
        with nullcontext() if self._watch is None else self._watch.waiting(what):
            said = self._comm.allgather(what)
        if len(set(said)) > 1:
            by_words: dict[str, list[int]] = {}
            for rank, words in enumerate(said):
                by_words.setdefault(words, []).append(rank)
            found = "; ".join(
                f"rank{'s' * (len(ranks) > 1)} {', '.join(map(str, ranks))}: {words}"
                for words, ranks in by_words.items()
            )
            raise RanksDisagree(
                f"ranks do not call the same collective: {found}. All ranks of a world make the "
                "same calls in the same order, with arrays of the same shape and dtype."
            )

    def share(self, x: Any, root: int = 0) -> Any:
        """On all ranks what `x` is on rank `root`: any object that can be pickled."""
        return x if self._comm is None else self._comm.bcast(x, root=root)

    def carry(self, call: Collective, x: np.ndarray) -> np.ndarray:
        """What a collective gives on this rank."""
        if self._comm is None:
            return Alone().carry(call, x)
        if self._watch is None:
            return mpi.carry(self._comm, call, x)
        with self._watch.waiting(f"{call.kind} of {described(x)}"):
            return mpi.carry(self._comm, call, x)


@cache
def world() -> World:
    """The processes that `mpiexec` started with this one; a single process has a world of its own.

    All of them call it. The first time it gives each its part of the cores of its machine, unless
    variables such as OMP_NUM_THREADS say how many threads there are to be.

    Raises `BackendUnavailable` under `mpiexec` where mpi4py is not installed, or uses another MPI:
    each process would take itself for the only one.

    >>> import gpugrad as gg
    >>> gg.parallel.world().size
    1
    """
    n = started()
    if n == 1:
        return World()
    if find_spec("mpi4py") is None:
        raise BackendUnavailable(
            f"this is one of {n} processes of mpiexec, and mpi4py, by which they speak to "
            f"each other, is not installed: {install('mpi')}"
        )
    from mpi4py import MPI

    if MPI.COMM_WORLD.size == 1:
        library = MPI.Get_library_version().strip("\0").splitlines()[0]
        raise BackendUnavailable(
            f"this is one of {n} processes that were started together, and its MPI ({library}) "
            "takes it for the only one: start them by the mpiexec of that MPI, or install mpi4py "
            "for the MPI that has started them; under Slurm, with srun --mpi=pmi2 or --mpi=pmix"
        )
    share_cores(MPI.COMM_WORLD)
    return World(MPI.COMM_WORLD)


def started() -> int:
    """How many processes were started together, as their environment says."""
    return next((int(os.environ[name]) for name in _SIZES if name in os.environ), 1)


def described(x: Any) -> str:
    """The dtype and shape of an array, in words."""
    return f"{x.dtype} {'x'.join(map(str, x.shape)) or 'number'}"


def given_or_all(found: World | None) -> World:
    """The world that a call was given, or that of all processes."""
    return world() if found is None else found
