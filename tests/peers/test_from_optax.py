"""Optimisers of optax train models of gpugrad: with the numbers that optax itself gives."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import InvalidArgument, UnsupportedOperand

found = import_module if os.environ.get("GPUGRAD_REQUIRE_PEERS") else pytest.importorskip
jax, optax = found("jax"), found("optax")

MADE = {
    "adam": lambda: optax.adam(0.01),
    "adabelief": lambda: optax.adabelief(0.01),
    "adan": lambda: optax.adan(0.01),
    "fromage": lambda: optax.fromage(0.01),
    "lars": lambda: optax.lars(0.01),
    "novograd": lambda: optax.novograd(0.01),
    "optimistic": lambda: optax.optimistic_gradient_descent(0.01),
    "radam": lambda: optax.radam(0.01),
    "rprop": lambda: optax.rprop(0.01),
    "sm3": lambda: optax.sm3(0.01),
    "yogi": lambda: optax.yogi(0.01),
    "chain": lambda: optax.chain(
        optax.clip_by_global_norm(1.0), optax.adamw(0.01, mask=lambda p: jax.tree.map(
            lambda x: x.ndim > 1, p))),
    "partition": lambda: optax.partition(
        {"w": optax.adam(0.01), "b": optax.sgd(0.1)},
        lambda p: {k: "w" if "weight" in k else "b" for k in p}),
    "multi_steps": lambda: optax.MultiSteps(optax.adam(0.01), 2).gradient_transformation(),
    "schedule free": lambda: optax.contrib.schedule_free_adamw(0.01),
}  # fmt: skip


def problem() -> tuple[Any, Any]:
    x = np.linspace(-1, 1, 20, dtype="float32")[:, None]
    model = gg.nn.MLP([1, 5, 1], activation="tanh", rng=0)
    return model, gg.value_and_grad(lambda m: gg.mean((m(x) - np.sin(3 * x)) ** 2))


@pytest.mark.parametrize("name", MADE)
def test_a_model_takes_the_steps_of_optax(name: str, tmp_path: Path) -> None:
    theirs = MADE[name]()
    opt = gg.optim.from_optax(theirs)
    model, loss_and_grad = problem()
    state = opt.init(model)
    paths = gg.tree.paths(model)
    params = dict(zip(paths, map(jax.numpy.array, gg.tree.leaves(model)), strict=True))
    their_state = theirs.init(params)
    update = jax.jit(theirs.update)
    for _ in range(6):
        _, grads = loss_and_grad(model)
        wanted, their_state = update(
            dict(zip(paths, map(jax.numpy.array, gg.tree.leaves(grads)), strict=True)),
            their_state, params,
        )  # fmt: skip
        updates, state = opt.update(grads, state, model)
        for path, u in zip(paths, gg.tree.leaves(updates), strict=True):
            assert type(u) is np.ndarray
            np.testing.assert_allclose(u, wanted[path], rtol=1e-4, atol=1e-6)
        model = gg.optim.apply_updates(model, updates)
        params = optax.apply_updates(params, wanted)
    gg.tree.save(tmp_path / "state.safetensors", state)
    again = gg.tree.load(tmp_path / "state.safetensors", like=opt.init(model))
    for one, other in zip(gg.tree.leaves(again), gg.tree.leaves(state), strict=True):
        np.testing.assert_array_equal(one, other)


def test_it_goes_into_a_chain_with_further_arguments() -> None:
    plateau = gg.optim.from_optax(optax.contrib.reduce_on_plateau(patience=1, factor=0.5))
    opt, w = gg.optim.chain(gg.optim.sgd(1.0), plateau), np.ones(2, "float32")
    state = opt.init(w)
    for _ in range(2):
        updates, state = opt.update(w, state, w, value=np.float32(1.0))
    np.testing.assert_array_equal(updates, -0.5)


def test_what_it_refuses() -> None:
    opt, w = gg.optim.from_optax(optax.adam(0.1)), np.ones(2, "float32")
    with pytest.raises(InvalidArgument, match=r"called under gg\.jit.*Compile the gradient alone"):
        gg.jit(lambda w: opt.update(w, opt.init(w)))(w)
    with pytest.raises(InvalidArgument, match="float64, which JAX would make float32"):
        opt.init(np.ones(2))
    with pytest.raises(UnsupportedOperand, match="given a function; expected what has init"):
        gg.optim.from_optax(optax.adam)
    with pytest.raises(UnsupportedOperand, match=r"params\['b'\] is 0.5"):
        opt.init({"a": w, "b": 0.5})
