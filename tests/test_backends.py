"""Choosing a backend: by argument, by call, by environment; and what is said where it cannot be."""

from __future__ import annotations

import os
import subprocess
import sys
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.backends import choose, explain, namespace_of, probe_cupy, select
from gpugrad.errors import BackendUnavailable, InvalidArgument


def test_numpy_can_always_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """By argument, by use_backend (which restores), by the variable; the argument wins."""
    monkeypatch.setenv("GPUGRAD_BACKEND", "numpy")
    assert choose().name == "numpy"
    assert "GPUGRAD_BACKEND" in explain()[1]
    with gg.use_backend("numpy"):
        assert "use_backend" in explain()[1]
    assert "GPUGRAD_BACKEND" in explain()[1]
    assert explain("numpy")[1] == "the name of a backend asks for numpy"


def test_an_unknown_backend_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what there is instead, and who said it."""
    with pytest.raises(InvalidArgument, match="auto, numpy, cupy"):
        gg.use_backend("torch")
    monkeypatch.setenv("GPUGRAD_BACKEND", "jax")
    with pytest.raises(InvalidArgument, match="GPUGRAD_BACKEND"):
        choose()
    with pytest.raises(InvalidArgument, match="device"):
        gg.zeros(3, device="tpu")


def test_a_missing_gpu_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """However it is asked for; and `auto` falls back with the reason."""
    monkeypatch.setattr(select, "probe_cupy", lambda: "CuPy finds no usable CUDA driver")
    for ask in (
        lambda: choose("cupy"),
        lambda: gg.use_backend("cupy"),
        lambda: gg.zeros(3, device="cuda"),
        lambda: gg.tensor(1.0).to_device("cuda:1"),
    ):
        with pytest.raises(BackendUnavailable, match=r"no usable CUDA driver\. Install CuPy with"):
            ask()
    assert choose("auto").name == "numpy"
    assert "CuPy" in explain("auto")[1]


@pytest.mark.parametrize("error", [ImportError, OSError, RuntimeError])
def test_a_broken_cupy_does_not_break_gpugrad(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Importing CuPy can fail in several ways; each is a reason, none an exception."""
    import builtins

    original = builtins.__import__

    def fails(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "cupy":
            raise error("broken")
        return original(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", fails)
    assert f"{error.__name__}: broken" in str(probe_cupy.__wrapped__())


def test_the_namespace_follows_the_type() -> None:
    """NumPy arrays, scalars and memory maps are NumPy's."""
    assert namespace_of(np.ones(3)) is namespace_of(np.float32(1)) is choose("numpy")


@pytest.mark.parametrize(
    "heavy",
    ["cupy", "matplotlib", "typer", "rich", "sklearn", "scipy", "safetensors", "array_api_compat"],
)
def test_import_is_light(heavy: str) -> None:
    """`import gpugrad` brings in nothing heavy; the check itself sees a module that is imported."""
    program = f"import gpugrad, sys; print({heavy!r} in sys.modules, 'numpy' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert found == ["False", "True"]


def test_import_costs_little_more_than_numpy(tmp_path: Path) -> None:
    """At most 0.1 s above `import numpy`, in CPU time, the best of several processes.

    Where NumPy itself takes longer than that, the machine is slow, and NumPy's time is the bound.
    Other processes beside it make both take longer, so there are more tries than one would need.
    """

    # Compiled files are kept, as they are wherever a library is installed.
    kept = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}

    def seconds(module: str) -> float:
        program = f"import time; import {module}; print(time.process_time())"
        run = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=kept
        )
        return float(run.stdout)

    start = seconds("sys")
    numpy = both = inf
    for n in range(1, 31):
        numpy, both = min(numpy, seconds("numpy")), min(both, seconds("gpugrad"))
        if n >= 8 and both - numpy < max(0.1, numpy - start):
            return
    pytest.fail(f"import gpugrad takes {both:.3f} s, import numpy {numpy:.3f} s")


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: gg.use_backend("cupid"), "gpugrad.use_backend names the backend 'cupid'"),
        (lambda: gg.zeros(3, device="cuda"), "device='cuda' asks for the GPU, but no GPU is there"),
        (lambda: gg.zeros(3, device="cuda:1"), "device='cuda:1' asks for the GPU"),
        (lambda: gg.tensor(1.0).to_device("cuda"), "device='cuda' asks for the GPU"),
    ],
)
def test_what_asked_for_a_backend_is_named(ask, said, monkeypatch):
    monkeypatch.setattr("gpugrad.backends.select.probe_cupy", lambda: "no GPU is there")
    with pytest.raises((InvalidArgument, BackendUnavailable)) as caught:
        ask()
    assert said in str(caught.value)
