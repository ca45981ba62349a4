"""Where memory ends, in a process that may have only so much: the next call is right.

Limits rise in steps, so that memory ends while a function is recorded, planned, given an arena,
run, and while its results are made. GPUGRAD_LITTLE_MEMORY=1 takes smaller steps, and more
programs.
"""

import gc
import os
from contextlib import suppress

import numpy as np
import pytest
from interrupts import traces
from test_memory import in_own_process

import gpugrad as gg
from gpugrad import tree
from gpugrad.engines import ALL
from gpugrad.errors import GraphFreed
from gpugrad.sweep import planned

resource = pytest.importorskip("resource", reason="limits of a process are POSIX's")

ROWS = 2**15                                        # of eight numbers: 2 MiB
EVERY = "GPUGRAD_LITTLE_MEMORY" in os.environ
STEP = 2**18 if EVERY else 2**21


def chain(x, w):
    return gg.sum(gg.sort(gg.sin(x) * w, axis=0) + gg.cos(x)), {"y": x * 2.0 - w}


def slope(x, w):
    return gg.value_and_grad(lambda w: gg.sum(gg.tanh(gg.asarray(x) * w) * w))(w)


def loop(x, w):
    rows, factor = gg.reshape(x, (4, -1)), gg.sum(w) + 0.5
    c, y = gg.scan(lambda c, row: (gg.cos(c * factor + row), gg.sort(c)), rows[0], rows)
    return gg.sum(c), y


def parts(x, w):
    return gg.vmap(gg.grad(lambda row: gg.sum(gg.sin(row * w) * row)))(x)


def again(x, w):
    return gg.grad(lambda w: gg.sum(gg.checkpoint(lambda w: gg.tanh(gg.asarray(x) * w) * w)(w)))(w)


def writes(x, w):
    x = gg.asarray(x) * 1.0
    x.T[0] = gg.sin(x.T[1])
    x[1] += w
    return gg.sum(x * x), x


def step(x, w):
    return gg.sin(x) * 0.5 + w, gg.sum(gg.sort(x, axis=0))


PROGRAMS = {f.__name__: f for f in (chain, slope, loop, parts, again, writes, step)}
CASES = [(name, "numpy") for name in (PROGRAMS if EVERY else ("slope", "loop", "step"))]
CASES += [(name, "native") for name in ("chain", "step") if ALL["native"].is_there]


def limited(nbytes, f):
    """`f()` where the process may take so many bytes more than it has."""
    with open("/proc/self/statm") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (now + nbytes, hard))
    try:
        return f()
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def operands(n):
    return np.linspace(0.1, 1.0, n * 8).reshape(n, 8), np.linspace(-1.0, 1.0, 8)


def check_compiled(name, engine):
    """At each limit a function that is new, recorded once, or compiled is called three times."""
    f = PROGRAMS[name]
    options = {"donate_argnums": 0} if f is step else {}
    x, w = operands(ROWS)
    wanted = gg.jit(f, engine="numpy")(x.copy(), w)
    stages = [0, 0, 0]
    for begun in range(3) if engine == "numpy" else [2]:
        extra = 0
        while True:
            function = gg.jit(f, engine=engine, **options)
            for _ in range(begun):
                function(x.copy(), w)
            if engine != "numpy":                   # what cannot go on without memory is LLVM
                function.compile(x.copy(), w)
                for entry in function._cache.kept.entries.values():
                    entry.rest()
            given = x.copy()
            try:
                found = limited(extra, lambda: function(given, w))  # noqa: B023
            except MemoryError:
                stages[begun] += 1
            else:
                same(found, wanted)
                del found
                break
            finally:
                assert traces() == []
            if f is not step:
                np.testing.assert_array_equal(given, x)
            for _ in range(3):
                same(function(x.copy(), w), wanted)
            del function, given
            gc.collect()
            extra += STEP
            assert extra < 2**30
    assert stages[2], stages                        # the checks did see memory end
    assert engine != "numpy" or sum(map(bool, stages)) == 3, stages


def check_sweeps():
    """The same of sweeps: direct, while they are planned, and by a plan."""
    x, w = operands(ROWS)
    wanted = slope(x, w)
    ended = [0, 0, 0]
    for begun in range(3):
        extra = 0
        while True:
            planned.cache.clear()
            planned.MEETINGS = 2
            for _ in range(begun):
                slope(x, w)
            try:
                found = limited(extra, lambda: slope(x, w))
            except MemoryError:
                ended[begun] += 1
            else:
                same(found, wanted)
                del found
                break
            assert traces() == []
            for _ in range(3):
                same(slope(x, w), wanted)
            gc.collect()
            extra += STEP
    assert all(ended), ended


def check_backward():
    """`.grad` of all leaves is as before, or added to; a graph that is gone says so."""
    x, _ = operands(ROWS)
    ended = extra = 0
    while True:
        a, b = (gg.tensor(x, requires_grad=True) for _ in range(2))
        gg.sum(a * b).backward()
        y = gg.sum(gg.sin(a) * b)
        before = [a.grad, b.grad]
        try:
            limited(extra, y.backward)
        except MemoryError:
            ended += 1
            assert [a.grad is before[0], b.grad is before[1]] == [True, True]
            with suppress(GraphFreed):
                y.backward()
        else:
            break
        extra += STEP
    assert ended > 1
    same([a.grad, b.grad], [x + np.cos(x) * x, x + np.sin(x)])


def same(found, wanted):
    for a, b in zip(tree.leaves(found), tree.leaves(wanted), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    """Let the processes that a test starts give memory back as soon as it is freed."""
    monkeypatch.setenv("MALLOC_MMAP_THRESHOLD_", str(2**16))


@pytest.mark.parametrize(("name", "engine"), CASES)
def test_compiled(name, engine):
    in_own_process(check_compiled, name, engine)


@pytest.mark.parametrize("check", [check_sweeps, check_backward])
def test_sweeps(check):
    in_own_process(check)
