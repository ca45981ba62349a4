"""The array libraries that every test of rules runs on, as the fixture `xp`."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from math import inf
from pathlib import Path

import pytest
from cuda_on_cpu import observe
from installed import skips_without
from libraries import Library, library
from on_engines import narrow_vectors
from op_cases import BACKENDS

from gpugrad.core import registry
from gpugrad.plan import observers
from gpugrad.plan.observers import observing
from gpugrad.plan.verify import verify_made
from gpugrad.sweep import planned
from gpugrad.transforms.jit import cache

os.environ.setdefault("GPUGRAD_BACKEND", "numpy")   # also where there is a GPU: most tests mean it

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:   # as a shell has it in its background jobs
    signal.signal(signal.SIGINT, signal.default_int_handler)    # tests press Ctrl-C there too

# No dependencies of gpugrad. Not skipped where they are not there: ci/gpu.sh would fail.
collect_ignore: list[str] = []
if not os.environ.get("GPUGRAD_REQUIRE_PEERS"):
    collect_ignore += [] if find_spec("torch") else ["peers"]
    collect_ignore += [] if find_spec("jax") else ["peers/test_jax_bridge.py"]


class _Module(pytest.Module):
    """A file of tests, skipped with a reason if it imports what is not installed."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        with skips_without():
            return super().collect()


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module:
    return _Module.from_parent(parent, path=module_path)


def pytest_collection_finish() -> None:
    """Leaves the tests themselves, a million objects, out of each search for garbage."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Iterator[None]:
    with skips_without():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    with skips_without():
        return (yield)


@pytest.fixture(params=["of this processor", "narrow"])
def vectors(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The native engine with vectors of both sizes that it knows."""
    if request.param == "narrow":
        narrow_vectors(monkeypatch)


if observe.ON_CPU:

    @pytest.fixture(autouse=True)
    def _guarded() -> Iterator[None]:
        """Nothing may have been written where it must not be on the device."""
        with observe.guarded_memory():
            yield
        observe.check()


@pytest.fixture(autouse=True, scope="session")
def _verified() -> Iterator[None]:
    """Every plan is verified after each pass that changed it, and its memory before it runs."""
    with observing(verify_made):
        yield


@pytest.fixture
def unverified(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans that a test makes wrong are made all the same."""
    monkeypatch.setattr(observers, "observers", [])


@pytest.fixture(scope="module")
def no_pictures() -> Iterator[None]:
    """Training draws none, which takes most of a short run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gpugrad.train.report.write_report", lambda *args: None)
        yield


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that grows when a function under `gg.jit` is traced."""
    found: list[int] = []
    trace = cache.trace
    monkeypatch.setattr(cache, "trace", lambda *args: found.append(1) or trace(*args))
    return found


@pytest.fixture
def own_ops() -> Iterator[None]:
    """Ops that the test defines are gone afterwards."""
    names = set(vars(registry.namespace))
    yield
    for name in set(vars(registry.namespace)) - names:
        registry._ops.pop(name, None), registry._composed.pop(name, None)
        del vars(registry.namespace)[name]


@pytest.fixture
def fresh() -> Iterator[None]:
    """No planned sweeps from before, none left behind."""
    planned.cache.clear()
    yield
    planned.cache.clear()


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
