"""How exact the elementary functions of native code are, or with `--speed` how fast.

Compares every float32 with NumPy's float64 on one core, and many float64 with its long double, and
fails above the bound of the tests. Arguments choose functions; without one, all of them.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from test_elementary import (  # noqa: E402
    BOUND,
    HERE,
    LANES,
    WIDER,
    Loop,
    arguments,
    loop_over,
    ulps,
    wide,
)

from gpugrad.codegen.elementary import FUNCTIONS  # noqa: E402

CHUNK = 1 << 20
SIZES = (1_024, 100_000)                            # multiples of `LANES`


def every_float32():
    for first in range(0, 1 << 32, CHUNK):
        yield np.arange(first, first + CHUNK, dtype=np.uint32).view(np.float32)


def worst(name, dtype):
    """The largest error in ulps, and where."""
    most, where, limit = -1.0, None, FUNCTIONS[name, dtype].limit
    for x in every_float32() if dtype == "float32" else [arguments(dtype)]:
        if limit is not None:
            x = x[~(np.abs(x) > limit)]
        if not x.size:
            continue
        with np.errstate(all="ignore"):
            errors = ulps(loop_over(name, dtype, HERE)(x), wide(name, x.astype(WIDER[dtype])))
        if errors.max() > most:
            most, where = float(errors.max()), x[errors.argmax()]
    return most, where


def seconds(run):
    """The least time of a call, each long enough for the clock."""
    times, least = 1, 0.0
    while least < 0.01:
        times *= 2
        least = _once(run, times)
    return min(least, *(_once(run, times) for _ in range(7))) / times


def _once(run, times):
    start = perf_counter()
    for _ in range(times):
        run()
    return perf_counter() - start


def by_numpy(name, x, y):
    """What NumPy has for it; `None` if nothing."""
    if name == "sigmoid":
        def call():
            np.negative(x, out=y)
            np.exp(y, out=y)
            np.add(y, 1, out=y)
            np.divide(1, y, out=y)
    elif hasattr(np, name):
        def call():
            getattr(np, name)(x, out=y)
    else:
        return None
    return call


def print_speed(cases):
    assert not any(n % LANES for n in SIZES)
    print(f"{'ns per element':<20}" + "".join(f"{f'ours {n}':>14}{f'NumPy {n}':>14}" for n in SIZES)
          + f"{'compile s':>12}")
    for name, dtype in cases:
        line = f"{name:<11}{dtype:<9}"
        start = perf_counter()
        loop = Loop(FUNCTIONS[name, dtype].describe, dtype, HERE)
        compiled = perf_counter() - start
        for n in SIZES:
            x = np.random.default_rng(0).uniform(0.01, 6, n).astype(dtype)
            y = np.empty_like(x)
            places = x.ctypes.data, y.ctypes.data, n
            ours, theirs = partial(loop.run, *places), by_numpy(name, x, y)
            line += f"{seconds(ours) / n * 1e9:14.3f}"
            line += f"{seconds(theirs) / n * 1e9:14.3f}" if theirs else f"{'-':>14}"
        print(line + f"{compiled:12.3f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="as in sin, or sin-float32")
    parser.add_argument("--speed", action="store_true")
    options = parser.parse_args()
    cases = [key for key in sorted(FUNCTIONS)
             if not options.names or {key[0], "-".join(key)} & set(options.names)]
    if options.speed:
        return print_speed(cases)
    too_much = []
    for name, dtype in cases:
        start = perf_counter()
        most, where = worst(name, dtype)
        spent = perf_counter() - start
        print(f"{name:<11}{dtype:<9}{most:8.3f} ulp at {where!r:<32}{spent:8.1f} s", flush=True)
        if not most <= BOUND.get(name, 2.0):
            too_much.append(f"{name}-{dtype}")
    sys.exit(f"above the bound: {', '.join(too_much)}" if too_much else 0)


if __name__ == "__main__":
    main()
