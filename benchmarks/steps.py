"""A training step written by hand, and the same step with gpugrad; both on NumPy or CuPy arrays.

Each function returns `step`, which trains once and returns the loss before that update.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from engines import settle
from problem import LEARNING_RATE, Problem

import gpugrad as gg
from gpugrad.backends import Namespace

Step = Callable[[], Any]


def by_hand(problem: Problem, xp: Namespace, optimizer: str = "sgd") -> Step:
    """The step as an expert writes it: every array is allocated once, every operation has `out`.

    What differs between the libraries is chosen for the speed of each: bare reductions in NumPy,
    and 0-d arrays for constants, which its ufuncs take up faster than scalars.
    """
    lib = import_module(xp.name)
    x, labels = xp.asarray(problem.x), xp.asarray(problem.labels)
    params = [xp.asarray(p) for p in problem.copies()]
    weights, biases = params[0::2], params[1::2]
    n, classes = len(x), len(biases[-1])
    last = len(weights) - 1
    numpy = xp.name == "numpy"
    total, largest = (lib.add.reduce, lib.maximum.reduce) if numpy else (lib.sum, lib.max)

    zero, one, share = (lib.asarray(value, dtype=x.dtype) for value in (0, 1, 1 / n))
    outputs = [lib.empty((n, len(b)), x.dtype) for b in biases]
    deltas = [lib.empty_like(y) for y in outputs]
    masks = [lib.empty(y.shape, bool) for y in outputs[:-1]]
    grads = [lib.empty_like(p) for p in params]
    inputs = [x, *outputs[:-1]]
    inputs_t, weights_t = [a.T for a in inputs], [w.T for w in weights]
    row = lib.empty((n, 1), x.dtype)
    starts, picked = lib.arange(n) * classes, lib.empty(n, int)
    logits, to_logits = outputs[-1], deltas[-1]
    flat_logits, flat_to_logits = logits.ravel(), to_logits.ravel()
    update = _UPDATES[optimizer](params, lib)

    def step() -> Any:
        for i in range(last + 1):
            y = outputs[i]
            lib.dot(inputs[i], weights[i], out=y)
            lib.add(y, biases[i], out=y)
            if i < last:
                lib.maximum(y, zero, out=y)
        largest(logits, axis=1, keepdims=True, out=row)
        lib.subtract(logits, row, out=logits)
        lib.exp(logits, out=to_logits)
        total(to_logits, axis=1, keepdims=True, out=row)
        lib.divide(to_logits, row, out=to_logits)
        lib.log(row, out=row)
        lib.add(starts, labels, out=picked)
        loss = (total(row, axis=None) - total(flat_logits[picked], axis=None)) * share
        flat_to_logits[picked] -= one
        lib.multiply(to_logits, share, out=to_logits)
        for i in range(last, -1, -1):
            g = deltas[i]
            lib.dot(inputs_t[i], g, out=grads[2 * i])
            total(g, axis=0, out=grads[2 * i + 1])
            if i > 0:
                before, mask = deltas[i - 1], masks[i - 1]
                lib.dot(g, weights_t[i], out=before)
                lib.greater(inputs[i], zero, out=mask)
                lib.multiply(before, mask, out=before)
        update(grads)
        return loss

    return step


Update = Callable[[list[Any]], None]


def sgd_in_place(params: list[Any], lib: Any) -> Update:
    """Plain gradient descent that writes into `params`."""
    rate = lib.asarray(LEARNING_RATE["sgd"], dtype=params[0].dtype)
    changes = [lib.empty_like(p) for p in params]

    def update(grads: list[Any]) -> None:
        for p, g, change in zip(params, grads, changes, strict=True):
            lib.multiply(g, rate, out=change)
            lib.subtract(p, change, out=p)

    return update


def adam_in_place(params: list[Any], lib: Any) -> Update:
    """Adam (arXiv:1412.6980) that writes into `params`; the settings are those of gg.optim.adam."""
    rate, b1, b2, eps = LEARNING_RATE["adam"], 0.9, 0.999, 1e-8
    first, second = ([lib.zeros_like(p) for p in params] for _ in range(2))
    changes, scratch = ([lib.empty_like(p) for p in params] for _ in range(2))
    steps = 0

    def update(grads: list[Any]) -> None:
        nonlocal steps
        steps += 1
        size, root = rate / (1 - b1**steps), (1 - b2**steps) ** -0.5
        for p, g, m, v, u, s in zip(params, grads, first, second, changes, scratch, strict=True):
            lib.multiply(m, b1, out=m)
            lib.multiply(g, 1 - b1, out=u)
            lib.add(m, u, out=m)
            lib.multiply(v, b2, out=v)
            lib.multiply(g, g, out=u)
            lib.multiply(u, 1 - b2, out=u)
            lib.add(v, u, out=v)
            lib.sqrt(v, out=s)
            lib.multiply(s, root, out=s)
            lib.add(s, eps, out=s)
            lib.multiply(m, size, out=u)
            lib.divide(u, s, out=u)
            lib.subtract(p, u, out=p)

    return update


_UPDATES: dict[str, Callable[[list[Any], Any], Update]] = {
    "sgd": sgd_in_place,
    "adam": adam_in_place,
}


def _optimizer(name: str) -> gg.optim.Optimizer:
    return {"sgd": gg.optim.sgd, "adam": gg.optim.adam}[name](LEARNING_RATE[name])


def _loss(params: list[Any], x: Any, labels: Any) -> Any:
    h = x
    for weight, bias in zip(params[:-2:2], params[1:-2:2], strict=True):
        h = gg.relu(gg.linear(h, weight, bias))
    logits = gg.linear(h, params[-2], params[-1])
    return gg.mean(gg.softmax_cross_entropy(logits, labels))


def gpugrad_backward(problem: Problem, xp: Namespace, optimizer: str = "sgd") -> Step:
    """Eager, with `backward()` and an optimiser of `gg.optim`."""
    x, labels = xp.asarray(problem.x), xp.asarray(problem.labels)
    params = [xp.asarray(p) for p in problem.copies()]
    opt = _optimizer(optimizer)
    state = opt.init(params)

    def step() -> Any:
        nonlocal params, state
        tensors = [gg.tensor(p, requires_grad=True) for p in params]
        loss = _loss(tensors, x, labels)
        loss.backward()
        updates, state = opt.update([t.grad for t in tensors], state, params)
        params = gg.optim.apply_updates(params, updates)
        return loss.value

    return step


def gpugrad_in_place(problem: Problem, xp: Namespace, optimizer: str = "sgd") -> Step:
    """Eager, with `backward()` into leaves that stay and are updated in place, as in the README."""
    x, labels = xp.asarray(problem.x), xp.asarray(problem.labels)
    tensors = [gg.tensor(xp.asarray(p), requires_grad=True) for p in problem.copies()]
    rate = LEARNING_RATE[optimizer]
    opt = _optimizer(optimizer)
    state = opt.init([t.value for t in tensors])

    def step() -> Any:
        nonlocal state
        loss = _loss(tensors, x, labels)
        loss.backward()
        with gg.no_grad():
            if optimizer == "sgd":
                for t in tensors:
                    t -= rate * t.grad
                    t.grad = None
            else:
                updates, state = opt.update([t.grad for t in tensors], state)
                for t, change in zip(tensors, updates, strict=True):
                    t += change
                    t.grad = None
        return loss.value

    return step


def _model(problem: Problem, xp: Namespace) -> gg.nn.MLP:
    arrays = [xp.asarray(p) for p in problem.copies()]
    pairs = zip(arrays[0::2], arrays[1::2], strict=True)
    model = gg.nn.MLP([problem.x.shape[1], *(len(bias) for bias in arrays[1::2])])
    model.layers = tuple(gg.nn.Linear(weight, bias) for weight, bias in pairs)
    return model


@gg.value_and_grad
def _differentiated(model: gg.nn.MLP, x: Any, labels: Any) -> Any:
    return gg.mean(gg.softmax_cross_entropy(model(x), labels))


def gpugrad_value_and_grad(problem: Problem, xp: Namespace, optimizer: str = "sgd") -> Step:
    """Eager, with `value_and_grad`, a model of `gg.nn` and an optimiser of `gg.optim`."""
    x, labels = xp.asarray(problem.x), xp.asarray(problem.labels)
    model = _model(problem, xp)
    opt = _optimizer(optimizer)
    state = opt.init(model)

    def step() -> Any:
        nonlocal model, state
        loss, grads = _differentiated(model, x, labels)
        updates, state = opt.update(grads, state, model)
        model = gg.optim.apply_updates(model, updates)
        return loss

    return step


def jitted(optimizer: str, engine: str) -> Any:
    """The whole step under `gg.jit`: it takes over the memory of the model and of the state."""
    opt = _optimizer(optimizer)

    @partial(gg.jit, engine=engine, donate_argnums=(0, 1))
    def train(model: gg.nn.MLP, state: Any, x: Any, labels: Any) -> Any:
        loss, grads = _differentiated(model, x, labels)
        updates, state = opt.update(grads, state, model)
        return gg.optim.apply_updates(model, updates), state, loss

    return train


def arguments(problem: Problem, xp: Namespace, optimizer: str = "sgd") -> tuple[Any, ...]:
    """What `jitted` is called with: model, state, batch and labels."""
    model = _model(problem, xp)
    x, labels = xp.asarray(problem.x), xp.asarray(problem.labels)
    return model, _optimizer(optimizer).init(model), x, labels


def gpugrad_jit(
    problem: Problem, xp: Namespace, optimizer: str = "sgd", engine: str = "numpy"
) -> Step:
    """`value_and_grad`, model and optimiser under `gg.jit`, compiled before the first step."""
    train = jitted(optimizer, engine)
    model, state, x, labels = arguments(problem, xp, optimizer)

    def step() -> Any:
        nonlocal model, state
        model, state, loss = train(model, state, x, labels)
        return loss

    settle(train, step)
    model, state, _, _ = arguments(problem, xp, optimizer)  # as many steps as the others from here
    return step
