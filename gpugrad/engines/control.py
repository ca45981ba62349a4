"""Branches and loops on NumPy: their plans are compiled once, and kept with memory of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gpugrad.backends.dtypes import written
from gpugrad.engines.pool import Pool
from gpugrad.engines.program import Program
from gpugrad.generated import compile_source
from gpugrad.plan.plan import Plan, Step
from gpugrad.types import Array

Compile = Callable[[Plan], Program]


@dataclass(eq=False)
class Cond:
    """A `cond` step as a function of its operands. Only the branch that is taken runs."""

    true: Pool
    false: Pool

    @property
    def pools(self) -> list[Pool]:
        """Those of both branches."""
        return [self.true, self.false]

    def __call__(self, condition: Array, *values: Array) -> tuple[Array, ...]:
        pool = self.true if condition else self.false
        instance = pool.take()
        try:
            results: tuple[Array, ...] = instance.run(*values)
        finally:
            pool.give(instance)
        return results


def compile_cond(step: Step, compile_plan: Compile) -> Cond:
    """What runs a `cond` step: both branches are compiled."""
    true, false = (compile_plan(step.setting(name)) for name in ("true", "false"))
    return Cond(Pool(true, "cond true"), Pool(false, "cond false"))


@dataclass(eq=False)
class Scan:
    """A `scan` step as a function of its operands.

    The carries are donated inputs of the body: they stay in its memory from iteration to iteration.
    The loop itself is generated. For one carry, one `xs` and one result:

        def loop(c0, x0):
            y0 = empty((1000, 3), float64)
            instance = take()
            try:
                run = instance.run
                d0, = instance.donated
                copyto(d0, c0)
                for i in range(1000):
                    r0, = run(x0[i, ...])
                    y0[i] = r0
                return (array(d0), y0, )
            finally:
                give(instance)
    """

    loop: Callable[..., tuple[Array, ...]]
    pools: list[Pool]

    def __call__(self, *values: Array) -> tuple[Array, ...]:
        return self.loop(*values)


def compile_scan(step: Step, compile_plan: Compile) -> Scan:
    """What runs a `scan` step: the body and the loop are compiled."""
    body: Plan = step.setting("body")
    n = step.setting("carries")
    before, after = body.inputs[:n], body.outputs[:n]
    held = {*before, *after}
    returned = tuple(dict.fromkeys(slot for slot in body.outputs[n:] if slot not in held))
    compiled = replace(
        body, outputs=(*after, *returned), donated=tuple(zip(before, after, strict=True))
    )
    pool = Pool(compile_plan(compiled), "scan body")
    scope: dict[str, Any] = {
        "array": np.array, "copyto": np.copyto, "empty": np.empty,
        "take": pool.take, "give": pool.give,
    }  # fmt: skip
    exec(compile_source(_loop_source(step, returned), "loop"), scope)
    return Scan(scope.pop("loop"), [pool])          # else it would refer to itself


def _loop_source(step: Step, returned: tuple[int, ...]) -> str:
    """The loop; `returned` are what a run of the body returns."""
    body: Plan = step.setting("body")
    n, m, length = (step.setting(name) for name in ("carries", "xs", "length"))
    carries = [f"c{k}" for k in range(n)]
    xs = [f"x{k}" for k in range(m)]
    outside = [f"k{k}" for k in range(len(step.inputs) - n - m)]
    before, after = body.inputs[:n], body.outputs[:n]
    made, kept, stored, ys = [], [], [], []
    for j, slot in enumerate(body.outputs[n:]):
        y, spec = f"y{j}", body.slots[slot]
        ys.append(y)
        made.append(f"{y} = empty({(length, *spec.shape)}, {written(spec.dtype)!r})")
        if slot in before:                      # a carry as it comes into the iteration
            kept.append(f"{y}[i] = d{before.index(slot)}")
        elif slot in after:
            stored.append(f"{y}[i] = d{after.index(slot)}")
        else:
            stored.append(f"{y}[i] = r{returned.index(slot)}")
    results = "".join(f"r{j}, " for j in range(len(returned)))
    call = f"run({', '.join([*(f'{x}[i, ...]' for x in xs), *outside])})"
    order = f"range({length - 1}, -1, -1)" if step.setting("reverse") else f"range({length})"
    donated = "".join(f"d{k}, " for k in range(n))
    setup = [f"{donated}= instance.donated"] if n else []
    setup += [f"copyto(d{k}, c{k})" for k in range(n)]
    loop = [*kept, f"{results}= {call}" if results else call, *stored]
    values = "".join([*(f"array(d{k}), " for k in range(n)), *(f"{y}, " for y in ys)])
    lines = [
        f"def loop({', '.join([*carries, *xs, *outside])}):",
        *(f"    {line}" for line in made),
        "    instance = take()",
        "    try:",
        "        run = instance.run",
        *(f"        {line}" for line in setup),
        f"        for i in {order}:",
        *(f"            {line}" for line in loop),
        f"        return ({values})",
        "    finally:",
        "        give(instance)",
        "",
    ]
    return "\n".join(lines)


RUNNERS: dict[str, Callable[[Step, Compile], Cond | Scan]] = {
    "cond": compile_cond,
    "scan": compile_scan,
}
"""For each step whose settings hold plans, what makes it a function of its operands."""
