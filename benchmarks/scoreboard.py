"""What goes wrong in automatic differentiation, asked of gpugrad and of other libraries.

    python benchmarks/scoreboard.py [--libraries HIPS,JAX] [--rows 8,11] [--json]
    python benchmarks/scoreboard.py --python Advect=/path/to/python3.12

The rows are those of `tests/pitfalls`, which are tests of gpugrad as well. Each library runs in a
process of its own; a check that takes this process down, or that takes too long, has failed, and
the others run in a new one.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import Any

import machine

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from peers import PEERS
from pitfalls import CHECKS
from pitfalls.judge import ABSENT, ERROR, PASS, WRONG, Outcome, of_row, run
from pitfalls.library import Library
from pitfalls.rows import ROWS

OURS = {"gpugrad": "", "gpugrad jit": "numpy", "gpugrad native": "native"}
"""The engine under which gradients run; empty where they run eagerly."""

SIGNS = {PASS: "pass", WRONG: "WRONG", ERROR: "ERROR", ABSENT: "-"}

FOOTNOTE = """
A row passes if one of its checks applies and none fails. WRONG: a value, shape or dtype other than
demanded, a warning, a detached gradient, memory that grows. ERROR: an exception, a crash, no end.
"-": the library has no such thing. Each check is written with the library's own functions; one that
it lacks makes the check not applicable. Where a row leaves a choice, each choice passes: a
subgradient between the slopes on either side, if those of a tie add up to 1 (11); a write that is
refused, found, or without effect (24; in gpugrad inside gg.debug()); a second backward that
is refused, adds up or replaces (27); either convention for complex numbers (30); many results
refused or added up, and None from a tape for what does not depend (34). It is no choice that a
documentation warns of a trap, as JAX's does of 4 and PyTorch's of 15: the value counts.
"""


def make(name: str) -> Library:
    """The adapter of that library, imported now."""
    if name in PEERS:
        return PEERS[name]()
    from pitfalls.ours import Compiled, Ours

    return Compiled(OURS[name]) if OURS[name] else Ours()


def packages(name: str) -> tuple[str, ...]:
    """What the library is, then what it computes with."""
    if name in PEERS:
        return PEERS[name].packages
    return ("gpugrad", "numpy", *("llvmlite",) * (OURS[name] == "native"))


def work(name: str, chosen: Sequence[int], file: Path, timeout: float) -> None:
    """In a process of its own: run these checks, and write a line for each when it has ended."""
    library = make(name)
    versions = {"Python": python_version()} | {part: _version(part) for part in packages(name)}
    with file.open("a") as lines:
        print(json.dumps(versions), file=lines, flush=True)
        for i in chosen:
            faulthandler.dump_traceback_later(timeout, exit=True)
            outcome = run(CHECKS[i], library)
            print(json.dumps([i, outcome.kind, outcome.detail]), file=lines, flush=True)
        faulthandler.cancel_dump_traceback_later()


def _version(package: str) -> str:
    """That of the distribution, or, in a checkout that is not installed, what the module says."""
    try:
        return version(package)
    except PackageNotFoundError:
        return str(import_module(package).__version__)


class CannotStart(Exception):
    """The library is not there; says what its process said."""


def ask(
    name: str, python: str, chosen: Sequence[int], timeout: float
) -> tuple[dict[str, str], dict[int, Outcome]]:
    """The versions that ran, and the outcome of each of these checks; raises `CannotStart`."""
    versions: dict[str, str] = {}
    outcomes: dict[int, Outcome] = {}
    while left := [i for i in chosen if i not in outcomes]:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "outcomes"
            case = json.dumps([name, left, str(file), timeout])
            command = [python, __file__, "--case", case]
            try:
                ran = subprocess.run(command, capture_output=True, text=True, env=_environment())
            except OSError as error:
                raise CannotStart(str(error)) from None
            lines = file.read_text().splitlines() if file.exists() else []
        if not lines:
            raise CannotStart((ran.stderr.strip().splitlines() or [_end(ran.returncode)])[-1])
        versions = json.loads(lines[0])
        outcomes |= {i: Outcome(*found) for i, *found in map(json.loads, lines[1:])}
        if ran.returncode:
            lost = [i for i in left if i not in outcomes]
            late = f"no end after {timeout:g} s" if "Timeout" in ran.stderr else ""
            outcomes |= {i: Outcome(ERROR, late or _end(ran.returncode)) for i in lost[:1]}
    return versions, outcomes


def _environment() -> dict[str, str]:
    """This checkout's gpugrad comes first, and no library looks for a GPU."""
    paths = [str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), "GPUGRAD_BACKEND": "numpy"}


def _end(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"the process ended with {code}"


def table(results: dict[str, dict[int, Outcome]]) -> Iterator[str]:
    """A line for each row, then how many there are of each kind."""
    widths = [max(5, len(name)) + 2 for name in results]
    title = max(map(len, ROWS.values())) + 4

    def line(head: str, cells: Iterable[object]) -> str:
        aligned = (f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        return f"{head:<{title}}{''.join(aligned)}"

    yield line("", results)
    for row in sorted({row for rows in results.values() for row in rows}):
        yield line(
            f"{row:>2}  {ROWS[row]}", (SIGNS[rows[row].kind] for rows in results.values())
        )
    yield ""
    for kind in SIGNS:
        counts = [outcome.kind for rows in results.values() for outcome in rows.values()]
        if kind in counts:
            yield line(
                kind,
                (sum(found.kind == kind for found in rows.values()) for rows in results.values()),
            )


def reasons(name: str, outcomes: dict[int, Outcome]) -> Iterator[str]:
    """What did not pass, check by check."""
    for i, outcome in sorted(outcomes.items()):
        if outcome.kind in (WRONG, ERROR):
            yield f"  {name}, {CHECKS[i].label}: {outcome.detail}"


def main() -> None:
    """Parse the arguments, ask, print, and save if asked."""
    parser = machine.parser(__doc__, cores=1)
    parser.add_argument("--libraries", default=",".join([*OURS, *PEERS]), metavar="NAMES")
    parser.add_argument("--rows", default=",".join(map(str, ROWS)), metavar="NUMBERS")
    parser.add_argument("--timeout", type=float, default=300, help="seconds for a check (300)")
    parser.add_argument(
        "--python", action="append", default=[], metavar="LIBRARY=PATH", help="its interpreter"
    )
    parser.add_argument("--case", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        name, chosen, file, timeout = options.case
        work(name, chosen, Path(file), timeout)
        return
    names = options.libraries.split(",")
    if unknown := set(names) - {*OURS, *PEERS}:
        parser.error(f"unknown libraries {sorted(unknown)}: choose from {', '.join(OURS | PEERS)}")
    pythons = dict(pair.split("=", 1) for pair in options.python)
    machine.restrict(options.cores)
    report = machine.facts(options.cores, ("gpugrad", "numpy"))
    rows = set(map(int, options.rows.split(",")))
    chosen = [i for i, check in enumerate(CHECKS) if check.row in rows]
    results: dict[str, dict[int, Outcome]] = {}
    report["libraries"], report["checks"], report["rows"] = {}, {}, {}
    notes = []
    for name in names:
        try:
            versions, outcomes = ask(
                name, pythons.get(name, sys.executable), chosen, options.timeout
            )
        except CannotStart as reason:
            print(f"{name} is left out: {reason}")
            continue
        print(f"{name}: {', '.join(f'{part} {number}' for part, number in versions.items())}")
        notes += reasons(name, outcomes)
        results[name] = {
            row: of_row([outcomes[i] for i in chosen if CHECKS[i].row == row])
            for row in sorted(rows)
        }
        report["libraries"][name] = versions
        report["checks"][name] = {
            CHECKS[i].label: _saved(outcome) for i, outcome in sorted(outcomes.items())
        }
        report["rows"][name] = {row: outcome.kind for row, outcome in results[name].items()}
    print()
    print("\n".join(table(results)))
    print(FOOTNOTE)
    print("\n".join(notes))
    report["passes"] = {
        name: sum(outcome.kind == PASS for outcome in rows.values())
        for name, rows in results.items()
    }
    machine.save(options.json, report)


def _saved(outcome: Outcome) -> Any:
    return f"{outcome.kind}: {outcome.detail}" if outcome.detail else outcome.kind


if __name__ == "__main__":
    main()
