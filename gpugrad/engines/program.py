"""What an engine makes of a plan: a program, the spans of its steps, and instances that run it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter_ns
from typing import Any, ClassVar, Protocol, TypeAlias

from gpugrad.plan.placement import Placement
from gpugrad.plan.plan import Plan, Slot, Step
from gpugrad.types import Buffer

Run: TypeAlias = Callable[..., tuple[Any, ...]]
"""What a program does at each call: from inputs to outputs, arrays of its library and numbers."""

Make: TypeAlias = Callable[..., tuple[Run, tuple[Buffer, ...]]]
"""What makes a run in memory that it is given, and the arrays in which donated inputs lie."""


Clock: TypeAlias = Callable[[], int]
"""Nanoseconds."""

Note: TypeAlias = Callable[[list[int]], None]
"""What gets the times at which a run began and its spans ended."""


class Code(Protocol):
    """The code of a program, as text; `timed` is that of each part, which notes times."""

    @property
    def shown(self) -> str: ...

    @property
    def timed(self) -> tuple[str, ...]: ...

    def make(self, scope: dict[str, Any]) -> Make:
        """What makes runs, whose text may name what is in `scope`."""


class Instance(Protocol):
    """A program with memory of its own.

    `run` takes the inputs that are not donated and returns the outputs that replace none; `donated`
    are the arrays in which the donated inputs lie, and after a run the outputs that replace them.
    `memory` is what these are views of, and `kept` tuples of them, as a caller wants to have them.
    `held` is how many references to what is given up to it a call has met (see `pool.py`).
    """

    kept: tuple[object, ...]
    held: int

    @property
    def run(self) -> Run: ...

    @property
    def donated(self) -> tuple[Buffer, ...]: ...

    @property
    def memory(self) -> object: ...

    def run_as(self, variant: Callable[[Run], Run]) -> None:
        """From the next call on, run what `variant` makes of the function, in the same memory."""

    def settle(self) -> None:
        """See to it that the memory can be written to: a device may be at work in it."""


@dataclass(frozen=True, slots=True)
class Span:
    """Steps that run as one, in so many `launches` of NumPy or of a compiled function.

    `compiled` names the function that holds them, if one was compiled; `reason` says why a step is
    called, where the engine compiles others, or why compiled ones are not captured as a graph.
    """

    steps: tuple[Step, ...]
    launches: int
    compiled: str = ""
    reason: str = ""


KernelsOf: TypeAlias = tuple[Step, tuple[str, ...]]
"""A step within a compiled function, and the names of the kernels that do it."""

NoteKernels: TypeAlias = Callable[[str, Sequence[int]], None]
"""Takes the name of a function and nanoseconds of each of its `KernelsOf`, in one call of it."""


@dataclass(eq=False)
class Program(ABC):
    """A compiled plan; each engine has a kind of its own.

    `clock` gives nanoseconds, when what was launched before is done; `details` are words for
    reports about what it launches, and `chosen` says as text why this engine runs it, where `auto`
    chose.
    `plan` is what runs, after fusion, in an arena as `placement` says; `code` makes the function
    that does, and `spans` are its steps: a line `# 3: ...` of its text ends number 3 of them.
    `pools` are those of the plans that its steps hold, such as loops. With `plain_numbers`, a run
    takes and gives Python numbers as such, and not as arrays without axes.
    """

    engine: ClassVar[str]
    plain_numbers: ClassVar[bool] = False
    clock = staticmethod(perf_counter_ns)

    plan: Plan
    placement: Placement
    code: Code
    spans: list[Span]
    pools: list[Instances]
    details: str = field(default="", kw_only=True)
    chosen: object = field(default="", kw_only=True)

    @property
    def source(self) -> str:
        """The text of the function that runs."""
        return self.code.shown

    @property
    def kernel_source(self) -> str:
        """The kernels that it launches, of a GPU or of native code."""
        return ""

    @abstractmethod
    def instance(self) -> Instance:
        """The program with memory of its own."""

    def likeness(self, slots: Sequence[Slot]) -> Callable[..., int] | None:
        """What says 1 where its arguments are arrays of NumPy like `slots`, faster than Python can.

        It says 0 where they are not, or may be. `None` if there is none.
        """
        return None

    def timed(self, note: NoteKernels) -> dict[str, object]:
        """What takes the place of names of the source while it is timed.

        These are functions that `note` the times of what they do, too. Steps that have none are
        timed where they end.
        """
        return {}

    def within(self) -> dict[str, tuple[KernelsOf, ...]]:
        """By the name of each such function, the steps that it notes the times of."""
        return {}


class Instances(Protocol):
    """What keeps the instances of a program that wait for callers, as `Pool` does."""

    program: Program
    grew: Callable[[], Callable[[], None] | None]

    @property
    def nbytes(self) -> int: ...

    def rest(self) -> None: ...

    def all(self) -> Iterator[Instances]: ...
