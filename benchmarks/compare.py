"""One training step in gpugrad, by hand and in other libraries, timed in alternation in one run.

    python benchmarks/compare.py [--sizes toy,digits] [--optimizer adam] [--cores 2] [--json]

Each contender trains `n` steps, then the next one does, and so on for many rounds. All must reach
the same loss. What compiles does so before the first of these steps.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from types import MappingProxyType
from typing import Any

import engines
import machine
import products
import rivals
import steps
from alternate import Times, alternate, print_table
from problem import SIZES, Problem, make_problem

from gpugrad.backends import choose

CHECKED_STEPS = 20
TOLERANCE = {"float32": 2e-4, "tf32": 1e-2}
"""Relative, of the losses of these steps: in each, every library may be off by 170 roundings of
float32 (2^-24), since it adds up to 2,048 terms in an order of its own; TF32 is added up in
float32, so that each step is off by one rounding of an operand (2^-11).
"""

PACKAGES = "numpy gpugrad llvmlite torch jax autograd mygrad".split()

MakeStep = Callable[[Problem, str], steps.Step]


@dataclass(frozen=True)
class Contender:
    """What is compared: the module that it needs, and how to make its step."""

    name: str
    module: str
    make: MakeStep


def _on_numpy(make: Callable[..., steps.Step]) -> MakeStep:
    return lambda problem, optimizer: make(problem, choose("numpy"), optimizer)


def _jit(engine: str) -> MakeStep:
    return _on_numpy(partial(steps.gpugrad_jit, engine=engine))


CONTENDERS = (
    Contender("NumPy by hand", "numpy", _on_numpy(steps.by_hand)),
    Contender("gpugrad backward()", "gpugrad", _on_numpy(steps.gpugrad_backward)),
    Contender("gpugrad, update in place", "gpugrad", _on_numpy(steps.gpugrad_in_place)),
    Contender("gpugrad value_and_grad", "gpugrad", _on_numpy(steps.gpugrad_value_and_grad)),
    *(
        Contender(f"gpugrad jit, {engine}", "gpugrad", _jit(engine))
        for engine in engines.available()
    ),
    Contender("PyTorch eager", "torch", rivals.torch_step),
    Contender("PyTorch compiled", "torch", rivals.torch_compiled_step),
    Contender("JAX jit", "jax", rivals.jax_step),
    Contender("JAX jit, one vector", "jax", rivals.jax_vector_step),
    Contender("HIPS autograd", "autograd", rivals.autograd_step),
    Contender("MyGrad", "mygrad", rivals.mygrad_step),
)
BASE = CONTENDERS[0].name
BASES = {
    "x by hand": (BASE,),
    "x JAX": ("JAX jit", "JAX jit, one vector"),
    "x PyTorch": ("PyTorch eager",),
}


def main() -> None:
    """Parse the arguments, compare, print, and save if asked."""
    parser = machine.parser(__doc__, cores=1)
    parser.add_argument("--sizes", default="toy,digits,mnist", help=f"of {','.join(SIZES)}")
    parser.add_argument("--optimizer", default="sgd", choices=("sgd", "adam"))
    parser.add_argument("--seconds", type=float, default=1.5, help="for each contender and size")
    parser.add_argument(
        "--without", default="", metavar="NAMES", help="leave out what has one of these in its name"
    )
    options = parser.parse_args()
    sizes = options.sizes.split(",")
    if unknown := set(sizes) - set(SIZES):
        parser.error(f"unknown sizes {sorted(unknown)}: choose from {', '.join(SIZES)}")
    machine.restrict(options.cores)
    products.say("float32")
    report = machine.facts(options.cores, PACKAGES)
    report |= {"optimizer": options.optimizer, "products": products.said(), "microseconds": {}}
    absent = report["absent"] = {}
    present = installed(CONTENDERS, without(options), absent)
    for size in sizes:
        times = compare(size, options.optimizer, present, options.seconds, absent)
        report["microseconds"][size] = {name: each.summary() for name, each in times.items()}
        batch, widths = SIZES[size]
        rounds = len(times[BASE].each)
        print(f"batch {batch}, layers {list(widths)}, {options.optimizer}, {rounds} rounds")
        print_table(times, BASES)
    machine.save(options.json, report)


def without(options: argparse.Namespace) -> list[str]:
    """The parts of names that `--without` leaves out."""
    return [part for part in options.without.split(",") if part]


def installed(
    contenders: Sequence[Contender], unwanted: list[str], absent: dict[str, str]
) -> list[Contender]:
    """The contenders whose libraries are installed; into `absent` goes why the others are not."""
    present: list[Contender] = []
    for contender in contenders:
        if any(part in contender.name for part in unwanted):
            leave_out(contender.name, "as --without asks", absent)
            continue
        try:
            import_module(contender.module)
        except Exception as error:                  # a broken installation raises anything
            leave_out(contender.name, str(error) or repr(error), absent)
            continue
        present.append(contender)
    return present


def leave_out(name: str, reason: str, absent: dict[str, str]) -> None:
    """Say so, here and in the report."""
    print(f"{name} is left out: {reason}")
    absent[name] = reason


def compare(
    size: str,
    optimizer: str,
    contenders: list[Contender],
    seconds: float,
    absent: dict[str, str],
    beside: Mapping[str, Callable[[], Any]] = MappingProxyType({}),
) -> dict[str, Times]:
    """Times of each contender, and of what else runs beside them; exits if the losses differ."""
    problem = make_problem(size)
    made: dict[str, steps.Step] = {}
    for contender in contenders:
        try:
            made[contender.name] = contender.make(problem, optimizer)
        except rivals.CannotRun as error:
            leave_out(contender.name, str(error), absent)
    check_losses(size, {name: _losses(step) for name, step in made.items()})
    return alternate({**made, **beside}, seconds, float)


def _losses(step: steps.Step) -> list[float]:
    return [float(step()) for _ in range(CHECKED_STEPS)]


def check_losses(size: str, losses: dict[str, list[float]]) -> None:
    """Exits unless all contenders have the losses of the first one."""
    base = next(iter(losses))
    wanted, tolerance = losses[base], TOLERANCE[products.said()]
    for name, found in losses.items():
        pairs = zip(wanted, found, strict=True)
        worst = max(abs(a - b) / abs(a) for a, b in pairs)
        if not worst <= tolerance:
            sys.exit(
                f"{size}: the losses of {name} differ from those of {base} by {worst:.1e} of their "
                f"value within {CHECKED_STEPS} steps; at most {tolerance:.0e} is rounding. After "
                f"the last step they are {found[-1]:.7f} and {wanted[-1]:.7f}."
            )
    print(f"\n{size}: after {CHECKED_STEPS} steps the loss of all is {wanted[-1]:.5f}")


if __name__ == "__main__":
    main()
