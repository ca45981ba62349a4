"""What the base install does not bring: tests that need it are skipped where it is not there."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import pytest

from gpugrad.engines import ALL
from gpugrad.errors import BackendUnavailable

OPTIONAL = frozenset(
    "PIL array_api_extra array_api_strict autoray cupy einops hypothesis llvmlite matplotlib "
    "mpi4py mpmath narwhals onnx onnxruntime opt_einsum pandas polars pyarrow pytest_benchmark "
    "rich safetensors scipy sklearn tensorboardX threadpoolctl typer".split()
)
"""The modules of the extras; no other may be missing."""


@contextmanager
def skips_without() -> Iterator[None]:
    """Inside, an error that goes back to the import of what is not installed skips the test."""
    try:
        yield
    except Exception as error:
        missing = _missing(error)
        if missing is None:
            raise
        pytest.skip(f"{missing} is not installed: pip install -e '.[dev]'")


def _missing(error: BaseException) -> str | None:
    """What was not found, a module or an engine's, if it is optional and really not there."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ModuleNotFoundError):
            name = (cause.name or "").partition(".")[0]
            required = name == "cupy" and os.environ.get("GPUGRAD_REQUIRE_CUPY")
            if name in OPTIONAL and not required and find_spec(name) is None:
                return name
        if isinstance(cause, BackendUnavailable):
            for name, engine in ALL.items():
                if str(cause).startswith(f"the engine {name} needs") and not engine.is_there:
                    return f"what the engine {name} needs"
        cause = cause.__cause__
    return None


def skip_without_peers(program: str) -> None:
    """Skip a test whose program imports a library that no extra of gpugrad brings."""
    for name in re.findall(r"^\s*>>> import (jax|optax|torch)\b", program, re.MULTILINE):
        if not os.environ.get("GPUGRAD_REQUIRE_PEERS") and find_spec(name) is None:
            pytest.skip(f"{name} is not installed: pip install {name}")


def skip_unless_recent(*names: str) -> None:
    """Skip the file of tests if one of these is older than the extra `dev` asks for."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))
    wanted = dict(
        requirement.split(">=")
        for requirement in project["project"]["optional-dependencies"]["dev"]
        if re.fullmatch(r"[\w-]+>=[\d.]+", requirement)
    )
    for name in names:
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "0"
        if _numbers(found) < _numbers(wanted[name]):
            pytest.skip(
                f"{name}>={wanted[name]} is not installed: pip install -e '.[dev]'",
                allow_module_level=True,
            )


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)[:3]]
