"""The training step of `steps.py` in other libraries, each as its own users write it."""

from __future__ import annotations

from typing import Any

import numpy as np
from problem import LEARNING_RATE, Problem
from steps import Step, adam_in_place, sgd_in_place


def torch_step(problem: Problem, optimizer: str) -> Step:
    """PyTorch, eager, on one thread."""
    import torch
    from torch.nn.functional import cross_entropy, linear, relu

    torch.set_num_threads(1)
    x, labels = torch.from_numpy(problem.x), torch.from_numpy(problem.labels)
    # PyTorch keeps a weight as (n_out, n_in).
    params = [torch.from_numpy(p.T.copy()).requires_grad_() for p in problem.params]
    make = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[optimizer]
    opt = make(params, lr=LEARNING_RATE[optimizer])

    def step() -> Any:
        h = x
        for weight, bias in zip(params[:-2:2], params[1:-2:2], strict=True):
            h = relu(linear(h, weight, bias))
        loss = cross_entropy(linear(h, params[-2], params[-1]), labels)
        opt.zero_grad()
        loss.backward()
        opt.step()
        return loss.detach()

    return step


def jax_step(problem: Problem, optimizer: str) -> Step:
    """JAX, the whole step compiled, with donated parameters. It is not waited for at each step."""
    import jax
    import jax.numpy as jnp

    rate = LEARNING_RATE[optimizer]

    def loss_of(params: Any, x: Any, labels: Any) -> Any:
        h = x
        for weight, bias in zip(params[:-2:2], params[1:-2:2], strict=True):
            h = jax.nn.relu(h @ weight + bias)
        log_probs = jax.nn.log_softmax(h @ params[-2] + params[-1])
        return -jnp.mean(jnp.take_along_axis(log_probs, labels[:, None], axis=1))

    def sgd(params: Any, grads: Any, state: Any) -> Any:
        return [p - rate * g for p, g in zip(params, grads, strict=True)], state

    def adam(params: Any, grads: Any, state: Any) -> Any:
        t, m, v = state
        t = t + 1
        m = [0.9 * a + (1 - 0.9) * g for a, g in zip(m, grads, strict=True)]
        v = [0.999 * a + (1 - 0.999) * g * g for a, g in zip(v, grads, strict=True)]
        size, root = rate / (1 - 0.9**t), (1 - 0.999**t) ** -0.5
        new = [
            p - size * a / (jnp.sqrt(b) * root + 1e-8)
            for p, a, b in zip(params, m, v, strict=True)
        ]
        return new, (t, m, v)

    update = {"sgd": sgd, "adam": adam}[optimizer]

    def train(params: Any, state: Any, x: Any, labels: Any) -> Any:
        loss, grads = jax.value_and_grad(loss_of)(params, x, labels)
        return loss, *update(params, grads, state)

    compiled = jax.jit(train, donate_argnums=(0, 1))
    x, labels = jnp.asarray(problem.x), jnp.asarray(problem.labels)
    params = [jnp.array(p) for p in problem.params]
    moments = ([jnp.zeros_like(p) for p in params] for _ in range(2))
    state: Any = (jnp.zeros(()), *moments) if optimizer == "adam" else ()

    def step() -> Any:
        nonlocal params, state
        loss, params, state = compiled(params, state, x, labels)
        return loss

    return step


def autograd_step(problem: Problem, optimizer: str) -> Step:
    """HIPS autograd, with an update in place."""
    import autograd.numpy as anp
    from autograd import value_and_grad
    from autograd.scipy.special import logsumexp

    x, labels, rows = problem.x, problem.labels, np.arange(len(problem.x))

    def loss_of(params: Any) -> Any:
        h = x
        for weight, bias in zip(params[:-2:2], params[1:-2:2], strict=True):
            h = anp.maximum(anp.dot(h, weight) + bias, 0)
        logits = anp.dot(h, params[-2]) + params[-1]
        return anp.mean(logsumexp(logits, axis=1) - logits[rows, labels])

    params = problem.copies()
    differentiated = value_and_grad(loss_of)
    update = {"sgd": sgd_in_place, "adam": adam_in_place}[optimizer](params, np)

    def step() -> Any:
        loss, grads = differentiated(params)
        update(grads)
        return loss

    return step


def mygrad_step(problem: Problem, optimizer: str) -> Step:
    """MyGrad, with an update in place."""
    import mygrad as mg
    from mygrad.nnet.activations import relu
    from mygrad.nnet.losses import softmax_crossentropy

    arrays = problem.copies()
    params = [mg.tensor(p, copy=False) for p in arrays]
    update = {"sgd": sgd_in_place, "adam": adam_in_place}[optimizer](arrays, np)

    def step() -> Any:
        h = problem.x
        for weight, bias in zip(params[:-2:2], params[1:-2:2], strict=True):
            h = relu(mg.matmul(h, weight) + bias)
        loss = softmax_crossentropy(mg.matmul(h, params[-2]) + params[-1], problem.labels)
        loss.backward()
        update([p.grad for p in params])
        return loss.data

    return step
