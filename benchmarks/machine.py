"""What a measurement is done on: which cores, how many threads, whose versions; and its report.

Nothing here imports an array library: `restrict` comes first.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterable
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"

_LIBRARIES = ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM", "NUMEXPR")


def parser(description: str | None, *, cores: int | None) -> argparse.ArgumentParser:
    """A parser with the options that every script has."""
    made = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    if cores is not None:
        made.add_argument("--cores", type=int, default=cores, help=f"how many to use ({cores})")
    name = Path(sys.argv[0]).stem
    made.add_argument(
        "--json",
        type=Path,
        nargs="?",
        const=RESULTS / f"{name}-{date.today().isoformat()}.json",
        metavar="FILE",
        help=f"save the figures (without FILE: in {RESULTS.name}/)",
    )
    return made


def restrict(cores: int) -> None:
    """Keep this process, and its libraries' threads, on the last `cores` of those it may use.

    The libraries read their variables when they are imported and count cores when they start, so
    the program starts once more if that is not how it began. JAX heeds the cores alone.
    """
    wanted = {f"{name}_NUM_THREADS": str(cores) for name in _LIBRARIES} | {"JAX_PLATFORMS": "cpu"}
    if hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        if len(allowed) < cores:
            sys.exit(f"--cores {cores}, but this process may use {len(allowed)}.")
        os.sched_setaffinity(0, allowed[-cores:])
        begun = len(allowed) == cores
    else:
        print("This system cannot keep a process on its cores: the timings will scatter more.")
        begun = True
    if not begun or any(os.environ.get(name) != value for name, value in wanted.items()):
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, **wanted})


def facts(cores: int, packages: Iterable[str]) -> dict[str, Any]:
    """Date, processor, cores and the versions of what is installed, printed as well."""
    versions = {"Python": platform.python_version()}
    for package in packages:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    found = {"date": date.today().isoformat(), "cpu": cpu_model(), "cores": cores}
    print(f"{found['date']}, {found['cpu']}, cores: {cores}")
    print(", ".join(f"{name} {number}" for name, number in versions.items()))
    return {**found, "versions": versions}


def cpu_model() -> str:
    """What the machine calls its processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def save(file: Path | None, report: dict[str, Any], *, part: bool = False) -> None:
    """Write the report, if a file was asked for; of a `part` of it nothing is said."""
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_name(f"{file.name}.part")
        beside.write_text(json.dumps(report, indent=1) + "\n")
        beside.replace(file)                        # which is whole whenever it is looked at
        if not part:
            print(f"saved in {file}")


def resumed(file: Path | None, report: dict[str, Any]) -> dict[str, Any]:
    """The report in `file`, to be gone on with; `report`, which is how one begins, without any.

    Exits where what both say differs, but the date: figures of another machine, of other versions
    or other contenders cannot stand beside new ones.
    """
    if file is None:
        sys.exit("--resume goes on with a report: name its file with --json FILE.")
    if not file.exists():
        return report
    found: dict[str, Any] = json.loads(file.read_text())
    other = [key for key, value in report.items() if key != "date" and found.get(key) != value]
    if other:
        sys.exit(
            f"{file} cannot be gone on with: its {' and '.join(other)} differ from those of this "
            "run. Save to another file, or leave out --resume, which begins it anew."
        )
    return found
