"""Every function inside of branches and loops of a batch, under `gg.jit`, and its gradient."""

from __future__ import annotations

import os
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.catalogue.examples import example, functions
from gpugrad.errors import GpugradError

FUNCTIONS = sorted(functions())
if "GPUGRAD_NESTING" not in os.environ:             # a few, which are as good as any
    FUNCTIONS = Random(0).sample(FUNCTIONS, 40)

Function = Callable[..., Any]


def first(rows: Any) -> Any:
    """The first row of each part of a batch."""
    return gg.tree.map(lambda y: y[:, 0], rows)


BODIES: dict[str, Callable[[Function], Function]] = {
    "branch": lambda f: lambda p, *xs: gg.vmap(
        lambda *x: gg.cond(p, lambda: f(*x), lambda: f(*x))
    )(*xs),
    "selection": lambda f: lambda p, *xs: gg.vmap(
        lambda q, *x: gg.cond(q, f, f, *x)
    )(gg.stack([p, ~p]), *xs),
    "loop": lambda f: lambda p, *xs: first(
        gg.vmap(lambda *x: gg.scan(lambda c, _: (c, f(*x)), 0, length=1)[1])(*xs)
    ),
    "loop over them": lambda f: lambda p, *xs: first(
        gg.vmap(lambda *x: gg.scan(lambda c, x: (c, f(*x)), 0, [v[None] for v in x])[1])(*xs)
    ),
    "loop with them": lambda f: lambda p, *xs: first(
        gg.vmap(lambda *x: gg.scan(lambda c, _: (c, f(*c)), list(x), length=1)[1])(*xs)
    ),
}  # fmt: skip
"""A function of a condition and of batches of operands, made of a function of operands."""


def pulled(f: Function, operands: Any) -> Any:
    """Cotangents of the operands, for cotangents of ones."""
    out, pullback = gg.vjp(f, *operands)
    return pullback(gg.tree.map(gg.ones_like, out))


def same(found: Any, want: Any) -> None:
    for x, y in zip(gg.tree.leaves(found), gg.tree.leaves(want), strict=True):
        assert x.shape == y.shape
        np.testing.assert_allclose(np.asarray(x), np.asarray(y), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_in_the_body_of_a_batch(name: str) -> None:
    call = example(name, functions()[name])
    if not call.arrays:
        return
    runs = [(lambda f: f, call, [np.asarray(x) for x in call.arrays])]
    f, operands = call.floating()
    runs.append((lambda f: lambda p, *xs: pulled(lambda *xs: f(p, *xs), xs), f, list(operands)))
    for made, inside, arrays in runs:
        alone = made(lambda _, *xs, inside=inside: inside(*xs))
        batched = made(lambda _, *xs, inside=inside: gg.vmap(inside)(*xs))
        batches, holds = [np.stack([x, x]) for x in arrays], np.array(True)
        try:
            with np.errstate(all="ignore"):
                gg.jit(alone, engine="numpy")(holds, *arrays)
                want = batched(holds, *batches)
        except (GpugradError, TypeError):           # no gradient, or what depends on values
            continue
        for body in BODIES.values():
            step = gg.jit(made(body(inside)), engine="numpy")
            for _ in range(3):
                same(step(holds, *batches), want)


def test_what_is_wrong_is_found() -> None:
    for wrong in (np.ones(2) + 1e-8, np.ones((2, 1)), (np.ones(2), 1.0)):
        with pytest.raises((AssertionError, ValueError)):
            same(wrong, np.ones(2))
