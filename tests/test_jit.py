"""`gg.jit`: the same results as without it, recorded twice and then run from a plan."""

import copy
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import (
    DonatedArray,
    ImpureFunction,
    LeakedValue,
    NonFinite,
    TrackedConversion,
)


def same(a, b):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-6, atol=1e-12)
    assert np.asarray(a).dtype == np.asarray(b).dtype


def test_every_call_gives_what_the_function_gives(own_ops):
    def f(x, y):
        return gg.sum(gg.sin(x) * y, axis=0), x - y

    compiled = gg.jit(f)
    rng = np.random.default_rng(0)
    for _ in range(4):
        x, y = rng.normal(size=(3, 4)), rng.normal(size=4)
        for mine, plain in zip(compiled(x, y), f(x, y), strict=True):
            assert type(mine) is np.ndarray
            same(mine, plain)


def test_the_function_runs_only_while_it_is_recorded():
    runs = []

    @gg.jit
    def f(x):
        runs.append(1)
        return x * 2

    for n in range(5):
        assert f(np.arange(3.0) + n)[0] == 2 * n
    assert len(runs) == 2
    f(np.arange(4.0))                               # another shape
    assert len(runs) == 3


def test_compiled_beforehand_every_call_runs_the_plan():
    runs = []

    @partial(gg.jit, donate_argnums=0)
    def f(x):
        runs.append(1)
        return x * 2

    x = np.arange(3.0)
    f.compile(x)
    assert len(runs) == 2
    assert x.tolist() == [0, 1, 2]
    for n in range(3):
        assert f(x + n).tolist() == [2 * n, 2 + 2 * n, 4 + 2 * n]
    assert len(runs) == 2


def test_a_gradient_inside_is_part_of_the_plan():
    def loss(w, x):
        return gg.sum(gg.tanh(x @ w) ** 2)

    def step(w, x, lr):
        value, g = gg.value_and_grad(loss)(w, x)
        return w - lr * g, value

    compiled = gg.jit(step, donate_argnums=0)
    rng = np.random.default_rng(1)
    w = mine = rng.normal(size=(4, 3)).astype(np.float32)
    for n in range(6):
        x = rng.normal(size=(5, 4)).astype(np.float32)
        w, value = step(w, x, 0.1 / (n + 1))
        mine, other = compiled(mine, x, 0.1 / (n + 1))
        same(mine, w)
        same(other, value)


def test_second_derivatives_inside():
    def slope(x):
        return gg.sum(gg.grad(lambda t: gg.sum(t**3 / 3 + gg.exp(t)))(x))

    x = np.array([0.5, 2.0])
    compiled = gg.jit(gg.grad(slope))
    for _ in range(3):
        same(compiled(x), 2 * x + np.exp(x))


def test_a_gradient_inside_at_an_array_that_is_no_argument():
    runs = []

    @gg.jit
    def f(w):
        runs.append(1)
        return gg.grad(lambda t: gg.sum(t * t * w))(np.ones(2))

    for n in range(4):
        assert f(np.full(2, float(n))).tolist() == [2 * n] * 2
    assert len(runs) == 2


def test_numbers_in_a_tree_stay_numbers():
    @gg.jit
    def f(state):
        return {"count": state["count"] + 1, "total": state["total"] + state["rate"] * 2}

    state = {"count": 0, "total": np.zeros(2, np.float32), "rate": 0.5}
    for n in range(4):
        state = {**f(state), "rate": 0.5}
        assert state["count"] == n + 1
        assert type(state["count"]) is int
        assert state["total"].dtype == np.float32


@pytest.mark.parametrize(
    "look", [bool, float, int, lambda t: t.value, np.asarray, lambda t: np.unique(t)]
)
def test_a_look_at_a_value_is_refused_with_the_line(look):
    @gg.jit
    def f(x):
        look(x[0])
        return x

    with pytest.raises((TrackedConversion, gg.errors.UnknownOp), match=r"gg\.|test_jit"):
        f(np.ones(2))


def test_a_leaked_value_is_refused():
    kept = []

    @gg.jit
    def f(x):
        kept.append(x)
        return x

    f(np.ones(2))
    with pytest.raises(LeakedValue):
        kept[0] + 1


def test_other_results_for_the_same_kind_of_arguments_are_refused():
    rng = np.random.default_rng(0)

    @gg.jit
    def noisy(x):
        return x + rng.normal(size=2)

    noisy(np.ones(2))
    with pytest.raises(ImpureFunction, match=r"test_jit\.py"):
        noisy(np.ones(2))


def test_a_closed_over_array_is_read_at_each_call():
    scale = np.ones(3)

    @gg.jit
    def f(x):
        return x * scale

    for n in range(5):
        scale[:] = n
        assert f(np.ones(3)).tolist() == [n] * 3


def test_a_closed_over_tensor_is_read_at_each_call():
    scale = gg.tensor(np.ones(3))

    @gg.jit
    def f(x):
        return x * scale

    for n in range(5):
        assert f(np.ones(3)).tolist() == [2**n] * 3
        scale *= 2


def test_a_rebound_global_is_seen():
    rate = 1.0

    @gg.jit
    def f(x):
        return x * rate

    for n in range(6):
        rate = float(n // 3)
        assert f(np.ones(2)).tolist() == [rate] * 2


def test_a_closed_over_tracked_tensor_keeps_its_gradient():
    w = gg.tensor(np.array([2.0, 3.0]), requires_grad=True)
    f = gg.jit(lambda x: gg.sum(x * w))
    for _ in range(4):
        w.grad = None
        f(np.array([5.0, 7.0])).backward()
        assert w.grad.tolist() == [5.0, 7.0]


def test_tracked_arguments_are_differentiated_through():
    f = gg.jit(lambda x: gg.sum(gg.exp(x)))
    x = np.array([0.0, 1.0])
    for _ in range(4):
        same(gg.grad(f)(x), np.exp(x))
        same(f(x), np.exp(x).sum())


def test_results_are_the_callers_own():
    f = gg.jit(lambda x: (x, x, x[1:], x.reshape(2, 1), gg.zeros(3)))
    for _ in range(4):
        x = np.arange(2.0)
        results = f(x)
        for result in results:
            result += 7
        assert x.tolist() == [0, 1]
        assert [r.ravel().tolist() for r in results] == [[7, 8], [7, 8], [8], [7, 8], [7, 7, 7]]


def test_static_arguments_decide():
    f = gg.jit(lambda x, n, flip=False: -(x**n) if flip else x**n, static_argnums=1,
               static_argnames="flip")
    for _ in range(4):
        assert f(np.array([3.0]), 2).tolist() == [9]
        assert f(np.array([3.0]), 3).tolist() == [27]
        assert f(np.array([3.0]), 2, flip=True).tolist() == [-9]


def test_in_place_updates_inside():
    def f(x, v):
        t = x * 1
        t += v
        t[0] = v[1] * 2
        t[1:] *= 3
        return t

    compiled = gg.jit(f)
    for n in range(4):
        x, v = np.arange(3.0) + n, np.arange(3.0) * n
        same(compiled(x, v), f(gg.tensor(x), gg.tensor(v)).value)


def test_what_is_donated_is_not_written_over_while_it_is_held():
    step = gg.jit(lambda p, g: p - g, donate_argnums=0)
    g = np.ones(3)
    p = np.zeros(3)
    for _ in range(4):
        p = step(p, g)
    kept = p
    for _ in range(4):
        q = step(np.full(3, 10.0), g)
    assert q.tolist() == [9] * 3
    assert kept.tolist() == [-4] * 3
    assert step(kept, kept).tolist() == [0] * 3


def test_a_donated_array_is_replaced_by_what_no_engine_writes_in_place():
    f = gg.jit(lambda p, x: gg.argmin(x, axis=0), donate_argnums=0)
    rng = np.random.default_rng(2)
    p = np.zeros(3, np.int64)
    for _ in range(5):
        x = rng.normal(size=(4, 3))
        p = f(p, x)
        assert p.tolist() == x.argmin(0).tolist()


def test_results_that_turn_out_equal_do_not_share_donated_memory():
    f = gg.jit(lambda p, q, x: (p * x, gg.copy(p * x), gg.copy(q)), donate_argnums=(0, 1))
    p, q = np.ones(2), np.ones(2)
    for n in range(1, 6):
        p, again, q = f(p, q, np.full(2, 2.0))
        again += 5
        assert p.tolist() == [2**n] * 2
        assert q.tolist() == [1] * 2
        q = q.copy()


def test_two_models_in_turn():
    step = gg.jit(lambda p, g: p - g, donate_argnums=0)
    p, q = np.zeros(3), np.full(3, 100.0)
    for n in range(8):
        p, q = step(p, np.ones(3)), step(q, np.ones(3))
        assert p.tolist() == [-n - 1] * 3
        assert q.tolist() == [99 - n] * 3


def test_wrong_labels_are_found_and_the_step_goes_on():
    def loss(w, x, y):
        return gg.mean(gg.softmax_cross_entropy(x @ w, y))

    step = gg.jit(lambda w, x, y: w - gg.grad(loss)(w, x, y), donate_argnums=0)
    w, x = np.ones((2, 3)), np.ones((4, 2))
    for _ in range(4):
        w = step(w, x, np.array([0, 1, 2, 0]))
    before = w.copy()
    with pytest.raises(gg.errors.InvalidArgument, match="classes"):
        step(w, x, np.array([0, 1, 3, 0]))
    assert w.tolist() == before.tolist()
    assert np.isfinite(step(w, x, np.array([0, 1, 2, 0]))).all()


def test_a_number_takes_no_donated_memory():
    """It is one, also where the only array of its shape and dtype was given up."""
    step = gg.jit(lambda a, n: (n + 1, a * 2), donate_argnums=0)
    alone = gg.jit(lambda a, n: n + 1, donate_argnums=0)
    a = np.asarray(3)
    for n in range(5):
        found, a = step(a, n)
        assert type(found) is int
        assert found == n + 1
        assert type(alone(np.asarray(7), n)) is int
    assert a == 3 * 2**5


def test_threads_that_come_first_go_on_with_the_same_plans():
    """Since Python 3.12 each of them may compute a cached property."""
    step = gg.jit(lambda x: x + 1)
    compute = type(step)._cache.func
    assert compute(step) is compute(step) is step._cache


# Arrays that were given up


@pytest.mark.parametrize("engine", ["numpy", "native", "auto"])
def test_an_array_that_was_given_up_is_not_passed_again(engine: str) -> None:
    """Before and after the function is compiled, in any tree; what it returned may be."""
    step = gg.jit(lambda p, x: {"w": p["w"] - 0.1 * x}, donate_argnums=0, engine=engine)
    x = np.ones(3)
    first = {"w": np.ones(3)}
    p = step(first, x)
    for _ in range(5):
        with pytest.raises(DonatedArray, match=r"float64\[3\] was given up to <lambda>"):
            step({"w": first["w"]}, x)
        p = step(p, x)
    np.testing.assert_allclose(p["w"], 0.4)
    other = {"w": np.ones(3)}
    step(other, x)
    with pytest.raises(DonatedArray, match=r"copy\.deepcopy\(model\)"):
        step(other, x)
    np.testing.assert_allclose(step(copy.deepcopy(other), x)["w"], 0.9)
    np.testing.assert_array_equal(x, 1)             # which was not given up


def test_arrays_are_given_up_to_one_function() -> None:
    """And not by a call that fails, by one that compiles alone, or one that follows a gradient."""

    def f(x: Any) -> Any:
        if fails:
            raise KeyError("not yet")
        return x * 2

    step, x = gg.jit(f, donate_argnums=0), np.ones(2)
    fails = True
    for _ in range(2):
        with pytest.raises(KeyError):
            step(x)
    fails = False
    step.compile(x)
    gg.grad(lambda x: gg.sum(step(x)))(x)
    np.testing.assert_array_equal(step(x), 2)
    np.testing.assert_array_equal(gg.jit(f, donate_argnums=0)(x), 2)
    with pytest.raises(DonatedArray):
        step(x)


def test_many_arrays_that_are_gone_leave_nothing() -> None:
    step = gg.jit(lambda x: x * 2, donate_argnums=0, engine="numpy")
    for _ in range(1000):
        step(np.ones(2))
    assert len(step._cache._given_up._known) < 200


def test_under_debug_what_was_given_up_holds_nan() -> None:
    """So that a list of models, of which each was given up for the next, shows what it is."""
    step = gg.jit(lambda w: w - 0.1, donate_argnums=0)
    w, history = np.ones(1), []
    with gg.debug():
        for _ in range(3):
            w = step(w)
            history.append(w)
        with pytest.raises(DonatedArray):
            step(history[0])
        with pytest.raises(NonFinite, match=r"in w, float64\[1\] at \[0\]"):
            gg.grad(lambda w: gg.sum(w))(history[0])
    np.testing.assert_allclose(history, [[np.nan], [np.nan], [0.7]])


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_a_list_of_what_was_given_up_is_warned_of(engine: str) -> None:
    """It holds the latest array, time and again; the warning stands at the line that calls."""
    step = gg.jit(lambda w: w - 0.1, donate_argnums=0, engine=engine)

    def kept(w: Any) -> list[Any]:
        history = []
        for _ in range(8):
            w = step(w)
            history.append(w)
        return history

    with pytest.warns(RuntimeWarning, match=r"given up to <lambda>.* copy\.deepcopy") as caught:
        kept(np.ones(1))
    assert [Path(warning.filename).name for warning in caught] == ["test_jit.py"]


def test_whoever_holds_what_is_given_up_once_is_left_alone() -> None:
    """In a variable, an attribute, a tuple or several of these; and copies in a list."""

    def update(model: Any, state: Any, x: Any) -> Any:
        slope = gg.grad(lambda m: gg.sum(m(x) ** 2))(model)
        updates, state = opt.update(slope, state, model)
        return gg.optim.apply_updates(model, updates), state

    model, opt, x = gg.nn.MLP([2, 3, 1]), gg.optim.adam(0.1), np.ones((4, 2), "float32")
    step, state, history = gg.jit(update, donate_argnums=(0, 1)), opt.init(model), []
    for _ in range(8):
        model, state = step(model, state, x)
        history.append(copy.deepcopy(model))
    both = SimpleNamespace(model=model, state=state)
    for _ in range(4):
        both.model, both.state = step(both.model, both.state, x)
    pair = both.model, both.state
    for _ in range(4):
        pair = step(*pair, x)
    for _ in range(4):
        result = step(*pair, x)
        pair = result
    assert len({float(m.layers[0].weight[0, 0]) for m in history}) == 8
