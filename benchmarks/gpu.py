"""One training step on a GPU, in gpugrad, by hand in CuPy and in other libraries; and bandwidth.

    python benchmarks/gpu.py [--sizes toy,digits] [--optimizer adam] [--elements 1e8] [--json]

Each contender trains as in `compare.py`: in turns, to the same losses. A turn ends when the device
has finished. Then the gradient of a long elementwise function, beside a copy of the array.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import machine
import rivals
import steps
from alternate import Times, alternate, print_table
from compare import Contender, compare, installed
from problem import SIZES, Problem, make_problem

import gpugrad as gg
from gpugrad.backends import choose

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
BASES = {
    "x by hand": ("CuPy by hand",),
    "x graph": ("PyTorch CUDA graph",),
    "x PyTorch": ("PyTorch eager",),
    "x JAX": ("JAX jit",),
}

GRADIENT, COPY = "gradient of sum(sin(x) + x**2)", "copy of x"


def main() -> None:
    """Parse the arguments, compare, print, and save if asked."""
    parser = machine.parser(__doc__, cores=1)
    parser.add_argument("--sizes", default="toy,digits,mnist", help=f"of {','.join(SIZES)}")
    parser.add_argument("--optimizer", default="adam", choices=("sgd", "adam"))
    parser.add_argument("--elements", type=float, default=1e8, help="of the long array")
    parser.add_argument("--seconds", type=float, default=1.5, help="for each contender and size")
    parser.add_argument("--without", default="", metavar="NAMES")
    options = parser.parse_args()
    report = machine.facts(options.cores, PACKAGES)
    report |= {"device": choose("cupy").info(), "optimizer": options.optimizer}
    print(", ".join(f"{name} {value}" for name, value in report["device"].items()))
    present = installed(CONTENDERS, [name for name in options.without.split(",") if name])
    report |= {"microseconds": {}, "launches": {}}
    for size in options.sizes.split(","):
        times = compare(size, options.optimizer, present, options.seconds)
        report["microseconds"][size] = {name: each.summary() for name, each in times.items()}
        report["launches"][size] = launches(size, options.optimizer)
        batch, widths = SIZES[size]
        print(f"batch {batch}, layers {list(widths)}, {options.optimizer}")
        print(f"  {report['launches'][size]}")
        print_table(times, BASES)
    times = bandwidth(int(options.elements), options.seconds)
    report["elementwise"] = {name: each.summary() for name, each in times.items()}
    print(f"\n{int(options.elements)} elements, float32; both read and write each of them once")
    print_table(times, {"x copy": (COPY,)})
    machine.save(options.json, report)


def launches(size: str, optimizer: str) -> str:
    """What a compiled step launches, as `explain` says it."""
    xp = choose("cupy")
    train = steps.jitted(optimizer, "auto")
    text = train.explain(*steps.arguments(make_problem(size), xp, optimizer))
    return str(text.partition("\n")[0])


def bandwidth(elements: int, seconds: float) -> dict[str, Times]:
    """The time of an elementwise gradient under `gg.jit`, and that of a copy."""
    xp = choose("cupy")
    x = xp.asarray(xp.linspace(0, 1, elements, dtype="float32"))
    other = xp.module.empty_like(x)
    gradient = gg.jit(gg.grad(lambda x: gg.sum(gg.sin(x) + x**2)))
    for _ in range(3):
        gradient(x)

    def copy() -> Any:
        other[...] = x
        return other

    return alternate({GRADIENT: lambda: gradient(x), COPY: copy}, seconds, lambda y: float(y[0]))


if __name__ == "__main__":
    main()
