"""What the first two calls under `gg.jit` do, stage by stage, and how long each takes."""

from __future__ import annotations

from dataclasses import dataclass, fields
from time import perf_counter
from typing import Any

from gpugrad.engines import make_program
from gpugrad.engines.pool import Pool
from gpugrad.plan.passes import improve
from gpugrad.transforms.jit.call import write_call
from gpugrad.transforms.jit.traces import trace


@dataclass(frozen=True)
class Stages:
    """Milliseconds: two recording runs, their comparison and the passes, and the engine's code."""

    record: float
    plan: float
    engine: float

    @property
    def total(self) -> float:
        """All of them."""
        return sum(getattr(self, field.name) for field in fields(self))


def measure(function: Any, args: tuple[Any, ...]) -> tuple[Stages, int]:
    """The stages for a function under `gg.jit`, and how many steps it recorded."""
    start = perf_counter()
    given = function._cache._arguments(args, {})
    first, second = (trace(function.f, given) for _ in range(2))
    recorded = perf_counter()
    merged = first.merged(second)
    plan = merged.plan(given.donated)
    steps = len(plan.steps)
    plan = improve(plan)
    planned = perf_counter()
    pool = Pool(make_program(plan, function.engine), function.__name__)
    xp = merged.tracer.base
    write_call(given, merged, second.result, plan, second.watch, xp, pool.program).call(pool)
    pool.give(pool.take())                          # where kernels are compiled
    ready = perf_counter()
    times = (recorded - start, planned - recorded, ready - planned)
    return Stages(*(1e3 * seconds for seconds in times)), steps


def best(function: Any, args: tuple[Any, ...], repeats: int) -> tuple[Stages, int]:
    """The measurement with the smallest total."""
    return min((measure(function, args) for _ in range(repeats)), key=lambda found: found[0].total)
