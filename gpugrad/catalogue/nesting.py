"""Which transforms nest in which, found out by trying each pair."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product
from typing import Any, NamedTuple

import numpy as np

import gpugrad as gg
from gpugrad.errors import InvalidArgument, TrackedConversion
from gpugrad.testing import check_grads
from gpugrad.types import Array

Function = Callable[[Any], Any]
"""Of a vector of three numbers, with another one as its result."""

X, V = np.array([0.6, 0.35, 0.8]), np.array([0.4, 0.7, 0.55])
W = np.array([[0.3, -0.2, 0.1], [0.25, 0.4, -0.35], [-0.15, 0.2, 0.45]])


class Layer(NamedTuple):
    """A function made of a function by a transform, and the same without `jit` and `vmap`."""

    made: Callable[[Function], Function]
    plain: Callable[[Function], Function]


def start(x: Array) -> object:
    """What lies inside of all layers."""
    return gg.sin(W @ x) * x


def tried(names: Iterable[str], x: Array = X) -> None:
    """Compare the layers of these names, from the innermost on, with what they ought to be.

    Values are compared with those without `jit` and `vmap`, gradients with finite differences.
    Raises `AssertionError` where they differ.
    """
    made: Function = start
    plain: Function = start
    for name in names:
        made, plain = LAYERS[name].made(made), LAYERS[name].plain(plain)
    want = plain(x)
    for _ in range(3):                              # the third call of a plan runs it
        found = made(x)
        assert type(found) is type(want)
        np.testing.assert_allclose(found, want, rtol=1e-9, atol=1e-13)
    check_grads(made, (x,), order=1)


def refusals() -> dict[tuple[str, str], str]:
    """The pairs, the one outside first, that are refused, with the way out of each."""
    found = {}
    for outer, inner in product(LAYERS, LAYERS):
        try:
            tried((inner, outer))
        except (InvalidArgument, TrackedConversion):
            found[outer, inner] = WAYS_OUT[outer, inner]
    return found


def markdown() -> str:
    """The table of pairs, for the page `SUPPORT.md`."""
    refused = refusals()
    notes = list(dict.fromkeys(refused.values()))
    lines = [
        f"\n## Transforms in transforms ({len(LAYERS)} × {len(LAYERS)})\n",
        "Each around each: values are compared with those without `jit` and `vmap`, gradients with",
        "finite differences. A number refers to a note below.\n",
        f"| around ↓, inside → | {' | '.join(LAYERS)} |",
        f"|---|{'---|' * len(LAYERS)}",
    ]
    for outer in LAYERS:
        cells = [
            str(notes.index(refused[outer, inner]) + 1) if (outer, inner) in refused else "✓"
            for inner in LAYERS
        ]
        lines.append(f"| {outer} | {' | '.join(cells)} |")
    lines.append("")
    lines += [f"{i}. Refused: {note}" for i, note in enumerate(notes, 1)]
    return "\n".join(lines) + "\n"


WAYS_OUT = {
    ("jit", "debug"): (
        "`jit` around `debug`, which looks at all values. Put `gg.debug()` around the call of the "
        "compiled function instead, which then runs op by op."
    ),
    ("jit", "implicit, looking"): (
        "`jit` around `implicit` with a solver that looks at values. Run a fixed number of steps "
        "with `gg.scan`, or put `gg.jit` around what the solver and the residual call. `grad` "
        "and `vmap` around the compiled function work, because they run it uncompiled."
    ),
}
"""What to do instead of a pair that is refused, the transform outside first."""


def _weighed(f: Function) -> Function:
    return lambda x: gg.sum(f(x) * V)


def _rows(f: Function, x: Array) -> object:
    """The Jacobian, by a sweep for each row."""
    _, pullback = gg.vjp(f, x)
    return gg.stack([pullback(row)[0] for row in np.eye(3)])


def _each(f: Function, xs: Any) -> Any:
    """What `gg.vmap` does, in a loop."""
    return gg.stack([f(xs[i]) for i in range(len(xs))])


def _looped(f: Function) -> Function:
    def loop(x: Array) -> object:
        carry, ys = gg.scan(lambda c, t: (0.5 * f(c) + 0.3 * t * x, t * f(0.8 * x)), x, V)
        return carry + 0.4 * gg.sum(ys, axis=0)

    return loop


def _branching(f: Function) -> Function:
    """A condition that parts of a batch decide differently, and a branch that closes over."""
    return lambda x: gg.cond(gg.sum(x) > 1.9, f, lambda y: 0.5 * f(y) * x, x)


def _root(f: Function) -> Function:
    return gg.implicit(lambda y, x: y - f(x))(f)


def _looking_root(f: Function) -> Function:
    def solver(x: Array) -> object:
        y = f(x)
        return y if float(gg.sum(y)) < 1e9 else 0 * y

    return gg.implicit(lambda y, x: y - f(x))(solver)


def _ruled(f: Function) -> Function:
    @gg.custom_vjp
    def ruled(x: Array) -> object:
        return f(x)

    ruled.defvjp(lambda x: (f(x), x), lambda x, g: gg.vjp(f, x)[1](g))
    return ruled


def _checked(f: Function) -> Function:
    @gg.debug()
    def checked(x: Array) -> object:
        return f(x)

    return checked


def _value_times_gradient(f: Function) -> Function:
    def both(x: Array) -> object:
        value, gradient = gg.value_and_grad(_weighed(f))(x)
        return value * gradient

    return both


def _same(made: Callable[[Function], Function]) -> Layer:
    """A layer of which nothing else is the plain one."""
    return Layer(made, made)


def _of_function(made: Callable[[Function], Function]) -> Layer:
    """A layer that changes no function."""
    return Layer(made, lambda f: f)


LAYERS = {
    "grad": _same(lambda f: gg.grad(_weighed(f))),
    "value_and_grad": _same(_value_times_gradient),
    "vjp": _same(lambda f: lambda x: gg.vjp(f, x)[1](V)[0]),
    "jvp": _same(lambda f: lambda x: gg.jvp(f, (x,), (V,))[1]),
    "linearize": _same(lambda f: lambda x: gg.linearize(f, x)[1](V)),
    "vmap": Layer(
        lambda f: lambda x: gg.mean(gg.vmap(lambda s: f(s * x))(W + 1), axis=0),
        lambda f: lambda x: gg.mean(_each(lambda s: f(s * x), W + 1), axis=0),
    ),
    "jit": _of_function(lambda f: gg.jit(f, engine="numpy")),
    "jacobian": Layer(
        lambda f: lambda x: V @ gg.jacobian(f)(x), lambda f: lambda x: V @ _rows(f, x)
    ),
    "jacobian, forward": Layer(
        lambda f: lambda x: gg.jacobian(f, mode="forward")(x) @ V,
        lambda f: lambda x: _rows(f, x) @ V,
    ),
    "hessian": Layer(
        lambda f: lambda x: gg.hessian(_weighed(f))(x) @ V,
        lambda f: lambda x: _rows(gg.grad(_weighed(f)), x) @ V,
    ),
    "hvp": _same(lambda f: lambda x: gg.hvp(_weighed(f), (x,), (V,))[0]),
    "checkpoint": _of_function(gg.checkpoint),
    "scan": _same(_looped),
    "cond": _same(_branching),
    "implicit": _of_function(_root),
    "implicit, looking": _of_function(_looking_root),
    "custom_vjp": _of_function(_ruled),
    "debug": _of_function(_checked),
}
