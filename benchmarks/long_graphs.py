"""Graphs that a recursive or quadratic implementation cannot do: time and memory of each.

    python benchmarks/long_graphs.py

A chain of 1,000,000 operations, a row loop over 100,000 rows, a diamond 60 deep. Each runs in a
process of its own, so that its peak of memory is its own, with the garbage collector off: what is
freed is freed by reference counts. Exits with status 1 if a limit is missed.
"""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
from time import perf_counter
from typing import Any

import numpy as np

import gpugrad as gg

LINKS = 1_000_000
ROWS = 100_000
DEPTH = 60
FEW = 10_000
"""Blocks that Python may keep: 2,000 tuples of each length. A leak leaves some for each node."""

_missed: list[str] = []


def _report(what: str, value: float, unit: str, at_most: float) -> None:
    verdict = "met" if value <= at_most else "MISSED"
    print(f"  {what:<42}{value:>10.2f} {unit:<4} at most {at_most:g}: {verdict}")
    if value > at_most:
        _missed.append(what)


def _peak() -> float:
    """The largest resident set of this process so far, in GB."""
    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 1e9


def _report_left(before: int) -> None:
    """What was freed is counted in Python's own blocks of memory: nodes, edges, arrays, tuples."""
    _report("blocks of memory left when dropped", sys.getallocatedblocks() - before, "", FEW)


def chain() -> None:
    """`x = sin(x)`, a million times: built, differentiated, dropped; then dropped as built."""
    print(f"chain of {LINKS:,} sins of 8 float32")
    x = gg.tensor(np.linspace(0.1, 1.0, 8, dtype=np.float32), requires_grad=True)
    g = np.ones(8, np.float32)

    def build(links: int) -> Any:
        y = x
        for _ in range(links):
            y = gg.sin(y)
        return y

    build(10).backward(g)                           # what is made once is not counted below
    before = sys.getallocatedblocks()
    start = perf_counter()
    y = build(LINKS)
    built = perf_counter()
    y.backward(g)
    swept = perf_counter()
    _report("build and differentiate", swept - start, "s", 20)
    print(f"    of that the build {built - start:.2f} s, the sweep {swept - built:.2f} s")
    _report("peak of memory, with Python and NumPy", _peak(), "GB", 1.5)
    start = perf_counter()
    del y
    print(f"    dropping it takes {perf_counter() - start:.2f} s")
    _report_left(before)
    y = build(LINKS)
    print("    another one, dropped without being differentiated")
    del y
    _report_left(before)


def row_loop() -> None:
    """Every row is read from `x` and written to `out`: linear, though nodes see all of both."""
    print(f"out[i] = sin(x[i]) over {ROWS:,} rows of 4 float64, and backward()")
    x = gg.tensor(np.ones((ROWS, 4)), requires_grad=True)

    def differentiate(rows: int) -> None:
        out = gg.zeros((ROWS, 4))
        for i in range(rows):
            out[i] = gg.sin(x[i])
        gg.sum(out).backward()

    differentiate(10)
    x.grad = None
    before = sys.getallocatedblocks()
    start = perf_counter()
    differentiate(ROWS)
    _report("build, differentiate, drop", perf_counter() - start, "s", 5)
    _report_left(before)
    np.testing.assert_allclose(x.grad, np.full((ROWS, 4), np.cos(1.0)))


def diamond() -> None:
    """`y = y + y`: 2**60 ways from end to end, and 60 nodes."""
    print(f"diamond {DEPTH} deep")
    start = perf_counter()
    x = gg.tensor(np.ones(8), requires_grad=True)
    y = x
    for _ in range(DEPTH):
        y = y + y
    y.backward(np.ones(8))
    _report("build and differentiate", perf_counter() - start, "s", 0.1)
    np.testing.assert_array_equal(x.grad, np.full(8, 2.0**DEPTH))


CASES = {"chain": chain, "rows": row_loop, "diamond": diamond}


def main() -> None:
    """Run the case that the argument names; without one, each in a process of its own."""
    if len(sys.argv) == 1:
        codes = [subprocess.run([sys.executable, __file__, case]).returncode for case in CASES]
        sys.exit(max(codes))
    gc.disable()
    CASES[sys.argv[1]]()
    sys.exit(1 if _missed else 0)


if __name__ == "__main__":
    main()
