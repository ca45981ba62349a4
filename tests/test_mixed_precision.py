"""Casts of trees, loss scaling, and training in float16 with weights of float32."""

from __future__ import annotations

import os
from dataclasses import replace
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import InvalidArgument

HERE = (None, "numpy", "native")
"""Without `gg.jit`, and its engines."""

POWERS = np.array([True, True, False, True, True, True, True, False, False, True, True, True, True])
"""Which steps are finite."""


def on(engine: str | None, f: Any) -> Any:
    return f if engine is None else gg.jit(f, engine=engine)


def peer(name: str) -> None:
    """Skip where that library is not installed, unless it has to be."""
    if not find_spec(name):
        assert not os.environ.get("GPUGRAD_REQUIRE_PEERS"), f"{name} is required"
        pytest.skip(f"{name} is not installed")


# Trees


def test_cast_takes_real_floating_arrays_alone():
    key = np.array([1, 2], np.uint32)
    tree = {"w": np.ones(2, np.float32), "n": np.array(3), "z": np.ones(1, complex), "k": key,
            "name": "x", "rate": 0.5, "none": None}  # fmt: skip
    made = gg.tree.cast(tree, np.float16)
    assert made["w"].dtype == np.float16
    assert all(made[name] is tree[name] for name in ("n", "z", "k", "name", "rate", "none"))
    assert gg.tree.cast(made, "float16")["w"] is made["w"]


@pytest.mark.parametrize("dtype", ["int32", "complex64", None, "bool"])
def test_cast_refuses_other_dtypes(dtype):
    with pytest.raises(InvalidArgument, match="expected a floating one"):
        gg.tree.cast([np.ones(1)], dtype)


def test_gradients_through_a_cast_have_the_dtype_from_before():
    model = gg.nn.MLP([2, 3, 1], rng=0, dtype="float32")
    x = np.ones((4, 2), np.float16)
    value, grads = gg.value_and_grad(lambda m: gg.mean(gg.tree.cast(m, "float16")(x)))(model)
    assert value.dtype == np.float16
    assert {g.dtype for g in gg.tree.leaves(grads)} == {np.dtype("float32")}


@pytest.mark.parametrize("engine", HERE)
@pytest.mark.parametrize("condition", [True, False])
def test_where_selects_whole_trees_bit_for_bit(engine, condition):
    one = {"w": np.array([1.0, -0.0, 5e-324]), "n": np.array(7)}
    other = {"w": np.array([np.nan, np.inf, 0.0]), "n": np.array(8)}
    found = on(engine, gg.tree.where)(np.array(condition), one, other)
    wanted = one if condition else other
    for name in one:
        assert found[name].tobytes() == wanted[name].tobytes()
        assert found[name] is not wanted[name]


def test_where_keeps_numbers_of_python_if_the_condition_is_known():
    for condition in (np.array(False), np.False_, False):
        assert gg.tree.where(condition, {"n": 1}, {"n": 0}) == {"n": 0}
        assert type(gg.tree.where(condition, [1], [0])[0]) is int
    assert gg.jit(lambda c: gg.tree.where(c, [1], [0]))(np.array(True))[0] == 1


def test_where_refuses_what_does_not_fit():
    with pytest.raises(InvalidArgument, match=r"condition has shape \(2,\)"):
        gg.tree.where(np.ones(2, bool), [1.0], [2.0])
    with pytest.raises(InvalidArgument, match="another structure"):
        gg.tree.where(np.array(True), [1.0], [1.0, 2.0])
    with pytest.raises(InvalidArgument, match=r"leaf \['w'\] has shape \(1,\)"):
        gg.tree.where(np.array(True), {"w": np.ones(1)}, {"w": np.ones(2)})


@pytest.mark.parametrize("engine", HERE)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64"])
def test_all_finite_sees_every_place(engine, dtype):
    finite = on(engine, gg.optim.all_finite)
    limits = np.finfo(dtype)
    tree = {"a": np.full((3, 5), limits.max, dtype), "b": [np.zeros(4, dtype), np.zeros(0, dtype)]}
    found = finite(tree)
    assert (found.shape, found.dtype, bool(found)) == ((), np.dtype(bool), True)
    for bad in (np.nan, np.inf, -np.inf):
        for leaf in (tree["a"], tree["b"][0]):
            before = leaf.flat[-1]
            leaf.flat[-1] = bad
            assert not finite(tree)
            leaf.flat[-1] = before
    assert finite(tree)


def test_all_finite_of_numbers_integers_and_nothing():
    assert gg.optim.all_finite([1.0, 2, None, np.array(3), np.zeros(0)])
    assert gg.optim.all_finite({})
    assert not gg.optim.all_finite([1.0, float("inf")])


# The rule


@pytest.mark.parametrize("engine", HERE)
def test_the_scale_grows_after_an_interval_and_shrinks_at_once(engine):
    scale = gg.optim.DynamicLossScale(8.0, growth_interval=3)
    adjust = on(engine, lambda scale, finite: scale.adjust(finite))
    found = []
    for finite in POWERS:
        scale = adjust(scale, np.array(finite))
        found.append((float(scale.value), int(scale.good_steps)))
    assert found == [
        (8, 1), (8, 2), (4, 0), (4, 1), (4, 2), (8, 0), (8, 1), (4, 0), (2, 0), (2, 1), (2, 2),
        (4, 0), (4, 1),
    ]  # fmt: skip
    assert (scale.value.dtype, scale.good_steps.dtype) == (np.float32, np.int32)
    assert scale.growth_interval == 3


def test_the_scale_stays_within_its_bounds():
    scale = gg.optim.DynamicLossScale(2.0**99, growth_interval=1)
    for _ in range(3):
        scale = scale.adjust(True)
    assert scale.value == 2.0**100
    scale = gg.optim.DynamicLossScale(4.0, minimum=2.0, backoff_factor=0.25)
    assert scale.adjust(False).value == scale.adjust(False).adjust(False).value == 2.0


def test_steps_are_those_of_torch():
    peer("torch")
    import torch

    theirs = torch.amp.GradScaler("cpu", init_scale=8.0, growth_interval=3)
    w = torch.zeros(1, requires_grad=True)
    opt = torch.optim.SGD([w], lr=0.1)
    ours = gg.optim.DynamicLossScale(8.0, growth_interval=3)
    for finite in POWERS:
        opt.zero_grad()
        theirs.scale((w * (1.0 if finite else float("inf"))).sum()).backward()
        theirs.step(opt)
        theirs.update()
        ours = ours.adjust(finite)
        assert float(ours.value) == theirs.get_scale()


def test_steps_are_those_of_flax():
    """Flax grows in the step after the interval, so its interval is shorter by one."""
    peer("flax")
    peer("jax")
    from flax.training.dynamic_scale import DynamicScale

    theirs = DynamicScale(growth_interval=2, scale=8.0)
    ours = gg.optim.DynamicLossScale(8.0, growth_interval=3)
    for finite in POWERS:
        factor = 1.0 if finite else float("inf")
        theirs, is_finite, _, grads = theirs.value_and_grad(lambda w, c=factor: w * c)(1.0)
        _, g, known = ours.value_and_grad(lambda w, c=factor: w * c)(np.float32(1.0))
        ours = ours.adjust(known)
        assert bool(is_finite) == bool(known) == finite
        assert float(grads) == float(g)
        assert (float(ours.value), int(ours.good_steps)) == (
            float(theirs.scale), int(theirs.fin_steps)
        )  # fmt: skip


@pytest.mark.parametrize(
    "settings",
    [{"value": 0.0}, {"value": float("nan")}, {"value": 2.0**101}, {"growth_factor": 1.0},
     {"backoff_factor": 1.0}, {"backoff_factor": 0.0}, {"growth_interval": 0},
     {"growth_interval": 2.5}, {"minimum": 0.0}, {"good_steps": -1}, {"value": "large"}],
)  # fmt: skip
def test_settings_are_checked(settings):
    with pytest.raises(InvalidArgument, match=f"DynamicLossScale: {next(iter(settings))}"):
        gg.optim.DynamicLossScale(**settings)


# Gradients


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_scaled_losses_are_of_float32_at_least_and_unscaled_exactly(dtype):
    scale = gg.optim.DynamicLossScale(2.0**10)
    loss = np.array(0.3, dtype)
    wide = np.result_type(dtype, "float32")
    scaled = scale.scale(loss)
    assert scaled.dtype == wide
    assert scale.unscale({"g": scaled})["g"] == loss.astype(wide)
    assert scale.unscale([np.ones(2, dtype)])[0].dtype == wide


@pytest.mark.parametrize("engine", HERE)
def test_value_and_grad_are_those_without_a_scale(engine):
    model = gg.nn.MLP([2, 4, 1], rng=0, dtype="float32")
    x, scale = np.linspace(-1, 1, 6, dtype=np.float32).reshape(3, 2), gg.optim.DynamicLossScale()

    def loss(model, x, *, shift=0.0):
        y = model(x)
        return gg.mean((y - shift) ** 2), {"y": y}

    f = on(engine, lambda scale, model, x: scale.value_and_grad(loss, 0, has_aux=True)(
        model, x, shift=0.5
    ))  # fmt: skip
    (value, aux), grads, finite = f(scale, model, x)
    (wanted, wanted_aux), wanted_grads = gg.value_and_grad(loss, has_aux=True)(model, x, shift=0.5)
    assert finite
    np.testing.assert_allclose(value, wanted, rtol=1e-6)
    np.testing.assert_allclose(aux["y"], wanted_aux["y"], rtol=1e-6)
    for g, w in zip(gg.tree.leaves(grads), gg.tree.leaves(wanted_grads), strict=True):
        np.testing.assert_allclose(g, w, rtol=1e-5, atol=1e-7)


def test_several_arguments():
    scale = gg.optim.DynamicLossScale(4.0)
    value, grads, finite = scale.value_and_grad(lambda a, b: a * b, (0, 1))(2.0, 3.0)
    assert (float(value), [float(g) for g in grads], bool(finite)) == (6.0, [3.0, 2.0], True)


# Training


def problem(tiny: float = 1e-5) -> SimpleNamespace:
    """A net whose gradients are below the smallest number of float16."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(32, 3)).astype(np.float32)
    target = np.sin(x.sum(axis=1, keepdims=True))
    model = gg.nn.MLP([3, 8, 1], activation="tanh", rng=0, dtype="float32")
    opt = gg.optim.adam(1e-2, eps=0.0)

    def loss(model, x, target):
        model, x = gg.tree.cast((model, x), "float16")
        error = gg.astype(model(x), "float32") - target
        return gg.mean(error**2) * tiny * tiny

    def step(model, state, scale, x, target):
        value, grads, finite = scale.value_and_grad(loss)(model, x, target)
        updates, new_state = opt.update(grads, state, model)
        new = gg.optim.apply_updates(model, updates), new_state
        model, state = gg.tree.where(finite, new, (model, state))
        return model, state, scale.adjust(finite), value / (tiny * tiny)

    return SimpleNamespace(
        x=x, target=target, model=model, opt=opt, loss=loss, step=step, state=opt.init(model)
    )


def test_gradients_vanish_without_a_scale():
    p = problem()
    plain = gg.grad(p.loss)(p.model, p.x, p.target)
    assert not any(np.any(g) for g in gg.tree.leaves(plain))
    _, grads, finite = gg.optim.DynamicLossScale(2.0**40).value_and_grad(p.loss)(
        p.model, p.x, p.target
    )
    assert finite
    assert all(np.any(g) for g in gg.tree.leaves(grads))


@pytest.mark.parametrize("engine", HERE)
def test_float16_trains_with_a_scale(engine):
    p = problem()
    step, scale = on(engine, p.step), gg.optim.DynamicLossScale(2.0**34, growth_interval=10)
    model, state, losses = p.model, p.state, []
    with np.errstate(all="ignore"):                 # as NumPy says of each step that overflows
        for _ in range(300):
            model, state, scale, value = step(model, state, scale, p.x, p.target)
            losses.append(float(value))
    assert losses[-1] < losses[0] / 20
    assert scale.value > 2.0**34                    # it grew as far as there was room
    assert {w.dtype for w in gg.tree.leaves(model)} == {np.dtype("float32")}


@pytest.mark.parametrize("engine", HERE)
def test_a_step_that_overflows_changes_nothing_but_the_scale(engine):
    p = problem(tiny=1.0)
    step, scale = on(engine, p.step), gg.optim.DynamicLossScale(2.0**8)
    model, state, scale, _ = step(p.model, p.state, scale, p.x, p.target)
    large = p.x.copy()
    large[3, 1] = 1e6                               # infinite in float16
    with np.errstate(all="ignore"):
        after, next_state, next_scale, _ = step(model, state, scale, large, p.target)
    for old, new in zip(
        gg.tree.leaves((model, state)), gg.tree.leaves((after, next_state)), strict=True
    ):
        assert np.asarray(old).tobytes() == np.asarray(new).tobytes()
    assert (next_scale.value, next_scale.good_steps) == (2.0**7, 0)


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_a_step_is_one_plan_without_reading_a_value(engine):
    p, scale = problem(), gg.optim.DynamicLossScale()
    step = gg.jit(p.step, engine=engine)
    model, state = p.model, p.state
    for _ in range(3):
        model, state, scale, _ = step(model, state, scale, p.x, p.target)
    text = step.explain(model, state, scale, p.x, p.target)
    if engine == "native":
        assert "called, not compiled" not in text
        assert "1 compiled function in each run" in text


def test_a_saved_state_continues_with_the_same_bits(tmp_path):
    pytest.importorskip("safetensors")
    p, step = problem(), gg.jit(problem().step, engine="numpy")
    now = p.model, p.state, gg.optim.DynamicLossScale(2.0**34, growth_interval=4)
    for number in range(12):
        if number == 6:
            gg.tree.save(tmp_path / "now.safetensors", now)
            kept = now
        *now, _ = step(*now, p.x, p.target)
        now = tuple(now)
    again = gg.tree.load(tmp_path / "now.safetensors", like=kept)
    assert again[2].growth_interval == 4
    for _ in range(6):
        *again, _ = step(*again, p.x, p.target)
    for one, other in zip(gg.tree.leaves(now), gg.tree.leaves(again), strict=True):
        assert np.asarray(one).tobytes() == np.asarray(other).tobytes()


def test_a_scale_is_a_tree_of_two_arrays():
    scale = gg.optim.DynamicLossScale()
    assert gg.tree.paths(scale) == [".value", ".good_steps"]
    assert isinstance(scale.value, np.ndarray)
    made = gg.tree.map(lambda x: x, scale)
    assert (made.value, made.growth_interval) == (scale.value, 2000)
    assert replace(scale, growth_interval=5).growth_interval == 5
