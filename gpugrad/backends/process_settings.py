"""Settings of this process, and of them whether equal programs are to give equal bits."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")

DETERMINISTIC = "GPUGRAD_DETERMINISTIC"
"""The variable of the environment that says at start what `use_deterministic` says later."""

_SIZES = (
    "PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE", "MPI_LOCALNRANKS",
    "SLURM_STEP_NUM_TASKS",
)  # fmt: skip
"""What starters of MPI programs put into the environment: how many processes there are."""

_deterministic = [os.environ.get(DETERMINISTIC, "") not in ("", "0")]


class Setting(Generic[T]):
    """A setting of this process, in force at once; at the end of a `with` block, what was before.

    `place` is a list that is empty or holds the one value in force.
    """

    def __init__(self, place: list[T], value: T) -> None:
        self._place, self._before = place, list(place)
        place[:] = [value]

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._place[:] = self._before


class use_deterministic(Setting[bool]):
    """Make equal programs give equal bits, even where that is slower; or not.

    On a GPU, gradients of indexing with repeated indices are added up in whatever order the threads
    run, so their last bits vary from run to run; with this setting they are sorted first. On the
    CPU, `gg.jit` switches from NumPy to native code once that is compiled and found faster, and the
    two round differently; with this setting, functions traced from now on run as native code from
    the first plan on, or with NumPy if llvmlite is not installed. Everything else is deterministic
    anyway, except for the number of processes: with this setting, `gpugrad train` gives the same
    bits for any number of them. `GPUGRAD_DETERMINISTIC=1` sets it at start. It takes effect at
    once, in the whole process; as a context manager, `with gg.use_deterministic(): ...`, it
    restores the previous setting.

    Args:
        flag: Whether bits must be equal.

    Example:
        >>> with gg.use_deterministic():
        ...     slope = gg.grad(lambda x: gg.sum(x[np.array([0, 0, 1])]))(np.ones(2))
        >>> slope
        array([2., 1.])
    """

    def __init__(self, flag: bool = True) -> None:
        super().__init__(_deterministic, bool(flag))


def is_deterministic() -> bool:
    """Whether `use_deterministic` is in force."""
    return _deterministic[0]


def processes() -> int:
    """As how many processes `mpiexec` or `srun` started this program; 1 without them."""
    return next((int(os.environ[name]) for name in _SIZES if name in os.environ), 1)
