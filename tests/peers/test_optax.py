"""Optimisers and schedules step as those of optax, in float64, over ten steps.

The amsgrad of optax corrects the bias before it takes the largest mean; see `test_torch_optim.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pytest

import gpugrad as gg

found = import_module if os.environ.get("GPUGRAD_REQUIRE_PEERS") else pytest.importorskip
jax, optax = found("jax"), found("optax")
o = gg.optim

SHAPES = {"matrix": (6, 4), "vector": (5,), "number": ()}


@pytest.fixture(autouse=True, scope="module")
def in_double() -> Any:
    with jax.enable_x64(True):
        yield


def matrices(params: Any) -> Any:
    return jax.tree.map(lambda x: x.ndim > 1, params)


def by_matrix(path: str, leaf: Any) -> bool:
    return leaf.ndim > 1


LABELS = {"matrix": "a", "vector": "b", "number": "a"}

PAIRS: dict[str, Callable[[], tuple[Any, Any]]] = {
    "sgd": lambda: (o.sgd(0.1), optax.sgd(0.1)),
    "momentum": lambda: (o.sgd(0.1, 0.9), optax.sgd(0.1, 0.9)),
    "nesterov": lambda: (o.sgd(0.1, 0.9, True), optax.sgd(0.1, 0.9, True)),
    "adam": lambda: (o.adam(0.1), optax.adam(0.1)),
    "nadam": lambda: (o.adam(0.1, nesterov=True), optax.nadam(0.1)),
    "adamw": lambda: (o.adamw(0.1, weight_decay=0.1), optax.adamw(0.1, weight_decay=0.1)),
    "adamw with a mask": lambda: (
        o.adamw(0.1, weight_decay=0.1, mask=by_matrix),
        optax.adamw(0.1, weight_decay=0.1, mask=matrices)),
    "rmsprop": lambda: (o.rmsprop(0.1), optax.rmsprop(0.1)),
    "rmsprop, all": lambda: (
        o.rmsprop(0.1, 0.8, 1e-3, 0.5, eps_in_sqrt=False, momentum=0.9, nesterov=True),
        optax.rmsprop(0.1, 0.8, 1e-3, 0.5, eps_in_sqrt=False, momentum=0.9, nesterov=True)),
    "rmsprop, centered": lambda: (
        o.rmsprop(0.1, centered=True), optax.rmsprop(0.1, centered=True)),
    "adagrad": lambda: (o.adagrad(0.1), optax.adagrad(0.1)),
    "adadelta": lambda: (o.adadelta(0.5), optax.adadelta(0.5)),
    "adamax": lambda: (o.adamax(0.1), optax.adamax(0.1)),
    "lion": lambda: (o.lion(0.1), optax.lion(0.1)),
    "lamb": lambda: (o.lamb(0.1, weight_decay=0.1), optax.lamb(0.1, weight_decay=0.1)),
    "adafactor": lambda: (o.adafactor(0.1), optax.adafactor(0.1)),
    "adafactor, all": lambda: (
        o.adafactor(0.1, 3, momentum=0.9, weight_decay_rate=0.01),
        optax.adafactor(0.1, 3, momentum=0.9, weight_decay_rate=0.01, dtype_momentum="float64")),
    "muon": lambda: (o.muon(0.1, weight_decay=0.1), optax.contrib.muon(0.1, weight_decay=0.1)),
    "muon, all": lambda: (
        o.muon(0.1, 3, 0.8, nesterov=False, consistent_rms=0.2, adam_lr=0.2, adam_b1=0.8),
        optax.contrib.muon(0.1, ns_steps=3, beta=0.8, nesterov=False, consistent_rms=0.2,
                           adam_learning_rate=0.2, adam_b1=0.8)),
    "clip": lambda: tuple(x.chain(x.clip(0.5), x.adam(0.1)) for x in (o, optax)),
    "clip_by_global_norm": lambda: tuple(
        x.chain(x.clip_by_global_norm(0.5), x.sgd(0.1)) for x in (o, optax)),
    "clip_by_block_rms": lambda: tuple(
        x.chain(x.clip_by_block_rms(0.5), x.sgd(0.1)) for x in (o, optax)),
    "ema": lambda: tuple(
        x.chain(x.ema(0.9), x.ema(0.8, debias=False), x.scale(-0.1)) for x in (o, optax)),
    "scale_by_schedule": lambda: tuple(
        x.chain(x.scale_by_schedule(lambda step: -1.0 / (1 + step)), x.identity())
        for x in (o, optax)),
    "parts of scale": lambda: tuple(
        x.chain(x.add_decayed_weights(0.1), x.scale_by_rms(), x.scale_by_rss(), x.scale_by_lion(),
                x.scale_by_adam(), x.trace(0.9, True), x.scale_by_trust_ratio(0.01, 0.5, 1e-3),
                x.scale_by_param_block_rms(), x.scale_by_learning_rate(0.1)) for x in (o, optax)),
    "masked": lambda: (
        o.chain(o.masked(o.clip(0.1), by_matrix), o.sgd(0.1)),
        optax.chain(optax.masked(optax.clip(0.1), matrices), optax.sgd(0.1))),
    "partition": lambda: tuple(
        x.partition({"a": x.adam(0.1), "b": x.set_to_zero()}, LABELS) for x in (o, optax)),
    "multi_steps": lambda: (
        o.multi_steps(o.adam(0.1), 3),
        optax.MultiSteps(optax.adam(0.1), 3, accumulator_dtype="float64")),
    "apply_if_finite": lambda: tuple(x.apply_if_finite(x.adam(0.1), 3) for x in (o, optax)),
    "lbfgs": lambda: tuple(x.lbfgs(0.1, 4, linesearch=None) for x in (o, optax)),
}  # fmt: skip
EXACTNESS = {"adafactor": 1e-6, "adafactor, all": 1e-6}     # optax has its decay in float32


def drawn(rng: np.random.Generator) -> dict[str, np.ndarray]:
    return {name: rng.normal(size=shape) for name, shape in SHAPES.items()}


@pytest.mark.parametrize("name", PAIRS)
def test_ten_steps(name: str) -> None:
    ours, theirs = PAIRS[name]()
    rng = np.random.default_rng(0)
    params = drawn(rng)
    curvature = {key: 1.0 + rng.random(x.shape) for key, x in params.items()}
    other = jax.tree.map(jax.numpy.asarray, params)
    state, their_state = ours.init(params), theirs.init(other)
    for _ in range(10):
        noise = drawn(rng) if name != "lbfgs" else params
        grads = {key: curvature[key] * params[key] + noise[key] for key in params}
        updates, state = ours.update(grads, state, params)
        wanted, their_state = theirs.update(
            jax.tree.map(jax.numpy.asarray, grads), their_state, other
        )
        for key, u in updates.items():
            rtol = EXACTNESS.get(name, 1e-11)
            np.testing.assert_allclose(u, wanted[key], rtol=rtol, atol=rtol * 0.01, err_msg=key)
        params = o.apply_updates(params, updates)
        other = optax.apply_updates(other, wanted)


SCHEDULES: dict[str, Callable[[], tuple[Any, Any]]] = {
    "linear": lambda: (o.linear(1.0, 0.1, 20), optax.linear_schedule(1.0, 0.1, 20)),
    "cosine": lambda: (o.cosine(1.0, 30, end=0.1), optax.cosine_decay_schedule(1.0, 30, 0.1)),
    "polynomial": lambda: (
        o.polynomial(1.0, 0.1, 2.5, 20, 5), optax.polynomial_schedule(1.0, 0.1, 2.5, 20, 5)),
    "exponential": lambda: (
        o.exponential(1.0, 0.3, 10), optax.exponential_decay(1.0, 10, 0.3)),
    "piecewise": lambda: (
        o.piecewise(1.0, 0.3, [10, 20]),
        optax.piecewise_constant_schedule(1.0, {10: 0.3, 20: 0.3})),
    "one_cycle": lambda: (o.one_cycle(2.0, 30), optax.cosine_onecycle_schedule(30, 2.0)),
    "join_schedules": lambda: (
        o.join_schedules([0.5, o.linear(1.0, 0.0, 10), o.cosine(2.0, 9)], [5, 15]),
        optax.join_schedules([optax.constant_schedule(0.5), optax.linear_schedule(1.0, 0.0, 10),
                              optax.cosine_decay_schedule(2.0, 9)], [5, 15])),
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name: str) -> None:
    ours, theirs = SCHEDULES[name]()
    for step in range(40):
        np.testing.assert_allclose(ours(step), theirs(step), rtol=1e-12, atol=1e-15, err_msg=step)


def test_reduce_on_plateau() -> None:
    settings = {"factor": 0.5, "patience": 2, "cooldown": 1, "accumulation_size": 2}
    ours = o.reduce_on_plateau(**settings, min_scale=0.1)
    theirs = optax.contrib.reduce_on_plateau(**settings, min_scale=0.1)
    rng, w = np.random.default_rng(0), np.ones(2)
    state, their_state = ours.init(w), theirs.init(jax.numpy.asarray(w))
    for n in range(60):
        loss = max(3.0 - n / 5, 0.5) + 0.2 * rng.normal()
        u, state = ours.update(w, state, value=loss)
        v, their_state = theirs.update(jax.numpy.asarray(w), their_state, value=loss)
        np.testing.assert_allclose(u, v, rtol=1e-12)
    assert state.scale < 0.5


def test_lbfgs_ends_where_that_of_optax_ends() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 4)), rng.normal(size=50)

    def ours(w: Any) -> Any:
        return gg.mean(gg.log(gg.cosh(x @ w - y))) + 0.01 * gg.sum(w**2)

    def theirs(w: Any) -> Any:
        return jax.numpy.mean(jax.numpy.log(jax.numpy.cosh(x @ w - y))) + 0.01 * (w**2).sum()

    w, opt = np.zeros(4), o.lbfgs()
    state, value_and_grad = opt.init(w), o.value_and_grad_from_state(ours)
    v, their = jax.numpy.zeros(4), optax.lbfgs()
    their_state, their_value_and_grad = their.init(v), optax.value_and_grad_from_state(theirs)
    for _ in range(25):
        value, grad = value_and_grad(w, state)
        u, state = opt.update(grad, state, w, value=value, grad=grad, value_fn=ours)
        w = o.apply_updates(w, u)
        value, grad = their_value_and_grad(v, state=their_state)
        u, their_state = their.update(
            grad, their_state, v, value=value, grad=grad, value_fn=theirs
        )
        v = optax.apply_updates(v, u)
    np.testing.assert_allclose(w, v, rtol=1e-7)
