"""Guards: each recognises the graphs of its plan, and no others."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np
import pytest
from test_planned_sweep import PAIRS, assert_equal, define_ops, directly, leaves, pair

import gpugrad as gg
from gpugrad.backends import numpy_namespace
from gpugrad.graph import survey
from gpugrad.sweep import guard, planned
from gpugrad.sweep.guard import make_guard

pytestmark = pytest.mark.usefixtures("fresh")

ONE = numpy_namespace.one

APART = {"which operand", "which part"}
"""Pairs of graphs that do not even come apart alike."""


def seeds_of(f: Callable[..., Any], arrays: list[Any]) -> list[Any]:
    y = f(*leaves(*arrays))
    return [(y._edge, ONE(y._value) if not y.shape else np.ones(y.shape, y.dtype))]


def guard_of(seeds: list[Any], targets: Any = ()) -> FunctionType:
    found = survey(seeds, targets, ONE)
    return make_guard(found, seeds, targets, ONE, found.wanted)


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_a_guard_recognises_its_own_kind_alone(name: str, own_ops: None) -> None:
    define_ops()
    f, first, h, second = PAIRS[name]
    for own, other in ((f, first), (h, second)), ((h, second), (f, first)):
        found = guard_of(seeds_of(*own))
        again = seeds_of(*own)
        recognised = found(again, (), False)
        assert recognised is not None
        surveyed = survey(again, (), ONE)
        (*saved, given), wanted = recognised
        assert all(a is n.saved for a, n in zip(saved, surveyed.inner, strict=True))
        assert all(a is g for a, (_, g) in zip(given, again, strict=True))
        assert wanted == tuple(surveyed.wanted)
        assert found(seeds_of(*other), (), False) is None


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_a_guard_that_compares_nothing_would_be_wrong(
    name: str, monkeypatch: pytest.MonkeyPatch, own_ops: None
) -> None:
    """It takes apart what it is given, and no more: each pair then shows a wrong number."""
    define_ops()
    write = guard._Writer.write

    def careless(self: Any, *args: Any) -> None:
        write(self, *args)
        self.lines[:] = [line for line in self.lines if not line.endswith(": return None")]

    monkeypatch.setattr(guard._Writer, "write", careless)
    monkeypatch.setattr(planned, "MEETINGS", 1)
    first, second = pair(name)
    wanted = directly(second)
    first()
    for plan in planned.cache._plans.values():      # for whatever rule is at the root
        monkeypatch.setattr(planned.cache, "_recent", _Always([plan]))
    if name in APART:
        assert_equal(second(), wanted)
    else:
        with pytest.raises((AssertionError, IndexError, TypeError, ValueError)):
            assert_equal(second(), wanted)


class _Always(dict[Any, Any]):
    """The same plans whatever is asked for."""

    def __init__(self, plans: list[Any]) -> None:
        self.plans = plans

    def get(self, key: Any, default: Any = None) -> Any:
        return self.plans


def test_targets() -> None:
    """Which nodes are asked for is as much a part of it as the graph."""
    a, b = leaves(2.0, 3.0)
    c = a * b
    y = gg.sin(c) * a
    seeds = [(y._edge, np.array(1.5))]
    nodes = [t._edge[0] for t in (a, b, c)]
    sets = [dict.fromkeys(n for n, chosen in zip(nodes, bits, strict=True) if chosen == "1")
            for bits in ("000", "001", "010", "011", "100", "101", "110", "111")]  # fmt: skip
    for own in sets:
        found = guard_of(seeds, own)
        assert found(seeds, own, False) is not None
        for other in sets:
            if survey(seeds, own, ONE)[0] != survey(seeds, other, ONE)[0]:
                assert found(seeds, other, False) is None


def test_a_default_seed_is_another_than_any_other() -> None:
    (x,) = leaves(3.0)
    y = gg.sin(x)
    default, other = [(y._edge, ONE(y._value))], [(y._edge, np.array(1.0))]
    assert guard_of(default)(default, (), False) is not None
    assert guard_of(default)(other, (), False) is None
    assert guard_of(other)(other, (), False) is not None
    assert guard_of(other)(default, (), False) is None
    assert guard_of(other)([(y._edge, np.float32(1))], (), False) is None
    assert guard_of(other)(other * 2, (), False) is None


def test_what_was_freed_is_refused_and_freeing_waits_for_the_last_check() -> None:
    def graph(x: Any, y: Any) -> Any:
        return gg.sum(gg.sin(x) * gg.exp(y))

    one, two = np.ones(3), np.ones(4)
    found = guard_of(seeds_of(graph, [one, one]))
    seeds = seeds_of(graph, [one, one])
    assert found(seeds, (), True) is not None
    assert found(seeds, (), True) is None
    wrong = seeds_of(graph, [two, two])
    root = wrong[0][0][0]
    assert found(wrong, (), True) is None
    assert root.saved is not None


def test_the_plans_that_ran_last_are_asked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several graphs with one rule at their root take turns without a look at signatures."""
    monkeypatch.setattr(planned, "MEETINGS", 1)

    def turn(n: int) -> None:
        (x,) = leaves(np.ones(n))
        gg.sum(gg.sin(x)).backward()
        np.testing.assert_allclose(x.grad, np.cos(1.0))

    for n in range(1, planned.RECENT + 1):
        turn(n)
    surveys = []
    looked = planned.survey
    monkeypatch.setattr(planned, "survey", lambda *a: surveys.append(1) or looked(*a))
    for n in range(1, planned.RECENT + 1):
        turn(n)
    assert not surveys
    turn(planned.RECENT + 1)                        # the one that ran longest ago makes room
    turn(1)
    assert len(surveys) == 2
