"""The array libraries that every test of rules runs on, as the fixture `xp`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from math import inf
from typing import Any

import array_api_strict
import numpy as np
import pytest
from blind import BLIND
from op_cases import BACKENDS

from gpugrad import registry
from gpugrad.backends import Namespace, choose, numpy_namespace, probe_cupy
from gpugrad.executor import planned

os.environ.setdefault("GPUGRAD_BACKEND", "numpy")   # also where there is a GPU: most tests mean it


class Library:
    """An array library under test: how arrays get in and out of it."""

    def __init__(self, name: str, namespace: Namespace) -> None:
        self.name = name
        self.namespace = namespace

    def asarray(self, x: Any) -> Any:
        """A host array as one of this library; for "planned" it is read-only."""
        x = np.array(x)
        if self.name == "planned":
            x.flags.writeable = False
        if self.namespace is numpy_namespace:
            return x
        return self.namespace.asarray(x)

    def numpy(self, x: Any) -> Any:
        """An array of this library on the host."""
        return self.namespace.to_numpy(x)

    def __repr__(self) -> str:
        return self.name


def library(name: str) -> Library:
    """The library of that name; CuPy that cannot run skips, or fails where it is required."""
    if name == "cupy":
        problem = probe_cupy()
        if problem is not None and os.environ.get("GPUGRAD_REQUIRE_CUPY"):
            pytest.fail(f"CuPy is required: {problem}")
        if problem is not None:
            pytest.skip(f"{problem}: run ci/gpu.sh on a machine with a GPU")
        return Library(name, choose("cupy"))
    namespaces = {
        "numpy": numpy_namespace,
        "planned": numpy_namespace,
        "strict": Namespace(array_api_strict),
        "blind": BLIND,
    }
    return Library(name, namespaces[name])


@pytest.fixture
def own_ops() -> Iterator[None]:
    """Ops that the test defines are gone afterwards."""
    names = set(registry._ops)
    yield
    for name in set(registry._ops) - names:
        del registry._ops[name], vars(registry.namespace)[name]


@pytest.fixture(params=BACKENDS)
def xp(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """Each array library in turn; for "planned", NumPy with a plan for every sweep."""
    monkeypatch.setattr(planned, "MEETINGS", 1 if request.param == "planned" else inf)
    yield library(request.param)
    planned.cache.clear()


@pytest.fixture(params=[inf, 1], ids=["direct", "planned"])
def sweeps(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Once with direct sweeps and once with planned ones."""
    monkeypatch.setattr(planned, "MEETINGS", request.param)
    yield
    planned.cache.clear()
