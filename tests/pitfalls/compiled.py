"""What is compiled once and run again: rows 36 and 37."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pitfalls.judge import WrongValue, check_close, collector, same

CHECKS, check = collector()

STEPS, SIZES = 1000, (8, 5)


@check(36, "batches of two sizes, a rate that changes, dropout, arrays made between")
def _(library: Any) -> None:
    rng = np.random.default_rng(0)
    xp = library.xp

    def loss(w: Any, x: Any, y: Any, u: Any) -> Any:
        h = xp.tanh(xp.matmul(x, w))
        h = xp.where(u < 0.8, h / 0.8, 0.0)
        return xp.mean((xp.sum(h, axis=1) - y) ** 2)

    slope = library.grad(loss)

    def step(w: Any, x: Any, y: Any, u: Any, rate: Any) -> Any:
        return w - rate * slope(w, x, y, u)

    compiled = library.compiled(step)
    direct = replayed = library.array(rng.normal(size=(3, 4)))
    held = []
    for i in range(STEPS):
        n = SIZES[i % len(SIZES)]
        batch = [library.array(a) for a in (
            rng.normal(size=(n, 3)), rng.normal(size=n), rng.uniform(size=(n, 4)), 0.1 / (1 + i)
        )]  # fmt: skip
        direct, replayed = step(direct, *batch), compiled(replayed, *batch)
        held.append(library.array(rng.normal(size=1 + i % 100)))    # takes memory in between
        same(library, replayed, library.numpy(direct), rtol=1e-9)


SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 3.5, -20.0, 1e3, -1e3, np.inf, -np.inf, np.nan]

TOLERANCES = {"float16": 2e-3, "float32": 2e-6, "float64": 1e-13}


def _run(library: Any, x: Any) -> Any:
    """A run of elementwise operations."""
    xp = library.xp
    return xp.where(x > 0, xp.maximum(x, 0.5) * xp.tanh(x), xp.exp(x) - x * x) + xp.abs(x)


def _special(dtype: str) -> Callable[[Any], None]:
    def program(library: Any) -> None:
        smallest = float(np.finfo(dtype).smallest_subnormal)
        x = np.array([*SPECIAL, 5 * smallest, -3 * smallest], dtype)

        def f(x: Any) -> Any:
            slope = library.grad(lambda x: library.xp.sum(_run(library, x)))(x)
            return _run(library, x), slope, x * 3.0

        compiled = library.compiled(f)
        arguments = library.array(x, dtype)
        wanted = [library.numpy(a) for a in f(arguments)]
        for _ in range(3):
            found = [library.numpy(a) for a in compiled(arguments)]
        for part, want in zip(found, wanted, strict=True):
            if part.dtype != dtype:
                raise WrongValue(f"found {part.dtype}, wanted {dtype}")
            check_close(part, want, TOLERANCES[dtype], 4 * smallest)

    return program


for _dtype in TOLERANCES:
    check(37, f"special values, {_dtype}")(_special(_dtype))


@check(37, "sums of halves")
def _(library: Any) -> None:
    compiled = library.compiled(lambda x: library.xp.sum(x * 1.0))
    x = library.array(np.full(20_000, 0.5), "float16")
    for _ in range(3):
        same(library, compiled(x), 10_000, dtype="float16")
