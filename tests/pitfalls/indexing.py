"""Reading and writing by index: rows 13 to 15."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pitfalls.edges import second
from pitfalls.judge import collector, gradient, holds, same

CHECKS, check = collector()

X = [1.0, 2.0, 3.0]


def _weighted(library: Any, y: Any) -> Any:
    """Each element of `y` with a cotangent of its own."""
    return y * library.array(np.arange(1.0, y.shape[0] + 1))


CHECKS += [
    gradient(
        13,
        "repeated",
        lambda lib, x: _weighted(lib, x[lib.array([0, 0, 2])]),
        [X],
        [3, 0, 3],
    ),
    gradient(
        13,
        "mask",
        lambda lib, x: _weighted(lib, x[lib.array([True, False, True])]),
        [X],
        [1, 0, 2],
    ),
    gradient(13, "reversed", lambda lib, x: _weighted(lib, lib.xp.reverse(x)), [X], [3, 2, 1]),
    gradient(13, "new axis and the rest", lambda lib, x: x[None, ..., 1:], [X], [0, 1, 1]),
    gradient(13, "empty slice", lambda lib, x: x[1:1], [X], [0, 0, 0]),
    gradient(13, "no indices", lambda lib, x: x[lib.array([], "int64")], [X], [0, 0, 0]),
]


@check(13, "repeated, equal bits in each run")
def _(library: Any) -> None:
    rng = np.random.default_rng(0)
    x = library.array(rng.normal(size=10), "float32")
    index = library.array(rng.integers(0, 10, 10_000))
    weights = library.array(rng.normal(size=10_000), "float32")
    with library.deterministic():
        runs = [
            library.numpy(library.gradients(lambda x: library.xp.sum(x[index] * weights), x)[0])
            for _ in range(5)
        ]
    holds(all((run == runs[0]).all() for run in runs), "the sums differ from run to run")


def _cubed(x: Any) -> Any:
    return x * x * x


CUBES: dict[str, tuple[Callable[[Any, Any], Any], list[float]]] = {
    "repeated index": (lambda lib, x: _cubed(x[lib.array([0, 0, 2])]), [12, 0, 18]),
    "take": (lambda lib, x: _cubed(lib.xp.take(x, lib.array([0, 0, 2]))), [12, 0, 18]),
    "sort": (lambda lib, x: _weighted(lib, _cubed(lib.xp.sort(x))), [6, 24, 54]),
    "max": (lambda lib, x: _cubed(lib.xp.max(x)), [0, 0, 18]),
}
"""Functions of X that add up cubes, and the diagonals of their Hessians."""


def _second(f: Callable[[Any, Any], Any], wanted: list[float]) -> Callable[[Any], None]:
    def program(library: Any) -> None:
        found = second(library, lambda x: library.xp.sum(f(library, x)), library.array(X))
        same(library, found, wanted)

    return program


for _name, (_f, _wanted) in CUBES.items():
    check(14, _name)(_second(_f, _wanted))


@check(15, "the write that stayed has the gradient")
def _(library: Any) -> None:
    index = library.array([0, 0, 1])
    weights = library.array([1.0, 10.0, 100.0])
    x, v = library.array([1.0, 1.0, 1.0]), library.array([5.0, 6.0, 7.0])
    kept = library.numpy(library.assigned(x, index, v))
    last = kept[0] == 6
    holds(last or kept[0] == 5, f"found {kept}, wanted 5 or 6 first")
    found = library.gradients(
        lambda x, v: library.xp.sum(library.assigned(x, index, v) * weights), x, v
    )
    same(library, found[0], [0, 0, 100])
    same(library, found[1], [0, 1, 10] if last else [1, 0, 10])
