"""Runs programs of others on gpugrad and on HIPS autograd, for the table of docs/programs.md.

    pip install -r tests/packages/requirements.txt '.[jit]'
    python tests/packages/compare_with_hips.py > programs.md

Each program runs in a process of its own for each library, the libraries in turns; the times are
the least of several. `--only NAME ...` runs some, and writes to the terminal.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent), str(ROOT)]

import programs_of_science  # noqa: E402, F401  # which adds its programs
from programs_by_package import PROGRAMS as OF_PACKAGES  # noqa: E402
from programs_of_others import FIELDS  # noqa: E402
from programs_of_others import PROGRAMS as WRITTEN  # noqa: E402

TURNS = 2
ENVIRONMENT = {
    "GPUGRAD_BACKEND": "numpy", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
    "SCIPY_ARRAY_API": "1",
}  # fmt: skip

MODULES = {
    "autograd-gamma": "autograd_gamma", "calfem-python": "calfem", "scikit-rf": "skrf",
}  # fmt: skip
"""Packages whose module has another name."""

INTRODUCTION = """# Programs of others

Programs from many fields, and how well they run on gpugrad. Those with a package are the
package's own code, run from the files that it installs; the others, in
`tests/programs_of_others.py` and `tests/programs_of_science.py`, are written for this project in
the usual NumPy style. Only imports are changed: "none" means that Tensors are passed to the
unchanged package, "numpy" that it imports `gpugrad.numpy` instead of NumPy, and "autograd" that
it imports `gpugrad.autograd` instead of HIPS autograd. `SCIPY_ARRAY_API=1` is set.

*Differences* is the relative difference between the gradient along a random direction and finite
differences, and *HIPS* the relative difference from the gradient of HIPS autograd; a dash means
that HIPS autograd cannot run the program, with `autograd.numpy` instead of NumPy. *jit* says what
stops `gg.jit`, if anything does. The times are those of value and gradient, eager and compiled,
as fractions of HIPS autograd's (or in ms if it cannot run the program): the minimum of {turns}
turns, on a machine with {machine}, {day}. `tests/packages/compare_with_hips.py` writes this page
up to the end of the table.
"""


def made(name: str, library: str) -> tuple[Callable[[Any], Any], np.ndarray]:
    """The program as a function of one vector, with the library's NumPy, and a point."""
    if library == "hips":
        import autograd.numpy as own
    else:
        import gpugrad.numpy as own
    if name in WRITTEN:
        f, args = WRITTEN[name]
        ends = np.cumsum([x.size for x in args])[:-1]

        def of_vector(x: Any) -> Any:
            parts = [
                own.reshape(x[a:b], part.shape)
                for a, b, part in zip([0, *ends], [*ends, x.size], args, strict=True)
            ]
            return f(own, *parts)

        return of_vector, np.concatenate([x.ravel() for x in args])
    given = OF_PACKAGES[name]
    from imports_changed import change_autograd, change_numpy

    package = MODULES.get(given.package, given.package)
    if given.imports == "autograd" and library == "gpugrad":
        change_autograd()
    elif given.imports == "numpy" or (library == "hips" and given.imports == "none"):
        change_numpy(package, "autograd.numpy" if library == "hips" else "gpugrad.numpy")
    f, point = given.make(np if given.imports == "none" and library == "gpugrad" else own)
    return f, np.asarray(point, dtype=float)


def measured(name: str, library: str) -> dict[str, Any]:
    """Value, gradient, its error and its times, and those of the compiled program."""
    f, point = made(name, library)
    import gpugrad as gg

    if library == "hips":
        from autograd import value_and_grad
    else:
        value_and_grad = gg.value_and_grad
    run = value_and_grad(f)
    value, gradient = run(point.copy())
    found = {"value": float(np.squeeze(value)), "gradient": np.asarray(gradient).tolist()}
    along = np.random.default_rng(0).normal(size=point.shape)
    along /= np.linalg.norm(along)

    def slope(h: float) -> float:
        return (float(f(point + h * along)) - float(f(point - h * along))) / (2 * h)

    wanted = (4 * slope(5e-6) - slope(1e-5)) / 3
    found["error"] = abs(float(np.sum(gradient * along)) - wanted) / max(abs(wanted), 1e-8)
    found["time"] = least(lambda: run(point.copy()))
    if library == "gpugrad":
        step = gg.jit(run)
        try:
            compiled = step(point.copy())[1], step(point.copy())[1]
        except gg.errors.GpugradError as error:
            found["stops"] = cause(str(error))
            return found
        assert all(np.allclose(x, gradient, rtol=1e-9, atol=1e-12) for x in compiled)
        found["compiled"] = least(lambda: step(point.copy()))
    return found


def cause(message: str) -> str:
    """What of a message says why a program is not compiled."""
    what = message.split(": ", 1)[-1].split(". ")[0].split(": ")[0]
    return what.replace(" of a value that gg.jit traces", "").replace(" that gg.jit traces", "")


def least(call: Callable[[], object], seconds: float = 0.3) -> float:
    """The least time of a call."""
    for _ in range(3):
        call()
    best, end = float("inf"), perf_counter() + seconds
    while perf_counter() < end:
        start = perf_counter()
        call()
        best = min(best, perf_counter() - start)
    return best


def run(name: str, library: str) -> dict[str, Any]:
    """`measured`, in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--measure", name, library], env=os.environ | ENVIRONMENT,
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        return {"failed": done.stderr.strip().rpartition("\n")[2]}
    result: dict[str, Any] = json.loads(lines[-1])
    return result


def row(name: str) -> str:
    """The line of a program in the table."""
    found: dict[str, dict[str, Any]] = {}
    for _ in range(TURNS):
        for library in ("hips", "gpugrad"):
            now = run(name, library)
            before = found.setdefault(library, now)
            for time in {"time", "compiled"} & now.keys() & before.keys():
                before[time] = min(before[time], now[time])
    ours, theirs = found["gpugrad"], found["hips"]
    if "failed" in ours:
        return f"| `{name}` | it stops: {ours['failed']} |"
    both = ours["time"], ours.get("compiled")
    if "failed" not in theirs:
        a, b = np.asarray(ours["gradient"]), np.asarray(theirs["gradient"])
        likeness = f"{np.max(np.abs(a - b)) / np.max(np.abs(b)):.0e}"
        times = [f"{x / theirs['time']:.2g}" if x else "" for x in both]
    else:
        likeness = "–"
        times = [f"{1e3 * x:.2g} ms" if x else "" for x in both]
    given = OF_PACKAGES.get(name)
    source = f"{given.package} {version(given.package)}" if given else ""
    field, imports = (given.field, given.imports) if given else (FIELDS[name], "numpy")
    stops = ours.get("stops", "yes")
    cells = [f"`{name}`", field, source, imports, f"{ours['error']:.0e}", likeness, stops, *times]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[*OF_PACKAGES, *WRITTEN])
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        warnings.simplefilter("ignore")
        print(json.dumps(measured(*chosen.measure)))
        return
    machine = f"{os.cpu_count()} CPU cores of {os.uname().machine}"
    print(INTRODUCTION.format(turns=TURNS, machine=machine, day=date.today().isoformat()))
    print("| program | field | package | imports | differences | HIPS | jit | time | jit's time |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in chosen.only:
        print(row(name), flush=True)


if __name__ == "__main__":
    main()
