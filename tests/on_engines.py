"""Functions on an engine, after the calls that trace them, and what two engines find beside; and
the native engine with other threads and other vectors.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import gpugrad as gg


def compiled(f: Callable[..., Any], *args: Any, engine: str = "native") -> Any:
    """`f` on the engine, after the calls that trace it."""
    step = gg.jit(f, engine=engine)
    step.compile(*args)
    return step


def run(f: Callable[..., Any], *args: Any, engine: str = "native") -> list[np.ndarray]:
    """The results of `f` on the engine."""
    found = compiled(f, *args, engine=engine)(*args)
    return [np.array(x) for x in (found if isinstance(found, tuple) else (found,))]


def agree(f: Callable[..., Any], *args: Any, rtol: float) -> None:
    """The native engine finds what the NumPy engine does."""
    found, wanted = run(f, *args), run(f, *args, engine="numpy")
    for x, y in zip(found, wanted, strict=True):
        assert (x.dtype, x.shape) == (y.dtype, y.shape)
        np.testing.assert_allclose(x, y, rtol=rtol, atol=rtol)


def narrow_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compile for a processor with vectors of 32 bytes, and keep nothing of it."""
    # Imported now: without the extra, other engines are tried with this file too.
    from gpugrad.engines.native import machine_code

    version = f"{machine_code._versions()}narrow"
    monkeypatch.setattr(machine_code, "_is_wide", lambda: False)
    monkeypatch.setattr(machine_code, "_versions", lambda: version)
    monkeypatch.setattr(machine_code, "_addresses", {})


def said_with_threads(program: str, counts: Sequence[str]) -> dict[str, list[str]]:
    """The lines that a program prints in processes with these numbers of threads."""
    said = {}
    for threads in counts:
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True,
            env={**os.environ, "GPUGRAD_NUM_THREADS": threads, "PYTHONHASHSEED": "0"},
        )  # fmt: skip
        said[threads] = done.stdout.splitlines()
    return said
