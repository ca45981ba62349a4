"""One training step in gpugrad, by hand and in other libraries, timed in alternation in one run.

    python benchmarks/compare.py [--sizes toy,digits] [--optimizer adam] [--json FILE]

Everything runs on one core and one thread. Each contender trains `n` steps, then the next one does,
and so on for many rounds, so that a disturbance of the machine meets them all. All must reach the
same loss.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

# Before any of the libraries is imported: they read these once.
for _name in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM", "NUMEXPR"):
    os.environ[f"{_name}_NUM_THREADS"] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import rivals  # noqa: E402
import steps  # noqa: E402
from problem import SIZES, Problem, make_problem  # noqa: E402

from gpugrad.backends import choose  # noqa: E402

CHECKED_STEPS = 20
TOLERANCE = 2e-4
"""Relative: float32 and another order of summation in each library."""

MakeStep = Callable[[Problem, str], steps.Step]


@dataclass(frozen=True)
class Contender:
    """What is compared: the module whose version is printed, and how to make its step."""

    name: str
    module: str
    make: MakeStep


def _on_numpy(make: Callable[..., steps.Step]) -> MakeStep:
    return lambda problem, optimizer: make(problem, choose("numpy"), optimizer)


CONTENDERS = (
    Contender("NumPy by hand", "numpy", _on_numpy(steps.by_hand)),
    Contender("gpugrad backward()", "gpugrad", _on_numpy(steps.gpugrad_backward)),
    Contender("gpugrad, update in place", "gpugrad", _on_numpy(steps.gpugrad_in_place)),
    Contender("gpugrad value_and_grad", "gpugrad", _on_numpy(steps.gpugrad_value_and_grad)),
    Contender("PyTorch eager", "torch", rivals.torch_step),
    Contender("JAX jit", "jax", rivals.jax_step),
    Contender("HIPS autograd", "autograd", rivals.autograd_step),
    Contender("MyGrad", "mygrad", rivals.mygrad_step),
)
BASE, TORCH = CONTENDERS[0].name, "PyTorch eager"


def main() -> None:
    """Parse the arguments, compare, print, and save if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", default="toy,digits,mnist", help=f"of {','.join(SIZES)}")
    parser.add_argument("--optimizer", default="sgd", choices=("sgd", "adam"))
    parser.add_argument("--seconds", type=float, default=1.5, help="for each contender and size")
    parser.add_argument("--core", type=int, help="which core to use (default: the last allowed)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="save the timings")
    options = parser.parse_args()
    sizes = options.sizes.split(",")
    if unknown := set(sizes) - set(SIZES):
        parser.error(f"unknown sizes {sorted(unknown)}: choose from {', '.join(SIZES)}")
    core = _pin(options.core)
    present, versions = _installed()
    report: dict[str, Any] = {"date": date.today().isoformat(), "cpu": cpu_model(), "core": core}
    report |= {"optimizer": options.optimizer, "versions": versions, "microseconds": {}}
    print(f"{report['date']}, {report['cpu']}, one core and one thread, {options.optimizer}")
    print(", ".join(f"{name} {version}" for name, version in versions.items()))
    for size in sizes:
        times = compare(size, options.optimizer, present, options.seconds)
        report["microseconds"][size] = times
        _print_table(size, times)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")


def _pin(core: int | None) -> int | None:
    """Keep this process on one core, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        print("This system cannot pin a process to a core: the timings will scatter more.")
        return None
    core = max(os.sched_getaffinity(0)) if core is None else core
    os.sched_setaffinity(0, {core})
    return core


def cpu_model() -> str:
    """What the machine calls its processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def _installed() -> tuple[list[Contender], dict[str, str]]:
    """The contenders that can run here, and versions of their libraries; says which cannot."""
    present: list[Contender] = []
    versions = {"Python": platform.python_version()}
    for contender in CONTENDERS:
        try:
            module = import_module(contender.module)
        except ImportError as error:
            print(f"{contender.name} is left out: {error}")
            continue
        present.append(contender)
        stated = getattr(module, "__version__", None)
        versions[contender.module] = stated or version(contender.module)
    return present, versions


def compare(
    size: str, optimizer: str, contenders: list[Contender], seconds: float
) -> dict[str, list[float]]:
    """Microseconds for one step in each round, for each contender; exits if the losses differ."""
    problem = make_problem(size)
    made = {c.name: c.make(problem, optimizer) for c in contenders}
    _check_losses(size, {name: _losses(step) for name, step in made.items()})
    rounds, count = _plan(made, seconds)
    # What the imports left behind is not the contenders' garbage to search.
    gc.collect()
    gc.freeze()
    times: dict[str, list[float]] = {name: [] for name in made}
    for _ in range(rounds):
        for name, step in made.items():
            float(step())                           # brings its code and data back into the caches
            start = perf_counter()
            for _ in range(count):
                loss = step()
            float(loss)                             # waits for a library that runs ahead
            times[name].append((perf_counter() - start) / count * 1e6)
    gc.unfreeze()
    return times


def _losses(step: steps.Step) -> list[float]:
    return [float(step()) for _ in range(CHECKED_STEPS)]


def _check_losses(size: str, losses: dict[str, list[float]]) -> None:
    wanted = losses[BASE]
    for name, found in losses.items():
        pairs = zip(wanted, found, strict=True)
        worst = max(abs(a - b) / abs(a) for a, b in pairs)
        if not worst <= TOLERANCE:
            sys.exit(
                f"{size}: the losses of {name} differ from those of {BASE} by {worst:.1e} of their "
                f"value within {CHECKED_STEPS} steps; at most {TOLERANCE:.0e} is rounding. After "
                f"the last step they are {found[-1]:.7f} and {wanted[-1]:.7f}."
            )
    print(f"\n{size}: after {CHECKED_STEPS} steps the loss of all is {wanted[-1]:.5f}")


def _plan(made: dict[str, steps.Step], seconds: float) -> tuple[int, int]:
    """Rounds, and steps in each, such that a contender takes about `seconds`.

    A turn is short, 20 ms for the slowest, because quiet moments of a shared machine are short.
    """
    slowest = max(_seconds(step) for step in made.values())
    count = max(1, min(100, int(0.02 / slowest)))
    mean = sum(_seconds(step) for step in made.values()) / len(made)
    return max(5, min(1000, int(seconds / ((count + 1) * mean)))), count


def _seconds(step: steps.Step) -> float:
    start = perf_counter()
    float(step())
    return perf_counter() - start


def _print_table(size: str, times: dict[str, list[float]]) -> None:
    batch, widths = SIZES[size]
    print(f"batch {batch}, layers {list(widths)}, {len(times[BASE])} rounds; ratios of the minima")
    print(f"  {'':24}{'min':>10}{'median':>11}{'x by hand':>14}{'x PyTorch':>11}")
    smallest = {name: min(each) for name, each in times.items()}
    for name, each in times.items():
        to_torch = f"{smallest[name] / smallest[TORCH]:.2f}" if TORCH in smallest else "-"
        ratio = smallest[name] / smallest[BASE]
        print(
            f"  {name:<24}{min(each):>10.1f}{median(each):>11.1f} us{ratio:>11.2f}{to_torch:>11}"
        )


if __name__ == "__main__":
    main()
