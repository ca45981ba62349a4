"""Kernels as CuPy loads them: each once in a process, whichever programs launch it."""

from __future__ import annotations

from collections.abc import Callable

from gpugrad.backends import kernels

HEADERS = ("engine", "philox", "product")
"""In `kernels/`: what generated kernels call."""

OPTIONS = ("-std=c++17",)

Launch = Callable[..., None]


def headers() -> str:
    """What stands before each kernel."""
    return "\n".join(map(kernels.header, HEADERS))


def function(name: str, source: str) -> Launch:
    """The kernel of that name in a source without the headers, compiled if none is equal to it.

    Each is a module of its own, which CuPy keeps on the disk for other processes. There is no lock,
    which an interrupt could leave locked: threads that come first load one each.
    """
    return _functions.get(source) or _functions.setdefault(source, _loaded(name, source))


_functions: dict[str, Launch] = {}


def _loaded(name: str, source: str) -> Launch:
    import cupy

    module = cupy.RawModule(code="\n".join((headers(), source)), options=OPTIONS)
    launch: Launch = module.get_function(name)
    return launch
