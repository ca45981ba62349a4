"""The array libraries under test, by their names."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from blind import BLIND

from gpugrad.backends import Namespace, choose, numpy_namespace, probe_cupy


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
    if name == "strict":
        strict = pytest.importorskip("array_api_strict", reason="pip install array-api-strict")
        return Library(name, Namespace(strict))
    namespaces = {"numpy": numpy_namespace, "planned": numpy_namespace, "blind": BLIND}
    return Library(name, namespaces[name])
