"""Sums over ranks on a branch of the graph of a plan, in one process.

The carrier here is a kernel that doubles, as for two ranks with the same numbers. The CPU in the
place of a GPU runs it as late as the graph lets it: what does not wait for it finds poison.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import cupy as cp
import numpy as np
import pytest
from cuda_on_cpu import observe
from cuda_on_cpu.branches import captured_graphs
from test_overlap import Late, loss, network, psum, step
from thresholds import lowered

import gpugrad as gg
from gpugrad.backends import collectives
from gpugrad.backends.collectives import MAX, Collective, Launches
from gpugrad.core.registry import namespace as ops
from gpugrad.engines.cuda.branch import Sum
from gpugrad.plan.passes import overlap

SMALL = ("parallel.buckets.LARGE", "backends.collectives.LEAST")

CARRIER = "cupy_multiply"
"""The kernel of the carrier, which no plan has."""

on_cpu = pytest.mark.only_on_cpu


class OnGpus(Late):
    """Such a carrier; `did` is what it was asked for, in traces, which call it, and in captures."""

    @property
    def begun(self) -> list[str]:
        """The shapes of what plans began."""
        return [what.split(maxsplit=1)[1] for what in self.did if what.startswith("begins")]

    name = transport = "a kernel"

    def on_gpus(self) -> Any:
        return self

    def launches(self, call: Collective, x: Any, y: Any) -> Launches:
        def carry() -> None:
            self.did.append(f"{call.part or 'all'} {x.shape}")
            cp.multiply(x, 2, out=y)

        cp.multiply(x, 2, out=y)                    # now, so that no capture has to load it
        return Launches(carry)


def thrice(compiled: Any, x: np.ndarray) -> Any:
    """What the third call gives, for which the plan is captured."""
    return [compiled(cp.asarray(x)) for _ in range(3)][-1]


def on_device(x: Any) -> Any:
    return gg.tree.map(cp.asarray, x)


def trained(compiled: Any, given: Any, x: Any, y: Any) -> None:
    """Four steps come to what one process makes of them on the host."""
    wanted, params = given, on_device(given)
    for _ in range(4):
        value, params = compiled(params, cp.asarray(x), cp.asarray(y))
        expected, grads = gg.value_and_grad(loss)(wanted, x, y)
        wanted = [p - 0.2 * g for p, g in zip(wanted, grads, strict=True)]
        np.testing.assert_allclose(value.get(), expected)
        for found, other in zip(params, wanted, strict=True):
            np.testing.assert_allclose(found.get(), other)


@pytest.mark.parametrize("thresholds", [SMALL, None])
@pytest.mark.parametrize("donated", [(), (0,)])
def test_gradients_travel_while_others_are_computed(donated: Any, thresholds: Any) -> None:
    given, x, y = network([3, 4, 4, 5, 2])
    world = OnGpus()
    with lowered(SMALL) if thresholds else lowered():
        trained(gg.jit(step(world), donate_argnums=donated), given, x, y)
    # The last layer's weights go first. Each is captured once, and not launched in trials.
    assert world.begun[:2] == ["(5, 2)", "(4, 5)"]
    assert len(world.begun) == len(set(world.begun))


@on_cpu
def test_kernels_run_beside_the_sums_in_one_graph() -> None:
    given, x, y = network([3, 4, 4, 5, 2])
    with lowered(SMALL), captured_graphs() as graphs:
        compiled = gg.jit(step(OnGpus()), donate_argnums=(0,))
        trained(compiled, given, x, y)
        text = compiled.explain(on_device(given), cp.asarray(x), cp.asarray(y))
    (graph,) = graphs
    first, second, *others = graph.named(CARRIER)
    for node in (first, second):                    # the products of the layer before
        assert any(name.startswith("beside") for name in graph.beside(node)), graph.names
    assert first in graph.before[second]            # one after the other, on all ranks alike
    for node in others:
        assert {first, second} <= graph.before[node], graph.names
    assert text.startswith("engine     cupy: 1 graph of 19 kernels, among them 6 collectives by a "
                           "kernel and 2 of these beside other kernels")  # fmt: skip
    assert text.count("carried by a kernel") == 6
    assert text.count("nothing runs beside it: too little else can be done in its graph") == 4


def test_a_sum_that_leaves_nothing_to_do_is_one_step() -> None:
    world = OnGpus()
    with lowered(SMALL):
        compiled = gg.jit(lambda x: psum(world, gg.sin(x)) + 1)
        for _ in range(3):
            np.testing.assert_allclose(compiled(cp.ones(6)).get(), 2 * np.sin(1) + 1)
    assert not world.begun


def test_small_sums_say_that_they_are() -> None:
    world = OnGpus()
    compiled = gg.jit(lambda x: (psum(world, x @ x), x @ x.T))
    thrice(compiled, np.ones((3, 3)))
    text = re.sub(r"\s+", " ", compiled.explain(cp.ones((3, 3))))
    assert f"nothing runs beside it: of less than {collectives.LEAST} bytes" in text


@on_cpu
def test_small_sums_do_not_wait_for_large_ones_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As that of a loss, behind those of the gradients, and ahead of the updates."""
    world, x = OnGpus(), np.random.default_rng(0).normal(size=(8, 8))

    def f(x: Any) -> Any:
        total = psum(world, gg.sin(x) @ x)
        mean = psum(world, gg.sum(x))
        return gg.cos(gg.cos(x) @ x) @ total, mean

    monkeypatch.setattr(collectives, "LEAST", x.nbytes)
    with captured_graphs() as graphs:
        compiled = gg.jit(f)
        found = thrice(compiled, x)
    np.testing.assert_allclose(found[0].get(), np.cos(np.cos(x) @ x) @ (2 * np.sin(x) @ x))
    np.testing.assert_allclose(found[1].get(), 2 * np.sum(x))
    assert world.begun == ["(8, 8)", "()"]
    (graph,) = graphs
    for node in graph.named(CARRIER):
        assert graph.beside(node), graph.names


def sums_of_sums(world: Late) -> Callable[[Any], Any]:
    def f(x: Any) -> Any:
        a = x @ x.T
        first = psum(world, a)
        work = gg.exp(-(a @ a) / 1e6)
        second = psum(world, first + work)
        again = psum(world, a)
        return first, second, again, gg.sum(work @ work), a

    return f


def check_sums_of_sums(found: Any, x: np.ndarray) -> None:
    a = x @ x.T
    work = np.exp(-(a @ a) / 1e6)
    wanted = (2 * a, 4 * a + 2 * work, 2 * a, np.sum(work @ work), a)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one.get(), other)


@pytest.mark.parametrize("thresholds", [SMALL, None])
def test_sums_of_sums_and_results_as_they_are(thresholds: Any) -> None:
    """A sum of what another brings, the same terms twice, and results that the caller gets."""
    world, x = OnGpus(), np.arange(12.0).reshape(3, 4)
    with lowered(SMALL) if thresholds else lowered():
        compiled = gg.jit(sums_of_sums(world))
        for k in range(1, 4):
            check_sums_of_sums(compiled(cp.asarray(x * k)), x * k)
    assert world.begun


def test_a_graph_ends_with_no_sum_under_way() -> None:
    """Where a step is called between two graphs, what began in the first is waited for there."""
    world, x = OnGpus(), np.random.default_rng(0).normal(size=(6, 6))

    def f(x: Any) -> Any:
        total = psum(world, gg.sin(x))
        meanwhile = gg.cos(x @ x) @ x
        return total @ gg.sort(meanwhile, axis=0), gg.exp(-meanwhile) @ total

    def wanted(x: Any) -> Any:
        total, meanwhile = 2 * np.sin(x), np.cos(x @ x) @ x
        return total @ np.sort(meanwhile, axis=0), np.exp(-meanwhile) @ total

    with lowered(SMALL):
        compiled = gg.jit(f)
        for k in range(1, 4):
            for a, b in zip(compiled(cp.asarray(x * k)), wanted(x * k), strict=True):
                np.testing.assert_allclose(a.get(), b, rtol=1e-10)
        text = compiled.explain(cp.asarray(x))
    assert "2 graphs" in text
    assert "called, not compiled" in text
    assert world.begun == ["(6, 6)"]
    assert text.index("begins>") < text.index("waits>") < text.index("called, not compiled")


def test_callers_on_streams_have_memory_and_branches_of_their_own() -> None:
    """Who keeps what he got makes the next call need an instance of its own."""
    given, x, y = network([3, 4, 4, 5, 2])
    world = OnGpus()
    with lowered(SMALL):
        compiled = gg.jit(step(world), donate_argnums=(0,))
        trained(compiled, given, x, y)
        captured = len(world.begun)
        streams = [cp.cuda.Stream(non_blocking=True) for _ in range(3)]
        kept = []
        for k, stream in enumerate(streams):
            stream.wait_event(cp.cuda.get_current_stream().record())
            with stream:
                params = [cp.asarray(p * (k + 1)) for p in given]
                kept.append(compiled(params, cp.asarray(x), cp.asarray(y)))
        for k, (value, params) in enumerate(kept):
            start = [p * (k + 1) for p in given]
            expected, grads = gg.value_and_grad(loss)(start, x, y)
            streams[k].synchronize()
            np.testing.assert_allclose(value.get(), expected)
            for found, p, g in zip(params, start, grads, strict=True):
                np.testing.assert_allclose(found.get(), p - 0.2 * g)
    assert len(world.begun) > captured


def test_a_sum_may_take_the_place_of_its_terms() -> None:
    """Where they are donated: without a copy of its own at the end."""
    x, world = np.random.default_rng(0).normal(size=(6, 6)), OnGpus()
    with lowered(SMALL):
        compiled = gg.jit(lambda x, y: (psum(world, x), gg.cos(y @ y) @ y), donate_argnums=(0,))
        for _ in range(4):
            total, other = compiled(cp.asarray(x), cp.asarray(x))
            np.testing.assert_allclose(total.get(), 2 * x)
            np.testing.assert_allclose(other.get(), np.cos(x @ x) @ x, rtol=1e-10)
        text = compiled.explain(cp.asarray(x), cp.asarray(x))
    assert world.begun
    assert " and 1 copy in each run" in text, text


@on_cpu
def test_what_needs_one_sum_is_done_while_others_travel() -> None:
    with lowered(SMALL), captured_graphs() as graphs:
        thrice(gg.jit(two_sums(OnGpus())), np.ones((4, 4)))
    (graph,) = graphs
    first, second = graph.named(CARRIER)
    after = [i for i, before in enumerate(graph.before) if first in before and second not in before]
    assert [graph.names[i] for i in after if i != second] == graph.beside(second)
    assert len(graph.beside(second)) == 2, graph.names


@on_cpu
def test_all_collectives_of_a_graph_have_one_order() -> None:
    """One in one step comes behind the sums that have begun before, and ahead of those after it."""
    world = OnGpus()

    def f(x: Any) -> Any:
        first = psum(world, gg.sin(x) @ x)
        largest = ops.communicate(gg.sum(x, axis=0), call=Collective(MAX, world))
        second = psum(world, gg.cos(x) @ x)
        return first, largest, second, gg.exp(-gg.cos(x @ x) @ x)

    with lowered(SMALL), captured_graphs() as graphs:
        thrice(gg.jit(f), np.ones((8, 8)))
    (graph,) = graphs
    assert world.did[-3:] == ["begins (8, 8)", "all (8,)", "begins (8, 8)"]
    first, largest, second = graph.named(CARRIER)
    assert first in graph.before[largest]
    assert {first, largest} <= graph.before[second]


# What goes wrong


def test_what_a_carrier_raises_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """And not that the graph has a branch that does not join."""
    def fails(self: Sum) -> None:
        if cp.cuda.get_current_stream().is_capturing():
            raise RuntimeError("the carrier is gone")

    x = np.arange(12.0).reshape(3, 4)
    with lowered(SMALL), monkeypatch.context() as patch:
        patch.setattr(Sum, "wait", fails)
        compiled = gg.jit(sums_of_sums(OnGpus()))
        with pytest.raises(RuntimeError, match="the carrier is gone"):
            thrice(compiled, x)
        patch.undo()
        check_sums_of_sums(thrice(compiled, x), x)


def never(self: Sum) -> None:
    """A wait that is left out."""


def early(self: Sum) -> None:
    """A wait for that after which the sum begins."""
    if not cp.cuda.get_current_stream().is_capturing():
        return
    cp.cuda.get_current_stream().wait_event(self._begun)


@on_cpu
@pytest.mark.parametrize("wait", [never, early])
def test_a_branch_that_does_not_join_is_refused(
    monkeypatch: pytest.MonkeyPatch, wait: Callable[[Sum], None]
) -> None:
    monkeypatch.setattr(Sum, "wait", wait)
    with lowered(SMALL):
        compiled = gg.jit(sums_of_sums(OnGpus()))
        with pytest.raises(cp.cuda.runtime.CUDARuntimeError, match="Unjoined"):
            thrice(compiled, np.ones((3, 4)))


def two_sums(world: Late) -> Callable[[Any], Any]:
    """What the first one brings is read before the second one is waited for."""
    def f(x: Any) -> Any:
        first = psum(world, gg.sin(x) @ x)
        b = gg.cos(gg.cos(gg.cos(x) @ x) @ x)
        return gg.tanh(first @ x) @ x, psum(world, b) @ x

    return f


@on_cpu
@pytest.mark.parametrize("wait", [None, never, early])
def test_what_does_not_wait_reads_what_is_not_there(
    monkeypatch: pytest.MonkeyPatch, wait: Callable[[Sum], None] | None
) -> None:
    """Where the last one joins the branch, and not the first one."""
    x = np.random.default_rng(0).normal(size=(4, 4))
    wanted = np.tanh(2 * np.sin(x) @ x @ x) @ x
    right, waited = Sum.wait, []

    def other(self: Sum) -> None:
        waited.append(self)
        last = len(waited) % 2 == 0
        right(self) if wait is None or last else wait(self)

    monkeypatch.setattr(Sum, "wait", other)
    with lowered(SMALL):
        compiled = gg.jit(two_sums(OnGpus()))
        found = thrice(compiled, x)[0].get()
        assert len(waited) == 4, compiled.explain(cp.asarray(x))     # of a trial, and of a capture
    assert np.allclose(found, wanted, rtol=1e-10) == (wait is None)


@on_cpu
@pytest.mark.parametrize("kept", [True, False])
def test_the_terms_stay_as_they_are_until_the_sum_is_there(
    monkeypatch: pytest.MonkeyPatch, kept: bool
) -> None:
    """Where the step that waits does not read them, others take their memory."""
    half = overlap._half

    def without_terms(step: Any, part: str, inputs: Any, outputs: Any) -> Any:
        return half(step, part, inputs[:1], outputs)

    if not kept:
        monkeypatch.setattr(overlap, "_half", without_terms)
    world, x = OnGpus(), np.random.default_rng(0).normal(size=(4, 4))

    def f(x: Any) -> Any:
        total = psum(world, gg.sin(x) @ x)
        y = x
        for _ in range(4):
            y = gg.cos(y) @ x
        return total @ y

    y = x
    for _ in range(4):
        y = np.cos(y) @ x
    with lowered(SMALL):
        compiled = gg.jit(f)
        found = thrice(compiled, x).get()
    assert np.allclose(found, 2 * np.sin(x) @ x @ y, rtol=1e-10) == kept


@on_cpu
def test_a_run_is_a_table_and_a_graph() -> None:
    given, x, y = network([3, 4, 4, 5, 2])
    with lowered(SMALL):
        compiled = gg.jit(step(OnGpus()), donate_argnums=(0,))
        trained(compiled, given, x, y)
        params, x, y = on_device(given), cp.asarray(x), cp.asarray(y)
        for _ in range(2):
            observe.begin()
            _, params = compiled(params, x, y)
    counts = observe.counts()
    assert (counts["launch"], counts["graph launch"], counts["event record"]) == (1, 1, 0), counts
    nodes = [entry for entry in observe.entries() if entry.kind == "node"]
    assert len({entry.stream for entry in nodes}) == 2
