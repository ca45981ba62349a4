"""Which MPI carries arrays between processes, for those who ask."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from gpugrad.backends.process_settings import processes
from gpugrad.hints import install


def explain() -> str:
    """The MPI library and how many processes there are, or why there is none.

    MPI is not initialised for it, and cannot be in this process afterwards if it was not before.
    """
    if find_spec("mpi4py") is None:
        return f"none: mpi4py is not installed: {install('mpi')}"
    import mpi4py

    if "mpi4py.MPI" not in sys.modules:
        mpi4py.rc.initialize = False
    try:
        from mpi4py import MPI

        library = MPI.Get_library_version()
    except (ImportError, RuntimeError) as error:    # the package is there, and no library
        reason = " ".join(str(error).split())
        return f"none: mpi4py finds no MPI library ({reason}): {install('mpi')}"
    n = processes()
    return f"{name_of(library)}, {n} process{'es' * (n > 1)}"


def name_of(library: str) -> str:
    """The name and version of an MPI, from what it says of itself at length."""
    return " ".join(library.strip("\0").splitlines()[0].split())
