"""Worlds: the processes that run one program together."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache, partial
from importlib.util import find_spec
from math import prod
from time import sleep
from typing import Any

import numpy as np

from gpugrad.backends.collectives import SUM, Alone, Beginning, Collective, GpuCarrier, Into
from gpugrad.backends.process_settings import processes
from gpugrad.errors import BackendUnavailable, InvalidArgument
from gpugrad.hints import install
from gpugrad.parallel import mpi
from gpugrad.parallel.cores import share_cores
from gpugrad.parallel.mpi_library import name_of
from gpugrad.parallel.notes import Notes
from gpugrad.parallel.waits import Watch, end_all, limit
from gpugrad.tracing.frames import program_line
from gpugrad.tracing.tracer import tracers
from gpugrad.types import Shape

MOST_KEPT = 1000
"""Shapes of which the way to MPI is kept."""

FEW = 512
"""Numbers up to which it is cheaper to copy them and to add up in place."""


class World:
    """The processes of a program, each with its own rank from 0 to `size - 1`.

    `gg.parallel.world()` gives that of all processes which `mpiexec` started, and one of a single
    process without it; `split` makes smaller ones of it.

    Example:
        >>> world = gg.parallel.world()
        >>> world
        <World rank 0 of 1>
        >>> pair = world.split(color=world.rank // 2)       # ranks 0 and 1, ranks 2 and 3, ...
        >>> world.each({"rows": 10})                        # what each rank has, on all
        [{'rows': 10}]
    """

    def __init__(self, comm: Any = None) -> None:
        self._comm = comm
        self.rank: int = 0 if comm is None else comm.rank
        self.size: int = 1 if comm is None else comm.size
        self._local: Any = None
        self.spans = False                          # several machines
        if self.size > 1:
            from mpi4py import MPI

            self._local = comm.Split_type(MPI.COMM_TYPE_SHARED)
            self.spans = self._local.size < self.size
        self._under_way: dict[int, Callable[[], object]] = {}
        self.sums: dict[tuple[np.dtype, Shape], Callable[[np.ndarray], np.ndarray]] = {}
        self._on_gpus: GpuCarrier | None = None
        self._chosen = False
        self._transport = "not chosen before the first collective of theirs"
        self._notes = Notes(comm) if self.size > 1 else None
        seconds = limit()
        self._watch: Watch | None = None
        if self._notes is not None and seconds is not None:
            self._watch = Watch(comm, self._notes, seconds)

    def __repr__(self) -> str:
        return f"<World rank {self.rank} of {self.size}>"

    @property
    def local_rank(self) -> int:
        """The rank among the processes of this world on this machine."""
        return 0 if self._local is None else int(self._local.rank)

    @property
    def device(self) -> str:
        """Where this process computes: `"cpu"`, or a GPU of this machine, by its local rank."""
        from gpugrad.backends import default

        return "cpu" if default().name == "numpy" else f"cuda:{self._gpu}"

    @property
    def _gpu(self) -> int:
        from cupy.cuda import runtime

        number: int = self.local_rank % runtime.getDeviceCount()
        return number

    def use_gpu(self) -> None:
        """Compute with CuPy on the GPU of this process from now on, as `device` names it.

        A single process stays where it is.
        """
        if self.size > 1:
            import cupy

            cupy.cuda.Device(self._gpu).use()

    @property
    def transport(self) -> str:
        """What carries arrays of CuPy: NCCL, or MPI by way of the host, and then why."""
        return Alone.transport if self.size == 1 else self._transport

    def split(self, color: int, key: int = 0) -> World:
        """The world of those processes that call this with the same `color`.

        They are ranked by `key`, and by their ranks here where that is equal. All processes of this
        world call it.
        """
        if self._comm is None:
            return self
        with self._together("a split of the world"):
            return World(self._comm.Split(color, key))

    def most(self, x: int) -> int:
        """The largest of the ranks' whole numbers."""
        return max(map(int, self.each(x)))

    def barrier(self) -> None:
        """Wait until all processes have come here."""
        if self._comm is not None:
            with self._together("a barrier"):
                self._comm.Barrier()

    def abort(self, code: int = 1) -> None:
        """End all processes that were started together, at once, with that exit code."""
        if self._comm is None:
            raise SystemExit(code)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        sleep(0.5)                                  # for mpiexec to pass on what was said
        end_all(code)

    def each(self, x: Any) -> list[Any]:
        """On all ranks what `x` is on each: objects that can be pickled."""
        if self._comm is None:
            return [x]
        with self._together("an exchange of objects"):
            found: list[Any] = self._comm.allgather(x)
        return found

    def share(self, x: Any, root: int = 0) -> Any:
        """On all ranks what `x` is on rank `root`: any object that can be pickled."""
        if self._comm is None:
            return x
        with self._together(f"what rank {root} shares"):
            return self._comm.bcast(x, root=root)

    def agree(self, call: Collective, dtype: np.dtype, shape: Shape) -> None:
        """Where a program is traced or debugged, wait until all ranks have come to this call.

        Raises:
            RanksDisagree: Where another rank has come to another call.
        """
        if self._notes is not None and tracers:     # of any thread: to look costs others nothing
            words = call.words(dtype, shape)
            with self._waiting(words):
                self._notes.agree(words, program_line())

    def noting(self, call: Collective, dtype: np.dtype, shape: Shape) -> Callable[[], None]:
        """What notes such a call for other ranks, when it is made."""
        if self._notes is None:
            return lambda: None
        return partial(self._notes.post, self._notes.digest(call.words(dtype, shape)))

    def carry(self, call: Collective, x: np.ndarray) -> np.ndarray:
        """What a collective gives this rank, called at once."""
        x = np.asarray(x)                           # or one of NumPy's own numbers
        self.agree(call, x.dtype, x.shape)
        if call.kind == SUM:
            return (self.sums.get((x.dtype, x.shape)) or self.summing(x.dtype, x.shape))(x)
        y = np.empty(call.made_of(x.shape), x.dtype)
        self.into(call, x.dtype, x.shape)(x, y)
        return y

    def into(self, call: Collective, dtype: np.dtype, shape: Shape) -> Into:
        """What carries arrays of that dtype and shape in host memory."""
        if self._comm is None:
            return Alone().into(call, dtype, shape)
        if call.travels(dtype, prod(shape) * dtype.itemsize):
            begin = self.beginning(call, dtype, shape)
            return lambda x, y: (begin(x, y)(), None)[1]
        carry = mpi.into(self._comm, call, dtype, self.noting(call, dtype, shape))
        if self._watch is None:
            return carry
        words = call.words(dtype, shape)

        def watched(x: np.ndarray, y: np.ndarray) -> None:
            with self._waiting(words):
                carry(x, y)

        return watched

    def summing(self, dtype: np.dtype, shape: Shape) -> Callable[[np.ndarray], np.ndarray]:
        """What adds up such arrays in host memory; it is kept in `sums` for the next time."""
        call = Collective(SUM, self)
        carry = self.into(call, dtype, shape)

        def summed(x: np.ndarray) -> np.ndarray:
            y = np.empty(shape, dtype)
            carry(x, y)
            return y

        shortest = None
        travels = call.travels(dtype, prod(shape) * dtype.itemsize)
        if not (self._comm is None or self._watch or travels) and prod(shape) <= FEW:
            shortest = mpi.summing(self._comm, dtype, self.noting(call, dtype, shape))
        if len(self.sums) >= MOST_KEPT:
            self.sums.clear()
        found = self.sums[dtype, shape] = shortest or summed
        return found

    def beginning(self, call: Collective, dtype: np.dtype, shape: Shape) -> Beginning:
        """What begins a sum of such arrays in host memory."""
        begin = mpi.beginning(self._comm, call, self.noting(call, dtype, shape))
        words, under_way = call.words(dtype, shape), self._under_way

        def begun(x: np.ndarray, y: np.ndarray) -> Callable[[], object]:
            wait = begin(x, y)
            under_way[id(wait)] = wait

            def waited() -> None:
                with self._waiting(words):
                    wait()
                del under_way[id(wait)]

            return waited

        return begun

    def finish(self) -> None:
        """Wait for all sums that are under way, as where what was to wait for them has failed.

        They are written into memory that others are about to use.
        """
        while self._under_way:
            _, wait = self._under_way.popitem()
            wait()

    @contextmanager
    def _together(self, words: str) -> Iterator[None]:
        """Inside, this rank does something with all others that moves no arrays."""
        if self._notes is not None:
            self._notes.post(self._notes.digest(words))
        with self._waiting(words):
            yield

    def _waiting(self, words: str) -> AbstractContextManager[None]:
        return nullcontext() if self._watch is None else self._watch.waiting(words)

    def on_gpus(self) -> GpuCarrier | None:
        """What carries arrays of CuPy; all ranks choose it at their first collective of such.

        It is `None` where they go by way of the host.
        """
        if self.size == 1:
            return Alone()
        if not self._chosen:
            from gpugrad.parallel import nccl

            with self._waiting("the start of NCCL"):
                self._on_gpus, self._transport = nccl.chosen(self)
            self._chosen = True
        return self._on_gpus


@cache
def world() -> World:
    """The processes that `mpiexec` started with this one; a single process is its own world.

    All of them call it. The first time it gives each its part of the cores of its machine, unless
    variables such as OMP_NUM_THREADS say how many threads there are to be.

    Raises:
        BackendUnavailable: Under `mpiexec` where mpi4py is not installed, or is that of another
            MPI: each process would take itself for the only one.

    Example:
        >>> world = gg.parallel.world()
        >>> world.rank, world.size
        (0, 1)
        >>> if world.rank == 0:
        ...     print("one of the processes shows it")
        one of the processes shows it
    """
    started = processes()
    if started == 1:
        return World()
    if find_spec("mpi4py") is None:
        raise BackendUnavailable(
            f"this is one of {started} processes of mpiexec, and mpi4py, by which they speak to "
            f"each other, is not installed: {install('mpi')}"
        )
    from mpi4py import MPI

    if MPI.COMM_WORLD.size == 1:
        library = name_of(MPI.Get_library_version())
        raise BackendUnavailable(
            f"this is one of {started} processes that were started together, and its MPI "
            f"({library}) takes it for the only one: start them by the mpiexec of that MPI, or "
            "install mpi4py for the MPI that has started them; under Slurm, with srun --mpi=pmi2 "
            "or --mpi=pmix"
        )
    made = World(MPI.COMM_WORLD)
    share_cores(made._local)
    return made


def given_or_all(found: World | None) -> World:
    """The world that a call was given, or that of all processes."""
    if found is None:
        return world()
    if not isinstance(found, World):
        raise InvalidArgument(
            f"the world is a {type(found).__name__}; expected gg.parallel.world(), or a part of "
            "it that split gives"
        )
    return found
