"""Optimisers step as those of PyTorch where both have the same formula, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import gpugrad as gg

o, t = gg.optim, torch.optim

PAIRS: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "SGD": (o.sgd(0.1, 0.9), lambda p: t.SGD(p, 0.1, momentum=0.9)),
    "SGD, nesterov": (o.sgd(0.1, 0.9, True), lambda p: t.SGD(p, 0.1, 0.9, nesterov=True)),
    "SGD, decay": (o.chain(o.add_decayed_weights(0.1), o.sgd(0.1)),
                   lambda p: t.SGD(p, 0.1, weight_decay=0.1)),
    "Adam": (o.adam(0.1), lambda p: t.Adam(p, 0.1)),
    "Adam, amsgrad": (o.adam(0.1, amsgrad=True), lambda p: t.Adam(p, 0.1, amsgrad=True)),
    "Adam, decay": (o.chain(o.add_decayed_weights(0.1), o.adam(0.1)),
                    lambda p: t.Adam(p, 0.1, weight_decay=0.1)),
    "AdamW": (o.adamw(0.1, weight_decay=0.1), lambda p: t.AdamW(p, 0.1, weight_decay=0.1)),
    "Adamax": (o.adamax(0.1), lambda p: t.Adamax(p, 0.1)),
    "RMSprop": (o.rmsprop(0.1, 0.99, eps_in_sqrt=False), lambda p: t.RMSprop(p, 0.1)),
    "RMSprop, all": (
        o.rmsprop(0.1, 0.99, eps_in_sqrt=False, momentum=0.9, centered=True),
        lambda p: t.RMSprop(p, 0.1, momentum=0.9, centered=True)),
    "Adagrad": (o.adagrad(0.1, 0.2, 0.0), lambda p: t.Adagrad(
        p, 0.1, initial_accumulator_value=0.2, eps=0.0)),
    "Adadelta": (o.adadelta(), lambda p: t.Adadelta(p, 1.0)),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_ten_steps(name: str) -> None:
    ours, make = PAIRS[name]
    rng = np.random.default_rng(0)
    params = [rng.normal(size=shape) for shape in ((3, 4), (5,), ())]
    theirs = [torch.tensor(p, requires_grad=True) for p in params]
    state, opt = ours.init(params), make(theirs)
    for _ in range(10):
        grads = [rng.normal(size=p.shape) for p in params]
        for p, g in zip(theirs, grads, strict=True):
            p.grad = torch.tensor(g)
        opt.step()
        updates, state = ours.update(grads, state, params)
        params = o.apply_updates(params, updates)
        for p, q in zip(params, theirs, strict=True):
            np.testing.assert_allclose(p, q.detach(), rtol=1e-11, atol=1e-13)


def test_clip_by_global_norm() -> None:
    """PyTorch divides by the norm plus 1e-6."""
    rng = np.random.default_rng(0)
    grads = [rng.normal(size=shape) for shape in ((3, 4), (5,))]
    theirs = [torch.zeros(g.shape, dtype=torch.float64, requires_grad=True) for g in grads]
    for p, g in zip(theirs, grads, strict=True):
        p.grad = torch.tensor(g)
    norm = torch.nn.utils.clip_grad_norm_(theirs, 0.5)
    np.testing.assert_allclose(o.global_norm(grads), norm, rtol=1e-14)
    clip = o.clip_by_global_norm(0.5)
    for g, p in zip(clip.update(grads, clip.init(grads))[0], theirs, strict=True):
        np.testing.assert_allclose(g, p.grad, rtol=1e-6)


def test_one_cycle() -> None:
    p = torch.zeros(1, requires_grad=True)
    opt = t.SGD([p], 1.0)
    theirs = t.lr_scheduler.OneCycleLR(opt, max_lr=2.0, total_steps=31, pct_start=0.4)
    ours = o.one_cycle(2.0, 30, rise=11 / 30 + 1e-9)    # whose peak is step 0.4 · 31 - 1
    assert theirs.get_last_lr()[0] == pytest.approx(ours(0))
    rates = []
    for _ in range(30):
        opt.step()
        theirs.step()
        rates.append(theirs.get_last_lr()[0])
    assert rates[-1] == pytest.approx(ours(30))
    assert max(rates) == pytest.approx(2.0, rel=1e-2)
    assert ours(11) == 2.0


def test_reduce_on_plateau() -> None:
    """PyTorch falls when more than `patience` epochs were no better, optax and this one at it."""
    p = torch.zeros(1, requires_grad=True)
    theirs = t.lr_scheduler.ReduceLROnPlateau(t.SGD([p], 1.0), factor=0.5, patience=2)
    ours, w = o.reduce_on_plateau(factor=0.5, patience=3), np.ones(1)
    state, rng = ours.init(w), np.random.default_rng(0)
    for n in range(40):
        loss = max(3.0 - n / 5, 0.5) + 0.2 * rng.normal()
        theirs.step(loss)
        u, state = ours.update(w, state, value=loss)
        assert float(u[0]) == theirs.get_last_lr()[0]
    assert state.scale < 0.3
