"""The source of a whole plan, with all of its kernels, compiles for every GPU."""

from __future__ import annotations

from random import Random
from typing import Any

import networks
import numpy as np
import programs
import pytest
from cupy_source import compile_cubin
from lines_of_source import sources, wrong_lines

import gpugrad as gg
from gpugrad.backends import kernels
from gpugrad.backends.cupy import namespace
from gpugrad.engines.cuda import engine, launches
from gpugrad.plan.passes import improve
from gpugrad.plan.plan import Plan

ARCHITECTURES = ("sm_75", "sm_80", "sm_90")


@pytest.fixture(autouse=True)
def no_device(cupy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a plan be written where there is no device."""
    monkeypatch.setattr(cupy.cuda.runtime, "getDeviceCount", lambda: 1)
    xp = namespace()
    monkeypatch.setattr(launches, "choose", lambda name: xp)


def some_programs(count: int) -> list[Plan]:
    plans: list[Plan] = []
    number = 0
    while len(plans) < count:
        number += 1
        with np.errstate(all="ignore"):
            plan = improve(programs._entry(programs._program(Random(number), 6)).plan)
        if plan.steps:
            plans.append(plan)
    return plans


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_digits_step(architecture: str) -> None:
    step, arguments = networks.digits()
    plan = gg.jit(step, engine="numpy", donate_argnums=(0, 1)).plan(*arguments)
    with sources() as found:
        program = engine.compile_plan(plan)
    assert [wrong_lines(source) for source in found] == [[]]
    assert compile_cubin(program.kernel_source, architecture)


def test_random_programs() -> None:
    """Each for one architecture in turn: what one compiler front end takes, it takes for all."""
    for i, plan in enumerate(some_programs(30)):
        with sources() as found:
            program = engine.compile_plan(plan)
        assert [x for source in found for x in wrong_lines(source)] == []
        assert compile_cubin(program.kernel_source, ARCHITECTURES[i % 3])


@pytest.mark.parametrize("name", kernels.FUNCTIONS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_functions_of_eager_code(name: str, architecture: str) -> None:
    assert compile_cubin(kernels.functions_source(name), architecture)
