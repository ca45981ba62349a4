"""No line of the library runs more than in proportion to the steps of a program: while it is
compiled, explained, shown and profiled.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad import generated
from gpugrad.engines import ALL
from gpugrad.plan import observers

ENGINES = [name for name in ("numpy", "native") if ALL[name].is_there]
PACKAGE = str(Path(gg.__file__).parent)

FEW, TIMES = 60, 4
"""Steps of a program, and how many times as many another one has."""

MORE, SLACK = 1.5, 20
"""How much more than in proportion is no fault, and how many runs of a line for each step are none,
of what only longer programs need.
"""

X = np.linspace(0.1, 1.0, 8, dtype=np.float32)


def chain(n: int) -> Callable[..., Any]:
    def f(x: Any) -> Any:
        for i in range(n // 2):
            x = gg.sin(x * (0.5 + 0.1 / (i + 1)))
        return x

    return f


def called_between(n: int) -> Callable[..., Any]:
    def f(x: Any) -> Any:
        for _ in range(n // 2):
            x = gg.cbrt(gg.sin(x))
        return x

    return f


def side_by_side(n: int) -> Callable[..., Any]:
    return lambda x: [gg.cbrt(x * float(i)) for i in range(n // 2)]


def sorted_again(n: int) -> Callable[..., Any]:
    def f(x: Any) -> Any:
        for _ in range(n // 2):
            x = gg.sort(gg.cos(x))
        return x, gg.fft.rfft(x)

    return f


def stacked(n: int) -> Callable[..., Any]:
    def f(x: Any) -> Any:
        rows = [gg.sin(x * float(i)) for i in range(n // 2)]
        return gg.sum(gg.stack(rows)), rows

    return f


def views(n: int) -> Callable[..., Any]:
    def f(x: Any) -> Any:
        for _ in range(n // 2):
            x = x[::-1] + 1.0
        return x

    return f


def written(n: int) -> Callable[..., Any]:
    def f(x: Any) -> Any:
        y = gg.concat([x] * (n // 4))
        for i in range(n // 2):
            y[i] = gg.sin(y[i + 1])
        return y

    return f


def products(n: int) -> Callable[..., Any]:
    w = np.eye(8, dtype=np.float32)

    def f(x: Any) -> Any:
        for _ in range(n // 2):
            x = gg.tanh(x @ w)
        return x

    return f


def captured(n: int) -> Callable[..., Any]:
    arrays = [np.full(8, i, np.float32) for i in range(n)]
    return lambda x: sum(gg.sin(x + array) for array in arrays)


def results(n: int) -> Callable[..., Any]:
    return lambda x: [x * float(i) for i in range(n)]


def loops(n: int) -> Callable[..., Any]:
    def f(x: Any) -> Any:
        for _ in range(n // 10):
            x, _ = gg.scan(lambda c, row: (c + row, None), x, x)
        return x

    return f


def gradient(n: int) -> Callable[..., Any]:
    return gg.grad(lambda x: gg.sum(chain(n)(x)) + gg.sum(views(n)(x)))


PROGRAMS = {
    f.__name__: f
    for f in (chain, called_between, side_by_side, sorted_again, stacked, views, written,
              products, captured, results, loops, gradient)
}  # fmt: skip


def lines_of(f: Callable[[], object]) -> Counter[tuple[str, int]]:
    """How often each line of the library runs while `f` does."""
    found: Counter[tuple[str, int]] = Counter()

    def look(frame: Any, event: str, _: object) -> Any:
        if event == "line":
            found[frame.f_code.co_filename, frame.f_lineno] += 1
        return look

    def enter(frame: Any, event: str, _: object) -> Any:
        return look if frame.f_code.co_filename.startswith(PACKAGE) else None

    generated._forget()                             # of all tests before, which would come due here
    before = sys.gettrace()
    sys.settrace(enter)
    try:
        f()
    finally:
        sys.settrace(before)
    return found


def profiled(step: Any) -> str:
    with gg.profile() as profile:
        step(X)
    return str(profile)


USES: dict[str, Callable[[Any], object]] = {
    "compiled": lambda step: (step(X), step(X)),
    "explained": lambda step: step.explain(X),
    "shown": lambda step: (step.source(X), str(step.plan(X))),
    "profiled": profiled,
}


def over(make: Callable[[int], Callable[..., Any]], engine: str, use: str) -> list[str]:
    """The lines that run more than in proportion."""
    counts = []
    for n in (TIMES * FEW, FEW, TIMES * FEW):       # at first, what is kept for all is made
        step = gg.jit(make(n), engine=engine)
        for _ in range(1 if use == "compiled" else 3):
            step(X)
        counts.append(lines_of(lambda step=step: USES[use](step)))  # type: ignore[misc]
    _, few, many = counts
    return [
        f"{Path(file).relative_to(PACKAGE)}:{line} runs {few[file, line]} and {count} times"
        for (file, line), count in many.items()
        if count > MORE * TIMES * few[file, line] + SLACK * TIMES * FEW
    ]


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("program", PROGRAMS)
def test_no_line_runs_more_than_in_proportion(
    program: str, engine: str, use: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observers, "observers", [])     # tests verify each plan, and users do not
    assert over(PROGRAMS[program], engine, use) == []
