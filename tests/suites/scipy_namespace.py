"""A plugin of pytest that runs SciPy's own tests with gpugrad as their array namespace.

SciPy's tests ask for the fixture `xp` of its conftest.py, which has one parameter for each array
library that SciPy knows. Here it has one: gpugrad.
"""

from __future__ import annotations

from typing import Any

import pytest

import gpugrad as gg


@pytest.hookimpl(tryfirst=True)
def pytest_plugin_registered(plugin: Any) -> None:
    """Before pytest collects the fixtures of SciPy's conftest.py, `xp` is made anew."""
    if getattr(plugin, "__name__", "") != "scipy.conftest" or not plugin.SCIPY_ARRAY_API:
        return
    mark = pytest.mark.array_api_backends
    plugin.xp_known_backends.add(gg.__name__)
    plugin.xp = pytest.fixture(params=[pytest.param(gg, id=gg.__name__, marks=mark)])(
        plugin.xp._get_wrapped_function()
    )
