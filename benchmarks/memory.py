"""Peak memory of a training step, each contender in a process of its own; and how far it is reused.

    python benchmarks/memory.py [--sizes digits,wide] [--optimizer adam] [--json]

Counted is what comes on top of the imported libraries and the batch: parameters, buffers, and what
the library allocates on its way, at the peak. `traced` is what NumPy and Python ask for, as
tracemalloc sees it (not PyTorch's own memory): arrays and, for a compiled step, some 0.15 MiB of
Python objects, which are its plan, source and views. `held by arrays` is what NumPy alone holds of
it after the last step. `resident` is the growth of the resident set in pages of 4 KiB; what fits
into memory that the imports have left free does not show in it, so that below 1 MiB it says more of
the allocator than of the step. The first steps record and compile; the later ones are what a
training run goes on with.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import engines
import machine
import numpy as np
import rivals
import steps
from problem import LEARNING_RATE, SIZES, Problem, make_problem

import gpugrad as gg
from gpugrad.backends import Namespace, choose
from gpugrad.plan.primitives import VIEWS

MEBI = 2**20
FIRST, LATER = 4, 5
"""Steps that may record and compile, and steps after them."""

LAYERS, WIDTH, BATCH = 64, 256, 64
"""Of the network that shows how buffers are reused."""

MEASURES = (
    "traced, first", "traced, later", "held by arrays", "resident, first", "resident, later"
)  # fmt: skip


def _torch_step(problem: Problem, _: Namespace, optimizer: str) -> steps.Step:
    return rivals.torch_step(problem, optimizer)


def _jit_step(problem: Problem, xp: Namespace, optimizer: str, *, engine: str) -> steps.Step:
    """Not compiled before: how much that takes is the question."""
    train = steps.jitted(optimizer, engine)
    model, state, x, labels = steps.arguments(problem, xp, optimizer)

    def step() -> Any:
        nonlocal model, state
        model, state, loss = train(model, state, x, labels)
        return loss

    return step


CONTENDERS: dict[str, tuple[str, Callable[..., steps.Step]]] = {
    "NumPy by hand": ("numpy", steps.by_hand),
    "gpugrad backward()": ("numpy", steps.gpugrad_backward),
    "gpugrad value_and_grad": ("numpy", steps.gpugrad_value_and_grad),
    "gpugrad jit, numpy": ("numpy", partial(_jit_step, engine="numpy")),
    "gpugrad jit, native": ("llvmlite", partial(_jit_step, engine="native")),
    "PyTorch eager": ("torch", _torch_step),
}
"""The library that is imported before memory is counted, and how to make the step."""


class Resident:
    """The resident set of this process, from Linux; its peak can be set back there."""

    def __init__(self) -> None:
        self.begin = self._read("VmRSS")

    @staticmethod
    def _read(name: str) -> int:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
        raise KeyError(name)

    def peak(self) -> int:
        """The most over the beginning since the last call."""
        found = self._read("VmHWM") - self.begin
        Path("/proc/self/clear_refs").write_text("5")
        return found


class Traced:
    """What Python's allocators and NumPy were asked for."""

    def __init__(self) -> None:
        tracemalloc.start()

    def peak(self) -> int:
        """The most since the last call."""
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        return found

    @staticmethod
    def held_by_arrays() -> int:
        """What NumPy holds now: it reports its arrays under a number of its own."""
        only = tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)
        traces = tracemalloc.take_snapshot().filter_traces([only]).traces
        return sum(trace.size for trace in traces)


def measure(name: str, size: str, optimizer: str, kind: str) -> list[int]:
    """Bytes at the peak of the first steps and of the later ones, and held by arrays then."""
    module, make = CONTENDERS[name]
    __import__(module)
    xp = choose("numpy")
    small = make(make_problem("toy"), xp, optimizer)
    for _ in range(FIRST):                          # imports what is imported late
        small()
    if find_spec("threadpoolctl"):                  # once in a process, for larger products
        import threadpoolctl

        threadpoolctl.ThreadpoolController()
    del small
    problem = make_problem(size)
    memory = Traced() if kind == "traced" else Resident()
    memory.peak()
    step = make(problem, xp, optimizer)
    found = []
    for count in (FIRST, LATER):
        for _ in range(count):
            float(step())
        found.append(memory.peak())
    return [*found, memory.held_by_arrays()] if isinstance(memory, Traced) else found


def compare(size: str, optimizer: str) -> dict[str, dict[str, float]]:
    """MiB of each contender, and the table of them."""
    params = sum(p.nbytes for p in make_problem(size).params) / MEBI
    print(f"\n{size}, {optimizer}: MiB at the peak; the parameters alone are {params:.2f}")
    print(f"  {'':28}" + "".join(f"{measure:>18}" for measure in MEASURES))
    found = {}
    for name, (module, _) in CONTENDERS.items():
        if find_spec(module) is None:
            print(f"  {name} is left out: there is no {module}")
            continue
        peaks = []
        for kind in ("traced", "resident"):
            arguments = ["--case", json.dumps([name, size, optimizer, kind])]
            command = [sys.executable, __file__, *arguments]
            ran = subprocess.run(command, check=True, capture_output=True, text=True)
            peaks += json.loads(ran.stdout)
        found[name] = dict(zip(MEASURES, (peak / MEBI for peak in peaks), strict=True))
        cells = [f"{cell:>18.2f}" for cell in found[name].values()]
        if module == "torch":
            cells[:3] = [f"{'-':>18}"] * 3
        print(f"  {name:<28}" + "".join(cells))
    return found


def reuse() -> dict[str, dict[str, float]]:
    """The arena of a deep network beside the sum of all that is computed."""
    print(f"\n{LAYERS} layers of {WIDTH}, batch {BATCH}: MiB of the arena and of all intermediates")
    rng = np.random.default_rng(0)
    model = gg.nn.MLP([WIDTH] * (LAYERS + 1))
    x = rng.normal(size=(BATCH, WIDTH)).astype(np.float32)
    labels = rng.integers(0, WIDTH, BATCH)

    @gg.value_and_grad
    def differentiated(model: Any, x: Any, labels: Any) -> Any:
        return gg.mean(gg.softmax_cross_entropy(model(x), labels))

    def train(model: Any, x: Any, labels: Any) -> Any:
        loss, grads = differentiated(model, x, labels)
        rate = np.float32(LEARNING_RATE["sgd"])
        return gg.tree.map(lambda p, g: p - rate * g, model, grads), loss

    cases: dict[str, tuple[Any, tuple[int, ...], tuple[Any, ...]]] = {
        "forward": (lambda model, x: model(x), (), (model, x)),
        "training step": (train, (0,), (model, x, labels)),
    }
    found = {}
    for name, (function, donated, args) in cases.items():
        for engine in engines.available():
            if engine == "auto":
                continue
            compiled = gg.jit(function, engine=engine, donate_argnums=donated)
            program = compiled._cache.compiled(args, {}).program
            plan = program.plan
            whole = sum(
                plan.slots[slot].nbytes
                for step in plan.steps
                if step.op not in VIEWS
                for slot in step.outputs
            )
            given = sum(plan.slots[slot].nbytes for slot, _ in plan.donated)
            arena = program.placement.size
            found[f"{name}, {engine}"] = {
                "arena": arena / MEBI, "donated": given / MEBI, "computed": whole / MEBI
            }
            print(
                f"  {f'{name}, {engine}':<28}{(arena - given) / MEBI:>10.2f} besides "
                f"{given / MEBI:.2f} donated, {whole / MEBI:.2f} computed: "
                f"{arena / whole:.2f} of it with what is donated"
            )
    return found


def main() -> None:
    """Parse the arguments, compare, print, and save if asked."""
    parser = machine.parser(__doc__, cores=1)
    parser.add_argument("--sizes", default="digits,wide", help=f"of {','.join(SIZES)}")
    parser.add_argument("--optimizer", default="sgd", choices=("sgd", "adam"))
    parser.add_argument("--case", type=json.loads, help=machine.argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        print(json.dumps(measure(*options.case)))
        return
    machine.restrict(options.cores)
    report = machine.facts(options.cores, "numpy gpugrad llvmlite torch".split())
    report["mebibytes"] = {
        size: compare(size, options.optimizer) for size in options.sizes.split(",")
    }
    report["reuse"] = reuse()
    machine.save(options.json, report)


if __name__ == "__main__":
    main()
