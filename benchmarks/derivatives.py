"""Derivatives beyond the gradient: directional ones, Jacobians and Hessians.

    python benchmarks/derivatives.py [--seconds 1.0] [--without-jax] [--json]

`jvp` and `hvp` of the loss of the digits MLP beside its gradient, eager and under `gg.jit`;
Jacobians of functions from 1 to 1,000 and from 1,000 to 1,000 numbers, and the Hessian of an MLP
with about 200 parameters, by one batched sweep and by a loop over the rows, beside JAX if it is
installed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import machine
import numpy as np
from alternate import alternate, print_table
from problem import make_problem

import gpugrad as gg

PACKAGES = ("numpy", "gpugrad", "jax")

WIDE = 1000

Runs = dict[str, Callable[[], Any]]

rng = np.random.default_rng(0)


def directional() -> Runs:
    """Of the digits MLP in float32, by its parameters."""
    problem = make_problem("digits")
    params = list(problem.params)
    tangents = [rng.normal(size=p.shape).astype(p.dtype) for p in params]

    def loss(params: Any) -> Any:
        h = problem.x
        for i in range(0, len(params), 2):
            h = h @ params[i] + params[i + 1]
            h = gg.relu(h) if i < len(params) - 2 else h
        return gg.mean(gg.softmax_cross_entropy(h, problem.labels))

    def gradient(params: Any, tangents: Any) -> Any:
        return gg.grad(loss)(params)

    def jvp(params: Any, tangents: Any) -> Any:
        return gg.jvp(loss, (params,), (tangents,))

    def hvp(params: Any, tangents: Any) -> Any:
        return gg.hvp(loss, (params,), (tangents,))

    runs: Runs = {}
    for name, f in (("gradient", gradient), ("jvp", jvp), ("hvp", hvp)):
        compiled = gg.jit(f, engine="numpy")
        runs[f"{name}, eager"] = lambda f=f: f(params, tangents)
        runs[f"{name}, jit"] = lambda compiled=compiled: compiled(params, tangents)
    return runs


def by_rows(f: Callable[[Any], Any], x: Any, rows: int) -> Callable[[], Any]:
    """The Jacobian by a loop over the rows."""

    def run() -> Any:
        out, pullback = gg.vjp(f, x)
        unit, found = np.zeros(out.shape), []
        for i in range(rows):
            unit[i] = 1
            found.append(pullback(unit)[0])
            unit[i] = 0
        return np.stack(found)

    return run


def jacobians() -> Runs:
    """From 1 to 1,000 numbers, and from 1,000 to 1,000."""
    w = rng.normal(size=(WIDE, WIDE)) / WIDE**0.5
    one, many = np.array([0.3]), rng.normal(size=WIDE)
    line = np.linspace(0, 1, WIDE)

    def curve(x: Any) -> Any:
        return gg.sin(line * x[0]) * gg.exp(x[0])

    def layer(x: Any) -> Any:
        return gg.tanh(w @ x)

    runs: Runs = {}
    for name, f, x in (("1 to 1,000", curve, one), ("1,000 to 1,000", layer, many)):
        runs[f"{name}, loop"] = by_rows(f, x, WIDE)
        runs[f"{name}, batched"] = lambda f=f, x=x: gg.jacobian(f)(x)
        runs[f"{name}, forward"] = lambda f=f, x=x: gg.jacobian(f, mode="forward")(x)
        compiled = gg.jit(gg.jacobian(f), engine="numpy")
        runs[f"{name}, batched, jit"] = lambda compiled=compiled, x=x: compiled(x)
    return runs


def small_mlp(xp: Any) -> tuple[Callable[[Any], Any], Any]:
    """The loss of an MLP 2 -> 32 -> 3 on 64 points as a function of its 195 parameters."""
    x, y = rng.normal(size=(64, 2)), rng.normal(size=(64, 3))
    p = rng.normal(size=2 * 32 + 32 + 32 * 3 + 3)

    def loss(p: Any) -> Any:
        h = xp.tanh(x @ xp.reshape(p[:64], (2, 32)) + p[64:96])
        out = h @ xp.reshape(p[96:192], (32, 3)) + p[192:]
        return xp.mean((out - y) ** 2)

    return loss, p


def hessians() -> Runs:
    """Of 195 parameters."""
    loss, p = small_mlp(gg)
    compiled = gg.jit(gg.hessian(loss), engine="numpy")
    return {
        "hessian, loop": by_rows(gg.grad(loss), p, p.size),
        "hessian, batched": lambda: gg.hessian(loss)(p),
        "hessian, batched, jit": lambda: compiled(p),
    }


def of_jax() -> Runs:
    """The same by JAX, compiled, in float64."""
    try:
        import jax
    except ImportError:
        return {}
    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy
    w = rng.normal(size=(WIDE, WIDE)) / WIDE**0.5
    line, one, many = np.linspace(0, 1, WIDE), np.array([0.3]), rng.normal(size=WIDE)
    curve = jax.jit(jax.jacrev(lambda x: jnp.sin(line * x[0]) * jnp.exp(x[0])))
    layer = jax.jit(jax.jacrev(lambda x: jnp.tanh(w @ x)))
    loss, p = small_mlp(jnp)
    hessian = jax.jit(jax.hessian(loss))
    return {
        "1 to 1,000, JAX jit": lambda: curve(one).block_until_ready(),
        "1,000 to 1,000, JAX jit": lambda: layer(many).block_until_ready(),
        "hessian, JAX jit": lambda: hessian(p).block_until_ready(),
    }


def main() -> None:
    """Parse the arguments, compare, print, and save if asked."""
    parser = machine.parser(__doc__, cores=2)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each contender")
    parser.add_argument("--without-jax", action="store_true", help="gpugrad alone")
    options = parser.parse_args()
    machine.restrict(options.cores)
    report = machine.facts(options.cores, PACKAGES) | {"microseconds": {}}
    others = {} if options.without_jax else of_jax()
    groups: dict[str, tuple[Runs, dict[str, tuple[str, ...]]]] = {
        "directional derivatives of the digits MLP": (
            directional(),
            {"eager": ("gradient, eager",), "jit": ("gradient, jit",)},
        ),
        **{
            name: (
                {k: f for k, f in {**runs, **others}.items() if k.startswith(name)},
                {"batched": (f"{name}, batched",), "JAX": (f"{name}, JAX jit",)},
            )
            for runs in (jacobians(), hessians())
            for name in dict.fromkeys(k.rpartition(", ")[0].removesuffix(", batched") for k in runs)
        },
    }
    for title, (runs, bases) in groups.items():
        times = alternate(runs, options.seconds, lambda result: result)
        print(f"\n{title}, in microseconds and as ratios")
        print_table(times, bases)
        report["microseconds"][title] = {name: each.summary() for name, each in times.items()}
    machine.save(options.json, report)


if __name__ == "__main__":
    main()
