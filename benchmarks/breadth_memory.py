"""Peak memory of the rows of `breadth.py`, each contender in a process of its own.

    python benchmarks/breadth_memory.py [--rows sort,scan] [--sizes all] [--engines native] [--json]

Counted is what the resident set of a process grows by, that has imported the library, has run a
small program with it, and holds the inputs: at the peak until the final code runs, which is what
compiling takes, and at the peak of later calls, with the code. What it grew by before that, over
Python with NumPy and gpugrad, is told apart as `library`: with a compiler, if there is one. Pages
are of 4 KiB; below 1 MiB it says more of allocators than of programs. Needs Linux, which can set a
peak back.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import contest
import engines
import machine
import ratios
from contenders import CannotRun
from memory import MEBI, Resident
from workloads import WORKLOADS
from workloads.workload import Draw, Workload, differentiated, with_gradient

from gpugrad.errors import GpugradError

LATER = 5
"""Calls after those that compile."""

SMALL = Workload(
    "small", {"small": 64}, lambda n: (Draw().normal(n),),
    differentiated(lambda xp: lambda x: xp.sum(xp.exp(x))),
    differentiated(lambda xp: lambda x: xp.sum(xp.exp(x))),
    with_gradient(lambda torch: lambda x: torch.sum(torch.exp(x))),
    lambda numpy: lambda x: (numpy.sum(numpy.exp(x)), numpy.exp(x)),
)  # fmt: skip
"""What each library runs first."""

MEASURES = ("library", "compiling", "later")


def measure(row: str, size: str, name: str) -> list[int]:
    """Bytes by which the process grew, by `MEASURES`."""
    before = Resident()
    contender = contest.of_name(name)()
    run, _ = contender.start(SMALL, SMALL.make(SMALL.sizes["small"]))
    contender.settle(run)
    library = Resident().begin - before.begin
    del run
    workload = WORKLOADS[row]
    arguments = workload.make(workload.sizes[size])
    run, restart = contest.of_name(name)().start(workload, arguments)
    memory = Resident()
    memory.peak()
    contest.wait(run())
    contender.settle(run)
    compiling = memory.peak()
    restart()
    for _ in range(LATER):
        contest.wait(run())
    return [library, compiling, memory.peak()]


def ask(row: str, size: str, name: str, timeout: float) -> dict[str, float] | str:
    """The same in MiB, of a process of its own with an empty cache folder; or why there is none."""
    with TemporaryDirectory() as folder:
        paths = [str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {"PYTHONPATH": os.pathsep.join(paths), "GPUGRAD_CACHE": f"{folder}/cache"}
        try:
            ran = subprocess.run(
                [sys.executable, __file__, "--case", json.dumps([row, size, name])],
                capture_output=True, text=True, timeout=timeout,
                env=os.environ | environment | {"GPUGRAD_BACKEND": "numpy"},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return f"no end after {timeout:g} s"
    if ran.returncode:
        return " ".join(ran.stderr.strip().splitlines()[-1:])
    found = json.loads(ran.stdout.splitlines()[-1])
    return dict(zip(MEASURES, (nbytes / MEBI for nbytes in found), strict=True))


def main() -> None:
    """Parse the arguments, measure, print, and save if asked."""
    parser = machine.parser(__doc__, cores=1)
    parser.add_argument("--rows", default="", metavar="WORDS", help="of which a row must hold one")
    parser.add_argument("--sizes", choices=("small", "all", "last"), default="small")
    parser.add_argument("--engines", default="numpy,native", metavar="NAMES", help="of gpugrad")
    parser.add_argument("--without", default="", metavar="NAMES", help="leave out these peers")
    parser.add_argument("--timeout", type=float, default=300, help="seconds for each case (300)")
    parser.add_argument("--case", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        try:
            print(json.dumps(measure(*options.case)))
        except (CannotRun, GpugradError) as error:
            sys.exit(f"left out: {error}")
        return
    machine.restrict(options.cores)
    packages = "numpy gpugrad llvmlite jax torch".split()
    report: dict[str, Any] = machine.facts(options.cores, packages)
    ours = engines.available(options.engines.split(","))
    peers = [name for name in ("JAX", "PyTorch") if name not in options.without.split(",")]
    names = [*peers, *(ratios.OURS + name for name in ours)]
    print(f"\nMiB at the peak, {', '.join(MEASURES)}; ratio: the best of ours over the best peer")
    print(f"{'':38}" + "".join(f"{name:>26}" for name in names) + f"{'ratio':>8}")
    report["mebibytes"] = {}
    for row, workload in WORKLOADS.items():
        if not any(word in row for word in options.rows.split(",")):
            continue
        sizes = list(workload.sizes)
        for size in {"small": sizes[:1], "all": sizes, "last": sizes[-1:]}[options.sizes]:
            found = {name: ask(row, size, name, options.timeout) for name in names}
            report["mebibytes"].setdefault(row, {})[size] = found
            machine.save(options.json, report, part=True)
            print(_line(f"{row}, {size}", found), flush=True)
    machine.save(options.json, report)


def _line(what: str, found: dict[str, dict[str, float] | str]) -> str:
    cells, best = [], {True: float("inf"), False: float("inf")}
    for name, each in found.items():
        if isinstance(each, str):
            cells.append(f"{'-':>26}")
            continue
        cells.append("".join(f"{each[x]:>{10 if x == 'library' else 8}.1f}" for x in MEASURES))
        mine = name.startswith(ratios.OURS)
        best[mine] = min(best[mine], max(each["compiling"], each["later"]))
    ratio = best[True] / best[False] if best[False] not in (0, float("inf")) else float("nan")
    return f"{what[:38]:<38}{''.join(cells)}{ratio:>8.2f}"


if __name__ == "__main__":
    main()
