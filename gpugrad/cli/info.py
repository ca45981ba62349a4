"""`gpugrad info`: what is installed, which devices there are, and what gpugrad would use."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_info

from gpugrad.backends import explain, probe_cupy
from gpugrad.cli.names import shown
from gpugrad.engines import ALL, why_not
from gpugrad.engines.native.code_cache import code_cache
from gpugrad.engines.thread_pool import threads
from gpugrad.parallel import mpi_library, nccl
from gpugrad.printable import printable
from gpugrad.tabular import columns

PACKAGES = (
    "numpy", "array-api-compat", "optree", "cupy-cuda12x", "cupy-cuda13x", "llvmlite", "scipy",
    "threadpoolctl", "typer", "rich", "safetensors", "scikit-learn", "matplotlib", "tensorboardX",
    "mpi4py", "mpich", "nvidia-nccl-cu12", "nvidia-nccl-cu13",
)  # fmt: skip

VARIABLES = (
    "GPUGRAD_", "OMP_", "OPENBLAS_", "MKL_", "BLIS_", "CUDA_", "NCCL_", "SLURM_CPUS", "SLURM_NTASKS"
)
"""How the names of variables begin that change what gpugrad does, or how fast."""


def info() -> None:
    """Show versions and devices, and what gpugrad would use and why.

    Add what it prints to a report of a bug.
    """
    rows = list(_rows())
    console = Console(highlight=False)
    if not console.is_terminal:                     # lines stay whole for whoever pastes them
        print("\n".join(columns([tuple(map(printable, row)) for row in rows], "<<")))
        return
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in rows:
        table.add_row(shown(name), shown(value), style="bold" if name == "backend" else None)
    console.print(table)


def _rows() -> Iterator[tuple[str, str]]:
    """What there is to say, each with its name."""
    yield "gpugrad", f"{_version('gpugrad')} in {Path(__file__).parents[1]}"
    backend, reason = explain()
    yield "backend", f"{backend.name} on {backend.device}: {reason}"
    problem = probe_cupy()
    if problem != reason:
        yield "GPU", problem or "usable"
    for name, value in backend.info().items():
        if name.lower() not in PACKAGES:
            yield name, value
    for name, engine in ALL.items():
        if engine.arrays == "numpy":
            yield f"engine {name}", why_not(name) or "can run"
    yield "MPI", mpi_library.explain()
    missing = nccl.why_not()
    by_nccl = "by NCCL, if each process has its own GPU"
    yield "GPU to GPU", f"by {nccl.BY_HOST}: {missing}" if missing else by_nccl
    yield "Python", f"{platform.python_version()}, {sys.executable}"
    yield "system", platform.platform()
    yield "CPU", f"{platform.machine()}, {_cores()}, {threads()} threads for large steps"
    for pool in threadpool_info():
        if pool["user_api"] == "blas":
            kind = f" for {pool['architecture']}" if "architecture" in pool else ""
            library = f"{pool['internal_api']} {pool['version']}{kind}"
            yield "BLAS", f"{library}, threads: {pool['num_threads']}, {pool['filepath']}"
    yield "compiled code", f"kept in {code_cache().folder or 'memory alone'}"
    for name in sorted(os.environ):
        if name.startswith(VARIABLES):
            yield name, os.environ[name]
    for package in PACKAGES:
        yield package, _version(package)


def _cores() -> str:
    """How many there are, and how many of them this process may use: a batch system gives few."""
    cores = os.cpu_count() or 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores
    return f"{cores} cores" if usable == cores else f"{usable} of {cores} cores"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
