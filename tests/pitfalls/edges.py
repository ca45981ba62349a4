"""Values at which formulas break down: rows 4 to 12."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pitfalls.judge import collector, gradient, holds, no_warning, same

CHECKS, check = collector()

inf, nan = float("inf"), float("nan")

CHECKS += [
    gradient(
        4,
        "sqrt at 0",
        lambda lib, x: lib.xp.where(x > 0, lib.xp.sqrt(x), 0.0),
        [[0.0, 4.0]],
        [0, 0.25],
    ),
    gradient(
        4,
        "exp at 1000",
        lambda lib, x: lib.xp.where(x <= 0, lib.xp.exp(x), 1 + x),
        [[1000.0]],
        [1],
    ),
    gradient(5, "x**0", lambda lib, x: x**0, [[0.0, -3.0]], [0, 0]),
    gradient(5, "x**1", lambda lib, x: x**1, [[0.0, -3.0]], [1, 1]),
    gradient(5, "x**2", lambda lib, x: x**2, [[0.0, -3.0]], [0, -6]),
    gradient(
        6,
        "0**b",
        lambda lib, b: lib.xp.power(lib.array([0.0] * 3), b),
        [[0.0, 1.0, 2.0]],
        [0, 0, 0],
    ),
    gradient(6, "(-2)**b", lambda lib, b: lib.xp.power(lib.array([-2.0]), b), [[2.0]], [nan]),
    gradient(7, "prod, one zero", lambda lib, x: lib.xp.prod(x), [[0.0, 2.0, 3.0]], [6, 0, 0]),
    gradient(7, "prod, two zeros", lambda lib, x: lib.xp.prod(x), [[0.0, 0.0, 3.0]], [0, 0, 0]),
    gradient(7, "cumprod", lambda lib, x: lib.xp.cumprod(x, 0), [[0.0, 2.0, 3.0]], [9, 0, 0]),
    gradient(8, "norm", lambda lib, x: lib.xp.norm(x), [[0.0, 0.0]], [0, 0]),
    gradient(8, "std", lambda lib, x: lib.xp.std(x, ddof=0), [[3.0, 3.0]], [0, 0]),
    gradient(8, "hypot", lambda lib, a, b: lib.xp.hypot(a, b), [[0.0], [0.0]], [0], [0]),
    gradient(8, "sqrt", lambda lib, x: lib.xp.sqrt(x), [[0.0]], [inf]),
    gradient(9, "real", lambda lib, x: lib.xp.abs(x), [[0.0, -0.0, -2.0]], [0, 0, -1]),
    gradient(9, "complex", lambda lib, x: lib.xp.abs(x), [[0j]], [0], dtype="complex128"),
    gradient(10, "first", lambda lib, x: lib.xp.sinc(x), [[0.0, 1.0]], [0, -1]),
]


def second(library: Any, f: Callable[[Any], Any], x: Any) -> Any:
    """The sums of the rows of the Hessian."""
    return library.grad(lambda x: library.xp.sum(library.grad(f)(x)))(x)


@check(8, "second order of norm is finite")
def _(library: Any) -> None:
    found = second(library, lambda x: library.xp.norm(x), library.array([0.0, 0.0]))
    holds(np.isfinite(library.numpy(found)).all(), f"found {library.numpy(found)}")


@check(10, "second")
def _(library: Any) -> None:
    found = second(library, lambda x: library.xp.sum(library.xp.sinc(x)), library.array([0.0]))
    same(library, found, [-(np.pi**2) / 3])


def _between(library: Any, g: Any, low: float, high: float) -> Any:
    """What a subgradient may be: `g`, which lies between the slopes on either side."""
    holds(g is not None, "found None")
    g = library.numpy(g)
    holds(np.all((g >= low) & (g <= high)), f"found {g}, expected between {low} and {high}")
    return g


@check(11, "relu at 0")
def _(library: Any) -> None:
    x = library.array([-1.0, 0.0, 1.0])
    (g,) = library.gradients(lambda x: library.xp.sum(library.xp.relu(x)), x)
    g = _between(library, g, 0, 1)
    same(library, g[::2], [0, 1])


@check(11, "maximum shares the cotangent")
def _(library: Any) -> None:
    a, b = library.array([0.0, 1.0]), library.array([0.0, 2.0])
    found = library.gradients(lambda a, b: library.xp.sum(library.xp.maximum(a, b)), a, b)
    ga, gb = (_between(library, g, 0, 1) for g in found)
    same(library, ga + gb, [1, 1])


@check(11, "max shares the cotangent")
def _(library: Any) -> None:
    x = library.array([1.0, 3.0, 3.0, 3.0])
    (g,) = library.gradients(lambda x: library.xp.max(x), x)
    holds(abs(_between(library, g, 0, 1).sum() - 1) < 1e-12, f"found {g}, wanted a total of 1")


@check(11, "clip at its bounds")
def _(library: Any) -> None:
    x = library.array([-1.0, 0.0, 0.5, 1.0, 2.0])
    (g,) = library.gradients(lambda x: library.xp.sum(library.xp.clip(x, 0.0, 1.0)), x)
    g = _between(library, g, 0, 1)
    same(library, g[::2], [0, 1, 0])


SATURATING: dict[str, tuple[list[float], list[float]]] = {
    "tanh": ([-1e3, 1e3], [0, 0]),
    "sigmoid": ([-1e3, 1e3], [0, 0]),
    "softplus": ([-1e3, 1e3], [0, 1]),
    "logsumexp": ([-1e3, 1e3], [0, 1]),
}
"""Arguments and gradients."""


def _saturating(name: str, dtype: str) -> Callable[[Any], None]:
    def program(library: Any) -> None:
        x, wanted = SATURATING[name]
        f = getattr(library.xp, name)
        with no_warning():
            (g,) = library.gradients(lambda x: library.xp.sum(f(x)), library.array(x, dtype))
        same(library, g, wanted, dtype=dtype)

    return program


for _dtype in ("float32", "float64"):
    for _name in SATURATING:
        check(12, f"{_name}, {_dtype}")(_saturating(_name, _dtype))


@check(12, "logaddexp of -inf and -inf")
def _(library: Any) -> None:
    a, b = library.array([-inf]), library.array([-inf])
    found = library.gradients(lambda a, b: library.xp.sum(library.xp.logaddexp(a, b)), a, b)
    ga, gb = (library.numpy(g) for g in found)
    holds(ga == gb and ga in (0, 0.5), f"found {ga} and {gb}, wanted 0.5 and 0.5, or 0 and 0")
