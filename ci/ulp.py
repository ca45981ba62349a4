"""How exact the compiled engine's elementary functions are, or with `--speed` how fast.

Compares every float32 with NumPy's float64 on one core, and many float64 with its long double, and
fails above the bound of the tests. Arguments choose functions; without one, all of them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from time import perf_counter

import numpy as np
from numba import njit

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from test_vector_math import BOUND, arguments, evaluate, loop_over  # noqa: E402

from gpugrad.engines.native.vector_math import FUNCTIONS  # noqa: E402

CHUNK = 1 << 20
SIZES = (1_000, 100_000)


def every_float32():
    for first in range(0, 1 << 32, CHUNK):
        yield np.arange(first, first + CHUNK, dtype=np.uint32).view(np.float32)


def worst(name, dtype):
    """The largest error in ulps, and where."""
    most, where = -1.0, None
    for x in every_float32() if dtype == "float32" else [arguments(dtype)]:
        x, _, errors = evaluate(name, dtype, x)
        if errors.size and errors.max() > most:
            most, where = float(errors.max()), x[errors.argmax()]
    return most, where


def seconds(run, x, y):
    """The least time of a call, each long enough for the clock."""
    run(x, y, 1)
    times, least = 1, 0.0
    while least < 0.01:
        times *= 2
        least = -perf_counter() + (run(x, y, times) or perf_counter())
    for _ in range(7):
        start = perf_counter()
        run(x, y, times)
        least = min(least, perf_counter() - start)
    return least / times


def repeated(function):
    loop = loop_over(function)

    @njit(nogil=True)
    def run(x, y, times):
        for _ in range(times):
            loop(x, y)

    return run


def numpy_repeated(name):
    if name == "sigmoid":
        def call(x, out):
            np.negative(x, out=out)
            np.exp(out, out=out)
            np.add(out, 1, out=out)
            np.divide(1, out, out=out)
    elif hasattr(np, name):
        call = getattr(np, name)
    else:
        return None

    def run(x, y, times):
        for _ in range(times):
            call(x, out=y)

    return run


def print_speed(cases):
    print(f"{'ns per element':<18}" + "".join(f"{f'ours {n}':>14}{f'NumPy {n}':>14}" for n in SIZES)
          + f"{'compile s':>12}")
    for name, dtype in cases:
        line = f"{name:<9}{dtype:<9}"
        start = perf_counter()
        ours = repeated(FUNCTIONS[name, dtype].function)
        ours(np.ones(1, dtype), np.ones(1, dtype), 1)
        compiled = perf_counter() - start
        theirs = numpy_repeated(name)
        for n in SIZES:
            x = np.random.default_rng(0).uniform(0.01, 6, n).astype(dtype)
            y = np.empty_like(x)
            line += f"{seconds(ours, x, y) / n * 1e9:14.3f}"
            line += f"{seconds(theirs, x, y) / n * 1e9:14.3f}" if theirs else f"{'-':>14}"
        print(line + f"{compiled:12.3f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="as in sin, or sin-float32")
    parser.add_argument("--speed", action="store_true")
    options = parser.parse_args()
    cases = [key for key in FUNCTIONS
             if not options.names or {key[0], "-".join(key)} & set(options.names)]
    if options.speed:
        return print_speed(cases)
    too_much = []
    for name, dtype in cases:
        start = perf_counter()
        most, where = worst(name, dtype)
        print(f"{name:<9}{dtype:<9}{most:8.3f} ulp at {where!r:<32}{perf_counter() - start:8.1f} s",
              flush=True)
        if not most <= BOUND.get(name, 2.0):
            too_much.append(f"{name}-{dtype}")
    sys.exit(f"above the bound: {', '.join(too_much)}" if too_much else 0)


if __name__ == "__main__":
    main()
