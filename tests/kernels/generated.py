"""Fused steps of programs with their kernels, and what they compute according to the reference."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import programs

import gpugrad as gg
from gpugrad import tree
from gpugrad.backends import numpy_namespace
from gpugrad.engines.cuda.fused import can_write, write_kernel
from gpugrad.engines.cuda.kernel import Kernel
from gpugrad.errors import GpugradError
from gpugrad.plan import interpret
from gpugrad.plan.passes import improve
from gpugrad.plan.passes.fuse import fuse
from gpugrad.plan.plan import Plan, Slot, Step
from gpugrad.transforms.jit.arguments import Arguments
from gpugrad.transforms.jit.traces import trace


@dataclass(frozen=True)
class Case:
    """A kernel, the values of its inputs by slot, and those of its results."""

    kernel: Kernel
    step: Step
    slots: tuple[Slot, ...]
    given: dict[int, Any]
    wanted: dict[int, Any]

    @property
    def id(self) -> str:
        return f"{self.kernel.name}: {' '.join(step.op for step in self.step.body)}"


def cases_of(plan: Plan, arrays: Iterable[Any], name: str) -> list[Case]:
    """The fused steps of a plan that is run on these inputs."""
    plan = fuse(plan, spread=True, fits=can_write)
    constants = {slot: constant.array() for slot, constant in plan.constants}
    numbers = {slot: x[()] for slot, x in constants.items() if not x.shape}
    values = {**constants, **dict(zip(plan.inputs, map(np.asarray, arrays), strict=True))}
    cases = []
    for step in plan.steps:
        with np.errstate(all="ignore"):
            results = interpret.run_step(step, [values[x] for x in step.inputs], numpy_namespace)
        values.update(zip(step.outputs, results, strict=True))
        if step.op == "fused":
            known = {slot: numbers[slot] for slot in step.inputs if slot in numbers}
            kernel = write_kernel(f"{name}_{len(cases)}", step, plan.slots, known)
            given = {slot: values[slot] for slot in step.inputs if slot not in known}
            wanted = {slot: values[slot] for slot in step.outputs}
            cases.append(Case(kernel, step, plan.slots, given, wanted))
    return cases


def cases_from(f: Callable[..., Any], *arguments: Any, name: str) -> list[Case]:
    """The fused steps of a function of arrays."""
    plan = gg.jit(f, engine="numpy").plan(*arguments)
    return cases_of(plan, tree.flatten(arguments)[0], name)


def random_cases(count: int, seed: int) -> list[Case]:
    """So many fused steps of random programs, each of another kind."""
    found: list[Case] = []
    kinds: set[Any] = set()
    number = seed
    while len(found) < count:
        number += 1
        program = programs._program(Random(number), 8)
        arguments = program.arguments(number)
        try:
            with np.errstate(all="ignore"):
                given = Arguments(
                    tuple(arguments), {}, donate_argnums=(), static_argnums=(), static_argnames=()
                )
                run = trace(program, given)
                plan = improve(run.plan([False] * len(given.leaves)))
                made = cases_of(plan, [*given.leaves, *(x for _, x in run.tracer.captured)],
                                f"random{number}")  # fmt: skip
        except (GpugradError, ArithmeticError):     # of Python's numbers, as 0 / 0
            continue
        for case in made:
            kind = case.kernel.source.partition("(")[2]
            if kind not in kinds:
                kinds.add(kind)
                found.append(case)
    return found[:count]
