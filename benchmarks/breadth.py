"""Some sixty workloads from many fields, beside JAX, PyTorch and NumPy by hand, in one table.

    python benchmarks/breadth.py [--rows sort,scan] [--sizes all] [--engines native] [--json]
    python benchmarks/breadth.py --sizes all --json FILE --resume
    python benchmarks/breadth.py --report FILE --picture FILE.svg

Each library's program is what its own users write; `benchmarks/workloads` has them. Each row runs
in a process of its own, with an empty cache folder, where all results are compared before anything
is timed. The report is saved after each row, and a run that was cut short goes on with `--resume`.
Exits with 1 where results differ, or a row does not end.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import contest
import engines
import machine
import ratios
from workloads import WORKLOADS

PACKAGES = "numpy scipy gpugrad llvmlite jax jaxlib torch".split()

Ask = Callable[[str, str], contest.Entry]
"""What is found of a row at one size."""


def main() -> None:
    """Parse the arguments, measure, print, and save and draw if asked."""
    parser = machine.parser(__doc__, cores=1)
    parser.add_argument("--rows", default="", metavar="WORDS", help="of which a row must hold one")
    parser.add_argument("--sizes", choices=("small", "all"), default="small", help="of each row")
    parser.add_argument("--engines", default="numpy,native", metavar="NAMES", help="of gpugrad")
    parser.add_argument("--seconds", type=float, default=0.5, help="for each contender and size")
    parser.add_argument("--timeout", type=float, default=600, help="seconds for each size (600)")
    parser.add_argument(
        "--without", default="", metavar="NAMES", help="leave out what has one of these in its name"
    )
    parser.add_argument(
        "--together", action="store_true", help="all in this process: sooner, but never cold"
    )
    parser.add_argument(
        "--resume", action="store_true", help="keep the rows in the report of --json that ended"
    )
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="show this saved report, and measure nothing"
    )
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw the ratios: SVG or PNG")
    parser.add_argument("--case", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        row, size, names, seconds, file = options.case
        Path(file).write_text(json.dumps(contest.measure(WORKLOADS[row], size, names, seconds)))
        return
    if options.report:
        report = json.loads(options.report.read_text())
        print("\n".join(ratios.head(report["contenders"], report["compiling"])))
        for row, sizes in report["rows"].items():
            for size, entry in sizes.items():
                print(_line(report, row, size, entry))
    else:
        machine.restrict(options.cores)
        report = measure(options, machine.facts(options.cores, PACKAGES))
    print(f"\n{ratios.LEGEND}")
    for note in ratios.notes(report["rows"]):
        print(note)
    machine.save(options.json, report)
    if options.picture:
        ratios.picture(report["rows"], f"{report['date']}, {report['cpu']}", options.picture)
    entries = [entry for sizes in report["rows"].values() for entry in sizes.values()]
    sys.exit(1 if any(entry["wrong"] or "failed" in entry for entry in entries) else 0)


def measure(options: argparse.Namespace, report: dict[str, Any]) -> dict[str, Any]:
    """The report with all rows that were asked for, each printed and saved when it is there."""
    names = contenders(options)
    report |= {"contenders": names, "seconds": options.seconds}
    report["compiling"] = [name for name in names if name == "JAX" or name.startswith(ratios.OURS)]
    if options.resume:
        report = machine.resumed(options.json, report)
    rows = report.setdefault("rows", {})
    print("\n".join(["", *ratios.head(names, report["compiling"])]), flush=True)
    ask: Ask = partial(apart, names=names, seconds=options.seconds, timeout=options.timeout)
    if options.together:
        ask = partial(here, names=names, seconds=options.seconds)
    words = options.rows.split(",")
    for row, workload in WORKLOADS.items():
        if not any(word in row for word in words):
            continue
        entries = rows.setdefault(row, {})
        for size in list(workload.sizes)[: 1 if options.sizes == "small" else None]:
            if size not in entries or "failed" in entries[size]:
                entries[size] = ask(row, size)
                machine.save(options.json, report, part=True)
            print(_line(report, row, size, entries[size]), flush=True)
    report["rows"] = {row: rows[row] for row in WORKLOADS if row in rows}
    return report


def contenders(options: argparse.Namespace) -> list[str]:
    """The peers, and gpugrad with each engine that can be had, without what is not wanted."""
    found = engines.available(options.engines.split(","))
    names = [*contest.PEERS, *(f"{ratios.OURS}{engine}" for engine in found)]
    unwanted = [part for part in options.without.split(",") if part]
    return [name for name in names if not any(part in name for part in unwanted)]


def here(row: str, size: str, *, names: list[str], seconds: float) -> contest.Entry:
    """In this process."""
    return contest.measure(WORKLOADS[row], size, names, seconds)


def apart(
    row: str, size: str, *, names: list[str], seconds: float, timeout: float
) -> contest.Entry:
    """In a process of its own, with an empty cache folder."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "entry"
        case = json.dumps([row, size, names, seconds, str(file)])
        paths = [str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {"PYTHONPATH": os.pathsep.join(paths), "GPUGRAD_CACHE": f"{folder}/cache"}
        try:
            ran = subprocess.run(
                [sys.executable, __file__, "--case", case],
                capture_output=True,
                text=True,
                env=os.environ | environment | {"GPUGRAD_BACKEND": "numpy"},
                timeout=timeout,
            )
        except subprocess.TimeoutExpired:
            return contest.failed(f"no end after {timeout:g} s")
        if ran.returncode:
            last = ran.stderr.strip().splitlines()[-1:]
            return contest.failed(" ".join([f"it ended with {ran.returncode}.", *last]))
        entry: contest.Entry = json.loads(file.read_text())
        return entry


def _line(report: dict[str, Any], row: str, size: str, entry: contest.Entry) -> str:
    return ratios.line(row, size, entry, report["contenders"], report["compiling"])


if __name__ == "__main__":
    main()
