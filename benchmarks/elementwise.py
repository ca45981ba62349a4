"""Value and gradient of sum(sin(x**2) + x) in float32, from a thousand to ten million elements.

    python benchmarks/elementwise.py [--sizes 1e3,1e5] [--cores 2] [--json]

One long run of elementwise operations: what is measured is passes over memory, sines and cosines,
and threads, of which every library gets one for each core. The last line is no contender: it is
what NumPy's sines and cosines alone take when they are shared out, in pieces that fit into a cache.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import Any

import engines
import machine
import numpy as np
from alternate import Times, alternate, print_table

import gpugrad as gg

Array = np.ndarray[Any, Any]
Run = Callable[[], Any]
"""Returns value and gradient."""

PACKAGES = "numpy gpugrad llvmlite numexpr torch jax".split()
BASE, BOUND = "NumPy by hand", "NumPy's sin and cos alone, shared"
BASES = {"x by hand": (BASE,), "x JAX": ("JAX jit",), "x bound": (BOUND,)}

PIECE = 16_384
"""Elements of 64 KB, of which three fit into a level 2 cache."""

VALUE_TOLERANCE, GRADIENT_TOLERANCE = 1e-4, 1e-4
"""Of the mean term, and of an element: x is at most 6, and 36 has a rounding error of 2e-6."""


def by_hand(x: Array) -> Run:
    """Into arrays that are allocated once."""
    square, term, grad = (np.empty_like(x) for _ in range(3))
    one, two = np.float32(1), np.float32(2)

    def run() -> Any:
        np.multiply(x, x, out=square)
        np.sin(square, out=term)
        np.add(term, x, out=term)
        np.cos(square, out=grad)
        np.multiply(grad, x, out=grad)
        np.multiply(grad, two, out=grad)
        np.add(grad, one, out=grad)
        return np.add.reduce(term), grad

    return run


def _function(x: Any) -> Any:
    return gg.sum(gg.sin(x**2) + x)


def gpugrad_eager(x: Array) -> Run:
    """`value_and_grad`, which runs NumPy operation by operation."""
    differentiated = gg.value_and_grad(_function)
    return lambda: differentiated(x)


def gpugrad_jit(engine: str) -> Callable[[Array], Run]:
    """The same under `gg.jit`."""

    def make(x: Array) -> Run:
        compiled = gg.jit(gg.value_and_grad(_function), engine=engine)

        def run() -> Any:
            return compiled(x)

        engines.settle(compiled, run)
        return run

    return make


def jax_jit(x: Array) -> Run:
    """JAX, compiled."""
    import jax
    import jax.numpy as jnp

    compiled = jax.jit(jax.value_and_grad(lambda x: jnp.sum(jnp.sin(x**2) + x)))
    on_jax = jnp.asarray(x)
    return lambda: jax.block_until_ready(compiled(on_jax))


def torch_eager(x: Array) -> Run:
    """PyTorch, eager."""
    import torch

    on_torch = torch.from_numpy(x).requires_grad_()

    def run() -> Any:
        on_torch.grad = None
        value = (torch.sin(on_torch**2) + on_torch).sum()
        value.backward()
        return value.detach(), on_torch.grad

    return run


def numexpr(x: Array) -> Run:
    """numexpr, with the gradient written by hand; NumPy sums, which numexpr does on one thread."""
    import numexpr

    term, grad = np.empty_like(x), np.empty_like(x)

    def run() -> Any:
        numexpr.evaluate("sin(x * x) + x", {"x": x}, out=term)
        numexpr.evaluate("(x + x) * cos(x * x) + 1", {"x": x}, out=grad)
        return np.add.reduce(term), grad

    return run


def bound(x: Array, threads: int) -> Run:
    """The sines and cosines alone."""
    square, sines, cosines = x * x, np.empty_like(x), np.empty_like(x)
    pool = ThreadPoolExecutor(threads)
    share = -(-x.size // threads)

    def part(start: int) -> None:
        for low in range(start, min(start + share, x.size), PIECE):
            piece = slice(low, min(low + PIECE, start + share))
            np.sin(square[piece], out=sines[piece])
            np.cos(square[piece], out=cosines[piece])

    def run() -> None:
        for _ in pool.map(part, range(0, x.size, share)):
            pass

    if x.size <= PIECE:                             # handing over takes longer
        return lambda: (np.sin(square, out=sines), np.cos(square, out=cosines))
    return run


def contenders() -> dict[str, Callable[[Array], Run]]:
    """Those that can run here, by name."""
    found: dict[str, Callable[[Array], Run]] = {BASE: by_hand, "gpugrad eager": gpugrad_eager}
    found |= {f"gpugrad jit, {engine}": gpugrad_jit(engine) for engine in engines.available()}
    others = {
        "JAX jit": ("jax", jax_jit),
        "PyTorch eager": ("torch", torch_eager),
        "numexpr, gradient by hand": ("numexpr", numexpr),
    }
    for name, (module, make) in others.items():
        if find_spec(module) is None:
            print(f"{name} is left out: there is no {module}")
        else:
            found[name] = make
    return found


def compare(size: int, seconds: float, cores: int) -> dict[str, Times]:
    """Times of each contender; exits if the results differ."""
    x = np.random.default_rng(0).normal(size=size).astype(np.float32)
    made = {name: make(x) for name, make in contenders().items()}
    exact = x.astype(np.float64)
    value = float(np.sum(np.sin(exact**2) + exact))
    grad = 2 * exact * np.cos(exact**2) + 1
    for name, run in made.items():
        found_value, found_grad = run()
        off = abs(float(found_value) - value) / size
        worst = float(np.max(np.abs(np.asarray(found_grad) - grad)))
        if not (off <= VALUE_TOLERANCE and worst <= GRADIENT_TOLERANCE):
            sys.exit(
                f"{size:,} elements: {name} is off by {off:.1e} in the mean term and by "
                f"{worst:.1e} in the gradient; at most {VALUE_TOLERANCE:.0e} and "
                f"{GRADIENT_TOLERANCE:.0e} are rounding."
            )
    return alternate({**made, BOUND: bound(x, cores)}, seconds, lambda result: None)


def main() -> None:
    """Parse the arguments, compare, print, and save if asked."""
    parser = machine.parser(__doc__, cores=2)
    parser.add_argument("--sizes", default="1e3,1e5,1e6,1e7", help="numbers of elements")
    parser.add_argument("--seconds", type=float, default=1.5, help="for each contender and size")
    options = parser.parse_args()
    machine.restrict(options.cores)
    report = machine.facts(options.cores, PACKAGES) | {"microseconds": {}}
    for size in (int(float(text)) for text in options.sizes.split(",")):
        times = compare(size, options.seconds, options.cores)
        report["microseconds"][str(size)] = {name: each.summary() for name, each in times.items()}
        print(f"\n{size:,} elements, {len(times[BASE].each)} rounds; all results agree")
        print_table(times, BASES)
    machine.save(options.json, report)


if __name__ == "__main__":
    main()
