"""Prints what a measurement on a GPU has to say of its machine: device, driver, versions.

Exits with an error where CuPy cannot run.
"""

from __future__ import annotations

import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from shutil import which

from gpugrad.backends import choose

PACKAGES = (
    "numpy cupy-cuda13x cupy-cuda12x cuda-pathfinder nvidia-cublas nvidia-cuda-nvrtc scipy "
    "llvmlite torch jax optree array-api-compat array-api-strict array-api-extra hypothesis pytest "
    "pytest-xdist"
).split()


def main() -> None:
    """Print it."""
    if which("nvidia-smi"):
        for arguments in (["-L"], ["--query-gpu=driver_version,memory.total", "--format=csv"]):
            subprocess.run(["nvidia-smi", *arguments], check=False)
    else:
        print("nvidia-smi is missing")
    print(f"Python {platform.python_version()}, {platform.platform()}")
    for package in PACKAGES:
        try:
            print(package, version(package))
        except PackageNotFoundError:
            print(package, "is missing")
    print(", ".join(f"{name} {value}" for name, value in choose("cupy").info().items()))


if __name__ == "__main__":
    main()
