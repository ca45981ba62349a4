"""One training step on a GPU, in gpugrad, by hand in CuPy and in other libraries; and bandwidth.

    python benchmarks/gpu.py [--sizes toy,digits] [--optimizer adam] [--elements 1e8] [--json]
    python benchmarks/gpu.py --quick                        # one second a row, float32 alone

Each contender trains as in `compare.py`: in turns, to the same losses. A turn ends when the device
has finished. In the same turns a kernel that does nothing is launched, and the long array is copied
on the device: no step takes less than the one, and no gradient of that array less than the other.
One table is of float32 products, one of such as all libraries may round to TF32 (`products.py`).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import machine
import products
import rivals
import steps
from alternate import Times, alternate, print_table
from compare import Contender, compare, installed, without
from problem import SIZES, Problem, make_problem

import gpugrad as gg
from gpugrad.backends import choose
from gpugrad.errors import BackendUnavailable

PACKAGES = "numpy cupy-cuda13x cupy-cuda12x gpugrad torch jax".split()


def _on_cupy(make: Callable[..., steps.Step]) -> Callable[[Problem, str], steps.Step]:
    return lambda problem, optimizer: make(problem, choose("cupy"), optimizer)


CONTENDERS = (
    Contender("CuPy by hand", "cupy", _on_cupy(steps.by_hand)),
    Contender("gpugrad backward()", "cupy", _on_cupy(steps.gpugrad_backward)),
    Contender("gpugrad value_and_grad", "cupy", _on_cupy(steps.gpugrad_value_and_grad)),
    Contender("gpugrad jit", "cupy", _on_cupy(partial(steps.gpugrad_jit, engine="auto"))),
    Contender("PyTorch eager", "torch", partial(rivals.torch_step, device="cuda")),
    Contender("PyTorch CUDA graph", "torch", rivals.torch_graph_step),
    Contender("JAX jit", "jax", rivals.jax_gpu_step),
)
LAUNCH, COPY = "a launch of nothing", "a copy of the long array"
GRADIENT = "gradient of sum(sin(x) + x**2)"
BASES = {
    "x by hand": ("CuPy by hand",),
    "x graph": ("PyTorch CUDA graph",),
    "x PyTorch": ("PyTorch eager",),
    "x JAX": ("JAX jit",),
    "x launch": (LAUNCH,),
}


def main() -> None:
    """Parse the arguments, compare, print, and save if asked."""
    parser = machine.parser(__doc__, cores=None)
    parser.add_argument("--sizes", default="toy,digits,mnist", help=f"of {','.join(SIZES)}")
    parser.add_argument("--optimizer", default="adam", choices=("sgd", "adam"))
    parser.add_argument("--elements", type=float, default=1e8, help="of the long array")
    parser.add_argument("--seconds", type=float, default=1.5, help="for each row (1.5)")
    parser.add_argument("--products", default=",".join(products.KINDS), metavar="KINDS")
    parser.add_argument("--quick", action="store_true", help="--seconds 1 --products float32")
    parser.add_argument("--without", default="", metavar="NAMES")
    options = parser.parse_args()
    if options.quick:
        options.seconds, options.products = 1.0, "float32"
    kinds = options.products.split(",")
    for wanted, known in ((kinds, products.KINDS), (options.sizes.split(","), SIZES)):
        if unknown := set(wanted) - set(known):
            parser.error(f"unknown: {', '.join(sorted(unknown))}; choose from {', '.join(known)}")
    try:
        choose("cupy")
    except BackendUnavailable as error:
        parser.exit(1, f"gpu.py: {error}\n")
    reports = {kind: measured(kind, options, alone=len(kinds) == 1) for kind in kinds}
    machine.save(options.json, reports)


def measured(kind: str, options: argparse.Namespace, alone: bool) -> dict[str, Any]:
    """The report on that kind of products: from a process of its own, if there are several."""
    if alone:
        products.say(kind)

        def keep(report: dict[str, Any]) -> None:
            if options.json is not None:
                options.json.parent.mkdir(parents=True, exist_ok=True)
                options.json.write_text(json.dumps({kind: report}, indent=1) + "\n")

        return tables(options, keep)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.json"
        given = ["--sizes", options.sizes, "--optimizer", options.optimizer]
        given += ["--elements", str(options.elements), "--seconds", str(options.seconds)]
        given += ["--without", options.without, "--products", kind, "--json", str(file)]
        done = subprocess.run([sys.executable, __file__, *given], check=False)
        if done.returncode:
            sys.exit(f"no table of {kind} products: its process ended with {done.returncode}")
        return dict(json.loads(file.read_text())[kind])


def tables(
    options: argparse.Namespace, keep: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Prints the tables and returns what is in them; each is kept at once, whatever comes next."""
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # JAX leaves memory to others
    report = machine.facts(len(os.sched_getaffinity(0)), PACKAGES)
    report |= {"device": choose("cupy").info(), "optimizer": options.optimizer}
    report |= {"products": products.said(), "elements": int(options.elements)}
    print(", ".join(f"{name} {value}" for name, value in report["device"].items()))
    print(f"products of {products.said()} in every library")
    absent = report["absent"] = {}
    present = installed(CONTENDERS, without(options), absent)
    report |= {"microseconds": {}, "launches": {}, "copied GB/s": {}}
    xp = choose("cupy")
    x = xp.linspace(0, 1, int(options.elements), dtype="float32")
    floors = {LAUNCH: nothing(xp), COPY: copy_of(x)}
    for size in options.sizes.split(","):
        times = compare(size, options.optimizer, present, options.seconds, absent, floors)
        report["launches"][size] = launches(size, options.optimizer)
        batch, widths = SIZES[size]
        print(f"batch {batch}, layers {list(widths)}, {options.optimizer}")
        print(f"  {report['launches'][size]}")
        _show(size, times, BASES, x.nbytes, report)
        keep(report)
    times = alternate({GRADIENT: gradient_of(x), **floors}, options.seconds, float)
    print(f"\n{x.size} elements, float32; gradient and copy read and write each of them once")
    _show("elementwise", times, {"x copy": (COPY,)}, x.nbytes, report)
    return report


def _show(
    name: str,
    times: dict[str, Times],
    bases: dict[str, tuple[str, ...]],
    nbytes: int,
    report: dict[str, Any],
) -> None:
    """Print the table, and what a copy reads and writes in a second beside it."""
    print_table(times, bases)
    report["microseconds"][name] = {row: each.summary() for row, each in times.items()}
    speed = report["copied GB/s"][name] = 2 * nbytes / times[COPY].smallest / 1e3
    print(f"  the copy moves {speed:,.1f} GB/s, read and written")


def launches(size: str, optimizer: str) -> str:
    """What a compiled step launches, as `explain` says it."""
    xp = choose("cupy")
    train = steps.jitted(optimizer, "auto")
    text = train.explain(*steps.arguments(make_problem(size), xp, optimizer))
    return str(text.partition("\n")[0])


def nothing(xp: Any) -> Callable[[], Any]:
    """What launches a kernel that does nothing."""
    kernel = xp.module.RawKernel('extern "C" __global__ void no_work() {}', "no_work")
    number = xp.linspace(0, 1, 1)[0]

    def launch() -> Any:
        kernel((1,), (1,), ())
        return number

    return launch


def copy_of(x: Any) -> Callable[[], Any]:
    """What copies the array on the device."""
    other = x.copy()
    first = other[0]

    def copy() -> Any:
        other[...] = x
        return first

    return copy


def gradient_of(x: Any) -> Callable[[], Any]:
    """What computes the gradient of a run of elementwise operations under `gg.jit`."""
    gradient = gg.jit(gg.grad(lambda x: gg.sum(gg.sin(x) + x**2)))
    for _ in range(3):
        gradient(x)

    def run() -> Any:
        return gradient(x)[0]

    return run


if __name__ == "__main__":
    main()
