"""Lines of generated source say what they bind, read and launch, and are made text last."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import programs
import pytest
from lines_of_source import sources, wrong_lines

import gpugrad as gg
from gpugrad.engines import make_program
from gpugrad.engines.lines import Line, ProgramSource, called, dropping, names_in, written
from gpugrad.engines.numpy.engine import compile_plan
from gpugrad.plan.passes import improve
from gpugrad.plan.plan import Plan

ENGINES = ("numpy", "native")
NUMBERS = range(60)


def plan_of(number: int) -> Plan:
    with np.errstate(all="ignore"):
        return improve(programs._entry(programs._program(Random(number), 6)).plan)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("number", NUMBERS)
def test_lines_bind_and_read_what_they_say(engine: str, number: int) -> None:
    with sources() as found:
        make_program(plan_of(number), engine)
    assert found
    assert [wrong_lines(source) for source in found] == [[]] * len(found)


def step(params: Any, x: Any, labels: Any) -> Any:
    def loss(params: Any) -> Any:
        hidden = gg.relu(x @ params["w"] + params["b"])
        return gg.mean(gg.nn.softmax_cross_entropy(hidden, labels)) + gg.sum(hidden[0, 1:] ** 2)

    gradients = gg.grad(loss)(params)
    return {name: params[name] - 0.1 * gradients[name] for name in params}


PARAMS = {"w": np.ones((3, 4)), "b": np.zeros(4)}
DATA = np.ones((5, 3)), np.arange(5) % 4


@pytest.mark.parametrize("donated", [(), (0,)])
def test_lines_of_a_training_step(donated: tuple[int, ...]) -> None:
    plan = gg.jit(step, engine="numpy", donate_argnums=donated).plan(PARAMS, *DATA)
    with sources() as found:
        compile_plan(plan)
    assert [wrong_lines(source) for source in found] == [[]]


def test_lines_of_a_planned_sweep_drop_what_they_need_no_more(fresh: None) -> None:
    with sources() as found:
        for _ in range(4):
            x = gg.tensor(np.ones((3, 3)), requires_grad=True)
            (gg.sum(gg.exp(x) @ gg.tanh(x)) * gg.sum(x[0])).backward()
    (source,) = found
    assert wrong_lines(source) == []
    deleted = [line.text[4:].split(", ") for line in source.body if "del " in line.text]
    dropped = [name for names in deleted for name in names]
    made = {name for line in source.body for name in line.binds}
    assert sorted(dropped) == sorted(made - names_in(source.results).keys())
    assert len(dropped) > 4


def test_a_line_that_says_something_else_is_found() -> None:
    plan = gg.jit(step, engine="numpy").plan(PARAMS, *DATA)
    with sources() as found:
        compile_plan(plan)
    (source,) = found
    at = next(i for i, line in enumerate(source.body) if line.reads)
    body = list(source.body)
    body[at] = body[at]._replace(reads=())
    assert len(wrong_lines(source._replace(body=tuple(body)))) == 1
    body[at] = source.body[at]._replace(binds=("s1000",))
    assert len(wrong_lines(source._replace(body=tuple(body)))) == 1


def test_names_are_dropped_after_their_last_use_and_results_are_not() -> None:
    lines = [
        Line("s1 = given", ("s1",)),
        Line("s2 = exp(s1)", ("s2",), ("s1",)),
        Line("if bad(s2):", reads=("s2",), inside=(called("check", "s1"),)),
        Line("s3 = s2 + k", ("s3",), ("s2", "k")),
    ]
    found = dropping(lines, [Line("array(s3)", reads=("s3",))])
    assert [text for text, _ in written(found)] == [
        "s1 = given", "s2 = exp(s1)", "if bad(s2):", "    check(s1)", "del s1",
        "s3 = s2 + k", "del s2",
    ]  # fmt: skip


def test_a_program_is_written_with_its_functions_before_it() -> None:
    source = ProgramSource(
        "arena", (Line("s1 = part(arena)"),), ("s0",), (called("exp", "s0", "s1"),), (Line("s1"),),
        ("s1",), (Line("def tile(i):", inside=(Line("pass"),)),),
    )  # fmt: skip
    assert source.text().text == (
        "def tile(i):\n    pass\ndef make(arena):\n    s1 = part(arena)\n    def run(s0):\n"
        "        exp(s0, s1)\n        return (s1, )\n    return run, (s1, )\n"
    )
