"""A thousand tiny networks trained side by side: 2 -> 16 -> 1, one example each, SGD.

    python benchmarks/ensemble.py [--models 1000] [--engines numpy,native] [--json]

About twenty operations for each network, all small and independent of the other networks: eager
code pays for each of them, and a plan may batch them. The networks are separate pytrees, or slices
of stacked arrays. Then the time to record and plan such a program, which must grow linearly.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import engines
import machine
import numpy as np
import stages
from alternate import alternate, print_table

import gpugrad as gg

Array = np.ndarray[Any, Any]
Params = tuple[Array, Array, Array, Array]
"""Weights and biases of both layers."""

Step = Callable[[], Any]

RATE = np.float32(0.01)
CHECKED_STEPS = 10
TOLERANCE = 1e-4
HIDDEN = 16
BY_HAND = "NumPy by hand, stacked"
SEPARATE, STACKED = "eager, separate", "eager, slices"
BASES = {"x by hand": (BY_HAND,), "x eager sep.": (SEPARATE,), "x eager sl.": (STACKED,)}


def problem(n: int) -> tuple[Params, Array, Array]:
    """Stacked parameters, an example for each network, and what it should give."""
    rng = np.random.default_rng(0)

    def normal(*shape: int) -> Array:
        return rng.normal(0.0, shape[-2] ** -0.5, shape).astype(np.float32)

    zeros = partial(np.zeros, dtype=np.float32)
    params = normal(n, 2, HIDDEN), zeros((n, HIDDEN)), normal(n, HIDDEN, 1), zeros((n, 1))
    return params, normal(n, 1, 2), normal(n, 1, 1)


def _loss(params: Any, x: Any, y: Any) -> Any:
    w1, b1, w2, b2 = params
    return gg.sum((gg.linear(gg.relu(gg.linear(x, w1, b1)), w2, b2) - y) ** 2)


_differentiated = gg.value_and_grad(_loss)


def train_separate(models: list[Params], xs: list[Array], ys: list[Array]) -> Any:
    """One step of each; the sum of the losses, and the new models."""
    total: Any = np.float32(0)
    trained = []
    for model, x, y in zip(models, xs, ys, strict=True):
        loss, grads = _differentiated(model, x, y)
        trained.append(tuple(p - RATE * g for p, g in zip(model, grads, strict=True)))
        total = total + loss
    return total, trained


def train_slices(stacked: Params, xs: Array, ys: Array) -> Any:
    """The same for models that are slices of stacked arrays."""

    @gg.value_and_grad
    def differentiated(stacked: Any) -> Any:
        total: Any = np.float32(0)
        for i in range(len(xs)):
            total = total + _loss([p[i] for p in stacked], xs[i], ys[i])
        return total

    loss, grads = differentiated(stacked)
    return loss, tuple(p - RATE * g for p, g in zip(stacked, grads, strict=True))


def separate(function: Any, n: int) -> Step:
    """Steps of separate models with `train_separate`, under `gg.jit` or not."""
    params, xs, ys = problem(n)
    models = [tuple(p[i].copy() for p in params) for i in range(n)]
    x, y = list(xs), list(ys)

    def step() -> Any:
        nonlocal models
        loss, models = function(models, x, y)
        return loss

    return step


def slices(function: Any, n: int) -> Step:
    """Steps of stacked models with `train_slices`, under `gg.jit` or not."""
    params, xs, ys = problem(n)

    def step() -> Any:
        nonlocal params
        loss, params = function(params, xs, ys)
        return loss

    return step


def by_hand(n: int) -> Step:
    """The formulas written for all networks at once."""
    (w1, b1, w2, b2), x, y = problem(n)

    def step() -> Any:
        h = np.matmul(x, w1)
        h += b1[:, None]
        np.maximum(h, 0, out=h)
        off = np.matmul(h, w2)
        off += b2[:, None]
        off -= y
        loss = np.vdot(off, off)
        off *= 2 * RATE
        back = off * w2.transpose(0, 2, 1)
        back *= h > 0
        np.subtract(w2, h.transpose(0, 2, 1) * off, out=w2)
        np.subtract(b2, off[:, 0], out=b2)
        np.subtract(w1, x.transpose(0, 2, 1) * back, out=w1)
        np.subtract(b1, back[:, 0], out=b1)
        return loss

    return step


LAYOUTS = {"separate": (train_separate, separate), "slices": (train_slices, slices)}


def contenders(n: int, chosen: list[str]) -> dict[str, Step]:
    """Steps by name; those under `gg.jit` are compiled, and start anew."""
    found = {BY_HAND: by_hand(n), SEPARATE: separate(train_separate, n)}
    found[STACKED] = slices(train_slices, n)
    for layout, (train, make) in LAYOUTS.items():
        for engine in chosen:
            compiled = gg.jit(train, engine=engine, donate_argnums=0)
            engines.settle(compiled, make(compiled, n))
            found[f"jit {engine}, {layout}"] = make(compiled, n)
    return found


def check(found: dict[str, Step]) -> None:
    """Exit unless all have the same losses."""
    losses = {name: [float(step()) for _ in range(CHECKED_STEPS)] for name, step in found.items()}
    for name, each in losses.items():
        if not np.allclose(each, losses[BY_HAND], rtol=TOLERANCE):
            sys.exit(f"{name} ends with the loss {each[-1]}, and not {losses[BY_HAND][-1]}.")


def growth(sizes: list[int], engine: str) -> dict[str, Any]:
    """What recording and planning takes for growing numbers of networks."""
    found: dict[str, Any] = {}
    print(f"\nfirst two calls, engine {engine}: ms for each stage, and us for each step")
    print(f"  {'':24}{'steps':>8}{'record':>9}{'plan':>9}{'engine':>9}{'total':>9}{'us/step':>9}")
    for layout, (train, _) in LAYOUTS.items():
        for n in sizes:
            params, xs, ys = problem(n)
            args: Any = (params, xs, ys)
            if layout == "separate":
                args = [tuple(p[i] for p in params) for i in range(n)], list(xs), list(ys)
            times, steps = stages.measure(gg.jit(train, engine=engine, donate_argnums=0), args)
            cells = (times.record, times.plan, times.engine, times.total)
            print(
                f"  {f'{layout}, {n} models':<24}{steps:>8}"
                + "".join(f"{cell:>9.0f}" for cell in cells)
                + f"{1e3 * times.total / steps:>9.1f}"
            )
            found[f"{layout}, {n}"] = vars(times) | {"steps": steps}
    return found


def main() -> None:
    """Parse the arguments, compare, print, and save if asked."""
    parser = machine.parser(__doc__, cores=1)
    parser.add_argument("--models", type=int, default=1000)
    parser.add_argument("--engines", default="numpy", help=f"of {','.join(engines.ENGINES)}")
    parser.add_argument("--seconds", type=float, default=3.0, help="for each contender")
    options = parser.parse_args()
    machine.restrict(options.cores)
    report = machine.facts(options.cores, "numpy gpugrad llvmlite".split())
    n, chosen = options.models, options.engines.split(",")
    found = contenders(n, chosen)
    check(found)
    times = alternate(found, options.seconds, float)
    print(f"\n{n} networks, {len(times[BY_HAND].each)} rounds; all losses agree")
    print_table(times, BASES)
    report["microseconds"] = {name: each.summary() for name, each in times.items()}
    sizes = [max(1, n // 2), n, 2 * n]
    report["stages"] = {engine: growth(sizes, engine) for engine in chosen}
    machine.save(options.json, report)


if __name__ == "__main__":
    main()
