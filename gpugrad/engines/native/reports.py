"""What is told of native code: the text of its kernels, and how long each of them takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

import numpy as np

from gpugrad.engines.native.driver import program
from gpugrad.engines.native.frame import Run
from gpugrad.engines.native.machine_code import (
    addresses_of,
    assembly_of,
    name_of,
    text_of,
    timed_driver_address,
)
from gpugrad.engines.native.printed import Key
from gpugrad.engines.program import KernelsOf, NoteKernels
from gpugrad.plan.plan import Step


def kernels_of(run: Run) -> tuple[KernelsOf, ...]:
    """The steps of a run with the names of their kernels."""
    return tuple((step, tuple(map(name_of, keys))) for step, _, keys in run.blocks_of())


def source_of(runs: Mapping[str, Run], place: Callable[[Step], str]) -> str:
    """The kernels of these runs as text for LLVM and as instructions of this processor.

    `place` says of a step where it stands.
    """
    return "\n".join(_source(runs, place))


def _source(runs: Mapping[str, Run], place: Callable[[Step], str]) -> Iterator[str]:
    users: dict[Key, list[str]] = {}
    for name, run in runs.items():
        yield f"; {name} does"
        for step, _, keys in run.blocks_of():
            said = f"{step.op}, {place(step)}" if place(step) else step.op
            yield f";     {said}: {', '.join(map(name_of, keys))}"
            for key in keys:
                users.setdefault(key, []).append(f"{name}: {said}")
    for key, uses in users.items():
        yield from ("", f"; {name_of(key)}, for", *(f";     {x}" for x in uses))
        yield from (text_of(key), f"; {name_of(key)}, as instructions of this processor")
        yield assembly_of(key)


def timed(name: str, run: Run, note: NoteKernels) -> Callable[..., int]:
    """A run that notes what its steps take each, in nanoseconds."""
    call = program(timed_driver_address(), run.linked(addresses_of(run.keys)))
    counts = [count for _, count, _ in run.blocks_of()]
    ends = np.cumsum([0, *counts])

    def timed_run(part: int, *arrays: np.ndarray) -> int:
        times = np.zeros(ends[-1] + 1, np.int64)
        found = call(part, *arrays, times)
        if not found:
            note(name, [int(b - a) for a, b in pairwise(times[ends])])
        return found

    return timed_run
