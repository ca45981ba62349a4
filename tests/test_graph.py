"""The graph and its sweep: linear in time and memory, without recursion, and freed when dropped."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.backends import numpy_namespace
from gpugrad.backends.references import COUNTED
from gpugrad.errors import GraphFreed, NotDifferentiable
from gpugrad.graph import Node, is_recording, reverse_order

pytestmark = pytest.mark.usefixtures("sweeps")


@pytest.fixture
def no_gc() -> Iterator[None]:
    """Without the garbage collector: what goes away does so by reference counting."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def _nodes_alive() -> int:
    return sum(type(thing) is Node for thing in gc.get_objects())


def test_deep_chain_is_built_swept_and_freed(no_gc: None) -> None:
    """100,000 ops: no recursion in building, differentiating or tearing down."""
    before = _nodes_alive()
    x = gg.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(100_000):
        y = gg.negative(y)
    assert _nodes_alive() > 100_000
    y.backward()
    assert x.grad == 1
    del y
    assert _nodes_alive() == before + 1


def test_a_graph_that_was_never_swept_is_freed_too(no_gc: None) -> None:
    """Forward passes without backward leave nothing behind."""
    before = _nodes_alive()
    x = gg.tensor(np.ones(1000), requires_grad=True)
    for _ in range(20):
        y = gg.sin(x) * 2.0
        first = weakref.ref(y)
        del y
        assert first() is None
    assert _nodes_alive() == before + 1


@pytest.mark.skipif(not COUNTED, reason="a write copies where references cannot be counted")
def test_row_loop_is_linear(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop over n rows copies and fills some n elements; written out, it would be n²."""
    n = 2000
    elements = 0
    copy, zeros = numpy_namespace.copy, numpy_namespace.zeros

    def counted(x: Any) -> Any:
        nonlocal elements
        elements += x.size
        return x

    monkeypatch.setattr(numpy_namespace, "copy", lambda x: counted(copy(x)))
    monkeypatch.setattr(numpy_namespace, "zeros", lambda *a, **k: counted(zeros(*a, **k)))
    x = gg.tensor(np.linspace(0.0, 1.0, n), requires_grad=True)
    out = gg.zeros(n)
    for i in range(n):
        out[i] = gg.sin(x[i])
    gg.sum(out * out).backward()
    np.testing.assert_allclose(x.grad, np.sin(2 * x.value), atol=1e-12)
    assert n <= elements < 10 * n

    for keep, all_copied in ((lambda out: out[1:], False), (lambda out: out.value, True)):
        elements = 0
        out = gg.zeros(n)
        kept = []
        for i in range(50):                         # a view that stays does no harm; its array does
            out[i] = 1.0
            kept.append(keep(out))
        assert (elements > 40 * n) is all_copied


def test_gradients_are_owned_writable_and_unaliased() -> None:
    """Writing into one gradient changes no other, no input, no cotangent and no later result."""
    x, z = np.ones(3), np.ones(3)
    out, pullback = gg.vjp(lambda x, z: x + z, x, z)
    seed = np.ones(3)
    gx, gz = pullback(seed)
    gx *= 0
    np.testing.assert_array_equal(gz, 1)
    np.testing.assert_array_equal(seed, 1)
    np.testing.assert_array_equal(pullback(seed)[0], 1)
    out *= 0
    np.testing.assert_array_equal(x, 1)
    for f in (lambda x: gg.sum(gg.reshape(x, (3, 1))), lambda x: gg.sum(x * 2.0), lambda x: x[0]):
        g = gg.grad(f)(x)
        assert g.flags.writeable
        assert g.flags.owndata
        assert not np.shares_memory(g, x)


def test_a_saved_output_is_not_handed_out() -> None:
    """exp keeps its output: the caller's copy may be written into before the pullback runs."""
    out, pullback = gg.vjp(gg.exp, np.zeros(3))
    out *= 0
    np.testing.assert_array_equal(pullback(np.ones(3))[0], 1)


def test_an_identity_returns_an_array_of_its_own() -> None:
    """vjp of the identity neither returns the input nor makes it read-only."""
    x = np.ones(3)
    out, _ = gg.vjp(lambda x: x, x)
    assert not np.shares_memory(out, x)


def test_grad_accumulates_and_can_be_reset() -> None:
    """backward adds to .grad, into a new array; None starts anew."""
    x = gg.tensor(np.ones(2), requires_grad=True)
    gg.sum(x * 2.0).backward()
    first = x.grad
    gg.sum(x * 3.0).backward()
    np.testing.assert_array_equal(x.grad, 5)
    np.testing.assert_array_equal(first, 2)
    x.grad = None
    gg.sum(x).backward()
    np.testing.assert_array_equal(x.grad, 1)


def test_second_backward_over_a_freed_graph_raises() -> None:
    """backward frees; keep_graph keeps; the error says what to do."""
    x = gg.tensor(2.0, requires_grad=True)
    y = x * x
    y.backward(keep_graph=True)
    y.backward()
    assert x.grad == 8
    with pytest.raises(GraphFreed, match="keep_graph=True"):
        y.backward()
    assert x.grad == 8


def test_backward_frees_saved_arrays_as_it_goes() -> None:
    """After backward no node holds an array any more."""
    x = gg.tensor(np.ones(3), requires_grad=True)
    y = gg.sum(gg.sin(gg.exp(x)))
    nodes = reverse_order([y._edge[0]])
    y.backward()
    assert all(node.saved is None for node in nodes)


def test_what_a_node_keeps_is_what_its_rules_name() -> None:
    """exp its output, sin its input, add and sum nothing; a product the factors that are needed."""
    x = gg.tensor(np.ones((2, 3)), requires_grad=True)
    w = np.ones((2, 3))

    def kept(y: Any) -> list[str]:
        return list(y._edge[0].vjp.keeps)

    assert kept(gg.exp(x)) == ["y"]
    assert kept(gg.sin(x)) == ["x"]
    assert kept(x + w) == []
    assert kept(gg.sum(x)) == ["x_shape"]
    assert kept(x * w) == ["b"]
    assert kept(w * x) == ["a"]
    assert kept(x * x) == ["b", "a"]
    assert (x * w)._edge[0].saved[0] is w


def test_a_failed_backward_leaves_no_state(own_ops: None) -> None:
    """After a rule has raised, unrelated gradients are as before."""

    @gg.op(lambda g, x: 1 // 0)
    def fails_backward(xp: Any, x: Any) -> Any:
        """An op whose rule fails."""
        return xp.negative(x)

    x = gg.tensor(1.0, requires_grad=True)
    with pytest.raises(ZeroDivisionError):
        fails_backward(x * 2.0).backward()
    with pytest.raises(ZeroDivisionError):
        gg.grad(fails_backward)(1.0)
    assert is_recording()
    assert x.grad is None
    assert gg.grad(lambda x: x * x)(3.0) == 6


def test_no_grad_restores_what_was_before() -> None:
    """Nested blocks, decorators and exceptions."""
    x = gg.tensor(1.0, requires_grad=True)
    with gg.no_grad():
        with gg.no_grad():
            pass
        assert not (x * 2.0).requires_grad
        with gg.enable_grad():
            assert (x * 2.0).requires_grad
        with pytest.raises(RuntimeError), gg.no_grad():
            raise RuntimeError
        assert not is_recording()
    assert (x * 2.0).requires_grad

    @gg.no_grad()
    def plain(x: Any) -> Any:
        return x * 2.0

    assert not plain(x).requires_grad
    assert not plain(x).requires_grad
    with gg.no_grad():
        assert gg.grad(lambda x: x * x)(3.0) == 6


def test_backward_needs_a_number_or_a_cotangent() -> None:
    """Errors for untracked Tensors, missing and misshapen cotangents."""
    x = gg.tensor(np.ones(3), requires_grad=True)
    with pytest.raises(NotDifferentiable, match="requires_grad"):
        gg.tensor(1.0).backward()
    with pytest.raises(gg.errors.InvalidArgument, match=r"\(3,\)"):
        x.backward()
    with pytest.raises(gg.errors.InvalidArgument, match=r"\(2,\)"):
        (x * 2.0).backward(np.ones(2))
    (x * 2.0).backward(np.arange(3.0))
    np.testing.assert_array_equal(x.grad, [0, 2, 4])


def test_backward_inside_a_transform_does_not_detach_silently() -> None:
    """It cannot put the outer gradient anywhere, so it says so."""

    def f(x: Any) -> Any:
        y = x * x
        y.backward()
        return y

    with pytest.raises(NotDifferentiable, match=r"gg\.grad"):
        gg.grad(f)(1.0)


def test_several_results_one_unused() -> None:
    """An unused result of unstack counts zeros."""
    x = gg.tensor(np.arange(6.0).reshape(3, 2), requires_grad=True)
    first, _, last = gg.unstack(x)
    gg.sum(first * 2.0 + last).backward()
    np.testing.assert_array_equal(x.grad, [[2, 2], [0, 0], [1, 1]])
