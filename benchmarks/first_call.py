"""How long the first calls under `gg.jit` take: to record, to plan, and to make the engine's code.

    python benchmarks/first_call.py [--json]

For the training step of `digits` and for a program of 500 operations. Native code is made once
cold, in an empty cache folder, and once from that folder, each in a process of its own. Exits with
status 1 if a limit is missed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import machine
import numpy as np
import stages
from engines import available
from problem import make_problem
from steps import arguments, jitted

import gpugrad as gg

OPERATIONS = 500
LIMITS = {"digits": 30.0, "chain": 150.0}
"""Milliseconds with the engine numpy, all stages together."""


def digits(engine: str) -> tuple[Any, tuple[Any, ...]]:
    """The step that `compare.py` times, and arguments for it."""
    return jitted("sgd", engine), arguments(make_problem("digits"), gg.backends.choose("numpy"))


def chain(engine: str) -> tuple[Any, tuple[Any, ...]]:
    """500 operations one after another, on eight numbers."""

    def function(x: Any) -> Any:
        y = x
        for _ in range(OPERATIONS // 2):
            y = gg.sin(y) + x
        return y

    return gg.jit(function, engine=engine), (np.linspace(0.0, 1.0, 8, dtype=np.float32),)


CASES = {"digits": digits, "chain": chain}


def in_process(name: str) -> dict[str, float]:
    """Milliseconds with native code in this process, whose cache the environment names."""
    start = perf_counter()
    import llvmlite.binding  # noqa: F401

    imported = perf_counter() - start
    times, _ = stages.measure(*CASES[name]("native"))
    return {"import": 1e3 * imported, **vars(times)}


def with_native_code(name: str) -> dict[str, dict[str, float]]:
    """The same cold, and then from the cache."""
    found = {}
    with TemporaryDirectory() as folder:
        for cache in ("cold", "from the cache"):
            ran = subprocess.run(
                [sys.executable, __file__, "--case", name],
                env={**os.environ, "GPUGRAD_CACHE": folder},
                check=True,
                capture_output=True,
                text=True,
            )
            found[cache] = json.loads(ran.stdout)
    return found


def main() -> None:
    """Measure, print, and save if asked."""
    parser = machine.parser(__doc__, cores=1)
    parser.add_argument("--repeats", type=int, default=10, help="of which the best counts")
    parser.add_argument("--case", choices=sorted(CASES), help=machine.argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        print(json.dumps(in_process(options.case)))
        return
    machine.restrict(options.cores)
    report = machine.facts(options.cores, "numpy gpugrad llvmlite".split()) | {"milliseconds": {}}
    missed = False
    for name, make in CASES.items():
        times, count = stages.best(*make("numpy"), options.repeats)
        limit = LIMITS[name]
        missed = missed or times.total > limit
        verdict = "met" if times.total <= limit else "MISSED"
        print(f"\n{name}, {count} steps: milliseconds")
        print(f"  {'':26}{'import':>8}{'record':>9}{'plan':>9}{'engine':>9}")
        _print_row("engine numpy", vars(times))
        print(f"  in all {times.total:.1f} ms, at most {limit:g}: {verdict}")
        rows = {"numpy": vars(times)}
        if "native" in available():
            for cache, each in with_native_code(name).items():
                _print_row(f"engine native, {cache}", each)
                rows[f"native, {cache}"] = each
        report["milliseconds"][name] = rows
    machine.save(options.json, report)
    sys.exit(1 if missed else 0)


def _print_row(label: str, times: dict[str, float]) -> None:
    cells = [times.get(name) for name in ("import", "record", "plan", "engine")]
    texts = [f"{'':>9}" if cell is None else f"{cell:>9.1f}" for cell in cells]
    print(f"  {label:<25}{''.join(texts)}")


if __name__ == "__main__":
    main()
