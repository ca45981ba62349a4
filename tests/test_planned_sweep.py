"""The planned sweep: equal to the direct one, planned for all that it depends on, and no larger."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from math import inf
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.backends import numpy_namespace
from gpugrad.errors import GraphFreed
from gpugrad.graph import signature
from gpugrad.sweep import planned, sweep_plan

pytestmark = pytest.mark.usefixtures("fresh")

SWITCH = 0.5


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Plans at the first meeting; grows by one with each planned sweep."""
    found: list[int] = []
    run = sweep_plan.SweepPlan.run

    def counted(self: Any, *args: Any) -> Any:
        found.append(1)
        return run(self, *args)

    monkeypatch.setattr(sweep_plan.SweepPlan, "run", counted)
    monkeypatch.setattr(planned, "MEETINGS", 1)
    return found


def directly(compute: Callable[[], Any]) -> Any:
    """What `compute` returns when nothing is planned."""
    before, planned.MEETINGS = planned.MEETINGS, inf
    plans = dict(planned.cache._plans)
    planned.cache.clear()
    try:
        return compute()
    finally:
        planned.MEETINGS = before
        planned.cache._plans.update(plans)


def leaves(*arrays: Any) -> list[Any]:
    return [gg.tensor(np.array(x), requires_grad=True) for x in arrays]


def gradients(f: Callable[..., Any], *arrays: Any, seed: Any = None) -> list[Any]:
    """Gradients of `f` by `backward`."""
    tensors = leaves(*arrays)
    f(*tensors).backward(seed)
    return [t.grad for t in tensors]


def assert_equal(found: Sequence[Any], wanted: Sequence[Any]) -> None:
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            assert type(a) is np.ndarray
            assert a.dtype == b.dtype
            assert a.shape == b.shape
            np.testing.assert_allclose(a, b, rtol=1e-6 if a.dtype.itemsize < 8 else 1e-13)


def normal(*shape: int, dtype: Any = np.float64, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


# When


def test_the_third_sweep_of_a_signature_is_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = []
    run = sweep_plan.SweepPlan.run
    monkeypatch.setattr(sweep_plan.SweepPlan, "run", lambda *a: ran.append(1) or run(*a))
    for n in range(5):
        assert len(ran) == max(n - 2, 0)
        x = normal(3, seed=n)
        np.testing.assert_allclose(gradients(lambda x: gg.sum(gg.sin(x)), x)[0], np.cos(x))
    assert len(ran) == 3


def test_transforms_are_planned_too(runs: list[int]) -> None:
    for n in range(3):
        x = normal(3, seed=n)
        np.testing.assert_allclose(gg.grad(lambda x: gg.sum(gg.sin(x)))(x), np.cos(x))
        _, pullback = gg.vjp(gg.sin, x)
        for k in range(2):
            np.testing.assert_allclose(pullback(k * x)[0], np.cos(x) * k * x)
    assert len(runs) == 9


def test_recorded_sweeps_are_direct(runs: list[int]) -> None:
    """In a second derivative, only the outer sweep, which nobody records, is planned."""
    second = gg.grad(lambda x: gg.sum(gg.grad(lambda y: gg.sum(gg.sin(y)))(x)))
    np.testing.assert_allclose(second(np.ones(2)), -np.sin(np.ones(2)))
    assert len(runs) == 1


def test_large_graphs_are_swept_directly(
    runs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def f(x: Any) -> Any:
        return gg.sum(gg.negative(-x))

    monkeypatch.setattr(signature, "LARGEST", 3)
    assert gradients(f, np.ones(2))[0].tolist() == [1, 1]
    assert not runs
    monkeypatch.setattr(signature, "LARGEST", 4)
    gradients(f, np.ones(2))
    assert runs


def test_a_program_that_never_repeats_itself_is_rarely_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked = []
    survey = planned.survey
    monkeypatch.setattr(planned, "survey", lambda *a: looked.append(1) or survey(*a))
    for n in range(planned.PATIENCE + 10 * planned.RARELY):
        gradients(lambda x: gg.sum(-x), np.ones(n))
    assert planned.PATIENCE <= len(looked) <= planned.PATIENCE + 11
    for _ in range(4 * planned.RARELY):             # it is found when it begins to
        gradients(lambda x: gg.sum(-x), np.ones(1))
    assert planned.cache._plans


def swept_in_batches() -> None:
    gg.vmap(lambda a: gg.vjp(lambda x: gg.sum(x * x), a)[1](1.0)[0])(np.ones((2, 3)))


def swept_with_planning_off() -> None:
    with gg.use_planned_sweeps(False):
        gradients(lambda x: gg.sum(-x), np.ones(2))


def swept_under_debug() -> None:
    with gg.debug():
        gradients(lambda x: gg.sum(-x), np.ones(2))


@pytest.mark.parametrize("other", [swept_in_batches, swept_with_planning_off, swept_under_debug])
def test_sweeps_that_ask_for_no_plan_do_not_keep_others_from_theirs(
    other: Callable[[], None],
) -> None:
    for _ in range(planned.PATIENCE + 6):
        other()
    for _ in range(3):
        gradients(lambda x: gg.sum(x * x * 3), np.ones(2))
        other()
    assert len(planned.cache._plans) == 1


# What: a graph `b` that differs from `a` in one thing must not be swept by the plan of `a`


class Unknown:
    """A setting that could be anything."""

    factor = 2.0


def define_ops() -> None:
    @gg.op(lambda g, by: g * (10 if type(by) is int else 20 if type(by) is float else 30))
    def by_type(xp: Any, x: Any, /, by: Any) -> Any:
        """Whose gradient depends on the type of its setting."""
        return xp.copy(x)

    @gg.op(lambda g, by: g / by)
    def divided(xp: Any, x: Any, /, by: Any) -> Any:
        """Whose gradient depends on the sign of a zero."""
        return xp.copy(x)

    @gg.op(lambda g, w: g * len(w.shape) + g * w.shape[-1], None)
    def by_shape(xp: Any, x: Any, w: Any) -> Any:
        """Whose gradient depends on the shape of what needs none."""
        return xp.copy(x)

    @gg.op(lambda g, w: g * w.dtype.itemsize, None)
    def by_dtype(xp: Any, x: Any, w: Any) -> Any:
        """Whose gradient depends on the dtype of what needs none."""
        return xp.copy(x)

    @gg.op(lambda g, dtype: g * np.dtype(dtype).itemsize)
    def by_kind(xp: Any, x: Any, /, dtype: Any) -> Any:
        """Whose gradient depends on a dtype among its settings."""
        return xp.copy(x)

    @gg.op(lambda g, like: g * like.factor)
    def by_object(xp: Any, x: Any, /, like: Any) -> Any:
        """Whose gradient depends on an object that can change."""
        return xp.copy(x)

    @gg.op(lambda g: g * SWITCH)
    def by_global(xp: Any, x: Any) -> Any:
        """Whose gradient depends on a global."""
        return xp.copy(x)

    @gg.op(lambda g, x: g if x.sum() > 0 else -g)
    def by_value(xp: Any, x: Any) -> Any:
        """Whose gradient depends on a look at a value."""
        return xp.copy(x)

    @gg.op(lambda g, x: -g if x > 0 else g)
    def by_truth(xp: Any, x: Any) -> Any:
        """Whose gradient depends on the truth of a value."""
        return xp.copy(x)


def swapped(back: bool) -> Callable[[Any], Any]:
    def f(x: Any) -> Any:
        once = gg.sin(x)
        twice = gg.sin(once)
        return twice - once if back else once - twice

    return f


def output(number: int) -> Callable[[Any], Any]:
    return lambda x: gg.unstack(x)[number] * 2.0


def cross_entropy(number: int) -> Callable[[Any], Any]:
    def f(x: Any) -> Any:
        losses, shares = of("cross_entropy_and_softmax", np.array([0, 1]))(x)
        return (losses, gg.sum(shares * np.array([5.0, 6.0, 8.0]), axis=1))[number]

    return f


def weighted(w: Any) -> Callable[[Any], Any]:
    return lambda x: gg.where(w, x, 0.0)


def of(name: str, *operands: Any, **settings: Any) -> Callable[[Any], Any]:
    return lambda x: getattr(gg.core.registry.namespace, name)(x, *operands, **settings)


CUBE, SQUARE = normal(2, 2, 2), normal(2, 2)
ONES = np.ones((2, 2))

PAIRS: dict[str, tuple[Any, ...]] = {
    "op": (gg.sin, [SQUARE], gg.cos, [SQUARE]),
    "settings": (
        of("permute_dims", axes=(1, 2, 0)), [CUBE], of("permute_dims", axes=(2, 0, 1)), [CUBE]
    ),
    "integer and float": (of("by_type", by=1), [SQUARE], of("by_type", by=1.0), [SQUARE]),
    "integer and boolean": (of("by_type", by=1), [SQUARE], of("by_type", by=True), [SQUARE]),
    "integers in a tuple": (of("by_type", by=1), [SQUARE], of("by_type", by=(1,)), [SQUARE]),
    "sign of a zero": (of("divided", by=0.0), [ONES], of("divided", by=-0.0), [ONES]),
    "dtype as a setting": (
        of("by_kind", dtype=np.float32), [SQUARE], of("by_kind", dtype=np.float64), [SQUARE]
    ),
    "dtype object as a setting": (
        of("by_kind", dtype=np.dtype("f4")), [SQUARE], of("by_kind", dtype=np.dtype("f8")), [SQUARE]
    ),
    "slice": (lambda x: x[0:1], [SQUARE], lambda x: x[1:2], [SQUARE]),
    "integer in a key": (lambda x: x[0], [SQUARE], lambda x: x[1], [SQUARE]),
    "shape of a node": (
        lambda x: gg.mean(x) * ONES, [normal(4)], lambda x: gg.mean(x) * ONES, [normal(5)]
    ),
    "shape of an inner node": (
        lambda x: gg.sum(x + np.ones((2, 1))), [normal(2, 1)],
        lambda x: gg.sum(x + np.ones((2, 3))), [normal(2, 1)],
    ),
    "dtype of an inner node": (
        lambda x: gg.abs(x + ONES), [SQUARE], lambda x: gg.abs(x + ONES * 1j), [SQUARE]
    ),
    "dtype of a leaf": (
        lambda x: x + ONES, [SQUARE.astype("f4")], lambda x: x + ONES, [SQUARE]
    ),
    "shape of a leaf": (
        lambda x: x + ONES, [normal(2)], lambda x: x + ONES, [normal(2, 2)]
    ),
    "dtype of a node": (gg.sin, [SQUARE.astype("f4")], gg.sin, [SQUARE]),
    "complex dtype": (gg.sin, [SQUARE + 0j], gg.sin, [SQUARE]),
    "shape of what is saved": (
        of("by_shape", normal(2, 3)), [SQUARE], of("by_shape", normal(2, 4)), [SQUARE]
    ),
    "dtype of what is saved": (
        of("by_dtype", np.ones(2, "f4")), [SQUARE], of("by_dtype", np.ones(2, "f8")), [SQUARE]
    ),
    "truth of a condition": (
        weighted(ONES > 0), [SQUARE], weighted(ONES * 2), [SQUARE]
    ),
    "edges": (swapped(True), [SQUARE], swapped(False), [SQUARE]),
    "which output": (output(0), [SQUARE], output(1), [SQUARE]),
    "which output is the root": (
        lambda x: gg.unstack(x)[0], [SQUARE], lambda x: gg.unstack(x)[1], [SQUARE]
    ),
    "which part": (
        lambda x: gg.concat([x, CUBE[0]]), [SQUARE], lambda x: gg.concat([CUBE[0], x]), [SQUARE]
    ),
    "which of two outputs": (cross_entropy(0), [normal(2, 3)], cross_entropy(1), [normal(2, 3)]),
    "which operand": (
        lambda x: x / np.full((2, 2), 3.0), [SQUARE], lambda x: np.full((2, 2), 3.0) / x, [SQUARE]
    ),
    "edges to leaves": (
        lambda x, y: x * y + x, [SQUARE, CUBE[0]], lambda x, y: x * x + y, [SQUARE, CUBE[0]]
    ),
}  # fmt: skip


def pair(name: str) -> tuple[Callable[[], Any], Callable[[], Any]]:
    f, first, h, second = PAIRS[name]
    return (lambda: seeded(f, first)), (lambda: seeded(h, second))


def seeded(f: Callable[..., Any], arrays: list[Any]) -> list[Any]:
    """Gradients for a seed of different numbers."""
    tensors = leaves(*arrays)
    y = f(*tensors)
    y.backward(np.arange(1, y.size + 1).reshape(y.shape).astype(y.dtype))
    return [t.grad for t in tensors]


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_what_differs_has_a_plan_of_its_own(name: str, runs: list[int], own_ops: None) -> None:
    define_ops()
    for first, second in (pair(name), pair(name)[::-1]):
        planned.cache.clear()
        first()
        assert_equal(second(), directly(second))
        assert_equal(first(), directly(first))
    assert len(runs) == 6


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_the_plan_of_another_graph_would_be_wrong(
    name: str, runs: list[int], monkeypatch: pytest.MonkeyPatch, own_ops: None
) -> None:
    """With one signature for all, the test before this one fails: each pair shows something."""
    define_ops()
    survey = planned.survey

    def one_for_all(*args: Any) -> Any:
        return survey(*args)._replace(signature=())

    first, second = pair(name)
    wanted = directly(second)
    monkeypatch.setattr(planned, "survey", one_for_all)
    first()
    with pytest.raises((AssertionError, TypeError, ValueError)):
        assert_equal(second(), wanted)


def test_seeds(runs: list[int]) -> None:
    """The default seed is known to be 1; a value, and another dtype, is not."""

    def f(x: Any) -> Any:
        return gg.sum(gg.sin(x))

    x = normal(3)
    assert_equal(gradients(f, x), [np.cos(x)])
    assert_equal(gradients(f, x, seed=1.0), [np.cos(x)])
    assert_equal(gradients(f, x, seed=5.0), [np.cos(x) * 5])
    assert_equal(gradients(f, x), [np.cos(x)])
    _, pullback = gg.vjp(gg.sin, x)
    for seed in (np.ones(3), np.full(3, 2 + 3j), np.full(3, 4, "f4"), np.ones(3) * 7):
        assert_equal([pullback(gg.tensor(seed))[0]], [np.cos(x) * seed.real])
    assert len(runs) == 8


def test_targets(runs: list[int]) -> None:
    """Which nodes are asked for, leaves or inner ones, is part of the signature."""
    a, b = leaves(2.0, 3.0)
    c = a * b
    y = gg.sin(c) * a
    nodes = {"a": a._edge[0], "b": b._edge[0], "c": c._edge[0]}
    seeds = [(y._edge, np.array(1.5))]
    for names in ("a", "b", "c", "ac", "bc", "ab", "cb", "ba", ""):
        targets = dict.fromkeys(nodes[name] for name in names)
        found = planned.sweep(seeds, numpy_namespace, targets=targets)
        wanted = directly(lambda t=targets: planned.sweep(seeds, numpy_namespace, targets=t))
        for node in targets or (nodes["a"], nodes["b"]):
            assert found.get(node) == wanted.get(node)
    assert len(runs) == 9


def test_sweeps_to_leaves_and_to_targets_are_recognised_side_by_side(
    runs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def f(x: Any) -> Any:
        return gg.sum(gg.sin(x) * x)

    def both() -> None:
        gradients(f, np.arange(3.0))
        gg.grad(f)(np.arange(3.0))

    for _ in range(2):
        both()
    looked: list[int] = []
    survey = planned.survey
    monkeypatch.setattr(planned, "survey", lambda *a: looked.append(1) or survey(*a))
    for _ in range(3):
        both()
    assert not looked
    assert len(runs) == 10


def test_several_seeds(runs: list[int]) -> None:
    def f(x: Any, y: Any) -> Any:
        return x * y, gg.unstack(x * 2.0), x

    x, y = normal(2, 3), normal(2, 3, seed=1)
    for n in range(3):
        (first, parts, same), pullback = gg.vjp(f, x + n, y)
        seeds = (first * n, (parts[0] + 1, parts[1]), same)
        found = pullback(seeds)
        assert_equal(found, directly(lambda p=pullback, s=seeds: p(s)))
    assert len(runs) == 3


def test_where_seeds_go(runs: list[int]) -> None:
    """The second one to the same node as the first, or to its operand."""
    x, seeds = normal(3), (np.ones(3), np.full(3, 5.0))
    _, twice = gg.vjp(lambda x: (gg.sin(x),) * 2, x)
    _, both = gg.vjp(lambda x: (gg.sin(x), x), x)
    _, swap = gg.vjp(lambda x: (x, gg.sin(x)), x)
    assert_equal(twice(seeds), [np.cos(x) * 6])
    assert_equal(both(seeds), [np.cos(x) + 5])
    assert_equal(swap(seeds), [np.cos(x) * 5 + 1])
    assert len(runs) == 3


# What is no part of it: one plan for all of these


def test_values_are_not_baked_in(runs: list[int]) -> None:
    def f(x: Any, w: Any, scale: float, key: Any, mask: Any) -> Any:
        h = gg.tanh(x @ w) * scale
        h = gg.where(mask, h, h * 2.0)
        return gg.sum(gg.relu(h[key] - 0.1) ** 2)

    for n in range(4):
        rng = np.random.default_rng(n)
        x, w = rng.normal(size=(4, 3)), rng.normal(size=(3, 2))
        key, mask = rng.integers(0, 4, 6), rng.random((4, 2)) > 0.5

        def compute(x: Any = x, w: Any = w, n: int = n, key: Any = key, mask: Any = mask) -> Any:
            return gradients(lambda x, w: f(x, w, n + 0.5, key, mask), x, w)

        assert_equal(compute(), directly(compute))
    assert len(planned.cache._plans) == 1
    assert len(runs) == 4


def test_masks_of_as_many_elements(runs: list[int]) -> None:
    for mask in ([True, False, True], [False, True, True]):
        g = gradients(lambda x, m=mask: gg.sum(x[np.array(m)] * 2.0), np.ones(3))[0]
        assert g.tolist() == [2.0 * m for m in mask]
    assert len(planned.cache._plans) == 1
    assert len(runs) == 2


def test_memory_order_and_aliases(runs: list[int]) -> None:
    """One plan reads arrays in any order of memory, and does not care which are the same."""
    x = normal(4, 4)
    wide = normal(8, 8, seed=1)
    read_only = normal(4, 4, seed=2)
    read_only.flags.writeable = False
    others = [x, x.T, wide[::2, 4:], wide[7:3:-1, ::-2], np.broadcast_to(wide[:1, :4], (4, 4)),
              np.asfortranarray(x), read_only, wide[1:5, 1:5]]  # fmt: skip
    for a in others:
        for b in others:

            def compute(a: Any = a, b: Any = b) -> Any:
                f = gg.grad(lambda s, t: gg.sum(gg.relu(s) @ t * gg.exp(t) * s * a), (0, 1))
                return f(a, b)

            assert_equal(compute(), directly(compute))
    assert len(planned.cache._plans) == 1
    assert len(runs) == len(others) ** 2


# What is never planned


def test_settings_that_can_change(runs: list[int], own_ops: None) -> None:
    define_ops()
    like = Unknown()
    for factor in (2.0, 3.0):
        like.factor = factor
        assert gradients(of("by_object", like=like), 1.0)[0] == factor
    assert not runs


def test_rules_that_read_a_global(
    runs: list[int], own_ops: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    define_ops()
    for value in (0.5, 0.25):
        monkeypatch.setitem(globals(), "SWITCH", value)
        assert gradients(of("by_global"), 1.0)[0] == value
    assert not runs


def test_rules_that_close_over_something(runs: list[int], own_ops: None) -> None:
    held = [2.0]

    @gg.op(lambda g: g * held[0])
    def by_closure(xp: Any, x: Any) -> Any:
        """Whose gradient depends on a variable outside."""
        return xp.copy(x)

    for value in (2.0, 3.0):
        held[0] = value
        assert gradients(by_closure, 1.0)[0] == value
    assert not runs


def test_rules_that_draw(runs: list[int], own_ops: None) -> None:
    @gg.op(lambda g: g * np.random.random(3))  # noqa: NPY002
    def by_chance(xp: Any, x: Any) -> Any:
        """Whose gradient is random."""
        return xp.copy(x)

    first, second = (gradients(lambda x: gg.sum(by_chance(x)), np.ones(3))[0] for _ in range(2))
    assert (first != second).all()
    assert not runs


@pytest.mark.parametrize("name", ["by_value", "by_truth"])
def test_rules_that_look(name: str, runs: list[int], own_ops: None) -> None:
    define_ops()
    for x in (2.0, -2.0):
        compute = lambda x=x: gradients(of(name), x)  # noqa: E731
        assert_equal(compute(), directly(compute))
    assert not runs


# What the sweep promises


FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "network": (
        lambda w, b, v, c: gg.mean(
            gg.softmax_cross_entropy(
                gg.linear(gg.relu(gg.linear(normal(5, 3, dtype="f4"), w, b)), v, c),
                np.array([0, 1, 1, 0, 1]),
            )
        ),
        [normal(3, 4, dtype="f4"), normal(4, dtype="f4"), normal(4, 2, dtype="f4"),
         normal(2, dtype="f4")],
    ),
    "complex": (lambda z, x: gg.sum(gg.abs(gg.exp(z * x) + gg.conj(z)) ** 2),
                [normal(3) + 1j * normal(3, seed=1), normal(3)]),
    "half": (lambda x: gg.sum(gg.sigmoid(x) * x[np.zeros(9, int)][:3]), [normal(3, dtype="f2")]),
    "nothing": (lambda x, y: gg.sum(gg.sin(x) @ y), [normal(0, 3), normal(3, 2)]),
    "number": (lambda x, y: gg.sin(x) * y**2 / x, [1.5, 2.5]),
    "same": (lambda x, y: gg.sum(x + y + x), [normal(3), normal(3)]),
    "rows": (lambda x: gg.sum(gg.stack([x[i] * x[i - 1] for i in range(4)])), [normal(4, 2)]),
    "writes": (lambda x, v: gg.sum(_written(x, v) ** 2), [normal(3), normal(2)]),
    "sums after a write": (lambda x: gg.sum(gg.cumulative_sum(_cleared(x)) ** 2), [normal(3)]),
    "unstack": (lambda x: gg.sum(gg.unstack(x)[1] * 2.0), [normal(3, 2)]),
    "no use": (lambda x, y: gg.sum(x * 2.0), [normal(3), normal(3)]),
    "leaf": (lambda x: x, [np.array(2.0)]),
    "concat": (lambda x, y: gg.sum(gg.concat([x, y * 2.0, x]) ** 2), [normal(3), normal(2)]),
    "max": (lambda x: gg.sum(gg.max(x, axis=1) * gg.logsumexp(x)), [normal(3, 4)]),
}  # fmt: skip


def _written(x: Any, v: Any) -> Any:
    out = x * 2.0
    out[np.array([0, 0])] = v
    out[1:] *= 3.0
    return out


def _cleared(x: Any) -> Any:
    out = gg.sin(x)
    out[2:] = 0
    return out


@pytest.mark.parametrize("name", FUNCTIONS)
def test_equal_to_the_direct_sweep(name: str, runs: list[int]) -> None:
    f, arrays = FUNCTIONS[name]
    for n in range(3):
        moved = [(x + n * np.ones_like(x)).astype(x.dtype) for x in map(np.asarray, arrays)]
        compute = lambda m=moved: gradients(f, *m)  # noqa: E731
        assert_equal(compute(), directly(compute))
    assert len(runs) == 3


def test_backward_adds_up(runs: list[int]) -> None:
    (x,) = leaves(np.ones(3))
    for n in range(1, 4):
        gg.sum(x * 2.0).backward()
        first = x.grad
        assert first.tolist() == [2 * n] * 3


def test_results_are_owned_writable_and_unaliased(runs: list[int]) -> None:
    seed = np.ones(3)
    for _ in range(3):
        tensors = leaves(np.ones(3), np.ones(3), np.ones((3, 3)))
        a, b, c = tensors
        (a + b + gg.sum(c, axis=0)).backward(seed)
        for i, t in enumerate(tensors):
            t.grad += i
        assert [float(t.grad.ravel()[0]) for t in tensors] == [1, 2, 3]
        assert seed.tolist() == [1, 1, 1]
        assert all(t.grad.flags.owndata and t.grad.flags.writeable for t in tensors)
    assert len(runs) == 3


def test_the_graph_is_freed_or_kept(runs: list[int]) -> None:
    for _ in range(3):
        (x,) = leaves(np.full(2, 3.0))
        y = gg.sum(x * x)
        y.backward(keep_graph=True)
        y.backward()
        assert x.grad.tolist() == [12, 12]
        with pytest.raises(GraphFreed, match="keep_graph"):
            y.backward()
    assert len(runs) == 6


def test_an_exception_leaves_nothing_behind(runs: list[int]) -> None:
    def f(x: Any, key: Any) -> Any:
        return gg.sum(x[key] * 2.0)

    for n in range(3):
        (x,) = leaves(np.ones(3))
        key = np.array([0, 2])
        y = f(x, key)
        if n == 1:
            key += 9                                # out of range by now
            with pytest.raises(IndexError):
                y.backward()
            assert x.grad is None
            assert len(planned.cache._plans) == 1
            with pytest.raises(GraphFreed):
                y.backward()
        else:
            y.backward()
            assert x.grad.tolist() == [2, 0, 2]
    assert len(runs) == 3


def test_threads_sweep_at_once(runs: list[int]) -> None:
    wrong = []

    def work(k: int) -> None:
        for n in range(100):
            x = np.full((20, 20), k + n / 100)
            g = gradients(lambda x: gg.sum(gg.tanh(x @ x) * x), x)[0]
            y = np.tanh(x @ x)
            through = x * (1 - y * y)
            if not np.allclose(g, y + through @ x.T + x.T @ through):
                wrong.append((k, n))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_cache_is_bounded_by_bytes(runs: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    def step(n: int) -> None:
        gradients(lambda x: gg.sum(gg.sin(gg.sin(x))), np.ones(n))

    step(100)
    (plan,) = planned.cache._plans.values()
    assert plan.nbytes > 100 * 8
    monkeypatch.setattr(planned, "CAPACITY", 3 * plan.nbytes + 1000)
    for n in (101, 102, 100, 103):
        step(n)
    assert len(planned.cache._plans) == 3
    before = len(runs)
    recorded = []
    made = sweep_plan.plan_sweep
    monkeypatch.setattr(sweep_plan, "plan_sweep", lambda *a: recorded.append(1) or made(*a))
    for n in (102, 100, 103):
        step(n)
    assert not recorded                             # 101 was used least recently, and is gone
    step(101)
    assert recorded
    assert len(runs) == before + 4
    gradients(lambda x: gg.sum(gg.tanh(x @ x) @ x), np.ones((99, 99)))      # too large for any plan
    assert len(runs) == before + 4
