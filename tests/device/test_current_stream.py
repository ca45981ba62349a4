"""The user's streams: what is computed inside of `with stream:` is work of that stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cupy as cp
import numpy as np
import pytest
from mixing import host

import gpugrad as gg
from gpugrad import tree
from gpugrad.core.registry import namespace as ops

X = np.linspace(-1.0, 1.0, 12).reshape(3, 4)


def network(w: Any, x: Any) -> Any:
    return gg.mean(gg.relu(x @ w) ** 2) + gg.sum(gg.exp(w))


def tape(w: Any, x: Any) -> Any:
    t = gg.tensor(w, requires_grad=True)
    network(t, x).backward()
    return t.grad


def training(w: Any, x: Any) -> Any:
    opt = gg.optim.adam(0.1)
    state = opt.init(w)
    for _ in range(3):
        updates, state = opt.update(gg.grad(network)(w, x), state, w)
        w = gg.optim.apply_updates(w, updates)
    return w


CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "eager": network,
    "raw beside Tensors": lambda w, x: (gg.tensor(x) @ w + x[:, :3] * 2).value,
    "tape": tape,
    "grad": gg.grad(network),
    "hessian": gg.hessian(network),
    "vmap": gg.vmap(lambda w, x: gg.sin(w) + gg.sum(x), in_axes=(0, None)),
    "jit": gg.jit(network),
    "jit of grad": gg.jit(gg.value_and_grad(network)),
    "training": training,
    "from the host": lambda w, x: (gg.asarray(X, device="cuda") @ gg.tensor(w)).value,
    "writes": lambda w, x: ops.setitem(gg.copy(w), (0,), 1.0),
    "solve": lambda w, x: gg.linalg.solve(w[:3] + 3 * cp.eye(3), w[3]),
    "conversion": lambda w, x: cp.asarray(gg.tensor(w) * 2),
}


@pytest.mark.parametrize("name", CALLS)
def test_work_goes_to_the_current_stream(name: str) -> None:
    """Waiting for that stream alone is enough, and what it has not done yet is waited for."""
    w, f = X.T[:, :3] * 0.5, CALLS[name]
    wanted = [host(y) for y in tree.leaves(f(cp.asarray(w), cp.asarray(X)))]
    for _ in range(4):                              # recorded, compiled, captured, and launched
        stream = cp.cuda.Stream(non_blocking=True)
        with stream:
            found = f(cp.asarray(w), cp.asarray(X))
            more = [y + 0 for y in tree.leaves(found)]
        stream.synchronize()
        for y, z, right in zip(tree.leaves(found), more, wanted, strict=True):
            np.testing.assert_allclose(host(y), right, rtol=1e-12)
            np.testing.assert_allclose(host(z), right, rtol=1e-12)


def test_streams_that_wait_for_each_other() -> None:
    """A compiled function in two streams in turn, each with what the other made."""
    step = gg.jit(lambda w: w - 0.1 * gg.grad(lambda w: gg.sum(gg.cos(w)))(w))
    w = right = X
    for _ in range(6):
        right = right + 0.1 * np.sin(right)
    first, second = (cp.cuda.Stream(non_blocking=True) for _ in range(2))
    with first:
        w = cp.asarray(X)
    kept = []                                       # until the other stream is done with them
    for _ in range(3):
        for here, before in ((second, first), (first, second)):
            here.wait_event(before.record())
            kept.append(w)
            with here:
                w = step(w)
    first.synchronize()
    np.testing.assert_allclose(host(w), right, rtol=1e-12)
