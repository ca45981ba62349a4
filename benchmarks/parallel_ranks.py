"""One rank of what `parallel.py` measures: collectives and training steps, as a line of JSON.

All contenders run in the same processes and take turns, which all ranks begin together.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from importlib.util import find_spec
from statistics import median
from time import perf_counter
from typing import Any

import engines
import numpy as np
from mpi4py import MPI
from parallel import BY_HAND, CHAIN, EAGER, PLANNED
from problem import LEARNING_RATE, SIZES, Problem, make_problem
from steps import Step

import gpugrad as gg

WORLD = gg.parallel.world()
COMM = MPI.COMM_WORLD

CHECKED_STEPS, TOLERANCE = 20, 2e-4
"""As in `compare.py`."""

TURN = 0.02
"""Seconds."""


def in_turns(runs: dict[str, Callable[[], Any]], seconds: float) -> dict[str, dict[str, float]]:
    """Microseconds of a run of each, the least and the median, as the first rank sees them."""
    counts = {}
    for name, run in runs.items():
        spent = []
        for _ in range(3):
            WORLD.barrier()
            start = perf_counter()
            run()
            spent.append(perf_counter() - start)
        counts[name] = WORLD.share(max(1, min(500, int(TURN / min(spent)))))
    times: dict[str, list[float]] = {name: [] for name in runs}
    end = perf_counter() + seconds
    while WORLD.share(perf_counter() < end or len(times[next(iter(runs))]) < 5):
        for name, run in runs.items():
            run()                                   # brings its code and data into the caches
            WORLD.barrier()
            start = perf_counter()
            for _ in range(counts[name]):
                run()
            WORLD.barrier()
            times[name].append((perf_counter() - start) / counts[name] * 1e6)
    return {name: {"min": min(each), "median": median(each)} for name, each in times.items()}


# Collectives


def collectives(sizes: list[int], seconds: float) -> dict[str, dict[str, dict[str, float]]]:
    """The cost of a sum of so many bytes: by hand, called alone, and in a plan."""
    return {str(size): in_turns(sums_of(size // 8), seconds) for size in sizes}


def sums_of(n: int) -> dict[str, Callable[[], Any]]:
    """Sums of `n` numbers: into a new array, and for the plan, one behind the other."""
    x = np.ones(n)
    length = CHAIN if n <= 2**20 else 2
    last = [np.empty_like(x), np.empty_like(x)]

    def by_hand() -> Any:
        y = np.empty_like(x)
        COMM.Allreduce(x, y)
        return y

    def chain_by_hand() -> Any:
        COMM.Allreduce(x, last[0])
        for i in range(1, length - 1):
            COMM.Allreduce(last[(i + 1) % 2], last[i % 2])
        y = np.empty_like(x)                        # which the caller keeps, as of the plan
        COMM.Allreduce(last[length % 2], y)
        return y

    @gg.jit
    def chain(x: Any) -> Any:
        for _ in range(length):
            x = gg.parallel.psum(x)
        return x

    for _ in range(3):
        assert chain(x)[0] == chain_by_hand()[0] == float(WORLD.size) ** length
    return {
        BY_HAND: by_hand, EAGER: lambda: gg.parallel.psum(x),
        f"{BY_HAND}, {length}": chain_by_hand, f"{PLANNED}, {length}": lambda: chain(x),
    }  # fmt: skip


# Training steps


def loss_of(params: Any, x: Any, labels: Any) -> Any:
    h = x
    for weight, bias in zip(params[:-2:2], params[1:-2:2], strict=True):
        h = gg.relu(gg.linear(h, weight, bias))
    return gg.mean(gg.softmax_cross_entropy(gg.linear(h, params[-2], params[-1]), labels))


def gpugrad_step(problem: Problem, engine: str, alone: bool = False) -> tuple[Step, Any]:
    """The step of `steps.gpugrad_jit` on this rank's rows; `alone`, its gradient stays here."""
    rows = gg.parallel.rows_of(len(problem.x))
    x, labels = problem.x[rows], problem.labels[rows]
    opt = gg.optim.sgd(LEARNING_RATE["sgd"])
    opt = opt if alone else gg.parallel.data_parallel(opt)
    params = problem.copies()
    state = opt.init(params)

    def update(params: Any, state: Any, x: Any, labels: Any) -> Any:
        loss, grads = gg.value_and_grad(loss_of)(params, x, labels)
        updates, state = opt.update(grads, state, params)
        return gg.optim.apply_updates(params, updates), state, loss

    compiled = gg.jit(update, engine=engine, donate_argnums=(0, 1))

    def step() -> Any:
        nonlocal params, state
        params, state, loss = compiled(params, state, x, labels)
        return loss

    return step, lambda: params


def torch_step(problem: Problem, **options: bool) -> tuple[Step, Any]:
    """PyTorch's DistributedDataParallel with gloo, as its documentation shows it."""
    import torch
    from torch import distributed
    from torch.nn.parallel import DistributedDataParallel

    if not distributed.is_initialized():
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
        os.environ |= {"RANK": str(WORLD.rank), "WORLD_SIZE": str(WORLD.size)}
        distributed.init_process_group("gloo")
    layers: list[Any] = []
    for weight, bias in zip(problem.params[::2], problem.params[1::2], strict=True):
        layer = torch.nn.Linear(*weight.shape)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(weight.T.copy()))
            layer.bias.copy_(torch.from_numpy(bias))
        layers += [layer, torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    replica = DistributedDataParallel(model, **options)
    opt = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE["sgd"])
    rows = gg.parallel.rows_of(len(problem.x))
    x, labels = torch.from_numpy(problem.x[rows]), torch.from_numpy(problem.labels[rows])
    cross_entropy = torch.nn.CrossEntropyLoss()

    def step() -> Any:
        opt.zero_grad()
        loss = cross_entropy(replica(x), labels)
        loss.backward()
        opt.step()
        return loss.detach()

    return step, lambda: [p.detach().numpy() for p in model.parameters()]


def contenders(without: list[str]) -> dict[str, Callable[[Problem], tuple[Step, Any]]]:
    """The steps by name: of gpugrad by each engine, and of PyTorch where it is installed."""
    found: dict[str, Callable[[Problem], tuple[Step, Any]]] = {
        f"gpugrad, {name}": lambda problem, name=name: gpugrad_step(problem, name)
        for name in engines.available() if name != "auto"
    }  # fmt: skip
    if find_spec("torch") is not None:
        found["PyTorch DDP"] = torch_step
        found["PyTorch DDP, static"] = lambda problem: torch_step(
            problem, static_graph=True, gradient_as_bucket_view=True
        )
    return {name: make for name, make in found.items() if not any(w in name for w in without)}


def steps(sizes: list[str], seconds: float, without: list[str]) -> dict[str, Any]:
    """The time of a step of each contender at each size, and whether its replicas are alike."""
    report = {}
    for size in sizes:
        problem = make_problem(size)
        made = {name: make(problem) for name, make in contenders(without).items()}
        losses = {name: [mean_of(step()) for _ in range(CHECKED_STEPS)] for name, (step, _) in
                  made.items()}  # fmt: skip
        first, *others = losses.values()
        for other in others:
            np.testing.assert_allclose(other, first, rtol=TOLERANCE, err_msg=str(losses.keys()))
        runs = {name: step for name, (step, _) in made.items()}
        alone = {f"{name}, alone": gpugrad_step(problem, name.split(", ")[1], alone=True)[0]
                 for name in runs if name.startswith("gpugrad")}  # fmt: skip
        report[size] = {
            "microseconds": in_turns(runs | alone, seconds),
            "replicas alike": {name: are_alike(params()) for name, (_, params) in made.items()},
            "bytes": sum(p.nbytes for p in problem.params),
        }
    return report


def mean_of(loss: Any) -> float:
    """The loss of all rows: ranks have as many."""
    return float(np.mean(COMM.allgather(float(loss))))


def are_alike(params: Any) -> bool:
    """Whether all ranks have the same bits."""
    bits = b"".join(np.asarray(p).tobytes() for p in params)
    return len(set(COMM.allgather(bits))) == 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--bytes", type=int, nargs="*", default=[])
    parser.add_argument("--sizes", nargs="*", default=[], choices=SIZES)
    parser.add_argument("--without", nargs="*", default=[])
    options = parser.parse_args()
    gg.parallel.abort_on_error()
    found = {
        "ranks": WORLD.size,
        "collectives": collectives(options.bytes, options.seconds),
        "steps": steps(options.sizes, options.seconds, options.without),
    }
    if WORLD.rank == 0:
        print(json.dumps(found))
    if find_spec("torch") is not None:
        from torch import distributed

        if distributed.is_initialized():
            distributed.destroy_process_group()


if __name__ == "__main__":
    main()
