"""Which array library is used where no array says it: argument, `use_backend`, environment."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from functools import cache

from gpugrad.backends.numpy import namespace as numpy_namespace
from gpugrad.backends.process_settings import Setting
from gpugrad.backends.standard import Namespace
from gpugrad.errors import BackendUnavailable, InvalidArgument
from gpugrad.hints import install

VARIABLE = "GPUGRAD_BACKEND"
NAMES = ("auto", "numpy", "cupy")

_chosen: list[str] = []
"""The backend that `use_backend` set for this process: empty, or one name."""

within: ContextVar[Namespace | None] = ContextVar("gpugrad_namespace", default=None)
"""Inside a transform: the namespace of its arguments."""


@cache
def probe_cupy() -> str | None:
    """Why CuPy cannot be used, or `None` if it can. Tried once, ending in one real launch.

    A CuPy without a driver imports well and fails later, and its errors are of many kinds, so
    every exception counts as a no.
    """
    try:
        import cupy
    except Exception as error:
        return f"CuPy cannot be imported ({type(error).__name__}: {error})"
    if not cupy.cuda.is_available():
        return "CuPy finds no usable CUDA driver and device"
    try:
        (cupy.zeros(1) + 1).item()                  # a kernel that CuPy must compile, with headers
    except Exception as error:
        return f"a first launch failed ({type(error).__name__}: {error})"
    return None


_NAME = "the name of a backend"
"""What asks for one where nothing else is said to."""


def choose(name: str | None = None, source: str = "") -> Namespace:
    """The namespace of backend `name` (default: what is in force here), for which `source` asks.

    Raises `InvalidArgument` for an unknown name and `BackendUnavailable` where CuPy was asked for
    by name and cannot be used; `"auto"` falls back to NumPy.
    """
    return _resolve(name, source or _NAME)[0]


def default() -> Namespace:
    """The namespace for arrays made from nothing: that of the enclosing transform, if any."""
    return within.get() or _resolve(None)[0]


def explain(name: str | None = None) -> tuple[Namespace, str]:
    """The namespace that `choose` gives, and the reason in one line."""
    return _resolve(name)


def _resolve(name: str | None, source: str = _NAME) -> tuple[Namespace, str]:
    wanted, source = (name, source) if name is not None else _in_force()
    if wanted not in NAMES:
        raise InvalidArgument(
            f"{source} names the backend {wanted!r}; it must be one of {', '.join(NAMES)}."
        )
    if wanted == "numpy":
        return numpy_namespace, f"{source} asks for numpy"
    problem = probe_cupy()
    if problem is None:
        from gpugrad.backends.cupy import namespace as cupy_namespace

        reason = "a GPU was found" if wanted == "auto" else f"{source} asks for cupy"
        return cupy_namespace(), reason
    if wanted == "cupy":
        raise BackendUnavailable(
            f"{source} asks for the GPU, but {problem}. Install CuPy with "
            f"{install('cuda13')}, or the extra cuda12 for an older driver, on a machine with an "
            "NVIDIA GPU, or choose the backend numpy."
        )
    return numpy_namespace, problem


def _in_force() -> tuple[str, str]:
    """The name that is in force and who said it."""
    if _chosen:
        return _chosen[0], "use_backend"
    variable = os.environ.get(VARIABLE, "")
    return (variable, VARIABLE) if variable else ("auto", "the default")


class use_backend(Setting[str]):
    """Choose the backend of this process: where new arrays are made.

    It takes effect at once; as a context manager, it restores the previous choice. It decides where
    `gg.zeros`, models and random numbers are made; operations run where their arrays are.

    Args:
        name: `"numpy"`, `"cupy"`, or `"auto"`, which is CuPy if there is a usable GPU, else NumPy.

    Raises:
        BackendUnavailable: If the backend cannot be used on this machine. The choice then stays as
            it was.
        InvalidArgument: For another name.

    Example:
        >>> with gg.use_backend("numpy"):
        ...     gg.zeros(2).device
        'cpu'
    """

    def __init__(self, name: str) -> None:
        choose(name, "gpugrad.use_backend")
        super().__init__(_chosen, name)


def on_device(device: str | None) -> AbstractContextManager[object]:
    """Inside, what is made from nothing for `device` is made there; `None` is the current one."""
    return nullcontext() if device is None else for_device(device).on(device)


def for_device(device: str | None) -> Namespace:
    """The namespace that serves `device`: `"cpu"`, `"cuda"`, `"cuda:1"`; `None` is the default."""
    if device is None:
        return default()
    if device == "cpu":
        return numpy_namespace
    kind, _, number = str(device).partition(":")
    if kind == "cuda" and (not number or number.isdigit()):
        return choose("cupy", f"device={device!r}")
    raise InvalidArgument(f"unknown device {device!r}: use 'cpu', 'cuda' or 'cuda:N'.")


Namespace.for_device = staticmethod(for_device)
