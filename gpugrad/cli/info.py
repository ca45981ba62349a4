"""`gpugrad info`: what is installed, which devices there are, and what gpugrad would use."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from os import cpu_count

from rich.console import Console
from rich.table import Table

from gpugrad.backends import explain, probe_cupy
from gpugrad.cli.names import shown
from gpugrad.engines import ALL, why_not
from gpugrad.engines.thread_pool import threads
from gpugrad.parallel import mpi_library, nccl

PACKAGES = (
    "gpugrad", "numpy", "array-api-compat", "optree", "cupy-cuda12x", "cupy-cuda13x", "llvmlite",
    "scipy", "threadpoolctl", "mpi4py", "mpich", "nvidia-nccl-cu12", "nvidia-nccl-cu13",
)  # fmt: skip


def info() -> None:
    """Show versions, devices, and what gpugrad would use and why."""
    backend, reason = explain()
    console = Console(highlight=False)
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_row("[bold]backend", f"[bold]{backend.name}[/] on {backend.device}: {shown(reason)}")
    problem = probe_cupy()
    if problem != reason:
        table.add_row("GPU", shown(problem or "usable"))
    for name, value in backend.info().items():
        if name.lower() not in PACKAGES:
            table.add_row(name, shown(value))
    for name, engine in ALL.items():
        if engine.arrays == "numpy":
            table.add_row(f"engine {name}", shown(why_not(name) or "can run"))
    table.add_row("MPI", shown(mpi_library.explain()))
    missing = nccl.why_not()
    by_host = f"by {nccl.BY_HOST}: {missing}"
    by_nccl = "by NCCL, if each process has its own GPU"
    table.add_row("GPU to GPU", shown(by_host if missing else by_nccl))
    for package in PACKAGES:
        table.add_row(package, _version(package))
    table.add_row("Python", f"{platform.python_version()} on {platform.platform()}")
    cores = f"{cpu_count()} cores, {threads()} threads for large steps"
    table.add_row("CPU", f"{platform.machine()}, {cores}")
    console.print(table)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
