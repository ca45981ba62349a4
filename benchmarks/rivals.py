"""The training step of `steps.py` in other libraries, each as its own users write it."""

from __future__ import annotations

from typing import Any

import numpy as np
import products
from problem import LEARNING_RATE, Problem
from steps import Step, adam_in_place, sgd_in_place


class CannotRun(Exception):
    """Says why a contender is left out."""


def torch_step(problem: Problem, optimizer: str, device: str = "cpu") -> Step:
    """PyTorch, eager."""
    torch = products.torch()
    if device == "cuda" and not torch.cuda.is_available():
        raise CannotRun("PyTorch finds no GPU")

    x, labels = (torch.from_numpy(a).to(device) for a in (problem.x, problem.labels))
    params = [p.to(device).requires_grad_() for p in _torch_params(problem)]
    make = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[optimizer]
    opt = make(params, lr=LEARNING_RATE[optimizer])

    def step() -> Any:
        loss = _torch_loss(params, x, labels)
        opt.zero_grad()
        loss.backward()
        opt.step()
        return loss.detach()

    return step


def torch_graph_step(problem: Problem, optimizer: str) -> Step:
    """PyTorch on a GPU, the whole step captured as one CUDA graph, Adam as one kernel in it."""
    torch = products.torch()
    if not torch.cuda.is_available():
        raise CannotRun("PyTorch finds no GPU")
    x, labels = (torch.from_numpy(a).cuda() for a in (problem.x, problem.labels))
    params = [p.cuda().requires_grad_() for p in _torch_params(problem)]
    begin = [p.detach().clone() for p in params]
    opt: Any = (
        torch.optim.SGD(params, lr=LEARNING_RATE["sgd"])
        if optimizer == "sgd"
        else torch.optim.Adam(params, lr=LEARNING_RATE["adam"], capturable=True, fused=True)
    )

    def train() -> Any:
        opt.zero_grad(set_to_none=True)
        loss = _torch_loss(params, x, labels)
        loss.backward()
        opt.step()
        return loss

    apart = torch.cuda.Stream()
    apart.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(apart):
        for _ in range(3):
            train()
    torch.cuda.current_stream().wait_stream(apart)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        loss = train()
    with torch.no_grad():                           # as if it had not been warmed up
        for p, first in zip(params, begin, strict=True):
            p.copy_(first)
        for state in opt.state.values():
            for value in state.values():
                value.zero_()

    def step() -> Any:
        graph.replay()
        return loss.detach()

    return step


def torch_compiled_step(problem: Problem, optimizer: str) -> Step:
    """PyTorch, the whole step compiled as one graph, which it does for functional gradients alone.

    Compiling the loss, or the loss and the step of the optimiser, is no faster than eager here.
    """
    torch = products.torch()
    from torch._dynamo.exc import TorchDynamoException

    x, labels = torch.from_numpy(problem.x), torch.from_numpy(problem.labels)
    params = _torch_params(problem)
    first, second = ([torch.zeros_like(p) for p in params] for _ in range(2))
    count = torch.zeros(())
    rate = LEARNING_RATE[optimizer]
    differentiated = torch.func.grad_and_value(_torch_loss)

    def sgd(grads: Any) -> None:
        for p, g in zip(params, grads, strict=True):
            p.sub_(rate * g)

    def adam(grads: Any) -> None:
        count.add_(1)
        size, root = rate / (1 - 0.9**count), (1 - 0.999**count) ** -0.5
        for p, g, m, v in zip(params, grads, first, second, strict=True):
            m.mul_(0.9).add_((1 - 0.9) * g)
            v.mul_(0.999).add_((1 - 0.999) * g * g)
            p.sub_(size * m / (torch.sqrt(v) * root + 1e-8))

    update = {"sgd": sgd, "adam": adam}[optimizer]

    @torch.compile(fullgraph=True)
    def compiled() -> Any:
        grads, loss = differentiated(params, x, labels)
        update(grads)
        return loss

    before = [[a.clone() for a in arrays] for arrays in (params, first, second, [count])]
    try:
        compiled()
    except TorchDynamoException as error:           # without a C++ compiler, for one
        raise CannotRun(str(error).strip().partition("\n")[0]) from error
    for arrays, values in zip((params, first, second, [count]), before, strict=True):
        for array, value in zip(arrays, values, strict=True):
            array.copy_(value)
    return compiled


def _torch_params(problem: Problem) -> list[Any]:
    """PyTorch keeps a weight as (n_out, n_in)."""
    import torch

    return [torch.from_numpy(p.T.copy()) for p in problem.params]


def _torch_loss(params: Any, x: Any, labels: Any) -> Any:
    from torch.nn.functional import cross_entropy, linear, relu

    h = x
    for weight, bias in zip(params[:-2:2], params[1:-2:2], strict=True):
        h = relu(linear(h, weight, bias))
    return cross_entropy(linear(h, params[-2], params[-1]), labels)


def jax_step(problem: Problem, optimizer: str) -> Step:
    """JAX, the whole step compiled, with donated parameters. It is not waited for at each step."""
    return _jax_step(problem, optimizer, lambda params: params, list(problem.params))


def jax_gpu_step(problem: Problem, optimizer: str) -> Step:
    """The same on a GPU."""
    jax = products.jax()
    if jax.devices()[0].platform != "gpu":
        raise CannotRun("JAX finds no GPU")
    return jax_step(problem, optimizer)


def jax_vector_step(problem: Problem, optimizer: str) -> Step:
    """The same with all parameters in one vector: fewer arrays to hand over, fastest when small."""
    from jax.flatten_util import ravel_pytree

    vector, apart = ravel_pytree(list(problem.params))
    return _jax_step(problem, optimizer, lambda held: apart(held[0]), [vector])


def _jax_step(problem: Problem, optimizer: str, apart: Any, held: Any) -> Step:
    """`held` are the arrays that are trained, and `apart(held)` the parameters in them."""
    jax = products.jax()
    import jax.numpy as jnp

    rate = LEARNING_RATE[optimizer]

    def loss_of(held: Any, x: Any, labels: Any) -> Any:
        params, h = apart(held), x
        for weight, bias in zip(params[:-2:2], params[1:-2:2], strict=True):
            h = jax.nn.relu(h @ weight + bias)
        log_probs = jax.nn.log_softmax(h @ params[-2] + params[-1])
        return -jnp.mean(jnp.take_along_axis(log_probs, labels[:, None], axis=1))

    def sgd(held: Any, grads: Any, state: Any) -> Any:
        return [p - rate * g for p, g in zip(held, grads, strict=True)], state

    def adam(held: Any, grads: Any, state: Any) -> Any:
        t, m, v = state
        t = t + 1
        m = [0.9 * a + (1 - 0.9) * g for a, g in zip(m, grads, strict=True)]
        v = [0.999 * a + (1 - 0.999) * g * g for a, g in zip(v, grads, strict=True)]
        size, root = rate / (1 - 0.9**t), (1 - 0.999**t) ** -0.5
        new = [
            p - size * a / (jnp.sqrt(b) * root + 1e-8) for p, a, b in zip(held, m, v, strict=True)
        ]
        return new, (t, m, v)

    update = {"sgd": sgd, "adam": adam}[optimizer]

    def train(held: Any, state: Any, x: Any, labels: Any) -> Any:
        loss, grads = jax.value_and_grad(loss_of)(held, x, labels)
        return loss, *update(held, grads, state)

    compiled = jax.jit(train, donate_argnums=(0, 1))
    x, labels = jnp.asarray(problem.x), jnp.asarray(problem.labels)
    held = [jnp.array(p) for p in held]
    moments = ([jnp.zeros_like(p) for p in held] for _ in range(2))
    state: Any = (jnp.zeros(()), *moments) if optimizer == "adam" else ()

    def step() -> Any:
        nonlocal held, state
        loss, held, state = compiled(held, state, x, labels)
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
