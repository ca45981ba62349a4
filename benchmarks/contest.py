"""One workload of `breadth.py` at one size: contenders are compared, then timed in turns."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from time import process_time
from typing import Any

import numpy as np
from alternate import alternate
from contenders import CannotRun, Contender, Gpugrad, Jax, NumPy, Run, Torch
from workloads.workload import Workload

from gpugrad import tree
from gpugrad.errors import GpugradError

PEERS: dict[str, Callable[[], Contender]] = {"NumPy": NumPy, "PyTorch": Torch, "JAX": Jax}

CHECKED = 3
"""Calls after which results are compared, of programs that go on from what they gave."""

TOLERANCE = {"float32": 1e-4, "float64": 1e-9}
"""Of the largest element of a result: sums of up to 10^6 terms, each library in its own order, and
a thousand steps of an integration; float64 has 2^29 times the digits, and conditions of 10^4."""

Entry = dict[str, Any]
"""For a report: times, compiling, who is left out and why, who differs, what is called."""


def of_name(name: str) -> Callable[[], Contender]:
    """The contender of that name: a peer, or gpugrad with an engine."""
    return PEERS.get(name) or partial(Gpugrad, name.removeprefix("gpugrad "))


def measure(workload: Workload, size: str, names: list[str], seconds: float) -> Entry:
    """What is found of these contenders. One whose result differs from that of the first is said
    to, and timed all the same; one that refuses is left out, and one that fails is wrong.
    """
    arguments = workload.make(workload.sizes[size])
    entry = _empty()
    runs: dict[str, Run] = {}
    first: tuple[str, list[Any]] | None = None
    for name in names:
        try:
            contender = of_name(name)()
            run, result, compiling = _started(contender, workload, arguments)
        except (CannotRun, GpugradError) as error:
            entry["left_out"][name] = str(error)
            continue
        except Exception as error:                  # a fault of one; the others go on
            entry["wrong"][name] = f"it raised {type(error).__name__}: {error}"
            continue
        first = first or (name, result)
        off = difference(first[1], result, values=not workload.random)
        if off:
            entry["wrong"][name] = f"{off} from that of {first[0]}"
        if contender.compiles:
            entry["compile_cpu_seconds"][name] = compiling
        if isinstance(contender, Gpugrad):
            entry["explained"][name] = contender.explain()
        runs[name] = run
    if runs:
        times = alternate(runs, seconds * len(runs), wait)
        entry["microseconds"] = {name: each.summary() for name, each in times.items()}
    return entry


def failed(why: str) -> Entry:
    """Of a row that did not end."""
    return _empty() | {"failed": why}


def _empty() -> Entry:
    kinds = ("microseconds", "compile_cpu_seconds", "left_out", "wrong", "explained")
    return {kind: {} for kind in kinds}


def _started(
    contender: Contender, workload: Workload, arguments: tuple[Any, ...]
) -> tuple[Run, list[Any], float]:
    """What runs it, the arrays of a result, and the seconds of all cores until its final code ran.
    """
    run, restart = contender.start(workload, arguments)
    begin = process_time()
    contender.settle(run)
    compiling = process_time() - begin
    restart()
    for _ in range(CHECKED if workload.donated else 1):
        result = run()
    return run, [np.array(x) for x in tree.leaves(result)], compiling


def difference(wanted: list[Any], found: list[Any], *, values: bool = True) -> str:
    """How the second results differ from the first; empty if by roundings alone.

    Without `values`, these have to be finite, and may be any.
    """
    if [x.shape for x in wanted] != [x.shape for x in found]:
        return f"a result of shapes {[x.shape for x in found]} differs"
    for i, (a, b) in enumerate(zip(wanted, found, strict=True)):
        if a.dtype.kind == "f" and a.dtype != b.dtype:
            return f"result {i}, of {b.dtype}, differs"
        if not values:
            if not np.all(np.isfinite(b)):
                return f"result {i}, which is not finite, differs"
            continue
        most = np.max(np.abs(a), initial=0.0)
        off = np.max(np.abs(a - b), initial=0.0)
        tolerance = TOLERANCE.get(str(a.dtype), 0.0) * most
        if not off <= tolerance:
            return f"result {i} differs by {off:.1e}, where its largest element is {most:.1e},"
    return ""


def wait(result: Any) -> None:
    """For JAX, which runs ahead."""
    leaf = result
    while isinstance(leaf, tuple | list):
        leaf = leaf[0]
    if hasattr(leaf, "block_until_ready"):
        sys.modules["jax"].block_until_ready(result)
